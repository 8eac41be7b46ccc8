package web

import (
	"net/http"
	"strconv"

	"viaduc/internal/agenda"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/ui"
)

// dayPage is the view of one date with who comes.
type dayPage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Errors  ui.ErrorSummary
	Title   string
	Facts   ui.Summary
	State   ui.Tag
	Why     string // of a date that was called off
	Action  string
	Links   []ui.Link
	Host    string // whole address of the host's page; "" where nobody is asked
	Names   bool   // whoever asks may read who comes
	Books   bool   // one can book
	People  []seatRow
	Waiting []seatRow
	Gone    string
	Ways    []button // to other states
	Delays  []button
	Late    ui.Field
	Coming  bool
	Heads   string
	Taps    bool    // heads may be counted: the date is not ended
	End     ui.Link // ends the date once it has begun, then says what was noted
	Tap     string
	History []string
}

// button is a choice made by one tap.
type button struct {
	Value, Text string
	Second      bool
}

// seatRow is somebody who comes, or waits.
type seatRow struct {
	Anchor, Claim    string
	Action           string
	Time             string
	Name             string
	Phone, PhoneHref string
	Note             string
	State            ui.Tag
	Marks            []button
	Offered          bool
	Href             string
}

func (h *Handlers) showDay(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderDay(w, r, by, nil)
}

// renderDay shows a date, and why what was asked of it was refused.
func (h *Handlers) renderDay(w http.ResponseWriter, r *http.Request, by identity.Actor, refusal error) error {
	d, err := h.teamDay(r, by)
	if err != nil {
		return err
	}
	v := dayPage{
		Page: h.Kit.Page(r, d.Series.Title), Said: saidDone(r), Title: d.Series.Title, State: teamTag(d.TeamDate), Why: d.Reason, Action: datePath(d.Number), Tap: id.New(),
		Names: may(by, identity.AgendaPeople, d.TeamDate), Coming: d.Coming(h.Now()), Books: d.Series.Books(),
	}
	v.Wide = true
	v.Back = v.Page.Back(weekPath(d.On))
	status := http.StatusOK
	if refusal != nil {
		refused, ok := refusedAt(&v.Page, refusal)
		if !ok {
			return refusal
		}
		v.Errors, status = refused.Summary, refused.Status
	}
	if d.Link != "" {
		v.Host = h.Public + d.Link
	}
	if err := h.fillDay(r, by, &v, d); err != nil {
		return err
	}
	personal(w)
	return h.Kit.Render(w, r, status, "agenda_team_day", v)
}

// teamDay is the date of an address, as by may see it.
func (h *Handlers) teamDay(r *http.Request, by identity.Actor) (agenda.TeamDay, error) {
	n, err := dateNumber(r)
	if err != nil {
		return agenda.TeamDay{}, err
	}
	return h.Agenda.Attendance(r.Context(), by, n)
}

func (h *Handlers) fillDay(r *http.Request, by identity.Actor, v *dayPage, d agenda.TeamDay) error {
	names, err := h.crewNames(r, []agenda.TeamDate{d.TeamDate})
	if err != nil {
		return err
	}
	v.Facts.Rows = []ui.SummaryRow{{Term: "Quand", Value: whenText(v.Page, d.Occurrence)}, {Term: "Où", Value: h.Agenda.WhereText(d.Where)}}
	if crew := crewText(d.Members, names); crew != "" {
		v.Facts.Rows = append(v.Facts.Rows, ui.SummaryRow{Term: "Qui reçoit", Value: crew})
	}
	v.Facts.Rows = append(v.Facts.Rows, ui.SummaryRow{Term: "Qui vient", Value: peopleText(v.Page, d.TeamDate), Big: true})
	if d.Series.Host.Name != "" {
		v.Facts.Rows = append(v.Facts.Rows, ui.SummaryRow{Term: "Qui prête la salle", Value: hostText(d.Series.Host)})
	}
	v.Links = h.dayLinks(by, d)
	if !v.Names {
		return nil
	}
	begun := !openinghours.DateOf(v.Now().In(d.Zone)).Before(d.On)
	v.fillSeats(d, begun)
	v.Ways = waysOf(d.Occurrence, begun)
	for _, late := range []int{10, 20, 30} {
		v.Delays = append(v.Delays, button{Value: strconv.Itoa(late), Text: "Nous avons " + minutesText(late) + " de retard", Second: true})
	}
	if d.Delay > 0 {
		v.Delays = append(v.Delays, button{Value: "0", Text: "Nous sommes à l'heure", Second: true})
	}
	v.Late = ui.Field{Name: "minutes", Label: "Un autre retard, en minutes", InputMode: "numeric", Short: true, Autocomplete: "off"}
	v.Taps = d.State != agenda.Closed
	if d.Live() && d.Begun(h.Now()) {
		v.End = ui.Link{Text: "Terminer la séance", Href: closePath(d.Number)}
		if d.State == agenda.Closed {
			v.End.Text = "Ce qui est noté à la fin de la séance"
		}
	}
	v.Heads = plural(v.Page, d.Heads, "personne venue sans inscription", "personnes venues sans inscription")
	return h.fillHistory(r, by, v, d)
}

