package contact_test

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"viaduc/internal/place/contact"
	"viaduc/internal/testkit"
)

func sameCoordinates(t testing.TB, lat, lon float64) {
	t.Helper()
	a, b, ok := contact.Coordinates(decimal(lat), decimal(lon))
	if !ok || a != lat || b != lon {
		t.Errorf("Coordinates(%v, %v) = %v, %v, %v: they change", lat, lon, a, b, ok)
	}
	if !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		t.Errorf("%v, %v are no degrees", lat, lon)
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func TestCoordinates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lat, lon string
		wantLat  float64
		wantLon  float64
		ok       bool
	}{
		{"48.853", "2.349", 48.853, 2.349, true},
		{"48,853", "2,349", 48.853, 2.349, true},
		{" +48.853 ", "\u00a0-2.349", 48.853, -2.349, true},
		{"48.853°", "−2.349 °", 48.853, -2.349, true},
		{"48.853º", "2.349˚", 48.853, 2.349, true},
		{"48.853° N", "1.15° O", 48.853, -1.15, true},
		{"N 48.853", "W 1.15", 48.853, -1.15, true},
		{"-20,878 S", "55.448E", -20.878, 55.448, true},
		{`48°51'10.8"N`, `2°20’56,4″ E`, 48.853, 2.349, true},
		{"46° 30'", "-3°30'", 46.5, -3.5, true},
		{"47.5", "5.4E-05", 47.5, 0.000054, true},
		{"48.85", "0", 48.85, 0, true},
		{"2.349 E", "48.853 N", 48.853, 2.349, true},
		{"2.349", "48.853", 48.853, 2.349, true},     // the sea off Somalia, or Paris
		{"166.45", "-22.27", -22.27, 166.45, true},   // no such latitude; Nouméa
		{"55.448", "-20.878", -20.878, 55.448, true}, // La Réunion
		{"-61.06", "14.61", 14.61, -61.06, true},     // Martinique
		{"4.922", "-52.313", 4.922, -52.313, true},   // Cayenne as it stands
		{"-12.78", "45.227", -12.78, 45.227, true},   // Mayotte as it stands
		{"50.85", "4.35", 50.85, 4.35, true},         // Brussels is left alone
		{"-33.86", "151.21", -33.86, 151.21, true},   // Sydney too
		{"652 230,934", "6 861 636,903", 48.853, 2.349, true},
		{"6861636.903", "652230.934", 48.853, 2.349, true},

		{"", "", 0, 0, false},
		{"0", "0", 0, 0, false},
		{"0.000", "-0,0", 0, 0, false},
		{"48.85", "", 0, 0, false},
		{"91", "2", 0, 0, false},
		{"48", "181", 0, 0, false},
		{"95.2", "2.3", 0, 0, false},
		{"48853", "2349", 0, 0, false},
		{"600000", "2428000", 0, 0, false},  // Lambert II extended
		{"1652000", "8181000", 0, 0, false}, // CC49
		{"448000", "5412000", 0, 0, false},  // UTM 31
		{"6861636.903 N", "652230.934 E", 0, 0, false},
		{"48.85 N", "48.85 N", 0, 0, false},
		{"2.349 N", "48.853 E", 0, 0, false},
		{"-48.85 N", "2.3 E", 0, 0, false},
		{"48°61'", "2°", 0, 0, false},
		{"48.5°30'", "2°", 0, 0, false},
		{"NaN", "Inf", 0, 0, false},
		{"0x10", "1e999", 0, 0, false},
		{"48.85.3", "2", 0, 0, false},
		{"48.85 2.34", "2.34", 0, 0, false},
		{"Paris", "2", 0, 0, false},
	} {
		lat, lon, ok := contact.Coordinates(c.lat, c.lon)
		if ok != c.ok || math.Abs(lat-c.wantLat) > 5e-8 || math.Abs(lon-c.wantLon) > 5e-8 {
			t.Errorf("Coordinates(%q, %q) = %v, %v, %v; want %v, %v, %v", c.lat, c.lon, lat, lon, ok, c.wantLat, c.wantLon, c.ok)
		}
		if ok {
			sameCoordinates(t, lat, lon)
		}
	}
}

