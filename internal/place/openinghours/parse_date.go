package openinghours

// yearAhead reports whether a year of four digits stands next.
func (p *parser) yearAhead() bool {
	start := p.pos
	defer func() { p.pos = start }()
	v, n := p.number(4)
	return n == 4 && v >= 1000 && p.peek() != ':'
}

// dateAhead reports whether a month or Easter stands next.
func (p *parser) dateAhead() bool {
	w, _ := p.word()
	return w.kind == wordMonth || w.kind == wordEaster
}

// years reads the years, unless they are the year of the dates that follow ("2026 May 04-08").
func (p *parser) years(w *wideSelectors) error {
	start := p.pos
	p.number(4)
	ofDate := p.dateAhead()
	p.pos = start
	if ofDate {
		return p.dates(w)
	}
	years, err := p.numbers("year", 1000, 9999, 4)
	w.years = years
	return err
}

// dates reads a list of dates, months and ranges of them.
func (p *parser) dates(w *wideSelectors) error {
	if w.dates != nil {
		return p.unexpected("days or times")
	}
	for {
		var r dateRange
		var err error
		if last := len(w.dates) - 1; last >= 0 && digit(p.peek()) && !p.yearAhead() {
			r, err = p.siblingDate(&w.dates[last])
		} else {
			year := int16(0)
			if last >= 0 {
				year = w.dates[last].from.year // "2026 Jul,Dec": the year counts for both
			}
			r, err = p.dateRange(year)
		}
		if err != nil {
			return err
		}
		w.dates = append(w.dates, r)
		if !p.listGoesOn(func() bool { return p.dateListGoesOn(&w.dates[len(w.dates)-1]) }) {
			return nil
		}
	}
}

func (p *parser) dateListGoesOn(last *dateRange) bool {
	if p.dateAhead() {
		return true
	}
	if p.yearAhead() {
		start := p.pos
		p.number(4)
		ok := p.dateAhead()
		p.pos = start
		return ok
	}
	return p.siblingAhead(last)
}

// siblingAhead reports whether a day of the month of the last date stands next: "Dec 24,26".
func (p *parser) siblingAhead(last *dateRange) bool {
	return digit(p.peek()) && !p.timeAhead() && last.from.month != 0 && last.from.day != 0 && (last.single || last.short)
}

// siblingDate reads a day or a range of days in the month of the date before it.
func (p *parser) siblingDate(last *dateRange) (dateRange, error) {
	if !p.siblingAhead(last) {
		return dateRange{}, p.unexpected("month")
	}
	from := datePoint{year: last.from.year, month: last.from.month}
	day, err := p.dayOfMonth(from.month)
	if err != nil {
		return dateRange{}, err
	}
	from.day = day
	r, err := p.shortRange(from)
	r.sibling = true
	return r, err
}

// shortRange reads what may follow the day of a date: nothing, or "-08" in the same month.
func (p *parser) shortRange(from datePoint) (dateRange, error) {
	r := dateRange{from: from, to: from, single: true}
	start := p.pos
	if !p.hyphen() || !digit(p.peek()) || p.yearAhead() {
		p.pos = start
		return r, nil
	}
	day, err := p.dayOfMonth(from.month)
	if err != nil {
		return r, err
	}
	if day < from.day {
		return r, p.fail(p.pos, "days in the wrong order")
	}
	r.to.day, r.single, r.short = day, false, true
	return r, nil
}

func (p *parser) dayOfMonth(month uint8) (uint8, error) {
	start := p.pos
	v, n := p.number(2)
	if n == 0 || v < 1 || v > 31 || month == 2 && v > 29 || v > 30 && (month == 4 || month == 6 || month == 9 || month == 11) {
		p.pos = start
		return 0, p.unexpected("day of the month")
	}
	return uint8(v), nil
}

// dateRange reads a date, a month, or a range of either. year is the year that the list is in, 0 for none.
func (p *parser) dateRange(year int16) (dateRange, error) {
	from, err := p.datePoint(year)
	if err != nil {
		return dateRange{}, err
	}
	if from.day != 0 && from.offset == 0 {
		r, err := p.shortRange(from)
		if err != nil || r.short {
			return r, err
		}
	}
	r := dateRange{from: from, to: from, single: true}
	if p.take('+') {
		r.single, r.onwards = false, true
		return r, nil
	}
	if !p.rangeAhead() {
		if from.nth != 0 {
			return r, p.unexpected(`"-" and a month`)
		}
		return r, nil
	}
	p.inRange = true
	r.to, err = p.datePoint(0)
	p.inRange = false
	if err != nil {
		return r, err
	}
	r.single = false
	return r, r.check(p)
}

// rangeAhead takes the hyphen of a range whose end is a date.
func (p *parser) rangeAhead() bool {
	start := p.pos
	if p.hyphen() && (p.dateAhead() || p.yearAhead()) {
		return true
	}
	p.pos = start
	return false
}

func (r *dateRange) check(p *parser) error {
	wholeFrom := r.from.month != 0 && r.from.day == 0 && r.from.nth == 0
	wholeTo := r.to.month != 0 && r.to.day == 0 && r.to.nth == 0
	switch {
	case wholeFrom != wholeTo:
		return p.fail(p.pos, "a range goes from a month to a month or from a date to a date")
	case r.to.year != 0 && r.from.year == 0:
		return p.fail(p.pos, "the start of the range needs a year too")
	case r.to.year != 0 && r.to.year < r.from.year:
		return p.fail(p.pos, "years in the wrong order")
	}
	return nil
}

// datePoint reads "[year] month [day]", "[year] easter", "month Su[-1]", each with an offset in days.
func (p *parser) datePoint(year int16) (datePoint, error) {
	d := datePoint{year: year}
	if p.yearAhead() {
		v, _ := p.number(4)
		d.year = int16(v)
	}
	w, next := p.word()
	if w.kind != wordMonth && w.kind != wordEaster {
		return d, p.unexpected("month")
	}
	p.pos = next
	d.month = w.value
	var err error
	switch {
	case d.month != 0 && digit(p.peek()) && !p.timeAhead() && !p.yearAhead():
		if d.day, err = p.dayOfMonth(d.month); err != nil {
			return d, err
		}
	case d.month != 0:
		if p.nthInMonth(&d); d.nth == 0 {
			return d, nil
		}
	}
	d.offset, err = p.dayOffset()
	return d, err
}

// nthInMonth reads "Su[-1]" as a date if it is an end of a range of dates ("Mar Su[-1]-Oct Su[-1]");
// alone, "Mar Su[-1]" is a month and a weekday, which comes to the same.
func (p *parser) nthInMonth(d *datePoint) {
	start := p.pos
	wday, ok := p.takeWord(wordDay)
	if !ok || !p.take('[') {
		p.pos = start
		return
	}
	list, err := p.nthList()
	if err != nil || len(list) != 1 || list[0].from != list[0].to {
		p.pos = start
		return
	}
	end := p.pos
	if _, err := p.dayOffset(); err != nil {
		p.pos = start
		return
	}
	if !p.inRange && !p.rangeAhead() {
		p.pos = start
		return
	}
	p.pos = end
	d.weekday, d.nth = wday, list[0].from
}
