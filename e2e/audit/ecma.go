package audit

import (
	"regexp"
	"strings"
)

// Marks of each edition of the language, looked for once strings, comments and
// regular expressions are out. Editions up to 2017 run on every phone that
// Viaduc is for, so they count as 2015 or are not told apart.
var ecmaMarks = []struct {
	year int
	form *regexp.Regexp
}{
	{2022, regexp.MustCompile(`\bstatic\s*\{|(^|[^\w$])#[a-zA-Z_$][\w$]*|\bObject\.hasOwn\b|\.at\(-?\d`)},
	{2021, regexp.MustCompile(`\?\?=|\|\|=|&&=|\b\d+_\d+\b|\.replaceAll\(|\bWeakRef\b`)},
	{2020, regexp.MustCompile(`\?\.[^\d]|\?\?|\b\d+n\b|\bimport\s*\(|\bimport\.meta\b|\bglobalThis\b|\.allSettled\(|\.matchAll\(`)},
	{2019, regexp.MustCompile(`\bcatch\s*\{|\.flatMap\(|\.flat\(\)|\bObject\.fromEntries\b`)},
	{2018, regexp.MustCompile(`\{\s*\.\.\.|,\s*\.\.\.[\w$.]+\s*\}|\bfor\s+await\b|\basync\s*\*|\basync\s+function\s*\*|\.finally\(`)},
	{2017, regexp.MustCompile(`\basync\b|\bawait\b|\*\*|\bObject\.(values|entries)\b`)},
	{2015, regexp.MustCompile("=>|\\b(let|const|class)\\s|`|\\bfor\\s*\\([^;)]*\\bof\\b")},
}

// guarded is a name of 2020 that a script asks for before it uses it, as bundlers write: older browsers never see it.
var guarded = regexp.MustCompile(`typeof\s+globalThis\s*\?\s*globalThis\b`)

// ECMA returns the year of the language that a script needs, 5 before 2015 and 0
// for no code. It looks for the marks of each edition instead of parsing, which
// is enough to find a script that was not written for old phones; scripts with
// regular expressions that hold slashes in odd places may fool it.
func ECMA(code string) int {
	code = guarded.ReplaceAllString(bareCode(code), "typeof x")
	if strings.TrimSpace(code) == "" {
		return 0
	}
	for _, m := range ecmaMarks {
		if m.form.MatchString(code) {
			return m.year
		}
	}
	return 5
}

// bareCode returns a script without the content of its comments, strings and
// regular expressions. The code inside a template string stays.
func bareCode(code string) string {
	var b strings.Builder
	last := byte(0)     // last byte of code that is not a space
	var templates []int // depth of braces of each template string under way
	depth := 0
	skipTo := func(i int, quote byte) int {
		for i++; i < len(code) && code[i] != quote && code[i] != '\n'; i++ {
			if code[i] == '\\' {
				i++
			}
		}
		return i
	}
	template := func(i int) int { // i is on the first byte of text; ends on ` or {
		for ; i < len(code) && code[i] != '`'; i++ {
			if code[i] == '\\' {
				i++
			} else if code[i] == '$' && i+1 < len(code) && code[i+1] == '{' {
				templates = append(templates, depth)
				b.WriteByte('(')
				return i + 1
			}
		}
		return i
	}
	for i := 0; i < len(code); i++ {
		c := code[i]
		next := byte(0)
		if i+1 < len(code) {
			next = code[i+1]
		}
		switch {
		case c == '/' && next == '/':
			for i < len(code) && code[i] != '\n' {
				i++
			}
			b.WriteByte('\n')
			continue
		case c == '/' && next == '*':
			if end := strings.Index(code[i+2:], "*/"); end >= 0 {
				i += end + 3
			} else {
				i = len(code)
			}
			b.WriteByte(' ')
			continue
		case c == '"' || c == '\'':
			i = skipTo(i, c)
			b.WriteString(`""`)
		case c == '`':
			b.WriteString("`")
			i = template(i + 1)
		case c == '}' && len(templates) > 0 && templates[len(templates)-1] == depth:
			templates = templates[:len(templates)-1]
			b.WriteByte(')')
			i = template(i + 1)
		case c == '/' && (last == 0 || strings.IndexByte("(,=:[!&|?{};+-*%<>~^", last) >= 0 || endsWithKeyword(b.String())):
			class := false
			for i++; i < len(code) && code[i] != '\n' && (class || code[i] != '/'); i++ {
				switch code[i] {
				case '\\':
					i++
				case '[':
					class = true
				case ']':
					class = false
				}
			}
			b.WriteString("0")
		default:
			switch c {
			case '{':
				depth++
			case '}':
				depth--
			}
			b.WriteByte(c)
			if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
				continue
			}
		}
		last = c
	}
	return b.String()
}

var keywordEnd = regexp.MustCompile(`(^|\W)(return|typeof|case|in|of|void|delete)\s*$`)

func endsWithKeyword(s string) bool { return keywordEnd.MatchString(s[max(0, len(s)-12):]) }
