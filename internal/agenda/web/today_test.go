package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/id"
)

// staffed is somebody of the example, as a session of theirs would say.
func staffed(n *apptest.Node, role identity.Role) identity.Actor {
	p := n.Person(role)[0]
	return identity.Actor{Kind: identity.Staff, Account: p.Account, Membership: p.Membership, Role: p.Role, Organisation: p.OrganisationID, Name: p.Name, SecondFactorAt: n.Clock.Now()}
}

// todayWith is a workshop of this afternoon with one person who comes, and one under silence.
func todayWith(t *testing.T, n *apptest.Node) (date *agenda.Entry, claims []agenda.Claim) {
	t.Helper()
	by := staffed(n, identity.Mediator)
	series, err := n.Agenda.AddSeries(t.Context(), by, agenda.NewSeries{
		Mode: agenda.Workshop, Title: "Tablette (exemple)", Capacity: 5, Where: agenda.Where{Commune: "17299", Venue: "Salle du port"}, Members: []identity.AccountID{by.Account},
		Pattern: recur.Pattern{Starts: openinghours.Date{Year: 2026, Month: time.May, Day: 4}, Minute: 14 * 60, Length: 120, Zone: n.Clock.Now().Location()},
	}, agenda.Published)
	if err != nil {
		t.Fatal(err)
	}
	n.Reload()
	date = n.Agenda.Index().Search(agenda.Query{Series: series.ID})[0].Entry
	for i, who := range []person.New{{Name: "Camille Exemple", Phone: "05 36 49 00 41"}, {Name: "Dominique Exemple", Phone: "05 36 49 00 42", Silent: true}} {
		c, err := n.Agenda.Book(t.Context(), by, agenda.NewBooking{Occurrence: date.ID, Who: who, Origin: agenda.FromDesk})
		if err != nil {
			t.Fatal(i, err)
		}
		claims = append(claims, c)
	}
	return date, claims
}

// The page of the day names who comes by first name and initial; the copy that a device keeps has no telephone either; nobody who is under
// silence is named in one or the other.
func TestWhatADayShows(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		todayWith(t, n)
		session := n.Login(identity.Mediator)
		with := func(r *http.Request) { r.AddCookie(session) }
		_, page := n.Do(http.MethodGet, "/pro", nil, with)
		res, kept := n.Do(http.MethodGet, "/pro/journee/copie?appareil="+id.New(), nil, with)
		if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("the copy is answered %d, %q", res.StatusCode, res.Header.Get("Cache-Control"))
		}
		for what, text := range map[string]string{"page": page, "copy": kept} {
			if !strings.Contains(text, "Camille E.") || strings.Contains(text, "Camille Exemple") || strings.Contains(text, "Dominique") || !strings.Contains(text, "Rendez-vous réservé") {
				t.Errorf("the %s does not name as it should", what)
			}
		}
		if !strings.Contains(page, "33536490041") || strings.Contains(kept, "tel:") || strings.Contains(kept, "33536490041") {
			t.Error("the telephone is for the page alone")
		}
		if strings.Contains(page, "33536490042") {
			t.Error("the telephone of somebody under silence is shown")
		}
		var answer struct {
			Rest int64 `json:"reste"`
			Day  string
		}
		if err := json.Unmarshal([]byte(kept), &answer); err != nil || answer.Rest != (18*time.Hour+30*time.Minute).Milliseconds() {
			t.Errorf("the day is kept for %d ms, %v; want until four in the morning", answer.Rest, err)
		}
		_, offline := n.Do(http.MethodGet, "/pro/hors-ligne", nil, with)
		if strings.Contains(offline, "Camille") || strings.Contains(offline, "Exemple,") {
			t.Error("the page without network names somebody")
		}
	})
}

// Where today has nothing, the day says what comes next.
func TestADayWithNothing(t *testing.T) {
	n := apptest.Demo(t)
	by := staffed(n, identity.Mediator)
	with := func(r *http.Request) { r.AddCookie(n.Login(identity.Mediator)) }
	if _, page := n.Do(http.MethodGet, "/pro", nil, with); !strings.Contains(page, "Rien à l'agenda aujourd'hui.</p>") {
		t.Error("an empty day does not say so")
	}
	_, err := n.Agenda.AddSeries(t.Context(), by, agenda.NewSeries{
		Mode: agenda.WalkIn, Title: "Permanence (exemple)", Where: agenda.Where{Commune: "17299", Venue: "Mairie"},
		Pattern: recur.Pattern{Starts: openinghours.Date{Year: 2026, Month: time.May, Day: 7}, Minute: 600, Length: 120, Zone: n.Clock.Now().Location()},
	}, agenda.Published)
	if err != nil {
		t.Fatal(err)
	}
	if _, page := n.Do(http.MethodGet, "/pro", nil, with); !strings.Contains(page, "Ensuite") || !strings.Contains(page, "Permanence (exemple)") || !strings.Contains(page, ">Permanence (exemple), jeudi 7") {
		t.Error("an empty day does not say what comes next")
	}
}

