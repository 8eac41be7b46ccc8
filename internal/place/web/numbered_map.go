package web

import (
	"math"
	"strconv"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// The shape of a map and how near it comes, in units of a ground and parts of the width of what is seen.
const (
	mapAspect  = 4.0 / 3
	mapAround  = 0.09 // room beyond the outermost place
	marksApart = 0.088
	nearestKm  = 5.0 // what is seen is never narrower: a mark tells where, not at which door
)

// numberedMap draws the places of a page of a list, under the numbers of the list. area is what the list is about: its whole
// ground is seen; the zero Area shows what holds the places, on the ground of the grouping or of the département of at, or of
// the first place where at is nowhere.
func (h *Handlers) numberedMap(p ui.Page, found []place.Found, first int, area territory.Area, at territory.Commune) ui.Figure {
	var spots []territory.Point
	for _, f := range found {
		if f.Stands.Known() {
			spots = append(spots, f.Stands)
		}
	}
	if len(spots) == 0 && !area.Known() {
		return ui.Figure{}
	}
	if at.Code == "" && len(found) > 0 {
		at = found[0].Ground
	}
	g, drawn := h.groundFor(area, at, spots)
	f := ui.Figure{Group: p.T("place.map.group"), Caption: p.T("place.map.shapes")}
	projection := projectionOf(g, spots)
	if drawn {
		f.Ground = groundPath(g)
	}
	var marks []ui.FigureMark
	for i, one := range found {
		if !one.Stands.Known() {
			continue
		}
		m := ui.FigureMark{Mark: ui.Mark{Number: first + i, Shape: shapes[one.Offer()]}, Name: calm(one.Name), Href: "#lieu-" + strconv.Itoa(first+i)}
		m.X, m.Y = projection(one.Stands)
		m.TrueX, m.TrueY = m.X, m.Y
		marks = append(marks, m)
	}
	switch {
	case area.Known() && drawn && g.Area == area:
		f.Box = widened(ui.FigureBox{Width: float64(g.Width), Height: float64(g.Height)})
	default:
		f.Box = widened(boxAround(marks, g))
	}
	spread(marks, f.Box)
	f.Marks = marks
	f.Towns = h.townsOn(f.Box, projection, g, marks)
	return f
}

// groundPath is the address of a ground's file.
func groundPath(g *territory.Ground) string { return "/fonds/" + g.File }

// groundFor chooses the smallest ground that shows every place: of the grouping, else of the département.
func (h *Handlers) groundFor(area territory.Area, at territory.Commune, spots []territory.Point) (*territory.Ground, bool) {
	candidates := []territory.Area{area}
	if !area.Known() {
		candidates = []territory.Area{{Kind: territory.EPCIArea, Code: at.EPCI}, {Kind: territory.DepartmentArea, Code: at.Department}}
	}
	var best *territory.Ground
	for _, c := range candidates {
		a, ok := h.Territory.Gazetteer().Area(c.Kind, c.Code)
		if !ok {
			continue
		}
		g, ok := h.Territory.Ground(a)
		if !ok {
			continue
		}
		best = g
		if shows(g, spots) {
			return g, true
		}
	}
	return best, best != nil
}

// shows reports whether a ground holds every spot.
func shows(g *territory.Ground, spots []territory.Point) bool {
	for _, s := range spots {
		if x, y := g.XY(s); x < 0 || y < 0 || x > float64(g.Width) || y > float64(g.Height) {
			return false
		}
	}
	return true
}

// projectionOf is the ground's own, or a plain one around the first spot where there is no ground: 10 units a kilometre.
func projectionOf(g *territory.Ground, spots []territory.Point) func(territory.Point) (x, y float64) {
	if g != nil {
		return g.XY
	}
	if len(spots) == 0 {
		return func(territory.Point) (float64, float64) { return 0, 0 }
	}
	const perLat = 10 * 111.2
	narrow := math.Cos(spots[0].Lat * math.Pi / 180)
	return func(p territory.Point) (x, y float64) {
		return (p.Lon - spots[0].Lon) * perLat * narrow, (spots[0].Lat - p.Lat) * perLat
	}
}

// boxAround is the smallest box that shows every mark with room around it, and never less than nearestKm.
func boxAround(marks []ui.FigureMark, g *territory.Ground) ui.FigureBox {
	west, north, east, south := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, m := range marks {
		west, east = min(west, m.X), max(east, m.X)
		north, south = min(north, m.Y), max(south, m.Y)
	}
	if len(marks) == 0 {
		return ui.FigureBox{Width: 100, Height: 75}
	}
	kilometre := 10.0
	if g != nil {
		kilometre = g.Kilometre()
	}
	room := max(mapAround*max(east-west, (south-north)*mapAspect), nearestKm*kilometre/2)
	return ui.FigureBox{X: west - room, Y: north - room, Width: east - west + 2*room, Height: south - north + 2*room}
}

// widened gives a box the shape of every map, around the same middle, in whole units.
func widened(b ui.FigureBox) ui.FigureBox {
	wide, high := max(b.Width, b.Height*mapAspect), max(b.Height, b.Width/mapAspect)
	x, y := math.Round(b.X-(wide-b.Width)/2), math.Round(b.Y-(high-b.Height)/2)
	return ui.FigureBox{X: x, Y: y, Width: math.Ceil(wide), Height: math.Ceil(high)}
}

// spreadRounds bounds how often marks make room for each other.
const spreadRounds = 80

// spread moves marks that lie on each other apart, until each can be read and touched on the narrowest screen. It gives the
// same answer each time; a mark that moved keeps where it truly is.
func spread(marks []ui.FigureMark, box ui.FigureBox) { spreadBy(marks, box, marksApart*box.Width) }

// spreadBy is spread for marks that need so many units between their middles.
func spreadBy(marks []ui.FigureMark, box ui.FigureBox, apart float64) {
	for range spreadRounds {
		moved := false
		for i := range marks {
			for j := i + 1; j < len(marks); j++ {
				moved = push(&marks[i], &marks[j], i+j, apart) || moved
			}
		}
		half := apart / 2
		for i := range marks {
			m := &marks[i]
			m.X = min(max(m.X, box.X+half), box.X+box.Width-half)
			m.Y = min(max(m.Y, box.Y+half), box.Y+box.Height-half)
		}
		if !moved {
			break
		}
	}
	for i := range marks {
		m := &marks[i]
		m.Moved = math.Hypot(m.X-m.TrueX, m.Y-m.TrueY) > apart/2
	}
}

// goldenAngle turns so that no two directions come back, in radians.
const goldenAngle = 2.399963

// push moves two marks away from each other, each by half of what they lack, and reports whether they lacked any. Two at
// the same spot part in a direction that turns with their rank.
func push(a, b *ui.FigureMark, turn int, apart float64) bool {
	dx, dy := b.X-a.X, b.Y-a.Y
	away := math.Hypot(dx, dy)
	if away >= apart*0.999 {
		return false
	}
	if least := apart / 1000; away < least {
		sin, cos := math.Sincos(float64(turn) * goldenAngle)
		dx, dy, away = cos*least, sin*least, least
	}
	part := (apart - away) / 2 / away
	a.X, a.Y = a.X-dx*part, a.Y-dy*part
	b.X, b.Y = b.X+dx*part, b.Y+dy*part
	return true
}

// The names on a map are few, and those of its main towns.
const (
	mostNames = 6
	mostTowns = 14
)

// placeMap shows where one place is, and what is around it.
func (h *Handlers) placeMap(p ui.Page, e *place.Entry) ui.Figure {
	if !e.Stands.Known() {
		return ui.Figure{}
	}
	f := h.numberedMap(p, []place.Found{{Entry: e}}, 0, territory.Area{}, e.Ground)
	f.Marks[0].Href = ""
	f.Label, f.Group, f.Caption = p.T("place.map.one", "Name", calm(e.Name), "Commune", calm(e.Commune)), "", ""
	if a, ok := h.Territory.Gazetteer().Area(territory.CommuneArea, e.Ground.Code); ok {
		f.Links = []ui.Link{{Text: p.T("place.map.commune", "Name", areaName(a)), Href: p.Path(AreaPath(a))}}
	}
	return f
}

// townsOn are the main towns that are seen, away from marks and from each other.
func (h *Handlers) townsOn(box ui.FigureBox, projection func(territory.Point) (x, y float64), g *territory.Ground, marks []ui.FigureMark) []ui.FigureTown {
	var within []territory.Commune
	if g != nil {
		within = h.Territory.Gazetteer().Peopled(g.Area)
	} else if len(marks) > 0 {
		within = h.Territory.Gazetteer().Peopled(territory.Area{})
	}
	var out []ui.FigureTown
	free := func(x, y float64) bool {
		for _, t := range out {
			if math.Abs(t.X-x) < 0.3*box.Width && math.Abs(t.Y-y) < 0.1*box.Height {
				return false
			}
		}
		for _, m := range marks {
			if math.Abs(m.X-x) < 0.14*box.Width && math.Abs(m.Y-y) < 0.09*box.Height {
				return false
			}
		}
		return true
	}
	seen := 0
	for _, c := range within {
		if !c.Point.Known() {
			continue
		}
		x, y := projection(c.Point)
		if x > box.X && x < box.X+box.Width && y > box.Y && y < box.Y+box.Height {
			seen++
		}
		if seen > mostTowns || len(out) == mostNames {
			break
		}
		if x < box.X+0.12*box.Width || x > box.X+0.88*box.Width || y < box.Y+0.08*box.Height || y > box.Y+0.97*box.Height {
			continue
		}
		for _, below := range []float64{0.02, 0.11, -0.07} { // at its place, under the marks around it, or over them
			if at := y + below*box.Height; free(x, at) {
				out = append(out, ui.FigureTown{Name: c.Name, X: x, Y: at})
				break
			}
		}
	}
	return out
}
