package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/ui"
)

// tourFaults say in French what does not hold together in the coming weeks of a tour, other dates of its crew included.
func (h *Handlers) tourFaults(r *http.Request, by identity.Actor, p ui.Page, t agenda.Tour) ([]string, error) {
	list, err := h.Agenda.CheckTravel(r.Context(), by, p.Now(), p.Now().AddDate(0, 0, 7*travelWeeks))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	stops, err := h.seriesOfTour(r, by, t)
	if err != nil {
		return nil, err
	}
	of := map[agenda.SeriesID]bool{}
	for _, one := range stops {
		of[one.ID] = true
	}
	return h.faultTexts(p, slices.DeleteFunc(list, func(f agenda.DayFault) bool { return !of[f.A.Series] && !of[f.B.Series] })), nil
}

// faultTexts say each fault once, with its first day: what comes back each week would fill the page.
func (h *Handlers) faultTexts(p ui.Page, list []agenda.DayFault) []string {
	var order []string
	first, times := map[string]string{}, map[string]int{}
	for _, f := range list {
		text := h.faultText(p, f)
		if times[text]++; times[text] == 1 {
			order, first[text] = append(order, text), dayTitle(p, f.A.Start.In(f.A.Zone))
		}
	}
	for i, text := range order {
		more := ""
		if n := times[text] - 1; n > 0 {
			more = " (et " + plural(p, n, "autre date", "autres dates") + ")"
		}
		order[i] = first[text] + more + ", " + text
	}
	return order
}

// faultText says one of them: who, where, and how many minutes are missing.
func (h *Handlers) faultText(p ui.Page, f agenda.DayFault) string {
	minutes := func(n int) string { return plural(p, n, "minute", "minutes") }
	first := h.communeOf(f.A.Where.Commune) + " (fin à " + clock(p, f.A.End, f.A.Zone) + ")"
	second := h.communeOf(f.B.Where.Commune) + " (début à " + clock(p, f.B.Start, f.B.Zone) + ")"
	text := f.Who + " : "
	if f.Clash.Has < 0 {
		return text + "deux endroits en même temps, " + first + " et " + second + ". Il manque " + minutes(f.Clash.Missing) + "."
	}
	return text + "trop peu de temps entre " + first + " et " + second + ". Il faut " + minutes(f.Clash.Needs) + " pour ranger, rouler et installer. Il manque " + minutes(f.Clash.Missing) + "."
}

// seriesOfTour are the activities that are stops of a tour.
func (h *Handlers) seriesOfTour(r *http.Request, by identity.Actor, t agenda.Tour) ([]agenda.Series, error) {
	list, err := h.Agenda.TeamSeries(r.Context(), by)
	return slices.DeleteFunc(list, func(one agenda.Series) bool { return one.Tour != t.ID || one.State == agenda.Ended }), err
}

// tourStops are the stops of a tour, those that come soonest first.
func (h *Handlers) tourStops(r *http.Request, by identity.Actor, p ui.Page, t agenda.Tour) (ui.Table, error) {
	table := ui.Table{Caption: "Les arrêts de la tournée", Columns: []string{"Arrêt", "Où", "Quand", "Prochaine date"}, Empty: "Aucun arrêt pour l'instant. Ajoutez le premier."}
	stops, err := h.seriesOfTour(r, by, t)
	if err != nil {
		return table, err
	}
	const never = "9"
	for _, one := range stops {
		pattern := one.Pattern
		next := ui.Cell{Text: "Aucune", By: never}
		if found := h.Agenda.Index().Search(agenda.Query{Series: one.ID, From: p.Now(), Live: true}); len(found) > 0 {
			start := found[0].Start.In(found[0].Zone)
			next = ui.Cell{Text: dayTitle(p, start), Href: datePath(found[0].Number), By: start.Format(time.RFC3339)}
		}
		hours := ", de " + p.Hour(pattern.Minute/60%24, pattern.Minute%60) + " à " + p.Hour((pattern.Minute+pattern.Length)/60%24, (pattern.Minute+pattern.Length)%60)
		table.Rows = append(table.Rows, []ui.Cell{
			{Text: one.Title, Href: seriesPathOf(one.ID)}, {Text: h.Agenda.WhereText(one.Where)}, {Text: pattern.French() + hours}, next,
		})
	}
	slices.SortStableFunc(table.Rows, func(a, b []ui.Cell) int { return strings.Compare(a[3].By, b[3].By) })
	return table, nil
}
