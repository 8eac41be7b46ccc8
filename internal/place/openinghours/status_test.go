package openinghours_test

import (
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
)

func parse(t testing.TB, value string) *openinghours.Hours {
	t.Helper()
	h, err := openinghours.Parse(value)
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	return h
}

func saintes() openinghours.Place {
	return openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("17")}
}

const minuteLayout = "2006-01-02 15:04"

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(minuteLayout)
}

func TestStatusAt(t *testing.T) {
	t.Parallel()
	const office = "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00; PH off"
	for _, c := range []struct {
		name, value, at, state, since, until, next, comment string
	}{
		{"closes in 20 minutes", office, "2026-05-04 11:40", "open", "2026-05-04 09:00", "2026-05-04 12:00", "2026-05-04 14:00", ""},
		{"first minute", office, "2026-05-04 09:00", "open", "2026-05-04 09:00", "2026-05-04 12:00", "2026-05-04 14:00", ""},
		{"closing minute", office, "2026-05-04 12:00", "closed", "", "", "2026-05-04 14:00", ""},
		{"before opening", office, "2026-05-04 08:00", "closed", "", "", "2026-05-04 09:00", ""},
		{"opens tomorrow", office, "2026-05-05 18:00", "closed", "", "", "2026-05-06 09:00", ""},
		{"over the weekend", office, "2026-05-16 12:30", "closed", "", "", "2026-05-18 09:00", ""},
		{"public holiday", office, "2026-05-08 10:00", "closed", "", "", "2026-05-09 09:00", "Fête de la Victoire 1945"},
		{"eve of a public holiday", office, "2026-05-13 17:00", "open", "2026-05-13 14:00", "2026-05-13 17:30", "2026-05-15 09:00", ""},
		{"past midnight, before", "Fr,Sa 20:00-02:00", "2026-05-08 21:00", "open", "2026-05-08 20:00", "2026-05-09 02:00", "2026-05-09 20:00", ""},
		{"past midnight, after", "Fr,Sa 20:00-02:00", "2026-05-09 01:30", "open", "2026-05-08 20:00", "2026-05-09 02:00", "2026-05-09 20:00", ""},
		{"past midnight, over", "Fr,Sa 20:00-02:00", "2026-05-09 02:00", "closed", "", "", "2026-05-09 20:00", ""},
		{"always", "24/7", "2026-05-09 02:00", "open", "", "", "", ""},
		{"never", "off", "2026-05-09 02:00", "closed", "", "", "", ""},
		{"closed with a reason", `Mo-Fr 09:00-12:00; 2026 May 04-06 off "travaux"`, "2026-05-04 10:00", "closed", "", "", "2026-05-07 09:00", "travaux"},
		{"weekend in one piece", "Sa-Su 00:00-24:00", "2026-05-10 12:00", "open", "2026-05-09 00:00", "2026-05-11 00:00", "2026-05-16 00:00", ""},
		{"next beyond the horizon", "Jul 01-02 10:00-12:00", "2026-05-10 12:00", "closed", "", "", "", ""},
		{"on appointment", `Mo 09:00-12:00 "sur rendez-vous"; Th 09:00-12:00`, "2026-05-04 10:00", "unknown", "2026-05-04 09:00", "2026-05-04 12:00", "2026-05-07 09:00", "sur rendez-vous"},
		{"only on appointment", `Mo 09:00-12:00 "sur rendez-vous"`, "2026-05-05 10:00", "closed", "", "", "2026-05-11 09:00", ""},
		{"open end", "Mo 14:00-16:00+", "2026-05-04 15:00", "open", "2026-05-04 14:00", "2026-05-04 16:00", "2026-05-11 14:00", ""},
		{"after the open end", "Mo 14:00-16:00+", "2026-05-04 17:00", "unknown", "2026-05-04 16:00", "2026-05-05 00:00", "2026-05-11 14:00", openinghours.OpenEnd},
		{"holiday name does not cut the opening", "Mo-Su,PH 00:00-24:00", "2026-05-07 10:00", "open", "", "", "", ""},
		{"touching spans", "Mo 08:00-13:00,13:00-18:00", "2026-05-04 12:00", "open", "2026-05-04 08:00", "2026-05-04 18:00", "2026-05-11 08:00", ""},
		{"clock forward, during", "Sa,Su 20:00-04:00", "2026-03-29 03:30", "open", "2026-03-28 20:00", "2026-03-29 04:00", "2026-03-29 20:00", ""},
		{"clock forward, skipped end", "Sa 20:00-02:30", "2026-03-29 01:59", "open", "2026-03-28 20:00", "2026-03-29 03:00", "2026-04-04 20:00", ""},
		{"clock forward, skipped hour", "Su 02:00-03:00", "2026-03-29 03:00", "closed", "", "", "2026-04-05 02:00", ""},
		{"clock back", "Su 09:00-12:00", "2026-10-25 09:00", "open", "2026-10-25 09:00", "2026-10-25 12:00", "2026-11-01 09:00", ""},
	} {
		place := saintes()
		at, err := time.ParseInLocation(minuteLayout, c.at, place.Zone)
		if err != nil {
			t.Fatal(err)
		}
		h := parse(t, c.value)
		s := h.StatusAt(place, at)
		got := [...]string{string(s.State), stamp(s.Since), stamp(s.Until), stamp(s.Next), s.Comment}
		want := [...]string{c.state, c.since, c.until, c.next, c.comment}
		if got != want {
			t.Errorf("%s, %q at %s:\n got %q\nwant %q", c.name, c.value, c.at, got, want)
		}
		if state := h.At(place, at); state != s.State {
			t.Errorf("%s: At %s, StatusAt %s", c.name, state, s.State)
		}
		if (s.NextState == "") != s.Next.IsZero() {
			t.Errorf("%s: next %v in state %q", c.name, s.Next, s.NextState)
		}
	}
}

