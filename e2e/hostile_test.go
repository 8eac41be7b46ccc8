package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// ran lists what hostile texts made the tab run: each calls planted, which no page defines.
func ran(tab *browser.Tab) []string {
	return slices.DeleteFunc(append(tab.ConsoleErrors(), tab.Dialogs()...), func(text string) bool { return !strings.Contains(text, "planted") })
}

// P2 in a browser: pages that hold hostile texts run none of them, even where the browser is told to ignore the policy
// that forbids it: what is written is all that protects then.
func TestP2NothingRunsWithoutPolicy(t *testing.T) {
	b := browser.Start(t)
	careless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		fmt.Fprint(w, "<!doctype html><p>"+apptest.HostileTexts[4]+"</p>")
	}))
	defer careless.Close()
	tab := b.Tab(t, browser.NoPolicy())
	tab.Open(careless.URL)
	if len(ran(tab)) == 0 {
		t.Fatal("a careless page is not seen: this test could not fail")
	}

	n := apptest.Demo(t)
	planted := n.PlantHostileTexts()
	public := []string{"/lieux?ou=Rochefort", "/lieux?ou=Rochefort&page=4", "/actualites", "/donnees"}
	for _, number := range planted[:len(apptest.HostileTexts)] {
		public = append(public, n.PlacePath(number))
	}
	for i, text := range apptest.HostileTexts {
		if i%4 == 0 {
			public = append(public, "/lieux?ou="+url.QueryEscape(text), n.PlacePath(planted[i])+"/signaler?etape=2&quoi=horaires")
		}
	}
	tab = b.Tab(t, browser.NoPolicy())
	for _, path := range public {
		tab.Open(n.URL + path)
		if texts := ran(tab); len(texts) > 0 {
			t.Fatalf("%s runs %v", path, texts)
		}
	}
	tab = b.Tab(t, browser.NoPolicy(), browser.Cookies(n.URL, n.Login(identity.Administrator)))
	for _, path := range []string{"/pro", "/pro/admin/actualites", "/pro/admin/journal"} {
		tab.Open(n.URL + path)
		if texts := ran(tab); len(texts) > 0 {
			t.Fatalf("%s runs %v", path, texts)
		}
	}
}