func hostText(host agenda.Host) string {
	if host.Phone == "" {
		return host.Name
	}
	return host.Name + ", " + ui.Phone(host.Phone)
}

// dayLinks are what can be done elsewhere about a date.
func (h *Handlers) dayLinks(by identity.Actor, d agenda.TeamDay) []ui.Link {
	var out []ui.Link
	add := func(text, href string) { out = append(out, ui.Link{Text: text, Href: href}) }
	coming := d.Coming(h.Now())
	if coming && d.Series.Books() && d.Series.State == agenda.Published && identity.Reaches(by, identity.AgendaBook) != identity.None {
		add("Inscrire quelqu'un", bookPathOf(d.Number))
	}
	if may(by, identity.AgendaPeople, d.TeamDate) {
		add("Liste d'appels à imprimer", datePath(d.Number)+"/appels")
		if d.Live() && d.Series.Books() && !d.Series.Mode.HasSlots() {
			add("Feuille d'émargement à imprimer", signingPath(d.Number))
		}
	}
	if coming && may(by, identity.AgendaEdit, d.TeamDate) {
		add("Changer cette date", datePath(d.Number)+"/modifier")
		add("Annuler cette date", datePath(d.Number)+"/annuler")
	}
	return out
}

// waysOf are the states that one tap leads to.
func waysOf(o agenda.Occurrence, begun bool) []button {
	var out []button
	if o.State == agenda.Planned {
		out = append(out, button{Value: string(agenda.HostConfirmed), Text: "Confirmé par la mairie"})
	}
	switch {
	case o.State == agenda.Closed:
		out = append(out, button{Value: string(agenda.InProgress), Text: "Rouvrir la séance", Second: true})
	case o.Live() && begun:
		out = append(out, button{Value: string(agenda.InProgress), Text: "Commencer"})
	}
	return out
}

// fillSeats lists who comes, who waits, and counts who does not come any more.
func (v *dayPage) fillSeats(d agenda.TeamDay, begun bool) {
	gone := 0
	for _, s := range d.Seats {
		row := seatRowOf(v.Page, d, s)
		switch s.State {
		case agenda.Waiting, agenda.Held:
			v.Waiting = append(v.Waiting, row)
		case agenda.Withdrawn, agenda.Declined, agenda.Expired:
			gone++
		case agenda.Booked, agenda.Arrived, agenda.Attended, agenda.Partly, agenda.NoShow:
			if begun {
				row.Marks = marksOf(s.State)
			}
			v.People = append(v.People, row)
		}
	}
	if gone > 0 {
		v.Gone = plural(v.Page, gone, "personne ne vient plus.", "personnes ne viennent plus.")
	}
}

func seatRowOf(p ui.Page, d agenda.TeamDay, s agenda.Seat) seatRow {
	row := seatRow{
		Anchor: "i-" + string(s.ID), Claim: string(s.ID), Action: datePath(d.Number), Name: s.Person.Name, Note: seatNote(p, s),
		State: ui.Tag{Text: s.State.French(), Kind: claimKind(s.State)}, Href: claimPath(s.ID), Offered: s.State == agenda.Held,
	}
	if !s.Slot.IsZero() {
		row.Time = clock(p, s.Slot, d.Zone)
	}
	if s.Person.ID == "" {
		row.Name = "Personne effacée"
	}
	if s.Person.Phone != "" {
		row.Phone, row.PhoneHref = ui.Phone(s.Person.Phone), ui.PhoneHref(s.Person.Phone)
	}
	if s.State == agenda.Held {
		row.State.Text = "Place gardée jusqu'à " + clock(p, s.HeldUntil, d.Zone)
	}
	if s.Rank > 0 {
		row.State.Text = "Attend, rang " + p.Number(s.Rank)
	}
	return row
}

func claimKind(s agenda.ClaimState) string {
	switch s {
	case agenda.Arrived, agenda.Attended, agenda.Partly:
		return ui.Success
	case agenda.NoShow:
		return ui.Failure
	case agenda.Waiting, agenda.Held:
		return ui.Warning
	}
	return ui.Neutral
}

