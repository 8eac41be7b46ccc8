package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// absencesPath is when the people of a structure are away.
const absencesPath = teamPath + "/equipe/absences"

func (h *Handlers) absenceRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+absencesPath, identity.AgendaPeople, h.showAbsences)
	h.staff(mux, "POST "+absencesPath, identity.AgendaPeople, h.changeAbsences)
}

// absencesPage is the view of the absences of a structure, with the form that notes one.
type absencesPage struct {
	ui.Page
	Back     ui.Back
	Said     ui.Message
	Errors   ui.ErrorSummary
	Undo     string // the absence that was just taken back
	List     []absenceLine
	Touches  []touchedDate
	Touch    string // how many dates it touches
	Seen     string // what was shown before it is saved
	Account  ui.Choices
	Kind     ui.Choices
	From, To ui.Field
	Begins   ui.Field
	Ends     ui.Field
}

// absenceLine is one absence of the list.
type absenceLine struct {
	ID, When, Who string
	Kind          ui.Tag
	May           bool // take it back
}

// touchedDate is a date that an absence would leave without one of its crew.
type touchedDate struct {
	Title, Hour, When, People, Who string
	Href                           string
	Change, Cancel                 string // "" for whoever may not
}

// absencesAhead is how many days of absences are listed.
const absencesAhead = 366

