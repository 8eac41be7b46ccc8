package web

import (
	"net/http"
	"slices"
	"strconv"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/ui"
)

// closePath is the page on which a date is ended.
func closePath(n agenda.Number) string { return datePath(n) + "/fin" }

func (h *Handlers) closeRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+teamPath+"/dates/{numero}/fin", identity.AgendaPeople, h.showClose)
	h.staff(mux, "POST "+teamPath+"/dates/{numero}/fin", identity.AgendaPeople, h.closeDate)
}

// closePage is the view with which a date is ended, and of what was said then.
type closePage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	Title  string
	When   string
	Action string
	Day    string // the page of the date
	Closed string // why it cannot be ended

	ID     string
	People []ui.Choices
	Heads  ui.Field
	Counts []ui.Field
	Note   ui.Field

	Facts ui.Summary // of a date that was ended
	Came  []cameRow
	Next  ui.Link // the next date of the day
	Fix   string
}

// cameRow is somebody who came, with the page on which to find her next appointment.
type cameRow struct{ Name, Next string }

// markName is the group of answers about somebody.
func markName(c agenda.ClaimID) string { return "p-" + string(c) }

func (h *Handlers) showClose(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	d, err := h.teamDay(r, by)
	if err != nil {
		return err
	}
	if !may(by, identity.AgendaPeople, d.TeamDate) {
		return identity.NotFound()
	}
	p := h.Kit.Page(r, "Terminer la séance")
	last, closed, err := h.Agenda.ClosingOf(r.Context(), by, d.ID)
	if err != nil {
		return err
	}
	if closed && d.State == agenda.Closed && r.URL.Query().Get("corriger") == "" {
		return h.showClosed(w, r, by, p, d, last)
	}
	return h.renderClose(w, r, p, d, firstAnswers(d, last), ui.Refused{Status: http.StatusOK})
}

// firstAnswers are what the form says before anybody wrote in it: what is known, and of whoever was not marked nothing.
func firstAnswers(d agenda.TeamDay, last agenda.Closing) func(string) string {
	typed := map[string]string{"id": id.New(), "note": last.Note}
	if d.Heads > 0 {
		typed["heads"] = strconv.Itoa(d.Heads)
	}
	for kind, n := range last.Counts {
		typed[string(kind)] = strconv.Itoa(n)
	}
	for _, s := range d.Seats {
		switch s.State {
		case agenda.Arrived:
			typed[markName(s.ID)] = string(agenda.Attended)
		case agenda.Attended, agenda.Partly, agenda.NoShow:
			typed[markName(s.ID)] = string(s.State)
		}
	}
	return func(name string) string { return typed[name] }
}

// closingMarks are the answers about somebody who was expected.
var closingMarks = []agenda.ClaimState{agenda.Attended, agenda.Partly, agenda.NoShow}

// outcomes asks what became of somebody.
func outcomes(row seatRow, chosen, wrong string) ui.Choices {
	c := ui.Choices{Name: markName(agenda.ClaimID(row.Claim)), Legend: row.Name, Inline: true, Error: wrong}
	if row.Time != "" {
		c.Legend = row.Time + ", " + row.Name
	}
	for _, as := range closingMarks {
		c.Options = append(c.Options, ui.Option{Value: string(as), Label: as.French(), Checked: chosen == string(as)})
	}
	return c
}

func (h *Handlers) renderClose(w http.ResponseWriter, r *http.Request, p ui.Page, d agenda.TeamDay, get func(string) string, f ui.Refused) error {
	v := closePage{
		Page: p, Back: p.Back(datePath(d.Number)), Errors: f.Summary, Title: "Terminer la séance", When: d.Series.Title + ", " + whenText(p, d.Occurrence),
		Action: closePath(d.Number), Day: datePath(d.Number), ID: get("id"),
	}
	if !d.Live() || !d.Begun(h.Now()) {
		v.Closed = "Cette date n'a pas commencé, ou elle est annulée."
	}
	for _, s := range d.Seats {
		if expected(s.State) {
			name := markName(s.ID)
			v.People = append(v.People, outcomes(seatRowOf(p, d, s), get(name), f.Of(name)))
		}
	}
	v.Heads, v.Counts, v.Note = endFields(p, "", get, f)
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_close", v)
}

