package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"viaduc/internal/agenda"
	agendaweb "viaduc/internal/agenda/web"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// Whoever lives where seats are kept takes one, also where nothing is left for others; a commune that nobody knows is said.
func TestSeatsThatAreKeptForACommune(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		e := activity(t, n, func(in *agenda.NewSeries) {
			in.Capacity, in.Quotas = 2, []agenda.Quota{{Seats: 2, Kind: agenda.ForCommune, Value: "17299"}}
		})[2]
		path := fmt.Sprintf("/rendez-vous/%d", e.Number)
		_, body := n.Get(path)
		if body = plain(body); strings.Contains(body, "complet") || strings.Contains(body, "liste d'attente") || !strings.Contains(body, "Votre commune") {
			t.Fatal("two seats are free for whoever lives at Rochefort")
		}
		if _, body = n.Get(agendaweb.Path(e)); !strings.Contains(body, fmt.Sprintf(`href="%s"`, path)) || strings.Contains(plain(body), "Il n'y a plus de place") {
			t.Error("the page of the date leads nowhere, though two seats are free for some")
		}
		form := url.Values{"etape": {"vous"}, "nom": {"Fatima Exemple"}, "telephone": {"05 36 49 03 11"}, "places": {"1"}, "commune": {"Xyzzyxville"}}
		res, body := post(n, path+"/vous", form)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Nous ne trouvons pas cette commune.") || !strings.Contains(body, `value="Xyzzyxville"`) {
			t.Errorf("a commune that nobody knows: %d", res.StatusCode)
		}
		form.Set("commune", "Saintes")
		_, body = post(n, path+"/vous", form)
		if res, body = post(n, path, carried(body)); res.StatusCode != http.StatusConflict || !strings.Contains(plain(body), "Il n'y a plus de place à cette date.") || strings.Contains(body, `name="attente"`) || strings.Contains(body, `href="#attente"`) {
			t.Errorf("somebody from elsewhere, where there is no list: %d", res.StatusCode)
		}
		if !strings.Contains(body, "Les autres dates") || carriedName(body) != "Fatima Exemple" {
			t.Error("a dead end")
		}
		form.Set("commune", "rochefort")
		_, body = post(n, path+"/vous", form)
		if res, _ = post(n, path, carried(body)); res.StatusCode != http.StatusSeeOther || taken(t, n, e.ID) != 1 {
			t.Errorf("somebody from Rochefort: %d", res.StatusCode)
		}
	})
}

// carriedName is the name in the field of a page that came back.
func carriedName(body string) string {
	m := regexp.MustCompile(`name="nom" type="text" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// A family of six books together; where fewer seats are left the page says how many.
func TestAFamilyBooksTogether(t *testing.T) {
	n := apptest.Demo(t)
	e := activity(t, n, func(in *agenda.NewSeries) { in.Capacity, in.Waiting = 8, true })[2]
	path := fmt.Sprintf("/rendez-vous/%d", e.Number)
	if _, body := n.Get(path); strings.Count(body, `name="places"`) != 6 {
		t.Errorf("%d numbers to choose from", strings.Count(body, `name="places"`))
	}
	form := url.Values{"nom": {"Famille Exemple"}, "telephone": {"05 36 49 03 12"}, "places": {"6"}}
	if res, _ := post(n, path, form); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("six: %d", res.StatusCode)
	}
	n.Reload()
	form.Set("telephone", "05 36 49 03 13")
	form.Set("places", "4")
	res, body := post(n, path, form)
	if res.StatusCode != http.StatusConflict || !strings.Contains(plain(body), "2 places libres sur 8") || !strings.Contains(body, `name="attente"`) || !strings.Contains(body, `value="4" checked`) {
		t.Errorf("four where two are left: %d", res.StatusCode)
	}
	if res, _ := post(n, path, url.Values{"nom": {"Groupe Exemple"}, "telephone": {"05 36 49 03 14"}, "places": {"7"}}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("seven: %d", res.StatusCode)
	}
}

// Times of every coming date can be reached, some dates at a time, and a time that was chosen stays chosen.
func TestTimesOfTheWeeksAfter(t *testing.T) {
	n := apptest.Demo(t)
	why := reason(t, n, agenda.Reason{Name: "Motif (exemple)", Minutes: 60})
	dates := activity(t, n, func(in *agenda.NewSeries) { in.Mode, in.Reasons = agenda.Appointments, []agenda.ReasonID{why.ID} })
	path := fmt.Sprintf("/rendez-vous/%d", dates[0].Number)
	shown := func(body string) string {
		var numbers []string
		for _, m := range regexp.MustCompile(`name="heure" value="([0-9]+)-`).FindAllStringSubmatch(body, -1) {
			if len(numbers) == 0 || numbers[len(numbers)-1] != m[1] {
				numbers = append(numbers, m[1])
			}
		}
		return strings.Join(numbers, " ")
	}
	numbers := func(from, to int) string {
		var out []string
		for _, e := range dates[from:to] {
			out = append(out, strconv.FormatInt(int64(e.Number), 10))
		}
		return strings.Join(out, " ")
	}
	_, body := n.Get(path)
	if got := shown(body); got != numbers(0, 4) || strings.Contains(body, "Les dates avant") {
		t.Errorf("the first times are on %s, want %s", got, numbers(0, 4))
	}
	after := regexp.MustCompile(`href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?Les dates suivantes`).FindStringSubmatch(body)
	if after == nil {
		t.Fatal("no way to the dates after")
	}
	_, body = n.Get(strings.ReplaceAll(after[1], "&amp;", "&"))
	if got := shown(body); got != numbers(4, 8) || !strings.Contains(body, "Les dates avant") {
		t.Errorf("the next times are on %s, want %s", got, numbers(4, 8))
	}
	last := dates[len(dates)-1]
	at := fmt.Sprintf("%d-%d", last.Number, last.Start.Unix())
	_, body = n.Get(fmt.Sprintf("/rendez-vous/%d?motif=%s&heure=%s", last.Number, why.ID, at))
	if !strings.Contains(body, `value="`+at+`" checked`) || strings.Contains(body, "Les dates suivantes") {
		t.Error("a time that an address names is not chosen")
	}

	// Once somebody typed who she is, the other times are behind buttons, and nothing is lost.
	form := url.Values{"nom": {"Lina Exemple"}, "telephone": {"05 36 49 03 15"}, "motif": {string(why.ID)}, "heure": {"rien"}}
	res, body := post(n, path, form)
	if res.StatusCode != http.StatusUnprocessableEntity || strings.Contains(body, "?motif=") {
		t.Errorf("no time: %d", res.StatusCode)
	}
	form = carried(body)
	form.Set("des", numbers(4, 5))
	res, body = post(n, path+"/vous", form)
	if res.StatusCode != http.StatusOK || shown(body) != numbers(4, 8) || carried(body).Get("nom") != "Lina Exemple" {
		t.Errorf("the dates after: %d, %s", res.StatusCode, shown(body))
	}
}