func (h *Handlers) showAbsences(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderAbsences(w, r, by, h.Kit.Page(r, "Les absences"), url.Values{}, nil, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderAbsences(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page, typed url.Values, touched []agenda.TeamDate, f ui.Refused) error {
	get := trimmed(typed)
	v := absencesPage{Page: p, Back: p.Back(teamPath), Said: saidDone(r), Errors: f.Summary}
	if q := r.URL.Query(); q.Get("fait") == "absence_retiree" {
		v.Undo = clip(q.Get("absence"))
	}
	if err := h.listAbsences(r, by, &v); err != nil {
		return err
	}
	if err := h.listTouched(r, by, &v, get("personne"), touched); err != nil {
		return err
	}
	var err error
	if v.Account, err = h.whoIsAway(r, by, get("personne")); err != nil {
		return err
	}
	v.Account.Error = f.Of("personne")
	v.Kind = ui.Choices{Name: "motif", Legend: "Pour quoi ?", Hint: "Rien d'autre n'est noté. Pour une maladie, choisissez « Autre ».", Error: f.Of("motif")}
	for _, k := range []agenda.AbsenceKind{agenda.OnLeave, agenda.OnTraining, agenda.AwayOtherwise} {
		v.Kind.Options = append(v.Kind.Options, ui.Option{Value: string(k), Label: k.French(), Checked: get("motif") == string(k)})
	}
	v.From = ui.Field{Name: "du", Label: "Premier jour", Hint: "Par exemple 03/09/2026.", Short: true, Value: get("du"), Error: f.Of("du"), Autocomplete: "off"}
	v.Begins = ui.Field{Name: "debut", Label: "À partir de quelle heure ?", Hint: "Vide : dès le matin.", Optional: p.Optional(), Short: true, Value: get("debut"), Error: f.Of("debut"), Autocomplete: "off"}
	v.To = ui.Field{Name: "au", Label: "Dernier jour", Hint: "Vide : le même jour.", Optional: p.Optional(), Short: true, Value: get("au"), Error: f.Of("au"), Autocomplete: "off"}
	v.Ends = ui.Field{Name: "fin", Label: "Jusqu'à quelle heure ?", Hint: "Vide : jusqu'au soir.", Optional: p.Optional(), Short: true, Value: get("fin"), Error: f.Of("fin"), Autocomplete: "off"}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_absences", v)
}

// whoIsAway are the people whose absence somebody may note: themselves, and for whoever plans, everybody of the structure.
func (h *Handlers) whoIsAway(r *http.Request, by identity.Actor, chosen string) (ui.Choices, error) {
	c := ui.Choices{Name: "personne", Legend: "Qui est absent ?", Options: []ui.Option{{Value: string(by.Account), Label: "Moi", Checked: chosen == "" || chosen == string(by.Account)}}}
	if identity.Reaches(by, identity.AgendaEdit) == identity.None {
		return c, nil
	}
	crew, err := h.crewChoices(r, by, by.Organisation, []string{chosen})
	for _, o := range crew.Options {
		if o.Value != string(by.Account) {
			c.Options = append(c.Options, o)
		}
	}
	return c, err
}

func (h *Handlers) listAbsences(r *http.Request, by identity.Actor, v *absencesPage) error {
	now := v.Now()
	list, err := h.Agenda.Absences(r.Context(), by, now, now.AddDate(0, 0, absencesAhead))
	if err != nil {
		return err
	}
	accounts := make([]identity.AccountID, 0, len(list))
	for _, a := range list {
		accounts = append(accounts, a.Account)
	}
	slices.Sort(accounts)
	names, err := h.Identity.GivenNames(r.Context(), slices.Compact(accounts)...)
	for _, a := range list {
		line := absenceLine{ID: string(a.ID), When: absenceText(v.Page, a), Who: names[a.Account], May: h.Agenda.MayNote(by, a)}
		if a.Kind != "" {
			line.Kind = ui.Tag{Text: a.Kind.French()}
		}
		v.List = append(v.List, line)
	}
	return err
}

// absenceText says when somebody is away: "jeudi 7 mai, de 9 h à 12 h", "du jeudi 7 mai au vendredi 8 mai".
func absenceText(p ui.Page, a agenda.Absence) string {
	from, to := openinghours.SpokenDate(a.From), openinghours.SpokenDate(a.To)
	begins, ends := p.Hour(a.FromMinute/60, a.FromMinute%60), p.Hour(a.ToMinute/60, a.ToMinute%60)
	whole := a.FromMinute == 0 && a.ToMinute == dayMinutes
	switch {
	case a.From == a.To && whole:
		return from + ", toute la journée"
	case a.From == a.To && a.ToMinute == dayMinutes:
		return from + ", à partir de " + begins
	case a.From == a.To && a.FromMinute == 0:
		return from + ", jusqu'à " + ends
	case a.From == a.To:
		return from + ", de " + begins + " à " + ends
	}
	if a.FromMinute > 0 {
		from += " à " + begins
	}
	if a.ToMinute < dayMinutes {
		to += " à " + ends
	}
	return "du " + from + " au " + to
}

// dayMinutes is the end of a day, in minutes.
const dayMinutes = 24 * 60

// listTouched says which dates an absence touches, and what can be done for each.
func (h *Handlers) listTouched(r *http.Request, by identity.Actor, v *absencesPage, account string, touched []agenda.TeamDate) error {
	if len(touched) == 0 {
		return nil
	}
	names, err := h.crewNames(r, touched)
	if err != nil {
		return err
	}
	v.Seen, v.Touch = seenDates(account, touched), plural(v.Page, len(touched), "date est prévue pendant cette absence", "dates sont prévues pendant cette absence")
	for _, d := range touched {
		line := touchedDate{Title: d.Series.Title, Hour: clock(v.Page, d.Start, d.Zone), When: whenText(v.Page, d.Occurrence), People: peopleText(v.Page, d), Href: datePath(d.Number), Who: "Personne d'autre n'y travaille."}
		others := slices.DeleteFunc(slices.Clone(d.Members), func(m identity.AccountID) bool { return string(m) == account })
		if text := crewText(others, names); text != "" {
			line.Who = "Avec " + text + "."
		}
		if may(by, identity.AgendaEdit, d) {
			line.Change, line.Cancel = datePath(d.Number)+"/modifier", datePath(d.Number)+"/annuler"
		}
		v.Touches = append(v.Touches, line)
	}
	return nil
}

// seenDates is whom an absence was shown for, and on which dates: it is saved only where they are still those.
func seenDates(account string, touched []agenda.TeamDate) string {
	seen := []string{account}
	for _, d := range touched {
		seen = append(seen, strconv.FormatInt(int64(d.Number), 10))
	}
	return strings.Join(seen, "|")
}

// absenceInputs say which input a refusal of the agenda stands for.
var absenceInputs = []string{"account", "personne", "kind", "motif", "from", "du", "to", "au", "from_minute", "debut", "to_minute", "fin"}

func (h *Handlers) changeAbsences(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les absences")
	var touched []agenda.TeamDate
	to, said, of := absencesPath, "absence_notee", agenda.AbsenceID(get("absence"))
	switch get("action") {
	case "retirer":
		to, said, err = to+"?absence="+url.QueryEscape(string(of)), "absence_retiree", h.Agenda.TakeBack(r.Context(), by, of)
	case "remettre":
		err = h.Agenda.Restore(r.Context(), by, of)
	default:
		var saved bool
		if touched, saved, err = h.noteAbsence(r, by, p, get); err == nil && !saved {
			return h.renderAbsences(w, r, by, p, r.PostForm, touched, ui.Refused{Status: http.StatusOK})
		}
	}
	if err == nil {
		return done(w, r, to, said, "")
	}
	refused, ok := p.Refuse(err, absenceInputs...)
	if !ok {
		return err
	}
	return h.renderAbsences(w, r, by, p, r.PostForm, nil, refused)
}

// noteAbsence saves an absence whose dates were seen, or that touches none; the others are shown first.
func (h *Handlers) noteAbsence(r *http.Request, by identity.Actor, p ui.Page, get func(string) string) (touched []agenda.TeamDate, saved bool, err error) {
	a, err := readAbsence(p, get)
	if err != nil {
		return nil, false, err
	}
	if touched, err = h.Agenda.Collisions(r.Context(), by, a); err != nil {
		return nil, false, err
	}
	if len(touched) > 0 && get("vu") != seenDates(get("personne"), touched) {
		return touched, false, nil
	}
	_, err = h.Agenda.AddAbsence(r.Context(), by, a)
	return touched, err == nil, err
}

// readAbsence reads what was typed: whole days where no hour is said.
func readAbsence(p ui.Page, get func(string) string) (agenda.Absence, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	a := agenda.Absence{Account: identity.AccountID(get("personne")), Kind: agenda.AbsenceKind(get("motif")), ToMinute: dayMinutes, Zone: p.Now().Location()}
	var ok bool
	if a.From, ok = readDay(get("du")); !ok || a.From == (recur.Date{}) {
		f.With("du", "agenda.date_invalid")
	}
	if a.To, ok = readDay(get("au")); !ok {
		f.With("au", "agenda.date_invalid")
	}
	if a.To == (recur.Date{}) {
		a.To = a.From
	}
	if text := get("debut"); text != "" {
		if a.FromMinute, ok = readClock(text); !ok {
			f.With("debut", "agenda.minute_range")
		}
	}
	if text := get("fin"); text != "" {
		if a.ToMinute, ok = readClock(text); !ok {
			f.With("fin", "agenda.minute_range")
		}
	}
	if len(f.Fields) > 0 {
		return a, f
	}
	return a, nil
}

// warnAway asks once more before somebody who is away is put on a date: whoever sends it again means it. The people asked about
// travel with the form.
func (h *Handlers) warnAway(r *http.Request, by identity.Actor, d agenda.TeamDate, crew []identity.AccountID, seen string) error {
	away, err := h.newlyAway(r, by, d, crew)
	if err != nil || len(away) == 0 || seen == awayText(away) {
		return err
	}
	names, err := h.Identity.GivenNames(r.Context(), away...)
	if err != nil {
		return err
	}
	return fault.New(fault.Invalid, "agenda.invalid").With("members", "agenda.member_away", "Who", crewText(away, names))
}

// newlyAway are those of a crew who were not on a date before, and are away meanwhile.
func (h *Handlers) newlyAway(r *http.Request, by identity.Actor, d agenda.TeamDate, crew []identity.AccountID) ([]identity.AccountID, error) {
	added := slices.DeleteFunc(slices.Clone(crew), func(m identity.AccountID) bool { return slices.Contains(d.Members, m) })
	return h.Agenda.AwayAmong(r.Context(), by, added, d.Start, d.End)
}

// awayText is who is away, as a form carries it.
func awayText(away []identity.AccountID) string {
	out := make([]string, len(away))
	for i, a := range away {
		out[i] = string(a)
	}
	slices.Sort(out)
	return strings.Join(out, "|")
}
