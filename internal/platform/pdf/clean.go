package pdf

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// kin are what letters and signs that the fonts lack are written as.
var kin = map[rune]string{
	'\u00a0': "\u00a0", '\u202f': "\u00a0", '\u2009': " ", '\u2011': "-", '\u2010': "-", '\u2212': "-", '\t': " ", '\r': "", '＝': "=", 'ﬁ': "fi", 'ﬂ': "fl",
	'→': "->", '≥': ">=", '≤': "<=", '☎': "", '✓': "-",
}

// clean makes a text that the fonts can write: composed letters, no control, no invisible direction, and the nearest kin of
// what is lacking.
func clean(text string) string {
	var b strings.Builder
	for _, c := range norm.NFC.String(strings.ToValidUTF8(text, "?")) {
		switch {
		case c == '\n' || written()[c]:
			b.WriteRune(c)
		case kin[c] != "" || c == '\r' || c == '☎':
			b.WriteString(kin[c])
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Mn, c):
		default:
			b.WriteString(base(c))
		}
	}
	return b.String()
}

// base is a letter without its accents, "?" where even that is lacking.
func base(c rune) string {
	for _, d := range norm.NFKD.String(string(c)) {
		if written()[d] {
			return string(d)
		}
	}
	return "?"
}

// written are the letters that both fonts hold: what their character maps say (cmap, format 4).
var written = sync.OnceValue(func() map[rune]bool {
	out := map[rune]bool{}
	strong := charactersOf(bold)
	for c := range charactersOf(regular) {
		out[c] = strong[c]
	}
	return out
})
