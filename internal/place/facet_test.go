package place_test

import (
	"fmt"
	"testing"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

func facetNamed(t testing.TB, g place.Group, word string) place.Facet {
	t.Helper()
	f, ok := place.ParseFacet(g, word)
	if !ok {
		t.Fatalf("no facet %s=%s", g, word)
	}
	return f
}

func TestFacetWordsAreUnique(t *testing.T) {
	for _, g := range []place.Group{place.GroupNeed, place.GroupWhen, place.GroupOffer, place.GroupWith} {
		seen := map[string]bool{}
		for _, f := range place.Facets(g) {
			if seen[f.Word()] || f.Group() != g {
				t.Errorf("%s=%s is there twice, or in another group", g, f.Word())
			}
			seen[f.Word()] = true
			if back, ok := place.ParseFacet(g, f.Word()); !ok || back != f {
				t.Errorf("%s=%s does not read back", g, f.Word())
			}
		}
	}
	if _, ok := place.ParseFacet(place.GroupNeed, "wifi"); ok {
		t.Error("a word of one question answers another")
	}
}

// Counts are held against the slow way: searching with each choice and counting.
func TestCountsAreWhatOneWouldFind(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.importCommunes(t)
	w.importFile(t, "lieux/lieux-17.csv")
	x := w.refresh(t)
	now := testkit.NewClock(t, "2026-05-04 09:30").Now()
	chosen := []place.Facet{facetNamed(t, place.GroupWhen, "maintenant"), facetNamed(t, place.GroupWith, "gratuit")}
	counts := x.Counts(chosen, now)
	some := 0
	for _, g := range []place.Group{place.GroupNeed, place.GroupWhen, place.GroupOffer, place.GroupWith} {
		for _, f := range place.Facets(g) {
			with := []place.Facet{f}
			for _, c := range chosen {
				if g == place.GroupWith || c.Group() != g {
					with = append(with, c)
				}
			}
			res := x.Search(place.Query{Facets: with, Now: now})
			want := res.Total
			if len(res.Dropped) > 0 {
				want = 0
			}
			if counts[f] != want {
				t.Errorf("%s=%s: counted %d, found %d", g, f.Word(), counts[f], want)
			}
			some += want
		}
	}
	if some == 0 {
		t.Error("nothing was ever found: the test shows nothing")
	}
}

func TestTimesMeanWhatPeopleMean(t *testing.T) {
	row := func(id, hours string) string {
		return id + ",00000000000000,Lieu,Saintes,17100,rue,2026-01-05,\"" + hours + "\",45.7,-0.6\n"
	}
	w := newWorld(t, testkit.SQLite(t))
	w.importText(t, header+",horaires,latitude,longitude\n"+row("matin", "Mo-Fr 09:00-12:00")+row("aprem", "Mo-Fr 14:00-17:00; PH off")+row("samedi", "Sa 10:00-12:00")+
		row("rdv", "Mo-Sa \"\"sur rendez-vous\"\"")+row("muet", "")+row("illisible", "quand il fait beau")+row("nuit", "24/7"))
	x := w.refresh(t)
	for _, tc := range []struct{ at, when, want string }{
		{"2026-05-04 09:30", "maintenant", "matin nuit"}, // Monday
		{"2026-05-04 12:00", "maintenant", "nuit"},
		{"2026-05-04 09:30", "matin", "matin nuit"},
		{"2026-05-04 13:00", "matin", "matin nuit"}, // tomorrow's
		{"2026-05-08 13:00", "matin", "samedi nuit"},
		{"2026-05-07 20:00", "apres-midi", "nuit"}, // Friday 8 May is a holiday
		{"2026-05-04 15:00", "apres-midi", "aprem nuit"},
		{"2026-05-04 18:00", "apres-midi", "nuit"}, // over for today
		{"2026-05-04 09:30", "samedi", "samedi nuit"},
		{"2026-05-09 11:00", "samedi", "samedi nuit"},
		{"2026-05-09 13:00", "samedi", "nuit"},
	} {
		t.Run(tc.at+" "+tc.when, func(t *testing.T) {
			got := ""
			for _, f := range x.Search(place.Query{Facets: []place.Facet{facetNamed(t, place.GroupWhen, tc.when)}, Now: testkit.NewClock(t, tc.at).Now()}).Places {
				if got != "" {
					got += " "
				}
				got += f.StandardID
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	if s := x.Silent(); s.Hours != 1 || s.Care != 7 {
		t.Errorf("silent: %+v", s)
	}
}

// A node that warms the index tells the new minute within a tick, and never makes a reader work it out.
func TestWarmKeepsTimeFresh(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.importText(t, header+",horaires,latitude,longitude\nA,00000000000000,Lieu,Saintes,17100,rue,2026-01-05,Mo 09:00-12:00,45.7,-0.6\n")
	x := w.refresh(t)
	now := []place.Facet{facetNamed(t, place.GroupWhen, "maintenant")}
	open := func(at string) int {
		return x.Counts(now, testkit.NewClock(t, at).Now())[now[0]]
	}
	if got := open("2026-05-04 11:59"); got != 1 {
		t.Errorf("at 11:59: %d open", got)
	}
	if got := open("2026-05-04 12:00"); got != 0 {
		t.Errorf("at 12:00, nobody warms: %d open, want the truth", got)
	}
	x.Warm(testkit.NewClock(t, "2026-05-04 11:59").Now())
	if got := open("2026-05-04 12:00"); got != 1 {
		t.Errorf("at 12:00, before the next tick: %d open, want what was last worked out", got)
	}
	x.Warm(testkit.NewClock(t, "2026-05-04 12:00").Now())
	if got := open("2026-05-04 12:00"); got != 0 {
		t.Errorf("at 12:00, after the tick: %d open", got)
	}
}

func TestNothingFoundWidensAndSaysSo(t *testing.T) {
	x, home := smallWorld(t)
	chosen := []place.Facet{facetNamed(t, place.GroupNeed, "demarches"), facetNamed(t, place.GroupWith, "anglais")}
	res := x.Search(place.Query{Where: "Saintes", Home: home, Facets: chosen, Now: time.Now()})
	if names(res) != "A_1 A_3" || len(res.Dropped) != 1 || res.Dropped[0].Word() != "anglais" {
		t.Errorf("got %q without %v", names(res), res.Dropped)
	}
}

// BenchmarkFiltered is a search with three filters and counts among 20,000 and 200,000 places.
func BenchmarkFiltered(b *testing.B) {
	now := time.Date(2026, 5, 4, 9, 30, 0, 0, openinghours.ZoneOf("17"))
	chosen := []place.Facet{facetNamed(b, place.GroupNeed, "demarches"), facetNamed(b, place.GroupOffer, "mediateur"), facetNamed(b, place.GroupWith, "gratuit")}
	for _, n := range []int{20_000, 200_000} {
		places := make([]place.Place, n)
		for i := range places {
			places[i] = place.Place{Number: place.Number(i + 1), Status: place.Published, Name: "Lieu", Commune: "X", Hours: "Mo-Fr 09:00-12:00",
				Services: place.List(place.Services()[i%2]), Fees: []place.List{"Gratuit", "Payant"}[i/2%2], SupportModes: []place.List{"Accompagnement individuel", "En autonomie"}[i/4%2],
				Point: territory.Point{Lat: 43 + 7*float64(i%4993)/4993, Lon: -1 + 7*float64(i%7919)/7919}}
		}
		x := place.NewIndex(1, places, territory.NewGazetteer(nil, nil))
		x.Warm(now)
		for _, counts := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/counts=%v", n, counts), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					q := place.Query{At: territory.Point{Lat: 43 + float64(i%700)/100, Lon: -1 + float64(i%650)/100}, Facets: chosen, Now: now}
					if len(x.Search(q).Places) != place.PageSize {
						b.Fatal("too few")
					}
					if counts {
						x.Counts(chosen, now)
					}
				}
			})
		}
	}
}
