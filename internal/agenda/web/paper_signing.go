package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/ui"
)

// signingSheet is a date on paper, to be signed by whoever comes and by who leads: the proof of attendance that funders ask for (code du travail,
// article R6332-26). Names are in full, but for those under silence: their line is kept without a name.
type signingSheet struct {
	Title  string
	When   string // "jeudi 7 mai 2026, de 14 h à 16 h"
	Where  string
	Leads  string   // who leads, as far as their names are known; "" for nobody yet
	Halves []string // "Matin", "Après-midi": one signature each
	Rows   []signingRow
	Note   string

	made time.Time
	site string
}

// signingRow is a line to sign; one without a name is to be written by hand.
type signingRow struct {
	N    int
	Name string
}

const (
	signingRows  = 10 // lines of a page
	signingBlank = 3  // lines that are kept at least for who was not registered
	keptLine     = "Ligne réservée"
	signingNote  = "Cette feuille porte des noms. Rangez-la avec le bilan de l'action."
)

// halves are the half-days that a date touches, on its own clocks.
func halves(o agenda.Occurrence) []string {
	start, end := o.Start.In(o.Zone), o.End.In(o.Zone)
	var out []string
	if start.Hour() < 12 {
		out = append(out, "Matin")
	}
	if start.Hour() >= 12 || end.Hour() > 13 || end.Hour() == 13 && end.Minute() > 0 || end.YearDay() != start.YearDay() {
		out = append(out, "Après-midi")
	}
	return out
}

// signingNames lists who signs, a line a seat, with lines to write on until the page is full.
func signingNames(seats []agenda.Seat) []signingRow {
	var out []signingRow
	add := func(name string) { out = append(out, signingRow{N: len(out) + 1, Name: name}) }
	for _, s := range seats {
		if !expected(s.State) {
			continue
		}
		name := s.Person.Name
		if s.Silent || s.Person.Silent || s.Reason.Silent {
			name = keptLine
		}
		add(name)
		for range s.Seats - 1 {
			add("")
		}
	}
	for blank := 0; blank < signingBlank || len(out)%signingRows != 0; blank++ {
		add("")
	}
	return out
}

func (h *Handlers) signingSheet(r *http.Request, p ui.Page, by identity.Actor) (signingSheet, agenda.TeamDay, error) {
	d, err := h.teamDay(r, by)
	if err != nil {
		return signingSheet{}, d, err
	}
	if !may(by, identity.AgendaPeople, d.TeamDate) {
		return signingSheet{}, d, identity.NotFound()
	}
	start, end := d.Start.In(d.Zone), d.End.In(d.Zone)
	out := signingSheet{
		Title: d.Series.Title, Where: h.Agenda.WhereText(d.Where), Halves: halves(d.Occurrence), Rows: signingNames(d.Seats), Note: signingNote, made: p.Now(), site: h.Territory.Site(r.Host).Name,
		When: ui.DateLong(start) + ", de " + ui.Hour(start.Hour(), start.Minute()) + " à " + ui.Hour(end.Hour(), end.Minute()),
	}
	names, err := h.crewNames(r, []agenda.TeamDate{d.TeamDate})
	if names[by.Account] != "" && by.Name != "" {
		names[by.Account] = by.Name // of colleagues the given name alone is known here: they write the rest beside their signature
	}
	out.Leads = crewText(d.Members, names)
	return out, d, err
}

// signingPage is the view of a sheet to sign.
type signingPage struct {
	ui.Page
	Back  ui.Back
	PDF   ui.Link
	Sheet signingSheet
}

func (h *Handlers) showSigning(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Feuille d'émargement")
	sheet, d, err := h.signingSheet(r, p, by)
	if err != nil {
		return err
	}
	personal(w)
	v := signingPage{Page: p, Back: p.Back(datePath(d.Number)), Sheet: sheet, PDF: ui.Link{Text: "Feuille A4 (PDF, environ 50 Ko)", Href: signingPath(d.Number) + ".pdf"}}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_paper_signing", v)
}

func (h *Handlers) sendSigning(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	sheet, d, err := h.signingSheet(r, h.Kit.Page(r, ""), by)
	if err != nil {
		return err
	}
	body, err := sheet.PDF()
	if err != nil {
		return err
	}
	personal(w)
	sendPDF(w, r, body, "emargement-"+d.On.String()+".pdf")
	return nil
}

