package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
)

// What a reader keeps shows on no page that caches share; whoever is not logged in is led to do so, and back.
func TestKeepingAPlace(t *testing.T) {
	n := apptest.Demo(t)
	cookie := n.LoginAs(n.Resident())
	her := func(r *http.Request) { r.AddCookie(cookie) }
	page := func() string {
		t.Helper()
		_, body := n.Do(http.MethodGet, n.PlacePath(1), nil, her)
		return body
	}
	before := page()
	if _, anonymous := n.Get(n.PlacePath(1)); anonymous != before || !strings.Contains(before, `href="/compte/lieux/1"`) {
		t.Error("the page of a place differs by reader, or does not lead to keeping it")
	}
	res, body := n.Get("/compte/lieux/1")
	back := "?retour=" + url.QueryEscape("/compte/lieux/1")
	if res.StatusCode != http.StatusUnauthorized || !strings.Contains(body, `href="/connexion`+back) {
		t.Errorf("anonymous: status %d\n%s", res.StatusCode, body)
	}
	res, body = n.Do(http.MethodGet, "/compte/lieux/1", nil, her)
	if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" || !strings.Contains(body, `value="garder"`) {
		t.Errorf("status %d, %v\n%s", res.StatusCode, res.Header, body)
	}
	for range 2 {
		if res, _ := post(n, "/compte/lieux/1", url.Values{"action": {"garder"}}, her); res.Header.Get("Location") != "/compte?fait=garde" {
			t.Fatalf("status %d to %q", res.StatusCode, res.Header.Get("Location"))
		}
	}
	if _, body = n.Do(http.MethodGet, "/compte", nil, her); strings.Count(body, `action="/compte/lieux/`) != 1 {
		t.Errorf("kept once:\n%s", body)
	}
	if page() != before {
		t.Error("the page of a place shows who keeps it")
	}
	if _, body = n.Do(http.MethodGet, "/compte/lieux/1", nil, her); !strings.Contains(body, `value="retirer"`) {
		t.Errorf("no way to let go:\n%s", body)
	}
	if res, _ := post(n, "/compte/lieux/1", url.Values{"action": {"retirer"}}, her); res.StatusCode != http.StatusSeeOther {
		t.Errorf("status %d", res.StatusCode)
	}
	for _, unknown := range []string{"/compte/lieux/99999", "/compte/lieux/abc"} {
		if res, _ := post(n, unknown, url.Values{"action": {"garder"}}, her); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", unknown, res.StatusCode)
		}
	}
}

// A search that finds nothing offers to be told of what comes there.
func TestAnEmptyListOffersAnAlert(t *testing.T) {
	n := apptest.Demo(t)
	_, body := n.Get("/lieux?ou=xyzzyx")
	if !strings.Contains(body, `href="/alertes?ou=xyzzyx"`) {
		t.Errorf("no way to an alert:\n%s", body)
	}
}
