package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// posterEnd ends the address of the poster of a place.
const posterEnd = "/affiche"

// posterPage is the view of /lieux/{slug}/affiche: one sheet to pin on a door.
type posterPage struct {
	ui.Page
	Back  ui.Back
	PDF   ui.Link
	Place Printed
	QR    ui.QR
}

func (h *Handlers) poster(r *http.Request, e *place.Entry) (Printed, ui.QR, error) {
	qr, err := ui.NewQR(origin(r)+Path(e), "Code à lire avec un téléphone : il ouvre la page de ce lieu.")
	return printed(h.Words, e, 0), qr, err
}

func (h *Handlers) showPoster(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Affiche : "+calm(e.Name))
	if r.PathValue("slug") != slugOf(e) {
		http.Redirect(w, r, Path(e)+posterEnd, http.StatusMovedPermanently)
		return nil
	}
	v := posterPage{Page: p, Back: p.Back(Path(e)), PDF: ui.Link{Text: "Affiche A4 (PDF, environ 60 Ko)", Href: Path(e) + posterEnd + ".pdf", Icon: "document"}}
	if v.Place, v.QR, err = h.poster(r, e); err != nil {
		return err
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_poster", v)
}

func (h *Handlers) sendPoster(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r)
	if err != nil {
		return err
	}
	one, qr, err := h.poster(r, e)
	if err != nil {
		return err
	}
	site := h.Territory.Site(r.Host)
	changed, err := h.Places.ChangedAt(r.Context())
	if err != nil {
		return err
	}
	p := &printer{
		Doc:   pdf.New(pdf.Options{Title: "Affiche : " + one.Name, Author: site.Name, Lang: "fr-FR", Size: pdf.A4, Made: changed}),
		sheet: Sheet{Size: pdf.A4}, margin: 18, body: pdf.Style{Size: 20},
	}
	p.Page()
	p.bottom = pdf.A4.Height - p.margin
	y := p.paragraph(pdf.Heading1, p.margin, pdf.Style{Size: 38, Bold: true, Colour: river}, one.Name)
	y = p.paragraph(pdf.Paragraph, y+4, pdf.Style{Size: 24, Bold: true}, one.Offer)
	if one.Needs != "" {
		y = p.paragraph(pdf.Paragraph, y+3, pdf.Style{Size: 18}, fullStop(one.Needs))
	}
	y = p.paragraph(pdf.Heading2, y+8, pdf.Style{Size: 26, Bold: true, Colour: river}, "Quand venir")
	for _, hours := range one.Hours {
		y = p.paragraph(pdf.Paragraph, y+1, p.body, hours)
	}
	y = p.paragraph(pdf.Heading2, y+8, pdf.Style{Size: 26, Bold: true, Colour: river}, "Où")
	y = p.paragraph(pdf.Paragraph, y+1, p.body, one.Address)
	if one.Phone != "" {
		y = p.paragraph(pdf.Heading2, y+8, pdf.Style{Size: 26, Bold: true, Colour: river}, "Téléphone")
		y = p.paragraph(pdf.Paragraph, y, pdf.Style{Size: 44, Bold: true}, one.Phone)
	}
	const code = 42.0
	if g, ok := h.groundFor(territory.Area{}, e.Ground, nil); ok && e.Stands.Known() && p.bottom-code-y > 52 {
		p.around(g, e, y+6, p.bottom-code-y-12)
	}
	p.Open(pdf.Figure, qr.Label)
	p.code(qr, p.margin, max(y+4, p.bottom-code), code)
	p.Close()
	foot := pdf.Style{Size: 14, Colour: pdf.Grey}
	line := p.bottom - 3*foot.LineHeight()
	p.Open(pdf.Paragraph)
	for _, text := range p.Lines(foot, p.width()-code-10, site.Name+". Visez ce code avec un téléphone pour ouvrir la page de ce lieu. Horaires au "+ui.DateLong(changed.In(h.Now().Location()))+".") {
		p.Text(p.margin+code+10, line, foot, text)
		line += foot.LineHeight()
	}
	p.Close()
	body, err := p.Bytes()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, no-cache")
	sendPDF(w, r, body, "affiche-"+slugOf(e)+".pdf")
	return nil
}

