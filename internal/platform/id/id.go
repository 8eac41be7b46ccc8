// Package id makes the identifiers of rows: UUID version 7 (RFC 9562), as lower-case text, made in Go. They sort
// roughly by age, carry no meaning, and are never reused. What people have to say aloud has a short reference beside it.
package id

import "github.com/google/uuid"

// New returns a new identifier of 36 characters. It panics only if the machine has no source of randomness.
func New() string {
	return uuid.Must(uuid.NewV7()).String()
}

// Valid reports whether s has the form of an identifier that New can return.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.Version() == 7 && u.String() == s
}
