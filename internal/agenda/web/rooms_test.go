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
		add := func(form url.Values) (int, string) {
			res, body := as(n, mediator, path+"/ajouter", form)
			return res.StatusCode, body
		}
		if status, body := add(url.Values{"kind": {"room"}, "release": {"15"}, "hours": {"lundi : matin"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "un jour par ligne") || !strings.Contains(body, "lundi : matin") {
			t.Errorf("without a name: %d", status)
		}
		if status, _ := add(url.Values{"name": {"Salle bleue"}, "kind": {"room"}, "release": {"15"}}); status != http.StatusSeeOther {
			t.Fatalf("%d", status)
		}
		room := between(get(), `name="ressource" value="0`, `"`)[0]
		if status, _ := add(url.Values{"name": {"Poste 1"}, "kind": {"desk"}, "parent": {"0" + room}}); status != http.StatusSeeOther {
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
		// A booking for the team itself takes somebody along, or nothing.
		together := url.Values{"action": {"reserver"}, "ressource": {"0" + room}, "portables": {"1"}, "debut": {"14 h"}, "fin": {"16 h"}, "objet": {"Atelier (exemple)"}, "members": {string(n.Person(identity.Mediator)[0].Account)}}
		if status, body := send(together); status != http.StatusConflict || !strings.Contains(body, "ordinateur") || !strings.Contains(body, `value="Atelier (exemple)"`) {
			t.Errorf("without a laptop: %d", status)
		}
		if status, _ := add(url.Values{"name": {"Portable 1"}, "kind": {"laptop"}}); status != http.StatusSeeOther {
			t.Fatalf("%d", status)
		}
		if status, _ := send(together); status != http.StatusSeeOther {
			t.Errorf("with one: %d", status)
		}
		if body := get(); strings.Count(body, "Atelier (exemple), avec ") != 2 {
			t.Error("the room and the laptop do not say what for, and with whom")
		}
		_, plan := n.Do(http.MethodGet, path+"/plan?semaine=2026-W19", nil, func(r *http.Request) { r.AddCookie(mediator) })
		if !strings.Contains(plan, "Fatima E.") || strings.Contains(plan, "Fatima Exemple") || !strings.Contains(plan, "Portable 1") || strings.Count(plan, "Libre toute la journée") != 6 {
			t.Error("the plan for the door does not say the week")
		}
		if _, plan = n.Do(http.MethodGet, path+"/plan?semaine=2026-W19&salle=0"+room, nil, func(r *http.Request) { r.AddCookie(mediator) }); strings.Contains(plan, "Portable 1</td>") || !strings.Contains(plan, "Salle bleue</h1>") {
			t.Error("the plan of a room holds others")
		}
		// What is asked of whoever books is kept, and shown as it was typed.
		edit := path + "/0" + room
		res, body := as(n, mediator, edit, url.Values{"name": {"Salle bleue"}, "hours": {"lundi à vendredi : 9 h - 18 h\n08/05/2026 : fermé"}, "least": {"30"}, "release": {"beaucoup"}})
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "beaucoup") {
			t.Errorf("a number that is none: %d", res.StatusCode)
		}
		if res, _ = as(n, mediator, edit, url.Values{"name": {"Salle bleue"}, "hours": {"lundi à vendredi : 9 h - 18 h\n08/05/2026 : fermé"}, "least": {"30"}}); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d", res.StatusCode)
		}
		_, body = n.Do(http.MethodGet, edit, nil, func(r *http.Request) { r.AddCookie(mediator) })
		if !strings.Contains(body, "lundi à vendredi : 9h - 18h\n08/05/2026 : fermé") || !strings.Contains(body, `value="30"`) {
			t.Error("the rules do not come back")
		}
		booking.Set("debut", "19 h")
		booking.Set("fin", "20 h")
		if status, body := send(booking); status != http.StatusConflict || !strings.Contains(body, "Salle bleue n&#39;est pas ouvert") {
			t.Errorf("closed: %d", status)
		}
	})
}
