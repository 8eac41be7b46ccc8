package web

import (
	"net/http"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/ui"
)

// callsPage is the view of who can be called about a date, for paper.
type callsPage struct {
	ui.Page
	Back  ui.Back
	Title string
	When  string
	Where string
	Calls []callLine
}

// callLine is somebody to call.
type callLine struct{ Time, Name, Phone string }

// showCalls lists those who are still to come and have a telephone. Who is under silence is not on paper.
func (h *Handlers) showCalls(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	d, err := h.teamDay(r, by)
	if err != nil {
		return err
	}
	if !may(by, identity.AgendaPeople, d.TeamDate) {
		return identity.NotFound()
	}
	p := h.Kit.Page(r, "Liste d'appels")
	v := callsPage{Page: p, Back: p.Back(datePath(d.Number)), Title: d.Series.Title, When: whenText(p, d.Occurrence), Where: h.Agenda.WhereText(d.Where)}
	for _, s := range d.Seats {
		if s.Person.Phone == "" || s.Silent || s.Person.Silent || s.State != agenda.Booked && s.State != agenda.Arrived && s.State != agenda.Held {
			continue
		}
		v.Calls = append(v.Calls, callLine{Time: clockOf(p, s.Claim, d.Occurrence), Name: s.Person.Name, Phone: ui.Phone(s.Person.Phone)})
	}
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_team_calls", v)
}
