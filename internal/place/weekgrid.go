package place

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/place/openinghours"
)

// GridSpans is how many times a day a Grid can hold: the morning and the afternoon.
const GridSpans = 2

// GridSpan is one time of a day as somebody typed it: "9h", "12h30"; both empty when the place is closed.
type GridSpan struct{ From, To string }

// Grid is the hours of a usual week as a form asks them, from Monday on.
type Grid struct {
	Days           [7][GridSpans]GridSpan
	HolidaysClosed bool // closed on public holidays
}

// GridFault is what cannot be in a Grid: a time that cannot be read, an end without a beginning, an end before it.
type GridFault struct {
	Day, Span int
	Kind      string // "time", "half", "order", "overlap"
}

// gridDays are the days in the syntax of opening hours.
var gridDays = [7]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

// CopyMonday gives every other weekday, up to Friday, the times of Monday.
func (g Grid) CopyMonday() Grid {
	for day := 1; day < 5; day++ {
		g.Days[day] = g.Days[0]
	}
	return g
}

// Hours writes the grid in the syntax of opening hours ("Mo-Fr 09:00-12:00,14:00-17:00; PH off"), "" for a grid that says
// nothing. Where something cannot be, it says what, and no hours.
func (g Grid) Hours() (string, []GridFault) {
	var faults []GridFault
	var days [7]string
	for day := range g.Days {
		text, wrong := gridDay(g.Days[day])
		for _, f := range wrong {
			f.Day = day
			faults = append(faults, f)
		}
		days[day] = text
	}
	if faults != nil {
		return "", faults
	}
	rules := gridRules(days)
	if len(rules) > 0 && g.HolidaysClosed {
		rules = append(rules, "PH off")
	}
	return strings.Join(rules, "; "), nil
}

// gridRules writes days that follow each other and are alike as one rule.
func gridRules(days [7]string) []string {
	var rules []string
	for day := 0; day < 7; {
		end := day
		for end+1 < 7 && days[end+1] == days[day] {
			end++
		}
		switch {
		case days[day] == "":
		case end == day:
			rules = append(rules, gridDays[day]+" "+days[day])
		default:
			rules = append(rules, gridDays[day]+"-"+gridDays[end]+" "+days[day])
		}
		day = end + 1
	}
	return rules
}

func gridDay(spans [GridSpans]GridSpan) (string, []GridFault) {
	var faults []GridFault
	var out []string
	last := -1
	for i, s := range spans {
		from, to := strings.TrimSpace(s.From), strings.TrimSpace(s.To)
		if from == "" && to == "" {
			continue
		}
		start, ok := typedTime(from)
		end, okEnd := typedTime(to)
		switch {
		case from == "" || to == "":
			faults = append(faults, GridFault{Span: i, Kind: "half"})
		case !ok || !okEnd:
			faults = append(faults, GridFault{Span: i, Kind: "time"})
		case end <= start:
			faults = append(faults, GridFault{Span: i, Kind: "order"})
		case start <= last:
			faults = append(faults, GridFault{Span: i, Kind: "overlap"})
		default:
			last = end
			out = append(out, fmt.Sprintf("%02d:%02d-%02d:%02d", start/60, start%60, end/60, end%60))
		}
	}
	return strings.Join(out, ","), faults
}

var timeForm = regexp.MustCompile(`^(\d{1,2})(?:[h:.]|heures?)?([0-5]\d)?(?:min)?$`)

// typedTime reads a time of day as people write it: "9h", "9 h 30", "09:30", "9.30", "9", "0930", "midi". It returns
// minutes from midnight, 24 h included.
func typedTime(text string) (minutes int, ok bool) {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	if text == "midi" {
		return 12 * 60, true
	}
	m := timeForm.FindStringSubmatch(text)
	if m == nil || len(text) == 3 && strings.Trim(text, "0123456789") == "" { // "930" is 9 h 30, or 93 h 0
		return 0, false
	}
	h, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, false
	}
	minutes = h * 60
	if m[2] != "" {
		more, err := strconv.Atoi(m[2])
		if err != nil {
			return 0, false
		}
		minutes += more
	}
	return minutes, minutes <= 24*60
}

// gridWeek is a week without a public holiday anywhere, its Monday first: a grid is read from what hours say of it.
var gridWeek = openinghours.Date{Year: 2026, Month: 6, Day: 8}

// GridOf is the grid that means exactly what hours say. ok is false for hours that a grid cannot hold (every other week,
// by appointment, three times a day) or that cannot be read; none at all are an empty grid.
func GridOf(hours string) (g Grid, ok bool) {
	if strings.TrimSpace(hours) == "" {
		return g, true
	}
	read, err := openinghours.Parse(hours)
	if err != nil {
		return g, false
	}
	where := openinghours.Place{Zone: openinghours.ZoneOf("17")}
	for day, d := range read.Week(where, gridWeek) {
		if len(d.Spans) > GridSpans {
			return Grid{}, false
		}
		for i, s := range d.Spans {
			if s.State != openinghours.Open || s.Comment != "" || s.End > 24*60 {
				return Grid{}, false
			}
			g.Days[day][gridSlot(i, len(d.Spans), s.Start)] = GridSpan{gridTime(s.Start), gridTime(s.End)}
		}
	}
	for _, closed := range []bool{true, false} {
		g.HolidaysClosed = closed
		if text, faults := g.Hours(); faults == nil && sameHours(text, read) {
			return g, true
		}
	}
	return Grid{}, false
}

