package openinghours

import "time"

// joint says how a rule adds to those before it.
type joint uint8

const (
	replaces  joint = iota // ";"
	adds                   // ","
	fallsBack              // "||"
)

// modifier is the state word of a rule as it was written: off and closed mean the same and are kept apart for String.
type modifier uint8

const (
	modNone modifier = iota
	modOpen
	modUnknown
	modClosed
	modOff
)

// rule is one rule of a value. All the selectors given must match for the rule to match a day.
type rule struct {
	joint      joint
	modifier   modifier
	always     bool // 24/7
	clears     bool // replaces what was said before of the days it matches
	overnight  bool // a span runs past midnight
	mask       uint8
	plain      bool // days holds plain weekdays only: mask says it all
	hasComment bool
	state      State
	comment    string
	days       []daySelector // or-list
	spans      []span        // empty: the whole day
	groups     []group       // how days and spans are written, if not all days before all spans
	wide       *wideSelectors
}

// wideSelectors are the selectors that few rules have.
type wideSelectors struct {
	years    []numberRange
	dates    []dateRange
	weeks    []numberRange
	holidays []daySelector // and-ed with days: "SH Mo-Fr"
}

// numberRange is a range of years or of weeks; to is 0 for a single number, -1 for no end; step is 0 for every one.
type numberRange struct{ from, to, step int16 }

type dayKind uint8

const (
	weekday dayKind = iota
	publicHoliday
	schoolHoliday
)

// daySelector is one item of a list of days. Weekdays count from Monday = 0 as the syntax does.
type daySelector struct {
	kind     dayKind
	from, to uint8
	offset   int16      // days: "PH -1 day" is the day before
	nth      []nthRange // of the month; only on a single weekday
}

// nthRange is a range of ranks in the month, both positive or both negative (-1 is the last).
type nthRange struct{ from, to int8 }

// span is a range of times in minutes since midnight.
type span struct {
	from, to  timePoint
	point     bool // no end was written: "14:00+"
	openEnd   bool
	end       int16 // minutes since the midnight before from, over 1440 on the next day
	openUntil int16 // guessed end of the open end
}

type event uint8

const (
	clock event = iota
	dawn
	sunrise
	sunset
	dusk
)

// eventMinutes are the times that the events stand for.
var eventMinutes = [...]int16{clock: 0, dawn: 330, sunrise: 360, sunset: 1080, dusk: 1110}

// timePoint is a time as written: minutes of the clock, or minutes after an event.
type timePoint struct {
	minutes int16
	event   event
}

func (t timePoint) resolve() int16 { return eventMinutes[t.event] + t.minutes }

const dayMinutes = 24 * 60

// dateless reports whether the rule matches every day.
func (r *rule) dateless() bool { return r.wide == nil && len(r.days) == 0 }

// dayContext is a day that rules are matched against.
type dayContext struct {
	n        int // day number
	date     Date
	weekday  uint8 // Monday = 0
	holidays Holidays
}

func newDayContext(n int, holidays Holidays) dayContext {
	return dayContext{n: n, date: dateOfNumber(n), weekday: mondayFirst(n), holidays: holidays}
}

func (c *dayContext) next() dayContext {
	d := c.date
	if d.Day < 28 {
		d.Day++
	} else {
		d = dateOfNumber(c.n + 1)
	}
	return dayContext{n: c.n + 1, date: d, weekday: (c.weekday + 1) % 7, holidays: c.holidays}
}

func mondayFirst(n int) uint8 { return uint8((int(weekdayOf(n)) + 6) % 7) }

// matches reports whether the rule applies to the day, and the name of the public holiday by which it does.
func (r *rule) matches(c *dayContext) (ok bool, holiday string) {
	if r.plain {
		if r.mask>>c.weekday&1 == 0 {
			return false, ""
		}
	} else if len(r.days) > 0 {
		if ok, holiday = matchDays(r.days, c); !ok {
			return false, ""
		}
	}
	if r.wide == nil {
		return true, holiday
	}
	w := r.wide
	if len(w.years) > 0 && !matchNumbers(w.years, c.date.Year) ||
		len(w.dates) > 0 && !matchDates(w.dates, c) {
		return false, ""
	}
	if len(w.weeks) > 0 {
		if _, week := isoWeek(c.n); !matchNumbers(w.weeks, week) {
			return false, ""
		}
	}
	if len(w.holidays) > 0 {
		ok, name := matchDays(w.holidays, c)
		if !ok {
			return false, ""
		}
		holiday = name
	}
	return true, holiday
}

// matchDays goes on after a weekday matched: a holiday that matches too gives its name.
func matchDays(list []daySelector, c *dayContext) (matched bool, holiday string) {
	for i := range list {
		s := &list[i]
		if matched && s.kind != publicHoliday || !s.matches(c) {
			continue
		}
		matched = true
		if s.kind == publicHoliday && s.offset == 0 { // the eve of a holiday does not bear its name
			return true, holidayName(c.holidays, c.date)
		}
	}
	return matched, ""
}

