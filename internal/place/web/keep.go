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
	index, n := h.Places.Index(), numberOf(r)
	if to, moved := index.Moved(n); moved {
		http.Redirect(w, r, "/compte/lieux/"+strconv.FormatInt(int64(to), 10), http.StatusMovedPermanently)
		return nil
	}
	e, ok := index.Place(n)
	if !ok {
		return fault.New(fault.NotFound, "place.unknown")
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

// numberOf is the number of the address; 0, which no place has, for what is none.
func numberOf(r *http.Request) place.Number {
	n, _ := strconv.ParseInt(r.PathValue("numero"), 10, 64)
	return place.Number(n)
}

func (h *Handlers) keep(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	change, done := h.Places.Save, "garde"
	if r.PostFormValue("action") == "retirer" {
		change, done = h.Places.Unsave, "retire"
	}
	err := change(r.Context(), by, numberOf(r))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/compte?fait="+done, http.StatusSeeOther)
	return nil
}
