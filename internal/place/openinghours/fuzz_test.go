package openinghours_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
)

// wellFormed are values that touch every part of the syntax.
var wellFormed = []string{
	"Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off",
	"week 1-53/2 Mo 09:00-12:00", "week 50-02,10 Tu[1] 10:00-12:00", "week 10,12-20/4 off",
	"We[1,3] 14:00-17:00", "Th[-1] 09:00-12:00", "Sa[1-3] +1 day 10:00-11:00", "PH -1 day 09:00-12:00",
	"Jul-Aug off; Mo-Fr 09:00-12:00", "2026 May 4-8 off", "2025 Dec 20-2026 Jan 5 closed", "Dec 24,26-28,31 off",
	"2026 Jul,Dec 10:00-12:00", "2026-2030/2,2035+ Mo 10:00-12:00", "Mar 01+ Mo", "2026 Mar 01+ off",
	"easter +1 day off", "easter -2 days-easter +1 day off", "Mar Su[-1]-Oct Su[-1] 10:00-19:00", "Mar Su[-1] 10:00-19:00",
	"SH Mo-Fr 10:00-12:00", "PH,Mo-We 10:00-12:00", "SH,PH off", "Mo-Su,PH 10:00-18:00",
	"24/7", `24/7; We off "ménage"`, "Fr 20:00-02:00", "Fr 20:00-26:00", "Mo 14:00+", "Mo 14:00-18:00+",
	`Mo-Fr 09:00-12:00 "sur rendez-vous"`, `Mo-Fr 09:00-12:00 || "sur rendez-vous"`, `open "x"`, "unknown", "off", "closed",
	"Mo-Fr sunrise-sunset", "(sunrise+01:00)-(sunset-00:30)", "Mo 10:00-12:00, We 13:00-15:00",
	"lundi 9h-12h", "9-12", "Mo-Fr: 9:00 – 12:00", "mo,tu off", "sa-mo 10:00-12:00", "Mo 10:00-12:00;", ";;Mo",
	"février-août lundi-mercredi 9h-12h", `Mo,Tu 09:00-12:00 We Th[1] 14:00+ "x"`, "Jan le samedi 9h-12h sur rdv; Mo We unknown",
}

func FuzzParse(f *testing.F) {
	for _, s := range wellFormed {
		f.Add(s)
	}
	for _, s := range []string{
		"", ";", "\"", "Mo[", "24/7,", "Jan 32", "|| Mo", "Mo 25:00-26:00", "\xc2", "è", "1000", "Mo-", "(sunset",
		strings.Repeat("9-9,", 499), "\"\x1e\n\x8b\"", `Mo "` + strings.Repeat("\x1e", 1990) + `"`,
	} {
		f.Add(s)
	}
	place := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("67")}
	from := time.Date(2026, 3, 23, 0, 0, 0, 0, place.Zone)
	f.Fuzz(func(t *testing.T, s string) {
		h, err := openinghours.Parse(s)
		if err != nil {
			if se, ok := errors.AsType[*openinghours.SyntaxError](err); !ok || se.Offset < 0 || se.Offset > len(s) || se.Msg == "" {
				t.Fatalf("%q: error %#v", s, err)
			}
			return
		}
		canonical := h.String()
		again, err := openinghours.Parse(canonical)
		if err != nil {
			t.Fatalf("%q: canonical %q does not parse: %v", s, canonical, err)
		}
		if got := again.String(); got != canonical {
			t.Fatalf("%q: canonical %q, then %q", s, canonical, got)
		}
		list := h.Intervals(place, from, from.AddDate(0, 0, 14))
		same := again.Intervals(place, from, from.AddDate(0, 0, 14))
		if len(list) != len(same) {
			t.Fatalf("%q and its canonical form %q differ", s, canonical)
		}
		for i, iv := range list {
			if iv != same[i] {
				t.Fatalf("%q and its canonical form %q differ: %v, %v", s, canonical, iv, same[i])
			}
			if !iv.Start.Before(iv.End) || iv.State == openinghours.Closed || i > 0 && iv.Start.Before(list[i-1].End) {
				t.Fatalf("%q: intervals out of order: %v", s, list)
			}
		}
		at := from.AddDate(0, 0, 3).Add(10 * time.Hour)
		if got, want := h.StatusAt(place, at).State, h.At(place, at); got != want {
			t.Fatalf("%q: StatusAt %s, At %s", s, got, want)
		}
		h.Week(place, openinghours.DateOf(from))
		last := openinghours.DateOf(from)
		for i, x := range h.Exceptions(place, openinghours.DateOf(from), 30) {
			if x.To.Before(x.From) || i > 0 && !last.Before(x.From) {
				t.Fatalf("%q: exceptions out of order: %+v", s, x)
			}
			last = x.To
		}
		for _, sentence := range openinghours.Spoken(h) {
			if strings.TrimSpace(sentence) == "" {
				t.Fatalf("%q: empty sentence", s)
			}
		}
	})
}

func FuzzParseFrench(f *testing.F) {
	for _, s := range []string{"9h-12h / 14h-18h", "12h3019h", "10 à 12h - 14h à 16h", "du 14/04/2022", "9h à midi", "8:30-12- /14: - 17:30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		spans, ok := openinghours.ParseFrench(s)
		if ok != (spans != "") {
			t.Fatalf("%q: got %q, %v", s, spans, ok)
		}
		if !ok || len(spans) > 1900 {
			return
		}
		h, err := openinghours.Parse("Mo " + spans)
		if err != nil || h.String() != "Mo "+spans {
			t.Fatalf("%q: got %q: %v", s, spans, err)
		}
	})
}

// A hostile value must not hold a search up.
func TestHostileValues(t *testing.T) {
	t.Parallel()
	place := saintes()
	at := time.Date(2026, 5, 4, 11, 40, 0, 0, place.Zone)
	for _, unit := range []string{
		"Mo;", "Mo,", "00:00-00:00,", "10:00-09:00+,", "PH,", "Jan 01,", "1000,", "Mo[1],", ";", "off||", "Mo 00:00-00:00;", "\"\"", "((((", "24/7,",
		"easter,", "2026 Jan-2027 Jan,", "week 01,", "00:00-23:59 off,",
		"Mo ", "Mo 9-9 ", "le Mo 9-9,", "Mo+", "le Mo sur rdv;",
	} {
		value := strings.Repeat(unit, openinghours.MaxLength/len(unit)-1)
		for _, v := range []string{value, value + "off", value + "Mo", "Mo " + value + "01:00-02:00", value + "01 10:00-12:00", value + "Jan 01 off", value + "unknown"} {
			best := time.Hour
			for tries := 0; tries < 5 && best > 200*time.Millisecond; tries++ { // some ms alone; others may take the processor away
				start := time.Now()
				h, err := openinghours.Parse(v)
				if err == nil {
					h.StatusAt(place, at)
					h.Week(place, openinghours.DateOf(at))
					h.Exceptions(place, openinghours.DateOf(at), 30)
					openinghours.Spoken(h)
				}
				best = min(best, time.Since(start))
			}
			if best > 200*time.Millisecond {
				t.Errorf("%.20q...: %v", v, best)
			}
		}
	}
	if _, err := openinghours.Parse(strings.Repeat("x", openinghours.MaxLength+1)); err == nil {
		t.Error("a value too long was read")
	}
}
