package siret_test

import (
	"testing"

	"viaduc/internal/platform/siret"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw, want string
		ok        bool
	}{
		{"73282932000074", "73282932000074", true},
		{"732 829 320 00074", "73282932000074", true},
		{"732\u202f829\u00a0320-00074\u200b ", "73282932000074", true},
		{"73282932000074.0", "73282932000074", true},
		{"７３２８２９３２００００７４", "73282932000074", true},
		{"35600000049837", "35600000049837", true}, // a post office: the digits add up to 45
		{"35600000049838", "35600000049838", false},
		{"73282932000075", "73282932000075", false},
		{"732829320", "", false},
		{"W751234567", "", false},
		{"\xff", siret.Unknown, true},
		{"", siret.Unknown, true},
		{"00000000000000", siret.Unknown, true},
	} {
		if got, ok := siret.Parse(c.raw); got != c.want || ok != c.ok {
			t.Errorf("Parse(%q) = %q, %v; want %q, %v", c.raw, got, ok, c.want, c.ok)
		}
	}
}
