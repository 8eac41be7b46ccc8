package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// areaPaths are where the pages of each kind of area are.
var areaPaths = []struct {
	path string
	kind territory.AreaKind
}{
	{"/departements/", territory.DepartmentArea}, {"/epci/", territory.EPCIArea}, {"/communes/", territory.CommuneArea},
}

// partsEnd ends the address of the page that lists what an area is made of.
const partsEnd = "/choisir"

// AreaPath is the path of the page of an area: "/communes/17299-rochefort", without language prefix.
func AreaPath(a territory.Area) string {
	for _, p := range areaPaths {
		if p.kind == a.Kind {
			path := p.path + a.Code
			if slug := ui.Slug(a.Name); slug != "" {
				path += "-" + slug
			}
			return path
		}
	}
	return "/lieux"
}

// area finds the area that an address names by its code. moved is where the page is when the address says it otherwise.
func (h *Handlers) area(r *http.Request, kind territory.AreaKind) (a territory.Area, moved string, err error) {
	code, _, _ := strings.Cut(r.PathValue("slug"), "-")
	a, ok := h.Territory.Gazetteer().Area(kind, strings.ToUpper(code))
	if !ok && kind == territory.CommuneArea { // the code of a commune that merged leads to the one it is part of
		c, known := h.Territory.Gazetteer().Successor(strings.ToUpper(code), h.Now().Format("2006-01-02"))
		a, ok = territory.Area{Kind: kind, Code: c.Code, Name: c.Name}, known
	}
	if !ok {
		return a, "", fault.New(fault.NotFound, "place.area.unknown")
	}
	path := AreaPath(a)
	if r.PathValue("slug") != path[strings.LastIndexByte(path, '/')+1:] {
		moved = path
	}
	return a, moved, nil
}

// goTo sends a reader to where a page is now, with what was asked.
func goTo(w http.ResponseWriter, r *http.Request, p ui.Page, path string) error {
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, p.Path(path), http.StatusMovedPermanently)
	return nil
}

// listArea shows the places of an area in the order of a directory, under the map of the whole area.
func (h *Handlers) listArea(kind territory.AreaKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, moved, err := h.area(r, kind)
		if err != nil {
			return err
		}
		q, values := h.query(r)
		values.Del("ou")
		q.Area, q.Where, q.At = a, "", territory.Point{}
		v := placeList{Page: h.Kit.Page(r, "")}
		if moved != "" {
			return goTo(w, r, v.Page, moved)
		}
		q.Now = v.Now()
		index := h.Places.Index()
		res := index.Search(q)
		v.Heading = v.T("place.area.title", "Name", areaName(a))
		v.Crumb = h.crumb(v.Page, a, q.Facets)
		v.Filters = filters(v.Page, q, index)
		v.Filters.Action, v.Filters.Fields, v.Filters.Around = v.Path(AreaPath(a)), nil, ui.Around{}
		v.Status = found(v.Page, q, res)
		v.Note, _ = note(v.Page, q, res)
		v.fill(q, res, index)
		v.Pager = v.Page.Pager(AreaPath(a), values, res.Page, res.Pages)
		v.Map = h.numberedMap(v.Page, res.Places, res.First, a, territory.Commune{})
		if v.Map.Group != "" {
			v.Map.Label = v.T("place.map.area", "N", len(v.Map.Marks), "Name", areaName(a))
			v.Map.Links = h.areaLinks(v.Page, a, q.Facets)
		}
		if len(v.Cards) == 0 {
			v.Empty = h.emptyArea(v.Page, a, q)
		}
		return h.Kit.Render(w, r, http.StatusOK, "place_list", v)
	}
}

// emptyArea leads on: to the nearest places, or to the same area without what was asked.
func (h *Handlers) emptyArea(p ui.Page, a territory.Area, q place.Query) ui.EmptyState {
	e := ui.EmptyState{Title: p.T("place.area.empty", "Name", areaName(a)), Text: p.T("place.area.empty_help")}
	if len(q.Facets) > 0 {
		e.Links = append(e.Links, ui.Link{Text: p.T("place.list.without_need"), Href: p.Path(AreaPath(a))})
	}
	where := ""
	if peopled := h.Territory.Gazetteer().Peopled(a); len(peopled) > 0 {
		where = peopled[0].Code
	}
	e.Links = append(e.Links, ui.Link{Text: p.T("place.area.nearest"), Href: p.Path("/lieux?" + listQuery(where, q.Facets))})
	return e
}

// areaName is the name of an area as people say it: what a grouping is called begins with its initials in the lists of the
// State.
func areaName(a territory.Area) string {
	if a.Kind != territory.EPCIArea {
		return a.Name
	}
	for _, kind := range [][2]string{{"CA ", "Agglomération "}, {"CC ", "Communauté de communes "}, {"CU ", "Communauté urbaine "}} {
		if rest, ok := strings.CutPrefix(a.Name, kind[0]); ok {
			return kind[1] + rest
		}
	}
	return a.Name
}