// seatNote says what else is known of a seat: why, for how many, by which way, whether it is under silence.
func seatNote(p ui.Page, s agenda.Seat) string {
	note := originWords[s.Origin]
	if s.Reason.Name != "" {
		note = s.Reason.Name + ", " + note
	}
	if s.Seats > 1 {
		note += ", " + p.Number(s.Seats) + " places"
	}
	if s.Silent {
		note += ". Sous silence : n'écrivez pas, ne laissez pas de message"
	}
	return note
}

var originWords = map[agenda.Origin]string{
	agenda.FromWeb: "par internet", agenda.FromPhone: "par téléphone", agenda.FromDesk: "à l'accueil", agenda.FromHelper: "par un aidant", agenda.FromWalkIn: "sur place",
}

// marks are the outcomes that one tap says, in the order in which they happen.
var marks = []struct {
	state agenda.ClaimState
	text  string
}{
	{agenda.Arrived, "Arrivé"}, {agenda.Attended, "Venu"}, {agenda.Partly, "Venu en partie"}, {agenda.NoShow, "Pas venu"}, {agenda.Booked, "Remettre"},
}

func marksOf(state agenda.ClaimState) []button {
	var out []button
	for _, m := range marks {
		if m.state != state {
			out = append(out, button{Value: string(m.state), Text: m.text, Second: true})
		}
	}
	return out
}

// fillHistory says what happened to a date, the last first.
func (h *Handlers) fillHistory(r *http.Request, by identity.Actor, v *dayPage, d agenda.TeamDay) error {
	steps, err := h.Agenda.Steps(r.Context(), by, d.ID)
	if err != nil {
		return err
	}
	who, err := h.authors(r, steps)
	if err != nil {
		return err
	}
	for i := len(steps) - 1; i >= 0; i-- {
		one := steps[i]
		line := v.Moment(one.At) + " : " + stepWords[one.State]
		if one.Why != "" {
			line += " (" + one.Why + ")"
		}
		v.History = append(v.History, line+", "+who(one.By))
	}
	return nil
}

var stepWords = map[agenda.State]string{
	agenda.Planned: "à confirmer", agenda.HostConfirmed: "salle confirmée", agenda.Open: "ouvert", agenda.InProgress: "commencé", agenda.Closed: "terminé",
	agenda.Cancelled: "annulé", agenda.MovedTo: "déplacé",
}

// authors names who did some steps: people by name, the program and the host by what they are.
func (h *Handlers) authors(r *http.Request, steps []agenda.Step) (func(string) string, error) {
	var accounts []string
	for _, s := range steps {
		accounts = append(accounts, s.By)
	}
	names, err := h.Identity.AccountNames(r.Context(), accounts)
	return func(by string) string {
		switch by {
		case string(audit.Anonymous):
			return "par qui prête la salle"
		case string(audit.System), string(audit.CLI):
			return "par le site"
		}
		if name := names[by]; name != "" {
			return "par " + name
		}
		return "par un compte effacé"
	}, err
}

// actOnDay does what one tap asks on the page of a date.
func (h *Handlers) actOnDay(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := answers(w, r)
	if err != nil {
		return err
	}
	d, err := h.teamDay(r, by)
	if err != nil {
		return err
	}
	said, anchor := "note", ""
	claim := agenda.ClaimID(form("inscription"))
	switch form("action") {
	case "marquer":
		err, anchor = h.Agenda.Mark(r.Context(), by, claim, agenda.ClaimState(form("comme"))), "i-"+string(claim)
	case "accepter":
		err, said = h.Agenda.AcceptFor(r.Context(), by, claim), "accepte"
	case "compter":
		_, err = h.Agenda.Count(r.Context(), by, d.ID, form("tap"), number(form("combien")))
		anchor = "compter"
	case "etat":
		err, said = h.Agenda.SetState(r.Context(), by, d.ID, agenda.State(form("comme"))), "etat"
	case "retard":
		err, said = h.Agenda.Delay(r.Context(), by, d.ID, lateOf(form("minutes"))), "retard"
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err != nil {
		return h.renderDay(w, r, by, err)
	}
	if form("retour") == "journee" {
		return done(w, r, homePath, said, todayAnchor(d, claim))
	}
	return done(w, r, datePath(d.Number), said, anchor)
}

// todayAnchor is where a tap was made on the page of the day.
func todayAnchor(d agenda.TeamDay, claim agenda.ClaimID) string {
	if claim != "" {
		return "j-" + string(claim)
	}
	return "d-" + strconv.FormatInt(int64(d.Number), 10)
}

// lateOf reads a delay; what is none is refused, and not taken for being in time.
func lateOf(text string) int {
	if text == "" {
		return minus
	}
	return typedNumber(text)
}
