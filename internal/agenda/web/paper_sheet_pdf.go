package web

import (
	"strings"

	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/pdf"
)

// dayWords says a day as a title: "Jeudi 7 mai 2026".
func (s daySheet) dayWords() string { return upperFirst(s.Day) }

// sheetPrinter lays a day sheet out.
type sheetPrinter struct {
	*printer
	sheet daySheet
	y     float64
}

// The columns of those who come, in millimetres from the left.
const (
	columnCame  = 0.0
	columnHour  = 18.0
	columnName  = 44.0
	columnPhone = 134.0
	rowHigh     = 9.5 // to write in by hand
	boxSize     = 5.5
)

var sheetBody, sheetStrong = pdf.Style{Size: 14}, pdf.Style{Size: 14, Bold: true}

// PDF prints the sheet: every page begins with its title and ends with its number.
func (s daySheet) PDF() ([]byte, error) {
	p := &sheetPrinter{printer: newPrinter(pdf.Options{Title: s.Title + ", " + s.Day, Author: s.site, Made: s.made}, 14), sheet: s}
	p.Page()
	p.bottom -= 3*p.step(pdf.Style{Size: 12}) + 2
	p.y = p.paragraph(pdf.Heading1, p.margin, pdf.Style{Size: 26, Bold: true}, s.Title)
	p.y = p.paragraph(pdf.Paragraph, p.y, pdf.Style{Size: 18, Bold: true}, s.dayWords()) + 3
	if len(s.Dates) == 0 {
		p.y = p.paragraph(pdf.Paragraph, p.y, sheetBody, "Aucune date ce jour-là.")
	}
	for _, d := range s.Dates {
		p.date(d)
	}
	p.footers(s.Note + " Édition du " + openinghours.SpokenMoment(s.made, s.made) + ".")
	return p.Bytes()
}

// room begins a page, with its title, where what comes does not fit.
func (p *sheetPrinter) room(high float64) (began bool) {
	if p.y+high <= p.bottom {
		return false
	}
	p.Page()
	p.y = p.again(pdf.Style{Size: 16, Bold: true}, p.sheet.Title+", "+p.sheet.Day+" (suite)")
	return true
}

// date prints a date, its table and its boxes.
func (p *sheetPrinter) date(d sheetDate) {
	head := p.headLines(d)
	p.room(p.high(head) + 4*rowHigh)
	p.rule(p.margin, p.margin+p.width(), p.y, 0.8)
	p.y += 2
	p.Open(pdf.Heading2)
	title := p.lay(nil, p.width(), pdf.Style{Size: 18, Bold: true}, d.Hours+" : "+d.Title, false)
	p.y = p.write(p.margin, p.y, title)
	p.Close()
	for _, line := range head[len(title):] {
		p.Open(pdf.Paragraph)
		p.y = p.write(p.margin, p.y, []inked{line})
		p.Close()
	}
	if !d.Off {
		p.table(d)
	}
	p.y += 5
}

// headLines are the lines over the table, the title first.
func (p *sheetPrinter) headLines(d sheetDate) []inked {
	lines := p.lay(nil, p.width(), pdf.Style{Size: 18, Bold: true}, d.Hours+" : "+d.Title, false)
	add := func(s pdf.Style, label, text string) {
		if text != "" {
			lines = p.lay(lines, p.width(), s, label+fullStop(text), false)
		}
	}
	add(sheetStrong, "", d.State)
	add(sheetBody, "", d.Where)
	add(sheetStrong, "Accueil : ", d.Host)
	add(sheetBody, "Tournée : ", d.Tour)
	add(sheetBody, "À charger : ", strings.Join(d.Kit, ", "))
	return lines
}

// table prints who comes, with lines to write on, then boxes for heads.
func (p *sheetPrinter) table(d sheetDate) {
	p.y += 1.5
	p.Open(pdf.Table)
	p.tableHead()
	for i, row := range d.Rows {
		if i > 0 && row == (sheetRow{}) && d.Rows[i-1] == row && p.y+rowHigh > p.bottom {
			break // lines to write on fill a page, and begin none
		}
		if p.room(rowHigh) {
			p.goesOn(d)
			p.tableHead()
		}
		p.row(row)
	}
	p.Close()
	if d.More != "" {
		p.room(p.step(sheetBody))
		p.y = p.paragraph(pdf.Paragraph, p.y+1, sheetBody, d.More)
	}
	if d.Boxes {
		p.heads()
	}
}

// goesOn says which date a page goes on with.
func (p *sheetPrinter) goesOn(d sheetDate) {
	s := pdf.Style{Size: 14, Bold: true}
	p.Artifact(func() {
		for _, line := range p.Lines(s, p.width(), d.Hours+" : "+d.Title) {
			p.Text(p.margin, p.y, s, line)
			p.y += p.step(s)
		}
	})
	p.y += 1
}

var sheetColumns = []struct {
	at   float64
	name string
}{{columnCame, "Venu"}, {columnHour, "Heure"}, {columnName, "Nom"}, {columnPhone, "Téléphone"}}

func (p *sheetPrinter) tableHead() {
	p.Open(pdf.Row)
	for _, c := range sheetColumns {
		p.Open(pdf.Header)
		p.Text(p.margin+c.at, p.y, sheetStrong, c.name)
		p.Close()
	}
	p.Close()
	p.y += p.step(sheetStrong)
	p.rule(p.margin, p.margin+p.width(), p.y, 0.4)
}

// row prints a line. A name that is too long is set smaller, so that a line stays one.
func (p *sheetPrinter) row(row sheetRow) {
	p.Artifact(func() {
		p.Box(pdf.Paint{Line: &pdf.Black, Width: 0.4}, p.margin+1, p.y+(rowHigh-boxSize)/2, boxSize, boxSize, 0.5)
	})
	p.Open(pdf.Row)
	p.Open(pdf.Cell) // the box
	p.Close()
	for i, text := range []string{row.Hour, row.Name, row.Phone} {
		c := sheetColumns[i+1]
		style := sheetBody
		style.Bold = i == 0
		if i == 1 {
			for style.Size > 8 && p.Width(style, text) > columnPhone-columnName-3 {
				style.Size -= 0.5
			}
		}
		p.Open(pdf.Cell)
		if text != "" {
			p.Text(p.margin+c.at, p.y+(rowHigh-p.step(style))/2, style, text)
		}
		p.Close()
	}
	p.Close()
	p.y += rowHigh
	p.rule(p.margin, p.margin+p.width(), p.y, 0.15)
}

// heads prints boxes to tick, one a head, by five.
func (p *sheetPrinter) heads() {
	const perRow, step = 15, boxSize + 4
	high := p.step(sheetStrong) + float64((headBoxes+perRow-1)/perRow)*step
	p.room(high + 2)
	p.y = p.paragraph(pdf.Paragraph, p.y+2, sheetStrong, "Venus sans rendez-vous : une case par personne")
	p.Artifact(func() {
		for i := range headBoxes {
			x := p.margin + 1 + float64(i%perRow)*step + float64(i%perRow/5)*6
			p.Box(pdf.Paint{Line: &pdf.Black, Width: 0.4}, x, p.y+1+float64(i/perRow)*step, boxSize, boxSize, 0.5)
		}
	})
	p.y += high - p.step(sheetStrong) + 1
}
