package e2e_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/place"
)

// resident opens a tab as the acceptance scenarios of residents ask: no script, 320 by 640.
func resident(t *testing.T, b *browser.Browser) *browser.Tab {
	t.Helper()
	return b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640))
}

// phoneIsThere sees that the help line is on the page, and that no cookie was set on the way.
func phoneIsThere(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if tab.Count(`a[href="tel:+33536490017"]`) == 0 {
		t.Errorf("%s does not give the telephone", tab.URL())
	}
	if jar := tab.CookieJar(); len(jar) != 0 {
		t.Errorf("%s set a cookie: %v", tab.URL(), jar)
	}
}

// R1: find a place by keyboard alone, by postcode, and with a misspelt commune.
func TestR1FindAPlace(t *testing.T) {
	n := apptest.Demo(t)
	b := browser.Start(t)
	tab := resident(t, b)
	for asked, town := range map[string]string{"17300": "Rochefort", "rochfort": "Rochefort", "Saint Jean d'Angely": "Saint-Jean-d'Angély"} {
		tab.Open(n.URL + "/")
		phoneIsThere(t, tab)
		tab.TabTo(`input[name="ou"]`)
		tab.Type(":focus", asked)
		tab.Press(browser.KeyEnter)
		if h1 := tab.Text("h1"); !strings.Contains(h1, town) {
			t.Errorf("%q: the page is about %q, want %s", asked, h1, town)
		}
		cards := tab.Count(".lieux > li")
		if cards != place.PageSize {
			t.Errorf("%q: %d places, want %d", asked, cards, place.PageSize)
		}
		if d := tab.Texts(".loin strong"); len(d) != cards || !regexp.MustCompile(`(m|km)$`).MatchString(d[0]) {
			t.Errorf("%q: distances %v", asked, d)
		}
		if states := tab.Texts(".etat"); len(states) != cards {
			t.Errorf("%q: %d states for %d places", asked, len(states), cards)
		}
		if tab.Count(`.lieux a[href^="tel:"]`) == 0 {
			t.Errorf("%q: nobody can be called", asked)
		}
		phoneIsThere(t, tab)
	}
	tab.Open(n.URL + "/lieux?ou=xyzzyx")
	if tab.Count(".vide a") == 0 || !strings.Contains(tab.Text("main"), "code postal") {
		t.Error("no way on from a place that does not exist")
	}
	phoneIsThere(t, tab)
}

// R2, as far as there is a map: the filters stay in the address, and the paper has the same places.
func TestR2FiltersStayInTheAddress(t *testing.T) {
	n := apptest.Demo(t)
	tab := resident(t, browser.Start(t))
	tab.Open(n.URL + "/lieux?ou=Rochefort&besoin=internet")
	names := tab.Texts(".lieux h2 a")
	if tab.Value(`input[name="ou"]`) != "Rochefort" || tab.Value(`select[name="besoin"]`) != "internet" {
		t.Errorf("the form came back with %q and %q", tab.Value(`input[name="ou"]`), tab.Value(`select[name="besoin"]`))
	}
	tab.SetMedia("print", false)
	if paper := tab.Texts(".lieux h2 a"); strings.Join(paper, "|") != strings.Join(names, "|") || !tab.Visible(".lieux h2 a") || tab.Visible("nav") {
		t.Error("the paper does not show the same places, or shows the menu")
	}
}

// R3: read a place, and print it on one sheet.
func TestR3ReadAPlace(t *testing.T) {
	n := apptest.Demo(t)
	tab := resident(t, browser.Start(t))
	tab.Open(n.URL + "/lieux?ou=Rochefort")
	name := tab.Text(".lieux h2 a")
	tab.Click(".lieux h2 a")
	if tab.Text("h1") != name {
		t.Errorf("the page of %q is about %q", name, tab.Text("h1"))
	}
	text := tab.Text("main")
	for _, want := range []string{"Quand venir", "Aujourd'hui", "lundi", "dimanche", "Comment venir", "Rochefort", "Ce que l'on fait ici"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if tab.Count(`main a[href^="tel:"]`) == 0 || tab.Count(`main a[href^="geo:"]`) == 0 {
		t.Error("one can neither call nor find the way")
	}
	phoneIsThere(t, tab)
	for _, e := range n.Places.Index().Entries() {
		if len(e.Description) < 200 {
			continue
		}
		tab.Open(n.URL + n.PlacePath(int64(e.Number)))
		if sheets := pdfPages(tab.PDF()); sheets != 1 {
			t.Errorf("%s prints on %d sheets, want one", e.Name, sheets)
		}
	}
	tab.Click(".retour a, a.retour")
	if !strings.Contains(tab.URL(), "/lieux?ou=") {
		t.Errorf("back leads to %s", tab.URL())
	}
}

var pageObject = regexp.MustCompile(`/Type\s*/Page[^s]`)

func pdfPages(pdf []byte) int {
	return len(pageObject.FindAll(bytes.ReplaceAll(pdf, []byte("\n"), []byte(" ")), -1))
}

// R8: from any page to Arabic and back, on the same page; the simple version speaks in short sentences.
func TestR8Languages(t *testing.T) {
	n := apptest.Demo(t)
	tab := resident(t, browser.Start(t))
	tab.Open(n.URL + "/lieux?ou=Rochefort")
	tab.ClickText("العربية")
	if got := tab.Attr("html", "dir"); got != "rtl" || !strings.HasSuffix(tab.URL(), "/ar/lieux?ou=Rochefort") {
		t.Errorf("dir %q at %s", got, tab.URL())
	}
	if wide := browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth"); wide {
		t.Error("the Arabic page scrolls sideways")
	}
	if tab.Attr(".lieux .tel", "dir") != "ltr" {
		t.Error("a telephone number reads from right to left")
	}
	if !strings.Contains(tab.Text("main"), "غير") {
		t.Error("the page does not say that its translation was not proofread")
	}
	tab.Click(".lieux h2 a")
	if !strings.Contains(tab.URL(), "/ar/lieux/") {
		t.Errorf("a place leaves the language: %s", tab.URL())
	}
	tab.ClickText("Français")
	if strings.Contains(tab.URL(), "/ar/") || !strings.Contains(tab.URL(), "/lieux/") || tab.Attr("html", "lang") != "fr" {
		t.Errorf("back in French at %s", tab.URL())
	}
	tab.Open(n.URL + "/mentions-legales")
	tab.ClickText("English")
	if !strings.HasSuffix(tab.URL(), "/en/langues") {
		t.Errorf("a page without translation leads to %s", tab.URL())
	}
}

