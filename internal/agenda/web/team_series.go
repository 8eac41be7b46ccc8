package web

import (
	"net/http"
	"net/url"
	"strconv"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

const (
	seriesPath  = teamPath + "/activites"
	addPath     = teamPath + "/ajouter"
	proposePath = teamPath + "/proposer"
)

func (h *Handlers) seriesRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+seriesPath, identity.AgendaPropose, h.listSeries)
	h.staff(mux, "GET "+addPath, identity.AgendaEdit, h.newSeries)
	h.staff(mux, "POST "+addPath, identity.AgendaEdit, h.addSeries)
	h.staff(mux, "GET "+proposePath, identity.AgendaPropose, h.newProposal)
	h.staff(mux, "POST "+proposePath, identity.AgendaPropose, h.propose)
	h.staff(mux, "GET "+seriesPath+"/{activite}", identity.AgendaEdit, h.showSeries)
	h.staff(mux, "POST "+seriesPath+"/{activite}", identity.AgendaEdit, h.changeSeries)
	h.staff(mux, "GET "+seriesPath+"/{activite}/arreter", identity.AgendaEdit, h.askEnd)
	h.staff(mux, "POST "+seriesPath+"/{activite}/arreter", identity.AgendaEdit, h.endSeries)
	h.staff(mux, "GET "+seriesPath+"/{activite}/decider", identity.AgendaModerate, h.showProposal)
	h.staff(mux, "POST "+seriesPath+"/{activite}/decider", identity.AgendaModerate, h.decide)
}

func seriesPathOf(s agenda.SeriesID) string { return seriesPath + "/" + string(s) }

// seriesPage is the view of the activities.
type seriesPage struct {
	ui.Page
	Back  ui.Back
	Said  ui.Message
	Links []ui.Link
	Table ui.Table
}

var seriesTags = map[agenda.SeriesState]ui.Tag{
	agenda.Draft: {Text: "Brouillon"}, agenda.Proposed: {Text: "Proposé, à décider", Kind: ui.Warning}, agenda.Published: {Text: "Publié", Kind: ui.Success},
	agenda.Refused: {Text: "Refusé", Kind: ui.Failure}, agenda.Ended: {Text: "Arrêté"},
}

