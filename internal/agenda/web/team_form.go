package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// An activity is said on one page: what, where, when, for how many, who. Its dates are shown before it is saved, always.

// formPage is the view of an activity that is written.
type formPage struct {
	ui.Page
	Back     ui.Back
	Said     ui.Message
	Errors   ui.ErrorSummary
	Title    string
	Intro    string
	Action   string
	Version  string
	Sections []formSection
	Preview  *previewed
	Buttons  []button // beside the one that shows the dates
	Links    []ui.Link
	Publish  bool // a draft that can be shown to residents
	Add      []ui.Field
}

// formSection is a part of the form.
type formSection struct {
	Title  string
	Folded bool // few people need it
	Open   bool // but it holds something, or the form came back
	Inputs []formInput
}

// formInput is one question: exactly one of the four.
type formInput struct {
	Field  *ui.Field
	Select *ui.Choices
	Boxes  *ui.Choices
	Tick   *ui.Checkbox
}

// previewed are the dates that an activity would have.
type previewed struct {
	Where   string
	Next    []string
	Total   string
	Dropped []string
	Away    []string // on which days somebody of the crew is away
	More    string   // how many others holidays take away
	Seen    string   // what the dates follow from: saved only as they were seen
}

// maker makes the questions of a form, from what was typed.
type maker struct {
	p      ui.Page
	typed  url.Values
	faults ui.Refused
}

func (m maker) get(name string) string { return trimmed(m.typed)(name) }

func (m maker) text(name, label, hint string, edit ...func(*ui.Field)) formInput {
	f := &ui.Field{Name: name, Label: label, Hint: hint, Value: m.get(name), Error: m.faults.Of(name), Autocomplete: "off"}
	for _, e := range edit {
		e(f)
	}
	return formInput{Field: f}
}

func short(f *ui.Field) { f.Short = true }

func digits(f *ui.Field) { f.Short, f.InputMode = true, "numeric" }

func (m maker) optional(f *ui.Field) { f.Optional = m.p.Optional() }

func (m maker) choose(name, legend string, options ...ui.Option) formInput {
	c := &ui.Choices{Name: name, Legend: legend, Options: options, Error: m.faults.Of(name)}
	for i := range c.Options {
		c.Options[i].Checked = c.Options[i].Value == m.get(name)
	}
	return formInput{Select: c}
}

func (m maker) boxes(name, legend, hint string, options ...ui.Option) formInput {
	c := &ui.Choices{Name: name, Legend: legend, Hint: hint, Options: options, Error: m.faults.Of(name), Inline: true}
	for i := range c.Options {
		c.Options[i].Checked = slices.Contains(m.typed[name], c.Options[i].Value)
	}
	return formInput{Boxes: c}
}

func (m maker) tick(name, label, hint string) formInput {
	return formInput{Tick: &ui.Checkbox{Name: name, Label: label, Hint: hint, Checked: m.get(name) != "", Error: m.faults.Of(name)}}
}

// sections are the questions on an activity of a structure.
func (h *Handlers) sections(r *http.Request, by identity.Actor, of identity.OrganisationID, m maker) ([]formSection, error) {
	crew, err := h.crewChoices(r, by, of, m.typed["members"])
	if err != nil {
		return nil, err
	}
	crew.Error = m.faults.Of("members")
	reasons, err := h.Agenda.Reasons(r.Context(), of)
	if err != nil {
		return nil, err
	}
	who := formSection{Title: "Qui", Inputs: []formInput{
		m.text("host_name", "Qui prête la salle ?", "Par exemple : mairie de Saintes. On lui demande de confirmer chaque date.", m.optional),
		m.text("host_email", "Son adresse e-mail", "", m.optional), m.text("host_phone", "Son téléphone", "", m.optional),
	}}
	if len(crew.Options) > 0 {
		who.Inputs = append([]formInput{{Boxes: &crew}}, who.Inputs...)
	}
	what := m.what()
	tours, err := h.tourChoice(r, by, of, m)
	if err != nil {
		return nil, err
	}
	what.Inputs = append(what.Inputs, tours...)
	return []formSection{what, m.where(), m.when(), m.seats(reasons), who, m.more()}, nil
}

