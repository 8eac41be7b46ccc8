package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/app/demo"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
)

// team is a node of the example with somebody of its team.
type team struct {
	*apptest.Node
	t testing.TB
}

// actor is somebody of the example, as a session of theirs would say.
func (n team) actor(p demo.Person) identity.Actor {
	n.t.Helper()
	return identity.Actor{Kind: identity.Staff, Account: p.Account, Membership: p.Membership, Role: p.Role, Organisation: p.OrganisationID, Name: p.Name, SecondFactorAt: n.Clock.Now()}
}

// as asks for a page, or sends answers, as somebody of the example.
func (n team) as(who identity.AccountID, method, path string, form url.Values) (*http.Response, string) {
	n.t.Helper()
	cookie := n.LoginAs(who)
	return n.Do(method, path, strings.NewReader(form.Encode()), func(r *http.Request) {
		r.AddCookie(cookie)
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	})
}

// page wants a page that answers 200 and says some words, and none of some others ("!…").
func (n team) page(who identity.AccountID, path string, words ...string) string {
	n.t.Helper()
	res, body := n.as(who, http.MethodGet, path, nil)
	if res.StatusCode != http.StatusOK {
		n.t.Fatalf("%s answers %d\n%s", path, res.StatusCode, body)
	}
	holds(n.t, path, body, words...)
	return body
}

func holds(t testing.TB, path, body string, words ...string) {
	t.Helper()
	text := strings.NewReplacer("&#39;", "'", "&#43;", "+", "&nbsp;", " ", "\u00a0", " ", "\u202f", " ").Replace(body)
	for _, w := range words {
		if absent, ok := strings.CutPrefix(w, "!"); ok {
			if strings.Contains(text, absent) {
				t.Errorf("%s says %q", path, absent)
			}
		} else if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q\n%s", path, w, text)
		}
	}
}

// send wants a POST that leads on, and returns where.
func (n team) send(who identity.AccountID, path string, form url.Values) string {
	n.t.Helper()
	res, body := n.as(who, http.MethodPost, path, form)
	if res.StatusCode != http.StatusSeeOther {
		n.t.Fatalf("%s answers %d\n%s", path, res.StatusCode, body)
	}
	n.Reload()
	return res.Header.Get("Location")
}

// workshop is a workshop of the first mediator's structure: today at two, and each Monday after, for some seats.
func (n team) workshop(capacity int, edit ...func(*agenda.NewSeries)) (*agenda.Entry, demo.Person) {
	n.t.Helper()
	who := n.Person(identity.Mediator)[0]
	in := agenda.NewSeries{
		Mode: agenda.Workshop, Title: "Atelier tablette (exemple)", Capacity: capacity, Waiting: true, Where: agenda.Where{Commune: rochefort, Venue: "Salle du port"}, Members: []identity.AccountID{who.Account},
		Pattern: recur.Pattern{
			Rule: recur.EveryWeek(1, time.Monday), Starts: openinghours.Date{Year: 2026, Month: 5, Day: 4}, Until: openinghours.Date{Year: 2026, Month: 6, Day: 29}, Minute: 14 * 60, Length: 120, Zone: n.Clock.Now().Location(),
		},
	}
	for _, e := range edit {
		e(&in)
	}
	series, err := n.Agenda.AddSeries(n.t.Context(), n.actor(who), in, agenda.Published)
	if err != nil {
		n.t.Fatal(err)
	}
	n.Reload()
	dates := n.Agenda.Index().Search(agenda.Query{Series: series.ID})
	return dates[0].Entry, who
}

// guest books a date on the web.
func (n team) guest(of agenda.ID, name, phone string) agenda.Claim {
	n.t.Helper()
	c, err := n.Agenda.Book(n.t.Context(), identity.Nobody(), agenda.NewBooking{Occurrence: of, Who: person.New{Name: name, Phone: phone}, Wait: true})
	if err != nil {
		n.t.Fatal(err)
	}
	n.Reload()
	return c
}

func newTeam(t testing.TB) team { return team{apptest.Demo(t), t} }

func dayPath(e *agenda.Entry) string {
	return "/pro/agenda/dates/" + strconv.FormatInt(int64(e.Number), 10)
}

