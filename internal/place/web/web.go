// Package web shows the census to residents: the list around a place they name (/lieux) and the page of one place
// (/lieux/{number}-{name}). These pages are made from the in-memory index alone, in every language, without any script.
// The downloads of the whole census (/donnees) are in French only and made from the database, once for each version.
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

	made exports
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	mux.Handle("GET /lieux", h.Kit.HandleTranslated(h.listPlaces))
	mux.Handle("GET /lieux/{slug}", h.Kit.HandleTranslated(h.showPlace))
	mux.Handle("GET /donnees", h.Kit.Handle(h.showDownloads))
	for _, d := range downloads {
		mux.Handle("GET "+d.path, h.Kit.Handle(h.download(d)))
	}
}
