package recur_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda/recur"
)

// byDefinition is RFC 5545, 3.3.10, word for word and without a thought for speed: of the periods that INTERVAL keeps, the
// days that match every part, then those of them that BYSETPOS names, then those from the anchor to the end.
func byDefinition(r recur.Rule, starts, until recur.Date) []recur.Date {
	var out, set []recur.Date
	anchor := period(r, starts)
	for d := starts.AddDays(-366); !until.AddDays(366).Before(d); d = d.AddDays(1) {
		if (period(r, d)-anchor)%r.Every == 0 && matches(r, starts, d) {
			set = append(set, d)
		}
		if period(r, d) == period(r, d.AddDays(1)) {
			continue
		}
		for i, one := range set { // the period is over
			fits := len(r.Positions) == 0 || slices.Contains(r.Positions, i+1) || slices.Contains(r.Positions, i-len(set))
			ends := until.Before(one) || r.Until != (recur.Date{}) && r.Until.Before(one) || r.Count > 0 && len(out) == r.Count
			if fits && !ends && !one.Before(starts) {
				out = append(out, one)
			}
		}
		set = nil
	}
	return out
}

// period numbers the day, week, month or year that d is in.
func period(r recur.Rule, d recur.Date) int {
	days := d.Sub(recur.Date{Year: 1960, Month: time.January, Day: 3}) // a Sunday
	switch r.Freq {
	case recur.Daily:
		return days
	case recur.Weekly:
		return (days - int(r.WeekStart)) / 7
	case recur.Monthly:
		return d.Year*12 + int(d.Month)
	}
	return d.Year
}

// matches takes from the anchor what the rule does not say.
func matches(r recur.Rule, starts, d recur.Date) bool {
	inMonth := recur.Date{Year: d.Year, Month: d.Month + 1, Day: 0}.AddDays(0).Day // days in it
	if len(r.Days)+len(r.MonthDays) == 0 {
		switch r.Freq {
		case recur.Yearly:
			if len(r.Months) == 0 {
				r.Months = []int{int(starts.Month)}
			}
			r.MonthDays = []int{starts.Day}
		case recur.Monthly:
			r.MonthDays = []int{starts.Day}
		case recur.Weekly:
			r.Days = []recur.Day{{Day: starts.Weekday()}}
		case recur.Daily:
		}
	}
	of, length := d.Day, inMonth
	if r.Freq == recur.Yearly && len(r.Months) == 0 {
		of = d.Sub(recur.Date{Year: d.Year, Month: time.January, Day: 1}) + 1
		length = recur.Date{Year: d.Year + 1, Month: time.January, Day: 1}.Sub(recur.Date{Year: d.Year, Month: time.January, Day: 1})
	}
	onDay := len(r.Days) == 0
	for _, day := range r.Days {
		ranked := day.Nth == 0 || day.Nth == (of-1)/7+1 || -day.Nth == (length-of)/7+1
		onDay = onDay || day.Day == d.Weekday() && ranked
	}
	return onDay && (len(r.Months) == 0 || slices.Contains(r.Months, int(d.Month))) &&
		(len(r.MonthDays) == 0 || slices.Contains(r.MonthDays, d.Day) || slices.Contains(r.MonthDays, d.Day-inMonth-1))
}

// anyRule is parts at random; most are no rule.
func anyRule(r *rand.Rand) string {
	list := func(most int, one func() string) string {
		out := make([]string, 1+r.IntN(most))
		for i := range out {
			out[i] = one()
		}
		return strings.Join(out, ",")
	}
	upTo := func(most int) func() string {
		return func() string { return []string{"", "", "-"}[r.IntN(3)] + fmt.Sprint(1+r.IntN(most)) }
	}
	day := func() string { return []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}[r.IntN(7)] }
	rule := "FREQ=" + []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}[r.IntN(4)]
	for _, part := range []struct {
		oneIn int
		text  string
	}{
		{3, ";BYDAY=" + list(5, day)},
		{3, ";BYDAY=" + list(3, func() string { return upTo([]int{5, 53}[r.IntN(2)])() + day() })},
		{3, ";BYMONTHDAY=" + list(6, upTo(31))},
		{3, ";BYMONTH=" + list(4, func() string { return fmt.Sprint(1 + r.IntN(12)) })},
		{3, ";BYSETPOS=" + list(2, upTo([]int{3, 7, 40}[r.IntN(3)]))},
		{2, fmt.Sprintf(";INTERVAL=%d", 1+r.IntN(9))},
		{4, ";WKST=" + day()},
		{6, fmt.Sprintf(";COUNT=%d", 1+r.IntN(60))},
		{6, fmt.Sprintf(";UNTIL=%d%02d%02d", 2020+r.IntN(14), 1+r.IntN(12), 1+r.IntN(28))},
	} {
		if r.IntN(part.oneIn) == 0 {
			rule += part.text
		}
	}
	return rule
}

// Every form that is read gives the dates of the definition, from anchors that the rule matches and others.
func TestRulesGiveTheDatesOfTheDefinition(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5545, 2026)) //nolint:gosec // the same rules each time
	rules, dates, forms := 0, 0, map[string]bool{}
	for rules < 1500 {
		p := recur.Pattern{Rule: anyRule(r), Minute: 600, Length: 60, Zone: time.UTC, OnHoliday: recur.HolidayKeep}
		read, err := recur.Read(p.Rule)
		if err != nil {
			continue
		}
		p.Starts = date("2020-01-01").AddDays(r.IntN(3650))
		p.Until = p.Starts.AddDays(r.IntN(1096))
		want := byDefinition(read, p.Starts, p.Until)
		want = want[:min(len(want), recur.MaxSessions)]
		var got []recur.Date
		for _, s := range p.Sessions(nil) {
			got = append(got, s.Planned)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s from %s to %s:\n got %v\nwant %v", p.Rule, p.Starts, p.Until, got, want)
		}
		rules, dates = rules+1, dates+len(want)
		forms[form(p.Rule)] = true
	}
	t.Logf("%d rules of %d forms, %d dates", rules, len(forms), dates)
	if len(forms) < 150 || dates < 30_000 {
		t.Error("are the rules still of all forms?")
	}
}

// form is the names of the parts of a rule.
func form(rule string) string {
	var names []string
	for part := range strings.SplitSeq(rule, ";") {
		name, _, _ := strings.Cut(part, "=")
		names = append(names, name)
	}
	return strings.Join(names[1:], " ") + rule[:8]
}
