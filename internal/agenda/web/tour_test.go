package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

func TestATourIsAddedAndRead(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		mediator := n.Login(identity.Mediator)
		get := func(path string) (*http.Response, string) {
			return n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(mediator) })
		}
		if res, body := as(n, mediator, "/pro/tournees/ajouter", url.Values{"name": {"Le car"}, "from": {"hier"}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `value="Le car"`) {
			t.Errorf("nearly empty: %d", res.StatusCode)
		}
		form := url.Values{"name": {"Le car numérique"}, "vehicle": {"Car"}, "kit": {"4 tablettes\n\nImprimante"}, "from": {"01/06/2026"}, "to": {"2026-12-18"}, "base": {"Saintes"}, "setup": {"20"}}
		res, _ := as(n, mediator, "/pro/tournees/ajouter", form)
		page := strings.Split(res.Header.Get("Location"), "?")[0]
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(page, "/pro/tournees/") {
			t.Fatalf("added: %d", res.StatusCode)
		}
		if _, body := get(page); !strings.Contains(body, "4 tablettes, Imprimante") || !strings.Contains(body, "Aucun arrêt cette semaine") {
			t.Error("the new tour does not say what it is")
		}
		_, body := get("/pro/tournees")
		paths := between(body, `href="/pro/tournees/`, `"`)
		found := false
		for _, p := range paths {
			res, body := get("/pro/tournees/" + p)
			if res.StatusCode == http.StatusOK && strings.Contains(body, "Route : environ") && strings.Contains(body, "Le bus numérique à Tonnay-Charente") {
				found = true
				if _, next := get("/pro/tournees/" + p + "?semaine=2026-W20"); next == body {
					t.Error("another week is the same")
				}
			}
		}
		if !found {
			t.Error("no tour shows its roads")
		}
		_, body = get(page + "/changer")
		form.Set("version", between(body, `name="version" value="`, `"`)[0])
		form.Set("name", "Le car")
		if res, _ := as(n, mediator, page+"/changer", form); res.StatusCode != http.StatusSeeOther {
			t.Errorf("changed: %d", res.StatusCode)
		}
		if res, body := as(n, mediator, page+"/changer", form); res.StatusCode != http.StatusConflict || !strings.Contains(body, "Quelqu&#39;un a changé") {
			t.Errorf("changed from a stale page: %d", res.StatusCode)
		}
		helper := n.Login(identity.Helper)
		if res, _ := n.Do(http.MethodGet, page, nil, func(r *http.Request) { r.AddCookie(helper) }); res.StatusCode != http.StatusForbidden {
			t.Errorf("a helper: %d", res.StatusCode)
		}
	})
}
