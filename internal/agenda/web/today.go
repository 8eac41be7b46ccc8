package web

import (
	"html/template"
	"net/http"
	"strconv"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/id"
	"viaduc/internal/ui"
)

// homePath is the day of somebody of the team, and the anchor of what waits for a decision there.
const (
	homePath   = "/pro"
	gapsAnchor = "ecarts"
)

// today is the view of somebody's day: on the page of the team, or the copy of it that a device keeps.
type today struct {
	Copy    bool   // kept on a device: no telephone, and nobody who is under silence
	Keeps   bool   // the reader may keep it on the device
	Account string // whose day it is
	Day     string // 2026-11-27
	Title   string
	Action  string // where conflicts are decided
	Dates   []todayDate
	Next    ui.Link // the next date, where today has none
	Gaps    []todayGap
}

// todayDate is a date of the day with who comes.
type todayDate struct {
	ID, Anchor, Action, Href string
	Hours, Title, Place      string
	State                    ui.Tag
	Why                      string // of one that was called off
	Live                     bool
	Books                    bool
	Seats                    []todaySeat
	Heads                    int
	Tap                      string // id of the next tap, for who has no script
	Ends                     bool   // it has begun, or will today: it can be ended
	End                      string // where; "" where it has not begun
}

// todaySeat is somebody who comes: first name and initial.
type todaySeat struct {
	Anchor, Claim, State string
	Version              int64
	Action               string
	Time, Name, Note     string
	Phone, PhoneHref     string
	Tag                  ui.Tag
	Marks                []todayMark
}

// todayMark is an outcome that one tap says; Tag is how the booking reads then, Kind its colour.
type todayMark struct{ Value, Text, Tag, Kind string }

// todayGap is a mark of a device that stands against what somebody else noted.
type todayGap struct{ ID, Name, What, Mine, Theirs string }

// Today is the day of by on the page of another module: nothing for who sees no people.
func (h *Handlers) Today(r *http.Request, by identity.Actor) (template.HTML, error) {
	if identity.Reaches(by, identity.AgendaPeople) == identity.None {
		return "", nil
	}
	v, err := h.today(r, by, h.Kit.Page(r, ""))
	if err != nil {
		return "", err
	}
	v.Keeps = !by.Kiosk
	return h.Kit.Fragment("agenda_today", v)
}

// today reads the day of by, on the clocks of the page.
func (h *Handlers) today(r *http.Request, by identity.Actor, p ui.Page) (today, error) {
	day := openinghours.DateOf(p.Now())
	zone := p.Now().Location()
	dates, err := h.Agenda.MyDay(r.Context(), by, day.In(zone), day.AddDays(1).In(zone))
	if err != nil {
		return today{}, err
	}
	gaps, err := h.Agenda.Gaps(r.Context(), by)
	if err != nil {
		return today{}, err
	}
	v := today{Account: string(by.Account), Day: day.String(), Title: openinghours.SpokenDate(day), Action: gapsPath}
	for _, d := range dates {
		v.Dates = append(v.Dates, h.todayDate(p, d))
	}
	if len(dates) == 0 {
		if v.Next, err = h.nextDate(r, by, p, day); err != nil {
			return v, err
		}
	}
	for _, g := range gaps {
		v.Gaps = append(v.Gaps, todayGap{
			ID: g.ID, Name: shortName(g.Seat), What: g.Of.Series.Title + ", " + whenText(p, g.Of.Occurrence), Mine: g.As.French(), Theirs: g.Seat.State.French(),
		})
	}
	return v, nil
}

// lookAhead is how many days the next date is looked for, where today has none.
const lookAhead = 14

// nextDate leads to the next date of by after a day; no text where none is near.
func (h *Handlers) nextDate(r *http.Request, by identity.Actor, p ui.Page, day recur.Date) (ui.Link, error) {
	zone := p.Now().Location()
	dates, err := h.Agenda.MyDates(r.Context(), by, day.AddDays(1).In(zone), day.AddDays(1+lookAhead).In(zone))
	for _, d := range dates {
		if d.Live() {
			return ui.Link{Text: d.Series.Title + ", " + whenText(p, d.Occurrence), Href: datePath(d.Number)}, nil
		}
	}
	return ui.Link{}, err
}

// todayDate says a date as its mediator lives it.
func (h *Handlers) todayDate(p ui.Page, d agenda.MyDate) todayDate {
	one := todayDate{
		ID: string(d.ID), Anchor: "d-" + strconv.FormatInt(int64(d.Number), 10), Action: datePath(d.Number), Href: datePath(d.Number),
		Hours: clock(p, d.Start, d.Zone) + " – " + clock(p, d.End, d.Zone), Title: d.Series.Title, Place: inOneLine(h.Agenda.WhereText(d.Where)), State: teamTag(d.TeamDate),
		Why: d.Reason, Live: d.Live(), Books: d.Series.Books(), Heads: d.Heads, Tap: id.New(),
	}
	if one.Ends = d.Live() && d.State != agenda.Closed; one.Ends && d.Begun(h.Now()) {
		one.End = datePath(d.Number) + "/fin"
	}
	for _, s := range d.Seats {
		if s.State != agenda.Held { // nobody has said yes
			one.Seats = append(one.Seats, todaySeatOf(p, d, s))
		}
	}
	return one
}

// shortName is somebody who comes, by first name and initial; nobody who is under silence is named.
func shortName(s agenda.Seat) string {
	switch {
	case s.Silent || s.Person.Silent:
		return "Rendez-vous réservé"
	case s.Person.ID == "":
		return "Personne effacée"
	}
	return person.Short(s.Person.Name)
}

func todaySeatOf(p ui.Page, d agenda.MyDate, s agenda.Seat) todaySeat {
	seat := todaySeat{
		Anchor: "j-" + string(s.ID), Claim: string(s.ID), State: string(s.State), Version: s.Version, Action: datePath(d.Number), Name: shortName(s),
		Tag: ui.Tag{Text: s.State.French(), Kind: claimKind(s.State)}, Note: s.Reason.Name,
	}
	if !s.Slot.IsZero() {
		seat.Time = clock(p, s.Slot, d.Zone)
	}
	if s.Seats > 1 {
		seat.Note = inOneLine(seat.Note, p.Number(s.Seats)+" places")
	}
	switch {
	case s.Silent || s.Person.Silent:
		seat.Note = "" // who looks over a shoulder, or finds the telephone, learns nothing
	case s.Person.Phone != "":
		seat.Phone, seat.PhoneHref = ui.Phone(s.Person.Phone), ui.PhoneHref(s.Person.Phone)
	}
	for _, m := range marks {
		seat.Marks = append(seat.Marks, todayMark{string(m.state), m.text, m.state.French(), claimKind(m.state)})
	}
	return seat
}

// withoutDetails is the day as a device keeps it: what a stranger who finds the device could read is a first name and an initial.
func (v today) withoutDetails() today {
	v.Copy = true
	for i := range v.Dates {
		for j := range v.Dates[i].Seats {
			s := &v.Dates[i].Seats[j]
			s.Phone, s.PhoneHref, s.Note = "", "", ""
		}
	}
	return v
}

// settleGap decides on a conflict by one tap.
func (h *Handlers) settleGap(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := answers(w, r)
	if err != nil {
		return err
	}
	if err := h.Agenda.Settle(r.Context(), by, form("geste"), form("choix") == "mien"); err != nil {
		return err
	}
	return done(w, r, homePath, "note", gapsAnchor)
}
