package openinghours_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones are the program's business; here the test is the program

	"viaduc/internal/place/openinghours"
)

// easterSundays are the dates of the Bureau des longitudes.
var easterSundays = map[int]string{
	2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05", 2027: "2027-03-28", 2028: "2028-04-16", 2029: "2029-04-01", 2030: "2030-04-21",
}

func TestNationalHolidays(t *testing.T) {
	t.Parallel()
	c := openinghours.FrenchHolidays("17")
	for year, sunday := range easterSundays {
		e, err := time.Parse(time.DateOnly, sunday)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, fixed := range []string{"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"} {
			want[sunday[:5]+fixed] = true
		}
		for _, moving := range []int{1, 39, 50} {
			want[e.AddDate(0, 0, moving).Format(time.DateOnly)] = true
		}
		for d := (openinghours.Date{Year: year, Month: 1, Day: 1}); d.Year == year; d = d.AddDays(1) {
			name, named := c.Name(d)
			if c.Public(d) != want[d.String()] || named != want[d.String()] || named == (name == "") {
				t.Errorf("%s: got public %v, named %q", d, c.Public(d), name)
			}
		}
	}
}

func TestLocalHolidays(t *testing.T) {
	t.Parallel()
	goodFridays := map[int]string{2024: "03-29", 2025: "04-18", 2026: "04-03", 2027: "03-26", 2028: "04-14", 2029: "03-30", 2030: "04-19"}
	for department, fixed := range map[string][]string{
		"57": {"", "12-26"}, "67": {"", "12-26"}, "68": {"", "12-26"},
		"971": {"05-27"}, "972": {"05-22"}, "973": {"06-10"}, "974": {"12-20"}, "976": {"04-27"}, "977": {"10-09"}, "978": {"05-28"},
		"17": nil, "2A": nil, "75": nil, "987": nil, "": nil,
	} {
		c := openinghours.FrenchHolidays(department)
		for year := 2024; year <= 2030; year++ {
			var local []string
			for _, h := range c.Year(year) {
				if !openinghours.FrenchHolidays("").Public(h.Date) {
					local = append(local, h.Date.String()[5:])
				}
				if name, ok := c.Name(h.Date); !ok || name == "" {
					t.Errorf("%s: %s has no name", department, h.Date)
				}
			}
			want := append([]string(nil), fixed...)
			if len(want) > 0 && want[0] == "" {
				want[0] = goodFridays[year]
			}
			if got := strings.Join(local, " "); got != strings.Join(want, " ") && !(department == "973" && year == 2030) { // Whit Monday 2030 is 10 June
				t.Errorf("%q in %d: got %s, want %s", department, year, got, want)
			}
		}
	}
	if !openinghours.FrenchHolidays("978").Public(openinghours.Date{Year: 2017, Month: 5, Day: 27}) {
		t.Error("Saint-Martin kept 27 May until 2017")
	}
}

func TestHolidaysOfYearInOrder(t *testing.T) {
	t.Parallel()
	list := openinghours.FrenchHolidays("974").Year(2026)
	if len(list) != 12 {
		t.Fatalf("got %d holidays, want 12", len(list))
	}
	for i := 1; i < len(list); i++ {
		if !list[i-1].Date.Before(list[i].Date) {
			t.Errorf("%s before %s", list[i-1].Date, list[i].Date)
		}
	}
	if list[0].Name != "Jour de l’an" || list[10].Name != abolitionName {
		t.Errorf("got %q first and %q before Christmas", list[0].Name, list[10].Name)
	}
}

const abolitionName = "Abolition de l’esclavage"

func TestZoneOf(t *testing.T) {
	t.Parallel()
	for department, want := range map[string]string{
		"17": "Europe/Paris", "2A": "Europe/Paris", "": "Europe/Paris", "75": "Europe/Paris",
		"971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
		"975": "America/Miquelon", "976": "Indian/Mayotte", "977": "America/St_Barthelemy", "978": "America/Marigot",
		"986": "Pacific/Wallis", "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
	} {
		if got := openinghours.ZoneOf(department); got.String() != want || got != openinghours.ZoneOf(department) {
			t.Errorf("%q: got %s, want %s", department, got, want)
		}
	}
}

func TestStatusOverseas(t *testing.T) {
	t.Parallel()
	place := openinghours.Place{Zone: openinghours.ZoneOf("974"), Holidays: openinghours.FrenchHolidays("974")}
	h := parse(t, "Mo-Su 09:00-12:00; PH off")
	if got := h.At(place, time.Date(2026, 5, 4, 5, 30, 0, 0, time.UTC)); got != openinghours.Open { // 09:30 there
		t.Errorf("got %s at 9 h 30 in Saint-Denis", got)
	}
	if s := h.StatusAt(place, time.Date(2026, 12, 20, 6, 0, 0, 0, time.UTC)); s.State != openinghours.Closed || s.Comment != abolitionName {
		t.Errorf("got %s %q on 20 December", s.State, s.Comment)
	}
}
