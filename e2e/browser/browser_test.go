package browser_test

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"viaduc/e2e/browser"
)

// site is a small web site with what the scenarios meet: a link, a form, a
// cookie, a script, a style for print and for dark.
func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, title, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="fr"><head><meta name="viewport" content="width=device-width"><title>%s</title><link rel="icon" href="data:,"><style>
			@media (prefers-color-scheme: dark) { body { background: rgb(1, 2, 3) } }
			@media print { nav { display: none } }
			.far { margin-top: 200vh }</style></head><body>%s</body></html>`, title, body)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "vu", Value: "oui", Path: "/", HttpOnly: true})
		page(w, "Accueil", `<nav><a id="lieu" href="/lieu">Trouver&nbsp;un
			lieu</a></nav><p id="js">sans</p><noscript><p id="no">noscript</p></noscript>
			<p id="lang">`+html.EscapeString(r.Header.Get("Accept-Language")+" "+r.Header.Get("X-Essai"))+`</p>
			<button disabled>Fermé</button><p hidden id="caché">secret</p>
			<p class="far"><a class="bas" href="#js">Bas de page</a></p>
			<script>document.getElementById('js').textContent = 'avec'; console.error('aïe', 3)</script>`)
	})
	mux.HandleFunc("GET /lieu", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(60 * time.Millisecond)
		page(w, "Lieu", `<form method="post" action="/demande"><label>Nom <input name="nom" value="ancien"></label>
			<label>Jour <input type="date" name="jour"></label><label>Fichier <input type="file" name="f"></label>
			<label>Ville <select name="ville"><option value="1">Niort</option><option value="2">Poitiers</option></select></label>
			<button>Envoyer</button></form>`)
	})
	mux.HandleFunc("POST /demande", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		http.Redirect(w, r, "/merci?nom="+r.PostForm.Get("nom")+"&jour="+r.PostForm.Get("jour")+"&ville="+r.PostForm.Get("ville"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /merci", func(w http.ResponseWriter, r *http.Request) {
		page(w, "Merci", `<h1>Merci `+html.EscapeString(r.FormValue("nom"))+`</h1><ul><li>`+r.FormValue("jour")+`</li><li>`+r.FormValue("ville")+`</li></ul>`)
	})
	mux.HandleFunc("GET /ouvrier.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `self.addEventListener('activate', (e) => e.waitUntil(clients.claim()));
			self.addEventListener('fetch', (e) => e.respondWith(fetch(e.request)));`)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestTab(t *testing.T) {
	t.Parallel()
	b, url := browser.Start(t), site(t)

	t.Run("mouse, scripts on", func(t *testing.T) {
		tab := b.Tab(t)
		tab.Open(url)
		check(t, "status", tab.Status(), 200)
		check(t, "type", tab.ResponseHeader("content-type"), "text/html; charset=utf-8")
		check(t, "title", tab.Title(), "Accueil")
		check(t, "script", tab.Text("#js"), "avec")
		check(t, "console", strings.Join(tab.ConsoleErrors(), ";"), "aïe 3")
		check(t, "cookies", len(tab.CookieJar()), 1)
		check(t, "French is asked for", strings.HasPrefix(tab.Text("#lang"), "fr-FR"), true)
		check(t, "hidden", tab.Visible("#caché"), false)
		check(t, "attribute", tab.Attr("#lieu", "href"), "/lieu")
		check(t, "source", strings.Contains(tab.SourceHTML(), `<p id="js">sans</p>`), true)
		check(t, "width", browser.Eval[int](tab, "innerWidth"), 1280)
		check(t, "promise", browser.Eval[int](tab, "new Promise((r) => setTimeout(() => r(7), 5))"), 7)
		if _, err := browser.TryEval[int](tab, "absent.x"); err == nil {
			t.Error("an exception in Eval is no error")
		}
		tab.Click(".bas") // out of the screen, and stays in the page
		check(t, "fragment", tab.URL(), url+"/#js")
		tab.ClickText("Trouver un lieu")
		check(t, "next page", tab.Title(), "Lieu")
		check(t, "old value", tab.Value("[name=nom]"), "ancien")
		tab.Type("[name=nom]", "Zoé")
		tab.Type("[name=jour]", "2030-02-03")
		tab.Select("select", "Poitiers")
		tab.Upload("[type=file]", "browser_test.go")
		check(t, "file", browser.Eval[int](tab, "document.querySelector('[type=file]').files.length"), 1)
		tab.Click("button")
		check(t, "answer", tab.Text("h1"), "Merci Zoé")
		check(t, "list", strings.Join(tab.Texts("li"), ","), "2030-02-03,2")
		check(t, "count", tab.Count("li"), 2)
		tab.Back()
		check(t, "back", tab.Title(), "Lieu")
		tab.Reload()
		tab.WaitLoaded()
		check(t, "reload", tab.Title(), "Lieu")
	})

	t.Run("keyboard, scripts off, 320 px", func(t *testing.T) {
		tab := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640), browser.Header("X-Essai", "bonjour"))
		tab.Open(url)
		check(t, "isolated", len(tab.CookieJar()), 1) // only its own first visit
		check(t, "script", tab.Text("#js"), "sans")
		check(t, "noscript", tab.Text("#no"), "noscript")
		check(t, "header", strings.HasSuffix(tab.Text("#lang"), "bonjour"), true)
		check(t, "width", browser.Eval[int](tab, "innerWidth"), 320)
		check(t, "presses", tab.TabTo("#lieu"), 1)
		check(t, "focus", tab.Focused(), `a#lieu "Trouver un lieu"`)
		tab.Press(browser.KeyEnter)
		check(t, "next page", tab.Title(), "Lieu")
		tab.TabTo("[name=nom]")
		tab.Type(":focus", "Ali")
		tab.TabTo("select")
		tab.Press(browser.KeyDown)
		tab.TabTo("button")
		tab.Press(browser.KeySpace)
		check(t, "answer", tab.Text("h1"), "Merci Ali")
		check(t, "list", strings.Join(tab.Texts("li"), ","), ",2")
	})

	t.Run("finger", func(t *testing.T) {
		tab := b.Tab(t, browser.Touch(), browser.Viewport(320, 640))
		tab.Open(url)
		tab.Tap("#lieu")
		check(t, "next page", tab.Title(), "Lieu")
	})

	t.Run("dark, print, pictures", func(t *testing.T) {
		background := "getComputedStyle(document.body).backgroundColor"
		tab := b.Tab(t, browser.Dark(), browser.Print())
		tab.Open(url)
		check(t, "dark", browser.Eval[string](tab, background), "rgb(1, 2, 3)")
		check(t, "menu on paper", tab.Visible("nav"), false)
		tab.SetMedia("", false)
		check(t, "menu on screen", tab.Visible("nav"), true)
		check(t, "light", browser.Eval[string](tab, background), "rgba(0, 0, 0, 0)")
		tab.SetFontSize(32)
		check(t, "twice as large", browser.Eval[string](tab, "getComputedStyle(document.body).fontSize"), "32px")
		file := filepath.Join(t.TempDir(), "page.png")
		tab.Screenshot(file)
		if png, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(png, []byte("\x89PNG")) {
			t.Errorf("screenshot: %d bytes, %v", len(png), err)
		}
		if pdf := tab.PDF(); !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Errorf("print: %d bytes", len(pdf))
		}
	})

	t.Run("cookie of a session", func(t *testing.T) {
		tab := b.Tab(t, browser.Cookies(url, &http.Cookie{Name: "session", Value: "s", HttpOnly: true}))
		tab.Open(url)
		check(t, "cookies", len(tab.CookieJar()), 2)
	})

	t.Run("offline and slow", func(t *testing.T) {
		tab := b.Tab(t, browser.SlowLink(), browser.SlowCPU(2))
		begin := time.Now()
		tab.Open(url)
		if d := time.Since(begin); d < 400*time.Millisecond {
			t.Errorf("slow link answered in %s", d)
		}
		tab.SetOffline(true)
		check(t, "navigator", browser.Eval[bool](tab, "navigator.onLine"), false)
		if err := tab.TryOpen(url + "/lieu"); err == nil {
			t.Error("a page opened offline")
		}
		tab.SetOffline(false)
		tab.Open(url + "/lieu")
		check(t, "back on line", tab.Title(), "Lieu")
	})

	t.Run("offline behind a service worker", func(t *testing.T) {
		tab := b.Tab(t)
		tab.Open(url + "/lieu")
		browser.Eval[any](tab, `navigator.serviceWorker.register('/ouvrier.js').then(() => navigator.serviceWorker.ready).then(() => new Promise((r) => { const on = () => navigator.serviceWorker.controller ? r() : setTimeout(on, 20); on(); }))`)
		answers := "fetch('/lieu', { cache: 'no-store' }).then(() => true, () => false)"
		check(t, "on line", browser.Eval[bool](tab, answers), true)
		tab.SetOffline(true)
		check(t, "offline", browser.Eval[bool](tab, answers), false)
		tab.SetOffline(false)
		check(t, "on line again", browser.Eval[bool](tab, answers), true)
	})

	t.Run("record of requests", func(t *testing.T) {
		tab := b.Tab(t)
		tab.Open(url + "/lieu")
		tab.WaitIdle(50 * time.Millisecond)
		all := tab.Requests()
		if len(all) != 1 || all[0].Bytes < 200 || all[0].Decoded < 200 || all[0].Origin() != url || all[0].Type != "Document" {
			t.Errorf("requests: %+v", all)
		}
		tab.ForgetRequests()
		check(t, "forgotten", len(tab.Requests()), 0)
		tab.Open(url + "/absente")
		check(t, "status", tab.Status(), 404)
	})
}
