package web

import (
	"net/http"
	"strings"

	"viaduc/internal/ui"
)

// routesOfReuse mounts what other sites and programs take: the catalogue, the feed, what a site embeds.
func (h *Handlers) routesOfReuse(mux ui.Mux) {
	mux.Handle("GET /catalogue.ttl", h.Kit.Handle(h.sendCatalogue("text/turtle; charset=utf-8")))
	mux.Handle("GET /catalogue.jsonld", h.Kit.Handle(h.sendCatalogue("application/ld+json")))
	mux.Handle("GET /catalogue", h.Kit.Handle(h.negotiateCatalogue))
	mux.Handle("GET "+feedPath, h.Kit.Handle(h.sendFeed))
	mux.Handle("GET /lieux/integrer", h.Kit.Handle(h.showEmbedHelp))
	mux.Handle("GET "+embedPath, h.Kit.HandleTranslated(h.showEmbed))
}

// base is the address of this site: what the operator says it is, else what the request says.
func (h *Handlers) base(r *http.Request) string {
	if h.Public != "" {
		return strings.TrimSuffix(h.Public, "/")
	}
	return origin(r)
}
