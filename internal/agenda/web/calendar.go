package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/contentline"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// The calendars are iCalendar (RFC 5545), at instants in UTC: an agenda shows them on its reader's clocks, and no table of
// time zones has to travel along. A date keeps its UID through every change; one that is called off or moved stays, as
// cancelled, so that the agendas that have it take it away.

// sendCalendar serves the dates of the filters of the page, from the whole season.
func (h *Handlers) sendCalendar(w http.ResponseWriter, r *http.Request) error {
	p := h.Kit.Page(r, "")
	a := h.read(r, p.Now())
	a.query.From, a.query.To = midnight(p.Now()), time.Time{}
	index := h.Agenda.Index()
	base := h.base(r)
	key := "ics " + base + " " + a.query.From.Format(time.DateOnly) + " " + withoutMonth(a.values).Encode()
	body := index.Cached(key, func() []byte { return calendarOf(base, a.heading(), index.Search(a.query)) })
	return sendLines(w, r, "agenda.ics", body)
}

// sendDate serves one date.
func (h *Handlers) sendDate(w http.ResponseWriter, r *http.Request, e *agenda.Entry) error {
	return sendLines(w, r, "agenda-"+strconv.FormatInt(int64(e.Number), 10)+".ics", calendarOf(h.base(r), e.Series.Title, []agenda.Found{{Entry: e}}))
}

// base is the address of the site as its readers see it, without a slash at the end.
func (h *Handlers) base(r *http.Request) string {
	if h.Public != "" {
		return h.Public
	}
	return "http://" + r.Host
}

// calendarOf writes dates as a calendar for everybody.
func calendarOf(base, name string, found []agenda.Found) []byte {
	w := beginCalendar(name, "PT6H")
	w.Line("METHOD", "PUBLISH")
	w.Line("X-PUBLISHED-TTL", "PT6H")
	for _, f := range found {
		writeEvent(w, base, f.Entry)
	}
	return endCalendar(w, len(found))
}

// calendarType is the media type of a calendar.
const calendarType = "text/calendar; charset=utf-8"

// beginCalendar writes what a calendar says of itself: its name, and how often it is worth asking for again, as a duration of RFC 5545.
func beginCalendar(name, every string) *contentline.Writer {
	w := &contentline.Writer{}
	w.Line("BEGIN", "VCALENDAR")
	w.Line("VERSION", "2.0")
	w.Line("PRODID", "-//Viaduc//FR")
	w.Line("CALSCALE", "GREGORIAN")
	w.Text("NAME", name)
	w.Text("X-WR-CALNAME", name)
	w.Line("REFRESH-INTERVAL;VALUE=DURATION", every)
	return w
}

// endCalendar ends a calendar of some events.
func endCalendar(w *contentline.Writer, events int) []byte {
	if events == 0 {
		// RFC 5545, 3.6: a calendar has a component at least. A zone is one that no agenda shows.
		w.Line("BEGIN", "VTIMEZONE")
		w.Line("TZID", "UTC")
		w.Line("BEGIN", "STANDARD")
		w.Line("DTSTART", "19700101T000000")
		w.Line("TZOFFSETFROM", "+0000")
		w.Line("TZOFFSETTO", "+0000")
		w.Line("END", "STANDARD")
		w.Line("END", "VTIMEZONE")
	}
	w.Line("END", "VCALENDAR")
	return w.Bytes()
}

func writeEvent(w *contentline.Writer, base string, e *agenda.Entry) {
	w.Line("BEGIN", "VEVENT")
	w.Line("UID", string(e.ID)+"@viaduc")
	w.Line("DTSTAMP", contentline.UTC(e.Series.CreatedAt))
	w.Line("DTSTART", contentline.UTC(e.Start))
	w.Line("DTEND", contentline.UTC(e.End))
	w.Text("SUMMARY", e.Series.Title)
	w.Text("LOCATION", whereLines(e))
	w.Text("DESCRIPTION", describe(e))
	w.Line("URL", base+Path(e))
	if e.Point.Known() {
		w.Line("GEO", strconv.FormatFloat(e.Point.Lat, 'f', 5, 64)+";"+strconv.FormatFloat(e.Point.Lon, 'f', 5, 64))
	}
	w.Text("CATEGORIES", e.Series.Mode.French())
	switch {
	case !e.Live():
		w.Line("STATUS", "CANCELLED")
	case e.State == agenda.Planned:
		w.Line("STATUS", "TENTATIVE")
	default:
		w.Line("STATUS", "CONFIRMED")
	}
	w.Line("TRANSP", "TRANSPARENT")
	w.Line("END", "VEVENT")
}

// describe says in a few lines what a date is.
func describe(e *agenda.Entry) string {
	var lines []string
	add := func(text string) {
		if text != "" {
			lines = append(lines, text)
		}
	}
	if !e.Live() {
		add(sentence(e.Reason))
	}
	add(e.Series.Mode.French())
	add(e.Series.Summary)
	add(e.Series.Prerequisites)
	if e.Series.Phone != "" {
		add("Téléphone : " + ui.Phone(e.Series.Phone))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// sendLines serves a calendar: an agenda that asks again takes it again only when it changed.
func sendLines(w http.ResponseWriter, r *http.Request, name string, body []byte) error {
	w.Header().Set("Cache-Control", "public, no-cache") // may be kept, and must be asked about
	httpx.SendFile(w, r, calendarType, name, body)
	return nil
}
