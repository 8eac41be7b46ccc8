// Package duplicate finds the places that a census has twice. It is pure: no clock, no database, nothing of a person.
//
// # Scores
//
// Two records are compared when they are in the same commune, are not the same record, and their kinds do not exclude
// each other: one says none, both say one in common, or one is a RFS (réseau France Services) and the other a PIMMS. Three
// scores from 0 to 100 say how near they are:
//
//	name      Ratio of the names
//	address   Ratio of the addresses
//	distance  100 under 0.0004 degrees, else trunc(100 / (1000 × degrees + 1))
//
// and the score is trunc((name + address + distance) / 3). These are the formulas of the national chain. They are to be
// united (Pair.Unite) above 83 when they come from two sources, above 90 when from one.
//
// # Where it departs from the national chain
//
// There, a missing position counts as a distance of nothing, so that two places of which nobody knows where they stand
// are "at the same spot". Here a missing position is unknown: Pair.Located is false, the score is trunc((name +
// address) / 2), and only records whose name and whose address are both above 90 are to be united, whatever their sources.
package duplicate

import (
	"math"
	"slices"
)

// Record is what is compared of a place.
type Record struct {
	Number   int64 // of the place: it says which record it is
	Source   string
	Name     string
	Address  string
	Commune  string // INSEE code; "" is never in the same commune as another
	Kinds    []string
	Located  bool // somebody says where it stands
	Lat, Lon float64
}

// The scores above which two records are to be united.
const (
	AcrossSources = 83
	InsideOne     = 90
)

// Pair is two records that may be one place, the lower number first.
type Pair struct {
	A, B     int64
	Name     int
	Address  int
	Distance int // 0 when not Located
	Score    int
	Located  bool
	Same     bool // of one source
	Unite    bool // near enough that the rules say: one place
}

// Options says which pairs Find returns.
type Options struct {
	Least int // every pair of at least this score; 0 for those to be united alone
}

// ready is a record made ready.
type ready struct {
	*Record
	name, address Text
}

// Find returns the pairs among records, the highest score first, then by their numbers.
func Find(records []Record, o Options) []Pair {
	blocks := map[string][]*Record{}
	for i := range records {
		if r := &records[i]; r.Commune != "" {
			blocks[r.Commune] = append(blocks[r.Commune], r)
		}
	}
	var out []Pair
	for _, block := range blocks {
		out = findIn(out, block, o)
	}
	slices.SortFunc(out, order)
	return out
}

func order(x, y Pair) int {
	for _, d := range []int64{int64(y.Score - x.Score), x.A - y.A, x.B - y.B} {
		if d != 0 {
			return int(max(-1, min(d, 1)))
		}
	}
	return 0
}

// findIn compares the records of one commune, each with each.
func findIn(out []Pair, block []*Record, o Options) []Pair {
	if len(block) < 2 {
		return out
	}
	list := make([]ready, len(block))
	for i, r := range block {
		list[i] = ready{r, Ready(r.Name), Ready(r.Address)}
	}
	for i := range list {
		for j := range list[:i] {
			if p, ok := compare(&list[j], &list[i], o.Least); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

// Compare scores two records, whatever they are; Unite is false where they may not be compared.
func Compare(a, b Record) Pair {
	x, y := ready{&a, Ready(a.Name), Ready(a.Address)}, ready{&b, Ready(b.Name), Ready(b.Address)}
	p := frame(&x, &y)
	p.Name, p.Address = Ratio(&x.name, &y.name), Ratio(&x.address, &y.address)
	p.judge()
	p.Unite = p.Unite && comparable(&x, &y)
	return p
}

// compare scores two records of one commune and reports whether they are wanted. What is cheap comes first: most pairs
// are left on the bounds of what their texts could reach.
func compare(a, b *ready, least int) (Pair, bool) {
	if !comparable(a, b) {
		return Pair{}, false
	}
	p := frame(a, b)
	p.Name, p.Address = 100, 100
	if p.judge(); !p.wanted(least) { // too far apart, whatever they say
		return p, false
	}
	p.Address = most(&a.address, &b.address)
	if p.judge(); !p.wanted(least) {
		return p, false
	}
	p.Name = most(&a.name, &b.name)
	if p.judge(); !p.wanted(least) {
		return p, false
	}
	p.Address = Ratio(&a.address, &b.address)
	if p.judge(); !p.wanted(least) {
		return p, false
	}
	p.Name = Ratio(&a.name, &b.name)
	p.judge()
	return p, p.wanted(least)
}

func (p *Pair) wanted(least int) bool { return p.Unite || least > 0 && p.Score >= least }

// frame is a pair without the scores of its texts.
func frame(a, b *ready) Pair {
	if a.Number > b.Number {
		a, b = b, a
	}
	p := Pair{A: a.Number, B: b.Number, Same: a.Source == b.Source, Located: a.Located && b.Located}
	if p.Located {
		p.Distance = nearness(math.Hypot(a.Lat-b.Lat, a.Lon-b.Lon))
	}
	return p
}

// nearness is the score of a distance in degrees.
func nearness(degrees float64) int {
	if degrees < 0.0004 {
		return 100
	}
	return int(100 / (degrees*1000 + 1))
}

// judge makes the score of its parts, and says whether it is enough.
func (p *Pair) judge() {
	if !p.Located {
		p.Score = (p.Name + p.Address) / 2
		p.Unite = p.Name > InsideOne && p.Address > InsideOne
		return
	}
	p.Score = (p.Name + p.Address + p.Distance) / 3
	enough := AcrossSources
	if p.Same {
		enough = InsideOne
	}
	p.Unite = p.Score > enough
}

// comparable reports whether two records could be one place at all.
func comparable(a, b *ready) bool {
	if a.Number == b.Number || a.Commune != b.Commune || a.Commune == "" {
		return false
	}
	if len(a.Kinds) == 0 || len(b.Kinds) == 0 {
		return true
	}
	for _, k := range a.Kinds {
		if slices.Contains(b.Kinds, k) {
			return true
		}
	}
	return has(a, "RFS") && has(b, "PIMMS") || has(a, "PIMMS") && has(b, "RFS")
}

func has(r *ready, kind string) bool { return slices.Contains(r.Kinds, kind) }