// TestLambert93 uses the projection's origin, points that others publish, and points computed by proj4.
func TestLambert93(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		x, y     float64
		lat, lon float64
		within   float64 // degrees: as many decimals as were published
	}{
		{"origin of the projection", 700000, 6600000, 46.5, 3, 1e-7},
		{"Paris 13e, proj4php", 652709.401, 6859290.946, 48.831938, 2.355781, 5e-7},
		{"Ouessant, paperless_bt", 102980, 6847973, 48.4565745, -5.0888561, 1e-7},
		{"Paris, Notre-Dame", 652230.934, 6861636.903, 48.853, 2.349, 2e-8},
		{"Brest", 146636.140, 6836217.365, 48.39, -4.486, 2e-8},
		{"Strasbourg", 1050362.695, 6840899.647, 48.5734, 7.7521, 2e-8},
		{"Bonifacio", 1216166.559, 6051870.457, 41.3874, 9.1594, 2e-8},
		{"Bastia", 1228632.331, 6199171.041, 42.6977, 9.4508, 2e-8},
		{"Bray-Dunes", 666481.098, 7110455.975, 51.0887, 2.5227, 2e-8},
		{"Saintes", 417610.500, 6522776.082, 45.7461, -0.6333, 2e-8},
		{"Perpignan", 691368.107, 6176570.588, 42.6887, 2.8948, 2e-8},
		{"Lauterbourg", 1082629.547, 6887126.633, 48.97, 8.23, 2e-8},
		{"Lavezzi", 1225059.357, 6046492.740, 41.333, 9.26, 2e-8},
	} {
		for _, cell := range [2][2]string{{decimal(c.y), decimal(c.x)}, {decimal(c.x), decimal(c.y)}} {
			lat, lon, ok := contact.Coordinates(cell[0], cell[1])
			if !ok || math.Abs(lat-c.lat) > c.within+5e-8 || math.Abs(lon-c.lon) > c.within+5e-8 {
				t.Errorf("%s: %v, %v, %v; want %v, %v", c.name, lat, lon, ok, c.lat, c.lon)
			}
			sameCoordinates(t, lat, lon)
		}
	}
}

// project is the forward projection, from its definition: GRS 80, standard parallels 44° and 49°, origin 46.5° N 3° E
// at 700 000 m, 6 600 000 m (Snyder, Map Projections: A Working Manual, chapter 15).
func project(lat, lon float64) (x, y float64) {
	const a, flattening, degree = 6378137, 1 / 298.257222101, math.Pi / 180
	e := math.Sqrt(flattening * (2 - flattening))
	m := func(phi float64) float64 { return math.Cos(phi) / math.Sqrt(1-e*e*math.Sin(phi)*math.Sin(phi)) }
	t := func(phi float64) float64 {
		s := e * math.Sin(phi)
		return math.Tan(math.Pi/4-phi/2) / math.Pow((1-s)/(1+s), e/2)
	}
	phi1, phi2 := 44*degree, 49*degree
	n := math.Log(m(phi1)/m(phi2)) / math.Log(t(phi1)/t(phi2))
	f := m(phi1) / (n * math.Pow(t(phi1), n))
	rho := func(phi float64) float64 { return a * f * math.Pow(t(phi), n) }
	theta := n * (lon - 3) * degree
	return 700000 + rho(lat*degree)*math.Sin(theta), 6600000 + rho(46.5*degree) - rho(lat*degree)*math.Cos(theta)
}

// TestLambert93Communes takes every commune of mainland France and Corsica to metres and back.
func TestLambert93Communes(t *testing.T) {
	t.Parallel()
	file, err := os.Open(testkit.Data(t, "geo/communes-2026.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	latAt, lonAt, n := slices.Index(rows[0], "latitude"), slices.Index(rows[0], "longitude"), 0
	for _, r := range rows[1:] {
		lat, errLat := strconv.ParseFloat(r[latAt], 64)
		lon, errLon := strconv.ParseFloat(r[lonAt], 64)
		if errLat != nil || errLon != nil {
			continue
		}
		sameCoordinates(t, lat, lon) // the territories overseas too: none is taken for a swapped point
		if lat < 41 || lon < -6 || lon > 10 {
			continue
		}
		n++
		x, y := project(lat, lon)
		gotLat, gotLon, ok := contact.Coordinates(decimal(x), decimal(y))
		if !ok || math.Abs(gotLat-lat) > 6e-8 || math.Abs(gotLon-lon) > 6e-8 {
			t.Fatalf("%s: %v, %v goes to %v, %v and back to %v, %v, %v", r[1], lat, lon, x, y, gotLat, gotLon, ok)
		}
	}
	if n < 30000 {
		t.Errorf("only %d communes of the mainland", n)
	}
}
