package e2e_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
)

// teamDates are what a team has on the agenda: the number of a date with people, that of a morning of appointments, a
// series, a proposal that waits, a booking and whose it is, a tour, a request.
type teamDates struct{ date, appointment, series, proposal, claim, person, tour, request, room string }

// actingAs is the first person of a role, as a session of theirs would say.
func actingAs(n *apptest.Node, role identity.Role) identity.Actor {
	p := n.Person(role)[0]
	return identity.Actor{Kind: identity.Staff, Account: p.Account, Membership: p.Membership, Role: p.Role, Organisation: p.OrganisationID, Name: p.Name, SecondFactorAt: n.Clock.Now()}
}

// teamSeries adds an activity of somebody's structure: today at two, each week until the end of June.
func teamSeries(t *testing.T, n *apptest.Node, by identity.Actor, mode agenda.Mode, reasons ...agenda.ReasonID) []agenda.Found {
	t.Helper()
	series, err := n.Agenda.AddSeries(t.Context(), by, agenda.NewSeries{
		Mode: mode, Title: "Tablette (exemple)", Summary: "On découvre la tablette ensemble.", Capacity: 2, Waiting: true, Reasons: reasons, Where: agenda.Where{Commune: "17299", Venue: "Salle du port"},
		Host: agenda.Host{Name: "Mairie (exemple)", Email: "mairie@viaduc.example"}, Members: []identity.AccountID{by.Account},
		Pattern: recur.Pattern{
			Rule: recur.EveryWeek(1, time.Monday), Starts: openinghours.Date{Year: 2026, Month: time.May, Day: 4}, Until: openinghours.Date{Year: 2026, Month: time.June, Day: 29},
			Minute: 14 * 60, Length: 120, Zone: n.Clock.Now().Location(),
		},
	}, agenda.Published)
	if err != nil {
		t.Fatal(err)
	}
	n.Reload()
	return n.Agenda.Index().Search(agenda.Query{Series: series.ID})
}

