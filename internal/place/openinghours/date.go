package openinghours

import (
	"fmt"
	"time"
)

// Date is a civil date: a day on the wall calendar, without hour or zone.
// It is comparable with == when it is normal, as all dates made by this package are.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the civil date of t in the zone that t carries.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday { return weekdayOf(d.dayNumber()) }

// AddDays returns the date n days after d, or before it when n is negative.
// A date out of range (30 February) is brought back into the calendar first.
func (d Date) AddDays(n int) Date { return dateOfNumber(d.dayNumber() + n) }

// Monday returns the Monday of d's week.
func (d Date) Monday() Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.dayNumber() < e.dayNumber() }

// Sub returns the number of days from e to d.
func (d Date) Sub(e Date) int { return d.dayNumber() - e.dayNumber() }

// ISOWeek returns the year and the number, 1 to 53, of the ISO 8601 week of d.
func (d Date) ISOWeek() (year, week int) { return isoWeek(d.dayNumber()) }

// In returns the first instant of d in zone.
func (d Date) In(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// String returns d as 2026-05-04.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MarshalText writes d as 2026-05-04.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// dayNumber counts the days since 1970-01-01 in the proleptic Gregorian calendar.
// Plain arithmetic: matching a rule asks for it often, and time.Date is ten times dearer.
func (d Date) dayNumber() int {
	y, m := d.Year, int(d.Month)
	if m < 1 || m > 12 {
		y, m = y+floorDiv(m-1, 12), (m-1)-12*floorDiv(m-1, 12)+1
	}
	if m <= 2 { // the year is counted from March, so that the leap day is its last one
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	dayOfYear := (153*(m-3)+2)/5 + d.Day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// dateOfNumber is the inverse of dayNumber.
func dateOfNumber(n int) Date {
	n += 719468
	era := floorDiv(n, 146097)
	dayOfEra := n - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153
	day := dayOfYear - (153*shifted+2)/5 + 1
	month, year := shifted+3, yearOfEra+era*400
	if month > 12 {
		month -= 12
		year++
	}
	return Date{year, time.Month(month), day}
}

func weekdayOf(n int) time.Weekday { return time.Weekday(n + 4 - 7*floorDiv(n+4, 7)) }

func isoWeek(n int) (year, week int) {
	thursday := n - (int(weekdayOf(n))+6)%7 + 3 // the week belongs to the year of its Thursday
	year = dateOfNumber(thursday).Year
	first := Date{year, time.January, 1}.dayNumber()
	return year, (thursday-first)/7 + 1
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// easter returns Easter Sunday by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, ch. 8).
func easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return Date{year, time.Month(n / 31), n%31 + 1}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
