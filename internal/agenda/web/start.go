package web

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/fold"
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
	Walk    ui.EventDays // where one comes without booking, when nothing is free
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
	why, reasons := h.askWhy(a.query, r.URL.Query().Get("pourquoi"))
	if len(why.Options) > 0 {
		v.Filters.Selects = []ui.Choices{why}
	}
	if a.unknown {
		v.Note = ui.Message{Kind: ui.Warning, Text: "Nous ne connaissons pas « " + a.where + " ». Voici tous les rendez-vous libres."}
	}
	v.Days = h.withSlots(v.Page, a.query, reasons)
	if len(v.Days) == 0 {
		v.Walk = h.walkIns(v.Page, a.query)
		v.Empty = ui.EmptyState{
			Title: "Aucun rendez-vous libre près d'ici", Text: "Appelez-nous, ou venez sans rendez-vous.",
			Links: []ui.Link{{Text: "Venir sans rendez-vous", Href: v.Path(listPath) + "?genre=" + string(agenda.WalkIn)}, {Text: "Trouver un lieu", Href: v.Path("/lieux")}},
		}
	} else if a.commune.Name != "" {
		v.Status = "Les prochains horaires libres près " + agenda.Of(a.commune.Name) + "."
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_start", v)
}

// askWhy asks for one of the reasons near somewhere for which anybody may come, by name: two teams call the same thing alike.
// It also returns those that are meant by the name that was chosen; none is all of them.
func (h *Handlers) askWhy(q agenda.Query, chosen string) (ui.Choices, []agenda.ReasonID) {
	q.Live = true
	names, seen, chosen := map[string]string{}, map[agenda.ReasonID]bool{}, fold.Key(chosen)
	var meant []agenda.ReasonID
	for _, f := range h.Agenda.Index().Search(q) {
		for _, r := range f.Reasons(false) {
			if seen[r.ID] {
				continue
			}
			seen[r.ID] = true
			key := fold.Key(r.Name)
			if names[key] == "" {
				names[key] = r.Name
			}
			if key == chosen {
				meant = append(meant, r.ID)
			}
		}
	}
	c := ui.Choices{Name: "pourquoi", Legend: "Pourquoi ?"}
	if len(names) > 1 {
		c.Options = []ui.Option{{Label: "Tout"}}
		for _, key := range slices.Sorted(maps.Keys(names)) {
			c.Options = append(c.Options, ui.Option{Value: names[key], Label: names[key], Checked: key == chosen})
		}
	}
	return c, meant
}

// starts are the first times that are free for a person alone on the next dates, one a date: by day, the nearest first. It
// also counts how many times each date has.
func (h *Handlers) starts(q agenda.Query, reasons []agenda.ReasonID, now time.Time) (firsts []agenda.Slot, counts map[agenda.ID]int) {
	if len(reasons) == 0 {
		reasons = []agenda.ReasonID{""}
	}
	var all []agenda.Slot
	for _, r := range reasons {
		all = append(all, h.Agenda.Index().NextSlots(agenda.SlotQuery{Query: q, Reason: r, Alone: true, Limit: 600}, now)...)
	}
	slices.SortStableFunc(all, func(a, b agenda.Slot) int { return a.At.Compare(b.At) })
	counts = map[agenda.ID]int{}
	hours := map[agenda.ID]time.Time{} // the last hour that was counted: one may suit several reasons
	for _, s := range all {
		if last, ok := hours[s.ID]; ok && last.Equal(s.At) {
			continue
		} else if !ok {
			firsts = append(firsts, s)
		}
		hours[s.ID] = s.At
		counts[s.ID]++
	}
	firsts = firsts[:min(len(firsts), maxStarts)]
	slices.SortStableFunc(firsts, func(a, b agenda.Slot) int {
		return cmp.Or(cmp.Compare(a.On.String(), b.On.String()), cmp.Compare(a.Metres, b.Metres), a.At.Compare(b.At))
	})
	return firsts, counts
}

// withSlots are the next dates on which a person may still take an appointment alone, by day, each with its first hour.
func (h *Handlers) withSlots(p ui.Page, q agenda.Query, reasons []agenda.ReasonID) ui.EventDays {
	firsts, counts := h.starts(q, reasons, p.Now())
	found := make([]agenda.Found, len(firsts))
	for i, s := range firsts {
		found[i] = agenda.Found{Entry: s.Entry, Metres: s.Metres}
	}
	out := days(p, found)
	n := 0
	for i := range out {
		for j := range out[i].Events {
			s := firsts[n]
			c := &out[i].Events[j]
			c.Time, c.Until = clock(p, s.At, s.Zone), ""
			c.Href = p.Path(bookingPath(s.Entry)) + "?" + url.Values{"motif": {string(s.Reason.ID)}, "heure": {timeOn(s.Entry, s.At)}}.Encode()
			c.Seats = freeHours(counts[s.ID])
			n++
		}
	}
	return out
}

// maxWalks is how many dates without booking are shown where no appointment is free.
const maxWalks = 5

// walkIns are the next dates near there to which one comes without booking.
func (h *Handlers) walkIns(p ui.Page, q agenda.Query) ui.EventDays {
	q.Mode, q.Live = agenda.WalkIn, true
	found := h.Agenda.Index().Search(q)
	return days(p, found[:min(len(found), maxWalks)])
}

func freeHours(n int) string {
	if n == 1 {
		return "1 horaire libre"
	}
	return strconv.Itoa(n) + " horaires libres"
}