// comes books a date for a guest.
func comes(t *testing.T, n *apptest.Node, by identity.Actor, of agenda.ID, name, phone string, origin agenda.Origin) agenda.Claim {
	t.Helper()
	c, err := n.Agenda.Book(t.Context(), by, agenda.NewBooking{Occurrence: of, Who: person.New{Name: name, Phone: phone}, Wait: true, Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// agendaOfTeam gives the team an agenda: people who come, one who waits, appointments, a proposal.
func agendaOfTeam(t *testing.T, n *apptest.Node) teamDates {
	t.Helper()
	by, relay, partner := actingAs(n, identity.Mediator), actingAs(n, identity.Relay), actingAs(n, identity.Partner)
	reason, err := n.Agenda.SaveReason(t.Context(), by, agenda.Reason{Name: "Faire une démarche", Minutes: 30, Bring: "une pièce d'identité"})
	if err != nil {
		t.Fatal(err)
	}
	dates := teamSeries(t, n, by, agenda.Workshop)
	appointments := teamSeries(t, n, by, agenda.Appointments, reason.ID)
	c := comes(t, n, by, dates[0].ID, "Camille Exemple", "05 36 49 00 41", agenda.FromPhone)
	comes(t, n, relay, dates[0].ID, "Claude Exemple", "05 36 49 00 42", agenda.FromHelper)
	comes(t, n, by, dates[0].ID, "Dominique Exemple", "06 39 98 00 43", agenda.FromDesk)
	proposal, err := n.Agenda.AddSeries(t.Context(), partner, agenda.NewSeries{
		Mode: agenda.Event, Title: "Fête (exemple)", Summary: "Venez essayer.", Where: agenda.Where{Commune: "17415", Venue: "Hall"},
		Pattern: recur.Pattern{Starts: openinghours.Date{Year: 2026, Month: time.May, Day: 16}, Minute: 14 * 60, Length: 180, Zone: n.Clock.Now().Location()},
	}, agenda.Published)
	if err != nil {
		t.Fatal(err)
	}
	tour, err := n.Agenda.SaveTour(t.Context(), by, agenda.Tour{
		Name: "Le bus numérique (exemple)", Vehicle: "Fourgon", Kit: []string{"8 tablettes"}, From: "2026-05-04", To: "2026-12-18", Setup: 15, Base: "17299", Members: []identity.AccountID{by.Account},
	})
	if err != nil {
		t.Fatal(err)
	}
	request, err := n.Agenda.AskFor(t.Context(), agenda.NewRequest{
		Commune: "17484", EveryWeeks: 1, From: "2026-06-01", Rooms: "Salle des fêtes (exemple)", ContactName: "Secrétariat (exemple)", Email: "mairie@viaduc.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	room := roomsOfTeam(t, n, by)
	n.Reload()
	number := func(e *agenda.Entry) string { return strconv.FormatInt(int64(e.Number), 10) }
	return teamDates{number(dates[0].Entry), number(appointments[0].Entry), string(dates[0].Series.ID), string(proposal.ID), string(c.ID), string(c.Person), string(tour.ID), request.ID, room}
}

// roomsOfTeam gives the team rooms, desks, a machine and laptops, with bookings of the day; it returns one of the rooms.
func roomsOfTeam(t *testing.T, n *apptest.Node, by identity.Actor) string {
	t.Helper()
	add := func(r agenda.Resource) agenda.ResourceID {
		t.Helper()
		one, err := n.Agenda.AddResource(t.Context(), by, r)
		if err != nil {
			t.Fatal(err)
		}
		return one.ID
	}
	blue := add(agenda.Resource{Name: "Salle bleue (exemple)", Kind: agenda.Room, Asks: agenda.Asks{Hours: "Mo-Fr 09:00-12:00,14:00-18:00; 2026 May 08 off", Buffer: 15 * time.Minute}})
	open := add(agenda.Resource{Name: "Grande salle (exemple)", Kind: agenda.Room})
	desk := add(agenda.Resource{Name: "Poste 1 (exemple)", Kind: agenda.Desk, Parent: open})
	add(agenda.Resource{Name: "Découpe laser (exemple)", Kind: agenda.Device, Parent: open, Asks: agenda.Asks{Approval: true}})
	add(agenda.Resource{Name: "Portable 1 (exemple)", Kind: agenda.Laptop})
	day := openinghours.DateOf(n.Clock.Now())
	at := func(minute int) time.Time { return recur.At(day, minute, n.Clock.Now().Location()) }
	for _, in := range []agenda.NewBundle{
		{Resources: []agenda.ResourceID{blue}, Laptops: 1, Members: []identity.AccountID{by.Account}, From: at(10 * 60), To: at(12 * 60), Purpose: "Atelier (exemple)"},
		{Resources: []agenda.ResourceID{desk}, From: at(14 * 60), To: at(16 * 60), Who: person.New{Name: "Camille Exemple", Phone: "05 36 49 00 41"}},
	} {
		if _, err := n.Agenda.BookBundle(t.Context(), by, in); err != nil {
			t.Fatal(err)
		}
	}
	return string(blue)
}

// eachWidth has a journey be made on a telephone and on a desk, without scripts, by somebody of the example.
func eachWidth(t *testing.T, f func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab)) {
	b := browser.Start(t)
	for _, width := range []int{320, 1280} {
		t.Run(strconv.Itoa(width), func(t *testing.T) {
			n := apptest.Demo(t)
			f(t, n, func(role identity.Role) *browser.Tab {
				return b.Tab(t, browser.JavaScriptOff(), browser.Viewport(width, 800), browser.Cookies(n.URL, n.LoginAs(n.Person(role)[0].Account)))
			})
		})
	}
}

// write goes to a box by the keyboard and writes in it.
func write(tab *browser.Tab, selector, text string) {
	tab.TabTo(selector)
	tab.Type(selector, text)
}

// M6: a mediator writes weekly stops, sees the dates and those that holidays take away, saves, then changes one date alone.
func TestM6WeeklyStops(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		tab := as(identity.Mediator)
		tab.Open(n.URL + "/pro")
		tab.ClickText("L'agenda")
		tab.ClickText("Ajouter une activité")
		tab.Select("#mode", string(agenda.WalkIn))
		write(tab, "#title", "Le bus (exemple)")
		write(tab, "#commune", "Rochefort")
		write(tab, "#venue", "Place du marché")
		write(tab, "#starts", "08/05/2026")
		write(tab, "#until", "26/06/2026")
		write(tab, "#minute", "9 h 30")
		write(tab, "#fin", "12 h")
		tab.Select("#ecole", string(recur.SchoolTerm))
		press(tab, `button[value="voir"]`)
		says(t, tab, "6 dates en tout", "vendredi 8 mai 2026", "vacances scolaires", "vendredi 22 mai 2026, de 9 h 30 à 12 h")
		press(tab, `button[value="enregistrer"]`)
		says(t, tab, "L'activité est enregistrée", "Le bus (exemple)")
		n.Reload()
		tab.Open(n.URL + "/pro/agenda?semaine=2026-W21")
		tab.ClickText("Le bus (exemple)")
		tab.ClickText("Changer cette date")
		says(t, tab, "Seule cette date change")
		tab.Type("#on", "23/05/2026")
		press(tab, `form:has(input[value="deplacer"]) button`)
		says(t, tab, "La date est déplacée", "samedi 23 mai, de 9 h 30 à 12 h")
		tab.Open(n.URL + "/pro/agenda?semaine=2026-W22")
		says(t, tab, "vendredi 29 mai", "Le bus (exemple)")
	})
}

// M7: a mediator opens today's workshop and ticks who came, one tap each.
func TestM7Presence(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		agendaOfTeam(t, n)
		tab := as(identity.Mediator)
		tab.Open(n.URL + "/pro/agenda")
		says(t, tab, "Aujourd'hui, lundi 4 mai", "2 inscrits sur 2, 1 attend")
		press(tab, `.rdv a[href="/pro/agenda/dates/1"]`)
		press(tab, `button[value="in_progress"]`)
		says(t, tab, "En cours")
		press(tab, `button[value="attended"]`)
		says(t, tab, "C'est noté", "Venu")
		press(tab, `button[value="no_show"]`)
		press(tab, `button[name="combien"][value="1"]`)
		says(t, tab, "1 personne venue sans inscription")
		press(tab, `button[name="minutes"][value="20"]`)
		says(t, tab, "Retard de 20 minutes")
	})
}

