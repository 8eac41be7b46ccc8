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
	"viaduc/internal/person"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// One books in two pages of questions at most: the time, where there is one to choose, and who comes. Then a page to check,
// then the booking's own page. What was typed travels with the pages; nothing is kept before it is sent.

// bookingRoutes mounts the pages on which a resident books.
func (h *Handlers) bookingRoutes(mux ui.Mux) {
	h.public(mux, "GET /rendez-vous", h.showStart)
	h.public(mux, "GET /rendez-vous/{numero}", h.showBook)
	h.public(mux, "POST /rendez-vous/{numero}/vous", h.stepBook)
	h.public(mux, "POST /rendez-vous/{numero}", h.book)
}

// typed is what somebody filled in so far.
type typed struct {
	slot, reason, name, phone, email, other, seats, commune, audience string
	wait                                                              bool
}

// fields are the names of typed in forms.
func (in *typed) fields() map[string]*string {
	return map[string]*string{
		"heure": &in.slot, "motif": &in.reason, "nom": &in.name, "telephone": &in.phone, "email": &in.email, "proche": &in.other, "places": &in.seats, "commune": &in.commune, "public": &in.audience,
	}
}

// fieldOrder is in which order hidden fields are written.
var fieldOrder = []string{"heure", "motif", "nom", "telephone", "email", "proche", "places", "commune", "public"}

func readTyped(v url.Values) typed {
	var in typed
	for name, to := range in.fields() {
		*to = clip(v.Get(name))
	}
	in.wait = v.Get("attente") == "oui"
	return in
}

// hidden is what was typed, to travel along.
func (in typed) hidden(but ...string) []ui.Hidden {
	var out []ui.Hidden
	all := in.fields()
	for _, name := range fieldOrder {
		if value := *all[name]; value != "" && !slices.Contains(but, name) {
			out = append(out, ui.Hidden{Name: name, Value: value})
		}
	}
	if in.wait && !slices.Contains(but, "attente") {
		out = append(out, ui.Hidden{Name: "attente", Value: "oui"})
	}
	return out
}

// bookPage is the view of a step.
type bookPage struct {
	ui.Page
	Back    ui.Back
	Errors  ui.ErrorSummary
	Note    ui.Message
	Heading string
	What    ui.Summary
	Action  string // where the form goes
	Step    string // "horaire", "vous"
	Hidden  []ui.Hidden
	Reasons []ui.Link // other reasons, each with its own times
	Reason  string    // for which the times are
	Slots   ui.Slots
	Seats   ui.Choices
	Count   ui.Field // of a group
	Name    ui.Field
	Phone   ui.Field
	Email   ui.Field
	Other   ui.Field
	Commune ui.Field
	Public  ui.Choices
	Wait    ui.Checkbox
	Others  ui.EventDay
	Button  string
}

// chosen is the date that a step is about, and the time on it.
type chosen struct {
	e    *agenda.Entry
	slot time.Time
}

// choose reads which time was chosen: "42-1778140800" is a time on date 42.
func (h *Handlers) choose(e *agenda.Entry, in typed) (chosen, bool) {
	c := chosen{e: e}
	if !e.Series.Mode.HasSlots() {
		return c, true
	}
	number, at, ok := strings.Cut(in.slot, "-")
	unix, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return c, false
	}
	other, err := h.entry(number)
	if err != nil || other.Occurrence.Series != e.Occurrence.Series {
		return c, false
	}
	return chosen{e: other, slot: time.Unix(unix, 0).UTC()}, true
}

// what says what is being booked.
func (h *Handlers) what(p ui.Page, c chosen) ui.Summary {
	start := c.e.Start
	if !c.slot.IsZero() {
		start = c.slot
	}
	start = start.In(c.e.Zone)
	return ui.Summary{Rows: []ui.SummaryRow{
		{Term: "Quoi", Value: c.e.Series.Title},
		{Term: "Quand", Value: dayTitle(p, start) + " à " + clock(p, start, c.e.Zone), Big: true},
		{Term: "Où", Value: whereLines(c.e)},
	}}
}

func (h *Handlers) showBook(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r.PathValue("numero"))
	if err != nil {
		return err
	}
	if e.State == agenda.MovedTo && e.Next != nil {
		http.Redirect(w, r, bookingPath(e.Next), http.StatusSeeOther)
		return nil
	}
	in := readTyped(r.URL.Query())
	p := h.Kit.Page(r, "M'inscrire")
	if !e.Bookable(p.Now()) {
		http.Redirect(w, r, Path(e), http.StatusSeeOther) // its page says why
		return nil
	}
	if e.Series.Mode.HasSlots() {
		return h.renderSlots(w, r, p, e, in, ui.Refused{Status: http.StatusOK})
	}
	return h.renderYou(w, r, p, chosen{e: e}, in, ui.Refused{Status: http.StatusOK})
}

