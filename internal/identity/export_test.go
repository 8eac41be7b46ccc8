package identity

import (
	"encoding/base32"
	"time"
)

// CodeAt is the one-time password that an application shows.
func CodeAt(k TOTPKey, at time.Time) string {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(k.Secret)
	if err != nil {
		panic(err)
	}
	return totpCode(secret, at.Unix()/totpEvery)
}

// CheapPasswords makes passwords quick to try, for tests that are not about their cost.
func CheapPasswords(s *Service) { s.passwords = newHasher(cost{memory: 64, rounds: 1, threads: 1}) }

// RealPasswords undoes CheapPasswords; passwords kept before are made anew by their next log-in.
func RealPasswords(s *Service) { s.passwords = newHasher(today) }