func (h *Handlers) listSeries(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	list, err := h.Agenda.TeamSeries(r.Context(), by)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les activités")
	v := seriesPage{Page: p, Back: p.Back(teamPath), Said: saidDone(r)}
	v.Wide = true
	if identity.Reaches(by, identity.AgendaEdit) != identity.None {
		v.Links = append(v.Links, ui.Link{Text: "Ajouter une activité", Href: addPath})
	}
	v.Links = append(v.Links, ui.Link{Text: "Proposer un événement", Href: proposePath})
	v.Table = ui.Table{Caption: "Les activités", Columns: []string{"Activité", "Comment on vient", "Quand", "Où", "État"}, Empty: "Aucune activité pour l'instant."}
	for _, s := range list {
		tag := seriesTags[s.State]
		row := []ui.Cell{
			{Text: s.Title, Href: seriesHref(by, s)},
			{Text: s.Mode.French()},
			{Text: s.Pattern.French() + ", " + clockSpoken(p, s.Pattern.Minute)},
			{Text: h.Agenda.WhereText(s.Where)},
			{Tag: tag},
		}
		if s.Refusal != "" {
			row[4].Text = s.Refusal + " "
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_team_series", v)
}

func clockSpoken(p ui.Page, minute int) string { return p.Hour(minute/60, minute%60) }

// seriesHref is where an activity is changed, or decided on; "" for whoever may neither.
func seriesHref(by identity.Actor, s agenda.Series) string {
	switch {
	case s.State == agenda.Proposed && identity.Can(by, identity.AgendaModerate, s.Object()):
		return seriesPathOf(s.ID) + "/decider"
	case identity.Can(by, identity.AgendaEdit, s.Object()):
		return seriesPathOf(s.ID)
	}
	return ""
}

func (h *Handlers) newSeries(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Ajouter une activité")
	typed := usualAnswers()
	typed.Set("tour", clip(r.URL.Query().Get("tournee")))
	return h.renderNew(w, r, by, typed, nil, ui.Refused{Status: http.StatusOK}, p)
}

func (h *Handlers) renderNew(w http.ResponseWriter, r *http.Request, by identity.Actor, typed url.Values, seen *previewed, f ui.Refused, p ui.Page) error {
	v := formPage{Page: p, Back: p.Back(seriesPath), Errors: f.Summary, Title: "Ajouter une activité", Action: addPath, Preview: seen}
	var err error
	if v.Sections, err = h.sections(r, by, by.Organisation, maker{p, typed, f}); err != nil {
		return err
	}
	v.Buttons = []button{{Value: "enregistrer", Text: "Enregistrer et publier"}, {Value: "brouillon", Text: "Garder en brouillon", Second: true}}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_form", v)
}

// formNames say which input a refusal of the domain stands for.
var formNames = []string{"rule", "frequence", "length", "fin", "quotas", "quota_places_1"}

func (h *Handlers) addSeries(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Ajouter une activité")
	f := fault.New(fault.Invalid, "agenda.invalid")
	in := h.readSeries(r, r.PostForm, agenda.Series{}, f)
	seen, err := h.preview(r, by, p, in, f)
	if err == nil {
		as, save := map[string]agenda.SeriesState{"enregistrer": agenda.Published, "brouillon": agenda.Draft}[get("action")]
		if !save || get("vu") != seen.Seen {
			return h.renderNew(w, r, by, r.PostForm, seen, ui.Refused{Status: http.StatusOK}, p)
		}
		if _, err = h.Agenda.AddSeries(r.Context(), by, in, as); err == nil {
			return done(w, r, seriesPath, "ajoute", "")
		}
	}
	refused, ok := p.Refuse(err, formNames...)
	if !ok {
		return err
	}
	return h.renderNew(w, r, by, r.PostForm, nil, refused, p)
}

func (h *Handlers) newProposal(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	return h.renderProposal(w, r, url.Values{}, nil, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Proposer un événement"))
}

func (h *Handlers) renderProposal(w http.ResponseWriter, r *http.Request, typed url.Values, seen *previewed, f ui.Refused, p ui.Page) error {
	v := formPage{
		Page: p, Back: p.Back(seriesPath), Errors: f.Summary, Title: "Proposer un événement", Action: proposePath, Preview: seen, Sections: maker{p, typed, f}.proposal(),
		Intro: "Nous le lisons avant de le montrer aux habitants.", Buttons: []button{{Value: "enregistrer", Text: "Proposer"}},
	}
	return h.Kit.Render(w, r, f.Status, "agenda_team_form", v)
}

func (h *Handlers) propose(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Proposer un événement")
	f := fault.New(fault.Invalid, "agenda.invalid")
	in := h.readProposal(r, r.PostForm, f)
	seen, err := h.preview(r, by, p, in, f)
	if err == nil {
		if get("action") != "enregistrer" || get("vu") != seen.Seen {
			return h.renderProposal(w, r, r.PostForm, seen, ui.Refused{Status: http.StatusOK}, p)
		}
		var s agenda.Series
		if s, err = h.Agenda.AddSeries(r.Context(), by, in, agenda.Published); err == nil {
			if s.State == agenda.Proposed {
				return done(w, r, seriesPath, "propose", "")
			}
			return done(w, r, seriesPath, "ajoute", "")
		}
	}
	refused, ok := p.Refuse(err, "minute", "heures", "length", "heures")
	if !ok {
		return err
	}
	return h.renderProposal(w, r, r.PostForm, nil, refused, p)
}

func (h *Handlers) showSeries(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	s, quotas, err := h.Agenda.Series(r.Context(), by, agenda.SeriesID(r.PathValue("activite")))
	if err != nil {
		return err
	}
	return h.renderSeries(w, r, by, s, h.typedSeries(r, s, quotas), nil, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Changer une activité"))
}

func (h *Handlers) renderSeries(w http.ResponseWriter, r *http.Request, by identity.Actor, s agenda.Series, typed url.Values, seen *previewed, f ui.Refused, p ui.Page) error {
	v := formPage{
		Page: p, Back: p.Back(seriesPath), Said: saidDone(r), Errors: f.Summary, Title: s.Title, Action: seriesPathOf(s.ID), Preview: seen, Version: strconv.FormatInt(s.Version, 10),
		Intro: "Les dates à venir suivent. Celles qui ont été changées à la main restent.", Buttons: []button{{Value: "enregistrer", Text: "Enregistrer"}}, Publish: s.State == agenda.Draft,
	}
	if version := trimmed(typed)("version"); version != "" {
		v.Version = version
	}
	m := maker{p, typed, f}
	var err error
	if v.Sections, err = h.sections(r, by, s.Organisation, m); err != nil {
		return err
	}
	if s.State != agenda.Ended && s.State != agenda.Refused {
		v.Links = []ui.Link{{Text: "Arrêter cette activité", Href: seriesPathOf(s.ID) + "/arreter"}}
		v.Add = []ui.Field{*m.text("on", "Jour", "Par exemple 03/09/2026.", short).Field, *m.text("heure", "Heure", "Par exemple 9 h 30.", short).Field}
	}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_form", v)
}

func (h *Handlers) changeSeries(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	s, quotas, err := h.Agenda.Series(r.Context(), by, agenda.SeriesID(r.PathValue("activite")))
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Changer une activité")
	typed := r.PostForm
	var seen *previewed
	switch get("action") {
	case "publier":
		typed, err = h.typedSeries(r, s, quotas), h.Agenda.Publish(r.Context(), by, s.ID)
	case "ajouter":
		typed = h.typedSeries(r, s, quotas)
		typed.Set("on", get("on"))
		typed.Set("heure", get("heure"))
		err = h.addDate(r, by, s, get)
	default:
		f := fault.New(fault.Invalid, "agenda.invalid")
		in := h.readSeries(r, r.PostForm, s, f)
		if seen, err = h.preview(r, by, p, in, f); err == nil {
			if get("action") != "enregistrer" || get("vu") != seen.Seen {
				return h.renderSeries(w, r, by, s, typed, seen, ui.Refused{Status: http.StatusOK}, p)
			}
			_, err = h.Agenda.ChangeSeries(r.Context(), by, s.ID, int64(number(get("version"))), in)
		}
	}
	if err == nil {
		return done(w, r, seriesPathOf(s.ID), map[bool]string{true: "publie", false: "change"}[get("action") == "publier"], "")
	}
	refused, ok := p.Refuse(err, append([]string{"day_minute", "heure"}, formNames...)...)
	if !ok {
		return err
	}
	return h.renderSeries(w, r, by, s, typed, nil, refused, p)
}

// addDate adds a date by hand.
func (h *Handlers) addDate(r *http.Request, by identity.Actor, s agenda.Series, get func(string) string) error {
	f := fault.New(fault.Invalid, "agenda.invalid")
	on, ok := readDay(get("on"))
	if !ok || get("on") == "" {
		f.With("on", "agenda.date_invalid")
	}
	minute, ok := readClock(get("heure"))
	if !ok {
		f.With("day_minute", "agenda.minute_range")
	}
	if f.Fields != nil {
		return f
	}
	_, err := h.Agenda.AddDate(r.Context(), by, s.ID, agenda.NewTime{On: on, Minute: minute, Length: s.Pattern.Length})
	return err
}

// endPage is the view that asks once before an activity is stopped.
type endPage struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Title  string
	Dates  string
	Action string
	Why    ui.Field
}

func (h *Handlers) askEnd(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderEnd(w, r, by, "", ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Arrêter une activité"))
}

func (h *Handlers) renderEnd(w http.ResponseWriter, r *http.Request, by identity.Actor, why string, f ui.Refused, p ui.Page) error {
	s, _, err := h.Agenda.Series(r.Context(), by, agenda.SeriesID(r.PathValue("activite")))
	if err != nil {
		return err
	}
	coming := h.Agenda.Index().Search(agenda.Query{Series: s.ID, From: h.Now(), Live: true})
	booked := 0
	for _, e := range coming {
		booked += e.Taken + e.Waiting
	}
	v := endPage{
		Page: p, Back: p.Back(seriesPathOf(s.ID)), Errors: f.Summary, Title: s.Title, Action: seriesPathOf(s.ID) + "/arreter",
		Dates: plural(p, len(coming), "date à venir sera annulée.", "dates à venir seront annulées.") + " " + plural(p, booked, "personne est à prévenir.", "personnes sont à prévenir."),
		Why:   ui.Field{Name: "reason", Label: "Pourquoi ?", Hint: "Une phrase. Tout le monde la lit.", Value: why, Error: f.Of("reason"), Autocomplete: "off", MaxLength: 120},
	}
	return h.Kit.Render(w, r, f.Status, "agenda_team_end", v)
}

func (h *Handlers) endSeries(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	why := get("reason")
	if err = h.Agenda.EndSeries(r.Context(), by, agenda.SeriesID(r.PathValue("activite")), why); err == nil {
		return done(w, r, seriesPath, "fini", "")
	}
	p := h.Kit.Page(r, "Arrêter une activité")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderEnd(w, r, by, why, refused, p)
}

// proposalPage is the view of an event that waits for a decision.
type proposalPage struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Title  string
	Facts  ui.Summary
	Text   string
	Action string
	Change string
	Why    ui.Field
	Open   bool
}

func (h *Handlers) showProposal(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderDecision(w, r, by, "", ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Un événement proposé"))
}

func (h *Handlers) renderDecision(w http.ResponseWriter, r *http.Request, by identity.Actor, why string, f ui.Refused, p ui.Page) error {
	s, _, err := h.Agenda.Series(r.Context(), by, agenda.SeriesID(r.PathValue("activite")))
	if err != nil {
		return err
	}
	v := proposalPage{
		Page: p, Back: p.Back(seriesPath), Errors: f.Summary, Title: s.Title, Text: s.Summary, Action: seriesPathOf(s.ID) + "/decider", Change: seriesPathOf(s.ID), Open: s.State == agenda.Proposed,
		Why: ui.Field{Name: "reason", Label: "Pourquoi refuser ?", Hint: "Une phrase. Qui a proposé la lit.", Value: why, Error: f.Of("reason"), Autocomplete: "off", MaxLength: 120},
	}
	v.Facts.Rows = []ui.SummaryRow{
		{Term: "Proposé par", Value: h.organisationName(r.Context(), s.Organisation)},
		{Term: "Quand", Value: p.DateLong(s.Pattern.Starts.In(s.Pattern.Zone)) + ", " + s.Pattern.French() + ", de " + clockSpoken(p, s.Pattern.Minute) + " à " + clockSpoken(p, (s.Pattern.Minute+s.Pattern.Length)%(24*60))},
		{Term: "Où", Value: h.Agenda.WhereText(s.Where)},
		{Term: "État", Value: seriesTags[s.State].Text},
	}
	return h.Kit.Render(w, r, f.Status, "agenda_team_proposal", v)
}

func (h *Handlers) decide(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	s, _, err := h.Agenda.Series(r.Context(), by, agenda.SeriesID(r.PathValue("activite")))
	if err != nil {
		return err
	}
	said := "publie"
	switch get("action") {
	case "publier":
		err = h.Agenda.Publish(r.Context(), by, s.ID)
	case "refuser":
		err, said = h.Agenda.Refuse(r.Context(), by, s.ID, get("reason")), "refuse"
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err == nil {
		return done(w, r, seriesPath, said, "")
	}
	p := h.Kit.Page(r, "Un événement proposé")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderDecision(w, r, by, get("reason"), refused, p)
}
