package place

import (
	"testing"

	"viaduc/internal/territory"
)

func TestParsePosition(t *testing.T) {
	for text, want := range map[string]territory.Point{
		"45.937 -0.964": {Lat: 45.937, Lon: -0.964}, "45.937, -0.964": {Lat: 45.937, Lon: -0.964}, "45.937,-0.964": {Lat: 45.937, Lon: -0.964},
		"45,937 -0,964": {Lat: 45.937, Lon: -0.964},
	} {
		if got, ok := ParsePosition(text); !ok || got != want {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "45.937", "nord sud", "95 0", "0 0 0", "NaN NaN", "1e99 0", "45.937;-0.964;"} {
		if got, ok := ParsePosition(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// A position that is read lies on the globe, and is read again as it is written.
func FuzzParsePosition(f *testing.F) {
	for _, s := range []string{"45.937 -0.964", "45,937 -0,964", "45.937,-0.964", "1e5 2", "", "N 45° 0°"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := ParsePosition(text)
		if !ok {
			return
		}
		if !p.Valid() {
			t.Fatalf("%q is %v", text, p)
		}
		if again, ok := ParsePosition(formatDegrees(p.Lat) + " " + formatDegrees(p.Lon)); !ok || again != p {
			t.Errorf("%q is %v, then %v", text, p, again)
		}
	})
}
