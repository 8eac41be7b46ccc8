package territory

import (
	"encoding/json"
	"slices"
	"testing"
)

// ringsIn reads the rings of a packed outline back.
func ringsIn(g packed) ([][]vertex, error) {
	var rings [][]vertex
	err := g.edges(func(ring int, a, _ vertex) {
		if ring == len(rings) {
			rings = append(rings, nil)
		}
		rings[ring] = append(rings[ring], a)
	})
	return rings, err
}

func TestPackedOutlinesComeBack(t *testing.T) {
	for name, rings := range map[string][][]vertex{
		"a triangle":          {{{0, 0}, {10, 0}, {0, 10}}},
		"west and south":      {{{-100, -100}, {-90, -100}, {-95, -120}}},
		"a hole, an island":   {{{0, 0}, {100, 0}, {100, 100}, {0, 100}}, {{20, 20}, {20, 40}, {40, 40}}, {{-500, -500}, {-490, -500}, {-490, -480}}},
		"the whole globe":     {{{-18_000_000, -9_000_000}, {18_000_000, -9_000_000}, {18_000_000, 9_000_000}, {-18_000_000, 9_000_000}}},
		"a corner seen twice": {{{0, 0}, {10, 10}, {20, 0}, {10, 10}, {0, 20}}},
	} {
		got, err := ringsIn(pack(rings))
		if err != nil || !slices.EqualFunc(got, rings, slices.Equal[[]vertex]) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestInside(t *testing.T) {
	g := pack([][]vertex{
		{{0, 0}, {100, 0}, {100, 100}, {0, 100}},              // a square
		{{20, 20}, {20, 40}, {40, 40}, {40, 20}},              // with a hole
		{{25, 25}, {35, 25}, {35, 35}, {25, 35}},              // and an island in it
		{{200, 0}, {300, 0}, {300, 50}, {250, 10}, {200, 50}}, // another part, with a bay
	})
	for _, tc := range []struct {
		x, y   float64
		inside bool
	}{
		{50, 50, true},
		{10, 90, true},
		{22, 22, false},
		{30, 30, true},
		{150, 50, false},
		{-1, 50, false},
		{50, 101, false},
		{250, 5, true},
		{250, 20, false},
		{210, 30, true},
		{100.5, 0, false},
		{0, 0, true},
		{100, 100, false},
		{0, 50, true},
		{100, 50, false}, // of a shared border each side has its part
	} {
		if got := g.holds(tc.x, tc.y); got != tc.inside {
			t.Errorf("(%v, %v) is inside: %v, want %v", tc.x, tc.y, got, tc.inside)
		}
	}
}

// FuzzPacked reads any bytes as an outline: it never panics, and what it reads packs to the same corners again.
func FuzzPacked(f *testing.F) {
	f.Add([]byte(pack([][]vertex{{{0, 0}, {10, 0}, {0, 10}}})))
	f.Add([]byte{packedVersion, 0, 0, 0, 0, 1, 200})
	f.Add([]byte{packedVersion, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, raw []byte) {
		rings, err := ringsIn(raw)
		packed(raw).holds(1, 1)
		if err != nil || len(rings) == 0 {
			return
		}
		again, err := ringsIn(pack(rings))
		if err != nil || !slices.EqualFunc(again, rings, slices.Equal[[]vertex]) {
			t.Fatalf("%v became %v, %v", rings, again, err)
		}
	})
}

// FuzzGeometry reads any JSON as a geometry: what is taken is a whole outline that holds no point outside its box.
func FuzzGeometry(f *testing.F) {
	for _, s := range []string{
		`{"type":"Polygon","coordinates":[[[-0.9,45.9],[-0.8,45.9],[-0.8,46],[-0.9,45.9]]]}`,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[2,2,9],[3,2,9],[3,3,9],[2,2,9]]]]}`,
		`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[0.2,0.1],[0.3,0.1],[0.3,0.2],[0.2,0.1]]]}`,
		`{"type":"Polygon","coordinates":[[[0,0],[1e999,0],[1,1],[0,0]]]}`, `{"type":"Point","coordinates":[0,0]}`, `{"type":"Polygon","coordinates":null}`, `null`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var g *geometry
		if json.Unmarshal(raw, &g) != nil {
			return
		}
		rings, reason := g.rings()
		if (reason == "") != (len(rings) > 0) {
			t.Fatalf("%d rings and the reason %q", len(rings), reason)
		}
		if reason != "" {
			return
		}
		p := pack(rings)
		around, _, err := p.open()
		back, err2 := ringsIn(p)
		if err != nil || err2 != nil || !slices.EqualFunc(back, rings, slices.Equal[[]vertex]) {
			t.Fatalf("%v became %v, %v, %v", rings, back, err, err2)
		}
		if p.holds(float64(around.min[0])-0.5, float64(around.min[1])+0.5) || p.holds(float64(around.max[0])+0.5, float64(around.max[1])-0.5) {
			t.Fatal("it holds what is outside its box")
		}
	})
}
