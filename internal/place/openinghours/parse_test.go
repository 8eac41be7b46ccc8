package openinghours_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" mo - fr  9:00 - 12:00 , 14:00-18:00 ":        "Mo-Fr 09:00-12:00,14:00-18:00",
		"Mo-Fr: 9h–12h":                                "Mo-Fr 09:00-12:00",
		"MONDAY,tuesday 9-12":                          "Mo,Tu 09:00-12:00",
		"lundi-vendredi\u00a09h-12h;dimanche off":      "Mo-Fr 09:00-12:00; Su off",
		"Mo 09:00-12:00;;Tu closed;":                   "Mo 09:00-12:00; Tu closed",
		"Mo 10:00-12:00,We 13:00-15:00":                "Mo 10:00-12:00, We 13:00-15:00",
		"Mo 10:00-12:00||unknown":                      "Mo 10:00-12:00 || unknown",
		"2026 May 4-8,12 off":                          "2026 May 04-08,12 off",
		"2026 jul,2026 dec off":                        "2026 Jul,Dec off",
		"2025 Dec 20 - 2026 Jan 5 off":                 "2025 Dec 20-2026 Jan 05 off",
		"2026-2030/2,2035+ Mo":                         "2026-2030/2,2035+ Mo",
		"week 1-9,20 Mo":                               "week 01-09,20 Mo",
		"Mo-Fr PH 10:00-12:00":                         "PH Mo-Fr 10:00-12:00",
		"easter - 2 days off":                          "easter -2 days off",
		"Sa [ 1 , 3 ] 9:00-12:00":                      "Sa[1,3] 09:00-12:00",
		"(sunrise+1:00)-(sunset-00:30)":                "(sunrise+01:00)-(sunset-00:30)",
		"24/7 open \"portail\"":                        "24/7 open \"portail\"",
		"Mo 20:00-26:00":                               "Mo 20:00-26:00",
		"Mo 10:00-12:00 \"deux\nlignes\"":              "Mo 10:00-12:00 \"deux lignes\"",
		"mars-août lundi 9h-12h; 25 off":               "",
		"Mar Su[-1] - Oct Su[-1] +1 day 10:00-19:00":   "Mar Su[-1]-Oct Su[-1] +1 day 10:00-19:00",
		"week 10 10:00-12:00":                          "week 10 10:00-12:00",
		"Jan 10:00-12:00":                              "Jan 10:00-12:00",
		"Dec 24 10:00-12:00, Mo 09:00-10:00":           "Dec 24 10:00-12:00, Mo 09:00-10:00",
		"2026 Mo 10:00-12:00":                          "2026 Mo 10:00-12:00",
		"SH,PH Mo-Sa 10:00-18:00":                      "SH,PH Mo-Sa 10:00-18:00",
		"Mo-Su 00:00-24:00":                            "Mo-Su 00:00-24:00",
		"Mo 17:00+":                                    "Mo 17:00+",
		"Mo 9-12 Tu: 14-16 \"x\"":                      "Mo 09:00-12:00 Tu 14:00-16:00 \"x\"",
		"Mo Tu unknown; We off":                        "Mo Tu unknown; We off",
		"Le samedi, dimanche Sur RDV":                  "Sa Sa,Su \"Sur rendez-vous\"",
		"le lundi 9h-12h sur rendez-vous":              "Mo Mo 09:00-12:00 \"Sur rendez-vous\"",
		"sur rendez\u00a0vous":                         "",
		"Mo sur rendez-vous seulement":                 "",
		"off sur rendez-vous":                          "",
		"9-12 Mo \"x\"":                                "",
		"Mo 9-12 PH \"x\"":                             "",
		"PH 9-12 Mo \"x\"":                             "",
		"Mo 9-12 Tu,PH \"x\"":                          "",
		"le PH \"x\"":                                  "",
		"Mo-We unknown \"selon affluence\"; Th-Su off": "Mo-We unknown \"selon affluence\"; Th-Su off",
	} {
		h, err := openinghours.Parse(in)
		if want == "" {
			if err == nil {
				t.Errorf("%q: read as %q", in, h)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := h.String(); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in     string
		offset int
		msg    string
	}{
		{"", 0, "empty value"},
		{" ; ", 0, "empty value"},
		{"Mo 09:00", 8, `"-" and an end time, or "+", expected, the value ends here`},
		{"Mo 09:00-12:00-14:00", 14, `a rule expected, found "-14:00"`},
		{"Mo 25:00-26:00", 3, "time range starts outside of the day"},
		{"Mo 09:60-12:00", 3, `a time expected, found "09:60-12:00"`},
		{"Mo 9h30-12h", 5, `"-" and an end time, or "+", expected, found "30-12h"`},
		{"Mo 9-12:00", 5, `a time with minutes expected, found "12:00"`},
		{"Mo 10:00-12:00 Tu 10:00-12:00", 15, `";" before the next days expected, found "Tu"`},
		{"Mo 10:00-12:00 Tu 10:00-12:00 off", 15, `";" before the next days expected, found "Tu"`},
		{`Mo 10:00-12:00 Tu 10:00-12:00 open "x"`, 15, `";" before the next days expected, found "Tu"`},
		{"Mo Tu 10:00-12:00", 3, "days given twice"},
		{"Le samedi 9h-12h", 0, "days given twice"},
		{"Mo, 10:00-12:00", 2, `times expected, found ","`},
		{"Du lundi au vendredi", 0, `a rule expected, found "Du"`},
		{"Mo[6] 10:00-12:00", 3, `rank of a weekday, 1 to 5, expected, found "6]"`},
		{"Feb 30 off", 4, `day of the month expected, found "30"`},
		{"May 08-04 off", 9, "days in the wrong order"},
		{"2027-2026 off", 9, "years in the wrong order"},
		{"week 54 off", 5, `week number expected, found "54"`},
		{"Apr-Oct 15 off", 11, "a range goes from a month to a month or from a date to a date"},
		{"Mo \"sur rendez-vous", 3, "comment without closing quote"},
		{"Mo 09:00-12:00 ||", 17, "a rule expected, the value ends here"},
		{"Mo 10:00-16:00/01:30", 14, `a rule expected, found "/01:30"`},
		{"Mo 10:00-50:00", 9, `a time expected, found "50:00"`},
	} {
		_, err := openinghours.Parse(c.in)
		se, ok := errors.AsType[*openinghours.SyntaxError](err)
		if !ok {
			t.Errorf("%q: got error %v, want a syntax error", c.in, err)
			continue
		}
		if se.Offset != c.offset || se.Msg != c.msg {
			t.Errorf("%q: got %d %q, want %d %q", c.in, se.Offset, se.Msg, c.offset, c.msg)
		}
	}
}

// openDays lists the days of a year on which a value opens, "05-04" for one, "07-01>08-31" for a run.
func openDays(t *testing.T, value string, year int) string {
	t.Helper()
	place := openinghours.Place{Zone: time.UTC, Holidays: openinghours.FrenchHolidays("17").WithSchool(func(d openinghours.Date) bool {
		return d.Month == time.July || d.Month == time.August
	})}
	h := parse(t, value)
	var runs []string
	var first, last openinghours.Date
	flush := func() {
		switch {
		case first == openinghours.Date{}:
		case first == last:
			runs = append(runs, first.String()[5:])
		default:
			runs = append(runs, first.String()[5:]+">"+last.String()[5:])
		}
		first = openinghours.Date{}
	}
	for d := (openinghours.Date{Year: year, Month: 1, Day: 1}); d.Year == year; d = d.AddDays(1) {
		if h.At(place, d.In(time.UTC).Add(10*time.Hour)) != openinghours.Open {
			flush()
			continue
		}
		if first == (openinghours.Date{}) {
			first = d
		}
		last = d
	}
	flush()
	return strings.Join(runs, " ")
}

func TestDaySelectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		year  int
		want  string
	}{
		{"Jul-Aug", 2026, "07-01>08-31"},
		{"Nov-Feb", 2026, "01-01>02-28 11-01>12-31"},
		{"Dec 24-Jan 02", 2026, "01-01>01-02 12-24>12-31"},
		{"Feb 29", 2026, ""},
		{"Feb 29", 2028, "02-29"},
		{"Feb 28-29", 2026, "02-28"},
		{"Dec 24,26-28,31", 2026, "12-24 12-26>12-28 12-31"},
		{"2026 May 04-08", 2026, "05-04>05-08"},
		{"2026 May 04-08", 2027, ""},
		{"2025 Dec 20-2026 Jan 05", 2026, "01-01>01-05"},
		{"2025 Dec 20-Jan 05", 2026, "01-01>01-05"},
		{"2025 Dec 20-Jan 05", 2025, "12-20>12-31"},
		{"2025 Nov-Feb", 2026, "01-01>02-28"},
		{"2025 Dec 01+", 2026, "01-01>12-31"},
		{"2025 Dec 01+", 2024, ""},
		{"Dec 01+", 2026, "12-01>12-31"},
		{"2026-2030/2 Jan 01", 2028, "01-01"},
		{"easter", 2026, "04-05"},
		{"easter -2 days-easter +1 day", 2026, "04-03>04-06"},
		{"2026 easter +1 day", 2027, ""},
		{"Mar Su[-1]-Oct Su[-1]", 2026, "03-29>10-25"},
		{"Mar Su[-1]", 2026, "03-29"},
		{"Jan Sa[1]", 2026, "01-03"},
		{"Jan Sa[1,3]", 2026, "01-03 01-17"},
		{"Jan Sa[1-3]", 2026, "01-03 01-10 01-17"},
		{"Jan Sa[5]", 2026, "01-31"},
		{"Feb Sa[5]", 2026, ""},
		{"Feb Sa[-2]", 2026, "02-21"},
		{"Jan Sa[1] +1 day", 2026, "01-04"},
		{"week 01", 2026, "01-01>01-04"},
		{"week 53", 2026, "12-28>12-31"},
		{"week 01-53/26 Mo", 2026, "06-29 12-28"},
		{"week 52-02 Mo", 2026, "01-05 12-21 12-28"},
		{"May PH", 2026, "05-01 05-08 05-14 05-25"},
		{"May PH -1 day", 2026, "05-07 05-13 05-24"},
		{"May PH,Su", 2026, "05-01 05-03 05-08 05-10 05-14 05-17 05-24>05-25 05-31"},
		{"Jul 01-14 SH Mo", 2026, "07-06 07-13"},
		{"Jul 13-14 SH,PH", 2026, "07-13>07-14"},
		{"Jan 01-08 Fr-Mo", 2026, "01-02>01-05"},
		{"2026", 2026, "01-01>12-31"},
		{"2027+", 2026, ""},
		{"2026-2028", 2028, "01-01>12-31"},
		{"Jan 01-03; Jan 02 off", 2026, "01-01 01-03"},
		{"Jan 01-03 open; Jan 02 closed; Jan 02 12:00-13:00", 2026, "01-01 01-03"},
	} {
		if got := openDays(t, c.value, c.year); got != c.want {
			t.Errorf("%q in %d: got %s, want %s", c.value, c.year, got, c.want)
		}
	}
}

