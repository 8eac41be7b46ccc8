package web

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Sheet is how a directory is printed.
type Sheet struct {
	Size  pdf.Size // pdf.A4 or pdf.A3
	Large bool     // letters of 18 points
}

// The inks of paper, which must read in black and white too.
var (
	river    = pdf.Colour{R: 0x0b, G: 0x4f, B: 0x8a}
	stone    = pdf.Colour{R: 0xf3, G: 0xee, B: 0xe4}
	paleRock = pdf.Colour{R: 0xf9, G: 0xf7, B: 0xf3}
	water    = pdf.Colour{R: 0xe3, G: 0xed, B: 0xf5}
	hairLine = pdf.Colour{R: 0xd8, G: 0xd0, B: 0xc2}
	edgeLine = pdf.Colour{R: 0x6f, G: 0x6a, B: 0x62}
)

// printer lays a directory out, in millimetres.
type printer struct {
	*pdf.Doc
	d     Directory
	sheet Sheet

	margin, gutter float64
	columns        int
	body           pdf.Style
	bottom         float64 // where the text of a page ends

	y, top float64 // of the present column: where it stands, where it began
	column int
	pages  map[string][]int // of each commune, where it stands
	names  []string         // of communes, in their order
}

// PDF prints the directory. onPart, which may be nil, is told how many parts are done.
func (d Directory) PDF(sheet Sheet, onPart func(done int)) ([]byte, error) {
	p := &printer{
		Doc: pdf.New(pdf.Options{
			Title: "Où trouver une aide numérique : " + d.Name, Subject: "Annuaire et carte des lieux", Author: d.Site.Name, Lang: "fr-FR", Size: sheet.Size, Made: d.Dated,
		}),
		d: d, sheet: sheet, margin: 15, gutter: 8, columns: 2, body: pdf.Style{Size: 14}, pages: map[string][]int{},
	}
	if sheet.Large {
		p.body.Size, p.columns = 18, 1
	}
	if sheet.Size == pdf.A3 {
		p.margin, p.columns = 18, p.columns+1
	}
	p.bottom = sheet.Size.Height - p.margin - 8
	p.cover()
	for i := range d.Parts {
		p.part(&d.Parts[i], i == 0 && len(d.Parts) == 1)
		if onPart != nil {
			onPart(i + 1)
		}
	}
	if len(p.names) > 1 {
		p.index()
	}
	p.footers()
	return p.Bytes()
}

// width is how wide the text of a page is.
func (p *printer) width() float64 { return p.sheet.Size.Width - 2*p.margin }

func (p *printer) columnWidth() float64 {
	return (p.width() - p.gutter*float64(p.columns-1)) / float64(p.columns)
}

func (p *printer) columnX() float64 {
	return p.margin + float64(p.column)*(p.columnWidth()+p.gutter)
}

// paragraph writes a text over the whole width and returns where it ends.
func (p *printer) paragraph(tag pdf.Tag, y float64, s pdf.Style, text string) float64 {
	p.Open(tag)
	for _, line := range p.Lines(s, p.width(), text) {
		p.Text(p.margin, y, s, line)
		y += s.LineHeight()
	}
	p.Close()
	return y
}

// cover says what this is, from whom and of when, how to read it, and shows the whole ground.
func (p *printer) cover() {
	p.Page()
	p.Bookmark(p.d.Name, 0, 0)
	y := p.paragraph(pdf.Heading1, p.margin, pdf.Style{Size: p.body.Size * 2, Bold: true, Colour: river}, "Où trouver une aide numérique : "+p.d.Name)
	y = p.paragraph(pdf.Paragraph, y+2, p.body, fmt.Sprintf("%s. Une personne peut vous aider, c'est souvent gratuit. Appelez avant de venir : les horaires changent.", countOfPlaces(p.d.Count)))
	if p.d.Site.Phone != "" {
		y = p.paragraph(pdf.Paragraph, y+2, pdf.Style{Size: p.body.Size + 4, Bold: true}, "Vous préférez le téléphone ? "+p.d.Site.Phone)
		if p.d.Site.PhoneHours != "" {
			y = p.paragraph(pdf.Paragraph, y, p.body, upperFirst(p.d.Site.PhoneHours)+".")
		}
	}
	y = p.legend(y + 3)
	foot := fmt.Sprintf("%s. Données du %s.", p.d.Site.Name, ui.DateLong(p.d.Dated))
	if p.d.Site.Example {
		foot += " Exemple : ces lieux sont inventés."
	}
	small := pdf.Style{Size: 12, Colour: pdf.Grey}
	last := p.bottom - small.LineHeight()*float64(len(p.Lines(small, p.width(), foot)))
	if len(p.d.Parts) > 1 && last-y > 60 {
		p.overview(y+4, last-4)
	}
	p.paragraph(pdf.Paragraph, last, small, foot)
}

