package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/ui"
)

// datesPage is the view of the coming days of a team.
type datesPage struct {
	ui.Page
	Said  ui.Message
	Title string
	Weeks []ui.Link
	Days  []ui.EventDay
	Empty ui.EmptyState
	First []ui.Link // what is done most
	Links []ui.Link
}

func (h *Handlers) listDates(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	v := datesPage{Page: h.Kit.Page(r, "L'agenda de l'équipe"), Said: saidDone(r), Links: teamLinks(by)}
	if len(v.Links) > 0 && v.Links[0].Href == bookPath {
		v.First, v.Links = v.Links[:1], v.Links[1:]
	}
	today := openinghours.DateOf(v.Now())
	from, of := today, today
	v.Title = "Les sept prochains jours"
	if monday, ok := readWeek(r.URL.Query().Get("semaine")); ok {
		from, of = monday, monday
		v.Title = "La semaine du " + openinghours.SpokenDate(monday)
	}
	v.Weeks = []ui.Link{{Text: "Semaine d'avant", Href: weekPath(of.AddDays(-7))}, {Text: "Aujourd'hui", Href: teamPath}, {Text: "Semaine d'après", Href: weekPath(of.AddDays(7))}}
	if err := h.fillDays(r, by, &v, from); err != nil {
		return err
	}
	if len(v.Days) == 0 {
		v.Empty = ui.EmptyState{Title: "Rien ces jours-là", Text: "Aucune date de votre équipe. Regardez la semaine d'après, ou ajoutez une activité."}
	}
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_team_dates", v)
}

func weekPath(d recur.Date) string { return teamPath + "?semaine=" + weekWords(d) }

// teamLinks are what somebody can go on to, by what their role may do.
func teamLinks(by identity.Actor) []ui.Link {
	var out []ui.Link
	for _, one := range []struct {
		action identity.Action
		link   ui.Link
	}{
		{identity.AgendaBook, ui.Link{Text: "Inscrire quelqu'un", Href: bookPath}},
		{identity.AgendaBook, ui.Link{Text: "Mes inscriptions pour d'autres", Href: minePath}},
		{identity.AgendaPeople, ui.Link{Text: "La feuille du jour, à imprimer", Href: teamPath + "/feuille"}},
		{identity.AgendaPeople, ui.Link{Text: "Les absences", Href: absencesPath}},
		{identity.AgendaPeople, ui.Link{Text: "Les bénévoles", Href: volunteersPath}},
		{identity.AgendaPeople, ui.Link{Text: "Salles, postes et machines", Href: roomsPath}},
		{identity.AgendaEdit, ui.Link{Text: "Ajouter une activité", Href: addPath}},
		{identity.AgendaEdit, ui.Link{Text: "Les tournées", Href: toursPath}},
		{identity.AgendaRequest, ui.Link{Text: "Les demandes des communes", Href: requestsPath}},
		{identity.AgendaPropose, ui.Link{Text: "Les activités", Href: seriesPath}},
		{identity.AgendaEdit, ui.Link{Text: "Motifs de rendez-vous", Href: reasonsPath}},
		{identity.AgendaEdit, ui.Link{Text: "Autorisations", Href: skillsPath}},
		{identity.AgendaPropose, ui.Link{Text: "Mon calendrier", Href: calendarPath}},
	} {
		if one.link.Href == skillsPath && identity.Reaches(by, identity.PersonRead) == identity.None {
			continue
		}
		if identity.Reaches(by, one.action) != identity.None {
			out = append(out, one.link)
		}
	}
	return out
}

// fillDays lists the dates of seven days from one on, by day.
func (h *Handlers) fillDays(r *http.Request, by identity.Actor, v *datesPage, from recur.Date) error {
	if identity.Reaches(by, identity.AgendaPeople) == identity.None && identity.Reaches(by, identity.AgendaEdit) == identity.None {
		return nil // a partner proposes, and has no team here
	}
	start := from.In(v.Now().Location())
	list, err := h.Agenda.TeamDates(r.Context(), by, start, start.AddDate(0, 0, 7))
	if err != nil {
		return err
	}
	names, err := h.crewNames(r, list)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.Series.State == agenda.Refused {
			continue
		}
		title := openinghours.SpokenDate(d.On)
		if d.On == openinghours.DateOf(v.Now()) {
			title = "Aujourd'hui, " + title
		}
		if n := len(v.Days); n == 0 || v.Days[n-1].Title != title {
			v.Days = append(v.Days, ui.EventDay{Title: title})
		}
		day := &v.Days[len(v.Days)-1]
		day.Events = append(day.Events, h.dateCard(v.Page, d, names))
	}
	return nil
}

