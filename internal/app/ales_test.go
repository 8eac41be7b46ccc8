package app_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// alesAgglomeration is the SIREN of Alès Agglomération, in the Gard: zone C.
const alesAgglomeration = "200066918"

// A school year of a van with two mediators over real communes of Alès Agglomération, with the real holidays of zone C: walk-in in the morning at
// the post office, a workshop in the afternoon at the town hall or the foyer, Thursdays kept for appointments, hours that
// vary by commune, odd and even weeks.
func TestATourOverAlesAgglomeration(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Clock.Move(time.Date(2026, 8, 24, 9, 0, 0, 0, n.Clock.Now().Location()).Sub(n.Clock.Now()))
		n.ImportCommunes()
		holidays, err := os.Open(testkit.Data(t, "calendar/school-holidays-fr.csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer holidays.Close()
		if _, err := n.Territory.ImportSchoolHolidays(t.Context(), audit.CLI, holidays); err != nil {
			t.Fatal(err)
		}
		n.Reload()
		towns := alesTowns(t, n)
		by, crew := mediators(n)
		tour, err := n.Agenda.SaveTour(t.Context(), by, agenda.Tour{
			Organisation: by.Organisation, Name: "Tournée d'Alès Agglomération (exemple)", Vehicle: "Fourgon", From: "2026-09-01", To: "2027-06-30", Setup: 15, Base: "30007", Members: crew,
		})
		if err != nil {
			t.Fatal(err)
		}
		series := tourSeries(t, n, by, tour, towns)
		n.Reload()
		x := n.Agenda.Index()
		found := x.Search(agenda.Query{Tour: tour.ID})
		calendar := n.Agenda.Calendar("30007")
		communes := map[string]bool{}
		for _, f := range found {
			local := f.Start.In(f.Zone)
			on := openinghours.DateOf(local)
			if calendar.Public(on) || calendar.School(on) {
				t.Errorf("%s at %s falls on a holiday", f.Series.Title, local)
			}
			if local.Hour()*60+local.Minute() != f.Series.Pattern.Minute {
				t.Errorf("%s begins at %s", f.Series.Title, local)
			}
			communes[f.Where.Commune] = true
		}
		faults, err := n.Agenda.CheckTravel(t.Context(), by, n.Clock.Now(), n.Clock.Now().AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faults {
			t.Errorf("%s: %s then %s, %d minutes are missing", f.Who, f.A.Where.Venue, f.B.Where.Venue, f.Clash.Missing)
		}
		if len(found) < 150 || len(communes) < 12 {
			t.Errorf("%d dates in %d communes", len(found), len(communes))
		}
		checkCalendar(t, n, "/agenda.ics?ou="+alesAgglomeration, len(found))
		t.Logf("%d activities, %d dates in %d communes, from %s to %s, %d road faults", series, len(found), len(communes),
			found[0].Start.Format(time.DateOnly), found[len(found)-1].Start.Format(time.DateOnly), len(faults))
	})
}

// alesTowns are the communes of the grouping, the most peopled first.
func alesTowns(t *testing.T, n *apptest.Node) []territory.Commune {
	t.Helper()
	g := n.Territory.Gazetteer()
	var out []territory.Commune
	for _, code := range g.InEPCI(alesAgglomeration) {
		c, _ := g.Commune(code)
		out = append(out, c)
	}
	if len(out) < 60 {
		t.Fatalf("%d communes in the grouping", len(out))
	}
	slices.SortFunc(out, func(a, b territory.Commune) int { return b.Population - a.Population })
	return out
}

// mediators are the two of the example, as the program itself acting for their structure.
func mediators(n *apptest.Node) (identity.Actor, []identity.AccountID) {
	var crew []identity.AccountID
	by := identity.Actor{Kind: identity.System}
	for _, p := range n.Person(identity.Mediator) {
		crew, by.Organisation = append(crew, p.Account), p.OrganisationID
	}
	return by, crew
}

// tourSeries adds the stops: in odd and in even weeks, three days of a morning and an afternoon each, and the Thursday.
func tourSeries(t *testing.T, n *apptest.Node, by identity.Actor, tour agenda.Tour, towns []territory.Commune) int {
	t.Helper()
	reason, err := n.Agenda.SaveReason(t.Context(), by, agenda.Reason{Organisation: by.Organisation, Name: "Rendez-vous individuel", Minutes: 45, Buffer: 15})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	add := func(mode agenda.Mode, town territory.Commune, venue string, week int, day time.Weekday, minute, length, seats int) {
		first := recur.Date{Year: 2026, Month: time.August, Day: 31}.AddDays(7*week + (int(day)+6)%7)
		in := agenda.NewSeries{
			Tour: tour.ID, Mode: mode, Title: mode.French() + " à " + town.Name, Where: agenda.Where{Commune: town.Code, Venue: venue}, Capacity: seats, Waiting: seats > 0, Members: tour.Members,
			Pattern: recur.Pattern{
				Rule: recur.EveryWeek(2, day), Starts: first, Until: recur.Date{Year: 2027, Month: time.June, Day: 30}, Minute: minute, Length: length,
				Zone: n.Clock.Now().Location(), OnHoliday: recur.HolidaySkip, School: recur.SchoolTerm,
			},
		}
		if mode == agenda.Appointments {
			in.Reasons = []agenda.ReasonID{reason.ID}
		}
		if _, err := n.Agenda.AddSeries(t.Context(), by, in, agenda.Published); err != nil {
			t.Fatalf("%s: %v", in.Title, err)
		}
		count++
	}
	next := 0
	for week := range 2 {
		for i, day := range []time.Weekday{time.Monday, time.Tuesday, time.Wednesday} {
			morning, afternoon := towns[next], towns[next+1]
			next += 2
			add(agenda.WalkIn, morning, "Bureau de poste", week, day, 10*60-15*i, 120, 0)
			venue := "Salle du conseil, à la mairie"
			if i%2 == 1 {
				venue = "Foyer"
			}
			add(agenda.Workshop, afternoon, venue, week, day, 14*60+15*i, 120, 8+i)
		}
		add(agenda.Appointments, towns[next], "Mairie", week, time.Thursday, 9*60, 180, 0)
		next++
		add(agenda.Appointments, towns[next], "Mairie", week, time.Thursday, 14*60, 180, 0)
		next++
	}
	return count
}

// checkCalendar has an independent reader find so many events in a calendar.
func checkCalendar(t *testing.T, n *apptest.Node, path string, want int) {
	t.Helper()
	_, body := n.Get(path)
	calendar, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(calendar.Events()); got != want {
		t.Errorf("%s has %d events, want %d", path, got, want)
	}
}
