package web

import (
	"net/http"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// The host of a date, usually the town hall, says in one button that the room will be ready, or calls it off with a reason.

func (h *Handlers) hostRoutes(mux ui.Mux) {
	h.public(mux, "GET "+agenda.HostPath+"{jeton}", h.showHost)
	h.public(mux, "POST "+agenda.HostPath+"{jeton}", h.hostSays)
}

// hostPage is the view of a date for its host.
type hostPage struct {
	ui.Page
	Errors  ui.ErrorSummary
	Note    ui.Message
	Heading string
	What    ui.Summary
	Action  string
	Confirm bool // the button
	Refuse  bool // the way to call it off
	Open    bool // with what was typed
	Reason  ui.Field
}

func (h *Handlers) showHost(w http.ResponseWriter, r *http.Request) error {
	return h.renderHost(w, r, h.Kit.Page(r, "Une date chez vous"), "", ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderHost(w http.ResponseWriter, r *http.Request, p ui.Page, reason string, f ui.Refused) error {
	series, o, err := h.Agenda.ReadHost(r.Context(), r.PathValue("jeton"))
	if err != nil {
		return err
	}
	v := hostPage{Page: p, Errors: f.Summary, Heading: "Nous venons chez vous", Action: agenda.HostPath + r.PathValue("jeton"), Open: f.Of("reason") != ""}
	v.KeepSecret(w)
	start := o.Start.In(o.Zone)
	v.What = ui.Summary{Rows: []ui.SummaryRow{
		{Term: "Quoi", Value: series.Title},
		{Term: "Quand", Value: dayTitle(p, start) + ", de " + clock(p, o.Start, o.Zone) + " à " + clock(p, o.End, o.Zone), Big: true},
		{Term: "Où", Value: h.Agenda.WhereText(o.Where)},
	}}
	v.Reason = ui.Field{Name: "reason", Label: "Pourquoi ?", Hint: "Les personnes inscrites le liront.", Value: reason, Error: f.Of("reason"), MaxLength: 120}
	switch {
	case o.State == agenda.Cancelled:
		v.Note = ui.Message{Kind: ui.Failure, Title: "Cette date est annulée", Text: sentence(o.Reason) + "Les personnes inscrites sont prévenues."}
	case o.State == agenda.MovedTo:
		v.Note = ui.Message{Kind: ui.Warning, Title: "Cette date a changé", Text: "Vous recevrez la nouvelle date."}
	case !o.End.After(p.Now()):
		v.Note = ui.Message{Text: "Cette date est passée. Merci de votre accueil."}
	case o.State == agenda.Planned:
		v.Confirm, v.Refuse = true, true
	default:
		v.Note = ui.Message{Kind: ui.Success, Title: "C'est confirmé, merci", Text: "La salle et le wifi seront prêts."}
		v.Refuse = true
	}
	return h.Kit.Render(w, r, f.Status, "agenda_host", v)
}

func (h *Handlers) hostSays(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	token := r.PathValue("jeton")
	var err error
	reason := clip(r.PostForm.Get("reason"))
	switch r.PostForm.Get("action") {
	case "confirmer":
		err = h.Agenda.HostConfirms(r.Context(), token)
	case "annuler":
		err = h.Agenda.HostCancels(r.Context(), token, reason)
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err != nil {
		p := h.Kit.Page(r, "Une date chez vous")
		refused, ok := p.Refuse(err)
		if !ok {
			return err
		}
		return h.renderHost(w, r, p, reason, refused)
	}
	http.Redirect(w, r, agenda.HostPath+token, http.StatusSeeOther)
	return nil
}
