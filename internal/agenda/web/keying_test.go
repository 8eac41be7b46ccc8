package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
)

// A day on paper is keyed in by pages of ten lines: twelve people of a workshop, then a drop-in where ten came without a name. What is forgotten
// is told by line; sent twice, it counts once.
func TestADayIsKeyedIn(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		by := staffed(n, identity.Mediator)
		add := func(mode agenda.Mode, title string, hour, seats int) *agenda.Entry {
			t.Helper()
			series, err := n.Agenda.AddSeries(t.Context(), by, agenda.NewSeries{
				Mode: mode, Title: title, Capacity: seats, Where: agenda.Where{Commune: "17299", Venue: "Salle du port"}, Members: []identity.AccountID{by.Account},
				Pattern: recur.Pattern{Starts: openinghours.Date{Year: 2026, Month: time.May, Day: 4}, Minute: hour * 60, Length: 120, Zone: n.Clock.Now().Location()},
			}, agenda.Published)
			if err != nil {
				t.Fatal(err)
			}
			n.Reload()
			return n.Agenda.Index().Search(agenda.Query{Series: series.ID})[0].Entry
		}
		workshop, dropIn := add(agenda.Workshop, "Tablette (exemple)", 10, 20), add(agenda.WalkIn, "Permanence (exemple)", 14, 0)
		var claims []agenda.Claim
		for i := range 12 {
			c, err := n.Agenda.Book(t.Context(), by, agenda.NewBooking{
				Occurrence: workshop.ID, Who: person.New{Name: fmt.Sprintf("Personne%c Exemple", 'A'+i), Phone: fmt.Sprintf("06 39 98 00 %02d", i)}, Origin: agenda.FromDesk,
			})
			if err != nil {
				t.Fatal(err)
			}
			claims = append(claims, c)
		}
		session := n.Login(identity.Manager) // a colleague keys it in
		get := func(path string) string {
			_, body := n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(session) })
			return body
		}
		if body := get("/pro/journee"); !strings.Contains(body, "Tout est saisi") {
			t.Error("before anything began there is nothing to key in")
		}
		n.Clock.Move(10 * time.Hour)
		session = n.Login(identity.Manager)
		if body := get("/pro/journee"); !strings.Contains(body, "2 séances") && !strings.Contains(body, "2&nbsp;séances") && !strings.Contains(body, "2\u00a0séances") {
			t.Error("the day does not say how much there is to key in")
		}
		const day = "/pro/journee?jour=2026-05-04"
		body := get(day)
		if !strings.Contains(body, "10. PersonneJ E.") || strings.Contains(body, "11. Personne") || strings.Contains(body, "Permanence") || !strings.Contains(body, "page d'après") {
			t.Fatal("the first page does not hold ten lines of the first date")
		}
		w, d := fmt.Sprintf("-%d", workshop.Number), fmt.Sprintf("-%d", dropIn.Number)
		form := url.Values{"jour": {"2026-05-04"}, "id" + w: {between(body, `name="id`+w+`" value="`, `"`)[0]}}
		for i := range 9 {
			form.Set("p-"+string(claims[i].ID), []string{"attended", "attended", "no_show"}[i%3])
		}
		res, body := as(n, session, "/pro/journee", form)
		if res.StatusCode != http.StatusUnprocessableEntity || strings.Count(body, "checked") != 9 {
			t.Errorf("a line is forgotten: %d, %d answers kept", res.StatusCode, strings.Count(body, "checked"))
		}
		form.Set("p-"+string(claims[9].ID), "partly")
		for range 2 {
			if res, _ = as(n, session, "/pro/journee", form); res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusUnprocessableEntity {
				t.Fatalf("the first page: %d", res.StatusCode)
			}
		}
		body = get(day)
		if !strings.Contains(body, "11. PersonneK E.") || strings.Contains(body, "10. Personne") || !strings.Contains(body, "Permanence") {
			t.Fatal("the second page does not go on where the first ended")
		}
		form = url.Values{
			"jour": {"2026-05-04"}, "reste": {"oui"}, "p-" + string(claims[10].ID): {"attended"},
			"id" + w: {between(body, `name="id`+w+`" value="`, `"`)[0]}, "note" + w: {"Deux tablettes ne chargent plus."},
			"id" + d: {between(body, `name="id`+d+`" value="`, `"`)[0]}, "heads" + d: {"10"}, "older" + d: {"12"},
		}
		if res, body = as(n, session, "/pro/journee", form); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `value="12"`) || strings.Contains(body, "Tablette (exemple)") {
			t.Errorf("more are over 60 than came: %d", res.StatusCode)
		}
		form.Set("older"+d, "7")
		if res, _ = as(n, session, "/pro/journee", form); res.Header.Get("Location") != "/pro/journee?fait=journee" {
			t.Errorf("the last page: %d, %s", res.StatusCode, res.Header.Get("Location"))
		}
		if res, _ = as(n, session, "/pro/journee", form); res.StatusCode != http.StatusSeeOther {
			t.Errorf("the last page, twice: %d", res.StatusCode)
		}
		for _, want := range []struct {
			of    *agenda.Entry
			heads int
			note  string
		}{{workshop, 0, "Deux tablettes ne chargent plus."}, {dropIn, 10, ""}} {
			got, ok, err := n.Agenda.ClosingOf(t.Context(), by, want.of.ID)
			if err != nil || !ok || got.Heads != want.heads || got.Note != want.note {
				t.Errorf("%s: %+v, %v, %v", want.of.Series.Title, got, ok, err)
			}
		}
		at, err := n.Agenda.Attendance(t.Context(), by, workshop.Number)
		if err != nil {
			t.Fatal(err)
		}
		count := map[agenda.ClaimState]int{}
		for _, s := range at.Seats {
			count[s.State]++
		}
		if count[agenda.Attended] != 7 || count[agenda.Partly] != 1 || count[agenda.NoShow] != 4 {
			t.Errorf("%v", count)
		}
		if !strings.Contains(get("/pro/agenda/feuille"), "/pro/journee.") {
			t.Error("the sheet does not say where it is keyed in")
		}
	})
}
