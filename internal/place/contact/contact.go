// Package contact turns what French files really write about a place (phone, e-mails, web addresses, date of update,
// coordinates, SIRET) into the exact forms of the national schema "Lieux de médiation numérique".
//
// Every function is pure: no I/O, no clock, the same answer for the same text, and never a panic. Each one is
// idempotent: given its own answer, it returns it unchanged, so a file may be imported, exported and imported again.
//
// What a function does when it cannot read a value: it says so (ok false, or a shorter list) rather than inventing one.
// A fix is made only where a single reading is possible; the rules that go further are those of the national
// chain, kept so that both publish the same value (conformance vectors in the tests):
//   - a nine-digit number takes the code of the overseas department of its postcode, whatever its first digit;
//   - a blank inside the domain of an e-mail is removed, a word before a blank in its local part is dropped.
//
// Deliberately not here: whether a number is in service, a mailbox exists, a site answers, a SIRET is registered or a
// point lies in the commune of its row. Nor which of two sources is right.
//
// The numbering plans are libphonenumber's; when a plan changes, the library is updated, not this package.
package contact

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// written are the escapes that exports leave as two characters instead of the control they stand for.
var written = strings.NewReplacer(`\r`, "\n", `\n`, "\n", `\t`, " ", "\r", "\n")

// legible returns s composed (NFKC: full-width digits and hard spaces become plain ones), without the characters that
// nobody sees (byte order marks, zero-width spaces, soft hyphens) and with real line ends.
func legible(s string) string {
	s = norm.NFKC.String(strings.ToValidUTF8(s, " "))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return written.Replace(s)
}

// compact returns s legible and without any blank.
func compact(s string) string { return strings.Join(strings.Fields(legible(s)), "") }

// oneLine returns s legible and on one line, with single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(legible(s)), " ") }
