package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/ui"
)

// Booking for somebody who calls, or stands at the counter: one page, a name and a telephone, under twenty seconds.

const (
	bookPath = teamPath + "/inscrire"
	minePath = teamPath + "/mes-inscriptions"
)

func (h *Handlers) bookRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+bookPath, identity.AgendaBook, h.findSeat)
	h.staff(mux, "GET "+bookPath+"/{numero}", identity.AgendaBook, h.showClerk)
	h.staff(mux, "POST "+bookPath+"/{numero}", identity.AgendaBook, h.bookFor)
	h.staff(mux, "GET "+minePath, identity.AgendaBook, h.listMine)
	h.staff(mux, "GET "+teamPath+"/inscriptions/{inscription}", identity.AgendaPeople, h.showClaim)
	h.staff(mux, "POST "+teamPath+"/inscriptions/{inscription}", identity.AgendaPeople, h.changeClaim)
}

// bookPathOf is the page on which staff book a date for somebody.
func bookPathOf(n agenda.Number) string { return bookPath + "/" + strconv.FormatInt(int64(n), 10) }

// clerkPage is the view with which staff book a date for somebody.
type clerkPage struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Done   ui.Confirmation // with the reference that was given
	Aloud  string          // the reference, to be read aloud
	Said   string          // of somebody who waits
	Title  string
	When   string
	Where  string
	Seats  string
	Action string
	Fields []ui.Field
	More   []ui.Field // that decide on seats kept for some, or on how she is told
	Open   bool
	Slots  ui.Slots
	Origin ui.Choices
	Wait   ui.Checkbox
	Silent ui.Checkbox
	Closed string // why nothing can be booked
	Other  string // the search
}

// shownDate is the date of an address as everybody may know it: a draft or a proposal is none.
func (h *Handlers) shownDate(r *http.Request) (*agenda.Entry, error) {
	n, err := dateNumber(r)
	if err != nil {
		return nil, err
	}
	e, ok := h.Agenda.Index().Entry(n)
	if !ok {
		return nil, identity.NotFound()
	}
	return e, nil
}