// joints of rules, on Monday 4 and Tuesday 5 May 2026.
func TestJoints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, want string }{
		{"Mo 09:00-12:00; Mo 14:00-17:00", "Mon 4: 840-1020 open"},
		{"Mo 09:00-12:00, Mo 14:00-17:00", "Mon 4: 540-720 open 840-1020 open"},
		{"Mo 09:00-17:00; Mo 12:00-14:00 off", "Mon 4: 540-720 open 840-1020 open"},
		{"Mo 09:00-17:00; Mo 12:00-14:00 unknown", "Mon 4: 720-840 unknown"},
		{"Mo 09:00-17:00, Mo 12:00-14:00 unknown", "Mon 4: 540-720 open 720-840 unknown 840-1020 open"},
		{"Mo 09:00-12:00 || Mo 08:00-10:00 unknown", "Mon 4: 480-540 unknown 540-720 open"},
		{"Mo 09:00-12:00; Mo off || Mo 10:00-11:00 unknown", "Mon 4: 600-660 unknown"},
		{"Mo 09:00-10:00,11:00-12:00 || Mo 08:00-13:00 \"x\"", "Mon 4: 480-540 unknown x 540-600 open 600-660 unknown x 660-720 open 720-780 unknown x"},
		{"Mo 10:00-12:00; 09:00-11:00; Tu-Su off", "Mon 4: 540-720 open"},
		{"09:00-10:00; 11:00-12:00; Tu-Su off", "Mon 4: 660-720 open"},
		{"Mo 14:00-14:00; Tu-Su off", "Mon 4: 840-1440 open"}, // Tuesday is closed by the later rule
		{"Mo 22:00+", "Mon 4: 1320-1800 unknown " + openinghours.OpenEnd},
		{"Mo 17:00+", "Mon 4: 1020-1620 unknown " + openinghours.OpenEnd},
		{"Mo 09:00-12:00+,14:00-16:00", "Mon 4: 540-720 open 720-840 unknown " + openinghours.OpenEnd + " 840-960 open"},
		{"Mo 20:00-02:00+", "Mon 4: 1200-1560 open\nTue 5: 120-600 unknown " + openinghours.OpenEnd},
		{"Mo (sunrise+01:00)-sunset", "Mon 4: 420-1080 open"},
		{"Mo dawn-dusk", "Mon 4: 330-1110 open"},
	} {
		week := parse(t, c.value).Week(openinghours.Place{}, openinghours.Date{Year: 2026, Month: 5, Day: 4})
		if got := strings.TrimSpace(weekText(week)); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.value, got, c.want)
		}
	}
}
