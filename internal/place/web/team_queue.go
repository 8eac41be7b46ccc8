package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// queueRow is a declaration that waits.
type queueRow struct {
	Reference, Href string
	Name, Commune   string
	Kind            ui.Tag
	What            string
	Sent            string
}

// queuePage is the view of /pro/lieux/declarations.
type queuePage struct {
	ui.Page
	Back  ui.Back
	Said  ui.Message
	Rows  []queueRow
	Pager ui.Pager
}

func (h *Handlers) listDeclarations(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	waiting, err := h.Places.Queue(r.Context(), by)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les fiches à relire")
	p.Wide = true
	v := queuePage{Page: p, Back: p.Back(teamPath), Said: didSay(r)}
	var page []place.Submission
	page, v.Pager = paged(p, r, waiting, teamSize)
	for _, one := range page {
		v.Rows = append(v.Rows, queueRowOf(p, one))
	}
	return h.Kit.Render(w, r, http.StatusOK, "team_queue", v)
}

func queueRowOf(p ui.Page, one place.Submission) queueRow {
	row := queueRow{
		Reference: one.Reference, Href: declarationPath + "/" + one.Reference, Name: calm(one.Name), Commune: calm(one.Commune), Sent: p.Moment(one.SentAt),
		Kind: ui.Tag{Text: "Nouveau lieu", Kind: ui.Info}, What: p.N("place.team.fields", len(one.Proposals)),
	}
	if one.Place == nil {
		return row
	}
	row.Kind = ui.Tag{Text: "Correction"}
	var names []string
	for _, f := range one.Proposals {
		names = append(names, labelOf(f.Name))
		if f.Moved() {
			row.Kind = ui.Tag{Text: "Correction, la fiche a bougé", Kind: ui.Warning}
		}
	}
	row.What = strings.Join(names[:min(len(names), 4)], ", ")
	if len(names) > 4 {
		row.What += "…"
	}
	return row
}

// proposalRow is a field of a declaration.
type proposalRow struct {
	Name, Label           string
	Before, Proposed, Now string
	Checked, Moved        bool
}

// declaredPage is the view of one declaration.
type declaredPage struct {
	ui.Page
	Back      ui.Back
	Said      ui.Message
	Errors    ui.ErrorSummary
	Name      string
	New       bool
	Place     string // address of the team's page of the place, "" for a new one
	Reference string
	Sent      string
	Email     string
	State     ui.Tag
	Waits     bool
	Reason    string
	Action    string
	Version   string
	Moved     bool
	Fields    []proposalRow
	Why       ui.Choices
	Words     ui.Field
}

// refusalLabels are the reasons as the team chooses them.
var refusalLabels = map[place.Refusal]string{
	place.RefusedKnown: "Ce lieu est déjà connu ici", place.RefusedOutside: "Hors de notre territoire", place.RefusedNoHelp: "Pas d'aide au numérique",
	place.RefusedMissing: "Trop peu d'informations", place.RefusedOther: "Autre raison, que je dis ci-dessous",
}

