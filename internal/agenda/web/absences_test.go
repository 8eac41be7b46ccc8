package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

const absencesPath = "/pro/agenda/equipe/absences"

func TestAnAbsenceIsShownBeforeItIsNoted(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := team{start(), t}
		e, who := n.workshop(8)
		n.guest(e.ID, "Fixe Exemple", "05 36 49 00 41")
		form := url.Values{"action": {"noter"}, "personne": {string(who.Account)}, "motif": {"leave"}, "du": {"demain"}, "debut": {"25 h"}}
		res, body := n.as(who.Account, http.MethodPost, absencesPath, form)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a day that is none answers %d", res.StatusCode)
		}
		holds(t, absencesPath, body, "Écrivez une date", "Écrivez une heure", `value="demain"`)
		form.Set("du", "04/05/2026")
		form.Set("debut", "13 h")
		res, body = n.as(who.Account, http.MethodPost, absencesPath, form)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%d", res.StatusCode)
		}
		holds(t, absencesPath, body, "1 date est prévue pendant cette absence", "Atelier tablette (exemple)", "1 inscrit sur 8", "Personne d'autre n'y travaille",
			dayPath(e)+"/modifier", dayPath(e)+"/annuler", "Rien n'est annulé", "Personne n'a noté d'absence", `value="13 h"`)
		form.Set("vu", between(body, `name="vu" value="`, `"`)[0])
		for range 2 {
			n.page(who.Account, n.send(who.Account, absencesPath, form), "L'absence est notée", "lundi 4 mai, à partir de 13 h", "Congé")
		}
		body = n.page(who.Account, absencesPath)
		if strings.Count(body, `name="absence"`) != 1 {
			t.Error("sent twice, it is there twice")
		}
		of := between(body, `name="absence" value="`, `"`)[0]
		to := n.send(who.Account, absencesPath, url.Values{"action": {"retirer"}, "absence": {of}})
		n.page(who.Account, to, "L'absence est retirée", "Remettre cette absence", of, "Personne n'a noté d'absence")
		n.page(who.Account, n.send(who.Account, absencesPath, url.Values{"action": {"remettre"}, "absence": {of}}), "lundi 4 mai, à partir de 13 h")
	})
}

func TestWhoeverIsAwayIsPlannedOnPurpose(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(8)
	path := dayPath(e) + "/modifier"
	alone := url.Values{"action": {"changer"}, "commune": {"Rochefort"}, "venue": {"Salle du port"}, "capacity": {"8"}}
	n.send(who.Account, path, alone)
	n.send(who.Account, absencesPath, url.Values{"action": {"noter"}, "personne": {string(who.Account)}, "motif": {"training"}, "du": {"4/5/2026"}})
	back := url.Values{"members": {string(who.Account)}}
	for k, v := range alone {
		back[k] = v
	}
	res, body := n.as(who.Account, http.MethodPost, path, back)
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("%d", res.StatusCode)
	}
	holds(t, path, body, "absence notée à cette date", "enregistrez encore une fois", "checked")
	back.Set("absents", between(body, `name="absents" value="`, `"`)[0])
	n.page(who.Account, n.send(who.Account, path, back), "C'est enregistré")
	n.page(who.Account, n.send(who.Account, path, back), "C'est enregistré")
}

func TestAVolunteerNotesTheirOwnAbsenceAlone(t *testing.T) {
	n := newTeam(t)
	volunteer := n.Person(identity.Volunteer)[0]
	n.page(volunteer.Account, absencesPath, "Moi", "!"+string(n.Person(identity.Mediator)[0].Account))
	n.page(volunteer.Account, "/pro/agenda", absencesPath)
}
