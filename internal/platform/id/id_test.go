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

func TestReferences(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		r := id.NewReference()
		if got, ok := id.ParseReference(r); !ok || got != r {
			t.Errorf("ParseReference(%q) = %q, %v", r, got, ok)
		}
		seen[r] = true
	}
	if len(seen) < 990 {
		t.Errorf("%d references of 1000 are different", len(seen))
	}
	for in, want := range map[string]string{
		"ktb94m": "KTB-94M", " KTB 94M ": "KTB-94M", "ktb-94m": "KTB-94M", "KTB\u00a094M": "KTB-94M",
		"": "", "KTB-94": "", "KTB-94MM": "", "KTA-94M": "", "KTB-91M": "", "KTÉ-94M": "", "<b>": "",
	} {
		if got, ok := id.ParseReference(in); got != want || ok != (want != "") {
			t.Errorf("ParseReference(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}
