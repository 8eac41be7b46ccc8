package openinghours

import (
	"slices"
	"strconv"
	"strings"
)

// nbsp stands between a number and its unit, so that a line never ends between them.
const nbsp = "\u00a0"

// Spoken returns French sentences that say h as people do: the usual week first, equal days together
// ("du lundi au vendredi, de 9 h à 12 h et de 14 h à 17 h 30"), then what differs from it in the order
// it is written ("fermé les jours fériés"). Sentences start in lower case and have no full stop.
// Rules that a later one replaces altogether are left out; comments are said as they are.
func Spoken(h *Hours) []string {
	if len(h.rules) == 1 && h.rules[0].always && h.rules[0].state == Open && !h.rules[0].hasComment {
		return []string{"24" + nbsp + "heures sur" + nbsp + "24, 7" + nbsp + "jours sur" + nbsp + "7"}
	}
	week, special := split(h.rules)
	said := week.sentences()
	for _, s := range special {
		if text, ok := s.sentence(); ok && !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	if len(said) == 0 {
		return []string{"fermé"}
	}
	return said
}

// plainWeek are the rules that a weekly timetable can say.
type plainWeek struct{ rules []rule }

// exception is a rule beside the week.
type exception struct {
	rule    *rule
	days    uint8 // weekdays that later rules leave to it
	narrow  bool  // days are fewer than the rule says: they must be said
	usual   bool  // a usual week was said before it
	holiday []daySelector
}

const everyDay = 1<<7 - 1

// split sorts rules into the usual week and what differs from it.
func split(rules []rule) (plainWeek, []exception) {
	var week plainWeek
	var special []exception
	for i := range rules {
		r := rules[i]
		var weekdays, holidays []daySelector
		for _, d := range r.days {
			if d.kind == weekday && d.offset == 0 && len(d.nth) == 0 {
				weekdays = append(weekdays, d)
			} else {
				holidays = append(holidays, d)
			}
		}
		switch {
		case r.wide != nil || r.joint == fallsBack || len(weekdays) == 0 && len(r.days) > 0:
			special = append(special, exception{rule: &rules[i], days: everyDay})
		case len(holidays) == 0:
			week.rules = append(week.rules, r)
		default: // "Mo-Su,PH": the week, and the holidays as well
			r.days = weekdays
			r.finish(nil)
			week.rules = append(week.rules, r)
			special = append(special, exception{rule: &rules[i], days: everyDay, holiday: holidays})
		}
	}
	for i := range special {
		special[i].usual = len(week.rules) > 0
		special[i].replacedBy(rules)
	}
	return week, special
}

// replacedBy takes from an exception the weekdays on which a later weekly rule replaces it.
func (e *exception) replacedBy(rules []rule) {
	later := false
	for i := range rules {
		if &rules[i] == e.rule {
			later = true
			if e.rule.plain {
				e.days = e.rule.mask
			}
			continue
		}
		r := &rules[i]
		if !later || !r.clears || r.wide != nil || !r.plain && !r.dateless() {
			continue
		}
		mask := r.mask
		if r.dateless() {
			mask = everyDay
		}
		if e.days&mask != 0 {
			e.days &^= mask
			e.narrow = true
		}
	}
	if !e.narrow || e.rule.state != Closed || len(e.rule.spans) > 0 {
		return
	}
	// Days on which the place is closed anyway need not be said to be closed.
	open := uint8(0)
	for i := range rules {
		if &rules[i] == e.rule {
			break
		}
		if r := &rules[i]; r.state != Closed && r.plain {
			open |= r.mask
		} else if r.state != Closed {
			open = everyDay
		}
	}
	e.days &= open
}

// sentences says the usual week: one sentence for each group of days with the same hours.
func (w plainWeek) sentences() []string {
	if len(w.rules) == 0 {
		return nil
	}
	monday := Date{2024, 1, 1} // any Monday: the rules know neither dates nor holidays
	h := Hours(w)
	var order []string
	groups := map[string]uint8{}
	for i, day := range h.Week(Place{}, monday) {
		hours := spokenDay(day.Spans)
		if hours == "" {
			continue
		}
		if groups[hours] == 0 {
			order = append(order, hours)
		}
		groups[hours] |= 1 << i
	}
	var said []string
	for _, hours := range order {
		if mask := groups[hours]; mask == everyDay && !strings.HasPrefix(hours, "de ") && !strings.HasPrefix(hours, "à ") {
			said = append(said, hours) // "sur rendez-vous", "24 heures sur 24"
		} else {
			said = append(said, spokenWeekdays(mask)+", "+hours)
		}
	}
	return said
}

// spokenDay says the hours of one day, with the comments that go with them.
func spokenDay(spans []Span) string {
	if len(spans) == 1 && spans[0].State == Unknown && spans[0].Start == 0 && spans[0].End == dayMinutes && spans[0].Comment != OpenEnd {
		return spokenRule(&rule{state: Unknown, comment: spans[0].Comment}) // "sur rendez-vous" says no hours
	}
	var parts []string
	for i := 0; i < len(spans); {
		s := spans[i]
		times := []string{}
		for ; i < len(spans) && spans[i].sameKind(s); i++ {
			openEnd := i+1 < len(spans) && spans[i+1].Comment == OpenEnd && spans[i+1].Start == spans[i].End
			switch {
			case spans[i].Comment == OpenEnd:
				times = append(times, "à partir de "+spokenTime(spans[i].Start))
			case openEnd:
				times = append(times, spokenRange(spans[i].Start, spans[i].End)+" ou plus tard")
				i++
			default:
				times = append(times, spokenRange(spans[i].Start, spans[i].End))
			}
		}
		parts = append(parts, enumerate(times)+remark(s.State, s.Comment))
	}
	return strings.Join(parts, ", ")
}

// sameKind reports whether two spans are said in one breath; an open end has words of its own.
func (s Span) sameKind(o Span) bool {
	s, o = s.withoutOpenEnd(), o.withoutOpenEnd()
	return s.State == o.State && s.Comment == o.Comment
}

func (s Span) withoutOpenEnd() Span {
	if s.Comment == OpenEnd {
		s.State, s.Comment = Open, ""
	}
	return s
}

// remark says in brackets what the state or the comment adds to the hours.
func remark(s State, comment string) string {
	switch {
	case comment == OpenEnd:
		return ""
	case strings.TrimSpace(comment) != "":
		return " (" + strings.TrimSpace(comment) + ")"
	case s == Unknown:
		return " (à confirmer)"
	}
	return ""
}

func spokenRange(from, to int) string {
	switch {
	case to-from == dayMinutes && from == 0:
		return "24" + nbsp + "heures sur" + nbsp + "24"
	case to > dayMinutes:
		return "de " + spokenTime(from) + " à " + spokenTime(to-dayMinutes) + " le lendemain"
	}
	return "de " + spokenTime(from) + " à " + spokenTime(to)
}

// spokenTime says a minute of the day: "9 h", "17 h 30", "minuit".
func spokenTime(minutes int) string {
	if minutes%dayMinutes == 0 {
		return "minuit"
	}
	text := strconv.Itoa(minutes/60) + nbsp + "h"
	if m := minutes % 60; m > 0 {
		text += nbsp + string(appendInt(nil, m, 2))
	}
	return text
}

// enumerate joins as one speaks: "a", "a et b", "a, b et c".
func enumerate(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " et " + items[last]
}

// sentence says an exception; ok is false when nothing is left of it.
func (e *exception) sentence() (text string, ok bool) {
	r := e.rule
	if e.days == 0 {
		return "", false
	}
	when := e.when()
	what := spokenRule(r)
	switch {
	case r.joint == fallsBack && when == "":
		return e.otherwise() + what, true
	case r.joint == fallsBack:
		return when + ", à défaut" + nbsp + ": " + what, true
	case r.state == Closed && len(r.spans) == 0:
		return strings.TrimSpace("fermé "+when) + remark(Closed, r.comment), true
	case when == "":
		return what, true
	case e.holiday != nil:
		return "aussi " + when + ", " + what, true
	}
	return when + ", " + what, true
}

func (e *exception) otherwise() string {
	if e.usual {
		return "le reste du temps" + nbsp + ": "
	}
	return ""
}

// spokenRule says what a rule does on its days.
func spokenRule(r *rule) string {
	if len(r.spans) == 0 {
		comment := strings.TrimSpace(r.comment)
		switch {
		case r.state == Closed:
			return "fermé" + remark(Closed, r.comment)
		case r.state == Unknown && comment != "":
			return comment
		case r.state == Unknown:
			return "ouverture à confirmer"
		}
		return "ouvert toute la journée" + remark(Open, r.comment)
	}
	var spans []Span
	for i := range r.spans {
		s := &r.spans[i]
		if !s.point {
			spans = append(spans, Span{int(s.from.resolve()), int(s.end), Open, ""})
		}
		if s.openEnd {
			spans = append(spans, Span{int(s.end), int(s.openUntil), Unknown, OpenEnd})
		}
	}
	hours := spokenDay(spans)
	if r.state == Closed {
		hours = "fermé " + hours
	}
	return hours + remark(r.state, r.comment)
}
