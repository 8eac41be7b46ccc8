package territory

import (
	"cmp"
	"math"
	"slices"

	"viaduc/internal/platform/fold"
)

// Drawing is the ground of an area as lines of whole units, some thousand of them along its longer side, to be drawn on a
// screen or on paper: what outlines hold, simplified so that neighbours still share their borders. It is immutable.
//
// Land and Around are closed rings (the first corner is not repeated) in which what an odd number of rings holds is
// ground; the other lines are open. X grows to the east, Y to the south.
type Drawing struct {
	Area          Area
	Width, Height int
	Land          [][]Corner // the area
	Around        [][]Corner // its neighbours, where their outlines are known
	EPCIs         [][]Corner // borders between two groupings, inside the area
	Communes      [][]Corner // borders between two communes of one grouping
	Towns         []Town     // the main towns, most people first, far enough from each other to be written

	west, north float64 // degrees of the corner (0, 0)
	perLon      float64 // units a degree
	perLat      float64
}

// Corner is a corner of a line, in the units of its drawing.
type Corner struct{ X, Y int }

// Town is a name on a drawing.
type Town struct {
	Name string
	At   Corner
}

// XY is where a position lies on the drawing, in units.
func (d *Drawing) XY(p Point) (x, y float64) {
	return (p.Lon - d.west) * d.perLon, (d.north - p.Lat) * d.perLat
}

// Point is the position of a spot of the drawing.
func (d *Drawing) Point(x, y float64) Point {
	return Point{Lat: d.north - y/d.perLat, Lon: d.west + x/d.perLon}
}

// Kilometre is how many units one kilometre takes.
func (d *Drawing) Kilometre() float64 { return d.perLat / kmADegree }

// kmADegree is the length of a degree of latitude.
const kmADegree = 111.2

const (
	drawingSide    = 1000 // units along the longer side
	drawingMargin  = 0.03 // of the longer side, around the area
	communeMargin  = 0.35 // a commune is shown with what surrounds it
	tolerance      = 0.9  // how far a line may leave the true one, in units
	wideTolerance  = 1.7  // of a ground of many communes, which would weigh too much else
	manyCommunes   = 250
	smallestIsland = 4.0 // square units: less is not seen
	mostTowns      = 9
)

// draw makes the drawing of an area; ok is false where no outline of it is known.
func (c *Contours) draw(a Area) (*Drawing, bool) {
	own := map[int32]bool{}
	around := box{min: [2]int32{math.MaxInt32, math.MaxInt32}, max: [2]int32{math.MinInt32, math.MinInt32}}
	for rank := range c.list {
		commune, _ := c.gazetteer.Commune(c.list[rank].code)
		if !a.Holds(commune) {
			continue
		}
		b, _, err := c.list[rank].geometry.open()
		if err != nil {
			continue // newContours left those out
		}
		own[int32(rank)] = true
		around.add(vertex{b.min[0], b.min[1]})
		around.add(vertex{b.max[0], b.max[1]})
	}
	if len(own) == 0 || !a.Known() {
		return nil, false
	}
	d := newDrawing(a, around)
	seen := d.window()
	t := topology{owners: map[side][2]int32{}, own: own, contours: c}
	c.tree.Search(seen.min, seen.max, func(_, _ [2]int32, rank int32) bool { t.ranks = append(t.ranks, rank); return true })
	slices.Sort(t.ranks)
	t.read()
	allowed := tolerance
	if len(own) > manyCommunes {
		allowed = wideTolerance
	}
	d.trace(t.arcs(), &t, allowed)
	d.Towns = d.towns(c.gazetteer.CommunesIn(a))
	return d, true
}

