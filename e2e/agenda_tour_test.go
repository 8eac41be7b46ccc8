package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/person"
)

// The town hall opens a link twice, confirms in one button; for another date it says why it cannot, and who is booked is told.
func TestATownHallConfirmsThenAnotherCallsOff(t *testing.T) {
	n, dates := season(t)
	tab := resident(t, browser.Start(t))
	hosted := dates("Atelier : premiers pas sur la tablette")
	first, second := hosted[0], hosted[1]
	for range 2 {
		tab.Open(n.URL + n.Agenda.HostLink(first.ID))
	}
	says(t, tab, "Nous venons chez vous", "Atelier : premiers pas sur la tablette", "Salle du conseil")
	if tab.Visible("#reason") {
		t.Error("calling off stands beside confirming")
	}
	noSideways(t, tab)
	pressed(tab, `button[value="confirmer"]`)
	says(t, tab, "C'est confirmé, merci")
	n.Reload()
	if now, _ := n.Agenda.Index().ByID(first.ID); now.State != agenda.HostConfirmed {
		t.Errorf("confirmed: %s", now.State)
	}

	link := n.Agenda.HostLink(second.ID)
	if err := n.Agenda.HostConfirms(t.Context(), strings.TrimPrefix(link, agenda.HostPath)); err != nil {
		t.Fatal(err)
	}
	c, err := n.Agenda.Book(t.Context(), identity.Nobody(), agenda.NewBooking{Occurrence: second.ID, Who: person.New{Name: "Camille Exemple", Phone: "06 39 98 00 41"}, Wait: true})
	if err != nil {
		t.Fatal(err)
	}
	tab.Open(n.URL + link)
	pressed(tab, "main details summary")
	says(t, tab, "Toutes les personnes inscrites seront prévenues aussitôt")
	pressed(tab, `button[value="annuler"]`)
	if !strings.HasPrefix(tab.Text(".erreurs, [role=alert]"), "Il y a un problème") || !tab.Visible("#reason") {
		t.Error("no reason is asked for")
	}
	noSideways(t, tab)
	write(tab, "#reason", "La salle est inondée.")
	pressed(tab, `button[value="annuler"]`)
	says(t, tab, "Cette date est annulée", "La salle est inondée.")
	tab.Open(n.URL + agenda.FollowPath + n.Agenda.Token(c.ID))
	says(t, tab, "La salle est inondée.")
	n.Reload()
	tab.Open(n.URL + fmt.Sprintf("/agenda/%d", second.Number))
	says(t, tab, "Cette date est annulée", "La salle est inondée.")
}

// A commune asks, an officer proposes the best half-day, the commune says yes in one button, and residents have the dates.
func TestACommuneAsksAndHasItsDates(t *testing.T) {
	b := browser.Start(t)
	n, _ := season(t)
	town := resident(t, b)
	town.Open(n.URL + "/agenda/demander")
	phoneIsThere(t, town)
	noSideways(t, town)
	pressed(town, "main form button")
	if !strings.HasPrefix(town.Title(), "Erreur") {
		t.Errorf("an empty request: %q", town.Title())
	}
	write(town, "#commune", "17250")
	for box, text := range map[string]string{"#from": "1", `input[name="from-mois"]`: "6", `input[name="from-annee"]`: "2026", "#rooms": "Salle des fêtes (exemple)", "#contact": "Secrétariat (exemple)", "#email": "mairie@viaduc.example"} {
		write(town, box, text)
	}
	pressed(town, "main form button")
	says(t, town, "Laquelle")
	town.Click(`input[name="insee"][value="17453"]`)
	pressed(town, "main form button")
	says(t, town, "Vérifiez avant d'envoyer", "Trizay", "lundi 1er juin 2026", "Salle des fêtes (exemple)")
	pressed(town, `button[value="envoyer"]`)
	says(t, town, "Votre demande est envoyée")
	request := strings.Split(town.URL(), "?")[0]
	noSideways(t, town)

	desk := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640), browser.Cookies(n.URL, n.Login(identity.Officer)))
	desk.Open(n.URL + "/pro")
	desk.ClickText("Les demandes des communes")
	desk.ClickText("Trizay")
	says(t, desk, "Les demi-journées libres", "minutes de route", "L'équipe fait")
	noSideways(t, desk)
	write(desk, "#minute", "9 h 30")
	write(desk, "#fin", "12 h")
	pressed(desk, `button[value="proposer"]`)
	says(t, desk, "La commune est prévenue", "Créneau proposé")

	town.Open(request)
	says(t, town, "Nous vous proposons un créneau", "de 9 h 30 à 12 h", "Les premières dates")
	if buttons := town.Texts("main form button"); len(buttons) != 1 || buttons[0] != "Ce créneau nous convient" {
		t.Errorf("the commune has %q to press", buttons)
	}
	noSideways(t, town)
	pressed(town, "main form button")
	says(t, town, "C'est au calendrier", "Permanence à Trizay")
	if town.Count("main form button") != 0 {
		t.Error("one can say yes again")
	}
	town.ClickText("Permanence à Trizay")
	says(t, town, "Permanence à Trizay", "Salle des fêtes (exemple)", "de 9 h 30 à 12 h")
	phoneIsThere(t, town)
	desk.Open(n.URL + "/pro/agenda?semaine=2026-W23") // of Monday 1 June
	says(t, desk, "Permanence à Trizay", "À confirmer par la mairie")
}

// noSideways sees that a page fits in the width of a telephone.
func noSideways(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
		t.Errorf("%s scrolls sideways", tab.URL())
	}
}
