package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/travel"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// A tour is read by week: where the van is, how long it drives between two stops, and what does not hold together.

func (h *Handlers) tourRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+toursPath, identity.AgendaEdit, h.listTours)
	h.staff(mux, "GET "+toursPath+"/ajouter", identity.AgendaEdit, h.newTour)
	h.staff(mux, "POST "+toursPath+"/ajouter", identity.AgendaEdit, h.addTour)
	h.staff(mux, "GET "+toursPath+"/{tournee}", identity.AgendaEdit, h.showTour)
	h.staff(mux, "GET "+toursPath+"/{tournee}/changer", identity.AgendaEdit, h.editTour)
	h.staff(mux, "POST "+toursPath+"/{tournee}/changer", identity.AgendaEdit, h.changeTour)
}

const toursPath = "/pro/tournees"

// toursPage is the view of the tours of a structure.
type toursPage struct {
	ui.Page
	Table ui.Table
}

func (h *Handlers) listTours(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	list, err := h.Agenda.Tours(r.Context(), by)
	if err != nil {
		return err
	}
	v := toursPage{Page: h.Kit.Page(r, "Les tournées")}
	v.Table = ui.Table{Caption: "Les tournées, celles qui roulent d'abord", Columns: []string{"Tournée", "Véhicule", "Saison", "Part de"}, Empty: "Aucune tournée pour l'instant."}
	for _, t := range list {
		tag := ui.Tag{}
		if t.Ended {
			tag = ui.Tag{Text: "Finie", Kind: ui.Neutral}
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: t.Name, Href: toursPath + "/" + string(t.ID), Tag: tag}, {Text: t.Vehicle}, {Text: h.seasonText(v.Page, t)}, {Text: h.communeOf(t.Base)},
		})
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_tour_list", v)
}

// seasonText says from when to when a tour rolls.
func (h *Handlers) seasonText(p ui.Page, t agenda.Tour) string {
	from, err1 := agenda.ParseDate(t.From)
	to, err2 := agenda.ParseDate(t.To)
	if err1 != nil || err2 != nil {
		return ""
	}
	zone := p.Now().Location()
	return "du " + p.DateLong(from.In(zone)) + " au " + p.DateLong(to.In(zone))
}

// tourPage is the view of a tour, a week of it.
type tourPage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Heading string
	Facts   ui.Summary
	Faults  []string // what does not hold together, in the coming weeks
	Title   string
	Before  ui.Link
	After   ui.Link
	Days    []tourDay
	Stops   ui.Table // what comes again, with its next date
	Links   []ui.Link
}

// tourDay is a day of a tour.
type tourDay struct {
	Title string
	Stops []tourStop
}

// tourStop is a stop, with the road to it.
type tourStop struct {
	Road, Hours, Title, Where, Href string
	State                           ui.Tag
}

// travelWeeks is how far ahead a tour is checked.
const travelWeeks = 8

func (h *Handlers) showTour(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	t, err := h.Agenda.Tour(r.Context(), by, agenda.TourID(r.PathValue("tournee")))
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, t.Name)
	monday := weekOf(r.URL.Query().Get("semaine"), p.Now())
	v := tourPage{Page: p, Back: p.Back(toursPath), Said: saidDone(r), Heading: t.Name, Title: "La semaine du " + dayTitle(p, monday)}
	base := toursPath + "/" + string(t.ID)
	v.Before = ui.Link{Text: "La semaine d'avant", Href: base + "?semaine=" + weekName(monday.AddDate(0, 0, -7))}
	v.After = ui.Link{Text: "La semaine d'après", Href: base + "?semaine=" + weekName(monday.AddDate(0, 0, 7))}
	v.Links = []ui.Link{
		{Text: "Ajouter un arrêt", Href: "/pro/agenda/ajouter?tournee=" + url.QueryEscape(string(t.ID)), Icon: "calendar"},
		{Text: "Changer la tournée", Href: base + "/changer", Icon: "document"},
	}
	if v.Facts, err = h.tourFacts(r, p, t); err != nil {
		return err
	}
	if v.Faults, err = h.tourFaults(r, by, p, t); err != nil {
		return err
	}
	if v.Stops, err = h.tourStops(r, by, p, t); err != nil {
		return err
	}
	if v.Days, err = h.tourWeek(r, by, p, t, monday); err != nil {
		return err
	}
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_tour", v)
}

