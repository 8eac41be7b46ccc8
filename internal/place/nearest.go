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
// neighbours, as are the places of 16 such words, of 16 such groups, and so on. A search walks down from the nearest
// groups and leaves out each group and each word that holds nothing of what is chosen: filters that few places meet cost
// little more than others, wherever those places are.

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
	levels  [][]box  // around 64 spots each, then around 16 boxes of the level before, until few are left
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
	g.levels = levels(g.spots)
	return g
}

// group is how many boxes one box of the level above holds.
const group = 16

// levels puts spots into boxes, and those into larger ones.
func levels(spots []spot) [][]box {
	level := make([]box, (len(spots)+63)/64)
	for i := range level {
		level[i] = nothing
		for k := range spots[i*64 : min((i+1)*64, len(spots))] {
			level[i].hold(&spots[i*64+k], &spots[i*64+k])
		}
	}
	out := [][]box{level}
	for len(level) > group {
		above := make([]box, (len(level)+group-1)/group)
		for i := range above {
			above[i] = nothing
			for k := range level[i*group : min((i+1)*group, len(level))] {
				above[i].hold(&level[i*group+k].low, &level[i*group+k].high)
			}
		}
		out = append(out, above)
		level = above
	}
	return out
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
	q = g.pushBoxes(q, len(g.levels)-1, 0, &from, among)
	var c candidate
	for len(q) > 0 {
		c, q = q.pop()
		switch {
		case c.level > 0:
			q = g.pushBoxes(q, c.level-1, c.at*group, &from, among)
		case c.level == 0:
			q = g.pushSpots(q, c.at, &from, among)
		case !yield(g.ranked[c.at], c.chord2):
			return
		}
	}
}

// pushBoxes adds a group of boxes of a level.
func (g *ground) pushBoxes(q queue, level, first int, from *spot, among selection) queue {
	boxes := g.levels[level]
	for i := first; i < min(first+group, len(boxes)); i++ {
		if among.mayBeIn(level, i) {
			q = q.push(candidate{boxes[i].chord2(from), aBox, level, i})
		}
	}
	return q
}

// mayBeIn reports whether box number i of a level may hold something of the selection.
func (s selection) mayBeIn(level, i int) bool {
	const groups, all = 64 / group, 1<<group - 1 // groups of words in a word of filled, the bits of one
	switch level {
	case 0:
		return s.word(i) != 0
	case 1:
		return s.filled(i/groups)>>(i%groups*group)&all != 0
	}
	return true
}

// pushSpots adds the entries of a word.
func (g *ground) pushSpots(q queue, word int, from *spot, among selection) queue {
	for w := among.word(word); w != 0; w &= w - 1 {
		if rank := word<<6 + bits.TrailingZeros64(w); rank < len(g.spots) {
			q = q.push(candidate{g.spots[rank].chord2(from), g.numbers[rank], anEntry, rank})
		}
	}
	return q
}

// candidate is a box or an entry that may come next, the nearer first. A box comes before an entry as near: it may hold
// one of a lower number.
type candidate struct {
	chord2 float64
	number Number // of the entry; aBox
	level  int    // of the box; anEntry
	at     int    // number of the box in its level, rank of the entry
}

const (
	aBox    Number = -1
	anEntry        = -1
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
