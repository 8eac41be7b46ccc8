package audit_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
)

// site is the good page and how it is served. A fault changes one thing of it.
type site struct {
	html, css, js string
	status        int
	header        map[string]string // "" takes a header away
	plain         bool              // do not compress
	other         string            // address of another origin
}

func goodSite(t testing.TB) *site {
	t.Helper()
	read := func(name string) string {
		b, err := os.ReadFile("testdata/good/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return &site{html: read("index.html"), css: read("page.css"), js: read("page.js"), status: 200, header: map[string]string{}}
}

// swap replaces text that must be there, so that a change of the good page does
// not turn a fault into no fault.
func swap(t testing.TB, s *string, old, with string) {
	t.Helper()
	if !strings.Contains(*s, old) {
		t.Fatalf("the good page no longer holds %q", old)
	}
	*s = strings.Replace(*s, old, with, 1)
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'self'; img-src * data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'")
	var body string
	switch r.URL.Path {
	case "/":
		h.Set("Content-Type", "text/html; charset=utf-8")
		body = s.html
	case "/page.css":
		h.Set("Content-Type", "text/css; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		body = s.css
	case "/page.js":
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		body = s.js
	case "/image.svg":
		h.Set("Content-Type", "image/svg+xml")
		h.Set("Cache-Control", "max-age=31536000")
		body = `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`
	default:
		http.NotFound(w, r)
		return
	}
	for k, v := range s.header {
		if h.Set(k, v); v == "" {
			h.Del(k)
		}
	}
	if !s.plain && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
	}
	if r.URL.Path == "/" {
		w.WriteHeader(s.status)
	}
	if h.Get("Content-Encoding") != "gzip" {
		_, _ = io.WriteString(w, body)
		return
	}
	z := gzip.NewWriter(w)
	_, _ = io.WriteString(z, body)
	_ = z.Close() // a page cut short is a fault that the audit sees
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// fault is one thing wrong with a page and the gates that must see it. Faults
// that do not bear on one another share a page, to keep the test short;
// AUDIT_ALONE=1 gives each its own, to prove that none hides behind another.
type fault struct {
	name  string
	gates []string
	seed  func(t testing.TB, s *site)
}

func inHTML(old, with string) func(testing.TB, *site) {
	return func(t testing.TB, s *site) { t.Helper(); swap(t, &s.html, old, with) }
}

func inCSS(rule string) func(testing.TB, *site) {
	return func(t testing.TB, s *site) { s.css += "\n" + rule }
}

// random is text that compression does not shrink much.
func random(n int) string {
	var b strings.Builder
	for i, x := 0, uint32(1); i < n/8; i++ {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		fmt.Fprintf(&b, "%08x", x)
	}
	return b.String()
}

const endOfMain = "</main>"

// pages groups the faults: one line of the outer list is one page.
var pages = [][]fault{
	{
		{"answer 500", []string{"status", "failedRequests", "consoleErrors"}, func(t testing.TB, s *site) { s.status = 500 }},
		{"no lang", []string{"lang", "axeWCAG"}, inHTML(` lang="fr"`, "")},
		{"empty title", []string{"title"}, inHTML("Trouver de l’aide près de chez vous – Essai</title>", "Essai</title>")},
		{"no policy", []string{"csp"}, func(t testing.TB, s *site) { s.header["Content-Security-Policy"] = "" }},
		{"two h1", []string{"h1"}, inHTML("<h2>Vos questions</h2>", "<h1>Vos questions</h1>")},
		{"heading skipped", []string{"headingSkips", "axeBest"}, inHTML("<h3>À emporter</h3>", "<h4>À emporter</h4>")},
		{"no main", []string{"main"}, func(t testing.TB, s *site) {
			swap(t, &s.html, `<main id="contenu" tabindex="-1">`, `<div id="contenu">`)
			swap(t, &s.html, "</main>", "</div>")
		}},
		{"zoom blocked", []string{"zoomBlocked"}, inHTML("initial-scale=1", "maximum-scale=1")},
		{"fixed width", []string{"viewport"}, inHTML("width=device-width", "width=980")},
		{"id twice", []string{"duplicateIds"}, inHTML("<h2>Les horaires</h2>", `<h2 id="nom">Les horaires</h2>`)},
		{"tags crossed", []string{"htmlErrors"}, inHTML("C’est gratuit.", "<b><i>C’est gratuit.</b></i>")},
		{"new window", []string{"newWindow"}, inHTML(`<a href="/aide">`, `<a href="/aide" target="_blank">`)},
		{"no size", []string{"fileSize"}, inHTML("(PDF, 40 Ko)", "(PDF)")},
		{"no legal links", []string{"legalLinks"}, inHTML("Mentions légales", "Crédits")},
		{"no autocomplete", []string{"autocomplete"}, inHTML(` autocomplete="tel"`, "")},
		{"no legend", []string{"groupsNoLegend"}, inHTML("<legend>Quand vous appeler ?</legend>", "")},
		{"no th", []string{"tables"}, func(t testing.TB, s *site) {
			s.html = strings.NewReplacer(`<th scope="col">`, "<td>", `<th scope="row">`, "<td>", "</th>", "</td>").Replace(s.html)
		}},
		{"autoplay", []string{"autoplay"}, inHTML("<details>", `<video autoplay muted></video><details>`)},
		{"tabindex of 3", []string{"positiveTabindex"}, inHTML(`<a href="/lieux">`, `<a href="/lieux" tabindex="3">`)},
		{"long sentences", []string{"sentenceMean", "sentenceLong"}, inHTML("Une personne vous aide", strings.Repeat("Dans le cadre des dispositifs territoriaux de médiation mis en place par la collectivité avec ses partenaires, une personne dont les compétences ont été reconnues vous aide et vous accompagne durablement dans la totalité de vos démarches administratives. ", 20)+"Une personne vous aide")},
	},
	{
		{"another origin", []string{"thirdParty"}, func(t testing.TB, s *site) {
			swap(t, &s.html, endOfMain, `<p><img src="`+s.other+`/image.svg" alt="" width="1" height="1"></p>`+endOfMain)
		}},
		{"cookie", []string{"cookies"}, func(t testing.TB, s *site) { s.header["Set-Cookie"] = "suivi=1; Path=/" }},
		{"storage", []string{"storage"}, func(t testing.TB, s *site) { s.js += "localStorage.setItem('vu', '1');" }},
		{"big script", []string{"jsKB", "kb", "ecoindex"}, func(t testing.TB, s *site) {
			s.js += "\n// " + random(160_000)
			swap(t, &s.html, endOfMain, strings.Repeat("<i></i>", 500)+endOfMain)
		}},
		{"too many elements", []string{"elements"}, func(t testing.TB, s *site) {
			swap(t, &s.html, endOfMain, strings.Repeat("<b></b>", 400)+endOfMain)
		}},
		{"too many requests", []string{"requests"}, func(t testing.TB, s *site) {
			for i := range 8 {
				swap(t, &s.html, endOfMain, `<img src="/image.svg?`+strconv.Itoa(i)+`" alt="" width="1" height="1">`+endOfMain)
			}
		}},
		{"no cache", []string{"uncached", "repeatKB"}, func(t testing.TB, s *site) {
			s.header["Cache-Control"] = "no-store"
			s.css += "\n/* " + random(60_000) + " */"
		}},
		{"recent script", []string{"ecma"}, func(t testing.TB, s *site) { s.js += "\nvar vide = document.body?.dataset ?? {};" }},
		{"exception", []string{"consoleErrors"}, func(t testing.TB, s *site) { s.js += "\nthrow new Error('aïe');" }},
		{"missing file", []string{"failedRequests"}, inHTML(endOfMain, `<img src="/absente.png" alt="" width="1" height="1">`+endOfMain)},
		{"content by script", []string{"noJS"}, func(t testing.TB, s *site) {
			swap(t, &s.html, "Une personne vous aide avec votre téléphone ou votre ordinateur. C’est gratuit. Vous pouvez venir sans rendez-vous le mardi.", `<span id="suite"></span>`)
			s.js = "document.getElementById('suite').textContent = 'Une personne vous aide avec votre téléphone ou votre ordinateur. Vous pouvez venir sans rendez-vous le mardi.';\n" + s.js
		}},
	},
	{
		{"not compressed", []string{"uncompressed"}, func(t testing.TB, s *site) { s.plain = true }},
		{"no label", []string{"axeWCAG"}, inHTML(`<label for="nom">Votre nom</label>`, "<span>Votre nom</span>")},
		{"weak border", []string{"weakFields"}, inCSS(".champ input { border-color: #ddd }")},
		{"wide block", []string{"reflow320", "zoomOverflow"}, inCSS("table { width: 60rem }")},
		{"sizes in px", []string{"textScale", "bodyPx", "minPx"}, inCSS("html { font-size: 15px }")},
		{"cut when zoomed", []string{"zoomCut"}, inCSS("@media (max-width: 700px) { h1 { white-space: nowrap; width: 8rem; overflow: hidden } }")},
		{"small aims", []string{"targets24", "targets44"}, inCSS("nav a { padding: 0; min-height: 0; line-height: 1; font-size: 16px } nav li { line-height: 1; height: 16px } nav ul { display: block }")},
		{"justified", []string{"justified"}, inCSS("p { text-align: justify }")},
		{"long lines", []string{"lineChars"}, inCSS("header, main, footer { max-width: 60rem }")},
		{"menu on paper", []string{"printMenu"}, inCSS("@media print { nav { display: block } }")},
		{"tiny print", []string{"printPt"}, inCSS("@media print { footer { font-size: 8pt } }")},
	},
	{
		{"grey text", []string{"axeWCAG", "contrastAAA"}, inCSS("caption { color: #999 }")},
		{"box of fixed height", []string{"textCut"}, inCSS(".marque { height: 30px; overflow: hidden }")},
		{"box of tight lines", []string{"textSpacing"}, inCSS("main > p:first-of-type { line-height: 1.2; height: 4em; overflow: hidden }")},
		{"no focus to see", []string{"focusVisible"}, inCSS(":focus-visible { outline: none; box-shadow: none } a:focus { outline: 2px solid transparent }")},
		{"bar over the page", []string{"focusObscured"}, inCSS("footer::after { content: ''; position: fixed; inset: auto 0 0 0; height: 60vh; background: #fff }")},
		{"no skip link", []string{"skipLink"}, inHTML(`<a class="evitement" href="#contenu">Aller au contenu</a>`, "")},
		{"button of paint", []string{"pseudoButtons"}, inHTML("<button>Envoyer ma demande</button>", `<div class="bouton" role="button" onclick="void 0">Envoyer</div>`)},
		{"out of the order", []string{"keyboardMissing"}, inHTML(`<a href="/plan">`, `<a href="/plan" tabindex="-1">`)},
	},
	{
		{"focus caught", []string{"keyboardTrap", "keyboardMissing"}, func(t testing.TB, s *site) {
			s.js += "\ndocument.getElementById('tel').addEventListener('keydown', function (e) { if (e.key === 'Tab') { e.preventDefault(); } });"
		}},
		{"contrast in dark only", []string{"axeWCAG"}, inCSS("@media (prefers-color-scheme: dark) { h3 { color: #444 } }")},
		{"Arabic from the left", []string{"dir"}, inHTML(`lang="fr"`, `lang="ar"`)},
	},
	{
		{"focus in a ring", []string{"keyboardTrap"}, func(t testing.TB, s *site) {
			s.js += "\ndocument.getElementById('tel').addEventListener('keydown', function (e) { if (e.key === 'Tab') { e.preventDefault(); document.getElementById('nom').focus(); } });"
		}},
		{"AAA contrast only", []string{"contrastAAA"}, inCSS("caption { color: #666 }")},
		{"French from the right", []string{"dir"}, inHTML(`lang="fr"`, `lang="fr" dir="rtl"`)},
		{"wide at 320 only", []string{"reflow320"}, inCSS("h1 { min-width: 20rem }")},
		{"good practice", []string{"axeBest"}, inHTML("<footer>", "<div>Hors zone</div><footer>")},
	},
}

func missed(r audit.Report) []string {
	var out []string
	for _, m := range r.Missed() {
		out = append(out, m.Gate)
	}
	return out
}

// TestSelf proves each gate: the good page meets all of them, and each seeded
// fault makes its own fail.
func TestSelf(t *testing.T) {
	t.Parallel()
	b := browser.Start(t)
	other := serve(t, goodSite(t))

	t.Run("good", func(t *testing.T) {
		r := audit.Page(t, b, serve(t, goodSite(t)), audit.Resident)
		r.Check(t)
		if len(missed(r)) > 0 {
			t.Errorf("warnings on the good page: %v", r.Missed())
		}
		t.Logf("%s\n%s", r.Took, audit.Markdown([]audit.Report{r}))
		if r.Keyboard.Expected != 15 || r.Layout.Controls != 15 || r.Paper.Pages != 1 || r.Network.Requests != 3 || r.Text.Sentences < 10 {
			r.Profile.Gates = nil
			t.Errorf("not all was seen: %+v", r)
		}
	})
	t.Run("good in Arabic", func(t *testing.T) {
		s := goodSite(t)
		swap(t, &s.html, `lang="fr"`, `lang="ar" dir="rtl"`)
		swap(t, &s.html, "près de chez vous</h1>", "مساعدة بالقرب منك</h1>")
		swap(t, &s.css, "left: -99rem", "right: -99rem")
		swap(t, &s.css, "left: 1rem", "right: 1rem")
		audit.Page(t, b, serve(t, s), audit.Resident).Check(t)
	})
	t.Run("good error page", func(t *testing.T) {
		s := goodSite(t)
		s.status = 404
		audit.Page(t, b, serve(t, s), audit.Error).Check(t)
	})
	t.Run("staff with a session", func(t *testing.T) {
		url := serve(t, goodSite(t))
		r := audit.Page(t, b, url, audit.Staff, browser.Cookies(url, &http.Cookie{Name: "session", Value: "x"}))
		r.Check(t)
		if len(r.Network.Cookies) != 1 {
			t.Errorf("cookies: got %v, want the session", r.Network.Cookies)
		}
	})

	proved := map[string]bool{}
	t.Run("faults", func(t *testing.T) {
		groups := pages
		if os.Getenv("AUDIT_ALONE") == "1" { // each fault on a page of its own, in two minutes
			groups = nil
			for _, group := range pages {
				for _, f := range group {
					groups = append(groups, []fault{f})
				}
			}
		}
		for i, group := range groups {
			t.Run("page "+strconv.Itoa(i+1), func(t *testing.T) {
				s := goodSite(t)
				s.other = other
				for _, f := range group {
					f.seed(t, s)
				}
				r := audit.Page(t, b, serve(t, s), audit.Resident)
				t.Log(r.Took)
				got := missed(r)
				want := map[string]bool{}
				for _, f := range group {
					for _, gate := range f.gates {
						want[gate], proved[gate] = true, true
						if !slices.Contains(got, gate) {
							t.Errorf("%s: gate %s sees nothing", f.name, gate)
						}
					}
				}
				for _, m := range r.Missed() {
					if !want[m.Gate] {
						t.Logf("also: %s", m)
					}
				}
			})
		}
	})
	for _, g := range audit.Resident.Gates {
		if g.Name != "slowLoadMs" && !proved[g.Name] {
			t.Errorf("gate %s has no fault that proves it", g.Name)
		}
	}
}

// TestURLs audits running pages: AUDIT_URLS holds `profile|address` entries
// separated by spaces, such as "resident|http://localhost:8080/ staff|...".
func TestURLs(t *testing.T) {
	urls := strings.Fields(os.Getenv("AUDIT_URLS"))
	if len(urls) == 0 {
		t.Log("AUDIT_URLS is empty: no address to judge")
		return
	}
	profiles := map[string]audit.Profile{}
	for _, p := range []audit.Profile{audit.Resident, audit.Map, audit.Staff, audit.Error} {
		profiles[p.Name] = p
	}
	b := browser.Start(t)
	var reports []audit.Report
	for _, entry := range urls {
		name, url, ok := strings.Cut(entry, "|")
		p, known := profiles[name]
		if !ok || !known {
			t.Fatalf("AUDIT_URLS: %q is not profile|address", entry)
		}
		t.Run(url, func(t *testing.T) {
			r := audit.Page(t, b, url, p)
			reports = append(reports, r)
			r.Check(t)
		})
	}
	t.Log("\n" + audit.Markdown(reports))
}

// TestSlow runs the one measure that is off by default.
func TestSlow(t *testing.T) {
	t.Setenv("AUDIT_SLOW", "1")
	b := browser.Start(t)
	s := goodSite(t)
	s.js += "\n// " + random(600_000)
	r := audit.Page(t, b, serve(t, s), audit.Resident)
	if !slices.Contains(missed(r), "slowLoadMs") {
		t.Errorf("a page of 300 KB loads in %s at 512 kbit/s", r.SlowLoad)
	}
}

func TestECMA(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		"":                                       0,
		"// let\n/* => */":                       0,
		"var a = 'let x => ?.';":                 5,
		"var re = /a?.b=>[/]`/g, c = a / b / c;": 5,
		"let a = 1":                              2015,
		"f(x => x)":                              2015,
		"f(a, ...b, c); [...d]; x ? .5 : 1":      5,
		"async function f() { await g() }":       2017,
		"var a = {...b, c: 1}":                   2018,
		"try { f() } catch { g() }":              2019,
		"a?.b":                                   2020,
		"f(typeof globalThis ? globalThis : t)":  5,
		"f(globalThis)":                          2020,
		"var s = `${a ?? b} ?.`":                 2020,
		"`a ?. b ${c} ?? d`":                     2015,
		"a ||= 1":                                2021,
		"class A { #x = 1; static { f() } }":     2022,
	} {
		if got := audit.ECMA(code); got != want {
			t.Errorf("%q: got %d, want %d", code, got, want)
		}
	}
}

// recorder notes what Check says without failing the test.
type recorder struct {
	testing.TB
	errors, logs []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(f string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(f, args...))
}
func (r *recorder) Logf(f string, args ...any) { r.logs = append(r.logs, fmt.Sprintf(f, args...)) }

func TestCheckAndTable(t *testing.T) {
	t.Parallel()
	r := audit.Report{Name: "/lieux", Profile: audit.Resident, Status: 200}
	r.Network.Cookies = []string{"a", "b"}
	r.LegalMissing = []string{"plan du site"}
	rec := &recorder{TB: t}
	r.Check(rec)
	has := func(lines []string, form string) bool {
		return slices.ContainsFunc(lines, regexp.MustCompile(form).MatchString)
	}
	if !has(rec.errors, `^/lieux \[resident\]: cookies is 2, want none \(no cookie.*\): a ; b$`) {
		t.Errorf("errors: %q", rec.errors)
	}
	if !has(rec.logs, `warning: legalLinks is 1`) || has(rec.errors, "legalLinks") || r.Pass() {
		t.Errorf("a warning must not fail: %q %q", rec.errors, rec.logs)
	}
	if table := audit.Markdown([]audit.Report{r}); !regexp.MustCompile(`\| /lieux \| resident \| 0\.0 .* \| FAIL .*cookies.*look at`).MatchString(table) {
		t.Errorf("table:\n%s", table)
	}
	a, b := r, r
	b.Name, b.Menu = "/autre", []string{"/"}
	rec = &recorder{TB: t}
	audit.SameMenu(rec, []audit.Report{a, a, b})
	if len(rec.errors) != 1 || !strings.HasPrefix(rec.errors[0], "/autre") {
		t.Errorf("menus: %q", rec.errors)
	}
}
