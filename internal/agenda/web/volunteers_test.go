package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

func TestAWeekOfVolunteers(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := team{start(), t}
		const path = "/pro/agenda/benevoles"
		manager, volunteer := n.Person(identity.Manager)[0].Account, n.Person(identity.Volunteer)[0].Account
		refused := func(form url.Values, words ...string) {
			t.Helper()
			res, body := n.as(manager, http.MethodPost, path, form)
			if res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusConflict {
				t.Errorf("answers %d", res.StatusCode)
			}
			holds(t, path, body, words...)
		}
		refused(url.Values{"action": {"ajouter"}, "role": {"Accueil"}, "jour": {"demain"}, "debut": {"9 h"}, "fin": {"8 h"}}, "Écrivez une date", "15 minutes au moins", "combien de personnes", `value="Accueil"`)
		shift := url.Values{"action": {"ajouter"}, "role": {"Accueil"}, "jour": {"07/05/2026"}, "debut": {"14 h"}, "fin": {"17 h"}, "besoin": {"1"}, "salle": {"Salle bleue"}}
		to := n.send(manager, path, shift)
		body := n.page(volunteer, to, "jeudi 7 mai, de 14 h à 17 h", "Salle bleue", "Il manque 1 personne", "!Ajouter un créneau")
		of := between(body, `<option value="`, `"`)[0]
		twice := n.send(manager, path, shift)
		body = n.page(manager, twice, "Il manque 2 personnes", "Supprimer ce créneau")
		for _, one := range between(body, `<option value="`, `"`) {
			if one != of {
				n.page(manager, n.send(manager, path, url.Values{"action": {"supprimer"}, "semaine": {"2026-W19"}, "creneau": {one}}), "Il manque 1 personne")
				break
			}
		}
		someone := url.Values{"action": {"inscrire"}, "semaine": {"2026-W19"}, "creneau": {of}, "nom": {"Fatima Exemple"}}
		refused(someone, "téléphone", `value="Fatima Exemple"`)
		someone.Set("telephone", "05 36 49 01 80")
		n.page(manager, n.send(manager, path, someone), "Fatima E.", "!Fatima Exemple", "Complet", "Attendu", "!Pas venu")
		refused(url.Values{"action": {"supprimer"}, "semaine": {"2026-W19"}, "creneau": {of}}, "Désinscrivez d'abord")
		someone.Set("nom", "Ahmed Exemple")
		refused(someone, "complet", `value="Ahmed Exemple"`)
		n.Clock.Move(time.Date(2026, 5, 7, 18, 0, 0, 0, n.Clock.Now().Location()).Sub(n.Clock.Now()))
		body = n.page(manager, path+"?semaine=2026-W19", "Terminé", "3 h 00", "Pas venu")
		mark := url.Values{"action": {"venu"}, "semaine": {"2026-W19"}, "creneau": {of}, "benevole": {between(body, `name="benevole" value="`, `"`)[0]}, "heures": {"longtemps"}}
		refused(mark, "Écrivez les heures faites")
		mark.Set("heures", "2 h 30")
		for range 2 {
			n.page(manager, n.send(manager, path, mark), "Venu, 2 h 30", "!Désinscrire")
		}
	})
}
