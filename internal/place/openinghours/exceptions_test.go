package openinghours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/place/openinghours"
)

// said writes an exception in one line: "closed 2026-05-14 Ascension".
func said(x openinghours.Exception) string {
	var b strings.Builder
	switch {
	case x.Closed():
		b.WriteString("closed")
	case x.Varies:
		b.WriteString("varies")
	default:
		for i, s := range x.Spans {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%d:%02d-%d:%02d", s.Start/60, s.Start%60, s.End/60, s.End%60)
		}
	}
	switch {
	case x.Running && x.Endless:
		b.WriteString(" from before, no end")
	case x.Running:
		b.WriteString(" until " + x.To.String())
	case x.Endless:
		b.WriteString(" from " + x.From.String())
	case x.From == x.To:
		b.WriteString(" " + x.From.String())
	default:
		b.WriteString(" " + x.From.String() + " to " + x.To.String())
	}
	if x.School {
		b.WriteString(" school")
	}
	return strings.TrimSpace(b.String() + " " + x.Holiday + x.Comment)
}

// zoneA are school holidays of 2026.
func zoneA(d openinghours.Date) bool {
	for _, s := range [][2]openinghours.Date{
		{{Year: 2026, Month: 2, Day: 8}, {Year: 2026, Month: 2, Day: 22}},
		{{Year: 2026, Month: 4, Day: 5}, {Year: 2026, Month: 4, Day: 19}},
		{{Year: 2026, Month: 7, Day: 5}, {Year: 2026, Month: 8, Day: 31}},
		{{Year: 2026, Month: 10, Day: 18}, {Year: 2026, Month: 11, Day: 1}},
	} {
		if !d.Before(s[0]) && !s[1].Before(d) {
			return true
		}
	}
	return false
}

func TestExceptions(t *testing.T) {
	where := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("17").WithSchool(zoneA)}
	for _, tc := range []struct {
		about, value, from string
		want               []string
	}{
		{"a usual week", "Mo-Fr 09:00-17:00", "2026-05-04", nil},
		{"a weekday that counts holidays in", "Mo-Su,PH 09:00-17:00", "2026-05-04", nil},
		{"public holidays", "Mo-Fr 09:00-17:00; PH off", "2026-05-04", []string{"closed 2026-05-08 Fête de la Victoire 1945", "closed 2026-05-14 Ascension", "closed 2026-05-25 Lundi de Pentecôte"}},
		{"a holiday on a day that is closed anyway", "Mo-We 09:00-17:00; PH off", "2026-05-04", []string{"closed 2026-05-25 Lundi de Pentecôte"}},
		{"holidays a week apart with nothing open between", "Fr 09:00-17:00; PH off", "2026-05-01", []string{"closed 2026-05-01 Fête du Travail", "closed 2026-05-08 Fête de la Victoire 1945"}},
		{"a holiday with hours of its own", "Mo-Fr 09:00-17:00; PH 10:00-12:00", "2026-05-09", []string{"10:00-12:00 2026-05-14 Ascension", "10:00-12:00 2026-05-25 Lundi de Pentecôte"}},
		{"nobody reaches beyond the window", "Mo-Fr 09:00-17:00; PH off", "2026-05-26", nil},
		{"a summer closing, weeks ahead", "Mo-Fr 09:00-17:00; Aug 01-15 off; PH off", "2026-07-15", []string{"closed 2026-08-03 to 2026-08-14"}},
		{"a closing that runs", "Mo-Fr 09:00-17:00; Aug 01-15 off; PH off", "2026-08-08", []string{"closed until 2026-08-14"}},
		{"a closing that is over", "Mo-Fr 09:00-17:00; Aug 01-14 off; PH off", "2026-08-15", nil},
		{"a holiday within a closing does not cut it", "Mo-Fr 09:00-17:00; Jul 01-31 off; PH off", "2026-06-20", []string{"closed 2026-07-01 to 2026-07-31"}},
		{"a closing with its reason", `Mo-Fr 09:00-17:00; 2026 May 11-13 off "inventaire"`, "2026-05-04", []string{"closed 2026-05-11 to 2026-05-13 inventaire"}},
		{"two months", "Mo,We 14:00-17:00; Fr 09:30-12:00; Jul-Aug off; PH off", "2026-06-10", []string{"closed 2026-07-01 to 2026-08-31"}},
		{"the same from within", "Mo,We 14:00-17:00; Fr 09:30-12:00; Jul-Aug off", "2026-08-10", []string{"closed until 2026-08-31"}},
		{"for good", "Mo-Fr 09:00-17:00; 2026 Jun 01+ off", "2026-05-04", []string{"closed from 2026-06-01"}},
		{"hours of one school year", "2026 Sep 01-2027 Jun 30 Mo-Fr 09:00-17:00; PH off", "2026-11-02", []string{"closed 2026-11-11 Armistice 1918"}},
		{"the end of them", "2026 Sep 01-2027 Jun 30 Mo-Fr 09:00-17:00; PH off", "2027-06-10", []string{"closed from 2027-07-01"}},
		{"for good, long ago", "2020-2025 Mo-Fr 09:00-17:00", "2026-08-04", nil},
		{"summer hours", "Tu-Fr 10:00-12:30,14:30-18:00; Sa 10:00-12:30; Jul-Aug Mo-Sa 09:30-13:00", "2026-06-15", []string{"9:30-13:00 2026-07-01 to 2026-08-29"}},
		{"summer and winter alike: no exception, but holidays", "Apr-Sep Tu-Sa 10:00-19:00; Oct-Mar We,Sa 10:00-17:00; PH off", "2026-05-04", []string{"closed 2026-05-08 Fête de la Victoire 1945", "closed 2026-05-14 Ascension"}},
		{"every other week", "week 01-53/2 Mo 09:00-12:00; week 02-52/2 Tu 09:00-12:00", "2026-05-04", nil},
		{"once a month", "Th[1] 09:00-12:00", "2026-05-04", nil},
		{"closed once a month", "Mo-Fr 09:00-17:00; Th[1] off", "2026-05-04", []string{"closed 2026-05-07"}},
		{"an opening more", "Mo-Fr 09:00-17:00; 2026 May 16 10:00-18:00", "2026-05-04", nil},
		{"closed in school holidays", "Mo-Fr 09:00-17:00; SH off", "2026-10-01", []string{"closed 2026-10-19 to 2026-10-30 school"}},
		{"other hours in school holidays", "Mo,Tu,Th 09:00-12:00,14:00-18:00; We 09:00-18:30; Fr 09:00-12:00; SH Mo-Fr 14:00-18:00; PH off", "2026-10-01", []string{"14:00-18:00 2026-10-19 to 2026-10-30 school"}},
		{"one day of which stays the same", "Mo,We-Fr 09:00-12:00; Tu 14:00-18:00; SH Mo-Fr 14:00-18:00", "2026-10-01", []string{"14:00-18:00 2026-10-19 to 2026-10-30 school"}},
		{"school holidays with several hours", "Mo-Fr 09:00-12:00; SH Mo,Tu 14:00-18:00; SH We-Fr 15:00-18:00", "2026-10-01", []string{"varies 2026-10-19 to 2026-10-30 school"}},
		{"a closing before a holiday ends where it ends", "Mo-Fr 09:00-17:00; 2026 May 04-20 off; PH off", "2026-04-27", []string{"closed 2026-05-01 Fête du Travail", "closed 2026-05-04 to 2026-05-20", "closed 2026-05-25 Lundi de Pentecôte"}},
		{"a short day", "Mo-Fr 09:00-17:00; Dec 24 09:00-12:00; PH off", "2026-12-14", []string{"9:00-12:00 2026-12-24", "closed 2026-12-25 Noël", "closed 2027-01-01 Jour de l’an"}},
		{"always open", "24/7; PH off", "2026-05-11", []string{"closed 2026-05-14 Ascension", "closed 2026-05-25 Lundi de Pentecôte"}},
		{"on appointment", `Mo-Fr "sur rendez-vous"; PH off`, "2026-05-11", []string{"closed 2026-05-14 Ascension", "closed 2026-05-25 Lundi de Pentecôte"}},
		{"never open", "off", "2026-05-04", nil},
	} {
		h, err := openinghours.Parse(tc.value)
		if err != nil {
			t.Fatalf("%s: %v", tc.about, err)
		}
		on, err := time.Parse(time.DateOnly, tc.from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range h.Exceptions(where, openinghours.DateOf(on), 30) {
			got = append(got, said(x))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s from %s:\n%s", tc.about, tc.value, tc.from, diff)
		}
	}
}

