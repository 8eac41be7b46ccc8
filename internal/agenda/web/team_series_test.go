package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
)

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
	holds(t, "preview", body, "5 dates en tout", "Mairie, Rochefort")
	form.Set("commune", "17620") // a postal code of several communes
	res, body = n.as(who, http.MethodPost, "/pro/agenda/ajouter", form)
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a commune that is not sure answers %d", res.StatusCode)
	}
	holds(t, "the form", body, "Nous ne trouvons pas cette commune")
	form.Set("commune", "Rochefort")
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
	again, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.URL+first, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Header.Set("If-None-Match", res.Header.Get("ETag"))
	if res, err = http.DefaultClient.Do(again); err != nil || res.StatusCode != http.StatusNotModified {
		t.Errorf("an agenda that has it takes it again: %v, %v", res, err)
	}
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
