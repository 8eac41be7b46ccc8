package territory

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/tidwall/rtree"
)

// Contours are the outlines of communes, ready to be asked which one a position lies in. They are held packed and read
// where they stand: a commune costs some 350 bytes. Contours are immutable and safe for concurrent use.
type Contours struct {
	tree      rtree.RTreeGN[int32, int32] // rank in list, by bounding box
	list      []contour                   // by code
	gazetteer *Gazetteer
}

// contour is the outline of one commune.
type contour struct {
	code     string
	geometry packed
	year     int // of the source; 0 when not known
}

// newContours indexes outlines, in the order of their codes. It leaves out, and counts, those that it cannot read and
// leaves out those of a commune that g does not know; those of communes that merged make one.
func newContours(list []contour, g *Gazetteer) (c *Contours, unread int) {
	c = &Contours{gazetteer: g, list: make([]contour, 0, len(list))}
	list, unread = unite(list, g, today())
	for _, one := range list {
		box, _, err := one.geometry.open()
		if err != nil {
			unread++
			continue
		}
		c.tree.Insert(box.min, box.max, int32(len(c.list))) // a country has some 35,000
		c.list = append(c.list, one)
	}
	return c, unread
}

// Len is how many communes have an outline.
func (c *Contours) Len() int { return len(c.list) }

// CommuneAt returns the commune that a position lies in; ok is false where no outline holds it. On a border that two
// outlines share, exactly one holds it; where outlines overlap, the smaller code.
func (c *Contours) CommuneAt(p Point) (found Commune, ok bool) {
	if !p.Known() || !p.Valid() {
		return Commune{}, false
	}
	x, y := p.Lon*unitsADegree, p.Lat*unitsADegree
	low := [2]int32{int32(math.Floor(x)), int32(math.Floor(y))}
	high := [2]int32{int32(math.Ceil(x)), int32(math.Ceil(y))}
	best := int32(-1)
	c.tree.Search(low, high, func(_, _ [2]int32, rank int32) bool {
		if (best < 0 || rank < best) && c.list[rank].geometry.holds(x, y) {
			best = rank
		}
		return true
	})
	if best < 0 {
		return Commune{}, false
	}
	return c.gazetteer.Commune(c.list[best].code)
}

// unitsADegree is the precision of outlines: a hundred-thousandth of a degree, about a metre.
const unitsADegree = 1e5

// vertex is a corner of an outline, in units.
type vertex struct{ x, y int32 }

// box is the smallest box around an outline.
type box struct{ min, max [2]int32 }

func (b *box) add(v vertex) {
	b.min = [2]int32{min(b.min[0], v.x), min(b.min[1], v.y)}
	b.max = [2]int32{max(b.max[0], v.x), max(b.max[1], v.y)}
}

// packed is an outline in few bytes: a version; the bounding box; then each ring as the number of its corners and the
// steps from corner to corner, the first from the corner of the box before. Numbers are varints (encoding/binary). Rings
// do not repeat their first corner and say not whether they are holes: what an odd number of rings holds is inside.
type packed []byte

const (
	packedVersion = 1
	mostRings     = 10_000    // France's most broken coast has some hundreds
	mostCorners   = 1_000_000 // of a commune at full precision: some ten thousand
)

// pack packs rings that have three corners or more.
func pack(rings [][]vertex) packed {
	around := box{min: [2]int32{math.MaxInt32, math.MaxInt32}, max: [2]int32{math.MinInt32, math.MinInt32}}
	for _, ring := range rings {
		for _, v := range ring {
			around.add(v)
		}
	}
	b := packed{packedVersion}
	for _, v := range []int32{around.min[0], around.min[1], around.max[0], around.max[1]} {
		b = binary.AppendVarint(b, int64(v))
	}
	b = binary.AppendUvarint(b, uint64(len(rings)))
	last := vertex{around.min[0], around.min[1]}
	for _, ring := range rings {
		b = binary.AppendUvarint(b, uint64(len(ring)))
		for _, v := range ring {
			b = binary.AppendVarint(b, int64(v.x)-int64(last.x))
			b = binary.AppendVarint(b, int64(v.y)-int64(last.y))
			last = v
		}
	}
	return b
}

var errPacked = errors.New("not a packed outline")

// steps reads the numbers of a packed outline one after the other.
type steps struct {
	rest []byte
	bad  bool
}

func (s *steps) number() int64 {
	v, n := binary.Varint(s.rest)
	s.take(n)
	return v
}

func (s *steps) count(most uint64) int {
	v, n := binary.Uvarint(s.rest)
	if s.take(n); v > most {
		s.bad = true
		return 0
	}
	return int(v)
}

func (s *steps) take(n int) {
	if n <= 0 {
		s.bad = true
		s.rest = nil
		return
	}
	s.rest = s.rest[n:]
}

// from moves a corner by the next step.
func (s *steps) from(v vertex) vertex {
	x, y := int64(v.x)+s.number(), int64(v.y)+s.number()
	if x < math.MinInt32 || x > math.MaxInt32 || y < math.MinInt32 || y > math.MaxInt32 {
		s.bad = true
		return vertex{}
	}
	return vertex{int32(x), int32(y)}
}

// open reads the bounding box and returns what follows it.
func (g packed) open() (around box, rest steps, err error) {
	if len(g) == 0 || g[0] != packedVersion {
		return box{}, steps{}, errPacked
	}
	s := steps{rest: g[1:]}
	least := s.from(vertex{})
	most := s.from(vertex{})
	if s.bad || least.x > most.x || least.y > most.y {
		return box{}, steps{}, errPacked
	}
	return box{min: [2]int32{least.x, least.y}, max: [2]int32{most.x, most.y}}, s, nil
}

// edges calls yield for every side of every ring. It reports errPacked when the bytes are no whole outline.
func (g packed) edges(yield func(ring int, a, b vertex)) error {
	around, s, err := g.open()
	if err != nil {
		return err
	}
	last := vertex{around.min[0], around.min[1]}
	for ring := range s.count(mostRings) {
		corners := s.count(mostCorners)
		if corners < 3 {
			return errPacked
		}
		first := s.from(last)
		last = first
		for range corners - 1 {
			next := s.from(last)
			if s.bad {
				return errPacked
			}
			yield(ring, last, next)
			last = next
		}
		yield(ring, last, first)
	}
	if s.bad || len(s.rest) > 0 {
		return errPacked
	}
	return nil
}

// holds reports whether a position, in units, lies inside: whether a line from it to the east crosses an odd number of
// sides. A side counts its lower end and not its upper one, and is measured from the lower one, whichever way it is
// walked, so that two neighbours agree on their border.
func (g packed) holds(x, y float64) bool {
	inside := false
	err := g.edges(func(_ int, a, b vertex) {
		if a.y > b.y {
			a, b = b, a
		}
		ay, by := float64(a.y), float64(b.y)
		if (ay > y) != (by > y) && x < float64(a.x)+(float64(b.x)-float64(a.x))*(y-ay)/(by-ay) {
			inside = !inside
		}
	})
	return err == nil && inside
}
