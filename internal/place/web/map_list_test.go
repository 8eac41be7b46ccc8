package web_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

var (
	listed  = regexp.MustCompile(`<li class="lieu" id="lieu-(\d+)"><h2><svg class="num" viewBox="0 0 32 32"[^>]*>(<[a-z]+)[^<]*<text[^>]*>(\d+)</text>`)
	drawnOn = regexp.MustCompile(`<a href="#lieu-(\d+)" aria-label="(\d+) : [^"]+"><svg class="num"[^>]*>(<[a-z]+)[^<]*<text[^>]*>(\d+)</text>`)
	spotOf  = regexp.MustCompile(`<svg class="num" width="1.75rem" height="1.75rem" x="([\d.-]+)%" y="([\d.-]+)%"`)
)

// The list is the map: on every page of every answer they have the same places, under the same numbers and shapes, in the
// same order, and every mark lies on what is seen of the map.
func TestTheListIsTheMap(t *testing.T) {
	n := apptest.Demo(t)
	seen := 0
	for _, path := range []string{
		"/lieux", "/lieux?ou=Rochefort", "/lieux?ou=Rochefort&page=2", "/lieux?ou=Rochefort&page=4", "/lieux?ou=Royan&aide=wifi", "/lieux?ou=mediatheque",
		"/lieux?ou=Rochefort&besoin=demarches&avec=gratuit", "/lieux?lat=45.937&lon=-0.960", "/lieux?quand=samedi", "/ar/lieux?ou=Saintes",
		"/departements/17-charente-maritime", "/departements/17-charente-maritime?page=3", "/departements/17-charente-maritime?avec=gratuit&aide=mediateur",
		"/epci/200041762-ca-rochefort-ocean", "/communes/17299-rochefort", "/simple/communes/17299-rochefort",
	} {
		_, page := n.Get(path)
		var list, marks []string
		for _, m := range listed.FindAllStringSubmatch(page, -1) {
			if m[1] != m[3] {
				t.Errorf("%s: item %s bears the number %s", path, m[1], m[3])
			}
			list = append(list, m[1]+m[2])
		}
		for _, m := range drawnOn.FindAllStringSubmatch(page, -1) {
			if m[1] != m[2] || m[1] != m[4] {
				t.Errorf("%s: the mark %s leads to %s and says %s", path, m[4], m[1], m[2])
			}
			marks = append(marks, m[1]+m[3])
		}
		if len(list) == 0 || len(list) != strings.Count(page, `<li class="lieu`) || !slices.Equal(list, marks) {
			t.Errorf("%s: the list has %v, the map %v", path, list, marks)
		}
		seen += len(marks)
		for _, m := range spotOf.FindAllStringSubmatch(page, -1) {
			for _, v := range m[1:] {
				if strings.HasPrefix(v, "-") || len(v) > 4 || v == "100.0" {
					t.Errorf("%s: a mark lies at %s%%", path, v)
				}
			}
		}
		if !strings.Contains(page, `href="/fonds/`) || !strings.Contains(page, `role="img" aria-label="`) {
			t.Errorf("%s has no ground, or nobody is told of it", path)
		}
	}
	if seen < 120 {
		t.Errorf("only %d marks were looked at", seen)
	}
}

// The address of an area is known by its code, keeps what was asked, and leads up, down and to the nearest places.
func TestAreas(t *testing.T) {
	n := apptest.Demo(t)
	for from, to := range map[string]string{
		"/departements/17": "/departements/17-charente-maritime", "/departements/17-ancien-nom?besoin=demarches": "/departements/17-charente-maritime?besoin=demarches",
		"/epci/200041762": "/epci/200041762-ca-rochefort-ocean", "/communes/17299-x": "/communes/17299-rochefort", "/ar/communes/17299": "/ar/communes/17299-rochefort",
		"/departements/17/choisir": "/departements/17-charente-maritime/choisir",
	} {
		if res, _ := n.Get(from); res.StatusCode != 301 || res.Header.Get("Location") != to {
			t.Errorf("%s: %d to %s, want %s", from, res.StatusCode, res.Header.Get("Location"), to)
		}
	}
	for _, path := range []string{"/departements/99", "/departements/", "/epci/1", "/communes/99999", "/communes/" + url.PathEscape("<x>"), "/communes/17299-rochefort/choisir"} {
		if res, _ := n.Get(path); res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	_, commune := n.Get("/communes/17299-rochefort?besoin=demarches")
	for _, link := range []string{
		`href="/departements/17-charente-maritime?besoin=demarches"`, `href="/epci/200041762-ca-rochefort-ocean?besoin=demarches"`, `href="/lieux?besoin=demarches&amp;ou=17299"`,
	} {
		if !strings.Contains(commune, link) {
			t.Errorf("the page of a commune has no %s", link)
		}
	}
	_, parts := n.Get("/epci/200041762-ca-rochefort-ocean/choisir?besoin=demarches")
	if !strings.Contains(parts, `href="/communes/17299-rochefort?besoin=demarches"`) || !strings.Contains(parts, "Rochefort (") {
		t.Error("a grouping does not lead to its communes")
	}
}

// A commune without any place does not end the way.
func TestAnAreaWithoutPlace(t *testing.T) {
	n := apptest.Demo(t)
	for _, c := range n.Territory.Gazetteer().Peopled(territoryOf(n)) {
		_, page := n.Get("/communes/" + c.Code + "-" + slug(c.Name))
		if strings.Contains(page, "Aucun lieu ici") {
			if !strings.Contains(page, `href="/lieux?ou=`+c.Code) {
				t.Errorf("%s: no way to the nearest places", c.Name)
			}
			return
		}
	}
	t.Error("every commune of the example has a place: the test shows nothing")
}

func territoryOf(n *apptest.Node) territory.Area {
	a, _ := n.Territory.Gazetteer().Area(territory.DepartmentArea, "17")
	return a
}

func slug(name string) string { return ui.Slug(name) }
