package web_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// triples reads Turtle with raptor's rapper: sorted N-Triples.
func triples(t *testing.T, turtle string) []string {
	t.Helper()
	path, err := exec.LookPath("rapper")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no rapper: run scripts/install-test-tools.sh")
		}
		t.Skip("no rapper")
	}
	var out, warnings bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, "-q", "-i", "turtle", "-o", "ntriples", "-", "http://base.example/")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(turtle), &out, &warnings
	if err := cmd.Run(); err != nil || warnings.Len() > 0 {
		t.Fatalf("rapper: %v %s", err, warnings.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	slices.Sort(lines)
	return lines
}

// The catalogue is read by another program: each set has what data.gouv.fr wants, each file that it names is there and
// weighs what it says.
func TestCatalogueIsReadBack(t *testing.T) {
	n := apptest.Demo(t)
	res, turtle := n.Get("/catalogue.ttl")
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/turtle") {
		t.Fatal(res.Status, res.Header)
	}
	lines := triples(t, turtle)
	count := func(parts ...string) int {
		c := 0
		for _, l := range lines {
			all := true
			for _, p := range parts {
				all = all && strings.Contains(l, p)
			}
			if all {
				c++
			}
		}
		return c
	}
	datasets := count("#type> <http://www.w3.org/ns/dcat#Dataset>")
	if datasets != 2 || count("#Catalog>") != 1 || count("dcat#dataset>") != datasets {
		t.Errorf("%d sets in the catalogue", datasets)
	}
	for _, each := range []string{"dc/terms/identifier", "dc/terms/title", "dc/terms/description", "accrualPeriodicity", "contactPoint", "dc/terms/publisher", "dc/terms/spatial", "dc/terms/temporal", "conformsTo", "dc/terms/modified", "landingPage", "keyword"} {
		for _, set := range []string{"/catalogue#lieux>", "/catalogue#lieux-departement-17>"} {
			if count(set+" <", each) == 0 {
				t.Errorf("%s has no %s", set, each)
			}
		}
	}
	if got := count("dcat#Distribution>"); got != 10 || count("dc/terms/license") != 10 || count("mediaType") != 10 {
		t.Errorf("%d distributions", got)
	}
	sizes := regexp.MustCompile(`^<([^>]+)> <http://www.w3.org/ns/dcat#byteSize> "(\d+)"`)
	weighed := 0
	for _, l := range lines {
		if m := sizes.FindStringSubmatch(l); m != nil {
			weighed++
			path := strings.TrimPrefix(m[1], n.URL)
			if _, body := n.Get(path); fmt.Sprint(len(body)) != m[2] {
				t.Errorf("%s weighs %d bytes, the catalogue says %s", path, len(body), m[2])
			}
		}
	}
	if weighed != 5 {
		t.Errorf("%d files were weighed", weighed)
	}
	for _, l := range lines {
		if _, rest, ok := strings.Cut(l, "dcat#downloadURL> <"); ok {
			address, _, _ := strings.Cut(rest, ">")
			if res, _ := n.Get(strings.TrimPrefix(address, n.URL)); res.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d", address, res.StatusCode)
			}
		}
	}
	_, raw := n.Get("/catalogue.jsonld")
	var nodes []map[string]any
	if err := json.Unmarshal([]byte(raw), &nodes); err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, node := range nodes {
		for key, values := range node {
			if key != "@id" {
				said += len(values.([]any))
			}
		}
	}
	if said != len(lines) {
		t.Errorf("JSON-LD says %d things, Turtle %d", said, len(lines))
	}
	if res, _ := n.Do(http.MethodGet, "/catalogue", nil, func(r *http.Request) { r.Header.Set("Accept", "application/ld+json") }); res.Header.Get("Content-Type") != "application/ld+json" {
		t.Error("JSON-LD was asked for, and", res.Header.Get("Content-Type"), "given")
	}
	again, _ := n.Do(http.MethodGet, "/catalogue.ttl", nil, func(r *http.Request) { r.Header.Set("If-None-Match", res.Header.Get("ETag")) })
	if again.StatusCode != http.StatusNotModified {
		t.Error("the same catalogue is sent again")
	}
}

// A hostile name in the census states nothing in the catalogue, and breaks no feed.
func TestHostileTextsStayTexts(t *testing.T) {
	n := apptest.Demo(t)
	n.PlantHostileTexts()
	_, turtle := n.Get("/catalogue.ttl")
	for _, l := range triples(t, turtle) {
		if strings.HasSuffix(l, "<http://evil.example/x> .") {
			t.Errorf("planted: %s", l)
		}
	}
	for path, pages := "/lieux/changements.atom", 0; path != "" && pages < 20; pages++ {
		f := feedOf(t, n, path)
		path = f.next
	}
}

type feed struct {
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Summary string `xml:"summary"`
	} `xml:"entry"`
	ID    string `xml:"id"`
	Links []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	next string
}

