package territory

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"sync"
)

// Ground is a drawing as a file that pages point to.
type Ground struct {
	*Drawing
	File string // its name, which holds what it holds: "departement-17-a1b2c3d4.svg"
	SVG  []byte
}

// The ids of the layers of a ground's file: a page points to each by <use href="/fonds/FILE#ID">, and colours it.
const (
	GroundWater    = "eau"
	GroundAround   = "autour"
	GroundLand     = "sol"
	GroundCommunes = "communes"
	GroundEPCIs    = "epci"
)

// grounds are the files made from one reading of the outlines. They are made when first asked for; an area costs some ten
// kilobytes, and there are as many as areas: mostGrounds bounds them.
type grounds struct {
	mu   sync.Mutex
	made map[Area]*Ground // a nil Ground: no outline
}

const mostGrounds = 2000

// Drawing returns the ground of an area, drawn; ok is false where no outline of it is known.
func (s *Service) Drawing(a Area) (d *Drawing, ok bool) {
	g, ok := s.Ground(a)
	if !ok {
		return nil, false
	}
	return g.Drawing, true
}

// Ground returns the ground of an area as a file; ok is false where no outline of it is known.
func (s *Service) Ground(a Area) (g *Ground, ok bool) {
	held := s.held.Load()
	kept := &held.grounds
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if g, made := kept.made[a]; made {
		return g, g != nil
	}
	d, ok := held.contours.draw(a)
	if ok {
		g = groundOf(d)
	}
	if len(kept.made) >= mostGrounds {
		clear(kept.made)
	}
	if kept.made == nil {
		kept.made = map[Area]*Ground{}
	}
	kept.made[a] = g
	return g, ok
}

func groundOf(d *Drawing) *Ground {
	body := d.svg()
	sum := sha256.Sum256(body)
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	return &Ground{Drawing: d, File: string(d.Area.Kind) + "-" + d.Area.Code + "-" + hash + ".svg", SVG: body}
}

// GroundArea reads the name of a ground's file, whatever it held.
func (g *Gazetteer) GroundArea(file string) (a Area, ok bool) {
	parts := strings.Split(strings.TrimSuffix(file, ".svg"), "-")
	if len(parts) != 3 || !strings.HasSuffix(file, ".svg") {
		return Area{}, false
	}
	return g.Area(AreaKind(parts[0]), parts[1])
}

// svg writes the drawing. Each layer is one path with its form and without any colour, so that a page that points to it gives its own (dark,
// contrast, paper); who opens the file alone, or shows it as a picture, sees the colours of the groups around them.
func (d *Drawing) svg() []byte {
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + strconv.Itoa(d.Width) + " " + strconv.Itoa(d.Height) + `">`)
	layer := func(id, colours, form string, lines [][]Corner, closed bool) {
		b.WriteString("<g " + colours + `><path id="` + id + `" ` + form + ` vector-effect="non-scaling-stroke" d="`)
		writePath(&b, lines, closed)
		b.WriteString(`"/></g>`)
	}
	b.WriteString(`<g fill="#0b4f8a"><path id="` + GroundWater + `" stroke="none" fill-opacity=".12" d="m-9999-9999h19999v19999h-19999z"/></g>`)
	layer(GroundAround, `fill="#f3eee4"`, `fill-rule="evenodd" fill-opacity=".55" stroke="none"`, d.Around, true)
	layer(GroundLand, `fill="#f3eee4" stroke="#1b1b1f"`, `fill-rule="evenodd" stroke-opacity=".6"`, d.Land, true)
	layer(GroundCommunes, `stroke="#1b1b1f"`, `fill="none" stroke-opacity=".16"`, d.Communes, false)
	layer(GroundEPCIs, `stroke="#1b1b1f"`, `fill="none" stroke-opacity=".6"`, d.EPCIs, false)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// writePath writes lines as steps from corner to corner, in the few signs that the grammar of paths asks for.
func writePath(b *bytes.Buffer, lines [][]Corner, closed bool) {
	var at Corner
	for _, line := range lines {
		b.WriteByte('m') // the first one of a path counts from nought
		writeStep(b, line[0].X-at.X, line[0].Y-at.Y, true)
		last := line[0]
		for _, c := range line[1:] {
			writeStep(b, c.X-last.X, c.Y-last.Y, false)
			last = c
		}
		at = last
		if closed {
			b.WriteByte('z')
			at = line[0] // a closed line ends where it began
		}
	}
}

// writeStep writes two numbers; a minus sign separates as well as a space. After "m" more pairs are lines ("l").
func writeStep(b *bytes.Buffer, x, y int, first bool) {
	if !first && x >= 0 {
		b.WriteByte(' ')
	}
	b.WriteString(strconv.Itoa(x))
	if y >= 0 {
		b.WriteByte(' ')
	}
	b.WriteString(strconv.Itoa(y))
}
