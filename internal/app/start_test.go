package app_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/app/demo"
	"viaduc/internal/config"
	"viaduc/internal/territory/geocodertest"
	"viaduc/internal/testkit"
)

// withGeocoder is the demonstration on a stand-in of the geocoder, and everything it logs.
func withGeocoder(t *testing.T, features ...geocodertest.Feature) (*apptest.Node, *geocodertest.Server, *bytes.Buffer) {
	t.Helper()
	server, log := geocodertest.Start(t, features...), &bytes.Buffer{}
	cfg := config.Config{Data: testkit.SQLiteDir(t), GeocoderURL: server.URL}
	n := apptest.Start(t, cfg, app.Options{Demo: true, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err := demo.Load(t.Context(), n.Territory, n.Places); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	return n, server, log
}

func rochefort(kind, name string) geocodertest.Feature {
	return geocodertest.Address(kind, name, "Rochefort", "17299", "17300", 45.9405, -0.9605, 0.9)
}

func TestListStartsFromAnAddress(t *testing.T) {
	n, _, _ := withGeocoder(t, rochefort("housenumber", "12 Rue de la République"), rochefort("street", "Avenue Gambetta"))
	for _, tc := range []struct{ where, says, note string }{
		{"12 rue de la République, Rochefort", "<h1>Les lieux près du 12 rue de la République, Rochefort</h1>", ""},
		{"avenue Gambetta 17300 Rochefort", "<h1>Les lieux près de « Avenue Gambetta, Rochefort »</h1>", ""},
		{"12 rue inconnue, Rochefort", "<h1>Les lieux près de Rochefort</h1>", "Nous ne connaissons pas la rue « 12 rue inconnue ». Les distances partent du centre de Rochefort."},
		{"12 <b>rue</b> inconnue, Rochefort", "<h1>Les lieux près de Rochefort</h1>", "« 12 &lt;b&gt;rue&lt;/b&gt; inconnue »"},
	} {
		_, body := n.Get("/lieux?" + url.Values{"ou": {tc.where}, "avec": {"gratuit"}}.Encode())
		body = strings.ReplaceAll(body, "\u00a0", " ")
		if !strings.Contains(body, tc.says) || !strings.Contains(body, tc.note) || strings.Contains(body, "Nous ne connaissons pas") != (tc.note != "") {
			t.Errorf("%s: the page does not say %q and %q", tc.where, tc.says, tc.note)
		}
		if !strings.Contains(body, `class="loin"`) {
			t.Errorf("%s: no distance", tc.where)
		}
	}
	// The filters of an address that is widened keep both sentences.
	_, body := n.Get("/lieux?" + url.Values{"ou": {"12 rue inconnue, Rochefort"}, "aide": {"wifi"}, "avec": {"anglais", "itinerant"}}.Encode())
	if !strings.Contains(body, "Aucun lieu n'a tout cela") && !strings.Contains(body, "Aucun lieu n&#39;a tout cela") || !strings.Contains(body, "Nous ne connaissons pas la rue") {
		t.Error("one of the two sentences is missing")
	}
}

func TestJSONStartsFromAnAddress(t *testing.T) {
	n, _, _ := withGeocoder(t, rochefort("housenumber", "12 Rue de la République"))
	for where, want := range map[string][3]string{
		"12 rue de la République, Rochefort": {"17299", "12 Rue de la République, Rochefort", "numero"},
		"12 rue inconnue, Rochefort":         {"17299", "", "centre"},
		"Rochefort":                          {"17299", "", ""},
	} {
		res, body := n.Get("/api/v1/lieux?" + url.Values{"ou": {where}}.Encode())
		var answer struct {
			Origine struct {
				Code               string `json:"code_insee"`
				Adresse, Precision string
			}
			Lieux []struct {
				Distance *int `json:"distance_m"`
			}
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", where, res.StatusCode, err)
		}
		o := answer.Origine
		if [3]string{o.Code, o.Adresse, o.Precision} != want || len(answer.Lieux) == 0 || answer.Lieux[0].Distance == nil {
			t.Errorf("%s: origin %+v, %d places", where, o, len(answer.Lieux))
		}
	}
}

// The reader's own position, rounded before it is used; every way on from the list keeps it.
func TestListAroundThePosition(t *testing.T) {
	n := apptest.Demo(t)
	_, body := n.Get("/lieux?lat=45.93712&lon=-0.96049&besoin=demarches&ou=")
	for _, want := range []string{
		"<h1>Les lieux près de vous</h1>", "Nous ne gardons pas votre position.", `<input type="hidden" name="lat" value="45.937">`, `<input type="hidden" name="lon" value="-0.960">`,
		"lat=45.937&amp;lon=-0.960&amp;page=2", "Le plus proche est le premier",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	_, rounded := n.Get("/lieux?lat=45.937&lon=-0.960&besoin=demarches&ou=")
	if distances(body) != distances(rounded) {
		t.Error("the position is used before it is rounded")
	}
	for query, says := range map[string]string{
		"lat=45.937&lon=-0.960&ou=Saintes": "près de Saintes", "lat=45.937": "Les lieux qui vous aident", "lat=x&lon=y": "Les lieux qui vous aident", "lat=95&lon=0": "Les lieux qui vous aident",
		"lat=NaN&lon=NaN": "Les lieux qui vous aident", "lat=1e999&lon=0": "Les lieux qui vous aident",
	} {
		res, body := n.Get("/lieux?" + query)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, says) || strings.Contains(body, "près de vous</h1>") {
			t.Errorf("%s: status %d, does not say %q", query, res.StatusCode, says)
		}
	}
}

func distances(body string) string {
	var out []string
	for _, part := range strings.Split(body, `class="loin"`)[1:] {
		out = append(out, part[:min(len(part), 60)])
	}
	return strings.Join(out, "|")
}

// Neither what people look for nor where they are is ever logged, whatever goes wrong.
func TestNothingOfASearchIsLogged(t *testing.T) {
	n, server, log := withGeocoder(t, rochefort("housenumber", "12 Rue de la République"))
	secrets := []string{"publique", "corderie", "45.93", "0.960", "0.96"}
	ask := func() {
		for _, prefix := range []string{"/lieux?", "/ar/lieux?", "/api/v1/lieux?", "/nulle-part?", "/lieux/1-x?", "/api/v1/rien?"} {
			for _, q := range []url.Values{{"ou": {"12 rue de la République, Rochefort"}}, {"ou": {"4 rue de la Corderie, Rochefort"}}, {"lat": {"45.937"}, "lon": {"-0.960"}}, {"lat": {"45.9"}, "lon": {"x"}}} {
				n.Get(prefix + q.Encode())
			}
		}
	}
	ask()
	server.Fail(http.StatusInternalServerError, "")
	for _, street := range []string{"a", "b", "c", "d"} { // new questions, so that memory does not answer
		n.Get("/lieux?" + url.Values{"ou": {"9 rue de la Corderie " + street + ", Rochefort"}}.Encode())
	}
	server.Fail(http.StatusTooManyRequests, "")
	ask()
	if err := n.DB.Close(); err != nil { // now everything that needs the database fails
		t.Fatal(err)
	}
	n.Get("/donnees?" + url.Values{"ou": {"12 rue de la République, Rochefort"}, "lat": {"45.937"}}.Encode())
	text := strings.ToLower(log.String())
	if !strings.Contains(text, "geocoder left in peace") || !strings.Contains(text, "page failed") {
		t.Fatalf("nothing went wrong: the test shows nothing\n%s", text)
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("the log shows %q:\n%s", s, text)
		}
	}
}

func TestPersonalDataSaysWhoIsAsked(t *testing.T) {
	const sentence = "Nous demandons à un service d&#39;adresses"
	plain := func(body string) string { return strings.ReplaceAll(body, "'", "&#39;") }
	n, _, _ := withGeocoder(t)
	if _, body := n.Get("/donnees-personnelles"); !strings.Contains(plain(body), sentence) {
		t.Error("the page does not say that a geocoder is asked")
	}
	if _, body := apptest.Demo(t).Get("/donnees-personnelles"); strings.Contains(plain(body), sentence) {
		t.Error("the page says that a geocoder is asked, and there is none")
	}
}
