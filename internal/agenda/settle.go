package agenda

import (
	"slices"
	"time"
)

// lastOffer is how long before the start nobody is offered a seat any more: there would be no time to come.
const lastOffer = 2 * time.Hour

// shortestOffer is the shortest time in which somebody can be expected to answer.
const shortestOffer = 10 * time.Minute

// session is what decides on the seats of one occurrence: rows that its transaction has locked.
type session struct {
	series  Series
	occ     Occurrence
	quotas  []Quota
	reasons map[ReasonID]Reason
	claims  []Claim
}

// due is a change of a claim that the clock or a freed seat makes due.
type due struct {
	claim Claim // as it becomes
	why   string
}

// settle says which holds have run out, and to whom in the waiting list a free seat is offered now: to the first one that it
// suits, in the order of arrival. A group that the free seats do not hold stays first, and delays nobody who fits.
func (s session) settle(now time.Time) []due {
	var out []due
	claims := slices.Clone(s.claims)
	for i := range claims {
		if claims[i].State == Held && !now.Before(claims[i].HeldUntil) {
			claims[i].State = Expired
			out = append(out, due{claims[i], "no_answer"})
		}
	}
	if !s.occ.Live() || !s.series.Waiting {
		return out
	}
	for _, c := range queue(claims) {
		offered, ok := s.offer(c, taking(claims, now), now)
		if !ok {
			continue
		}
		out = append(out, due{offered, "seat_freed"})
		claims[slices.IndexFunc(claims, func(o Claim) bool { return o.ID == c.ID })] = offered
	}
	return out
}

// offer is a waiting claim with the seat that is free for it, held until it must answer.
func (s session) offer(c Claim, taken []Claim, now time.Time) (Claim, bool) {
	start := s.occ.Start
	if s.series.Mode.HasSlots() {
		r := s.reasons[c.Reason]
		free := slices.DeleteFunc(freeSlots(s.series, s.occ, r, taken), func(at time.Time) bool { return at.Sub(now) < s.cutoff(c) })
		if len(free) == 0 {
			return c, false
		}
		length, buffer := slotLength(s.series, r)
		start, c.Slot, c.SlotEnd = free[0], free[0], free[0].Add(length+buffer)
	} else {
		quota, ok := allot(c, s.occ.Capacity, s.quotas, taken, start, now)
		if !ok {
			return c, false
		}
		c.Quota = quota
	}
	until := daytime(now, s.occ.Zone).Add(s.series.Hold)
	if last := start.Add(-s.cutoff(c)); until.After(last) {
		until = last
	}
	if until.Sub(now) < shortestOffer {
		return c, false
	}
	c.State, c.HeldUntil = Held, until
	return c, true
}

// cutoff is how long before the start the last offer is made.
func (s session) cutoff(c Claim) time.Duration {
	return max(terms(s.series, s.reasons[c.Reason]).Notice, lastOffer)
}

// The hours in which people read what they are sent: those of module notice's text messages.
const (
	dayFrom = 8
	dayTo   = 20
)

// daytime is now, or the morning after where it is night: the time to answer counts from when one can be told.
func daytime(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	morning := time.Date(local.Year(), local.Month(), local.Day(), dayFrom, 0, 0, 0, zone)
	switch {
	case local.Hour() < dayFrom:
		return morning
	case local.Hour() >= dayTo:
		return morning.AddDate(0, 0, 1)
	}
	return now
}

// nextHold is when the earliest hold of claims runs out; the zero instant where none is held.
func nextHold(claims []Claim) time.Time {
	var first time.Time
	for _, c := range claims {
		if c.State == Held && (first.IsZero() || c.HeldUntil.Before(first)) {
			first = c.HeldUntil
		}
	}
	return first
}
