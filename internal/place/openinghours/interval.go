package openinghours

import (
	"slices"
	"time"
)

// Interval is a stretch of time in one state, from Start up to but not including End.
type Interval struct {
	Start, End time.Time
	State      State
	Comment    string
}

// Intervals returns the times between from and to at which the place is open or may be (Unknown), in
// order, clipped to [from, to), in the zone of the place. Neighbours with the same state and comment are
// one interval. The cost grows with the number of days.
func (h *Hours) Intervals(p Place, from, to time.Time) []Interval {
	if !from.Before(to) {
		return nil
	}
	zone := p.zone()
	first := DateOf(from.In(zone))
	day, last := first.dayNumber(), DateOf(to.In(zone)).dayNumber()
	paint := painters.Get().(*painter)
	defer painters.Put(paint)
	paint.start(h, p, day)
	list := paint.found[:0]
	for clock := newDayClock(first, zone); day <= last; day++ {
		segs := paint.paint()
		for i := range segs {
			if segs[i].state != Closed {
				list = appendInterval(list, &segs[i], &clock, from, to)
			}
		}
		paint.advance()
		clock = clock.next(paint.cur.date)
	}
	paint.found = list
	return slices.Clone(list)
}

func appendInterval(list []Interval, s *segment, clock *dayClock, from, to time.Time) []Interval {
	start, end := time.Unix(clock.at(s.from), 0).In(clock.zone), time.Unix(clock.at(s.to), 0).In(clock.zone)
	if start.Before(from) {
		start = from.In(clock.zone)
	}
	if end.After(to) {
		end = to.In(clock.zone)
	}
	if !start.Before(end) {
		return list
	}
	if n := len(list); n > 0 {
		if last := &list[n-1]; last.State == s.state && last.Comment == s.comment && last.End.Equal(start) {
			last.End = end
			return list
		}
	}
	return append(list, Interval{start, end, s.state, s.comment})
}

// At returns the state of the place at t.
func (h *Hours) At(p Place, t time.Time) State {
	paint := painters.Get().(*painter)
	defer painters.Put(paint)
	state, _ := h.at(paint, p, t)
	return state.state
}

// at returns the stretch that t lies in and the clock of its day; a stretch of length zero when t is closed without a reason.
func (h *Hours) at(paint *painter, p Place, t time.Time) (segment, dayClock) {
	zone := p.zone()
	date := DateOf(t.In(zone))
	clock := newDayClock(date, zone)
	paint.start(h, p, date.dayNumber())
	now := t.Unix()
	for _, s := range paint.paint() {
		if clock.at(s.from) <= now && now < clock.at(s.to) {
			return s, clock
		}
	}
	return segment{state: Closed}, clock
}