// A night of 25 hours: 02:30 comes twice, the place closes the first time.
func TestStatusTwiceTheSameHour(t *testing.T) {
	t.Parallel()
	h, place := parse(t, "Sa 22:00-02:30"), saintes()
	first := time.Date(2026, 10, 25, 0, 15, 0, 0, time.UTC) // 02:15 summer time
	if s := h.StatusAt(place, first); s.State != openinghours.Open || s.Until.Sub(first) != 15*time.Minute {
		t.Errorf("first 02:15: got %s until %v", s.State, s.Until)
	}
	if s := h.StatusAt(place, first.Add(time.Hour)); s.State != openinghours.Closed {
		t.Errorf("second 02:15: got %s", s.State)
	}
	list := h.Intervals(place, first.Add(-24*time.Hour), first.Add(24*time.Hour))
	if len(list) != 1 || list[0].End.Sub(list[0].Start) != 4*time.Hour+30*time.Minute {
		t.Errorf("got intervals %v", list)
	}
}

// At, StatusAt and Intervals are three views of the same hours.
func TestViewsAgree(t *testing.T) {
	t.Parallel()
	place := saintes()
	for _, value := range []string{
		"Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00; PH off", "Sa,Su 20:00-04:00", "22:00-03:00; We off",
		`Mo-Fr 09:00-12:00 || "sur rendez-vous"`, "Mo 14:00-14:00; Tu 10:00-11:00", "17:00+", "24/7", "Su 01:00-02:30,02:45-03:15",
	} {
		h := parse(t, value)
		for _, start := range []time.Time{
			time.Date(2026, 3, 27, 0, 0, 0, 0, place.Zone), time.Date(2026, 10, 23, 0, 0, 0, 0, place.Zone), time.Date(2026, 5, 7, 0, 0, 0, 0, place.Zone),
		} {
			list := h.Intervals(place, start, start.AddDate(0, 0, 4))
			for at := start; at.Before(start.AddDate(0, 0, 4)); at = at.Add(15 * time.Minute) {
				want := openinghours.Closed
				for _, iv := range list {
					if !at.Before(iv.Start) && at.Before(iv.End) {
						want = iv.State
					}
				}
				s := h.StatusAt(place, at)
				if got := h.At(place, at); got != want || s.State != want {
					t.Fatalf("%q at %v: At %s, StatusAt %s, Intervals %s", value, at, got, s.State, want)
				}
				if !s.Until.IsZero() && (!s.Until.After(at) || h.At(place, s.Until) == want) {
					t.Fatalf("%q at %v: until %v", value, at, s.Until)
				}
				if !s.Since.IsZero() && (s.Since.After(at) || h.At(place, s.Since.Add(-time.Second)) == want) {
					t.Fatalf("%q at %v: since %v", value, at, s.Since)
				}
				if !s.Next.IsZero() && (!s.Next.After(at) || h.At(place, s.Next) != s.NextState) {
					t.Fatalf("%q at %v: next %v", value, at, s.Next)
				}
			}
		}
	}
}
