package territory_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// realGround is the communes of the country with the outlines of three départements.
func realGround(t testing.TB) *territory.Service {
	t.Helper()
	s := newService(t, testkit.SQLite(t))
	for _, name := range []string{"communes-2026.csv", "communes-contours-2018-17-charente-maritime.geojson", "communes-contours-2018-40-landes.geojson", "communes-contours-2018-47-lot-et-garonne.geojson"} {
		f, err := os.Open(testkit.Data(t, "geo/"+name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(t.Context(), audit.CLI, f, 2018); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	refresh(t, s)
	return s
}

func packedSize(t testing.TB, b []byte) int {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Len()
}

// holds reports whether an odd number of rings holds a spot.
func holds(rings [][]territory.Corner, x, y float64) bool {
	inside := false
	for _, r := range rings {
		for i, a := range r {
			b := r[(i+1)%len(r)]
			if a.Y > b.Y {
				a, b = b, a
			}
			if (float64(a.Y) > y) != (float64(b.Y) > y) && x < float64(a.X)+float64(b.X-a.X)*(y-float64(a.Y))/float64(b.Y-a.Y) {
				inside = !inside
			}
		}
	}
	return inside
}

// The ground of a real département is light, and is where the outlines say: on a grid of positions drawing and outlines
// agree but for a hair along the borders.
func TestGroundOfRealDepartments(t *testing.T) {
	s := realGround(t)
	for _, department := range []string{"17", "40", "47"} {
		area, _ := s.Gazetteer().Area(territory.DepartmentArea, department)
		g, ok := s.Ground(area)
		if !ok {
			t.Fatalf("no ground of %s", department)
		}
		if again, _ := s.Ground(area); again != g {
			t.Error("the ground is drawn again for each reader")
		}
		size := packedSize(t, g.SVG)
		t.Logf("%s: %d by %d, %d bytes, %d in gzip; %d rings, %d borders of EPCI, %d of communes; %v", area.Name, g.Width, g.Height, len(g.SVG), size, len(g.Land), len(g.EPCIs), len(g.Communes), g.Towns)
		if size >= 15_000 {
			t.Errorf("the ground of %s weighs %d bytes in gzip, 15,000 wanted", area.Name, size)
		}
		if max(g.Width, g.Height) < 990 || max(g.Width, g.Height) > 1010 || len(g.Communes) < 200 || len(g.EPCIs) < 5 || len(g.Towns) < 5 {
			t.Errorf("%s is hardly drawn", area.Name)
		}
		wrong, inside, all := 0, 0, 0
		for x := 5.0; x < float64(g.Width); x += 12 {
			for y := 5.0; y < float64(g.Height); y += 12 {
				at := g.Point(x, y)
				if bx, by := g.XY(at); bx-x > 1e-6 || x-bx > 1e-6 || by-y > 1e-6 || y-by > 1e-6 {
					t.Fatalf("(%v, %v) comes back as (%v, %v)", x, y, bx, by)
				}
				c, ok := s.CommuneAt(at)
				all++
				if ok = ok && c.Department == department; ok {
					inside++
				}
				if ok != holds(g.Land, x, y) {
					wrong++
				}
			}
		}
		if wrong*100 > all || inside < all/5 {
			t.Errorf("%s: %d of %d positions are on the wrong side (%d inside)", area.Name, wrong, all, inside)
		}
	}
}

// Borders are shared: a line that parts two communes ends where other lines or the coast have a corner, so that nothing
// gapes; every line has two corners or more, none of them out of sight.
func TestBordersMeet(t *testing.T) {
	s := realGround(t)
	for _, a := range []struct {
		kind territory.AreaKind
		code string
	}{{territory.DepartmentArea, "17"}, {territory.EPCIArea, "200041762"}, {territory.CommuneArea, "17299"}, {territory.CommuneArea, "17004"}} {
		area, ok := s.Gazetteer().Area(a.kind, a.code)
		if !ok {
			t.Fatal("no area", a)
		}
		d, ok := s.Drawing(area)
		if !ok {
			t.Fatal("no drawing of", area)
		}
		met := map[territory.Corner]int{}
		for _, r := range d.Land {
			for _, c := range r {
				met[c]++
			}
		}
		lines := append(append([][]territory.Corner{}, d.EPCIs...), d.Communes...)
		for _, l := range lines {
			met[l[0]]++
			met[l[len(l)-1]]++
		}
		for _, l := range lines {
			if len(l) < 2 {
				t.Errorf("%s: a line of %d corners", area.Name, len(l))
				continue
			}
			for _, end := range []territory.Corner{l[0], l[len(l)-1]} {
				if met[end] < 2 {
					t.Errorf("%s: a border ends alone at %v", area.Name, end)
				}
				if end.X < 0 || end.X > d.Width || end.Y < 0 || end.Y > d.Height {
					t.Errorf("%s: a border leaves the drawing at %v", area.Name, end)
				}
			}
		}
		if a.kind == territory.CommuneArea && len(lines) != 0 {
			t.Errorf("inside %s there are %d borders", area.Name, len(lines))
		}
		if a.kind != territory.DepartmentArea && a.code != "17004" && len(d.Around) == 0 {
			t.Errorf("%s has no neighbour", area.Name)
		}
	}
}

// A ground of two squares, one with a hole: what is drawn can be counted by hand.
func TestGroundByHand(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := twoCommunes(t, d)
		area, _ := s.Gazetteer().Area(territory.DepartmentArea, "17")
		if _, ok := s.Drawing(area); ok {
			t.Error("a ground without outlines")
		}
		// Rochefort to the west has a pond; Saintes to the east shares one side of it.
		file := collection(feature("17299", polygon(square(-1, 45, 0.1), square(-0.96, 45.04, 0.02))), feature("17415", polygon(square(-0.9, 45, 0.1))))
		if _, err := s.Import(t.Context(), audit.CLI, strings.NewReader(file), 2018); err != nil {
			t.Fatal(err)
		}
		refresh(t, s)
		g, ok := s.Ground(area)
		if !ok || len(g.Land) != 2 || len(g.Communes) != 1 || len(g.EPCIs) != 0 || len(g.Communes[0]) != 2 {
			t.Fatalf("%v: %d rings, borders %v %v", ok, len(g.Land), g.Communes, g.EPCIs)
		}
		if x, y := g.XY(territory.Point{Lat: 45.05, Lon: -0.95}); holds(g.Land, x, y) {
			t.Error("the pond is land")
		}
		if file, ok := s.Gazetteer().GroundArea(g.File); !ok || file != area {
			t.Errorf("%s is read as %v", g.File, file)
		}
		for _, name := range []string{"", "departement-17.svg", "departement-99-abc.svg", "x-17-abc.svg", "departement-17-abc.png", "../departement-17-abc.svg"} {
			if a, ok := s.Gazetteer().GroundArea(name); ok {
				t.Errorf("%q is read as %v", name, a)
			}
		}
		decoder := xml.NewDecoder(bytes.NewReader(g.SVG))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []string{territory.GroundAround, territory.GroundLand, territory.GroundCommunes, territory.GroundEPCIs} {
			if !strings.Contains(string(g.SVG), fmt.Sprintf(`id="%s"`, id)) {
				t.Errorf("no layer %s", id)
			}
		}
	})
}

// The file says what the drawing says: its paths, walked as the grammar of SVG has it, come to the same corners.
func TestGroundFileIsTheDrawing(t *testing.T) {
	s := realGround(t)
	area, _ := s.Gazetteer().Area(territory.DepartmentArea, "17")
	g, _ := s.Ground(area)
	for id, want := range map[string][][]territory.Corner{
		territory.GroundAround: g.Around, territory.GroundLand: g.Land, territory.GroundCommunes: g.Communes, territory.GroundEPCIs: g.EPCIs,
	} {
		_, rest, _ := strings.Cut(string(g.SVG), `id="`+id+`"`)
		_, rest, _ = strings.Cut(rest, ` d="`)
		path, _, _ := strings.Cut(rest, `"`)
		got := walked(t, path)
		if len(got) != len(want) {
			t.Fatalf("%s: %d lines, want %d", id, len(got), len(want))
		}
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Fatalf("%s, line %d: %v, want %v", id, i, got[i], want[i])
			}
		}
	}
}

// walked reads the path grammar that is used: m, pairs of whole numbers, z.
func walked(t *testing.T, path string) [][]territory.Corner {
	t.Helper()
	var out [][]territory.Corner
	var at territory.Corner
	for sub := range strings.SplitSeq(path, "m") {
		if sub == "" {
			continue
		}
		closed := strings.HasSuffix(sub, "z")
		numbers := strings.Fields(strings.ReplaceAll(strings.TrimSuffix(sub, "z"), "-", " -"))
		if len(numbers)%2 != 0 {
			t.Fatalf("half a corner in %q", sub)
		}
		var line []territory.Corner
		for i := 0; i < len(numbers); i += 2 {
			x, errX := strconv.Atoi(numbers[i])
			y, errY := strconv.Atoi(numbers[i+1])
			if errX != nil || errY != nil {
				t.Fatal(errX, errY)
			}
			at = territory.Corner{X: at.X + x, Y: at.Y + y}
			line = append(line, at)
		}
		out = append(out, line)
		if closed {
			at = line[0]
		}
	}
	return out
}
