package contact

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	instant = regexp.MustCompile(`^(?:\d{10}|\d{13})$`)
	clock   = `(?:(?:T| à | )(\d{1,2})[:hH](\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)? ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$`
	yearly  = regexp.MustCompile(`^(\d{4})([-/])(\d{1,2})[-/](\d{1,2})` + clock)
	daily   = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})` + clock)
)

// earliest is the first year of a date that may be true; files write 0001-01-01 and 0023-04-05 for want of a better.
const earliest = 1900

// Date returns the civil date of raw as YYYY-MM-DD.
//
// It reads YYYY-MM-DD and DD/MM/YYYY, alone or followed by a time, and Unix timestamps of ten digits (seconds) or
// thirteen (milliseconds). A time with an offset, like a timestamp, is an instant: its date is the one in Europe/Paris.
// A time without offset is a local one and leaves the date as written.
//
// An empty text and 1970-01-01, which files write for a date that nobody knows, return "", true. What is no date, a
// day or a time that does not exist and years before 1900 return "", false. Dates to come are not refused: that needs
// a clock.
func Date(raw string) (iso string, ok bool) {
	s := oneLine(raw)
	if s == "" {
		return "", true
	}
	var t time.Time
	if instant.MatchString(s) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return "", false
		}
		if len(s) == 10 {
			n *= 1000
		}
		t = inParis(time.UnixMilli(n))
	} else if t, ok = inFigures(s); !ok {
		return "", false
	}
	if t.Year() < earliest || t.Year() > 9999 {
		return "", false
	}
	if iso = t.Format(time.DateOnly); iso == "1970-01-01" {
		iso = ""
	}
	return iso, true
}

// inFigures reads a date in figures, the year or the day first.
func inFigures(s string) (time.Time, bool) {
	m := yearly.FindStringSubmatch(s)
	if m == nil {
		if m = daily.FindStringSubmatch(s); m == nil {
			return time.Time{}, false
		}
		m[1], m[4] = m[4], m[1]
	}
	year, month, day := figure(m[1]), figure(m[3]), figure(m[4])
	hour, minute, second := figure(m[5]), figure(m[6]), figure(m[7])
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	if m[8] == "" {
		return t, true
	}
	east, ok := offset(m[8])
	return inParis(t.Add(-east)), ok
}

// figure reads digits that the pattern has counted; none are zero.
func figure(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// offset reads Z, +02, +0200 or +02:00.
func offset(s string) (time.Duration, bool) {
	if s[0] != '+' && s[0] != '-' {
		return 0, true
	}
	digits := strings.Replace(s[1:], ":", "", 1)
	hours, minutes := figure(digits[:2]), figure(digits[2:])
	east := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		east = -east
	}
	return east, hours <= 14 && minutes <= 59 // no place on Earth is further from UTC
}

// inParis returns the wall clock of Paris at t, labelled as UTC. The rule is that of directive 2000/84/EC (summer time
// from the last Sunday of March to the last of October, at 01:00 UTC) and of those before it since 1981 (to the last
// Sunday of September until 1995). It stands here rather than in the zone files, which a bare machine may not have.
func inParis(t time.Time) time.Time {
	t = t.UTC()
	end := time.October
	if t.Year() < 1996 {
		end = time.September
	}
	east := time.Hour
	if t.Year() >= 1981 && !t.Before(lastSunday(t.Year(), time.March)) && t.Before(lastSunday(t.Year(), end)) {
		east = 2 * time.Hour
	}
	return t.Add(east)
}

// lastSunday is the last Sunday of the month, at 01:00 UTC.
func lastSunday(year int, month time.Month) time.Time {
	last := time.Date(year, month+1, 0, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday()))
}