func countOfPlaces(n int) string {
	if n == 1 {
		return "1 lieu"
	}
	return strconv.Itoa(n) + " lieux"
}

// legendWords are the shapes and what they say, in the order of the offers.
var legendWords = []struct{ shape, says string }{
	{ui.Circle, "une personne vous aide"}, {ui.Square, "des ordinateurs"}, {ui.Triangle, "du wifi"}, {ui.Diamond, "on ne sait pas"},
}

func (p *printer) legend(y float64) float64 {
	x := p.margin
	p.Open(pdf.List)
	for _, l := range legendWords {
		wide := 9 + p.Width(p.body, l.says) + 8
		if x+wide > p.margin+p.width() && x > p.margin {
			x, y = p.margin, y+p.body.LineHeight()*1.2
		}
		p.Open(pdf.Item)
		p.Open(pdf.ItemBody)
		p.Artifact(func() { p.mark(x+3.4, y+p.body.LineHeight()/2, 3, l.shape, 0) })
		p.Text(x+9, y, p.body, l.says)
		p.Close()
		p.Close()
		x += wide
	}
	p.Close()
	return y + p.body.LineHeight()*1.2
}

// mark draws the mark of a place around its middle; number 0 is the shape alone.
func (p *printer) mark(x, y, r float64, shape string, number int) {
	ink := pdf.Paint{Fill: &river, Line: &pdf.White, Width: 0.35}
	ring := func(dots ...pdf.Dot) { p.Shapes(ink, [][]pdf.Dot{dots}) }
	lower := 0.0
	switch shape {
	case ui.Square:
		p.Box(ink, x-r*0.92, y-r*0.92, r*1.84, r*1.84, r*0.2)
	case ui.Triangle:
		ring(pdf.Dot{X: x, Y: y - r*1.15}, pdf.Dot{X: x + r*1.15, Y: y + r*0.95}, pdf.Dot{X: x - r*1.15, Y: y + r*0.95})
		lower = r * 0.25
	case ui.Diamond:
		ring(pdf.Dot{X: x, Y: y - r*1.15}, pdf.Dot{X: x + r*1.15, Y: y}, pdf.Dot{X: x, Y: y + r*1.15}, pdf.Dot{X: x - r*1.15, Y: y})
	default:
		p.Disc(ink, x, y, r)
	}
	if number == 0 {
		return
	}
	text := strconv.Itoa(number)
	s := pdf.Style{Size: r * 3.3, Bold: true, Colour: pdf.White}
	if len(text) > 2 {
		s.Size = r * 2.6
	}
	p.Text(x-p.Width(s, text)/2, y-s.Size*0.3528*0.66+lower, s, text)
}

// frame is where a part of a ground stands on a page.
type frame struct {
	x, y, width, height float64
	box                 ui.FigureBox
	scale               float64 // millimetres a unit
}

func (f *frame) dot(c territory.Corner) pdf.Dot { return f.at(float64(c.X), float64(c.Y)) }

func (f *frame) at(x, y float64) pdf.Dot {
	return pdf.Dot{X: f.x + (x-f.box.X)*f.scale, Y: f.y + (y-f.box.Y)*f.scale}
}

