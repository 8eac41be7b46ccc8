package contact_test

import (
	"testing"

	"viaduc/internal/place/contact"
)

func sameSIRET(t testing.TB, clean string, ok bool) {
	t.Helper()
	if clean == "" {
		return
	}
	if again, okAgain := contact.SIRET(clean); again != clean || okAgain != ok || len(again) != 14 {
		t.Errorf("SIRET(%q) = %q, %v: it changes", clean, again, okAgain)
	}
}

func TestSIRET(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw, want string
		ok        bool
	}{
		{"73282932000074", "73282932000074", true},
		{"732 829 320 00074", "73282932000074", true},
		{"732.829.320.00074", "73282932000074", true},
		{"732\u202f829\u00a0320-00074 ", "73282932000074", true},
		{"73282932000074.0", "73282932000074", true},
		{"35600000000048", "35600000000048", true}, // La Poste, head office: Luhn holds
		{"35600000049837", "35600000049837", true}, // a post office: sum of digits 45
		{"35600000049838", "35600000049838", false},
		{"73282932000075", "73282932000075", false},
		{"44", "", false},
		{"732829320", "", false},
		{"W751234567", "", false},
		{"7.32829E+13", "", false},
		{"732829320000740", "", false},
		{"٧3282932000074", "", false},
		{"", contact.UnknownSIRET, true},
		{" ", contact.UnknownSIRET, true},
		{"00000000000000", contact.UnknownSIRET, true},
	} {
		got, ok := contact.SIRET(c.raw)
		if got != c.want || ok != c.ok {
			t.Errorf("SIRET(%q) = %q, %v; want %q, %v", c.raw, got, ok, c.want, c.ok)
		}
		sameSIRET(t, got, ok)
	}
}
