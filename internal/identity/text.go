package identity

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// Bounds of what people write, in letters.
const (
	maxName         = 200
	maxLine         = 300
	maxPresentation = 5000
)

// oneLine returns s composed, on one line, with single spaces and without the characters that nobody sees.
func oneLine(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, " "))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r) && r != '\u200d':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// paragraphs is oneLine for a text of several lines.
func paragraphs(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = oneLine(lines[i])
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

var emailForm = regexp.MustCompile(`^[a-z0-9_+.'-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$`)

// Email returns an address as accounts keep it, in lower case; ok is false when it cannot be one.
func Email(raw string) (address string, ok bool) {
	s := strings.ToLower(oneLine(raw))
	return s, len(s) <= 254 && emailForm.MatchString(s) && !strings.Contains(s, "..")
}

var (
	phoneSigns = strings.NewReplacer(" ", "", ".", "", "-", "", "(0)", "", "(", "", ")", "", "/", "")
	phoneForm  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// Phone returns a telephone in its international form, French where it begins with a zero; ok is false when it cannot be
// one. It does not know the numbering plans: a number that is dialled by nobody passes.
func Phone(raw string) (e164 string, ok bool) {
	s := phoneSigns.Replace(oneLine(raw))
	switch {
	case strings.HasPrefix(s, "00"):
		s = "+" + s[2:]
	case len(s) == 10 && s[0] == '0':
		s = "+33" + s[1:]
	}
	return s, phoneForm.MatchString(s)
}

// named turns "no row" into the one answer for what does not exist.
func named(err error) error {
	if fault.Is(err, fault.NotFound) {
		return NotFound()
	}
	return err
}

// instant is a column of time that may be empty: the zero time.
type instant struct{ *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(v any) error {
	if micros, ok := v.(int64); ok {
		*i.Time = db.Time(micros)
		return nil
	}
	*i.Time = time.Time{}
	return nil
}

// micros is a time as a column keeps it; nil for the zero time.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return db.Micros(t)
}

// text is a column of text that may be empty: "".
type text[T ~string] struct{ to *T }

// Scan implements sql.Scanner.
func (s text[T]) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*s.to = T(v)
	case []byte:
		*s.to = T(v)
	default:
		*s.to = ""
	}
	return nil
}

// optional is a text as a column keeps it; nil for "".
func optional[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}
