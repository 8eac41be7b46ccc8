package recur_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

var paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}()

func date(text string) recur.Date {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return recur.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

func pattern(rule, starts, until string) recur.Pattern {
	return recur.Pattern{Rule: rule, Starts: date(starts), Until: date(until), Minute: 10 * 60, Length: 90, Zone: paris, OnHoliday: recur.HolidayKeep}
}

// gard has the public holidays, and the school holidays of zone C as the ministry publishes them.
func gard(t *testing.T) *openinghours.Calendar {
	t.Helper()
	raw, err := os.ReadFile(testkit.Data(t, "calendar/school-holidays-fr.csv"))
	if err != nil {
		t.Fatal(err)
	}
	type stretch struct{ from, to recur.Date }
	var zoneC []stretch
	for line := range strings.Lines(string(raw)) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if fields[0] == "Zone C" {
			zoneC = append(zoneC, stretch{date(fields[len(fields)-2]), date(fields[len(fields)-1])})
		}
	}
	if len(zoneC) < 10 {
		t.Fatalf("%d holidays of zone C", len(zoneC))
	}
	return openinghours.FrenchHolidays("30").WithSchool(func(d openinghours.Date) bool {
		for _, s := range zoneC {
			if !d.Before(s.from) && !s.to.Before(d) {
				return true
			}
		}
		return false
	})
}

func dates(list []recur.Session) string {
	var out []string
	for _, s := range list {
		out = append(out, s.On.String())
	}
	return strings.Join(out, " ")
}

func TestRulesGiveTheirDates(t *testing.T) {
	for _, c := range []struct{ rule, starts, until, want string }{
		{"", "2026-09-03", "2026-12-31", "2026-09-03"},
		{"FREQ=WEEKLY", "2026-09-03", "2026-09-24", "2026-09-03 2026-09-10 2026-09-17 2026-09-24"},
		{recur.EveryWeek(1, time.Tuesday, time.Thursday), "2026-09-01", "2026-09-10", "2026-09-01 2026-09-03 2026-09-08 2026-09-10"},
		{recur.EveryWeek(1, time.Thursday), "2026-09-01", "2026-09-10", "2026-09-03 2026-09-10"},                       // the anchor is no Thursday
		{recur.EveryWeek(2, time.Thursday), "2026-12-17", "2027-02-01", "2026-12-17 2026-12-31 2027-01-14 2027-01-28"}, // through week 53
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2020-12-14", "2021-01-31", "2020-12-14 2020-12-28 2021-01-11 2021-01-25"}, // 2020 had 53 weeks
		{recur.EveryMonth(1, time.Monday), "2026-09-01", "2026-12-31", "2026-09-07 2026-10-05 2026-11-02 2026-12-07"},
		{recur.EveryMonth(-1, time.Friday), "2026-09-01", "2026-11-30", "2026-09-25 2026-10-30 2026-11-27"},
		{"FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01", "2026-06-30", "2026-01-31 2026-03-31 2026-05-31"},
		{"FREQ=DAILY;COUNT=3", "2026-02-27", "2026-12-31", "2026-02-27 2026-02-28 2026-03-01"},
		{"FREQ=DAILY;UNTIL=20260301T120000Z", "2026-02-27", "2026-12-31", "2026-02-27 2026-02-28 2026-03-01"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-09-01", "2026-11-30", "2026-09-30 2026-10-30 2026-11-30"},
		{"FREQ=YEARLY;BYMONTH=10;BYDAY=1SA", "2026-01-01", "2028-12-31", "2026-10-03 2027-10-02 2028-10-07"},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01", "2028-12-31", ""},
	} {
		p := pattern(c.rule, c.starts, c.until)
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", c.rule, err)
		}
		if got := dates(p.Sessions(nil)); got != c.want {
			t.Errorf("%s from %s:\n got %s\nwant %s", c.rule, c.starts, got, c.want)
		}
	}
}

func TestTenOClockStaysTenOClock(t *testing.T) {
	p := pattern("FREQ=WEEKLY;BYDAY=SU", "2026-03-22", "2026-11-01")
	for _, s := range p.Sessions(nil) {
		local := s.Start.In(paris)
		if local.Hour() != 10 || local.Minute() != 0 || s.End.Sub(s.Start) != 90*time.Minute {
			t.Errorf("%s", local)
		}
	}
	for minute, want := range map[int]string{
		2*60 + 30: "2026-03-29T01:00:00Z", // skipped: the instant of the change
		3 * 60:    "2026-03-29T01:00:00Z",
		60 + 59:   "2026-03-29T00:59:00Z",
	} {
		if got := recur.At(date("2026-03-29"), minute, paris).UTC().Format(time.RFC3339); got != want {
			t.Errorf("spring, minute %d: %s, want %s", minute, got, want)
		}
	}
	for minute, want := range map[int]string{
		2*60 + 30: "2026-10-25T00:30:00Z", // twice: the first
		3 * 60:    "2026-10-25T02:00:00Z",
		60 + 59:   "2026-10-24T23:59:00Z",
	} {
		if got := recur.At(date("2026-10-25"), minute, paris).UTC().Format(time.RFC3339); got != want {
			t.Errorf("autumn, minute %d: %s, want %s", minute, got, want)
		}
	}
}

