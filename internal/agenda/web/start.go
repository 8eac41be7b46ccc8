package web

import (
	"net/http"
	"strconv"

	"viaduc/internal/agenda"
	"viaduc/internal/ui"
)

// startPage is the view of /rendez-vous: the next free appointments near somebody.
type startPage struct {
	ui.Page
	Filters ui.Filters
	Note    ui.Message
	Status  string
	Days    ui.EventDays
	Empty   ui.EmptyState
}

// maxStarts is how many dates with free appointments are shown.
const maxStarts = 15

// around is how far appointments are looked for, in metres.
const around = 40_000

func (h *Handlers) showStart(w http.ResponseWriter, r *http.Request) error {
	v := startPage{Page: h.Kit.Page(r, "Prendre rendez-vous")}
	now := v.Now()
	a := h.read(r, now)
	if a.commune.Code == "" && a.epci == "" {
		if town := h.Territory.MainCommune(r.Host); town.Point.Known() && a.where == "" {
			a.query.Near, a.query.Within, a.commune = town.Point, around, town
		}
	} else if a.commune.Code != "" {
		a.query.Within = around
	}
	a.query.Mode = agenda.Appointments
	v.Filters = ui.Filters{
		Action: "/rendez-vous", Label: "Chercher un rendez-vous", Button: "Chercher",
		Fields: []ui.Field{{Name: "ou", Label: "Près de quelle commune ?", Hint: "Son nom ou son code postal.", Value: a.where, Autocomplete: "address-level2"}},
	}
	if a.unknown {
		v.Note = ui.Message{Kind: ui.Warning, Text: "Nous ne connaissons pas « " + a.where + " ». Voici tous les rendez-vous libres."}
	}
	found := h.withSlots(v.Page, a.query)
	v.Days = found
	if len(found) == 0 {
		v.Empty = ui.EmptyState{
			Title: "Aucun rendez-vous libre près d'ici", Text: "Appelez-nous, ou venez sans rendez-vous.",
			Links: []ui.Link{{Text: "Venir sans rendez-vous", Href: v.Path(listPath) + "?genre=" + string(agenda.WalkIn)}, {Text: "Trouver un lieu", Href: v.Path("/lieux")}},
		}
	} else if a.commune.Name != "" {
		v.Status = "Les prochains horaires libres près " + agenda.Of(a.commune.Name) + "."
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_start", v)
}

// withSlots are the next dates on which a person may still take an appointment alone, by day, each with its first hour.
func (h *Handlers) withSlots(p ui.Page, q agenda.Query) ui.EventDays {
	var found []agenda.Found
	firsts := map[agenda.ID]agenda.Slot{}
	counts := map[agenda.ID]int{}
	for _, s := range h.Agenda.Index().NextSlots(agenda.SlotQuery{Query: q, Alone: true, Limit: 600}, p.Now()) {
		counts[s.ID]++
		if _, ok := firsts[s.ID]; ok {
			continue
		}
		if len(found) == maxStarts {
			break
		}
		firsts[s.ID] = s
		found = append(found, agenda.Found{Entry: s.Entry, Metres: s.Metres})
	}
	out := days(p, found)
	n := 0
	for i := range out {
		for j := range out[i].Events {
			s := firsts[found[n].ID]
			c := &out[i].Events[j]
			c.Time, c.Until, c.Href = clock(p, s.At, s.Zone), "", p.Path(bookingPath(s.Entry))
			c.Seats = freeHours(counts[s.ID])
			n++
		}
	}
	return out
}

func freeHours(n int) string {
	if n == 1 {
		return "1 horaire libre"
	}
	return strconv.Itoa(n) + " horaires libres"
}
