package web_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	"viaduc/internal/platform/i18n"
)

var numbered = regexp.MustCompile(`href="/agenda/([0-9]+)"`)

// Every date of the season is on one page of the list, once, in the order of time.
func TestEveryDateIsOnOnePage(t *testing.T) {
	n := apptest.Demo(t)
	n.Season()
	var listed []string
	pages := 0
	for next := "/agenda"; next != ""; {
		res, body := n.Get(next)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", next, res.StatusCode)
		}
		if len(body) > 60_000 {
			t.Errorf("%s: %d bytes", next, len(body))
		}
		found := numbered.FindAllStringSubmatch(body, -1)
		if len(found) > 15 {
			t.Errorf("%s: %d dates", next, len(found))
		}
		for _, m := range found {
			listed = append(listed, m[1])
		}
		pages++
		next = ""
		if m := regexp.MustCompile(fmt.Sprintf(`href="(/agenda\?page=%d)"`, pages+1)).FindStringSubmatch(body); m != nil {
			next = m[1]
		}
	}
	var want []string
	for _, f := range n.Agenda.Index().Search(agenda.Query{From: n.Clock.Now()}) {
		want = append(want, fmt.Sprint(f.Number))
	}
	if !slices.Equal(listed, want) {
		t.Errorf("%d dates on %d pages, want %d", len(listed), pages, len(want))
	}
	t.Logf("%d dates on %d pages", len(listed), pages)
}

func TestFiltersOfTheAgenda(t *testing.T) {
	n := apptest.Demo(t)
	n.Season()
	for path, wants := range map[string][]string{
		"/agenda?ou=Rochefort":                          {"près de Rochefort", "Rendez-vous individuels à Rochefort"},
		"/agenda?ou=17300&genre=workshop":               {"Les ateliers", "mon téléphone, mes photos"},
		"/agenda?ou=200041762":                          {"dans CA Rochefort Océan"},
		"/agenda?genre=repair":                          {"Les repair cafés", "Entrée libre"},
		"/agenda?niveau=beginner&theme=apprendre":       {"premiers pas sur la tablette"},
		"/agenda?avec=itinerance":                       {"avec itinerance", "Le bus numérique"},
		"/agenda?mois=2026-06":                          {"juin"},
		"/agenda?ou=xyzzyx":                             {"Nous ne connaissons pas"},
		"/agenda?genre=repair&ou=Montguyon":             {"Rien à ces dates", "Voir tout l&#39;agenda"},
		"/agenda?page=999999":                           {"L&#39;agenda"},
		"/agenda?genre=rien&mois=0000-99&page=-1&libre": {"L&#39;agenda"},
	} {
		res, body := n.Get(path)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
	}
	if _, body := n.Get("/agenda?libre=oui"); strings.Contains(body, "Complet") || strings.Contains(body, "Annulé") {
		t.Error("what is full is listed as free")
	}
}

func TestWhatHappenedToADateIsSaid(t *testing.T) {
	n := apptest.Demo(t)
	n.Season()
	for _, f := range n.Agenda.Index().Search(agenda.Query{}) {
		res, body := n.Get(fmt.Sprintf("/agenda/%d", f.Number))
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%d: %d", f.Number, res.StatusCode)
		}
		switch f.State {
		case agenda.Cancelled:
			if !strings.Contains(body, "Cette date est annulée") || !strings.Contains(body, "Le lieu est en travaux.") || strings.Contains(body, "ld+json") {
				t.Error("a date that is called off does not say so")
			}
		case agenda.MovedTo:
			if !strings.Contains(body, "Voir la nouvelle date") || !strings.Contains(body, fmt.Sprintf("/agenda/%d\"", f.Next.Number)) {
				t.Error("a date that was moved does not lead to the new one")
			}
		case agenda.Planned:
			if !strings.Contains(body, "à confirmer") {
				t.Error("a date that waits for its host does not say so")
			}
		}
		if books := strings.Contains(body, "/rendez-vous/"); books && !f.Series.Books() {
			t.Errorf("%s: one cannot book", f.Series.Title)
		}
	}
	if res, _ := n.Get("/agenda/999999"); res.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown date: %d", res.StatusCode)
	}
	if res, _ := n.Get("/agenda/abc"); res.StatusCode != http.StatusNotFound {
		t.Errorf("no number: %d", res.StatusCode)
	}
}

// An independent reader takes the calendars, folds and all, and finds every date at its hour.
func TestCalendarsAreValid(t *testing.T) {
	n := apptest.Demo(t)
	n.Season()
	for _, path := range []string{"/agenda.ics", "/agenda.ics?ou=Rochefort&genre=workshop", "/agenda.ics?avec=personne-de-ce-nom", "/agenda/1.ics"} {
		res, body := n.Get(path)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Fatalf("%s: %d, %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
		for line := range strings.SplitSeq(body, "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("%s: a line of %d octets", path, len(line))
			}
		}
		calendar, err := ical.NewDecoder(strings.NewReader(body)).Decode()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := ical.NewEncoder(io.Discard).Encode(calendar); err != nil { // it checks what RFC 5545 wants of each property
			t.Errorf("%s: %v", path, err)
		}
		seen := map[string]bool{}
		for _, e := range calendar.Events() {
			uid, err := e.Props.Text(ical.PropUID)
			if err != nil || seen[uid] {
				t.Fatalf("%s: UID %q, %v", path, uid, err)
			}
			seen[uid] = true
			start, err := e.DateTimeStart(time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			of, ok := n.Agenda.Index().ByID(agenda.ID(strings.TrimSuffix(uid, "@viaduc")))
			if !ok || !of.Start.Equal(start) {
				t.Errorf("%s starts at %s", uid, start)
			}
			if status, _ := e.Status(); (status == ical.EventCancelled) == of.Live() {
				t.Errorf("%s is %s and live: %v", of.Series.Title, status, of.Live())
			}
		}
		if path == "/agenda.ics" {
			if len(seen) < 180 {
				t.Errorf("%d events", len(seen))
			}
			t.Logf("%d events, %d bytes", len(seen), len(body))
		}
		tag := res.Header.Get("ETag")
		again, rest := n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if again.StatusCode != http.StatusNotModified || rest != "" {
			t.Errorf("%s asked again: %d", path, again.StatusCode)
		}
	}
}

// A place and the home page show what comes next.
func TestOtherPagesShowTheNextDates(t *testing.T) {
	n := apptest.Demo(t)
	if _, body := n.Get("/"); strings.Contains(body, "Bientôt près") {
		t.Error("an empty agenda is announced")
	}
	n.Season()
	if _, body := n.Get("/"); !strings.Contains(body, "Bientôt près de Rochefort") || !numbered.MatchString(body) {
		t.Error("the home page shows no date")
	}
	for _, l := range i18n.Langs() {
		if _, body := n.Get("/" + string(l) + n.PlacePath(1)); l != i18n.French && !strings.Contains(body, "Les prochaines dates ici") {
			t.Errorf("the page of a place shows no date in %s", l)
		}
	}
}
