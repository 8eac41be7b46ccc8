package web

import (
	"bytes"
	"html"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// A place is shown on a map without any script: the map is the picture of a button (<input type="image">), and the browser
// sends where it was pressed, in pixels of the picture as it is shown. The picture therefore has one width on every screen
// (its own: .clic leaves it alone), that of the narrowest. Pressing it only changes the address of the page; a button below keeps
// the spot.

// pressName is what the picture sends its spot under, and pictureWidth its width in pixels.
const (
	pressName    = "ici"
	pictureWidth = 280
)

// closer is how many times nearer the second look at a spot is.
const closer = 4

// look is what a map shows: a ground, whole or around a spot.
type look struct {
	ground *territory.Ground
	spot   territory.Point // where the pin stands; the zero Point for none
	near   bool            // shows the surroundings of the spot alone
}

// window is the part of the ground that is shown, in its units.
func (l look) window() (x, y, width, height float64) {
	width, height = float64(l.ground.Width), float64(l.ground.Height)
	if !l.near || !l.spot.Known() {
		return 0, 0, width, height
	}
	cx, cy := l.ground.XY(l.spot)
	w, h := width/closer, height/closer
	return min(max(cx-w/2, 0), width-w), min(max(cy-h/2, 0), height-h), w, h
}

// point is the position of a pixel of the picture. ok is false for a pixel that is none of it.
func (l look) point(px, py float64) (p territory.Point, ok bool) {
	x, y, w, h := l.window()
	scale := w / pictureWidth
	if math.IsNaN(px) || math.IsNaN(py) || px < 0 || py < 0 || px > pictureWidth || py*scale > h {
		return territory.Point{}, false
	}
	return l.ground.Point(x+px*scale, y+py*scale), true
}

// height is that of the picture, in pixels.
func (l look) height() int {
	_, _, w, h := l.window()
	return max(1, int(math.Round(pictureWidth*h/w)))
}

// pressed is where the picture was pressed, if it was (any). A press by keyboard says (0, 0): nowhere.
func pressed(q url.Values, l look) (p territory.Point, any, ok bool) {
	px, errX := strconv.ParseFloat(q.Get(pressName+".x"), 64)
	py, errY := strconv.ParseFloat(q.Get(pressName+".y"), 64)
	if errX != nil || errY != nil {
		return territory.Point{}, false, false
	}
	if px == 0 && py == 0 {
		return territory.Point{}, true, false
	}
	p, ok = l.point(px, py)
	return p, true, ok
}

// The parameters of the map's address.
const (
	zoneParam = "zone"  // "departement" or "commune", that of the address; a commune's code for another
	nearParam = "pres"  // "oui": around the spot
	spotParam = "point" // "45.937 -0.964"
	zoneWide  = "departement"
)

// mapOf is the ground of the commune of a declaration, or of its département where the commune is not known.
func (h *Handlers) mapOf(d place.Declaration) (*territory.Ground, bool) {
	if g, ok := h.groundOf(territory.CommuneArea, d.Said("code_insee")); ok {
		return g, true
	}
	return h.wideMapOf(d)
}

func (h *Handlers) wideMapOf(d place.Declaration) (*territory.Ground, bool) {
	return h.groundOf(territory.DepartmentArea, territory.DepartmentOf(orElseTitle(d.Said("code_insee"), d.Said("code_postal"))))
}

func (h *Handlers) groundOf(kind territory.AreaKind, code string) (*territory.Ground, bool) {
	a, ok := h.Territory.Gazetteer().Area(kind, code)
	if !ok {
		return nil, false
	}
	return h.Territory.Ground(a)
}

// lookOf reads what the address of a map asks to see.
func (h *Handlers) lookOf(q url.Values, d place.Declaration) (l look, ok bool) {
	switch zone := q.Get(zoneParam); zone {
	case zoneWide:
		l.ground, ok = h.wideMapOf(d)
	case "":
		l.ground, ok = h.mapOf(d)
	default:
		l.ground, ok = h.groundOf(territory.CommuneArea, zone)
	}
	if !ok {
		return l, false
	}
	if p, known := place.ParsePosition(q.Get(spotParam)); known {
		if x, y := l.ground.XY(p); x >= 0 && y >= 0 && x <= float64(l.ground.Width) && y <= float64(l.ground.Height) {
			l.spot, l.near = p, q.Get(nearParam) == "oui"
		}
	}
	return l, true
}

// query is the address of a look.
func (l look) query(q url.Values) url.Values {
	out := url.Values{}
	if zone := q.Get(zoneParam); zone != "" {
		out.Set(zoneParam, zone)
	}
	if l.spot.Known() {
		out.Set(spotParam, positionText(l.spot))
	}
	if l.near {
		out.Set(nearParam, "oui")
	}
	return out
}

// mapPage is the view of the map on which one presses where the place is.
type mapPage struct {
	ui.Page
	Back    ui.Back
	Problem ui.ErrorSummary
	Steps   ui.Steps
	Heading string
	Text    string
	Action  string
	Hidden  []ui.Hidden // of the map's own form
	Picture mapPicture
	Links   []ui.Link
	Spot    string // what the button keeps; "" where there is none yet
	Other   string // the ways without a map
}

type mapPicture struct {
	Name, Alt     string
	Src           template.URL
	Width, Height int
}

// showPinMap shows the map, and leads to the spot that was pressed.
func (h *Handlers) showPinMap(w http.ResponseWriter, r *http.Request, d place.Declaration, token string, refused ui.Refused, p ui.Page) error {
	q := r.URL.Query()
	l, ok := h.lookOf(q, d)
	if !ok {
		http.Redirect(w, r, pathTo(token, askPosition), http.StatusSeeOther)
		return nil
	}
	if at, any, ok := pressed(q, l); ok {
		http.Redirect(w, r, pathTo(token, endMap)+"?"+h.toward(q, l, at).Encode(), http.StatusSeeOther)
		return nil
	} else if any {
		p.Problem = true
		refused = ui.Refused{Status: http.StatusUnprocessableEntity, Summary: p.ErrorSummary(ui.FieldError{Text: p.T("place.declare.map_keyboard")})}
	}
	if !l.spot.Known() && !q.Has(spotParam) && q.Get(zoneParam) == "" {
		q.Set(spotParam, d.Said("position"))
		l, _ = h.lookOf(q, d)
	}
	return h.Kit.Render(w, r, refused.Status, "declare_map", h.mapView(p, d, token, q, l, refused))
}

// toward is the next look after a press: from the département to the commune, from the commune to the surroundings of the
// spot.
func (h *Handlers) toward(q url.Values, l look, at territory.Point) url.Values {
	next := url.Values{}
	if q.Get(zoneParam) == zoneWide {
		if c, ok := h.Territory.CommuneAt(at); ok {
			if _, drawn := h.groundOf(territory.CommuneArea, c.Code); drawn {
				next.Set(zoneParam, c.Code)
				next.Set(spotParam, "")
				return next
			}
		}
	}
	l.spot, l.near = at, true
	return l.query(q)
}

func (h *Handlers) mapView(p ui.Page, d place.Declaration, token string, q url.Values, l look, refused ui.Refused) mapPage {
	v := mapPage{
		Page: p, Back: p.Back(pathTo(token, askPosition)), Problem: refused.Summary, Steps: stepsAt(p, askPosition), Action: pathTo(token, endMap),
		Other: pathTo(token, askPosition), Heading: "Appuyez à l'endroit du lieu",
	}
	v.Title = v.Heading
	query := l.query(q)
	for name := range query {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: name, Value: query.Get(name)})
	}
	v.Picture = mapPicture{
		Name: pressName, Src: dataURL(l.svg(h.Places.Index().In(l.ground.Area))), Alt: "Carte de " + l.ground.Area.Name + ". Appuyez à l'endroit du lieu.",
		Width: pictureWidth, Height: l.height(),
	}
	wide := q.Get(zoneParam) == zoneWide
	switch {
	case wide:
		v.Text = "D'abord la commune : appuyez là où elle est."
	case l.spot.Known():
		v.Spot = positionText(l.spot)
		v.Text = "La marque montre le lieu. Appuyez ailleurs pour la déplacer."
	default:
		v.Text = "Puis vous verrez de plus près."
	}
	link := func(text string, q url.Values) {
		v.Links = append(v.Links, ui.Link{Text: text, Href: pathTo(token, endMap) + "?" + q.Encode()})
	}
	if l.near {
		further := l
		further.near = false
		link("Voir de plus loin", further.query(q))
	} else if l.spot.Known() && !wide {
		nearer := l
		nearer.near = true
		link("Voir de plus près", nearer.query(q))
	}
	if _, ok := h.wideMapOf(d); ok && !wide {
		link("Voir tout le département", url.Values{zoneParam: {zoneWide}})
	}
	return v
}

