package e2e_test

import (
	"regexp"
	"strings"
	"testing"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place"
)

// drafted is the address of a draft that says something.
func drafted(t *testing.T, n *apptest.Node) string {
	t.Helper()
	c := n.Territory.Gazetteer().Postcode("17300")[0]
	_, token, err := n.Places.Begin(t.Context(), "courriel", map[string]string{
		"nom": "Le Tiers-Lieu d'essai", "adresse": "4 rue de l'Essai", "code_postal": "17300", "commune": c.Name, "code_insee": c.Code, "telephone": "05 36 49 00 12",
		"horaires": "Mo-Fr 09:00-12:30,14:00-17:30; PH off", "services": place.ServiceAdmin + "|" + place.ServiceBasics, "viaduc_offre": "mediateur",
		"presentation_resume": "Une conseillère vous aide le mardi.",
	})
	if err != nil {
		t.Fatal(err)
	}
	return place.DeclarationPath + token
}

// sent is the address of a declaration that waits for the team.
func sent(t *testing.T, n *apptest.Node) string {
	t.Helper()
	path := drafted(t, n)
	token := path[len(place.DeclarationPath):]
	d, err := n.Places.SaveAnswer(t.Context(), token, place.Answer{Email: "mairie@exemple.example"})
	if err == nil {
		_, err = n.Places.SendDeclaration(t.Context(), token, d.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// declarePages are the pages by which a place is declared and corrected.
func declarePages(t *testing.T, n *apptest.Node) []page {
	t.Helper()
	path := drafted(t, n)
	list := []page{
		{"declarer", "/lieux/declarer", audit.Resident},
		{"declarer-nom", "/lieux/declarer/commencer", audit.Resident},
		{"declarer-reprendre", path, audit.Resident},
		{"declarer-envoyee", sent(t, n), audit.Resident},
		{"declarer-mots", path + "/horaires?mode=mots", audit.Resident},
		{"declarer-perdue", place.DeclarationPath + "jeton", audit.Error},
		{"corriger", pathOf(n, 1) + "/corriger", audit.Resident},
		{"corriger-merci", pathOf(n, 1) + "/corriger/merci", audit.Resident},
	}
	for _, ask := range []string{
		"organisation", "adresse", "position", "offre", "aide", "horaires", "public", "langues", "prix", "acces", "contact", "resume", "courriel",
		"relire", "apercu", "garder", "retirer",
	} {
		list = append(list, page{"declarer-" + ask, path + "/" + ask, audit.Resident})
	}
	list = append(list, page{"declarer-carte", path + "/carte", audit.Resident}, page{"declarer-carte-large", path + "/carte?zone=departement", audit.Resident},
		page{"declarer-carte-pres", path + "/carte?point=45.937+-0.964&pres=oui", audit.Resident})
	return list
}

// An organisation declares its place by keyboard, without any script, on a narrow screen: it keeps its draft, comes back by
// the mailed link, sees its page, sends it, and corrects it later.
func TestDeclareAPlace(t *testing.T) {
	n := apptest.Demo(t)
	tab := resident(t, browser.Start(t))
	next := func() {
		t.Helper()
		tab.TabTo("main form .actions button")
		tab.Press(browser.KeyEnter)
	}
	fill := func(name, text string) {
		t.Helper()
		tab.TabTo(`[name="` + name + `"]`)
		tab.Type(":focus", text)
	}
	tick := func(name, value string) {
		t.Helper()
		one := `[name="` + name + `"][value="` + value + `"]`
		if tab.Attr(one, "type") == "checkbox" {
			tab.TabTo(one)
			tab.Press(browser.KeySpace)
			return
		}
		tab.TabTo(`[name="` + name + `"]`) // into the group, then along it
		tab.Press(browser.KeySpace)
		for range 10 {
			if tab.Count(one+":checked") == 1 {
				return
			}
			tab.Press(browser.KeyDown)
		}
		t.Fatalf("%s cannot be chosen", one)
	}
	asks := func(step, h1 string) {
		t.Helper()
		if got := strings.ReplaceAll(tab.Text("h1"), "\u00a0", " "); got != h1 || !strings.Contains(tab.Text("main"), "Étape "+step+" sur 13") {
			t.Fatalf("step %s asks %q at %s\n%s", step, got, tab.URL(), tab.Text("main"))
		}
	}

	tab.Open(n.URL + "/lieux?ou=Rochefort")
	tab.TabTo(`a[href="/lieux/declarer"]`)
	tab.Press(browser.KeyEnter)
	tab.TabTo(`main a.bouton`)
	tab.Press(browser.KeyEnter)
	asks("1", "Comment s'appelle le lieu ?")
	next()
	refused(t, tab, "Écrivez le nom du lieu.")
	fill("nom", "Le Tiers-Lieu <d'essai>")
	next()
	asks("2", "Qui tient ce lieu ?")
	fill("pivot", "211 702 990 00015")
	next()
	refused(t, tab, "Ce numéro SIRET a une erreur")
	if got := tab.Value(`[name="pivot"]`); got != "211 702 990 00015" {
		t.Errorf("the number came back as %q", got)
	}
	tab.TabTo(`[name="pivot"]`)
	tab.Type(":focus", "211 702 990 00014")
	next()
	asks("3", "Où est le lieu ?")
	fill("adresse", "4 rue de l'Essai")
	fill("code_postal", "17 300")
	fill("commune", "rochefort")

	// Another day: the link by e-mail.
	tab.TabTo(`button[value="garder"]`)
	tab.Press(browser.KeyEnter)
	if tab.Text("h1") != "Reprendre plus tard" {
		t.Fatalf("keeping leads to %q", tab.Text("h1"))
	}
	fill("email", "mairie@exemple.example")
	next()
	if text := tab.Text("main"); !strings.Contains(text, "Nous avons envoyé le lien") {
		t.Errorf("after the e-mail:\n%s", text)
	}
	tab = resident(t, browser.Start(t)) // another machine
	tab.Open(n.URL + linkMailed(t, n, "mairie@exemple.example"))
	if text := tab.Text("main"); tab.Text("h1") != "Reprendre votre fiche" || !strings.Contains(text, "4 rue de l'Essai, 17300 Rochefort") {
		t.Fatalf("the link opens %q\n%s", tab.Text("h1"), text)
	}
	tab.TabTo(`main .actions a.bouton`)
	tab.Press(browser.KeyEnter)
	asks("3", "Où est-ce sur la carte ?")
	tick("endroit", "sans")
	next()
	asks("4", "Que trouve-t-on sur place ?")
	tick("viaduc_offre", "mediateur")
	next()
	asks("5", "À quoi le lieu aide-t-il ?")
	tick("services", place.ServiceAdmin)
	tick("modalites_accompagnement", "Accompagnement individuel")
	next()
	asks("6", "Quand le lieu est-il ouvert ?")
	fill("lundi-matin-de", "9h")
	fill("lundi-matin-a", "12h30")
	tab.TabTo(`button[value="copier"]`)
	tab.Press(browser.KeyEnter)
	if got := tab.Value(`[name="vendredi-matin-a"]`); got != "12h30" {
		t.Errorf("Friday has %q", got)
	}
	next()
	asks("7", "Pour qui est ce lieu ?")
	next()
	asks("8", "Quelles langues parle-t-on sur place ?")
	tick("viaduc_langues", "anglais")
	next()
	asks("9", "Est-ce gratuit ?")
	tick("frais_a_charge", "Gratuit")
	next()
	asks("10", "Comment vient-on ?")
	tick("modalites_acces", "Se présenter")
	next()
	asks("11", "Comment joindre le lieu ?")
	fill("telephone", "05.36.49.00.12")
	next()
	asks("12", "Comment présenter le lieu ?")
	fill("presentation_resume", "Une conseillère vous aide le lundi.")
	next()
	asks("13", "À quelle adresse vous répondre ?")
	next() // the address is there already

	text := tab.Text("main")
	for _, says := range []string{"Le Tiers-Lieu <d'essai>", "Du lundi au vendredi, de 9 h à 12 h 30", "05 36 49 00 12", "Une personne qui aide", "Remplie à"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), says) {
			t.Errorf("the check page does not say %q:\n%s", says, text)
		}
	}
	tab.TabTo(`a[href$="/apercu"]`)
	tab.Press(browser.KeyEnter)
	if text = tab.Text("main"); tab.Text("h1") != "Le Tiers-Lieu <d'essai>" || !strings.Contains(text, "Elle n'est pas encore en ligne") {
		t.Errorf("the preview:\n%s", text)
	}
	tab.TabTo(`.retour a`)
	tab.Press(browser.KeyEnter)
	tab.TabTo(`button[value="envoyer"]`)
	tab.Press(browser.KeyEnter)
	if tab.Text("h1") != "Votre fiche est envoyée" {
		t.Fatalf("the end: %q at %s\n%s", tab.Text("h1"), tab.URL(), tab.Text("main"))
	}
	phoneIsThere(t, tab)
	queue, err := n.Places.SentDeclarations(t.Context())
	if err != nil || len(queue) != 1 || queue[0].Reference != tab.Text(".fait strong") || queue[0].Said("horaires") != "Mo-Fr 09:00-12:30; PH off" {
		t.Fatalf("the team gets %+v, %v", queue, err)
	}
	tab.Reload() // shows the same, and sends nothing again
	if again, err := n.Places.SentDeclarations(t.Context()); err != nil || len(again) != 1 || again[0].Version != queue[0].Version {
		t.Errorf("after a reload: %+v, %v", again, err)
	}

	// Later: the same link corrects it.
	tab.Open(n.URL + linkMailed(t, n, "mairie@exemple.example"))
	tab.TabTo(`button[value="reprendre"]`)
	tab.Press(browser.KeyEnter)
	tab.TabTo(`a[href$="/prix?retour=relire"]`)
	tab.Press(browser.KeyEnter)
	tick("frais_a_charge", "Payant")
	next()
	if text = tab.Text("main"); !strings.Contains(text, "C'est payant") {
		t.Errorf("corrected:\n%s", text)
	}
	tab.TabTo(`button[value="envoyer"]`)
	tab.Press(browser.KeyEnter)
	if tab.Text("h1") != "Votre fiche est envoyée" {
		t.Errorf("sent again: %q", tab.Text("h1"))
	}
}

// linkMailed is the path of the last link that an address was mailed.
func linkMailed(t *testing.T, n *apptest.Node, to string) string {
	t.Helper()
	if _, err := n.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown, err := n.Notices.Outbox(t.Context(), identity.AtCLI(), 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range shown {
		if link := regexp.MustCompile(place.DeclarationPath + `\S+`).FindString(m.Text); m.To == to && link != "" {
			return link
		}
	}
	t.Fatalf("nothing was mailed to %s", to)
	return ""
}
