package web

import (
	"net/http"
	"net/url"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/ui"
)

// roomPlanPath is the week of the rooms on paper, for the door: of one, or of all.
const roomPlanPath = roomsPath + "/plan"

// roomPlanPage is the view of a week of the rooms, to print. It hangs on a door: a first name and an initial, or nothing but that it is taken.
type roomPlanPage struct {
	ui.Page
	Back  ui.Back
	Title string
	Week  string
	Weeks []ui.Link
	Rooms []ui.Link // the plan of each
	Days  []planDay
	Keyed string // where arrivals are noted
}

type planDay struct {
	Title string
	Lines []planLine
}

type planLine struct{ Hours, What, Who string }

// planPath is the week of a room, of all for "".
func planPath(monday recur.Date, room agenda.ResourceID) string {
	to := roomPlanPath + "?semaine=" + weekWords(monday)
	if room != "" {
		to += "&salle=" + url.QueryEscape(string(room))
	}
	return to
}

func (h *Handlers) showRoomPlan(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Plan des salles")
	q := r.URL.Query()
	monday := weekAsked(p, q.Get("semaine"))
	all, err := h.Agenda.Resources(r.Context(), by)
	if err != nil {
		return err
	}
	zone := p.Now().Location()
	uses, err := h.Agenda.Uses(r.Context(), by, monday.In(zone), monday.AddDays(7).In(zone))
	if err != nil {
		return err
	}
	v := roomPlanPage{Page: p, Back: p.Back(roomsPath), Title: "Plan des salles", Week: "Semaine du " + openinghours.SpokenDate(monday), Keyed: h.Public + roomsPath}
	only := agenda.ResourceID(q.Get("salle"))
	for _, one := range all {
		if one.ID == only {
			v.Title = one.Name
		}
		if one.Kind != agenda.Laptop {
			v.Rooms = append(v.Rooms, ui.Link{Text: one.Name, Href: planPath(monday, one.ID)})
		}
	}
	v.Weeks = []ui.Link{{Text: "Semaine d'avant", Href: planPath(monday.AddDays(-7), only)}, {Text: "Semaine d'après", Href: planPath(monday.AddDays(7), only)}}
	for i := range 7 {
		day := monday.AddDays(i)
		v.Days = append(v.Days, planDay{Title: openinghours.SpokenDate(day)})
		for _, u := range uses {
			if openinghours.DateOf(u.Start.In(zone)) == day && (only == "" || u.Resource.ID == only || u.Resource.Parent == only) && (u.State == agenda.UseBooked || u.State == agenda.UseCheckedIn) {
				line := useLine(p, u, zone, nil)
				v.Days[i].Lines = append(v.Days[i].Lines, planLine{line.Hours, line.What, line.Who})
			}
		}
	}
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_room_plan", v)
}
