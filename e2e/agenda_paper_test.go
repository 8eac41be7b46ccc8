package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
)

// The papers of the agenda are judged as pages too, with a month of dates, one that is called off, and people who come.
// E2E_SHOTS=folder keeps their pictures.
func TestPapersOfTheAgendaPassTheAudit(t *testing.T) {
	n := apptest.Demo(t)
	mediator := n.Person(identity.Mediator)[0]
	by := identity.Actor{Kind: identity.Staff, Account: mediator.Account, Membership: mediator.Membership, Organisation: mediator.OrganisationID, Role: identity.Mediator, SecondFactorAt: n.Clock.Now()}
	for i, c := range []string{"17299", "17449", "17299"} {
		in := agenda.NewSeries{
			Mode: agenda.Workshop, Title: fmt.Sprintf("Atelier exemple %d", i+1), Capacity: 12, Phone: "05 36 49 00 21", Members: []identity.AccountID{mediator.Account},
			Where:   agenda.Where{Commune: c, Venue: "Salle du conseil, à la mairie"},
			Host:    agenda.Host{Name: "Mairie (exemple)", Phone: "05 36 49 00 22"},
			Pattern: recur.Pattern{Rule: "FREQ=DAILY", Starts: recur.Date{Year: 2026, Month: time.May, Day: 5}, Until: recur.Date{Year: 2026, Month: time.June, Day: 5}, Minute: (9 + 2*i) * 60, Length: 90, Zone: app.Zone()},
		}
		if i == 2 {
			in.Mode, in.Host = agenda.WalkIn, agenda.Host{}
		}
		if _, err := n.Agenda.AddSeries(t.Context(), by, in, agenda.Published); err != nil {
			t.Fatal(err)
		}
	}
	n.Reload()
	dates := n.Agenda.Index().Search(agenda.Query{Communes: []string{"17299"}, Mode: agenda.Workshop})
	for i := range 8 {
		who := person.New{Name: fmt.Sprintf("Personne Exemple%d", i), Phone: fmt.Sprintf("06 39 98 20 %02d", i)}
		if _, err := n.Agenda.Book(t.Context(), by, agenda.NewBooking{Occurrence: dates[2].ID, Who: who, Origin: agenda.FromDesk}); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Agenda.CancelDate(t.Context(), by, dates[1].ID, "la salle est prise"); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	b := browser.Start(t)
	for _, p := range []personalPage{
		{page{"papier-semaine", "/imprimer/agenda/communes/17299?semaine=2026-W19", audit.Resident}, ""},
		{page{"papier-agenda", "/imprimer/agenda?ou=Rochefort", audit.Resident}, ""},
		{page{"papier-agenda-page-2", "/imprimer/agenda?page=2", audit.Resident}, ""},
		{page{"papier-feuille", "/pro/agenda/feuille?jour=2026-05-07&qui=me", audit.Staff}, identity.Mediator},
	} {
		t.Run(p.name, func(t *testing.T) {
			session := browser.Cookies(n.URL)
			if p.role != "" {
				session = browser.Cookies(n.URL, visitor(n, p.role))
			}
			audit.Page(t, b, n.URL+p.path, p.profile, session).Check(t)
			for _, width := range []int{320, 1280} {
				tab := b.Tab(t, browser.Viewport(width, 800), session)
				tab.Open(n.URL + p.path)
				tab.Screenshot(shots(t, fmt.Sprintf("%s-%d", p.name, width)))
			}
		})
	}
}
