// Package recur says when the sessions of a series take place: a thin layer over rrule-go, in the words of the trade. It is
// pure: no clock, no state, no I/O.
//
// # The rule
//
// A rule is the value of an RRULE (RFC 5545, 3.3.10), of which this subset is read:
//
//	FREQ=DAILY | WEEKLY | MONTHLY | YEARLY
//	INTERVAL=1..99  COUNT=1..1000  UNTIL=20261218 or 20261218T235959Z
//	BYDAY=MO,TH  BYDAY=1MO,-1FR (monthly, yearly)  BYMONTHDAY=1..31, -1..-31  BYMONTH=1..12  BYSETPOS=-1
//	WKST=MO (what holds when nothing is said) .. SU
//
// Finer frequencies, unknown parts and parts said twice are refused. An empty rule is one session, on the first day.
//
// # Dates, then hours
//
// Rules are expanded over civil dates, so that no change of clocks disturbs them; then each date gets its hour on the wall
// clock of the zone: ten o'clock stays ten o'clock. An hour that does not exist is the instant of the change; one that
// exists twice is the first of the two. Intervals count from the anchor (Starts): a series every second week keeps its weeks
// through a year of 53.
//
// An anchor that the rule does not match is no session: RFC 5545 leaves it undefined, libraries differ, and people expect
// "tous les jeudis à partir du 1er septembre" to begin on a Thursday. A COUNT counts the dates of the rule.
//
// # Holidays
//
// On a public holiday a session is kept, left out, or moved to the next day that is neither a holiday nor a Sunday. A
// session may be held in school terms only, or in school holidays only; that is asked of the day on which it takes place.
// Where a moved session falls on a day that has one of its own, there is one.
//
// # Bounds
//
// A series spans three years at most and has 1000 sessions at most, whatever its rule says.
package recur

import (
	"embed"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
)

// Locale holds the words of this package's refusals.
//
//go:embed locale/*.json
var Locale embed.FS

// Date is a civil date.
type Date = openinghours.Date

// OnHoliday is what becomes of a session on a public holiday.
type OnHoliday string

// What becomes of it. The empty value is HolidaySkip.
const (
	HolidayKeep    OnHoliday = "keep"
	HolidaySkip    OnHoliday = "skip"
	HolidayNextDay OnHoliday = "next_day" // the next day that is neither a holiday nor a Sunday
)

// School is in which part of the school year sessions are held.
type School string

// The parts. The empty value is all of it.
const (
	SchoolAlways   School = ""
	SchoolTerm     School = "term"     // not in the school holidays
	SchoolHolidays School = "holidays" // only in them
)

// MaxSessions is how many sessions a series has at most.
const MaxSessions = 1000

// maxYears is how far a series reaches from its first day.
const maxYears = 3

// Pattern says when a series takes place.
type Pattern struct {
	Rule      string // RFC 5545, without "RRULE:"; "" is once, on Starts
	Starts    Date   // the anchor
	Until     Date   // last day included; the zero date is a year after Starts
	Minute    int    // of the day on which a session starts, 0 to 1439
	Length    int    // minutes, 1 to 1440
	Zone      *time.Location
	OnHoliday OnHoliday
	School    School
	Except    []Date // left out by hand
	Extra     []Date // added by hand, whatever holidays say
}

// Session is one date of a series.
type Session struct {
	Planned    Date // the date of the rule
	On         Date // the date after a move
	Start, End time.Time
	Moved      string // name of the public holiday that moved it, "" otherwise
}

// Dropped is a date of the rule that is no session.
type Dropped struct {
	On  Date
	Why string // in French: "Fête du Travail", "vacances scolaires"
}

// Check says what is wrong by field: rule, starts, until, minute, length. It is fault.Invalid, nil when all is well.
func (p Pattern) Check() error {
	f := fault.New(fault.Invalid, "agenda.recur.invalid")
	if p.Starts.Year < 1970 || p.Starts.Year > 2100 {
		f.With("starts", "agenda.recur.starts")
	}
	if p.Until != (Date{}) && (p.Until.Before(p.Starts) || p.Starts.AddDays(maxYears*366).Before(p.Until)) {
		f.With("until", "agenda.recur.until", "Years", maxYears)
	}
	if p.Minute < 0 || p.Minute > 1439 {
		f.With("minute", "agenda.recur.minute")
	}
	if p.Length < 1 || p.Length > 1440 {
		f.With("length", "agenda.recur.length")
	}
	if p.Zone == nil {
		f.With("starts", "agenda.recur.starts")
	}
	if _, err := Read(p.Rule); err != nil {
		f.With("rule", "agenda.recur.rule")
	}
	if f.Fields == nil && len(p.dates(MaxSessions+1)) > MaxSessions {
		f.With("rule", "agenda.recur.many", "Most", MaxSessions)
	}
	if f.Fields != nil {
		return f
	}
	return nil
}

// until is the last day of the series.
func (p Pattern) until() Date {
	if p.Until == (Date{}) {
		return p.Starts.AddDays(365)
	}
	return p.Until
}

// dates are the dates of the rule, in order, at most most. A rule that cannot be read has none.
func (p Pattern) dates(most int) []Date {
	r, err := Read(p.Rule)
	if err != nil {
		return nil
	}
	if p.Rule == "" {
		return []Date{p.Starts}
	}
	rule, err := rrule.NewRRule(p.option(r))
	if err != nil {
		return nil
	}
	if r.Count > 0 {
		most = min(most, r.Count)
	}
	var out []Date
	next := rule.Iterator()
	for t, ok := next(); ok && len(out) < most; t, ok = next() {
		d := openinghours.DateOf(t)
		d.Year -= era
		if !d.Before(p.Starts) {
			out = append(out, d)
		}
	}
	return out
}

