package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// keyingPath is where a day on paper is keyed in: ten lines a page, by the keyboard alone.
const keyingPath = homePath + "/journee"

func (h *Handlers) keyingRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+keyingPath, identity.AgendaPeople, h.showKeying)
	h.staff(mux, "POST "+keyingPath, identity.AgendaPeople, h.keyIn)
}

const (
	keyingLines = 10 // a page
	keyingDays  = 7  // before today
)

// keyingPage is the view with which a day is keyed in.
type keyingPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	Title  string
	Day    string // 2026-11-27; "" on the page that lists days
	Days   []ui.Link
	Dates  []keyingDate
	Lines  bool // somebody is expected
}

// keyingDate is a date, or the part of it that stands on a page.
type keyingDate struct {
	Number      string
	Hours, What string
	ID          string // of its closing
	People      []ui.Choices
	Ends        bool // its last line is on this page
	Heads       ui.Field
	Counts      []ui.Field
	Note        ui.Field
}

// keyed is a date with the lines that stand on a page.
type keyed struct {
	agenda.MyDate
	first int // number of its first line here, from 1
	ends  bool
}

func (h *Handlers) showKeying(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Saisir une journée")
	day, ok := readDay(r.URL.Query().Get("jour"))
	if !ok || day == (recur.Date{}) {
		return h.listKeying(w, r, by, p)
	}
	return h.renderKeying(w, r, by, p, day, nil, ui.Refused{Status: http.StatusOK})
}

// listKeying lists today and the days before it that have something to key in.
func (h *Handlers) listKeying(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page) error {
	v := keyingPage{Page: p, Back: p.Back(homePath), Said: saidDone(r), Title: "Saisir une journée"}
	zone, today := p.Now().Location(), openinghours.DateOf(p.Now())
	dates, err := h.Agenda.PeopledDates(r.Context(), by, today.AddDays(-keyingDays).In(zone), today.AddDays(1).In(zone))
	if err != nil {
		return err
	}
	left := map[recur.Date]int{}
	for _, d := range dates {
		if h.isToKeyIn(d) {
			left[openinghours.DateOf(d.Start.In(zone))]++
		}
	}
	for back := range keyingDays + 1 {
		if day := today.AddDays(-back); left[day] > 0 {
			v.Days = append(v.Days, ui.Link{Text: openinghours.SpokenDate(day) + " : " + plural(p, left[day], "séance", "séances"), Href: keyingDayPath(day)})
		}
	}
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_keying", v)
}

func keyingDayPath(day recur.Date) string { return keyingPath + "?jour=" + day.String() }

// isToKeyIn reports whether a date began and was not ended.
func (h *Handlers) isToKeyIn(d agenda.TeamDate) bool {
	return d.Live() && d.State != agenda.Closed && d.Begun(h.Now())
}

// toKeyIn are the dates of a day that began and were not ended, with who was expected.
func (h *Handlers) toKeyIn(r *http.Request, by identity.Actor, p ui.Page, day recur.Date) ([]agenda.MyDate, error) {
	zone := p.Now().Location()
	dates, err := h.Agenda.PeopledDay(r.Context(), by, day.In(zone), day.AddDays(1).In(zone))
	dates = slices.DeleteFunc(dates, func(d agenda.MyDate) bool { return !h.isToKeyIn(d.TeamDate) })
	for i := range dates {
		dates[i].Seats = slices.DeleteFunc(dates[i].Seats, func(s agenda.Seat) bool { return !expected(s.State) })
	}
	return dates, err
}

// pageOf are the first ten lines of some dates that nobody has answered for, each date with the part of it that stands there. What is answered has
// left: the next page is the same address.
func pageOf(dates []agenda.MyDate) []keyed {
	var out []keyed
	left := keyingLines
	for _, d := range dates {
		if left == 0 && len(d.Seats) > 0 {
			break
		}
		one := keyed{MyDate: d, first: 1}
		for one.first <= len(d.Seats) && isAnswered(d.Seats[one.first-1]) && len(d.Seats) > keyingLines {
			one.first++
		}
		rest := d.Seats[one.first-1:]
		one.Seats = rest[:min(left, len(rest))]
		one.ends = len(one.Seats) == len(rest)
		left -= len(one.Seats)
		out = append(out, one)
		if !one.ends {
			break
		}
	}
	return out
}

// isAnswered reports whether the outcome of a seat was said.
func isAnswered(s agenda.Seat) bool { return slices.Contains(closingMarks, s.State) }

