package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"viaduc/internal/platform/i18n"
)

// Spaces of French typography: they keep a number and its unit on one line.
const (
	nbsp   = "\u00a0" // before a unit, inside a phone number, before : ? !
	nnbsp  = "\u202f" // between thousands
	lrmark = "\u200e" // keeps digits left to right inside Arabic
)

// overseas lists the country codes of the French overseas territories, with the number of digits that follow and
// whether these are dialled as a national ten-digit number ("0262 12 34 56").
var overseas = map[string]struct {
	digits   int
	national bool
}{
	"262": {9, true}, "590": {9, true}, "594": {9, true}, "596": {9, true},
	"269": {7, false}, "687": {6, false}, "689": {8, false}, "508": {6, false}, "681": {6, false},
}

// overseasCode gives the country code of a national number by the three digits after its first zero. Mayotte (0269,
// 0639) shares the code of Reunion.
var overseasCode = map[string]string{
	"262": "262", "263": "262", "269": "262", "639": "262", "692": "262", "693": "262",
	"590": "590", "690": "590", "691": "590",
	"594": "594", "694": "594",
	"596": "596", "696": "596", "697": "596",
}

// phoneDigits reduces a phone number to its international digits without plus: "33546000000". It accepts what people
// type: spaces, dots, dashes, brackets, a leading 00, a national number. It reports false when no number is left.
func phoneDigits(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	plus := false
	s = strings.ReplaceAll(s, "(0)", "")
	for i, c := range strings.TrimPrefix(strings.TrimSpace(s), "tel:") {
		switch {
		case c >= '0' && c <= '9':
			b.WriteByte(byte(c))
		case c == '+' && i == 0:
			plus = true
		case strings.ContainsRune(" .-()/\u00a0\u202f", c):
		default:
			return "", false
		}
	}
	d := b.String()
	switch {
	case plus:
	case strings.HasPrefix(d, "00"):
		d = d[2:]
	case len(d) == 10 && d[0] == '0':
		if code, ok := overseasCode[d[1:4]]; ok {
			return code + d[1:], true
		}
		return "33" + d[1:], true
	case len(d) >= 2 && len(d) <= 6:
		return d, true // short numbers: 15, 3939, 116000
	default:
		return "", false
	}
	if len(d) < 7 || len(d) > 15 {
		return "", false
	}
	return d, true
}

// pairsOf writes digits two by two, split by non-breaking spaces; an odd first group has three.
func pairsOf(d string) string {
	var b strings.Builder
	b.Grow(2 * len(d))
	if len(d)%2 == 1 && len(d) > 3 {
		b.WriteString(d[:3] + nbsp)
		d = d[3:]
	}
	for ; len(d) > 2; d = d[2:] {
		b.WriteString(d[:2])
		b.WriteString(nbsp)
	}
	b.WriteString(d)
	return b.String()
}

// Phone writes a phone number as a French reader says it: "+33546000000" is "05 46 00 00 00", with non-breaking
// spaces. Overseas numbers that are dialled as ten digits from France are written so ("+262262123456" is
// "0262 12 34 56"), the others with their country code ("+687 26 12 34"). Short numbers keep their shape ("3939"). What
// is no phone number comes back unchanged, so that nothing is lost on the screen.
func Phone(s string) string {
	d, ok := phoneDigits(s)
	if !ok {
		return s
	}
	if len(d) <= 6 {
		if len(d) == 4 {
			return d[:2] + nbsp + d[2:]
		}
		return d
	}
	if rest, ok := strings.CutPrefix(d, "33"); ok && len(rest) == 9 {
		return pairsOf("0" + rest)
	}
	if len(d) > 3 {
		if o, ok := overseas[d[:3]]; ok && len(d[3:]) == o.digits {
			if o.national {
				return "0" + d[3:6] + nbsp + pairsOf(d[6:])
			}
			return "+" + d[:3] + nbsp + pairsOf(d[3:])
		}
	}
	return "+" + pairsOf(d)
}

// PhoneHref returns the address that dials a number, "tel:+33546000000", and "" when s is no phone number.
func PhoneHref(s string) string {
	d, ok := phoneDigits(s)
	switch {
	case !ok:
		return ""
	case len(d) <= 6:
		return "tel:" + d
	}
	return "tel:+" + d
}

// Hour writes a time of day in French: "9 h 30", "9 h", with non-breaking spaces.
func Hour(h, m int) string { return hourIn(i18n.French, h, m) }

