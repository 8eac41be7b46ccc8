// Package pdf writes documents that a screen reader can read: each text has its place in a tree of headings, paragraphs,
// lists and figures (tagged PDF, ISO 32000-1 14.7), and what only decorates is said to be so.
//
// A document is laid out by its caller, in millimetres from the top left corner of a page; this package writes texts, lines
// and shapes where it is told. Open and Close nest the elements of the tree; what is written between them belongs to the
// innermost one, over as many pages as it takes. Artifact writes what no reader needs.
//
// The fonts are embedded (Atkinson Hyperlegible Next, SIL Open Font License 1.1; font/OFL.txt), and hold the letters of
// western Europe. A letter that they lack is written by its nearest kin, else as a question mark, so that no text of any
// origin breaks a file. The same calls at the same date make the same bytes.
//
// # What it does not do
//
// It breaks no page by itself, draws no picture in pixels, and links nowhere: its documents are for paper.
package pdf

import (
	"bytes"
	_ "embed" // the fonts
	"errors"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

//go:embed font/atkinson-400.ttf
var regular []byte

//go:embed font/atkinson-700.ttf
var bold []byte

// Size is the size of a sheet, in millimetres.
type Size struct{ Width, Height float64 }

// The sheets, upright.
var (
	A4 = Size{210, 297}
	A3 = Size{297, 420}
)

// Tag is a standard structure type.
type Tag string

// The tags that are used.
const (
	Heading1  Tag = "H1"
	Heading2  Tag = "H2"
	Heading3  Tag = "H3"
	Paragraph Tag = "P"
	List      Tag = "L"
	Item      Tag = "LI"
	ItemBody  Tag = "LBody"
	Figure    Tag = "Figure"
	Section   Tag = "Sect"
	Table     Tag = "Table"
	Row       Tag = "TR"
	Header    Tag = "TH"
	Cell      Tag = "TD"
)

// Colour is a colour of ink, 0 to 255 each.
type Colour struct{ R, G, B int }

// The inks.
var (
	Black = Colour{0x1b, 0x1b, 0x1f}
	Grey  = Colour{0x43, 0x43, 0x4c}
	White = Colour{0xff, 0xff, 0xff}
)

// Options is what a document says of itself.
type Options struct {
	Title   string
	Subject string
	Author  string // the territory
	Lang    string // "fr-FR"
	Size    Size
	Made    time.Time // the date of the data: the only clock of a document
}

// Doc is a document being written. It is for one goroutine.
type Doc struct {
	f     *fpdf.Fpdf
	opts  Options
	root  *element
	open  []*element
	marks []int // how many pieces of tree each page has, from page 1
	bare  bool  // inside Artifact
}

// element is a node of the tree.
type element struct {
	tag   Tag
	alt   string
	scope string // of a header cell
	kids  []kid
}

// kid is either an element, or a piece of a page.
type kid struct {
	element    *element
	page, mark int
}

// New begins a document without any page.
func New(o Options) *Doc {
	f := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: o.Size.Width, Ht: o.Size.Height}, OrientationStr: "P"})
	f.SetAutoPageBreak(false, 0)
	f.SetCompression(true)
	f.SetCatalogSort(true)
	f.SetCreationDate(o.Made)
	f.SetModificationDate(o.Made)
	f.SetTitle(clean(o.Title), true)
	f.SetSubject(clean(o.Subject), true)
	f.SetAuthor(clean(o.Author), true)
	f.SetProducer("Viaduc", true)
	f.SetLang(o.Lang)
	f.SetXmpMetadata(metadata(o))
	f.AddUTF8FontFromBytes("corps", "", regular)
	f.AddUTF8FontFromBytes("corps", "B", bold)
	d := &Doc{f: f, opts: o, root: &element{tag: "Document"}}
	d.open = []*element{d.root}
	return d
}

// Page begins a page.
func (d *Doc) Page() {
	d.f.AddPage()
	d.marks = append(d.marks, 0)
}

// PageNumber is the number of the page that is written, from 1; 0 before the first.
func (d *Doc) PageNumber() int { return d.f.PageNo() }

// To goes back to write on a page that exists.
func (d *Doc) To(page int) { d.f.SetPage(page) }

// Open begins an element of the tree. alt says a figure to those who do not see it.
func (d *Doc) Open(tag Tag, alt ...string) {
	e := &element{tag: tag, alt: clean(strings.Join(alt, " "))}
	if tag == Header {
		e.scope, e.alt = "Column", ""
	}
	last := d.open[len(d.open)-1]
	last.kids = append(last.kids, kid{element: e})
	d.open = append(d.open, e)
}

// Close ends the innermost element. Closing more than was opened is a mistake of the program.
func (d *Doc) Close() {
	if len(d.open) == 1 {
		panic("pdf: nothing is open")
	}
	d.open = d.open[:len(d.open)-1]
}

// Artifact writes what no reader needs: borders, page numbers, decoration.
func (d *Doc) Artifact(write func()) {
	d.f.RawWriteStr("/Artifact BMC")
	d.bare = true
	write()
	d.bare = false
	d.f.RawWriteStr("EMC")
}

// marked writes a piece of the innermost element.
func (d *Doc) marked(write func()) {
	if d.bare {
		write()
		return
	}
	e := d.open[len(d.open)-1]
	page := d.f.PageNo()
	mark := d.marks[page-1]
	d.marks[page-1]++
	e.kids = append(e.kids, kid{page: page, mark: mark})
	d.f.RawWriteStr(fmt.Sprintf("/%s <</MCID %d>> BDC", e.tag, mark))
	write()
	d.f.RawWriteStr("EMC")
}

