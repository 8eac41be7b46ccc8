package web

import (
	"net/http"

	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// homePage is the view of the home page.
type homePage struct {
	ui.Page
	Promise string
	Search  ui.Search
	Near    string // title of the block of places
	Cards   ui.PlaceCards
	All     ui.Link
	Soon    ui.EventDay // the next dates near the main town; no event for none
	Tiles   ui.Tiles
}

// homeCards is how many places the home page shows before anybody asks.
const homeCards = 3

func (h *Handlers) showHome(w http.ResponseWriter, r *http.Request) error {
	site := h.Territory.Site(r.Host)
	p := h.Kit.Page(r, "")
	p.Title = p.Site.Title
	p.Bare = true
	p.Description = p.T("portal.description", "Name", site.Name)
	v := homePage{Page: p, Promise: p.T("portal.promise"), Search: search(p), Tiles: tiles(p)}
	if town := h.Territory.MainCommune(r.Host); town.Code != "" {
		v.near(h.Places, town)
		if h.Soon != nil {
			v.Soon = h.Soon(p, town)
		}
	}
	return h.Kit.Render(w, r, http.StatusOK, "home", v)
}

// near answers before it asks: what is open around the main town, or what opens next.
func (v *homePage) near(places Places, town territory.Commune) {
	cards, open := places.Nearby(v.Page, town, homeCards)
	v.Cards = cards
	switch {
	case len(cards) == 0:
		return
	case open > 0:
		v.Near = v.N("portal.open_now", open, "Commune", town.Name)
	default:
		v.Near = v.T("portal.open_next", "Commune", town.Name)
	}
	v.All = ui.Link{Text: v.T("portal.all", "Commune", town.Name), Href: v.Path("/lieux?ou=" + town.Code)}
}

func search(p ui.Page) ui.Search {
	return ui.Search{
		Action: p.Path("/lieux"), Button: p.T("portal.search"), Around: p.Around(),
		Field: ui.Field{Name: "ou", Label: p.T("portal.where"), Hint: p.T("portal.where.hint"), Type: "search", Autocomplete: "postal-code"},
	}
}

// tileNeeds are the six needs that bring most people, with their pictograms.
var tileNeeds = []struct{ need, icon string }{
	{"demarches", "document"}, {"apprendre", "help"}, {"internet", "computer"}, {"emploi", "search"}, {"securite", "question"}, {"materiel", "gift"},
}

func tiles(p ui.Page) ui.Tiles {
	var t ui.Tiles
	for _, n := range tileNeeds {
		t.Items = append(t.Items, ui.Tile{Icon: n.icon, Text: p.T("portal.tile." + n.need), Href: p.Path("/lieux?besoin=" + n.need)})
	}
	return t
}
