package web

import (
	"net/http"
	"slices"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// thirdPath is the directory of tiers-lieux.
const thirdPath = "/tiers-lieux"

// listThirdPlaces shows the places where people work and make things together, around where the reader says, as /lieux
// does: each card tells what is shared there, and its price.
func (h *Handlers) listThirdPlaces(w http.ResponseWriter, r *http.Request) error {
	q, values := h.query(r)
	q.Facets = slices.DeleteFunc(q.Facets, func(f place.Facet) bool { return f.Group() != place.GroupSpace })
	for _, g := range []place.Group{place.GroupNeed, place.GroupWhen, place.GroupOffer, place.GroupWith} {
		values.Del(string(g))
	}
	for _, word := range r.URL.Query()[string(place.GroupSpace)] {
		if f, ok := place.ParseFacet(place.GroupSpace, word); ok && len(q.Facets) == 0 {
			q.Facets = append(q.Facets, f)
			values.Set(string(place.GroupSpace), word)
		}
	}
	q.Facets = append(q.Facets, place.ThirdPlace())
	index := h.Places.Index()
	v := placeList{Page: h.Kit.Page(r, "")}
	q.Now = v.Now()
	q = h.Places.Resolve(r.Context(), q)
	res := index.Search(q)
	v.Heading = thirdHeading(v.Page, q, res)
	v.Filters = thirdFilters(v.Page, q, index)
	v.Status = status(v.Page, q, res)
	v.Note, _ = note(v.Page, q, res)
	v.fill(q, res, index)
	v.Silent = ""
	for i, f := range res.Places {
		v.Cards[i].Offer = spacesSaid(v.Page, f.Place)
	}
	v.Pager = v.Page.Pager(thirdPath, values, res.Page, res.Pages)
	if len(v.Cards) == 0 {
		v.Empty = ui.EmptyState{
			Title: v.T("place.third.empty"), Text: v.T("place.third.empty_help"),
			Links: []ui.Link{{Text: v.T("place.third.all"), Href: v.Path(thirdPath)}, {Text: v.T("place.list.all"), Href: v.Path("/lieux")}},
		}
	} else {
		v.Map = h.numberedMap(v.Page, res.Places, res.First, territory.Area{}, res.Origin)
		v.Map.Label = v.T("place.map.list", "N", len(v.Map.Marks), "Heading", v.Heading)
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_list", v)
}

func thirdHeading(p ui.Page, q place.Query, res place.Result) string {
	switch {
	case q.At.Known():
		return p.T("place.third.near_you")
	case res.Origin.Name != "" && strings.TrimSpace(q.Where) != "":
		return p.T("place.third.near", "Commune", res.Origin.Name)
	}
	return p.T("place.third.title")
}

// thirdFilters is the form above the directory: where, and what for.
func thirdFilters(p ui.Page, q place.Query, x *place.Index) ui.Filters {
	return ui.Filters{
		Action: p.Path(thirdPath), Label: p.T("place.third.search"), Button: p.T("place.search.button"),
		Fields:  []ui.Field{{Name: "ou", Label: p.T("place.where"), Hint: p.T("place.where.hint"), Value: q.Where, Type: "search", Autocomplete: "postal-code"}},
		Selects: []ui.Choices{choice(p, q, place.GroupSpace, x.Counts(q.Facets, p.Now()))},
		Hidden:  positionOf(q),
	}
}

// spacesSaid says on a card what is shared, and for how much: "open space, cuisine. 12 euros la journée".
func spacesSaid(p ui.Page, e *place.Place) string {
	text := strings.Join(spaceNames(p, e), ", ")
	if text == "" {
		text = p.T("place.third.unsaid")
	}
	if e.SpacePrices != "" {
		text += ". " + e.SpacePrices
	}
	return text
}

func spaceNames(p ui.Page, e *place.Place) []string {
	var out []string
	for _, f := range e.SpaceFacets() {
		out = append(out, facetName(p, f))
	}
	return out
}

// space fills in what a tiers-lieu says of what is shared there; what it does not say is left out.
func (v *placePage) space(e *place.Place) {
	add := func(key, text string) {
		if text != "" {
			v.Space.Rows = append(v.Space.Rows, ui.SummaryRow{Term: v.T(key), Value: text})
		}
	}
	add("place.third.spaces", strings.Join(spaceNames(v.Page, e), ", "))
	add("place.third.prices", e.SpacePrices)
	add("place.third.entry", e.SpaceEntry)
	if e.SpaceURL != "" {
		v.Links = append(v.Links, ui.Link{Text: v.T("place.third.link", "Host", host(e.SpaceURL)), Href: e.SpaceURL, Icon: "globe"})
	}
}
