package notice

import (
	"slices"
	"time"
)

// reach is by what a person can be told something.
type reach struct {
	email, mobile, phone, postal bool
	emailStopped, phoneStopped   bool // their owner said stop
	ratherCall                   bool // the owner of the telephone wants to be called, not written to
	gateway                      bool // text messages can be sent at all
	letterInTime                 bool // a letter would arrive before the message loses its use
}

// ways lists by what an event may reach somebody, in order: what machines can do first. It is empty only when the person
// stopped what is optional, or when a secret has no way to go.
func ways(e prepared, r reach) []Channel {
	var out []Channel
	for _, c := range append(slices.Clone(e.Channels), Email) {
		if !slices.Contains(out, c) && e.can(c) && r.by(c, e.Answer) {
			out = append(out, c)
		}
	}
	stopped := r.emailStopped || r.phoneStopped
	if e.Secret || e.Optional && stopped && len(out) == 0 {
		return out
	}
	if r.phone && (!e.Optional || !r.phoneStopped) {
		out = append(out, Call)
	}
	if r.postal && r.letterInTime {
		out = append(out, Letter)
	}
	return append(out, Slip)
}

// by reports whether a machine can reach the person by c. What the person waits for passes over a stop.
func (r reach) by(c Channel, answer bool) bool {
	if c == Email {
		return r.email && (answer || !r.emailStopped)
	}
	return c == SMS && r.gateway && r.mobile && (answer || !r.phoneStopped && !r.ratherCall)
}

// letterTakes is how long the post takes, with a margin for printing.
const letterTakes = 5 * 24 * time.Hour

// The quiet hours of text messages, on the clocks of the territory.
const (
	quietFrom = 20
	quietTo   = 8
)

// quietUntil returns when the quiet hours around t end, in the zone that t carries, and false when t is in none.
func quietUntil(t time.Time, holiday func(day time.Time) bool) (time.Time, bool) {
	if !quietDay(t, holiday) && t.Hour() >= quietTo && t.Hour() < quietFrom {
		return time.Time{}, false
	}
	y, m, d := t.Date()
	morning := time.Date(y, m, d, quietTo, 0, 0, 0, t.Location())
	for quietDay(morning, holiday) || !morning.After(t) {
		d++
		morning = time.Date(y, m, d, quietTo, 0, 0, 0, t.Location())
	}
	return morning, true
}

func quietDay(t time.Time, holiday func(day time.Time) bool) bool {
	return t.Weekday() == time.Sunday || holiday(t)
}

// act is what is done with a message now.
type act string

const (
	send   act = "send"
	wait   act = "wait"   // until the decision's instant
	divert act = "divert" // by the next way
	expire act = "expire"
	rest   act = "rest" // nothing: it has ended already
)

// decision is an act with what it needs.
type decision struct {
	act   act
	until time.Time
	why   Result
}

// moment is a message that a machine is about to send.
type moment struct {
	channel                     Channel
	now, notBefore, usefulUntil time.Time // now carries the territory's zone
	answer, gateway             bool
	holiday                     func(day time.Time) bool
}

// decide says what is done with a message now. The cap comes after it: it is claimed, not looked at.
func decide(m moment) decision {
	switch {
	case !m.now.Before(m.usefulUntil):
		return decision{act: expire, why: Expired}
	case m.now.Before(m.notBefore):
		return decision{act: wait, until: m.notBefore}
	case m.channel == SMS && !m.gateway:
		return decision{act: divert, why: NoGateway}
	case m.channel == SMS && !m.answer:
		until, quiet := quietUntil(m.now, m.holiday)
		switch {
		case quiet && until.Before(m.usefulUntil):
			return decision{act: wait, until: until, why: Postponed}
		case quiet:
			return decision{act: divert, why: TooQuiet}
		}
	}
	return decision{act: send}
}

// setback is what a failed attempt means, whatever the channel.
type setback string

const (
	never  setback = "never"  // this contact cannot be reached so
	credit setback = "credit" // the provider's contract is used up
	later  setback = "later"  // it may pass later, or once somebody has mended our settings
)

// patience is how many failed attempts a message is worth: a day of them.
const patience = 18

// handTime is what people need to tell by hand what machines could not.
const handTime = 4 * time.Hour

// afterFailure says what follows the nth failed attempt. What people can tell instead goes to them while there is time.
func afterFailure(s setback, n int, now, usefulUntil time.Time, secret bool) decision {
	switch s {
	case never:
		return decision{act: divert, why: Refused}
	case credit:
		return decision{act: divert, why: NoCredit}
	}
	next, last := now.Add(pause(n)), usefulUntil
	if !secret {
		last = last.Add(-handTime)
	}
	if n >= patience || !next.Before(last) {
		return decision{act: divert, why: GaveUp}
	}
	return decision{act: wait, until: next, why: Retried}
}

// pause is how long to wait after the nth failure: a minute, two, four and so on, two hours at most.
func pause(n int) time.Duration {
	const first, most = time.Minute, 2 * time.Hour
	wait := first
	for range n - 1 {
		if wait *= 2; wait >= most {
			return most
		}
	}
	return wait
}

// instead lists by what a message may go after it could not go by from, for the reason given. In the quiet hours before
// the fact only people can still tell it: an e-mail might be read after.
func instead(all []Channel, from Channel, why Result) []Channel {
	return slices.DeleteFunc(slices.Clone(all), func(c Channel) bool { return c == from || why == TooQuiet && !c.byHand() })
}

// followAfter is when the delivery of a text message is asked for, after it was accepted; then it stays unknown.
var followAfter = []time.Duration{5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour}
