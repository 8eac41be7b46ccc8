package territory

import (
	"cmp"
	"slices"
)

// unite turns outlines of communes that merged into outlines of the communes of today, and counts those that are of none
// or cannot be read. An older outline that the commune's own already covers, because it is of a later year, is left out.
func unite(list []contour, g *Gazetteer, day string) (out []contour, unread int) {
	parts := map[string][]contour{}
	for _, one := range list {
		if _, _, err := one.geometry.open(); err != nil {
			unread++
			continue
		}
		if c, known := g.Successor(one.code, day); known {
			parts[c.Code] = append(parts[c.Code], one)
		}
	}
	for code, some := range parts {
		slices.SortFunc(some, func(a, b contour) int { // its own first
			return cmp.Or(cmp.Compare(btoi(a.code != code), btoi(b.code != code)), cmp.Compare(a.code, b.code))
		})
		whole := some[0]
		for _, more := range some[1:] {
			whole.geometry = whole.geometry.with(more.geometry)
		}
		whole.code = code
		out = append(out, whole)
	}
	slices.SortFunc(out, func(a, b contour) int { return cmp.Compare(a.code, b.code) })
	return out, unread
}

// border is a side of an outline, whichever way it is walked.
type border struct{ a, b vertex }

// with is the ground of g and of o together, o's alone where g does not already hold it. Sides that both have are borders
// no more: what is inside is what an odd number of rings holds, so that a side that stands twice changes nothing.
func (g packed) with(o packed) packed {
	x, y, ok := o.within()
	if !ok || g.holds(x, y) {
		return g
	}
	odd := map[border]bool{}
	flip := func(_ int, a, b vertex) {
		if a.x > b.x || a.x == b.x && a.y > b.y {
			a, b = b, a
		}
		if s := (border{a, b}); odd[s] {
			delete(odd, s)
		} else if a != b {
			odd[s] = true
		}
	}
	if g.edges(flip) != nil || o.edges(flip) != nil {
		return g
	}
	rings := joined(odd)
	if len(rings) == 0 {
		return g
	}
	return pack(rings)
}

// within is a position inside an outline, in units: in the middle of the widest stretch of a line across it.
func (g packed) within() (x, y float64, ok bool) {
	around, _, err := g.open()
	if err != nil {
		return 0, 0, false
	}
	y = (float64(around.min[1])+float64(around.max[1]))/2 + 0.25 // between two corners
	var at []float64
	_ = g.edges(func(_ int, a, b vertex) {
		if a.y > b.y {
			a, b = b, a
		}
		if ay, by := float64(a.y), float64(b.y); (ay > y) != (by > y) {
			at = append(at, float64(a.x)+(float64(b.x)-float64(a.x))*(y-ay)/(by-ay))
		}
	})
	slices.Sort(at)
	widest := 0.0
	for i := 0; i+1 < len(at); i += 2 {
		if w := at[i+1] - at[i]; w > widest {
			x, widest, ok = (at[i]+at[i+1])/2, w, true
		}
	}
	return x, y, ok
}

// joined joins sides into rings. Every corner has an even number of sides, so that each walk comes back; which of the
// possible rings come out does not change what is inside.
func joined(sides map[border]bool) [][]vertex {
	next := map[vertex][]vertex{}
	var corners []vertex
	for s := range sides {
		next[s.a], next[s.b] = append(next[s.a], s.b), append(next[s.b], s.a)
		corners = append(corners, s.a)
	}
	order := func(a, b vertex) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) }
	slices.SortFunc(corners, order) // the same rings each time
	for _, list := range next {
		slices.SortFunc(list, order)
	}
	take := func(from, to vertex) {
		i := slices.Index(next[from], to)
		next[from] = slices.Delete(next[from], i, i+1)
	}
	var rings [][]vertex
	for _, first := range corners {
		for len(next[first]) > 0 {
			ring := []vertex{first}
			for at := first; ; {
				to := next[at][0]
				take(at, to)
				take(to, at)
				if to == first {
					break
				}
				ring, at = append(ring, to), to
			}
			if len(ring) >= 3 {
				rings = append(rings, ring)
			}
		}
	}
	return rings
}