// gridSlot is where a time of the day stands: a single one that begins after noon is the afternoon.
func gridSlot(i, of, start int) int {
	if of == 1 && start >= 12*60 {
		return 1
	}
	return i
}

func gridTime(minutes int) string {
	if minutes%60 == 0 {
		return strconv.Itoa(minutes/60) + "h"
	}
	return fmt.Sprintf("%dh%02d", minutes/60, minutes%60)
}

// sameHours reports whether a text of the grid is what was read, however that was written: their canonical forms are
// alike, or those of the same rules in the order of the grid.
func sameHours(text string, read *openinghours.Hours) bool {
	h, err := openinghours.Parse(text)
	if err != nil {
		return false
	}
	if h.String() == read.String() {
		return true
	}
	return slices.Equal(openinghours.Spoken(h), openinghours.Spoken(read))
}

// ReadHours reads opening hours as people write them, in words or in the syntax, and returns them in the syntax. Lines and
// semicolons part the days: "du lundi au vendredi 9h-12h et 14h-17h". ok is false where something cannot be read for sure:
// nothing is guessed.
func ReadHours(text string) (hours string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > openinghours.MaxLength {
		return "", false
	}
	if h, err := openinghours.Parse(text); err == nil {
		return h.String(), true
	}
	var rules []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' }) {
		if line = strings.Trim(line, " \t.,"); line == "" {
			continue
		}
		rule, ok := frenchRule(line)
		if !ok {
			return "", false
		}
		rules = addRule(rules, rule)
	}
	h, err := openinghours.Parse(strings.Join(rules, "; "))
	if err != nil || len(rules) == 0 {
		return "", false
	}
	return h.String(), true
}

// addRule adds a rule of days and times. The same days said twice, a line for the morning and one for the afternoon, have
// both; other days that were said before are said anew.
func addRule(rules []string, rule string) []string {
	if n := len(rules); n > 0 {
		days, times, _ := strings.Cut(rule, " ")
		before, _, _ := strings.Cut(rules[n-1], " ")
		if days == before && times != "off" && !strings.HasSuffix(rules[n-1], "off") {
			rules[n-1] += "," + times
			return rules
		}
	}
	return append(rules, rule)
}

var (
	frenchDay  = `(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?`
	daysForm   = regexp.MustCompile(`^(?:le |les |du |de |tous les )?` + frenchDay + `(?: (?:au|a|à|-|–) (?:le )?` + frenchDay + `)?((?:(?:,| et| ou) (?:le |les )?` + frenchDay + `)*)\b[ :,]*(.*)$`)
	moreDays   = regexp.MustCompile(frenchDay)
	dayNumbers = map[string]int{"lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5, "dimanche": 6}
	// timesForm is all that may stand beside times: anything else would be lost.
	timesForm = regexp.MustCompile(`^(?:\d|[h:.,/–-]|heures?|min|midi|de|des|a|à|au|et|puis|jusqu'a|jusqu'à|le|la|matin|apres-midi|après-midi|ouvert|\s)+$`)
)

// frenchRule reads one line of days and times.
func frenchRule(line string) (string, bool) {
	line = strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("’", "'", "\u00a0", " ", "\u202f", " ").Replace(line)), " "))
	if line == "fermé les jours fériés" || line == "ferme les jours feries" {
		return "PH off", true
	}
	m := daysForm.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	days := gridDays[dayNumbers[m[1]]]
	if m[2] != "" {
		days += "-" + gridDays[dayNumbers[m[2]]]
	}
	for _, one := range moreDays.FindAllStringSubmatch(m[3], -1) {
		days += "," + gridDays[dayNumbers[one[1]]]
	}
	rest := strings.TrimSpace(m[5])
	if rest == "fermé" || rest == "ferme" {
		return days + " off", true
	}
	if !timesForm.MatchString(rest) {
		return "", false
	}
	spans, ok := openinghours.ParseFrench(strings.ReplaceAll(rest, "midi", "12h"))
	if !ok || strings.Count(spans, "-")*2 != len(numberForm.FindAllString(strings.ReplaceAll(rest, "midi", "12h"), -1)) {
		return "", false
	}
	return days + " " + spans, true
}

// numberForm is one time; as many must have been read as were written.
var numberForm = regexp.MustCompile(`\d{1,2}(?:\s?(?:h|:|\.|heures?)\s?\d{2}|\s?h|\s?heures?)?`)
