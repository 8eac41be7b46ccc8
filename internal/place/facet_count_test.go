package place

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
)

// randomPlaces makes n places that say every answer more or less often, some of them standing nowhere known. Numbers go
// down, so that an entry's rank is not its place in the slice.
func randomPlaces(r *rand.Rand, n int) []Place {
	some := func(one ...string) List {
		var out []string
		for _, v := range one {
			if r.IntN(3) == 0 {
				out = append(out, v)
			}
		}
		return List(strings.Join(out, "|"))
	}
	services := make([]string, 0, len(Services()))
	for _, s := range Services() {
		services = append(services, string(s))
	}
	hours := []string{"", "Mo-Fr 09:00-12:00", "Mo-Fr 14:00-18:00; Sa 10:00-12:00", "24/7", "quand il fait beau", "Tu,Th 08:00-20:00"}
	places := make([]Place, n)
	for i := range places {
		places[i] = Place{
			Number: Number(n - i), Status: Published, Name: "Lieu", CommuneCode: []string{"17299", "97411", ""}[r.IntN(3)],
			Services: some(services...), Hours: hours[r.IntN(len(hours))], Fees: some("Gratuit", "Payant"),
			SpecialCare: some("Handicaps moteurs", "Langues étrangères (anglais)"), Audiences: some("Jeunes", "Seniors"),
			SupportModes: some("Accompagnement individuel", "En autonomie"), OtherLabels: some(voucherLabel),
		}
		if r.IntN(10) > 0 {
			places[i].Point = territory.Point{Lat: 43 + 7*r.Float64(), Lon: -1 + 7*r.Float64()}
		}
	}
	return places
}

// slowly reports whether an entry has a facet, from its fields alone.
func slowly(e *Entry, f Facet, now time.Time) bool {
	if f.Group() != GroupWhen {
		return facets[f].has(e.Place)
	}
	h, err := openinghours.Parse(e.Place.Hours)
	return e.Place.Hours != "" && err == nil && openDuring(h, e.Locale(), f.Word(), now)
}

// Counts and searches are held against a walk over all places, for random censuses, choices and instants; the largest
// census is longer than a block.
func TestCountsOfRandomSets(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	for _, n := range []int{0, 1, 63, 64, 65, 1000, 64*block + 77} {
		x := NewIndex(1, randomPlaces(r, n), territory.NewGazetteer(nil, nil))
		for range 2 {
			now := time.Date(2026, 5, 1+r.IntN(28), r.IntN(24), r.IntN(60), 0, 0, openinghours.ZoneOf("17"))
			has := make([][]bool, len(facets))
			for f := range facets {
				for _, e := range x.ground.ranked {
					has[f] = append(has[f], slowly(e, Facet(f), now))
				}
			}
			for rank, e := range x.ground.ranked {
				said := x.Answers(e, now)
				for f := range facets {
					if slices.Contains(said, Facet(f)) != has[f][rank] {
						t.Fatalf("entry %d answers %v: wrong about facet %d", rank, said, f)
					}
				}
			}
			for range 6 {
				var chosen []Facet
				for range r.IntN(5) {
					chosen = append(chosen, Facet(r.IntN(len(facets))))
				}
				checkCounts(t, x, chosen, now, has)
				checkSearch(t, x, chosen, now, has)
			}
		}
	}
}

func all(has [][]bool, chosen []Facet, rank int) bool {
	return !slices.ContainsFunc(chosen, func(f Facet) bool { return !has[f][rank] })
}

func checkCounts(t *testing.T, x *Index, chosen []Facet, now time.Time, has [][]bool) {
	t.Helper()
	counts := x.Counts(chosen, now)
	for f := range facets {
		with := []Facet{Facet(f)}
		for _, c := range chosen {
			if c.Group() != Facet(f).Group() || c.Group() == GroupWith {
				with = append(with, c)
			}
		}
		want := 0
		for rank := range x.entries {
			want += btoi(all(has, with, rank))
		}
		if counts[f] != want {
			t.Errorf("%d places, chosen %v: facet %d counted %d, walked %d", len(x.entries), chosen, f, counts[f], want)
		}
	}
}

// checkSearch compares which places a search finds, where nothing is dropped from what was asked.
func checkSearch(t *testing.T, x *Index, chosen []Facet, now time.Time, has [][]bool) {
	t.Helper()
	from := territory.Point{Lat: 46, Lon: 2}
	var want []float64
	for rank, e := range x.ground.ranked {
		if e.Stands.Known() && all(has, chosen, rank) {
			want = append(want, greatCircle(from, e.Stands))
		}
	}
	slices.Sort(want)
	res := x.Search(Query{At: from, Facets: chosen, Now: now})
	if len(res.Dropped) > 0 {
		if len(want) > 0 {
			t.Errorf("%d places, chosen %v: dropped %v although %d have all", len(x.entries), chosen, res.Dropped, len(want))
		}
		return
	}
	if res.Total != min(len(want), MaxFound) || res.More != (len(want) > MaxFound) || len(res.Places) != min(len(want), PageSize) {
		t.Fatalf("%d places, chosen %v: total %d more %v page %d, walked %d", len(x.entries), chosen, res.Total, res.More, len(res.Places), len(want))
	}
	for i, f := range res.Places {
		if math.Abs(f.Metres-want[i]) > 0.1 {
			t.Errorf("%d places, chosen %v: place %d at %f, walked %f", len(x.entries), chosen, i, f.Metres, want[i])
		}
	}
}

// greatCircle is the distance by the haversine: another formula than the index's own.
func greatCircle(a, b territory.Point) float64 {
	const rad = math.Pi / 180
	lat, lon := math.Sin((b.Lat-a.Lat)*rad/2), math.Sin((b.Lon-a.Lon)*rad/2)
	return 2 * earthRadius * math.Asin(math.Sqrt(lat*lat+math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*lon*lon))
}
