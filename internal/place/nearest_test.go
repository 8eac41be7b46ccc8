package place

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"viaduc/internal/territory"
)

// Every place of random selections comes, in the order of a plain sort: all over the world, many at one point, both sides
// of the antimeridian, at the poles.
func TestNearComesInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 71))
	point := func() territory.Point {
		switch r.IntN(6) {
		case 0:
			return territory.Point{Lat: 45.7, Lon: -0.6}
		case 1:
			return territory.Point{Lat: -13 + r.Float64(), Lon: []float64{-179.99, 179.99, -180, 180}[r.IntN(4)]}
		case 2:
			return territory.Point{Lat: []float64{-90, 90}[r.IntN(2)], Lon: 360*r.Float64() - 180}
		case 3:
			return territory.Point{} // nowhere known
		}
		return territory.Point{Lat: 180*r.Float64() - 90, Lon: 360*r.Float64() - 180}
	}
	for _, n := range []int{0, 1, 2, 64, 65, 700, 64*64 + 1, 9000} {
		entries := make([]*Entry, n)
		for i := range entries {
			entries[i] = &Entry{Place: &Place{Number: Number(n - i)}, Stands: point()}
		}
		g := newGround(entries)
		for range 10 {
			from := spotOf(point())
			among := selection{}
			for range r.IntN(3) {
				set := newBitset(n)
				for rank := range n {
					if r.IntN(1+r.IntN(40)) == 0 {
						set.add(rank)
					}
				}
				among = append(among, set)
			}
			var want, got []*Entry
			for rank, e := range g.ranked {
				if e.rank != rank {
					t.Fatalf("%d entries: rank %d holds the entry of rank %d", n, rank, e.rank)
				}
				if e.Stands.Known() && among.has(rank) {
					want = append(want, e)
				}
			}
			slices.SortFunc(want, func(a, b *Entry) int {
				return cmp.Or(cmp.Compare(g.spots[a.rank].chord2(&from), g.spots[b.rank].chord2(&from)), cmp.Compare(a.Number, b.Number))
			})
			g.near(from, among, func(e *Entry, _ float64) bool { got = append(got, e); return true })
			if !slices.Equal(got, want) {
				t.Fatalf("%d entries, %d sets: %d come, want %d, or in another order", n, len(among), len(got), len(want))
			}
		}
	}
}
