package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
)

// season is the example with its agenda, and the coming dates of an activity.
func season(t *testing.T) (*apptest.Node, func(title string) []*agenda.Entry) {
	t.Helper()
	n := apptest.Demo(t)
	n.Season()
	return n, func(title string) []*agenda.Entry {
		var out []*agenda.Entry
		for _, f := range n.Agenda.Index().Search(agenda.Query{From: n.Clock.Now().Add(72 * time.Hour), Live: true}) {
			if f.Series.Title == title {
				out = append(out, f.Entry)
			}
		}
		if len(out) < 3 {
			t.Fatalf("%d dates of %q", len(out), title)
		}
		return out
	}
}

// pressed is a button reached by the keyboard, and pressed.
func pressed(tab *browser.Tab, selector string) {
	tab.TabTo(selector)
	tab.Press(browser.KeyEnter)
}

var reference = regexp.MustCompile(`[0-9A-Z]{3}-[0-9A-Z]{3}`)

// R4: book a workshop from the agenda, by keyboard; an empty form comes back with what to do, and what was typed.
func TestR4BookAWorkshop(t *testing.T) {
	n, dates := season(t)
	tab := resident(t, browser.Start(t))
	e := dates("Atelier : mon téléphone, mes photos")[3]
	tab.Open(n.URL + fmt.Sprintf("/agenda/%d", e.Number))
	phoneIsThere(t, tab)
	pressed(tab, "a.bouton")
	phoneIsThere(t, tab)
	write(tab, `input[name="proche"]`, "Odette Exemple")
	pressed(tab, "main form button")
	if !strings.HasPrefix(tab.Title(), "Erreur") || tab.Value(`input[name="proche"]`) != "Odette Exemple" || tab.Count(".faux") == 0 {
		t.Errorf("an empty form: %q", tab.Title())
	}

	write(tab, `input[name="nom"]`, "Paul Exemple")
	write(tab, `input[name="telephone"]`, "05.36 49-01 88")
	pressed(tab, "main form button")
	if h1 := tab.Text("h1"); !strings.Contains(h1, "Vérifiez") {
		t.Fatalf("no page to check, but %q", h1)
	}
	if text := tab.Text("main"); !strings.Contains(text, "Odette Exemple") || !strings.Contains(text, "Paul Exemple") {
		t.Errorf("the page to check says %q", text)
	}
	pressed(tab, "main form button.second")
	if tab.Value(`input[name="nom"]`) != "Paul Exemple" {
		t.Error("going back to change lost what was typed")
	}
	pressed(tab, "main form button")
	pressed(tab, "main form button")
	phoneIsThere(t, tab)
	if !strings.Contains(tab.Text("h1"), "C'est noté") || !reference.MatchString(tab.Text(".fait")) || strings.Contains(tab.URL()+tab.Title(), "Paul") {
		t.Errorf("%q at %s", tab.Text("h1"), tab.URL())
	}
	n.Reload()
	if now, _ := n.Agenda.Index().ByID(e.ID); now.Taken != 1 {
		t.Errorf("%d seats taken", now.Taken)
	}
}

// R4: book an appointment; somebody is faster, the next times are offered and nothing is lost.
func TestR4AnAppointmentTakenMeanwhile(t *testing.T) {
	n, dates := season(t)
	tab := resident(t, browser.Start(t))
	e := dates("Rendez-vous individuels à Rochefort")[2]
	tab.Open(n.URL + "/rendez-vous?ou=Rochefort")
	if tab.Count(`a[href^="/rendez-vous/"]`) == 0 {
		t.Fatal("no free appointment near Rochefort")
	}
	tab.Open(n.URL + fmt.Sprintf("/rendez-vous/%d", e.Number))
	tab.TabTo(`input[name="heure"]`)
	tab.Press(browser.KeySpace)
	slot := tab.Attr(`input[name="heure"]:checked`, "value")
	pressed(tab, "main form button")
	write(tab, `input[name="nom"]`, "Ahmed Exemple")
	write(tab, `input[name="telephone"]`, "05 36 49 01 87")
	pressed(tab, "main form button")
	reason := tab.Attr(`input[name="motif"]`, "value")
	if _, err := n.Agenda.Book(t.Context(), identity.TheSystem(), agenda.NewBooking{
		Occurrence: e.ID, Slot: e.Start, Reason: agenda.ReasonID(reason), Origin: agenda.FromPhone, Who: person.New{Name: "Plus Rapide", Phone: "05 36 49 01 86"},
	}); err != nil {
		t.Fatal(err)
	}
	pressed(tab, "main form button")
	if tab.Status() != 409 || !strings.Contains(tab.Text("main"), "vient d'être pris") || tab.Count(`input[value="`+slot+`"]`) != 0 {
		t.Fatalf("taken meanwhile: %d, %s", tab.Status(), tab.Text("main"))
	}
	tab.TabTo(`input[name="heure"]`)
	tab.Press(browser.KeySpace)
	pressed(tab, "main form button")
	if tab.Value(`input[name="nom"]`) != "Ahmed Exemple" {
		t.Error("the name must be typed again")
	}
	pressed(tab, "main form button")
	pressed(tab, "main form button")
	if !strings.Contains(tab.Text("h1"), "C'est noté") {
		t.Errorf("%q", tab.Text("h1"))
	}
}

