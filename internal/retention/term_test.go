package retention

import (
	"testing"
	"time"

	"viaduc/internal/platform/fault"
)

func on(t *testing.T, text string) date {
	t.Helper()
	d, err := parseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTermEndsAsTheLawSays(t *testing.T) {
	for _, tc := range []struct {
		term       Term
		begin, end string
	}{
		{Days(1), "2026-05-04", "2026-05-05"},
		{Days(30), "2026-01-31", "2026-03-02"},
		{Days(30), "2028-01-31", "2028-03-01"}, // a leap year
		{Days(365), "2027-03-01", "2028-02-29"},
		{Days(1), "2026-12-31", "2027-01-01"},
		{Months(1), "2026-01-28", "2026-02-28"},
		{Months(1), "2026-01-29", "2026-02-28"},
		{Months(1), "2026-01-31", "2026-02-28"},
		{Months(1), "2028-01-31", "2028-02-29"},
		{Months(1), "2026-02-28", "2026-03-28"}, // the same number, not the last day
		{Months(1), "2026-03-31", "2026-04-30"},
		{Months(6), "2026-08-31", "2027-02-28"},
		{Months(6), "2027-08-31", "2028-02-29"},
		{Months(6), "2026-08-30", "2027-02-28"},
		{Months(12), "2026-11-15", "2027-11-15"},
		{Months(18), "2026-10-31", "2028-04-30"},
		{Years(1), "2027-02-28", "2028-02-28"},
		{Years(1), "2028-02-29", "2029-02-28"},
		{Years(2), "2024-02-29", "2026-02-28"},
		{Years(4), "2024-02-29", "2028-02-29"},
		{Years(4), "2096-02-29", "2100-02-28"}, // 2100 is no leap year
		{Years(2), "2026-12-31", "2028-12-31"},
	} {
		if got := tc.term.end(on(t, tc.begin)); got.String() != tc.end {
			t.Errorf("%s from %s ends on %s, want %s", tc.term, tc.begin, got, tc.end)
		}
	}
}

func TestCutoffKeepsTheLastDayWhole(t *testing.T) {
	for _, tc := range []struct {
		term         Term
		today, first string // the first day that is still kept
	}{
		{Days(30), "2026-03-02", "2026-01-31"},
		{Days(30), "2026-03-03", "2026-02-01"},
		{Months(1), "2026-02-28", "2026-01-28"}, // the 28th to the 31st end today
		{Months(1), "2026-03-01", "2026-02-01"}, // all of January is over
		{Months(1), "2026-03-29", "2026-03-01"}, // the 28th of February ended yesterday
		{Months(1), "2026-03-31", "2026-03-01"},
		{Months(1), "2026-05-01", "2026-04-01"},
		{Months(6), "2027-02-28", "2026-08-28"},
		{Months(6), "2027-03-01", "2026-09-01"},
		{Years(1), "2029-02-28", "2028-02-28"}, // the 28th and the 29th end today
		{Years(1), "2029-03-01", "2028-03-01"},
		{Years(1), "2028-02-29", "2027-03-01"}, // nothing ends on this day
		{Years(2), "2028-11-25", "2026-11-25"},
	} {
		if got := tc.term.cutoff(on(t, tc.today)); got.String() != tc.first {
			t.Errorf("%s on %s: cutoff %s, want %s", tc.term, tc.today, got, tc.first)
		}
	}
}

// The cutoff and the end of terms say the same on every day of eight years, whatever the term.
func TestCutoffAndEndAgree(t *testing.T) {
	for _, term := range []Term{Days(1), Days(30), Days(59), Days(365), Months(1), Months(2), Months(6), Months(11), Months(13), Years(1), Years(2), Years(5)} {
		for today := on(t, "2023-12-25"); today.year < 2032; today = today.addDays(1) {
			cut := term.cutoff(today)
			if last := cut.addDays(-1); !term.end(last).before(today) {
				t.Fatalf("%s on %s: %s is erased although it ends on %s", term, today, last, term.end(last))
			}
			if term.end(cut).before(today) {
				t.Fatalf("%s on %s: %s is kept although it ended on %s", term, today, cut, term.end(cut))
			}
		}
	}
}

// Days are those of the territory: an instant late in the evening in Paris is the day before in UTC.
func TestDaysAreThoseOfTheZone(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		since, want string
		term        Term
	}{
		{"2026-05-04T21:59:59Z", "2026-11-04T23:00:00Z", Months(6)}, // 23:59:59 on the 4th; winter time when it ends
		{"2026-05-04T22:00:00Z", "2026-11-05T23:00:00Z", Months(6)}, // midnight on the 5th
		{"2026-03-29T00:30:00Z", "2026-03-30T22:00:00Z", Days(1)},   // the day that has 23 hours
	} {
		since, err := time.Parse(time.RFC3339, tc.since)
		if err != nil {
			t.Fatal(err)
		}
		if got := tc.term.EraseOn(since, paris).UTC().Format(time.RFC3339); got != tc.want {
			t.Errorf("%s since %s: erased on %s, want %s", tc.term, tc.since, got, tc.want)
		}
	}
}

func TestTermsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]Term{
		"P2Y": Years(2), "P6M": Months(6), "P30D": Days(30), "2 ans": Years(2), "1 an": Years(1), "6 mois": Months(6), "30 jours": Days(30),
		"1 jour": Days(1), "2a": Years(2), "6m": Months(6), "30j": Days(30), " 18 MOIS ": Months(18), "100 ans": Years(100),
	} {
		got, err := ParseTerm(text)
		if err != nil || got != want {
			t.Errorf("ParseTerm(%q) = %v, %v, want %v", text, got, err, want)
			continue
		}
		for _, again := range []string{got.String(), got.French()} {
			if back, err := ParseTerm(again); err != nil || back != got {
				t.Errorf("ParseTerm(%q) = %v, %v, want %v", again, back, err, got)
			}
		}
	}
	for _, text := range []string{"", "0 an", "P0D", "2", "ans", "-1 an", "2 ans et demi", "101 ans", "1201 mois", "99999 jours", "P2W", "2 years", "999999 j"} {
		if got, err := ParseTerm(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseTerm(%q) = %v, %v, want invalid", text, got, err)
		}
	}
	for term, want := range map[Term]string{Years(1): "1 an", Years(3): "3 ans", Months(1): "1 mois", Days(1): "1 jour", Days(2): "2 jours"} {
		if got := term.French(); got != want {
			t.Errorf("French = %q, want %q", got, want)
		}
	}
}

func TestTermsCompare(t *testing.T) {
	for _, tc := range []struct{ long, short Term }{
		{Years(2), Months(18)},
		{Months(2), Days(58)},
		{Days(366), Years(1)},
		{Months(13), Years(1)},
		{Years(1), Days(364)},
	} {
		if !tc.long.longerThan(tc.short) || tc.short.longerThan(tc.long) {
			t.Errorf("%s is not longer than %s", tc.long, tc.short)
		}
	}
	if Years(1).longerThan(Months(12)) || Months(12).longerThan(Years(1)) {
		t.Error("a year and twelve months differ")
	}
}
