package agenda

import (
	"slices"
	"time"
)

// Bookers is who may take an appointment of a reason.
type Bookers string

// Who may book.
const (
	Everyone Bookers = "everyone"
	Helpers  Bookers = "helpers" // staff of any structure, for somebody
	TeamOnly Bookers = "team"    // the structure that gives the appointments
)

// slotLength is how long a slot of a series takes, with the buffer after it: that of the reason, or one step where there is
// none.
func slotLength(s Series, r Reason) (length, buffer time.Duration) {
	if r.ID == "" {
		return time.Duration(s.Step) * time.Minute, 0
	}
	return time.Duration(r.Minutes) * time.Minute, time.Duration(r.Buffer) * time.Minute
}

// slotFits reports whether an appointment of a reason may begin at an instant: on the grid, within the occurrence, and with
// a desk free from its start until its buffer has passed, and with somebody there for all of it.
func slotFits(s Series, o Occurrence, r Reason, taken []Claim, at time.Time) bool {
	length, buffer := slotLength(s, r)
	after := at.Sub(o.Start)
	if after < 0 || after%(time.Duration(s.Step)*time.Minute) != 0 || at.Add(length).After(o.End) {
		return false
	}
	return busiest(taken, at, at.Add(length+buffer)) < s.Desks && !nobodyThere(o.Members, o.away, at, at.Add(length))
}

// busiest is how many appointments are under way at once, at most, between two instants. The number only rises when one
// begins: it is enough to look then.
func busiest(taken []Claim, from, to time.Time) int {
	most := 0
	for _, c := range taken {
		if !c.Slot.Before(to) || !c.SlotEnd.After(from) {
			continue
		}
		at := c.Slot
		if at.Before(from) {
			at = from
		}
		n := 0
		for _, d := range taken {
			if !d.Slot.After(at) && d.SlotEnd.After(at) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// freeSlots lists when an appointment of a reason may begin, in order. The grid is that of the series, whatever the lengths
// of the reasons: a short appointment never shifts those after it, and a hole as long as a reason is always offered.
func freeSlots(s Series, o Occurrence, r Reason, taken []Claim) []time.Time {
	var out []time.Time
	step := time.Duration(s.Step) * time.Minute
	taken = slices.DeleteFunc(slices.Clone(taken), func(c Claim) bool { return c.Slot.IsZero() })
	for at := o.Start; at.Before(o.End); at = at.Add(step) {
		if slotFits(s, o, r, taken, at) {
			out = append(out, at)
		}
	}
	return out
}
