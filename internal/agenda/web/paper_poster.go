package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Poster is a week of a commune on one sheet: what is on, day by day, what is near, whom to call.
type Poster struct {
	Commune territory.Commune
	Title   string // "Cette semaine à Salindres"
	Dates   string // "Du lundi 4 au dimanche 10 mai 2026"
	Days    []PrintedDay
	Empty   string       // said where no day has anything; "" otherwise
	Next    []PrintedDay // the next dates of an empty week
	Near    []PrintedDay // elsewhere, the nearest
	Phone   string
	Open    string // when the telephone answers
	Edition string
	QR      ui.QR
	Coded   bool // there is a code to read

	made time.Time
	site territory.Site
}

const (
	nearMetres = 20_000 // how far "près d'ici" is
	mostNear   = 5
	mostNext   = 3
)

// NewPoster lists a week of a commune, from its Monday on; days that are over are left out.
func NewPoster(d PaperDeps, c territory.Commune, monday time.Time) (Poster, error) {
	out := Poster{
		Commune: c, Title: "Cette semaine " + inCommune(c.Name), Dates: weekDates(monday), Phone: ui.Phone(d.Site.Phone), Open: d.Site.PhoneHours, Edition: d.edition(false),
		made: d.Now, site: d.Site,
	}
	from, to := monday, monday.AddDate(0, 0, 7)
	if today := midnight(d.Now); today.After(from) {
		from = today
	}
	if from.Before(to) {
		out.Days = d.printedDays(d.Index.Search(agenda.Query{Communes: []string{c.Code}, From: from, To: to}), true)
		out.Near = d.near(c, from, to)
	}
	if len(out.Days) == 0 {
		d.sayEmpty(&out, later(to, d.Now))
	}
	if d.Public == "" {
		return out, nil
	}
	var err error
	out.QR, err = ui.NewQR(d.Public+agendaAddress(c), "Code à lire avec un téléphone : il ouvre les dates "+inCommune(c.Name)+".")
	out.Coded = true
	return out, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// weekDates says the first and the last day of a week.
func weekDates(monday time.Time) string {
	sunday := monday.AddDate(0, 0, 6)
	first := ui.Day(monday)
	switch {
	case monday.Year() != sunday.Year():
		first = ui.DateLong(monday)
	case monday.Month() == sunday.Month():
		first = first[:strings.LastIndexFunc(first, isSpace)]
	}
	return "Du " + first + " au " + ui.DateLong(sunday)
}

func isSpace(c rune) bool { return c == ' ' || c == '\u00a0' }

// sayEmpty says that nothing is on, and when the next dates are.
func (d PaperDeps) sayEmpty(to *Poster, from time.Time) {
	place := inCommune(to.Commune.Name)
	next := d.Index.Search(agenda.Query{Communes: []string{to.Commune.Code}, From: from, Live: true})
	to.Next = d.printedDays(next[:min(len(next), mostNext)], true)
	if to.Empty = "Rien n'est prévu cette semaine " + place + "."; len(next) > 0 {
		to.Empty += " Voici les prochaines dates."
	} else {
		to.Empty += " Aucune autre date n'est connue pour le moment. Appelez-nous."
	}
}

// near lists the nearest dates of a stretch of time in other communes, by day.
func (d PaperDeps) near(c territory.Commune, from, to time.Time) []PrintedDay {
	if !c.Point.Known() {
		return nil
	}
	found := d.Index.Search(agenda.Query{Near: c.Point, Within: nearMetres, From: later(from, d.Now), To: to, Live: true})
	found = slices.DeleteFunc(found, func(f agenda.Found) bool { return f.Where.Commune == c.Code })
	slices.SortStableFunc(found, func(a, b agenda.Found) int { return cmp.Compare(a.Metres, b.Metres) })
	found = found[:min(len(found), mostNear)]
	slices.SortStableFunc(found, func(a, b agenda.Found) int { return a.Start.Compare(b.Start) })
	return d.printedDays(found, false)
}

// posterPage is the view of /imprimer/agenda/communes/{code}.
type posterPage struct {
	ui.Page
	Back   ui.Back
	PDF    ui.Link
	Weeks  []ui.Link
	Poster Poster
}

// weeksAhead is how many weeks the page of a poster leads to.
const weeksAhead = 3

func (h *Handlers) showPoster(w http.ResponseWriter, r *http.Request) error {
	code, file := strings.CutSuffix(r.PathValue("code"), ".pdf")
	c, ok := h.Territory.Gazetteer().Commune(code)
	if !ok {
		return fault.New(fault.NotFound, "agenda.commune_unknown")
	}
	p := h.Kit.Page(r, "Affiche de la semaine : "+c.Name)
	monday, ok := ParseWeek(r.URL.Query().Get("semaine"), p.Now().Location())
	if !ok {
		monday = WeekOf(p.Now())
	}
	poster, err := NewPoster(h.paperDeps(r, p), c, monday)
	if err != nil {
		return err
	}
	if file {
		return sendPoster(w, r, poster, monday)
	}
	path := "/imprimer/agenda/communes/" + c.Code
	v := posterPage{Page: p, Poster: poster, Back: p.Back(agendaAddress(c))}
	v.PDF = ui.Link{Text: "Affiche A4 (PDF, environ 60 Ko)", Href: path + ".pdf?semaine=" + weekText(monday)}
	for n := range weeksAhead + 1 {
		if other := WeekOf(p.Now()).AddDate(0, 0, 7*n); !other.Equal(monday) {
			v.Weeks = append(v.Weeks, ui.Link{Text: weekDates(other), Href: path + "?semaine=" + weekText(other)})
		}
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_paper_poster", v)
}

func sendPoster(w http.ResponseWriter, r *http.Request, poster Poster, monday time.Time) error {
	body, err := poster.PDF()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, no-cache")
	sendPDF(w, r, body, "affiche-"+poster.Commune.Code+"-"+weekText(monday)+".pdf")
	return nil
}

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

// largeSizes are how many of them make room for what is near: nobody reads small letters for the sake of the neighbours.
const largeSizes = 5

// laidPoster is a poster at one size.
type laidPoster struct {
	blocks []posterBlock
	style  eventStyle
	left   int // dates that no longer fit
}

// posterBlock is a heading or a date.
type posterBlock struct {
	heading []inked // "" for a date
	level   pdf.Tag
	event   event
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
	for _, near := range []int{mostNear, 2, 0} {
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
	around, body := firstDates(o.Near, near), size.body
	l := laidPoster{style: p.styleFor(size, slices.Concat(o.Days, o.Next, around)...)}
	if o.Empty != "" {
		l.add(p, pdf.Paragraph, pdf.Style{Size: body + 2}, o.Empty)
		l.blocks[0].high += afterSaid
	}
	l.days(p, pdf.Heading2, max(size.hour-2, 16), slices.Concat(o.Days, o.Next))
	if len(around) > 0 {
		l.add(p, pdf.Heading2, pdf.Style{Size: size.hour, Bold: true}, "Aussi près d'ici")
		l.days(p, pdf.Heading3, body+1, around)
	}
	return l
}

func (l *laidPoster) days(p *printer, level pdf.Tag, size float64, days []PrintedDay) {
	for _, day := range days {
		l.add(p, level, pdf.Style{Size: size, Bold: true}, upperFirst(day.Title))
		for _, d := range day.Dates {
			e := p.event(d, l.style)
			l.blocks = append(l.blocks, posterBlock{event: e, high: e.high})
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
			y = p.writeEvent(y, b.event, l.style)
			continue
		}
		if i > 0 {
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
