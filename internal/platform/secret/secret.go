// Package secret keeps the few keys that the program itself owns out of the database, so that whoever can rewrite the
// database cannot also sign in the program's name.
//
// In the embedded mode a key is a file of mode 0600 in the data folder, made on first use; in the scaled mode the
// operator hands the same key to every node by the environment.
package secret

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// SignerName is the name under which heads of the journal are signed.
const SignerName = "viaduc-journal"

// Signer is a signing key with the text by which others check what it signed.
type Signer struct {
	note.Signer
	Verifier note.Verifier
	Public   string // the verifier key: safe to publish

	seed []byte
}

// Derive returns 32 bytes that only holders of the key can work out, one value for each purpose (HKDF, RFC 5869): other
// secrets of the program need no file of their own. They say nothing of the key, and change with it. The zero Signer has
// none and returns nil.
func (s Signer) Derive(purpose string) []byte {
	if s.seed == nil {
		return nil
	}
	out, err := hkdf.Key(sha256.New, s.seed, nil, "viaduc "+purpose, 32)
	if err != nil {
		panic(err) // only for impossible lengths
	}
	return out
}

// NewSignerKey makes a private key text that ParseSigner understands.
func NewSignerKey() (string, error) {
	private, _, err := note.GenerateKey(rand.Reader, SignerName)
	return private, err
}

// ParseSigner reads a private key text (Ed25519, in the form of golang.org/x/mod/sumdb/note).
func ParseSigner(private string) (Signer, error) {
	private = strings.TrimSpace(private)
	s, err := note.NewSigner(private)
	if err != nil {
		return Signer{}, fmt.Errorf("signing key: %w", err)
	}
	public, seed, err := publicOf(private)
	if err != nil {
		return Signer{}, err
	}
	v, err := note.NewVerifier(public)
	return Signer{Signer: s, Verifier: v, Public: public, seed: seed}, err
}

// FileSigner reads the key file, making it first if it is not there. Two processes that start at once agree on one key.
func FileSigner(file string) (Signer, error) {
	s, err := ReadSigner(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := writeNewKey(file); err != nil {
			return Signer{}, err
		}
		return ReadSigner(file)
	}
	return s, err
}

// ReadSigner reads the key file. It reports fs.ErrNotExist when there is none.
func ReadSigner(file string) (Signer, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return Signer{}, fmt.Errorf("signing key: %w", err)
	}
	return ParseSigner(string(raw))
}

// writeNewKey writes aside and links, so that the file is never half there and the first of two callers wins.
func writeNewKey(file string) error {
	key, err := NewSignerKey()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("signing key: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(key + "\n")
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("signing key: %w", err)
	}
	if err := os.Link(tmp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("signing key: %w", err)
	}
	return nil
}

// publicOf derives the verifier key, and the seed, from a private key text that note.NewSigner has accepted:
// PRIVATE+KEY+<name>+<hash>+<base64 of algorithm and seed>, where the last part may itself hold a plus sign.
func publicOf(private string) (public string, seed []byte, err error) {
	parts := strings.SplitN(private, "+", 5)
	if len(parts) != 5 {
		return "", nil, errors.New("signing key: not in the form of a note key")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", nil, errors.New("signing key: not an Ed25519 key")
	}
	seed = raw[1:]
	key, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	public, err = note.NewEd25519VerifierKey(parts[2], key)
	return public, seed, err
}
