package territory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

const communesHead = "code_insee,nom,departement,region,epci_siren,epci_nom,codes_postaux,population,latitude,longitude\n"

// twoCommunes is a ground of two communes beside each other and one without a centre.
func twoCommunes(t testing.TB, d *db.DB) *territory.Service {
	t.Helper()
	s := newService(t, d)
	_, err := s.Import(t.Context(), audit.CLI, strings.NewReader(communesHead+
		"17299,Rochefort,17,75,1,E,17300,23000,45.05,-0.95\n17415,Saintes,17,75,1,E,17100|17101,25000,45.05,-0.85\n17001,Sans-Centre,17,75,1,E,17999,10,,\n"), 0)
	if err != nil {
		t.Fatal(err)
	}
	refresh(t, s)
	return s
}

func refresh(t testing.TB, s *territory.Service) {
	t.Helper()
	if _, err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func square(west, south, size float64) string {
	east, north := west+size, south+size
	return fmt.Sprintf("[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]", west, south, east, south, east, north, west, north, west, south)
}

func feature(code, geometry string) string {
	return `{"type":"Feature","properties":{"code":"` + code + `","nom":"Nom de ` + code + `"},"geometry":` + geometry + `}`
}

func polygon(rings ...string) string {
	return `{"type":"Polygon","coordinates":[` + strings.Join(rings, ",") + `]}`
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func TestContoursSayTheCommune(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := twoCommunes(t, d)
		if _, ok := s.CommuneAt(territory.Point{Lat: 45.05, Lon: -0.95}); ok {
			t.Error("without an outline a position lies in a commune")
		}
		file := collection(feature("17299", polygon(square(-1, 45, 0.1), square(-0.96, 45.04, 0.02))), feature("17415", `{"type":"MultiPolygon","coordinates":[[`+square(-0.9, 45, 0.1)+`],[`+square(-0.5, 45, 0.1)+`]]}`))
		for i, want := range []string{"created 2, updated 0, unchanged 0", "created 0, updated 0, unchanged 2"} {
			rep, err := s.Import(t.Context(), audit.CLI, strings.NewReader("\ufeff \n"+file), 2018)
			if err != nil || !strings.Contains(rep.String(), want) || rep.Rejected != 0 {
				t.Fatalf("import %d: %s, %v", i+1, rep.Counts, err)
			}
		}
		unread, err := s.Contours(t.Context()) // what a command sees that never read the communes
		if err != nil || unread.Len() != 2 {
			t.Fatalf("%d outlines, %v", unread.Len(), err)
		}
		refresh(t, s)
		held, err := s.Contours(t.Context())
		if err != nil || held.Len() != 2 {
			t.Fatalf("%d outlines, %v", held.Len(), err)
		}
		for _, tc := range []struct {
			lat, lon float64
			code     string
		}{
			{45.02, -0.98, "17299"},
			{45.05, -0.95, ""},
			{45.05, -0.85, "17415"},
			{45.05, -0.45, "17415"},
			{45.05, -0.65, ""},
			{44.99, -0.95, ""},
			{0, 0, ""},
			{95, 0, ""},
			{45.05, -0.9, "17415"}, // on the border between the two
		} {
			for what, at := range map[string]func(territory.Point) (territory.Commune, bool){"the service": s.CommuneAt, "a command": unread.CommuneAt, "a node": held.CommuneAt} {
				c, ok := at(territory.Point{Lat: tc.lat, Lon: tc.lon})
				if ok != (tc.code != "") || c.Code != tc.code {
					t.Errorf("%s: (%v, %v) lies in %q, want %q", what, tc.lat, tc.lon, c.Code, tc.code)
				}
				if ok && (c.Name == "" || len(c.Postcodes) == 0) {
					t.Errorf("%s: the commune is %+v", what, c)
				}
			}
		}
		// Another year, another outline of one.
		rep, err := s.Import(t.Context(), audit.CLI, strings.NewReader(feature("17299", polygon(square(-1, 45, 0.1)))), 2026)
		if err != nil || rep.Updated != 1 || rep.Read != 1 {
			t.Fatalf("%s, %v", rep.Counts, err)
		}
		refresh(t, s)
		if c, _ := s.CommuneAt(territory.Point{Lat: 45.05, Lon: -0.95}); c.Code != "17299" {
			t.Errorf("the new outline is not used: %+v", c)
		}
	})
}

