package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// booklet is the agenda of the next weeks in large type.
type booklet struct {
	Title   string // "L'agenda à Salindres"
	About   string // the mode, the first and the last day
	Days    []PrintedDay
	Count   int
	More    int // dates that the booklet leaves out
	Edition string

	made  time.Time
	site  territory.Site
	found []agenda.Found
	deps  PaperDeps
	wide  bool // of more than one commune: each date says its own
}

const (
	bookletDays = 28
	mostDates   = 200 // of a booklet: whoever wants more says where
)

// paperFilter is what a booklet is about.
type paperFilter struct {
	words    string // as they were asked for: the address of a booklet says them again
	name     string // "à Salindres"; "" for everywhere
	communes []string
	unknown  bool // nothing has that name
	mode     agenda.Mode
}

// paperFilterOf reads where and how from an address: a commune by its name or its postcode, a grouping by its name or its
// SIREN; a mode. What is no mode is any.
func paperFilterOf(q url.Values, g *territory.Gazetteer, near string) paperFilter {
	f := paperFilter{words: strings.TrimSpace(q.Get("ou"))}
	if m := agenda.Mode(q.Get("genre")); m.Known() {
		f.mode = m
	}
	if f.words == "" {
		return f
	}
	match := g.Find(f.words, near)
	if len(match.Communes) == 0 || match.Guessed || match.Rest != "" {
		if e, ok := epciOf(g, f.words); ok {
			f.name, f.communes = "dans "+e.Name, g.InEPCI(e.SIREN)
			return f
		}
	}
	if len(match.Communes) == 0 || match.Guessed {
		f.unknown = true
		return f
	}
	first := match.Communes[0]
	f.name, f.communes = inCommune(first.Name), []string{first.Code}
	if number := strings.ReplaceAll(f.words, " ", ""); len(match.Communes) > 1 && slices.Contains(first.Postcodes, number) {
		f.name, f.communes = "au code postal "+number, nil
		for _, c := range match.Communes {
			f.communes = append(f.communes, c.Code)
		}
	}
	return f
}

// epciOf is the grouping of a SIREN or of a name, with or without what kind of grouping it is.
func epciOf(g *territory.Gazetteer, words string) (territory.EPCI, bool) {
	if e, ok := g.EPCI(strings.ReplaceAll(words, " ", "")); ok {
		return e, true
	}
	key, seen := fold.Key(words), map[string]bool{}
	for c := range g.ByPeople() {
		if c.EPCI == "" || seen[c.EPCI] {
			continue
		}
		seen[c.EPCI] = true
		e, ok := g.EPCI(c.EPCI)
		name := fold.Key(e.Name)
		if _, short, _ := strings.Cut(name, " "); ok && (name == key || short == key) {
			return e, true
		}
	}
	return territory.EPCI{}, false
}

