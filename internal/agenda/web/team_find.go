package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// How far from a commune, and how far ahead, staff look for a free seat, and how many they are shown.
const (
	findMetres = 40_000
	findAhead  = 60 * 24 * time.Hour
	findShown  = 12
	findSlots  = 400 // looked at: those of other reasons are left out afterwards
)

// findPage is the view with which staff look for a free seat anywhere.
type findPage struct {
	ui.Page
	Back    ui.Back
	Filters ui.Filters
	Unknown string
	For     string // the name of whoever is to come again
	Slots   []ui.EventCard
	Dates   []ui.EventCard
	Empty   ui.EmptyState
	Mine    string
}

func (h *Handlers) findSeat(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	q := r.URL.Query()
	p := h.Kit.Page(r, "Inscrire quelqu'un")
	v := findPage{Page: p, Back: p.Back(teamPath), Mine: minePath}
	where, motive := strings.TrimSpace(q.Get("ou")), q.Get("motif")
	v.Filters = ui.Filters{
		Action: bookPath, Label: "Chercher une place", Button: "Chercher",
		Fields:  []ui.Field{{Name: "ou", Label: "Près de quelle commune ?", Value: where, Type: "search", Autocomplete: "off"}},
		Selects: []ui.Choices{h.motives(motive)},
	}
	known, err := h.comesAgain(r, by)
	if err != nil {
		return err
	}
	if known.Claim.ID != "" {
		v.For = known.Person.Name
		v.Filters.Hidden = []ui.Hidden{{Name: "pour", Value: string(known.Claim.ID)}}
	}
	near := territory.Point{}
	if where != "" {
		m := h.Territory.Gazetteer().Find(where, h.Territory.MainCommune(r.Host).Department)
		if len(m.Communes) > 0 && !m.Guessed {
			near = m.Communes[0].Point
		} else {
			v.Unknown = "Nous ne connaissons pas cette commune. Voici les places partout."
		}
	}
	h.fillFound(&v, near, motive)
	if v.For != "" {
		personal(w)
		carry(v.Slots, known.Claim.ID)
		carry(v.Dates, known.Claim.ID)
	}
	v.Empty = ui.EmptyState{Title: "Aucune place libre", Text: "Essayez une autre commune, ou tous les motifs."}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_team_find", v)
}

// comesAgain is the booking that an address names, of somebody for whom a next date is looked for: her name and telephone are carried over, and stand in no
// address. It is the zero Booking where none is named.
func (h *Handlers) comesAgain(r *http.Request, by identity.Actor) (agenda.Booking, error) {
	claim := r.URL.Query().Get("pour")
	if claim == "" {
		return agenda.Booking{}, nil
	}
	return h.Agenda.BookingFor(r.Context(), by, agenda.ClaimID(claim))
}

// carry makes what was found lead to a booking for somebody known.
func carry(cards []ui.EventCard, claim agenda.ClaimID) {
	for i := range cards {
		cards[i].Href = withQuery(cards[i].Href, "pour="+string(claim))
	}
}

// motives are what one can come for: the reasons of appointments by name, and everything that is no appointment.
func (h *Handlers) motives(chosen string) ui.Choices {
	c := ui.Choices{Name: "motif", Legend: "Pourquoi ?", Options: []ui.Option{{Label: "Tout"}, {Value: workshops, Label: "Ateliers et visites", Checked: chosen == workshops}}}
	var names []string
	for _, f := range h.Agenda.Index().Search(agenda.Query{From: h.Now(), To: h.Now().Add(findAhead), Live: true}) {
		for _, reason := range f.Reasons(true) {
			names = append(names, reason.Name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		c.Options = append(c.Options, ui.Option{Value: name, Label: name, Checked: fold.Key(name) == fold.Key(chosen)})
	}
	return c
}

// workshops is the motive of what has seats and no reason.
const workshops = "ateliers"

func (h *Handlers) fillFound(v *findPage, near territory.Point, motive string) {
	now := h.Now()
	q := agenda.Query{Near: near, From: now, To: now.Add(findAhead), Live: true}
	if near.Known() {
		q.Within = findMetres
	}
	if motive != workshops {
		v.Slots = h.freeSlots(v.Page, q, motive, now)
	}
	if motive != "" && motive != workshops {
		return
	}
	q.FreeOnly = true
	for _, f := range h.Agenda.Index().Search(q) {
		if f.Series.Books() && !f.Series.Mode.HasSlots() && f.Coming(now) && len(v.Dates) < findShown {
			v.Dates = append(v.Dates, foundCard(v.Page, f.Entry, f.Start, bookPathOf(f.Number), f.Metres, f.Series.Title, seatsText(v.Page, f.Entry)))
		}
	}
}

// freeSlots are the next free appointments: the first of each date and reason, so that one morning does not fill the page.
func (h *Handlers) freeSlots(p ui.Page, q agenda.Query, motive string, now time.Time) []ui.EventCard {
	var out []ui.EventCard
	type once struct {
		of     agenda.ID
		reason agenda.ReasonID
	}
	seen := map[once]bool{}
	for _, s := range h.Agenda.Index().NextSlots(agenda.SlotQuery{Query: q, Staff: true, Limit: findSlots}, now) {
		key := once{s.ID, s.Reason.ID}
		if seen[key] || motive != "" && fold.Key(s.Reason.Name) != fold.Key(motive) || len(out) == findShown {
			continue
		}
		seen[key] = true
		title := s.Reason.Name
		if title == "" {
			title = s.Series.Title
		}
		out = append(out, foundCard(p, s.Entry, s.At, bookPathOf(s.Number)+"?creneau="+slotValue(s.Reason.ID, s.At), s.Metres, title, ""))
	}
	return out
}

func foundCard(p ui.Page, e *agenda.Entry, at time.Time, href string, metres float64, title, seats string) ui.EventCard {
	c := ui.EventCard{Time: clock(p, at, e.Zone), Until: dayTitle(p, at.In(e.Zone)), Title: title, Href: href, Place: placeText(e), Seats: seats}
	if metres >= 0 {
		c.Distance = p.Distance(metres)
	}
	return c
}

// minePage is the view of what a helper booked for others.
type minePage struct {
	ui.Page
	Back  ui.Back
	Said  ui.Message
	Table ui.Table
}

func (h *Handlers) listMine(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	list, err := h.Agenda.Mine(r.Context(), by)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Mes inscriptions pour d'autres")
	v := minePage{Page: p, Back: p.Back(teamPath), Said: saidDone(r)}
	v.Wide = true
	v.Table = ui.Table{
		Caption: "Les inscriptions à venir", Columns: []string{"Personne", "Quoi", "Quand", "Où", "Où en est-on"},
		Empty: "Vous n'avez inscrit personne à une date à venir.",
	}
	for _, b := range list {
		name := b.Person.Name
		if name == "" {
			name = "Personne effacée"
		}
		state := b.Claim.State.French()
		if b.Rank > 0 {
			state += ", rang " + p.Number(b.Rank)
		}
		what := b.Series.Title
		if b.Reason.Name != "" {
			what += ", " + b.Reason.Name
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: name, Href: claimPath(b.Claim.ID)},
			{Text: what},
			{Text: dayTitle(p, b.Occurrence.Start.In(b.Occurrence.Zone)) + ", " + clockOf(p, b.Claim, b.Occurrence)},
			{Text: h.Agenda.WhereText(b.Occurrence.Where)},
			{Tag: ui.Tag{Text: state, Kind: claimKind(b.Claim.State)}},
		})
	}
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_team_mine", v)
}
