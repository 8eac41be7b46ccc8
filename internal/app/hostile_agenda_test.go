package app_test

import (
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/app/demo"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/id"
)

// actorOf is somebody of the example, as a session of theirs would say.
func actorOf(n *apptest.Node, p demo.Person) identity.Actor {
	return identity.Actor{Kind: identity.Staff, Account: p.Account, Membership: p.Membership, Role: p.Role, Organisation: p.OrganisationID, Name: p.Name, SecondFactorAt: n.Clock.Now()}
}

// agendaHostile plants every text in what the team writes of an activity, in a proposal, in a reason, and in the name of
// who comes.
func agendaHostile(t *testing.T, n *apptest.Node) {
	t.Helper()
	by, partner := actorOf(n, n.Person(identity.Administrator)[0]), actorOf(n, n.Person(identity.Partner)[0])
	for i, text := range apptest.HostileTexts {
		short := string([]rune(text)[:min(len([]rune(text)), 80)])
		reason, err := n.Agenda.SaveReason(t.Context(), by, agenda.Reason{Name: short, Bring: short, Minutes: 30})
		if err != nil {
			continue // a text that is no name is refused, and stands nowhere
		}
		in := agenda.NewSeries{
			Mode: agenda.Workshop, Title: short, Summary: text, Prerequisites: short, Capacity: 3, Waiting: true, Reasons: []agenda.ReasonID{reason.ID}, Where: agenda.Where{Commune: "17299", Venue: short},
			Host:    agenda.Host{Name: short, Email: "mairie@viaduc.example"},
			Pattern: recur.Pattern{Starts: openinghours.Date{Year: 2026, Month: time.May, Day: 5 + i%3}, Minute: 600 + i, Length: 60, Zone: n.Clock.Now().Location()},
		}
		series, err := n.Agenda.AddSeries(t.Context(), by, in, agenda.Published)
		if err != nil {
			t.Fatalf("text %d: %v", i, err)
		}
		in.Mode, in.Reasons = agenda.Event, nil
		if _, err := n.Agenda.AddSeries(t.Context(), partner, in, agenda.Published); err != nil {
			t.Fatalf("text %d: %v", i, err)
		}
		n.Reload()
		for _, f := range n.Agenda.Index().Search(agenda.Query{Series: series.ID}) {
			c, err := n.Agenda.Book(t.Context(), by, agenda.NewBooking{Occurrence: f.ID, Who: person.New{Name: short, Phone: "05 36 49 00 41"}, Origin: agenda.FromPhone})
			if err != nil && i == 0 {
				t.Fatal(err)
			}
			if err == nil && i%3 > 0 {
				endHostile(t, n, by, c, text, i%3 == 2)
			}
		}
	}
}

// endHostile begins a date, and ends it with a text as its note.
func endHostile(t *testing.T, n *apptest.Node, by identity.Actor, c agenda.Claim, text string, end bool) {
	t.Helper()
	err := n.Agenda.SetState(t.Context(), by, c.Occurrence, agenda.InProgress)
	if err == nil && end {
		note := string([]rune(text)[:min(len([]rune(text)), agenda.MaxNote)])
		err = n.Agenda.Close(t.Context(), by, agenda.Closing{ID: id.New(), Occurrence: c.Occurrence, Marks: map[agenda.ClaimID]agenda.ClaimState{c.ID: agenda.Attended}, Heads: 2, Note: note})
	}
	if err != nil {
		t.Fatal(err)
	}
}