func TestTheComingDaysSayHowManyCome(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(1)
	n.page(who.Account, "/pro/agenda", "Aujourd'hui, lundi 4 mai", "Atelier tablette (exemple)", "0 inscrit sur 1. Avec Médiation", "Salle du port")
	n.guest(e.ID, "Personne Exemple", "05 36 49 00 41")
	n.guest(e.ID, "Autre Exemple", "05 36 49 00 42")
	n.page(who.Account, "/pro/agenda", "1 inscrit sur 1, 1 attend")
	n.page(who.Account, "/pro/agenda?semaine=2026-W20", "La semaine du lundi 11 mai", "Atelier tablette", "semaine=2026-W19", "semaine=2026-W21", "!1 inscrit sur 1")
	n.page(who.Account, "/pro/agenda?semaine=2026-W99", "Les sept prochains jours") // no such week
	other := n.Person(identity.Helper)[0]
	n.page(other.Account, "/pro/agenda", "!Atelier tablette", "Inscrire quelqu'un")
	res, _ := n.as(other.Account, http.MethodGet, dayPath(e), nil)
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("another structure is answered %d", res.StatusCode)
	}
}

// M7: presence is ticked by one tap each, heads are counted, a tap sent twice counts once.
func TestPresenceIsTickedByOneTap(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(2)
	c := n.guest(e.ID, "Personne Exemple", "05 36 49 00 41")
	n.guest(e.ID, "Autre Exemple", "05 36 49 00 42")
	n.guest(e.ID, "Troisième Exemple", "05 36 49 00 43")
	path := dayPath(e)
	n.page(who.Account, path, "2 inscrits sur 2, 1 attend", "Personne Exemple", "tel:+33536490041", "Attend, rang 1", "Arrivé", "par internet")
	for _, step := range []struct{ as, says string }{{"arrived", "Arrivé</span>"}, {"attended", "Venu</span>"}, {"booked", "Inscrit</span>"}, {"no_show", "Pas venu</span>"}} {
		to := n.send(who.Account, path, url.Values{"action": {"marquer"}, "inscription": {string(c.ID)}, "comme": {step.as}})
		if !strings.HasSuffix(to, "?fait=note#i-"+string(c.ID)) {
			t.Errorf("it leads to %s", to)
		}
		n.page(who.Account, path, step.says)
	}
	tap := url.Values{"action": {"compter"}, "tap": {"01890000-0000-7000-8000-000000000001"}, "combien": {"1"}}
	n.send(who.Account, path, tap)
	n.send(who.Account, path, tap)
	n.page(who.Account, path, "1 personne venue sans inscription")
	n.send(who.Account, path, url.Values{"action": {"etat"}, "comme": {"in_progress"}})
	n.page(who.Account, path, "En cours", "Terminer la séance", "commencé, par")
	n.send(who.Account, path, url.Values{"action": {"retard"}, "minutes": {"20"}})
	n.page(who.Account, path, "Retard de 20 minutes", "Nous sommes à l'heure")
	for _, wrong := range []url.Values{
		{"action": {"retard"}, "minutes": {"bientôt"}},
		{"action": {"retard"}},
		{"action": {"etat"}, "comme": {"planned"}},
		{"action": {"rien"}},
		{"action": {"marquer"}, "inscription": {string(c.ID)}, "comme": {"held"}},
	} {
		res, body := n.as(who.Account, http.MethodPost, path, wrong)
		if res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusConflict || !strings.Contains(body, "<title>Erreur") {
			t.Errorf("%v answers %d", wrong, res.StatusCode)
		}
	}
}

// Before a date is called off, the page says who gets a message and who must be called; under silence nobody does.
func TestADateIsCalledOffOnce(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(8)
	n.guest(e.ID, "Fixe Exemple", "05 36 49 00 41")
	n.guest(e.ID, "Mobile Exemple", "06 39 98 00 42")
	n.send(who.Account, "/pro/agenda/inscrire/"+strconv.FormatInt(int64(e.Number), 10), url.Values{"name": {"Discrète Exemple"}, "phone": {"05 36 49 00 43"}, "silence": {"oui"}})
	path := dayPath(e)
	n.page(who.Account, path+"/annuler", "1 personne reçoit un message. 1 personne est à appeler.", "Discrète Exemple", "Sous silence")
	n.page(who.Account, path+"/appels", "Fixe Exemple", "05 36 49 00 41", "Mobile Exemple", "!Discrète", "!05 36 49 00 43")
	res, body := n.as(who.Account, http.MethodPost, path+"/annuler", url.Values{})
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a reason it answers %d", res.StatusCode)
	}
	holds(t, path, body, "Dites pourquoi, en une phrase.")
	n.send(who.Account, path+"/annuler", url.Values{"reason": {"La salle est fermée"}})
	n.page(who.Account, path, "Annulé", "La salle est fermée", "3 personnes ne viennent plus", "!Annuler cette date")
	volunteer := n.Person(identity.Volunteer)[0]
	if res, _ := n.as(volunteer.Account, http.MethodGet, path+"/modifier", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("a volunteer, who changes no date, is answered %d", res.StatusCode)
	}
}

