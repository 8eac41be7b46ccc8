package openinghours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
)

// weekText writes a week as "Mon 4: 540-720 open; ...", one line per day that has something to show.
func weekText(week [7]openinghours.Day) string {
	var b strings.Builder
	for _, d := range week {
		if len(d.Spans) == 0 && !d.Public && d.Comment == "" {
			continue
		}
		fmt.Fprintf(&b, "%.3s %d:", d.Date.Weekday(), d.Date.Day)
		for _, s := range d.Spans {
			fmt.Fprintf(&b, " %d-%d %s", s.Start, s.End, strings.TrimSpace(string(s.State)+" "+s.Comment))
		}
		if d.Public {
			fmt.Fprintf(&b, " (%s)", d.Holiday)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestWeek(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, want string }{
		{"Mo,We 09:00-12:00,14:00-17:00", "Mon 4: 540-720 open 840-1020 open\nWed 6: 540-720 open 840-1020 open\nFri 8: (Fête de la Victoire 1945)\n"},
		{"Th,Fr 09:00-12:00; PH off", "Thu 7: 540-720 open\nFri 8: (Fête de la Victoire 1945)\n"},
		{"We 20:00-02:00", "Wed 6: 1200-1560 open\nFri 8: (Fête de la Victoire 1945)\n"},
		{"Su 20:00-02:00", "Fri 8: (Fête de la Victoire 1945)\nSun 10: 1200-1560 open\n"},
		{"We 20:00-02:00; Th 10:00-12:00", "Wed 6: 1200-1440 open\nThu 7: 600-720 open\nFri 8: (Fête de la Victoire 1945)\n"},
		{"We 08:00-13:00,13:00-18:00", "Wed 6: 480-1080 open\nFri 8: (Fête de la Victoire 1945)\n"},
		{`Tu 09:00-12:00 "sur rendez-vous"`, "Tue 5: 540-720 unknown sur rendez-vous\nFri 8: (Fête de la Victoire 1945)\n"},
	} {
		got := weekText(parse(t, c.value).Week(saintes(), openinghours.Date{Year: 2026, Month: time.May, Day: 4}))
		if got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.value, got, c.want)
		}
	}
}

func TestWeekAlwaysOpen(t *testing.T) {
	t.Parallel()
	for _, d := range parse(t, "24/7").Week(openinghours.Place{}, openinghours.Date{Year: 2026, Month: 12, Day: 29}) {
		if len(d.Spans) != 1 || d.Spans[0] != (openinghours.Span{Start: 0, End: 1440, State: openinghours.Open}) {
			t.Errorf("%s: got %v", d.Date, d.Spans)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for n := -200000; n < 400000; n += 37 { // about 1422 to 3065
		want := time.Unix(int64(n)*86400, 0).UTC()
		got := openinghours.Date{Year: 1970, Month: 1, Day: 1}.AddDays(n)
		year, week := want.ISOWeek()
		gotYear, gotWeek := got.ISOWeek()
		if got != openinghours.DateOf(want) || got.Weekday() != want.Weekday() || gotYear != year || gotWeek != week {
			t.Fatalf("day %d: got %s %s week %d-%d, want %s week %d-%d", n, got, got.Weekday(), gotYear, gotWeek, want.Format("2006-01-02 Monday"), year, week)
		}
	}
	if got := (openinghours.Date{Year: 2025, Month: 14, Day: 30}).AddDays(0).String(); got != "2026-03-02" {
		t.Errorf("30 of the 14th month of 2025: got %s", got)
	}
}
