package agenda_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/person"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// The communes of the tests, all of Alès Agglomération, and their département: the Gard, in zone C.
const (
	ales      = "30007"
	anduze    = "30010"
	salindres = "30305"

	communes = `code_insee,nom,departement,region,epci_siren,epci_nom,codes_postaux,population,latitude,longitude
30007,Alès,30,76,200066918,CA Alès Agglomération,30100,44000,44.1250,4.0900
30010,Anduze,30,76,200066918,CA Alès Agglomération,30140,3400,44.0560,3.9850
30305,Salindres,30,76,200066918,CA Alès Agglomération,30340,3500,44.1720,4.1600
`
	holidays = `zone,name,start,end_inclusive
Zone C,Vacances de printemps,2026-04-19,2026-05-03
Zone C,Vacances d'été,2026-07-05,2026-08-31
Zone C,Vacances de la Toussaint,2026-10-18,2026-11-01
Zone C,Vacances de Noël,2026-12-20,2027-01-03
`
)

// monday is when every scenario begins: Monday 4 May 2026, 9:30 in Paris.
const monday = "2026-05-04 09:30"

var paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}()

// world is a node's agenda with all that it stands on, and two people who work.
type world struct {
	*agenda.Service
	t         testing.TB
	db        *db.DB
	clock     *testkit.Clock
	journal   *audit.Journal
	territory *territory.Service
	identity  *identity.Service
	persons   *person.Service
	notices   *notice.Service
	jobs      *jobs.Queue
	mediator  identity.Actor // of the first structure
	manager   identity.Actor // of the first structure
	helper    identity.Actor // of the second
	officer   identity.Actor // of the whole ground
	partner   identity.Actor // of the second
}

// newWorld is a node on a fresh database, with its people.
func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := newNode(t, d, testkit.NewClock(t, monday))
	if _, err := w.territory.ImportCommunes(t.Context(), audit.CLI, strings.NewReader(communes)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.territory.ImportSchoolHolidays(t.Context(), audit.CLI, strings.NewReader(holidays)); err != nil {
		t.Fatal(err)
	}
	if err := w.territory.SaveSite(t.Context(), audit.CLI, territory.Site{Name: "Le Gard", Phone: "05 36 49 00 17", MainCommune: ales}); err != nil {
		t.Fatal(err)
	}
	w.reload()
	one, two := w.organisation("La Passerelle (exemple)"), w.organisation("CCAS (exemple)")
	w.mediator, w.manager = w.staff("Alba", identity.Mediator, one), w.staff("Baya", identity.Manager, one)
	w.helper, w.partner = w.staff("Celio", identity.Helper, two), w.staff("Dani", identity.Partner, two)
	w.officer = w.staff("Eva", identity.Officer, two)
	return w
}