// newDrawing projects a box: equirectangular at its mean latitude, which is true enough at the size of a département.
func newDrawing(a Area, b box) *Drawing {
	south, north := float64(b.min[1])/unitsADegree, float64(b.max[1])/unitsADegree
	west, east := float64(b.min[0])/unitsADegree, float64(b.max[0])/unitsADegree
	narrow := math.Cos((south + north) / 2 * math.Pi / 180)
	wide, high := max((east-west)*narrow, 0.01), max(north-south, 0.01)
	margin := drawingMargin * max(wide, high)
	if a.Kind == CommuneArea {
		margin = communeMargin * max(wide, high)
	}
	wide, high = wide+2*margin, high+2*margin
	d := &Drawing{Area: a, west: west - margin/narrow, north: north + margin}
	d.perLat = drawingSide / max(wide, high)
	d.perLon = d.perLat * narrow
	d.Width, d.Height = int(math.Ceil(wide*d.perLat)), int(math.Ceil(high*d.perLat))
	return d
}

// beyond is how far neighbours are drawn past the edges, in units: a page shows the drawing in a frame of another shape.
func (d *Drawing) beyond() (x, y int) {
	const frame = 1.75
	return 8 + max(0, int(float64(d.Height)*frame)-d.Width)/2, 8 + max(0, int(float64(d.Width)/frame)-d.Height)/2
}

// window is what is drawn, in the units of outlines.
func (d *Drawing) window() box {
	bx, by := d.beyond()
	least, most := d.Point(float64(-bx), float64(d.Height+by)), d.Point(float64(d.Width+bx), float64(-by))
	unit := func(v float64) int32 { return int32(math.Round(v * unitsADegree)) }
	return box{min: [2]int32{unit(least.Lon), unit(least.Lat)}, max: [2]int32{unit(most.Lon), unit(most.Lat)}}
}

// side is a piece of a border, whichever way it is walked: the smaller corner comes first.
type side struct{ a, b vertex }

func sideOf(a, b vertex) side {
	if b.x < a.x || b.x == a.x && b.y < a.y {
		a, b = b, a
	}
	return side{a, b}
}

// nobody owns the other side of a coast.
const nobody = int32(-1)

// topology knows who lies on both sides of each piece of border.
type topology struct {
	contours *Contours
	ranks    []int32 // of the communes that are seen
	own      map[int32]bool
	owners   map[side][2]int32
	rings    []ring
}

type ring struct {
	owner   int32
	corners []vertex
}

// read collects rings and owners. A piece that one commune walks twice belongs to nobody else, and is no border.
func (t *topology) read() {
	for _, rank := range t.ranks {
		var corners []vertex
		last := -1
		flush := func() {
			if len(corners) > 2 {
				t.rings = append(t.rings, ring{rank, corners})
			}
			corners = nil
		}
		_ = t.contours.list[rank].geometry.edges(func(r int, a, b vertex) { // read before, by newContours
			if r != last {
				flush()
				last = r
			}
			corners = append(corners, a)
			s := sideOf(a, b)
			if held, ok := t.owners[s]; ok {
				held[1] = rank
				t.owners[s] = held
			} else {
				t.owners[s] = [2]int32{rank, nobody}
			}
		})
		flush()
	}
}

// arc is a border between two owners, from a junction to the next; closed when it meets none.
type arc struct {
	owners  [2]int32
	corners []vertex
}

func (a *arc) closed() bool { return a.corners[0] == a.corners[len(a.corners)-1] }

// arcs cuts rings where the neighbour changes. Each arc comes once, from the ring of its first owner.
func (t *topology) arcs() []arc {
	var out []arc
	for _, r := range t.rings {
		n := len(r.corners)
		pair := func(i int) [2]int32 { return t.owners[sideOf(r.corners[i%n], r.corners[(i+1)%n])] }
		start := 0
		for i := range n { // from a junction on, if there is one
			if pair(i) != pair(i+n-1) {
				start = i
				break
			}
		}
		for i := 0; i < n; {
			one := arc{owners: pair(start + i), corners: []vertex{r.corners[(start+i)%n]}}
			for i < n && pair(start+i) == one.owners {
				one.corners = append(one.corners, r.corners[(start+i+1)%n])
				i++
			}
			if one.owners[0] == r.owner && one.owners[1] != r.owner {
				out = append(out, one)
			}
		}
	}
	return out
}

