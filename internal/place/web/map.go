package web

import (
	"cmp"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"viaduc/internal/api"
	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// mapPath is the address of the detailed map.
const mapPath = "/lieux/carte"

// Ground is a drawing of the ground, in degrees: the outlines of a département (territory.Ground).
type Ground struct {
	Path          string // address on this site, which never changes what it shows
	Width, Height int    // units of the drawing
	Bounds        place.Bounds
}

// Tiles says where the detailed map takes its background when the operator chose a provider; the zero value is nowhere.
type Tiles struct {
	Path   string // address on this site, with {z}, {x} and {y}
	Source string // who drew them: said on the map
}

// placeMap is the view of /lieux/carte. Everything on it works without a script but the moving map itself: the list of
// what is in view leads nearer by links.
type placeMap struct {
	ui.Page
	Back    ui.Back
	Heading string
	Filters ui.Filters
	Note    ui.Message
	Others  []ui.Link
	List    ui.Link // the same places as a list
	Data    string  // where the script asks for marks
	Bounds  string  // of the first view
	Near    string  // start of the address of the list of a commune
	Prefix  string  // of the language, before the addresses of places
	Grounds string
	Tiles   Tiles
	Legend  []legendMark
	Status  string
	Entries []mapEntry
}

// legendMark is a shape and what it says.
type legendMark struct {
	ui.Mark
	Name string
}

// mapEntry is a line of the list: a place, or a group of places and the way nearer.
type mapEntry struct {
	Mark       ui.Mark
	Ring       template.HTML // of a group, in the place of Mark
	Href, Text string
	More       string
}

// Calm is a name as people write it, where a file shouts it.
func Calm(name string) string { return calm(name) }

func (h *Handlers) showMap(w http.ResponseWriter, r *http.Request) error {
	q, values := h.query(r)
	values.Del("page")
	index := h.Places.Index()
	v := placeMap{Page: h.Kit.Page(r, "")}
	v.Wide = true
	q.Now, q.Page = v.Now(), 1
	q = h.Places.Resolve(r.Context(), q)
	res := index.Search(q)
	v.Heading = v.T("place.detailed.title")
	if q.Where != "" || q.At.Known() {
		v.Heading = v.T("place.detailed.title_of", "List", heading(v.Page, q, res))
	}
	v.Title = v.Heading
	v.Filters = filters(v.Page, q, index)
	v.Filters.Action = v.Path(mapPath)
	if len(res.Dropped) == 0 { // here nothing is left out
		v.Note, v.Others = note(v.Page, q, res)
	}
	for i := range v.Others {
		v.Others[i].Href = strings.Replace(v.Others[i].Href, "/lieux?", mapPath+"?", 1)
	}
	list := asked("/lieux", values)
	v.Back = v.Page.Back(list)
	v.List = ui.Link{Text: v.T("place.detailed.list"), Href: v.Path(list)}
	v.Near, v.Prefix = v.Path("/lieux")+"?ou=", strings.TrimSuffix(v.Path("/"), "/")
	m := place.MapQuery{Words: res.Words, Facets: q.Facets, Now: q.Now}
	var given bool
	if m.Bounds, given = place.ParseBounds(r.URL.Query().Get("bbox")); !given {
		m.Bounds = firstView(index, q, res)
	}
	v.Bounds = boundsText(m.Bounds)
	m.Bounds, m.Zoom = deskView(m.Bounds)
	v.Data = dataPath(m)
	v.Tiles = h.Tiles
	if v.Tiles.Path == "" && h.Grounds != nil {
		v.Grounds = groundsText(h.Grounds())
	}
	v.Legend = []legendMark{
		{ui.Mark{Number: 1, Shape: ui.Circle}, v.T("place.offer.mediator")}, {ui.Mark{Number: 2, Shape: ui.Square}, v.T("place.offer.self_service")},
		{ui.Mark{Number: 3, Shape: ui.Triangle}, v.T("place.offer.wifi")}, {ui.Mark{Number: 4, Shape: ui.Diamond}, v.T("place.offer.unsaid")},
	}
	v.fill(index.Map(m), values)
	return h.Kit.Render(w, r, http.StatusOK, "place_map", v)
}

// fill lists what is in view.
func (v *placeMap) fill(seen place.MapView, values url.Values) {
	switch seen.Total {
	case 0:
		v.Status = v.T("place.detailed.none")
	case 1:
		v.Status = v.T("place.detailed.one")
	default:
		v.Status = v.T("place.detailed.many", "N", v.Number(seen.Total))
	}
	var groups, places []mapEntry
	number := 0
	one := func(e *place.Entry) {
		number++
		places = append(places, v.placeEntry(e, number))
	}
	for _, m := range seen.Marks {
		switch {
		case m.Count == 1:
			one(m.Entry)
		case seen.Total <= place.MaxMarks:
			for _, e := range m.Places {
				one(e)
			}
		default:
			groups = append(groups, v.groupEntry(m, values))
		}
	}
	v.Entries = append(groups, places...)
}

func (v *placeMap) placeEntry(e *place.Entry, number int) mapEntry {
	more := v.T(offerKeys[e.Offer()]) + "."
	if e.Ground.Name != "" {
		more = e.Ground.Name + ". " + more
	}
	if e.Approximate {
		more += " " + v.T("place.detailed.approximate")
	}
	return mapEntry{Mark: ui.Mark{Number: number, Shape: shapes[e.Offer()]}, Href: v.Path(Path(e)), Text: calm(e.Name), More: more}
}

func (v *placeMap) groupEntry(m place.MapMark, values url.Values) mapEntry {
	e := mapEntry{Ring: ring(m.Count)}
	n, commune := v.Number(m.Count), m.Town.Name
	if m.Bounds.East-m.Bounds.West+m.Bounds.North-m.Bounds.South <= 0.0004 { // at one spot: no map tells them apart
		e.Text, e.Href = v.T("place.detailed.together", "N", n, "Commune", cmp.Or(commune, m.Entry.Commune)), v.Near+url.QueryEscape(cmp.Or(m.Town.Code, m.Entry.Commune))
		return e
	}
	e.Text = v.T("place.detailed.group_plain", "N", n)
	if commune != "" {
		e.Text = v.T("place.detailed.group", "N", n, "Commune", commune)
	}
	to := url.Values{"bbox": {boundsText(m.Bounds)}}
	for k, list := range values {
		to[k] = list
	}
	e.Href = v.Path(mapPath) + "?" + to.Encode()
	return e
}

// ring is the mark of a group.
func ring(n int) template.HTML {
	class := ""
	if n > 999 {
		class = ` class="petit"`
	}
	return template.HTML(`<svg class="num amas" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><circle cx="16" cy="16" r="14.5"/><text x="16" y="21.5"` + class + `>` + strconv.Itoa(n) + `</text></svg>`)
}

// firstView is what the map shows at first: the places nearest to what is asked, else the territory.
func firstView(x *place.Index, q place.Query, res place.Result) place.Bounds {
	named := q.At.Known() || q.Where != "" && !res.Unknown
	b, ok := place.Bounds{}, false
	add := func(p territory.Point) {
		if !p.Known() {
			return
		}
		if !ok {
			b, ok = place.BoundsOf(p), true
		}
		b = b.Around(p)
	}
	if named {
		add(q.At)
		add(res.Start.Point)
		if res.Words == "" {
			add(res.Origin.Point)
		}
		for _, f := range res.Places {
			add(f.Stands)
		}
	}
	if !ok {
		b, ok = x.Extent(func(e *place.Entry) bool { return q.Home.Department != "" && e.Ground.Department == q.Home.Department })
	}
	if !ok {
		b, ok = x.Extent(func(e *place.Entry) bool { return len(e.Ground.Department) == 2 }) // the mainland: overseas is far
	}
	if !ok {
		b = place.Bounds{West: -4.8, South: 42.3, East: 8.2, North: 51.1}
	}
	return padded(b)
}

// padded leaves room around marks, and around a single one some streets.
func padded(b place.Bounds) place.Bounds {
	const least = 0.02 // degrees: two kilometres
	w, h := max((b.East-b.West)*0.04, (least-(b.East-b.West))/2), max((b.North-b.South)*0.04, (least-(b.North-b.South))/2)
	return place.Bounds{West: max(b.West-w, -180), South: max(b.South-h, -90), East: min(b.East+w, 180), North: min(b.North+h, 90)}
}

// deskView is the whole zoom at which bounds fit a map of usual size, and what that map shows then.
func deskView(b place.Bounds) (place.Bounds, int) {
	const wide, high = 1250., 710. // pixels, on a desk
	lat, lon := (b.South+b.North)/2, (b.West+b.East)/2
	shrunk := max(math.Cos(lat*math.Pi/180), 0.01)
	fits := min(math.Log2(wide*360/256/max(b.East-b.West, 1e-6)), math.Log2(high*360/256*shrunk/max(b.North-b.South, 1e-6)))
	zoom := min(max(int(fits+0.03), 0), place.MaxZoom)
	pixel := 360 / 256. / math.Pow(2, float64(zoom)) // degrees of longitude
	return place.Bounds{
		West: max(lon-wide/2*pixel, -180), South: max(lat-high/2*pixel*shrunk, -90), East: min(lon+wide/2*pixel, 180), North: min(lat+high/2*pixel*shrunk, 90),
	}, zoom
}

func boundsText(b place.Bounds) string {
	var out []string
	for _, side := range []float64{b.West, b.South, b.East, b.North} {
		out = append(out, strconv.FormatFloat(math.Round(side*1e4)/1e4, 'f', -1, 64))
	}
	return strings.Join(out, ",")
}

// asked is an address with its query, if any.
func asked(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// dataPath is where the script asks for the marks of a view, but for the view itself.
func dataPath(m place.MapQuery) string {
	q := url.Values{}
	if m.Words != "" {
		q.Set("mots", m.Words)
	}
	for _, f := range m.Facets {
		q.Add(string(f.Group()), f.Word())
	}
	return asked(api.Prefix+"/lieux/carte", q)
}

// groundsText writes grounds for the script.
func groundsText(list []Ground) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, g := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"adresse":` + strconv.Quote(g.Path) + `,"bbox":"` + boundsText(g.Bounds) + `","largeur":` + strconv.Itoa(g.Width) + `,"hauteur":` + strconv.Itoa(g.Height) + "}")
	}
	return b.String() + "]"
}
