package web

import (
	"net/http"
	"net/url"
	"strconv"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/ui"
)

const reasonsPath = teamPath + "/motifs"

// reasonsPage is the view of the reasons of appointments, with one that is written.
type reasonsPage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Errors  ui.ErrorSummary
	Table   ui.Table
	Heading string
	ID      string
	Version string
	Fields  []ui.Field
	Who     ui.Choices
	Ticks   []ui.Checkbox
	New     string // leads back to a new one; "" on it
}

var bookers = []ui.Option{
	{Value: string(agenda.Everyone), Label: "Tout le monde, sur internet aussi"}, {Value: string(agenda.Helpers), Label: "Les équipes, pour quelqu'un"}, {Value: string(agenda.TeamOnly), Label: "Notre équipe seulement"},
}

func (h *Handlers) showReasons(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	typed := url.Values{"minutes": {"30"}, "buffer": {"0"}, "bookable_by": {string(agenda.Everyone)}}
	if one, ok, err := h.reasonOf(r, by, r.URL.Query().Get("motif")); err != nil {
		return err
	} else if ok {
		typed = url.Values{
			"id": {string(one.ID)}, "version": {strconv.FormatInt(one.Version, 10)}, "name": {one.Name}, "minutes": {strconv.Itoa(one.Minutes)}, "buffer": {strconv.Itoa(one.Buffer)},
			"bring": {one.Bring}, "bookable_by": {string(one.BookableBy)}, "silent": {ticked(one.Silent)}, "retired": {ticked(one.Retired)},
		}
	}
	return h.renderReasons(w, r, by, typed, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Les motifs de rendez-vous"))
}

// reasonOf is a reason of by's structure.
func (h *Handlers) reasonOf(r *http.Request, by identity.Actor, id string) (agenda.Reason, bool, error) {
	if id == "" {
		return agenda.Reason{}, false, nil
	}
	list, err := h.Agenda.Reasons(r.Context(), by.Organisation)
	if err != nil {
		return agenda.Reason{}, false, err
	}
	for _, one := range list {
		if string(one.ID) == id {
			return one, true, nil
		}
	}
	return agenda.Reason{}, false, identity.NotFound()
}

func (h *Handlers) renderReasons(w http.ResponseWriter, r *http.Request, by identity.Actor, typed url.Values, f ui.Refused, p ui.Page) error {
	list, err := h.Agenda.Reasons(r.Context(), by.Organisation)
	if err != nil {
		return err
	}
	m := maker{p, typed, f}
	v := reasonsPage{Page: p, Back: p.Back(teamPath), Said: saidDone(r), Errors: f.Summary, Heading: "Ajouter un motif", ID: m.get("id"), Version: m.get("version")}
	v.Wide = true
	if v.ID != "" {
		v.Heading, v.New = "Changer ce motif", reasonsPath
	}
	v.Fields = []ui.Field{
		*m.text("name", "Motif", "Par exemple : Faire une démarche.").Field, *m.text("minutes", "Durée, en minutes", "", digits).Field,
		*m.text("buffer", "Minutes gardées libres après", "", digits).Field, *m.text("bring", "Ce qu'il faut apporter", "Par exemple : une pièce d'identité.", m.optional).Field,
	}
	v.Who = *m.choose("bookable_by", "Qui peut prendre ce rendez-vous ?", append([]ui.Option{}, bookers...)...).Select
	v.Ticks = []ui.Checkbox{
		*m.tick("silent", "Sous silence", "Pour les personnes en danger : aucun message, aucune liste.").Tick, *m.tick("retired", "Ne plus le proposer", "").Tick,
	}
	v.Table = ui.Table{Caption: "Les motifs de notre équipe", Columns: []string{"Motif", "Durée", "Qui le prend", "État"}, Empty: "Aucun motif pour l'instant."}
	for _, one := range list {
		row := []ui.Cell{{Text: one.Name, Href: reasonsPath + "?motif=" + url.QueryEscape(string(one.ID))}, {Text: minutesText(one.Minutes)}, {Text: bookerText(one.BookableBy)}, {Text: "Proposé"}}
		if one.Retired {
			row[3].Text = "Plus proposé"
		}
		if one.Silent {
			row[3].Text += ", sous silence"
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	return h.Kit.Render(w, r, f.Status, "agenda_team_reasons", v)
}

func bookerText(who agenda.Bookers) string {
	for _, b := range bookers {
		if b.Value == string(who) {
			return b.Label
		}
	}
	return ""
}

func (h *Handlers) saveReason(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	one, _, err := h.reasonOf(r, by, get("id")) // its terms stay
	if err != nil {
		return err
	}
	one.Name, one.Minutes, one.Buffer, one.Bring = get("name"), typedNumber(get("minutes")), typedNumber(get("buffer")), get("bring")
	one.BookableBy, one.Silent, one.Retired, one.Version = agenda.Bookers(get("bookable_by")), get("silent") != "", get("retired") != "", int64(number(get("version")))
	if _, err = h.Agenda.SaveReason(r.Context(), by, one); err == nil {
		return done(w, r, reasonsPath, "motif", "")
	}
	p := h.Kit.Page(r, "Les motifs de rendez-vous")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderReasons(w, r, by, r.PostForm, refused, p)
}
