package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/ui"
)

// The team types dates and hours in one box each, as people write them.

var (
	frenchDay = regexp.MustCompile(`^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$`)
	isoDay    = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	clockForm = regexp.MustCompile(`^(\d{1,2})(?:[h:.]|heures?)([0-5]\d)?(?:min)?$|^(\d{1,2})$`)
	isoWeek   = regexp.MustCompile(`^(\d{4})-W(\d{2})$`)
)

// readDay reads a civil date: "03/09/2026", "3.9.2026", "2026-09-03". "" is the zero date, and ok.
func readDay(text string) (d recur.Date, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return d, true
	}
	m := isoDay.FindStringSubmatch(text)
	if m == nil {
		if m = frenchDay.FindStringSubmatch(text); m == nil {
			return d, false
		}
		m[1], m[3] = m[3], m[1]
	}
	year, month, day := number(m[1]), number(m[2]), number(m[3])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return openinghours.DateOf(t), t.Day() == day && int(t.Month()) == month
}

// dayText is a civil date as one types it; "" for the zero date.
func dayText(d recur.Date) string {
	if d == (recur.Date{}) {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, d.Month, d.Year)
}

// readClock reads a time of day in minutes: "9 h 30", "9h30", "09:30", "9h", "9".
func readClock(text string) (minute int, ok bool) {
	m := clockForm.FindStringSubmatch(strings.ToLower(strings.Join(strings.Fields(text), "")))
	if m == nil {
		return 0, false
	}
	minute = number(m[1]+m[3])*60 + number(m[2])
	return minute, minute < 24*60
}

// clockText is a time of day as one types it.
func clockText(minute int) string { return fmt.Sprintf("%d h %02d", minute/60, minute%60) }

// readWeek is the Monday of a week of the year, "2026-W19".
func readWeek(text string) (monday recur.Date, ok bool) {
	m := isoWeek.FindStringSubmatch(text)
	if m == nil {
		return monday, false
	}
	year, week := number(m[1]), number(m[2])
	first := recur.Date{Year: year, Month: time.January, Day: 4}.Monday() // the fourth of January is in week 1
	monday = first.AddDays(7 * (week - 1))
	gotYear, gotWeek := monday.ISOWeek()
	return monday, gotYear == year && gotWeek == week
}

// weekWords is the week of a day: "2026-W19".
func weekWords(d recur.Date) string {
	year, week := d.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// weekAsked is the Monday of the week that a page is about: this week where none is said.
func weekAsked(p ui.Page, text string) recur.Date {
	if monday, ok := readWeek(text); ok {
		return monday
	}
	return openinghours.DateOf(p.Now()).Monday()
}

// number reads digits; what is none is 0, which every rule that counts refuses or means nothing by.
func number(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0
	}
	return n
}

// minus is a number that cannot be typed, so that what is no number is refused by the rules and not read as 0.
const minus = -1

// typedNumber reads a number that may be left out: "" is 0, what is no number is refused later.
func typedNumber(text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return minus
	}
	return n
}
