// Package web is the pages of the agenda.
//
// For residents: the agenda and each date (/agenda), its calendars (/agenda.ics), booking without an account (/rendez-vous),
// following, moving and cancelling a booking by its reference (/suivi), the request of a commune (/agenda/demander), the page
// of a host (/agenda/accueil), and their paper twins (/imprimer/agenda).
//
// For the team: the coming days and who comes (/pro/agenda), booking for somebody in one page (/pro/agenda/inscrire), ending a date
// (/pro/agenda/dates/{numero}/fin) and its sheet to sign (/emargement), keying in a day on paper (/pro/journee), tours (/pro/tournees), requests (/pro/agenda/demandes), the day of a
// mediator, with network (Handlers.Today) and without (/pro/hors-ligne).
package web

import (
	"context"
	"embed"
	"net/http"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/person"
	"viaduc/internal/place"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Templates are the pages of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Handlers serves the pages.
type Handlers struct {
	Kit       *ui.Kit
	Gate      *gate.Gate
	Agenda    *agenda.Service
	Persons   *person.Service
	Places    *place.Service
	Territory *territory.Service
	Identity  *identity.Service
	PlacePath func(*place.Entry) string // the page of a place
	Public    string                    // public address, without a slash at the end; "" where none is set
	Now       func() time.Time

	askers *httpx.Limiter // of what changes something without an account
	guards *httpx.Limiter // of guesses at references
}

// Limits of one sender: a helper who books for a whole workshop, no flood.
const (
	askBurst   = 20
	askEvery   = 3 * time.Minute
	guessBurst = 10
	guessEvery = time.Minute
)

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	h.askers = httpx.NewLimiter(askBurst, askEvery, h.Now)
	h.guards = httpx.NewLimiter(guessBurst, guessEvery, h.Now)
	h.publicRoutes(mux)
	h.bookingRoutes(mux)
	h.followRoutes(mux)
	h.hostRoutes(mux)
	h.requestRoutes(mux)
	h.tourRoutes(mux)
	h.roomRoutes(mux)
	h.teamRoutes(mux)
	h.paperRoutes(mux)
	h.deviceRoutes(mux)
	h.keyingRoutes(mux)
}

// public mounts a page for everybody.
func (h *Handlers) public(mux ui.Mux, pattern string, f func(http.ResponseWriter, *http.Request) error) {
	mux.Handle(pattern, h.Kit.Handle(f))
}

// staff mounts a page for those whose role may do an action.
func (h *Handlers) staff(mux ui.Mux, pattern string, action identity.Action, f func(http.ResponseWriter, *http.Request, identity.Actor) error) {
	mux.Handle(pattern, h.Kit.Handle(h.Gate.Staff(action, f)))
}

// organisationName is the name of an organisation, "" for an unknown one.
func (h *Handlers) organisationName(ctx context.Context, id identity.OrganisationID) string {
	o, _, err := h.Identity.Organisation(ctx, id)
	if err != nil {
		return ""
	}
	return o.Name
}
