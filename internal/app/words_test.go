package app_test

import (
	"net/http"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
	"viaduc/internal/ui/plainwords"
)

// Every page of the residents speaks in short sentences and in the words of the house (no jargon).
func TestPagesSpeakPlainly(t *testing.T) {
	n := apptest.Demo(t)
	pages := []string{
		"/", "/lieux", "/tiers-lieux", "/tiers-lieux?ou=Rochefort&espace=cuisine", "/lieux?ou=Rochefort", "/lieux?ou=xyzzyx", "/lieux?ou=Rochfort", "/lieux?ou=12+rue+inconnue,+Rochefort", "/lieux?lat=45.937&lon=-0.960", "/accessibilite", "/mentions-legales",
		"/donnees-personnelles", "/ecoconception", "/plan-du-site", "/contact", "/donnees", "/affichage", "/langues", "/nulle-part",
	}
	for _, e := range n.Places.Index().Entries() {
		pages = append(pages, n.PlacePath(int64(e.Number)))
	}
	for _, l := range []i18n.Lang{i18n.French, i18n.Simple} {
		for _, path := range pages {
			res, body := n.Get(ui.Path(l, path))
			if res.StatusCode == http.StatusFound {
				continue // this page has no simple version
			}
			problems, err := plainwords.CheckHTML(strings.NewReader(body), l)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				t.Errorf("%s (%s): %s: %q: %s", path, l, p.Rule, p.Found, p.Advice)
			}
		}
	}
}
