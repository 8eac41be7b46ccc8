package web

import (
	"strconv"

	"viaduc/internal/platform/pdf"
	"viaduc/internal/ui"
)

// printer lays a paper of the agenda out, on A4, in millimetres.
type printer struct {
	*pdf.Doc
	margin  float64
	bottom  float64 // where the text of a page ends
	leading float64 // from a line to the next, in heights of letters
}

const (
	millimetres = 0.3528 // of a point
	usual       = 1.32   // leading
	tight       = 1.1    // of a sheet that must hold a lot
)

func newPrinter(o pdf.Options, margin float64) *printer {
	o.Lang, o.Size = "fr-FR", pdf.A4
	return &printer{Doc: pdf.New(o), margin: margin, bottom: pdf.A4.Height - margin, leading: usual}
}

func (p *printer) width() float64 { return pdf.A4.Width - 2*p.margin }

// step is the distance from a line to the next.
func (p *printer) step(s pdf.Style) float64 { return s.Size * millimetres * p.leading }

// inked is a line of text, ready to be written.
type inked struct {
	text  string
	style pdf.Style
	off   bool // is struck
}

// lay breaks a text into lines, added to those before it.
func (p *printer) lay(to []inked, width float64, s pdf.Style, text string, off bool) []inked {
	if text == "" {
		return to
	}
	for _, line := range p.Lines(s, width, text) {
		to = append(to, inked{line, s, off})
	}
	return to
}

// high is how high lines are.
func (p *printer) high(lines []inked) float64 {
	y := 0.0
	for _, l := range lines {
		y += p.step(l.style)
	}
	return y
}

// write writes lines from a corner, and returns where they end.
func (p *printer) write(x, y float64, lines []inked) float64 {
	for _, l := range lines {
		p.Text(x, y, l.style, l.text)
		if l.off {
			p.strike(x, y, l)
		}
		y += p.step(l.style)
	}
	return y
}

// strike draws a line through a text: the word beside it says why.
func (p *printer) strike(x, y float64, l inked) {
	middle := y + l.style.Size*millimetres*0.72
	p.rule(x, x+p.Width(l.style, l.text), middle, 0.5)
}

// rule draws a level line, which decorates.
func (p *printer) rule(from, to, y, width float64) {
	p.Artifact(func() {
		p.Strokes(pdf.Paint{Line: &pdf.Black, Width: width}, [][]pdf.Dot{{{X: from, Y: y}, {X: to, Y: y}}})
	})
}

// paragraph writes a text over the whole width and returns where it ends.
func (p *printer) paragraph(tag pdf.Tag, y float64, s pdf.Style, text string) float64 {
	p.Open(tag)
	y = p.write(p.margin, y, p.lay(nil, p.width(), s, text, false))
	p.Close()
	return y
}

// code draws the squares of a QR code.
func (p *printer) code(qr ui.QR, x, y, size float64) {
	p.Open(pdf.Figure, qr.Label)
	p.Box(pdf.Paint{Fill: &pdf.White}, x, y, size, size, 0)
	step := size / float64(qr.Size)
	black := pdf.Colour{R: 1, G: 1, B: 1}
	for _, run := range qr.Runs() {
		p.Box(pdf.Paint{Fill: &black}, x+float64(run.X)*step, y+float64(run.Y)*step, float64(run.Length)*step, step*1.02, 0)
	}
	p.Close()
}

// footers numbers the pages, once it is known how many there are.
func (p *printer) footers(says string) {
	all := p.PageNumber()
	s := pdf.Style{Size: 12, Colour: pdf.Grey}
	for n := 1; n <= all; n++ {
		p.To(n)
		p.Artifact(func() {
			right := "page " + strconv.Itoa(n) + " sur " + strconv.Itoa(all)
			lines := p.Lines(s, p.width()-p.Width(s, right)-8, says)
			y := pdf.A4.Height - p.margin - float64(len(lines))*p.step(s)
			for i, line := range lines {
				p.Text(p.margin, y+float64(i)*p.step(s), s, line)
			}
			p.Text(p.margin+p.width()-p.Width(s, right), y, s, right)
		})
	}
}

// event is a date laid out: its hours beside what it is.
type event struct {
	hours, words []inked
	drop         float64 // of the words: the first ones stand on the line of the hour
	high         float64
}

// eventStyle is how large dates are, and how much room their hours have.
type eventStyle struct {
	body    float64 // points
	hour    float64 // points
	hours   float64 // the room of the hours, in millimetres
	after   float64 // the room under a date, in millimetres
	compact bool    // place and way to come on one line
}

// styleFor gives hours the room that they need.
func (p *printer) styleFor(s eventStyle, days ...PrintedDay) eventStyle {
	for _, day := range days {
		for _, d := range day.Dates {
			s.hours = max(s.hours, p.Width(pdf.Style{Size: s.hour, Bold: true}, d.Time), p.Width(pdf.Style{Size: s.body}, d.Until))
		}
	}
	s.hours += 5
	return s
}

func (p *printer) event(d PrintedDate, s eventStyle) event {
	text, strong := pdf.Style{Size: s.body}, pdf.Style{Size: s.body + 1, Bold: true}
	wide := p.width() - s.hours
	var e event
	e.hours = []inked{{d.Time, pdf.Style{Size: s.hour, Bold: true}, d.Off}, {d.Until, text, false}}
	if d.State != "" {
		said := d.State
		if d.Why != "" {
			said += " : " + d.Why
		}
		e.words = p.lay(e.words, wide, strong, fullStop(said), false)
	}
	e.words = p.lay(e.words, wide, strong, d.Title, d.Off)
	if s.compact {
		e.words = p.lay(e.words, wide, text, joined(d.Place, d.How), false)
	} else {
		e.words = p.lay(e.words, wide, text, fullStop(d.Place), false)
		e.words = p.lay(e.words, wide, text, fullStop(d.How), false)
	}
	if len(e.words) > 0 {
		e.drop = (e.hours[0].style.Size - e.words[0].style.Size) * millimetres
	}
	e.high = max(p.high(e.hours), e.drop+p.high(e.words)) + s.after
	return e
}

// joined makes one text of sentences.
func joined(sentences ...string) string {
	out := ""
	for _, s := range sentences {
		if s == "" {
			continue
		}
		if out != "" {
			out += " "
		}
		out += fullStop(s)
	}
	return out
}

// writeEvent writes a date as an item of a list, and returns where it ends.
func (p *printer) writeEvent(y float64, e event, s eventStyle) float64 {
	p.Open(pdf.Item)
	p.Open(pdf.ItemBody)
	p.write(p.margin, y, e.hours)
	p.write(p.margin+s.hours, y+e.drop, e.words)
	p.Close()
	p.Close()
	return y + e.high
}