// framed fits a box of units into a room of the page, across its whole width.
func (p *printer) framed(box ui.FigureBox, y, height float64) frame {
	f := frame{x: p.margin, y: y, width: p.width(), height: height}
	f.scale = min(f.width/box.Width, f.height/box.Height)
	wide, high := f.width/f.scale, f.height/f.scale
	f.box = ui.FigureBox{X: box.X - (wide-box.Width)/2, Y: box.Y - (high-box.Height)/2, Width: wide, Height: high}
	return f
}

// ground draws a ground in its frame.
func (p *printer) ground(f *frame, g *territory.Ground) {
	p.Box(pdf.Paint{Fill: &water}, f.x, f.y, f.width, f.height, 2)
	if g == nil {
		return
	}
	lines := func(in [][]territory.Corner) [][]pdf.Dot {
		out := make([][]pdf.Dot, len(in))
		for i, l := range in {
			for _, c := range l {
				out[i] = append(out[i], f.dot(c))
			}
		}
		return out
	}
	p.Clip(f.x, f.y, f.width, f.height, func() {
		p.Shapes(pdf.Paint{Fill: &paleRock}, lines(g.Around))
		p.Shapes(pdf.Paint{Fill: &stone, Line: &edgeLine, Width: 0.25}, lines(g.Land))
		p.Strokes(pdf.Paint{Line: &hairLine, Width: 0.15}, lines(g.Communes))
		p.Strokes(pdf.Paint{Line: &edgeLine, Width: 0.3}, lines(g.EPCIs))
	})
}

// name writes a name over a ground, on a light ground of its own.
func (p *printer) name(at pdf.Dot, s pdf.Style, text string) {
	wide := p.Width(s, text)
	p.Text(at.X-wide/2, at.Y-s.LineHeight()/2, s, text)
}

// overview shows where there is something, without numbers: each part has its own map.
func (p *printer) overview(y, bottom float64) {
	g := p.d.whole
	if g == nil {
		return
	}
	f := p.framed(ui.FigureBox{Width: float64(g.Width), Height: float64(g.Height)}, y, bottom-y)
	p.Open(pdf.Figure, "Carte : "+p.d.Name+", "+countOfPlaces(p.d.Count)+". Chaque intercommunalité a sa carte numérotée dans les pages qui suivent.")
	p.ground(&f, g)
	for i := range p.d.Parts {
		for _, e := range p.d.Parts[i].Entries {
			if e.entry.Stands.Known() {
				x, y := g.XY(e.entry.Stands)
				at := f.at(x, y)
				p.mark(at.X, at.Y, 1.5, e.Shape, 0)
			}
		}
	}
	for i, t := range g.Towns {
		if i == 6 {
			break
		}
		at := f.dot(t.At)
		p.name(pdf.Dot{X: at.X, Y: at.Y + 4}, pdf.Style{Size: 12, Bold: true}, t.Name)
	}
	p.Close()
}

// part prints the map of a part, then its places. The only part of a small area follows the cover on its page where there
// is room.
func (p *printer) part(part *DirectoryPart, only bool) {
	p.Open(pdf.Section)
	defer p.Close()
	p.Page()
	y := p.margin
	if !only {
		p.Bookmark(part.Name, 1, 0)
		y = p.paragraph(pdf.Heading2, y, pdf.Style{Size: p.body.Size * 1.5, Bold: true, Colour: river}, part.Name)
	}
	y = p.numbered(part, y+2)
	p.y, p.top, p.column = y, y, 0
	for i := 0; i < len(part.Entries); {
		j := i
		for j < len(part.Entries) && part.Entries[j].Commune == part.Entries[i].Commune {
			j++
		}
		p.commune(part.Entries[i:j])
		i = j
	}
}

