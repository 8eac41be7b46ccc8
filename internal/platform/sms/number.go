package sms

import "strings"

// zones are the French numbering plans by the digits that follow the trunk 0, longest first where they overlap. Overseas
// numbers repeat their country code's digits, or have mobile digits of their own (Arcep's plan).
var zones = []struct {
	prefix, country string
	mobile          bool
}{
	{"690", "590", true},
	{"691", "590", true},
	{"590", "590", false}, // Guadeloupe, Saint-Martin, Saint-Barthélemy
	{"694", "594", true},
	{"594", "594", false}, // Guyane
	{"696", "596", true},
	{"697", "596", true},
	{"596", "596", false}, // Martinique
	{"63998", "33", true}, // works of fiction
	{"692", "262", true},
	{"693", "262", true},
	{"639", "262", true},
	{"262", "262", false},
	{"269", "262", false}, // La Réunion, Mayotte
	{"6", "33", true},
	{"7", "33", true},
	{"1", "33", false},
	{"2", "33", false},
	{"3", "33", false},
	{"4", "33", false},
	{"5", "33", false},
	{"9", "33", false},
}

// Number returns the French number that text holds in the form +33612345678, and false when it holds none that a
// person can be reached at. Numbers of other countries are refused: a form that anybody may fill in must not be able
// to make a territory pay for texts abroad.
func Number(text string) (string, bool) {
	digits := strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "", "\u202f", "", "(0)", "", "/", "").Replace(strings.TrimSpace(text))
	switch {
	case strings.HasPrefix(digits, "+"):
		digits = digits[1:]
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case strings.HasPrefix(digits, "0"):
		return national(digits[1:], "")
	default:
		return "", false
	}
	for _, country := range []string{"33", "590", "594", "596", "262"} {
		if rest, ok := strings.CutPrefix(digits, country); ok {
			return national(rest, country)
		}
	}
	return "", false
}

// national reads the nine digits after the trunk 0; country is the code that they came with, empty when they had none.
func national(nine, country string) (string, bool) {
	if len(nine) != 9 || strings.Trim(nine, "0123456789") != "" {
		return "", false
	}
	for _, z := range zones {
		if strings.HasPrefix(nine, z.prefix) && (country == "" || country == z.country) {
			return "+" + z.country + nine, true
		}
	}
	return "", false
}

// Mobile reports whether a number that Number returned takes texts.
func Mobile(number string) bool {
	for _, z := range zones {
		if strings.HasPrefix(number, "+"+z.country+z.prefix) {
			return z.mobile
		}
	}
	return false
}