func hourIn(l i18n.Lang, h, m int) string {
	switch l {
	case i18n.English:
		return strconv.Itoa(h) + ":" + twoDigits(m)
	case i18n.Arabic:
		return lrmark + strconv.Itoa(h) + ":" + twoDigits(m) + lrmark
	}
	if m == 0 {
		return strconv.Itoa(h) + nbsp + "h"
	}
	return strconv.Itoa(h) + nbsp + "h" + nbsp + twoDigits(m)
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// DistanceKm writes a distance given in metres, rounded as people say it: "400 m", "1,2 km", "12 km".
func DistanceKm(metres float64) string { return distanceIn(i18n.French, metres) }

func distanceIn(l i18n.Lang, metres float64) string {
	km, m, sep := "km", "m", ","
	switch l {
	case i18n.English:
		sep = "."
	case i18n.Arabic:
		km, m = "كم", "م"
	}
	metres = math.Max(0, metres)
	if metres < 950 {
		n := math.Round(metres/50) * 50
		if metres < 50 {
			n = 50
		}
		return fmt.Sprintf("%d%s%s", int(n), nbsp, m)
	}
	tenths := int(math.Round(metres / 100))
	if tenths >= 100 || tenths%10 == 0 {
		return numberIn(l, int(math.Round(metres/1000))) + nbsp + km
	}
	return fmt.Sprintf("%d%s%d%s%s", tenths/10, sep, tenths%10, nbsp, km)
}

// The names of days (from Sunday) and months in the languages of the screen.
var (
	dayNames = map[i18n.Lang][7]string{
		i18n.French:  {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		i18n.English: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		i18n.Arabic:  {"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
	}
	monthNames = map[i18n.Lang][12]string{
		i18n.French:  {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		i18n.English: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		i18n.Arabic:  {"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
	}
)

// spoken is the language whose words l uses: simple French is French.
func spoken(l i18n.Lang) i18n.Lang {
	if l == i18n.English || l == i18n.Arabic {
		return l
	}
	return i18n.French
}

// Weekday writes the name of a day of the week in French: "mardi".
func Weekday(d time.Weekday) string { return dayNames[i18n.French][d] }

// Day writes a date without its year in French: "mardi 3 juin", "dimanche 1er mars". The zone is the one t carries.
func Day(t time.Time) string { return dayIn(i18n.French, t) }

func dayIn(l i18n.Lang, t time.Time) string {
	l = spoken(l)
	day := strconv.Itoa(t.Day())
	name, month := dayNames[l][t.Weekday()], monthNames[l][t.Month()-1]
	switch {
	case l == i18n.Arabic:
		return name + " " + day + nbsp + month
	case l == i18n.French && t.Day() == 1:
		day = "1er"
	}
	return name + " " + day + nbsp + month
}

// DateLong writes a date with its year in French: "mardi 3 juin 2026".
func DateLong(t time.Time) string { return dateLongIn(i18n.French, t) }

func dateLongIn(l i18n.Lang, t time.Time) string {
	return dayIn(l, t) + " " + strconv.Itoa(t.Year())
}

// Number writes a whole number in French, thousands apart: "12 345".
func Number(n int) string { return numberIn(i18n.French, n) }

func numberIn(l i18n.Lang, n int) string {
	sep := nnbsp
	if l == i18n.English || l == i18n.Arabic {
		sep = ","
	}
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return sign + s
}

// Bytes writes a weight in French, as one announces a file: "120 Ko", "1,4 Mo", "300 octets". A Ko is 1000 octets.
func Bytes(n int64) string { return bytesIn(i18n.French, n) }

func bytesIn(l i18n.Lang, n int64) string {
	b, kb, mb, sep := "octets", "Ko", "Mo", ","
	if l == i18n.English || l == i18n.Arabic {
		b, kb, mb, sep = "bytes", "KB", "MB", "."
	}
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + nbsp + b
	case n < 999_500:
		return strconv.FormatInt((n+500)/1000, 10) + nbsp + kb
	}
	tenths := (n + 50_000) / 100_000
	if tenths >= 100 || tenths%10 == 0 {
		return numberIn(l, int((tenths+5)/10)) + nbsp + mb
	}
	return fmt.Sprintf("%d%s%d%s%s", tenths/10, sep, tenths%10, nbsp, mb)
}

// slugMax is the longest slug, in bytes: long enough to read, short enough for a printed address.
const slugMax = 60

// ligatures are the letters that do not come apart into a plain letter and its accent.
var ligatures = map[rune]string{'œ': "oe", 'Œ': "oe", 'æ': "ae", 'Æ': "ae", 'ß': "ss", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l"}

// Slug makes the readable end of an address: "Maison France services de Rochefort" is
// "maison-france-services-de-rochefort". It is lower-case ASCII letters, digits and single dashes, 60 bytes at most, cut
// between words when that keeps half of it. It is empty when s has no such letter: the address then ends at the id.
func Slug(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	dash := false
	for i, c := range s {
		if c > unicode.MaxASCII {
			if apart := norm.NFD.PropertiesString(s[i:]).Decomposition(); apart != nil {
				c, _ = utf8.DecodeRune(apart) // the letter without its accent
			}
		}
		letters := ""
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case ligatures[c] != "":
			letters = ligatures[c]
		case unicode.Is(unicode.Mn, c):
			continue
		default:
			dash = b.Len() > 0
			continue
		}
		if dash {
			b.WriteByte('-')
			dash = false
		}
		if letters == "" {
			b.WriteByte(byte(c))
		} else {
			b.WriteString(letters)
		}
	}
	out := b.String()
	if len(out) <= slugMax {
		return out
	}
	cut := out[:slugMax]
	if i := strings.LastIndexByte(cut, '-'); out[slugMax] != '-' && i >= slugMax/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, "-")
}