func (h *Handlers) showClerk(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	typed := map[string][]string{"creneau": {r.URL.Query().Get("creneau")}, "origin": {string(usualOrigin(by))}}
	known, err := h.comesAgain(r, by)
	if err != nil {
		return err
	}
	if known.Claim.ID != "" {
		typed["name"], typed["phone"], typed["email"] = []string{known.Person.Name}, []string{ui.Phone(known.Person.Phone)}, []string{known.Person.Email}
		if known.Claim.Silent || known.Person.Silent {
			typed["silence"] = []string{"oui"}
		}
	}
	return h.renderClerk(w, r, by, typed, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Inscrire quelqu'un"))
}

// usualOrigin is by which way bookings come to a role: to those who are called, by telephone.
func usualOrigin(by identity.Actor) agenda.Origin {
	if by.Role == identity.Helper || by.Role == identity.Relay {
		return agenda.FromHelper
	}
	return agenda.FromPhone
}

func (h *Handlers) renderClerk(w http.ResponseWriter, r *http.Request, by identity.Actor, typed map[string][]string, f ui.Refused, p ui.Page) error {
	e, err := h.shownDate(r)
	if err != nil {
		return err
	}
	get := trimmed(typed)
	v := clerkPage{
		Page: p, Back: p.Back(bookPath), Errors: f.Summary, Title: e.Series.Title, When: whenText(p, e.Occurrence), Where: placeText(e), Seats: termsText(p, e),
		Action: bookPathOf(e.Number), Other: bookPath,
	}
	if !e.Series.Books() {
		v.Closed = "On ne s'inscrit pas à cette date : la personne vient, simplement."
	} else if !e.Coming(h.Now()) {
		v.Closed = "Cette date est annulée, déplacée ou passée."
	}
	first := f.Status == http.StatusOK
	v.Fields = []ui.Field{
		{Name: "name", Label: "Son nom", Value: get("name"), Error: f.Of("name"), Autocomplete: "off", Autofocus: first},
		{Name: "phone", Label: "Son téléphone", Value: get("phone"), Error: f.Of("phone"), Type: "tel", Autocomplete: "off"},
	}
	if e.Series.Mode.HasSlots() {
		if v.Slots, err = h.clerkSlots(r, by, p, e, get("creneau")); err != nil {
			return err
		}
		v.Slots.Error = f.Of("creneau")
	} else {
		v.Fields = append(v.Fields, ui.Field{Name: "seats", Label: "Combien de places ?", Value: seatsOr(get("seats")), Error: f.Of("seats"), Short: true, InputMode: "numeric", Autocomplete: "off"})
	}
	v.choices(e, get, first)
	v.more(get, f)
	if first {
		v.reference(r, e)
	}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_book", v)
}

// choices are what one may say beside a name and a telephone; each has a usual answer.
func (v *clerkPage) choices(e *agenda.Entry, get func(string) string, first bool) {
	v.Origin = ui.Choices{Name: "origin", Legend: "Comment la demande est-elle venue ?", Inline: true, Options: []ui.Option{
		{Value: string(agenda.FromPhone), Label: "Téléphone"}, {Value: string(agenda.FromDesk), Label: "Accueil"}, {Value: string(agenda.FromHelper), Label: "Un aidant"},
	}}
	for i := range v.Origin.Options {
		v.Origin.Options[i].Checked = v.Origin.Options[i].Value == get("origin")
	}
	if e.Series.Waiting && !e.Series.Mode.HasSlots() {
		v.Wait = ui.Checkbox{Name: "attendre", Label: "Si c'est complet, mettre en liste d'attente", Checked: first || get("attendre") != ""}
	}
	v.Silent = ui.Checkbox{
		Name: "silence", Label: "Sous silence", Hint: "Personne en danger : aucun message, aucune liste. Seule l'équipe de cette date la voit.", Checked: get("silence") != "",
	}
}

// more are questions that few bookings need: seats may be kept for a commune or an audience.
func (v *clerkPage) more(get func(string) string, f ui.Refused) {
	v.More = []ui.Field{
		{Name: "email", Label: "Son adresse e-mail", Optional: v.Optional(), Value: get("email"), Error: f.Of("email"), Autocomplete: "off"},
		{Name: "commune", Label: "Sa commune", Hint: "Quand des places sont gardées pour des communes.", Optional: v.Optional(), Value: get("commune"), Error: f.Of("commune"), Autocomplete: "off"},
		{Name: "public", Label: "Son public", Hint: "Quand des places sont gardées pour un public, comme Seniors.", Optional: v.Optional(), Value: get("public"), Autocomplete: "off"},
	}
	for _, field := range v.More {
		v.Open = v.Open || field.Value != "" || field.Error != ""
	}
}

// termsText says how many may still come, and what a booking is for.
func termsText(p ui.Page, e *agenda.Entry) string {
	text := seatsText(p, e)
	if e.Series.Cycle {
		text += ". Une inscription vaut pour toutes les dates"
	}
	if e.Series.Guarded() {
		text += ". Autorisation demandée : " + e.Series.Skill
	}
	return text
}

func seatsOr(text string) string {
	if text == "" {
		return "1"
	}
	return text
}

// reference shows the reference that was just given. The address holds no more than it, so that a page under silence can be
// shown as any other.
func (v *clerkPage) reference(r *http.Request, e *agenda.Entry) {
	reference, ok := id.ParseReference(r.URL.Query().Get("numero"))
	if !ok {
		return
	}
	v.Title = "Inscrire quelqu'un d'autre : " + e.Series.Title
	v.Done = v.Confirmation("C'est fait", reference, "Lisez ce numéro à la personne. Il sert à annuler ou à changer de date.")
	v.Done.ReferenceLabel = "Son numéro"
	if r.URL.Query().Get("attente") != "" {
		v.Done.Title = "En liste d'attente"
		v.Said = "La personne attend une place. Elle sera prévenue si une place se libère."
	}
	v.Aloud = aloud(reference)
	for i := range v.Fields {
		v.Fields[i].Autofocus = false // the reference is read first
	}
}

// spelling are the names with which letters are spelt on the telephone.
var spelling = map[rune]string{
	'A': "Anatole", 'B': "Berthe", 'C': "Célestin", 'D': "Désiré", 'E': "Eugène", 'F': "François", 'G': "Gaston", 'H': "Henri", 'I': "Irma", 'J': "Joseph", 'K': "Kléber",
	'L': "Louis", 'M': "Marcel", 'N': "Nicolas", 'O': "Oscar", 'P': "Pierre", 'Q': "Quintal", 'R': "Raoul", 'S': "Suzanne", 'T': "Thérèse", 'U': "Ursule", 'V': "Victor",
	'W': "William", 'X': "Xavier", 'Y': "Yvonne", 'Z': "Zoé",
}

// aloud spells a reference as one does on the telephone: "K comme Kléber, T comme Thérèse, 9".
func aloud(reference string) string {
	var out []string
	for _, sign := range reference {
		switch {
		case spelling[sign] != "":
			out = append(out, string(sign)+" comme "+spelling[sign])
		case sign >= '0' && sign <= '9':
			out = append(out, string(sign))
		}
	}
	return strings.Join(out, ", ")
}

// clerkSlots are the free appointments of a date, by reason; those of a machine have none. The first reason comes first, and
// nothing is chosen before somebody does.
func (h *Handlers) clerkSlots(r *http.Request, by identity.Actor, p ui.Page, e *agenda.Entry, chosen string) (ui.Slots, error) {
	s := ui.Slots{Name: "creneau"}
	add := func(title string, reason agenda.ReasonID) {
		day := ui.SlotDay{Title: title}
		for _, at := range e.Slots(reason) {
			value := slotValue(reason, at)
			day.Options = append(day.Options, ui.Option{Value: value, Label: clock(p, at, e.Zone), Checked: value == chosen})
		}
		if len(day.Options) > 0 {
			s.Days = append(s.Days, day)
		}
	}
	if e.Series.Mode == agenda.Machine {
		add("Les heures libres", "")
		return s, nil
	}
	reasons, err := h.Agenda.Reasons(r.Context(), e.Series.Organisation)
	for _, one := range reasons {
		if slices.Contains(e.Series.Reasons, one.ID) && !one.Retired && (one.BookableBy != agenda.TeamOnly || by.Organisation == e.Series.Organisation) {
			add(one.Name, one.ID)
		}
	}
	return s, err
}

// slotValue names an appointment in an answer: its instant, then its reason.
func slotValue(reason agenda.ReasonID, at time.Time) string {
	return strconv.FormatInt(at.Unix(), 10) + "-" + string(reason)
}

func readSlot(value string) (at time.Time, reason agenda.ReasonID) {
	seconds, rest, _ := strings.Cut(value, "-")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}, ""
	}
	return time.Unix(n, 0), agenda.ReasonID(rest)
}