func feedOf(t *testing.T, n *apptest.Node, path string) feed {
	t.Helper()
	res, body := n.Get(path)
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/atom+xml") {
		t.Fatal(path, res.Status)
	}
	var f feed
	d := xml.NewDecoder(strings.NewReader(body))
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, l := range f.Links {
		if l.Rel == "next" {
			f.next = strings.TrimPrefix(l.Href, n.URL)
		}
	}
	return f
}

// The feed says what came and what changed, once each, the latest first, however many pages it takes; a change of another
// area is not in it.
func TestFeed(t *testing.T) {
	n := apptest.Demo(t)
	seen := map[string]bool{}
	last := "9999"
	pages := 0
	for path := "/lieux/changements.atom"; path != ""; pages++ {
		f := feedOf(t, n, path)
		for _, e := range f.Entries {
			if seen[e.ID] || e.Updated > last {
				t.Errorf("%s comes twice, or out of order", e.ID)
			}
			seen[e.ID], last = true, e.Updated
		}
		path = f.next
	}
	if len(seen) < 60 {
		t.Errorf("%d entries on %d pages", len(seen), pages)
	}
	if _, err := n.Places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"telephone": "05 36 49 00 18"}); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	if f := feedOf(t, n, "/lieux/changements.atom?commune=17299"); !strings.Contains(f.Entries[0].Summary, "le téléphone") {
		t.Errorf("%+v", f.Entries[0])
	}
	for _, e := range feedOf(t, n, "/lieux/changements.atom?commune=17415").Entries {
		if strings.Contains(e.Title, "Rochefort") {
			t.Errorf("%s is not in Saintes", e.Title)
		}
	}
	if res, _ := n.Get("/lieux/changements.atom?commune=99999"); res.StatusCode != http.StatusNotFound {
		t.Error(res.Status)
	}
}

// The files of an area have its places and no other, and are asked about rather than sent again.
func TestFilesOfAnArea(t *testing.T) {
	n := apptest.Demo(t)
	_, whole := n.Get("/donnees/lieux.csv")
	_, commune := n.Get("/donnees/communes/17299/lieux.csv")
	_, department := n.Get("/donnees/departements/17/lieux.csv")
	if whole != department {
		t.Error("the whole example lies in one département")
	}
	rows := strings.Split(strings.TrimSpace(commune), "\n")
	if len(rows) < 5 || len(rows) >= len(strings.Split(whole, "\n")) {
		t.Errorf("%d rows in one commune", len(rows))
	}
	for _, row := range rows[1:] {
		if !strings.Contains(row, "Rochefort") {
			t.Errorf("not in Rochefort: %s", row)
		}
	}
	for _, file := range []string{"lieux.xlsx", "lieux.json", "lieux.geojson", "lieux-data-inclusion.json"} {
		res, body := n.Get("/donnees/epci/200041762/" + file)
		if res.StatusCode != http.StatusOK || len(body) < 500 {
			t.Errorf("%s: %s, %d bytes", file, res.Status, len(body))
		}
		again, _ := n.Do(http.MethodGet, "/donnees/epci/200041762/"+file, nil, func(r *http.Request) { r.Header.Set("If-None-Match", res.Header.Get("ETag")) })
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s is sent again", file)
		}
		if other, _ := n.Do(http.MethodGet, "/donnees/communes/17299/"+file, nil, func(r *http.Request) { r.Header.Set("If-None-Match", res.Header.Get("ETag")) }); other.StatusCode != http.StatusOK {
			t.Errorf("%s of another area is taken for the same", file)
		}
	}
	if res, _ := n.Get("/donnees/communes/99999/lieux.csv"); res.StatusCode != http.StatusNotFound {
		t.Error(res.Status)
	}
}

// One page alone may be shown inside another site: the policy of all others refuses it.
func TestOnlyTheListMayBeFramed(t *testing.T) {
	n := apptest.Demo(t)
	res, body := n.Get("/integre/lieux?commune=17299&besoin=demarches")
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Security-Policy"), "frame-ancestors *") || len(res.Cookies()) > 0 {
		t.Fatal(res.Status, res.Header)
	}
	if !strings.Contains(body, `target="_top"`) || strings.Contains(body, "<nav aria-label=\"Menu") || len(body) > 20_000 {
		t.Errorf("the frame weighs %d bytes, or has menus", len(body))
	}
	for _, path := range []string{"/", "/lieux", "/communes/17299-rochefort", "/donnees", "/lieux/integrer", "/connexion", n.PlacePath(1), "/nulle-part", "/integre/lieux?commune=99999"} {
		res, _ := n.Get(path)
		if !strings.Contains(res.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s may be framed: %s", path, res.Header.Get("Content-Security-Policy"))
		}
	}
	_, help := n.Get("/lieux/integrer?ou=Rochefort")
	if !strings.Contains(help, "/integre/lieux?commune=17299") || !strings.Contains(help, "&lt;iframe") {
		t.Error("the code to paste does not lead to the list")
	}
}
