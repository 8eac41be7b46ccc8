package contact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var (
	// hiddenAt and hiddenDot are the signs that sites write against robots.
	hiddenAt  = regexp.MustCompile(`\s*[\[({]\s*(?:a|at|arobase|@)\s*[\])}]\s*`)
	hiddenDot = regexp.MustCompile(`\s*[\[({]\s*(?:dot|point)\s*[\])}]\s*`)
	manyAts   = regexp.MustCompile(`@+\s*`)
	ligatures = strings.NewReplacer("œ", "oe", "æ", "ae", "’", "'", "‘", "'", "%20", " ", "&#64;", "@", "&nbsp", " ")

	address = regexp.MustCompile(`^[a-z0-9_+'-]+(?:\.[a-z0-9_+'-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$`)
	domain  = regexp.MustCompile(`^(?:[a-z0-9-]+\.)+[a-z]{2,24}$`)
	suffix  = regexp.MustCompile(`^\.?(?:[a-z0-9-]+\.)*[a-z]{2,24}$`)
	word    = regexp.MustCompile(`^[a-z0-9_+.'-]*[a-z0-9_+'-]$`)
)

// commonSuffix are the endings that may stand alone after "mairie@ville. "; another word there is a word.
var commonSuffix = []string{"fr", "com", "org", "net", "eu"}

// Emails returns the e-mail addresses of raw in their order, once each, in lower case and without accents.
//
// They may be separated by blanks, "et", "ou", hyphens and any of | ; , / and come with labels, mailto:, brackets, a
// hidden @ ([a], (at)) or a doubled one. What has no @, several of them, no domain ending or a character that no
// address has is left out; an answer may be empty.
func Emails(raw string) []string {
	s := unaccented(raw)
	s = hiddenDot.ReplaceAllString(hiddenAt.ReplaceAllString(s, "@"), ".")
	s = manyAts.ReplaceAllString(ligatures.Replace(s), "@")
	var list []string
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("|;,/:<>()[]{}\"«»“”?&\\\n", r) }) {
		words := strings.Fields(part)
		for i := 0; i < len(words); i++ {
			if !strings.Contains(words[i], "@") {
				continue
			}
			a := withLocal(words[i], words[:i])
			if next := i + 1; next < len(words) && endsIn(a, words[next]) {
				a += words[next]
				i = next
			}
			a = strings.TrimRight(strings.TrimLeft(a, ".-'"), ".-'")
			if !address.MatchString(a) || strings.IndexByte(a, '@') > 64 || len(a) > 254 || slices.Contains(list, a) {
				continue
			}
			list = append(list, a)
		}
	}
	return list
}

// withLocal puts back the start of a local part that a blank cut off: "mediatheque .numerique@…", "contact @…".
func withLocal(a string, before []string) string {
	if len(before) == 0 {
		return a
	}
	prev := before[len(before)-1]
	cut := a[0] == '.' || a[0] == '@' && len(before) == 1
	if !cut || strings.Contains(prev, "@") || !word.MatchString(prev) {
		return a
	}
	return prev + a
}

// endsIn reports whether next is the end of the domain of a, which a blank cut off.
func endsIn(a, next string) bool {
	_, host, _ := strings.Cut(a, "@")
	switch {
	case host == "" || strings.Contains(host, "@") || strings.HasPrefix(next, "www."):
		return false
	case strings.HasSuffix(host, "."):
		return slices.Contains(commonSuffix, next)
	case strings.Contains(host, "."):
		return false
	case next[0] == '.':
		return suffix.MatchString(next)
	}
	return domain.MatchString(next)
}

// unaccented returns s legible, in lower case and without accents.
func unaccented(s string) string {
	s = norm.NFD.String(strings.ToLower(legible(s)))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
	return strings.ToLower(s)
}
