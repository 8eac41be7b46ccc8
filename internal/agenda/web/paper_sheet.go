package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/ui"
)

// daySheet is the day of somebody of the team on paper: where to be, with what, and who comes. It is a paper of the team:
// names are in full, but of those under silence nothing but an hour.
type daySheet struct {
	Title string // "Feuille d'Alba", "Feuille du jour"
	Day   string // "jeudi 7 mai 2026"
	Dates []sheetDate
	Note  string

	made time.Time
	site string
}

// sheetDate is a date of a day sheet.
type sheetDate struct {
	Hours string // "De 14 h à 16 h"
	Title string
	State string // "Annulé : la salle est prise", "" for nothing
	Where string
	Host  string // who lends the room, with the number to call
	Kit   []string
	Tour  string
	Rows  []sheetRow
	More  string // how many wait
	Boxes bool   // heads are counted
	Off   bool   // it does not take place: nobody is listed
}

// sheetRow is a line of those who come; one without a name is to be written by hand.
type sheetRow struct {
	Hour, Name, Phone string
}

const (
	blankRows  = 4  // lines for those who come without booking
	headBoxes  = 30 // boxes to tick, one a head
	silentName = "Rendez-vous"
	sheetNote  = "Cette feuille porte des noms. Gardez-la sur vous, puis détruisez-la."
)

// sheetQuery is whose day, and which.
type sheetQuery struct {
	day  time.Time // midnight, on the clocks of the territory
	who  identity.AccountID
	mine bool
}

// sheetQueryOf reads an address. What is no day is today; nobody is oneself.
func sheetQueryOf(q url.Values, by identity.Actor, now time.Time) sheetQuery {
	out := sheetQuery{day: midnight(now), who: identity.AccountID(q.Get("qui"))}
	if d, err := time.ParseInLocation(time.DateOnly, q.Get("jour"), now.Location()); err == nil {
		out.day = d
	}
	if out.who == "" || out.who == "me" {
		out.who, out.mine = by.Account, true
	}
	return out
}

func (q sheetQuery) query() string {
	v := url.Values{"jour": {q.day.Format(time.DateOnly)}, "qui": {"me"}}
	if !q.mine {
		v.Set("qui", string(q.who))
	}
	return "?" + v.Encode()
}

// daySheet reads a day: the dates of the person among those that by may see people of. A colleague is named only where such
// a date has them.
func (h *Handlers) daySheet(r *http.Request, p ui.Page, by identity.Actor, q sheetQuery) (daySheet, error) {
	out := daySheet{Title: "Feuille du jour", Day: ui.DateLong(q.day), Note: sheetNote, made: p.Now(), site: h.Territory.Site(r.Host).Name}
	list, err := h.Agenda.TeamDates(r.Context(), by, q.day, q.day.AddDate(0, 0, 1))
	if err != nil {
		return out, err
	}
	for i := range list {
		if !slices.Contains(list[i].Members, q.who) {
			continue
		}
		day, err := h.Agenda.Attendance(r.Context(), by, list[i].Number)
		if err != nil {
			return out, err
		}
		out.Dates = append(out.Dates, sheetOf(day, h.Agenda.WhereText(day.Where), p.Now()))
	}
	if !q.mine && len(out.Dates) == 0 {
		return out, nil
	}
	names, err := h.Identity.GivenNames(r.Context(), q.who)
	if err != nil {
		return out, err
	}
	if name := names[q.who]; name != "" {
		out.Title = "Feuille du jour : " + name
	}
	return out, nil
}

// sheetOf says a date for its team, on the clocks of the date.
func sheetOf(day agenda.TeamDay, where string, now time.Time) sheetDate {
	hour := func(t time.Time) string { t = t.In(day.Zone); return ui.Hour(t.Hour(), t.Minute()) }
	out := sheetDate{
		Hours: "De " + hour(day.Start) + " à " + hour(day.End), Title: day.Series.Title, Where: where, Tour: day.Tour, Kit: day.Kit, Off: !day.Live(),
		Boxes: day.Series.Mode.Soft() || !day.Series.Books(),
	}
	switch {
	case day.State == agenda.Cancelled:
		out.State = "Annulé"
		if day.Reason != "" {
			out.State += " : " + day.Reason
		}
	case day.State == agenda.MovedTo:
		out.State = "Déplacé à une autre date"
	case day.State == agenda.Planned:
		out.State = "L'accueil n'a pas encore confirmé"
	}
	if host := day.Series.Host; host.Name != "" || host.Phone != "" {
		out.Host = strings.Trim(host.Name+", "+ui.Phone(host.Phone), ", ")
	}
	if out.Off {
		return out
	}
	for i := range day.Seats {
		if seat := &day.Seats[i]; expected(seat.State) {
			out.Rows = append(out.Rows, sheetRowOf(seat, day.Start, hour))
		}
	}
	out.Rows = append(out.Rows, make([]sheetRow, blankRows)...)
	if day.Waiting > 0 {
		out.More = "Liste d'attente : " + people(day.Waiting) + "."
	}
	return out
}

func people(n int) string {
	if n == 1 {
		return "1 personne"
	}
	return strconv.Itoa(n) + " personnes"
}

// expected reports whether somebody with such a claim is to come, or came.
func expected(s agenda.ClaimState) bool {
	return slices.Contains([]agenda.ClaimState{agenda.Booked, agenda.Arrived, agenda.Attended, agenda.Partly, agenda.NoShow}, s)
}

func sheetRowOf(seat *agenda.Seat, start time.Time, hour func(time.Time) string) sheetRow {
	var out sheetRow
	if !seat.Slot.IsZero() {
		out.Hour = hour(seat.Slot)
	}
	if seat.Silent || seat.Person.Silent || seat.Reason.Silent {
		if out.Name = silentName; out.Hour == "" {
			out.Hour = hour(start)
		}
		return out
	}
	out.Name, out.Phone = seat.Person.Name, ui.Phone(seat.Person.Phone)
	if out.Name == "" {
		out.Name = "Sans nom"
	}
	if seat.Seats > 1 {
		out.Name += " (" + strconv.Itoa(seat.Seats) + " places)"
	}
	return out
}

// sheetPage is the view of /pro/agenda/feuille.
type sheetPage struct {
	ui.Page
	Back  ui.Back
	PDF   ui.Link
	Sheet daySheet
	Boxes []int
}

func (h *Handlers) showSheet(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Feuille du jour")
	p.Staff = true
	q := sheetQueryOf(r.URL.Query(), by, p.Now())
	sheet, err := h.daySheet(r, p, by, q)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	v := sheetPage{Page: p, Back: p.Back("/pro"), Sheet: sheet, Boxes: make([]int, headBoxes)}
	v.PDF = ui.Link{Text: "Feuille A4 (PDF, environ 50 Ko)", Href: "/pro/agenda/feuille.pdf" + q.query()}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_paper_sheet", v)
}

func (h *Handlers) sendSheet(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "")
	q := sheetQueryOf(r.URL.Query(), by, p.Now())
	sheet, err := h.daySheet(r, p, by, q)
	if err != nil {
		return err
	}
	body, err := sheet.PDF()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	sendPDF(w, r, body, "feuille-"+q.day.Format(time.DateOnly)+".pdf")
	return nil
}

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
	p.bottom -= 2*p.step(pdf.Style{Size: 12}) + 2
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