func holidayName(h Holidays, d Date) string {
	if named, ok := h.(interface{ Name(Date) (string, bool) }); ok {
		name, _ := named.Name(d)
		return name
	}
	return ""
}

func (d *daySelector) matches(c *dayContext) bool {
	date, wday := c.date, c.weekday
	if d.offset != 0 {
		n := c.n - int(d.offset)
		date, wday = dateOfNumber(n), mondayFirst(n)
	}
	switch d.kind {
	case publicHoliday:
		return c.holidays != nil && c.holidays.Public(date)
	case schoolHoliday:
		return c.holidays != nil && c.holidays.School(date)
	}
	if d.from <= d.to && (wday < d.from || wday > d.to) || d.from > d.to && wday < d.from && wday > d.to {
		return false
	}
	return len(d.nth) == 0 || matchNth(d.nth, date)
}

func matchNth(list []nthRange, d Date) bool {
	rank := int8((d.Day-1)/7 + 1)
	fromEnd := -int8((daysIn(d.Year, d.Month)-d.Day)/7 + 1)
	for _, r := range list {
		if r.from <= rank && rank <= r.to || r.from <= fromEnd && fromEnd <= r.to {
			return true
		}
	}
	return false
}

func matchNumbers(list []numberRange, v int) bool {
	for _, r := range list {
		if r.contains(v) {
			return true
		}
	}
	return false
}

func (r numberRange) contains(v int) bool {
	from, to := int(r.from), int(r.to)
	switch {
	case to == 0:
		return v == from
	case to > 0 && to < from: // weeks over the new year: 50-02
		return v >= from || v <= to
	case v < from || to > 0 && v > to:
		return false
	}
	return r.step == 0 || (v-from)%int(r.step) == 0
}

// datePoint is one end of a date range. month 0 is Easter Sunday; day 0 a whole month; year 0 every year.
type datePoint struct {
	year    int16
	month   uint8
	day     uint8
	weekday uint8 // with nth: the nth weekday of the month
	nth     int8
	offset  int16
}

// dateRange is a range of dates, a month, a range of months or a single day.
type dateRange struct {
	from, to datePoint
	single   bool
	onwards  bool // "Mar 01+": to the end of the year, or for ever when the year is given
	short    bool // the month of to was not written: "May 04-08"
	sibling  bool // the month of from was not written: "Dec 24,26"
}

func matchDates(list []dateRange, c *dayContext) bool {
	for i := range list {
		if list[i].contains(c.date) {
			return true
		}
	}
	return false
}

// dateKey orders dates, and also the days that a given year lacks (29 February).
func dateKey(year, month, day int) int { return year<<9 | month<<5 | day }

func (r *dateRange) contains(d Date) bool {
	key := dateKey(d.Year, int(d.Month), d.Day)
	if r.from.year != 0 {
		return r.containsFrom(int(r.from.year), key)
	}
	// A range of last year may reach into this one, and an offset may carry a day back over the new year.
	return r.containsFrom(d.Year, key) || r.containsFrom(d.Year-1, key) || r.from.offset < 0 && r.containsFrom(d.Year+1, key)
}

// containsFrom reports whether the range that starts in year contains the date.
func (r *dateRange) containsFrom(year, key int) bool {
	start := r.from.key(year, false)
	if key < start {
		return false
	}
	switch {
	case r.single:
		return key <= r.from.key(year, true)
	case r.onwards:
		return r.from.year != 0 || key <= dateKey(year, 12, 31)
	case r.to.year != 0:
		return key <= r.to.key(int(r.to.year), true)
	}
	end := r.to.key(year, true)
	if end < start {
		end = r.to.key(year+1, true)
	}
	return key <= end
}

// key gives the first or the last day of the point in a year.
func (p datePoint) key(year int, last bool) int {
	day := int(p.day)
	if p.month != 0 && p.nth == 0 && p.offset == 0 {
		if day == 0 {
			day = 1
			if last {
				day = 31
			}
		}
		return dateKey(year, int(p.month), day)
	}
	d := p.date(year).AddDays(int(p.offset))
	return dateKey(d.Year, int(d.Month), d.Day)
}

func (p datePoint) date(year int) Date {
	switch {
	case p.month == 0:
		return easter(year)
	case p.nth > 0:
		first := Date{year, time.Month(p.month), 1}
		toDay := (int(p.weekday) - int(mondayFirst(first.dayNumber())) + 7) % 7
		return first.AddDays(toDay + 7*(int(p.nth)-1))
	case p.nth < 0:
		last := Date{year, time.Month(p.month), daysIn(year, time.Month(p.month))}
		back := (int(mondayFirst(last.dayNumber())) - int(p.weekday) + 7) % 7
		return last.AddDays(-back + 7*(int(p.nth)+1))
	}
	return Date{year, time.Month(p.month), int(p.day)}
}
