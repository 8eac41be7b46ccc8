package place_test

import (
	"log/slog"
	"math"
	"testing"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/territory/geocodertest"
	"viaduc/internal/testkit"
)

const streets = header + ",latitude,longitude,code_insee\n" +
	"A_1,00000000000000,Médiathèque des Tilleuls,Saintes,17100,1 rue du Test,2026-01-05,45.745,-0.633,17415\n" +
	"A_2,00000000000000,Espace numérique,Rochefort,17300,2 rue du Test,2026-01-05,45.937,-0.964,17299\n" +
	"A_3,00000000000000,Cours d'informatique pour tous,Rochefort,17300,40 rue de la République,2026-01-05,45.950,-0.950,17299\n" +
	"A_4,00000000000000,Mairie,Royan,17200,3 rue du Test,2026-01-05,45.62,-1.03,17306\n"

// streetWorld is a small census whose ground asks the stand-in, nobody when it is nil.
func streetWorld(t *testing.T, server *geocodertest.Server) (*place.Service, territory.Commune) {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t))
	w.importCommunes(t)
	w.importText(t, streets)
	if server != nil {
		log := slog.New(slog.DiscardHandler)
		api, err := territory.NewAddressAPI(territory.AddressAPIDeps{URL: server.URL, Now: time.Now, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		w.ground = territory.New(territory.Deps{DB: w.db, Journal: w.journal, Geocoder: api, Log: log})
		w.places = place.New(place.Deps{DB: w.db, Journal: w.journal, Territory: w.ground, Now: time.Now, Log: log})
	}
	w.refresh(t)
	home, _ := w.ground.Gazetteer().Commune("17299")
	return w.places, home
}

func TestSearchStartsFromAnAddress(t *testing.T) {
	server := geocodertest.Start(t,
		geocodertest.Address("housenumber", "12 Rue de la République", "Rochefort", "17299", "17300", 45.9405, -0.9605, 0.9),
		geocodertest.Address("street", "Rue de la République", "Rochefort", "17299", "17300", 45.9401, -0.9601, 0.7),
		geocodertest.Address("locality", "Le Breuil", "Rochefort", "17299", "17300", 45.93, -0.99, 0.8),
		geocodertest.Address("street", "Rue du Bac", "Paris", "75107", "75007", 48.857, 2.326, 0.9),
		geocodertest.Address("street", "Avenue Gambetta", "Royan", "17306", "17200", 45.62, -1.03, 0.9),
	)
	places, home := streetWorld(t, server)
	for _, tc := range []struct {
		where, label string
		precision    territory.Precision
		origin       string
	}{
		{"12 rue de la République, Rochefort", "12 Rue de la République, Rochefort", territory.HouseNumber, "17299"},
		{"12 rue de la République 17300", "12 Rue de la République, Rochefort", territory.HouseNumber, "17299"},
		{"rue de la république rochefort", "Rue de la République, Rochefort", territory.Street, "17299"},
		{"99 rue de la République, Rochefort", "Rue de la République, Rochefort", territory.Street, "17299"},
		{"3 le Breuil, Rochefort", "Le Breuil, Rochefort", territory.Locality, "17299"},
		{"8 rue du Bac, Paris", "Rue du Bac, Paris", territory.Street, "75056"},
		{"12 rue inconnue, Rochefort", "", territory.Municipality, "17299"},
		{"5 avenue Gambetta, Rochefort", "", territory.Municipality, "17299"}, // there is one, but in Royan
		{"12 rue inconnue, 17100 Saintes", "", territory.Municipality, "17415"},
	} {
		q := places.Resolve(t.Context(), place.Query{Where: tc.where, Home: home})
		res := places.Index().Search(q)
		if res.Start.Label != tc.label || res.Start.Precision != tc.precision || res.Origin.Code != tc.origin || res.Total != 4 || res.Words != "" || res.Guessed {
			t.Errorf("%q: from %q (%s) in %s, %d places, words %q", tc.where, res.Start.Label, res.Start.Precision, res.Origin.Code, res.Total, res.Words)
			continue
		}
		if tc.label == "" && res.Start.Point != res.Origin.Point {
			t.Errorf("%q: does not start from the centre", tc.where)
		}
		for _, f := range res.Places {
			if want := greatCircle(res.Start.Point, f.Stands); math.Abs(f.Metres-want) > 0.5 {
				t.Errorf("%q: %s is at %.0f m, want %.0f", tc.where, f.Name, f.Metres, want)
			}
		}
	}
}

// What is no address, or is better held by the words of a place, asks nobody and is searched as ever.
func TestSearchOfWordsAsksNobody(t *testing.T) {
	server := geocodertest.Start(t)
	places, home := streetWorld(t, server)
	for _, where := range []string{"", "Rochefort", "17300 Rochefort", "mairie de Royan", "cours d'informatique Rochefort", "xyzzyx"} {
		q := place.Query{Where: where, Home: home}
		if got := places.Resolve(t.Context(), q); got.Start.Known() {
			t.Errorf("%q starts from %+v", where, got.Start)
		}
	}
	q := place.Query{Where: "12 rue de la République, Rochefort", At: territory.Point{Lat: 45.7, Lon: -0.6}, Home: home}
	if got := places.Resolve(t.Context(), q); got.Start.Known() {
		t.Error("her own position does not win over an address")
	}
	if asked := server.Asked(); len(asked) != 0 {
		t.Errorf("the geocoder was asked %v", asked)
	}
}

// Without a geocoder the address of a place finds that place, and any other address the centre of its commune, honestly.
func TestAddressWithoutAGeocoder(t *testing.T) {
	places, home := streetWorld(t, nil)
	search := func(where string) place.Result {
		return places.Index().Search(places.Resolve(t.Context(), place.Query{Where: where, Home: home}))
	}
	if res := search("2 rue du Test, Rochefort"); names(res) != "A_2" || res.Start.Known() {
		t.Errorf("the address of a place finds %q from %+v", names(res), res.Start)
	}
	if res := search("12 rue de la République, Rochefort"); !res.Start.Approximate() || res.Start.Asked != "12 rue de la République" || res.Origin.Code != "17299" || names(res) != "A_2 A_3 A_1 A_4" {
		t.Errorf("an address finds %q from %+v", names(res), res.Start)
	}
	if res := search("12 rue de la Corderie, Rochefort 73"); res.Origin.Code != "73214" {
		t.Errorf("the other Rochefort is %s", res.Origin.Code)
	}
	if res := search("12 rue de la Corderie, Rochefort"); res.Origin.Code != "17299" || len(res.Alternatives) == 0 {
		t.Errorf("namesakes of %s: %v", res.Origin.Code, res.Alternatives)
	}
}

// A geocoder in trouble costs little: the search starts from the centre of the commune.
func TestSearchWithAGeocoderInTrouble(t *testing.T) {
	server := geocodertest.Start(t)
	server.Slow(time.Minute)
	places, home := streetWorld(t, server)
	begin := time.Now()
	q := places.Resolve(t.Context(), place.Query{Where: "12 rue de la République, Rochefort", Home: home})
	if took := time.Since(begin); took > 2500*time.Millisecond || !q.Start.Approximate() { // 0.8 s are allowed; the machine may be busy
		t.Errorf("%s, %+v", took, q.Start)
	}
}
