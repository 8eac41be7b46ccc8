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
		for name, tt := range map[string]struct{ form, link, says string }{
			"an end before the start": {"&starts=18/05/2026&minute=9+h+30&fin=9+h", "#fin", "Écrivez une heure"},
			"after the season":        {"&starts=18/05/2027", "#starts", "hors de la saison"},
			"an unknown tour":         {"&starts=18/05/2026&creneau=inconnue+1+morning+", "#creneau", "Choisissez un créneau"},
		} {
			form, _ := url.ParseQuery("action=proposer&version=1" + tt.form)
			if !form.Has("creneau") {
				form.Set("creneau", choices[0])
			}
			res, body := as(n, officer, desk, form)
			if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `href="`+tt.link+`"`) || !strings.Contains(body, `id="`+tt.link[1:]+`"`) || !strings.Contains(body, tt.says) {
				t.Errorf("%s: %d\n%s", name, res.StatusCode, body)
			}
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

// A postcode has several communes: the one that asks is chosen, never guessed, and the rest of the answers stays.
func TestTheCommuneThatAsksIsChosen(t *testing.T) {
	n := apptest.Demo(t)
	form := url.Values{
		"commune": {"17250"}, "length": {"half"}, "every": {"2"}, "days": {"2", "4"}, "half": {"morning"}, "from-jour": {"1"}, "from-mois": {"6"}, "from-annee": {"2026"},
		"rooms": {"Salle des fêtes"}, "wifi": {"yes"}, "contact": {"Secrétariat (exemple)"}, "email": {"mairie@viaduc.example"},
	}
	res, body := post(n, "/agenda/demander", form)
	codes := between(body, `name="insee" value="`, `"`)
	if res.StatusCode != http.StatusUnprocessableEntity || len(codes) != 2 || !strings.Contains(body, "Laquelle") || !strings.Contains(body, `value="Salle des fêtes"`) || !strings.Contains(body, `href="#insee"`) {
		t.Fatalf("a postcode of two communes: %d, %v\n%s", res.StatusCode, codes, body)
	}
	for _, code := range codes {
		form.Set("insee", code)
		res, body = post(n, "/agenda/demander", form)
		if res.StatusCode != http.StatusOK || len(between(body, `name="insee" value="`+code, `"`)) != 1 || !strings.Contains(body, "Une demi-journée, une semaine sur deux") {
			t.Errorf("%s to check: %d", code, res.StatusCode)
		}
	}
	form.Set("etape", "envoyer")
	res, _ = post(n, "/agenda/demander", form)
	made, err := n.Agenda.Request(t.Context(), strings.Split(strings.TrimPrefix(res.Header.Get("Location"), agenda.RequestPath), "?")[0])
	if err != nil || made.Commune != codes[1] {
		t.Errorf("%v, asked for %s, chose %s", err, made.Commune, codes[1])
	}
	form.Set("commune", "xyzzyx")
	if res, body := post(n, "/agenda/demander", form); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Nous ne trouvons pas cette commune.") {
		t.Errorf("a commune that nobody knows: %d", res.StatusCode)
	}
}

// One sender cannot fill the desk of the team.
func TestRequestsOfOneSenderAreSlowedDown(t *testing.T) {
	n := apptest.Demo(t)
	form := url.Values{
		"commune": {"Rochefort"}, "length": {"half"}, "every": {"1"}, "from-jour": {"1"}, "from-mois": {"6"}, "from-annee": {"2026"}, "rooms": {"Salle des fêtes"},
		"contact": {"Secrétariat (exemple)"}, "email": {"mairie@viaduc.example"}, "etape": {"envoyer"},
	}
	sent := 0
	for range 40 {
		res, _ := post(n, "/agenda/demander", form)
		if res.StatusCode == http.StatusTooManyRequests {
			break
		}
		sent++
	}
	if sent == 0 || sent == 40 {
		t.Errorf("%d requests in a moment", sent)
	}
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
