package agenda

import (
	"time"

	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
)

// Asks is what a resource asks of whoever books it: the zero value asks nothing.
type Asks struct {
	Hours    string        // opening_hours of OSM, dated exceptions included; "" is always
	Buffer   time.Duration // kept free between two bookings
	Least    time.Duration // shortest booking; 0 is any
	Most     time.Duration // longest booking; 0 is a day
	Step     time.Duration // bookings begin and end on this grid of the day; 0 is any minute
	Notice   time.Duration // how long before the start, at the latest
	Ahead    int           // days before the start, at the earliest; 0 is any
	Week     time.Duration // what one person may have of it from a Monday to a Sunday; 0 is any
	Approval bool          // somebody of the team says yes
}

// longestUse is the longest booking of a resource.
const longestUse = 24 * time.Hour

// check says what is wrong with what a resource asks, by field.
func (a Asks) check(f *fault.Error) {
	if _, err := openinghours.Parse(a.Hours); a.Hours != "" && err != nil {
		f.With("hours", "agenda.resource_hours")
	}
	for _, one := range []struct {
		field string
		d     time.Duration
		most  time.Duration
	}{
		{"buffer", a.Buffer, 4 * time.Hour}, {"least", a.Least, longestUse}, {"most", a.Most, longestUse}, {"step", a.Step, 12 * time.Hour},
		{"notice", a.Notice, 60 * 24 * time.Hour}, {"week", a.Week, 7 * 24 * time.Hour},
	} {
		if one.d < 0 || one.d > one.most || one.d%time.Minute != 0 {
			f.With(one.field, "agenda.minutes_most", "Most", int(one.most/time.Minute))
		}
	}
	if a.Most > 0 && a.Least > a.Most {
		f.With("most", "agenda.least_over_most")
	}
	if a.Ahead < 0 || a.Ahead > 366 {
		f.With("ahead", "agenda.ahead_range")
	}
}

// admits says why a stretch of time cannot be booked; nil where it can, as far as the resource alone says. Who keeps the resource is held to its
// hours and lengths, and may book late, or long before.
func (a Asks) admits(from, to, now time.Time, keeper bool, holidays openinghours.Holidays) error {
	refused := func(key string, args ...any) error {
		return fault.New(fault.Conflict, "agenda.resource_refused").With("from", key, args...)
	}
	zone := from.Location()
	most := a.Most
	if most == 0 {
		most = longestUse
	}
	switch length := to.Sub(from); {
	case length < a.Least:
		return refused("agenda.use_short", "Least", int(a.Least/time.Minute))
	case length > most:
		return refused("agenda.use_long", "Most", int(most/time.Minute))
	case a.Step > 0 && (sinceMidnight(from)%a.Step != 0 || length%a.Step != 0):
		return refused("agenda.use_grid", "Step", int(a.Step/time.Minute))
	case !keeper && from.Sub(now) < a.Notice:
		return refused("agenda.too_late")
	case !keeper && a.Ahead > 0 && from.Sub(now) > time.Duration(a.Ahead)*24*time.Hour:
		return refused("agenda.too_early")
	}
	if a.Hours == "" {
		return nil
	}
	hours, err := openinghours.Parse(a.Hours)
	if err != nil {
		return err // was checked when it was written
	}
	open := hours.Intervals(openinghours.Place{Zone: zone, Holidays: holidays}, from, to)
	if len(open) != 1 || !open[0].Start.Equal(from) || !open[0].End.Equal(to) {
		return refused("agenda.use_closed")
	}
	return nil
}

// sinceMidnight is the time of the day on the clocks of t.
func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}

// weekOf is the week, from a Monday to the next, that an instant lies in, on its own clocks.
func weekOf(t time.Time) (from, to time.Time) {
	monday := openinghours.DateOf(t).Monday()
	return monday.In(t.Location()), monday.AddDays(7).In(t.Location())
}

// meets reports whether two bookings come nearer to each other than the larger of their buffers.
func meets(aFrom, aTo, bFrom, bTo time.Time, buffer time.Duration) bool {
	return aFrom.Before(bTo.Add(buffer)) && bFrom.Before(aTo.Add(buffer))
}