// A device sends what was done as JSON, and is told what to do next: that it is late, another account's, lost, or without a session.
func TestADeviceIsAnswered(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		date, claims := todayWith(t, n)
		session := n.Login(identity.Mediator)
		device := id.New()
		say := func(method, path, body string, cookie *http.Cookie) (int, string) {
			t.Helper()
			res, text := n.Do(method, path+"?appareil="+device, strings.NewReader(body), func(r *http.Request) {
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				if cookie != nil {
					r.AddCookie(cookie)
				}
			})
			if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
				t.Errorf("%s %s answers %q", method, path, kind)
			}
			return res.StatusCode, text
		}
		wants := func(what string, status, want int, body, holds string) {
			t.Helper()
			if status != want || !strings.Contains(body, holds) {
				t.Errorf("%s: %d %s, want %d with %s", what, status, body, want, holds)
			}
		}
		mark := fmt.Sprintf(`{"gestes":[{"id":%q,"rang":1,"geste":"marquer","inscription":%q,"comme":"arrived","version":%d,"quand":1}]}`, id.New(), claims[0].ID, claims[0].Version)
		status, body := say(http.MethodPost, "/pro/journee/envoi", mark, session)
		wants("a device that keeps no day", status, http.StatusForbidden, body, "autre compte")
		status, body = say(http.MethodGet, "/pro/journee/copie", "", session)
		wants("the copy", status, http.StatusOK, body, date.Series.Title)
		for range 2 {
			status, body = say(http.MethodPost, "/pro/journee/envoi", mark, session)
			wants("a mark", status, http.StatusOK, body, `"issue":"done"`)
		}
		status, body = say(http.MethodPost, "/pro/journee/envoi", `{"gestes":[{"id":"`+id.New()+`","rang":2,"geste":"compter","date":"inconnue","combien":1}]}`, session)
		wants("a tap for no date", status, http.StatusOK, body, `"issue":"refused"`)
		for _, broken := range []string{"", "{", `{"gestes":[{"id":"x"}]}`, `{"gestes":7}`} {
			status, body = say(http.MethodPost, "/pro/journee/envoi", broken, session)
			wants("broken: "+broken, status, http.StatusUnprocessableEntity, body, "pourquoi")
		}
		status, body = say(http.MethodGet, "/pro/journee/copie", "", n.Login(identity.Manager))
		wants("somebody else's device", status, http.StatusForbidden, body, "autre compte")
		status, body = say(http.MethodPost, "/pro/journee/envoi", mark, nil)
		if wants("without a session", status, http.StatusUnauthorized, body, "pourquoi"); strings.Contains(body, "perdu") {
			t.Errorf("a session that ended makes the device forget: %s", body)
		}
		if err := n.Identity.CloseSession(t.Context(), staffed(n, identity.Mediator), n.Person(identity.Mediator)[0].Account, sessionOf(t, n, session)); err != nil {
			t.Fatal(err)
		}
		status, body = say(http.MethodPost, "/pro/journee/envoi", mark, session)
		wants("a session that was taken away", status, http.StatusUnauthorized, body, `"perdu":true`)
	})
}

// sessionOf is the session of a cookie.
func sessionOf(t *testing.T, n *apptest.Node, cookie *http.Cookie) identity.SessionID {
	t.Helper()
	s, err := n.Identity.Check(t.Context(), identity.Token(cookie.Value))
	if err != nil {
		t.Fatal(err)
	}
	return s.ID
}

// Without a script, a tap on the day is a form that leads back to it.
func TestTapsOfADayWithoutScript(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		date, claims := todayWith(t, n)
		session := n.Login(identity.Mediator)
		path := fmt.Sprintf("/pro/agenda/dates/%d", date.Number)
		res, _ := as(n, session, path, map[string][]string{"action": {"marquer"}, "retour": {"journee"}, "inscription": {string(claims[0].ID)}, "comme": {"arrived"}})
		if to := res.Header.Get("Location"); to != "/pro?fait=note#j-"+string(claims[0].ID) {
			t.Errorf("a mark leads to %q", to)
		}
		res, _ = as(n, session, path, map[string][]string{"action": {"compter"}, "retour": {"journee"}, "tap": {id.New()}, "combien": {"1"}})
		if to := res.Header.Get("Location"); to != fmt.Sprintf("/pro?fait=note#d-%d", date.Number) {
			t.Errorf("a tap leads to %q", to)
		}
		_, page := n.Do(http.MethodGet, "/pro", nil, func(r *http.Request) { r.AddCookie(session) })
		if !strings.Contains(page, `data-etat="arrived"`) || !strings.Contains(page, "<output>1</output>") {
			t.Error("the day does not show what was done")
		}
	})
}