// numbered draws the map of a part with its numbers, and returns where it ends.
func (p *printer) numbered(part *DirectoryPart, y float64) float64 {
	var spots []territory.Point
	for _, e := range part.Entries {
		if e.entry.Stands.Known() {
			spots = append(spots, e.entry.Stands)
		}
	}
	if len(spots) == 0 {
		return y
	}
	g := part.ground
	projection := projectionOf(g, spots)
	var marks []ui.FigureMark
	for _, e := range part.Entries {
		if e.entry.Stands.Known() {
			m := ui.FigureMark{Mark: ui.Mark{Number: e.Number, Shape: e.Shape}}
			m.X, m.Y = projection(e.entry.Stands)
			m.TrueX, m.TrueY = m.X, m.Y
			marks = append(marks, m)
		}
	}
	box := boxAround(marks, g)
	if g != nil {
		box = ui.FigureBox{Width: float64(g.Width), Height: float64(g.Height)}
	}
	high := min(p.width()*box.Height/box.Width, (p.bottom-p.margin)*0.45)
	f := p.framed(box, y, high)
	const radius = 3.1
	spreadBy(marks, f.box, 2*radius*1.04/f.scale)
	p.Open(pdf.Figure, fmt.Sprintf("Carte : %s, %s. Les numéros sont ceux de la liste qui suit.", part.Name, countOfPlaces(len(part.Entries))))
	p.ground(&f, g)
	for _, m := range marks {
		if m.Moved {
			from := f.at(m.TrueX, m.TrueY)
			p.Strokes(pdf.Paint{Line: &pdf.Black, Width: 0.2}, [][]pdf.Dot{{from, f.at(m.X, m.Y)}})
			p.Disc(pdf.Paint{Fill: &pdf.Black}, from.X, from.Y, 0.5)
		}
	}
	if g != nil {
		p.townsAround(&f, g, marks, radius)
	}
	for _, m := range marks {
		at := f.at(m.X, m.Y)
		p.mark(at.X, at.Y, radius, m.Shape, m.Number)
	}
	p.Close()
	return y + high + 6
}

// townsAround writes the names of the main towns where no mark is in the way.
func (p *printer) townsAround(f *frame, g *territory.Ground, marks []ui.FigureMark, radius float64) {
	s := pdf.Style{Size: 11, Bold: true, Colour: pdf.Grey}
	var written []ui.FigureMark // the names, as marks that others stay away from
	for _, t := range g.Towns {
		at := f.dot(t.At)
		half := p.Width(s, t.Name) / 2
		for _, below := range []float64{0, 2*radius + 1, -2*radius - 1} {
			spot := pdf.Dot{X: at.X, Y: at.Y + below}
			if p.free(f, marks, spot, half+radius, radius+2) && p.free(f, written, spot, 2*half+12, radius+3) {
				p.name(spot, s, t.Name)
				x, y := f.box.X+(spot.X-f.x)/f.scale, f.box.Y+(spot.Y-f.y)/f.scale
				written = append(written, ui.FigureMark{X: x, Y: y})
				break
			}
		}
		if len(written) == mostNames {
			return
		}
	}
}

func (p *printer) free(f *frame, marks []ui.FigureMark, spot pdf.Dot, wide, high float64) bool {
	if spot.X-wide < f.x || spot.X+wide > f.x+f.width || spot.Y-high < f.y || spot.Y+high > f.y+f.height {
		return false
	}
	for _, m := range marks {
		at := f.at(m.X, m.Y)
		if math.Abs(at.X-spot.X) < wide && math.Abs(at.Y-spot.Y) < high {
			return false
		}
	}
	return true
}

// commune prints the places of a commune under its name, which never stands alone at the foot of a column.
func (p *printer) commune(entries []Printed) {
	name := entries[0].Commune
	heading := pdf.Style{Size: p.body.Size + 2, Bold: true, Colour: river}
	lines := p.Lines(heading, p.columnWidth(), name)
	high := heading.LineHeight()*float64(len(lines)) + 1.5
	first := p.layout(entries[0])
	p.room(high + first.high)
	p.Open(pdf.Heading3)
	for _, line := range lines {
		p.Text(p.columnX(), p.y, heading, line)
		p.y += heading.LineHeight()
	}
	p.Close()
	p.y += 1.5
	if p.pages[name] == nil {
		p.names = append(p.names, name)
	}
	p.Open(pdf.List)
	for i := range entries {
		l := first
		if i > 0 {
			l = p.layout(entries[i])
		}
		p.room(l.high)
		p.print(entries[i], l)
		if at := p.PageNumber(); len(p.pages[name]) == 0 || p.pages[name][len(p.pages[name])-1] != at {
			p.pages[name] = append(p.pages[name], at)
		}
	}
	p.Close()
}