func (f paperFilter) query() string {
	q := url.Values{}
	if f.words != "" {
		q.Set("ou", f.words)
	}
	if f.mode != "" {
		q.Set("genre", string(f.mode))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// newBooklet lists the next four weeks of a filter.
func newBooklet(d PaperDeps, f paperFilter) booklet {
	from := midnight(d.Now)
	to := from.AddDate(0, 0, bookletDays)
	b := booklet{Title: strings.TrimSpace("L'agenda " + f.name), Edition: d.edition(true), made: d.Now, site: d.Site, deps: d, wide: len(f.communes) != 1}
	b.About = "Du " + ui.DateLong(from) + " au " + ui.DateLong(to.AddDate(0, 0, -1)) + "."
	if f.mode != "" {
		b.About = f.mode.French() + ". " + b.About
	}
	if f.unknown {
		return b
	}
	b.found = d.Index.Search(agenda.Query{Communes: f.communes, Mode: f.mode, From: d.Now, To: to})
	b.Count = len(b.found)
	if b.Count > mostDates {
		b.More, b.found = b.Count-mostDates, b.found[:mostDates]
	}
	b.Days = d.printedDays(b.found, !b.wide)
	return b
}

// bookletPage is the view of /imprimer/agenda.
type bookletPage struct {
	ui.Page
	Back    ui.Back
	PDF     ui.Link
	Booklet booklet
	Empty   string
	Pager   ui.Pager
}

// bookletShown is how many dates a page of the booklet lists: a page stays light.
const bookletShown = 25

// booklets serves the booklet. One is laid out at a time: no crowd can print at once.
type booklets struct {
	*Handlers
	mu sync.Mutex
}

func (h *booklets) read(r *http.Request) (ui.Page, booklet, paperFilter) {
	p := h.Kit.Page(r, "Imprimer l'agenda")
	f := paperFilterOf(r.URL.Query(), h.Territory.Gazetteer(), h.Territory.MainCommune(r.Host).Department)
	return p, newBooklet(h.paperDeps(r, p), f), f
}

func (h *booklets) show(w http.ResponseWriter, r *http.Request) error {
	p, b, f := h.read(r)
	v := bookletPage{Page: p, Back: p.Back("/agenda" + f.query()), Booklet: b}
	switch {
	case f.unknown:
		v.Empty = "Nous ne trouvons pas « " + f.words + " ». Écrivez le nom d'une commune ou un code postal."
	case b.Count == 0:
		v.Empty = "Aucune date n'est prévue dans les quatre semaines qui viennent. Appelez-nous : nous cherchons avec vous."
	}
	if v.Empty == "" {
		v.PDF = ui.Link{Text: "L'agenda en grands caractères (PDF, environ " + p.Bytes(int64(30_000+800*len(b.found))) + ")", Href: "/imprimer/agenda.pdf" + f.query()}
		pages := (len(b.found) + bookletShown - 1) / bookletShown
		at, _ := strconv.Atoi(r.URL.Query().Get("page"))
		at = min(max(at, 1), pages)
		query, _ := url.ParseQuery(strings.TrimPrefix(f.query(), "?"))
		v.Pager = p.Pager("/imprimer/agenda", query, at, pages)
		v.Booklet.Days = b.deps.printedDays(b.found[(at-1)*bookletShown:min(at*bookletShown, len(b.found))], !b.wide)
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_paper_booklet", v)
}

func (h *booklets) send(w http.ResponseWriter, r *http.Request) error {
	_, b, _ := h.read(r)
	h.mu.Lock()
	body, err := b.PDF()
	h.mu.Unlock()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, no-cache")
	sendPDF(w, r, body, "agenda.pdf")
	return nil
}

// bookletBody is the size of the letters, in points.
const bookletBody = 17.0

// PDF prints the booklet: no date is cut over two pages, and no day stands without one.
func (b booklet) PDF() ([]byte, error) {
	p := newPrinter(pdf.Options{Title: b.Title, Subject: b.About, Author: b.site.Name, Made: b.made}, 15)
	p.Page()
	p.bottom -= 2*p.step(pdf.Style{Size: 12}) + 3
	body := pdf.Style{Size: bookletBody}
	y := p.paragraph(pdf.Heading1, p.margin, pdf.Style{Size: 34, Bold: true}, b.Title)
	y = p.paragraph(pdf.Paragraph, y+1, body, b.About)
	if b.site.Phone != "" {
		y = p.paragraph(pdf.Paragraph, y+1, pdf.Style{Size: 22, Bold: true}, "Une question ? Appelez le "+ui.Phone(b.site.Phone))
	}
	y += 4
	if b.Count == 0 {
		p.paragraph(pdf.Paragraph, y, body, "Aucune date n'est prévue. Appelez-nous : nous cherchons avec vous.")
	}
	style := p.styleFor(eventStyle{body: bookletBody, hour: bookletBody + 6, after: 4.4}, b.Days...)
	for _, day := range b.Days {
		y = b.day(p, y, day, style)
	}
	if b.More > 0 {
		p.paragraph(pdf.Paragraph, y, pdf.Style{Size: bookletBody, Bold: true}, "Et "+strconv.Itoa(b.More)+" autres dates. Choisissez une commune, ou appelez-nous.")
	}
	p.footers(b.Edition)
	return p.Bytes()
}

// day prints a day. Where it goes on over the page, its name is said again.
func (b booklet) day(p *printer, y float64, day PrintedDay, style eventStyle) float64 {
	heading := pdf.Style{Size: bookletBody + 5, Bold: true}
	title := upperFirst(day.Title)
	first := p.event(day.Dates[0], style)
	if y+p.step(heading)+2+first.high > p.bottom {
		p.Page()
		y = p.margin
	}
	y = p.dayHeading(y, heading, title)
	p.Open(pdf.List)
	for i, d := range day.Dates {
		e := first
		if i > 0 {
			e = p.event(d, style)
		}
		if y+e.high > p.bottom && i > 0 {
			p.Page()
			y = p.again(heading, title+" (suite)")
		}
		y = p.writeEvent(y, e, style)
	}
	p.Close()
	return y + 2
}

func (p *printer) dayHeading(y float64, s pdf.Style, title string) float64 {
	y = p.paragraph(pdf.Heading2, y, s, title)
	p.rule(p.margin, p.margin+p.width(), y+0.5, 0.5)
	return y + 3
}

// again says on top of a page, for those who see it, what goes on there.
func (p *printer) again(s pdf.Style, title string) float64 {
	p.Artifact(func() { p.Text(p.margin, p.margin, s, title) })
	y := p.margin + p.step(s)
	p.rule(p.margin, p.margin+p.width(), y+0.5, 0.5)
	return y + 3
}
