package fold

import "testing"

// The fast way says what the slow one says.
func FuzzLatin(f *testing.F) {
	for _, s := range []string{"", "Sainte-Œuvre", "½ é", "e\u0301", "A\u00a0b", "\xff", "ĳ ŉ ſ", "L’Haÿ-les-Roses", "ª º ¹"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := Key(s), anyScript(s); got != want {
			t.Errorf("Key(%q) = %q, want %q", s, got, want)
		}
	})
}
