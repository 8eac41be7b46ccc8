package contact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// France and the five departments overseas share one plan of nine digits after the 0; each has its own code.
const france = "33"

// overseas are the codes of the departments overseas, and of the collectivities that kept one of theirs.
var overseas = []string{"590", "594", "596", "262"}

// codes are the country codes that the national schema accepts. 269 is the Comoros': Mayotte left it in 2007.
var codes = []string{france, "590", "594", "262", "596", "269", "687", "689", "508", "681"}

// codeOf gives the code that numbers have at the postcodes starting so; elsewhere it is France's.
var codeOf = map[string]string{
	"971": "590", "977": "590", "978": "590", // Guadeloupe, Saint-Barthélemy, Saint-Martin
	"972": "596", "973": "594",
	"974": "262", "976": "262", // La Réunion, Mayotte
	"975": "508", "986": "681", "987": "689", "988": "687",
}

// areas are the geographic numbers of the departments overseas; the library's plan of the mainland, drawn with a wider
// pen, has most of them too.
var areas = map[string]string{"590": "590", "594": "594", "596": "596", "262": "262", "263": "262", "269": "262"}

// services are the short numbers that have a long form, the only one that can be dialled from everywhere and that the
// schema accepts: the family allowance fund and the pension insurance.
var services = map[string]string{"3230": "+33969322121", "3960": "+33971103960"}

// Phone returns the first usable number of raw in the international form of the national schema (+33475582913).
//
// The number may be surrounded by words, cut by spaces, dots, commas, slashes and hyphens, written with or without
// +33, 0033, (0) or its first 0, and followed by others. The code comes from the number itself wherever the numbering
// plans decide (0590… is Guadeloupe's); postcode, which may be empty, decides for numbers of the overseas
// collectivities (six or eight digits) and for those of nine digits written in an overseas department.
//
// It returns "", false when there is no number, when it is too short, too long, of no French plan or foreign, and for
// short numbers but 3230 and 3960. An answer matches the schema's pattern.
func Phone(raw, postcode string) (e164 string, ok bool) {
	own := ownCode(postcode)
	groups := digitGroups(raw)
	// From the end, because a number may be followed, after a mere blank, only by another number.
	found := make([]string, len(groups))
	for i := len(groups) - 1; i >= 0; i-- {
		digits, whole := "", true
		for j := i; j < len(groups); j++ {
			if j > i && (groups[j].gap == breaks || groups[j].plus) {
				break
			}
			if digits += groups[j].digits; len(digits) > longest {
				break
			}
			whole = whole && (j == i || groups[j].gap == joins)
			if !whole && len(digits) < 9 { // 25/05/23 is no number of Nouméa
				continue
			}
			if j+1 < len(groups) && groups[j+1].gap == joins && found[j+1] == "" {
				continue
			}
			if found[i], ok = number(digits, groups[i].plus, own); ok {
				break
			}
		}
	}
	for i, g := range groups {
		if found[i] != "" && (i == 0 || g.gap != joins || g.plus) {
			return found[i], true
		}
	}
	return "", false
}

// longest is the number of digits of 00, a code of three digits, a useless 0 and a number of nine.
const longest = 15

func ownCode(postcode string) string {
	if postcode = compact(postcode); len(postcode) == 5 {
		if code, ok := codeOf[postcode[:3]]; ok {
			return code
		}
	}
	return france
}

// gap is how strongly a group of digits is parted from the one before.
type gap int

const (
	joins  gap = iota // blanks, dots, hyphens, brackets: the same number goes on
	parts             // a slash, a comma, a hyphen between blanks: inside a long number or between two
	breaks            // letters, line ends, colons, semicolons: another number
)

type group struct {
	digits string
	plus   bool // a + stands before
	gap    gap
}

var (
	optionalZero = regexp.MustCompile(`\(\s*0\s*\)`)
	letterZero   = regexp.MustCompile(`(^|[^\pL\pN])[oO](\d)`)
	// decimal is a number that a spreadsheet took for a quantity.
	decimal    = regexp.MustCompile(`^\s*(\d{9,12})[.,]0\s*$`)
	digitRun   = regexp.MustCompile(`[0-9]+`)
	looseDash  = regexp.MustCompile(`\s[-–—]\s`)
	strongSign = regexp.MustCompile(`[^\s.()+_'’‐‑–—-]`)
)

