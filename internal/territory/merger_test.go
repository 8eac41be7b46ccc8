package territory_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// movements is a file in INSEE's shape. 17457 joined 17299 in 2016; 17111 became 17457 before, in 2010; 17222 joined 17299
// and was restored; 17333 only has another name; 17444 will join in 2090.
const movements = "MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,TNCC_AP,NCC_AP,NCCENR_AP,LIBELLE_AP\n" +
	"31,2010-01-01,COM,17111,0,A,A,A,COM,17457,0,B,B,B\n" +
	"32,2016-01-01,COM,17457,0,B,B,B,COM,17299,0,C,C,C\n" +
	"32,2016-01-01,COM,17299,0,C,C,C,COM,17299,0,C,C,C\n" +
	"32,2016-01-01,COM,17457,0,B,B,B,COMD,17457,0,B,B,B\n" +
	"33,1973-01-01,COM,17222,0,D,D,D,COM,17299,0,C,C,C\n" +
	"21,2001-01-01,COM,17299,0,C,C,C,COM,17222,0,D,D,D\n" +
	"10,2005-01-01,COM,17333,0,E,E,E,COM,17415,0,E,E,E\n" +
	"32,2090-01-01,COM,17444,0,F,F,F,COM,17415,0,G,G,G\n" +
	"31,2016-13-01,COM,17445,0,F,F,F,COM,17415,0,G,G,G\n"

func TestACodeIsFollowedThroughMergers(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := twoCommunes(t, d)
		for i, created := range []int{5, 0} {
			rep, err := s.Import(t.Context(), audit.CLI, strings.NewReader(movements), 0)
			if err != nil || rep.Created != created || rep.Rejected != 1 || rep.Read != 9 {
				t.Fatalf("import %d: %s, %v, %v", i, rep.Counts, rep.Issues, err)
			}
		}
		refresh(t, s)
		for _, tc := range []struct{ code, on, want string }{
			{"17299", "2026-01-01", "17299"},
			{"17457", "2026-01-01", "17299"},
			{"17457", "2016-01-01", "17299"},
			{"17457", "2015-12-31", ""},
			{"17111", "2026-01-01", "17299"},
			{"17111", "2012-01-01", ""}, // it was 17457 then, which the list of communes has not
			{"17222", "2000-01-01", "17299"},
			{"17222", "2026-01-01", ""}, // a commune again, which the list has not
			{"17333", "2026-01-01", ""},
			{"17444", "2026-01-01", ""},
			{"17444", "2090-01-01", "17415"},
			{"", "2026-01-01", ""},
		} {
			c, ok := s.Gazetteer().Successor(tc.code, tc.on)
			if c.Code != tc.want || ok != (tc.want != "") {
				t.Errorf("%s on %s is %q, want %q", tc.code, tc.on, c.Code, tc.want)
			}
		}
		// The short shape, and a circle, which ends.
		if rep, err := s.Import(t.Context(), audit.CLI, strings.NewReader("ancien_code;nouveau_code;date\n17801;17802;2019-01-01\n17802;17801;2019-01-01\n17803;17803;2019-01-01\n"), 0); err != nil || rep.Created != 2 || rep.Rejected != 1 {
			t.Fatalf("%s, %v", rep.Counts, err)
		}
		refresh(t, s)
		if c, ok := s.Gazetteer().Successor("17801", "2026-01-01"); ok {
			t.Errorf("a circle leads to %+v", c)
		}
		_, err := s.Import(t.Context(), audit.CLI, strings.NewReader("ancien_code,date\n17801,2019-01-01\n"), 0)
		if f, ok := fault.As(err); !ok || f.Message.Key != "territory.not_mergers" {
			t.Errorf("a column is missing: %v", err)
		}
	})
}

func TestOutlinesOfMergedCommunesMakeOne(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := twoCommunes(t, d)
		if _, err := s.Import(t.Context(), audit.CLI, strings.NewReader(movements), 0); err != nil {
			t.Fatal(err)
		}
		// 17457 has a hole, lies beside 17299 and shares a border with it; 17111 stands alone.
		file := collection(feature("17457", polygon(square(-0.9, 45, 0.1), square(-0.86, 45.04, 0.02))), feature("17299", polygon(square(-1, 45, 0.1))), feature("17111", polygon(square(-0.7, 45, 0.1))))
		if rep, err := s.Import(t.Context(), audit.CLI, strings.NewReader(file), 2009); err != nil || rep.Created != 3 || rep.Rejected != 0 {
			t.Fatalf("%s, %v, %v", rep.Counts, rep.Issues, err)
		}
		unread, err := s.Contours(t.Context()) // what a command sees
		if err != nil || unread.Len() != 1 {
			t.Fatalf("%d outlines, %v", unread.Len(), err)
		}
		refresh(t, s)
		for _, tc := range []struct {
			lat, lon float64
			code     string
		}{{45.05, -0.95, "17299"}, {45.05, -0.9, "17299"}, {45.05, -0.88, "17299"}, {45.05, -0.85, ""}, {45.05, -0.65, "17299"}, {45.05, -0.75, ""}, {44.99, -0.9, ""}} {
			for what, at := range map[string]func(territory.Point) (territory.Commune, bool){"a node": s.CommuneAt, "a command": unread.CommuneAt} {
				if c, _ := at(territory.Point{Lat: tc.lat, Lon: tc.lon}); c.Code != tc.code {
					t.Errorf("%s: (%v, %v) lies in %q, want %q", what, tc.lat, tc.lon, c.Code, tc.code)
				}
			}
		}
		// A later outline of the whole: the old ones are in it and change nothing.
		if _, err := s.Import(t.Context(), audit.CLI, strings.NewReader(feature("17299", polygon(square(-1, 45, 0.4)))), 2026); err != nil {
			t.Fatal(err)
		}
		refresh(t, s)
		for _, lon := range []float64{-0.95, -0.9, -0.85, -0.75, -0.65} {
			if c, _ := s.CommuneAt(territory.Point{Lat: 45.05, Lon: lon}); c.Code != "17299" {
				t.Errorf("%v lies in %q", lon, c.Code)
			}
		}
	})
}