func (h *Handlers) bookFor(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := answers(w, r)
	if err != nil {
		return err
	}
	e, err := h.shownDate(r)
	if err != nil {
		return err
	}
	in := agenda.NewBooking{
		Occurrence: e.ID, Who: person.New{Name: form("name"), Phone: form("phone")}, Seats: typedNumber(form("seats")), Wait: form("attendre") != "", Silent: form("silence") != "",
		Origin: originOf(by, form("origin")),
	}
	in.Who.Email, in.Audience = form("email"), form("public")
	if text := form("commune"); text != "" {
		c, ok := h.communeNamed(r, text)
		if !ok {
			return h.refuseClerk(w, r, by, fault.New(fault.Invalid, "agenda.invalid").With("commune", "agenda.commune_unknown"))
		}
		in.Who.Commune = c.Code
	}
	if e.Series.Mode.HasSlots() {
		in.Slot, in.Reason = readSlot(form("creneau"))
		if in.Slot.IsZero() {
			return h.refuseClerk(w, r, by, fault.New(fault.Invalid, "agenda.invalid").With("slot", "agenda.slot_missing"))
		}
	}
	c, err := h.Agenda.Book(r.Context(), by, in)
	if err != nil {
		return h.refuseClerk(w, r, by, err)
	}
	to := bookPathOf(e.Number) + "?numero=" + c.Reference
	if c.State == agenda.Waiting {
		to += "&attente=oui"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// originOf is the way that was said; whoever books is never the web.
func originOf(by identity.Actor, text string) agenda.Origin {
	o := agenda.Origin(text)
	if o == agenda.FromPhone || o == agenda.FromDesk || o == agenda.FromHelper {
		return o
	}
	return usualOrigin(by)
}

func (h *Handlers) refuseClerk(w http.ResponseWriter, r *http.Request, by identity.Actor, err error) error {
	p := h.Kit.Page(r, "Inscrire quelqu'un")
	refused, ok := p.Refuse(err, "slot", "creneau")
	if !ok {
		return err
	}
	return h.renderClerk(w, r, by, r.PostForm, refused, p)
}
