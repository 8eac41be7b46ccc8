package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
)

// Bounds of a password, in letters. Length is what counts: there is no rule of composition, and pasting is welcome.
const (
	minPassword = 12
	maxPassword = 128
)

// cost is how hard a password is to try: memory in KiB, rounds, threads.
type cost struct {
	memory, rounds uint32
	threads        uint8
}

// today is the cost of new hashes (RFC 9106, OWASP's second choice): 19 MiB, some 25 ms. A log-in rehashes what is weaker.
var today = cost{memory: 19 * 1024, rounds: 2, threads: 1}

const (
	saltSize = 16
	hashSize = 32
)

// hasher computes Argon2id a few at a time, so that a crowd at the door costs neither memory without bound nor the
// processor of everybody else.
type hasher struct {
	places chan struct{}
	cost   cost
	dummy  string // the hash of nothing known, for accounts that do not exist
}

func newHasher(c cost) *hasher {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	return &hasher{
		places: make(chan struct{}, max(1, runtime.GOMAXPROCS(0))), cost: c,
		dummy: encode(c, salt, make([]byte, hashSize)), // that of no password; verifying costs the same
	}
}

// maxWait is how long a caller waits for its turn.
const maxWait = 20 * time.Second

// run computes one hash when it is its turn. It reports fault.Unavailable when the crowd is too large.
func (h *hasher) run(ctx context.Context, password string, salt []byte, c cost, size int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	select {
	case h.places <- struct{}{}:
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "identity.busy")
	}
	defer func() { <-h.places }()
	return argon2.IDKey([]byte(password), salt, c.rounds, c.memory, c.threads, uint32(size)), nil //nolint:gosec // a few bytes
}

// hash returns the text that the database keeps of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	sum, err := h.run(ctx, normal(password), salt, h.cost, hashSize)
	if err != nil {
		return "", err
	}
	return encode(h.cost, salt, sum), nil
}

// verify reports whether password is that of a kept text, and whether the text should be made anew. An empty text is
// nobody's, and takes the same time.
func (h *hasher) verify(ctx context.Context, password, kept string) (ok, weak bool, err error) {
	nobody := kept == ""
	if nobody {
		kept = h.dummy
	}
	c, salt, want, err := decode(kept)
	if err != nil {
		return false, false, err
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // costs the same, matches nothing
		nobody = true
	}
	got, err := h.run(ctx, normal(password), salt, c, len(want))
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && !nobody, c != h.cost, nil
}

// normal is a password as every keyboard writes it.
func normal(password string) string { return norm.NFKC.String(password) }

func encode(c cost, salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.rounds, c.threads, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

func decode(kept string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errors.New("identity: a kept password is no Argon2id text")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.rounds, &c.threads); err != nil {
		return c, nil, nil, fmt.Errorf("identity: cost of a kept password: %w", err)
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err == nil && (c.rounds == 0 || c.threads == 0 || len(sum) < 16) {
		err = errors.New("identity: a kept password is damaged")
	}
	return c, salt, sum, err
}

// CheckPassword reports why a person may not choose a password: too short or long, among those that everybody tries
// first, or made of their own name or address. It returns nil for one that they may.
func CheckPassword(password string, about ...string) error {
	refuse := func(key string, args ...any) error {
		return fault.New(fault.Invalid, "identity.password_refused").With("password", key, args...)
	}
	password = normal(password)
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return refuse("identity.password_short", "Least", minPassword)
	case n > maxPassword:
		return refuse("identity.password_long", "Most", maxPassword)
	case !utf8.ValidString(password):
		return refuse("identity.password_letters")
	}
	if common(password) {
		return refuse("identity.password_common")
	}
	if made(password, about) {
		return refuse("identity.password_about_you")
	}
	return nil
}

// made reports whether a password is little more than the names and the address of its owner.
func made(password string, about []string) bool {
	rest := strings.ReplaceAll(fold.Key(password), " ", "")
	before := len(rest)
	for _, text := range about {
		local, _, _ := strings.Cut(text, "@")
		for _, word := range append(fold.Words(local), strings.ReplaceAll(fold.Key(text), " ", "")) {
			if len(word) >= 3 {
				rest = strings.ReplaceAll(rest, word, "")
			}
		}
	}
	return len(rest) < before && len(rest) < minPassword/2
}
