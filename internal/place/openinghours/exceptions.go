package openinghours

import "slices"

// Exception is a stretch of days on which a place is closed, or open at other hours, against what its week usually says.
type Exception struct {
	From, To Date   // the first and the last day that differ
	Running  bool   // From lies before the first day asked for
	Endless  bool   // it still goes on where Exceptions stopped looking: To says nothing
	Spans    []Span // the hours when they are the same on every open day; nil when closed
	Varies   bool   // open, at hours that are not the same every day
	Holiday  string // the public holiday that is the reason
	School   bool   // the school holidays are the reason
	Comment  string // the reason as written, when a closing has one and the same
}

// Closed reports whether the place is closed on the days that differ.
func (e *Exception) Closed() bool { return len(e.Spans) == 0 && !e.Varies }

const (
	lookBack    = 21  // days: an exception that is running began within them, or it is said to have begun then
	lookAhead   = 120 // days after the last one asked for: where an exception ends
	sampleWeeks = 53  // a year says what a week usually is,
	sampleAhead = 8   // and these last weeks of it are still to come: what ends for good was usual until then
	usualShare  = 60  // per cent of these weeks that must agree
)

// Exceptions lists, in order, what differs from the usual week on the n days from the given one on. The usual week is
// what most weeks of a year say (three in five), holidays left out; where no hours are usual for a weekday, as with summer
// and winter hours, only holidays are exceptions. Openings on days that are usually closed are no exceptions. Days in
// a row that differ for the same reason are one exception, whatever usually closed days lie between.
func (h *Hours) Exceptions(p Place, from Date, n int) []Exception {
	looks := h.looksAt()
	if n <= 0 || !looks.dates && (!looks.public && !looks.school || p.Holidays == nil) {
		return nil
	}
	e := exceptional{h: h, place: p, looks: looks, first: from, days: h.Days(p, from.AddDays(-lookBack), lookBack+n)}
	if looks.dates {
		e.usual = h.usualWeek(from)
	}
	return e.stretches()
}

// looks is what rules look at beside the day of the week.
type looks struct{ dates, public, school bool }

func (h *Hours) looksAt() (l looks) {
	for i := range h.rules {
		r := &h.rules[i]
		days := r.days
		if r.wide != nil {
			l.dates = l.dates || len(r.wide.years)+len(r.wide.dates)+len(r.wide.weeks) > 0
			days = slices.Concat(days, r.wide.holidays)
		}
		for _, d := range days {
			l.public = l.public || d.kind == publicHoliday
			l.school = l.school || d.kind == schoolHoliday
			l.dates = l.dates || len(d.nth) > 0
		}
	}
	return l
}

// usualWeek gives the hours that most weeks of the year around a day have on each day of the week, by time.Weekday;
// known is false where they do not agree.
func (h *Hours) usualWeek(around Date) (usual [7]usualDay) {
	var seen [7][]usualDay
	for _, d := range h.Days(Place{}, around.AddDays((sampleAhead-sampleWeeks)*7), sampleWeeks*7) {
		list := &seen[d.Date.Weekday()]
		at := slices.IndexFunc(*list, func(u usualDay) bool { return sameHours(u.spans, d.Spans) })
		if at < 0 {
			at = len(*list)
			*list = append(*list, usualDay{spans: d.Spans})
		}
		(*list)[at].weeks++
	}
	for i, list := range seen {
		for _, u := range list {
			if u.weeks*100 >= sampleWeeks*usualShare {
				u.known = true
				usual[i] = u
			}
		}
	}
	return usual
}

// usualDay is the hours of a day of the week.
type usualDay struct {
	spans []Span
	weeks int
	known bool
}

// sameHours compares times and states; a comment makes no difference.
func sameHours(a, b []Span) bool {
	return slices.EqualFunc(a, b, func(x, y Span) bool { return x.Start == y.Start && x.End == y.End && x.State == y.State })
}

// exceptional compares days with the usual week.
type exceptional struct {
	h     *Hours
	place Place
	looks looks
	first Date
	days  []Day
	usual [7]usualDay
}

