package duplicate_test

import (
	"strings"
	"testing"

	"viaduc/internal/place/duplicate"
)

func ratio(a, b string) int {
	x, y := duplicate.Ready(a), duplicate.Ready(b)
	return duplicate.Ratio(&x, &y)
}

// The thirty pairs of names whose ratio the national chain computed.
func TestRatioIsThatOfTheNationalChain(t *testing.T) {
	var vectors [][3]any
	readJSON(t, "dedup/ratio-vectors.json", &vectors)
	if len(vectors) != 30 {
		t.Fatalf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		a, b, want := v[0].(string), v[1].(string), int(v[2].(float64))
		if got := ratio(a, b); got != want {
			t.Errorf("ratio(%q, %q) = %d, want %d", a, b, got, want)
		}
		if got := ratio(b, a); got != want {
			t.Errorf("ratio(%q, %q) = %d, want %d", b, a, got, want)
		}
	}
}

func TestRatio(t *testing.T) {
	long := strings.Repeat("rue de la gare ", 20)
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"Mairie", "MAIRIE", 100},
		{"Mairie", "mairie !", 100},
		{"L'Abri", "l abri", 100},
		{"a  b", "a b", 100},
		{"abc", "abd", 67},
		{"abc", "xyz", 0},
		{"", "", 0},
		{"", "abc", 0},
		{"—", "—", 0},
		{"é", "e", 0},
		{"abcd", "a", 40},
		{long, long, 100},
		{long, "rue de la gare", 9},
		{strings.Repeat("a", 64), strings.Repeat("a", 64), 100},
		{strings.Repeat("a", 65), strings.Repeat("a", 64), 99},
		{strings.Repeat("a", 400), strings.Repeat("a", 300), 86},
		{"𝔸b", "𝔸b", 100},
	} {
		if got := ratio(c.a, c.b); got != c.want {
			t.Errorf("ratio(%.20q, %.20q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