// crewNames are the given names of all who work at some dates.
func (h *Handlers) crewNames(r *http.Request, list []agenda.TeamDate) (map[identity.AccountID]string, error) {
	var ids []identity.AccountID
	for _, d := range list {
		ids = append(ids, d.Members...)
	}
	slices.Sort(ids)
	return h.Identity.GivenNames(r.Context(), slices.Compact(ids)...)
}

func (h *Handlers) dateCard(p ui.Page, d agenda.TeamDate, names map[identity.AccountID]string) ui.EventCard {
	c := ui.EventCard{
		Time: clock(p, d.Start, d.Zone), Until: "jusqu'à " + clock(p, d.End, d.Zone), Title: d.Series.Title, Href: datePath(d.Number),
		Place: h.Agenda.WhereText(d.Where), State: teamTag(d), Seats: peopleText(p, d),
	}
	if crew := crewText(d.Members, names); crew != "" {
		c.Seats += ". Avec " + crew
	}
	return c
}

func crewText(members []identity.AccountID, names map[identity.AccountID]string) string {
	var out []string
	for _, m := range members {
		if name := names[m]; name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// teamTag says where a date stands, in the words of its team; an open date has no tag.
func teamTag(d agenda.TeamDate) ui.Tag {
	switch {
	case d.State == agenda.Cancelled:
		return ui.Tag{Text: "Annulé", Kind: ui.Failure}
	case d.State == agenda.MovedTo:
		return ui.Tag{Text: "Déplacé", Kind: ui.Warning}
	case d.Series.State == agenda.Proposed:
		return ui.Tag{Text: "Proposé, à décider", Kind: ui.Info}
	case d.Series.State == agenda.Draft:
		return ui.Tag{Text: "Brouillon"}
	case d.State == agenda.Closed:
		return ui.Tag{Text: "Terminé"}
	case d.Delay > 0:
		return ui.Tag{Text: "Retard de " + minutesText(d.Delay), Kind: ui.Warning}
	case d.State == agenda.InProgress:
		return ui.Tag{Text: "En cours", Kind: ui.Success}
	case d.State == agenda.Planned:
		return ui.Tag{Text: "À confirmer par la mairie", Kind: ui.Warning}
	case d.State == agenda.HostConfirmed:
		return ui.Tag{Text: "Salle confirmée", Kind: ui.Success}
	}
	return ui.Tag{}
}

// peopleText says how many come: "5 inscrits sur 8".
func peopleText(p ui.Page, d agenda.TeamDate) string {
	var parts []string
	if d.Series.Books() {
		word := plural(p, d.Taken, "inscrit", "inscrits")
		if d.Series.Mode == agenda.Appointments {
			word = p.Number(d.Taken) + " rendez-vous"
		}
		if d.Capacity > 0 && !d.Series.Mode.HasSlots() {
			word += " sur " + p.Number(d.Capacity)
		}
		parts = append(parts, word)
	}
	if d.Waiting > 0 {
		parts = append(parts, plural(p, d.Waiting, "attend", "attendent"))
	}
	if d.Heads > 0 || !d.Series.Books() {
		parts = append(parts, plural(p, d.Heads, "personne venue sans inscription", "personnes venues sans inscription"))
	}
	return strings.Join(parts, ", ")
}

// plural is a number with its word.
func plural(p ui.Page, n int, one, more string) string {
	if n < 2 {
		return p.Number(n) + " " + one
	}
	return p.Number(n) + " " + more
}

func minutesText(n int) string {
	if n < 60 {
		return strconv.Itoa(n) + " minutes"
	}
	return clockText(n)
}

// whenText is the day and the hours of a date, on one line.
func whenText(p ui.Page, o agenda.Occurrence) string {
	return dayTitle(p, o.Start.In(o.Zone)) + ", de " + clock(p, o.Start, o.Zone) + " à " + clock(p, o.End, o.Zone)
}

// clockOf is the hour of what somebody booked: of their appointment, else of the date.
func clockOf(p ui.Page, c agenda.Claim, o agenda.Occurrence) string {
	at := o.Start
	if !c.Slot.IsZero() {
		at = c.Slot
	}
	return clock(p, at, o.Zone)
}