// The communes of two départements on outlines of 2018: those that merged since are drawn once their mergers are known.
func TestRealOutlinesOfMergedCommunes(t *testing.T) {
	s := newService(t, testkit.SQLite(t))
	read := func(file string, year int) territory.ImportReport {
		f, err := os.Open(testkit.Data(t, file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rep, err := s.Import(t.Context(), audit.CLI, f, year)
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	read("geo/communes-2026.csv", 0)
	unknown, lost := 0, map[string]bool{}
	for _, file := range contourFiles[:2] {
		for _, i := range read(file, 2018).Issues {
			unknown++
			lost[i.ID] = true
		}
	}
	refresh(t, s)
	before, _ := s.Contours(t.Context())
	if unknown == 0 {
		t.Fatal("the outlines of 2018 fit the communes of 2026: nothing is tested")
	}
	// No file of mergers is among the data: each is said to have joined the commune whose centre is nearest, which is
	// enough to see whose ground it is.
	var b strings.Builder
	b.WriteString("ancien_code,nouveau_code,date\n")
	for code := range lost {
		b.WriteString(code + "," + nearestOf(s, t, code) + ",2019-01-01\n")
	}
	if rep, err := s.Import(t.Context(), audit.CLI, strings.NewReader(b.String()), 0); err != nil || rep.Created != unknown {
		t.Fatalf("%s, %v", rep.Counts, err)
	}
	for _, file := range contourFiles[:2] {
		if rep := read(file, 2018); rep.Rejected != 0 {
			t.Errorf("%s: %d outlines left out", file, rep.Rejected)
		}
	}
	refresh(t, s)
	after, _ := s.Contours(t.Context())
	t.Logf("%d outlines of 2018 are of no commune of 2026; %d communes have an outline before, %d after", unknown, before.Len(), after.Len())
	for code := range lost {
		at, ok := centres[code]
		if !ok {
			continue
		}
		if _, found := s.CommuneAt(at); !found {
			t.Errorf("the ground of %s is nobody's", code)
		}
	}
}

// centres are positions in communes of 2018, worked out from their outlines by nearestOf.
var centres = map[string]territory.Point{}

// nearestOf is the commune of today whose centre is nearest to the middle of an outline of 2018.
func nearestOf(s *territory.Service, t *testing.T, code string) string {
	t.Helper()
	at := middleOf(t, code)
	centres[code] = at
	best, least := "", math.MaxFloat64
	for _, c := range s.Gazetteer().CommunesIn(territory.Area{Kind: territory.DepartmentArea, Code: territory.DepartmentOf(code)}) {
		if d := math.Hypot(c.Point.Lat-at.Lat, (c.Point.Lon-at.Lon)*0.7); d < least {
			best, least = c.Code, d
		}
	}
	return best
}

// middleOf is the mean corner of the outline of a commune of 2018.
func middleOf(t *testing.T, code string) territory.Point {
	t.Helper()
	for _, file := range contourFiles[:2] {
		raw, err := os.ReadFile(testkit.Data(t, file))
		if err != nil {
			t.Fatal(err)
		}
		var all struct {
			Features []struct {
				Properties struct {
					Code string `json:"code"`
				} `json:"properties"`
				Geometry struct {
					Type        string          `json:"type"`
					Coordinates json.RawMessage `json:"coordinates"`
				} `json:"geometry"`
			} `json:"features"`
		}
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		for _, f := range all.Features {
			var rings [][][2]float64
			if f.Properties.Code != code || json.Unmarshal(f.Geometry.Coordinates, &rings) != nil {
				continue
			}
			var p territory.Point
			for _, at := range rings[0] {
				p.Lon, p.Lat = p.Lon+at[0]/float64(len(rings[0])), p.Lat+at[1]/float64(len(rings[0]))
			}
			return p
		}
	}
	t.Fatalf("no simple outline of %s", code)
	return territory.Point{}
}
