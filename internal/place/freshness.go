package place

import "time"

// Freshness says how long ago somebody last looked at what the census says of a place.
type Freshness int

// The states of freshness, the freshest first.
const (
	FreshHalfYear Freshness = iota // less than 6 months
	FreshYear                      // 6 to 12 months
	FreshFading                    // 12 to 18 months
	FreshOld                       // 18 months or more
	FreshUnknown                   // nobody said when
)

// AskMonths is the age in months from which what a place says may have changed: residents are told, and the place is asked.
const AskMonths = 12

// FreshOn is the day that what is known of a place was last looked at: the later of the day its source gives and of the
// day somebody verified it here, both written 2026-05-04. verified tells which of the two it is. ok is false when neither
// is known; 1 January 1970 is how some files write an unknown day.
func FreshOn(updatedOn, verifiedOn string) (on time.Time, verified, ok bool) {
	updated, known := civilDay(updatedOn)
	checked, seen := civilDay(verifiedOn)
	switch {
	case seen && (!known || !checked.Before(updated)):
		return checked, true, true
	case known:
		return updated, false, true
	}
	return time.Time{}, false, false
}

func civilDay(text string) (time.Time, bool) {
	on, err := time.Parse(time.DateOnly, text)
	return on, err == nil && on.Unix() > 0
}

// MonthsSince counts the whole months from a civil day to the day of an instant, on the clocks it carries.
func MonthsSince(on, now time.Time) int {
	y, m, d := now.Date()
	n := (y-on.Year())*12 + int(m) - int(on.Month())
	if d < on.Day() {
		n--
	}
	return n
}

// Freshness is that of the place on the day of an instant. A day to come, a slip of the source, is as fresh as today.
func (p *Place) Freshness(now time.Time) Freshness {
	on, _, ok := FreshOn(p.UpdatedOn, p.VerifiedOn)
	if !ok {
		return FreshUnknown
	}
	switch n := MonthsSince(on, now); {
	case n < 6:
		return FreshHalfYear
	case n < AskMonths:
		return FreshYear
	case n < 18:
		return FreshFading
	}
	return FreshOld
}