// maxSlotDays is on how many dates of a series times are offered at once.
const maxSlotDays = 4

// renderSlots asks which time, on this date and the next ones of the series.
func (h *Handlers) renderSlots(w http.ResponseWriter, r *http.Request, p ui.Page, e *agenda.Entry, in typed, f ui.Refused) error {
	p.Title = "Choisir un horaire"
	v := bookPage{Page: p, Back: p.Back(Path(e)), Errors: f.Summary, Heading: "Quel horaire vous convient ?", Action: bookingPath(e) + "/vous", Step: "horaire", Button: "Continuer"}
	reasons := e.Reasons(false)
	reason := agenda.ReasonID(in.reason)
	if len(reasons) > 0 && len(e.Slots(reason)) == 0 {
		reason = reasons[0].ID
	}
	v.Hidden = append(in.hidden("heure", "motif"), ui.Hidden{Name: "motif", Value: string(reason)})
	for _, one := range reasons {
		if one.ID == reason {
			v.Reason = one.Name + ", " + strconv.Itoa(one.Minutes) + " minutes"
			continue
		}
		v.Reasons = append(v.Reasons, ui.Link{Text: one.Name, Href: p.Path(bookingPath(e)) + "?motif=" + url.QueryEscape(string(one.ID))})
	}
	v.Slots = ui.Slots{Name: "heure", Error: f.Of("heure"), Days: h.slotDays(p, e, reason, in.slot)}
	if len(v.Slots.Days) == 0 {
		v.Note = ui.Message{Kind: ui.Warning, Title: "Tous les horaires sont pris", Text: "Appelez-nous : nous chercherons avec vous."}
		v.Button = ""
		if e.Series.Waiting {
			v.Wait = waitBox(in, f)
			v.Button = "Continuer"
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "agenda_book", v)
}

// slotDays are the free times of a reason, by day.
func (h *Handlers) slotDays(p ui.Page, e *agenda.Entry, reason agenda.ReasonID, at string) []ui.SlotDay {
	var out []ui.SlotDay
	for _, f := range h.Agenda.Index().Search(agenda.Query{Series: e.Occurrence.Series, From: p.Now(), Live: true}) {
		if f.Start.Before(e.Start) || !f.Bookable(p.Now()) {
			continue
		}
		day := ui.SlotDay{Title: dayTitle(p, f.Start.In(f.Zone))}
		for _, s := range f.Slots(reason) {
			if !f.InTime(s, reason, p.Now()) {
				continue
			}
			value := strconv.FormatInt(int64(f.Number), 10) + "-" + strconv.FormatInt(s.Unix(), 10)
			day.Options = append(day.Options, ui.Option{Value: value, Label: clock(p, s, f.Zone), Checked: value == at})
		}
		if len(day.Options) > 0 {
			out = append(out, day)
		}
		if len(out) == maxSlotDays {
			break
		}
	}
	return out
}

// renderYou asks who comes.
func (h *Handlers) renderYou(w http.ResponseWriter, r *http.Request, p ui.Page, c chosen, in typed, f ui.Refused) error {
	p.Title = "Vous inscrire"
	e, now := c.e, p.Now()
	v := bookPage{
		Page: p, Back: p.Back(Path(e)), Errors: f.Summary, Heading: "Qui vient ?", What: h.what(p, c), Action: bookingPath(e) + "/vous", Step: "vous", Button: "Continuer",
		Hidden: in.hidden("nom", "telephone", "email", "proche", "places", "commune", "public", "attente"),
		Name:   ui.Field{Name: "nom", Label: "Votre nom et votre prénom", Value: in.name, Autocomplete: "name", Error: f.Of("nom"), MaxLength: 80},
		Phone:  ui.Field{Name: "telephone", Label: "Votre téléphone", Hint: "Pour vous prévenir si la date change.", Type: "tel", InputMode: "tel", Value: in.phone, Autocomplete: "tel", Error: f.Of("telephone")},
		Email:  ui.Field{Name: "email", Label: "Votre adresse e-mail", Hint: "Si vous n'avez pas de téléphone, ou si vous préférez.", Type: "email", Value: in.email, Autocomplete: "email", Optional: p.Optional(), Error: f.Of("email")},
		Other:  ui.Field{Name: "proche", Label: "C'est pour quelqu'un d'autre ? Son nom", Hint: "Nous vous prévenons, vous.", Value: in.other, Optional: p.Optional(), Error: f.Of("proche")},
	}
	v.seats(e, in, f)
	commune, audiences := e.Asks(now)
	if commune {
		v.Commune = ui.Field{Name: "commune", Label: "Votre commune", Hint: "Des places sont gardées pour certaines communes.", Value: in.commune, Autocomplete: "address-level2", Optional: p.Optional(), Error: f.Of("commune")}
	}
	if len(audiences) > 0 {
		v.Public = ui.Choices{Name: "public", Legend: "Des places sont gardées pour certaines personnes", Options: []ui.Option{{Value: "", Label: "Je ne suis pas concerné", Checked: in.audience == ""}}}
		for _, a := range audiences {
			v.Public.Options = append(v.Public.Options, ui.Option{Value: a, Label: a, Checked: in.audience == a})
		}
	}
	if full(e, c, now) || in.wait || f.Of("attente") != "" {
		v.Note = ui.Message{Kind: ui.Warning, Title: "C'est complet", Text: waitingText(e)}
		v.Wait = waitBox(in, f)
		v.Others = ui.EventDay{Title: "Les autres dates", Events: h.others(p, e)}
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "agenda_book", v)
}

// full reports whether one can only wait.
func full(e *agenda.Entry, c chosen, now time.Time) bool {
	return c.slot.IsZero() && e.FreeAt(now) == 0
}

func waitingText(e *agenda.Entry) string {
	switch e.Waiting {
	case 0:
		return "Personne n'attend encore. Si une place se libère, nous vous la proposons."
	case 1:
		return "Une personne attend déjà. Si une place se libère, nous la proposons dans l'ordre."
	}
	return strconv.Itoa(e.Waiting) + " personnes attendent déjà. Si une place se libère, nous la proposons dans l'ordre."
}

func waitBox(in typed, f ui.Refused) ui.Checkbox {
	return ui.Checkbox{Name: "attente", Label: "Je veux être sur la liste d'attente", Hint: "Nous vous prévenons si une place se libère.", Checked: in.wait, Error: f.Of("attente")}
}

// seats asks how many come.
func (v *bookPage) seats(e *agenda.Entry, in typed, f ui.Refused) {
	switch {
	case e.Series.Mode == agenda.Group:
		v.Count = ui.Field{Name: "places", Label: "Combien de personnes viennent ?", InputMode: "numeric", Short: true, Value: in.seats, Error: f.Of("places")}
	case !e.Series.Mode.HasSlots():
		v.Seats = ui.Choices{Name: "places", Legend: "Combien de personnes viennent ?", Inline: true, Error: f.Of("places")}
		for n := 1; n <= 4; n++ {
			text := strconv.Itoa(n)
			v.Seats.Options = append(v.Seats.Options, ui.Option{Value: text, Label: text, Checked: text == in.seats || in.seats == "" && n == 1})
		}
	}
}

// booking is what was typed as the agenda reads it.
func (h *Handlers) booking(c chosen, in typed) agenda.NewBooking {
	seats, _ := strconv.Atoi(in.seats)
	if in.seats != "" && seats == 0 {
		seats = -1 // refused
	}
	b := agenda.NewBooking{Occurrence: c.e.ID, Slot: c.slot, Reason: agenda.ReasonID(in.reason), Seats: seats, Audience: in.audience, Wait: in.wait, Origin: agenda.FromWeb}
	me := person.New{Name: in.name, Phone: in.phone, Email: in.email}
	if in.commune != "" {
		if found := h.Territory.Gazetteer().Find(in.commune, c.e.Ground.Department); len(found.Communes) > 0 && !found.Guessed {
			me.Commune = found.Communes[0].Code
		}
	}
	b.Who = me
	if in.other != "" {
		b.Who, b.By = person.New{Name: in.other, Commune: me.Commune}, me
	}
	return b
}

// inputs says which field of the page a fault speaks of.
var inputs = []string{
	"name", "nom", "phone", "telephone", "email", "email", "by_name", "nom", "by_phone", "telephone", "by_email", "email", "seats", "places", "reason", "motif", "slot", "heure",
}

// namesFor are the same where somebody else comes: the name is theirs.
func namesFor(in typed) []string {
	if in.other == "" {
		return inputs
	}
	return append([]string{"name", "proche"}, inputs[2:]...)
}

// stepBook goes from the time to who comes, to the page to check, and back.
func (h *Handlers) stepBook(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r.PathValue("numero"))
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	in := readTyped(r.PostForm)
	p := h.Kit.Page(r, "")
	c, ok := h.choose(e, in)
	if r.PostForm.Get("etape") == "horaire" && (!ok || len(c.e.Slots(agenda.ReasonID(in.reason))) == 0) && !in.wait {
		return h.askSlot(w, r, p, e, in)
	}
	if r.PostForm.Get("etape") != "vous" {
		return h.renderYou(w, r, p, c, in, ui.Refused{Status: http.StatusOK})
	}
	if err := h.checkTyped(c, in); err != nil {
		refused, ok := p.Refuse(err, namesFor(in)...)
		if !ok {
			return err
		}
		return h.renderYou(w, r, p, c, in, refused)
	}
	if full(e, c, p.Now()) && !in.wait {
		return h.askWait(w, r, p, c, in)
	}
	return h.renderCheck(w, r, p, c, in)
}

