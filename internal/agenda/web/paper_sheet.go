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
	out := daySheet{Title: "Feuille du jour", Day: ui.DateLong(q.day), Note: sheetNote + " Au retour, saisissez-la : " + h.Public + keyingPath + ".", made: p.Now(), site: h.Territory.Site(r.Host).Name}
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
	out.State = sheetState(&day.Occurrence)
	if host := day.Series.Host; host.Name != "" || host.Phone != "" {
		out.Host = strings.Trim(host.Name+", "+ui.Phone(host.Phone), ", ")
	}
	if out.Off {
		return out
	}
	for i := range day.Seats {
		if seat := &day.Seats[i]; expected(seat.State) {
			row := sheetRowOf(seat, day.Start, hour)
			row.Name = strconv.Itoa(len(out.Rows)+1) + ". " + row.Name // as where it is keyed in
			out.Rows = append(out.Rows, row)
		}
	}
	out.Rows = append(out.Rows, make([]sheetRow, blankRows)...)
	if day.Waiting > 0 {
		out.More = "Liste d'attente : " + people(day.Waiting) + "."
	}
	return out
}

// sheetState says in words what the team must know of a date; "" for nothing.
func sheetState(o *agenda.Occurrence) string {
	switch {
	case o.State == agenda.Cancelled && o.Reason != "":
		return "Annulé : " + o.Reason
	case o.State == agenda.Cancelled:
		return "Annulé"
	case o.State == agenda.MovedTo:
		return "Déplacé à une autre date"
	case o.State == agenda.Planned:
		return "L'accueil n'a pas encore confirmé"
	case o.Delay > 0:
		return "Commence avec " + strconv.Itoa(o.Delay) + " minutes de retard"
	}
	return ""
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
