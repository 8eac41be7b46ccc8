package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/agenda"
)

const (
	sessionID = "01890000-0000-7000-8000-000000000010"
	fixedID   = "01890000-0000-7000-8000-000000000011"
)

// A session is ended on one page: who came, how many without a name, a note; then whoever came has her next appointment without anything typed again.
func TestASessionIsEndedOnOnePage(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(8)
	came, missed := n.guest(e.ID, "Personne Exemple", "05 36 49 00 41"), n.guest(e.ID, "Autre Exemple", "05 36 49 00 42")
	path := dayPath(e)
	n.page(who.Account, path, "!/fin\"")
	n.page(who.Account, path+"/fin", "n'a pas commencé", "!<form method=\"post\" action=\""+path+"/fin")
	n.send(who.Account, path, url.Values{"action": {"etat"}, "comme": {"in_progress"}})
	n.send(who.Account, path, url.Values{"action": {"marquer"}, "inscription": {string(came.ID)}, "comme": {"arrived"}})
	n.page(who.Account, path, "Terminer la séance", path+"/fin")
	body := n.page(who.Account, path+"/fin", "Personne Exemple", "Autre Exemple", "Venu en partie", "N'écrivez rien sur une personne")
	if strings.Count(body, " checked") != 1 {
		t.Errorf("%d answers are given before anybody answers", strings.Count(body, " checked"))
	}

	// What is wrong comes back filled.
	form := url.Values{"id": {sessionID}, "p-" + string(came.ID): {"partly"}, "heads": {"3"}, "first": {"2"}, "note": {"Prévoir une rallonge"}}
	res, body := n.as(who.Account, http.MethodPost, path+"/fin", form)
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("somebody is left out: %d", res.StatusCode)
	}
	holds(t, "the form", body, "<title>Erreur", "Dites si cette personne est venue", `href="#p-`+string(missed.ID), `value="partly" checked`, `value="3"`, "Prévoir une rallonge", sessionID)
	form.Set("first", "beaucoup")
	form.Set("reste", "oui")
	if res, body = n.as(who.Account, http.MethodPost, path+"/fin", form); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "pas plus que de personnes sans nom") {
		t.Errorf("what is no number: %d", res.StatusCode)
	}

	form.Set("first", "2")
	for range 2 { // sent twice
		if to := n.send(who.Account, path+"/fin", form); !strings.HasPrefix(to, path+"/fin?fait=") {
			t.Errorf("it leads to %s", to)
		}
	}
	n.page(who.Account, path+"/fin", "La séance est terminée", "Prévoir une rallonge", "3 personnes", "Rouvrir la séance", "/pro/agenda/inscrire?pour="+string(came.ID), "!pour="+string(missed.ID))
	n.page(who.Account, path, "3 personnes venues sans inscription", "!name=\"combien\"", "Ce qui est noté")

	// The next appointment: the name and the telephone are there, and in no address.
	body = n.page(who.Account, "/pro/agenda/inscrire?pour="+string(came.ID), "Pour Personne Exemple")
	next := between(body, `href="/pro/agenda/inscrire/`, `"`)
	if len(next) == 0 {
		t.Fatal("no date is offered")
	}
	to := "/pro/agenda/inscrire/" + strings.ReplaceAll(next[0], "&amp;", "&")
	if !strings.Contains(to, "pour="+string(came.ID)) || strings.Contains(to, "Exemple") {
		t.Errorf("it leads to %s", to)
	}
	n.page(who.Account, to, `value="Personne Exemple"`, "05 36 49 00 41")
	if res, _ := n.as(who.Account, http.MethodGet, "/pro/agenda/inscrire?pour="+sessionID, nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("nobody's booking: %d", res.StatusCode)
	}

	// It is corrected, then opened again.
	n.page(who.Account, path+"/fin?corriger=oui", `value="no_show" checked`, `value="3"`)
	form.Set("id", fixedID)
	form.Set("heads", "4")
	n.send(who.Account, path+"/fin", form)
	n.page(who.Account, path+"/fin", "4 personnes")
	n.send(who.Account, path, url.Values{"action": {"etat"}, "comme": {string(agenda.InProgress)}})
	n.page(who.Account, path, "En cours", "4 personnes venues sans inscription")
}
