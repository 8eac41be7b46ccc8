package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
)

// Somebody with a landline is on the call list of the structure that called the date off, with a name and a number to press.
func TestACancelledDateIsToldByTelephone(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		var of *agenda.Entry
		for _, f := range n.Agenda.Index().Search(agenda.Query{From: n.Clock.Now().Add(72 * time.Hour), Mode: agenda.Workshop, Live: true}) {
			if f.Bookable(n.Clock.Now()) && f.FreeAt(n.Clock.Now()) > 0 && !f.Series.Cycle {
				of = f.Entry
				break
			}
		}
		if _, err := n.Agenda.Book(t.Context(), identity.Nobody(), agenda.NewBooking{Occurrence: of.ID, Who: person.New{Name: "Marcelle Exemple", Phone: "04 66 00 00 77"}}); err != nil {
			t.Fatal(err)
		}
		mediator := n.Login(identity.Mediator)
		calls := func() string {
			_, body := n.Do(http.MethodGet, "/pro/appels", nil, func(r *http.Request) { r.AddCookie(mediator) })
			return body
		}
		if err := n.Agenda.CancelDate(t.Context(), identity.TheSystem(), of.ID, "La salle est fermée."); err != nil {
			t.Fatal(err)
		}
		body := calls()
		if !strings.Contains(body, "Marcelle Exemple") || !strings.Contains(body, `href="tel:&#43;33466000077"`) || !strings.Contains(body, "La salle est fermée.") {
			t.Errorf("the call list does not say whom to call, or why:\n%s", body)
		}
		if strings.Count(body, "Marcelle Exemple") != 1 {
			t.Error("a mediator is asked to confirm what was called off")
		}
		helper := n.Login(identity.Helper)
		if _, other := n.Do(http.MethodGet, "/pro/appels", nil, func(r *http.Request) { r.AddCookie(helper) }); strings.Contains(other, "Marcelle") {
			t.Error("another structure reads her name")
		}
	})
}
