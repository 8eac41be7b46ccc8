package place

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
)

// A map shows at most MaxMarks marks, each a place or a group of places, so that one can go through them by keyboard and
// press each with a thumb.
//
// Groups come from one tree over the whole index. At a level, some places are heads: no two of them are nearer to each
// other than the level's reach, and every other place belongs to one. The heads of a coarser level are heads of the finer
// ones too, those that most places belong to first. So a mark always stands on a place, in the town rather than in the
// sea; zooming in splits groups and never shuffles them; and what one sees does not depend on the order of anything but
// public numbers.
//
// A view takes the finest level that its zoom allows and climbs until few enough marks are left. It counts what it shows
// alone: places that meet the filters, inside the view.

// MaxMarks is how many marks a view has at most. With as many lines of the list beside, a page stays under its budget of
// elements and a reader in reach of everything.
const MaxMarks = 24

// MaxZoom is the nearest zoom of a view, in the usual levels of web maps: the world is 256 pixels wide at zoom 0, twice
// as wide at each next one.
const MaxZoom = 19

// Pixels of a view, at its zoom.
const (
	reach = 64 // between the heads of the finest level of a zoom
	gap   = 44 // between marks, at least: the width of one
)

// Levels of the tree, two for each zoom; the first ones are wide enough for the whole world to be one group.
const (
	aboveWorld = 5
	levelCount = aboveWorld + 2*MaxZoom + 1
)

// levelOf is the finest level of a zoom.
func levelOf(zoom int) int { return aboveWorld + 2*min(max(zoom, 0), MaxZoom) }

// reachOf is how far apart the heads of a level are, in widths of the world.
func reachOf(level int) float64 {
	return reach / 256. * math.Pow(2, float64(aboveWorld-level)/2)
}

// Bounds is a part of the map: its western and eastern longitudes, its southern and northern latitudes, in degrees. It
// never crosses the antimeridian.
type Bounds struct{ West, South, East, North float64 }

// Valid reports whether b is on the globe, the right way round.
func (b Bounds) Valid() bool {
	return b.West <= b.East && b.South <= b.North &&
		territory.Point{Lat: b.South, Lon: b.West}.Valid() && territory.Point{Lat: b.North, Lon: b.East}.Valid()
}

// Holds reports whether a point lies in b, its edges included.
func (b Bounds) Holds(p territory.Point) bool {
	return p.Lon >= b.West && p.Lon <= b.East && p.Lat >= b.South && p.Lat <= b.North
}

// Around returns the smallest bounds that hold b and p.
func (b Bounds) Around(p territory.Point) Bounds {
	return Bounds{min(b.West, p.Lon), min(b.South, p.Lat), max(b.East, p.Lon), max(b.North, p.Lat)}
}

// BoundsOf is the bounds of one point.
func BoundsOf(p territory.Point) Bounds { return Bounds{p.Lon, p.Lat, p.Lon, p.Lat} }

// ParseBounds reads "west,south,east,north", in degrees. ok is false for anything else, and for bounds that are not Valid.
func ParseBounds(text string) (b Bounds, ok bool) {
	sides := strings.Split(text, ",")
	if len(sides) != 4 {
		return Bounds{}, false
	}
	for i, into := range []*float64{&b.West, &b.South, &b.East, &b.North} {
		v, err := strconv.ParseFloat(sides[i], 64)
		if err != nil {
			return Bounds{}, false
		}
		*into = v
	}
	return b, b.Valid()
}

// MapWords makes of what a person wrote the Words of a MapQuery.
func MapWords(text string) string { return strings.Join(meaningful(fold.Key(text)), " ") }

// MapQuery is what a map asks: the marks of a view.
type MapQuery struct {
	Bounds Bounds
	Zoom   int       // 0 to MaxZoom; what lies outside is the nearest of both
	Words  string    // that places must hold, as Result.Words says them; "" for none
	Facets []Facet   // what places must all have: none is ever left out for want of answers
	Now    time.Time // the instant that the facets of time are seen from
}

// MapView is the marks of a view. The counts of Marks add up to Total.
type MapView struct {
	Total int
	Marks []MapMark // from north to south, then from west to east
}

