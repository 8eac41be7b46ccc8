package place_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// realWorld is the real communes and the real census in memory.
func realWorld(t testing.TB) (*place.Index, *territory.Gazetteer) {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t))
	w.importCommunes(t)
	w.importFile(t, "lieux/lieux-france.csv")
	return w.refresh(t), w.ground.Gazetteer()
}

func TestNearestOnRealData(t *testing.T) {
	x, g := realWorld(t)
	home, _ := g.Commune("17299")
	for _, tc := range []struct{ where, origin, department string }{
		{"Rochefort", "17299", "17"}, {"17300", "17299", "17"}, {"Mont-de-Marsan", "40192", "40"}, {"97400", "97411", "974"},
	} {
		res := x.Search(place.Query{Where: tc.where, Home: home})
		if res.Origin.Code != tc.origin || len(res.Places) != place.PageSize {
			t.Fatalf("%s: origin %s, %d places", tc.where, res.Origin.Code, len(res.Places))
		}
		// Every place, by the schoolbook formula: none that is left out may be nearer than one that is shown.
		all := make([]float64, 0, x.Len())
		for _, e := range x.Entries() {
			if e.Stands.Known() {
				all = append(all, greatCircle(res.Origin.Point, e.Stands))
			}
		}
		slices.Sort(all)
		for i, f := range res.Places {
			if math.Abs(f.Metres-all[i]) > 0.5 {
				t.Errorf("%s: place %d is at %.0f m, the %dth nearest of all is at %.0f m", tc.where, i+1, f.Metres, i+1, all[i])
			}
		}
		if d := res.Places[0].Department(); d != tc.department {
			t.Errorf("%s: the nearest place is in %s, want %s", tc.where, d, tc.department)
		}
	}
}

// greatCircle is the distance by the spherical law of cosines: another formula than the index's own.
func greatCircle(a, b territory.Point) float64 {
	rad := math.Pi / 180
	c := math.Sin(a.Lat*rad)*math.Sin(b.Lat*rad) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Cos((a.Lon-b.Lon)*rad)
	return 6371008.8 * math.Acos(max(-1, min(1, c)))
}

func TestPagesFollowEachOther(t *testing.T) {
	x, g := realWorld(t)
	home, _ := g.Commune("17299")
	seen := map[place.Number]bool{}
	last := -1.0
	for page := 1; page <= 10; page++ {
		res := x.Search(place.Query{Where: "Rochefort", Home: home, Page: page})
		if res.Page != page || res.Pages != 10 || res.Total != place.MaxFound || !res.More || res.First != (page-1)*place.PageSize+1 {
			t.Fatalf("page %d: %d of %d, total %d, first %d", page, res.Page, res.Pages, res.Total, res.First)
		}
		for _, f := range res.Places {
			if seen[f.Number] || f.Metres < last {
				t.Fatalf("page %d: place %d again, or nearer than the one before", page, f.Number)
			}
			seen[f.Number], last = true, f.Metres
		}
	}
	if res := x.Search(place.Query{Where: "Rochefort", Home: home, Page: 99}); res.Page != 10 || len(res.Places) != place.PageSize {
		t.Errorf("page 99 is page %d with %d places", res.Page, len(res.Places))
	}
}

const small = header + ",latitude,longitude,services,code_insee\n" +
	"A_1,00000000000000,Médiathèque des Tilleuls,Saintes,17100,1 rue du Test,2026-01-05,45.745,-0.633,Aide aux démarches administratives,17415\n" +
	"A_2,00000000000000,Espace numérique,Rochefort,17300,2 rue du Test,2026-01-05,45.937,-0.964,Accès internet et matériel informatique,17299\n" +
	"A_3,00000000000000,Mairie,Royan,17200,3 rue du Test,2026-01-05,,,Aide aux démarches administratives,17306\n" +
	"A_4,00000000000000,Maison de quartier,Ailleurs,00000,4 rue du Test,2026-01-05,,,,\n"

func smallWorld(t *testing.T) (*place.Index, territory.Commune) {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t))
	w.importCommunes(t)
	w.importText(t, small)
	x := w.refresh(t)
	home, _ := w.ground.Gazetteer().Commune("17299")
	return x, home
}

func names(res place.Result) string {
	var out []string
	for _, f := range res.Places {
		out = append(out, f.StandardID)
	}
	return strings.Join(out, " ")
}

