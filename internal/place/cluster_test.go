package place

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"viaduc/internal/territory"
)

// scattered is a census of towns with many places, some at the very same spot, and of places alone, all over the world.
func scattered(r *rand.Rand, n int) *Index {
	towns := make([]territory.Point, 1+n/40)
	for i := range towns {
		towns[i] = territory.Point{Lat: 42 + 9*r.Float64(), Lon: -4 + 11*r.Float64()}
	}
	places := make([]Place, n)
	for i := range places {
		p := territory.Point{Lat: 170*r.Float64() - 85, Lon: 360*r.Float64() - 180}
		switch town := towns[r.IntN(len(towns))]; r.IntN(10) {
		case 0:
			p = town
		case 1, 2, 3, 4, 5, 6, 7:
			p = territory.Point{Lat: town.Lat + 0.03*r.NormFloat64(), Lon: town.Lon + 0.03*r.NormFloat64()}
		case 8:
			p = territory.Point{} // nowhere known
		}
		places[i] = Place{Number: Number(i + 1), Name: []string{"Mairie", "Médiathèque"}[r.IntN(2)], Status: Published, Point: p}
		if r.IntN(3) == 0 {
			places[i].Fees = "Gratuit"
		}
		if r.IntN(30) == 0 {
			places[i].SpecialCare = "Handicaps moteurs"
		}
		if r.IntN(2) == 0 {
			places[i].Services = ServiceAccess
		}
	}
	return NewIndex(1, places, territory.NewGazetteer(nil, nil))
}

// somewhere is random bounds: of a street or of the world, around a place or not.
func somewhere(r *rand.Rand, x *Index) Bounds {
	at := territory.Point{Lat: 180*r.Float64() - 90, Lon: 360*r.Float64() - 180}
	if r.IntN(4) > 0 {
		at = x.entries[r.IntN(len(x.entries))].Stands
	}
	size := math.Pow(10, 5*r.Float64()-3)
	return Bounds{max(at.Lon-size*r.Float64(), -180), max(at.Lat-size*r.Float64(), -90), min(at.Lon+size*r.Float64(), 180), min(at.Lat+size*r.Float64(), 90)}
}

var mapFilters = func() [][]Facet {
	free, _ := ParseFacet(GroupWith, "gratuit")
	chair, _ := ParseFacet(GroupWith, "fauteuil")
	wifi, _ := ParseFacet(GroupOffer, "libre-service")
	return [][]Facet{nil, {free}, {wifi}, {free, chair}, {free, wifi, chair}}
}()

// At every zoom, for random views and filters: the counts add up to the places of the view, each place belongs to one
// mark whose bounds hold it, marks are few, stand on places of theirs, and do not lie on each other.
func TestMapHoldsWhatIsInView(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for _, n := range []int{1, 2, 30, 900, 6000} {
		x := scattered(r, n)
		for i := range 40 * (MaxZoom + 1) {
			q := MapQuery{Bounds: somewhere(r, x), Zoom: i % (MaxZoom + 1), Facets: mapFilters[r.IntN(len(mapFilters))]}
			if r.IntN(5) == 0 {
				q.Words = "mediatheque"
			}
			if err := wholeView(x, q); err != nil {
				t.Fatalf("%d places, %+v: %v", n, q, err)
			}
		}
	}
}

func wholeView(x *Index, q MapQuery) error {
	want := map[Number]bool{}
	for _, e := range x.entries {
		if e.Stands.Known() && q.Bounds.Holds(e.Stands) && (q.Words == "" || e.Name == "Médiathèque") &&
			!slices.ContainsFunc(q.Facets, func(f Facet) bool { return !facets[f].has(e.Place) }) {
			want[e.Number] = true
		}
	}
	v := x.Map(q)
	if v.Total != len(want) || len(v.Marks) > MaxMarks {
		return fmt.Errorf("%d places, want %d; %d marks", v.Total, len(want), len(v.Marks))
	}
	sum := 0
	for _, m := range v.Marks {
		sum += m.Count
		if spelt := len(m.Places) > 0; m.Count < 1 || !want[m.Number] || spelt != (v.Total <= MaxMarks) {
			return fmt.Errorf("a mark of %d places stands on %d, which is no place of the view, or spells %d", m.Count, m.Number, len(m.Places))
		}
	}
	if sum != v.Total {
		return fmt.Errorf("the marks count %d of %d places", sum, v.Total)
	}
	spelt := x.view(q, x.inside(q), true)
	for i, m := range spelt.Marks {
		if o := v.Marks[i]; m.Entry != o.Entry || m.Count != o.Count || m.Bounds != o.Bounds || len(m.Places) != m.Count || !slices.Contains(m.Places, m.Entry) {
			return fmt.Errorf("mark %d is another one when it lists its places, or lists %d of %d", i, len(m.Places), m.Count)
		}
		for _, e := range m.Places {
			if !want[e.Number] || !m.Bounds.Holds(e.Stands) {
				return fmt.Errorf("place %d is in two marks, or outside of the bounds of its own", e.Number)
			}
			delete(want, e.Number)
		}
		for _, o := range spelt.Marks[:i] {
			a, b := flatOf(m.Stands), flatOf(o.Stands)
			if px := math.Sqrt(a.apart2(b)) * 256 * math.Pow(2, float64(q.Zoom)); px < gap {
				return fmt.Errorf("marks on %d and %d are %.1f pixels apart", m.Number, o.Number, px)
			}
		}
	}
	if len(want) > 0 {
		return fmt.Errorf("%d places have no mark", len(want))
	}
	return nil
}