// tourChoice asks of which tour an activity is a stop, where the structure has any under way.
func (h *Handlers) tourChoice(r *http.Request, by identity.Actor, of identity.OrganisationID, m maker) ([]formInput, error) {
	list, err := h.Agenda.Tours(r.Context(), by)
	if err != nil {
		return nil, err
	}
	options := []ui.Option{{Label: "Aucune"}}
	for _, t := range list {
		if t.Organisation == of && (!t.Ended || m.get("tour") == string(t.ID)) {
			options = append(options, ui.Option{Value: string(t.ID), Label: t.Name})
		}
	}
	if len(options) == 1 {
		return nil, nil
	}
	return []formInput{m.choose("tour", "Un arrêt de quelle tournée ?", options...)}, nil
}

func (m maker) what() formSection {
	var modes []ui.Option
	for _, mode := range agenda.Modes() {
		modes = append(modes, ui.Option{Value: string(mode), Label: mode.French()})
	}
	themes := []ui.Option{{Label: "Tous les sujets"}}
	for _, need := range place.Needs(1<<9 - 1).List() {
		themes = append(themes, ui.Option{Value: string(need), Label: m.p.T("place.need." + string(need))})
	}
	var levels []ui.Option
	for _, l := range []agenda.Level{"", agenda.Beginner, agenda.Middle, agenda.Advanced} {
		levels = append(levels, ui.Option{Value: string(l), Label: l.French()})
	}
	return formSection{Title: "Quoi", Inputs: []formInput{
		m.choose("mode", "Comment vient-on ?", modes...),
		m.text("title", "Nom", "Par exemple : Atelier tablette."),
		m.text("summary", "En quelques mots", "Ce qu'on y fait. Les habitants le lisent.", m.optional, func(f *ui.Field) { f.Rows = 4 }),
		m.choose("theme", "Sujet", themes...), m.choose("level", "Niveau", levels...),
		m.text("prerequisites", "Ce qu'il faut savoir ou apporter", "", m.optional),
		m.text("phone", "Téléphone pour s'inscrire", "", m.optional, func(f *ui.Field) { f.Type = "tel" }),
	}}
}

func (m maker) where() formSection {
	s := formSection{Title: "Où"}
	for _, f := range whereFields(m.p, m.get, m.faults) {
		s.Inputs = append(s.Inputs, formInput{Field: &f})
	}
	return s
}

// frequencies are the rules that are chosen by one word.
func frequencies() []ui.Option {
	return []ui.Option{
		{Value: "une", Label: "Une seule fois"},
		{Value: "1", Label: "Chaque semaine"},
		{Value: "2", Label: "Une semaine sur deux"},
		{Value: "mois1", Label: "Le premier du mois (premier lundi…)"},
		{Value: "mois2", Label: "Le deuxième du mois"},
		{Value: "mois3", Label: "Le troisième du mois"},
		{Value: "mois4", Label: "Le quatrième du mois"},
		{Value: "mois-1", Label: "Le dernier du mois"},
	}
}

func (m maker) when() formSection {
	often := frequencies()
	if m.get("frequence") == keepRule {
		often = append(often, ui.Option{Value: keepRule, Label: "Comme maintenant"})
	}
	var days []ui.Option
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		days = append(days, ui.Option{Value: strconv.Itoa(int(day)), Label: m.p.Weekday(day)})
	}
	return formSection{Title: "Quand", Inputs: []formInput{
		m.choose("frequence", "Combien de fois ?", often...),
		m.boxes("jours", "Quels jours ?", "Aucun : le jour de la première date.", days...),
		m.text("starts", "Première date", "Par exemple 03/09/2026.", short),
		m.text("until", "Dernière date", "Vide : pendant un an.", short, m.optional),
		m.text("minute", "De", "Par exemple 9 h 30.", short), m.text("fin", "À", "Par exemple 12 h.", short),
		m.choose("feries", "Les jours fériés", ui.Option{Value: string(recur.HolidaySkip), Label: "Pas de date"}, ui.Option{Value: string(recur.HolidayNextDay), Label: "Le jour ouvré d'après"},
			ui.Option{Value: string(recur.HolidayKeep), Label: "La date reste"}),
		m.choose("ecole", "Les vacances scolaires", ui.Option{Label: "Toute l'année"}, ui.Option{Value: string(recur.SchoolTerm), Label: "Pas pendant les vacances"},
			ui.Option{Value: string(recur.SchoolHolidays), Label: "Seulement pendant les vacances"}),
	}}
}

