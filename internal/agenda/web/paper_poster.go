package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/fault"
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
	v.PDF = ui.Link{Text: "Affiche A4 (PDF, environ 40 Ko)", Href: path + ".pdf?semaine=" + weekText(monday)}
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
