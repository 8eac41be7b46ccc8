package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place"
)

// moderated gives the team something to do: a place to read, a report, a difference. It returns the reference of the place.
func moderated(t *testing.T, n *apptest.Node) string {
	t.Helper()
	sent, _ := declared(t, n, "Tiers-lieu d'essai")
	if _, err := n.Places.Report(t.Context(), place.NewReport{Place: 1, Topics: []place.Topic{place.WrongHours}, Text: "Fermé le mardi.", Contact: "habitant@viaduc.example"}); err != nil {
		t.Fatal(err)
	}
	differ(t, n)
	n.Reload()
	return sent.Reference
}

// declared is a new place that waits for the team, and the token of its link.
func declared(t *testing.T, n *apptest.Node, name string) (place.Declaration, string) {
	t.Helper()
	ctx := t.Context()
	d, token, err := n.Places.Begin(ctx, "nom", map[string]string{
		"nom": name, "adresse": "4 rue de l'Essai", "code_postal": "17300", "commune": "Rochefort", "code_insee": "17299", "telephone": "05 36 49 00 12",
		"services": place.ServiceAdmin, "horaires": "Mo-Fr 09:00-12:00",
	})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = n.Places.SaveAnswer(ctx, token, place.Answer{Values: map[string]string{}, Email: "structure@viaduc.example"}); err != nil {
		t.Fatal(err)
	}
	if d, err = n.Places.SendDeclaration(ctx, token, d.Version); err != nil {
		t.Fatal(err)
	}
	return d, token
}

// differ has a file say otherwise than what was confirmed here of place 1.
func differ(t *testing.T, n *apptest.Node) {
	t.Helper()
	p, err := n.Places.Stored(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"telephone": "05 36 49 00 01"}); err != nil {
		t.Fatal(err)
	}
	row := strings.Join([]string{p.StandardID, p.Pivot, p.Name, p.Commune, p.Postcode, p.CommuneCode, p.Address, p.UpdatedOn, "+33536490002", p.Source}, ";")
	n.ImportText("id;pivot;nom;commune;code_postal;code_insee;adresse;date_maj;telephone;source\n" + row + "\n")
}

// D5, and the rest of an officer's morning: what waits is on top; a place is read and accepted, a report put right, a
// difference decided, a place confirmed, an edit undone; two windows at once lose nothing.
func TestD5AnOfficersMorning(t *testing.T) {
	n := apptest.Demo(t)
	moderated(t, n)
	b := browser.Start(t)
	tab := staff(t, b, n, n.Person(identity.Officer)[0].Account)
	tab.Open(n.URL + "/pro")
	tab.ClickText("Le recensement")
	says(t, tab, "1 fiche à relire", "1 signalement à traiter", "1 différence à trancher")

	tab.ClickText("1 fiche à relire")
	tab.ClickText("Tiers-lieu d'essai")
	says(t, tab, "Nouveau lieu", "4 rue de l'Essai", "05 36 49 00 12")
	press(tab, `button[value="accepter"]`)
	says(t, tab, "La fiche est acceptée", "Aucune fiche n'attend")
	n.Reload()
	tab.Open(n.URL + "/lieux?ou=Rochefort")
	if !strings.Contains(tab.Text("main"), "Tiers-lieu d'essai") {
		t.Error("residents do not see the new place")
	}

	tab.Open(n.URL + "/pro/lieux")
	tab.ClickText("1 signalement à traiter")
	says(t, tab, "Fermé le mardi")
	tab.ClickText("Modifier la fiche")
	tab.Type(`textarea[name="horaires"]`, "Mo,We-Fr 09:00-12:00")
	other := staff(t, b, n, n.Person(identity.Administrator)[0].Account)
	other.Open(tab.URL())
	press(tab, `form button:not([name])`)
	says(t, tab, "C'est enregistré")
	if changes, err := n.Places.History(t.Context(), 1); err != nil || len(changes[0].Fields) != 1 {
		t.Errorf("a form that changed one field changed %+v, %v", changes[0].Fields, err)
	}
	other.Type(`textarea[name="horaires"]`, "Mo-Tu 10:00-11:00")
	other.Type(`input[name="telephone"]`, "05 36 49 00 09")
	press(other, `form button:not([name])`)
	if other.Status() != http.StatusConflict {
		t.Errorf("the second window is answered %d", other.Status())
	}
	says(t, other, "Deux modifications en même temps", "Mo,We-Fr 09:00-12:00", "Mo-Tu 10:00-11:00", "05 36 49 00 09")
	press(other, "main form button")
	says(t, other, "choisissez une des deux valeurs")
	other.Click(`input[name="horaires"][value="ici"]`)
	press(other, "main form button")
	says(t, other, "C'est enregistré", "05 36 49 00 09", "Mo,We-Fr 09:00-12:00")

	tab.Open(n.URL + "/pro/lieux/signalements")
	press(tab, `button[value="corrige"]`)
	says(t, tab, "Aucun signalement n'attend")
	tab.Open(n.URL + "/pro/lieux/1")
	tab.ClickText("Tout est juste")
	press(tab, "main form button")
	says(t, tab, "tout est juste aujourd'hui")
	tab.ClickText("Historique")
	tab.ClickText("Voir cet état")
	says(t, tab, "Ce qui change")
	press(tab, "main form button")
	says(t, tab, "L'historique garde les deux")
	n.Reload()
	tab.Open(n.URL + "/pro/lieux")
	if strings.Contains(tab.Text("main"), "signalement à traiter") {
		t.Error("what was done still waits")
	}
}

// The link of the yearly question shows the facts and one button; opening it changes nothing.
func TestTheYearlyLinkConfirms(t *testing.T) {
	n := apptest.Demo(t)
	if _, err := n.Places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"date_maj": "2024-01-01", "viaduc_verifie_le": "", "courriels": "lieu@viaduc.example"}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Places.AskAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	box, err := n.Notices.Outbox(t.Context(), identity.TheSystem(), 50)
	if err != nil {
		t.Fatal(err)
	}
	link := ""
	for _, m := range box {
		if _, rest, ok := strings.Cut(m.Text, place.ConfirmPath); ok && m.To == "lieu@viaduc.example" {
			link = n.URL + place.ConfirmPath + strings.Fields(rest)[0]
		}
	}
	if link == "" {
		t.Fatal("no link was mailed")
	}
	b := browser.Start(t)
	audit.Page(t, b, link, audit.Resident).Check(t)
	tab := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640))
	tab.Open(link)
	says(t, tab, "Tout est encore juste", "Adresse", "Non, corriger")
	if p, _ := n.Places.Stored(t.Context(), 1); p.VerifiedOn != "" {
		t.Error("opening the link changed something")
	}
	press(tab, "main form button")
	says(t, tab, "Merci")
	if p, _ := n.Places.Stored(t.Context(), 1); p.VerifiedOn != "2026-05-04" {
		t.Errorf("verified on %q", p.VerifiedOn)
	}
	tab.Open(link)
	if tab.Status() != http.StatusNotFound {
		t.Errorf("a link that was used answers %d", tab.Status())
	}
}