// MapMark is one place, or a group of places. It stands on Entry: the place itself, or the one in the midst of the group.
type MapMark struct {
	*Entry
	Count  int               // places of the view that it stands for
	Town   territory.Commune // the one with most inhabitants that its places are in; zero when not known
	Bounds Bounds
	Places []*Entry // all of them, by number, when the view has no more than MaxMarks places; nil otherwise
}

// grove is the tree of groups of an index. Places go by rank; only those that stand somewhere known have a group.
type grove struct {
	once   sync.Once
	stamp  string // of what a view may say of any place
	spots  []flat
	parent []int32 // the head that a place belongs to from level upTo down; itself for the last head of all
	upTo   []int8  // a place is a head on all finer levels; -1 for the last head
}

// flat is a position on the map of the world (Mercator), which is one wide and one high.
type flat struct{ x, y float64 }

func flatOf(p territory.Point) flat {
	const most = 85.05112878 // the latitude at which the map of the world is a square
	lat := min(max(p.Lat, -most), most) * math.Pi / 180
	return flat{(p.Lon + 180) / 360, (1 - math.Log(math.Tan(lat)+1/math.Cos(lat))/math.Pi) / 2}
}

// apart2 is the square of the distance between two positions.
func (f flat) apart2(o flat) float64 { return (f.x-o.x)*(f.x-o.x) + (f.y-o.y)*(f.y-o.y) }

// grown returns the tree, made when the first map asks for it.
func (x *Index) grown() *grove {
	g := &x.grove
	g.once.Do(func() {
		g.stamp = x.said()
		g.grow(x.ground.ranked[:len(x.ground.spots)])
	})
	return g
}

// said is a digest of what views say of places: it is the same on every node, and another one as soon as any place, or the
// name of its commune, is.
func (x *Index) said() string {
	h := sha256.New()
	for _, e := range x.entries {
		fmt.Fprintf(h, "%d %q %q %q %v %v\n", e.Number, e.Name, e.Ground.Name, e.Offer(), e.Stands, e.Approximate)
		for _, set := range x.sets {
			if set.words != nil && set.has(e.rank) {
				_, _ = h.Write([]byte{'1'})
			} else {
				_, _ = h.Write([]byte{'0'})
			}
		}
	}
	return strconv.FormatInt(x.version, 10) + "-" + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:9])
}

// MapTag names what the answers to a question of a map are made of: two that have the same tag are alike.
func (x *Index) MapTag(q MapQuery) string {
	tag := x.grown().stamp
	for _, f := range q.Facets {
		if f.Group() == GroupWhen {
			return tag + "-" + strconv.FormatInt(x.at(q.Now).minute, 10)
		}
	}
	return tag
}

// Extent is the bounds of all places that stand somewhere known; ok is false when none does.
func (x *Index) Extent(of func(e *Entry) bool) (b Bounds, ok bool) {
	for _, e := range x.ground.ranked[:len(x.ground.spots)] {
		if !of(e) {
			continue
		}
		if !ok {
			b, ok = BoundsOf(e.Stands), true
		}
		b = b.Around(e.Stands)
	}
	return b, ok
}