// M6: one date is changed alone: its place, its seats, then its day.
func TestOneDateIsChangedAlone(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(8)
	n.guest(e.ID, "Fixe Exemple", "05 36 49 00 41")
	path := dayPath(e)
	n.page(who.Account, path+"/modifier", `value="04/05/2026"`, `value="14 h 00"`, `value="Rochefort 17"`, "checked")
	to := n.send(who.Account, path+"/modifier", url.Values{"action": {"changer"}, "commune": {"Saintes"}, "venue": {"Salle des fêtes"}, "capacity": {"10"}, "members": {string(who.Account)}})
	n.page(who.Account, to, "Salle des fêtes, Saintes", "1 inscrit sur 10")
	res, body := n.as(who.Account, http.MethodPost, path+"/modifier", url.Values{"action": {"deplacer"}, "on": {"demain"}, "minute": {"25 h"}})
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none answers %d", res.StatusCode)
	}
	holds(t, path, body, "Écrivez une date", "Écrivez une heure", `value="demain"`)
	to = n.send(who.Account, path+"/modifier", url.Values{"action": {"deplacer"}, "on": {"2026-05-05"}, "minute": {"9h30"}})
	n.page(who.Account, to, "mardi 5 mai, de 9 h 30 à 11 h 30", "Fixe Exemple", "Salle des fêtes")
	n.page(who.Account, path, "Déplacé")
}

// The clerk screen: a name and a telephone, and the reference is there to be read aloud, whoever's date it is.
func TestAClerkBooksInOnePage(t *testing.T) {
	n := newTeam(t)
	e, _ := n.workshop(2)
	clerk := n.Person(identity.Relay)[0] // of another structure
	path := "/pro/agenda/inscrire/" + strconv.FormatInt(int64(e.Number), 10)
	n.page(clerk.Account, "/pro/agenda/inscrire?ou=Rochefort", path, "Atelier tablette")
	n.page(clerk.Account, "/pro/agenda/inscrire?ou=Xyzzyx", "Nous ne connaissons pas cette commune")
	n.page(clerk.Account, path, `value="helper" checked`, "2 places libres sur 2")
	res, body := n.as(clerk.Account, http.MethodPost, path, url.Values{"name": {"Personne Exemple"}})
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a telephone it answers %d", res.StatusCode)
	}
	holds(t, path, body, "Écrivez un téléphone", `value="Personne Exemple"`)
	to := n.send(clerk.Account, path, url.Values{"name": {"Personne Exemple"}, "phone": {"05 36 49 00 41"}})
	n.page(clerk.Account, to, "C'est fait", " comme ", "Inscrire quelqu'un d'autre", "!Personne Exemple")
	body = n.page(clerk.Account, "/pro/agenda/mes-inscriptions", "Personne Exemple", "Inscrit")
	_, rest, _ := strings.Cut(body, `href="/pro/agenda/inscriptions/`)
	claim, _, _ := strings.Cut(rest, `"`)
	n.page(clerk.Account, "/pro/agenda/inscriptions/"+claim, "Annuler l'inscription", "lundi 11 mai")
	dates := n.Agenda.Index().Search(agenda.Query{Series: e.Series.ID})
	n.send(clerk.Account, "/pro/agenda/inscriptions/"+claim, url.Values{"action": {"deplacer"}, "date": {string(dates[1].ID)}})
	n.page(clerk.Account, "/pro/agenda/inscriptions/"+claim, "lundi 11 mai, 14 h")
	n.send(clerk.Account, "/pro/agenda/inscriptions/"+claim, url.Values{"action": {"annuler"}})
	n.page(clerk.Account, "/pro/agenda/mes-inscriptions", "Annulé")
	to = n.send(clerk.Account, path, url.Values{"name": {"Discrète Exemple"}, "phone": {"05 36 49 00 42"}, "silence": {"oui"}})
	n.page(clerk.Account, to, "C'est fait")
	n.page(clerk.Account, "/pro/agenda/mes-inscriptions", "!Discrète")
	if res, _ := n.as(n.Person(identity.Partner)[0].Account, http.MethodGet, path, nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("a partner is answered %d", res.StatusCode)
	}
}

