package id_test

import (
	"strings"
	"testing"

	"viaduc/internal/platform/id"
)

func TestNewIsValidAndGrows(t *testing.T) {
	prev := ""
	for range 1000 {
		got := id.New()
		if !id.Valid(got) {
			t.Fatalf("New() = %q is not valid", got)
		}
		if got <= prev {
			t.Fatalf("New() = %q does not sort after %q", got, prev)
		}
		prev = got
	}
}

func TestValidRefusesOtherForms(t *testing.T) {
	good := id.New()
	for _, s := range []string{"", "1", strings.ToUpper(good), "{" + good + "}", good + " ", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"} {
		if id.Valid(s) {
			t.Errorf("Valid(%q) = true", s)
		}
	}
}
