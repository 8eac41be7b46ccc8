package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// placeList is the view of /lieux.
type placeList struct {
	ui.Page
	Heading string
	Filters ui.Filters
	Status  string // how many, in which order: announced
	Silent  string // how many do not tell what is asked; "" for none
	Note    ui.Message
	Others  []ui.Link     // namesakes of the commune
	Crumb   ui.Breadcrumb // of an area
	Map     ui.Figure
	Cards   ui.PlaceCards
	Pager   ui.Pager
	Empty   ui.EmptyState
	Third   string // address of the directory of tiers-lieux; "" on itself and on areas
}

// maxWords bounds what is read of "où" and shown again.
const maxWords = 120

func (h *Handlers) listPlaces(w http.ResponseWriter, r *http.Request) error {
	q, values := h.query(r)
	index := h.Places.Index()
	v := placeList{Page: h.Kit.Page(r, "")}
	q.Now = v.Now()
	q = h.Places.Resolve(r.Context(), q)
	res := index.Search(q)
	v.Heading = heading(v.Page, q, res)
	around := url.Values{}
	if values.Has("ou") {
		around.Set("ou", q.Where)
	}
	v.Third = v.Path(asked(thirdPath, around))
	v.Filters = filters(v.Page, q, index)
	v.Status = status(v.Page, q, res)
	v.Note, v.Others = note(v.Page, q, res)
	v.fill(q, res, index)
	v.Pager = v.Page.Pager("/lieux", values, res.Page, res.Pages)
	if len(v.Cards) == 0 {
		v.Empty = empty(v.Page, q, index.Len())
	} else {
		v.Map = h.numberedMap(v.Page, res.Places, res.First, territory.Area{}, res.Origin)
		v.Map.Label = v.T("place.map.list", "N", len(v.Map.Marks), "Heading", v.Heading)
		v.Map.Links = append(h.zoomLinks(v.Page, q, res.Origin), ui.Link{Text: v.T("place.map.link"), Href: v.Path(asked(mapPath, values))})
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_list", v)
}

// fill shows a page of an answer as cards, each under the number that its mark has on the map.
func (v *placeList) fill(q place.Query, res place.Result, index *place.Index) {
	v.Title = v.Heading
	if res.Page > 1 {
		v.Title = v.T("place.list.title_page", "Title", v.Heading, "Page", res.Page)
	}
	v.Silent = silentOf(v.Page, q.Facets, index)
	v.Cards = make(ui.PlaceCards, 0, len(res.Places))
	for i, f := range res.Places {
		c := card(v.Page, f)
		c.Number = res.First + i
		if f.Stands.Known() {
			c.ID = "lieu-" + strconv.Itoa(c.Number)
		} else {
			c.Number = 0 // it stands nowhere that a map could show
		}
		v.Cards = append(v.Cards, c)
	}
}

// query reads the address; what cannot be read is left out, never refused: a resident gets places, not an error. Of a
// position three decimals are read, a hundred metres. What she writes afterwards wins over it.
func (h *Handlers) query(r *http.Request) (place.Query, url.Values) {
	in := r.URL.Query()
	q := place.Query{Where: clip(in.Get("ou")), Home: h.Home(r.Host)}
	q.Page, _ = strconv.Atoi(in.Get("page"))
	out := url.Values{}
	if at, err := territory.ParsePoint(in.Get("lat"), in.Get("lon")); err == nil && strings.TrimSpace(q.Where) == "" {
		q.At = at.Rounded()
	}
	if q.Where != "" {
		out.Set("ou", q.Where)
	}
	for _, v := range positionOf(q) {
		out.Set(v.Name, v.Value)
	}
	for _, g := range []place.Group{place.GroupNeed, place.GroupWhen, place.GroupOffer, place.GroupWith} {
		for _, word := range in[string(g)] {
			f, ok := place.ParseFacet(g, word)
			if ok && !slices.Contains(q.Facets, f) && (g == place.GroupWith || !out.Has(string(g))) {
				q.Facets = append(q.Facets, f)
				out.Add(string(g), word)
			}
		}
	}
	return q, out
}

// positionOf is the reader's own position as forms and addresses carry it along.
func positionOf(q place.Query) []ui.Hidden {
	if !q.At.Known() {
		return nil
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
	return []ui.Hidden{{Name: "lat", Value: text(q.At.Lat)}, {Name: "lon", Value: text(q.At.Lon)}}
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxWords {
		return string(r[:maxWords])
	}
	return s
}

// heading says what the list is about: "Les lieux près de Rochefort".
func heading(p ui.Page, q place.Query, res place.Result) string {
	switch {
	case q.At.Known():
		return p.T("place.list.near_you")
	case res.Start.Precision == territory.HouseNumber:
		return p.T("place.list.near_number", "Address", calmAddress(res.Start.Label))
	case res.Start.Label != "":
		return p.T("place.list.near_street", "Address", res.Start.Label)
	case res.Words != "" && !res.Guessed:
		return p.T("place.list.words", "Words", q.Where)
	case res.Origin.Name != "" && q.Where != "":
		return p.T("place.list.near", "Commune", res.Origin.Name)
	}
	return p.T("place.list.title")
}

func status(p ui.Page, q place.Query, res place.Result) string {
	text := found(p, q, res)
	if q.At.Known() {
		text += " " + p.T("place.list.position_forgotten")
	}
	return text
}

func found(p ui.Page, q place.Query, res place.Result) string {
	switch {
	case res.Total == 0:
		return p.T("place.list.none")
	case res.More:
		return p.T("place.list.many", "N", p.Number(res.Total))
	case res.Origin.Name != "" || q.At.Known():
		return p.N("place.list.count_near", res.Total, "Number", p.Number(res.Total))
	}
	return p.N("place.list.count", res.Total, "Number", p.Number(res.Total))
}

// note says what was guessed, and offers the namesakes.
func note(p ui.Page, q place.Query, res place.Result) (ui.Message, []ui.Link) {
	var others []ui.Link
	for _, c := range res.Alternatives {
		where := c.Code
		if res.Start.Known() {
			where = res.Start.Asked + ", " + c.Name + " " + c.Department // the same street over there
		}
		others = append(others, ui.Link{Text: communeName(c), Href: p.Path("/lieux?" + listQuery(where, q.Facets))})
	}
	var said []string
	if res.Start.Approximate() {
		said = append(said, p.T("place.list.street_unknown", "Asked", res.Start.Asked, "Commune", res.Start.Commune.Name))
	}
	switch {
	case len(res.Dropped) > 0:
		var names []string
		for _, f := range res.Dropped {
			names = append(names, facetName(p, f))
		}
		said = append(said, p.T("place.list.widened", "Dropped", strings.Join(names, ", ")))
	case res.Guessed && res.Words != "":
		said = append(said, p.T("place.list.guessed_words", "Asked", q.Where, "Words", res.Words))
	case res.Guessed:
		said = append(said, p.T("place.list.guessed", "Asked", q.Where, "Commune", communeName(res.Origin)))
	}
	return ui.Message{Kind: ui.Info, Text: strings.Join(said, " ")}, others
}

func listQuery(where string, chosen []place.Facet) string {
	v := url.Values{"ou": {where}}
	for _, f := range chosen {
		v.Add(string(f.Group()), f.Word())
	}
	return v.Encode()
}

// communeName tells namesakes apart: "Rochefort (17)".
func communeName(c territory.Commune) string { return c.Name + " (" + c.Department + ")" }

// filters is the form above the list: where and what for, and behind a summary what fewer people ask.
func filters(p ui.Page, q place.Query, x *place.Index) ui.Filters {
	counts := x.Counts(q.Facets, p.Now())
	f := ui.Filters{
		Action: p.Path("/lieux"), Label: p.T("place.search"), Button: p.T("place.search.button"),
		Fields:  []ui.Field{{Name: "ou", Label: p.T("place.where"), Hint: p.T("place.where.hint"), Value: q.Where, Type: "search", Autocomplete: "postal-code"}},
		Selects: []ui.Choices{choice(p, q, place.GroupNeed, counts)},
		Hidden:  positionOf(q), Around: p.Around(),
	}
	f.More = ui.MoreFilters{
		Label:   p.T("place.more_choices"),
		Open:    slices.ContainsFunc(q.Facets, func(f place.Facet) bool { return f.Group() != place.GroupNeed }),
		Selects: []ui.Choices{choice(p, q, place.GroupWhen, counts), choice(p, q, place.GroupOffer, counts)},
		Boxes:   []ui.Choices{with(p, q, counts)},
	}
	return f
}

// choice is a question with one answer, each with how many places it would find.
func choice(p ui.Page, q place.Query, g place.Group, counts []int) ui.Choices {
	c := ui.Choices{Name: string(g), Legend: p.T("place." + groupKeys[g])}
	c.Options = make([]ui.Option, 1, 1+len(place.Facets(g)))
	c.Options[0] = ui.Option{Label: p.T("place.need.any"), Checked: true}
	for _, f := range place.Facets(g) {
		checked := slices.Contains(q.Facets, f)
		if checked {
			c.Options[0].Checked = false
		}
		c.Options = append(c.Options, ui.Option{Value: f.Word(), Checked: checked, Label: counted(p, f, counts)})
	}
	return c
}

// with is the question with several answers.
func with(p ui.Page, q place.Query, counts []int) ui.Choices {
	c := ui.Choices{Name: string(place.GroupWith), Legend: p.T("place.with"), Inline: true}
	c.Options = make([]ui.Option, 0, len(place.Facets(place.GroupWith)))
	for _, f := range place.Facets(place.GroupWith) {
		c.Options = append(c.Options, ui.Option{Value: f.Word(), Checked: slices.Contains(q.Facets, f), Label: counted(p, f, counts)})
	}
	return c
}

// groupKeys name the questions in the locale files.
var groupKeys = map[place.Group]string{place.GroupNeed: "need", place.GroupWhen: "time", place.GroupOffer: "help", place.GroupWith: "with", place.GroupSpace: "space"}

// counted says an answer and how many places it would find: "Gratuit (12)".
func counted(p ui.Page, f place.Facet, counts []int) string {
	return facetName(p, f) + "\u00a0(" + p.Number(counts[f]) + ")"
}

func facetName(p ui.Page, f place.Facet) string {
	return p.T("place." + groupKeys[f.Group()] + "." + f.Word())
}

// empty never ends the way: it offers the same place without the need, everything, to be told of what comes, and the
// telephone that follows.
func empty(p ui.Page, q place.Query, all int) ui.EmptyState {
	e := ui.EmptyState{Title: p.T("place.list.empty"), Text: p.T("place.list.empty_help")}
	if all == 0 {
		e.Title, e.Text = p.T("place.list.nothing_yet"), p.T("place.list.nothing_yet_help")
		return e
	}
	if len(q.Facets) > 0 && q.Where != "" {
		e.Links = append(e.Links, ui.Link{Text: p.T("place.list.without_need"), Href: p.Path("/lieux?" + url.Values{"ou": {q.Where}}.Encode())})
	}
	e.Links = append(e.Links, ui.Link{Text: p.T("place.list.all"), Href: p.Path("/lieux")})
	if q.Where != "" {
		e.Links = append(e.Links, ui.Link{Text: p.T("place.list.alert"), Href: "/alertes?" + url.Values{"ou": {q.Where}}.Encode()})
	}
	return e
}