func TestContoursAreJournaled(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := twoCommunes(t, d)
		count := func() int64 {
			n, err := db.One(t.Context(), d, db.Value[int64], `SELECT COUNT(*) FROM audit_body`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		for range 2 {
			if _, err := s.ImportContours(t.Context(), audit.CLI, strings.NewReader(collection(feature("17299", polygon(square(-1, 45, 0.1))))), 0); err != nil {
				t.Fatal(err)
			}
		}
		if got := count() - before; got != 1 {
			t.Errorf("%d journal lines for one change", got)
		}
	})
}

func TestBadFeaturesAreReportedAndLeftOut(t *testing.T) {
	s := twoCommunes(t, testkit.SQLite(t))
	good := polygon(square(-1, 45, 0.1))
	for _, tc := range []struct{ name, feature, field, rule, says string }{
		{"an unknown code", feature("99999", good), "code", "unknown", "fusionné"},
		{"no code", `{"type":"Feature","properties":{"nom":"X"},"geometry":` + good + `}`, "code", "missing", "code"},
		{"no properties", `{"type":"Feature","properties":null,"geometry":` + good + `}`, "code", "missing", "code"},
		{"a number", `7`, "type", "type", "Feature"},
		{"a geometry", good, "type", "type", "Feature"},
		{"properties as a list", `{"type":"Feature","properties":[1],"geometry":` + good + `}`, "type", "type", "Feature"},
		{"the same again", feature("17415", polygon(square(-0.9, 45, 0.1))), "code", "unique", "premier"},
		{"no geometry", feature("17299", `null`), "geometry", "broken", "manque"},
		{"a point", feature("17299", `{"type":"Point","coordinates":[-0.95,45.05]}`), "geometry", "broken", "Polygon"},
		{"no coordinates", feature("17299", `{"type":"Polygon"}`), "geometry", "broken", "lisent pas"},
		{"coordinates as text", feature("17299", `{"type":"Polygon","coordinates":"ici"}`), "geometry", "broken", "lisent pas"},
		{"a Polygon written as a MultiPolygon", feature("17299", `{"type":"Polygon","coordinates":[[`+square(-1, 45, 0.1)+`]]}`), "geometry", "broken", "lisent pas"},
		{"an open ring", feature("17299", polygon("[[-1,45],[-0.9,45],[-0.9,45.1],[-1,45.1]]")), "geometry", "broken", "fermé"},
		{"three points", feature("17299", polygon("[[-1,45],[-0.9,45],[-1,45]]")), "geometry", "broken", "quatre points"},
		{"half a position", feature("17299", polygon("[[-1,45],[-0.9],[-0.9,45.1],[-1,45]]")), "geometry", "broken", "degrés"},
		{"metres", feature("17299", polygon("[[380000,6540000],[390000,6540000],[390000,6550000],[380000,6540000]]")), "geometry", "broken", "degrés"},
		{"nothing inside", feature("17299", polygon("[[-1,45],[-0.9,45],[-0.8,45],[-1,45]]")), "geometry", "broken", "n'entoure rien"},
		{"no ring", feature("17299", polygon()), "geometry", "broken", "n'entoure rien"},
		{"latitude before longitude", feature("17299", polygon(square(45, -1, 0.1))), "geometry", "broken", "longitude"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rep, err := s.ImportContours(t.Context(), audit.CLI, strings.NewReader(collection(feature("17415", polygon(square(-0.9, 45, 0.1))), tc.feature)), 0)
			if err != nil || rep.Read != 2 || rep.Rejected != 1 || rep.Created+rep.Unchanged != 1 || len(rep.Issues) != 1 {
				t.Fatalf("%s, %v, %+v", rep.Counts, err, rep.Issues)
			}
			if i := rep.Issues[0]; i.Line != 2 || i.Field != tc.field || i.Rule != tc.rule || !strings.Contains(i.Message, tc.says) || !strings.Contains(i.Message, "repris") && !strings.Contains(i.Message, "gardé") {
				t.Errorf("%+v", i)
			}
		})
	}
	// What other publishers write, and what only looks bad.
	for name, file := range map[string]string{
		"a code as a number":         `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"INSEE_COM":17299},"geometry":` + good + `}]}`,
		"a commune without a centre": collection(feature("17001", polygon(square(10, 10, 0.1)))),
		"heights":                    collection(feature("17299", polygon("[[-1,45,7],[-0.9,45,7],[-0.9,45.1,7],[-1,45,7]]"))),
		"a rock beside":              collection(feature("17299", `{"type":"MultiPolygon","coordinates":[[`+square(-1, 45, 0.1)+`],[`+square(-1.2, 45, 0.000001)+`]]}`)),
		"old members":                `{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"bbox":[1,2,3,4],"features":[` + feature("17299", good) + `],"type":"FeatureCollection"}`,
	} {
		if rep, err := s.ImportContours(t.Context(), audit.CLI, strings.NewReader(file), 0); err != nil || rep.Rejected != 0 || rep.Read != 1 {
			t.Errorf("%s: %s, %v, %+v", name, rep.Counts, err, rep.Issues)
		}
	}
}

func TestMalformedFilesChangeNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := twoCommunes(t, d)
		whole := collection(feature("17299", polygon(square(-1, 45, 0.1))), feature("17415", polygon(square(-0.9, 45, 0.1))))
		for name, tc := range map[string]struct{ text, key string }{
			"cut in a feature":    {whole[:len(whole)-40], "territory.geojson_broken"},
			"cut between two":     {whole[:strings.Index(whole, `,{"type":"Feature"`)+1], "territory.geojson_broken"},
			"cut at the end":      {whole[:len(whole)-1], "territory.geojson_broken"},
			"more behind":         {whole + "{}", "territory.geojson_broken"},
			"a comma too many":    {strings.Replace(whole, "]}}", "],}}", 1), "territory.geojson_broken"},
			"only a brace":        {"{", "territory.geojson_broken"},
			"an empty object":     {"{}", "territory.not_geojson"},
			"a list":              {"[1,2]", "territory.not_geojson"},
			"another object":      {`{"type":"Topology","objects":{}}`, "territory.not_geojson"},
			"features of no list": {`{"type":"FeatureCollection","features":{}}`, "territory.not_geojson"},
			"no type":             {`{"features":[]}`, "territory.not_geojson"},
			"Lambert-93":          {strings.Replace(whole, `{"type"`, `{"crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::2154"}},"type"`, 1), "territory.geojson_projection"},
		} {
			_, err := s.Import(t.Context(), audit.CLI, strings.NewReader(tc.text), 0)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Message.Key != tc.key {
				t.Errorf("%s: %v, want %s", name, err, tc.key)
			}
		}
		if c, err := s.Contours(t.Context()); err != nil || c.Len() != 0 {
			t.Errorf("%d outlines are there, %v", c.Len(), err)
		}
		errDisk := errors.New("disk")
		if _, err := s.ImportContours(t.Context(), audit.CLI, io.MultiReader(strings.NewReader(whole[:100]), iotest.ErrReader(errDisk)), 0); !errors.Is(err, errDisk) {
			t.Errorf("a disk that fails: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.ImportContours(ctx, audit.CLI, strings.NewReader(whole), 0); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted: %v", err)
		}
	})
	empty := newService(t, testkit.SQLite(t))
	_, err := empty.Import(t.Context(), audit.CLI, strings.NewReader(collection()), 0)
	if f, ok := fault.As(err); !ok || f.Message.Key != "territory.no_commune" {
		t.Errorf("before the communes: %v", err)
	}
}

var contourFiles = []string{"geo/communes-contours-2018-17-charente-maritime.geojson", "geo/communes-contours-2018-40-landes.geojson", "geo/communes-contours-2018-47-lot-et-garonne.geojson"}

// realContours is the communes of the country and the outlines of three départements.
func realContours(t testing.TB) (*territory.Service, territory.ImportReport) {
	t.Helper()
	s := newService(t, testkit.SQLite(t))
	var all territory.ImportReport
	for _, name := range append([]string{"geo/communes-2026.csv"}, contourFiles...) {
		f, err := os.Open(testkit.Data(t, name))
		if err != nil {
			t.Fatal(err)
		}
		rep, err := s.Import(t.Context(), audit.CLI, f, 2018)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".geojson") {
			all.Read += rep.Read
			all.Created += rep.Created
			all.Issues = append(all.Issues, rep.Issues...)
		}
	}
	return s, all
}

