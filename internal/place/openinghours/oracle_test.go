package openinghours_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
)

// data reads a file of the reference data.
func data(t *testing.T, path string) []byte {
	t.Helper()
	dir := os.Getenv("VIADUC_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	switch {
	case err == nil:
		return b
	case os.Getenv("CI") != "":
		t.Fatalf("reference data: %v (set VIADUC_TESTDATA)", err)
	}
	t.Skipf("reference data not found, set VIADUC_TESTDATA to its folder: %v", err)
	return nil
}

func decode(t *testing.T, path string, v any) {
	t.Helper()
	if err := json.Unmarshal(data(t, path), v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

type oracleVector struct {
	Value     string
	OK        bool
	Canonical string
	Intervals [][]string
}

// refused are values that the reference reader accepts and misreads: free French text, in which it takes
// all days, all times and "sur rendez-vous" to hold together. Parse refuses them on purpose.
var refused = map[string]bool{
	" Mardi, Jeudi : 9h-12h Vendredi : 16h-19h Le samedi sur rendez-vous ": true,
}

// schoolZone reads the school holidays of one zone.
func schoolZone(t *testing.T, zone string) func(openinghours.Date) bool {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(data(t, "calendar/school-holidays-fr.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var ranges [][2]string
	for _, row := range rows {
		if row[0] == zone {
			ranges = append(ranges, [2]string{row[2], row[3]})
		}
	}
	if len(ranges) == 0 {
		t.Fatalf("no school holidays for zone %q", zone)
	}
	return func(d openinghours.Date) bool {
		day := d.String()
		for _, r := range ranges {
			if r[0] <= day && day <= r[1] {
				return true
			}
		}
		return false
	}
}

func TestOracle(t *testing.T) {
	t.Parallel()
	var file struct{ Vectors []oracleVector }
	decode(t, "hours/oracle-vectors.json", &file)
	place := openinghours.Place{
		Zone:     openinghours.ZoneOf("17"),
		Holidays: openinghours.FrenchHolidays("17").WithSchool(schoolZone(t, "Zone A")),
	}
	from := time.Date(2026, 5, 4, 0, 0, 0, 0, place.Zone)
	agreed := 0
	for _, v := range file.Vectors {
		h, err := openinghours.Parse(v.Value)
		if want := v.OK && !refused[v.Value]; (err == nil) != want {
			t.Errorf("%q: ok %v, want %v (%v)", v.Value, err == nil, want, err)
			continue
		}
		if err != nil {
			agreed++
			continue
		}
		if got := h.String(); got != v.Canonical {
			t.Errorf("%q:\n got canonical %q\nwant           %q", v.Value, got, v.Canonical)
			continue
		}
		got := oracleForm(h.Intervals(place, from, from.AddDate(0, 0, 14)))
		if want := joined(v.Intervals); got != want {
			t.Errorf("%q:\n got %s\nwant %s", v.Value, got, want)
			continue
		}
		agreed++
	}
	if want := 3774; agreed < want {
		t.Errorf("%d of %d vectors agree, want at least %d", agreed, len(file.Vectors), want)
	}
}

// oracleForm writes intervals as the vectors do, with the reference reader's words for what we say in French.
func oracleForm(list []openinghours.Interval) string {
	const layout = "2006-01-02T15:04"
	var rows [][]string
	for _, iv := range list {
		row := []string{iv.Start.Format(layout), iv.End.Format(layout), string(iv.State)}
		switch iv.Comment {
		case "":
		case openinghours.OpenEnd:
			row = append(row, "Specified as open end. Closing time was guessed.")
		default:
			row = append(row, iv.Comment)
		}
		rows = append(rows, row)
	}
	return joined(rows)
}

func joined(rows [][]string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join(r, " ") + "\n")
	}
	return b.String()
}
