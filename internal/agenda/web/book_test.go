package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
)

// post sends a form as a browser of the site does.
func post(n *apptest.Node, path string, form url.Values) (*http.Response, string) {
	return n.Do(http.MethodPost, path, strings.NewReader(form.Encode()), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
}

// coming are the coming dates of an activity of the example.
func coming(t *testing.T, n *apptest.Node, title string) []*agenda.Entry {
	t.Helper()
	var out []*agenda.Entry
	for _, f := range n.Agenda.Index().Search(agenda.Query{From: n.Clock.Now().Add(72 * time.Hour), Live: true}) {
		if f.Series.Title == title {
			out = append(out, f.Entry)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no date of %q", title)
	}
	return out
}

const (
	photos       = "Atelier : mon téléphone, mes photos"
	appointments = "Rendez-vous individuels à Rochefort"
)

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// carried is what a page carries along in its first form.
func carried(body string) url.Values {
	form := url.Values{}
	if i := strings.Index(body, "</form>"); i > 0 && !strings.Contains(body[:i], `class="filtres"`) {
		for _, m := range hidden.FindAllStringSubmatch(body[:i], -1) {
			form.Set(m[1], m[2])
		}
	}
	return form
}

func TestBookASeat(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		e := coming(t, n, photos)[3]
		path := fmt.Sprintf("/rendez-vous/%d", e.Number)
		res, body := n.Get(path)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, "Qui vient") {
			t.Fatalf("%d", res.StatusCode)
		}
		res, body = post(n, path+"/vous", url.Values{"etape": {"vous"}, "telephone": {"12"}, "proche": {"Odette"}})
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "<title>Erreur") || !strings.Contains(body, "Écrivez un nom") || !strings.Contains(body, `value="Odette"`) {
			t.Fatalf("an empty form: %d", res.StatusCode)
		}
		form := url.Values{"etape": {"vous"}, "nom": {"Fatima Exemple"}, "telephone": {"05.36.49.01.99"}, "places": {"2"}}
		res, body = post(n, path+"/vous", form)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, "Vérifiez avant d&#39;envoyer") && !strings.Contains(body, "Vérifiez avant d'envoyer") || !strings.Contains(body, "Fatima Exemple") {
			t.Fatalf("the page to check: %d", res.StatusCode)
		}
		if n.Agenda.Index().Len() == 0 || taken(t, n, e.ID) != 0 {
			t.Fatal("something was kept before it was sent")
		}
		res, _ = post(n, path, carried(body))
		at := res.Header.Get("Location")
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, agenda.FollowPath) {
			t.Fatalf("sent: %d to %s", res.StatusCode, at)
		}
		if taken(t, n, e.ID) != 2 {
			t.Error("two seats were not taken")
		}
		res, body = n.Get(at)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, "C&#39;est noté") || strings.Contains(body, "Fatima") || res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("confirmed: %d", res.StatusCode)
		}
		reference := regexp.MustCompile(`>([0-9A-Z]{3}-[0-9A-Z]{3})<`).FindStringSubmatch(body)[1]
		follow(t, n, reference, strings.Split(at, "?")[0])
	})
}

