// Package web shows the census to residents: the list around a place they name (/lieux) and the page of one place
// (/lieux/{number}-{name}). Pages are made from the in-memory index alone, in every language, without any script.
package web

import (
	"embed"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Templates and Locale are the pages and the words of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Locale holds the words of this package.
//
//go:embed locale/*.json
var Locale embed.FS

// Handlers serves the pages.
type Handlers struct {
	Kit    *ui.Kit
	Places *place.Service
	Home   func(host string) territory.Commune // the main town of the territory that a host speaks for; zero when not said
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	mux.Handle("GET /lieux", h.Kit.HandleTranslated(h.listPlaces))
	mux.Handle("GET /lieux/{slug}", h.Kit.HandleTranslated(h.showPlace))
}