// weekOf is the Monday of a week "2026-W19", of this one where it cannot be read.
func weekOf(text string, now time.Time) time.Time {
	y, m, d := now.Date()
	monday := time.Date(y, m, d-(int(now.Weekday())+6)%7, 0, 0, 0, 0, now.Location())
	year, week, ok := strings.Cut(text, "-W")
	yn, err1 := strconv.Atoi(year)
	wn, err2 := strconv.Atoi(week)
	if !ok || err1 != nil || err2 != nil || wn < 1 || wn > 53 || yn < 2000 || yn > 2100 {
		return monday
	}
	fourth := time.Date(yn, 1, 4, 0, 0, 0, 0, now.Location()) // always in week 1 (ISO 8601)
	return fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+7*(wn-1))
}

func weekName(t time.Time) string {
	year, week := t.ISOWeek()
	text := strconv.Itoa(week)
	if week < 10 {
		text = "0" + text
	}
	return strconv.Itoa(year) + "-W" + text
}

func (h *Handlers) tourFacts(r *http.Request, p ui.Page, t agenda.Tour) (ui.Summary, error) {
	names, err := h.Identity.GivenNames(r.Context(), t.Members...)
	if err != nil {
		return ui.Summary{}, err
	}
	var s ui.Summary
	row := func(term, value string) {
		if value != "" {
			s.Rows = append(s.Rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	row("Saison", h.seasonText(p, t))
	row("Équipe", crewText(t.Members, names))
	row("Véhicule", t.Vehicle)
	row("Matériel", strings.Join(t.Kit, ", "))
	row("Part de", h.communeOf(t.Base))
	row("Installer et ranger", plural(p, t.Setup, "minute", "minutes"))
	row("Vitesse pour estimer", strconv.Itoa(t.Speed)+" km/h")
	return s, nil
}

// tourWeek is a week of a tour, each stop with the road from the one before.
func (h *Handlers) tourWeek(r *http.Request, by identity.Actor, p ui.Page, t agenda.Tour, monday time.Time) ([]tourDay, error) {
	list, err := h.Agenda.TeamDates(r.Context(), by, monday, monday.AddDate(0, 0, 7))
	if err != nil {
		return nil, err
	}
	roads, err := h.Agenda.Roads(r.Context(), t.Speed)
	if err != nil {
		return nil, err
	}
	var out []tourDay
	last, from := "", h.Agenda.Stop(agenda.Where{Commune: t.Base})
	for _, d := range list {
		if d.Series.Tour != t.ID {
			continue
		}
		start := d.Start.In(d.Zone)
		if key := start.Format(time.DateOnly); key != last {
			last, from = key, h.Agenda.Stop(agenda.Where{Commune: t.Base})
			out = append(out, tourDay{Title: dayTitle(p, start)})
		}
		to := h.Agenda.Stop(d.Where)
		stop := tourStop{
			Hours: "de " + clock(p, d.Start, d.Zone) + " à " + clock(p, d.End, d.Zone), Title: d.Series.Title, Where: h.Agenda.WhereText(d.Where), Href: datePath(d.Number),
			Road: roadText(roads.Trip(from, to)), State: teamTag(d),
		}
		out[len(out)-1].Stops = append(out[len(out)-1].Stops, stop)
		if d.Live() {
			from = to
		}
	}
	return out, nil
}

// tourForm is the view of a tour to add or to change.
type tourForm struct {
	ui.Page
	Back    ui.Back
	Errors  ui.ErrorSummary
	Heading string
	Action  string
	Version string
	Fields  []ui.Field
	Crew    ui.Choices
	Ended   ui.Checkbox
}

func (h *Handlers) newTour(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderTour(w, r, by, by.Organisation, h.Kit.Page(r, "Ajouter une tournée"), url.Values{}, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) editTour(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	t, err := h.Agenda.Tour(r.Context(), by, agenda.TourID(r.PathValue("tournee")))
	if err != nil {
		return err
	}
	typed := url.Values{
		"name": {t.Name}, "vehicle": {t.Vehicle}, "kit": {strings.Join(t.Kit, "\n")}, "from": {t.From}, "to": {t.To}, "speed": {strconv.Itoa(t.Speed)}, "setup": {strconv.Itoa(t.Setup)},
		"base": {h.communeOf(t.Base)}, "version": {strconv.FormatInt(t.Version, 10)}, "ended": {ticked(t.Ended)},
	}
	for _, m := range t.Members {
		typed.Add("members", string(m))
	}
	return h.renderTour(w, r, by, t.Organisation, h.Kit.Page(r, "Changer la tournée"), typed, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderTour(w http.ResponseWriter, r *http.Request, by identity.Actor, of identity.OrganisationID, p ui.Page, typed url.Values, f ui.Refused) error {
	get := trimmed(typed)
	v := tourForm{Page: p, Errors: f.Summary, Heading: p.Title, Action: r.URL.Path, Version: get("version"), Back: p.Back(toursPath)}
	field := func(name, label, hint string, edit ...func(*ui.Field)) {
		one := ui.Field{Name: name, Label: label, Hint: hint, Value: get(name), Error: f.Of(name)}
		for _, e := range edit {
			e(&one)
		}
		v.Fields = append(v.Fields, one)
	}
	optional := func(one *ui.Field) { one.Optional = p.Optional() }
	field("name", "Nom de la tournée", "Par exemple : Le bus numérique.", func(one *ui.Field) { one.Autocomplete = "off" })
	field("vehicle", "Véhicule", "", optional)
	field("kit", "Matériel", "Une chose par ligne.", optional, func(one *ui.Field) { one.Rows = 4 })
	field("from", "Premier jour", "Par exemple 01/09/2026.", short)
	field("to", "Dernier jour", "", short)
	field("base", "Part de quelle commune ?", "")
	field("setup", "Minutes pour installer, et pour ranger", "", digits, optional)
	field("speed", "Vitesse moyenne, en km/h", "Sert quand un temps de trajet n'a pas été mesuré. Vide : 45.", digits, optional)
	crew, err := h.crewChoices(r, by, of, typed["members"])
	if err != nil {
		return err
	}
	v.Crew = crew
	v.Crew.Error = f.Of("members")
	v.Ended = ui.Checkbox{Name: "ended", Label: "Cette tournée est finie", Checked: get("ended") != ""}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_tour_form", v)
}

func (h *Handlers) addTour(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.saveTour(w, r, by, agenda.Tour{}, "Ajouter une tournée")
}

func (h *Handlers) changeTour(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.saveTour(w, r, by, agenda.Tour{ID: agenda.TourID(r.PathValue("tournee"))}, "Changer la tournée")
}

func (h *Handlers) saveTour(w http.ResponseWriter, r *http.Request, by identity.Actor, t agenda.Tour, title string) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	t.Name, t.Vehicle, t.Kit = get("name"), get("vehicle"), strings.Split(strings.ReplaceAll(get("kit"), "\r", ""), "\n")
	for field, to := range map[string]*string{"from": &t.From, "to": &t.To} {
		if on, ok := readDay(get(field)); ok && get(field) != "" {
			*to = on.String()
		}
	}
	base, _ := h.communeNamed(r, get("base"))
	t.Base = base.Code
	t.Speed, t.Setup, t.Members, t.Ended = typedNumber(get("speed")), typedNumber(get("setup")), accountsOf(r.PostForm["members"]), get("ended") != ""
	t.Version = int64(typedNumber(get("version")))
	organisation := by.Organisation
	if t.ID != "" {
		was, err := h.Agenda.Tour(r.Context(), by, t.ID)
		if err != nil {
			return err
		}
		organisation = was.Organisation
	}
	saved, err := h.Agenda.SaveTour(r.Context(), by, t)
	if err == nil {
		return done(w, r, toursPath+"/"+string(saved.ID), "tournee", "")
	}
	if f, ok := fault.As(err); ok && f.Fields["base"].Key != "" && get("base") != "" {
		f.With("base", "agenda.commune_unknown") // it was written, and no commune has that name
	}
	p := h.Kit.Page(r, title)
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderTour(w, r, by, organisation, p, r.PostForm, refused)
}

// roadText says how long the road to a stop takes, and on which ground.
func roadText(t travel.Trip) string {
	switch {
	case !t.Known():
		return "Route inconnue"
	case t.Minutes == 0:
		return "Sur place"
	case t.Basis == travel.Estimated:
		return "Route : environ " + strconv.Itoa(t.Minutes) + " min (estimé)"
	}
	return "Route : " + strconv.Itoa(t.Minutes) + " min (mesuré)"
}
