package web

import (
	"cmp"
	"slices"
	"strconv"

	"viaduc/internal/platform/pdf"
)

// posterSize is how large a poster is written.
type posterSize struct {
	eventStyle
	leading float64
}

// posterSizes are the letters of a poster, the largest first: a quiet week is read from across the street. The last one
// holds a dozen dates.
var posterSizes = []posterSize{
	{eventStyle{body: 22, hour: 28, after: 3}, usual}, {eventStyle{body: 20, hour: 26, after: 3}, usual}, {eventStyle{body: 18, hour: 24, after: 2.4}, usual},
	{eventStyle{body: 16, hour: 22, after: 2.4}, usual}, {eventStyle{body: 16, hour: 22, after: 2, compact: true}, usual},
	{eventStyle{body: 14, hour: 20, after: 2, compact: true}, usual}, {eventStyle{body: 14, hour: 16, after: 1.2, compact: true}, tight},
}

// largeSizes are how many of them make room for what is near: lines are not tightened for the sake of the neighbours.
const largeSizes = 6

// laidPoster is a poster at one size.
type laidPoster struct {
	blocks []posterBlock
	left   int // dates that no longer fit
}

// posterBlock is a heading or a date.
type posterBlock struct {
	heading []inked // nil for a date
	level   pdf.Tag
	event   event
	style   eventStyle
	high    float64
}

// PDF prints the poster on one page, in the largest letters that hold it. Dates that even the smallest do not hold are
// counted at the foot, with the number to call.
func (o Poster) PDF() ([]byte, error) {
	p := newPrinter(pdf.Options{Title: o.Title, Subject: o.Dates, Author: o.site.Name, Made: o.made}, 11)
	p.Page()
	y := p.paragraph(pdf.Heading1, p.margin-3, pdf.Style{Size: o.titleSize(p), Bold: true}, o.Title)
	y = p.paragraph(pdf.Paragraph, y, pdf.Style{Size: 18, Bold: true}, o.Dates)
	p.rule(p.margin, p.margin+p.width(), y+1.5, 1)
	y += 4
	top := o.footTop(p)
	laid := o.fit(p, top-3-y)
	y = o.writeBlocks(p, y, laid)
	if laid.left > 0 {
		p.paragraph(pdf.Paragraph, y, pdf.Style{Size: 16, Bold: true}, alsoDates(laid.left))
	}
	p.leading = usual
	o.foot(p, top)
	return p.Bytes()
}

func alsoDates(n int) string {
	if n == 1 {
		return "Et une autre date : appelez-nous."
	}
	return "Et " + strconv.Itoa(n) + " autres dates : appelez-nous."
}

// titleSize is the largest size in which a title takes two lines at most.
func (o Poster) titleSize(p *printer) float64 {
	for size := 38.0; size > 28; size -= 2 {
		if len(p.Lines(pdf.Style{Size: size, Bold: true}, p.width(), o.Title)) <= 1 {
			return size
		}
	}
	return 28
}

// fit lays the poster out in the largest letters that the room holds: with what is near if it can be, then without, then
// with as much as goes in.
func (o Poster) fit(p *printer, room float64) laidPoster {
	for _, near := range []int{mostNear, 3, 1, 0} {
		for i, size := range posterSizes {
			if near > 0 && i >= largeSizes && len(o.Days) > 0 {
				break
			}
			p.leading = size.leading
			if l := o.lay(p, size.eventStyle, near); l.high() <= room {
				return l
			}
		}
	}
	return o.cut(p, room)
}

func (l laidPoster) high() float64 {
	y := 0.0
	for _, b := range l.blocks {
		y += b.high
	}
	return y
}

// cut keeps the first dates, and counts the others.
func (o Poster) cut(p *printer, room float64) laidPoster {
	last := posterSizes[len(posterSizes)-1]
	l := o.lay(p, last.eventStyle, 0)
	room -= p.step(pdf.Style{Size: 16})
	for len(l.blocks) > 0 && l.high() > room {
		n := len(l.blocks) - 1
		if l.blocks[n].heading == nil {
			l.left++
		}
		l.blocks = l.blocks[:n]
	}
	for len(l.blocks) > 0 && l.blocks[len(l.blocks)-1].heading != nil { // no day without a date
		l.blocks = l.blocks[:len(l.blocks)-1]
	}
	return l
}

// lay breaks the poster into lines at one size, with so many dates from around.
func (o Poster) lay(p *printer, size eventStyle, near int) laidPoster {
	var l laidPoster
	if o.Empty != "" {
		l.add(p, pdf.Paragraph, pdf.Style{Size: size.body + 2}, o.Empty)
		l.blocks[0].high += afterSaid
	}
	days := slices.Concat(o.Days, o.Next)
	l.days(p, pdf.Heading2, max(size.hour-2, 16), days, p.styleFor(size, days...))
	if around := firstDates(o.Near, near); len(around) > 0 {
		l.add(p, pdf.Heading2, pdf.Style{Size: 20, Bold: true}, "Aussi près d'ici")
		l.days(p, pdf.Heading3, 16, around, p.styleFor(nearSize, around...))
	}
	return l
}