// Appointments are chosen by reason; those of the team alone are offered to the team.
func TestAClerkBooksAnAppointment(t *testing.T) {
	n := newTeam(t)
	who := n.Person(identity.Mediator)[0]
	open, err := n.Agenda.SaveReason(t.Context(), n.actor(who), agenda.Reason{Name: "Faire une démarche", Minutes: 30})
	if err != nil {
		t.Fatal(err)
	}
	own, err := n.Agenda.SaveReason(t.Context(), n.actor(who), agenda.Reason{Name: "Suite d'un accompagnement", Minutes: 60, BookableBy: agenda.TeamOnly})
	if err != nil {
		t.Fatal(err)
	}
	e, _ := n.workshop(0, func(in *agenda.NewSeries) {
		in.Mode, in.Reasons = agenda.Appointments, []agenda.ReasonID{open.ID, own.ID}
	})
	path := "/pro/agenda/inscrire/" + strconv.FormatInt(int64(e.Number), 10)
	helper := n.Person(identity.Helper)[0]
	n.page(who.Account, path, "Faire une démarche", "Suite d'un accompagnement", "14 h 30")
	n.page(helper.Account, path, "Faire une démarche", "!Suite d'un accompagnement")
	n.page(helper.Account, "/pro/agenda/inscrire?motif="+url.QueryEscape("Faire une démarche"), path+"?creneau=")
	form := url.Values{"name": {"Personne Exemple"}, "phone": {"05 36 49 00 41"}}
	res, body := n.as(helper.Account, http.MethodPost, path, form)
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without an hour it answers %d", res.StatusCode)
	}
	holds(t, path, body, "Choisissez un horaire.")
	form.Set("creneau", strconv.FormatInt(e.Start.Add(30*time.Minute).Unix(), 10)+"-"+string(open.ID))
	n.send(helper.Account, path, form)
	n.page(who.Account, dayPath(e), "14 h 30", "Faire une démarche, par un aidant", "1 rendez-vous")
}

// Seats that are kept for a commune go to whom the clerk says lives there, and to nobody else.
func TestAClerkTakesASeatThatIsKept(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(1, func(in *agenda.NewSeries) {
		in.Waiting, in.Quotas = false, []agenda.Quota{{Seats: 1, Kind: agenda.ForCommune, Value: "17415"}}
	})
	path := "/pro/agenda/inscrire/" + strconv.FormatInt(int64(e.Number), 10)
	form := url.Values{"name": {"Personne Exemple"}, "phone": {"05 36 49 00 41"}}
	for commune, want := range map[string]int{"": http.StatusConflict, "Rochefort": http.StatusConflict, "Xyzzyx": http.StatusUnprocessableEntity} {
		form.Set("commune", commune)
		if res, _ := n.as(who.Account, http.MethodPost, path, form); res.StatusCode != want {
			t.Errorf("of %q it answers %d", commune, res.StatusCode)
		}
	}
	form.Set("commune", "Saintes")
	n.send(who.Account, path, form)
	n.page(who.Account, dayPath(e), "1 inscrit sur 1")
}

// A seat that is freed is held for who waits first; on the telephone the team says yes for her.
func TestAnOfferIsAcceptedOnTheTelephone(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(1)
	first, second := n.guest(e.ID, "Personne Exemple", "05 36 49 00 41"), n.guest(e.ID, "Autre Exemple", "05 36 49 00 42")
	path := dayPath(e)
	n.page(who.Account, path, "Attend, rang 1", "!cette place est prise")
	n.send(who.Account, "/pro/agenda/inscriptions/"+string(first.ID), url.Values{"action": {"annuler"}})
	n.page(who.Account, path, "Place gardée jusqu'à", "Oui, cette place est prise", "1 personne ne vient plus")
	n.send(who.Account, path, url.Values{"action": {"accepter"}, "inscription": {string(second.ID)}})
	n.page(who.Account, path, "1 inscrit sur 1", "!Place gardée")
	res, body := n.as(who.Account, http.MethodPost, "/pro/agenda/inscriptions/"+string(first.ID), url.Values{"action": {"annuler"}})
	if res.StatusCode != http.StatusConflict {
		t.Errorf("cancelled twice, it answers %d", res.StatusCode)
	}
	holds(t, "the booking", body, "déjà annulée")
}
