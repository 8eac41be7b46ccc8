package web_test

import (
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
)

// A filter says how many places do not tell what it asks, those whose hours nobody can read among them.
func TestFiltersSayWhoIsSilent(t *testing.T) {
	n := apptest.New(t)
	n.ImportText("id,pivot,nom,commune,code_postal,adresse,date_maj,horaires,frais_a_charge,prise_en_charge_specifique,modalites_accompagnement\n" +
		"A,00000000000000,Un,Saintes,17100,rue,2026-01-05,Mo-Fr 08:00-18:00,Gratuit,Handicaps moteurs,Accompagnement individuel\n" +
		"B,00000000000000,Deux,Saintes,17100,rue,2026-01-05,,,,\n" +
		"C,00000000000000,Trois,Saintes,17100,rue,2026-01-05,demandez au café,Payant,,\n")
	for query, want := range map[string]string{
		"":                             "",
		"?besoin=demarches":            "",
		"?avec=pass&avec=jeunes":       "",
		"?aide=non-dit":                "",
		"?quand=maintenant":            "Quand : 2 lieux sur 3 ne disent pas leurs horaires.",
		"?avec=gratuit":                "Prix : 1 lieu sur 3 ne dit pas s'il est gratuit.",
		"?avec=fauteuil":               "Accueil : 2 lieux sur 3 ne disent rien de leur accueil.",
		"?avec=anglais&avec=langues":   "Accueil : 2 lieux sur 3 ne disent rien de leur accueil.",
		"?aide=mediateur":              "Aide : 2 lieux sur 3 ne disent pas quelle aide ils donnent.",
		"?quand=matin&avec=gratuit":    "Quand : 2 lieux sur 3 ne disent pas leurs horaires. Prix : 1 lieu sur 3 ne dit pas s'il est gratuit.",
		"?quand=maintenant&avec=toile": "Quand : 2 lieux sur 3 ne disent pas leurs horaires.",
	} {
		_, page := n.Get("/lieux" + query)
		_, after, found := strings.Cut(page, `</p>`+"\n"+`<p class="aide">`)
		got, _, _ := strings.Cut(after, "</p>")
		if !found {
			got = ""
		}
		if got = strings.NewReplacer("\u00a0", " ", "&#39;", "'").Replace(got); got != want {
			t.Errorf("/lieux%s says %q, want %q", query, got, want)
		}
	}
}

// A place that may be gone says so in the list and on its page, and the home page sends nobody there.
func TestPlacesToCheckSaySo(t *testing.T) {
	n := apptest.Demo(t)
	_, list := n.Get("/lieux?ou=Rochefort&aide=wifi")
	if strings.Contains(list, "À vérifier") {
		t.Fatal("a place of the example is to be checked already: the test shows nothing")
	}
	const name = "Maison France services de Rochefort"
	if _, home := n.Get("/"); !strings.Contains(home, name) {
		t.Fatal("the home page does not show the place: the test shows nothing")
	}
	n.LosePlace("Exemple_003")
	_, page := n.Get(n.PlacePath(3))
	if !strings.Contains(page, "Nous ne savons pas si ce lieu existe encore") || !strings.Contains(page, name) {
		t.Error("the page does not say it")
	}
	_, list = n.Get("/lieux?ou=Rochefort")
	_, list, _ = strings.Cut(list, `<ol class="lieux">`)
	card, _, _ := strings.Cut(list[strings.Index(list, name):], "</li>")
	if !strings.Contains(strings.ReplaceAll(card, "\u00a0", " "), "À vérifier : appelez avant de venir") {
		t.Errorf("the card does not say it: %s", card)
	}
	if _, home := n.Get("/"); strings.Contains(home, name) {
		t.Error("the home page sends people there")
	}
}
