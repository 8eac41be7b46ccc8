package app_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/testkit"
)

// view is what the map's address answers.
type view struct {
	Total   int
	Groupes []struct {
		Lieux int
	}
	Lieux []struct {
		Numero int64
		Groupe *int
	}
}

func mapAddress(b place.Bounds, zoom int, more string) string {
	return fmt.Sprintf("/api/v1/lieux/carte?bbox=%.4f,%.4f,%.4f,%.4f&zoom=%d%s", b.West, b.South, b.East, b.North, zoom, more)
}

// The whole real census: each view a map may ask for, at each zoom, over the country, its towns and its seas, with and
// without filters, weighs little and counts what is there.
func TestViewsOfTheRealCensus(t *testing.T) {
	const most = 30_000 // bytes, compressed
	n := apptest.New(t)
	n.ImportCommunes()
	n.ImportPlaces("lieux/lieux-france.csv")
	entries := n.Places.Index().Entries()
	if len(entries) < 7900 {
		t.Fatalf("only %d places", len(entries))
	}
	r := rand.New(rand.NewPCG(30, 12))
	heaviest, views, many := 0, 0, 0
	for zoom := range place.MaxZoom + 1 {
		for range 25 {
			centre := entries[r.IntN(len(entries))].Stands
			width := 360 / math.Pow(2, float64(zoom)) * float64(1+r.IntN(10)) // of a telephone, of a wall of screens
			b := place.Bounds{West: max(centre.Lon-width/2, -180), South: max(centre.Lat-width/3, -90), East: min(centre.Lon+width/2, 180), North: min(centre.Lat+width/3, 90)}
			more := []string{"", "", "&avec=gratuit", "&besoin=demarches&quand=matin", "&mots=mediatheque"}[r.IntN(5)]
			res, body := n.Get(mapAddress(b, zoom, more))
			var v view
			if err := json.Unmarshal([]byte(body), &v); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d, %v", mapAddress(b, zoom, more), res.StatusCode, err)
			}
			views++
			var pressed bytes.Buffer
			z := gzip.NewWriter(&pressed)
			_, _ = z.Write([]byte(body))
			_ = z.Close()
			heaviest = max(heaviest, pressed.Len())
			alone, sum := 0, 0
			for _, g := range v.Groupes {
				sum += g.Lieux
			}
			for _, p := range v.Lieux {
				if p.Groupe == nil {
					alone++
				}
			}
			if sum+alone != v.Total || len(v.Groupes)+alone > place.MaxMarks {
				t.Errorf("%s: %d places, %d in %d groups and %d alone", mapAddress(b, zoom, more), v.Total, sum, len(v.Groupes), alone)
			}
			if v.Total > place.MaxMarks {
				many++
			} else if len(v.Lieux) != v.Total {
				t.Errorf("%s names %d of %d places", mapAddress(b, zoom, more), len(v.Lieux), v.Total)
			}
		}
	}
	t.Logf("%d views, %d of them of more than %d places; the heaviest is %d bytes, compressed", views, many, place.MaxMarks, heaviest)
	if heaviest > most || heaviest < 500 || many < 50 {
		t.Errorf("the heaviest view is %d bytes, compressed, want less than %d", heaviest, most)
	}
}

func TestMapRefusesWhatIsNoView(t *testing.T) {
	n := apptest.Demo(t)
	for query, fields := range map[string][]string{
		"":                                   {"bbox", "zoom"},
		"bbox=-1,45,0,46":                    {"zoom"},
		"zoom=9":                             {"bbox"},
		"bbox=-1,45,0,46&zoom=20":            {"zoom"},
		"bbox=-1,45,0,46&zoom=-1":            {"zoom"},
		"bbox=-1,45,0,46&zoom=9.5":           {"zoom"},
		"bbox=-1,45,0&zoom=9":                {"bbox"},
		"bbox=0,45,-1,46&zoom=9":             {"bbox"},
		"bbox=-1,46,0,45&zoom=9":             {"bbox"},
		"bbox=-181,45,0,46&zoom=9":           {"bbox"},
		"bbox=NaN,45,0,46&zoom=9":            {"bbox"},
		"bbox=-Inf,45,Inf,46&zoom=9":         {"bbox"},
		"bbox=-1,45,0,46,7&zoom=9":           {"bbox"},
		"bbox=-1,45,0,46&zoom=9&avec=or":     {"avec"},
		"bbox=a,b,c,d&zoom=x&besoin=%3Csvg>": {"bbox", "zoom", "besoin"},
	} {
		res, body := n.Get("/api/v1/lieux/carte?" + query)
		var problem struct {
			Status int
			Detail string
			Fields map[string]string
		}
		if err := json.Unmarshal([]byte(body), &problem); err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusUnprocessableEntity || problem.Status != res.StatusCode || res.Header.Get("Content-Type") != "application/problem+json" || len(problem.Fields) != len(fields) {
			t.Errorf("%q: %d, %+v, want faults of %v", query, res.StatusCode, problem, fields)
		}
		for _, f := range fields {
			if problem.Fields[f] == "" {
				t.Errorf("%q: nothing is said of %s", query, f)
			}
		}
	}
	if res, _ := n.Get("/api/v1/lieux/carte?%zz"); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an address that cannot be read: %d", res.StatusCode)
	}
}

