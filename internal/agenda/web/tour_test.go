package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
)

func TestATourIsAddedAndRead(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		mediator := n.Login(identity.Mediator)
		get := func(path string) (*http.Response, string) {
			return n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(mediator) })
		}
		if res, body := as(n, mediator, "/pro/tournees/ajouter", url.Values{"name": {"Le car"}, "from": {"hier"}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `value="Le car"`) {
			t.Errorf("nearly empty: %d", res.StatusCode)
		}
		_, wrong := as(n, mediator, "/pro/tournees/ajouter", url.Values{"from": {"hier"}, "to": {"demain"}, "base": {"Xyzzyxville"}, "speed": {"-4"}})
		for _, field := range []string{"name", "from", "to", "base", "speed"} {
			if !strings.Contains(wrong, `href="#`+field+`"`) {
				t.Errorf("all that is wrong is said at once, but not %s", field)
			}
		}
		if !strings.Contains(wrong, "Nous ne trouvons pas cette commune.") || !strings.Contains(wrong, `value="demain"`) {
			t.Error("a commune that nobody knows, or what was typed")
		}
		form := url.Values{"name": {"Le car numérique"}, "vehicle": {"Car"}, "kit": {"4 tablettes\n\nImprimante"}, "from": {"01/06/2026"}, "to": {"2026-12-18"}, "base": {"Saintes"}, "setup": {"20"}}
		res, _ := as(n, mediator, "/pro/tournees/ajouter", form)
		page := strings.Split(res.Header.Get("Location"), "?")[0]
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(page, "/pro/tournees/") {
			t.Fatalf("added: %d", res.StatusCode)
		}
		if _, body := get(page); !strings.Contains(body, "4 tablettes, Imprimante") || !strings.Contains(body, "Aucun arrêt cette semaine") {
			t.Error("the new tour does not say what it is")
		}
		_, body := get("/pro/tournees")
		paths := between(body, `href="/pro/tournees/`, `"`)
		found := false
		for _, p := range paths {
			res, body := get("/pro/tournees/" + p)
			if res.StatusCode == http.StatusOK && strings.Contains(body, "Route : environ") && strings.Contains(body, "(estimé)") && strings.Contains(body, "Le bus numérique à Tonnay-Charente") {
				found = true
				if _, next := get("/pro/tournees/" + p + "?semaine=2026-W20"); next == body {
					t.Error("another week is the same")
				}
			}
		}
		if !found {
			t.Error("no tour shows its roads")
		}
		_, body = get(page + "/changer")
		form.Set("version", between(body, `name="version" value="`, `"`)[0])
		form.Set("name", "Le car")
		if res, _ := as(n, mediator, page+"/changer", form); res.StatusCode != http.StatusSeeOther {
			t.Errorf("changed: %d", res.StatusCode)
		}
		if res, body := as(n, mediator, page+"/changer", form); res.StatusCode != http.StatusConflict || !strings.Contains(body, "Quelqu&#39;un a changé") {
			t.Errorf("changed from a stale page: %d", res.StatusCode)
		}
		helper := n.Login(identity.Helper)
		if res, _ := n.Do(http.MethodGet, page, nil, func(r *http.Request) { r.AddCookie(helper) }); res.StatusCode != http.StatusForbidden {
			t.Errorf("a helper: %d", res.StatusCode)
		}
	})
}

// What does not hold together stands before the week, once for all its weeks, on the page of its tour alone.
func TestATourSaysWhatDoesNotHold(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		p := n.Person(identity.Mediator)[0]
		by := identity.Actor{Kind: identity.Staff, Account: p.Account, Role: p.Role, Organisation: p.OrganisationID, SecondFactorAt: n.Clock.Now()}
		add := func(name string, stops ...stop) string {
			tour, err := n.Agenda.SaveTour(t.Context(), by, agenda.Tour{Name: name, Vehicle: name, From: "2026-05-04", To: "2026-12-18", Setup: 15, Base: "17299", Members: []identity.AccountID{p.Account}})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range stops {
				in := agenda.NewSeries{
					Tour: tour.ID, Mode: agenda.WalkIn, Title: s.title, Where: agenda.Where{Commune: s.commune, Venue: "Salle"},
					Pattern: recur.Pattern{
						Rule: recur.EveryWeek(1, s.day), Starts: openinghours.Date{Year: 2026, Month: time.June, Day: s.on}, Until: openinghours.Date{Year: 2026, Month: time.June, Day: 30},
						Minute: s.minute, Length: 120, Zone: n.Clock.Now().Location(),
					},
				}
				if _, err := n.Agenda.AddSeries(t.Context(), by, in, agenda.Published); err != nil {
					t.Fatal(err)
				}
			}
			return "/pro/tournees/" + string(tour.ID)
		}
		tight := add("Le bus (exemple)", stop{"Permanence un", "17299", time.Tuesday, 2, 600}, stop{"Permanence deux", "17415", time.Tuesday, 2, 730})
		calm := add("Le car (exemple)", stop{"Permanence trois", "17299", time.Wednesday, 3, 600})
		n.Reload()
		mediator := n.Login(identity.Mediator)
		get := func(path string) string {
			res, body := n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(mediator) })
			if res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d", path, res.StatusCode)
			}
			return strings.ReplaceAll(body, "\u00a0", " ")
		}
		body := get(tight)
		warning := between(body, "Ce qui ne tient pas", "</div>")
		if len(warning) != 1 || strings.Index(body, "Ce qui ne tient pas") > strings.Index(body, "La semaine du") {
			t.Fatalf("no warning on top:\n%s", body)
		}
		for _, want := range []string{"mardi 2 juin (et 3 autres dates)", "trop peu de temps entre Rochefort (fin à 12 h) et Saintes (début à 12 h 10)", "Il manque "} {
			if !strings.Contains(warning[0], want) {
				t.Errorf("no %q in %s", want, warning[0])
			}
		}
		if strings.Count(warning[0], "<li>") != 1 {
			t.Errorf("the same is said again: %s", warning[0])
		}
		for _, want := range []string{"Permanence un", "tous les mardis, de 10 h à 12 h", "mardi 2 juin</a>", "Vitesse pour estimer", "/pro/agenda/ajouter?tournee="} {
			if !strings.Contains(body, want) {
				t.Errorf("no %q in\n%s", want, body)
			}
		}
		if body := get(calm); strings.Contains(body, "Ce qui ne tient pas") || strings.Contains(body, "Permanence un") || !strings.Contains(body, "Permanence trois") {
			t.Errorf("a tour shows another one:\n%s", body)
		}
	})
}

// stop is a stop of a tour of the tests, from a day of June 2026 on.
type stop struct {
	title, commune string
	day            time.Weekday
	on, minute     int
}