func TestHolidaysDropOrMoveSessions(t *testing.T) {
	c := gard(t)
	friday := pattern(recur.EveryWeek(1, time.Friday), "2026-04-24", "2026-05-15")
	friday.OnHoliday = recur.HolidaySkip
	if got := dates(friday.Sessions(c)); got != "2026-04-24 2026-05-15" {
		t.Errorf("dropped: %s", got) // 1 and 8 May
	}
	if d := friday.Dropped(c); len(d) != 2 || d[0].On != date("2026-05-01") || d[0].Why == "" {
		t.Errorf("%v", d)
	}
	friday.OnHoliday = recur.HolidayNextDay
	sessions := friday.Sessions(c)
	if got := dates(sessions); got != "2026-04-24 2026-05-02 2026-05-09 2026-05-15" {
		t.Errorf("moved: %s", got)
	}
	if s := sessions[1]; s.Planned != date("2026-05-01") || s.Moved == "" {
		t.Errorf("%+v", s)
	}
	monday := pattern(recur.EveryWeek(1, time.Monday), "2026-04-06", "2026-04-06") // Easter Monday
	monday.OnHoliday = recur.HolidayNextDay
	if got := dates(monday.Sessions(c)); got != "2026-04-07" {
		t.Errorf("Easter Monday: %s", got)
	}
	daily := pattern("FREQ=DAILY", "2026-05-01", "2026-05-02")
	daily.OnHoliday = recur.HolidayNextDay
	if got := dates(daily.Sessions(c)); got != "2026-05-02" {
		t.Errorf("two sessions on one day: %s", got)
	}
}

func TestSchoolYear(t *testing.T) {
	c := gard(t)
	p := pattern(recur.EveryWeek(1, time.Wednesday), "2026-10-14", "2026-11-04")
	p.School = recur.SchoolTerm
	if got := dates(p.Sessions(c)); got != "2026-10-14 2026-11-04" {
		t.Errorf("in term: %s", got)
	}
	p.School = recur.SchoolHolidays
	if got := dates(p.Sessions(c)); got != "2026-10-21 2026-10-28" {
		t.Errorf("in holidays: %s", got)
	}
}

func TestDatesByHand(t *testing.T) {
	p := pattern(recur.EveryWeek(1, time.Thursday), "2026-09-03", "2026-09-17")
	p.Except, p.Extra = []recur.Date{date("2026-09-10")}, []recur.Date{date("2026-09-12"), date("2026-09-03")}
	if got := dates(p.Sessions(nil)); got != "2026-09-03 2026-09-12 2026-09-17" {
		t.Errorf("%s", got)
	}
	next := p.Next(nil, time.Date(2026, 9, 3, 11, 30, 0, 0, paris), 1)
	if len(next) != 1 || next[0].On != date("2026-09-12") {
		t.Errorf("%+v", next)
	}
}

func TestWhatIsNoRule(t *testing.T) {
	for _, rule := range []string{
		"FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=", "INTERVAL=2", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=100", "FREQ=WEEKLY;FREQ=DAILY",
		"FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYMONTHDAY=32",
		"FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=YEARLY;BYMONTH=12;BYDAY=53MO", "FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "FREQ=MONTHLY;BYDAY=MO,1TU",
		"FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20", "FREQ=DAILY;BYDAY=MO;BYSETPOS=2", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=8", "FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;BYMONTH=-1", "FREQ=WEEKLY;COUNT=2;UNTIL=20260101",
		"FREQ=WEEKLY;UNTIL=demain", "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY;X-HOUSE=1", "FREQ=DAILY;COUNT=9999999", "RRULE:FREQ=DAILY", strings.Repeat("A", 400),
	} {
		if _, err := recur.Read(rule); !errors.Is(err, recur.ErrRule) {
			t.Errorf("%q: %v", rule, err)
		}
	}
}

