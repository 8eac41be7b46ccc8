package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// Token is a secret of 256 random bits that a browser or a link holds; the database has its SHA-256 alone. It does not
// print: string(t) is the way to a cookie or an address.
type Token string

// String hides the secret from logs and messages.
func (Token) String() string { return "(secret)" }

// LogValue hides the secret from logs.
func (Token) LogValue() slog.Value { return slog.StringValue("(secret)") }

// newToken makes a token.
func newToken() Token {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return Token(base64.RawURLEncoding.EncodeToString(raw))
}

// hash is what the database keeps of a token. Guessing 256 bits is out of reach, so that a plain hash is enough.
func (t Token) hash() []byte {
	h := sha256.Sum256([]byte(t))
	return h[:]
}

// challengeKind is what a waiting step of a log-in waits for.
type challengeKind string

const (
	stepLink challengeKind = "link" // a one-time link was made: its opening logs in
)

// challenge is a step of a log-in that waits for the next one.
type challenge struct {
	kind      challengeKind
	account   AccountID // "" for none yet
	epoch     int64     // of the account when the step began
	data      string
	tries     int64
	createdAt time.Time
	expiresAt time.Time
}

// begin writes a challenge and returns its token.
func (s *Service) begin(ctx context.Context, tx *db.Tx, c challenge, lasts time.Duration) (Token, error) {
	t := newToken()
	c.createdAt = s.now()
	c.expiresAt = c.createdAt.Add(lasts)
	return t, insertChallenge(ctx, tx, t.hash(), c)
}

// take uses a challenge up: one caller of any number gets it, the others fault.Unauthenticated, as for one that expired or
// never was.
func (s *Service) take(ctx context.Context, tx *db.Tx, t Token, kind challengeKind) (challenge, error) {
	n, err := useChallenge(ctx, tx, t.hash(), kind, s.now())
	if err != nil {
		return challenge{}, err
	}
	if n == 0 {
		return challenge{}, errStepOver()
	}
	return challengeByHash(ctx, tx, t.hash())
}

// errStepOver says that a step of a log-in is over, whatever the reason, and that one begins again.
func errStepOver() error { return fault.New(fault.Unauthenticated, "identity.step_over") }
