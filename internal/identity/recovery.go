package identity

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"

	"viaduc/internal/platform/db"
)

// recoveryCodes is how many codes are printed at a time.
const recoveryCodes = 10

var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newRecoveryCode is eighty random bits in four groups, without the letters that are taken for figures.
func newRecoveryCode() string {
	raw := make([]byte, 10)
	_, _ = rand.Read(raw)
	text := crockford.EncodeToString(raw)
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

var misread = strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1", "u", "v")

// recoveryHash is what the database keeps of a code, however it is typed.
func (s *Service) recoveryHash(account AccountID, code string) []byte {
	return s.vault.hash("recovery", string(account), misread.Replace(strings.ToLower(oneLine(code))))
}

// printRecovery replaces the codes of an account and returns the new ones, which are shown this once.
func (s *Service) printRecovery(ctx context.Context, tx *db.Tx, account AccountID) ([]string, error) {
	codes := make([]string, recoveryCodes)
	hashes := make([][]byte, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		hashes[i] = s.recoveryHash(account, codes[i])
	}
	return codes, putRecovery(ctx, tx, account, hashes)
}
