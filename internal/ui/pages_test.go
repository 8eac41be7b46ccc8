package ui_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
	"viaduc/internal/ui/plainwords"
)

// server is a whole small site: the pages of this package and a few that refuse.
func server(t *testing.T, k *ui.Kit) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", k.Assets())
	mux.Handle("GET /composants", k.Handle(k.Components))
	mux.Handle("GET /affichage", k.Handle(k.ShowComfort))
	mux.Handle("POST /affichage", k.Handle(k.SaveComfort))
	mux.Handle("GET /langues", k.HandleTranslated(k.ShowLanguages))
	for _, kind := range append(fault.Kinds(), fault.Internal) {
		mux.Handle("GET /refus/kind-"+string(kind)+"/{id}", k.HandleTranslated(func(http.ResponseWriter, *http.Request) error {
			if kind == fault.Internal {
				return errors.New("disk is full")
			}
			return fault.New(kind, "ui.unknown_key")
		}))
	}
	mux.Handle("GET /panique/{id}", k.Handle(func(_ http.ResponseWriter, r *http.Request) error {
		panic("stopped at " + r.PathValue("id"))
	}))
	return k.Languages(k.Pages(mux))
}

func get(h http.Handler, method, target string, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if cookie != "" {
		r.Header.Set("Cookie", "affichage="+cookie) // as a browser sends it, also what http.Cookie would strip
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func parse(t *testing.T, body []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func all(doc *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(doc, cascadia.MustCompile(selector))
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}

// checkPage asserts what every page owes its reader.
func checkPage(t *testing.T, name string, body []byte) {
	t.Helper()
	doc := parse(t, body)
	for _, one := range []string{"h1", "main", "title", "header", "footer", "meta[name=viewport]", "meta[name=description]", "meta[name=color-scheme]", "link[rel=icon]"} {
		if n := len(all(doc, one)); n != 1 {
			t.Errorf("%s: %d %s, want 1", name, n, one)
		}
	}
	ids := map[string]bool{}
	for _, n := range all(doc, "[id]") {
		if ids[attr(n, "id")] {
			t.Errorf("%s: id %q stands twice", name, attr(n, "id"))
		}
		ids[attr(n, "id")] = true
	}
	labels := map[string]bool{}
	for _, n := range all(doc, "label") {
		labels[attr(n, "for")] = true
		if !ids[attr(n, "for")] {
			t.Errorf("%s: a label leads to no field: %q", name, attr(n, "for"))
		}
	}
	for _, n := range all(doc, "input:not([type=hidden]), select, textarea") {
		if !labels[attr(n, "id")] {
			t.Errorf("%s: field %q has no label", name, attr(n, "id"))
		}
		if attr(n, "aria-invalid") == "true" && attr(n, "aria-describedby") == "" && len(all(doc, "fieldset[aria-describedby]")) == 0 {
			t.Errorf("%s: field %q does not say its error", name, attr(n, "id"))
		}
	}
	for _, key := range []string{"aria-describedby", "aria-labelledby"} {
		for _, n := range all(doc, "["+key+"]") {
			for _, id := range strings.Fields(attr(n, key)) {
				if !ids[id] {
					t.Errorf("%s: %s names %q, which is nowhere", name, key, id)
				}
			}
		}
	}
	for _, n := range all(doc, `main a[href^="#"]`) {
		if id := attr(n, "href")[1:]; !ids[id] {
			t.Errorf("%s: a link leads to #%s, which is nowhere", name, id)
		}
	}
	for _, n := range all(doc, "[style], style, [onclick], script:not([src]), iframe") {
		t.Errorf("%s: inline style, script or frame: %s", name, n.Data)
	}
	for _, n := range all(doc, "fieldset") {
		if len(all(n, "legend")) != 1 {
			t.Errorf("%s: a group of answers has no legend", name)
		}
	}
	last := 1
	for _, n := range all(doc, "h1, h2, h3, h4") {
		level := int(n.Data[1] - '0')
		if level > last+1 {
			t.Errorf("%s: heading level jumps from %d to %d: %q", name, last, level, text(n))
		}
		last = level
	}
	links := all(doc, "body a")
	if len(links) == 0 || attr(links[0], "href") != "#contenu" {
		t.Errorf("%s: the first link does not skip to the content", name)
	}
	if m := regexp.MustCompile(`\[[a-z_.]+\]|ZgotmplZ|&amp;amp;`).Find(body); m != nil {
		t.Errorf("%s: the page shows %q", name, m)
	}
	var legal []string
	for _, n := range all(doc, "footer li a") {
		legal = append(legal, attr(n, "href"))
	}
	if got := strings.Join(legal, " "); got != "/accessibilite /mentions-legales /donnees-personnelles /ecoconception /plan-du-site /contact" {
		t.Errorf("%s: legal links are %s", name, got)
	}
	if len(all(doc, `a[href^="tel:"]`)) == 0 {
		t.Errorf("%s: no phone number", name)
	}
}

func TestPages(t *testing.T) {
	h := server(t, newKit(t, nil))
	for _, target := range []string{"/composants", "/affichage", "/langues", "/simple/langues", "/en/langues", "/ar/langues", "/rien", "/ar/rien", "/refus/kind-/1"} {
		w := get(h, "GET", target, "")
		checkPage(t, target, w.Body.Bytes())
		if got := w.Header().Get("Content-Security-Policy"); got != ui.ContentSecurityPolicy {
			t.Errorf("%s: policy is %q", target, got)
		}
	}
}

func TestResidentPagesUsePlainWords(t *testing.T) {
	h := server(t, newKit(t, nil))
	targets := map[string]i18n.Lang{
		"/affichage": i18n.French, "/langues": i18n.French, "/simple/langues": i18n.Simple, "/en/langues": i18n.English,
		"/ar/langues": i18n.Arabic, "/rien": i18n.French, "/panique/1": i18n.French,
	}
	for _, k := range fault.Kinds() {
		targets["/refus/kind-"+string(k)+"/1"] = i18n.French
	}
	for target, lang := range targets {
		problems, err := plainwords.CheckHTML(get(h, "GET", target, "").Body, lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", target, p)
		}
	}
}

func TestListOfFifteenPlacesIsFrugal(t *testing.T) {
	type list struct {
		ui.Page
		Places []ui.PlaceCard
		Pager  ui.Pager
	}
	src := fstest.MapFS{"templates/list.html": {Data: []byte(`{{template "page_top" .Page}}<h1>x</h1><ul class="lieux">{{range .Places}}{{.HTML}}{{end}}</ul>{{template "pager" .Pager}}{{template "page_bottom" .Page}}`)}}
	k := newKit(t, func(d *ui.Deps) {
		d.Templates = append(d.Templates, src)
		for range 5 {
			d.Menu = append(d.Menu, d.Menu[0])
		}
	})
	w := get(k.HandleTranslated(func(w http.ResponseWriter, r *http.Request) error {
		v := list{Page: k.Page(r, "Lieux")}
		for i := range 15 {
			v.Places = append(v.Places, ui.PlaceCard{
				Number: i + 1, MarkLabel: v.MarkLabel(i + 1), Name: "Lieu", Href: "/lieux/1", State: ui.OpenNow,
				StateText: "Ouvert maintenant", StateMore: "jusqu'à 17 h", Distance: "1,2 km", Town: "Saintes", Offer: "Aide", Phone: "05 46 00 00 00", PhoneHref: "tel:+33546000000",
			})
		}
		v.Pager = v.Page.Pager("/lieux", url.Values{"ou": {"Saintes"}}, 1, 9)
		return k.Render(w, r, http.StatusOK, "list", v)
	}), "GET", "/lieux", "")
	doc := parse(t, w.Body.Bytes())
	n := len(all(doc, "*")) - len(all(doc, "svg *"))
	if n > 350 {
		t.Errorf("a list of 15 places has %d elements, want 350 at most", n)
	}
	if w.Body.Len() > 60_000 {
		t.Errorf("a list of 15 places weighs %d bytes", w.Body.Len())
	}
	files := map[string]bool{}
	for _, n := range all(doc, "link[href], script[src], use[href], img[src]") {
		address, _, _ := strings.Cut(attr(n, "href")+attr(n, "src"), "#")
		files[address] = true
	}
	if len(files)+2 > 6 { // the page itself and the font of the headings
		t.Errorf("a list asks for %d files: %v", len(files)+2, files)
	}
}

func TestLanguages(t *testing.T) {
	h := server(t, newKit(t, nil))
	tests := []struct {
		target   string
		status   int
		location string
		lang     string
	}{
		{"/langues", 200, "", "fr"},
		{"/ar/langues", 200, "", "ar"},
		{"/en/langues?x=1", 200, "", "en"},
		{"/simple/langues", 200, "", "fr"},
		{"/en/affichage?retour=%2Flieux", 302, "/affichage?retour=%2Flieux", ""},
		{"/ar/composants", 302, "/composants", ""},
		{"/fr/langues?a=b", 302, "/langues?a=b", ""},
		{"/fr", 302, "/", ""},
		{"/fr//evil.example", 302, "/evil.example", ""},
		{"/english/langues", 404, "", "fr"},
		{"/ar/rien", 404, "", "ar"},
	}
	for _, tt := range tests {
		w := get(h, "GET", tt.target, "")
		if w.Code != tt.status || w.Header().Get("Location") != tt.location {
			t.Errorf("GET %s = %d to %q, want %d to %q", tt.target, w.Code, w.Header().Get("Location"), tt.status, tt.location)
		}
		if tt.lang != "" {
			root := all(parse(t, w.Body.Bytes()), "html")[0]
			if attr(root, "lang") != tt.lang || (attr(root, "dir") == "rtl") != (tt.lang == "ar") {
				t.Errorf("GET %s is in %s, %s", tt.target, attr(root, "lang"), attr(root, "dir"))
			}
		}
	}
	if body := get(h, "GET", "/ar/langues?x=1", "").Body.String(); !strings.Contains(body, "ترجمة غير مراجعة") || !strings.Contains(body, `href="/en/langues?x=1"`) {
		t.Error("the Arabic page does not say that it was not proofread, or loses its query in another language")
	}
	if body := get(h, "GET", "/simple/langues", "").Body.String(); strings.Contains(body, "non relue") {
		t.Error("simple French is no translation")
	}
}

func TestPrefixedDoubleSlashStaysHere(t *testing.T) {
	k := newKit(t, nil)
	h := k.Languages(k.Handle(k.ShowComfort))
	for _, target := range []string{"/en//evil.example/x", "/ar///evil.example", "/en/%5Cevil.example", "/en/%2Fevil.example"} {
		w := get(h, "GET", target, "")
		to := w.Header().Get("Location")
		if w.Code != http.StatusFound || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\") || !strings.HasPrefix(to, "/") {
			t.Errorf("GET %s leads to %q", target, to)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for _, good := range []string{"/", "/lieux?ou=Saintes#a", "/ar/lieux"} {
		if got := ui.LocalPath(good, "/x"); got != good {
			t.Errorf("LocalPath(%q) = %q", good, got)
		}
	}
	for _, bad := range []string{
		"", "lieux", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1",
		"/\t/evil.example", "\\\\evil", "/%zz", "///evil", "/" + strings.Repeat("a", 2000),
	} {
		if got := ui.LocalPath(bad, "/x"); got != "/x" {
			t.Errorf("LocalPath(%q) = %q, want the fallback", bad, got)
		}
	}
}

func TestComfort(t *testing.T) {
	h := server(t, newKit(t, nil))
	post := func(form url.Values) *http.Response {
		r := httptest.NewRequest("POST", "/affichage", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	tests := []struct {
		form  url.Values
		to    string
		value string
		gone  bool
	}{
		{url.Values{"confort": {"grand", "contraste", "autre"}, "retour": {"/lieux?ou=Saintes"}}, "/lieux?ou=Saintes", "grand.contraste", false},
		{url.Values{"confort": {"simple", "lisible"}, "retour": {"//evil.example"}}, "/", "lisible.simple", false},
		{url.Values{"confort": {"grand"}, "action": {"effacer"}, "retour": {"/affichage"}}, "/affichage", "", true},
		{url.Values{}, "/", "", true},
	}
	for _, tt := range tests {
		res := post(tt.form)
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != tt.to {
			t.Errorf("%v: %d to %q, want 303 to %q", tt.form, res.StatusCode, res.Header.Get("Location"), tt.to)
		}
		c := res.Cookies()
		if len(c) != 1 || c[0].Name != "affichage" || c[0].Value != tt.value || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || (c[0].MaxAge < 0) != tt.gone {
			t.Errorf("%v: cookies %v", tt.form, c)
		}
	}
	w := get(h, "GET", "/affichage", "grand.contraste.simple")
	doc := parse(t, w.Body.Bytes())
	if got := attr(all(doc, "html")[0], "class"); got != "grand contraste" {
		t.Errorf("classes are %q", got)
	}
	if n := len(all(doc, "input[checked]")); n != 3 {
		t.Errorf("%d boxes are ticked, want 3", n)
	}
	if get(h, "GET", "/affichage", `"><script>`).Code != http.StatusOK {
		t.Error("a strange cookie breaks the page")
	}
	if c := get(h, "GET", "/langues", "").Result().Cookies(); len(c) != 0 {
		t.Errorf("a page sets cookies by itself: %v", c)
	}
}

func TestErrorsByKind(t *testing.T) {
	var logged bytes.Buffer
	k := newKit(t, func(d *ui.Deps) { d.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	h := server(t, k)
	want := map[fault.Kind]int{
		fault.Invalid: 422, fault.NotFound: 404, fault.Forbidden: 403, fault.Unauthenticated: 401, fault.Conflict: 409,
		fault.TooMany: 429, fault.Unavailable: 503, fault.Internal: 500,
	}
	for kind, status := range want {
		for _, prefix := range []string{"", "/en", "/ar"} {
			logged.Reset()
			target := prefix + "/refus/kind-" + string(kind) + "/Jeanne?nom=Dupont"
			w := get(h, "GET", target, "")
			if w.Code != status {
				t.Errorf("GET %s = %d, want %d", target, w.Code, status)
			}
			checkPage(t, target, w.Body.Bytes())
			if (logged.Len() > 0) != (kind == fault.Internal) {
				t.Errorf("%s: logged %q", target, logged.String())
			}
			if strings.Contains(logged.String(), "Jeanne") || strings.Contains(logged.String(), "Dupont") {
				t.Errorf("%s: the log names somebody: %s", target, logged.String())
			}
		}
	}
	w := get(h, "GET", "/refus/kind-/1", "")
	ref := regexp.MustCompile(`[B-Z2-9]{3}-[B-Z2-9]{3}`).FindString(w.Body.String())
	if ref == "" || !strings.Contains(logged.String(), ref) {
		t.Errorf("reference %q is not in the log %q", ref, logged.String())
	}
	if strings.Contains(w.Body.String(), "disk is full") {
		t.Error("the page shows the inside of the error")
	}
	if got := get(h, "GET", "/refus/kind-unauthenticated/1", "").Body.String(); !strings.Contains(got, "/connexion?retour=%2frefus%2fkind-unauthenticated%2f1") && !strings.Contains(got, "/connexion?retour=%2Frefus") {
		t.Error("the login link does not come back here")
	}
	logged.Reset()
	if w := get(h, "GET", "/panique/Jeanne", ""); w.Code != 500 || strings.Count(logged.String(), "reference=") != 1 ||
		!strings.Contains(logged.String(), "stack") || strings.Contains(logged.String(), "Jeanne") {
		t.Errorf("a panic answers %d and logs %q", w.Code, logged.String())
	}
}

func TestErrorSaysItsOwnSentence(t *testing.T) {
	k := newKit(t, nil)
	w := get(k.Handle(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Invalid, "ui.error.conflict.text").With("tel", "ui.error.too_many.text").With("nom", "ui.nowhere")
	}), "GET", "/x", "")
	for _, s := range []string{"Quelqu&#39;un a été plus rapide", "Attendez une minute"} {
		if !strings.Contains(w.Body.String(), s) {
			t.Errorf("the page lacks %q", s)
		}
	}
	if strings.Contains(w.Body.String(), "nowhere") {
		t.Error("the page shows a key")
	}
}

func TestUnknownAddressAndMethod(t *testing.T) {
	h := server(t, newKit(t, nil))
	if w := get(h, "GET", "/rien/du/tout", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "Cette page n&#39;existe pas") {
		t.Errorf("unknown address: %d", w.Code)
	}
	w := get(h, "DELETE", "/affichage", "")
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("unknown method: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	checkPage(t, "405", w.Body.Bytes())
}

func TestBrokenTemplateSendsNoHalfPage(t *testing.T) {
	type view struct {
		ui.Page
		Links []ui.Link
	}
	src := fstest.MapFS{"templates/broken.html": {Data: []byte(`{{template "page_top" .Page}}<h1>Avant</h1>{{(index .Links 3).Text}}{{template "page_bottom" .Page}}`)}}
	k := newKit(t, func(d *ui.Deps) { d.Templates = append(d.Templates, src) })
	w := get(k.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return k.Render(w, r, http.StatusOK, "broken", view{Page: k.Page(r, "x")})
	}), "GET", "/x", "")
	if w.Code != 500 || strings.Contains(w.Body.String(), "Avant") {
		t.Errorf("a broken page answers %d: %s", w.Code, w.Body.String())
	}
}

func TestDoubleTemplateIsRefused(t *testing.T) {
	c, err := i18n.New(ui.Locale())
	if err != nil {
		t.Fatal(err)
	}
	base := ui.Deps{Catalog: c, Site: func(string) ui.Site { return site }, Now: nil, Log: slog.Default()}
	if _, err := ui.New(base); err == nil {
		t.Error("New accepts to have no clock")
	}
	for name, body := range map[string]string{"templates/field.html": "x", "templates/other.html": `{{define "page_top"}}x{{end}}`, "templates/bad.html": "{{if}}"} {
		d := base
		d.Now = func() time.Time { return noon }
		d.Templates = append(d.Templates, fstest.MapFS{name: {Data: []byte(body)}})
		if _, err := ui.New(d); err == nil {
			t.Errorf("New accepts %s: %s", name, body)
		}
	}
}

func TestMaintenanceStandsAlone(t *testing.T) {
	k := newKit(t, nil)
	w := httptest.NewRecorder()
	k.Maintenance(w, httptest.NewRequest("GET", "/", nil), http.StatusServiceUnavailable)
	body := w.Body.String()
	if w.Code != 503 || !strings.Contains(body, "05 46 00 00 00") || !strings.Contains(body, "<style>") || strings.Contains(body, "/assets/") {
		t.Errorf("maintenance page: %d\n%s", w.Code, body)
	}
	if !strings.Contains(w.Header().Get("Content-Security-Policy"), "style-src 'sha256-") {
		t.Error("its own style is not allowed by its policy")
	}
}

func TestAssets(t *testing.T) {
	k := newKit(t, nil)
	h := k.Assets()
	for _, name := range []string{"style.css", "icons.svg", "page.js", "atkinson-700.woff2", "atkinson-400.woff2"} {
		path := ui.AssetPath(name)
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "br, gzip;q=0.8")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("ETag") == "" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		var body io.Reader = w.Body
		if w.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		} else if !strings.HasSuffix(name, ".woff2") {
			t.Errorf("%s is not compressed", name)
		}
		if data, err := io.ReadAll(body); err != nil || len(data) < 100 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		r.Header.Set("If-None-Match", `"x", W/`+w.Header().Get("ETag"))
		again := httptest.NewRecorder()
		h.ServeHTTP(again, r)
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s asked again: %d", name, again.Code)
		}
	}
	for _, bad := range []string{"/assets/style.css", "/assets/../ui.go", "/assets/style-0000000000.css", strings.TrimSuffix(ui.AssetPath("style.css"), ".css") + "-zzzzzz.css"} {
		r := httptest.NewRequest("GET", "/assets/x", nil)
		r.URL.Path = bad
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 404 {
			t.Errorf("%s: %d, want 404", bad, w.Code)
		}
	}
}

func TestSiteColourIsInTheOneStyleSheet(t *testing.T) {
	k := newKit(t, func(d *ui.Deps) {
		d.Site = func(string) ui.Site { s := site; s.Action = "#7a1f5c"; return s }
	})
	h := server(t, k)
	doc := parse(t, get(h, "GET", "/langues", "").Body.Bytes())
	sheets := all(doc, "link[rel=stylesheet]")
	if len(sheets) != 1 {
		t.Fatalf("%d style sheets", len(sheets))
	}
	w := get(h, "GET", attr(sheets[0], "href"), "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "--action:#7a1f5c") || !strings.Contains(w.Body.String(), ".tuiles") {
		t.Errorf("style sheet of the site: %d", w.Code)
	}
}

func TestNoTranslationIsMissing(t *testing.T) {
	c, err := i18n.New(ui.Locale())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []i18n.Lang{i18n.English, i18n.Arabic} {
		if m := c.Missing(l); len(m) > 0 {
			t.Errorf("%s lacks %v", l, m)
		}
	}
	french := map[string]bool{}
	for _, k := range c.Keys(i18n.French) {
		french[k] = true
		if !strings.HasPrefix(k, "ui.") {
			t.Errorf("key %q does not start with ui.", k)
		}
	}
	for _, l := range i18n.Langs() {
		for _, k := range c.Keys(l) {
			if !french[k] {
				t.Errorf("%s has %q, which French lacks", l, k)
			}
		}
	}
}

func TestEveryPictogramIsDrawn(t *testing.T) {
	k := newKit(t, nil)
	sprite := get(k.Assets(), "GET", ui.AssetPath("icons.svg"), "").Body.String()
	for _, name := range ui.Icons() {
		if !strings.Contains(sprite, `id="`+name+`"`) {
			t.Errorf("the sprite lacks %s", name)
		}
	}
	if n := strings.Count(sprite, "<symbol"); n != len(ui.Icons()) {
		t.Errorf("the sprite has %d drawings, Icons lists %d", n, len(ui.Icons()))
	}
}