// around shows where a place is, over the width of the sheet.
func (p *printer) around(g *territory.Ground, e *place.Entry, y, height float64) {
	x0, y0 := g.XY(e.Stands)
	mark := ui.FigureMark{X: x0, Y: y0}
	f := p.framed(boxAround([]ui.FigureMark{mark}, g), y, min(height, 90))
	p.Open(pdf.Figure, "Carte : "+calm(e.Name)+", à "+calm(e.Commune)+".")
	p.ground(&f, g)
	p.townsAround(&f, g, []ui.FigureMark{mark}, 4)
	at := f.at(x0, y0)
	p.mark(at.X, at.Y, 4, shapes[e.Offer()], 0)
	p.Close()
}

// code draws the squares of a QR code.
func (p *printer) code(qr ui.QR, x, y, size float64) {
	p.Box(pdf.Paint{Fill: &pdf.White}, x, y, size, size, 0)
	step := size / float64(qr.Size)
	black := pdf.Colour{R: 1, G: 1, B: 1}
	for _, run := range qr.Runs() {
		p.Box(pdf.Paint{Fill: &black}, x+float64(run.X)*step, y+float64(run.Y)*step, float64(run.Length)*step, step*1.02, 0)
	}
}

// mostOriented is how many places a sheet for one person names: more is no help.
const mostOriented = 3

// orientationPage is the view of /imprimer/orientation: where to go, when, with what, for one person. Who she is and who
// sends her is written by hand: no address and no row ever holds it.
type orientationPage struct {
	ui.Page
	Back   ui.Back
	PDF    ui.Link
	Places []oriented
	Bring  []string
}

// oriented is a place as a sheet names it.
type oriented struct {
	Printed
	Next []string // the coming half-days on which it is open, in words
}

// bringAlways and bringFor are what one needs: always, and for a need.
var bringAlways = []string{
	"Une pièce d'identité", "La lettre ou le papier reçu", "Votre téléphone, et son chargeur", "Vos codes et mots de passe, si vous les avez", "Votre numéro de sécurité sociale ou d'allocataire",
}

var bringFor = []struct {
	need place.Need
	what string
}{
	{"emploi", "Votre CV, sur papier ou sur une clé"}, {"materiel", "Un papier qui dit vos revenus"}, {"internet", "Votre ordinateur, s'il est portable"},
}

func (h *Handlers) orientation(r *http.Request, now time.Time) []oriented {
	var out []oriented
	for _, text := range r.URL.Query()["lieu"] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		if e, ok := h.Places.Index().Place(place.Number(n)); ok && len(out) < mostOriented {
			out = append(out, oriented{printed(h.Words, e, len(out)+1), nextOpenings(e, now)})
		}
	}
	return out
}

// daysAhead is how far a sheet looks: it is kept in a pocket for a week or two.
const daysAhead = 10

// nextOpenings are the first days on which a place is open, in words: "lundi 4 mai, de 9 h à 12 h".
func nextOpenings(e *place.Entry, now time.Time) []string {
	h := e.Hours()
	if h == nil {
		return nil
	}
	zone := e.Locale().Zone
	today := openinghours.DateOf(now.In(zone))
	var out []string
	for _, d := range h.Days(e.Locale(), today, daysAhead) {
		var spans []string
		for _, s := range d.Spans {
			if s.State == openinghours.Open && (d.Date != today || s.End > minutesOf(now.In(zone))) {
				spans = append(spans, "de "+ui.Hour(s.Start/60, s.Start%60)+" à "+ui.Hour(s.End/60%24, s.End%60))
			}
		}
		if len(spans) > 0 {
			out = append(out, ui.Day(d.Date.In(zone))+", "+strings.Join(spans, " et "))
		}
		if len(out) == 3 {
			break
		}
	}
	return out
}

func minutesOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// bring lists what to bring for what the places do.
func bring(places []oriented) []string {
	out := append([]string{}, bringAlways...)
	for _, b := range bringFor {
		for _, p := range places {
			if slices.Contains(p.entry.Needs.List(), b.need) {
				out = append(out, b.what)
				break
			}
		}
	}
	return out
}