// The comfort settings: one cookie, set by the reader's own action, and gone when she says so.
func TestComfortSettings(t *testing.T) {
	n := apptest.Demo(t)
	tab := resident(t, browser.Start(t))
	tab.Open(n.URL + "/lieux?ou=Rochefort")
	before := browser.Eval[float64](tab, "parseFloat(getComputedStyle(document.querySelector('.lieu p')).fontSize)")
	tab.ClickText("Affichage")
	tab.Click(`input[value="grand"]`)
	tab.Click("main form button")
	if !strings.HasSuffix(tab.URL(), "/lieux?ou=Rochefort") {
		t.Errorf("after saving one is at %s, not on the page one came from", tab.URL())
	}
	after := browser.Eval[float64](tab, "parseFloat(getComputedStyle(document.querySelector('.lieu p')).fontSize)")
	if after <= before || len(tab.CookieJar()) != 1 {
		t.Errorf("text of %.1f px after %.1f px, cookies %v", after, before, tab.CookieJar())
	}
	tab.Open(n.URL + "/affichage")
	tab.ClickText("Remettre comme avant")
	if len(tab.CookieJar()) != 0 {
		t.Errorf("the cookie stays: %v", tab.CookieJar())
	}
}

// The reader's own position: asked for on a click only, rounded, with the choices of the form; and nothing but a calm
// sentence when she or her device says no. Without a script the button is not there.
func TestPosition(t *testing.T) {
	n := apptest.Demo(t)
	b := browser.Start(t)
	const button = "[data-autour]"
	t.Run("granted, on the list", func(t *testing.T) {
		tab := b.Tab(t, browser.Viewport(320, 640), browser.Position(45.93712, -0.96049))
		tab.Open(n.URL + "/lieux?ou=Saintes")
		if browser.Eval[bool](tab, "performance.getEntriesByType('resource').length > 6") || !tab.Visible(button) {
			t.Error("too many files, or no button")
		}
		const need = "internet"
		tab.Select(`select[name="besoin"]`, need)
		tab.TabTo(button)
		tab.Press(browser.KeyEnter)
		waitFor(t, tab, `location.search.includes('lat=')`)
		if url := tab.URL(); !strings.Contains(url, "lat=45.937&lon=-0.960") || !strings.Contains(url, "besoin="+need) || strings.Contains(url, "Saintes") {
			t.Errorf("sent to %s", url)
		}
		if h1 := tab.Text("h1"); h1 != "Les lieux près de vous" || tab.Count(".loin") == 0 || tab.Value(`select[name="besoin"]`) != need {
			t.Errorf("the page is about %q", h1)
		}
		tab.Click(`.filtres button:not([type="button"])`) // the same search again keeps the position
		if !strings.Contains(tab.URL(), "lat=45.937&lon=-0.960") || tab.Text("h1") != "Les lieux près de vous" {
			t.Errorf("searching again leads to %s", tab.URL())
		}
		tab.Type(`input[name="ou"]`, "Saintes")
		tab.Press(browser.KeyEnter)
		if h1 := tab.Text("h1"); !strings.Contains(h1, "Saintes") {
			t.Errorf("what she writes afterwards does not win: %q", h1)
		}
		phoneIsThere(t, tab)
	})
	t.Run("granted, on the home page", func(t *testing.T) {
		tab := b.Tab(t, browser.Position(-20.88231, 55.45041))
		tab.Open(n.URL + "/en/")
		if tab.Text(button) != "Around me" {
			t.Errorf("the button says %q", tab.Text(button))
		}
		tab.Click(button)
		waitFor(t, tab, `location.search.includes('lat=')`)
		if !strings.Contains(tab.URL(), "/en/lieux?") || !strings.Contains(tab.URL(), "lat=-20.882&lon=55.450") || tab.Text("h1") != "Places near you" {
			t.Errorf("%s: %q", tab.URL(), tab.Text("h1"))
		}
	})
	for name, no := range map[string]browser.Option{"n'a pas donné": browser.PositionRefused(), "ne trouve pas": browser.PositionUnknown()} {
		t.Run(name, func(t *testing.T) {
			tab := b.Tab(t, browser.Viewport(320, 640), no)
			for _, path := range []string{"/", "/lieux?ou=Saintes"} {
				tab.Open(n.URL + path)
				tab.Click(button)
				waitFor(t, tab, `[...document.querySelectorAll('form [role=status]')].some((e) => e.textContent.includes(`+"`"+name+"`"+`))`)
				if tab.URL() != n.URL+path || !tab.Visible("form [role=status]") || browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
					t.Errorf("%s: at %s, or the sentence does not show", path, tab.URL())
				}
			}
			tab.Type(`input[name="ou"]`, "Rochefort")
			tab.Press(browser.KeyEnter)
			if !strings.Contains(tab.Text("h1"), "Rochefort") {
				t.Errorf("one cannot go on: %q", tab.Text("h1"))
			}
		})
	}
	t.Run("no script", func(t *testing.T) {
		tab := resident(t, b)
		tab.Open(n.URL + "/lieux?lat=45.93712&lon=-0.96049")
		if tab.Visible(button) || tab.Text("h1") != "Les lieux près de vous" {
			t.Errorf("button %v, %q", tab.Visible(button), tab.Text("h1"))
		}
	})
	t.Run("nobody asks", func(t *testing.T) {
		tab := b.Tab(t, browser.Position(45.937, -0.960))
		tab.Open(n.URL + "/lieux?ou=Saintes")
		if !strings.Contains(tab.Text("h1"), "Saintes") || strings.Contains(tab.URL(), "lat") {
			t.Errorf("%s: %q", tab.URL(), tab.Text("h1"))
		}
	})
}

