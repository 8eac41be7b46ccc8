package web

import (
	"viaduc/internal/agenda"
	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Pages of other modules show what comes next: a place its own dates, the home page those near its main town.

// maxElsewhere is how many dates they show.
const maxElsewhere = 3

// AtPlace are the next dates at a place of the census; no event where there is none.
func (h *Handlers) AtPlace(p ui.Page, at place.ID) ui.EventDay {
	return h.elsewhere(p, "Les prochaines dates ici", agenda.Query{Place: at})
}

// NearTown are the next dates near a commune; no event where there is none.
func (h *Handlers) NearTown(p ui.Page, town territory.Commune) ui.EventDay {
	return h.elsewhere(p, "Bientôt près "+agenda.Of(town.Name), agenda.Query{Near: town.Point, Within: nearby[0]})
}

// elsewhere are the next dates of a query, one of each series, each with its day.
func (h *Handlers) elsewhere(p ui.Page, title string, q agenda.Query) ui.EventDay {
	q.From, q.Live = p.Now(), true
	out := ui.EventDay{Title: title}
	seen := map[agenda.SeriesID]bool{}
	for _, f := range h.Agenda.Index().Search(q) {
		if seen[f.Occurrence.Series] && q.Place == "" {
			continue
		}
		seen[f.Occurrence.Series] = true
		c := card(p, f)
		c.Until, c.Distance = dayTitle(p, f.Start.In(f.Zone)), ""
		if out.Events = append(out.Events, c); len(out.Events) == maxElsewhere {
			break
		}
	}
	return out
}