// trace sorts arcs into lines and rings.
func (d *Drawing) trace(arcs []arc, t *topology, allowed float64) {
	var land, neighbours []traced
	for i := range arcs {
		a := &arcs[i]
		line := traced{from: a.corners[0], to: a.corners[len(a.corners)-1], corners: d.simplified(a, allowed)}
		first, second := t.own[a.owners[0]], a.owners[1] != nobody && t.own[a.owners[1]]
		switch {
		case first && second:
			one, _ := t.contours.gazetteer.Commune(t.contours.list[a.owners[0]].code)
			other, _ := t.contours.gazetteer.Commune(t.contours.list[a.owners[1]].code)
			if one.EPCI != other.EPCI {
				d.EPCIs = append(d.EPCIs, line.corners)
			} else {
				d.Communes = append(d.Communes, line.corners)
			}
		case first || second:
			land = append(land, line)
			if a.owners[1] != nobody {
				neighbours = append(neighbours, line)
			}
		case a.owners[1] == nobody:
			neighbours = append(neighbours, line)
		}
	}
	for _, r := range chained(land) {
		if twice := ringArea(r); twice >= 2*smallestIsland {
			d.Land = append(d.Land, r)
		}
	}
	for _, r := range chained(neighbours) {
		if r = d.clipped(r); len(r) > 2 && ringArea(r) >= 2*smallestIsland {
			d.Around = append(d.Around, r)
		}
	}
}

// traced is a line on the drawing that still knows its true ends.
type traced struct {
	from, to vertex
	corners  []Corner
}

// chained joins lines end to end into rings. Around each end an even number of lines meet, since they bound ground; where
// data is not so clean, a ring is closed by a straight line.
func chained(lines []traced) [][]Corner {
	ends := map[vertex][]int{}
	for i := range lines {
		ends[lines[i].from] = append(ends[lines[i].from], i)
		if lines[i].to != lines[i].from {
			ends[lines[i].to] = append(ends[lines[i].to], i)
		}
	}
	used := make([]bool, len(lines))
	var out [][]Corner
	for i := range lines {
		if used[i] {
			continue
		}
		used[i] = true
		walked := slices.Clone(lines[i].corners)
		for at := lines[i].to; at != lines[i].from; {
			next := slices.IndexFunc(ends[at], func(j int) bool { return !used[j] })
			if next < 0 {
				break
			}
			j := ends[at][next]
			used[j] = true
			more := lines[j].corners
			if lines[j].from == at {
				at = lines[j].to
			} else {
				more = slices.Clone(more)
				slices.Reverse(more)
				at = lines[j].from
			}
			walked = append(walked, more[1:]...)
		}
		if walked[0] == walked[len(walked)-1] {
			walked = walked[:len(walked)-1]
		}
		if len(walked) > 2 {
			out = append(out, walked)
		}
	}
	return out
}

// ringArea is twice the area of a ring, in square units.
func ringArea(r []Corner) float64 {
	sum := 0
	for i, a := range r {
		b := r[(i+1)%len(r)]
		sum += a.X*b.Y - b.X*a.Y
	}
	return math.Abs(float64(sum))
}

type spotXY struct{ x, y float64 }

// simplified projects an arc and leaves out the corners that nobody would miss (Ramer-Douglas-Peucker). Its ends stay.
func (d *Drawing) simplified(a *arc, allowed float64) []Corner {
	line := make([]spotXY, len(a.corners))
	for i, v := range a.corners {
		line[i].x, line[i].y = d.XY(Point{Lat: float64(v.y) / unitsADegree, Lon: float64(v.x) / unitsADegree})
	}
	keep := make([]bool, len(line))
	last := len(line) - 1
	keep[0], keep[last] = true, true
	if a.closed() { // an island: its two ends are one, so that the farthest corner is the other
		far, most := 0, -1.0
		for i, p := range line {
			if away := math.Hypot(p.x-line[0].x, p.y-line[0].y); away > most {
				far, most = i, away
			}
		}
		keep[far] = true
		thin(line, 0, far, allowed, keep)
		thin(line, far, last, allowed, keep)
	} else {
		thin(line, 0, last, allowed, keep)
	}
	var out []Corner
	for i, p := range line {
		c := Corner{int(math.Round(p.x)), int(math.Round(p.y))}
		if keep[i] && (len(out) == 0 || out[len(out)-1] != c || i == last && len(out) == 1) {
			out = append(out, c)
		}
	}
	return out
}

