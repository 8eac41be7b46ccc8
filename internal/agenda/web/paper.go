package web

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// paperRoutes mounts the agenda on paper: each page prints well, and has a PDF that says the same.
func (h *Handlers) paperRoutes(mux ui.Mux) {
	h.public(mux, "GET /imprimer/agenda/communes/{code}", h.showPoster)
	booklets := &booklets{Handlers: h}
	h.public(mux, "GET /imprimer/agenda", booklets.show)
	h.public(mux, "GET /imprimer/agenda.pdf", booklets.send)
	h.staff(mux, "GET /pro/agenda/feuille", identity.AgendaPeople, h.showSheet)
	h.staff(mux, "GET /pro/agenda/feuille.pdf", identity.AgendaPeople, h.sendSheet)
	h.staff(mux, "GET "+teamPath+"/dates/{numero}/emargement", identity.AgendaPeople, h.showSigning)
	h.staff(mux, "GET "+teamPath+"/dates/{numero}/emargement.pdf", identity.AgendaPeople, h.sendSigning)
}

// PaperDeps is what the papers for residents are made of.
type PaperDeps struct {
	Index     *agenda.Index
	Territory *territory.Service
	Site      territory.Site
	Public    string    // public address, for the code to read; "" prints none
	Now       time.Time // on the clocks of the territory: the date of edition
}

func (h *Handlers) paperDeps(r *http.Request, p ui.Page) PaperDeps {
	public := h.Public
	if public == "" {
		public = origin(r)
	}
	return PaperDeps{Index: h.Agenda.Index(), Territory: h.Territory, Site: h.Territory.Site(r.Host), Public: public, Now: p.Now()}
}

// origin is the address by which the reader reached the site, where none is set.
func origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// PrintedDate is a date as paper says it, in French.
type PrintedDate struct {
	Time  string // "14 h"
	Until string // "jusqu'à 16 h"
	Title string
	Place string
	How   string // how one comes, with the number to call
	State string // "Annulé", "Déplacé"; "" for nothing
	Why   string // what is to be known of the state; "" for nothing
	Off   bool   // it does not take place: its title is struck
}

// PrintedDay is a day with its dates.
type PrintedDay struct {
	Title string // "jeudi 7 mai"
	Dates []PrintedDate
}

// printedDate says a date for paper; where it is, without its commune when the paper is about one.
func (d PaperDeps) printedDate(e *agenda.Entry, sameCommune bool) PrintedDate {
	start, end := e.Start.In(e.Zone), e.End.In(e.Zone)
	out := PrintedDate{
		Time: ui.Hour(start.Hour(), start.Minute()), Until: "jusqu'à " + ui.Hour(end.Hour(), end.Minute()),
		Title: e.Series.Title, Place: paperPlace(e, sameCommune), How: d.how(e),
	}
	switch e.State {
	case agenda.Cancelled:
		out.State, out.Why, out.Off, out.Place, out.How = "Annulé", e.Reason, true, "", ""
	case agenda.MovedTo:
		out.State, out.Off, out.Place, out.How = "Déplacé", true, "", ""
		if e.Next != nil {
			to := e.Next.Start.In(e.Next.Zone)
			out.Why = "rendez-vous le " + openinghours.SpokenMoment(to, d.Now)
		}
	}
	return out
}

// paperPlace says where a date takes place, with the street.
func paperPlace(e *agenda.Entry, sameCommune bool) string {
	parts := []string{e.Where.Venue, e.Spot.Name, e.Spot.Address}
	if !sameCommune {
		parts = append(parts, e.Ground.Name)
	}
	var out []string
	for _, part := range parts {
		if part != "" && !strings.Contains(strings.Join(out, ", "), part) {
			out = append(out, part)
		}
	}
	return strings.Join(out, ", ")
}

// how says how one comes. What is free is not said: paper is read for days.
func (d PaperDeps) how(e *agenda.Entry) string {
	phone := ui.Phone(e.Series.Phone)
	if phone == "" {
		phone = ui.Phone(d.Site.Phone)
	}
	if phone != "" {
		phone = " au " + phone
	}
	switch {
	case e.Series.Mode.Soft():
		return "Sans rendez-vous"
	case !e.Series.Books():
		return "Entrée libre"
	case e.Series.Mode.HasSlots():
		return "Sur rendez-vous" + phone
	}
	return "Sur inscription" + phone
}

