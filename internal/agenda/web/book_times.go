package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// The first page of who takes an appointment or a machine: the times that are free, some dates at once.

// chosen is the date that a step is about, and the time on it.
type chosen struct {
	e    *agenda.Entry
	slot time.Time
}

// choose reads which time was chosen: "42-1778140800" is a time on date 42.
func (h *Handlers) choose(e *agenda.Entry, in typed) (chosen, bool) {
	c := chosen{e: e}
	if !e.Series.Mode.HasSlots() {
		return c, true
	}
	number, at, ok := strings.Cut(in.slot, "-")
	unix, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return c, false
	}
	other, err := h.entry(number)
	if err != nil || other.Occurrence.Series != e.Occurrence.Series {
		return c, false
	}
	return chosen{e: other, slot: time.Unix(unix, 0).UTC()}, true
}

// maxSlotDays is on how many dates of a series times are offered at once.
const maxSlotDays = 4

// renderSlots asks which time, on this date and the next ones of the series.
func (h *Handlers) renderSlots(w http.ResponseWriter, r *http.Request, p ui.Page, e *agenda.Entry, in typed, f ui.Refused) error {
	p.Title = "Choisir un horaire"
	v := bookPage{Page: p, Back: p.Back(Path(e)), Errors: f.Summary, Heading: "Quel horaire vous convient ?", Action: bookingPath(e) + "/vous", Step: "horaire", Button: "Continuer"}
	reasons := e.Reasons(false)
	reason := agenda.ReasonID(in.reason)
	if len(reasons) > 0 && len(e.Slots(reason)) == 0 {
		reason = reasons[0].ID
	}
	v.Hidden = append(in.hidden("heure", "motif"), ui.Hidden{Name: "motif", Value: string(reason)})
	for _, one := range reasons {
		if one.ID == reason {
			v.Reason = one.Name + ", " + strconv.Itoa(one.Minutes) + " minutes"
			continue
		}
		v.Reasons = append(v.Reasons, turn{Link: ui.Link{Text: one.Name, Href: timesPath(p, e, one.ID)}, Value: string(one.ID)})
	}
	v.Slots = ui.Slots{Name: "heure", Error: f.Of("heure"), Days: h.slotDays(p, e, reason, in.slot)}
	v.Weeks, v.Keeps = h.weeks(p, e, reason), in.somebody()
	if len(v.Slots.Days) == 0 {
		v.Note = ui.Message{Kind: ui.Warning, Title: "Tous les horaires sont pris", Text: "Appelez-nous : nous chercherons avec vous."}
		v.Button = ""
		if e.Series.Waiting {
			v.Wait = waitBox(in, f)
			v.Button = "Continuer"
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "agenda_book", v)
}

// slotDays are the free times of a reason, by day, from a date on.
func (h *Handlers) slotDays(p ui.Page, e *agenda.Entry, reason agenda.ReasonID, at string) []ui.SlotDay {
	var out []ui.SlotDay
	list := h.withTimes(p, e, reason)
	from := max(0, slices.IndexFunc(list, func(f *agenda.Entry) bool { return !f.Start.Before(e.Start) }))
	for _, f := range list[from:min(from+maxSlotDays, len(list))] {
		if f.Start.Before(e.Start) {
			break // nothing is free from the date on
		}
		day := ui.SlotDay{Title: dayTitle(p, f.Start.In(f.Zone))}
		for _, s := range f.Slots(reason) {
			if f.InTime(s, reason, p.Now()) {
				value := timeOn(f, s)
				day.Options = append(day.Options, ui.Option{Value: value, Label: clock(p, s, f.Zone), Checked: value == at})
			}
		}
		out = append(out, day)
	}
	return out
}

// timeOn is a time on a date in forms and addresses; choose reads it.
func timeOn(e *agenda.Entry, at time.Time) string {
	return strconv.FormatInt(int64(e.Number), 10) + "-" + strconv.FormatInt(at.Unix(), 10)
}

// withTimes lists the dates of a series on which a person may still take a time for a reason, in order.
func (h *Handlers) withTimes(p ui.Page, e *agenda.Entry, reason agenda.ReasonID) []*agenda.Entry {
	var out []*agenda.Entry
	now := p.Now()
	for _, f := range h.Agenda.Index().Search(agenda.Query{Series: e.Occurrence.Series, From: now, Live: true}) {
		if f.Bookable(now) && slices.ContainsFunc(f.Slots(reason), func(s time.Time) bool { return f.InTime(s, reason, now) }) {
			out = append(out, f.Entry)
		}
	}
	return out
}

// weeks lead to the times of the dates before and after those that are shown from e on.
func (h *Handlers) weeks(p ui.Page, e *agenda.Entry, reason agenda.ReasonID) []turn {
	list := h.withTimes(p, e, reason)
	from := slices.IndexFunc(list, func(f *agenda.Entry) bool { return !f.Start.Before(e.Start) })
	if from < 0 {
		from = len(list)
	}
	var out []turn
	add := func(text string, i int) {
		out = append(out, turn{Link: ui.Link{Text: text, Href: timesPath(p, list[i], reason)}, Value: strconv.FormatInt(int64(list[i].Number), 10)})
	}
	if from > 0 {
		add("Les dates avant", max(0, from-maxSlotDays))
	}
	if from+maxSlotDays < len(list) {
		add("Les dates suivantes", from+maxSlotDays)
	}
	return out
}

// askSlot shows the times again, without one having been chosen.
func (h *Handlers) askSlot(w http.ResponseWriter, r *http.Request, p ui.Page, e *agenda.Entry, in typed) error {
	refused, _ := p.Refuse(fault.New(fault.Invalid, "agenda.invalid").With("heure", "agenda.slot_missing"))
	return h.renderSlots(w, r, p, e, in, refused)
}

// turn leads to other times: by its address, or by a button with its value once somebody has typed who she is, which must
// stay out of addresses and not be lost.
type turn struct {
	ui.Link
	Value string
}

// timesPath is the page of the times for a reason, from a date on.
func timesPath(p ui.Page, e *agenda.Entry, reason agenda.ReasonID) string {
	return p.Path(bookingPath(e)) + "?motif=" + url.QueryEscape(string(reason))
}

// somebody reports whether it was typed who comes.
func (in typed) somebody() bool { return in.name+in.phone+in.email+in.other != "" }

// turned shows other times, where a button asks for them: of the dates from another one on, or for another reason.
func (h *Handlers) turned(w http.ResponseWriter, r *http.Request, p ui.Page, e *agenda.Entry, in typed) (done bool, err error) {
	from, reason := r.PostForm.Get("des"), r.PostForm.Get("autre")
	if from == "" && reason == "" || !e.Series.Mode.HasSlots() {
		return false, nil
	}
	if other, err := h.entry(from); err == nil && other.Occurrence.Series == e.Occurrence.Series {
		e = other
	}
	if reason != "" {
		in.reason = clip(reason)
	}
	return true, h.renderSlots(w, r, p, e, in, ui.Refused{Status: http.StatusOK})
}
