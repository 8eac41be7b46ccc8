// Package gate stands before every page behind a log-in: it finds the session of a request, once, and lets a handler be
// reached only by a role that may do what the handler does.
//
// # A page behind the gate
//
// Any module's web package mounts its staff pages so; the handler is given who acts:
//
//	mux.Handle("GET /pro/lieux", kit.Handle(gate.Staff(identity.PlaceEdit, h.listPlaces)))
//
//	func (h *Handlers) listPlaces(w http.ResponseWriter, r *http.Request, by identity.Actor) error
//
// Without a session the answer is fault.Unauthenticated, which package ui turns into the way to the log-in and back; with a
// role that lacks the action altogether, fault.Forbidden, before the handler runs. Whether this object is within reach
// is the service's question (identity.Require): out of reach is the 404 of an unknown one.
//
// Pages behind the gate are never kept by a browser or a proxy (Cache-Control: no-store), so that the Back button of a
// kiosk shows nothing.
//
// # The cookie
//
// Its name begins with __Host- over https, so that no other host and no plain page can set it; over http, which only a
// demonstration on the same machine uses, browsers would refuse that name.
//
// # What it does not do
//
// It opens and closes no session (package identity does) and knows no page.
package gate

import (
	"context"
	"net/http"
	"sync"

	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
)

// Gate finds sessions. It is safe for concurrent use.
type Gate struct {
	identity *identity.Service
}

// New returns a gate over the sessions of a service.
func New(s *identity.Service) *Gate { return &Gate{identity: s} }

// Handler is a page that is told who acts.
type Handler func(w http.ResponseWriter, r *http.Request, by identity.Actor) error

// visit is what a request holds of its session: looked for when first asked, then kept.
type visit struct {
	once    sync.Once
	session identity.Session
	err     error
}

type visitKey struct{}

// Wrap lets Session remember what it found for the length of a request. It stands around the mux.
func (g *Gate) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token(r) != "" {
			r = r.WithContext(context.WithValue(r.Context(), visitKey{}, &visit{}))
		}
		next.ServeHTTP(w, r)
	})
}

// Session returns the session of a request. It reports fault.Unauthenticated where there is none that holds.
func (g *Gate) Session(r *http.Request) (identity.Session, error) {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		return g.identity.Check(r.Context(), token(r))
	}
	v.once.Do(func() { v.session, v.err = g.identity.Check(r.Context(), token(r)) })
	return v.session, v.err
}

// Actor is who asks, identity.Nobody where nobody is logged in: for pages that are everybody's.
func (g *Gate) Actor(r *http.Request) (identity.Actor, error) {
	session, err := g.Session(r)
	if fault.Is(err, fault.Unauthenticated) {
		return identity.Nobody(), nil
	}
	return session.Actor, err
}

// Staff lets a handler be reached by staff whose role may do action on something, whatever it is.
func (g *Gate) Staff(action identity.Action, h Handler) func(http.ResponseWriter, *http.Request) error {
	return g.guard(h, func(a identity.Actor) error {
		switch {
		case a.Kind != identity.Staff:
			return fault.New(fault.Forbidden, "identity.staff_only")
		case identity.Reaches(a, action) == identity.None:
			return fault.New(fault.Forbidden, "identity.forbidden")
		}
		return nil
	})
}

// Anyone lets a handler be reached by whoever is logged in and may do action on something: staff and residents.
func (g *Gate) Anyone(action identity.Action, h Handler) func(http.ResponseWriter, *http.Request) error {
	return g.guard(h, func(a identity.Actor) error {
		if identity.Reaches(a, action) == identity.None {
			return fault.New(fault.Forbidden, "identity.forbidden")
		}
		return nil
	})
}

func (g *Gate) guard(h Handler, may func(identity.Actor) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		session, err := g.Session(r)
		if err != nil {
			return err
		}
		if err := may(session.Actor); err != nil {
			return err
		}
		return h(w, r, session.Actor)
	}
}
