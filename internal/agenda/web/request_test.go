package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// as sends a form as somebody of the team.
func as(n *apptest.Node, who *http.Cookie, path string, form url.Values) (*http.Response, string) {
	return n.Do(http.MethodPost, path, strings.NewReader(form.Encode()), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(who)
	})
}

func TestATownHallConfirmsThenCallsOff(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		e := coming(t, n, "Atelier : premiers pas sur la tablette")[0]
		page := n.Agenda.HostLink(e.ID)
		for range 2 { // opening it changes nothing
			res, body := n.Get(page)
			if res.StatusCode != http.StatusOK || !strings.Contains(body, "Oui, la salle et le wifi seront prêts") || res.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Fatalf("%d", res.StatusCode)
			}
		}
		if res, _ := post(n, page, url.Values{"action": {"confirmer"}}); res.StatusCode != http.StatusSeeOther {
			t.Errorf("confirmed: %d", res.StatusCode)
		}
		if _, body := n.Get(page); !strings.Contains(body, "C&#39;est confirmé, merci") {
			t.Error("it does not say that it is confirmed")
		}
		if res, body := post(n, page, url.Values{"action": {"annuler"}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Dites pourquoi") || !strings.Contains(body, "<details open") {
			t.Errorf("without a reason: %d", res.StatusCode)
		}
		if res, _ := post(n, page, url.Values{"action": {"annuler"}, "reason": {"Travaux dans la salle"}}); res.StatusCode != http.StatusSeeOther {
			t.Errorf("called off: %d", res.StatusCode)
		}
		n.Reload()
		if now, _ := n.Agenda.Index().ByID(e.ID); now.State != agenda.Cancelled || now.EndedBy != agenda.ByHost {
			t.Errorf("%s by %s", now.State, now.EndedBy)
		}
		if res, _ := n.Get(agenda.HostPath + "jeton"); res.StatusCode != http.StatusNotFound {
			t.Errorf("a forged link: %d", res.StatusCode)
		}
	})
}

func TestACommuneAsksAndAgrees(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		if res, body := post(n, "/agenda/demander", url.Values{"rooms": {"Salle des fêtes"}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `value="Salle des fêtes"`) {
			t.Errorf("nearly empty: %d", res.StatusCode)
		}
		form := url.Values{
			"commune": {"Port-des-Barques"}, "length": {"half"}, "every": {"1"}, "days": {"5"}, "from-jour": {"18"}, "from-mois": {"5"}, "from-annee": {"2026"}, "rooms": {"Salle des fêtes"},
			"contact": {"Secrétariat (exemple)"}, "email": {"mairie@viaduc.example"},
		}
		res, body := post(n, "/agenda/demander", form)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, "Vérifiez avant d'envoyer") || !strings.Contains(body, "lundi 18\u00a0mai 2026") {
			t.Fatalf("to check: %d", res.StatusCode)
		}
		form.Set("etape", "envoyer")
		res, _ = post(n, "/agenda/demander", form)
		page := strings.Split(res.Header.Get("Location"), "?")[0]
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(page, agenda.RequestPath) {
			t.Fatalf("sent: %d", res.StatusCode)
		}
		officer := n.Login(identity.Officer)
		id, _, _ := strings.Cut(strings.TrimPrefix(page, agenda.RequestPath), ".")
		desk := "/pro/agenda/demandes/" + id
		res, body = n.Do(http.MethodGet, desk, nil, func(r *http.Request) { r.AddCookie(officer) })
		choices := between(body, `name="creneau" value="`, `"`)
		if res.StatusCode != http.StatusOK || len(choices) == 0 || !strings.Contains(body, "minutes de route") {
			t.Fatalf("the officer's page: %d, %d proposals", res.StatusCode, len(choices))
		}
		if res, _ := as(n, officer, desk, url.Values{"action": {"proposer"}, "version": {"1"}, "creneau": {"x"}, "starts": {"18/05/2026"}}); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("no half-day chosen: %d", res.StatusCode)
		}
		if res, _ := as(n, officer, desk, url.Values{"action": {"proposer"}, "version": {"1"}, "creneau": {choices[0]}, "starts": {"18/05/2026"}, "minute": {"9 h 30"}, "fin": {"12 h"}}); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("proposed: %d", res.StatusCode)
		}
		if res, body := as(n, officer, desk, url.Values{"action": {"refuser"}, "version": {"1"}, "reason": {"Trop tard"}}); res.StatusCode != http.StatusConflict || !strings.Contains(body, "Quelqu&#39;un a changé") {
			t.Errorf("a stale answer: %d", res.StatusCode)
		}
		_, body = n.Get(page)
		if !strings.Contains(body, "Ce créneau nous convient") || !strings.Contains(body, "Les premières dates") || !strings.Contains(body, "de 9\u00a0h\u00a030 à 12\u00a0h") {
			t.Fatal("the commune sees no half-day")
		}
		if res, _ := post(n, page, nil); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("agreed: %d", res.StatusCode)
		}
		_, body = n.Get(page)
		if !strings.Contains(body, "C&#39;est au calendrier") || !numbered.MatchString(body) {
			t.Error("no dates after the yes")
		}
		if res, _ := n.Do(http.MethodGet, desk, nil, func(r *http.Request) { r.AddCookie(n.Login(identity.Mediator)) }); res.StatusCode != http.StatusForbidden {
			t.Errorf("a mediator: %d", res.StatusCode)
		}
	})
}

// between lists what stands between two texts.
func between(text, open, end string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, open)
		if !ok {
			return out
		}
		one, more, _ := strings.Cut(rest, end)
		out, text = append(out, one), more
	}
}
