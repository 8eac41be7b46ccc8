package contact_test

import (
	"testing"

	"viaduc/internal/place/contact"
)

// Each fuzzer asks for the two promises of the package: no panic, and an answer that reading again does not change.

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"04.79.28.79.28.", "+33(0)450336550", "04 95 22 35 34\\n06 47 54 66 86", "3960 (Service 0,06 €)", "0508 41 12 34", "+269269662010", "O4/75,58 - 29"} {
		for _, postcode := range []string{"", "26500", "97100", "97500", "98800"} {
			f.Add(s, postcode)
		}
	}
	f.Fuzz(func(t *testing.T, raw, postcode string) {
		e164, ok := contact.Phone(raw, postcode)
		if ok != (e164 != "") {
			t.Errorf("Phone(%q, %q) = %q, %v", raw, postcode, e164, ok)
		}
		samePhone(t, e164, postcode)
	})
}

func FuzzEmails(f *testing.F) {
	for _, s := range []string{"chambéry@accorderie.fr ou accueil@b.fr", "a[a]b.com", "mediatheque .x@y.fr", "a@b c.fr", "mailto:a@@b.fr?x", "<A@b.fr.>", "d'arc@x.fr - y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) { sameEmails(t, contact.Emails(raw)) })
}

func FuzzURLs(f *testing.F) {
	for _, s := range []string{"http//www,a.fr;b.fr/x;y=1 | //c.fr", "Site : https://a.fr:80/?q#z", "http://https://a.fr http://b.fr", "javascript://a.fr", "(https://a.fr/[1])."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) { sameURLs(t, contact.URLs(raw)) })
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2022-06-16T22:30:00.5Z", "16/06/2022 à 9h05", "1655416800", "1655416800000", "1970-01-01", "9999-12-31T23:59-12:00", "2022/6/1 10:00 +02"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if iso, ok := contact.Date(raw); ok {
			sameDate(t, iso)
		} else if iso != "" {
			t.Errorf("Date(%q) = %q with false", raw, iso)
		}
	})
}

func FuzzCoordinates(f *testing.F) {
	for _, s := range [][2]string{{"48,853", "2.349°"}, {"2.349", "48.853"}, {"652 230,9", "6861636.9"}, {`48°51'10.8"N`, "1.1 O"}, {"0", "-0"}, {"1E-20", "5e9"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, rawLat, rawLon string) {
		lat, lon, ok := contact.Coordinates(rawLat, rawLon)
		if ok {
			sameCoordinates(t, lat, lon)
		} else if lat != 0 || lon != 0 {
			t.Errorf("Coordinates(%q, %q) = %v, %v with false", rawLat, rawLon, lat, lon)
		}
	})
}

func FuzzSIRET(f *testing.F) {
	for _, s := range []string{"732 829 320 00074", "35600000049837", "73282932000074.0", "", "W751234567"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		clean, ok := contact.SIRET(raw)
		sameSIRET(t, clean, ok)
	})
}
