// Package travel says how long a van needs from one stop to the next, whether a day of a tour holds together, and which
// half-days suit a commune that asks for help. It is pure: no SQL, no clock, no state; the one thing it reads is the
// io.Reader it is given.
//
// # Trips
//
// A Stop is a place, in a commune, at a point; each of the three may be missing. Roads answers how long the trip between
// two stops takes, and on which ground it says so (Basis):
//
//   - the same place is 0 minutes away, and that is measured: the same Place, the same known Point, or no place and no
//     point on either side and the same Commune;
//   - else the table of times (Matrix) answers where it knows the two communes: measured;
//   - else the great circle, longer by three tenths because roads bend, at Roads.Speed, rounded up: estimated;
//   - else nothing is known: the trip is -1 minute, never 0.
//
// # The table of times
//
// ReadMatrix reads a table (see platform/table) with the columns code_depart, code_arrivee and minutes, and km where there
// is one. Times run both ways unless the file gives the way back. Part of a minute counts as a whole one. A row from a
// commune to itself is the time between two places of it; a 0 there is what computers of routes write, says nothing, and
// is passed over. The file is taken whole or not at all: each row that cannot be is told by its line, its column and one
// sentence in French. A km that makes the van fly or crawl is a warning; the row is kept.
//
// # Days
//
// Roads.Check looks at the day of each mediator and of each vehicle. A visit is compared with the one that starts before
// it, and with the one that lasts longest of all before it, so that a long visit over several others clashes with each.
// Start and End are when the doors open and close; Setup comes before and again after. Between two visits there must be
// time to pack, to drive and to set up; at the same place there is nothing to pack and no time is needed. Of a trip that
// nobody knows only the packing and setting up count. An estimate is at the slower of the speeds that the two visits give.
//
// # Proposals
//
// Propose looks for free half-days of the crews' usual week. A week is odd or even by its ISO number; a request for every
// week needs a half-day that is free in both, one for every second week is offered each parity that is free. Halves that
// the commune did not ask for are left out; days that it did not wish for only lose points. A crew is not offered beyond
// its MaxHalves, nor a trip beyond Options.MaxTravel.
//
// What makes one half-day better than another is data: Weights, which prints its own explanation. Each proposal says its
// reasons in French.
//
// The package deliberately knows nothing of calendars: holidays, leave and dates are the caller's.
package travel

import (
	"math"

	"viaduc/internal/place"
	"viaduc/internal/territory"
)

// Stop is where a van halts or sets out. What is not known is left zero.
type Stop struct {
	Place   string // identifier of the place
	Commune string // INSEE code
	Name    string // of the commune, for sentences: "Anduze"
	Point   territory.Point
}

// same reports whether two stops are one place.
func (s Stop) same(o Stop) bool {
	switch {
	case s.Place != "" && s.Place == o.Place:
		return true
	case s.Point.Known() || o.Point.Known():
		return s.Point == o.Point
	}
	return s.Place == "" && o.Place == "" && s.Commune != "" && s.Commune == o.Commune
}

// Basis is the ground on which the time of a trip stands.
type Basis string

// The grounds.
const (
	Unknown   Basis = ""          // nobody knows: Minutes is -1
	Estimated Basis = "estimated" // from the great circle
	Measured  Basis = "measured"  // from the table of times, or the same place
)

// Trip is how long a van needs between two stops. Read Basis before Minutes: an unknown trip has -1.
type Trip struct {
	Minutes int
	Basis   Basis
}

// Known reports whether Minutes says something.
func (t Trip) Known() bool { return t.Basis != Unknown }

// Roads answers how long trips take. Its zero value estimates every trip.
type Roads struct {
	Matrix *Matrix // nil knows no commune
	Speed  int     // km/h on the way, for estimates; 0 and less is 45
}

const (
	usualSpeed = 45  // km/h: a van on country roads, villages included
	bends      = 1.3 // a road is longer than the great circle
)

// Trip returns the time from a to b, and on which ground. See the package doc for the order of the grounds.
func (r Roads) Trip(a, b Stop) Trip {
	if a.same(b) {
		return Trip{Basis: Measured}
	}
	if n, ok := r.Matrix.Minutes(a.Commune, b.Commune); ok {
		return Trip{n, Measured}
	}
	if !a.Point.Known() || !b.Point.Known() {
		return Trip{Minutes: -1}
	}
	speed := r.Speed
	if speed <= 0 {
		speed = usualSpeed
	}
	km := place.Metres(a.Point, b.Point) / 1000 * bends
	return Trip{int(math.Ceil(km / float64(speed) * 60)), Estimated}
}
