package duplicate_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place/duplicate"
	"viaduc/internal/testkit"
)

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(testkit.Data(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// census reads a file of the standard; ids are those of its rows, by number.
func census(t testing.TB, name string) (records []duplicate.Record, ids []string) {
	t.Helper()
	f, err := os.Open(testkit.Data(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, c := range rows[0] {
		at[c] = i
	}
	for i, r := range rows[1:] {
		cell := func(name string) string { return strings.TrimSpace(r[at[name]]) }
		one := duplicate.Record{Number: int64(i), Source: cell("source"), Name: cell("nom"), Address: cell("adresse"), Commune: cell("code_insee")}
		if k := cell("typologie"); k != "" {
			one.Kinds = strings.Split(k, "|")
		}
		lat, errLat := strconv.ParseFloat(cell("latitude"), 64)
		lon, errLon := strconv.ParseFloat(cell("longitude"), 64)
		if errLat == nil && errLon == nil {
			one.Located, one.Lat, one.Lon = true, lat, lon
		}
		records, ids = append(records, one), append(ids, cell("id"))
	}
	return records, ids
}

type expected struct {
	ID1      string `json:"id1"`
	ID2      string `json:"id2"`
	Name     int    `json:"nomScore"`
	Address  int    `json:"voieScore"`
	Distance int    `json:"distanceScore"`
	Score    int    `json:"score"`
	Same     bool   `json:"same_source"`
	Merge    bool   `json:"merge"`
}

// Every score that the national chain's formulas gave in the two départements, and no other pair from 60 on.
func TestScoresAreThoseOfTheNationalChain(t *testing.T) {
	var fixture struct {
		Departments map[string][]expected `json:"departements"`
	}
	readJSON(t, "dedup/expected-pairs.json", &fixture)
	united := 0
	for _, department := range []string{"17", "40"} {
		records, ids := census(t, "lieux/lieux-"+department+".csv")
		found := map[string]duplicate.Pair{}
		for _, p := range duplicate.Find(records, duplicate.Options{Least: 60}) {
			found[key(ids[p.A], ids[p.B])] = p
			if p.Unite {
				united++
			}
		}
		want := fixture.Departments[department]
		if len(want) == 0 {
			t.Fatalf("nothing expected in %s", department)
		}
		for _, w := range want {
			p, ok := found[key(w.ID1, w.ID2)]
			got := expected{w.ID1, w.ID2, p.Name, p.Address, p.Distance, p.Score, p.Same, p.Unite}
			if !ok || got != w {
				t.Errorf("%s: %+v, want %+v", department, got, w)
			}
			delete(found, key(w.ID1, w.ID2))
		}
		for k, p := range found {
			t.Errorf("%s: %s scores %+v, which nobody expected", department, k, p)
		}
	}
	if united != 13 {
		t.Errorf("%d pairs to unite, want 13", united)
	}
}

func key(a, b string) string { return min(a, b) + " " + max(a, b) }

func at(number int64, source, name, address string, lat, lon float64, kinds ...string) duplicate.Record {
	return duplicate.Record{Number: number, Source: source, Name: name, Address: address, Commune: "17299", Kinds: kinds, Located: lat != 0, Lat: lat, Lon: lon}
}

func TestCompare(t *testing.T) {
	base := at(1, "a", "Médiathèque", "1 rue Haute", 45.9, -0.9, "BIB")
	for _, c := range []struct {
		name  string
		other duplicate.Record
		want  duplicate.Pair
	}{
		{"the same elsewhere", at(2, "b", "Médiathèque", "1 rue Haute", 45.9, -0.9, "BIB"), duplicate.Pair{Name: 100, Address: 100, Distance: 100, Score: 100, Located: true, Unite: true}},
		{"the lower number comes first", at(0, "b", "Médiathèque", "1 rue Haute", 45.9, -0.9), duplicate.Pair{Name: 100, Address: 100, Distance: 100, Score: 100, Located: true, Unite: true}},
		{"just near", at(2, "b", "Médiathèque", "1 rue Haute", 45.90039, -0.9), duplicate.Pair{Name: 100, Address: 100, Distance: 100, Score: 100, Located: true, Unite: true}},
		{"just not near", at(2, "b", "Médiathèque", "1 rue Haute", 45.90041, -0.9), duplicate.Pair{Name: 100, Address: 100, Distance: 70, Score: 90, Located: true, Unite: true}},
		{"90 is not above 90", at(2, "a", "Médiathèque", "1 rue Haute", 45.90041, -0.9), duplicate.Pair{Name: 100, Address: 100, Distance: 70, Score: 90, Located: true, Same: true}},
		{"far", at(2, "b", "Médiathèque", "1 rue Haute", 45.95, -0.9), duplicate.Pair{Name: 100, Address: 100, Distance: 1, Score: 67, Located: true}},
		{"nobody knows where: the words alone decide", at(2, "b", "Médiathèque", "1 rue Haute", 0, 0), duplicate.Pair{Name: 100, Address: 100, Score: 100, Unite: true}},
		{"nobody knows where, another name", at(2, "b", "Mairie", "1 rue Haute", 0, 0), duplicate.Pair{Name: 35, Address: 100, Score: 67}},
		{"nobody knows where, no address", at(2, "b", "Médiathèque", "", 0, 0), duplicate.Pair{Name: 100, Score: 50}},
		{"other kinds", at(2, "b", "Médiathèque", "1 rue Haute", 45.9, -0.9, "MJC"), duplicate.Pair{Name: 100, Address: 100, Distance: 100, Score: 100, Located: true}},
		{"one kind in common", at(2, "b", "Médiathèque", "1 rue Haute", 45.9, -0.9, "MJC", "BIB"), duplicate.Pair{Name: 100, Address: 100, Distance: 100, Score: 100, Located: true, Unite: true}},
	} {
		got := duplicate.Compare(base, c.other)
		c.want.A, c.want.B = min(1, c.other.Number), max(1, c.other.Number)
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	rfs, pimms := at(1, "a", "X", "Y", 45.9, -0.9, "RFS"), at(2, "b", "X", "Y", 45.9, -0.9, "PIMMS")
	if !duplicate.Compare(rfs, pimms).Unite || !duplicate.Compare(pimms, rfs).Unite {
		t.Error("a RFS may be a PIMMS")
	}
}

// Bounds spare work and lose nothing: Find gives what comparing each with each gives.
func TestFindLosesNothing(t *testing.T) {
	records, _ := census(t, "lieux/lieux-17.csv")
	for _, least := range []int{0, 50, 84} {
		var want []duplicate.Pair
		for i := range records {
			for j := range i {
				if p := duplicate.Compare(records[j], records[i]); p.Unite || least > 0 && p.Score >= least && mayBeOne(records[j], records[i]) {
					want = append(want, p)
				}
			}
		}
		got := duplicate.Find(records, duplicate.Options{Least: least})
		if len(got) != len(want) || len(want) == 0 {
			t.Errorf("least %d: %d pairs, want %d", least, len(got), len(want))
		}
		for _, p := range want {
			if !slices.Contains(got, p) {
				t.Errorf("least %d: %+v is lost", least, p)
			}
		}
	}
}

// mayBeOne says it the long way.
func mayBeOne(a, b duplicate.Record) bool {
	if a.Commune != b.Commune || a.Commune == "" {
		return false
	}
	shared := len(a.Kinds) == 0 || len(b.Kinds) == 0
	for _, x := range a.Kinds {
		for _, y := range b.Kinds {
			shared = shared || x == y || x+y == "RFSPIMMS" || x+y == "PIMMSRFS"
		}
	}
	return shared
}

func TestGroups(t *testing.T) {
	pair := func(a, b int64, score int) duplicate.Pair { return duplicate.Pair{A: a, B: b, Score: score} }
	got := duplicate.Groups([]duplicate.Pair{pair(1, 2, 91), pair(7, 8, 100), pair(2, 3, 99), pair(3, 4, 95), pair(1, 3, 84)})
	if len(got) != 2 || !slices.Equal(got[0].Numbers, []int64{7, 8}) || got[0].Weakest != 100 {
		t.Fatalf("%+v", got)
	}
	g := got[1]
	if !slices.Equal(g.Numbers, []int64{1, 2, 3, 4}) || g.Weakest != 91 || len(g.Pairs) != 4 || g.Pairs[0].Score != 99 {
		t.Errorf("%+v: 1-3 at 84 weakens nothing, 1-2 at 91 does", g)
	}
	if duplicate.Groups(nil) != nil {
		t.Error("groups of nothing")
	}
}

func TestSeen(t *testing.T) {
	a, b := at(1, "a", "X", "Y", 45.9, -0.9, "RFS", "BIB"), at(2, "b", "X", "Y", 0, 0)
	seen := duplicate.Seen(a, b)
	if duplicate.Seen(b, a) != seen {
		t.Error("the order counts")
	}
	turned := a
	turned.Kinds = []string{"BIB", "RFS"}
	if duplicate.Seen(turned, b) != seen {
		t.Error("the order of kinds counts")
	}
	for name, change := range map[string]func(*duplicate.Record){
		"name": func(r *duplicate.Record) { r.Name += "." }, "address": func(r *duplicate.Record) { r.Address = "Z" },
		"commune": func(r *duplicate.Record) { r.Commune = "17300" }, "source": func(r *duplicate.Record) { r.Source = "c" },
		"kinds": func(r *duplicate.Record) { r.Kinds = nil }, "position": func(r *duplicate.Record) { r.Lat += 0.001 },
		"located": func(r *duplicate.Record) { r.Located = !r.Located },
	} {
		other := a
		change(&other)
		if duplicate.Seen(other, b) == seen {
			t.Errorf("another %s is not seen", name)
		}
	}
}

// twentyThousand are the places of France, again and again until there are enough, each time a little different and in
// their own communes: a commune has as many as it really has, and pairs are as alike as they really are.
func twentyThousand(t testing.TB) []duplicate.Record {
	t.Helper()
	real, _ := census(t, "lieux/lieux-france.csv")
	var out []duplicate.Record
	for copies := 0; len(out) < 20000; copies++ {
		for _, r := range real[:min(len(real), 20000-len(out))] {
			r.Number = int64(len(out))
			if copies > 0 {
				r.Lat += 0.01 * float64(copies)
				r.Name = fmt.Sprintf("%s %d", r.Name, copies)
			}
			out = append(out, r)
		}
	}
	return out
}

// Twenty thousand places are searched in less than two seconds, those that the rules unite and, beside them, every pair
// that a search can ask for.
func TestTwentyThousandPlaces(t *testing.T) {
	records := twentyThousand(t)
	start := time.Now()
	pairs := duplicate.Find(records, duplicate.Options{})
	took := time.Since(start)
	start = time.Now()
	wide := duplicate.Find(records, duplicate.Options{Least: 60})
	t.Logf("%d places: %d pairs to unite in %v; %d pairs from 60 on in %v", len(records), len(pairs), took, len(wide), time.Since(start))
	if len(pairs) == 0 || len(wide) < len(pairs) {
		t.Errorf("%d and %d pairs", len(pairs), len(wide))
	}
	if took > 2*time.Second {
		t.Errorf("%v, want less than 2 s", took)
	}
}

func BenchmarkFind(b *testing.B) {
	records := twentyThousand(b)
	for b.Loop() {
		if len(duplicate.Find(records, duplicate.Options{})) == 0 {
			b.Fatal("nothing found")
		}
	}
}

// BenchmarkFindByTheBook is what the bounds and the fast subsequence spare: the same pairs of the same communes, every
// ratio by the textbook table.
func BenchmarkFindByTheBook(b *testing.B) {
	records := twentyThousand(b)
	names, addresses := make([]duplicate.Text, len(records)), make([]duplicate.Text, len(records))
	blocks := map[string][]int{}
	for i, r := range records {
		names[i], addresses[i] = duplicate.Ready(r.Name), duplicate.Ready(r.Address)
		if r.Commune != "" {
			blocks[r.Commune] = append(blocks[r.Commune], i)
		}
	}
	for b.Loop() {
		for _, block := range blocks {
			for n, i := range block {
				for _, j := range block[:n] {
					if mayBeOne(records[i], records[j]) {
						duplicate.SlowRatio(&names[i], &names[j])
						duplicate.SlowRatio(&addresses[i], &addresses[j])
					}
				}
			}
		}
	}
}

// The fast ways agree with the table that everybody knows.
func FuzzRatio(f *testing.F) {
	f.Add("Médiathèque de Mirambeau", "Mediatheque, Mirambeau")
	f.Add("", "x")
	f.Add(strings.Repeat("ab", 40), strings.Repeat("ba", 50))
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := duplicate.Ready(a), duplicate.Ready(b)
		got := duplicate.Ratio(&x, &y)
		if got < 0 || got > 100 || got != duplicate.Ratio(&y, &x) {
			t.Fatalf("ratio(%q, %q) = %d", a, b, got)
		}
		if want := duplicate.SlowRatio(&x, &y); got != want {
			t.Fatalf("ratio(%q, %q) = %d, want %d", a, b, got, want)
		}
		if most := duplicate.Most(&x, &y); most < got {
			t.Fatalf("ratio(%q, %q) = %d above its bound %d", a, b, got, most)
		}
	})
}
