package territory_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

const schoolHeader = "zone,name,start,end_inclusive\n"

func importSchool(t *testing.T, s *territory.Service, text string) territory.SchoolReport {
	t.Helper()
	rep, err := s.ImportSchoolHolidays(t.Context(), audit.CLI, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return rep
}

// off reports whether a département has no school on a day written 2026-05-04.
func off(t *testing.T, s *territory.Service, department, day string) bool {
	t.Helper()
	on, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return s.Gazetteer().SchoolDays(department).Has(on.Date())
}

func TestRealSchoolHolidays(t *testing.T) {
	raw, err := os.ReadFile(testkit.Data(t, "calendar/school-holidays-fr.csv"))
	if err != nil {
		t.Fatal(err)
	}
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		first := importSchool(t, s, string(raw))
		if first.Read != 358 || first.Created != 358 || first.Updated+first.Unchanged+first.Removed+first.Rejected != 0 {
			t.Errorf("first import: %s, removed %d", first.Counts, first.Removed)
		}
		if again := importSchool(t, s, string(raw)); again.Unchanged != 358 || again.Created+again.Updated+again.Removed != 0 {
			t.Errorf("second import: %s, removed %d", again.Counts, again.Removed)
		}
		for _, tc := range []struct {
			department, day string
			want            bool
		}{
			{"17", "2026-02-07", false}, // zone A: from the Sunday after the last lesson
			{"17", "2026-02-08", true},
			{"17", "2026-02-22", true},
			{"17", "2026-02-23", false},
			{"35", "2026-02-08", false}, // zone B: a week later
			{"75", "2026-02-28", true},  // zone C
			{"2B", "2026-05-04", false},
			{"974", "2025-12-25", true}, // summer in the south
			{"977", "2026-07-14", false},
			{"", "2026-07-14", false},
			{"17", "2030-07-14", false}, // not decreed yet
			{"13", "2020-05-22", true},  // two rows overlap
			{"13", "2020-05-26", true},
			{"13", "2020-05-27", false},
		} {
			if got := off(t, s, tc.department, tc.day); got != tc.want {
				t.Errorf("%s on %s: %v, want %v", tc.department, tc.day, got, tc.want)
			}
		}
	})
}

func TestAFileSaysAllBetweenItsFirstDayAndItsLast(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		importSchool(t, s, schoolHeader+
			"Zone A,Noël,2025-12-21,2026-01-04\nZone A,Hiver,2026-02-08,2026-02-22\nZone A,Printemps,2026-04-05,2026-04-19\nZone B,Hiver,2026-02-15,2026-03-01\n")
		rep := importSchool(t, s, schoolHeader+"Zone A,Hiver,2026-02-09,2026-02-22\nZone A,Printemps,2026-04-05,2026-04-20\nZone A,Été,2026-07-05,2026-08-31\n")
		if rep.Created != 2 || rep.Updated != 1 || rep.Removed != 0 || rep.Unchanged != 0 {
			t.Errorf("a first day that moves forward: %s, removed %d", rep.Counts, rep.Removed)
		}
		// The file begins on 9 February: what begins on the 8th lies before it, and stays until a file says so.
		rep = importSchool(t, s, schoolHeader+"Zone A,Noël,2025-12-21,2026-01-04\nZone A,Hiver,2026-02-09,2026-02-22\nZone A,Printemps,2026-04-05,2026-04-20\n")
		if rep.Unchanged != 3 || rep.Removed != 1 {
			t.Errorf("a whole year: %s, removed %d", rep.Counts, rep.Removed)
		}
		for day, want := range map[string]bool{"2026-02-08": false, "2026-02-09": true, "2026-04-20": true, "2026-07-14": true, "2025-12-25": true} {
			if got := off(t, s, "17", day); got != want {
				t.Errorf("zone A on %s: %v, want %v", day, got, want)
			}
		}
		if !off(t, s, "35", "2026-02-20") {
			t.Error("the file of one zone took the days of another")
		}
	})
}

func TestAFaultySchoolFileChangesNothing(t *testing.T) {
	s := newService(t, testkit.SQLite(t))
	good := "Zone A,Hiver,2026-02-08,2026-02-22\n"
	for text, key := range map[string]string{
		"zone,name,start\nZone A,Hiver,2026-02-08\n": "territory.not_school_holidays",
		schoolHeader: "territory.school_none",
		schoolHeader + good + "Zone D,Hiver,2026-02-08,2026-02-22\n": "territory.school_zone",
		schoolHeader + good + "Zone B,,2026-02-08,2026-02-22\n":      "territory.school_name",
		schoolHeader + good + "Zone B,Hiver,08/02/2026,2026-02-22\n": "territory.school_day",
		schoolHeader + good + "Zone B,Hiver,2026-02-08,2026-02-30\n": "territory.school_day",
		schoolHeader + good + "Zone B,Hiver,2026-02-22,2026-02-08\n": "territory.school_order",
		schoolHeader + good + "Zone B,Hiver,2026-02-22,2027-02-08\n": "territory.school_long",
		schoolHeader + good + good:                                   "territory.school_twice",
	} {
		_, err := s.ImportSchoolHolidays(t.Context(), audit.CLI, strings.NewReader(text))
		if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Message.Key != key {
			t.Errorf("%q: %v, want %s", text, err, key)
		}
	}
	_, err := s.ImportSchoolHolidays(t.Context(), audit.CLI, strings.NewReader(schoolHeader+good+"Zone B,Hiver\n"))
	if p, ok := errors.AsType[*table.Problem](err); !ok || p.Kind != table.Columns || p.Line != 3 {
		t.Errorf("a short line: %v", err)
	}
	if _, err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Gazetteer().SchoolDays("17").Known() {
		t.Error("a refused file left something")
	}
}

// Every département of France has the zone of its académie; the collectivities without a known calendar have none.
func TestEveryDepartmentHasItsZone(t *testing.T) {
	count := map[string]int{}
	for n := 1; n <= 95; n++ {
		code := []byte{byte('0' + n/10), byte('0' + n%10)}
		if n == 20 {
			continue
		}
		zone := territory.SchoolZone(string(code))
		if zone == "" {
			t.Errorf("%s has no zone", code)
		}
		count[zone]++
	}
	if count["Zone A"] != 32 || count["Zone B"] != 41 || count["Zone C"] != 21 {
		t.Errorf("départements by zone: %v", count)
	}
	for code, want := range map[string]string{
		"17": "Zone A", "40": "Zone A", "47": "Zone A", "35": "Zone B", "30": "Zone C", "2A": "Corse", "2B": "Corse", "971": "Guadeloupe",
		"972": "Martinique", "973": "Guyane", "974": "La Réunion", "976": "Mayotte", "975": "", "977": "", "978": "", "988": "", "20": "", "": "",
	} {
		if got := territory.SchoolZone(code); got != want || want != "" && !slices.Contains(territory.SchoolZones(), got) {
			t.Errorf("%q is in %q, want %q", code, got, want)
		}
	}
}