// thin marks what must stay between two corners that stay.
func thin(line []spotXY, from, to int, allowed float64, keep []bool) {
	far, most := 0, allowed
	a, b := line[from], line[to]
	for i := from + 1; i < to; i++ {
		if away := apart(line[i], a, b); away > most {
			far, most = i, away
		}
	}
	if far == 0 {
		return
	}
	keep[far] = true
	thin(line, from, far, allowed, keep)
	thin(line, far, to, allowed, keep)
}

// apart is how far a spot is from a straight piece.
func apart(p, a, b spotXY) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	if dx == 0 && dy == 0 {
		return math.Hypot(p.x-a.x, p.y-a.y)
	}
	along := min(1, max(0, ((p.x-a.x)*dx+(p.y-a.y)*dy)/(dx*dx+dy*dy)))
	return math.Hypot(p.x-a.x-along*dx, p.y-a.y-along*dy)
}

// clipped is what is drawn of a ring (Sutherland-Hodgman).
func (d *Drawing) clipped(r []Corner) []Corner {
	bx, by := d.beyond()
	for _, cut := range []struct {
		in    func(Corner) bool
		cross func(a, b Corner) Corner
	}{
		{func(c Corner) bool { return c.X >= -bx }, func(a, b Corner) Corner { return atX(a, b, -bx) }},
		{func(c Corner) bool { return c.X <= d.Width+bx }, func(a, b Corner) Corner { return atX(a, b, d.Width+bx) }},
		{func(c Corner) bool { return c.Y >= -by }, func(a, b Corner) Corner { return atY(a, b, -by) }},
		{func(c Corner) bool { return c.Y <= d.Height+by }, func(a, b Corner) Corner { return atY(a, b, d.Height+by) }},
	} {
		var kept []Corner
		for i, b := range r {
			a := r[(i+len(r)-1)%len(r)]
			if cut.in(a) != cut.in(b) {
				kept = append(kept, cut.cross(a, b))
			}
			if cut.in(b) {
				kept = append(kept, b)
			}
		}
		r = kept
	}
	return slices.Compact(r)
}

func atX(a, b Corner, x int) Corner {
	return Corner{x, a.Y + int(math.Round(float64(b.Y-a.Y)*float64(x-a.X)/float64(b.X-a.X)))}
}

func atY(a, b Corner, y int) Corner {
	return Corner{a.X + int(math.Round(float64(b.X-a.X)*float64(y-a.Y)/float64(b.Y-a.Y))), y}
}

// The room that a name takes on a drawing, in units: names nearer than that would touch.
const (
	nameWide = 150
	nameHigh = 55
)

// towns chooses the names to write.
func (d *Drawing) towns(communes []Commune) []Town {
	slices.SortStableFunc(communes, func(a, b Commune) int {
		return cmp.Or(cmp.Compare(b.Population, a.Population), cmp.Compare(fold.Key(a.Name), fold.Key(b.Name)))
	})
	var out []Town
	for _, c := range communes {
		x, y := d.XY(c.Point)
		at := Corner{int(math.Round(x)), int(math.Round(y))}
		if !c.Point.Known() || at.X < 0 || at.X > d.Width || at.Y < 0 || at.Y > d.Height {
			continue
		}
		if slices.ContainsFunc(out, func(t Town) bool {
			return max(t.At.X-at.X, at.X-t.At.X) < nameWide && max(t.At.Y-at.Y, at.Y-t.At.Y) < nameHigh
		}) {
			continue
		}
		if out = append(out, Town{c.Name, at}); len(out) == mostTowns {
			break
		}
	}
	return out
}
