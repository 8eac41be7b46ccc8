package retention

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/platform/fault"
)

// Unit is what a Term counts in.
type Unit string

// The units.
const (
	Day   Unit = "day"
	Month Unit = "month"
	Year  Unit = "year"
)

// Term is how long something is kept, counted in civil days as French law counts: a term in months or years ends on the
// day of the same number, or on the last day of a month that has none (code de procédure civile, art. 641), and its last
// day counts whole (art. 642). The zero Term is none.
type Term struct {
	Amount int
	Unit   Unit
}

// Days is a term of n days.
func Days(n int) Term { return Term{n, Day} }

// Months is a term of n months.
func Months(n int) Term { return Term{n, Month} }

// Years is a term of n years.
func Years(n int) Term { return Term{n, Year} }

// String is the term as files and addresses carry it, in the form of ISO 8601: "P2Y", "P6M", "P30D".
func (t Term) String() string {
	letters := map[Unit]string{Day: "D", Month: "M", Year: "Y"}
	return "P" + strconv.Itoa(t.Amount) + letters[t.Unit]
}

// French is the term as people read it: "2 ans", "6 mois", "30 jours".
func (t Term) French() string {
	words := map[Unit][2]string{Day: {"jour", "jours"}, Month: {"mois", "mois"}, Year: {"an", "ans"}}
	word := words[t.Unit][min(max(t.Amount-1, 0), 1)]
	return fmt.Sprintf("%d %s", t.Amount, word)
}

var (
	isoTerm    = regexp.MustCompile(`^P(\d{1,5})([DMY])$`)
	frenchTerm = regexp.MustCompile(`^(\d{1,5}) ?(j|jours?|m|mois|a|ans?)$`)
)

// termMost is the longest term: beyond it a slip of the keyboard is likelier than a law.
const termMost = 100

// ParseTerm reads a term as String or French write it, "2a", "6m" and "30j" too. It reports fault.Invalid for any other
// text, a term of nothing and one of more than a hundred years.
func ParseTerm(text string) (Term, error) {
	text = strings.TrimSpace(text)
	m := isoTerm.FindStringSubmatch(text)
	if m == nil {
		m = frenchTerm.FindStringSubmatch(strings.ToLower(text))
	}
	if m == nil {
		return Term{}, fault.New(fault.Invalid, "retention.bad_term")
	}
	n, _ := strconv.Atoi(m[1]) // five digits at most
	t := Term{n, map[byte]Unit{'D': Day, 'j': Day, 'M': Month, 'm': Month, 'Y': Year, 'a': Year}[m[2][0]]}
	if n == 0 || t.longerThan(Years(termMost)) {
		return Term{}, fault.New(fault.Invalid, "retention.bad_term")
	}
	return t, nil
}

// valid reports whether t is a term that a rule may have.
func (t Term) valid() bool {
	return t.Amount > 0 && (t.Unit == Day || t.Unit == Month || t.Unit == Year)
}

// longerThan compares two terms from the same day on, one that leap years and short months do not favour.
func (t Term) longerThan(u Term) bool {
	day := date{2001, time.January, 1}
	return u.end(day).before(t.end(day))
}

// date is a civil day.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time, zone *time.Location) date {
	y, m, d := t.In(zone).Date()
	return date{y, m, d}
}

func parseDate(text string) (date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return date{}, err
	}
	return dateOf(t, time.UTC), nil
}

func (d date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day) }

func (d date) before(e date) bool {
	return d.year < e.year || d.year == e.year && (d.month < e.month || d.month == e.month && d.day < e.day)
}

// start is the first instant of the day in a zone.
func (d date) start(zone *time.Location) time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, zone)
}

func (d date) addDays(n int) date {
	return dateOf(time.Date(d.year, d.month, d.day+n, 0, 0, 0, 0, time.UTC), time.UTC)
}

// addMonths is the day of the same number n months later, or the last day of a month that has none.
func (d date) addMonths(n int) date {
	first := time.Date(d.year, d.month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return date{first.Year(), first.Month(), min(d.day, last)}
}

// end is the last day of a term that began on a day.
func (t Term) end(day date) date { return t.shift(day, 1) }

func (t Term) shift(day date, sign int) date {
	switch t.Unit {
	case Month:
		return day.addMonths(sign * t.Amount)
	case Year:
		return day.addMonths(sign * 12 * t.Amount)
	}
	return day.addDays(sign * t.Amount)
}

// cutoff is the first day that is still kept today: whatever began before it has had its whole term. It is found by
// trying, since adding and taking away months do not undo each other at the ends of months.
func (t Term) cutoff(today date) date {
	day := t.shift(today, -1).addDays(-3) // three: 28 February may be the end of terms from the 28th to the 31st
	for t.end(day).before(today) {
		day = day.addDays(1)
	}
	return day
}

// EraseOn is the first day on which what began at an instant is no longer kept, in a zone.
func (t Term) EraseOn(since time.Time, zone *time.Location) time.Time {
	return t.end(dateOf(since, zone)).addDays(1).start(zone)
}