func TestExceptionsWithoutHolidaysOrDays(t *testing.T) {
	h, err := openinghours.Parse("Mo-Fr 09:00-17:00; PH off; SH off; Dec 24 off")
	if err != nil {
		t.Fatal(err)
	}
	monday := openinghours.Date{Year: 2026, Month: time.December, Day: 14}
	if got := h.Exceptions(openinghours.Place{}, monday, 30); len(got) != 1 || said(got[0]) != "closed 2026-12-24" {
		t.Errorf("without holidays: %v", got)
	}
	for _, n := range []int{0, -1} {
		if got := h.Exceptions(openinghours.Place{}, monday, n); got != nil {
			t.Errorf("%d days: %v", n, got)
		}
	}
}

// Whatever a census says, exceptions come in order, touch the days asked for, and do not overlap.
func TestExceptionsOfRealHours(t *testing.T) {
	var data struct{ Vectors []oracleVector }
	decode(t, "hours/oracle-vectors.json", &data)
	where := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("17").WithSchool(zoneA)}
	from := openinghours.Date{Year: 2026, Month: time.May, Day: 4}
	found := 0
	for _, v := range data.Vectors {
		h, err := openinghours.Parse(v.Value)
		if err != nil {
			continue
		}
		last := from
		for i, x := range h.Exceptions(where, from, 30) {
			found++
			if x.To.Before(x.From) || x.To.Before(from) || !x.From.Before(from.AddDays(30)) || i > 0 && !last.Before(x.From) || x.Closed() && x.Varies {
				t.Errorf("%s: %s after %s", v.Value, said(x), last)
			}
			last = x.To
		}
	}
	if len(data.Vectors) < 3000 || found < 5 {
		t.Errorf("%d values, %d exceptions: the test shows nothing", len(data.Vectors), found)
	}
}

func BenchmarkExceptions(b *testing.B) {
	where := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("17").WithSchool(zoneA)}
	for name, value := range map[string]string{
		"plain": "Mo-Fr 09:00-12:00,14:00-17:00", "holidays": "Mo-Fr 09:00-12:00,14:00-17:00; PH off",
		"dated": "Tu-Fr 10:00-12:30,14:30-18:00; Sa 10:00-12:30; Jul-Aug Mo-Sa 09:30-13:00; PH off",
	} {
		h, err := openinghours.Parse(value)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.Exceptions(where, openinghours.Date{Year: 2026, Month: time.June, Day: 15}, 30)
			}
		})
	}
}
