package web

import (
	"net/http"
	"net/url"
	"strconv"

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
	Note    ui.Message
	Others  []ui.Link // namesakes of the commune
	Cards   []ui.PlaceCard
	Pager   ui.Pager
	Empty   ui.EmptyState
}

// maxWords bounds what is read of "où" and shown again.
const maxWords = 120

func (h *Handlers) listPlaces(w http.ResponseWriter, r *http.Request) error {
	q, values := h.query(r)
	index := h.Places.Index()
	res := index.Search(q)
	v := placeList{Page: h.Kit.Page(r, "")}
	v.Heading = heading(v.Page, q, res)
	v.Title = v.Heading
	v.Filters = filters(v.Page, q)
	if res.Page > 1 {
		v.Title = v.T("place.list.title_page", "Title", v.Heading, "Page", res.Page)
	}
	v.Status = status(v.Page, res)
	v.Note, v.Others = note(v.Page, q, res)
	for i, f := range res.Places {
		c := card(v.Page, f)
		c.Number = res.First + i
		v.Cards = append(v.Cards, c)
	}
	v.Pager = v.Page.Pager("/lieux", values, res.Page, res.Pages)
	if len(v.Cards) == 0 {
		v.Empty = empty(v.Page, q, index.Len())
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_list", v)
}

// query reads the address; what cannot be read is left out, never refused: a resident gets places, not an error.
func (h *Handlers) query(r *http.Request) (place.Query, url.Values) {
	in := r.URL.Query()
	q := place.Query{Where: clip(in.Get("ou")), Need: place.ParseNeed(in.Get("besoin")), Home: h.Home(r.Host)}
	q.Page, _ = strconv.Atoi(in.Get("page"))
	out := url.Values{}
	if q.Where != "" {
		out.Set("ou", q.Where)
	}
	if q.Need != "" {
		out.Set("besoin", string(q.Need))
	}
	return q, out
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
	case res.Words != "" && !res.Guessed:
		return p.T("place.list.words", "Words", q.Where)
	case res.Origin.Name != "" && q.Where != "":
		return p.T("place.list.near", "Commune", res.Origin.Name)
	}
	return p.T("place.list.title")
}

func status(p ui.Page, res place.Result) string {
	switch {
	case res.Total == 0:
		return p.T("place.list.none")
	case res.More:
		return p.T("place.list.many", "N", p.Number(res.Total))
	case res.Origin.Name != "":
		return p.N("place.list.count_near", res.Total, "Number", p.Number(res.Total))
	}
	return p.N("place.list.count", res.Total, "Number", p.Number(res.Total))
}

// note says what was guessed, and offers the namesakes.
func note(p ui.Page, q place.Query, res place.Result) (ui.Message, []ui.Link) {
	var others []ui.Link
	for _, c := range res.Alternatives {
		others = append(others, ui.Link{Text: communeName(c), Href: p.Path("/lieux?" + listQuery(c, q.Need))})
	}
	switch {
	case !res.Guessed:
		return ui.Message{}, others
	case res.Words != "":
		return ui.Message{Kind: ui.Info, Text: p.T("place.list.guessed_words", "Asked", q.Where, "Words", res.Words)}, others
	}
	return ui.Message{Kind: ui.Info, Text: p.T("place.list.guessed", "Asked", q.Where, "Commune", communeName(res.Origin))}, others
}

func listQuery(c territory.Commune, need place.Need) string {
	v := url.Values{"ou": {c.Code}}
	if need != "" {
		v.Set("besoin", string(need))
	}
	return v.Encode()
}

// communeName tells namesakes apart: "Rochefort (17)".
func communeName(c territory.Commune) string { return c.Name + " (" + c.Department + ")" }

// filters is the form above the list.
func filters(p ui.Page, q place.Query) ui.Filters {
	needs := ui.Choices{Name: "besoin", Legend: p.T("place.need"), Options: []ui.Option{{Label: p.T("place.need.any"), Checked: q.Need == ""}}}
	for _, n := range place.AllNeeds() {
		needs.Options = append(needs.Options, ui.Option{Value: string(n), Label: p.T("place.need." + string(n)), Checked: n == q.Need})
	}
	return ui.Filters{
		Action: p.Path("/lieux"), Label: p.T("place.search"), Button: p.T("place.search.button"),
		Fields:  []ui.Field{{Name: "ou", Label: p.T("place.where"), Hint: p.T("place.where.hint"), Value: q.Where, Type: "search", Autocomplete: "postal-code"}},
		Selects: []ui.Choices{needs},
	}
}

// empty never ends the way: it offers the same place without the need, everything, and the telephone that follows.
func empty(p ui.Page, q place.Query, all int) ui.EmptyState {
	e := ui.EmptyState{Title: p.T("place.list.empty"), Text: p.T("place.list.empty_help")}
	if all == 0 {
		e.Title, e.Text = p.T("place.list.nothing_yet"), p.T("place.list.nothing_yet_help")
		return e
	}
	if q.Need != "" && q.Where != "" {
		e.Links = append(e.Links, ui.Link{Text: p.T("place.list.without_need"), Href: p.Path("/lieux?" + url.Values{"ou": {q.Where}}.Encode())})
	}
	e.Links = append(e.Links, ui.Link{Text: p.T("place.list.all"), Href: p.Path("/lieux")})
	return e
}
