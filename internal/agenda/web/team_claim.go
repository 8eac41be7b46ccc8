package web

import (
	"net/http"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// claimPath is the team's page of a booking.
func claimPath(c agenda.ClaimID) string { return teamPath + "/inscriptions/" + string(c) }

// claimPage is the view of a booking, for whoever may see it: to read again, to move, to take back.
type claimPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	Name   string
	Facts  ui.Summary
	Action string
	Live   bool
	Silent bool
	Moves  ui.Choices
	Steps  []string
}

func (h *Handlers) showClaim(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderClaim(w, r, by, nil)
}

func (h *Handlers) renderClaim(w http.ResponseWriter, r *http.Request, by identity.Actor, refusal error) error {
	b, err := h.Agenda.BookingFor(r.Context(), by, agenda.ClaimID(r.PathValue("inscription")))
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Une inscription")
	status := http.StatusOK
	v := claimPage{Said: saidDone(r), Name: b.Person.Name, Action: claimPath(b.Claim.ID), Live: b.Claim.EndedAt.IsZero(), Silent: b.Claim.Silent || b.Person.Silent}
	if v.Name == "" {
		v.Name = "Personne effacée"
	}
	if refusal != nil {
		refused, ok := refusedAt(&p, refusal)
		if !ok {
			return refusal
		}
		v.Errors, status = refused.Summary, refused.Status
	}
	v.Page, v.Back = p, p.Back(h.claimBack(by, b))
	v.Facts.Rows = h.claimFacts(p, b)
	if b.Claim.State == agenda.Booked && !b.Series.Cycle && !b.Series.Mode.HasSlots() {
		v.Moves = h.otherDates(p, b)
	}
	steps, err := h.Agenda.History(r.Context(), by, b.Claim.ID)
	if err != nil {
		return err
	}
	for _, s := range steps {
		v.Steps = append(v.Steps, p.Moment(s.At)+" : "+s.State.French())
	}
	personal(w)
	return h.Kit.Render(w, r, status, "agenda_team_claim", v)
}

// claimBack is where a booking was come to from: the date for its team, what one booked for a helper.
func (h *Handlers) claimBack(by identity.Actor, b agenda.Booking) string {
	if may(by, identity.AgendaPeople, agenda.TeamDate{Occurrence: b.Occurrence, Series: b.Series}) {
		return datePath(b.Occurrence.Number)
	}
	return minePath
}

func (h *Handlers) claimFacts(p ui.Page, b agenda.Booking) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Term: "Quoi", Value: b.Series.Title},
		{Term: "Quand", Value: dayTitle(p, b.Occurrence.Start.In(b.Occurrence.Zone)) + ", " + clockOf(p, b.Claim, b.Occurrence)},
		{Term: "Où", Value: h.Agenda.WhereText(b.Occurrence.Where)},
		{Term: "Où en est-on", Value: b.Claim.State.French()},
	}
	if b.Reason.Name != "" {
		rows = append(rows, ui.SummaryRow{Term: "Motif", Value: b.Reason.Name})
	}
	if b.Claim.Reference != "" {
		rows = append(rows, ui.SummaryRow{Term: "Numéro", Value: b.Claim.Reference, Big: true})
	}
	if b.Person.Phone != "" {
		rows = append(rows, ui.SummaryRow{Term: "Téléphone", Value: ui.Phone(b.Person.Phone), Big: true})
	}
	return rows
}

// otherDates are the coming dates of the same activity that have a seat.
func (h *Handlers) otherDates(p ui.Page, b agenda.Booking) ui.Choices {
	c := ui.Choices{Name: "date", Legend: "Quelle autre date ?"}
	for _, f := range h.Agenda.Index().Search(agenda.Query{Series: b.Series.ID, From: h.Now(), FreeOnly: true, Live: true}) {
		if f.ID != b.Occurrence.ID && len(c.Options) < findShown {
			c.Options = append(c.Options, ui.Option{Value: string(f.ID), Label: whenText(p, f.Occurrence)})
		}
	}
	return c
}

func (h *Handlers) changeClaim(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := answers(w, r)
	if err != nil {
		return err
	}
	b, err := h.Agenda.BookingFor(r.Context(), by, agenda.ClaimID(r.PathValue("inscription")))
	if err != nil {
		return err
	}
	said := "annule"
	switch form("action") {
	case "annuler":
		err = h.Agenda.CancelFor(r.Context(), by, b.Claim.ID)
	case "deplacer":
		err, said = h.Agenda.MoveFor(r.Context(), by, b.Claim.ID, agenda.Target{Occurrence: agenda.ID(form("date"))}), "bouge"
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err != nil {
		return h.renderClaim(w, r, by, err)
	}
	if b, err = h.Agenda.BookingFor(r.Context(), by, b.Claim.ID); err != nil {
		return err
	}
	return done(w, r, h.claimBack(by, b), said, "")
}
