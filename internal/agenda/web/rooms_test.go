package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

func TestRoomsOfADay(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		mediator := n.Login(identity.Mediator)
		const path = "/pro/agenda/salles"
		get := func() string {
			_, body := n.Do(http.MethodGet, path+"?jour=2026-05-07", nil, func(r *http.Request) { r.AddCookie(mediator) })
			return body
		}
		send := func(form url.Values) (int, string) {
			form.Set("jour", "2026-05-07")
			res, body := as(n, mediator, path, form)
			return res.StatusCode, body
		}
		if status, body := send(url.Values{"action": {"ajouter"}, "kind": {"room"}, "release": {"15"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Écrivez un nom") {
			t.Errorf("without a name: %d", status)
		}
		if status, _ := send(url.Values{"action": {"ajouter"}, "name": {"Salle bleue"}, "kind": {"room"}, "release": {"15"}}); status != http.StatusSeeOther {
			t.Fatalf("%d", status)
		}
		room := between(get(), `<option value="0`, `"`)[0]
		if status, _ := send(url.Values{"action": {"ajouter"}, "name": {"Poste 1"}, "kind": {"desk"}, "parent": {"0" + room}}); status != http.StatusSeeOther {
			t.Fatalf("%d", status)
		}
		booking := url.Values{"action": {"reserver"}, "ressource": {"0" + room}, "debut": {"9 h 30"}, "fin": {"11h"}, "nom": {"Fatima Exemple"}, "telephone": {"05 36 49 01 80"}}
		if status, _ := send(booking); status != http.StatusSeeOther {
			t.Fatalf("%d", status)
		}
		booking.Set("nom", "Ahmed Exemple")
		if status, body := send(booking); status != http.StatusConflict || !strings.Contains(body, "déjà pris") || !strings.Contains(body, `value="Ahmed Exemple"`) {
			t.Errorf("taken: %d", status)
		}
		body := get()
		if !strings.Contains(body, "Fatima E.") || strings.Contains(body, "Fatima Exemple") {
			t.Error("the day shows a whole name")
		}
		use := between(body, `name="reservation" value="`, `"`)[0]
		if status, _ := send(url.Values{"action": {"arrive"}, "reservation": {use}}); status != http.StatusSeeOther {
			t.Errorf("%d", status)
		}
		if body := get(); !strings.Contains(body, ">Arrivé<") {
			t.Error("who came is not shown")
		}
	})
}
