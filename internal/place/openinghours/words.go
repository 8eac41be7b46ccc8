package openinghours

// wordKind says what a word of the syntax is.
type wordKind uint8

const (
	noWord wordKind = iota
	wordDay
	wordPublicHoliday
	wordSchoolHoliday
	wordMonth
	wordEaster
	wordWeek
	wordEvent
	wordModifier
	wordDays    // "day", "days" after an offset
	wordHour    // "h" after a number
	wordArticle // "le" before a day
)

type word struct {
	kind  wordKind
	value uint8
}

// words are the words read, in lower case. The short forms are those of the syntax; full names are read
// in English and French as well, because people type them and they cannot mean anything else. Short
// French names are left out: "mar" is a Tuesday and a March, "sa" and "di" belong to other languages too.
var words = map[string]word{
	"mo": {wordDay, 0}, "mon": {wordDay, 0}, "monday": {wordDay, 0}, "lundi": {wordDay, 0},
	"tu": {wordDay, 1}, "tue": {wordDay, 1}, "tuesday": {wordDay, 1}, "mardi": {wordDay, 1},
	"we": {wordDay, 2}, "wed": {wordDay, 2}, "wednesday": {wordDay, 2}, "mercredi": {wordDay, 2},
	"th": {wordDay, 3}, "thu": {wordDay, 3}, "thursday": {wordDay, 3}, "jeudi": {wordDay, 3},
	"fr": {wordDay, 4}, "fri": {wordDay, 4}, "friday": {wordDay, 4}, "vendredi": {wordDay, 4},
	"sa": {wordDay, 5}, "sat": {wordDay, 5}, "saturday": {wordDay, 5}, "samedi": {wordDay, 5},
	"su": {wordDay, 6}, "sun": {wordDay, 6}, "sunday": {wordDay, 6}, "dimanche": {wordDay, 6},

	"jan": {wordMonth, 1}, "january": {wordMonth, 1}, "janvier": {wordMonth, 1},
	"feb": {wordMonth, 2}, "february": {wordMonth, 2}, "février": {wordMonth, 2},
	"mar": {wordMonth, 3}, "march": {wordMonth, 3}, "mars": {wordMonth, 3},
	"apr": {wordMonth, 4}, "april": {wordMonth, 4}, "avril": {wordMonth, 4},
	"may": {wordMonth, 5}, "mai": {wordMonth, 5},
	"jun": {wordMonth, 6}, "june": {wordMonth, 6}, "juin": {wordMonth, 6},
	"jul": {wordMonth, 7}, "july": {wordMonth, 7}, "juillet": {wordMonth, 7},
	"aug": {wordMonth, 8}, "august": {wordMonth, 8}, "août": {wordMonth, 8}, "aout": {wordMonth, 8},
	"sep": {wordMonth, 9}, "september": {wordMonth, 9}, "septembre": {wordMonth, 9},
	"oct": {wordMonth, 10}, "october": {wordMonth, 10}, "octobre": {wordMonth, 10},
	"nov": {wordMonth, 11}, "november": {wordMonth, 11}, "novembre": {wordMonth, 11},
	"dec": {wordMonth, 12}, "december": {wordMonth, 12}, "décembre": {wordMonth, 12},

	"ph": {wordPublicHoliday, 0}, "sh": {wordSchoolHoliday, 0},
	"week": {wordWeek, 0}, "easter": {wordEaster, 0},
	"day": {wordDays, 0}, "days": {wordDays, 0}, "h": {wordHour, 0}, "le": {wordArticle, 0},
	"dawn": {wordEvent, uint8(dawn)}, "sunrise": {wordEvent, uint8(sunrise)},
	"sunset": {wordEvent, uint8(sunset)}, "dusk": {wordEvent, uint8(dusk)},
	"open": {wordModifier, uint8(modOpen)}, "unknown": {wordModifier, uint8(modUnknown)},
	"closed": {wordModifier, uint8(modClosed)}, "off": {wordModifier, uint8(modOff)},
}

const longestWord = 12

var (
	dayNames      = [...]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}
	monthNames    = [...]string{"easter", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	eventNames    = [...]string{clock: "", dawn: "dawn", sunrise: "sunrise", sunset: "sunset", dusk: "dusk"}
	modifierNames = [...]string{modNone: "", modOpen: "open", modUnknown: "unknown", modClosed: "closed", modOff: "off"}
)

// shortWords are the words of two letters, those of the syntax, by their letters: nearly every word of a census is one.
var shortWords = func() (short [26][26]word) {
	for text, w := range words {
		if len(text) == 2 && ascii(text[0]) && ascii(text[1]) {
			short[text[0]-'a'][text[1]-'a'] = w
		}
	}
	return short
}()