// era is added to each year that the library sees. It looks for the next date until the year 9999, whatever UNTIL says:
// "the second of all Mondays of a week" took a second of work from 2026. The Gregorian calendar comes again after 400
// years, weekdays included, so the same search made 7600 years later is the same, and twenty times shorter.
const era = 7600

// option is the rule for the library, from the first day of the period of Starts: the library would count BYSETPOS from
// Starts on in a week that began before. What RFC 5545 takes from DTSTART is therefore said, and COUNT is counted by dates.
func (p Pattern) option(r Rule) rrule.ROption {
	o := r.option()
	o.Count = 0
	anyDay := len(r.Days)+len(r.MonthDays) == 0
	first, end := p.Starts, p.until()
	switch r.Freq {
	case Daily:
	case Weekly:
		first = first.AddDays(-(int(first.Weekday()-r.WeekStart+7) % 7))
		if anyDay {
			o.Byweekday = []rrule.Weekday{rruleDays[p.Starts.Weekday()]}
		}
	case Monthly, Yearly:
		first.Day = 1
		if anyDay {
			o.Bymonthday = []int{p.Starts.Day}
		}
		if r.Freq == Yearly {
			first.Month = time.January
			if anyDay && len(r.Months) == 0 {
				o.Bymonth = []int{int(p.Starts.Month)}
			}
		}
	}
	if r.Until != (Date{}) && r.Until.Before(end) {
		end = r.Until
	}
	first.Year, end.Year = first.Year+era, end.Year+era
	o.Dtstart, o.Until = first.In(time.UTC), end.In(time.UTC)
	return o
}

// Sessions lists every session in order, at most MaxSessions. A nil calendar has no holidays.
func (p Pattern) Sessions(c *openinghours.Calendar) []Session {
	sessions, _ := p.expand(c)
	return sessions
}

// Dropped lists the dates of the rule that holidays or the school year take away; those left out by hand are not among
// them.
func (p Pattern) Dropped(c *openinghours.Calendar) []Dropped {
	_, dropped := p.expand(c)
	return dropped
}

// Next lists the next n sessions that have not ended at an instant.
func (p Pattern) Next(c *openinghours.Calendar, from time.Time, n int) []Session {
	all := p.Sessions(c)
	all = slices.DeleteFunc(all, func(s Session) bool { return !s.End.After(from) })
	return all[:min(len(all), n)]
}

func (p Pattern) expand(c *openinghours.Calendar) ([]Session, []Dropped) {
	taken := map[Date]bool{}
	var sessions []Session
	var dropped []Dropped
	add := func(planned, on Date, moved string) {
		if !taken[on] {
			taken[on] = true
			sessions = append(sessions, p.session(planned, on, moved))
		}
	}
	planned := p.dates(MaxSessions)
	own := make(map[Date]bool, len(planned))
	for _, d := range planned {
		own[d] = true
	}
	for _, d := range planned {
		if slices.Contains(p.Except, d) {
			continue
		}
		on, moved, why := p.place(c, d)
		switch {
		case why != "":
			dropped = append(dropped, Dropped{On: d, Why: why})
		case moved == "" || !own[on]:
			add(d, on, moved)
		}
	}
	for _, d := range p.Extra {
		add(d, d, "")
	}
	slices.SortFunc(sessions, func(a, b Session) int { return a.Start.Compare(b.Start) })
	return sessions[:min(len(sessions), MaxSessions)], dropped
}

// place is the day on which a date of the rule takes place, and the holiday that moved it; or why it does not.
func (p Pattern) place(c *openinghours.Calendar, d Date) (on Date, moved, why string) {
	if c == nil {
		return d, "", ""
	}
	on = d
	if name, ok := holidayOf(c, d); ok {
		switch p.OnHoliday {
		case HolidayNextDay:
			moved = name
			for c.Public(on) || on.Weekday() == time.Sunday {
				on = on.AddDays(1)
			}
		case HolidayKeep:
		case HolidaySkip, "":
			return d, "", name
		}
	}
	switch school := c.School(on); {
	case p.School == SchoolTerm && school:
		return d, "", "vacances scolaires"
	case p.School == SchoolHolidays && !school:
		return d, "", "hors vacances scolaires"
	}
	return on, moved, ""
}

func holidayOf(c *openinghours.Calendar, d Date) (string, bool) {
	if !c.Public(d) {
		return "", false
	}
	name, ok := c.Name(d)
	if !ok || name == "" {
		name = "jour férié"
	}
	return name, true
}

// session is a date with its hour.
func (p Pattern) session(planned, on Date, moved string) Session {
	start := At(on, p.Minute, p.Zone)
	return Session{Planned: planned, On: on, Start: start, End: start.Add(time.Duration(p.Length) * time.Minute), Moved: moved}
}

// At is the instant of a minute of a civil day in a zone. A minute that does not exist is the instant of the change of
// clocks; one that exists twice is the first of the two.
func At(on Date, minute int, zone *time.Location) time.Time {
	t := time.Date(on.Year, on.Month, on.Day, 0, minute, 0, 0, zone)
	shown := openinghours.DateOf(t).Sub(on)*1440 + t.Hour()*60 + t.Minute() // also where the clocks change at midnight
	begins, ends := t.ZoneBounds()
	switch {
	case shown > minute:
		return begins // the minute was skipped, and time.Date went past the change
	case shown < minute:
		return ends // or stayed before it
	}
	if before := t.Add(-time.Hour); before.Hour() == t.Hour() && before.Minute() == t.Minute() {
		return before
	}
	return t
}

// text joins what follows as one speaks: "a", "a et b", "a, b et c".
func text(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " et " + items[len(items)-1]
}