func (h *Handlers) showOrientation(w http.ResponseWriter, r *http.Request) error {
	p := h.Kit.Page(r, "Une fiche pour quelqu'un")
	places := h.orientation(r, p.Now())
	back := "/lieux"
	if len(places) > 0 {
		back = Path(places[0].entry)
	}
	v := orientationPage{Page: p, Back: p.Back(back), Places: places, Bring: bring(places)}
	if len(places) > 0 {
		v.PDF = ui.Link{Text: "Fiche A4 (PDF, environ 40 Ko)", Href: "/imprimer/orientation.pdf?" + r.URL.Query().Encode(), Icon: "document"}
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_orientation", v)
}

func (h *Handlers) sendOrientation(w http.ResponseWriter, r *http.Request) error {
	page := h.Kit.Page(r, "")
	places := h.orientation(r, page.Now())
	site := h.Territory.Site(r.Host)
	p := &printer{
		Doc:   pdf.New(pdf.Options{Title: "Où aller, quand, avec quoi", Author: site.Name, Lang: "fr-FR", Size: pdf.A4, Made: page.Now()}),
		sheet: Sheet{Size: pdf.A4}, margin: 16, body: pdf.Style{Size: 15},
	}
	p.Page()
	p.bottom = pdf.A4.Height - p.margin
	y := p.paragraph(pdf.Heading1, p.margin, pdf.Style{Size: 30, Bold: true, Colour: river}, "Où aller, quand, avec quoi")
	y = p.blank(y+4, "Pour")
	for _, o := range places {
		y = p.orient(y+5, o)
	}
	list := bring(places)
	if y+5+30+p.body.LineHeight()*float64(len(list))+30 > p.bottom { // the list and what follows it stay together
		p.Page()
		y = p.margin
	}
	y = p.paragraph(pdf.Heading2, y+5, pdf.Style{Size: 20, Bold: true, Colour: river}, "Avec quoi")
	p.Open(pdf.List)
	for _, what := range list {
		p.Open(pdf.Item)
		p.Open(pdf.ItemBody)
		p.Artifact(func() { p.Box(pdf.Paint{Line: &pdf.Black, Width: 0.4}, p.margin, y+1.3, 4.2, 4.2, 0.5) })
		p.Text(p.margin+8, y, p.body, what)
		p.Close()
		p.Close()
		y += p.body.LineHeight()
	}
	p.Close()
	foot := "Appelez avant de venir : les horaires changent. " + fullStop(site.Name)
	if site.Phone != "" {
		foot += " Une question ? " + site.Phone + "."
	}
	y = p.blank(y+6, "De la part de")
	p.paragraph(pdf.Paragraph, y+4, pdf.Style{Size: 13, Colour: pdf.Grey}, foot+" Fiche du "+ui.DateLong(page.Now())+".")
	body, err := p.Bytes()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	sendPDF(w, r, body, "ou-aller.pdf")
	return nil
}

// blank is a line to write on by hand.
func (p *printer) blank(y float64, label string) float64 {
	p.Open(pdf.Paragraph)
	p.Text(p.margin, y, p.body, label+" : ")
	p.Close()
	from := p.margin + p.Width(p.body, label+" : ") + 2
	p.Artifact(func() {
		p.Strokes(pdf.Paint{Line: &edgeLine, Width: 0.3}, [][]pdf.Dot{{{X: from, Y: y + 6}, {X: p.margin + p.width(), Y: y + 6}}})
	})
	return y + p.body.LineHeight() + 2
}

// orient writes one place: its name, when, where, its telephone.
func (p *printer) orient(y float64, o oriented) float64 {
	if y > p.bottom-75 {
		p.Page()
		y = p.margin
	}
	y = p.paragraph(pdf.Heading2, y, pdf.Style{Size: 20, Bold: true, Colour: river}, fmt.Sprintf("%d. %s", o.Number, o.Name))
	y = p.paragraph(pdf.Paragraph, y, p.body, o.Address)
	if len(o.Next) > 0 {
		y = p.paragraph(pdf.Paragraph, y+1, pdf.Style{Size: 15, Bold: true}, "Ouvert bientôt :")
		for _, n := range o.Next {
			y = p.paragraph(pdf.Paragraph, y, p.body, fullStop(upperFirst(n)))
		}
	} else {
		for _, hours := range o.Hours {
			y = p.paragraph(pdf.Paragraph, y, p.body, hours)
		}
	}
	if o.Phone != "" {
		y = p.paragraph(pdf.Paragraph, y+1, pdf.Style{Size: 22, Bold: true}, o.Phone)
	}
	return p.paragraph(pdf.Paragraph, y, pdf.Style{Size: 13, Colour: pdf.Grey}, o.Offer)
}
