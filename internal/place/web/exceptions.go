package web

import (
	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/ui"
)

const (
	exceptionDays  = 30 // a month ahead: nobody plans a visit further
	mostExceptions = 4  // said on a page, the soonest ones
)

// exceptionsOf says, in words, on which coming days the usual week of a place does not hold: "Fermé le jeudi 14 mai
// (Ascension)".
func exceptionsOf(p ui.Page, e *place.Entry) []string {
	h := e.Hours()
	if h == nil {
		return nil
	}
	list := h.Exceptions(e.Locale(), openinghours.DateOf(p.Now().In(e.Locale().Zone)), exceptionDays)
	var out []string
	for _, x := range list[:min(len(list), mostExceptions)] {
		out = append(out, exceptionInWords(p, x))
	}
	return out
}

func exceptionInWords(p ui.Page, x openinghours.Exception) string {
	kind := "place.except.hours_"
	if x.Closed() {
		kind = "place.except.closed_"
	}
	when := "range"
	switch {
	case x.Running && x.Endless:
		when = "now"
	case x.Running:
		when = "until"
	case x.Endless:
		when = "from"
	case x.From == x.To:
		when = "day"
	}
	hours := p.T("place.except.varies")
	if open := openSpans(x.Spans); len(open) == 1 || len(open) == 2 { // more would be no sentence any more
		hours = spans(p, open)
	}
	text := p.T(kind+when, "Day", dayOf(p, x.From), "From", dayOf(p, x.From), "To", dayOf(p, x.To), "Hours", hours)
	if why := reason(p, x); why != "" {
		return p.T("place.except.why", "Text", text, "Why", why)
	}
	return text
}

// openSpans leaves out the hours on appointment.
func openSpans(list []openinghours.Span) []openinghours.Span {
	var out []openinghours.Span
	for _, s := range list {
		if s.State == openinghours.Open {
			out = append(out, s)
		}
	}
	return out
}

// reason says why, where the hours do: a holiday, the school holidays, or words of the place.
func reason(p ui.Page, x openinghours.Exception) string {
	switch {
	case x.Holiday != "":
		return p.T("place.except.holiday", "Name", x.Holiday)
	case x.School:
		return p.T("place.except.school")
	}
	return x.Comment
}

func dayOf(p ui.Page, d openinghours.Date) string { return p.Day(d.In(p.Now().Location())) }
