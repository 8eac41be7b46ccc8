package contact_test

import (
	"encoding/csv"
	"maps"
	"os"
	"testing"

	"viaduc/internal/place/contact"
	"viaduc/internal/testkit"
)

// TestRealPlaces reads the contacts of real places: what a published file holds is nearly all readable, and what comes
// out stays the same.
func TestRealPlaces(t *testing.T) {
	t.Parallel()
	read, lost := map[string]int{}, map[string]int{}
	count := func(field, raw string, ok bool) {
		read[field]++
		if !ok {
			lost[field]++
			t.Logf("%s %q is lost", field, raw)
		}
	}
	for _, name := range []string{"lieux/lieux-france.csv", "lieux/lieux-17.csv", "lieux/lieux-40.csv", "lieux/raw/france-services-20221201.csv"} {
		for _, row := range realRows(t, name) {
			if raw := row["telephone"]; raw != "" {
				e164, ok := contact.Phone(raw, row["code_postal"])
				count("phone", raw, ok)
				samePhone(t, e164, row["code_postal"])
			}
			if raw := row["courriels"] + row["mail"]; raw != "" {
				list := contact.Emails(raw)
				count("e-mail", raw, len(list) > 0)
				sameEmails(t, list)
			}
			if raw := row["site_web"]; raw != "" {
				list := contact.URLs(raw)
				count("site", raw, len(list) > 0)
				sameURLs(t, list)
			}
			if raw := row["date_maj"]; raw != "" {
				iso, ok := contact.Date(raw)
				count("date", raw, ok)
				sameDate(t, iso)
			}
			if raw := row["latitude"]; raw != "" {
				lat, lon, ok := contact.Coordinates(raw, row["longitude"])
				count("point", raw+" "+row["longitude"], ok)
				sameCoordinates(t, lat, lon)
			}
			if raw := row["pivot"]; raw != "" {
				clean, ok := contact.SIRET(raw)
				count("pivot", raw, clean != "")
				sameSIRET(t, clean, ok)
			}
		}
	}
	// The lost ones have no domain ending ("mfs@ville-louvres", "https://www.laressourceit").
	want := map[string]int{"e-mail": 6, "site": 2}
	if !maps.Equal(lost, want) {
		t.Errorf("lost %v of %v, want %v", lost, read, want)
	}
}

func realRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(testkit.Data(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(all))
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}
