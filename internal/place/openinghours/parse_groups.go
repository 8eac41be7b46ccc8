package openinghours

import "strings"

// group counts the days and the times that were written together in a rule that has several of them.
type group struct{ days, spans int16 }

// groups reads the days, each with times or without, that follow those of a rule without any sign between them:
// "Mardi : 9h-12h Vendredi : 16h-19h sur rendez-vous". As the widespread reader of the syntax has it, all the days and
// all the times of a rule hold together, which is seldom what was meant; ungrouped then refuses the rule unless its
// state is unknown, so that nobody is promised a door open.
func (p *parser) groups(r *rule, w *wideSelectors) error {
	if w.holidays != nil || !onlyHolidays(r.days, false) || len(r.days) == 0 && len(r.spans) > 0 {
		return nil
	}
	days, spans := len(p.days)-len(r.days), len(p.spans)-len(r.spans)
	for p.weekdayAhead() {
		if r.groups == nil {
			p.second = p.pos
			if len(r.days) > 0 {
				r.groups = append(r.groups, group{int16(len(r.days)), int16(len(r.spans))})
			}
		}
		if err := p.group(r); err != nil {
			return err
		}
	}
	if r.groups != nil {
		r.days, r.spans = p.days[days:len(p.days):len(p.days)], p.spans[spans:len(p.spans):len(p.spans)]
		limitOpenEnds(r.spans)
	}
	return nil
}

// group reads one group of days and times. The article of "le samedi" is a group that repeats the day behind it. The
// widespread reader takes it for the Faroese word for Saturday: "Le samedi" is "Sa Sa" there, and "Le lundi" Saturday
// and Monday. A day said twice gives the first as it does, and no Saturday to the second.
func (p *parser) group(r *rule) error {
	if _, article := p.takeWord(wordArticle); article {
		start := p.pos
		d, err := p.daySelector()
		if err != nil {
			return err
		}
		p.days = append(p.days, d)
		r.groups = append(r.groups, group{days: 1})
		p.pos = start
	}
	days, err := p.dayList()
	if err != nil {
		return err
	}
	if !onlyHolidays(days, false) {
		return p.apart(r)
	}
	p.take(':')
	r.spans = nil
	if err := p.times(r); err != nil {
		return err
	}
	r.groups = append(r.groups, group{int16(len(days)), int16(len(r.spans))})
	return nil
}

// weekdayAhead reports whether a weekday stands next, with its article or without.
func (p *parser) weekdayAhead() bool {
	start := p.pos
	defer func() { p.pos = start }()
	p.takeWord(wordArticle)
	w, _ := p.word()
	return w.kind == wordDay
}

// ungrouped refuses a rule of several groups that would promise a door open, or say that it is closed.
func (p *parser) ungrouped(r *rule) error {
	if r.groups == nil || r.modifier == modUnknown || r.modifier == modNone && r.hasComment {
		return nil
	}
	return p.apart(r)
}

// apart says that the second group of days must be a rule of its own.
func (p *parser) apart(r *rule) error {
	p.pos = p.second
	if r.groups[0].spans == 0 {
		return p.fail(p.pos, "days given twice")
	}
	return p.unexpected(`";" before the next days`)
}

const onAppointment = "Sur rendez-vous"

// appointment takes the words "sur rendez-vous" or "sur RDV", which people type as the comment they are.
func (p *parser) appointment() bool {
	p.space()
	for _, words := range [...]string{onAppointment, "sur rendez vous", "sur rdv"} {
		end := p.pos + len(words)
		if end <= len(p.in) && strings.EqualFold(p.in[p.pos:end], words) && (end == len(p.in) || !letter(p.in[end])) {
			p.pos = end
			return true
		}
	}
	return false
}
