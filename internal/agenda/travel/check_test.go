package travel_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"viaduc/internal/agenda/travel"
	"viaduc/internal/territory"
)

var (
	ales      = travel.Stop{Place: "1", Commune: "30007", Name: "Alès", Point: territory.Point{Lat: 44.12516, Lon: 4.08854}}
	anduze    = travel.Stop{Place: "2", Commune: "30010", Name: "Anduze", Point: territory.Point{Lat: 44.05078, Lon: 3.97431}}
	grand     = travel.Stop{Place: "3", Commune: "30132", Name: "La Grand-Combe", Point: territory.Point{Lat: 44.22756, Lon: 4.03006}}
	nowhere   = travel.Stop{Place: "4", Commune: "30330", Name: "Tornac"}
	elsewhere = travel.Stop{Place: "5", Commune: "30330", Name: "Tornac"}
)

func times(t testing.TB) *travel.Matrix {
	t.Helper()
	m, err := travel.NewMatrix([]travel.Leg{
		{From: "30007", To: "30010", Minutes: 21}, {From: "30007", To: "30330", Minutes: 24}, {From: "30007", To: "30007", Minutes: 9},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrip(t *testing.T) {
	only := func(code string) travel.Stop { return travel.Stop{Commune: code} }
	moved := anduze
	moved.Place, moved.Point.Lat = "6", 44.06
	table := travel.Roads{Matrix: times(t)}
	unknown := travel.Trip{Minutes: -1}
	for name, tc := range map[string]struct {
		roads travel.Roads
		a, b  travel.Stop
		want  travel.Trip
	}{
		"in the table":                  {table, ales, anduze, travel.Trip{Minutes: 21, Basis: travel.Measured}},
		"the way back":                  {table, anduze, ales, travel.Trip{Minutes: 21, Basis: travel.Measured}},
		"no point, in the table":        {table, ales, nowhere, travel.Trip{Minutes: 24, Basis: travel.Measured}},
		"within a commune":              {table, ales, travel.Stop{Place: "7", Commune: "30007"}, travel.Trip{Minutes: 9, Basis: travel.Measured}},
		"not in the table: 20.2 km":     {table, anduze, grand, travel.Trip{Minutes: 35, Basis: travel.Estimated}},
		"no table: 12.3 km":             {travel.Roads{}, ales, anduze, travel.Trip{Minutes: 22, Basis: travel.Estimated}},
		"slower":                        {travel.Roads{Speed: 30}, ales, anduze, travel.Trip{Minutes: 33, Basis: travel.Estimated}},
		"no speed is below 0":           {travel.Roads{Speed: -5}, ales, anduze, travel.Trip{Minutes: 22, Basis: travel.Estimated}},
		"two points of a commune":       {table, anduze, moved, travel.Trip{Minutes: 2, Basis: travel.Estimated}},
		"the same place":                {travel.Roads{}, ales, ales, travel.Trip{Basis: travel.Measured}},
		"the same place, no point":      {travel.Roads{}, nowhere, nowhere, travel.Trip{Basis: travel.Measured}},
		"the same place, otherwise":     {travel.Roads{}, ales, travel.Stop{Place: "1"}, travel.Trip{Basis: travel.Measured}},
		"the same point":                {travel.Roads{}, ales, travel.Stop{Point: ales.Point}, travel.Trip{Basis: travel.Measured}},
		"only the same commune":         {travel.Roads{}, only("30330"), only("30330"), travel.Trip{Basis: travel.Measured}},
		"two places of a commune":       {travel.Roads{}, nowhere, elsewhere, unknown},
		"a place and its commune":       {travel.Roads{}, nowhere, only("30330"), unknown},
		"no point":                      {travel.Roads{}, ales, nowhere, unknown},
		"nothing known":                 {table, travel.Stop{}, travel.Stop{}, unknown},
		"a commune outside the table":   {table, ales, only("17299"), unknown},
		"a point against its commune":   {travel.Roads{}, ales, only("30007"), unknown},
		"a point, its commune in table": {table, ales, only("30007"), travel.Trip{Minutes: 9, Basis: travel.Measured}},
	} {
		if got := tc.roads.Trip(tc.a, tc.b); got != tc.want || got.Known() != (tc.want.Minutes >= 0) {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

// at is an instant of a Tuesday: "9:30" or "9:30:15".
func at(t testing.TB, clock string) time.Time {
	t.Helper()
	var h, m, s int
	if n, _ := fmt.Sscanf(clock, "%d:%d:%d", &h, &m, &s); n < 2 {
		t.Fatalf("no clock shows %q", clock)
	}
	return time.Date(2026, 10, 6, h, m, s, 0, time.UTC)
}

func TestCheck(t *testing.T) {
	visit := func(id string, stop travel.Stop, from, to string, setup int, vehicle string, people ...string) travel.Visit {
		return travel.Visit{ID: id, Stop: stop, Start: at(t, from), End: at(t, to), Setup: setup, Vehicle: vehicle, People: people}
	}
	measured := travel.Trip{Minutes: 21, Basis: travel.Measured}
	same := travel.Trip{Basis: travel.Measured}
	for name, tc := range map[string]struct {
		visits []travel.Visit
		want   []travel.Clash
	}{
		"nothing":  {nil, nil},
		"one":      {[]travel.Visit{visit("a", ales, "9:00", "12:00", 0, "v", "p")}, nil},
		"in time":  {[]travel.Visit{visit("a", ales, "9:00", "12:00", 0, "v", "p"), visit("b", anduze, "12:21", "17:00", 0, "v", "p")}, nil},
		"apart":    {[]travel.Visit{visit("a", ales, "9:00", "12:00", 0, "v", "p"), visit("b", anduze, "9:00", "12:00", 0, "w", "q")}, nil},
		"no crew":  {[]travel.Visit{visit("a", ales, "9:00", "12:00", 0, ""), visit("b", anduze, "9:00", "12:00", 0, "")}, nil},
		"on spot":  {[]travel.Visit{visit("a", ales, "9:00", "12:00", 30, "v", "p"), visit("b", ales, "12:00", "17:00", 30, "v", "p")}, nil},
		"no roads": {[]travel.Visit{visit("a", anduze, "9:00", "12:00", 0, "v"), visit("b", nowhere, "12:00", "17:00", 0, "v")}, nil},
		"late, one minute": {
			[]travel.Visit{visit("b", anduze, "12:20", "17:00", 0, "w", "p"), visit("a", ales, "9:00", "12:00", 0, "v", "p")},
			[]travel.Clash{{A: "a", B: "b", Who: "p", Kind: travel.Late, Needs: 21, Has: 20, Missing: 1, Trip: measured}},
		},
		"late, some seconds": {
			[]travel.Visit{visit("a", ales, "9:00", "12:00:10", 0, "v"), visit("b", anduze, "12:21", "17:00", 0, "v")},
			[]travel.Clash{{A: "a", B: "b", Vehicle: "v", Kind: travel.Late, Needs: 21, Has: 20, Missing: 1, Trip: measured}},
		},
		"late for what must be packed": {
			[]travel.Visit{visit("a", ales, "9:00", "12:00", 20, "v"), visit("b", anduze, "13:00", "17:00", 30, "v")},
			[]travel.Clash{{A: "a", B: "b", Vehicle: "v", Kind: travel.Late, Needs: 71, Has: 60, Missing: 11, Trip: measured}},
		},
		"packed in time": {[]travel.Visit{visit("a", ales, "9:00", "12:00", 20, "v"), visit("b", anduze, "13:11", "17:00", 30, "v")}, nil},
		"no road known, packing alone takes too long": {
			[]travel.Visit{visit("a", anduze, "9:00", "12:00", 20, "v"), visit("b", nowhere, "12:30", "17:00", 20, "v")},
			[]travel.Clash{{A: "a", B: "b", Vehicle: "v", Kind: travel.Late, Needs: 40, Has: 30, Missing: 10, Trip: travel.Trip{Minutes: -1}}},
		},
		"overlap": {
			[]travel.Visit{visit("a", ales, "9:00", "12:00", 0, "v"), visit("b", anduze, "11:30", "17:00", 0, "v")},
			[]travel.Clash{{A: "a", B: "b", Vehicle: "v", Kind: travel.Overlap, Needs: 21, Has: -30, Missing: 51, Trip: measured}},
		},
		"overlap by a second, on the spot": {
			[]travel.Visit{visit("a", ales, "9:00", "12:00:01", 0, "v"), visit("b", ales, "12:00", "17:00", 0, "v")},
			[]travel.Clash{{A: "a", B: "b", Vehicle: "v", Kind: travel.Overlap, Has: -1, Missing: 1, Trip: same}},
		},
		"once for each who is at both": {
			[]travel.Visit{visit("a", ales, "9:00", "12:00", 0, "v", "p", "q", "p"), visit("b", ales, "11:00", "17:00", 0, "v", "q", "p", "q")},
			[]travel.Clash{
				{A: "a", B: "b", Who: "q", Kind: travel.Overlap, Has: -60, Missing: 60, Trip: same},
				{A: "a", B: "b", Who: "p", Kind: travel.Overlap, Has: -60, Missing: 60, Trip: same},
				{A: "a", B: "b", Vehicle: "v", Kind: travel.Overlap, Has: -60, Missing: 60, Trip: same},
			},
		},
		"a long one over two": {
			[]travel.Visit{visit("a", ales, "8:00", "18:00", 0, "v"), visit("b", anduze, "9:00", "10:00", 0, "v"), visit("c", ales, "10:15", "11:00", 0, "v")},
			[]travel.Clash{
				{A: "a", B: "b", Vehicle: "v", Kind: travel.Overlap, Needs: 21, Has: -540, Missing: 561, Trip: measured},
				{A: "a", B: "c", Vehicle: "v", Kind: travel.Overlap, Has: -465, Missing: 465, Trip: same},
				{A: "b", B: "c", Vehicle: "v", Kind: travel.Late, Needs: 21, Has: 15, Missing: 6, Trip: measured},
			},
		},
		"an end before its start": {
			[]travel.Visit{visit("a", ales, "9:00", "8:00", 0, "v"), visit("b", ales, "9:00", "9:30", 0, "v")}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := travel.Roads{Matrix: times(t)}.Check(tc.visits)
			if diff := gocmp.Diff(tc.want, got); diff != "" {
				t.Errorf("clashes (-want +got):\n%s", diff)
			}
		})
	}
}

var allStops = []travel.Stop{ales, anduze, grand, nowhere, elsewhere}

// someVisits is a schedule by chance, in no order.
func someVisits(rnd *rand.Rand, n int) []travel.Visit {
	visits := make([]travel.Visit, n)
	for i := range visits {
		start := time.Date(2026, 10, 5+rnd.IntN(1+n/8), 8, rnd.IntN(600), 0, 0, time.UTC)
		v := travel.Visit{
			ID: fmt.Sprint(i), Stop: allStops[rnd.IntN(len(allStops))], Start: start, End: start.Add(time.Duration(rnd.IntN(240)) * time.Minute),
			Setup: rnd.IntN(30), Vehicle: []string{"", "v", "w"}[rnd.IntN(3)],
		}
		for _, p := range []string{"p", "q", "r"} {
			if rnd.IntN(2) == 0 {
				v.People = append(v.People, p)
			}
		}
		visits[i] = v
	}
	return visits
}

// A schedule whose visits are moved apart by what the roads need has no clash, in whatever order it is given.
func TestShiftedApartNothingClashes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(30, 7))
	roads := travel.Roads{Matrix: times(t)}
	clashing := 0
	for range 500 {
		visits := someVisits(rnd, 2+rnd.IntN(20))
		if len(roads.Check(visits)) > 0 {
			clashing++
		}
		free := visits[0].Start
		for i := range visits {
			v := &visits[i]
			if i > 0 {
				last := visits[i-1]
				free = last.End.Add(time.Duration(max(roads.Trip(last.Stop, v.Stop).Minutes, 0)+last.Setup+v.Setup) * time.Minute)
			}
			length := v.End.Sub(v.Start)
			v.Start, v.End = free, free.Add(length)
		}
		// Everybody goes everywhere: in a table a detour may be faster than the road that who skips a visit takes.
		everybody := slices.Clone(visits)
		for i := range everybody {
			everybody[i].People, everybody[i].Vehicle = []string{"p", "q"}, "v"
		}
		rnd.Shuffle(len(everybody), func(i, j int) { everybody[i], everybody[j] = everybody[j], everybody[i] })
		if got := roads.Check(everybody); len(got) > 0 {
			t.Fatalf("moved apart, %+v", got[0])
		}
	}
	if clashing < 400 {
		t.Errorf("only %d of 500 schedules clashed before: is the test still worth something?", clashing)
	}
}

// A schedule has no clash exactly when no two neighbours of any day, by brute force, stand in each other's way.
func TestCheckAgreesWithBruteForce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(30, 10))
	roads := travel.Roads{Matrix: times(t)}
	holds := 0
	for range 3000 {
		visits := someVisits(rnd, 1+rnd.IntN(5))
		got, want := len(roads.Check(visits)) == 0, holdsTogether(roads, visits)
		if got != want {
			t.Fatalf("holds together: %v, by brute force %v: %+v", got, want, visits)
		}
		if want {
			holds++
		}
	}
	if holds < 300 || holds > 2700 {
		t.Errorf("%d of 3000 schedules hold together: is the test still worth something?", holds)
	}
}

// holdsTogether looks at each pair of visits that share somebody: none may overlap, and those with nothing of that
// somebody between them must leave time for the road.
func holdsTogether(roads travel.Roads, visits []travel.Visit) bool {
	for _, who := range []string{"p", "q", "r", "v", "w"} {
		var own []travel.Visit
		for _, v := range visits {
			if v.Vehicle == who || slices.Contains(v.People, who) {
				own = append(own, v)
			}
		}
		slices.SortFunc(own, func(a, b travel.Visit) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
		for i := range own {
			for j := range i {
				gap := own[i].Start.Sub(own[j].End)
				trip := roads.Trip(own[j].Stop, own[i].Stop)
				needs := 0
				if j == i-1 && (own[i].Place != own[j].Place) {
					needs = max(trip.Minutes, 0) + own[i].Setup + own[j].Setup
				}
				if gap < time.Duration(needs)*time.Minute {
					return false
				}
			}
		}
	}
	return true
}

func BenchmarkCheck(b *testing.B) {
	roads := travel.Roads{Matrix: times(b)}
	rnd := rand.New(rand.NewPCG(1, 2))
	visits := make([]travel.Visit, 20_000)
	for i := range visits { // a year of forty crews, two half-days a day
		crew, slot := i%40, i/40
		start := time.Date(2026, 1, 1+slot/2, 9+5*(slot%2), 0, 0, 0, time.UTC)
		visits[i] = travel.Visit{
			ID: fmt.Sprint(i), Stop: allStops[rnd.IntN(len(allStops))], Start: start, End: start.Add(3 * time.Hour), Setup: 30,
			Vehicle: fmt.Sprint("v", crew), People: []string{fmt.Sprint("p", crew), fmt.Sprint("q", crew)},
		}
	}
	rnd.Shuffle(len(visits), func(i, j int) { visits[i], visits[j] = visits[j], visits[i] })
	b.ReportAllocs()
	for b.Loop() {
		roads.Check(visits)
	}
}
