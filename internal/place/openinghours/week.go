package openinghours

// Span is a stretch of one day in minutes since its midnight on the wall clock. End exceeds 1440 when the
// stretch ends on the next day: hours that run past midnight belong to the day they start on.
type Span struct {
	Start, End int
	State      State // Open or Unknown
	Comment    string
}

// Day is what a table of the week shows of one day. Without spans the place is closed all day.
type Day struct {
	Date    Date
	Spans   []Span
	Public  bool   // a public holiday at the place
	Holiday string // its name, if the holidays of the place have names
	Comment string // why the place is closed, when a rule says so
}

// Week returns the seven days from the given one on. The zone of the place does not matter.
func (h *Hours) Week(p Place, from Date) (week [7]Day) {
	h.fillDays(p, from, week[:])
	return week
}

// Days is Week for any number of days.
func (h *Hours) Days(p Place, from Date, n int) []Day {
	list := make([]Day, max(n, 0))
	h.fillDays(p, from, list)
	return list
}

// fillDays fills a list of days in a row, the first of which is from.
func (h *Hours) fillDays(p Place, from Date, list []Day) {
	var paint painter
	paint.start(h, p, from.dayNumber())
	for i := 0; i <= len(list); i++ {
		segs := paint.paint()
		if i > 0 {
			segs = list[i-1].carry(segs)
		}
		if i == len(list) {
			break
		}
		day := &list[i]
		day.Date = paint.cur.date
		if p.Holidays != nil && p.Holidays.Public(day.Date) {
			day.Public, day.Holiday = true, holidayName(p.Holidays, day.Date)
		}
		day.fill(segs, i == 0)
		paint.advance()
	}
}

// carry gives the day the hours that run from it into the next one, whose other segments it returns.
func (d *Day) carry(next []segment) []segment {
	n := len(d.Spans)
	if n == 0 || len(next) == 0 || !next[0].spill || next[0].from != 0 {
		return next
	}
	if last := &d.Spans[n-1]; last.End == dayMinutes && last.State == next[0].state && last.Comment == next[0].comment {
		last.End += int(next[0].to)
		return next[1:]
	}
	return next
}

// fill turns segments into spans. On the first day the hours of the day before are left out.
func (d *Day) fill(segs []segment, first bool) {
	for i := range segs {
		s := &segs[i]
		if s.state == Closed {
			if d.Comment == "" {
				d.Comment = s.comment
			}
			continue
		}
		if first && s.spill && s.from == 0 {
			continue
		}
		if n := len(d.Spans); n > 0 {
			if last := &d.Spans[n-1]; last.End == int(s.from) && last.State == s.state && last.Comment == s.comment {
				last.End = int(s.to)
				continue
			}
		}
		d.Spans = append(d.Spans, Span{int(s.from), int(s.to), s.state, s.comment})
	}
}
