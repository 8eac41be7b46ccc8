package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 with what every application and card supports; HMAC-SHA-1 is not broken
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"viaduc/internal/platform/db"
)

// One-time passwords (RFC 6238): six digits, a new one every thirty seconds, one step of tolerance on each side.
const (
	totpEvery  = 30
	totpDigits = 6
	totpSkew   = 1
	totpBytes  = 20
)

// newTOTPSecret makes a secret of 160 bits.
func newTOTPSecret() []byte {
	secret := make([]byte, totpBytes)
	_, _ = rand.Read(secret)
	return secret
}

// totpCode is the code of a step (RFC 4226, 5.3).
func totpCode(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // steps count from 1970
	h := hmac.New(sha1.New, secret)
	h.Write(counter[:])
	sum := h.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	value := binary.BigEndian.Uint32(sum[offset:offset+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, value%1_000_000)
}

// totpStep returns the step that a code belongs to at an instant; ok is false when it is none of those tolerated.
func totpStep(secret []byte, code string, at time.Time) (step int64, ok bool) {
	now := at.Unix() / totpEvery
	for s := now - totpSkew; s <= now+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// typed is a code as people type it, without the blanks in the middle.
func typed(code string) string { return strings.Join(strings.Fields(oneLine(code)), "") }

// TOTPKey is what an application or a card is loaded with.
type TOTPKey struct {
	Secret string // in base32, to be typed
	URI    string // to be shown as a QR code
}

func totpKey(secret []byte, issuer, account string) TOTPKey {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	q := url.Values{"secret": {text}, "issuer": {issuer}, "digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(totpEvery)}, "algorithm": {"SHA1"}}
	label := url.PathEscape(issuer) + ":" + url.PathEscape(account)
	return TOTPKey{Secret: text, URI: "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")}
}

// totpDevice is a row of identity_totp.
type totpDevice struct {
	id     string
	name   string
	secret []byte // sealed
	last   int64
}

// spendTOTP uses a code up on one of the devices of an account: it works once, and none of an earlier step works after it.
// The caller locked the account.
func (s *Service) spendTOTP(ctx context.Context, tx *db.Tx, account AccountID, code string) (bool, error) {
	devices, err := totpDevices(ctx, tx, account)
	if err != nil {
		return false, err
	}
	for _, d := range devices {
		secret, err := s.vault.unseal(d.secret, string(account))
		if err != nil {
			return false, err
		}
		step, ok := totpStep(secret, typed(code), s.now())
		if !ok {
			continue
		}
		n, err := useTOTP(ctx, tx, d.id, step, s.now())
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}