// signingPath is the sheet to sign of a date.
func signingPath(n agenda.Number) string { return datePath(n) + "/emargement" }

// The columns of a sheet to sign, in millimetres from the left.
const (
	signNumber = 0.0
	signName   = 12.0
	signHere   = 84.0 // the signatures share the rest
	signHigh   = 14.0 // of a line, to sign in
)

// PDF prints the sheet: ten lines a page, each page with what the date is and the signature of who leads.
func (s signingSheet) PDF() ([]byte, error) {
	p := newPrinter(pdf.Options{Title: "Feuille d'émargement : " + s.Title + ", " + s.When, Author: s.site, Made: s.made}, 14)
	for rows := range slices.Chunk(s.Rows, signingRows) {
		p.Page()
		y := p.paragraph(pdf.Heading1, p.margin, pdf.Style{Size: 22, Bold: true}, "Feuille d'émargement") + 1
		y = p.paragraph(pdf.Paragraph, y, pdf.Style{Size: 16, Bold: true}, s.Title) + 1
		for _, line := range []string{"Quand : " + s.When, "Où : " + s.Where, "Qui anime : " + s.Leads} {
			y = p.paragraph(pdf.Paragraph, y, sheetBody, line)
		}
		y = p.signTable(y+3, s.Halves, rows)
		p.signLeader(y+5, s.Halves)
	}
	p.footers(s.Note)
	return p.Bytes()
}

// signColumns are where the signatures begin, and how wide each is.
func (p *printer) signColumns(halves []string) (wide float64) {
	return (p.width() - signHere) / float64(len(halves))
}

// signTable prints lines to sign and returns where they end.
func (p *printer) signTable(y float64, halves []string, rows []signingRow) float64 {
	wide := p.signColumns(halves)
	p.Open(pdf.Table)
	p.Open(pdf.Row)
	heads := []string{"N°", "Nom et prénom"}
	at := []float64{signNumber, signName}
	for i, half := range halves {
		heads, at = append(heads, "Signature, "+strings.ToLower(half)), append(at, signHere+float64(i)*wide+2)
	}
	for i, text := range heads {
		p.Open(pdf.Header)
		p.Text(p.margin+at[i], y, pdf.Style{Size: 12, Bold: true}, text)
		p.Close()
	}
	p.Close()
	y += p.step(sheetStrong)
	top := y
	p.rule(p.margin, p.margin+p.width(), y, 0.4)
	for _, row := range rows {
		p.Open(pdf.Row)
		style := sheetBody
		for style.Size > 8 && p.Width(style, row.Name) > signHere-signName-3 {
			style.Size -= 0.5
		}
		for i, text := range []string{strconv.Itoa(row.N), row.Name} {
			p.Open(pdf.Cell)
			if text != "" {
				p.Text(p.margin+at[i], y+(signHigh-p.step(style))/2, style, text)
			}
			p.Close()
		}
		for range halves {
			p.Open(pdf.Cell) // to sign in
			p.Close()
		}
		p.Close()
		y += signHigh
		p.rule(p.margin, p.margin+p.width(), y, 0.15)
	}
	p.Close()
	p.Artifact(func() {
		for i := range halves {
			x := p.margin + signHere + float64(i)*wide
			p.Strokes(pdf.Paint{Line: &pdf.Black, Width: 0.15}, [][]pdf.Dot{{{X: x, Y: top}, {X: x, Y: y}}})
		}
	})
	return y
}

// signLeader prints where who leads signs, once a half-day.
func (p *printer) signLeader(y float64, halves []string) {
	wide := p.width() / float64(len(halves))
	for i, half := range halves {
		x := p.margin + float64(i)*wide
		p.Open(pdf.Paragraph)
		p.Text(x, y, pdf.Style{Size: 12, Bold: true}, "Nom et signature de qui anime, "+strings.ToLower(half))
		p.Close()
		p.Artifact(func() {
			p.Box(pdf.Paint{Line: &pdf.Black, Width: 0.4}, x, y+7, wide-4, 20, 0.5)
		})
	}
}
