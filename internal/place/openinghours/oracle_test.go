package openinghours_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
	"viaduc/internal/testkit"
)

// decode reads a JSON file of the reference data.
func decode(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(testkit.Data(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

type oracleVector struct {
	Value     string
	OK        bool
	Canonical string
	Intervals [][]string
}

// schoolZone reads the school holidays of one zone.
func schoolZone(t *testing.T, zone string) func(openinghours.Date) bool {
	t.Helper()
	file, err := os.Open(testkit.Data(t, "calendar/school-holidays-fr.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
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
	if want := 3774; len(file.Vectors) < want {
		t.Errorf("%d vectors, want %d", len(file.Vectors), want)
	}
	for _, v := range file.Vectors {
		h, err := openinghours.Parse(v.Value)
		if (err == nil) != v.OK {
			t.Errorf("%q: ok %v, want %v (%v)", v.Value, err == nil, v.OK, err)
			continue
		}
		if err != nil {
			continue
		}
		if got := h.String(); got != v.Canonical {
			t.Errorf("%q:\n got canonical %q\nwant           %q", v.Value, got, v.Canonical)
			continue
		}
		got := oracleForm(h.Intervals(place, from, from.AddDate(0, 0, 14)))
		if want := joined(v.Intervals); got != want {
			t.Errorf("%q:\n got %s\nwant %s", v.Value, got, want)
		}
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