// printedDays sorts dates into days, in their order.
func (d PaperDeps) printedDays(found []agenda.Found, sameCommune bool) []PrintedDay {
	var out []PrintedDay
	for _, f := range found {
		title := d.dayTitle(f.Start.In(f.Zone))
		if n := len(out); n == 0 || out[n-1].Title != title {
			out = append(out, PrintedDay{Title: title})
		}
		last := &out[len(out)-1]
		last.Dates = append(last.Dates, d.printedDate(f.Entry, sameCommune))
	}
	return out
}

// dayTitle says a day, with its year where it is not the one of the edition.
func (d PaperDeps) dayTitle(t time.Time) string {
	if t.Year() != d.Now.Year() {
		return ui.DateLong(t)
	}
	return openinghours.SpokenDate(openinghours.DateOf(t))
}

// edition says of when a paper is, from whom, and whom to call where the paper does not say it in large letters.
func (d PaperDeps) edition(phone bool) string {
	out := "Édition du " + ui.DateLong(d.Now) + "."
	if d.Site.Name != "" {
		out = fullStop(d.Site.Name) + " " + out
	}
	if phone && d.Site.Phone != "" {
		out += " Téléphone : " + ui.Phone(d.Site.Phone) + "."
	}
	if d.Site.Example {
		out += " Dates inventées."
	}
	return out
}

// fullStop ends a sentence that does not end by itself.
func fullStop(s string) string {
	if s == "" || strings.ContainsRune(".!?", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}

// upperFirst begins a sentence.
func upperFirst(s string) string {
	for i, c := range s {
		if i == 0 {
			return strings.ToUpper(string(c)) + s[len(string(c)):]
		}
	}
	return s
}

// inCommune writes "à" and the name of a commune: à Anduze, au Martinet, aux Mages.
func inCommune(name string) string {
	if rest, ok := strings.CutPrefix(name, "Le "); ok {
		return "au " + rest
	}
	if rest, ok := strings.CutPrefix(name, "Les "); ok {
		return "aux " + rest
	}
	return "à " + name
}

// midnight is the start of the day of an instant.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// WeekOf is the Monday of the week of an instant, on the clocks that it carries.
func WeekOf(t time.Time) time.Time {
	return midnight(t).AddDate(0, 0, -(int(t.Weekday())+6)%7)
}

// ParseWeek reads an ISO week, "2026-W19", as its Monday in a zone. It reports whether there is such a week.
func ParseWeek(text string, zone *time.Location) (monday time.Time, ok bool) {
	before, after, ok := strings.Cut(strings.ToUpper(strings.TrimSpace(text)), "-W")
	year, errYear := strconv.Atoi(before)
	week, errWeek := strconv.Atoi(after)
	if !ok || errYear != nil || errWeek != nil || year < 2000 || year > 2200 {
		return time.Time{}, false
	}
	monday = WeekOf(time.Date(year, time.January, 4, 0, 0, 0, 0, zone)).AddDate(0, 0, 7*(week-1)) // the 4th is always in week 1
	y, w := monday.ISOWeek()
	return monday, y == year && w == week
}

// weekText writes the ISO week of a Monday.
func weekText(monday time.Time) string {
	year, week := monday.ISOWeek()
	text := strconv.Itoa(100 + week)
	return strconv.Itoa(year) + "-W" + text[1:]
}

// agendaAddress is the agenda around a commune, as people may type it: "/agenda?ou=30340+Salindres".
func agendaAddress(c territory.Commune) string {
	words := c.Name
	if len(c.Postcodes) > 0 {
		words = c.Postcodes[0] + " " + words
	}
	return "/agenda?ou=" + url.QueryEscape(words)
}

// sendPDF serves a file to be opened where it is read; who wants to keep it has its name.
func sendPDF(w http.ResponseWriter, r *http.Request, body []byte, name string) {
	head := w.Header()
	head.Set("Content-Type", "application/pdf")
	head.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": name}))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
