package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/contentline"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// A booking has a page, found by its reference and a contact, or by the link of a message. Opening it changes nothing.

// followRoutes mounts the pages of a booking.
func (h *Handlers) followRoutes(mux ui.Mux) {
	h.public(mux, "GET /suivi", h.showFind)
	h.public(mux, "POST /suivi", h.find)
	h.public(mux, "GET "+agenda.FollowPath+"{jeton}", h.showBooking)
	h.public(mux, "POST "+agenda.FollowPath+"{jeton}", h.answer)
	h.public(mux, "GET "+agenda.FollowPath+"{jeton}/annuler", h.showCancel)
	h.public(mux, "GET "+agenda.FollowPath+"{jeton}/deplacer", h.showMove)
	h.public(mux, "POST "+agenda.FollowPath+"{jeton}/deplacer", h.move)
	h.public(mux, "GET "+agenda.FollowPath+"{jeton}/rendez-vous.ics", h.sendBooking)
}

// retrievePage is the view of /suivi.
type retrievePage struct {
	ui.Page
	Errors    ui.ErrorSummary
	Reference ui.Field
	Contact   ui.Field
}

func (h *Handlers) showFind(w http.ResponseWriter, r *http.Request) error {
	return h.renderFind(w, r, h.Kit.Page(r, "Retrouver mon rendez-vous"), "", "", ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderFind(w http.ResponseWriter, r *http.Request, p ui.Page, reference, contact string, f ui.Refused) error {
	v := retrievePage{
		Page: p, Errors: f.Summary,
		Reference: ui.Field{Name: "numero", Label: "Votre numéro", Hint: "Trois signes, un trait, trois signes. Par exemple KTB-94M.", Value: reference, Short: true, Autocomplete: "off", Error: f.Of("numero")},
		Contact:   ui.Field{Name: "contact", Label: "Votre téléphone ou votre adresse e-mail", Hint: "Celui que vous avez donné pour vous inscrire.", Value: contact, Error: f.Of("contact")},
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "agenda_find", v)
}

func (h *Handlers) find(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	if !h.guards.Allow(httpx.Client(r)) {
		return fault.New(fault.TooMany, "agenda.guess_slow")
	}
	reference, contact := clip(r.PostForm.Get("numero")), clip(r.PostForm.Get("contact"))
	b, err := h.Agenda.Follow(r.Context(), agenda.Ref{Reference: reference, Contact: contact})
	if err == nil {
		http.Redirect(w, r, agenda.FollowPath+b.Token, http.StatusSeeOther)
		return nil
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	p := h.Kit.Page(r, "Retrouver mon rendez-vous")
	refused, _ := p.Refuse(fault.New(fault.Invalid, "agenda.booking_unknown").With("numero", "agenda.booking_unknown"))
	return h.renderFind(w, r, p, reference, contact, refused)
}

// bookingPage is the view of a booking.
type bookingPage struct {
	ui.Page
	Done    ui.Confirmation // just booked; no title otherwise
	Note    ui.Message
	Heading string
	What    ui.Summary
	Later   []string // the other sessions of a cycle
	Action  string
	Offer   bool   // a seat is held: yes or no
	Late    string // what one can no longer do here, and how to do it; "" for nothing
	Links   []ui.Link
	Print   ui.Print // no text: nothing to keep on paper
}

func (h *Handlers) booked(r *http.Request) (agenda.Booking, error) {
	return h.Agenda.Follow(r.Context(), agenda.Ref{Token: r.PathValue("jeton")})
}

func (h *Handlers) showBooking(w http.ResponseWriter, r *http.Request) error {
	b, err := h.booked(r)
	if err != nil {
		return err
	}
	v := h.bookingView(w, r, b)
	v.Note = stateNote(v.Page, b)
	v.Offer = standing(b, v.Now()) == agenda.Held
	switch r.URL.Query().Get("fait") {
	case "inscription":
		v.confirm(b)
	case "deplacement":
		v.Note = ui.Message{Kind: ui.Success, Title: "C'est noté", Text: "Votre rendez-vous a changé de date. Votre numéro reste le même."}
	}
	for _, o := range b.Later {
		v.Later = append(v.Later, dayTitle(v.Page, o.Start.In(o.Zone))+" à "+clock(v.Page, o.Start, o.Zone))
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_booking", v)
}

// bookingView is a booking's page with what never changes by how one came to it.
func (h *Handlers) bookingView(w http.ResponseWriter, r *http.Request, b agenda.Booking) bookingPage {
	v := bookingPage{Page: h.Kit.Page(r, "Votre rendez-vous"), Heading: "Votre rendez-vous", Action: agenda.FollowPath + b.Token}
	v.KeepSecret(w)
	v.What, v.Late, v.Links = h.about(v.Page, b), late(b, v.Now()), h.bookingLinks(v.Page, b)
	if b.Claim.State == agenda.Booked {
		v.Print = v.Page.Print("Imprimer cette page", v.Action)
	}
	return v
}

// standing is where a booking stands now: an offer that ran out is one no longer, whether or not the round that passes it on
// has run.
func standing(b agenda.Booking, now time.Time) agenda.ClaimState {
	if b.Claim.State == agenda.Held && !now.Before(b.Claim.HeldUntil) {
		return agenda.Expired
	}
	return b.Claim.State
}

// late says what a person can no longer do alone with a booking that is still to come.
func late(b agenda.Booking, now time.Time) string {
	switch {
	case b.Claim.State != agenda.Booked || !b.Occurrence.Coming(now):
		return ""
	case !now.Before(b.CancelBy):
		return "Pour annuler ou changer de date, appelez-nous."
	case !now.Before(b.MoveBy) && !b.Series.Cycle:
		return "Pour changer de date, appelez-nous."
	}
	return ""
}

// problem says in the title that a page came back: the frame leaves it out of pages that keep a secret.
func problem(p *ui.Page) { p.Title = p.T("ui.title.problem", "Title", p.Title) }

// confirm says that it is done, with the reference.
func (v *bookingPage) confirm(b agenda.Booking) {
	switch b.Claim.State {
	case agenda.Booked:
		v.Done = v.Confirmation("C'est noté, nous vous attendons", b.Claim.Reference, "Notez ce numéro : il sert à changer ou à annuler.")
	case agenda.Waiting:
		v.Done = v.Confirmation("Vous êtes sur la liste d'attente", b.Claim.Reference, "Notez ce numéro. "+news(b))
	default:
		return
	}
	v.Note = ui.Message{}
	if remind := startOf(b).Add(-remindBefore); b.Claim.State == agenda.Booked && remind.After(v.Now()) && !b.Claim.Silent {
		v.Done.Text += " Nous vous le rappelons " + dayTitle(v.Page, remind.In(b.Occurrence.Zone)) + "."
	}
}

// remindBefore is how long before the start the agenda reminds.
const remindBefore = 48 * time.Hour

// news says how somebody who waits learns of a seat. Under silence no message is sent: she looks here, or calls.
func news(b agenda.Booking) string {
	if b.Claim.Silent {
		return "Pour savoir si une place se libère, revenez sur cette page ou appelez-nous."
	}
	return "Nous vous prévenons si une place se libère."
}

// startOf is when a booking begins.
func startOf(b agenda.Booking) time.Time {
	if !b.Claim.Slot.IsZero() {
		return b.Claim.Slot
	}
	return b.Occurrence.Start
}

// about says what a booking is. Under silence it says the hour and whom to call, and nothing that tells why.
func (h *Handlers) about(p ui.Page, b agenda.Booking) ui.Summary {
	zone := b.Occurrence.Zone
	start := startOf(b).In(zone)
	when := ui.SummaryRow{Term: "Quand", Value: dayTitle(p, start) + " à " + clock(p, start, zone), Big: true}
	rows := []ui.SummaryRow{when}
	row := func(term, value string) {
		if value != "" {
			rows = append(rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	if b.Claim.Silent {
		row("Téléphone", ui.Phone(b.Series.Phone))
		return ui.Summary{Rows: rows}
	}
	rows = []ui.SummaryRow{{Term: "Quoi", Value: b.Series.Title}, when, {Term: "Où", Value: h.Agenda.WhereText(b.Occurrence.Where)}}
	if b.Claim.State == agenda.Waiting || b.Claim.State == agenda.Held && b.Claim.Slot.IsZero() && b.Series.Mode.HasSlots() {
		rows[1].Value = dayTitle(p, start)
		if !b.Series.Mode.HasSlots() {
			rows[1] = when
		}
	}
	row("Pourquoi", b.Reason.Name)
	row("À apporter", b.Reason.Bring)
	row("Avant de venir", b.Series.Prerequisites)
	row("Téléphone", ui.Phone(b.Series.Phone))
	if b.Claim.Seats > 1 {
		row("Personnes", strconv.Itoa(b.Claim.Seats))
	}
	if b.Claim.Reference != "" {
		rows = append(rows, ui.SummaryRow{Term: "Votre numéro", Value: b.Claim.Reference, Big: true})
	}
	return ui.Summary{Rows: rows}
}

// stateNote says where a booking stands.
func stateNote(p ui.Page, b agenda.Booking) ui.Message {
	now := p.Now()
	switch standing(b, now) {
	case agenda.Waiting:
		return ui.Message{Title: "Vous êtes sur la liste d'attente", Text: rankText(b.Rank) + " " + news(b)}
	case agenda.Held:
		return ui.Message{Kind: ui.Success, Title: "Une place se libère pour vous", Text: "Nous vous la gardons jusqu'à " + p.Moment(b.Claim.HeldUntil) + "."}
	case agenda.Withdrawn, agenda.Declined:
		text := "Vous pouvez choisir une autre date."
		switch {
		case b.Claim.Silent:
			text = "Pour une autre date, appelez-nous."
		case b.Occurrence.State == agenda.Cancelled:
			text = sentence(b.Occurrence.Reason) + text
		}
		return ui.Message{Kind: ui.Failure, Title: "C'est annulé", Text: text}
	case agenda.Expired:
		if b.Claim.Silent {
			return ui.Message{Kind: ui.Warning, Title: "La place n'est plus gardée", Text: "Pour une autre date, appelez-nous."}
		}
		return ui.Message{Kind: ui.Warning, Title: "La place n'est plus gardée", Text: "Vous pouvez choisir une autre date."}
	case agenda.Attended, agenda.Partly, agenda.Arrived:
		return ui.Message{Kind: ui.Success, Text: "Vous êtes venu. Merci."}
	case agenda.NoShow:
		return ui.Message{Text: "Ce rendez-vous est passé."}
	case agenda.Booked:
		switch {
		case !b.Occurrence.End.After(now):
			return ui.Message{Text: "Ce rendez-vous est passé."}
		case b.Occurrence.Delay > 0:
			return ui.Message{Kind: ui.Warning, Title: "Nous avons du retard", Text: "Environ " + strconv.Itoa(b.Occurrence.Delay) + " minutes. Excusez-nous."}
		}
	}
	return ui.Message{}
}

func rankText(rank int) string {
	if rank == 1 {
		return "Vous êtes en tête de la liste."
	}
	return "Vous êtes " + strconv.Itoa(rank) + "e sur la liste."
}

// bookingLinks are what one can do with a booking.
func (h *Handlers) bookingLinks(p ui.Page, b agenda.Booking) []ui.Link {
	base := agenda.FollowPath + b.Token
	now := p.Now()
	var out []ui.Link
	switch standing(b, now) {
	case agenda.Booked:
		out = append(out, ui.Link{Text: "Mettre dans mon calendrier (iCalendar, 1 Ko)", Href: base + "/rendez-vous.ics", Icon: "calendar"})
		if now.Before(b.MoveBy) && !b.Series.Cycle {
			out = append(out, ui.Link{Text: "Changer de date, jusqu'à " + p.Moment(b.MoveBy), Href: base + "/deplacer", Icon: "clock"})
		}
		if now.Before(b.CancelBy) {
			out = append(out, ui.Link{Text: "Annuler, jusqu'à " + p.Moment(b.CancelBy), Href: base + "/annuler", Icon: "question"})
		}
	case agenda.Waiting:
		out = append(out, ui.Link{Text: "Ne plus attendre", Href: base + "/annuler", Icon: "question"})
	case agenda.Withdrawn, agenda.Declined, agenda.Expired:
		if b.Claim.Silent {
			break // what it was for would show there
		}
		for _, f := range h.Agenda.Index().Search(agenda.Query{Series: b.Series.ID, From: now, FreeOnly: true, Live: true}) {
			if f.ID != b.Occurrence.ID && f.Bookable(now) {
				out = append(out, ui.Link{Text: "Choisir une autre date", Href: p.Path(Path(f.Entry)), Icon: "clock"})
				break
			}
		}
		out = append(out, ui.Link{Text: "Voir l'agenda", Href: p.Path(listPath), Icon: "calendar"})
	}
	return out
}

// answer takes the one button of the page: yes or no to an offer, or a cancellation.
func (h *Handlers) answer(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	ref := agenda.Ref{Token: r.PathValue("jeton")}
	var err error
	switch r.PostForm.Get("action") {
	case "oui":
		err = h.Agenda.Accept(r.Context(), ref)
	case "annuler":
		err = h.Agenda.Cancel(r.Context(), ref)
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if fault.Is(err, fault.Conflict) {
		return h.refuseAnswer(w, r, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, agenda.FollowPath+r.PathValue("jeton"), http.StatusSeeOther)
	return nil
}

// refuseAnswer shows the booking as it is, with why not.
func (h *Handlers) refuseAnswer(w http.ResponseWriter, r *http.Request, why error) error {
	b, err := h.booked(r)
	if err != nil {
		return err
	}
	v := h.bookingView(w, r, b)
	problem(&v.Page)
	f, _ := fault.As(why)
	v.Note = ui.Message{Kind: ui.Failure, Text: v.T(f.Message.Key, f.Message.Args...)}
	return h.Kit.Render(w, r, http.StatusConflict, "agenda_booking", v)
}

// bookingCancelPage is the view that asks once.
type bookingCancelPage struct {
	ui.Page
	Back    ui.Back
	What    ui.Summary
	Action  string
	Heading string
	Button  string
}

func (h *Handlers) showCancel(w http.ResponseWriter, r *http.Request) error {
	b, err := h.booked(r)
	if err != nil {
		return err
	}
	v := bookingCancelPage{Page: h.Kit.Page(r, "Annuler mon rendez-vous"), Action: agenda.FollowPath + b.Token, Heading: "Annuler ce rendez-vous ?", Button: "Oui, annuler"}
	if b.Claim.State == agenda.Waiting {
		v.Title, v.Heading, v.Button = "Ne plus attendre une place", "Ne plus attendre une place ?", "Oui, quitter la liste"
	}
	v.KeepSecret(w)
	v.Back, v.What = v.Page.Back(v.Action), h.about(v.Page, b)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_cancel", v)
}

// movePage is the view of the other dates.
type movePage struct {
	ui.Page
	Errors ui.ErrorSummary
	Back   ui.Back
	What   ui.Summary
	Action string
	Slots  ui.Slots
}

func (h *Handlers) showMove(w http.ResponseWriter, r *http.Request) error {
	return h.renderMove(w, r, h.Kit.Page(r, "Changer de date"), ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderMove(w http.ResponseWriter, r *http.Request, p ui.Page, f ui.Refused) error {
	b, err := h.booked(r)
	if err != nil {
		return err
	}
	v := movePage{Page: p, Errors: f.Summary, Back: p.Back(agenda.FollowPath + b.Token), Action: agenda.FollowPath + b.Token + "/deplacer"}
	v.KeepSecret(w)
	if p.Problem {
		problem(&v.Page)
	}
	v.What = h.about(p, b)
	v.Slots = ui.Slots{Name: "heure", Error: f.Of("heure"), Days: h.targets(p, b)}
	return h.Kit.Render(w, r, f.Status, "agenda_move", v)
}

// maxTargets is how many dates one may move to.
const maxTargets = 8

// targets are the times to which a booking may move, by day.
func (h *Handlers) targets(p ui.Page, b agenda.Booking) []ui.SlotDay {
	var out []ui.SlotDay
	now := p.Now()
	for _, f := range h.Agenda.Index().Search(agenda.Query{Series: b.Series.ID, From: now, Live: true}) {
		day := ui.SlotDay{Title: dayTitle(p, f.Start.In(f.Zone))}
		value := func(at time.Time) string {
			return strconv.FormatInt(int64(f.Number), 10) + "-" + strconv.FormatInt(at.Unix(), 10)
		}
		if b.Series.Mode.HasSlots() {
			for _, s := range f.Slots(b.Claim.Reason) {
				if f.InTime(s, b.Claim.Reason, now) {
					day.Options = append(day.Options, ui.Option{Value: value(s), Label: clock(p, s, f.Zone)})
				}
			}
		} else if free := f.FreeAt(now); f.ID != b.Occurrence.ID && f.Bookable(now) && (free < 0 || free >= b.Claim.Seats) {
			day.Options = append(day.Options, ui.Option{Value: value(f.Start), Label: clock(p, f.Start, f.Zone), Hint: seatsText(p, f.Entry)})
		}
		if len(day.Options) > 0 {
			out = append(out, day)
		}
		if len(out) == maxTargets {
			break
		}
	}
	return out
}

func (h *Handlers) move(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	b, err := h.booked(r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Changer de date")
	number, at, _ := strings.Cut(r.PostForm.Get("heure"), "-")
	e, err := h.entry(number)
	unix, bad := strconv.ParseInt(at, 10, 64)
	if err != nil || bad != nil {
		refused, _ := p.Refuse(fault.New(fault.Invalid, "agenda.invalid").With("heure", "agenda.slot_missing"))
		return h.renderMove(w, r, p, refused)
	}
	to := agenda.Target{Occurrence: e.ID}
	if b.Series.Mode.HasSlots() {
		to.Slot = time.Unix(unix, 0).UTC()
	}
	if err := h.Agenda.Move(r.Context(), agenda.Ref{Token: b.Token}, to); err != nil {
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Conflict {
			return err
		}
		if _, e := h.Agenda.Refresh(r.Context()); e != nil {
			return e
		}
		refused, _ := p.Refuse(fault.New(fault.Conflict, f.Message.Key).With("heure", f.Message.Key, f.Message.Args...))
		return h.renderMove(w, r, p, refused)
	}
	http.Redirect(w, r, agenda.FollowPath+b.Token+"?fait=deplacement", http.StatusSeeOther)
	return nil
}

// sendBooking serves a booking for the reader's own calendar. Under silence it is an hour, and says nothing.
func (h *Handlers) sendBooking(w http.ResponseWriter, r *http.Request) error {
	b, err := h.booked(r)
	if err != nil {
		return err
	}
	start, end := startOf(b), b.Occurrence.End
	if !b.Claim.Slot.IsZero() {
		end = b.Claim.SlotEnd.Add(-time.Duration(b.Reason.Buffer) * time.Minute)
	}
	var l contentline.Writer
	l.Line("BEGIN", "VCALENDAR")
	l.Line("VERSION", "2.0")
	l.Line("PRODID", "-//Viaduc//FR")
	l.Line("METHOD", "PUBLISH")
	l.Line("BEGIN", "VEVENT")
	l.Line("UID", string(b.Claim.ID)+"@viaduc")
	l.Line("DTSTAMP", contentline.UTC(b.Claim.CreatedAt))
	l.Line("SEQUENCE", strconv.FormatInt(b.Claim.Version, 10))
	l.Line("DTSTART", contentline.UTC(start))
	l.Line("DTEND", contentline.UTC(end))
	if b.Claim.Silent {
		l.Text("SUMMARY", "Rendez-vous")
	} else {
		l.Text("SUMMARY", b.Series.Title)
		l.Text("LOCATION", h.Agenda.WhereText(b.Occurrence.Where))
		l.Text("DESCRIPTION", "Votre numéro : "+b.Claim.Reference)
	}
	l.Line("STATUS", calendarStatus(standing(b, h.Now())))
	l.Line("END", "VEVENT")
	l.Line("END", "VCALENDAR")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="rendez-vous.ics"`)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(l.Bytes()) // the reader left: nothing to do
	return nil
}

// calendarStatus is the state of a booking as calendars say it (RFC 5545, 3.8.1.11). Who waits, or was offered a seat, has
// none yet.
func calendarStatus(s agenda.ClaimState) string {
	switch s {
	case agenda.Waiting, agenda.Held:
		return "TENTATIVE"
	case agenda.Withdrawn, agenda.Declined, agenda.Expired:
		return "CANCELLED"
	case agenda.Booked, agenda.Arrived, agenda.Attended, agenda.Partly, agenda.NoShow:
	}
	return "CONFIRMED"
}