// newNode is a node of its own on a database that others may share.
func newNode(t testing.TB, d *db.DB, clock *testkit.Clock) *world {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	w := &world{t: t, db: d, clock: clock}
	w.journal = audit.New(audit.Deps{DB: d, Now: clock.Now, Log: log})
	w.territory = territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	w.jobs = jobs.New(jobs.Deps{DB: d, Now: clock.Now, Log: log})
	links, err := notice.NewLinks("https://viaduc.example")
	if err != nil {
		t.Fatal(err)
	}
	w.notices, err = notice.New(notice.Deps{
		DB: d, Journal: w.journal, Territory: w.territory, Jobs: w.jobs, Mail: &mail.Outbox{}, SMS: &sms.Outbox{}, Price: 45, Links: links, Key: []byte("notices"),
		Holiday: func(time.Time) bool { return false }, Zone: func() *time.Location { return paris }, Now: clock.Now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.notices.Register(agenda.Events()...); err != nil {
		t.Fatal(err)
	}
	w.identity = identity.New(identity.Deps{DB: d, Journal: w.journal, Territory: w.territory, Key: []byte("identity"), Now: clock.Now, Log: log})
	places := place.New(place.Deps{DB: d, Journal: w.journal, Territory: w.territory, Now: clock.Now, Log: log})
	w.persons = person.NewService(person.Deps{DB: d, Journal: w.journal, Notices: w.notices, Key: []byte("persons"), Now: clock.Now})
	w.Service = agenda.New(agenda.Deps{
		DB: d, Journal: w.journal, Territory: w.territory, Identity: w.identity, Places: places, Persons: w.persons, Notices: w.notices, Jobs: w.jobs, Key: []byte("agenda"),
		Zone: paris, Now: clock.Now, Log: log,
	})
	w.persons.OnErase(w.ForgetPersonTx)
	return w
}

func (w *world) reload() {
	w.t.Helper()
	if _, err := w.territory.Refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) organisation(name string) identity.OrganisationID {
	w.t.Helper()
	o, err := w.identity.AddOrganisation(w.t.Context(), identity.AtCLI(), identity.Profile{Kind: identity.OrgMediation, Name: name, CommuneCode: ales, Postcode: "30100", Address: "1 rue de l'Exemple"})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.ID
}

// staff is somebody who works, as a session of theirs would say.
func (w *world) staff(given string, role identity.Role, at identity.OrganisationID) identity.Actor {
	w.t.Helper()
	in := identity.NewStaff{GivenName: given, FamilyName: "Exemple", Email: strings.ToLower(given) + "@viaduc.example", Organisation: at, Role: role}
	a := identity.Actor{Kind: identity.Staff, Role: role, Organisation: at, SecondFactorAt: w.clock.Now()}
	if role.NeedsScope() {
		scope, err := w.identity.AddScope(w.t.Context(), identity.AtCLI(), identity.NewScopeInput{Kind: identity.ScopeDepartment, Code: "30", Name: "Gard"})
		if err != nil {
			w.t.Fatal(err)
		}
		in.Scope, a.Scope = scope.ID, scope
	}
	account, member, err := w.identity.EnrolStaff(w.t.Context(), identity.AtCLI(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	a.Account, a.Membership, a.Name = account.ID, member.ID, account.Name()
	return a
}

func date(text string) recur.Date {
	d, err := agenda.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// at is a civil time in Paris: "2026-05-07 14:00".
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, paris)
	if err != nil {
		panic(err)
	}
	return t
}

// workshop is a weekly workshop on Thursdays at two, with some seats and a waiting list.
func workshop(capacity int, edit ...func(*agenda.NewSeries)) agenda.NewSeries {
	in := agenda.NewSeries{
		Mode: agenda.Workshop, Title: "Atelier tablette", Capacity: capacity, Waiting: true, Where: agenda.Where{Commune: ales, Venue: "Salle du conseil"},
		Pattern: recur.Pattern{
			Rule: recur.EveryWeek(1, time.Thursday), Starts: date("2026-05-07"), Until: date("2026-06-25"), Minute: 14 * 60, Length: 120, Zone: paris,
		},
	}
	for _, e := range edit {
		e(&in)
	}
	return in
}

// add adds a series of the mediator's structure and returns its dates, in order.
func (w *world) add(in agenda.NewSeries) (agenda.Series, []*agenda.Entry) {
	w.t.Helper()
	series, err := w.AddSeries(w.t.Context(), w.mediator, in, agenda.Published)
	if err != nil {
		w.t.Fatal(err)
	}
	return series, w.dates(series.ID)
}

// dates are the dates of a series as residents see them, in order.
func (w *world) dates(of agenda.SeriesID) []*agenda.Entry {
	w.t.Helper()
	w.reload()
	var out []*agenda.Entry
	for _, f := range w.Index().Search(agenda.Query{Series: of}) {
		out = append(out, f.Entry)
	}
	return out
}

// date is a date as it is now.
func (w *world) date(of agenda.ID) *agenda.Entry {
	w.t.Helper()
	w.reload()
	e, ok := w.Index().ByID(of)
	if !ok {
		w.t.Fatalf("date %s is not shown", of)
	}
	return e
}

// guest is somebody with a telephone of their own.
func guest(n int) person.New {
	return person.New{Name: fmt.Sprintf("Personne Exemple%d", n), Phone: fmt.Sprintf("06 39 98 %02d %02d", n/100, n%100)}
}

// book takes a seat on the web, for a guest.
func (w *world) book(of agenda.ID, n int, edit ...func(*agenda.NewBooking)) (agenda.Claim, error) {
	in := agenda.NewBooking{Occurrence: of, Who: guest(n), Wait: true}
	for _, e := range edit {
		e(&in)
	}
	return w.Book(context.WithoutCancel(w.t.Context()), identity.Nobody(), in)
}

// mustBook is book for one that is to succeed.
func (w *world) mustBook(of agenda.ID, n int, edit ...func(*agenda.NewBooking)) agenda.Claim {
	w.t.Helper()
	c, err := w.book(of, n, edit...)
	if err != nil {
		w.t.Fatalf("guest %d: %v", n, err)
	}
	return c
}

// now is a claim as it stands.
func (w *world) state(c agenda.Claim) agenda.Claim {
	w.t.Helper()
	b, err := w.BookingFor(w.t.Context(), identity.AtCLI(), c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Claim
}

// told counts the messages of an event to the person of a claim, by state.
func (w *world) told(event string, c agenda.Claim) map[notice.State]int {
	w.t.Helper()
	lines, err := w.notices.Lines(w.t.Context(), identity.AtCLI(), notice.Filter{Recipient: "person:" + string(c.Person), Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[notice.State]int{}
	for _, l := range lines {
		if l.Event == event {
			out[l.State]++
		}
	}
	return out
}

// drain does the jobs that are due.
func (w *world) drain() {
	w.t.Helper()
	if _, err := w.jobs.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// wants fails unless err is a fault of that key.
func wants(t testing.TB, err error, key string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Message.Key != key {
		t.Errorf("got %v, want %s", err, key)
	}
}

// recounted fails unless all that is kept follows from the rows.
func (w *world) recounted() {
	w.t.Helper()
	w.reload()
	out, err := w.Recount(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range out {
		w.t.Errorf("%s %s is kept as %s, the rows say %s", d.What, d.ID, d.Kept, d.Row)
	}
}