// An answer may be kept until a place changes; one that looks at the hour, for that minute.
func TestViewsAreKeptUntilAPlaceChanges(t *testing.T) {
	n := apptest.Demo(t)
	address := "/api/v1/lieux/carte?bbox=-1.6,45,0.2,46.5&zoom=9"
	ask := func(address, tag string) *http.Response {
		res, _ := n.Do(http.MethodGet, address, nil, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		return res
	}
	first := ask(address, "").Header.Get("ETag")
	if first == "" || ask(address, `"x", `+first).StatusCode != http.StatusNotModified || ask(address, `W/"x"`).StatusCode != http.StatusOK {
		t.Fatalf("ETag %q", first)
	}
	open := address + "&quand=maintenant"
	now := ask(open, "").Header.Get("ETag")
	if now == first || ask(open, now).StatusCode != http.StatusNotModified {
		t.Errorf("ETag %q of what is open now", now)
	}
	n.Clock.Move(30 * time.Minute)
	n.Places.Index().Warm(n.Clock.Now())
	if ask(open, now).StatusCode != http.StatusOK || ask(address, first).StatusCode != http.StatusNotModified {
		t.Error("half an hour later, what is open is still the same answer, or the rest is another one")
	}
	n.LosePlace("Exemple_003")
	if ask(address, first).StatusCode != http.StatusOK {
		t.Error("a place changed, and its view did not")
	}
}

// The page without a script: the same choices as the list, the places of the view, and links that lead nearer until every
// place is named.
func TestMapPageLeadsNearerByLinks(t *testing.T) {
	n := apptest.Demo(t)
	seen := map[string]bool{}
	var walk func(address string, depth int)
	walk = func(address string, depth int) {
		if seen[address] || depth > 12 {
			return
		}
		seen[address] = true
		res, body := n.Get(address)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", address, res.StatusCode)
		}
		_, list, _ := strings.Cut(body, `id="en-vue"`)
		list, _, _ = strings.Cut(list, "</ul>")
		for _, part := range strings.Split(list, `<a href="`)[1:] {
			href, _, _ := strings.Cut(part, `"`)
			if href = strings.ReplaceAll(href, "&amp;", "&"); strings.HasPrefix(href, "/lieux/carte?") {
				if !strings.Contains(href, "avec=gratuit") {
					t.Errorf("%s forgets the choices", href)
				}
				walk(href, depth+1)
				continue
			}
			seen[href] = true
		}
	}
	walk("/lieux/carte?avec=gratuit", 0)
	free, _ := place.ParseFacet(place.GroupWith, "gratuit")
	missing := 0
	for _, e := range n.Places.Index().Entries() {
		if slices.Contains(n.Places.Index().Answers(e, n.Clock.Now()), free) && e.Stands.Known() && !seen[n.PlacePath(int64(e.Number))] {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d places are reached by no link", missing)
	}
	res, body := n.Get("/lieux?ou=Rochefort&avec=gratuit&besoin=demarches")
	if res.StatusCode != http.StatusOK || !strings.Contains(body, `href="/lieux/carte?avec=gratuit&amp;besoin=demarches&amp;ou=Rochefort"`) {
		t.Error("the list does not lead to the map with its choices")
	}
	_, body = n.Get("/lieux/carte?avec=gratuit&besoin=demarches&ou=Rochefort&bbox=-1,45.9,-0.9,46")
	for _, want := range []string{`href="/lieux?avec=gratuit&amp;besoin=demarches&amp;ou=Rochefort"`, `data-bbox="-1,45.9,-0.9,46"`, `data-carte="/api/v1/lieux/carte?avec=gratuit&amp;besoin=demarches"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s on the map of Rochefort", want)
		}
	}
	for _, odd := range []string{"a,b,c,d", "1,2,3", "NaN,NaN,NaN,NaN", "0,46,-1,45", `"><script>`, "1e300,0,1e301,1"} {
		if res, body := n.Get("/lieux/carte?bbox=" + url.QueryEscape(odd)); res.StatusCode != http.StatusOK || strings.Contains(body, `data-bbox="NaN`) || strings.Contains(body, "<script>") {
			t.Errorf("bbox %q: %d", odd, res.StatusCode)
		}
	}
}

// The operator's background comes through this site; without one no square is served, and nobody is asked.
func TestTilesOfTheMap(t *testing.T) {
	var asked atomic.Int64
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/fond/9/254/180.png" || !strings.HasPrefix(r.Header.Get("User-Agent"), "Viaduc http") || r.Header.Get("Cookie") != "" {
			t.Errorf("asked for %s as %v", r.URL.Path, r.Header)
		}
		_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 256, 256)))
	}))
	defer provider.Close()
	n := apptest.DemoOn(t, config.Config{Data: testkit.SQLiteDir(t), TilesURL: provider.URL + "/fond/{z}/{x}/{y}.png", TilesSource: "© <b>Exemple</b>"}, app.Options{})
	_, body := n.Get("/lieux/carte")
	if !strings.Contains(body, `data-tuiles="/tuiles/{z}/{x}/{y}" data-source="© &lt;b&gt;Exemple&lt;/b&gt;"`) || strings.Contains(body, provider.URL) {
		t.Error("the page does not say where its background is")
	}
	for range 3 {
		res, body := n.Do(http.MethodGet, "/tuiles/9/254/180", nil, func(r *http.Request) { r.AddCookie(n.Login(identity.Manager)) })
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/png" || len(body) < 100 {
			t.Errorf("%d, %q", res.StatusCode, res.Header)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("the provider was asked %d times", asked.Load())
	}
	without := apptest.Demo(t)
	if res, _ := without.Get("/tuiles/9/254/180"); res.StatusCode != http.StatusNotFound {
		t.Errorf("without a provider: %d", res.StatusCode)
	}
}
