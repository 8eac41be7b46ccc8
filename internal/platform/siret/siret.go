// Package siret reads the number of a French establishment (SIRET, fourteen digits) as people and files really write it,
// and checks its key.
//
// It is pure and knows nothing else of organisations: whether a number is registered is not its business.
package siret

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Unknown is what the national schema of places writes in its required pivot when nobody knows the number.
const Unknown = "00000000000000"

var (
	fourteen = regexp.MustCompile(`^[0-9]{14}$`)
	quantity = regexp.MustCompile(`^([0-9]{14})[.,]0$`) // a spreadsheet took the number for a quantity
	marks    = strings.NewReplacer(".", "", "-", "", "_", "")
)

// laPoste is the SIREN of La Poste, which gave its post offices numbers of its own before the key existed.
const laPoste = "356000000"

// Parse returns the fourteen digits of raw, without the blanks, dots and hyphens between them.
//
// ok is false with the digits when their key (Luhn; for La Poste a sum of digits divisible by five) is wrong: real files
// hold some, so it calls for a warning rather than a refusal. It is false with "" when raw is no SIRET at all. An empty
// text and fourteen zeros return Unknown, true.
func Parse(raw string) (clean string, ok bool) {
	s := compact(raw)
	if m := quantity.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	s = marks.Replace(s)
	switch {
	case s == "", s == Unknown:
		return Unknown, true
	case !fourteen.MatchString(s):
		return "", false
	}
	return s, luhn(s) || strings.HasPrefix(s, laPoste) && digitSum(s)%5 == 0
}

// compact drops blanks of every kind and the characters that nobody sees; full-width digits become plain ones.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(strings.ToValidUTF8(s, " ")))
}

// luhn reports whether the digits, every second one from the right doubled, add up to a multiple of ten.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}

func digitSum(digits string) int {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i] - '0')
	}
	return sum
}
