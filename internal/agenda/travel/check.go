package travel

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Visit is one halt of a tour, with who and what goes there.
type Visit struct {
	ID string
	Stop
	Start, End time.Time // when the doors open and close; an End before Start counts as Start
	People     []string  // accounts of the mediators
	Vehicle    string    // "" for none
	Setup      int       // minutes to set up before Start, and as many to pack after End
	Speed      int       // km/h of its van, for estimates; 0 and less is that of the Roads
}

func (v *Visit) end() time.Time {
	if v.End.Before(v.Start) {
		return v.Start
	}
	return v.End
}

// ClashKind says in which way two visits do not go together.
type ClashKind string

// The kinds of clashes.
const (
	Overlap ClashKind = "overlap" // the second begins before the first ends
	Late    ClashKind = "late"    // the first ends in time, the road and the setup take too long
)

// Clash is two visits that one mediator, or one vehicle, cannot do both.
type Clash struct {
	A, B    string // identifiers of the visits, in order of time
	Who     string // the mediator's account; "" when it is the vehicle
	Vehicle string // "" when it is the mediator
	Kind    ClashKind
	Needs   int  // minutes to pack, to drive and to set up
	Has     int  // whole minutes from the end of A to the start of B; less than 0 when they overlap
	Missing int  // Needs less Has: how much later B could begin
	Trip    Trip // how long the road is, and whether that is known
}

// Check returns what does not hold together in visits of any days and crews, in order of time. Each mediator and each
// vehicle has its own clashes; none means that each can be where they must. Two visits clash once for each mediator and
// once for the vehicle that they share. See the package doc for which visits are compared. The order of visits, and
// people named twice, change nothing.
func (r Roads) Check(visits []Visit) []Clash {
	sorted := make([]*Visit, len(visits))
	for i := range visits {
		sorted[i] = &visits[i]
	}
	slices.SortStableFunc(sorted, func(a, b *Visit) int {
		return cmp.Or(a.Start.Compare(b.Start), a.end().Compare(b.end()), cmp.Compare(a.ID, b.ID))
	})
	d := days{roads: r, of: map[resource]*before{}}
	for _, v := range sorted {
		for _, who := range v.People {
			d.join(resource{who: who}, v)
		}
		if v.Vehicle != "" {
			d.join(resource{vehicle: v.Vehicle}, v)
		}
	}
	return d.clashes
}

// resource is what cannot be at two places at once.
type resource struct{ who, vehicle string }

// before is what a resource did before the visit at hand.
type before struct {
	last    *Visit // starts last
	longest *Visit // ends last
}

// days are the days of all resources, followed in order of time.
type days struct {
	roads   Roads
	of      map[resource]*before
	clashes []Clash
}

// join adds the next visit of a resource, compared with those before.
func (d *days) join(who resource, v *Visit) {
	b, ok := d.of[who]
	if !ok {
		d.of[who] = &before{v, v}
		return
	}
	if b.last == v { // named twice
		return
	}
	if b.longest != b.last {
		d.compare(who, b.longest, v)
	}
	d.compare(who, b.last, v)
	b.last = v
	if v.end().After(b.longest.end()) {
		b.longest = v
	}
}

// at is the roads at the slower of two speeds, at their own where neither is given.
func (r Roads) at(a, b int) Roads {
	switch {
	case a > 0 && (b <= 0 || a < b):
		r.Speed = a
	case b > 0:
		r.Speed = b
	}
	return r
}

func (d *days) compare(who resource, a, b *Visit) {
	gap := b.Start.Sub(a.end())
	trip := d.roads.at(a.Speed, b.Speed).Trip(a.Stop, b.Stop)
	needs := max(trip.Minutes, 0)
	if !a.same(b.Stop) {
		needs += max(a.Setup, 0) + max(b.Setup, 0)
	}
	if gap >= time.Duration(needs)*time.Minute {
		return
	}
	c := Clash{A: a.ID, B: b.ID, Who: who.who, Vehicle: who.vehicle, Kind: Late, Needs: needs, Has: int(math.Floor(gap.Minutes())), Trip: trip}
	c.Missing = c.Needs - c.Has
	if gap < 0 {
		c.Kind = Overlap
	}
	d.clashes = append(d.clashes, c)
}
