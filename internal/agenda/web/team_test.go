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

const rochefort = "17299"

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
	n.page(who.Account, path, "En cours", "Terminer", "commencé, par")
	n.send(who.Account, path, url.Values{"action": {"retard"}, "minutes": {"20"}})
	n.page(who.Account, path, "Retard de 20 minutes", "Nous sommes à l'heure")
	for _, wrong := range []url.Values{
		{"action": {"retard"}, "minutes": {"bientôt"}}, {"action": {"retard"}}, {"action": {"etat"}, "comme": {"planned"}}, {"action": {"rien"}},
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

// M6: the dates are shown, with those that holidays take away, before anything is saved; and only what was seen is saved.
func TestDatesAreSeenBeforeTheyAreSaved(t *testing.T) {
	n := newTeam(t)
	who := n.Person(identity.Mediator)[0].Account
	n.page(who, "/pro/agenda/ajouter", "Voir les dates", "!Enregistrer", "Médiation")
	form := url.Values{
		"mode": {"walk_in"}, "title": {"Permanence (exemple)"}, "commune": {"Rochefort"}, "venue": {"Mairie"}, "frequence": {"1"}, "jours": {"5"}, "starts": {"08/05/2026"}, "until": {"26/06/2026"},
		"minute": {"9 h 30"}, "fin": {"12 h"}, "feries": {"skip"}, "ecole": {"term"}, "members": {string(who)}, "action": {"enregistrer"},
	}
	res, body := n.as(who, http.MethodPost, "/pro/agenda/ajouter", form) // unseen: shown first
	if res.StatusCode != http.StatusOK {
		t.Fatalf("it answers %d\n%s", res.StatusCode, body)
	}
	holds(t, "preview", body, "vendredi 22 mai 2026, de", "vendredi 19 juin 2026, de", "!vendredi 26 juin 2026, de", "6 dates en tout", "vendredi 8 mai 2026 : ", "vendredi 15 mai 2026 : vacances scolaires", "de 9 h 30 à 12 h", "Enregistrer et publier", "Garder en brouillon")
	_, rest, _ := strings.Cut(body, `name="vu" value="`)
	seen, _, _ := strings.Cut(rest, `"`)
	form.Set("vu", seen)
	form.Set("until", "19/06/2026")
	if res, body = n.as(who, http.MethodPost, "/pro/agenda/ajouter", form); res.StatusCode != http.StatusOK {
		t.Fatalf("other dates than those seen are answered %d", res.StatusCode)
	}
	holds(t, "preview", body, "5 dates en tout")
	form.Set("until", "26/06/2026")
	to := n.send(who, "/pro/agenda/ajouter", form)
	body = n.page(who, to, "Permanence (exemple)", "L'activité est enregistrée", "tous les vendredis", "Publié")
	_, rest, _ = strings.Cut(body, `href="/pro/agenda/activites/`)
	id, _, _ := strings.Cut(rest, `"`)
	path := "/pro/agenda/activites/" + id
	n.page(who, path, `value="9 h 30"`, `value="12 h 00"`, `value="08/05/2026"`, "Arrêter cette activité", `value="5" checked`)
	n.page(who, "/pro/agenda?semaine=2026-W21", "Permanence (exemple)", "0 personne venue sans inscription")

	form.Set("version", "1")
	form.Set("minute", "10 h")
	form.Set("vu", strings.Replace(seen, "|570|150|", "|600|120|", 1))
	n.send(who, path, form)
	n.page(who, "/pro/agenda?semaine=2026-W21", "jusqu'à 12 h", "<strong>10 h</strong>")
	res, body = n.as(who, http.MethodPost, path, form) // an old version
	if res.StatusCode != http.StatusConflict {
		t.Errorf("a stale version answers %d", res.StatusCode)
	}
	holds(t, path, body, "Quelqu'un a changé cette fiche")
	n.send(who, path, url.Values{"action": {"ajouter"}, "on": {"09/05/2026"}, "heure": {"15h"}})
	n.page(who, "/pro/agenda?semaine=2026-W19", "<strong>15 h</strong>")
	n.page(who, path+"/arreter", "7 dates à venir seront annulées")
	if res, _ := n.as(who, http.MethodPost, path+"/arreter", url.Values{}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a reason it answers %d", res.StatusCode)
	}
	n.send(who, path+"/arreter", url.Values{"reason": {"La salle ferme"}})
	n.page(who, "/pro/agenda/activites", "Arrêté")
	if res, _ := n.as(n.Person(identity.Manager)[1].Account, http.MethodGet, path, nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("another structure is answered %d", res.StatusCode)
	}
}

// All that is wrong is said at once, beside each question, in the words of the form.
func TestAnActivityThatIsWrong(t *testing.T) {
	n := newTeam(t)
	who := n.Person(identity.Mediator)[0].Account
	form := url.Values{
		"mode": {"workshop"}, "commune": {"Xyzzyx"}, "frequence": {"1"}, "starts": {"demain"}, "minute": {"25"}, "fin": {"midi"}, "capacity": {"beaucoup"}, "place": {"999999"},
		"quota_places_1": {"3"}, "quota_genre_1": {"commune"}, "quota_valeur_1": {"Xyzzyx"}, "host_email": {"rien"},
	}
	res, body := n.as(who, http.MethodPost, "/pro/agenda/ajouter", form)
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("it answers %d", res.StatusCode)
	}
	holds(t, "the form", body, "<title>Erreur", "Écrivez un nom", "Aucun lieu n'a ce numéro", "Écrivez une date", "Écrivez une heure", "Écrivez un nombre de places", "pour qui",
		"Écrivez une adresse e-mail", `href="#fin"`, `href="#quota_places_1"`, `value="demain"`, "!Enregistrer")
}

