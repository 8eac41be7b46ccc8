package recur

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Freq is how often a rule comes again.
type Freq string

// The frequencies that are read.
const (
	Daily   Freq = "DAILY"
	Weekly  Freq = "WEEKLY"
	Monthly Freq = "MONTHLY"
	Yearly  Freq = "YEARLY"
)

// Day is a day of the week in a rule. Nth is its rank in the month or the year, negative from the end, 0 for each.
type Day struct {
	Day time.Weekday
	Nth int
}

// Rule is a rule that was read. The zero Rule is once.
type Rule struct {
	Freq      Freq
	Every     int // 1 or more
	Count     int // 0 for no end by number
	Until     Date
	Days      []Day
	MonthDays []int
	Months    []int
	Positions []int
	WeekStart time.Weekday
}

// ErrRule says that a text is no rule of the subset.
var ErrRule = errors.New("rule of recurrence")

// maxRule is the length in bytes of the longest rule that is read.
const maxRule = 300

var dayCodes = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

// Read reads a rule. "" is once. It reports ErrRule for what is not of the subset.
func Read(rule string) (Rule, error) {
	r := Rule{Every: 1, WeekStart: time.Monday}
	if rule == "" {
		return Rule{}, nil
	}
	if len(rule) > maxRule {
		return Rule{}, fmt.Errorf("%w: too long", ErrRule)
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSuffix(rule, ";")), ";") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || seen[name] {
			return Rule{}, fmt.Errorf("%w: part %q", ErrRule, part)
		}
		seen[name] = true
		if err := r.take(name, value); err != nil {
			return Rule{}, err
		}
	}
	return r, r.check()
}

func (r *Rule) take(name, value string) (err error) {
	switch name {
	case "FREQ":
		r.Freq = Freq(value)
	case "INTERVAL":
		r.Every, err = number(value, 1, 99)
	case "COUNT":
		r.Count, err = number(value, 1, MaxSessions)
	case "UNTIL":
		r.Until, err = day(value)
	case "BYDAY":
		r.Days, err = days(value)
	case "BYMONTHDAY":
		r.MonthDays, err = numbers(value, 31)
	case "BYMONTH":
		if r.Months, err = numbers(value, 12); err == nil && slices.Min(r.Months) < 1 {
			err = fmt.Errorf("%w: month %q", ErrRule, value)
		}
	case "BYSETPOS":
		r.Positions, err = numbers(value, 366)
	case "WKST":
		weekday, ok := dayCodes[value]
		if r.WeekStart = weekday; !ok {
			err = fmt.Errorf("%w: day %q", ErrRule, value)
		}
	default:
		err = fmt.Errorf("%w: part %q", ErrRule, name)
	}
	return err
}

// check holds the parts against each other, as RFC 5545 does.
func (r Rule) check() error {
	switch r.Freq {
	case Daily, Weekly, Monthly, Yearly:
	default:
		return fmt.Errorf("%w: frequency %q", ErrRule, r.Freq)
	}
	ranked := slices.ContainsFunc(r.Days, func(d Day) bool { return d.Nth != 0 })
	inMonth := r.Freq == Monthly || r.Freq == Yearly && len(r.Months) > 0
	longest := map[Freq]int{Weekly: 7, Monthly: 31, Yearly: 366}[r.Freq] // 0 in a day: no BYSETPOS
	switch {
	case r.Count > 0 && r.Until != (Date{}):
		return fmt.Errorf("%w: both COUNT and UNTIL", ErrRule)
	case ranked && r.Freq != Monthly && r.Freq != Yearly:
		return fmt.Errorf("%w: a rank needs a month or a year", ErrRule)
	case r.Freq == Weekly && len(r.MonthDays) > 0:
		return fmt.Errorf("%w: BYMONTHDAY in a week", ErrRule)
	case len(r.Positions) > 0 && len(r.Days)+len(r.MonthDays)+len(r.Months) == 0:
		return fmt.Errorf("%w: BYSETPOS of nothing", ErrRule)
	case slices.ContainsFunc(r.Positions, func(n int) bool { return n > longest || n < -longest }):
		return fmt.Errorf("%w: BYSETPOS outside of the period", ErrRule)
	case inMonth && slices.ContainsFunc(r.Days, func(d Day) bool { return d.Nth > 5 || d.Nth < -5 }):
		return fmt.Errorf("%w: a month has five weeks", ErrRule) // the library fails on the 53rd Monday of December
	case ranked && slices.ContainsFunc(r.Days, func(d Day) bool { return d.Nth == 0 }):
		return fmt.Errorf("%w: days with and without a rank", ErrRule) // the library keeps those that are both
	case ranked && len(r.MonthDays) > 0:
		return fmt.Errorf("%w: ranks beside BYMONTHDAY", ErrRule)
	}
	return nil
}