func (h *Handlers) showDeclared(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	one, err := h.Places.Submitted(r.Context(), by, r.PathValue("reference"))
	if err != nil {
		return err
	}
	return h.renderDeclared(w, r, one, nil, url.Values{}, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Relire : "+calm(one.Name)))
}

// renderDeclared shows a declaration; taken are the fields that were ticked, nil for all that can be taken blindly.
func (h *Handlers) renderDeclared(w http.ResponseWriter, r *http.Request, one place.Submission, taken []string, form url.Values, f ui.Refused, p ui.Page) error {
	p.Wide = true
	v := declaredPage{
		Page: p, Back: p.Back(teamPath + "/declarations"), Said: didSay(r), Errors: f.Summary, Name: calm(one.Name), New: one.Place == nil, Reference: one.Reference,
		Sent: p.Moment(one.SentAt), Email: one.Email, Reason: one.Reason, Action: declarationPath + "/" + one.Reference,
		Version: strconv.FormatInt(one.Version, 10), Waits: one.State == place.DeclarationSent,
	}
	switch one.State {
	case place.DeclarationAccepted:
		v.State = ui.Tag{Text: "Acceptée", Kind: ui.Success}
	case place.DeclarationRefused:
		v.State = ui.Tag{Text: "Refusée", Kind: ui.Failure}
	}
	if one.Place != nil {
		v.Place = managedPath(one.Place.Number)
	}
	for _, prop := range one.Proposals {
		row := proposalRow{
			Name: prop.Name, Label: labelOf(prop.Name), Before: h.say(p, h.lookup(r), prop.Name, prop.Before), Proposed: h.say(p, h.lookup(r), prop.Name, prop.Proposed),
			Now: h.say(p, h.lookup(r), prop.Name, prop.Now), Moved: one.Place != nil && prop.Moved(),
		}
		row.Checked = !row.Moved
		if taken != nil {
			row.Checked = slices.Contains(taken, prop.Name)
		}
		v.Moved = v.Moved || row.Moved
		v.Fields = append(v.Fields, row)
	}
	v.Why = ui.Choices{Name: "reason", Legend: "Pourquoi ?", Error: f.Of("reason")}
	for _, why := range place.Refusals() {
		v.Why.Options = append(v.Why.Options, ui.Option{Value: string(why), Label: refusalLabels[why], Checked: form.Get("reason") == string(why)})
	}
	v.Words = ui.Field{
		Name: "text", Label: "Un mot pour la personne", Hint: "Elle le reçoit par e-mail. Dites ce qu'elle peut changer.", Rows: 3, MaxLength: place.MaxRefusalText,
		Value: form.Get("text"), Error: f.Of("text"), Optional: p.Optional(),
	}
	return h.Kit.Render(w, r, f.Status, "team_declared", v)
}

func (h *Handlers) decide(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := teamForm(w, r)
	if err != nil {
		return err
	}
	reference := r.PathValue("reference")
	version, err := strconv.ParseInt(form.Get(versionField), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "place.team.unreadable")
	}
	taken, key := form["champ"], "accepte"
	if taken == nil {
		taken = []string{}
	}
	switch form.Get("action") {
	case "accepter":
		_, err = h.Places.Accept(r.Context(), by, reference, version, taken)
	case "refuser":
		key, err = "refuse", h.Places.Refuse(r.Context(), by, reference, version, place.Refusal(form.Get("reason")), form.Get("text"))
	default:
		return fault.New(fault.Invalid, "place.team.unreadable")
	}
	if err == nil {
		return did(w, r, teamPath+"/declarations", key)
	}
	p := h.Kit.Page(r, "Relire")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	one, e := h.Places.Submitted(r.Context(), by, reference)
	if e != nil { // its author has taken it back
		return err
	}
	p.Title = "Relire : " + calm(one.Name)
	return h.renderDeclared(w, r, one, taken, form, refused, p)
}

// acceptPage is the view of several declarations, to be accepted whole.
type acceptPage struct {
	ui.Page
	Back ui.Back
	Said []ui.Message
	Rows []acceptRow
}

// acceptRow is one of them.
type acceptRow struct {
	queueRow
	Version string
	Fields  []string
}

func (h *Handlers) askAccept(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Accepter plusieurs fiches")
	v := acceptPage{Page: p, Back: p.Back(teamPath + "/declarations")}
	chosen := r.URL.Query()["numero"]
	for _, reference := range chosen[:min(len(chosen), teamSize)] {
		one, err := h.Places.Submitted(r.Context(), by, reference)
		if err != nil {
			return err
		}
		if one.State != place.DeclarationSent {
			continue
		}
		row := acceptRow{queueRow: queueRowOf(p, one), Version: strconv.FormatInt(one.Version, 10)}
		for _, f := range one.Proposals {
			text := labelOf(f.Name) + " : "
			if one.Place != nil {
				text += h.say(p, h.lookup(r), f.Name, f.Now) + " → "
			}
			row.Fields = append(row.Fields, text+h.say(p, h.lookup(r), f.Name, f.Proposed))
		}
		v.Rows = append(v.Rows, row)
	}
	return h.Kit.Render(w, r, http.StatusOK, "team_accept", v)
}

func (h *Handlers) acceptAll(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := teamForm(w, r)
	if err != nil {
		return err
	}
	versions := map[string]int64{}
	for _, reference := range form["numero"] {
		version, err := strconv.ParseInt(form.Get("version-"+reference), 10, 64)
		if err != nil {
			return fault.New(fault.Invalid, "place.team.unreadable")
		}
		versions[reference] = version
	}
	p := h.Kit.Page(r, "Accepter plusieurs fiches")
	v := acceptPage{Page: p, Back: p.Back(teamPath + "/declarations")}
	done := 0
	for _, one := range h.Places.AcceptAll(r.Context(), by, versions) {
		if one.Err == nil {
			done++
			continue
		}
		f, ok := fault.As(one.Err)
		if !ok {
			return one.Err
		}
		v.Said = append(v.Said, ui.Message{Kind: ui.Warning, Text: one.Reference + " : " + p.T(f.Message.Key, f.Message.Args...)})
	}
	v.Said = append([]ui.Message{{Kind: ui.Success, Text: p.N("place.team.accepted", done)}}, v.Said...)
	return h.Kit.Render(w, r, http.StatusOK, "team_accept", v)
}
