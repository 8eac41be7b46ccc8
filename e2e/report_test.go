package e2e_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/place"
)

// lookedFor makes a wifi place of Rochefort "à vérifier" and returns its number.
func lookedFor(t *testing.T, n *apptest.Node) int64 {
	t.Helper()
	wifi, _ := place.ParseFacet(place.GroupOffer, "wifi")
	res := n.Places.Index().Search(place.Query{Where: "Rochefort", Facets: []place.Facet{wifi}})
	if len(res.Places) == 0 {
		t.Fatal("no wifi place in the example")
	}
	n.LosePlace(res.Places[0].StandardID)
	return int64(res.Places[0].Number)
}

// reported leaves a report about the first place and returns its reference.
func reported(t *testing.T, n *apptest.Node) string {
	t.Helper()
	reference, err := n.Places.Report(t.Context(), place.NewReport{Place: 1, Topics: []place.Topic{place.WrongHours}})
	if err != nil {
		t.Fatal(err)
	}
	return reference
}

// Report an error by keyboard alone: nothing chosen, then a wrong number, then sent, with a reference to keep.
func TestReportAnError(t *testing.T) {
	n := apptest.Demo(t)
	tab := resident(t, browser.Start(t))
	tab.Open(n.URL + n.PlacePath(1))
	tab.TabTo(`a[href$="/signaler"]`)
	tab.Press(browser.KeyEnter)
	phoneIsThere(t, tab)
	if h1 := tab.Text("h1"); h1 != "Qu'est-ce qui ne va pas ?" || !strings.Contains(tab.Text("main"), "Étape 1 sur 2") {
		t.Errorf("the first page asks %q", h1)
	}

	tab.TabTo("main form button")
	tab.Press(browser.KeyEnter)
	refused(t, tab, "Cochez au moins une case")
	tab.Press(browser.KeyTab, browser.KeyEnter) // the summary has the focus: its link leads to the first box
	tab.TabTo(`input[value="horaires"]`)
	tab.Press(browser.KeySpace)
	tab.TabTo(`input[value="contact"]`)
	tab.Press(browser.KeySpace)
	tab.TabTo("main form button")
	tab.Press(browser.KeyEnter)

	if text := tab.Text("main"); !strings.Contains(text, "Étape 2 sur 2") || !strings.Contains(text, "Les horaires, le téléphone ou l'e-mail") {
		t.Errorf("the second page does not say what was chosen:\n%s", text)
	}
	tab.TabTo(`textarea[name="precision"]`)
	tab.Type(":focus", "Fermé le lundi. L'affiche <de la porte> le dit.")
	tab.TabTo(`input[name="contact"]`)
	tab.Type(":focus", "06 39")
	tab.TabTo("main form button")
	tab.Press(browser.KeyEnter)
	refused(t, tab, "Écrivez un numéro de téléphone ou une adresse e-mail")
	if got := tab.Value(`textarea[name="precision"]`); got != "Fermé le lundi. L'affiche <de la porte> le dit." || tab.Value(`input[name="contact"]`) != "06 39" {
		t.Errorf("the page came back with %q and %q", got, tab.Value(`input[name="contact"]`))
	}
	tab.TabTo(`input[name="contact"]`)
	tab.Type(":focus", "05.36.49.00.12")
	tab.TabTo("main form button")
	tab.Press(browser.KeyEnter)

	if tab.Text("h1") != "Merci, nous avons votre message" || !strings.Contains(tab.URL(), "/signaler/merci?numero=") {
		t.Fatalf("the end: %q at %s", tab.Text("h1"), tab.URL())
	}
	phoneIsThere(t, tab)
	reference := tab.Text(".fait strong")
	if !regexp.MustCompile(`^[A-Z0-9]{3}-[A-Z0-9]{3}$`).MatchString(reference) {
		t.Errorf("reference %q", reference)
	}
	tab.Reload() // shows the same, and sends nothing again
	list, err := n.Places.Reports(t.Context(), true)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d reports, %v", len(list), err)
	}
	if r := list[0]; r.Reference != reference || r.Number != 1 || r.Contact != "+33536490012" || !slices.Equal(r.Topics, []place.Topic{place.WrongHours, place.WrongContact}) {
		t.Errorf("kept %+v", r)
	}
	tab.ClickText("Revenir à la page du lieu")
	if !strings.HasSuffix(tab.URL(), n.PlacePath(1)) {
		t.Errorf("back leads to %s", tab.URL())
	}
}

// refused sees that a page says in its title, its summary and beside the field what must be put right, and that the
// summary has the focus.
func refused(t *testing.T, tab *browser.Tab, says string) {
	t.Helper()
	phoneIsThere(t, tab)
	if !strings.HasPrefix(tab.Title(), "Erreur : ") && !strings.HasPrefix(tab.Title(), "Erreur\u00a0: ") {
		t.Errorf("the title is %q", tab.Title())
	}
	if !strings.Contains(tab.Text("[role=alert]"), says) || !strings.Contains(tab.Text(".champ .erreur"), says) {
		t.Errorf("the page says %q and %q, want %q", tab.Text("[role=alert]"), tab.Text(".champ .erreur"), says)
	}
	if got := tab.Attr("[role=alert] a", "href"); tab.Count(got) != 1 {
		t.Errorf("the summary leads to %q, which is not there", got)
	}
	if got := browser.Eval[string](tab, `document.activeElement.getAttribute("role") || ""`); got != "alert" {
		t.Errorf("the focus is on %q", tab.Focused())
	}
	if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
		t.Error("the page scrolls sideways")
	}
}
