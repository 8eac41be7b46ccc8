package openinghours

import "time"

// dayClock turns minutes of a civil day into instants, in seconds since 1970.
type dayClock struct {
	date     Date
	zone     *time.Location
	midnight int64
	length   int64 // seconds; 86400 on all days but those of a clock change
}

func newDayClock(d Date, zone *time.Location) dayClock {
	return clockFrom(d, zone, d.In(zone).Unix())
}

func clockFrom(d Date, zone *time.Location, midnight int64) dayClock {
	return dayClock{date: d, zone: zone, midnight: midnight, length: Date{d.Year, d.Month, d.Day + 1}.In(zone).Unix() - midnight}
}

// next is the clock of the day after, whose date is d.
func (c *dayClock) next(d Date) dayClock { return clockFrom(d, c.zone, c.midnight+c.length) }

// at returns the instant of a minute of the day, 0 to 1440.
func (c *dayClock) at(minute int16) int64 {
	switch {
	case c.length == 86400:
		return c.midnight + int64(minute)*60
	case minute == dayMinutes:
		return c.midnight + c.length
	}
	return wallClock(c.date, int(minute), c.zone).Unix()
}

// wallClock is time.Date with the choice made that time.Date leaves open: a time skipped by the change
// of the clock is the instant of the change, a time that happens twice is the first one.
func wallClock(d Date, minute int, zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, zone)
	from, to := t.ZoneBounds()
	if got := t.Hour()*60 + t.Minute(); got != minute {
		if got > minute {
			return from
		}
		return to
	}
	if from.IsZero() {
		return t
	}
	_, before := from.Add(-time.Second).Zone()
	_, now := t.Zone()
	if earlier := t.Add(time.Duration(now-before) * time.Second); before > now && earlier.Before(from) {
		return earlier
	}
	return t
}
