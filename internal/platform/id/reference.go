package id

import (
	"crypto/rand"
	"strings"
)

// referenceLetters has no vowel, so that no word comes out, and no two signs that look alike.
const referenceLetters = "BCDFGHJKLMNPQRSTVWXZ23456789"

// NewReference makes a short number that a person can read on a screen and say on the phone, such as "KTB-94M". There
// are 480 million of them: whoever needs each to be the only one asks a unique index, and makes another.
func NewReference() string {
	var raw [6]byte
	_, _ = rand.Read(raw[:]) // crypto/rand never fails
	for i, c := range raw {
		raw[i] = referenceLetters[int(c)%len(referenceLetters)]
	}
	return string(raw[:3]) + "-" + string(raw[3:])
}

// ParseReference reads a reference as people write it: small letters, with or without the dash, with spaces. It reports
// false for what NewReference cannot return.
func ParseReference(s string) (string, bool) {
	s = strings.ToUpper(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' || r == '\u00a0' }), ""))
	if len(s) != 6 || strings.Trim(s, referenceLetters) != "" {
		return "", false
	}
	return s[:3] + "-" + s[3:], true
}