// The start asks why one comes, in the words of the reasons near there, and leads straight to a time; where nothing is free
// it says where to come without booking.
func TestStartAsksWhy(t *testing.T) {
	n := apptest.Demo(t)
	permit := reason(t, n, agenda.Reason{Name: "Demander un permis (exemple)", Minutes: 60})
	phone := reason(t, n, agenda.Reason{Name: "Régler un téléphone (exemple)", Minutes: 30})
	closed, err := n.Agenda.SaveReason(t.Context(), worker(n, identity.Manager), agenda.Reason{Name: "Pour l'équipe (exemple)", Minutes: 30, BookableBy: agenda.TeamOnly})
	if err != nil {
		t.Fatal(err)
	}
	far := activity(t, n, func(in *agenda.NewSeries) {
		in.Mode, in.Title, in.Where.Commune, in.Reasons = agenda.Appointments, "Rendez-vous à Saintes (exemple)", "17415", []agenda.ReasonID{phone.ID}
		in.Pattern.Minute -= 60
	})
	near := activity(t, n, func(in *agenda.NewSeries) {
		in.Mode, in.Title, in.Reasons = agenda.Appointments, "Rendez-vous à Rochefort (exemple)", []agenda.ReasonID{permit.ID, phone.ID, closed.ID}
	})
	link := func(e *agenda.Entry, r agenda.Reason) string {
		return fmt.Sprintf(`href="/rendez-vous/%d?heure=%d-%d&amp;motif=%s"`, e.Number, e.Number, e.Start.Unix(), r.ID)
	}
	_, body := n.Get("/rendez-vous?ou=Rochefort")
	for _, want := range []string{"Pourquoi ?", permit.Name, phone.Name} {
		if !strings.Contains(plain(body), want) {
			t.Errorf("the start does not say %q", want)
		}
	}
	if strings.Contains(body, "Pour l&#39;équipe") {
		t.Error("a reason of the team is offered")
	}
	here, there := strings.Index(body, fmt.Sprintf("/rendez-vous/%d?", near[0].Number)), strings.Index(body, fmt.Sprintf("/rendez-vous/%d?", far[0].Number))
	if here < 0 || there < here {
		t.Errorf("of one day the nearest does not come first: %d, %d", here, there)
	}
	_, body = n.Get("/rendez-vous?ou=Rochefort&pourquoi=" + url.QueryEscape(permit.Name))
	if !strings.Contains(body, link(near[0], permit)) || strings.Contains(body, far[0].Series.Title) {
		t.Error("the times are not those of the reason")
	}
	_, body = n.Get("/rendez-vous?ou=Rochefort&pourquoi=" + url.QueryEscape(phone.Name))
	if !strings.Contains(body, link(near[0], phone)) || !strings.Contains(body, link(far[0], phone)) {
		t.Error("a reason of two teams does not have the times of both")
	}
	if _, body = n.Get(strings.ReplaceAll(regexp.MustCompile(`"(/rendez-vous/[^"]*)"`).FindStringSubmatch(body)[1], "&amp;", "&")); !strings.Contains(body, `" checked`) {
		t.Error("the time is to be chosen again")
	}
	walk := activity(t, n, func(in *agenda.NewSeries) {
		in.Mode, in.Title, in.Capacity, in.Where.Commune = agenda.WalkIn, "Permanence (exemple)", 0, "17415"
	})
	_, body = n.Get("/rendez-vous?ou=Saintes&pourquoi=rien")
	if !strings.Contains(body, far[0].Series.Title) {
		t.Error("a reason that nobody has takes everything away")
	}
	for _, list := range [][]*agenda.Entry{far, near} {
		if err := n.Agenda.EndSeries(t.Context(), worker(n, identity.Mediator), list[0].Series.ID, "Fini (exemple)."); err != nil {
			t.Fatal(err)
		}
	}
	n.Reload()
	if _, body = n.Get("/rendez-vous?ou=Saintes"); !strings.Contains(plain(body), "Aucun rendez-vous libre") || !strings.Contains(body, fmt.Sprintf(`href="/agenda/%d"`, walk[0].Number)) {
		t.Error("nothing is free, and nobody says where to come")
	}
}