// Style is how a text looks.
type Style struct {
	Size   float64 // points
	Bold   bool
	Colour Colour // zero is Black
}

func (d *Doc) use(s Style) {
	weight := ""
	if s.Bold {
		weight = "B"
	}
	d.f.SetFont("corps", weight, s.Size)
	if s.Colour == (Colour{}) {
		s.Colour = Black
	}
	d.f.SetTextColor(s.Colour.R, s.Colour.G, s.Colour.B)
}

// LineHeight is the distance between two lines of a text, in millimetres.
func (s Style) LineHeight() float64 { return s.Size * 0.3528 * 1.32 }

// Width is how wide a text is on one line, in millimetres.
func (d *Doc) Width(s Style, text string) float64 {
	d.use(s)
	return d.f.GetStringWidth(clean(text))
}

// Text writes one line whose top left corner is at (x, y).
func (d *Doc) Text(x, y float64, s Style, text string) {
	d.use(s)
	d.marked(func() { d.f.Text(x, y+s.Size*0.3528*1.02, clean(text)) })
}

// Lines breaks a text into lines that are at most width wide. A word that is wider is cut.
func (d *Doc) Lines(s Style, width float64, text string) []string {
	d.use(s)
	var out []string
	for paragraph := range strings.SplitSeq(clean(text), "\n") {
		line := ""
		for word := range strings.SplitSeq(paragraph, " ") {
			if word == "" {
				continue
			}
			for _, piece := range d.pieces(word, width) {
				joined := piece
				if line != "" {
					joined = line + " " + piece
				}
				if line != "" && d.f.GetStringWidth(joined) > width {
					out = append(out, line)
					joined = piece
				}
				line = joined
			}
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

// pieces cuts a word that no line holds.
func (d *Doc) pieces(word string, width float64) []string {
	if d.f.GetStringWidth(word) <= width {
		return []string{word}
	}
	var out []string
	piece := ""
	for _, c := range word {
		if piece != "" && d.f.GetStringWidth(piece+string(c)) > width {
			out = append(out, piece)
			piece = ""
		}
		piece += string(c)
	}
	return append(out, piece)
}

// Bookmark leads to the height y of the present page from the table that readers of PDF show; level 0 is the highest.
func (d *Doc) Bookmark(text string, level int, y float64) {
	d.use(Style{Size: 12})
	d.f.Bookmark(clean(text), level, y)
}

// Dot is a corner of a shape, in millimetres.
type Dot struct{ X, Y float64 }

// Paint is how shapes look: a fill, a line, or both.
type Paint struct {
	Fill, Line *Colour
	Width      float64 // of the line, in millimetres
}

func (d *Doc) brush(p Paint) string {
	style := ""
	if p.Fill != nil {
		d.f.SetFillColor(p.Fill.R, p.Fill.G, p.Fill.B)
		style += "F"
	}
	if p.Line != nil {
		d.f.SetDrawColor(p.Line.R, p.Line.G, p.Line.B)
		d.f.SetLineWidth(p.Width)
		style += "D"
	}
	return style
}

// Shapes draws closed rings as one shape: what an odd number of them holds is filled.
func (d *Doc) Shapes(p Paint, rings [][]Dot) {
	style := d.brush(p)
	if strings.Contains(style, "F") {
		style += "*"
	}
	d.marked(func() {
		for _, r := range rings {
			for i, c := range r {
				if i == 0 {
					d.f.MoveTo(c.X, c.Y)
				} else {
					d.f.LineTo(c.X, c.Y)
				}
			}
			d.f.ClosePath()
		}
		if len(rings) > 0 {
			d.f.DrawPath(style)
		}
	})
}

// Strokes draws open lines.
func (d *Doc) Strokes(p Paint, lines [][]Dot) {
	d.brush(p)
	d.marked(func() {
		for _, l := range lines {
			for i, c := range l {
				if i == 0 {
					d.f.MoveTo(c.X, c.Y)
				} else {
					d.f.LineTo(c.X, c.Y)
				}
			}
		}
		if len(lines) > 0 {
			d.f.DrawPath("D")
		}
	})
}

// Disc draws a full circle.
func (d *Doc) Disc(p Paint, x, y, radius float64) {
	style := d.brush(p)
	d.marked(func() { d.f.Circle(x, y, radius, style) })
}

// Box draws a rectangle with its corners rounded.
func (d *Doc) Box(p Paint, x, y, width, height, corner float64) {
	style := d.brush(p)
	d.marked(func() {
		if corner > 0 {
			d.f.RoundedRect(x, y, width, height, corner, "1234", style)
		} else {
			d.f.Rect(x, y, width, height, style)
		}
	})
}

// Clip draws only inside a rectangle until write returns.
func (d *Doc) Clip(x, y, width, height float64, write func()) {
	d.f.ClipRect(x, y, width, height, false)
	write()
	d.f.ClipEnd()
}

// Bytes ends the document and returns it. Every element must be closed.
func (d *Doc) Bytes() ([]byte, error) {
	if len(d.open) != 1 {
		return nil, errors.New("pdf: an element is still open")
	}
	var b bytes.Buffer
	if err := d.f.Output(&b); err != nil {
		return nil, err
	}
	return d.tagged(b.Bytes())
}
