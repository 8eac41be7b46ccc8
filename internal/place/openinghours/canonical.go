package openinghours

// String returns the canonical form of h: one space between selectors, "; " between rules, hours and
// days of the month and weeks in two digits, names in their short English form. Parsing it gives the same hours.
func (h *Hours) String() string {
	b := make([]byte, 0, 64)
	for i := range h.rules {
		r := &h.rules[i]
		if i > 0 {
			b = append(b, [...]string{replaces: "; ", adds: ", ", fallsBack: " || "}[r.joint]...)
		}
		b = r.append(b)
	}
	return string(b)
}

func (r *rule) append(b []byte) []byte {
	start := len(b)
	gap := func() {
		if len(b) > start {
			b = append(b, ' ')
		}
	}
	if w := r.wide; w != nil {
		b = appendNumbers(b, w.years, 4)
		if len(w.dates) > 0 {
			gap()
			b = appendDates(b, w.dates)
		}
		if len(w.weeks) > 0 {
			gap()
			b = append(b, "week "...)
			b = appendNumbers(b, w.weeks, 2)
		}
		if len(w.holidays) > 0 {
			gap()
			b = appendDays(b, w.holidays)
		}
	}
	if r.always {
		b = append(b, "24/7"...)
	}
	days, spans := r.days, r.spans
	for _, g := range r.groups {
		gap()
		b = appendGroup(b, days[:g.days], spans[:g.spans])
		days, spans = days[g.days:], spans[g.spans:]
	}
	if len(days)+len(spans) > 0 {
		gap()
		b = appendGroup(b, days, spans)
	}
	if r.modifier != modNone {
		gap()
		b = append(b, modifierNames[r.modifier]...)
	}
	if r.hasComment {
		gap()
		b = append(b, '"')
		b = append(b, r.comment...)
		b = append(b, '"')
	}
	return b
}

// appendGroup writes days and their times.
func appendGroup(b []byte, days []daySelector, spans []span) []byte {
	b = appendDays(b, days)
	for i := range spans {
		switch {
		case i > 0:
			b = append(b, ',')
		case len(days) > 0:
			b = append(b, ' ')
		}
		b = spans[i].append(b)
	}
	return b
}

// appendInt writes v with at least width digits.
func appendInt(b []byte, v, width int) []byte {
	if v >= 10 || width > 1 {
		b = appendInt(b, v/10, width-1)
	}
	return append(b, byte('0'+v%10))
}

func appendNumbers(b []byte, list []numberRange, width int) []byte {
	for i, r := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInt(b, int(r.from), width)
		switch {
		case r.to < 0:
			b = append(b, '+')
		case r.to > 0:
			b = append(b, '-')
			b = appendInt(b, int(r.to), width)
		}
		if r.step > 0 {
			b = append(b, '/')
			b = appendInt(b, int(r.step), 1)
		}
	}
	return b
}

func appendDays(b []byte, list []daySelector) []byte {
	for i := range list {
		d := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		switch d.kind {
		case publicHoliday:
			b = append(b, "PH"...)
		case schoolHoliday:
			b = append(b, "SH"...)
		default:
			b = append(b, dayNames[d.from]...)
			if d.to != d.from {
				b = append(b, '-')
				b = append(b, dayNames[d.to]...)
			}
		}
		if len(d.nth) > 0 {
			b = appendNth(b, d.nth)
		}
		b = appendOffset(b, d.offset)
	}
	return b
}

func appendNth(b []byte, list []nthRange) []byte {
	for i, r := range list {
		if i == 0 {
			b = append(b, '[')
		} else {
			b = append(b, ',')
		}
		if r.from < 0 {
			b = append(b, '-', byte('0'-r.from))
			continue
		}
		b = append(b, byte('0'+r.from))
		if r.to != r.from {
			b = append(b, '-', byte('0'+r.to))
		}
	}
	return append(b, ']')
}

func appendOffset(b []byte, days int16) []byte {
	if days == 0 {
		return b
	}
	sign := byte('+')
	if days < 0 {
		sign, days = '-', -days
	}
	b = append(b, ' ', sign)
	b = appendInt(b, int(days), 1)
	b = append(b, " day"...)
	if days > 1 {
		b = append(b, 's')
	}
	return b
}

func appendDates(b []byte, list []dateRange) []byte {
	year := int16(0)
	for i := range list {
		r := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		if r.sibling {
			b = appendInt(b, int(r.from.day), 2)
		} else {
			b = r.from.append(b, year)
		}
		year = r.from.year
		switch {
		case r.short:
			b = append(b, '-')
			b = appendInt(b, int(r.to.day), 2)
		case r.onwards:
			b = append(b, '+')
		case !r.single:
			b = append(b, '-')
			b = r.to.append(b, 0)
		}
	}
	return b
}

// append writes the point; the year is left out when it is the one already in force.
func (p datePoint) append(b []byte, year int16) []byte {
	if p.year != 0 && p.year != year {
		b = appendInt(b, int(p.year), 4)
		b = append(b, ' ')
	}
	b = append(b, monthNames[p.month]...)
	switch {
	case p.nth != 0:
		b = append(b, ' ')
		b = append(b, dayNames[p.weekday]...)
		b = appendNth(b, []nthRange{{p.nth, p.nth}})
	case p.day != 0:
		b = append(b, ' ')
		b = appendInt(b, int(p.day), 2)
	}
	return appendOffset(b, p.offset)
}

func (s *span) append(b []byte) []byte {
	b = s.from.append(b)
	if !s.point {
		b = append(b, '-')
		b = s.to.append(b)
	}
	if s.openEnd {
		b = append(b, '+')
	}
	return b
}

func (t timePoint) append(b []byte) []byte {
	minutes, sign := int(t.minutes), byte('+')
	if t.event != clock {
		if minutes == 0 {
			return append(b, eventNames[t.event]...)
		}
		if minutes < 0 {
			minutes, sign = -minutes, '-'
		}
		b = append(b, '(')
		b = append(b, eventNames[t.event]...)
		b = append(b, sign)
	}
	b = appendInt(b, minutes/60, 2)
	b = append(b, ':')
	b = appendInt(b, minutes%60, 2)
	if t.event != clock {
		b = append(b, ')')
	}
	return b
}