// follow finds the booking again, moves it and cancels it.
func follow(t *testing.T, n *apptest.Node, reference, page string) {
	t.Helper()
	for _, wrong := range []url.Values{{"numero": {reference}, "contact": {"05 36 49 01 98"}}, {"numero": {"KTB-94M"}, "contact": {"05 36 49 01 99"}}, {}} {
		res, body := post(n, "/suivi", wrong)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Nous ne trouvons pas cette inscription") {
			t.Errorf("%v: %d", wrong, res.StatusCode)
		}
	}
	res, _ := post(n, "/suivi", url.Values{"numero": {strings.ToLower(reference)}, "contact": {"+33 5 36 49 01 99"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != page {
		t.Fatalf("found: %d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	_, body := n.Get(page + "/deplacer")
	slots := regexp.MustCompile(`name="heure" value="([0-9]+-[0-9]+)"`).FindAllStringSubmatch(body, -1)
	if len(slots) < 2 {
		t.Fatalf("%d other dates", len(slots))
	}
	if res, body := post(n, page+"/deplacer", url.Values{}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Choisissez un horaire") {
		t.Errorf("no date chosen: %d", res.StatusCode)
	}
	if res, _ := post(n, page+"/deplacer", url.Values{"heure": {slots[1][1]}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("moved: %d", res.StatusCode)
	}
	if _, calendar := n.Get(page + "/rendez-vous.ics"); !strings.Contains(calendar, "STATUS:CONFIRMED") || strings.Contains(calendar, "Fatima") {
		t.Error(calendar)
	}
	for range 2 { // opening the page changes nothing
		if res, _ := n.Get(page + "/annuler"); res.StatusCode != http.StatusOK {
			t.Errorf("%d", res.StatusCode)
		}
	}
	if res, _ := post(n, page, url.Values{"action": {"annuler"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("cancelled: %d", res.StatusCode)
	}
	if _, body := n.Get(page); !strings.Contains(body, "C&#39;est annulé") {
		t.Error("it does not say that it is cancelled")
	}
	if res, _ := post(n, page, url.Values{"action": {"annuler"}}); res.StatusCode != http.StatusConflict {
		t.Errorf("cancelled twice: %d", res.StatusCode)
	}
}

func taken(t *testing.T, n *apptest.Node, of agenda.ID) int {
	t.Helper()
	n.Reload()
	e, ok := n.Agenda.Index().ByID(of)
	if !ok {
		t.Fatal("the date is gone")
	}
	return e.Taken
}

func TestBookAnAppointmentThatIsTakenMeanwhile(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		e := coming(t, n, appointments)[2]
		path := fmt.Sprintf("/rendez-vous/%d", e.Number)
		_, body := n.Get(path)
		if !strings.Contains(body, "Quel horaire vous convient") || !strings.Contains(body, "Vous venez pour autre chose") {
			t.Fatal("no times are offered")
		}
		reason := carried(body).Get("motif")
		slot := fmt.Sprintf("%d-%d", e.Number, e.Start.Unix())
		if res, body := post(n, path+"/vous", url.Values{"etape": {"horaire"}, "motif": {reason}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Choisissez un horaire") {
			t.Errorf("no time chosen: %d", res.StatusCode)
		}
		_, body = post(n, path+"/vous", url.Values{"etape": {"horaire"}, "motif": {reason}, "heure": {slot}})
		form := carried(body)
		if form.Get("heure") != slot || form.Get("motif") != reason {
			t.Fatalf("%v", form)
		}
		form.Set("nom", "Ahmed Exemple")
		form.Set("email", "ahmed@exemple.example")
		_, body = post(n, path+"/vous", form)
		ready := carried(body)
		at := e.Start
		if _, err := n.Agenda.Book(t.Context(), identity.TheSystem(), agenda.NewBooking{Occurrence: e.ID, Slot: at, Reason: agenda.ReasonID(reason), Origin: agenda.FromPhone, Who: person.New{Name: "Plus Rapide", Phone: "05 36 49 01 97"}}); err != nil {
			t.Fatal(err)
		}
		res, body := post(n, path, ready)
		if res.StatusCode != http.StatusConflict || !strings.Contains(body, "vient d&#39;être pris") || carried(body).Get("nom") != "Ahmed Exemple" || strings.Contains(body, slot) {
			t.Fatalf("taken meanwhile: %d", res.StatusCode)
		}
		next := regexp.MustCompile(`name="heure" value="([0-9]+-[0-9]+)"`).FindStringSubmatch(body)[1]
		ready.Set("heure", next)
		if res, _ := post(n, path, ready); res.StatusCode != http.StatusSeeOther {
			t.Errorf("the next time: %d", res.StatusCode)
		}
	})
}

func TestTheWaitingListIsAChoice(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		e := coming(t, n, photos)[1] // full: ten seats, two wait
		path := fmt.Sprintf("/rendez-vous/%d", e.Number)
		_, body := n.Get(path)
		if !strings.Contains(body, "C&#39;est complet") || !strings.Contains(body, "2 personnes attendent déjà") || !strings.Contains(body, "Les autres dates") {
			t.Fatal("it does not say that it is full")
		}
		form := url.Values{"etape": {"vous"}, "nom": {"Nadia Exemple"}, "telephone": {"05 36 49 01 96"}, "places": {"1"}}
		if res, body := post(n, path+"/vous", form); res.StatusCode != http.StatusConflict || !strings.Contains(body, "Cochez cette case") {
			t.Errorf("without the choice: %d", res.StatusCode)
		}
		form.Set("attente", "oui")
		_, body = post(n, path+"/vous", form)
		res, _ := post(n, path, carried(body))
		page := strings.Split(res.Header.Get("Location"), "?")[0]
		if _, body := n.Get(page + "?fait=inscription"); !strings.Contains(body, "Vous êtes sur la liste d&#39;attente") {
			t.Fatal("not on the list")
		}
		if _, body := n.Get(page); !strings.Contains(body, "Vous êtes 3e sur la liste") {
			t.Error("it does not say the rank")
		}
		// Three leave: the seat is offered, and taken by the button.
		day, err := n.Agenda.Attendance(t.Context(), identity.AtCLI(), e.Number)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range day.Seats {
			if s.State == agenda.Booked || s.State == agenda.Waiting {
				if s.Person.Name != "Nadia Exemple" {
					if err := n.Agenda.CancelFor(t.Context(), identity.AtCLI(), s.Claim.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if _, body := n.Get(page); !strings.Contains(body, "Une place se libère pour vous") || !strings.Contains(body, "Oui, je viens") {
			t.Fatal("no offer")
		}
		if res, _ := post(n, page, url.Values{"action": {"oui"}}); res.StatusCode != http.StatusSeeOther || taken(t, n, e.ID) != 1 {
			t.Errorf("yes: %d", res.StatusCode)
		}
	})
}

func TestStartOfAnAppointment(t *testing.T) {
	n := apptest.Demo(t)
	if _, body := n.Get("/rendez-vous"); !strings.Contains(body, "Aucun rendez-vous libre") {
		t.Error("an empty agenda")
	}
	n.Season()
	_, body := n.Get("/rendez-vous?ou=Rochefort")
	if !strings.Contains(body, "horaires libres") || !strings.Contains(body, `href="/rendez-vous/`) {
		t.Error("no free time near Rochefort")
	}
	if _, body := n.Get("/rendez-vous?ou=Montguyon"); !strings.Contains(body, "Venir sans rendez-vous") {
		t.Error("a dead end far away")
	}
	e := coming(t, n, "Le bus numérique à Fouras")[0]
	if res, _ := n.Get(fmt.Sprintf("/rendez-vous/%d", e.Number)); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a walk-in is booked: %d", res.StatusCode)
	}
}

func TestGuessesAtReferencesAreSlowed(t *testing.T) {
	n := apptest.Demo(t)
	last := 0
	for range 15 {
		res, _ := post(n, "/suivi", url.Values{"numero": {"KTB-94M"}, "contact": {"05 36 49 01 99"}})
		last = res.StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the fifteenth guess: %d", last)
	}
}
