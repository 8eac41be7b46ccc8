package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// vault keeps what the database must not know: it seals secrets that have to be read again, and hashes those short enough
// to be guessed, with keys that are not in the database.
type vault struct {
	aead cipher.AEAD
	mac  []byte
}

// errNoKey says that this process was not given the key: it only reads.
var errNoKey = errors.New("identity: no key: this process cannot log anybody in")

// newVault makes a vault of a 32-byte key; of nil, one that refuses everything.
func newVault(key []byte) vault {
	if len(key) == 0 {
		return vault{}
	}
	block, err := aes.NewCipher(sub(key, "seal"))
	if err != nil {
		panic(err) // sub returns 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size that GCM wants
	}
	return vault{aead: aead, mac: sub(key, "mac")}
}

// sub is a key for one use of key.
func sub(key []byte, use string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(use))
	return h.Sum(nil)
}

// seal encrypts and signs text so that it opens only for the same owner (AES-256-GCM).
func (v vault) seal(text []byte, owner string) ([]byte, error) {
	if v.aead == nil {
		return nil, errNoKey
	}
	nonce := make([]byte, v.aead.NonceSize(), v.aead.NonceSize()+len(text)+v.aead.Overhead())
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return v.aead.Seal(nonce, nonce, text, []byte(owner)), nil
}

// unseal returns what seal was given for the owner.
func (v vault) unseal(sealed []byte, owner string) ([]byte, error) {
	if v.aead == nil {
		return nil, errNoKey
	}
	if len(sealed) < v.aead.NonceSize() {
		return nil, errors.New("identity: a sealed secret is too short")
	}
	text, err := v.aead.Open(nil, sealed[:v.aead.NonceSize()], sealed[v.aead.NonceSize():], []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("identity: a sealed secret does not open: %w", err)
	}
	return text, nil
}

// hash is a keyed hash of parts, for one use: without the key nobody can try them all.
func (v vault) hash(use string, parts ...string) []byte {
	h := hmac.New(sha256.New, v.mac)
	h.Write([]byte(use))
	for _, p := range parts {
		fmt.Fprintf(h, "\x00%d\x00%s", len(p), p)
	}
	return h.Sum(nil)
}

// mark is hash as a short text.
func (v vault) mark(use string, parts ...string) string {
	return base64.RawURLEncoding.EncodeToString(v.hash(use, parts...)[:18])
}

// ready reports whether the vault has its key.
func (v vault) ready() error {
	if v.aead == nil {
		return errNoKey
	}
	return nil
}
