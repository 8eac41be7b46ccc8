package openinghours_test

import (
	"testing"

	"viaduc/internal/place/openinghours"
)

func TestParseFrenchVectors(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct{ In, Out string }
	}
	decode(t, "vectors/horaires-jour-libre-vers-osm.json", &file)
	if len(file.Vectors) < 85 {
		t.Fatalf("got %d vectors, want 85", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		got, ok := openinghours.ParseFrench(v.In)
		if got != v.Out || ok != (v.Out != "") {
			t.Errorf("%q: got %q %v, want %q", v.In, got, ok, v.Out)
		}
		if !ok {
			continue
		}
		if _, err := openinghours.Parse("Mo " + got); err != nil {
			t.Errorf("%q: %v", v.In, err)
		}
	}
}

func TestParseFrench(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"de 9 heures à 12 heures":         "09:00-12:00",
		"de 9h à midi":                    "09:00-12:00",
		"9h-12h, fermé le midi, 14h-17h":  "09:00-12:00,14:00-17:00",
		"20h à minuit":                    "20:00-24:00",
		"9\u00a0h\u00a030 – 12\u00a0h":    "09:30-12:00",
		"fermé":                           "",
		"":                                "",
		"17h-9h":                          "",
		"2 personnes, 3 postes":           "",
		"du 14/04/2022 au 15/05/2022":     "",
		"12 hommes et 14 femmes":          "",
		"99h-100h":                        "",
		"123456789012345678901234567890h": "",
	} {
		if got, ok := openinghours.ParseFrench(in); got != want || ok != (want != "") {
			t.Errorf("%q: got %q %v, want %q", in, got, ok, want)
		}
	}
}