// The clerk: a name, a telephone, Enter; the reference is there to be read aloud, and the next person can be booked.
func TestTheClerkBooksInOnePage(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		teamSeries(t, n, actingAs(n, identity.Mediator), agenda.Workshop)
		tab := as(identity.Relay)
		tab.Open(n.URL + "/pro/agenda/inscrire?ou=Rochefort")
		press(tab, `.rdv a`)
		if tab.Focused() != "input#name" && !strings.Contains(tab.Focused(), "name") {
			t.Errorf("the name is not ready to be written: %s", tab.Focused())
		}
		tab.Type("#name", "Camille Exemple")
		write(tab, "#phone", "05 36 49 00 41")
		tab.Press(browser.KeyEnter)
		tab.WaitLoaded()
		says(t, tab, "C'est fait", " comme ", "Inscrire quelqu'un d'autre")
		tab.Open(n.URL + "/pro/agenda/mes-inscriptions")
		says(t, tab, "Camille Exemple", "Inscrit")
	})
}

// P3: a partner proposes an event in six answers; an officer sees it first and publishes it; residents have it.
func TestP3APartnerProposesAnEvent(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		tab := as(identity.Partner)
		tab.Open(n.URL + "/pro/agenda")
		tab.ClickText("Les activités")
		tab.ClickText("Proposer un événement")
		write(tab, "#title", "Fête (exemple)")
		write(tab, "#summary", "Venez essayer.")
		write(tab, "#commune", "Saintes")
		write(tab, "#venue", "Hall")
		write(tab, "#starts", "16/05/2026")
		write(tab, "#heures", "14 h à 17 h")
		press(tab, `button[value="voir"]`)
		says(t, tab, "samedi 16 mai 2026, de 14 h à 17 h")
		press(tab, `button[value="enregistrer"]`)
		says(t, tab, "Votre événement est proposé", "Proposé, à décider")
		n.Reload()
		if found := n.Agenda.Index().Search(agenda.Query{Mode: agenda.Event}); len(found) != 0 {
			t.Error("residents see a proposal")
		}
		officer := as(identity.Officer)
		officer.Open(n.URL + "/pro/agenda/activites")
		officer.ClickText("Fête (exemple)")
		press(officer, `form:has(input[value="publier"]) button`)
		says(t, officer, "C'est publié")
		n.Reload()
		if found := n.Agenda.Index().Search(agenda.Query{Mode: agenda.Event}); len(found) != 1 {
			t.Errorf("residents see %d events", len(found))
		}
		tab.Reload()
		says(t, tab, "Publié")
		if tab.Status() != http.StatusOK {
			t.Errorf("the partner is answered %d", tab.Status())
		}
	})
}
