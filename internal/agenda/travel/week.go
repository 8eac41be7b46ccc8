package travel

import "time"

// Half is a part of a day.
type Half string

// The halves of a day.
const (
	AnyHalf   Half = "" // in an Ask: either half; in a Busy: the whole day, which is what is sure
	Morning   Half = "morning"
	Afternoon Half = "afternoon"
	AllDay    Half = "day" // both
)

// Parity says in which weeks of a usual week something takes place, by the ISO number of the week. A year of 53 weeks has
// two odd weeks one after the other.
type Parity string

// The parities.
const (
	BothWeeks Parity = ""
	OddWeeks  Parity = "odd"
	EvenWeeks Parity = "even"
)

// Busy is a half-day that a crew already has in its usual week.
type Busy struct {
	Weekday time.Weekday
	Half    Half
	Parity  Parity
	Stop    Stop // where the crew is
}

// cells of a half and weeks of a parity, as they are numbered in a week.
func (h Half) cells() []int {
	switch h {
	case Morning:
		return []int{0}
	case Afternoon:
		return []int{1}
	}
	return []int{0, 1}
}

func (p Parity) weeks() []int {
	switch p {
	case OddWeeks:
		return []int{0}
	case EvenWeeks:
		return []int{1}
	}
	return []int{0, 1}
}

// week is the usual week of a crew: where it is, by parity, day and half; nil where it is free.
type week [2][7][2]*Stop

func weekOf(busy []Busy) *week {
	w := &week{}
	for i := range busy {
		b := &busy[i]
		if b.Weekday < time.Sunday || b.Weekday > time.Saturday {
			continue
		}
		for _, p := range b.Parity.weeks() {
			for _, h := range b.Half.cells() {
				if w[p][b.Weekday][h] == nil {
					w[p][b.Weekday][h] = &b.Stop
				}
			}
		}
	}
	return w
}

func (w *week) free(s slot) bool {
	for _, p := range s.parity.weeks() {
		for _, h := range s.half.cells() {
			if w[p][s.day][h] != nil {
				return false
			}
		}
	}
	return true
}

// load is how many half-days are taken in the fuller of the weeks of a parity.
func (w *week) load(parity Parity) int {
	most := 0
	for _, p := range parity.weeks() {
		n := 0
		for _, day := range w[p] {
			for _, stop := range day {
				if stop != nil {
					n++
				}
			}
		}
		most = max(most, n)
	}
	return most
}

// neighbours are the stops of the other half of the day of a slot, one for each of its weeks; nil where that half is free
// or is asked for too.
func (w *week) neighbours(s slot) []*Stop {
	weeks := s.parity.weeks()
	stops := make([]*Stop, len(weeks))
	if cells := s.half.cells(); len(cells) == 1 {
		for i, p := range weeks {
			stops[i] = w[p][s.day][1-cells[0]]
		}
	}
	return stops
}

// slot is what a proposal takes of a crew's week.
type slot struct {
	day    time.Weekday
	half   Half
	parity Parity
}
