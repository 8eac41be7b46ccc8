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
)

// activity adds a weekly activity at Rochefort on Thursdays at two, from next week on, and returns its dates.
func activity(t *testing.T, n *apptest.Node, edit func(*agenda.NewSeries)) []*agenda.Entry {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	in := agenda.NewSeries{
		Mode: agenda.Workshop, Title: "Atelier secret (exemple)", Capacity: 1, Where: agenda.Where{Commune: "17299", Venue: "Salle cachée (exemple)"},
		Pattern: recur.Pattern{
			Rule: recur.EveryWeek(1, time.Thursday), Starts: recur.Date{Year: 2026, Month: 5, Day: 21}, Until: recur.Date{Year: 2026, Month: 7, Day: 16}, Minute: 14 * 60, Length: 120, Zone: zone,
		},
	}
	edit(&in)
	series, err := n.Agenda.AddSeries(t.Context(), worker(n, identity.Mediator), in, agenda.Published)
	if err != nil {
		t.Fatal(err)
	}
	n.Reload()
	var out []*agenda.Entry
	for _, f := range n.Agenda.Index().Search(agenda.Query{Series: series.ID}) {
		out = append(out, f.Entry)
	}
	if len(out) < 6 {
		t.Fatalf("%d dates", len(out))
	}
	return out
}

// reason adds a reason of appointments that everybody may book.
func reason(t *testing.T, n *apptest.Node, r agenda.Reason) agenda.Reason {
	t.Helper()
	r.BookableBy = agenda.Everyone
	r, err := n.Agenda.SaveReason(t.Context(), worker(n, identity.Manager), r)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// booked books from the web for somebody, and returns the claim and its page.
func booked(t *testing.T, n *apptest.Node, of *agenda.Entry, phone string, edit ...func(*agenda.NewBooking)) (c agenda.Claim, page string) {
	t.Helper()
	in := agenda.NewBooking{Occurrence: of.ID, Wait: true, Who: person.New{Name: "Personne Exemple", Phone: phone}}
	for _, e := range edit {
		e(&in)
	}
	c, err := n.Agenda.Book(t.Context(), identity.Nobody(), in)
	if err != nil {
		t.Fatal(err)
	}
	n.Reload()
	return c, agenda.FollowPath + n.Agenda.Token(c.ID)
}

// spaced is a page with the spaces that do not break as spaces.
func spaced(body string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "&nbsp;", " ").Replace(body)
}

// Under silence no page of a booking says what it is for, and none promises a message: none is ever sent.
func TestASilentBookingSaysNothing(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		why := reason(t, n, agenda.Reason{Name: "Motif caché (exemple)", Minutes: 30, Bring: "un objet caché (exemple)", Silent: true})
		e := activity(t, n, func(in *agenda.NewSeries) {
			in.Mode, in.Reasons, in.Phone = agenda.Appointments, []agenda.ReasonID{why.ID}, "05 36 49 03 33"
		})[2]
		c, page := booked(t, n, e, "05 36 49 03 01", func(in *agenda.NewBooking) { in.Slot, in.Reason = e.Start, why.ID })
		says := func(path string, want ...string) {
			t.Helper()
			res, body := n.Get(path)
			if res.StatusCode != http.StatusOK || res.Header.Get("Referrer-Policy") != "no-referrer" || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d, %v", path, res.StatusCode, res.Header)
			}
			body = spaced(body)
			for _, no := range []string{"secret", "caché", "prévenons", "rappelons", "Personne Exemple", "/agenda/"} {
				if strings.Contains(body, no) {
					t.Errorf("%s says %q", path, no)
				}
			}
			for _, text := range want {
				if !strings.Contains(body, text) {
					t.Errorf("%s does not say %q", path, text)
				}
			}
		}
		says(page, "14 h", "05 36 49 03 33", "<title>Votre rendez-vous</title>")
		says(page+"?fait=inscription", c.Reference, "14 h")
		says(page+"/annuler", "14 h")
		says(page+"/deplacer", "14 h 15")
		if _, calendar := n.Get(page + "/rendez-vous.ics"); strings.Contains(calendar, "secret") || strings.Contains(calendar, "caché") || !strings.Contains(calendar, "SUMMARY:Rendez-vous") {
			t.Error(calendar)
		}
		if err := n.Agenda.CancelDate(t.Context(), worker(n, identity.Mediator), e.ID, "La salle cachée est fermée (exemple)."); err != nil {
			t.Fatal(err)
		}
		says(page, "annulé", "05 36 49 03 33")
	})
}

