package openinghours

// segment is a stretch of one day in one state. A day is painted rule by rule as a sorted list of
// segments that do not overlap; what no segment covers is closed.
type segment struct {
	from, to int16 // minutes of the day, 0 to 1440
	state    State
	spill    bool // comes from hours of the day before that run past midnight
	comment  string
}

// painter evaluates consecutive days of one value. Its buffers live in it: painters keeps them from one question to the
// next.
type painter struct {
	rules     []rule
	prev, cur dayContext
	segs      []segment
	other     []segment // spare list for repainting
	matched   []match
	found     []Interval // room for Intervals
	segBuf    [2][12]segment
	matchBuf  [12]match
}

// match is a rule that applies to the day being painted.
type match struct {
	rule    int32
	spill   bool
	holiday string
}

// start places the painter on a day.
func (p *painter) start(h *Hours, place Place, day int) {
	p.rules = h.rules
	p.prev = newDayContext(day-1, place.Holidays)
	p.cur = p.prev.next()
	p.segs, p.other, p.matched = p.segBuf[0][:0], p.segBuf[1][:0], p.matchBuf[:0]
}

// advance moves to the next day.
func (p *painter) advance() {
	p.prev = p.cur
	p.cur = p.prev.next()
}

// paint returns the segments of the current day. They are valid until the next call.
func (p *painter) paint() []segment {
	p.matched = p.matched[:0]
	for i := range p.rules {
		r := &p.rules[i]
		if ok, holiday := r.matches(&p.cur); ok {
			if r.clears {
				p.matched = p.matched[:0]
			}
			p.matched = append(p.matched, match{rule: int32(i), holiday: holiday})
		}
		if r.overnight { // never clears: the hours of yesterday only run into those of today
			if ok, holiday := r.matches(&p.prev); ok {
				p.matched = append(p.matched, match{rule: int32(i), spill: true, holiday: holiday})
			}
		}
	}
	p.segs = p.segs[:0]
	for _, m := range p.matched {
		p.apply(m)
	}
	return p.segs
}

func (p *painter) apply(m match) {
	r := &p.rules[m.rule]
	s := segment{state: r.state, comment: r.comment, spill: m.spill}
	if !r.hasComment {
		s.comment = m.holiday
	}
	if len(r.spans) == 0 {
		s.to = dayMinutes
		p.put(s, r.joint)
		return
	}
	shift := int16(0)
	if m.spill {
		shift = dayMinutes
	}
	for i := range r.spans {
		t := &r.spans[i]
		p.putPart(s, t.from.resolve()-shift, t.end-shift, r.joint)
		if t.openEnd {
			end := s
			if r.state == Open {
				end.state = Unknown
				if !r.hasComment {
					end.comment = OpenEnd
				}
			}
			p.putPart(end, t.end-shift, t.openUntil-shift, r.joint)
		}
	}
}

// putPart puts the part of a stretch that lies in the current day.
func (p *painter) putPart(s segment, from, to int16, j joint) {
	s.from, s.to = max(from, 0), min(to, dayMinutes)
	if s.from < s.to {
		p.put(s, j)
	}
}

// put paints over what is there; a fallback only fills what is closed.
func (p *painter) put(s segment, j joint) {
	if n := len(p.segs); n == 0 || p.segs[n-1].to <= s.from { // the usual case: times in order
		p.segs = append(p.segs, s)
		return
	}
	out := p.other[:0]
	if j == fallsBack {
		out = underlay(out, p.segs, s)
	} else {
		out = overlay(out, p.segs, s)
	}
	p.segs, p.other = out, p.segs
}

// overlay appends to out the list with s painted over it.
func overlay(out, list []segment, s segment) []segment {
	placed := false
	for _, old := range list {
		if old.from < s.from {
			left := old
			left.to = min(old.to, s.from)
			out = append(out, left)
		}
		if !placed && old.to > s.from {
			out = append(out, s)
			placed = true
		}
		if old.to > s.to {
			right := old
			right.from = max(old.from, s.to)
			out = append(out, right)
		}
	}
	if !placed {
		out = append(out, s)
	}
	return out
}

// underlay appends to out the list with s painted where it is closed, also where it is closed on purpose.
func underlay(out, list []segment, s segment) []segment {
	at := s.from
	fill := func(to int16) {
		if to = min(to, s.to); at < to {
			part := s
			part.from, part.to = at, to
			out = append(out, part)
			at = to
		}
	}
	for _, old := range list {
		if old.state != Closed {
			fill(old.from)
			out = append(out, old)
			at = max(at, old.to)
			continue
		}
		if old.from < s.from {
			left := old
			left.to = min(old.to, s.from)
			out = append(out, left)
		}
		if old.to > s.to {
			fill(s.to)
			right := old
			right.from = max(old.from, s.to)
			out = append(out, right)
		}
	}
	fill(s.to)
	return out
}
