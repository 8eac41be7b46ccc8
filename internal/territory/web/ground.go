package web

import (
	"net/http"
	"strconv"

	"viaduc/internal/platform/fault"
)

// groundPath begins the address of the ground of maps; the name of the file that follows holds what the file holds.
const groundPath = "/fonds/"

// sendGround serves the ground of an area. A page that somebody kept may ask for one that was drawn since: she gets the
// present one, which is not to be kept under the old name.
func (h *Handlers) sendGround(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	area, ok := h.Territory.Gazetteer().GroundArea(name)
	if !ok {
		return fault.New(fault.NotFound, "portal.ground.unknown")
	}
	g, ok := h.Territory.Ground(area)
	if !ok {
		return fault.New(fault.NotFound, "portal.ground.unknown")
	}
	head := w.Header()
	if g.File == name {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		head.Set("Cache-Control", "no-cache")
	}
	head.Set("Content-Type", "image/svg+xml")
	head.Set("Content-Length", strconv.Itoa(len(g.SVG)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(g.SVG) // the reader left: nothing to do
	}
	return nil
}
