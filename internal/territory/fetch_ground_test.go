package territory_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// groundService stands in for geo.api.gouv.fr: it answers in its shapes with the real communes and outlines.
type groundService struct {
	url      string
	mu       sync.Mutex // of asked, instead and only: a request that was given up may still be served
	asked    []string
	communes map[string][]map[string]any // by département
	outlines map[string][]byte
	instead  http.HandlerFunc // answers in its place when it is not nil
	only     string           // format that instead answers; "" is both
}

func startGround(t testing.TB) *groundService {
	t.Helper()
	s := &groundService{communes: realCommunes(t), outlines: map[string][]byte{}}
	for i, file := range contourFiles {
		raw, err := os.ReadFile(testkit.Data(t, file))
		if err != nil {
			t.Fatal(err)
		}
		s.outlines[[]string{"17", "40", "47"}[i]] = raw
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /departements/{code}/communes", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.String())
		instead, only := s.instead, s.only
		s.mu.Unlock()
		code, format := r.PathValue("code"), r.URL.Query().Get("format")
		switch {
		case instead != nil && (only == "" || only == format):
			instead(w, r)
		case s.communes[code] == nil:
			http.Error(w, `{"code":404}`, http.StatusNotFound)
		case format == "geojson":
			_, _ = w.Write(s.outlines[code])
		default:
			_ = json.NewEncoder(w).Encode(s.communes[code])
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// realCommunes are the communes of the country in the service's shape, without arrondissements as it gives them.
func realCommunes(t testing.TB) map[string][]map[string]any {
	t.Helper()
	f, err := os.Open(testkit.Data(t, "geo/communes-2026.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]map[string]any{}
	for _, r := range rows[1:] {
		if r[2] != "commune-actuelle" {
			continue
		}
		c := map[string]any{"code": r[0], "nom": r[1], "codeDepartement": r[3], "codeRegion": r[4], "codesPostaux": strings.Split(r[8], "|"), "siren": r[5]}
		if r[6] != "" {
			c["codeEpci"], c["epci"] = r[6], map[string]any{"code": r[6], "nom": r[7]}
		}
		if n, err := strconv.Atoi(r[9]); err == nil {
			c["population"] = n
		}
		lat, err1 := strconv.ParseFloat(r[10], 64)
		lon, err2 := strconv.ParseFloat(r[11], 64)
		if err1 == nil && err2 == nil {
			c["centre"] = map[string]any{"type": "Point", "coordinates": []float64{lon, lat}}
		}
		out[r[3]] = append(out[r[3]], c)
	}
	return out
}

// answer has the service say something else for one format, "" for both; nil ends it.
func (s *groundService) answer(instead http.HandlerFunc, only string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instead, s.only = instead, only
}

// groundAPI asks with patience for what comes, and with none where the answer never does.
func groundAPI(t testing.TB, url string, patience time.Duration) *territory.GroundAPI {
	t.Helper()
	api, err := territory.NewGroundAPI(territory.GroundAPIDeps{URL: url, Timeout: patience, MaxBody: 2 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func TestDepartmentsAreFetchedSideBySide(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		service, s := startGround(t), newService(t, d)
		api, err := territory.NewGroundAPI(territory.GroundAPIDeps{URL: service.url + "/"})
		if err != nil {
			t.Fatal(err)
		}
		first, err := s.FetchDepartment(t.Context(), audit.CLI, api, "17", 2018)
		if err != nil || first.Communes.Created != len(service.communes["17"]) || first.Outlines.Created < 400 {
			t.Fatalf("%+v, %v", first, err)
		}
		if !strings.Contains(service.asked[0], "centre") || !strings.Contains(service.asked[1], "geometry=contour") {
			t.Errorf("asked %q", service.asked)
		}
		if _, err := s.FetchDepartment(t.Context(), audit.CLI, api, "40", 2018); err != nil {
			t.Fatal(err)
		}
		refresh(t, s)
		g := s.Gazetteer()
		if g.Len() != len(service.communes["17"])+len(service.communes["40"]) {
			t.Errorf("%d communes", g.Len())
		}
		for code, at := range map[string]territory.Point{"17299": {Lat: 45.94, Lon: -0.96}, "40192": {Lat: 43.89, Lon: -0.5}} {
			if c, ok := s.CommuneAt(at); !ok || c.Code != code || c.EPCI == "" || len(c.Postcodes) == 0 || c.Population < 20_000 || !c.Point.Known() {
				t.Errorf("at %v: %+v", at, c)
			}
		}
		// Again, with one name changed: one commune of this département changes, and the other keeps all.
		service.communes["40"][0]["nom"] = "Nouveau Nom"
		again, err := s.FetchDepartment(t.Context(), audit.CLI, api, "40", 2018)
		if err != nil || again.Communes.Updated != 1 || again.Communes.Created != 0 || again.Outlines.Created+again.Outlines.Updated != 0 {
			t.Fatalf("again: %+v %+v, %v", again.Communes.Counts, again.Outlines.Counts, err)
		}
		refresh(t, s)
		if s.Gazetteer().Len() != g.Len() || len(s.Gazetteer().Named("Nouveau Nom")) != 1 || len(s.Gazetteer().Named("Rochefort")) == 0 {
			t.Error("what was there is not there any more")
		}
	})
}

func TestABadAnswerChangesNothing(t *testing.T) {
	testkit.EachEngine(t, badAnswers)
	if _, err := territory.NewGroundAPI(territory.GroundAPIDeps{URL: "https://name:word@geo.example"}); err == nil {
		t.Error("an address with a password is taken")
	}
}

func badAnswers(t *testing.T, d *db.DB) {
	service := startGround(t)
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
	}
	secret := httptest.NewServer(say(`[{"code":"17299","nom":"Volée","codeDepartement":"17"}]`))
	t.Cleanup(secret.Close)
	to := func(address string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
	}
	landes, err := json.Marshal(service.communes["40"])
	if err != nil {
		t.Fatal(err)
	}
	whole := string(service.outlines["17"])
	wait := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	s := newService(t, d)
	for name, tc := range map[string]struct {
		only    string
		instead http.HandlerFunc
		key     string
	}{
		"communes never come":           {"json", wait, "territory.fetch_slow"},
		"outlines never come":           {"geojson", wait, "territory.fetch_slow"},
		"an error":                      {"", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "territory.fetch_status"},
		"outlines are an error":         {"geojson", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, "territory.fetch_status"},
		"communes are cut":              {"json", say(string(landes[:len(landes)/2])), "territory.fetch_not_json"},
		"outlines are cut":              {"geojson", say(whole[:len(whole)/2]), "territory.fetch_not_json"},
		"a page":                        {"", say("<!doctype html><title>Maintenance</title>"), "territory.fetch_not_json"},
		"nothing":                       {"json", say(""), "territory.fetch_not_json"},
		"no commune":                    {"json", say("[]"), "territory.fetch_shape"},
		"outlines of another shape":     {"geojson", say(`{"type":"Topology"}`), "territory.fetch_shape"},
		"communes of another":           {"json", say(string(landes)), "territory.fetch_foreign"},
		"outlines of another":           {"geojson", say(string(service.outlines["40"])), "territory.fetch_foreign"},
		"too large":                     {"geojson", say(whole + strings.Repeat(" ", 3<<20)), "territory.fetch_large"},
		"sent to this machine":          {"", to(secret.URL), "territory.fetch_refused"},
		"sent where clouds keep secret": {"json", to("http://169.254.169.254/latest/meta-data"), "territory.fetch_refused"},
		"sent to a file":                {"json", to("file:///etc/passwd"), "territory.fetch_refused"},
		"a line that is cut": {"json", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "900000")
			_, _ = w.Write(landes[:100])
		}, "territory.fetch_silent"},
	} {
		service.answer(tc.instead, tc.only)
		patience := time.Minute
		if tc.key == "territory.fetch_slow" {
			patience = 300 * time.Millisecond
		}
		_, err := s.FetchDepartment(t.Context(), audit.CLI, groundAPI(t, service.url, patience), "17", 0)
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Unavailable || f.Message.Key != tc.key {
			t.Errorf("%s: %v, want %s", name, err, tc.key)
		}
	}
	service.answer(nil, "")
	if _, err := s.FetchDepartment(t.Context(), audit.CLI, groundAPI(t, service.url, time.Minute), "99", 0); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown département: %v", err)
	}
	refresh(t, s)
	if n := s.Gazetteer().Len(); n != 0 {
		t.Errorf("%d communes are there", n)
	}
}

func TestCommunesOfTheServiceAreImportedFromAFile(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := twoCommunes(t, d)
		// As the service answers when it is asked for nothing special: without a centre.
		file := "\ufeff" + `[{"nom":"Rochefort","code":"17299","codeDepartement":"17","siren":"211702998","codeEpci":"200041762","codeRegion":"75","codesPostaux":["17300"],"population":23460},
			{"nom":"Saintes","code":"17415","codeDepartement":"17","codeRegion":"75","codesPostaux":["17100"],"population":25000},
			{"nom":"","code":"17002"},{"nom":"Sans code"},7]`
		rep, err := s.Import(t.Context(), audit.CLI, strings.NewReader(file), 0)
		if err != nil || rep.Read != 5 || rep.Rejected != 3 || rep.Updated != 2 || rep.Created != 0 {
			t.Fatalf("%s, %v, %v", rep.Counts, rep.Issues, err)
		}
		refresh(t, s)
		c, _ := s.Gazetteer().Commune("17299")
		if c.Point.Lat != 45.05 || c.Population != 23460 || c.EPCI != "200041762" {
			t.Errorf("%+v", c)
		}
		if c, _ := s.Gazetteer().Commune("17415"); c.EPCI != "" {
			t.Errorf("others have a grouping, so that none is said of this one: %+v", c)
		}
		for text, key := range map[string]string{
			"[1,2]": "territory.not_geojson", "[]": "territory.not_geojson", "[{": "territory.geojson_broken", file[:80]: "territory.geojson_broken", file + "x": "territory.geojson_broken",
		} {
			_, err := s.Import(t.Context(), audit.CLI, strings.NewReader(text), 0)
			if f, ok := fault.As(err); !ok || f.Message.Key != key {
				t.Errorf("%q: %v, want %s", text, err, key)
			}
		}
	})
}

func FuzzCommunesOfTheService(f *testing.F) {
	f.Add(`[{"nom":"Rochefort","code":"17299","codesPostaux":["17300"],"population":1,"centre":{"type":"Point","coordinates":[-0.96,45.94]}}]`)
	f.Add(`[{"code":"17299","nom":"R","centre":{"coordinates":[1e999]}},[],null]`)
	f.Add(`[{"code":"17299","nom":"R","population":-3,"epci":{}}`)
	s := newService(f, testkit.SQLite(f))
	f.Fuzz(func(t *testing.T, text string) {
		rep, err := s.ImportCommunesJSON(t.Context(), audit.CLI, strings.NewReader(text))
		if err == nil && rep.Read < rep.Created+rep.Updated+rep.Unchanged+rep.Rejected {
			t.Errorf("%s", rep.Counts)
		}
	})
}
