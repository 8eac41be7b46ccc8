package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// volunteersPath is a week of the volunteers of a structure.
const volunteersPath = teamPath + "/benevoles"

func (h *Handlers) volunteerRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+volunteersPath, identity.AgendaPeople, h.showVolunteers)
	h.staff(mux, "POST "+volunteersPath, identity.AgendaPeople, h.changeVolunteers)
}

// volunteersPage is the view of a week of shifts.
type volunteersPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	Title  string
	Week   string // 2026-W19, which forms carry along
	Weeks  []ui.Link
	Short  string // how many are missing in the week
	Shifts []shiftLine
	Shift  ui.Choices // that somebody may be put on
	Name   ui.Field
	Phone  ui.Field
	May    bool // add a shift
	New    []ui.Field
}

// shiftLine is one shift of the week.
type shiftLine struct {
	ID, Hour, Role, When, Needs string
	State                       ui.Tag
	On                          []volunteerLine
	Empty                       bool // nobody is on it: it may be taken away
}

// volunteerLine is somebody on a shift.
type volunteerLine struct {
	Volunteer, Who string
	State          ui.Tag
	Begun          bool     // what became of them is known
	Hours          ui.Field // worked
	Leave          bool     // may be taken off
}

func (h *Handlers) showVolunteers(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderVolunteers(w, r, by, h.Kit.Page(r, "Les bénévoles"), r.URL.Query(), ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderVolunteers(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page, typed url.Values, f ui.Refused) error {
	get := trimmed(typed)
	monday := weekAsked(p, get("semaine"))
	v := volunteersPage{
		Page: p, Back: p.Back(teamPath), Said: saidDone(r), Errors: f.Summary, Week: weekWords(monday), Title: "La semaine du " + openinghours.SpokenDate(monday),
		May: identity.Reaches(by, identity.AgendaEdit) != identity.None,
	}
	week := func(d recur.Date) string { return volunteersPath + "?semaine=" + weekWords(d) }
	v.Weeks = []ui.Link{{Text: "Semaine d'avant", Href: week(monday.AddDays(-7))}, {Text: "Cette semaine", Href: volunteersPath}, {Text: "Semaine d'après", Href: week(monday.AddDays(7))}}
	zone := p.Now().Location()
	list, err := h.Agenda.Shifts(r.Context(), by, monday.In(zone), monday.AddDays(7).In(zone))
	if err != nil {
		return err
	}
	v.Shift = ui.Choices{Name: "creneau", Legend: "Quel créneau ?", Error: f.Of("creneau")}
	missing := 0
	for _, s := range list {
		v.Shifts = append(v.Shifts, shiftText(p, s))
		asked := get("action") == "inscrire" && get("creneau") == string(s.ID) // and full meanwhile: what was typed comes back
		coming := s.End.After(p.Now())
		if coming {
			missing += s.Missing
		}
		if !asked && (s.Missing == 0 || !coming) {
			continue
		}
		v.Shift.Options = append(v.Shift.Options, ui.Option{Value: string(s.ID), Label: s.Role + ", " + shiftWhen(p, s.Shift), Checked: get("creneau") == string(s.ID)})
	}
	if missing > 0 {
		v.Short = "Il manque " + plural(p, missing, "personne", "personnes") + " cette semaine."
	}
	v.Name = ui.Field{Name: "nom", Label: "Nom et prénom", Value: get("nom"), Autocomplete: "off", Error: f.Of("nom")}
	v.Phone = ui.Field{
		Name: "telephone", Label: "Téléphone", Hint: "Il sert à reconnaître la même personne d'un créneau à l'autre.", Type: "tel", InputMode: "tel", Value: get("telephone"), Autocomplete: "off", Error: f.Of("telephone"),
	}
	v.New = []ui.Field{
		{Name: "role", Label: "Qu'y a-t-il à faire ?", Hint: "Par exemple : accueil, réparation.", Value: get("role"), Error: f.Of("role"), Autocomplete: "off"},
		{Name: "jour", Label: "Jour", Hint: "Par exemple 03/09/2026.", Short: true, Value: get("jour"), Error: f.Of("jour"), Autocomplete: "off"},
		{Name: "debut", Label: "De", Hint: "Par exemple 9 h 30.", Short: true, Value: get("debut"), Error: f.Of("debut"), Autocomplete: "off"},
		{Name: "fin", Label: "À", Short: true, Value: get("fin"), Error: f.Of("fin"), Autocomplete: "off"},
		{Name: "besoin", Label: "Combien de personnes faut-il ?", Short: true, InputMode: "numeric", Value: get("besoin"), Error: f.Of("besoin"), Autocomplete: "off"},
		{Name: "salle", Label: "Où ?", Optional: p.Optional(), Value: get("salle"), Error: f.Of("salle"), Autocomplete: "off"},
		{Name: "habilitation", Label: "Habilitation demandée", Hint: "Le même nom que dans Autorisations.", Optional: p.Optional(), Value: get("habilitation"), Error: f.Of("habilitation"), Autocomplete: "off"},
	}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_volunteers", v)
}

// shiftWhen is the day and the hours of a shift.
func shiftWhen(p ui.Page, s agenda.Shift) string {
	return openinghours.SpokenDate(s.On) + ", de " + clock(p, s.Start, s.Zone) + " à " + clock(p, s.End, s.Zone)
}

// shiftText is a shift as the week shows it.
func shiftText(p ui.Page, s agenda.TeamShift) shiftLine {
	line := shiftLine{ID: string(s.ID), Hour: clock(p, s.Start, s.Zone), Role: s.Role, When: inOneLine(shiftWhen(p, s.Shift), s.Venue, "")}
	line.Needs = plural(p, s.Needed, "personne", "personnes") + " en tout"
	if s.Skill != "" {
		line.Needs += ", habilitation : " + s.Skill
	}
	switch {
	case !s.End.After(p.Now()):
		line.State = ui.Tag{Text: "Terminé"}
	case s.Missing == 0:
		line.State = ui.Tag{Text: "Complet", Kind: ui.Success}
	default:
		line.State = ui.Tag{Text: "Il manque " + plural(p, s.Missing, "personne", "personnes"), Kind: ui.Warning}
	}
	line.Empty = len(s.Entries) == 0
	kinds := map[agenda.ShiftState]string{agenda.SignedUp: ui.Info, agenda.Came: ui.Success, agenda.DidNot: ui.Failure}
	for _, e := range s.Entries {
		on := volunteerLine{Volunteer: e.Volunteer, Who: "Une personne effacée", State: ui.Tag{Text: e.State.French(), Kind: kinds[e.State]}, Begun: !p.Now().Before(s.Start)}
		if who, ok := s.Persons[e.Person]; ok {
			on.Who = person.Short(who.Name)
		}
		worked := s.Length
		if e.State == agenda.Came {
			worked = e.Minutes
			on.State.Text += ", " + minutesText(e.Minutes)
		}
		on.Leave = e.State == agenda.SignedUp
		on.Hours = ui.Field{ID: "heures-" + e.Volunteer, Name: "heures", Label: "Heures faites par " + on.Who, Short: true, Value: clockText(worked), Autocomplete: "off"}
		line.On = append(line.On, on)
	}
	return line
}

// volunteerInputs say which input a refusal of the agenda stands for.
var volunteerInputs = []string{"name", "nom", "phone", "telephone", "on", "jour", "minute", "debut", "length", "fin", "needed", "besoin", "venue", "salle", "skill", "habilitation"}

func (h *Handlers) changeVolunteers(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les bénévoles")
	monday := weekAsked(p, get("semaine"))
	of := agenda.ShiftID(get("creneau"))
	switch get("action") {
	case "ajouter":
		var added agenda.Shift
		if added, err = h.addShift(r, by, p.Now().Location(), get); err == nil {
			monday = added.On.Monday()
		}
	case "supprimer":
		err = h.Agenda.RemoveShift(r.Context(), by, of)
	case "inscrire":
		err = h.signUp(r, by, of, get)
	case "venu":
		worked, ok := readClock(get("heures"))
		if !ok {
			worked = 0
		}
		err = h.Agenda.MarkShift(r.Context(), by, of, get("benevole"), agenda.Came, worked)
	case "absent":
		err = h.Agenda.MarkShift(r.Context(), by, of, get("benevole"), agenda.DidNot, 0)
	case "desinscrire":
		err = h.Agenda.MarkShift(r.Context(), by, of, get("benevole"), agenda.TakenBack, 0)
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err == nil {
		return done(w, r, volunteersPath+"?semaine="+weekWords(monday), "note", "")
	}
	if f, ok := fault.As(err); ok && f.Fields["minutes"].Key != "" { // one of several like boxes: said on top
		f = fault.New(f.Kind, f.Fields["minutes"].Key)
		err = f
	}
	refused, ok := p.Refuse(err, volunteerInputs...)
	if !ok {
		return err
	}
	return h.renderVolunteers(w, r, by, p, r.PostForm, refused)
}

// signUp puts somebody on a shift of the page.
func (h *Handlers) signUp(r *http.Request, by identity.Actor, of agenda.ShiftID, get func(string) string) error {
	who := person.New{Name: get("nom"), Phone: get("telephone")}
	if who.Phone == "" {
		f := fault.New(fault.Invalid, "agenda.invalid").With("phone", "agenda.shift_phone")
		_, err := who.Check()
		addFields(f, err)
		return f
	}
	err := h.Agenda.SignUp(r.Context(), by, of, who)
	if g, ok := fault.As(err); ok && g.Kind == fault.Conflict {
		return fault.New(fault.Conflict, g.Message.Key).With("creneau", g.Message.Key)
	}
	return err
}

// addShift adds a shift as it was typed.
func (h *Handlers) addShift(r *http.Request, by identity.Actor, zone *time.Location, get func(string) string) (agenda.Shift, error) {
	in := agenda.Shift{Role: get("role"), Venue: get("salle"), Skill: get("habilitation"), Zone: zone, Minute: minus}
	in.Needed, _ = strconv.Atoi(get("besoin"))
	if day, ok := readDay(get("jour")); ok {
		in.On = day
	}
	if from, ok := readClock(get("debut")); ok {
		in.Minute = from
	}
	if to, ok := readClock(get("fin")); ok {
		in.Length = to - max(in.Minute, 0)
	}
	return h.Agenda.AddShift(r.Context(), by, in)
}
