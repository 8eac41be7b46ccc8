// Package web is the portal: the home page that answers before it asks, and what the law and courtesy want on every
// site: accessibility statement, legal notice, personal data, eco-design, site map, contact.
//
// The statements say by default what is true of an installation that nobody has filled in yet ("non conforme", "pas
// encore indiqué"), and take the territory's own words from territory_site. They exist in French only; the home page in
// every language.
package web

import (
	"embed"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Templates are the pages of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Locale holds the words of this package.
//
//go:embed locale/*.json
var Locale embed.FS

// Places is what the home page shows of the census, in its own words; package app plugs the census in.
type Places interface {
	// Nearby returns at most n cards of places around a commune, those open now first, and how many are open now.
	Nearby(p ui.Page, from territory.Commune, n int) (cards ui.PlaceCards, open int)
}

// Handlers serves the pages.
type Handlers struct {
	Kit       *ui.Kit
	Gate      *gate.Gate
	Territory *territory.Service
	Places    Places
	Soon      func(p ui.Page, town territory.Commune) ui.EventDay // what is next on the agenda near a town; nil for no agenda
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	mux.Handle("GET /{$}", h.Kit.HandleTranslated(h.showHome))
	for _, s := range statements {
		mux.Handle("GET "+s.path, h.Kit.Handle(h.showStatement(s)))
	}
	mux.Handle("GET "+groundPath+"{file}", h.Kit.Handle(h.sendGround))
	mux.Handle("GET /actualites", h.Kit.Handle(h.showNewsList))
	mux.Handle("GET /actualites/{slug}", h.Kit.Handle(h.showNews))
	staff := func(pattern string, f gate.Handler) {
		mux.Handle(pattern, h.Kit.Handle(h.Gate.Staff(identity.TerritorySite, f)))
	}
	staff("GET /pro/admin/textes", h.showTexts)
	staff("POST /pro/admin/textes", h.saveTexts)
	staff("GET /pro/admin/actualites", h.listNewsAdmin)
	staff("GET /pro/admin/actualites/{numero}", h.editNews)
	staff("POST /pro/admin/actualites/{numero}", h.saveNews)
}
