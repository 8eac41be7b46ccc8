package fold_test

import (
	"testing"
	"unicode/utf8"

	"viaduc/internal/platform/fold"
)

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"Rochefort":                     "rochefort",
		"  Saint-Jean-d'Angély ":        "saint jean d angely",
		"L’Isle-d’Espagnac":             "l isle d espagnac",
		"Œuilly":                        "oeuilly",
		"ÉCOLE":                         "ecole",
		"École\u0301":                   "ecole",
		"n° 3, rue de l'Église (bât B)": "n 3 rue de l eglise bat b",
		"العربية":                       "العربية",
		"Ⅻ":                             "xii",
		"---":                           "",
	} {
		if got := fold.Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"rochefort", "rochefort", 2, 0},
		{"rochfort", "rochefort", 2, 1},
		{"rcohefort", "rochefort", 2, 1},
		{"rocheforts", "rochefort", 2, 1},
		{"saintes", "santes", 1, 1},
		{"royan", "rouen", 1, 2},
		{"a", "bcdef", 2, 3},
		{"", "ab", 2, 2},
	} {
		if got := fold.Distance(tc.a, tc.b, tc.limit); got != tc.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", tc.a, tc.b, tc.limit, got, tc.want)
		}
		if got := fold.Distance(tc.b, tc.a, tc.limit); got != tc.want {
			t.Errorf("Distance is not symmetric for %q, %q", tc.a, tc.b)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"Saint-Jean-d'Angély", "\xff", "ﬁ", "İ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := fold.Key(s)
		if !utf8.ValidString(k) {
			t.Errorf("Key(%q) = %q is not UTF-8", s, k)
		}
		if again := fold.Key(k); again != k {
			t.Errorf("Key(%q) = %q but Key of that is %q", s, k, again)
		}
	})
}