// waitFor waits until an expression is true in the page, which may be on its way to another.
func waitFor(t *testing.T, tab *browser.Tab, expr string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if ok, err := browser.TryEval[bool](tab, expr+" && document.readyState === 'complete'"); err == nil && ok {
			tab.WaitLoaded()
			return
		}
	}
	t.Fatalf("%s: never %s", tab.URL(), expr)
}

// Pictures for people to look at: E2E_SHOTS=folder go test ./e2e -run Pictures. E2E_SHOTS_ONLY=lieu,merci takes a few.
func TestPictures(t *testing.T) {
	if os.Getenv("E2E_SHOTS") == "" {
		t.Log("no picture wanted")
		return
	}
	n := apptest.Demo(t)
	b := browser.Start(t)
	gone, reference := lookedFor(t, n), reported(t, n)
	for name, path := range map[string]string{
		"accueil": "/", "lieux": "/lieux?ou=Rochefort", "lieu": n.PlacePath(1), "ar": "/ar/", "404": "/nulle-part", "composants": "/pro/admin/composants",
		"affichage": "/affichage", "filtres": "/lieux?ou=Rochefort&quand=matin&avec=gratuit&avec=fauteuil", "a-verifier": n.PlacePath(gone),
		"liste-a-verifier": "/lieux?ou=Rochefort&aide=wifi", "signaler": n.PlacePath(1) + "/signaler", "signaler-vide": n.PlacePath(1) + "/signaler?etape=2",
		"signaler-details": n.PlacePath(1) + "/signaler?etape=2&quoi=horaires&quoi=adresse", "signaler-ar": "/ar" + n.PlacePath(1) + "/signaler?etape=2&quoi=horaires",
		"merci": n.PlacePath(1) + "/signaler/merci?numero=" + reference, "lieu-ar": "/ar" + n.PlacePath(1),
	} {
		if only := os.Getenv("E2E_SHOTS_ONLY"); only != "" && !strings.Contains(","+only+",", ","+name+",") {
			continue
		}
		for _, width := range []int{320, 1280} {
			for _, theme := range []string{"clair", "sombre"} {
				opts := []browser.Option{browser.Viewport(width, 800)}
				if theme == "sombre" {
					opts = append(opts, browser.Dark())
				}
				tab := b.Tab(t, opts...)
				tab.Open(n.URL + path)
				tab.Screenshot(shots(t, name+"-"+theme+"-"+map[int]string{320: "320", 1280: "1280"}[width]))
			}
		}
		tab := b.Tab(t)
		tab.Open(n.URL + path)
		if err := os.WriteFile(strings.TrimSuffix(shots(t, name), ".png")+".pdf", tab.PDF(), 0o600); err != nil {
			t.Error(err)
		}
	}
}
