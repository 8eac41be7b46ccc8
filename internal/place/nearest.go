package place

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"

	"viaduc/internal/territory"
)

// Places stand on a sphere of radius one, seen as points of space: the straight line between two of them grows with the
// great circle, and needs no trigonometry.
//
// They are ranked along a curve that keeps neighbours together, so that the 64 places of one word of a bitset are
// neighbours, as are the places of 64 such words. A search walks down from the nearest of these regions and leaves out
// each word that holds nothing of what is chosen: filters that few places meet cost no more than others, wherever those
// places are.

// spot is a point of the sphere.
type spot [3]float64

func spotOf(p territory.Point) spot {
	lat, lon := p.Lat*math.Pi/180, p.Lon*math.Pi/180
	return spot{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}

// chord2 is the square of the straight line between two spots.
func (s *spot) chord2(o *spot) float64 {
	x, y, z := s[0]-o[0], s[1]-o[1], s[2]-o[2]
	return x*x + y*y + z*z
}

// earthRadius in metres (mean, IUGG).
const earthRadius = 6371008.8

// metres turns the square of a straight line into a great-circle distance.
func metres(chord2 float64) float64 {
	return 2 * earthRadius * math.Asin(min(math.Sqrt(chord2)/2, 1))
}

// box is a part of space, its sides along the axes.
type box struct{ low, high spot }

var nothing = box{low: spot{2, 2, 2}, high: spot{-2, -2, -2}}

// hold makes the box large enough for what lies between two spots.
func (b *box) hold(low, high *spot) {
	for i := range low {
		b.low[i], b.high[i] = min(b.low[i], low[i]), max(b.high[i], high[i])
	}
}

// chord2 is the square of the straight line from a spot to the nearest point of the box.
func (b *box) chord2(s *spot) float64 {
	sum := 0.0
	for i := range s {
		d := max(b.low[i]-s[i], s[i]-b.high[i], 0)
		sum += d * d
	}
	return sum
}

// ground is where the entries stand, by rank: first those that stand somewhere known, then the others.
type ground struct {
	ranked  []*Entry
	spots   []spot   // of those that stand somewhere known
	numbers []Number // of the same, so that a search need not fetch entries that it does not return
	words   []box    // around 64 spots each
	regions []box    // around 64 words each
}

// newGround ranks the entries.
func newGround(entries []*Entry) ground {
	type placed struct {
		*Entry
		along uint64
	}
	sorted := make([]placed, 0, len(entries))
	located := 0
	for _, e := range entries {
		p := placed{e, math.MaxUint64}
		if e.Stands.Known() {
			p.along = along(e.Stands)
			located++
		}
		sorted = append(sorted, p)
	}
	slices.SortFunc(sorted, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.along, b.along), cmp.Compare(a.Number, b.Number))
	})
	g := ground{ranked: make([]*Entry, len(entries)), spots: make([]spot, located), numbers: make([]Number, located)}
	for rank, p := range sorted {
		p.rank = rank
		g.ranked[rank] = p.Entry
		if rank < located {
			g.spots[rank], g.numbers[rank] = spotOf(p.Stands), p.Number
		}
	}
	for i := range g.spots {
		g.words = held(g.words, i, &g.spots[i], &g.spots[i])
	}
	for i := range g.words {
		g.regions = held(g.regions, i, &g.words[i].low, &g.words[i].high)
	}
	return g
}

// held adds number i of a level to the boxes of the level above.
func held(above []box, i int, low, high *spot) []box {
	if i>>6 == len(above) {
		above = append(above, nothing)
	}
	above[i>>6].hold(low, high)
	return above
}

// along is how far a point lies along Hilbert's curve, which fills the map of the world in steps of some 40 metres.
func along(p territory.Point) uint64 {
	const order = 20
	const side = 1<<order - 1
	x, y := uint64((p.Lon+180)/360*side), uint64((p.Lat+90)/180*side)
	var out uint64
	for bit := uint64(1) << (order - 1); bit > 0; bit >>= 1 {
		quarter := [2][2]uint64{{0, 1}, {3, 2}}[btoi(x&bit != 0)][btoi(y&bit != 0)]
		out += bit * bit * quarter
		switch quarter { // the curve turns in the first and in the last quarter
		case 0:
			x, y = y, x
		case 3:
			x, y = side-y, side-x
		}
	}
	return out
}

// near calls yield for the entries of a selection by distance from a spot, until it returns false: nearest first, and of
// two as near the one of the lower number. What stands nowhere known is left out.
func (g *ground) near(from spot, among selection, yield func(e *Entry, chord2 float64) bool) {
	room := queues.Get().(*queue)
	q := (*room)[:0]
	defer func() { *room = q; queues.Put(room) }()
	var c candidate
	for i := range g.regions {
		q = q.push(candidate{g.regions[i].chord2(&from), aRegion, i})
	}
	for len(q) > 0 {
		c, q = q.pop()
		switch c.number {
		case aRegion:
			for i := c.at << 6; i < min((c.at+1)<<6, len(g.words)); i++ {
				if among.word(i) != 0 {
					q = q.push(candidate{g.words[i].chord2(&from), aWord, i})
				}
			}
		case aWord:
			for w := among.word(c.at); w != 0; w &= w - 1 {
				if rank := c.at<<6 + bits.TrailingZeros64(w); rank < len(g.spots) {
					q = q.push(candidate{g.spots[rank].chord2(&from), g.numbers[rank], rank})
				}
			}
		default:
			if !yield(g.ranked[c.at], c.chord2) {
				return
			}
		}
	}
}

// candidate is a region, a word or an entry that may come next, the nearer first. A box comes before an entry as near: it
// may hold one of a lower number.
type candidate struct {
	chord2 float64
	number Number // of the entry, or one of the two below
	at     int    // number of the region or of the word, rank of the entry
}

const (
	aRegion Number = -2
	aWord   Number = -1
)

func (c candidate) before(o candidate) bool {
	return c.chord2 < o.chord2 || c.chord2 == o.chord2 && c.number < o.number
}

// queue is a heap of candidates, the first one on top.
type queue []candidate

// queues keeps the memory of searches from one to the next.
var queues = sync.Pool{New: func() any { return new(queue) }}

func (q queue) push(c candidate) queue {
	q = append(q, c)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !c.before(q[up]) {
			break
		}
		q[i], i = q[up], up
	}
	q[i] = c
	return q
}

func (q queue) pop() (candidate, queue) {
	top, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	for i := 0; i < len(q); {
		down := 2*i + 1
		if down+1 < len(q) && q[down+1].before(q[down]) {
			down++
		}
		if down >= len(q) || !q[down].before(last) {
			q[i] = last
			break
		}
		q[i], i = q[down], down
	}
	return top, q
}