// R6: find a booking by its reference and telephone, and cancel it; a wrong pair says nothing of why.
func TestR6Cancel(t *testing.T) {
	n, dates := season(t)
	tab := resident(t, browser.Start(t))
	e := dates("Atelier : mon téléphone, mes photos")[3]
	c, err := n.Agenda.Book(t.Context(), identity.Nobody(), agenda.NewBooking{Occurrence: e.ID, Who: person.New{Name: "Nadia Exemple", Phone: "05 36 49 01 85"}})
	if err != nil {
		t.Fatal(err)
	}
	tab.Open(n.URL + "/suivi")
	for _, pair := range [][2]string{{c.Reference, "05 36 49 01 84"}, {"KTB-94M", "05 36 49 01 85"}} {
		tab.Open(n.URL + "/suivi")
		write(tab, `input[name="numero"]`, pair[0])
		write(tab, `input[name="contact"]`, pair[1])
		pressed(tab, "main form button")
		if !strings.Contains(tab.Text("main"), "Nous ne trouvons pas cette inscription") {
			t.Errorf("%v: %s", pair, tab.Text("main"))
		}
	}
	tab.Open(n.URL + "/suivi")
	write(tab, `input[name="numero"]`, strings.ToLower(c.Reference))
	write(tab, `input[name="contact"]`, "05.36.49.01.85")
	pressed(tab, "main form button")
	phoneIsThere(t, tab)
	pressed(tab, `a[href$="/annuler"]`)
	n.Reload()
	if now, _ := n.Agenda.Index().ByID(e.ID); now.Taken != 1 {
		t.Fatal("opening the page cancelled it")
	}
	pressed(tab, "main form button")
	if !strings.Contains(tab.Text("main"), "C'est annulé") {
		t.Errorf("%s", tab.Text("main"))
	}
	n.Reload()
	if now, _ := n.Agenda.Index().ByID(e.ID); now.Taken != 0 {
		t.Error("the seat is not free")
	}
}

// R7: filter the agenda, meet a full workshop, and choose to wait.
func TestR7WaitForASeat(t *testing.T) {
	n, dates := season(t)
	tab := resident(t, browser.Start(t))
	tab.Open(n.URL + "/agenda")
	write(tab, `input[name="ou"]`, "Rochefort")
	tab.Press(browser.KeyEnter)
	if tab.Count(".jours h2") == 0 || !strings.Contains(tab.Text("h1"), "Rochefort") {
		t.Fatalf("%q", tab.Text("h1"))
	}
	phoneIsThere(t, tab)
	full := dates("Atelier : mon téléphone, mes photos")[1]
	tab.Open(n.URL + fmt.Sprintf("/agenda/%d", full.Number))
	pressed(tab, "a.bouton")
	write(tab, `input[name="nom"]`, "Lina Exemple")
	write(tab, `input[name="telephone"]`, "05 36 49 01 83")
	pressed(tab, "main form button")
	if !strings.Contains(tab.Text("main"), "Cochez cette case") {
		t.Fatal("nobody is put on a list without choosing it")
	}
	tab.TabTo(`input[name="attente"]`)
	tab.Press(browser.KeySpace)
	pressed(tab, "main form button")
	pressed(tab, "main form button")
	if !strings.Contains(tab.Text("h1"), "liste d'attente") {
		t.Errorf("%q", tab.Text("h1"))
	}
}

// R4: from the start to an appointment by keyboard: where, why, the first free time, then the dates after, and sent.
func TestR4FromTheStartToAnAppointment(t *testing.T) {
	n, _ := season(t)
	tab := resident(t, browser.Start(t))
	tab.Open(n.URL + "/rendez-vous")
	phoneIsThere(t, tab)
	tab.TabTo(`input[name="ou"]`)
	tab.Type(":focus", "Rochefort")
	tab.Press(browser.KeyEnter)
	const why = "Apprendre à se servir de son téléphone"
	tab.Select(`select[name="pourquoi"]`, why)
	pressed(tab, "main form button")
	phoneIsThere(t, tab)
	pressed(tab, `.rdv a[href^="/rendez-vous/"]`)
	first := tab.Attr(`input[name="heure"]:checked`, "value")
	if !strings.Contains(tab.Text("main"), why) || first == "" {
		t.Fatalf("the time is to be chosen again at %s: %s", tab.URL(), tab.Text("main"))
	}
	pressed(tab, `main a[href*="motif="]`)
	tab.Back()
	if got := tab.Attr(`input[name="heure"]:checked`, "value"); got != first {
		t.Errorf("going back forgot the time: %q", got)
	}
	pressed(tab, "main form button")
	write(tab, `input[name="nom"]`, "Jean Exemple")
	write(tab, `input[name="email"]`, "jean@exemple.example")
	pressed(tab, "main form button")
	if text := tab.Text("main"); !strings.Contains(text, why) || !strings.Contains(text, "jean@exemple.example") {
		t.Errorf("the page to check says %q", text)
	}
	pressed(tab, "main form button")
	phoneIsThere(t, tab)
	if text := tab.Text("main"); !strings.Contains(text, "C'est noté") || !strings.Contains(text, "votre téléphone et son chargeur") || !strings.Contains(text, "Nous vous le rappelons") || strings.Contains(tab.URL()+tab.Title(), "Jean") {
		t.Errorf("%s: %s", tab.URL(), text)
	}
	if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
		t.Error("the page scrolls sideways")
	}
}
