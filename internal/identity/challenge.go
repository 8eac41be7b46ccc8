package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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
	stepLink    challengeKind = "link"    // a one-time link was made: its opening logs in
	stepFactor  challengeKind = "factor"  // the password was right: a second factor is awaited
	stepPasskey challengeKind = "passkey" // a passkey was asked of whoever has one
	stepEnrol   challengeKind = "enrol"   // somebody new, or known again, chose a password: a factor is awaited
	stepAdd     challengeKind = "add"     // a logged-in person adds a factor
	stepConfirm challengeKind = "confirm" // a logged-in person gives their passkey again
	stepReset   challengeKind = "reset"   // a link to choose a new password was sent
	stepReproof challengeKind = "reproof" // a link to choose everything anew was sent, after two people vouched
	stepCode    challengeKind = "code"    // a code was sent to a resident
	stepWho     challengeKind = "who"     // a resident proved a contact: which of those who share it?
	stepLinking challengeKind = "linking" // an identity provider named somebody whom no account is tied to
	stepAway    challengeKind = "away"    // a browser went to an identity provider
)

// How long steps last.
const (
	stepLasts  = 10 * time.Minute
	enrolLasts = 30 * time.Minute // reading, installing an application, printing codes
	resetLasts = 30 * time.Minute
)

// maxTries is how many wrong answers end a step.
const maxTries = 5

// stepData is what the server remembers between two steps.
type stepData struct {
	Ceremony   *ceremony    `json:"ceremony,omitempty"`   // the question to a passkey
	TOTP       []byte       `json:"totp,omitempty"`       // sealed secret that the person loads into an application
	Session    SessionID    `json:"session,omitempty"`    // of a logged-in person
	Invitation InvitationID `json:"invitation,omitempty"` // being accepted
	Reproof    string       `json:"reproof,omitempty"`    // being used
	Account    AccountID    `json:"account,omitempty"`    // the id that the new account will have
	Given      string       `json:"given,omitempty"`
	Family     string       `json:"family,omitempty"`
	Email      string       `json:"email,omitempty"`
	Password   string       `json:"password,omitempty"` // Argon2id text; "" for a passkey alone
	Contact    string       `json:"contact,omitempty"`  // that a code was sent to
	Code       string       `json:"code,omitempty"`     // its keyed hash
	Among      []AccountID  `json:"among,omitempty"`    // those who share the contact
	Federated  *federatedID `json:"federated,omitempty"`
	Asked      []byte       `json:"asked,omitempty"` // sealed, of an identity provider
}

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
	if c.data == "" {
		c.data = "{}"
	}
	c.createdAt = s.now()
	c.expiresAt = c.createdAt.Add(lasts)
	return t, insertChallenge(ctx, tx, t.hash(), c)
}

// take uses a challenge up: one caller of any number gets it, the others fault.Unauthenticated, as for one that expired or
// never was. Its data is gone then: peek first where it is needed.
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

// peek reads a challenge that waits, without using it up.
func (s *Service) peek(ctx context.Context, q db.Querier, t Token, kind challengeKind) (challenge, stepData, error) {
	c, err := openChallenge(ctx, q, t.hash(), kind, s.now())
	if fault.Is(err, fault.NotFound) {
		return c, stepData{}, errStepOver()
	}
	if err != nil {
		return c, stepData{}, err
	}
	var data stepData
	return c, data, json.Unmarshal([]byte(c.data), &data)
}

// guess counts an answer to a challenge before it is judged; the sixth finds the step over.
func (s *Service) guess(ctx context.Context, tx *db.Tx, t Token, kind challengeKind) error {
	n, err := countTry(ctx, tx, t.hash(), kind, s.now())
	if err == nil && n == 0 {
		return errStepOver()
	}
	return err
}

// remember replaces what the server remembers of a challenge that waits.
func (s *Service) remember(ctx context.Context, tx *db.Tx, t Token, kind challengeKind, data stepData) error {
	n, err := putChallengeData(ctx, tx, t.hash(), kind, data.text(), s.now())
	if err == nil && n == 0 {
		return errStepOver()
	}
	return err
}

// text is the data as a row keeps it.
func (d stepData) text() string {
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain values
	}
	return string(raw)
}

// errStepOver says that a step of a log-in is over, whatever the reason, and that one begins again.
func errStepOver() error { return fault.New(fault.Unauthenticated, "identity.step_over") }