// checkTyped says what is wrong with what was typed, by field.
func (h *Handlers) checkTyped(c chosen, in typed) error {
	err := h.Agenda.CheckBooking(identity.Nobody(), h.booking(c, in))
	if in.other == "" || in.name != "" {
		return err
	}
	f, ok := fault.As(err) // who books has no name: the agenda took them for nobody
	if !ok {
		f = fault.New(fault.Invalid, "agenda.invalid")
	}
	return f.With("by_name", "person.name_missing")
}

// askSlot shows the times again, without one having been chosen.
func (h *Handlers) askSlot(w http.ResponseWriter, r *http.Request, p ui.Page, e *agenda.Entry, in typed) error {
	refused, _ := p.Refuse(fault.New(fault.Invalid, "agenda.invalid").With("heure", "agenda.slot_missing"))
	return h.renderSlots(w, r, p, e, in, refused)
}

// askWait asks whether to wait, where nothing is free.
func (h *Handlers) askWait(w http.ResponseWriter, r *http.Request, p ui.Page, c chosen, in typed) error {
	key := "agenda.wait_choice"
	if !c.e.Series.Waiting {
		key = "agenda.full"
	}
	refused, _ := p.Refuse(fault.New(fault.Conflict, "agenda.full").With("attente", key))
	return h.renderYou(w, r, p, c, in, refused)
}