// room begins the next column, or the next page, where what comes does not fit.
func (p *printer) room(high float64) {
	if p.y+high <= p.bottom || p.y == p.top && p.top == p.margin {
		return
	}
	p.column++
	if p.column == p.columns {
		p.Page()
		p.column, p.top = 0, p.margin
	}
	p.y = p.top
	if p.y+high > p.bottom && p.top != p.margin { // beside a map there may be less room than a place takes
		p.Page()
		p.column, p.top, p.y = 0, p.margin, p.margin
	}
}

// laid is a place broken into lines, before it is known where it goes.
type laid struct {
	lines []laidLine
	high  float64
}

type laidLine struct {
	text  string
	style pdf.Style
}

const markRoom = 10.0 // millimetres, left of the words of a place

func (p *printer) layout(e Printed) laid {
	var l laid
	add := func(s pdf.Style, text string) {
		for _, line := range p.Lines(s, p.columnWidth()-markRoom, text) {
			l.lines = append(l.lines, laidLine{line, s})
			l.high += s.LineHeight()
		}
	}
	add(pdf.Style{Size: p.body.Size + 1, Bold: true}, e.Name)
	for _, h := range e.Hours {
		add(p.body, fullStop(h))
	}
	add(p.body, e.Address)
	if e.Phone != "" {
		add(pdf.Style{Size: p.body.Size + 3, Bold: true}, e.Phone)
	}
	add(pdf.Style{Size: p.body.Size, Colour: pdf.Grey}, fullStop(e.Offer))
	l.high += 4
	return l
}

func (p *printer) print(e Printed, l laid) {
	x := p.columnX()
	p.Open(pdf.Item)
	p.Open(pdf.ItemBody)
	p.mark(x+3.6, p.y+3.4, 3.4, e.Shape, e.Number)
	for _, line := range l.lines {
		p.Text(x+markRoom, p.y, line.style, line.text)
		p.y += line.style.LineHeight()
	}
	p.Close()
	p.Close()
	p.y += 4
}

// index says on which pages each commune is.
func (p *printer) index() {
	p.Open(pdf.Section)
	defer p.Close()
	p.Page()
	p.Bookmark("Les communes", 1, 0)
	y := p.paragraph(pdf.Heading2, p.margin, pdf.Style{Size: p.body.Size * 1.5, Bold: true, Colour: river}, "Les communes") + 3
	p.y, p.top, p.column = y, y, 0
	names := append([]string{}, p.names...)
	sortByKey(names)
	p.Open(pdf.List)
	for _, name := range names {
		var pages []string
		for _, n := range p.pages[name] {
			pages = append(pages, strconv.Itoa(n))
		}
		lines := p.Lines(p.body, p.columnWidth(), name+", page "+strings.Join(pages, ", "))
		p.room(p.body.LineHeight() * float64(len(lines)))
		p.Open(pdf.Item)
		p.Open(pdf.ItemBody)
		for _, line := range lines {
			p.Text(p.columnX(), p.y, p.body, line)
			p.y += p.body.LineHeight()
		}
		p.Close()
		p.Close()
	}
	p.Close()
}

// footers numbers the pages, once it is known how many there are.
func (p *printer) footers() {
	all := p.PageNumber()
	s := pdf.Style{Size: 11, Colour: pdf.Grey}
	for n := 1; n <= all; n++ {
		p.To(n)
		p.Artifact(func() {
			y := p.sheet.Size.Height - p.margin - 2
			p.Text(p.margin, y, s, p.d.Name+", données du "+ui.DateLong(p.d.Dated))
			right := "page " + strconv.Itoa(n) + " sur " + strconv.Itoa(all)
			p.Text(p.margin+p.width()-p.Width(s, right), y, s, right)
		})
	}
}

func sortByKey(names []string) {
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(fold.Key(a), fold.Key(b)), cmp.Compare(a, b)) })
}

// fullStop ends a sentence that does not end by itself.
func fullStop(s string) string {
	if s == "" || strings.ContainsRune(".!?", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}