func TestRealContours(t *testing.T) {
	s, rep := realContours(t)
	refresh(t, s)
	for _, i := range rep.Issues { // communes that merged since 2018, and nothing else
		if i.Rule != "unknown" {
			t.Errorf("%+v", i)
		}
	}
	t.Logf("%d features, %d taken, %d of communes that merged since", rep.Read, rep.Created, len(rep.Issues))
	if rep.Read != 1115 || rep.Created+len(rep.Issues) != 1115 || rep.Created < 1080 {
		t.Errorf("%d read, %d taken, %d reported", rep.Read, rep.Created, len(rep.Issues))
	}
	polygons := readPolygons(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	inside := 0
	for range 20_000 { // as the schoolbook says, on the file as it is
		p := territory.Point{Lat: 43.4 + 3*rnd.Float64(), Lon: -1.6 + 2.8*rnd.Float64()}
		want := map[string]bool{}
		for code, one := range polygons {
			if one.surrounds(p) {
				want[code] = true
			}
		}
		got, ok := s.CommuneAt(p)
		if ok != (len(want) > 0) || ok && !want[got.Code] {
			t.Errorf("%v lies in %q, the schoolbook says %v", p, got.Code, want)
		}
		if ok {
			inside++
		}
	}
	if inside < 3000 {
		t.Errorf("only %d points lay in a commune", inside)
	}
}

// outline is the outer rings of a commune as the file writes them.
type outline struct {
	rings     [][][]float64
	low, high territory.Point
}

// readPolygons reads the outlines of the files, for the communes that are known.
func readPolygons(t *testing.T) map[string]*outline {
	t.Helper()
	out := map[string]*outline{}
	known := realGazetteer(t)
	for _, name := range contourFiles {
		raw, err := os.ReadFile(testkit.Data(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Features []struct {
				Properties struct{ Code string }
				Geometry   struct {
					Type        string
					Coordinates json.RawMessage
				}
			}
		}
		if err := json.Unmarshal(raw, &file); err != nil {
			t.Fatal(err)
		}
		for _, f := range file.Features {
			var many [][][][]float64
			if f.Geometry.Type == "Polygon" {
				many = make([][][][]float64, 1)
				err = json.Unmarshal(f.Geometry.Coordinates, &many[0])
			} else {
				err = json.Unmarshal(f.Geometry.Coordinates, &many)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := known.Commune(f.Properties.Code); !ok {
				continue
			}
			for _, one := range many {
				if len(one) != 1 {
					t.Fatalf("%s has holes: this test does not know them", f.Properties.Code)
				}
				if out[f.Properties.Code] == nil {
					out[f.Properties.Code] = &outline{low: territory.Point{Lat: 90, Lon: 180}, high: territory.Point{Lat: -90, Lon: -180}}
				}
				out[f.Properties.Code].add(one[0])
			}
		}
	}
	return out
}

func (o *outline) add(ring [][]float64) {
	o.rings = append(o.rings, ring)
	for _, at := range ring {
		o.low = territory.Point{Lat: min(o.low.Lat, at[1]), Lon: min(o.low.Lon, at[0])}
		o.high = territory.Point{Lat: max(o.high.Lat, at[1]), Lon: max(o.high.Lon, at[0])}
	}
}

// surrounds reports whether a ring winds around a point: another rule than the index's own.
func (o *outline) surrounds(p territory.Point) bool {
	if p.Lat < o.low.Lat || p.Lat > o.high.Lat || p.Lon < o.low.Lon || p.Lon > o.high.Lon {
		return false
	}
	turns := 0
	for _, ring := range o.rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			left := (b[0]-a[0])*(p.Lat-a[1]) - (p.Lon-a[0])*(b[1]-a[1])
			switch {
			case a[1] <= p.Lat && b[1] > p.Lat && left > 0:
				turns++
			case a[1] > p.Lat && b[1] <= p.Lat && left < 0:
				turns--
			}
		}
	}
	return turns != 0
}

// What 1,108 outlines cost: an answer, and the memory of all of them with the index of their communes, which a node that
// has read the communes does not hold twice.
func BenchmarkContours(b *testing.B) {
	s, _ := realContours(b)
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := heap()
	c, err := s.Contours(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	held := heap() - before
	refresh(b, s)
	var points []territory.Point
	for _, code := range []string{"17299", "17300", "40192", "47001", "17415"} {
		commune, _ := s.Gazetteer().Commune(code)
		points = append(points, commune.Point)
	}
	i := 0
	for b.Loop() {
		if _, ok := c.CommuneAt(points[i%len(points)]); !ok {
			b.Fatalf("%v lies nowhere", points[i%len(points)])
		}
		i++
	}
	b.ReportMetric(held/float64(c.Len()), "B/outline")
}