// above are the areas that hold an area, the widest first.
func (h *Handlers) above(a territory.Area) []territory.Area {
	g := h.Territory.Gazetteer()
	peopled := g.Peopled(a)
	if len(peopled) == 0 || a.Kind == territory.DepartmentArea {
		return nil
	}
	c := peopled[0] // a grouping may stand in two départements: the one of its main town
	var out []territory.Area
	if department, ok := g.Area(territory.DepartmentArea, c.Department); ok {
		out = append(out, department)
	}
	if epci, ok := g.Area(territory.EPCIArea, c.EPCI); ok && a.Kind == territory.CommuneArea {
		out = append(out, epci)
	}
	return out
}

// crumb says in what an area lies; the links keep what was asked.
func (h *Handlers) crumb(p ui.Page, a territory.Area, chosen []place.Facet) ui.Breadcrumb {
	var links []ui.Link
	for _, up := range h.above(a) {
		links = append(links, ui.Link{Text: areaName(up), Href: p.Path(withFacets(AreaPath(up), chosen))})
	}
	return p.Breadcrumb(append(links, ui.Link{Text: areaName(a)})...)
}

// withFacets is a path that keeps what was asked.
func withFacets(path string, chosen []place.Facet) string {
	v := url.Values{}
	for _, f := range chosen {
		v.Add(string(f.Group()), f.Word())
	}
	if len(v) > 0 {
		path += "?" + v.Encode()
	}
	return path
}

// areaLinks zoom: into a part of the area, or to what is around the commune.
func (h *Handlers) areaLinks(p ui.Page, a territory.Area, chosen []place.Facet) []ui.Link {
	paper := ui.Link{Text: p.T("place.area.print"), Href: PrintPath(a)}
	if a.Kind == territory.CommuneArea {
		return []ui.Link{{Text: p.T("place.area.nearest"), Href: p.Path("/lieux?" + listQuery(a.Code, chosen))}, paper}
	}
	return []ui.Link{{Text: p.T("place.area.parts"), Href: p.Path(withFacets(AreaPath(a)+partsEnd, chosen))}, paper}
}

// zoomLinks lead from the list around a commune to the map of its grouping and of its département.
func (h *Handlers) zoomLinks(p ui.Page, q place.Query, c territory.Commune) []ui.Link {
	a, ok := h.Territory.Gazetteer().Area(territory.CommuneArea, c.Code)
	if !ok {
		return nil
	}
	var out []ui.Link
	for _, up := range h.above(a) {
		out = append(out, ui.Link{Text: p.T("place.map.whole", "Name", areaName(up)), Href: p.Path(withFacets(AreaPath(up), q.Facets))})
	}
	return out
}

// partsPage is the view of what an area is made of: the groupings of a département, the communes of a grouping.
type partsPage struct {
	ui.Page
	Crumb   ui.Breadcrumb
	Heading string
	Parts   []areaPart
	Pager   ui.Pager
}

// areaPart is a part of an area and how many places it has.
type areaPart struct{ Name, Href, Places string }

// partsShown is how many parts a page lists: few groupings have more communes.
const partsShown = 90

func (h *Handlers) showParts(kind territory.AreaKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, moved, err := h.area(r, kind)
		if err != nil {
			return err
		}
		p := h.Kit.Page(r, "")
		if moved != "" {
			return goTo(w, r, p, moved+partsEnd)
		}
		q, values := h.query(r)
		v := partsPage{Page: p, Heading: p.T("place.area.choose", "Name", areaName(a)), Crumb: h.crumb(p, a, q.Facets)}
		v.Title = v.Heading
		v.Crumb.Links[len(v.Crumb.Links)-1].Href = p.Path(withFacets(AreaPath(a), q.Facets))
		v.Crumb.Links = append(v.Crumb.Links, ui.Link{Text: p.T("place.area.parts")})
		parts := h.partsOf(a)
		pages := max(1, (len(parts)+partsShown-1)/partsShown)
		at, _ := strconv.Atoi(r.URL.Query().Get("page"))
		at = min(max(at, 1), pages)
		values.Del("ou")
		v.Pager = p.Pager(AreaPath(a)+partsEnd, values, at, pages)
		for _, part := range parts[(at-1)*partsShown : min(at*partsShown, len(parts))] {
			v.Parts = append(v.Parts, areaPart{
				Name: areaName(part), Href: p.Path(withFacets(AreaPath(part), q.Facets)), Places: p.N("place.area.count", len(h.Places.Index().In(part))),
			})
		}
		return h.Kit.Render(w, r, http.StatusOK, "place_parts", v)
	}
}

// partsOf are the groupings of a département, then its communes without one; the communes of a grouping.
func (h *Handlers) partsOf(a territory.Area) []territory.Area {
	g := h.Territory.Gazetteer()
	var out []territory.Area
	if a.Kind == territory.DepartmentArea {
		out = g.EPCIsIn(a)
	}
	for _, c := range g.CommunesIn(a) {
		if a.Kind != territory.DepartmentArea || c.EPCI == "" {
			out = append(out, territory.Area{Kind: territory.CommuneArea, Code: c.Code, Name: c.Name})
		}
	}
	return out
}
