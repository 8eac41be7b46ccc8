package openinghours

import "strings"

// Parse reads an opening_hours value. The error is always a *SyntaxError; a value longer than MaxLength,
// as it is or in its canonical form, is refused.
// The value may come from anybody: Parse never panics and its cost is linear in the length.
func Parse(s string) (*Hours, error) {
	if len(s) > MaxLength {
		return nil, &SyntaxError{Offset: MaxLength, Msg: "value too long"}
	}
	p := parser{
		in:    s,
		days:  make([]daySelector, 0, strings.Count(s, ";")+strings.Count(s, ",")+1),
		spans: make([]span, 0, strings.Count(s, ":")/2+1),
	}
	h := &Hours{rules: make([]rule, 0, strings.Count(s, ";")+1)}
	if err := p.rules(h); err != nil {
		return nil, err
	}
	// The canonical form can be three times as long ("9-9" is 09:00-09:00), and must be read again.
	if len(s) > MaxLength/4 && len(h.String()) > MaxLength {
		return nil, &SyntaxError{Offset: len(s), Msg: "value too long in its canonical form"}
	}
	return h, nil
}

func (p *parser) rules(h *Hours) error {
	joint := replaces
	for {
		for joint == replaces && p.take(';') { // "Mo 09:00-12:00;" and ";;" are common and harmless
		}
		if joint == replaces && p.peek() == 0 {
			break
		}
		r, err := p.rule(joint)
		if err != nil {
			return err
		}
		r.finish(h.rules)
		h.rules = append(h.rules, r)
		next, err := p.joint(&r)
		if err != nil {
			return err
		}
		joint = next
	}
	if len(h.rules) == 0 {
		return p.fail(0, "empty value")
	}
	return nil
}

// joint reads what stands behind a rule.
func (p *parser) joint(r *rule) (joint, error) {
	switch c := p.peek(); {
	case c == 0:
		return replaces, nil
	case c == ';':
		p.pos++
		return replaces, nil
	case strings.HasPrefix(p.in[p.pos:], "||"):
		p.pos += 2
		return fallsBack, nil
	case c == ',' && (len(r.spans) > 0 || r.always || r.modifier != modNone || r.hasComment):
		p.pos++
		return adds, nil
	case c == ',':
		return 0, p.unexpected("times") // "Mo, 09:00-12:00" would open the whole Monday
	case len(r.spans) > 0 && letter(c):
		return 0, p.unexpected(`";" before the next days`)
	}
	return 0, p.unexpected("a rule")
}

// finish computes what evaluation needs beside what was written.
func (r *rule) finish(before []rule) {
	r.state = Open
	switch {
	case r.modifier == modUnknown || r.modifier == modNone && r.hasComment:
		r.state = Unknown
	case r.modifier == modClosed || r.modifier == modOff:
		r.state = Closed
	}
	r.plain = len(r.days) > 0
	for i := range r.days {
		d := &r.days[i]
		if d.kind != weekday || d.offset != 0 || len(d.nth) > 0 {
			r.plain = false
			break
		}
		for w := d.from; ; w = (w + 1) % 7 {
			r.mask |= 1 << w
			if w == d.to {
				break
			}
		}
	}
	for i := range r.spans {
		s := &r.spans[i]
		if s.end > dayMinutes || s.openUntil > dayMinutes {
			r.overnight = true
		}
	}
	if r.joint != replaces || r.state == Closed {
		return
	}
	afterDateless := len(before) > 0 && before[len(before)-1].dateless()
	r.clears = !r.dateless() || afterDateless && r.state == Open
}

// rule reads one rule up to its joint.
func (p *parser) rule(j joint) (rule, error) {
	r := rule{joint: j}
	start := p.pos
	if p.alwaysOpen() {
		r.always = true
	} else if err := p.selectors(&r); err != nil {
		return r, err
	}
	if m, ok := p.takeWord(wordModifier); ok {
		r.modifier = modifier(m)
	}
	if p.peek() == '"' {
		text, err := p.quoted()
		if err != nil {
			return r, err
		}
		r.comment, r.hasComment = text, true
	} else if r.modifier == modNone && p.appointment() {
		r.comment, r.hasComment = onAppointment, true
	}
	if err := p.ungrouped(&r); err != nil {
		return r, err
	}
	if r.dateless() && !r.always && len(r.spans) == 0 && r.modifier == modNone && !r.hasComment {
		p.pos = start
		return r, p.unexpected("a rule")
	}
	return r, nil
}

func (p *parser) alwaysOpen() bool {
	p.space()
	if !strings.HasPrefix(p.in[p.pos:], "24/7") {
		return false
	}
	p.pos += len("24/7")
	return true
}

func (p *parser) selectors(r *rule) error {
	var wide wideSelectors
	if err := p.wide(&wide); err != nil {
		return err
	}
	if err := p.dayGroups(r, &wide); err != nil {
		return err
	}
	if wide.years != nil || wide.dates != nil || wide.weeks != nil || wide.holidays != nil {
		few := wide // a copy, so that the others take no memory
		r.wide = &few
	}
	if !r.dateless() {
		p.take(':') // "Mo-Fr: 09:00-12:00"
	}
	if err := p.times(r); err != nil {
		return err
	}
	return p.groups(r, &wide)
}

// wide reads years, dates and weeks, each at most once.
func (p *parser) wide(w *wideSelectors) error {
	if p.yearAhead() {
		if err := p.years(w); err != nil {
			return err
		}
	}
	if p.dateAhead() {
		if err := p.dates(w); err != nil {
			return err
		}
	}
	if _, ok := p.takeWord(wordWeek); ok {
		weeks, err := p.numbers("week number", 1, 53, 2)
		if err != nil {
			return err
		}
		w.weeks = weeks
	}
	return nil
}

