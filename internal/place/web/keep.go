package web

import (
	"net/http"
	"strconv"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// The page of a place is the same for everybody and is kept by caches: whether a reader keeps the place is on a page of
// their own, one link away.

// keepPage is the view of /compte/lieux/{numero}: one button.
type keepPage struct {
	ui.Page
	Back   ui.Back
	Name   string
	Action string
	Kept   bool
}

func (h *Handlers) showKeep(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	e, err := h.entryOf(r)
	if err != nil {
		return err
	}
	saved, err := h.Places.Saved(r.Context(), by)
	if err != nil {
		return err
	}
	v := keepPage{Page: h.Kit.Page(r, "Garder ce lieu"), Name: e.Name, Action: "/compte/lieux/" + r.PathValue("numero")}
	v.Back = v.Page.Back(Path(e))
	for _, s := range saved {
		v.Kept = v.Kept || s.Number == e.Number
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_keep", v)
}

// entryOf is the place of the address; fault.NotFound for one that is not shown.
func (h *Handlers) entryOf(r *http.Request) (*place.Entry, error) {
	n, err := strconv.ParseInt(r.PathValue("numero"), 10, 64)
	if e, ok := h.Places.Index().Place(place.Number(n)); err == nil && ok {
		return e, nil
	}
	return nil, fault.New(fault.NotFound, "place.unknown")
}

func (h *Handlers) keep(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	n, err := strconv.ParseInt(r.PathValue("numero"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "place.unknown")
	}
	done := "garde"
	if r.PostFormValue("action") == "retirer" {
		err, done = h.Places.Unsave(r.Context(), by, place.Number(n)), "retire"
	} else {
		err = h.Places.Save(r.Context(), by, place.Number(n))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/compte?fait="+done, http.StatusSeeOther)
	return nil
}
