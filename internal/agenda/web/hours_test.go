package web

import (
	"testing"

	"viaduc/internal/place/openinghours"
)

func TestHoursOfARoom(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "\n \n": "",
		"lundi : 9 h - 12 h, 14 h - 18 h":                            "Mo 09:00-12:00,14:00-18:00",
		"Lundi à vendredi : 9h30 à 17h":                              "Mo-Fr 09:30-17:00",
		"du lundi au vendredi : 9 h - 18 h\n07/05/2026 : fermé":      "Mo-Fr 09:00-18:00; 2026 May 07 off",
		"24/12/2026: 9h-12h\nmardi: fermé\nsamedi : 10:00 à 12:00\n": "Tu off; Sa 10:00-12:00; 2026 Dec 24 09:00-12:00",
	} {
		osm, ok := readRoomHours(text)
		if !ok || osm != want {
			t.Errorf("%q is %q, %v; want %q", text, osm, ok, want)
			continue
		}
		if osm == "" {
			continue
		}
		if _, err := openinghours.Parse(osm); err != nil {
			t.Errorf("%q: %v", osm, err)
		}
		if again, ok := readRoomHours(roomHoursText(osm)); !ok || again != osm {
			t.Errorf("%q is shown as %q, which reads %q", osm, roomHoursText(osm), again)
		}
	}
	for _, text := range []string{"lundi", "lundi 9h-12h", "lundu : 9 h - 12 h", "lundi : matin", "lundi : 12 h - 9 h", "31/02/2026 : fermé", "lundi à truc : 9h-10h", ": 9h-10h"} {
		if osm, ok := readRoomHours(text); ok {
			t.Errorf("%q is let pass as %q", text, osm)
		}
	}
}

func FuzzHoursOfARoom(f *testing.F) {
	for _, s := range []string{"lundi : 9 h - 12 h", "07/05/2026 : fermé", "du lundi au vendredi : 9h-18h\n\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		osm, ok := readRoomHours(text)
		if !ok || osm == "" {
			return
		}
		if again, ok := readRoomHours(roomHoursText(osm)); !ok || again != osm {
			t.Errorf("%q is kept as %q and shown as %q", text, osm, roomHoursText(osm))
		}
	})
}
