package openinghours

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser reads a value from left to right. Its lists are shared by all rules, so that a usual value
// costs a handful of allocations.
type parser struct {
	in      string
	pos     int
	days    []daySelector
	spans   []span
	inRange bool // the end of a range of dates is being read
	second  int  // where the second group of the rule starts
}

func (p *parser) fail(at int, format string, args ...any) error {
	return &SyntaxError{Offset: at, Msg: fmt.Sprintf(format, args...)}
}

// unexpected reports what stands at the current place.
func (p *parser) unexpected(want string) error {
	p.space()
	if p.pos >= len(p.in) {
		return p.fail(p.pos, "%s expected, the value ends here", want)
	}
	rest := p.in[p.pos:]
	if i := strings.IndexAny(rest[1:], " ,;\"|"); i >= 0 {
		rest = rest[:i+1]
	}
	if len(rest) > 20 {
		rest = strings.ToValidUTF8(rest[:20], "")
	}
	return p.fail(p.pos, "%s expected, found %q", want, rest)
}

// space skips white space, no-break spaces included: hours are often pasted from a page.
func (p *parser) space() {
	for p.pos < len(p.in) {
		switch c := p.in[p.pos]; {
		case c > ' ' && c < 0xC2: // most of what follows
			return
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			p.pos++
		case c == 0xC2 && strings.HasPrefix(p.in[p.pos:], "\u00a0"):
			p.pos += 2
		case c == 0xE2 && strings.HasPrefix(p.in[p.pos:], "\u202f"):
			p.pos += 3
		default:
			return
		}
	}
}

// peek returns the byte after white space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos >= len(p.in) {
		return 0
	}
	return p.in[p.pos]
}

// take skips white space and c, if c is there.
func (p *parser) take(c byte) bool {
	if p.peek() != c || c == 0 {
		return false
	}
	p.pos++
	return true
}

// hyphen takes the hyphen of a range; dashes are read as hyphens.
func (p *parser) hyphen() bool {
	if p.take('-') {
		return true
	}
	for _, dash := range [...]string{"–", "—", "‑", "−"} {
		if strings.HasPrefix(p.in[p.pos:], dash) {
			p.pos += len(dash)
			return true
		}
	}
	return false
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func letter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0xC3 && c <= 0xC5 || c >= 0x80 && c < 0xC0
}

// number reads up to longest digits; width is how many there were, 0 when none or more than that.
func (p *parser) number(longest int) (value, width int) {
	p.space()
	i := p.pos
	for i < len(p.in) && digit(p.in[i]) {
		if i-p.pos == longest {
			return 0, 0
		}
		value = value*10 + int(p.in[i]-'0')
		i++
	}
	width = i - p.pos
	p.pos = i
	return value, width
}

// word looks at the word that stands after white space; next is the place behind it.
// Letters of a word are ASCII letters and those of the Latin-1 and Latin Extended-A blocks.
func (p *parser) word() (w word, next int) {
	p.space()
	var buf [longestWord]byte
	i := p.pos
	for i < len(p.in) && letter(p.in[i]) {
		if i-p.pos == longestWord {
			return word{}, p.pos
		}
		c := p.in[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i-p.pos] = c
		i++
	}
	if i == p.pos { // a time, mostly
		return word{}, i
	}
	if i == p.pos+2 && ascii(buf[0]) && ascii(buf[1]) {
		return shortWords[buf[0]-'a'][buf[1]-'a'], i
	}
	return words[string(buf[:i-p.pos])], i
}

func ascii(c byte) bool { return 'a' <= c && c <= 'z' }

// takeWord takes a word of the given kind.
func (p *parser) takeWord(kind wordKind) (value uint8, ok bool) {
	w, next := p.word()
	if w.kind != kind {
		return 0, false
	}
	p.pos = next
	return w.value, true
}

// quoted reads a comment between double quotes. There is no escape in the syntax.
func (p *parser) quoted() (string, error) {
	start := p.pos
	p.pos++
	end := strings.IndexByte(p.in[p.pos:], '"')
	if end < 0 {
		return "", p.fail(start, "comment without closing quote")
	}
	text := p.in[p.pos : p.pos+end]
	p.pos += end + 1
	return cleanComment(text), nil
}

// cleanComment makes a comment one line of valid text: it goes to pages, calendars and print as it is.
func cleanComment(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) }) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
