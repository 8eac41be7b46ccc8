package openinghours

// timeAhead reports whether a time stands next, rather than a number of something else.
func (p *parser) timeAhead() bool {
	start := p.pos
	defer func() { p.pos = start }()
	if p.peek() == '(' {
		return true
	}
	if w, _ := p.word(); w.kind == wordEvent {
		return true
	}
	if _, n := p.number(2); n == 0 {
		return false
	}
	if p.peek() == ':' {
		return true
	}
	w, _ := p.word()
	return w.kind == wordHour
}

// times reads a list of spans. A comma before anything else than a time joins rules.
func (p *parser) times(r *rule) error {
	start := len(p.spans)
	if !p.spanAhead() {
		return nil
	}
	for {
		s, err := p.span()
		if err != nil {
			return err
		}
		p.spans = append(p.spans, s)
		if !p.listGoesOn(func() bool { return p.spanAhead() && !p.yearAhead() }) {
			break
		}
	}
	r.spans = p.spans[start:len(p.spans):len(p.spans)]
	limitOpenEnds(r.spans)
	return nil
}

// limitOpenEnds ends an open end at the latest where the next span of the list starts.
func limitOpenEnds(list []span) {
	for i := range list {
		if !list[i].openEnd {
			continue
		}
		for j := range list {
			if from := list[j].from.resolve(); from > list[i].end {
				list[i].openUntil = min(list[i].openUntil, from)
			}
		}
	}
}

func (p *parser) spanAhead() bool { return digit(p.peek()) || p.timeAhead() }

func (p *parser) span() (span, error) {
	var s span
	start := p.pos
	from, bare, err := p.timePoint()
	if err != nil {
		return s, err
	}
	s.from = from
	begin := from.resolve()
	if begin < 0 || begin >= dayMinutes {
		return s, p.fail(start, "time range starts outside of the day")
	}
	switch {
	case !bare && p.take('+'):
		s.point, s.openEnd, s.to, s.end = true, true, from, begin
	case p.hyphen():
		if err := p.spanEnd(&s, begin, bare); err != nil {
			return s, err
		}
	default:
		return s, p.unexpected(`"-" and an end time, or "+",`)
	}
	if s.openEnd {
		s.openUntil = guessedEnd(s.end)
	}
	return s, nil
}

// spanEnd reads the end of a span. Hours without minutes are read in pairs only ("9-12"): alone they may be anything.
func (p *parser) spanEnd(s *span, begin int16, bare bool) error {
	start := p.pos
	to, bareEnd, err := p.timePoint()
	if err != nil {
		return err
	}
	if bare != bareEnd {
		p.pos = start
		return p.unexpected("a time with minutes")
	}
	s.to, s.end = to, to.resolve()
	if s.end <= begin {
		s.end += dayMinutes
	}
	if s.end <= begin || s.end > 2*dayMinutes {
		return p.fail(start, "time range ends after the next day")
	}
	s.openEnd = p.take('+')
	return nil
}

// guessedEnd is how long a place with an open end may stay open; end is in minutes since the midnight before its start.
func guessedEnd(end int16) int16 {
	switch {
	case end >= 22*60:
		return min(end+8*60, 2*dayMinutes)
	case end >= 17*60:
		return end + 10*60
	}
	return dayMinutes
}

// timePoint reads "09:00", "9h", "9", "sunrise" or "(sunset-01:30)". bare says that it was a number alone.
func (p *parser) timePoint() (t timePoint, bare bool, err error) {
	if p.take('(') {
		t, err = p.eventOffset()
		return t, false, err
	}
	if e, ok := p.takeWord(wordEvent); ok {
		return timePoint{event: event(e)}, false, nil
	}
	start := p.pos
	hours, n := p.number(2)
	if n == 0 || hours > 48 {
		p.pos = start
		return t, false, p.unexpected("a time")
	}
	minutes := 0
	if p.take(':') {
		if minutes, n = p.number(2); n != 2 || minutes > 59 {
			p.pos = start
			return t, false, p.unexpected("a time")
		}
	} else if bare = !p.hourMark(); bare && digit(p.peek()) {
		return t, false, p.unexpected("a time")
	}
	return timePoint{minutes: int16(hours*60 + minutes)}, bare, nil
}

// hourMark takes the "h" of "9h". Minutes behind it ("9h30") are left for the caller to refuse, as the
// widespread reader of the syntax does.
func (p *parser) hourMark() bool {
	_, ok := p.takeWord(wordHour)
	return ok
}

// eventOffset reads "sunset-01:30)".
func (p *parser) eventOffset() (timePoint, error) {
	e, ok := p.takeWord(wordEvent)
	if !ok {
		return timePoint{}, p.unexpected("sunrise, sunset, dawn or dusk")
	}
	sign := int16(1)
	switch {
	case p.take('+'):
	case p.hyphen():
		sign = -1
	default:
		return timePoint{}, p.unexpected(`"+" or "-"`)
	}
	start := p.pos
	hours, n := p.number(2)
	colon := p.take(':')
	minutes, m := p.number(2)
	if n == 0 || !colon || m != 2 || hours > 23 || minutes > 59 {
		p.pos = start
		return timePoint{}, p.unexpected("an offset in hours and minutes")
	}
	if !p.take(')') {
		return timePoint{}, p.unexpected(`")"`)
	}
	return timePoint{event: event(e), minutes: sign * int16(hours*60+minutes)}, nil
}