func number(text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%w: number %q", ErrRule, text)
	}
	return n, nil
}

// numbers reads a list of numbers, none of which is 0.
func numbers(text string, most int) ([]int, error) {
	var out []int
	for one := range strings.SplitSeq(text, ",") {
		n, err := number(one, -most, most)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: number 0", ErrRule)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func days(text string) ([]Day, error) {
	var out []Day
	for one := range strings.SplitSeq(text, ",") {
		if len(one) < 2 {
			return nil, fmt.Errorf("%w: day %q", ErrRule, one)
		}
		weekday, ok := dayCodes[one[len(one)-2:]]
		d := Day{Day: weekday}
		var err error
		if rank := strings.TrimPrefix(one[:len(one)-2], "+"); rank != "" {
			if d.Nth, err = number(rank, -53, 53); err == nil && d.Nth == 0 {
				ok = false
			}
		}
		if !ok || err != nil {
			return nil, fmt.Errorf("%w: day %q", ErrRule, one)
		}
		out = append(out, d)
	}
	return out, nil
}

// day reads the date of an UNTIL; an instant counts as its date.
func day(text string) (Date, error) {
	for _, form := range []string{"20060102", "20060102T150405Z", "20060102T150405"} {
		if t, err := time.Parse(form, text); err == nil {
			return Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}, nil
		}
	}
	return Date{}, fmt.Errorf("%w: date %q", ErrRule, text)
}

// rruleDays are the days of the library, which counts from Monday.
var rruleDays = [...]rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}

// option is the rule for the library.
func (r Rule) option() rrule.ROption {
	o := rrule.ROption{Interval: r.Every, Count: r.Count, Bymonthday: r.MonthDays, Bymonth: r.Months, Bysetpos: r.Positions, Wkst: rruleDays[r.WeekStart]}
	o.Freq = map[Freq]rrule.Frequency{Daily: rrule.DAILY, Weekly: rrule.WEEKLY, Monthly: rrule.MONTHLY, Yearly: rrule.YEARLY}[r.Freq]
	for _, d := range r.Days {
		weekday := rruleDays[d.Day]
		if d.Nth != 0 {
			weekday = weekday.Nth(d.Nth)
		}
		o.Byweekday = append(o.Byweekday, weekday)
	}
	return o
}

// codes are the days as rules write them.
var codes = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// EveryWeek is the rule of some days, every so many weeks.
func EveryWeek(every int, days ...time.Weekday) string {
	rule := "FREQ=WEEKLY"
	if every > 1 {
		rule += ";INTERVAL=" + strconv.Itoa(every)
	}
	if len(days) == 0 {
		return rule
	}
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = codes[d]
	}
	return rule + ";BYDAY=" + strings.Join(names, ",")
}

// EveryMonth is the rule of the nth weekday of each month; -1 is the last.
func EveryMonth(nth int, day time.Weekday) string {
	return "FREQ=MONTHLY;BYDAY=" + strconv.Itoa(nth) + codes[day]
}
