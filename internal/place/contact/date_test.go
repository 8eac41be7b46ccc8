package contact_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the rule of summer time is compared with the zone files

	"viaduc/internal/place/contact"
)

func sameDate(t testing.TB, iso string) {
	t.Helper()
	if again, ok := contact.Date(iso); !ok || again != iso {
		t.Errorf("Date(%q) = %q, %v: it changes", iso, again, ok)
	}
	if iso != "" {
		if _, err := time.Parse(time.DateOnly, iso); err != nil {
			t.Errorf("%q is no date: %v", iso, err)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	const no = "not ok"
	for raw, want := range map[string]string{
		"2022-06-16":                "2022-06-16",
		" 2022-06-16\n":             "2022-06-16",
		"2022/06/16":                "2022-06-16",
		"2022-6-1":                  "2022-06-01",
		"2022-09-26 19:00:45":       "2022-09-26",
		"2022-09-26T23:59":          "2022-09-26",
		"2022-09-26T19:00:45.123":   "2022-09-26",
		"16/06/2022":                "2022-06-16",
		"1/6/2022":                  "2022-06-01",
		"16-06-2022":                "2022-06-16",
		"16.06.2022":                "2022-06-16",
		"16/06/2022 23:59":          "2022-06-16",
		"16/06/2022 à 9h05":         "2022-06-16",
		"2024-02-29":                "2024-02-29",
		"2022-06-16T22:30:00Z":      "2022-06-17", // 00:30 in Paris
		"2022-12-16T22:30:00Z":      "2022-12-16", // 23:30 in Paris
		"2022-12-16T23:00:00.000Z":  "2022-12-17",
		"2022-06-16T00:30:00+02:00": "2022-06-16",
		"2022-06-16T00:30:00+0400":  "2022-06-15", // La Réunion
		"2022-06-15 20:00 -04":      "2022-06-16", // Martinique
		"2022-06-16 23:00 UTC":      "2022-06-17",
		"1655415000":                "2022-06-16", // 21:30 UTC
		"1655416800":                "2022-06-17", // 22:00 UTC
		"1655416800000":             "2022-06-17",

		"":                     "",
		"1970-01-01":           "",
		"01/01/1970":           "",
		"1970-01-01T00:00:00Z": "",
		"0000000000":           "",

		"2023-02-29":                 no,
		"2022-13-01":                 no,
		"2022-00-10":                 no,
		"31/04/2022":                 no,
		"12/31/2022":                 no,
		"2022-06-16T24:00":           no,
		"2022-06-16T10:60":           no,
		"2022-06-16T10:00+25:00":     no,
		"9999-12-31T23:30:00Z":       no,
		"0001-01-01":                 no,
		"0022-06-16":                 no,
		"16/06/22":                   no,
		"20220616":                   no,
		"44728":                      no,
		"juin 2022":                  no,
		"2022-06-16, 2022-06-17":     no,
		"2022-06-16T10:00:00+02:00x": no,
	} {
		got, ok := contact.Date(raw)
		if !ok {
			if got != "" {
				t.Errorf("Date(%q) = %q with false", raw, got)
			}
			got = no
		} else {
			sameDate(t, got)
		}
		if got != want {
			t.Errorf("Date(%q) = %q, want %q", raw, got, want)
		}
	}
}

// TestDateInParis compares the rule of summer time with the zone files, around every change and every half day.
func TestDateInParis(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2037, 12, 31, 0, 0, 0, 0, time.UTC)
	for at := time.Date(1981, 1, 1, 0, 30, 0, 0, time.UTC); at.Before(end); at = at.Add(time.Hour) {
		if h := at.Hour(); h < 20 { // the civil date turns at 22 or 23 h UTC
			continue
		}
		want := at.In(paris).Format(time.DateOnly)
		if got, ok := contact.Date(at.Format(time.RFC3339)); !ok || got != want {
			t.Fatalf("Date(%s) = %q, %v; want %q", at.Format(time.RFC3339), got, ok, want)
		}
	}
}
