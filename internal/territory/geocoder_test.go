package territory_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"viaduc/internal/territory"
	"viaduc/internal/territory/geocodertest"
	"viaduc/internal/testkit"
)

const sampleFile = "ban/ban-responses-sample.json"

// api is an AddressAPI on a stand-in, with a clock and a log that the test can look at.
func api(t *testing.T, features ...geocodertest.Feature) (*territory.AddressAPI, *geocodertest.Server, *testkit.Clock, *bytes.Buffer) {
	t.Helper()
	server, clock, log := geocodertest.Start(t, features...), testkit.NewClock(t, "2026-05-04 09:30"), &bytes.Buffer{}
	a, err := territory.NewAddressAPI(territory.AddressAPIDeps{URL: server.URL, Now: clock.Now, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return a, server, clock, log
}

func rochefort(kind, name string, score float64) geocodertest.Feature {
	return geocodertest.Address(kind, name, "Rochefort", "17299", "17300", 45.9401, -0.9601, score)
}

// Every implementation keeps the contract of the interface.
func TestGeocoders(t *testing.T) {
	online, _, _, _ := api(t, rochefort("housenumber", "12 Rue de la République", 0.9))
	for name, g := range map[string]territory.Geocoder{"the official shape": online, "the gazetteer": smallGazetteer(t)} {
		t.Run(name, func(t *testing.T) {
			for _, q := range []territory.Question{{Text: "12 rue de la République, Rochefort", CommuneCode: "17299"}, {Text: "12 rue de la République 17300 Rochefort"}} {
				found, err := g.Locate(t.Context(), q)
				if err != nil || len(found) == 0 || !found[0].Point.Known() || found[0].Label == "" || found[0].CommuneCode != "17299" {
					t.Errorf("%+v: %+v, %v", q, found, err)
				}
			}
			for _, q := range []territory.Question{{}, {Text: "xyzzyx"}, {Text: strings.Repeat("rue ", 2000)}, {Text: "\xff\x00"}} {
				if found, err := g.Locate(t.Context(), q); err != nil || len(found) != 0 {
					t.Errorf("%.20q: %+v, %v, want nothing", q.Text, found, err)
				}
			}
		})
	}
}

func TestGazetteerSaysItIsApproximate(t *testing.T) {
	found, err := smallGazetteer(t).Locate(t.Context(), territory.Question{Text: "12 rue de la République, Rochefort"})
	if err != nil || len(found) != 1 || !found[0].Approximate() || found[0].Label != "Rochefort" || found[0].Postcode != "17300" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestRealAnswersAreRead(t *testing.T) {
	samples := geocodertest.Samples(t, testkit.Data(t, sampleFile))
	features := make([]geocodertest.Feature, 0, len(samples))
	for _, s := range samples {
		features = append(features, s.Feature)
	}
	a, _, _, _ := api(t, features...)
	for _, s := range samples {
		p := s.Feature.Properties
		found, err := a.Locate(t.Context(), territory.Question{Text: s.Asked})
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %v, %v", s.Asked, found, err)
			continue
		}
		c := found[0]
		if c.Label != fmt.Sprintf("%s, %s", p["name"], p["city"]) || c.CommuneCode != p["citycode"] || c.Postcode != p["postcode"] || string(c.Precision) != p["type"] ||
			c.Score != p["score"] || c.Point.Lon != s.Feature.Geometry.Coordinates[0] || c.Point.Lat != s.Feature.Geometry.Coordinates[1] || c.Approximate() {
			t.Errorf("%s: %+v", s.Asked, c)
		}
	}
}

func TestWhatIsAskedAndWhatIsTaken(t *testing.T) {
	elsewhere := geocodertest.Address("street", "Rue de la République", "Saintes", "17415", "17300", 45.7, -0.6, 0.95)
	paris := geocodertest.Address("street", "Rue de la République", "Paris", "75111", "75011", 48.86, 2.37, 0.5)
	nowhere := geocodertest.Address("street", "Rue de la République", "Rochefort", "17299", "17300", 0, 0, 0.9)
	far := geocodertest.Address("street", "Rue de la République", "Rochefort", "17299", "17300", 145, -0.9, 0.9)
	for _, tc := range []struct {
		name    string
		feature geocodertest.Feature
		commune string
		taken   bool
	}{
		{"a good score", rochefort("street", "Rue de la République", 0.61), "", true},
		{"a poor score", rochefort("street", "Rue de la République", 0.6), "", false},
		{"a poor score in the commune asked for", rochefort("street", "Rue de la République", 0.41), "17299", true},
		{"a bad score in the commune asked for", rochefort("street", "Rue de la République", 0.4), "17299", false},
		{"another commune of the same postcode", elsewhere, "17299", false},
		{"another commune where any will do", elsewhere, "", true},
		{"an arrondissement of the city asked for", paris, "75056", true},
		{"the commune itself", rochefort("municipality", "République", 0.99), "17299", false},
		{"a hamlet", rochefort("locality", "République", 0.9), "17299", true},
		{"something else than an address", rochefort("poi", "République", 0.9), "17299", false},
		{"no position", nowhere, "17299", false},
		{"not on the globe", far, "17299", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, server, _, _ := api(t, tc.feature)
			if tc.feature.Properties["citycode"] == "17415" {
				server.Say(`{"features":[{"geometry":{"coordinates":[-0.6,45.7]},"properties":{"name":"Rue de la République","city":"Saintes","type":"street","score":0.95,"citycode":"17415","postcode":"17300"}}]}`)
			}
			found, err := a.Locate(t.Context(), territory.Question{Text: "12 rue de la République", CommuneCode: tc.commune})
			if err != nil || (len(found) == 1) != tc.taken {
				t.Errorf("%+v, %v, want taken %v", found, err, tc.taken)
			}
		})
	}
	a, server, _, _ := api(t)
	for _, q := range []territory.Question{
		{Text: " 3 place  de l’Église\n", CommuneCode: "17299"}, {Text: "rue", CommuneCode: "75056"}, {Text: "rue", Near: territory.Point{Lat: 45.93712, Lon: -0.96}}, {Text: strings.Repeat("é", 500)},
	} {
		if _, err := a.Locate(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	asked := server.Asked()
	if q := asked[0]; q.Get("q") != "3 place de l'Église" || q.Get("citycode") != "17299" || q.Get("autocomplete") != "0" || q.Get("limit") != "5" || q.Has("lat") || q.Has("postcode") {
		t.Errorf("asked %v", q)
	}
	if q := asked[1]; q.Has("citycode") {
		t.Errorf("Paris is asked for as %v", q)
	}
	if q := asked[2]; q.Get("lat") != "45.937" || q.Get("lon") != "-0.960" {
		t.Errorf("near is asked for as %v", q)
	}
	if q := asked[3]; q.Get("q") != strings.Repeat("é", 200) {
		t.Errorf("a text of %d letters is sent", len([]rune(q.Get("q"))))
	}
}

func TestAnswersAreRemembered(t *testing.T) {
	a, server, clock, _ := api(t, rochefort("street", "Rue de la République", 0.9))
	ask := func(text string) {
		t.Helper()
		if _, err := a.Locate(t.Context(), territory.Question{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		ask("Rue de la République, Rochefort")
		ask("rue de la republique ROCHEFORT")
		ask("rue inconnue")
	}
	if n := len(server.Asked()); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
	clock.Move(25 * time.Hour)
	ask("rue inconnue")
	if n := len(server.Asked()); n != 3 {
		t.Errorf("a day later asked %d times, want 3", n)
	}
	for i := range 1000 { // the one not asked for the longest goes first
		clock.Move(time.Second)
		ask(fmt.Sprint("rue numéro ", i))
		ask("rue inconnue")
	}
	before := len(server.Asked())
	ask("rue inconnue")
	ask("rue numéro 999")
	if n := len(server.Asked()); n != before {
		t.Errorf("forgotten too early: %d more calls", n-before)
	}
	ask("rue numéro 0")
	if n := len(server.Asked()); n != before+1 {
		t.Errorf("nothing is ever forgotten: %d more calls", n-before)
	}
}

func TestRateIsKept(t *testing.T) {
	a, server, clock, _ := api(t)
	refused := 0
	for i := range 50 {
		if _, err := a.Locate(t.Context(), territory.Question{Text: fmt.Sprint("rue ", i)}); errors.Is(err, territory.ErrGeocoder) {
			refused++
		}
	}
	if n := len(server.Asked()); n != 20 || refused != 30 {
		t.Errorf("%d calls in one second, %d refused", n, refused)
	}
	clock.Move(time.Second)
	if _, err := a.Locate(t.Context(), territory.Question{Text: "rue 49"}); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

func TestTooManyIsHonoured(t *testing.T) {
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "": 5 * time.Second, "Mon, 04 May 2026 07:30:30 GMT": 30 * time.Second, "99999999": 5 * time.Minute, "bientôt": 5 * time.Second} {
		t.Run(header, func(t *testing.T) {
			a, server, clock, log := api(t, rochefort("street", "Rue de la République", 0.9))
			ask := func() error {
				_, err := a.Locate(t.Context(), territory.Question{Text: "rue de la République"})
				return err
			}
			server.Fail(http.StatusTooManyRequests, header)
			if err := ask(); !errors.Is(err, territory.ErrGeocoder) {
				t.Fatal(err)
			}
			server.Fail(0, "")
			clock.Move(want - time.Second)
			if err := ask(); !errors.Is(err, territory.ErrGeocoder) || len(server.Asked()) != 1 {
				t.Errorf("asked again %s too early: %v", time.Second, err)
			}
			clock.Move(time.Second)
			if err := ask(); err != nil || len(server.Asked()) != 2 {
				t.Errorf("not asked again after %s: %v", want, err)
			}
			if text := log.String(); strings.Count(text, "\n") != 1 || strings.Contains(strings.ToLower(text), "publique") {
				t.Errorf("logged: %s", text)
			}
		})
	}
}

// A geocoder in trouble costs a page less than a second, is soon left in peace, and shows nothing of what was asked.
func TestFailuresFallBack(t *testing.T) {
	for name, spoil := range map[string]func(s *geocodertest.Server){
		"slow":       func(s *geocodertest.Server) { s.Slow(time.Minute) },
		"broken":     func(s *geocodertest.Server) { s.Fail(http.StatusInternalServerError, "") },
		"not JSON":   func(s *geocodertest.Server) { s.Say("<html>République</html>") },
		"other JSON": func(s *geocodertest.Server) { s.Say(`{"features":"République"}`) },
		"endless":    func(s *geocodertest.Server) { s.Say(strings.Repeat(" ", 1<<20)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, server, clock, log := api(t, rochefort("street", "Rue de la République", 0.9))
			spoil(server)
			service := territory.New(territory.Deps{Geocoder: a, Log: slog.New(slog.DiscardHandler)})
			for i := range 5 {
				begin := time.Now()
				if found := service.Locate(t.Context(), territory.Question{Text: "rue de la République"}); len(found) != 0 {
					t.Errorf("found %+v", found)
				}
				if took := time.Since(begin); took > 2500*time.Millisecond { // 0.8 s are allowed; the machine may be busy
					t.Errorf("call %d took %s", i+1, took)
				}
			}
			if n := len(server.Asked()); n != 3 {
				t.Errorf("asked %d times, want 3", n)
			}
			if text := log.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, "publique") {
				t.Errorf("logged: %s", text)
			}
			spoil = func(s *geocodertest.Server) { s.Slow(0); s.Fail(0, ""); s.Say("") }
			spoil(server)
			clock.Move(30 * time.Second)
			if found := service.Locate(t.Context(), territory.Question{Text: "rue de la République"}); len(found) != 1 || found[0].Precision != territory.Street {
				t.Errorf("healed: %+v", found)
			}
		})
	}
}

// A reader who leaves is no failure of the geocoder.
func TestReaderWhoLeaves(t *testing.T) {
	a, server, _, log := api(t, rochefort("street", "Rue de la République", 0.9))
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := a.Locate(ctx, territory.Question{Text: "rue de la République"}); !errors.Is(err, territory.ErrGeocoder) || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if found, err := a.Locate(t.Context(), territory.Question{Text: "rue de la République"}); err != nil || len(found) != 1 || log.Len() != 0 {
		t.Errorf("%+v, %v after %d calls, logged %q", found, err, len(server.Asked()), log)
	}
}

func TestGeocoderAddressIsChecked(t *testing.T) {
	for _, bad := range []string{"", "data.geopf.fr", "ftp://x.example", "http://nom:mot@x.example", "http://"} {
		if _, err := territory.NewAddressAPI(territory.AddressAPIDeps{URL: bad}); !errors.Is(err, territory.ErrGeocoder) {
			t.Errorf("NewAddressAPI(%q) = %v", bad, err)
		}
	}
}