func (m maker) seats(reasons []agenda.Reason) formSection {
	s := formSection{Title: "Combien de personnes", Inputs: []formInput{
		m.text("capacity", "Nombre de places", "Vide : pas de limite.", digits, m.optional), m.tick("waiting", "Liste d'attente quand c'est complet", ""),
	}}
	var options []ui.Option
	for _, r := range reasons {
		if !r.Retired {
			options = append(options, ui.Option{Value: string(r.ID), Label: r.Name + " (" + minutesText(r.Minutes) + ")"})
		}
	}
	if len(options) > 0 {
		s.Inputs = append(s.Inputs, m.boxes("reasons", "Motifs des rendez-vous", "Pour les rendez-vous seulement.", options...))
	}
	return formSection{Title: s.Title, Inputs: append(s.Inputs,
		m.text("desks", "Combien de personnes reçues en même temps ?", "Pour les rendez-vous et les machines.", digits, m.optional),
		m.text("step", "Un rendez-vous commence toutes les … minutes", "", digits, m.optional),
	)}
}

// quotaLines is how many lines of kept seats the form has.
const quotaLines = 3

func (m maker) more() formSection {
	first := []ui.Option{{Label: "Aucune"}}
	for _, mode := range agenda.Modes() {
		first = append(first, ui.Option{Value: string(mode), Label: mode.French()})
	}
	s := formSection{Title: "Cas particuliers", Folded: true, Open: len(m.faults.Summary.Errors) > 0, Inputs: []formInput{
		m.tick("cycle", "Une inscription vaut pour toutes les dates", ""),
		m.text("skill", "Autorisation demandée", "Pour une machine. Écrivez - si tout le monde peut s'en servir.", m.optional),
		m.choose("first_for", "Activité prioritaire", first...), m.text("release", "Heures avant le début où la priorité tombe", "", digits, m.optional),
	}}
	for _, name := range []string{"cycle", "skill", "first_for", "quota_places_1", "quota_places_2", "quota_places_3"} {
		s.Open = s.Open || m.get(name) != ""
	}
	for i := range quotaLines {
		n := strconv.Itoa(i + 1)
		seats := m.text("quota_places_"+n, "Places gardées, ligne "+n, "", digits, m.optional)
		if i == 0 {
			seats.Field.Error = m.faults.Of("quotas")
		}
		s.Inputs = append(s.Inputs, seats,
			m.choose("quota_genre_"+n, "Pour qui, ligne "+n, ui.Option{Value: string(agenda.ForCommune), Label: "Les habitants de communes"},
				ui.Option{Value: string(agenda.ForPublic), Label: "Un public"}, ui.Option{Value: string(agenda.ForRelay), Label: "Les personnes inscrites par une équipe"}),
			m.text("quota_valeur_"+n, "Lesquels, ligne "+n, "Des communes, un public ou le nom d'une équipe.", m.optional),
			m.text("quota_heures_"+n, "Gardées jusqu'à … heures avant, ligne "+n, "", digits, m.optional),
		)
	}
	return s
}

// proposal are the six questions of somebody who proposes an event.
func (m maker) proposal() []formSection {
	return []formSection{{Inputs: []formInput{
		m.text("title", "Nom de l'événement", "Par exemple : Fête du numérique."),
		m.text("summary", "En quelques mots", "Les habitants le lisent.", m.optional, func(f *ui.Field) { f.Rows = 4 }),
		m.text("commune", "Commune", "Son nom ou son code postal."), m.text("venue", "Lieu", "Par exemple : salle des fêtes."),
		m.text("starts", "Jour", "Par exemple 03/09/2026.", short), m.text("heures", "Heures", "Par exemple 14 h à 17 h.", short),
	}}}
}

