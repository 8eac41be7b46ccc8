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