// dataURL is a picture inside its page: one request less, and no file of its own that would hold where somebody looks.
func dataURL(svg []byte) template.URL {
	return template.URL("data:image/svg+xml," + url.PathEscape(string(svg))) // escaped: nothing of it leaves the attribute
}

// mostLandmarks is how many known places help to find one's way on a map.
const mostLandmarks = 12

// svg draws a look: the ground, the names of towns and of places that are known, the pin.
func (l look) svg(known []*place.Entry) []byte {
	x, y, width, height := l.window()
	unit := width / pictureWidth // one pixel
	num := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="` + strconv.Itoa(pictureWidth) + `" height="` + strconv.Itoa(l.height()) + `" viewBox="` + strings.Join([]string{num(x), num(y), num(width), num(height)}, " ") + `">`)
	b.Write(inner(l.ground.SVG))
	var taken [][2]float64
	text := func(cx, cy float64, size float64, words string) {
		for _, t := range taken { // a name over another could not be read
			if math.Abs(t[0]-cx) < 90*unit && math.Abs(t[1]-cy) < 14*unit {
				return
			}
		}
		taken = append(taken, [2]float64{cx, cy})
		anchor := ""
		if cx > x+0.6*width { // to the left of its mark, or the edge would cut it
			anchor, cx = ` text-anchor="end"`, cx-14*unit
		}
		b.WriteString(`<text` + anchor + ` x="` + num(cx) + `" y="` + num(cy) + `" font-size="` + num(size*unit) + `">` + html.EscapeString(words) + `</text>`)
	}
	b.WriteString(`<g font-family="sans-serif" fill="#1b1b1f" stroke="#fff" stroke-width="` + num(3*unit) + `" paint-order="stroke">`)
	for _, town := range l.ground.Towns {
		text(float64(town.At.X), float64(town.At.Y), 13, town.Name)
	}
	if l.ground.Area.Kind == territory.CommuneArea {
		for _, e := range known[:min(len(known), mostLandmarks)] {
			if e.Approximate {
				continue
			}
			cx, cy := l.ground.XY(e.Stands)
			b.WriteString(`<circle cx="` + num(cx) + `" cy="` + num(cy) + `" r="` + num(4*unit) + `" fill="#0b4f8a"/>`)
			text(cx+7*unit, cy+4*unit, 12, calm(e.Name))
		}
	}
	b.WriteString("</g>")
	if l.spot.Known() {
		cx, cy := l.ground.XY(l.spot)
		b.WriteString(`<path transform="translate(` + num(cx) + " " + num(cy) + ") scale(" + num(unit) + `)" d="M0 0l-10-17a11.500 11.500 0 1 1 20 0z" fill="#b3261e" stroke="#fff" stroke-width="2"/>`)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// inner is what stands inside the root of a drawing.
func inner(svg []byte) []byte {
	start := bytes.IndexByte(svg, '>') + 1
	end := bytes.LastIndex(svg, []byte("</svg>"))
	if start <= 0 || end < start {
		return nil
	}
	return svg[start:end]
}

// pin keeps the spot of the map.
func (h *Handlers) pin(w http.ResponseWriter, r *http.Request, d place.Declaration, token string) error {
	spot := strings.TrimSpace(r.PostForm.Get(spotField))
	err := h.near(d, spot, spotField)
	if err == nil {
		_, err = h.Places.SaveAnswer(r.Context(), token, place.Answer{Step: askPosition, Values: map[string]string{"position": spot}})
	}
	if err == nil {
		to := pathTo(token, askOffer)
		if d.Step != askAddress && d.Step != askPosition { // the questions after this one were answered before
			to = pathTo(token, endCheck)
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "")
	refused, ok := p.Refuse(err)
	if !ok {
		return h.lost(w, r, err)
	}
	r.URL.RawQuery = "" // the map of the commune again
	return h.showPinMap(w, r, d, token, refused, p)
}
