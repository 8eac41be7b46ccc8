// Package fold makes texts comparable as people compare them: without case, accents, ligatures, punctuation and
// doubled spaces. It is the one way in which names are looked up and sorted, in Go, because the engines' own lower and
// collations differ.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Key returns s in lower case ASCII where it can: accents dropped, ligatures opened, apostrophes, hyphens and every
// other sign turned into one space. Letters of other scripts stay as they are.
func Key(s string) string {
	if k, ok := latin(s); ok {
		return k
	}
	return anyScript(s)
}

// anyScript is Key for every text.
func anyScript(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ToValidUTF8(s, " "))) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		out := opened(r)
		if out == "" {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				space = b.Len() > 0
				continue
			}
			out = string(r)
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteString(out)
	}
	return b.String()
}

// latinEnd is where the letters end that latin knows: those of the languages of western and central Europe.
const latinEnd = 0x180

// latinKeys are what anyScript makes of each sign before latinEnd: letters or digits, "" for a sign that divides words. A sign
// of which it makes more than that ("½", "ŀ") is left to it.
var latinKeys = func() (keys [latinEnd]string) {
	for r := range rune(latinEnd) {
		k := anyScript(string(r))
		if between := anyScript("a" + string(r) + "a"); between != "a"+k+"a" && (k != "" || between != "a a") {
			k = several
		}
		keys[r] = k
	}
	return keys
}()

const several = " "

// latin is the fast way for the texts that come by, nearly all of them. It reports false for a text that holds another sign.
func latin(s string) (string, bool) {
	buf := make([]byte, 0, len(s))
	space := false
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			if r, size = utf8.DecodeRuneInString(s[i:]); r >= latinEnd || r == utf8.RuneError {
				return "", false
			}
		}
		i += size
		key := latinKeys[r]
		switch {
		case key == several:
			return "", false
		case key == "":
			space = len(buf) > 0
			continue
		}
		if space {
			buf = append(buf, ' ')
			space = false
		}
		buf = append(buf, key...)
	}
	return string(buf), true
}

func opened(r rune) string {
	switch r {
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'đ', 'ð':
		return "d"
	case 'ł':
		return "l"
	}
	return ""
}

// Words returns the words of s, folded.
func Words(s string) []string { return strings.Fields(Key(s)) }

// Distance is how many letters must be added, removed, changed or swapped with their neighbour to turn a into b
// (optimal string alignment), or limit+1 when it is more than limit. Both should be folded.
func Distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > limit {
		return limit + 1
	}
	before := make([]int, len(x)+1)
	prev := make([]int, len(x)+1)
	cur := make([]int, len(x)+1)
	for i := range prev {
		prev[i] = i
	}
	for j := 1; j <= len(y); j++ {
		cur[0] = j
		best := cur[0]
		for i := 1; i <= len(x); i++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[i] = min(prev[i]+1, cur[i-1]+1, prev[i-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[i] = min(cur[i], before[i-2]+1)
			}
			best = min(best, cur[i])
		}
		if best > limit {
			return limit + 1
		}
		before, prev, cur = prev, cur, before
	}
	return min(prev[len(x)], limit+1)
}