// P3: a partner proposes, an officer publishes or refuses with a reason that the partner reads.
func TestAPartnerProposesAndAnOfficerDecides(t *testing.T) {
	n := newTeam(t)
	partner, officer := n.Person(identity.Partner)[0].Account, n.Person(identity.Officer)[0].Account
	propose := func(title string) {
		t.Helper()
		form := url.Values{"title": {title}, "summary": {"Venez essayer."}, "commune": {"Saintes"}, "venue": {"Hall"}, "starts": {"16/05/2026"}, "heures": {"14 h à 17 h"}, "action": {"enregistrer"}}
		res, body := n.as(partner, http.MethodPost, "/pro/agenda/proposer", form)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("it answers %d\n%s", res.StatusCode, body)
		}
		holds(t, "preview", body, "samedi 16 mai 2026, de 14 h à 17 h", "1 date en tout", "Proposer</button>")
		_, rest, _ := strings.Cut(body, `name="vu" value="`)
		seen, _, _ := strings.Cut(rest, `"`)
		form.Set("vu", seen)
		n.send(partner, "/pro/agenda/proposer", form)
	}
	propose("Fête (exemple)")
	n.page(partner, "/pro/agenda/activites", "Fête (exemple)", "Proposé, à décider", "!Ajouter une activité")
	decide := func(form url.Values) string {
		t.Helper()
		body := n.page(officer, "/pro/agenda/activites", "Proposé, à décider")
		_, rest, _ := strings.Cut(body, `href="/pro/agenda/activites/`)
		path, _, _ := strings.Cut(rest, `"`)
		path = "/pro/agenda/activites/" + path
		n.page(officer, path, "CCAS (exemple)", "Publier", "Refuser", "samedi 16 mai")
		if form != nil {
			n.send(officer, path, form)
		}
		return path
	}
	path := decide(nil)
	if res, _ := n.as(officer, http.MethodPost, path, url.Values{"action": {"refuser"}}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a refusal without a reason answers %d", res.StatusCode)
	}
	decide(url.Values{"action": {"publier"}})
	if found := n.Agenda.Index().Search(agenda.Query{Mode: agenda.Event}); len(found) != 1 {
		t.Errorf("residents see %d events", len(found))
	}
	propose("Vente (exemple)")
	decide(url.Values{"action": {"refuser"}, "reason": {"Ce n'est pas une aide"}})
	n.page(partner, "/pro/agenda/activites", "Refusé", "Ce n'est pas une aide")
	res, body := n.as(partner, http.MethodPost, "/pro/agenda/proposer", url.Values{"heures": {"bientôt"}})
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a proposal without answers is answered %d", res.StatusCode)
	}
	holds(t, "the form", body, "Écrivez deux heures", `href="#heures"`, "Choisissez une commune")
}

