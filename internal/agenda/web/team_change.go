package web

import (
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/sms"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// cancelPage is the view that asks once before a date is called off.
type cancelPage struct {
	ui.Page
	Back    ui.Back
	Errors  ui.ErrorSummary
	Title   string
	When    string
	Told    []string // by message
	Calls   []string // nobody writes to them: they must be called
	Silent  []string
	Names   bool
	Action  string
	Why     ui.Field
	Summary string
}

func (h *Handlers) askCancelDate(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderCancelDate(w, r, by, "", ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Annuler cette date"))
}

func (h *Handlers) renderCancelDate(w http.ResponseWriter, r *http.Request, by identity.Actor, why string, f ui.Refused, p ui.Page) error {
	d, err := h.editable(r, by)
	if err != nil {
		return err
	}
	v := cancelPage{
		Page: p, Back: p.Back(datePath(d.Number)), Errors: f.Summary, Title: d.Series.Title, When: whenText(p, d.Occurrence), Action: datePath(d.Number) + "/annuler",
		Names: may(by, identity.AgendaPeople, d.TeamDate),
		Why: ui.Field{
			Name: "reason", Label: "Pourquoi ?", Hint: "Une phrase. Tout le monde la lit.", Value: why, Error: f.Of("reason"), Autocomplete: "off", MaxLength: 120,
		},
	}
	for _, s := range d.Seats {
		switch wayTo(s) {
		case byMessage:
			v.Told = append(v.Told, s.Person.Name)
		case byCall:
			v.Calls = append(v.Calls, s.Person.Name)
		case bySilence:
			v.Silent = append(v.Silent, s.Person.Name)
		}
	}
	v.Summary = tellText(p, len(v.Told), len(v.Calls))
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_cancel", v)
}

// way is how somebody is told.
type way int

const (
	notTold way = iota
	byMessage
	byCall
	bySilence
)

// wayTo says how somebody who is still to come would be told: by message where there is an e-mail address or a mobile
// telephone, by a call else, and by nobody but their own team under silence.
func wayTo(s agenda.Seat) way {
	switch {
	case !s.EndedAt.IsZero(), s.Person.ID == "":
		return notTold
	case s.Silent || s.Person.Silent:
		return bySilence
	case s.Person.Email != "" || sms.Mobile(s.Person.Phone):
		return byMessage
	}
	return byCall
}

// tellText says how many will be told, and how many must be called.
func tellText(p ui.Page, told, calls int) string {
	if told+calls == 0 {
		return "Personne n'est à prévenir."
	}
	var parts []string
	if told > 0 {
		parts = append(parts, plural(p, told, "personne reçoit un message.", "personnes reçoivent un message."))
	}
	if calls > 0 {
		parts = append(parts, plural(p, calls, "personne est à appeler.", "personnes sont à appeler."))
	}
	return strings.Join(parts, " ")
}

// editable is the date of an address, for whoever may change it.
func (h *Handlers) editable(r *http.Request, by identity.Actor) (agenda.TeamDay, error) {
	d, err := h.teamDay(r, by)
	if err == nil && !may(by, identity.AgendaEdit, d.TeamDate) {
		err = identity.NotFound()
	}
	return d, err
}

func (h *Handlers) cancelDate(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := answers(w, r)
	if err != nil {
		return err
	}
	d, err := h.editable(r, by)
	if err != nil {
		return err
	}
	why := form("reason")
	if err = h.Agenda.CancelDate(r.Context(), by, d.ID, why); err == nil {
		return done(w, r, datePath(d.Number), "date_annulee", "")
	}
	p := h.Kit.Page(r, "Annuler cette date")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderCancelDate(w, r, by, why, refused, p)
}

// changePage is the view that moves one date, or changes its place, its crew and its seats.
type changePage struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Title  string
	When   string
	Action string
	Move   []ui.Field
	Fields []ui.Field
	Crew   ui.Choices
	Away   string // who of the crew is away, as the page says
}

func (h *Handlers) showChangeDate(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	d, err := h.editable(r, by)
	if err != nil {
		return err
	}
	return h.renderChange(w, r, by, d, h.typedOf(d), ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Changer cette date"))
}

// typedOf is what the boxes hold at first: the date as it is.
func (h *Handlers) typedOf(d agenda.TeamDay) map[string][]string {
	crew := make([]string, len(d.Members))
	for i, m := range d.Members {
		crew[i] = string(m)
	}
	seats := ""
	if d.Capacity > 0 {
		seats = strconv.Itoa(d.Capacity)
	}
	return map[string][]string{
		"on": {dayText(d.On)}, "minute": {clockText(d.Minute)}, "length": {strconv.Itoa(d.Length)}, "commune": {h.communeText(d.Where.Commune)},
		"venue": {d.Where.Venue}, "place": {h.placeNumber(d.Where.Place)}, "capacity": {seats}, "members": crew,
	}
}

// communeText is a commune as one finds it again: "Rochefort 17".
func (h *Handlers) communeText(code string) string {
	c, ok := h.Territory.Gazetteer().Commune(code)
	if !ok {
		return ""
	}
	return c.Name + " " + c.Department
}

// placeNumber is the number of a place of the census, "" for none.
func (h *Handlers) placeNumber(of place.ID) string {
	e, ok := h.Places.Index().Shown(of)
	if of == "" || !ok {
		return ""
	}
	return strconv.FormatInt(int64(e.Number), 10)
}

func (h *Handlers) renderChange(w http.ResponseWriter, r *http.Request, by identity.Actor, d agenda.TeamDay, typed map[string][]string, f ui.Refused, p ui.Page) error {
	get := trimmed(typed)
	v := changePage{
		Page: p, Back: p.Back(datePath(d.Number)), Errors: f.Summary, Title: d.Series.Title, When: whenText(p, d.Occurrence), Action: datePath(d.Number) + "/modifier",
		Move: []ui.Field{
			{Name: "on", Label: "Nouveau jour", Hint: "Par exemple 03/09/2026.", Value: get("on"), Error: f.Of("on"), Short: true, Autocomplete: "off"},
			{Name: "minute", Label: "Nouvelle heure", Hint: "Par exemple 9 h 30.", Value: get("minute"), Error: f.Of("minute"), Short: true, Autocomplete: "off"},
			{Name: "length", Label: "Durée, en minutes", Value: get("length"), Error: f.Of("length"), Short: true, InputMode: "numeric", Autocomplete: "off"},
			{Name: "why", Label: "Pourquoi ?", Optional: p.Optional(), Value: get("why"), Autocomplete: "off", MaxLength: 120},
		},
		Fields: append(whereFields(p, get, f), ui.Field{
			Name: "capacity", Label: "Nombre de places", Hint: "Vide : pas de limite.", Value: get("capacity"), Error: f.Of("capacity"), Short: true, InputMode: "numeric", Autocomplete: "off",
		}),
	}
	var err error
	if v.Crew, err = h.crewChoices(r, by, d.Series.Organisation, typed["members"]); err != nil {
		return err
	}
	v.Crew.Error = f.Of("members")
	away, err := h.newlyAway(r, by, d.TeamDate, accountsOf(typed["members"]))
	if err != nil {
		return err
	}
	v.Away = awayText(away)
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_change", v)
}

// whereFields ask where something takes place.
func whereFields(p ui.Page, get func(string) string, f ui.Refused) []ui.Field {
	return []ui.Field{
		{Name: "commune", Label: "Commune", Hint: "Son nom ou son code postal.", Value: get("commune"), Error: f.Of("commune"), Autocomplete: "off"},
		{Name: "venue", Label: "Salle", Hint: "Par exemple : salle du conseil, à la mairie.", Optional: p.Optional(), Value: get("venue"), Error: f.Of("venue"), Autocomplete: "off"},
		{
			Name: "place", Label: "Numéro du lieu dans le recensement", Hint: "Il est dans l'adresse de sa fiche.", Optional: p.Optional(), Value: get("place"), Error: f.Of("place"),
			Short: true, InputMode: "numeric", Autocomplete: "off",
		},
	}
}

// crewChoices are the people of a structure, those who were chosen ticked.
func (h *Handlers) crewChoices(r *http.Request, by identity.Actor, of identity.OrganisationID, chosen []string) (ui.Choices, error) {
	c := ui.Choices{Name: "members", Legend: "Qui reçoit", Hint: "Leur prénom est montré aux habitants.", Inline: true}
	if of == "" {
		return c, nil
	}
	list, err := h.Identity.Members(r.Context(), by, identity.MemberFilter{Organisation: of, Limit: maxCrew})
	if err != nil {
		return c, err
	}
	ticked := map[string]bool{}
	for _, one := range chosen {
		ticked[one] = true
	}
	for _, m := range list {
		account := string(m.Person.ID)
		c.Options = append(c.Options, ui.Option{Value: account, Label: m.Person.Name(), Checked: ticked[account]})
	}
	return c, nil
}

// maxCrew is how many people of a structure one chooses from.
const maxCrew = 200

func (h *Handlers) changeDate(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := answers(w, r)
	if err != nil {
		return err
	}
	d, err := h.editable(r, by)
	if err != nil {
		return err
	}
	to, said := datePath(d.Number), "change"
	if form("action") == "deplacer" {
		var next agenda.Occurrence
		if next, err = h.moveDate(r, by, d, form); err == nil {
			to, said = datePath(next.Number), "deplace"
		}
	} else {
		err = h.relocate(r, by, d, form)
	}
	if err == nil {
		return done(w, r, to, said, "")
	}
	p := h.Kit.Page(r, "Changer cette date")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	typed := h.typedOf(d)
	for name, values := range r.PostForm {
		typed[name] = values
	}
	return h.renderChange(w, r, by, d, typed, refused, p)
}

func (h *Handlers) moveDate(r *http.Request, by identity.Actor, d agenda.TeamDay, form func(string) string) (agenda.Occurrence, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	on, ok := readDay(form("on"))
	if !ok {
		f.With("on", "agenda.date_invalid")
	}
	minute, ok := readClock(form("minute"))
	if !ok {
		f.With("minute", "agenda.minute_range")
	}
	if f.Fields != nil {
		return agenda.Occurrence{}, f
	}
	return h.Agenda.MoveDate(r.Context(), by, d.ID, agenda.NewTime{On: on, Minute: minute, Length: typedNumber(form("length"))}, form("why"))
}

// relocate changes the place, the seats and the crew of one date: only what is not as it was.
func (h *Handlers) relocate(r *http.Request, by identity.Actor, d agenda.TeamDay, form func(string) string) error {
	f := fault.New(fault.Invalid, "agenda.invalid")
	where := h.readWhere(r, form, f)
	seats := typedNumber(form("capacity"))
	if f.Fields != nil {
		return f
	}
	members := accountsOf(r.PostForm["members"])
	if err := h.warnAway(r, by, d.TeamDate, members, form("absents")); err != nil {
		return err
	}
	change := agenda.DateChange{Members: &members}
	if where != d.Where {
		change.Where = &where
	}
	if seats != d.Capacity {
		change.Capacity = &seats
	}
	return h.Agenda.ChangeDate(r.Context(), by, d.ID, change)
}

func accountsOf(chosen []string) []identity.AccountID {
	out := make([]identity.AccountID, len(chosen))
	for i, one := range chosen {
		out[i] = identity.AccountID(one)
	}
	return out
}

// communeNamed is the one commune that a text names. Of several, it is the only one in the département of this site: people
// go where we say, so that nothing is guessed.
func (h *Handlers) communeNamed(r *http.Request, text string) (territory.Commune, bool) {
	here := h.Territory.MainCommune(r.Host).Department
	m := h.Territory.Gazetteer().Find(text, here)
	if m.Guessed || len(m.Communes) == 0 {
		return territory.Commune{}, false
	}
	if len(m.Communes) == 1 {
		return m.Communes[0], true
	}
	first, second := m.Communes[0], m.Communes[1]
	return first, first.Department == here && second.Department != here
}

// readWhere reads where something takes place.
func (h *Handlers) readWhere(r *http.Request, form func(string) string, f *fault.Error) agenda.Where {
	where := agenda.Where{Venue: strings.Join(strings.Fields(form("venue")), " ")}
	if text := form("place"); text != "" {
		e, ok := h.Places.Index().Place(place.Number(number(text)))
		if !ok {
			f.With("place", "agenda.place_unknown")
			return where
		}
		where.Place, where.Commune = e.ID, e.CommuneCode
	}
	if text := form("commune"); text != "" {
		c, ok := h.communeNamed(r, text)
		if !ok {
			f.With("commune", "agenda.commune_unknown")
		}
		where.Commune = c.Code
	} else if where.Commune == "" {
		f.With("commune", "agenda.commune_missing")
	}
	return where
}
