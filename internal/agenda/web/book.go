package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
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

	noRoom bool // said by the agenda, not typed: for so many people nothing is free
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
	Reasons []turn // other reasons, each with its own times
	Reason  string // for which the times are
	Slots   ui.Slots
	Weeks   []turn // the times before and after these
	Keeps   bool   // it was typed who comes: the ways to other times are buttons
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
		v.Commune = ui.Field{Name: "commune", Label: "Votre commune", Hint: "Son nom. Des places sont gardées pour certaines communes.", Value: in.commune, Autocomplete: "address-level2", Optional: p.Optional(), Error: f.Of("commune")}
	}
	if len(audiences) > 0 {
		v.Public = ui.Choices{Name: "public", Legend: "Des places sont gardées pour certaines personnes", Options: []ui.Option{{Value: "", Label: "Je ne suis pas concerné", Checked: in.audience == ""}}}
		for _, a := range audiences {
			v.Public.Options = append(v.Public.Options, ui.Option{Value: a, Label: a, Checked: in.audience == a})
		}
	}
	if full(e, c, now) || in.wait || in.noRoom {
		v.Note = roomNote(p, c)
		v.Others = ui.EventDay{Title: "Les autres dates", Events: h.others(p, e)}
		if e.Series.Waiting {
			v.Wait = waitBox(in, f)
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "agenda_book", v)
}

// full reports whether one can only wait. Where seats are left for some, the agenda decides once it knows who comes.
func full(e *agenda.Entry, c chosen, now time.Time) bool {
	if !c.slot.IsZero() || e.FreeAt(now) != 0 {
		return false
	}
	commune, audiences := e.Asks(now)
	return !commune && len(audiences) == 0 || e.Taken >= e.Capacity
}

// roomNote says what is left of a date on which there is no room for all who would come.
func roomNote(p ui.Page, c chosen) ui.Message {
	m := ui.Message{Kind: ui.Warning, Title: "C'est complet", Text: "Vous pouvez choisir une autre date, ou nous appeler."}
	if c.e.FreeAt(p.Now()) > 0 && !c.e.Series.Mode.HasSlots() {
		m.Title = "Il n'y a pas assez de places"
		m.Text = seatsText(p, c.e) + "."
	} else if c.e.Series.Waiting {
		m.Text = waitingText(c.e)
	}
	return m
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

// maxFamily is how many people one books for at once, but for a group.
const maxFamily = 6

// seats asks how many come.
func (v *bookPage) seats(e *agenda.Entry, in typed, f ui.Refused) {
	switch {
	case e.Series.Mode == agenda.Group:
		v.Count = ui.Field{Name: "places", Label: "Combien de personnes viennent ?", InputMode: "numeric", Short: true, Value: in.seats, Error: f.Of("places")}
	case !e.Series.Mode.HasSlots():
		v.Seats = ui.Choices{Name: "places", Legend: "Combien de personnes viennent ?", Inline: true, Error: f.Of("places")}
		for n := 1; n <= maxFamily; n++ {
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
	me := person.New{Name: in.name, Phone: in.phone, Email: in.email, Commune: h.residence(c.e, in.commune)}
	b.Who = me
	if in.other != "" {
		b.Who, b.By = person.New{Name: in.other, Commune: me.Commune}, me
	}
	return b
}

// residence is the INSEE code of the commune that somebody writes, namesakes near a date first; "" for none that is sure.
func (h *Handlers) residence(e *agenda.Entry, text string) string {
	if text == "" {
		return ""
	}
	found := h.Territory.Gazetteer().Find(text, e.Ground.Department)
	if found.Guessed || len(found.Communes) == 0 {
		return ""
	}
	return found.Communes[0].Code
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
	if done, err := h.turned(w, r, p, e, in); done {
		return err
	}
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
	nameless := in.other != "" && in.name == "" // who books has no name: the agenda took them for nobody
	lost := in.commune != "" && h.residence(c.e, in.commune) == ""
	if !nameless && !lost {
		return err
	}
	f, ok := fault.As(err)
	if !ok {
		f = fault.New(fault.Invalid, "agenda.invalid")
	}
	if nameless {
		f = f.With("by_name", "person.name_missing")
	}
	if lost {
		f = f.With("commune", "agenda.commune_unknown")
	}
	return f
}

// askWait asks whether to wait, where nothing is free.
func (h *Handlers) askWait(w http.ResponseWriter, r *http.Request, p ui.Page, c chosen, in typed) error {
	why := fault.New(fault.Conflict, "agenda.full")
	if c.e.Series.Waiting {
		why = why.With("attente", "agenda.wait_choice")
	}
	refused, _ := p.Refuse(why)
	in.noRoom = true
	return h.renderYou(w, r, p, c, in, refused)
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