func (e *exceptional) spans(p Place, d Date) []Span { return e.h.Days(p, d, 1)[0].Spans }

// differs says how a day differs from what one expects of it; ok is false when it does not.
func (e *exceptional) differs(d *Day) (x Exception, ok bool) {
	x = Exception{From: d.Date, To: d.Date, Spans: d.Spans}
	if holidays := e.place.Holidays; holidays != nil {
		public := e.looks.public && holidays.Public(d.Date)
		school := e.looks.school && holidays.School(d.Date)
		if (public || school) && against(e.spans(Place{}, d.Date), d.Spans) {
			if public && !sameHours(e.spans(Place{Holidays: schoolOnly{holidays}}, d.Date), d.Spans) {
				x.Holiday = holidayName(holidays, d.Date)
			} else {
				x.School = school
			}
			return x, true
		}
	}
	if x.Closed() {
		x.Comment = d.Comment
	}
	usual := e.usual[d.Date.Weekday()]
	return x, usual.known && against(usual.spans, d.Spans)
}

// against reports whether a day that one expects to be open is closed, or open at other hours.
func against(expected, got []Span) bool { return len(expected) > 0 && !sameHours(expected, got) }

// schoolOnly is holidays without the public ones.
type schoolOnly struct{ Holidays }

func (schoolOnly) Public(Date) bool { return false }

// longestGap bounds the usual days inside a stretch of other hours: the Tuesday that has the same hours all year.
const longestGap = 6

// stretches joins the days that differ, and keeps what touches the days asked for.
func (e *exceptional) stretches() []Exception {
	var list []Exception
	start, end, asked := 0, 0, len(e.days)
	for i := 0; i < len(e.days); i++ {
		x, ok := e.differs(&e.days[i])
		switch {
		case !ok:
		case len(list) > 0 && e.joins(&list[len(list)-1], &x, end, i):
			last := &list[len(list)-1]
			last.To, end = x.To, i
			e.sum(last, start, end)
		case i >= asked:
			return e.finish(list, asked)
		default:
			list = append(list, x)
			start, end = i, i
		}
		if i == asked-1 && len(list) > 0 && list[len(list)-1].Holiday == "" { // see how far the last one goes
			e.days = append(e.days, e.h.Days(e.place, e.days[i].Date.AddDays(1), lookAhead)...)
		}
	}
	return e.finish(list, asked)
}

// joins reports whether a day that differs goes on with the stretch that ended on day end.
func (e *exceptional) joins(last, x *Exception, end, i int) bool {
	if last.Closed() != x.Closed() || last.Holiday != x.Holiday || last.School != x.School {
		return false
	}
	if !x.Closed() {
		return i-end <= longestGap+1
	}
	return !slices.ContainsFunc(e.days[end+1:i], func(d Day) bool { return len(d.Spans) > 0 })
}

// sum sees whether the open days of a stretch agree on their hours, and the closed ones on their reason.
func (e *exceptional) sum(x *Exception, start, end int) {
	if x.Closed() {
		if e.days[end].Comment != x.Comment {
			x.Comment = ""
		}
		return
	}
	x.Spans, x.Varies = e.days[start].Spans, false
	for _, d := range e.days[start : end+1] {
		if len(d.Spans) > 0 && !sameHours(d.Spans, x.Spans) {
			x.Spans, x.Varies = nil, true
			return
		}
	}
}

// finish leaves out what was over before the first day asked for, and marks what began before or may still go on.
func (e *exceptional) finish(list []Exception, asked int) []Exception {
	if n := len(list); n > 0 && len(e.days) > asked {
		end := e.days[len(e.days)-1].Date
		list[n-1].Endless = end.Sub(list[n-1].To) < 7 // a place that opens once a week may be in it still
	}
	list = slices.DeleteFunc(list, func(x Exception) bool { return x.To.Before(e.first) })
	for i := range list {
		list[i].Running = list[i].From.Before(e.first)
	}
	return list
}