// Departments lists the départements that have places, by code.
func (x *Index) Departments() []string {
	seen := map[string]bool{"": true}
	var out []string
	for _, e := range x.entries {
		if code := e.Ground.Department; !seen[code] {
			seen[code] = true
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// Towns lists the communes with most inhabitants inside bounds, at most most of them, no two of them nearer than apart
// pixels at a zoom: those that a map names.
func (x *Index) Towns(b Bounds, zoom, most int, apart float64) []territory.Commune {
	apart /= 256 * math.Pow(2, float64(zoom))
	var out []territory.Commune
	var spots []flat
	for c := range x.gazetteer.ByPeople() {
		if len(out) == most {
			break
		}
		if !c.Point.Known() || !b.Holds(c.Point) {
			continue
		}
		spot := flatOf(c.Point)
		if !slices.ContainsFunc(spots, func(o flat) bool { return o.apart2(spot) < apart*apart }) {
			out, spots = append(out, c), append(spots, spot)
		}
	}
	return out
}

// grow makes the tree from its finest level up.
func (g *grove) grow(ranked []*Entry) {
	n := len(ranked)
	g.spots, g.parent, g.upTo = make([]flat, n), make([]int32, n), make([]int8, n)
	byNumber := make([]int32, n)
	for i, e := range ranked {
		g.spots[i], g.parent[i], g.upTo[i], byNumber[i] = flatOf(e.Stands), int32(i), -1, int32(i)
	}
	slices.SortFunc(byNumber, func(a, b int32) int { return cmp.Compare(ranked[a].Number, ranked[b].Number) })
	weight, heads, order := make([]uint32, n), make([]int32, n), make([]uint64, n)
	for i := range heads {
		weight[i], heads[i] = 1, int32(i)
	}
	t := thinner{grove: g, ranks: byNumber, weight: weight, next: make([]int32, n), first: make([]int32, 1<<bits.Len(uint(2*n)))}
	for level := levelCount - 1; level >= 0 && len(heads) > 1; level-- {
		// The heaviest first, so that a group is named after its town and not after a hamlet beside it; of two as heavy,
		// the lower number.
		order = order[:0]
		for _, i := range heads {
			order = append(order, uint64(math.MaxUint32-weight[i])<<32|uint64(i))
		}
		slices.Sort(order)
		heads = heads[:0]
		t.far = reachOf(level)
		for _, o := range order {
			if i := int32(o & math.MaxUint32); t.keep(i, level) {
				heads = append(heads, i)
			}
		}
		t.clear()
	}
}

// thinner makes the heads of one level after the other. Places go by the order of their numbers here.
type thinner struct {
	*grove
	ranks  []int32  // of the places, by that order
	weight []uint32 // places that belong to a head
	first  []int32  // of the heads of each cell of a grid, and one: 0 is none; cells share a line now and then
	next   []int32  // in the same cell
	used   []uint32 // lines of first
	far    float64  // the reach of the level
}

// keep makes a place a head of the level, or gives it to the first head in reach.
func (t *thinner) keep(i int32, level int) bool {
	far, spot := t.far, t.spots[t.ranks[i]]
	x, y := int32(spot.x/far), int32(spot.y/far)
	for k := range int32(9) {
		for h := t.first[t.line(x+k%3-1, y+k/3-1)]; h > 0; h = t.next[h-1] {
			if head := t.ranks[h-1]; t.spots[head].apart2(spot) < far*far {
				t.parent[t.ranks[i]], t.upTo[t.ranks[i]] = head, int8(level)
				t.weight[h-1] += t.weight[i]
				return false
			}
		}
	}
	line := t.line(x, y)
	t.next[i], t.first[line] = t.first[line], i+1
	t.used = append(t.used, line)
	return true
}

// line is where the heads of a cell are kept.
func (t *thinner) line(x, y int32) uint32 {
	h := (uint64(uint32(x))<<32 | uint64(uint32(y))) * 0x9e3779b97f4a7c15
	return uint32(h>>32) & uint32(len(t.first)-1)
}

func (t *thinner) clear() {
	for _, line := range t.used {
		t.first[line] = 0
	}
	t.used = t.used[:0]
}

// headOf is the head that a place belongs to at a level.
func (g *grove) headOf(rank int32, level int) int32 {
	for int(g.upTo[rank]) >= level {
		rank = g.parent[rank]
	}
	return rank
}

// cluster is a group while a view is made.
type cluster struct {
	head   int32 // of the tree
	at     int32 // the place that the mark stands on
	town   *territory.Commune
	count  int
	bounds Bounds
	places []int32
}

// Map returns the marks of a view. Bounds that are not Valid hold nothing.
func (x *Index) Map(q MapQuery) MapView {
	inside := x.inside(q)
	return x.view(q, inside, len(inside) <= MaxMarks)
}

// view groups places into the marks of a view; spelt, each mark lists its places.
func (x *Index) view(q MapQuery, inside []int32, spelt bool) MapView {
	g := x.grown()
	level := levelOf(q.Zoom)
	marks := g.gather(x.ground.ranked, inside, level, spelt)
	for ; len(marks) > MaxMarks && level > 0; level-- {
		marks = g.climb(marks, level-1)
	}
	marks = g.spread(marks, gap/256./math.Pow(2, float64(min(max(q.Zoom, 0), MaxZoom))))
	v := MapView{Total: len(inside), Marks: make([]MapMark, 0, len(marks))}
	for _, c := range marks {
		m := MapMark{Entry: x.ground.ranked[c.at], Count: c.count, Town: *c.town, Bounds: c.bounds}
		for _, rank := range c.places {
			m.Places = append(m.Places, x.ground.ranked[rank])
		}
		slices.SortFunc(m.Places, func(a, b *Entry) int { return cmp.Compare(a.Number, b.Number) })
		v.Marks = append(v.Marks, m)
	}
	slices.SortFunc(v.Marks, func(a, b MapMark) int {
		return cmp.Or(cmp.Compare(b.Stands.Lat, a.Stands.Lat), cmp.Compare(a.Stands.Lon, b.Stands.Lon), cmp.Compare(a.Number, b.Number))
	})
	return v
}

// inside lists the ranks of the places that a view shows, in order.
func (x *Index) inside(q MapQuery) []int32 {
	sets := having(x.setsFor(Query{Facets: q.Facets, Now: q.Now}), q.Facets)
	if q.Words != "" {
		set := newBitset(len(x.entries))
		for _, e := range x.containing(strings.Fields(q.Words)) {
			set.add(e.rank)
		}
		sets = append(sets, set)
	}
	sets = append(sets, x.located)
	var out []int32
	for i := range sets[0].words {
		for w := sets.word(i); w != 0; w &= w - 1 {
			rank := i<<6 + bits.TrailingZeros64(w)
			if q.Bounds.Holds(x.ground.ranked[rank].Stands) {
				out = append(out, int32(rank))
			}
		}
	}
	return out
}

// gather puts places under their heads of a level; spelt, each group lists its places.
func (g *grove) gather(ranked []*Entry, places []int32, level int, spelt bool) []cluster {
	var out []cluster
	at := make([]int32, len(g.spots)) // of a head: its group, and one
	for _, rank := range places {
		one := cluster{head: g.headOf(rank, level), at: rank, town: &ranked[rank].Ground, count: 1, bounds: BoundsOf(ranked[rank].Stands)}
		if spelt {
			one.places = []int32{rank}
		}
		i := at[one.head]
		if i == 0 {
			out = append(out, one)
			at[one.head] = int32(len(out))
			continue
		}
		out[i-1] = g.joined(out[i-1], one, one.head)
	}
	return out
}

// climb puts groups under the heads of a coarser level.
func (g *grove) climb(groups []cluster, level int) []cluster {
	out := make([]cluster, 0, len(groups))
	at := make(map[int32]int, len(groups))
	for _, c := range groups {
		head := g.headOf(c.head, level)
		i, known := at[head]
		if !known {
			at[head] = len(out)
			c.head = head
			out = append(out, c)
			continue
		}
		out[i] = g.joined(out[i], c, head)
	}
	return out
}

// joined is two groups as one under a head. Its mark stands on that of the two places that is nearer to the head: filters
// and the edge of the view may have left the head itself out.
func (g *grove) joined(a, b cluster, head int32) cluster {
	if g.spots[b.at].apart2(g.spots[head]) < g.spots[a.at].apart2(g.spots[head]) {
		a.at = b.at
	}
	if b.town.Population > a.town.Population || a.town.Code == "" {
		a.town = b.town
	}
	a.head, a.count, a.places = head, a.count+b.count, append(a.places, b.places...)
	a.bounds = Bounds{min(a.bounds.West, b.bounds.West), min(a.bounds.South, b.bounds.South), max(a.bounds.East, b.bounds.East), max(a.bounds.North, b.bounds.North)}
	return a
}

// spread joins marks that would lie on each other into the larger one, until none do.
func (g *grove) spread(marks []cluster, apart float64) []cluster {
	for {
		i, j, ok := g.touching(marks, apart)
		if !ok {
			return marks
		}
		if marks[j].count > marks[i].count {
			i, j = j, i
		}
		at, head := marks[i].at, marks[i].head
		marks[i] = g.joined(marks[i], marks[j], head)
		marks[i].at = at
		marks = slices.Delete(marks, j, j+1)
	}
}

// touching finds two marks that are nearer to each other than they may be.
func (g *grove) touching(marks []cluster, apart float64) (i, j int, ok bool) {
	for i := range marks {
		for j := range i {
			if g.spots[marks[i].at].apart2(g.spots[marks[j].at]) < apart*apart {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}
