package openinghours

import "strings"

// ParseFrench reads the hours of one day from free French text ("8h30 à 12h - 14h à 17h30") and returns
// them as times of the syntax ("08:30-12:00,14:00-17:30"). ok is false, and spans empty, when the text
// holds no complete range of times, or one that ends before it starts.
//
// Only times are read: "sur rendez-vous", "hors vacances", "1er samedi du mois" are left to a human. Times
// are paired in the order they come, an odd one at the end is dropped. A number alone is an hour only
// beside another time ("10 à 12h"), so that "tous les 15 jours" or "5 rue des Fossés" are none.
func ParseFrench(dayText string) (spans string, ok bool) {
	if len(dayText) > MaxLength {
		return "", false
	}
	s := frenchScanner{in: fold(dayText)}
	s.scan()
	times := s.kept()
	if len(times) < 2 {
		return "", false
	}
	b := make([]byte, 0, 24)
	for i := 0; i+1 < len(times); i += 2 {
		from, to := times[i], times[i+1]
		if from >= to {
			return "", false
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = timePoint{minutes: int16(from)}.append(b)
		b = append(b, '-')
		b = timePoint{minutes: int16(to)}.append(b)
	}
	return string(b), true
}

// fold lowers the text and writes its marks in ASCII, so that the scanner sees bytes only.
func fold(text string) string {
	return folder.Replace(strings.ToLower(text))
}

var folder = strings.NewReplacer("&amp;", "&", "&nbsp;", " ", "\u00a0", " ", "\u202f", " ",
	"–", "-", "—", "-", "‑", "-", "−", "-", "à", "a", "â", "a", "è", "e", "é", "e", "ê", "e", "’", "'")

// timeToken is a number that may be a time.
type timeToken struct {
	start, end int
	minutes    int
	sure       bool // it has an "h" or a colon
}

type frenchScanner struct {
	in     string
	tokens []timeToken
}

func (s *frenchScanner) scan() {
	for i := 0; i < len(s.in); {
		switch {
		case digit(s.in[i]):
			i = s.number(i)
		case strings.HasPrefix(s.in[i:], "midi") || strings.HasPrefix(s.in[i:], "minuit"):
			i = s.noon(i)
		default:
			i++
		}
	}
}

// noon reads "midi" and "minuit" as the end of a range: "de 9h à midi", but not "fermé le midi".
func (s *frenchScanner) noon(i int) int {
	before := strings.TrimRight(s.in[:i], " ")
	n := len(s.tokens)
	if n == 0 || n%2 == 0 || strings.HasSuffix(before, "apres-") || s.tokens[n-1].end > len(before) ||
		!separators(s.in[s.tokens[n-1].end:i]) {
		return i + 1
	}
	t := timeToken{start: i, end: i + len("midi"), minutes: 12 * 60, sure: true}
	if strings.HasPrefix(s.in[i:], "minuit") {
		t.end, t.minutes = i+len("minuit"), 24*60
	}
	s.tokens = append(s.tokens, t)
	return t.end
}

// number reads the number at i, keeps it if it may be a time, and returns the place behind it.
func (s *frenchScanner) number(i int) int {
	if end := s.date(i); end > i {
		return end
	}
	end := s.digits(i)
	v := atoi(s.in[i:end])
	switch width := end - i; {
	case width == 4 && v/100 <= 24 && v%100 < 60:
		s.keepBare(timeToken{start: i, end: end, minutes: v/100*60 + v%100})
		return end
	case width > 2 || v > 24:
		return end
	}
	t := timeToken{start: i, end: end, minutes: v * 60}
	switch {
	case s.hourMark(&t):
		s.minutes(&t)
		t.sure = true
	case s.colon(&t):
		t.sure = true
	default:
		s.keepBare(t)
		return end
	}
	if t.minutes <= 24*60 {
		s.tokens = append(s.tokens, t)
	}
	return t.end
}

// date skips a date like 14/04/2022.
func (s *frenchScanner) date(i int) int {
	at, start := i, i
	for part := range 3 {
		end := s.digits(at)
		width := end - at
		if width == 0 || part < 2 && width > 2 || part == 2 && width != 2 && width != 4 {
			return start
		}
		if part == 2 {
			if width == 2 || s.at(end) == 'h' || s.at(end) == ':' {
				return start // 9/12/14 are rather hours
			}
			return end
		}
		if c := s.at(end); c != '/' && c != '.' {
			return start
		}
		at = end + 1
	}
	return start
}

// hourMark takes "h", "heure" or "heures" behind the number, but not the start of another word.
func (s *frenchScanner) hourMark(t *timeToken) bool {
	i := s.skip(t.end)
	if s.at(i) != 'h' {
		return false
	}
	i++
	if strings.HasPrefix(s.in[i:], "eure") {
		i += len("eure")
		if s.at(i) == 's' {
			i++
		}
	} else if c := s.at(i); isLetter(c) && c != 'a' && (c != 'e' || isLetter(s.at(i+1))) {
		return false // "12 hommes"; but "9ha12h", "9hè16h"
	}
	t.end = i
	return true
}

// minutes takes the minutes behind the hour mark, unless they are the next hour: "9h12h" is 9 h and 12 h,
// "12h3019h" is 12 h 30 and 19 h, "16h3" has lost a zero.
func (s *frenchScanner) minutes(t *timeToken) {
	i := s.skip(t.end)
	end := s.digits(i)
	width := end - i
	if width == 0 {
		return
	}
	spaced := i > t.end
	v := atoi(s.in[i:min(end, i+2)])
	follows := s.at(s.skip(end))
	switch {
	case follows == 'h' && width <= 2 && v <= 24 || s.at(end) == ':':
		return
	case width == 1 && !spaced:
		v *= 10
	case width == 2 && spaced && v%5 != 0, width == 1, width > 4:
		return
	case width > 2:
		if spaced {
			return
		}
		end = i + 2
	}
	if v > 59 {
		return
	}
	t.minutes += v
	t.end = end
	if extra := s.skip(end); width == 2 && s.at(extra) == 'h' && !isLetter(s.at(extra+1)) {
		t.end = extra + 1 // "8h30 h à 12 h"
	}
}

// colon takes ":30" or, where the minutes were forgotten, ":" before the end of the range or of the text.
func (s *frenchScanner) colon(t *timeToken) bool {
	if s.at(t.end) != ':' {
		return false
	}
	i := t.end + 1
	end := s.digits(i)
	switch end - i {
	case 2:
		v := atoi(s.in[i:end])
		if v > 59 {
			return false
		}
		t.minutes += v
		t.end = end
		return true
	case 0:
		if c := s.at(s.skip(i)); c == 0 || c == '-' || c == '/' || c == ',' {
			t.end = i
			return true
		}
	}
	return false
}

// keepBare keeps a number alone unless a word follows it: "1er", "15 jours", "5 rue".
func (s *frenchScanner) keepBare(t timeToken) {
	if isLetter(s.at(t.end)) {
		return
	}
	i := s.skip(t.end)
	j := i
	for isLetter(s.at(j)) {
		j++
	}
	switch s.in[i:j] {
	case "", "a", "et", "de":
		s.tokens = append(s.tokens, t)
	}
}

// kept returns the minutes of the times: the sure ones, and the bare ones beside another one.
func (s *frenchScanner) kept() []int {
	var times []int
	for i, t := range s.tokens {
		beside := func(a, b int) bool {
			return a >= 0 && b < len(s.tokens) && separators(s.in[s.tokens[a].end:s.tokens[b].start])
		}
		if t.sure || beside(i-1, i) || beside(i, i+1) {
			times = append(times, t.minutes)
		}
	}
	return times
}

// separators reports whether the text holds nothing but what stands between two times.
func separators(text string) bool {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" -/,;|&_*.", r) }) {
		if word != "a" && word != "et" && word != "de" && word != "e" {
			return false
		}
	}
	return true
}

func (s *frenchScanner) at(i int) byte {
	if i < len(s.in) {
		return s.in[i]
	}
	return 0
}

func (s *frenchScanner) skip(i int) int {
	for s.at(i) == ' ' {
		i++
	}
	return i
}

func (s *frenchScanner) digits(i int) int {
	for digit(s.at(i)) {
		i++
	}
	return i
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || c >= 0x80 }

// atoi reads digits; a long run of them is no time, whatever its value.
func atoi(digits string) int {
	v := 0
	for i := 0; i < len(digits) && i < 6; i++ {
		v = v*10 + int(digits[i]-'0')
	}
	return v
}