// usualAnswers is what a new activity begins with.
func usualAnswers() url.Values {
	return url.Values{"mode": {string(agenda.Workshop)}, "frequence": {"1"}, "feries": {string(recur.HolidaySkip)}, "waiting": {"oui"}}
}

// keepRule stands for a rule that the form has no word for.
const keepRule = "garder"

// typedSeries is what the form holds of an activity at first.
func (h *Handlers) typedSeries(r *http.Request, s agenda.Series, quotas []agenda.Quota) url.Values {
	v := url.Values{
		"mode": {string(s.Mode)}, "title": {s.Title}, "summary": {s.Summary}, "theme": {string(s.Theme)}, "level": {string(s.Level)}, "prerequisites": {s.Prerequisites},
		"phone": {ui.Phone(s.Phone)}, "commune": {h.communeText(s.Where.Commune)}, "venue": {s.Where.Venue}, "place": {h.placeNumber(s.Where.Place)},
		"starts": {dayText(s.Pattern.Starts)}, "until": {dayText(s.Pattern.Until)}, "minute": {clockText(s.Pattern.Minute)}, "fin": {clockText((s.Pattern.Minute + s.Pattern.Length) % (24 * 60))},
		"feries": {string(s.Pattern.OnHoliday)}, "ecole": {string(s.Pattern.School)}, "capacity": {countText(s.Capacity)}, "desks": {countText(s.Desks)}, "step": {countText(s.Step)},
		"host_name": {s.Host.Name}, "host_email": {s.Host.Email}, "host_phone": {ui.Phone(s.Host.Phone)}, "skill": {s.Skill}, "first_for": {string(s.FirstFor)},
		"release": {hoursText(s.Release)}, "waiting": {ticked(s.Waiting)}, "cycle": {ticked(s.Cycle)},
	}
	v.Set("tour", string(s.Tour))
	for _, m := range s.Members {
		v.Add("members", string(m))
	}
	for _, reason := range s.Reasons {
		v.Add("reasons", string(reason))
	}
	typedRule(v, s.Pattern.Rule)
	for i, q := range quotas {
		n := strconv.Itoa(i + 1)
		v.Set("quota_places_"+n, countText(q.Seats))
		v.Set("quota_genre_"+n, string(q.Kind))
		v.Set("quota_valeur_"+n, h.quotaText(r, q))
		v.Set("quota_heures_"+n, hoursText(q.Release))
	}
	return v
}

// typedRule says a rule in the words of the form.
func typedRule(v url.Values, text string) {
	rule, err := recur.Read(text)
	switch {
	case text == "":
		v.Set("frequence", "une")
	case err == nil && rule.Freq == recur.Weekly && rule.Every <= 2 && text == weekly(rule):
		v.Set("frequence", strconv.Itoa(rule.Every))
	case err == nil && rule.Freq == recur.Monthly && len(rule.Days) == 1 && text == recur.EveryMonth(rule.Days[0].Nth, rule.Days[0].Day):
		v.Set("frequence", "mois"+strconv.Itoa(rule.Days[0].Nth))
	default:
		v.Set("frequence", keepRule)
		return
	}
	for _, d := range rule.Days {
		v.Add("jours", strconv.Itoa(int(d.Day)))
	}
}

func weekly(rule recur.Rule) string {
	days := make([]time.Weekday, len(rule.Days))
	for i, d := range rule.Days {
		days[i] = d.Day
	}
	return recur.EveryWeek(rule.Every, days...)
}

func countText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func hoursText(d time.Duration) string { return countText(int(d / time.Hour)) }

func ticked(b bool) string {
	if b {
		return "oui"
	}
	return ""
}

// zoneOf is the zone of the clocks of a commune.
func zoneOf(commune string) *time.Location {
	return openinghours.ZoneOf(territory.DepartmentOf(commune))
}