// nearSize is how dates from around are written, however large the others are.
var nearSize = eventStyle{body: 14, hour: 18, after: 1.6, compact: true}

func (l *laidPoster) days(p *printer, level pdf.Tag, size float64, days []PrintedDay, style eventStyle) {
	for _, day := range days {
		l.add(p, level, pdf.Style{Size: size, Bold: true}, upperFirst(day.Title))
		for _, d := range day.Dates {
			e := p.event(d, style)
			l.blocks = append(l.blocks, posterBlock{event: e, style: style, high: e.high})
		}
	}
}

// The room under a heading, and under what is said of an empty week.
const (
	afterHeading = 1
	afterSaid    = 5
)

func (l *laidPoster) add(p *printer, level pdf.Tag, s pdf.Style, text string) {
	lines := p.lay(nil, p.width(), s, text, false)
	l.blocks = append(l.blocks, posterBlock{heading: lines, level: level, high: p.high(lines) + afterHeading})
}

// firstDates keeps the first dates of days.
func firstDates(days []PrintedDay, n int) []PrintedDay {
	var out []PrintedDay
	for _, day := range days {
		if n == 0 {
			break
		}
		day.Dates = day.Dates[:min(len(day.Dates), n)]
		n -= len(day.Dates)
		out = append(out, day)
	}
	return out
}

func (o Poster) writeBlocks(p *printer, y float64, l laidPoster) float64 {
	listed := false
	for i, b := range l.blocks {
		if listed == (b.heading != nil) { // a list holds the dates of one day
			if listed {
				p.Close()
			} else {
				p.Open(pdf.List)
			}
			listed = !listed
		}
		if b.heading == nil {
			y = p.writeEvent(y, b.event, b.style)
			continue
		}
		if i > 0 && l.blocks[i-1].heading == nil {
			p.rule(p.margin, p.margin+p.width(), y-0.2, 0.25)
		}
		p.Open(b.level)
		p.write(p.margin, y, b.heading)
		p.Close()
		y += b.high
	}
	if listed {
		p.Close()
	}
	return y
}

// The foot of a poster.
const (
	codeSize  = 34.0
	footLabel = 18.0 // points
	footSmall = 14.0

	overEdition = 2.5 // millimetres
)

// footTop is where the foot of the poster begins: over the code, whatever the telephone takes.
func (o Poster) footTop(p *printer) float64 {
	return p.bottom - codeSize - float64(len(o.editionLines(p)))*p.step(pdf.Style{Size: footSmall}) - 3 - overEdition
}

func (o Poster) editionLines(p *printer) []string {
	return p.Lines(pdf.Style{Size: footSmall}, p.width(), o.Edition)
}

// foot says whom to call, in very big, beside the code, then of when the poster is.
func (o Poster) foot(p *printer, y float64) {
	p.rule(p.margin, p.margin+p.width(), y, 1)
	y += 3
	wide := p.width()
	if o.Coded {
		wide -= codeSize + 8
		p.code(o.QR, p.margin+wide+8, y, codeSize)
	}
	at := p.narrow(y, wide, pdf.Style{Size: footLabel, Bold: true}, o.question())
	if o.Phone != "" {
		size := 48.0
		for size > 20 && p.Width(pdf.Style{Size: size, Bold: true}, o.Phone) > wide {
			size--
		}
		at = p.narrow(at, wide, pdf.Style{Size: size, Bold: true}, o.Phone)
	}
	p.narrow(at, wide, pdf.Style{Size: footSmall}, o.lastWords(p, wide))
	p.paragraph(pdf.Paragraph, y+codeSize+overEdition, pdf.Style{Size: footSmall, Colour: pdf.Grey}, o.Edition)
}

func (o Poster) question() string {
	switch {
	case o.Phone != "":
		return "Une question ? Appelez"
	case o.Coded:
		return "Visez ce code avec un téléphone : il ouvre toutes les dates."
	}
	return ""
}

// lastWords say when the telephone answers and what the code is for, on the one line that there is.
func (o Poster) lastWords(p *printer, wide float64) string {
	open, code := fullStop(upperFirst(o.Open)), ""
	if o.Coded && o.Phone != "" {
		code = "Ou visez le code avec un téléphone."
	}
	if both := joined(open, code); p.Width(pdf.Style{Size: footSmall}, both) <= wide {
		return both
	}
	return cmp.Or(open, code)
}

// narrow writes a paragraph over a part of the width.
func (p *printer) narrow(y, width float64, s pdf.Style, text string) float64 {
	if text == "" {
		return y
	}
	p.Open(pdf.Paragraph)
	defer p.Close()
	return p.write(p.margin, y, p.lay(nil, width, s, text, false))
}
