package ui

import (
	"html/template"
	"strconv"
	"strings"
)

// Figure is a numbered map: template "figure", or {{.HTML}}. The same places follow it in a list, under the same numbers.
//
// The ground is a drawing of the server's own (territory.Ground), taken layer by layer, so that the style sheet colours it
// in each theme and on paper. Marks and names stand over it at their place in per cent: they keep their size whatever the
// width of the screen.
type Figure struct {
	Label   string // one sentence for those who do not see it
	Ground  string // address of the ground's file; "" for none
	Box     FigureBox
	Marks   []FigureMark
	Group   string       // what the marks are together: "Les numéros de la liste"; "" when they say nothing that Label does not
	Towns   []FigureTown // names on the ground, the main one first
	Caption string       // what the shapes say
	Links   []Link       // zoom: to the parts of the territory, and out again
}

// FigureBox is what of the ground is seen, in its units.
type FigureBox struct{ X, Y, Width, Height float64 }

// FigureMark is a mark on the map. X and Y are the ground units of its middle; TrueX and TrueY where its place really is,
// when the mark had to move aside for another.
type FigureMark struct {
	Mark         // without a number, the shape alone
	X, Y         float64
	TrueX, TrueY float64
	Moved        bool
	Name         string
	Href         string // "#lieu-3"; "" for a mark that leads nowhere
}

// FigureTown is a name on the ground.
type FigureTown struct {
	Name string
	X, Y float64
}

// groundLayers are the layers of a ground's file, from the lowest, with the class that colours each.
var groundLayers = []string{"eau", "autour", "sol", "communes", "epci"}

// HTML is the map as markup. Like the card of a place it is written in Go: each list has one.
func (f Figure) HTML() template.HTML {
	var b strings.Builder
	b.Grow(2048 + 300*len(f.Marks))
	b.WriteString(`<figure class="carte"><div>`)
	box := number(f.Box.X) + " " + number(f.Box.Y) + " " + number(f.Box.Width) + " " + number(f.Box.Height)
	put(&b, `<svg stroke="currentColor" viewBox="`, box, `" role="img" aria-label="`, f.Label, `">`)
	if f.Ground != "" {
		for _, layer := range groundLayers {
			put(&b, `<use href="`, local(f.Ground), `#`, layer, `" class="t-`, layer, `"/>`)
		}
	}
	put(&b, "</svg>\n"+`<svg text-anchor="middle" font-weight="700" `)
	if f.Group != "" {
		put(&b, `role="group" aria-label="`, f.Group, `">`)
	} else {
		put(&b, `aria-hidden="true" focusable="false">`)
	}
	if len(f.Towns) > 0 {
		b.WriteString(`<g class="ville" font-size=".95rem" stroke-width="5" paint-order="stroke" aria-hidden="true" lang="fr">`)
		for i := len(f.Towns) - 1; i >= 0; i-- { // the main one is written last, over the others
			put(&b, `<text x="`, f.left(f.Towns[i].X), `" y="`, f.top(f.Towns[i].Y), `">`, f.Towns[i].Name, "</text>")
		}
		b.WriteString("</g>")
	}
	for i := range f.Marks {
		f.writeTrue(&b, &f.Marks[i])
	}
	for i := range f.Marks {
		f.writeMark(&b, &f.Marks[i])
	}
	b.WriteString("</svg></div>")
	if f.Caption != "" {
		put(&b, "<figcaption>", f.Caption, "</figcaption>")
	}
	if len(f.Links) > 0 {
		b.WriteString(`<p class="zoom">`)
		for _, l := range f.Links {
			put(&b, `<a href="`, local(l.Href), `">`, l.Text, "</a> ")
		}
		b.WriteString("</p>")
	}
	b.WriteString("</figure>\n")
	return template.HTML(b.String())
}

// writeTrue draws the hair line from a mark that moved to where its place is.
func (f *Figure) writeTrue(b *strings.Builder, m *FigureMark) {
	if !m.Moved {
		return
	}
	x, y := f.left(m.TrueX), f.top(m.TrueY)
	put(b, `<line stroke="currentColor" x1="`, x, `" y1="`, y, `" x2="`, f.left(m.X), `" y2="`, f.top(m.Y), `"/><circle fill="currentColor" cx="`, x, `" cy="`, y, `" r=".2rem"/>`)
}

func (f *Figure) writeMark(b *strings.Builder, m *FigureMark) {
	if m.Href != "" {
		put(b, `<a href="`, local(m.Href), `" aria-label="`, strconv.Itoa(m.Number), " : ", m.Name, `">`)
	}
	// A mark is 1.75rem wide; its view begins at its middle, so that x and y are where the middle goes.
	put(b, `<svg class="num" width="1.75rem" height="1.75rem" x="`, f.left(m.X), `" y="`, f.top(m.Y), `" viewBox="16 16 32 32">`)
	m.writeShape(b)
	b.WriteString("</svg>")
	if m.Href != "" {
		b.WriteString("</a>")
	}
}

func (f *Figure) left(x float64) string { return percent(x-f.Box.X, f.Box.Width) }
func (f *Figure) top(y float64) string  { return percent(y-f.Box.Y, f.Box.Height) }

func percent(x, of float64) string {
	if of <= 0 {
		return "0%"
	}
	return strconv.FormatFloat(100*x/of, 'f', 1, 64) + "%"
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