func TestSearchUnderstands(t *testing.T) {
	x, home := smallWorld(t)
	for _, tc := range []struct {
		name, where string
		need        string
		want        string
		guessed     bool
		unknown     bool
	}{
		{"nothing said: around the main town", "", "", "A_2 A_1 A_3", false, false},
		{"a commune", "Saintes", "", "A_1 A_3 A_2", false, false},
		{"a need", "Saintes", "demarches", "A_1 A_3", false, false},
		{"a need nobody serves: the list widens by itself", "Saintes", "emploi", "A_1 A_3 A_2", false, false},
		{"words", "tilleuls", "", "A_1", false, false},
		{"a word only begun", "tilleu", "", "A_1", false, false},
		{"words and a commune", "médiathèque saintes", "", "A_1", false, false},
		{"small words do not matter", "la mairie de royan", "", "A_3", false, false},
		{"a place that stands nowhere known", "maison quartier", "", "A_4", false, false},
		{"a misspelt commune", "Rochfort", "", "A_2 A_1 A_3", true, false},
		{"a misspelt word", "mediateque", "", "A_1", true, false},
		{"a commune and a word that nobody has", "patinoire saintes", "", "A_1 A_3 A_2", true, false},
		{"nothing of this world", "xyzzyx", "", "", false, true},
		{"signs", "?!;", "", "", false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := x.Search(place.Query{Where: tc.where, Facets: facetsOf(t, tc.need), Home: home})
			if got := names(res); got != tc.want || res.Guessed != tc.guessed || res.Unknown != tc.unknown {
				t.Errorf("got %q guessed %v unknown %v, want %q %v %v", got, res.Guessed, res.Unknown, tc.want, tc.guessed, tc.unknown)
			}
		})
	}
}

// facetsOf reads "besoin" words.
func facetsOf(t *testing.T, need string) []place.Facet {
	t.Helper()
	if need == "" {
		return nil
	}
	f, ok := place.ParseFacet(place.GroupNeed, need)
	if !ok {
		t.Fatalf("no need %q", need)
	}
	return []place.Facet{f}
}

func TestPositionWins(t *testing.T) {
	x, home := smallWorld(t)
	res := x.Search(place.Query{Where: "Rochefort", At: territory.Point{Lat: 45.74, Lon: -0.63}, Home: home})
	if names(res) != "A_1 A_3 A_2" || res.Origin.Code != "" {
		t.Errorf("got %s from %q", names(res), res.Origin.Code)
	}
}

func TestPlaceWithoutCoordinatesStandsInItsCommune(t *testing.T) {
	x, _ := smallWorld(t)
	e, _ := x.Place(3)
	if !e.Approximate || !e.Stands.Known() {
		t.Errorf("Royan's place: approximate %v at %v", e.Approximate, e.Stands)
	}
	if e, _ := x.Place(4); e.Stands.Known() {
		t.Errorf("a place of an unknown commune stands at %v", e.Stands)
	}
}

func TestOffer(t *testing.T) {
	for _, tc := range []struct {
		p    place.Place
		want place.Offer
	}{
		{place.Place{}, place.OfferUnsaid},
		{place.Place{SupportModes: "Accompagnement individuel"}, place.OfferMediator},
		{place.Place{SupportModes: "En autonomie|Dans un atelier collectif"}, place.OfferMediator},
		{place.Place{Programmes: "Conseillers numériques"}, place.OfferMediator},
		{place.Place{Programmes: "France Services"}, place.OfferMediator},
		{place.Place{Programmes: "Aidants Connect"}, place.OfferMediator},
		{place.Place{SupportModes: "En autonomie"}, place.OfferSelfService},
		{place.Place{Services: "Accès internet et matériel informatique"}, place.OfferSelfService},
		{place.Place{Services: "Accès internet et matériel informatique|Aide aux démarches administratives"}, place.OfferUnsaid},
		{place.Place{OtherLabels: "QPV|Wifi seulement", SupportModes: "En autonomie"}, place.OfferWifi},
	} {
		if got := tc.p.Offer(); got != tc.want {
			t.Errorf("Offer of %+v = %s, want %s", tc.p, got, tc.want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	w := newWorld(f, testkit.SQLite(f))
	w.importText(f, small)
	x := w.refresh(f)
	for _, s := range []string{"Saintes", "l'île", "17 100", "\xff", strings.Repeat("a b ", 100)} {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, where string, page int) {
		res := x.Search(place.Query{Where: where, Page: page})
		if len(res.Places) > place.PageSize || res.Page < 1 || res.Total > place.MaxFound {
			t.Fatalf("Search(%q, %d) = %+v", where, page, res)
		}
	})
}

// BenchmarkNear shows how the time grows with the census: a query for fifteen places among 20,000 and 200,000.
func BenchmarkNear(b *testing.B) {
	for _, n := range []int{20_000, 200_000} {
		places := make([]place.Place, n)
		for i := range places {
			places[i] = place.Place{
				Number: place.Number(i + 1), Status: place.Published, Name: "Lieu", Commune: "X",
				Point: territory.Point{Lat: 43 + 7*float64(i%4993)/4993, Lon: -1 + 7*float64(i%7919)/7919},
			}
		}
		x := place.NewIndex(1, places, territory.NewGazetteer(nil, nil))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				res := x.Search(place.Query{At: territory.Point{Lat: 43 + float64(i%700)/100, Lon: -1 + float64(i%650)/100}})
				if len(res.Places) != place.PageSize {
					b.Fatal(len(res.Places))
				}
			}
		})
	}
}
