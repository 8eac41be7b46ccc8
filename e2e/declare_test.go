package e2e_test

import (
	"testing"

	"viaduc/e2e/audit"
	"viaduc/internal/app/apptest"
	"viaduc/internal/place"
	"viaduc/internal/territory"
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
	if _, ok := n.Territory.Drawing(territory.Area{Kind: territory.CommuneArea, Code: "17299"}); ok {
		list = append(list, page{"declarer-carte", path + "/carte", audit.Resident})
	}
	return list
}