// The order in which a file gives its places changes nothing; nor does asking twice.
func TestMapIsTheSameWhateverTheOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	x := scattered(r, 3000)
	places := make([]Place, 0, x.Len())
	for _, e := range x.entries {
		places = append(places, *e.Place)
	}
	r.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	y := NewIndex(1, places, territory.NewGazetteer(nil, nil))
	for i := range 200 {
		q := MapQuery{Bounds: somewhere(r, x), Zoom: i % (MaxZoom + 1)}
		a, b, again := x.Map(q), y.Map(q), x.Map(q)
		for k, m := range a.Marks {
			if o, p := b.Marks[k], again.Marks[k]; m.Number != o.Number || m.Count != o.Count || m.Bounds != o.Bounds || m.Entry != p.Entry || m.Count != p.Count {
				t.Fatalf("%+v: mark %d is on %d with %d, on %d with %d", q, k, m.Number, m.Count, o.Number, o.Count)
			}
		}
	}
}

// Groups only split on the way in: who is together at a zoom was together before.
func TestGroupsOnlySplit(t *testing.T) {
	x := scattered(rand.New(rand.NewPCG(3, 9)), 4000)
	g := x.grown()
	for level := range levelCount - 1 {
		above := map[int32]int32{}
		for rank := range x.ground.spots {
			fine, coarse := g.headOf(int32(rank), level+1), g.headOf(int32(rank), level)
			if known, ok := above[fine]; ok && known != coarse {
				t.Fatalf("level %d takes places of one group of level %d apart", level, level+1)
			}
			above[fine] = coarse
		}
	}
	if heads := g.headOf(0, 0); g.upTo[heads] != -1 {
		t.Error("the widest level has more than one group")
	}
}

func TestMapOfNothing(t *testing.T) {
	world := Bounds{-180, -90, 180, 90}
	if v := NewIndex(1, nil, territory.NewGazetteer(nil, nil)).Map(MapQuery{Bounds: world}); v.Total != 0 || len(v.Marks) != 0 {
		t.Errorf("an empty census shows %+v", v)
	}
	x := scattered(rand.New(rand.NewPCG(1, 1)), 200)
	for _, b := range []Bounds{{1, 1, 0, 2}, {0, 2, 1, 1}, {math.NaN(), 0, 1, 1}, {170, 0, -170, 10}, {0, -91, 1, 1}, {0, 0, math.Inf(1), 1}} {
		if b.Valid() {
			t.Errorf("%+v is said to be valid", b)
		}
		if v := x.Map(MapQuery{Bounds: Bounds{1, 1, 0, 2}}); v.Total != 0 {
			t.Errorf("%+v shows %d places", b, v.Total)
		}
	}
	for _, zoom := range []int{-3, 99} {
		if v := x.Map(MapQuery{Bounds: world, Zoom: zoom}); v.Total == 0 || len(v.Marks) == 0 {
			t.Errorf("zoom %d shows nothing", zoom)
		}
	}
}

// A view with a filter of time is that of its instant.
func TestMapAtAnInstant(t *testing.T) {
	x := NewIndex(1, []Place{
		{Number: 1, Status: Published, Point: territory.Point{Lat: 45.9, Lon: -0.96}, CommuneCode: "17299", Hours: "Mo-Fr 09:00-17:00"},
		{Number: 2, Status: Published, Point: territory.Point{Lat: 45.8, Lon: -0.90}, CommuneCode: "17299"},
	}, territory.NewGazetteer(nil, nil))
	open, _ := ParseFacet(GroupWhen, "maintenant")
	q := MapQuery{Bounds: Bounds{-2, 45, 0, 47}, Zoom: 9, Facets: []Facet{open}, Now: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)}
	if v := x.Map(q); v.Total != 1 || v.Marks[0].Number != 1 {
		t.Errorf("on Monday morning: %+v", v)
	}
	q.Now = q.Now.Add(12 * time.Hour)
	if v := x.Map(q); v.Total != 0 {
		t.Errorf("in the evening: %+v", v)
	}
}

func BenchmarkMap(b *testing.B) {
	for _, n := range []int{20_000, 200_000} {
		x := scattered(rand.New(rand.NewPCG(5, 1)), n)
		b.Run(fmt.Sprintf("tree of %d", n), func(b *testing.B) {
			for b.Loop() {
				g := &grove{}
				g.grow(x.ground.ranked[:len(x.ground.spots)])
			}
		})
		x.grown()
		for name, q := range map[string]MapQuery{
			"country":                {Bounds: Bounds{-5, 41, 9, 51}, Zoom: 6},
			"country, three filters": {Bounds: Bounds{-5, 41, 9, 51}, Zoom: 6, Facets: mapFilters[4]},
			"town":                   {Bounds: Bounds{-1, 45.8, -0.8, 46}, Zoom: 12},
		} {
			b.Run(fmt.Sprintf("%s of %d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.Map(q)
				}
			})
		}
	}
}

// Whatever an address says of a view, what is read of it is on the globe, and the view counts what it shows.
func FuzzParseBounds(f *testing.F) {
	for _, seed := range []string{"-1.3,45.7,-0.5,46.2", "-180,-90,180,90", "0,0,0,0", "1,2,3", "NaN,0,1,1", "0x1p-2,1e1,1e2,3e1", "-Inf,0,Inf,1", ",,,"} {
		f.Add(seed, 9)
	}
	x := scattered(rand.New(rand.NewPCG(4, 4)), 300)
	f.Fuzz(func(t *testing.T, text string, zoom int) {
		b, ok := ParseBounds(text)
		if !ok {
			return
		}
		if !b.Valid() || math.IsNaN(b.West+b.South+b.East+b.North) {
			t.Fatalf("%q is read as %v", text, b)
		}
		if err := wholeView(x, MapQuery{Bounds: b, Zoom: min(max(zoom, 0), MaxZoom)}); err != nil {
			t.Fatal(err)
		}
	})
}