// checkPage is the view before sending.
type checkPage struct {
	ui.Page
	What    ui.Summary
	Who     ui.Summary
	Action  string
	Change  string
	Hidden  []ui.Hidden
	Button  string
	Waiting bool
}

func (h *Handlers) renderCheck(w http.ResponseWriter, r *http.Request, p ui.Page, c chosen, in typed) error {
	p.Title = "Vérifier avant d'envoyer"
	v := checkPage{Page: p, What: h.what(p, c), Action: bookingPath(c.e), Change: bookingPath(c.e) + "/vous", Hidden: in.hidden(), Button: "Envoyer mon inscription", Waiting: in.wait}
	if in.wait {
		v.Button = "M'inscrire sur la liste d'attente"
	}
	row := func(term, value string) {
		if value != "" {
			v.Who.Rows = append(v.Who.Rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	for _, reason := range c.e.Reasons(false) {
		if string(reason.ID) == in.reason {
			row("Pourquoi", reason.Name)
			row("À apporter", reason.Bring)
		}
	}
	row("Nom", in.name)
	row("Pour", in.other)
	if in.phone != "" {
		row("Téléphone", ui.Phone(in.phone))
	}
	row("Adresse e-mail", in.email)
	if in.seats != "1" {
		row("Personnes", in.seats)
	}
	row("Commune", in.commune)
	row("Public", in.audience)
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, http.StatusOK, "agenda_book_check", v)
}

// book sends a booking.
func (h *Handlers) book(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r.PathValue("numero"))
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	if !h.askers.Allow(httpx.Client(r)) {
		return fault.New(fault.TooMany, "agenda.slow_down")
	}
	in := readTyped(r.PostForm)
	p := h.Kit.Page(r, "")
	c, ok := h.choose(e, in)
	if !ok && !in.wait {
		return h.askSlot(w, r, p, e, in)
	}
	claim, err := h.Agenda.Book(r.Context(), identity.Nobody(), h.booking(c, in))
	if err == nil {
		http.Redirect(w, r, agenda.FollowPath+h.Agenda.Token(claim.ID)+"?fait=inscription", http.StatusSeeOther)
		return nil
	}
	f, is := fault.As(err)
	if !is {
		return err
	}
	if _, e := h.Agenda.Refresh(r.Context()); e != nil { // what is free now is shown
		return e
	}
	switch f.Message.Key {
	case "agenda.slot_taken":
		refused, _ := p.Refuse(fault.New(fault.Conflict, "agenda.slot_taken").With("heure", "agenda.slot_taken"))
		return h.renderSlots(w, r, p, e, in, refused)
	case "agenda.full":
		return h.askWait(w, r, p, c, in)
	}
	if len(f.Fields) == 0 {
		f = fault.New(f.Kind, f.Message.Key, f.Message.Args...).With("name", f.Message.Key, f.Message.Args...)
	}
	refused, ok := p.Refuse(f, namesFor(in)...)
	if !ok {
		return err
	}
	return h.renderYou(w, r, p, c, in, refused)
}