func TestWhatCannotBe(t *testing.T) {
	for field, p := range map[string]recur.Pattern{
		"rule":   pattern("FREQ=DAILY;COUNT=1000;INTERVAL=1", "2026-01-01", "2028-12-31"),
		"until":  pattern("", "2026-01-02", "2026-01-01"),
		"minute": {Starts: date("2026-01-01"), Minute: 1440, Length: 1, Zone: paris},
		"length": {Starts: date("2026-01-01"), Minute: 1, Length: 0, Zone: paris},
		"starts": {Minute: 1, Length: 1, Zone: paris},
	} {
		err := p.Check()
		if field == "rule" {
			if err != nil {
				t.Errorf("a thousand sessions: %v", err)
			}
			p.Rule = "FREQ=DAILY"
			err = p.Check()
		}
		if f, ok := fault.As(err); !ok || f.Fields[field].Key == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// hostile are rules that never match, or seldom: a search that follows them goes on for thousands of years.
var hostile = []string{
	"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2,4,6,9,11;BYMONTHDAY=31,-31;BYSETPOS=366", "FREQ=YEARLY;INTERVAL=99;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
	"FREQ=YEARLY;BYDAY=53MO,-53TU;BYSETPOS=366", "FREQ=MONTHLY;INTERVAL=99;BYDAY=5FR;BYSETPOS=-31", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
	"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA;BYSETPOS=7,-7", "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=-2",
	"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-30", "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "FREQ=DAILY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
}

func TestHostileRulesEndSoon(t *testing.T) {
	t.Parallel()
	const most = 5 * time.Second // milliseconds alone; a search that goes on for thousands of years takes far more than this
	for _, rule := range hostile {
		p := pattern(rule, "2027-01-01", "2029-12-31")
		begun := time.Now()
		if err := p.Check(); err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		p.Sessions(nil)
		if took := time.Since(begun); took > most {
			t.Errorf("%s: %v", rule, took)
		}
	}
}

func TestFrench(t *testing.T) {
	for rule, want := range map[string]string{
		"":                                      "une seule fois",
		"FREQ=DAILY":                            "tous les jours",
		"FREQ=DAILY;INTERVAL=3":                 "un jour sur trois",
		"FREQ=WEEKLY":                           "chaque semaine",
		"FREQ=WEEKLY;INTERVAL=2":                "une semaine sur deux",
		"FREQ=WEEKLY;BYDAY=TH":                  "tous les jeudis",
		"FREQ=WEEKLY;BYDAY=TH,TU":               "tous les mardis et tous les jeudis",
		"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR":      "du lundi au vendredi",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU":       "un mardi sur deux",
		"FREQ=WEEKLY;INTERVAL=6;BYDAY=TU":       "un mardi sur 6",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH":    "le mardi et le jeudi, une semaine sur deux",
		"FREQ=MONTHLY;BYDAY=1MO":                "le premier lundi du mois",
		"FREQ=MONTHLY;BYDAY=1MO,3MO":            "le premier lundi et le troisième lundi du mois",
		"FREQ=MONTHLY;BYDAY=-1FR":               "le dernier vendredi du mois",
		"FREQ=MONTHLY;INTERVAL=2;BYDAY=2WE":     "le deuxième mercredi du mois, un mois sur deux",
		"FREQ=MONTHLY;BYMONTHDAY=1":             "le 1er de chaque mois",
		"FREQ=MONTHLY;BYMONTHDAY=15":            "le 15 de chaque mois",
		"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15": "le 15, un mois sur trois",
		"FREQ=YEARLY;BYMONTH=10;BYDAY=1SA":      "selon un calendrier",
		"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1":  "selon un calendrier",
		"FREQ=WEEKLY;BYDAY=SA,SU;BYMONTH=7":     "selon un calendrier",
	} {
		if got := (recur.Pattern{Rule: rule}).French(); got != want {
			t.Errorf("%q: %q, want %q", rule, got, want)
		}
	}
	if got := (recur.Pattern{Rule: "FREQ=WEEKLY;BYDAY=WE", School: recur.SchoolTerm}).French(); got != "tous les mercredis, sauf pendant les vacances scolaires" {
		t.Error(got)
	}
}

func FuzzRead(f *testing.F) {
	for _, rule := range []string{"", "FREQ=WEEKLY;BYDAY=TH", "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1", "FREQ=DAILY;UNTIL=20260101T000000Z", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;WKST=SU"} {
		f.Add(rule)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		r, err := recur.Read(rule)
		if err != nil {
			return
		}
		if rule != "" && r.Every < 1 {
			t.Fatalf("%q comes every %d", rule, r.Every)
		}
		p := pattern(rule, "2026-01-01", "2027-12-31")
		last := time.Time{}
		for _, s := range p.Sessions(nil) {
			if !s.Start.After(last) || s.On.Before(p.Starts) || p.Until.Before(s.On) {
				t.Fatalf("%q gives %s after %s", rule, s.Start, last)
			}
			last = s.Start
		}
		if p.French() == "" {
			t.Fatalf("%q has no words", rule)
		}
	})
}

func BenchmarkSessions(b *testing.B) {
	p := pattern(recur.EveryWeek(1, time.Thursday), "2026-01-01", "2026-12-31")
	c := openinghours.FrenchHolidays("30")
	for b.Loop() {
		if len(p.Sessions(c)) < 50 {
			b.Fatal("too few")
		}
	}
}
