package openinghours

import (
	"sync"
	"time"
)

// Horizon is how many days ahead, and behind, StatusAt looks.
const Horizon = 14

// Status is what a visitor wants to know at an instant.
type Status struct {
	State   State
	Comment string    // of the rule in force, or the name of the public holiday that closes or opens the place
	Since   time.Time // start of the current state; zero when closed, or when it began before the horizon
	Until   time.Time // end of the current state; zero when closed, or when it does not end before the horizon
	// Next is the next opening after the instant, zero if there is none within the horizon: when the place
	// is closed the answer to "when does it open?", when it is open the opening after this one (after lunch).
	// Where the place is never known to be open it is the next time it may be, and NextState is Unknown.
	Next      time.Time
	NextState State // Open or Unknown; empty when Next is zero
}

// painters keeps painters from one question to the next: each has room for a day's stretches, and a list asks for many
// places at once. A painter starts afresh each time.
var painters = sync.Pool{New: func() any { return new(painter) }}

// StatusAt returns the state of the place at t, and what comes before and after.
// Until and Since look at the state only: an interval whose comment changes at midnight goes on.
func (h *Hours) StatusAt(p Place, t time.Time) Status {
	paint := painters.Get().(*painter)
	defer painters.Put(paint)
	now, clock := h.at(paint, p, t)
	s := Status{State: now.state, Comment: now.comment}
	look := lookout{zone: clock.zone, state: now.state, running: now.state != Closed, runTo: moment{clock.date, now.to}}
	for i := range paint.segs {
		if seg := &paint.segs[i]; seg.from >= now.to && (now.to > 0 || clock.at(seg.from) > t.Unix()) {
			look.see(clock.date, seg)
		}
	}
	if now.state != Closed {
		s.Since = h.since(p, paint.segs, now, clock)
	}
	for day := 1; day <= Horizon && !look.done(); day++ {
		paint.advance()
		segs := paint.paint()
		if len(segs) == 0 {
			look.stop()
		}
		for i := range segs {
			look.see(paint.cur.date, &segs[i])
		}
	}
	look.report(&s, clock)
	return s
}

// moment is a minute of a civil day.
type moment struct {
	date   Date
	minute int16
}

// time returns the instant; clock is one at hand, used when it is of the same day.
func (m moment) time(clock dayClock) time.Time {
	if clock.date != m.date {
		clock = newDayClock(m.date, clock.zone)
	}
	return time.Unix(clock.at(m.minute), 0).In(clock.zone)
}

// lookout follows the stretches after an instant until it knows the end of the current state and the next opening.
type lookout struct {
	zone    *time.Location
	state   State
	running bool   // the current state may go on
	runTo   moment // where it ends for now
	ended   bool
	next    moment // next opening; zero Date: none yet
	maybe   moment // next unknown stretch
}

func (l *lookout) done() bool { return !l.running && l.next.date != Date{} }

// stop ends the current state: nothing is open on the day that follows it.
func (l *lookout) stop() {
	if l.running {
		l.running, l.ended = false, true
	}
}

func (l *lookout) see(d Date, s *segment) {
	if s.from < nightMinutes && sameInstant(d, s.from, s.to, l.zone) {
		return // the clock skips all of it
	}
	if l.running {
		if s.state == l.state && l.touches(d, s.from) {
			l.runTo = moment{d, s.to}
			return
		}
		l.stop()
	}
	switch {
	case s.state == Open && l.next.date == Date{}:
		l.next = moment{d, s.from}
	case s.state == Unknown && l.maybe.date == Date{}:
		l.maybe = moment{d, s.from}
	}
}

// touches reports whether the current state reaches the minute of the day.
func (l *lookout) touches(d Date, minute int16) bool {
	if l.runTo.date == d {
		return l.runTo.minute == minute || minute < nightMinutes && sameInstant(d, l.runTo.minute, minute, l.zone)
	}
	return minute == 0 && l.runTo.minute == dayMinutes && l.runTo.date.AddDays(1) == d
}

func (l *lookout) report(s *Status, clock dayClock) {
	if l.ended {
		s.Until = l.runTo.time(clock)
	}
	switch {
	case l.next.date != Date{}:
		s.Next, s.NextState = l.next.time(clock), Open
	case l.maybe.date != Date{}:
		s.Next, s.NextState = l.maybe.time(clock), Unknown
	}
}

// since finds where the state of the stretch now began; segs are those of its day.
func (h *Hours) since(p Place, segs []segment, now segment, clock dayClock) time.Time {
	from := moment{clock.date, extendBack(clock.date, segs, now.from, now.state, clock.zone)}
	day := clock.date.dayNumber()
	for back := 1; from.minute == 0; back++ {
		if back > Horizon {
			return time.Time{}
		}
		var paint painter
		paint.start(h, p, day-back)
		minute := extendBack(paint.cur.date, paint.paint(), dayMinutes, now.state, clock.zone)
		if minute == dayMinutes {
			break
		}
		from = moment{paint.cur.date, minute}
	}
	return from.time(clock)
}

// nightMinutes bounds the part of a day in which clocks change.
const nightMinutes = 5 * 60

// sameInstant reports whether two minutes of a day are one instant: the clock skips what lies between.
func sameInstant(d Date, a, b int16, zone *time.Location) bool {
	clock := newDayClock(d, zone)
	return clock.at(a) == clock.at(b)
}

// extendBack follows stretches of one state back from a minute as far as they touch.
func extendBack(d Date, segs []segment, minute int16, state State, zone *time.Location) int16 {
	for i := len(segs) - 1; i >= 0; i-- {
		touches := segs[i].to == minute || segs[i].to < minute && minute < nightMinutes && sameInstant(d, segs[i].to, minute, zone)
		if touches && segs[i].state == state {
			minute = segs[i].from
		}
	}
	return minute
}
