// Package web shows the census to residents: the list around a place they name (/lieux), that of a département, of a grouping
// or of a commune (/departements, /epci, /communes), that of tiers-lieux (/tiers-lieux), each under its map, and the page of one place
// (/lieux/{number}-{name}), with its two files (contact card, calendar of the opening hours). These are made from the
// in-memory index alone, in every language, without any script. A resident reports an error on a page beside
// (/lieux/{number}-{name}/signaler), which writes to the database.
//
// An organisation declares its place, or corrects it, by small questions (/lieux/declarer, /lieux/{number}-{name}/corriger),
// in French only and without an account; place.Declaration says by what rules.
//
// The downloads of the whole census (/donnees) are in French only and made from the database, once for each version.
package web

import (
	"context"
	"embed"
	"net/http"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/place"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/i18n"
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
	Kit       *ui.Kit
	Gate      *gate.Gate
	Places    *place.Service
	Territory *territory.Service
	Words     *i18n.Printer                       // French, for paper
	Public    string                              // address of the site as the operator says it; "" for what each request says
	Home      func(host string) territory.Commune // the main town of the territory that a host speaks for; zero when not said

	Tiles   Tiles           // the background of the detailed map, where the operator chose a provider
	Grounds func() []Ground // the same where he did not: the outlines that the node holds; nil for none

	Register     place.Register                                               // of organisations; nil when the settings name none
	Names        audit.Names                                                  // says who made changes; nil for nobody
	Organisation func(ctx context.Context, id identity.OrganisationID) string // name of an organisation, "" for an unknown one; nil for none

	Dates func(p ui.Page, at place.ID) ui.EventDay // what is next on the agenda there; nil for no agenda

	Now func() time.Time // the clock of the limits on what residents send

	printed papers
	made    exports
	senders *httpx.Limiter // of reports

	declarers, linkAskers *httpx.Limiter // of new declarations, of links by e-mail
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	mux.Handle("GET /lieux", h.Kit.HandleTranslated(h.listPlaces))
	mux.Handle("GET "+thirdPath, h.Kit.HandleTranslated(h.listThirdPlaces))
	mux.Handle("GET "+mapPath, h.Kit.HandleTranslated(h.showMap))
	mux.Handle("GET /imprimer/orientation", h.Kit.Handle(h.showOrientation))
	mux.Handle("GET /imprimer/orientation.pdf", h.Kit.Handle(h.sendOrientation))
	mux.Handle("GET /lieux/{slug}"+posterEnd, h.Kit.Handle(h.showPoster))
	mux.Handle("GET /lieux/{slug}"+posterEnd+".pdf", h.Kit.Handle(h.sendPoster))
	for _, a := range printPaths {
		mux.Handle("GET "+a.path+"{slug}", h.Kit.Handle(h.showPrint(a.kind)))
	}
	for _, a := range areaPaths {
		mux.Handle("GET "+a.path+"{slug}", h.Kit.HandleTranslated(h.listArea(a.kind)))
		if a.kind != territory.CommuneArea {
			mux.Handle("GET "+a.path+"{slug}"+partsEnd, h.Kit.HandleTranslated(h.showParts(a.kind)))
		}
	}
	mux.Handle("GET /lieux/{slug}", h.Kit.HandleTranslated(h.showPlace))
	for _, f := range placeFiles {
		mux.Handle("GET /lieux/{slug}"+f.end, h.Kit.HandleTranslated(h.sendFile(f)))
	}
	h.senders = httpx.NewLimiter(reportBurst, reportEvery, h.Now)
	mux.Handle("GET /lieux/{slug}"+reportEnd, h.Kit.HandleTranslated(h.showReport))
	mux.Handle("POST /lieux/{slug}"+reportEnd, h.Kit.HandleTranslated(h.sendReport))
	mux.Handle("GET /lieux/{slug}"+thanksEnd, h.Kit.HandleTranslated(h.showThanks))
	mine := func(f gate.Handler) http.Handler { return h.Kit.Handle(h.Gate.Anyone(identity.AccountSelf, f)) }
	mux.Handle("GET /compte/lieux/{numero}", mine(h.showKeep))
	mux.Handle("POST /compte/lieux/{numero}", mine(h.keep))
	h.declareRoutes(mux)
	h.teamRoutes(mux)
	h.duplicateRoutes(mux)
	mux.Handle("GET /donnees", h.Kit.Handle(h.showDownloads))
	for _, d := range downloads {
		mux.Handle("GET "+d.path(territory.Area{}), h.Kit.Handle(h.download(d, "")))
		for kind, word := range areaFiles {
			mux.Handle("GET "+filesPath+word+"/{code}/"+d.file, h.Kit.Handle(h.download(d, kind)))
		}
	}
	h.routesOfReuse(mux)
	mux.Handle("GET /lieux/{slug}"+photosEnd, h.Kit.HandleTranslated(h.showPhotos))
	mux.Handle("GET "+photoPath+"{file}", h.Kit.Handle(h.sendPhoto))
}