func TestReasonsAndAuthorisations(t *testing.T) {
	n := newTeam(t)
	who := n.Person(identity.Mediator)[0].Account
	res, body := n.as(who, http.MethodPost, "/pro/agenda/motifs", url.Values{"minutes": {"deux"}})
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a reason without a name answers %d", res.StatusCode)
	}
	holds(t, "the form", body, "Écrivez un motif", "Écrivez une durée en minutes")
	n.send(who, "/pro/agenda/motifs", url.Values{"name": {"Faire une démarche"}, "minutes": {"30"}, "bookable_by": {"helpers"}})
	body = n.page(who, "/pro/agenda/motifs", "Faire une démarche", "30 minutes", "Les équipes, pour quelqu'un")
	_, rest, _ := strings.Cut(body, "/pro/agenda/motifs?motif=")
	id, _, _ := strings.Cut(rest, `"`)
	n.page(who, "/pro/agenda/motifs?motif="+id, `value="Faire une démarche"`, "Changer ce motif")
	n.send(who, "/pro/agenda/motifs", url.Values{"id": {id}, "version": {"1"}, "name": {"Faire une démarche"}, "minutes": {"45"}, "bookable_by": {"everyone"}, "retired": {"oui"}})
	n.page(who, "/pro/agenda/motifs", "45 minutes", "Plus proposé")

	e, _ := n.workshop(3)
	n.send(who, "/pro/agenda/inscrire/"+strconv.FormatInt(int64(e.Number), 10), url.Values{"name": {"Camille Exemple"}, "phone": {"05 36 49 00 41"}})
	const skills = "/pro/agenda/autorisations"
	n.page(who, skills, "Nom ou téléphone")
	_, body = n.as(who, http.MethodPost, skills, url.Values{"action": {"chercher"}, "nom": {"Inconnue"}})
	holds(t, skills, body, "Nous ne connaissons personne de ce nom")
	_, body = n.as(who, http.MethodPost, skills, url.Values{"action": {"chercher"}, "nom": {"Camille"}})
	holds(t, skills, body, "Camille Exemple")
	_, rest, _ = strings.Cut(body, "personne=")
	someone, _, _ := strings.Cut(rest, `"`)
	form := url.Values{"action": {"autoriser"}, "personne": {someone}, "skill": {"Découpe laser"}, "expires": {"hier"}}
	if res, _ = n.as(who, http.MethodPost, skills, form); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none answers %d", res.StatusCode)
	}
	form.Set("expires", "31/12/2026")
	to := n.send(who, skills, form)
	body = n.page(who, to, "Camille Exemple", "Découpe laser", "Jusqu'au jeudi 31 décembre 2026", "Retirer")
	_, rest, _ = strings.Cut(body, `name="autorisation" value="`)
	id, _, _ = strings.Cut(rest, `"`)
	to = n.send(who, skills, url.Values{"action": {"retirer"}, "personne": {someone}, "autorisation": {id}})
	n.page(who, to, "Finie", "!Retirer")
	if res, _ = n.as(n.Person(identity.Manager)[1].Account, http.MethodPost, skills, form); res.StatusCode != http.StatusNotFound {
		t.Errorf("another structure is answered %d", res.StatusCode)
	}
}

// The secret calendar says how many come and nobody's name; once its address is changed, the old one leads nowhere.
func TestTheSecretCalendar(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(3)
	n.guest(e.ID, "Camille Exemple", "05 36 49 00 41")
	address := func() string {
		t.Helper()
		body := n.page(who.Account, "/pro/agenda/calendrier", "Mon calendrier")
		_, rest, _ := strings.Cut(body, agenda.FeedPath)
		token, _, _ := strings.Cut(rest, `"`)
		return agenda.FeedPath + token
	}
	first := address()
	res, body := n.Get(first)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || res.Header.Get("Cache-Control") != "no-store" || !strings.Contains(res.Header.Get("X-Robots-Tag"), "noindex") {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	holds(t, first, body, "BEGIN:VCALENDAR\r\n", "SUMMARY:Atelier tablette (exemple)", "DTSTART:20260504T120000Z", "DESCRIPTION:1 inscrit sur 3", "LOCATION:Salle du port\\, Rochefort", "!Camille", "END:VCALENDAR\r\n")
	n.send(who.Account, "/pro/agenda/calendrier", nil)
	if second := address(); second == first {
		t.Error("the address did not change")
	}
	for _, lost := range []string{first, strings.TrimSuffix(first, ".ics"), agenda.FeedPath + "jeton.ics"} {
		if res, _ := n.Get(lost); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", lost, res.StatusCode)
		}
	}
}