// endFields ask for the numbers and the note of a date; of several on a page, suffix tells each from the others.
func endFields(p ui.Page, suffix string, get func(string) string, f ui.Refused) (heads ui.Field, counts []ui.Field, note ui.Field) {
	number := func(name, label string) ui.Field {
		return ui.Field{Name: name + suffix, Label: label, Short: true, InputMode: "numeric", Value: get(name + suffix), Autocomplete: "off", Error: f.Of(name + suffix)}
	}
	heads = number("heads", "Combien de personnes sont venues sans donner de nom ?")
	heads.Hint = "En tout, avec celles déjà comptées. Vide : aucune."
	for _, kind := range agenda.CountKinds {
		one := number(string(kind), kind.French())
		one.Optional = p.Optional()
		counts = append(counts, one)
	}
	note = ui.Field{
		Name: "note" + suffix, Label: "Une note sur la séance", Hint: "Le lieu, le matériel, ce qui est à prévoir. N'écrivez rien sur une personne.", Rows: 3, MaxLength: agenda.MaxNote,
		Value: get("note" + suffix), Autocomplete: "off", Optional: p.Optional(), Error: f.Of("note" + suffix),
	}
	return heads, counts, note
}

func (h *Handlers) closeDate(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	d, err := h.teamDay(r, by)
	if err != nil {
		return err
	}
	if !may(by, identity.AgendaPeople, d.TeamDate) {
		return identity.NotFound()
	}
	c, err := readClosing(d, get)
	if err == nil {
		err = h.Agenda.Close(r.Context(), by, c)
	}
	if err == nil {
		return done(w, r, closePath(d.Number), "seance", "")
	}
	p := h.Kit.Page(r, "Terminer la séance")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderClose(w, r, p, d, get, refused)
}

// readClosing reads the answers. It reports fault.Invalid for whoever is neither said to have come nor not: one button says it of all who are left.
func readClosing(d agenda.TeamDay, get func(string) string) (agenda.Closing, error) {
	c := agenda.Closing{
		ID: get("id"), Occurrence: d.ID, Marks: map[agenda.ClaimID]agenda.ClaimState{}, Heads: typedNumber(get("heads")), Counts: map[agenda.CountKind]int{}, Note: get("note"),
	}
	for _, kind := range agenda.CountKinds {
		c.Counts[kind] = typedNumber(get(string(kind)))
	}
	f := fault.New(fault.Invalid, "agenda.invalid")
	for _, s := range d.Seats {
		if !expected(s.State) {
			continue
		}
		as := agenda.ClaimState(get(markName(s.ID)))
		if as == "" && get("reste") != "" {
			as = agenda.NoShow
		}
		if !slices.Contains(closingMarks, as) {
			f.With(markName(s.ID), "agenda.closing_one")
			continue
		}
		c.Marks[s.ID] = as
	}
	if len(f.Fields) > 0 {
		return c, f
	}
	return c, nil
}

// showClosed says what was noted, and what may come next.
func (h *Handlers) showClosed(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page, d agenda.TeamDay, last agenda.Closing) error {
	v := closePage{
		Page: p, Back: p.Back(weekPath(d.On)), Said: saidDone(r), Title: "La séance est terminée", When: d.Series.Title + ", " + whenText(p, d.Occurrence),
		Day: datePath(d.Number), Fix: closePath(d.Number) + "?corriger=oui",
	}
	seats := map[agenda.ClaimState]int{}
	books := identity.Reaches(by, identity.AgendaBook) != identity.None
	for _, s := range d.Seats {
		seats[s.State] += s.Seats
		if books && s.Person.ID != "" && (s.State == agenda.Attended || s.State == agenda.Partly) {
			v.Came = append(v.Came, cameRow{Name: s.Person.Name, Next: bookPath + "?pour=" + string(s.ID)})
		}
	}
	add := func(term, value string) { v.Facts.Rows = append(v.Facts.Rows, ui.SummaryRow{Term: term, Value: value}) }
	for _, as := range closingMarks {
		if seats[as] > 0 || as == agenda.Attended {
			add(map[agenda.ClaimState]string{agenda.Attended: "Inscrites et venues", agenda.Partly: "Venues en partie", agenda.NoShow: "Inscrites et pas venues"}[as], people(seats[as]))
		}
	}
	add("Venues sans donner de nom", people(last.Heads))
	for _, kind := range agenda.CountKinds {
		if n := last.Counts[kind]; n > 0 {
			add(kind.French(), people(n))
		}
	}
	if last.Note != "" {
		add("Note", last.Note)
	}
	next, err := h.nextOfDay(r, by, d)
	if err != nil {
		return err
	}
	v.Next = next
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_team_closed", v)
}

// nextOfDay leads to the next date of the same day where by works and that is not ended; nowhere after the last.
func (h *Handlers) nextOfDay(r *http.Request, by identity.Actor, d agenda.TeamDay) (ui.Link, error) {
	list, err := h.Agenda.TeamDates(r.Context(), by, d.Start, d.On.AddDays(1).In(d.Zone))
	for _, o := range list {
		if o.Number != d.Number && o.Live() && o.State != agenda.Closed && slices.Contains(o.Members, by.Account) {
			return ui.Link{Text: "Noter la suivante : " + o.Series.Title, Href: datePath(o.Number)}, err
		}
	}
	return ui.Link{}, err
}