func digitGroups(raw string) []group {
	s := optionalZero.ReplaceAllString(legible(raw), "")
	s = letterZero.ReplaceAllString(s, "${1}0$2")
	s = decimal.ReplaceAllString(s, "$1")
	var list []group
	end := 0
	for _, at := range digitRun.FindAllStringIndex(s, -1) {
		between := s[end:at[0]]
		end = at[1]
		g := group{digits: s[at[0]:at[1]], plus: strings.HasSuffix(strings.TrimRight(between, " ("), "+")}
		switch signs := strings.Join(strongSign.FindAllString(between, -1), ""); {
		case strings.Trim(signs, "/,") != "", strings.Contains(between, "\n"):
			g.gap = breaks
		case signs != "", looseDash.MatchString(between):
			g.gap = parts
		}
		list = append(list, g)
	}
	return list
}

// number reads the digits of one number, with own as the code of where it was written.
func number(digits string, plus bool, own string) (string, bool) {
	switch {
	case strings.HasPrefix(digits, "00"):
		return international(digits[2:])
	case plus && digits[0] != '0':
		return international(digits)
	case len(digits) == 10 && digits[0] == '0':
		return national(digits[1:], own)
	case digits[0] == '0' && own == france:
		return "", false
	case len(digits) == 4:
		long, ok := services[digits]
		return long, ok
	}
	if !nineDigits(own) { // a number of a collectivity, with or without its code
		if e164, ok := valid(own, digits); ok {
			return e164, true
		}
		if rest, ok := strings.CutPrefix(digits, own); ok {
			if e164, ok := valid(own, rest); ok {
				return e164, true
			}
		}
	}
	switch {
	case len(digits) == 9:
		return ninth(digits, own)
	case len(digits) > 10:
		return international(digits)
	}
	return "", false
}

// nineDigits reports whether the numbers of code have nine digits after a 0.
func nineDigits(code string) bool { return code == france || slices.Contains(overseas, code) }

// national reads the nine digits after the 0: the numbering plans tell of which territory they are.
func national(nsn, own string) (string, bool) {
	if own == "508" { // from mainland France, Saint-Pierre-et-Miquelon is dialled 0508
		if short, ok := strings.CutPrefix(nsn, own); ok {
			if e164, ok := valid(own, short); ok {
				return e164, true
			}
		}
	}
	order := make([]string, 0, 8)
	if code, ok := areas[nsn[:3]]; ok {
		order = append(order, code)
	}
	if nineDigits(own) {
		order = append(order, own)
	}
	order = append(append(order, france), overseas...)
	for _, code := range order {
		if e164, ok := valid(code, nsn); ok {
			return e164, true
		}
	}
	return "", false
}

// ninth reads a number that lost its 0, as the national chain does: written in an overseas department it takes the
// code of the department, unless the plans give it to another one.
func ninth(nsn, own string) (string, bool) {
	if own == france || !nineDigits(own) {
		return national(nsn, own)
	}
	for _, code := range append([]string{own}, overseas...) {
		if e164, ok := valid(code, nsn); ok {
			return e164, true
		}
	}
	return keep(own, nsn)
}

// international reads digits that start with a country code.
func international(digits string) (string, bool) {
	for _, code := range codes {
		nsn, ok := strings.CutPrefix(digits, code)
		if !ok {
			continue
		}
		if code == france {
			if nsn = strings.TrimPrefix(nsn, "0"); len(nsn) == 9 {
				return national(nsn, france)
			}
			return "", false
		}
		if e164, ok := valid(code, nsn); ok {
			return e164, true
		}
		nsn = strings.TrimPrefix(nsn, "0")
		if e164, ok := valid(code, nsn); ok {
			return e164, true
		}
		switch {
		case len(nsn) != 9:
		case code == "269":
			return valid("262", nsn)
		case nineDigits(code):
			return keep(code, nsn)
		}
		return "", false
	}
	return "", false
}

// keep lets an overseas code stand before a number of the mainland's plan: the national chain writes such numbers.
func keep(code, nsn string) (string, bool) {
	if _, ok := valid(france, nsn); !ok {
		return "", false
	}
	return "+" + code + nsn, true
}

// valid reports whether the plan of code has such a number, and gives its international form.
func valid(code, nsn string) (string, bool) {
	if len(nsn) < 6 || len(nsn) > 9 || nsn[0] == '0' && code != "687" {
		return "", false
	}
	e164 := "+" + code + nsn
	n, err := phonenumbers.Parse(e164, "")
	if err != nil || !phonenumbers.IsValidNumber(n) || phonenumbers.Format(n, phonenumbers.E164) != e164 {
		return "", false
	}
	return e164, true
}