func (h *Handlers) renderKeying(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page, day recur.Date, typed url.Values, f ui.Refused) error {
	dates, err := h.toKeyIn(r, by, p, day)
	if err != nil {
		return err
	}
	v := keyingPage{Page: p, Back: p.Back(keyingPath), Said: saidDone(r), Errors: f.Summary, Title: "Saisir " + openinghours.SpokenDate(day), Day: day.String()}
	for _, d := range pageOf(dates) {
		v.Dates = append(v.Dates, keyingDateOf(p, d, typed, f))
		v.Lines = v.Lines || len(d.Seats) > 0
	}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_keying", v)
}

// suffixOf tells the fields of a date from those of the others on the page.
func suffixOf(n agenda.Number) string { return "-" + strconv.FormatInt(int64(n), 10) }

func keyingDateOf(p ui.Page, d keyed, typed url.Values, f ui.Refused) keyingDate {
	suffix := suffixOf(d.Number)
	get := trimmed(typed)
	if typed == nil {
		get = firstKeyed(d, suffix)
	}
	one := keyingDate{
		Number: strconv.FormatInt(int64(d.Number), 10), Hours: clock(p, d.Start, d.Zone) + " – " + clock(p, d.End, d.Zone), What: d.Series.Title, ID: get("id" + suffix), Ends: d.ends,
	}
	for i, s := range d.Seats {
		row := seatRow{Claim: string(s.ID), Name: shortName(s)}
		if !s.Slot.IsZero() {
			row.Time = clock(p, s.Slot, d.Zone)
		}
		c := outcomes(row, get(markName(s.ID)), f.Of(markName(s.ID)))
		c.Legend = strconv.Itoa(d.first+i) + ". " + c.Legend
		one.People = append(one.People, c)
	}
	if d.ends {
		one.Heads, one.Counts, one.Note = endFields(p, suffix, get, f)
	}
	return one
}

// firstKeyed are the answers before anybody wrote: what is known already.
func firstKeyed(d keyed, suffix string) func(string) string {
	known := firstAnswers(agenda.TeamDay{TeamDate: d.TeamDate, Seats: d.Seats}, agenda.Closing{})
	return func(name string) string { return known(strings.TrimSuffix(name, suffix)) }
}

// keyIn notes a page: whoever stands on it, and the end of each date whose last line does. A date that is refused keeps none of the others back.
func (h *Handlers) keyIn(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Saisir une journée")
	day, ok := readDay(get("jour"))
	if !ok || day == (recur.Date{}) {
		return fault.New(fault.Invalid, "agenda.date_invalid")
	}
	dates, err := h.toKeyIn(r, by, p, day)
	if err != nil {
		return err
	}
	all := fault.New(fault.Invalid, "agenda.invalid")
	for _, d := range pageOf(dates) {
		if r.PostForm.Has("id" + suffixOf(d.Number)) { // what the page held, and not what came meanwhile
			if err := h.keyDate(r, by, d, get, all); err != nil {
				return err
			}
		}
	}
	if len(all.Fields) > 0 {
		refused, _ := p.Refuse(all)
		return h.renderKeying(w, r, by, p, day, r.PostForm, refused)
	}
	if dates, err = h.toKeyIn(r, by, p, day); err != nil {
		return err
	}
	if len(dates) == 0 {
		return done(w, r, keyingPath, "journee", "")
	}
	return done(w, r, keyingDayPath(day), "note", "")
}

// keyDate notes what stands of a date on a page. What is wrong joins all, by field; any other error comes back.
func (h *Handlers) keyDate(r *http.Request, by identity.Actor, d keyed, get func(string) string, all *fault.Error) error {
	suffix := suffixOf(d.Number)
	own := func(name string) string {
		if strings.HasPrefix(name, "p-") || name == "reste" {
			return get(name)
		}
		return get(name + suffix)
	}
	c, err := readClosing(agenda.TeamDay{TeamDate: d.TeamDate, Seats: d.Seats}, own)
	switch {
	case err != nil:
	case d.ends:
		err = h.Agenda.Close(r.Context(), by, c)
	default:
		for _, s := range d.Seats {
			if err = h.Agenda.Mark(r.Context(), by, s.ID, c.Marks[s.ID]); err != nil {
				break
			}
		}
	}
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	if len(f.Fields) == 0 {
		all.With("heads"+suffix, f.Message.Key, f.Message.Args...)
	}
	for field, m := range f.Fields {
		if !strings.HasPrefix(field, "p-") {
			field += suffix
		}
		all.With(field, m.Key, m.Args...)
	}
	return nil
}