// An offer is answered while the seat is held, and no longer.
func TestAnOfferThatRanOutIsNotShown(t *testing.T) {
	n := apptest.Demo(t)
	e := activity(t, n, func(in *agenda.NewSeries) { in.Waiting, in.Hold = true, 2*time.Hour })[2]
	first, _ := booked(t, n, e, "05 36 49 03 02")
	_, page := booked(t, n, e, "05 36 49 03 03")
	_, last := booked(t, n, e, "05 36 49 03 04")
	if _, body := n.Get(page); !strings.Contains(body, "Vous êtes en tête de la liste.") {
		t.Error("the first does not read that she is")
	}
	if _, body := n.Get(last); !strings.Contains(body, "Vous êtes 2e sur la liste.") {
		t.Error("the second does not read her rank")
	}
	if _, calendar := n.Get(page + "/rendez-vous.ics"); !strings.Contains(calendar, "STATUS:TENTATIVE") {
		t.Errorf("somebody who waits: %s", calendar)
	}
	if err := n.Agenda.Cancel(t.Context(), agenda.Ref{Token: n.Agenda.Token(first.ID)}); err != nil {
		t.Fatal(err)
	}
	if _, body := n.Get(page); !strings.Contains(body, "Oui, je viens") {
		t.Fatal("no offer")
	}
	n.Clock.Move(3 * time.Hour)
	_, body := n.Get(page)
	if strings.Contains(body, "Oui, je viens") || !strings.Contains(body, "La place n&#39;est plus gardée") {
		t.Error("an offer that ran out is still offered")
	}
	if res, body := post(n, page, url.Values{"action": {"oui"}}); res.StatusCode != http.StatusConflict || !strings.Contains(body, "plus gardée") {
		t.Errorf("yes, too late: %d", res.StatusCode)
	}
}

// What one may no longer do alone is said, with how to do it; what is cancelled leads to other dates.
func TestTooLateIsSaidAndOtherDatesAreOffered(t *testing.T) {
	n := apptest.Demo(t)
	dates := activity(t, n, func(in *agenda.NewSeries) {
		in.Prerequisites, in.Phone = "Savoir allumer un ordinateur", "05 36 49 03 33"
	})
	_, page := booked(t, n, dates[0], "05 36 49 03 05")
	_, body := n.Get(page + "?fait=inscription")
	body = spaced(body)
	for _, want := range []string{"Savoir allumer un ordinateur", "05 36 49 03 33", "Imprimer", "mardi 19 mai", page + "/annuler", page + "/deplacer"} {
		if !strings.Contains(body, want) {
			t.Errorf("the confirmation does not say %q", want)
		}
	}
	n.Clock.Move(dates[0].Start.Sub(n.Clock.Now()) - 24*time.Hour)
	if _, body = n.Get(page); !strings.Contains(body, "Pour changer de date, appelez-nous.") || strings.Contains(body, page+"/deplacer") || !strings.Contains(body, page+"/annuler") {
		t.Error("a day before: to move is too late, to cancel is not")
	}
	n.Clock.Move(21 * time.Hour)
	if _, body = n.Get(page); !strings.Contains(body, "Pour annuler ou changer de date, appelez-nous.") || strings.Contains(body, page+"/annuler") {
		t.Error("three hours before: to cancel is too late")
	}
	_, other := booked(t, n, dates[4], "05 36 49 03 06")
	if res, _ := post(n, other, url.Values{"action": {"annuler"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d", res.StatusCode)
	}
	if _, body = n.Get(other); !strings.Contains(body, fmt.Sprintf(`href="/agenda/%d"`, dates[1].Number)) {
		t.Error("what is cancelled leads to no other date")
	}
}

// The window of a page that comes back says so, although its address is a secret.
func TestAProblemIsInTheTitleOfSecretPages(t *testing.T) {
	n := apptest.Demo(t)
	_, page := booked(t, n, activity(t, n, func(*agenda.NewSeries) {})[2], "05 36 49 03 07")
	res, body := post(n, page+"/deplacer", url.Values{})
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "<title>Erreur") || strings.Contains(body, "Rochefort</title>") {
		t.Errorf("%d:\n%.300s", res.StatusCode, body)
	}
}