// numbers reads a list of ranges of years or weeks.
func (p *parser) numbers(what string, low, high, width int) ([]numberRange, error) {
	var list []numberRange
	one := func() (int16, error) {
		start := p.pos
		v, n := p.number(width)
		if n == 0 || v < low || v > high {
			p.pos = start
			return 0, p.unexpected(what)
		}
		return int16(v), nil
	}
	for {
		from, err := one()
		if err != nil {
			return nil, err
		}
		r := numberRange{from: from}
		switch {
		case width == 4 && p.take('+'):
			r.to = -1
		case p.hyphen():
			if r.to, err = one(); err != nil {
				return nil, err
			}
			if width == 4 && r.to < r.from {
				return nil, p.fail(p.pos, "years in the wrong order")
			}
		}
		if r.to != 0 && p.take('/') {
			step, n := p.number(2)
			if n == 0 || step == 0 {
				return nil, p.unexpected("step")
			}
			r.step = int16(step)
		}
		list = append(list, r)
		if !p.listGoesOn(func() bool { return width == 2 && !p.timeAhead() && digit(p.peek()) || width == 4 && p.yearAhead() }) {
			return list, nil
		}
	}
}

// listGoesOn takes a comma if what follows it continues the list; else the comma joins rules.
func (p *parser) listGoesOn(goesOn func() bool) bool {
	start := p.pos
	if !p.take(',') || !goesOn() {
		p.pos = start
		return false
	}
	return true
}

// dayGroups reads the lists of weekdays and holidays: one or-list, or a list of holidays and a list of
// weekdays that must both match.
func (p *parser) dayGroups(r *rule, w *wideSelectors) error {
	first, err := p.dayList()
	if err != nil || len(first) == 0 {
		return err
	}
	at, read := p.pos, len(p.days)
	second, err := p.dayList()
	if err != nil {
		return err
	}
	switch {
	case len(second) == 0:
		r.days = first
	case onlyHolidays(first, true) && onlyHolidays(second, false):
		w.holidays, r.days = first, second
	case onlyHolidays(first, false) && onlyHolidays(second, true):
		w.holidays, r.days = second, first
	case onlyHolidays(first, false) && second[0].kind == weekday: // left to groups
		r.days, p.pos, p.days = first, at, p.days[:read]
	default:
		return p.fail(p.pos, "days given twice")
	}
	return nil
}

func onlyHolidays(list []daySelector, want bool) bool {
	for i := range list {
		if (list[i].kind != weekday) != want {
			return false
		}
	}
	return true
}

func (p *parser) dayList() ([]daySelector, error) {
	start := len(p.days)
	for p.dayAhead() {
		d, err := p.daySelector()
		if err != nil {
			return nil, err
		}
		p.days = append(p.days, d)
		if !p.listGoesOn(p.dayAhead) {
			break
		}
	}
	return p.days[start:len(p.days):len(p.days)], nil
}

func (p *parser) dayAhead() bool {
	w, _ := p.word()
	return w.kind == wordDay || w.kind == wordPublicHoliday || w.kind == wordSchoolHoliday
}

func (p *parser) daySelector() (daySelector, error) {
	w, next := p.word()
	p.pos = next
	var d daySelector
	var err error
	switch w.kind {
	case wordPublicHoliday:
		d.kind = publicHoliday
	case wordSchoolHoliday:
		d.kind = schoolHoliday
		return d, nil
	default:
		d.from, d.to = w.value, w.value
		if p.hyphenThen(wordDay) {
			d.to, _ = p.takeWord(wordDay)
			return d, nil
		}
		if !p.take('[') {
			return d, nil
		}
		if d.nth, err = p.nthList(); err != nil {
			return d, err
		}
	}
	d.offset, err = p.dayOffset()
	return d, err
}

// hyphenThen takes a hyphen if a word of the given kind follows it.
func (p *parser) hyphenThen(kind wordKind) bool {
	start := p.pos
	if p.hyphen() {
		if w, _ := p.word(); w.kind == kind {
			return true
		}
	}
	p.pos = start
	return false
}

// nthList reads "1,3]", "-1]" or "1-2]".
func (p *parser) nthList() ([]nthRange, error) {
	var list []nthRange
	for {
		negative := p.take('-')
		start := p.pos
		from, n := p.number(1)
		if n == 0 || from < 1 || from > 5 {
			p.pos = start
			return nil, p.unexpected("rank of a weekday, 1 to 5,")
		}
		r := nthRange{int8(from), int8(from)}
		if negative {
			r = nthRange{int8(-from), int8(-from)}
		} else if p.hyphen() {
			to, n := p.number(1)
			if n == 0 || to < from || to > 5 {
				return nil, p.unexpected("rank of a weekday, 1 to 5,")
			}
			r.to = int8(to)
		}
		list = append(list, r)
		if !p.take(',') {
			break
		}
	}
	if !p.take(']') {
		return nil, p.unexpected(`"]"`)
	}
	return list, nil
}

// dayOffset reads "+1 day" or "-2 days", and nothing when something else stands there.
func (p *parser) dayOffset() (int16, error) {
	start := p.pos
	sign := p.peek()
	if sign != '+' && sign != '-' {
		return 0, nil
	}
	p.pos++
	v, n := p.number(3)
	if n == 0 {
		p.pos = start
		return 0, nil
	}
	if _, ok := p.takeWord(wordDays); !ok {
		p.pos = start
		return 0, nil
	}
	if v > 366 {
		return 0, p.fail(start, "offset of more than a year")
	}
	if sign == '-' {
		v = -v
	}
	return int16(v), nil
}
