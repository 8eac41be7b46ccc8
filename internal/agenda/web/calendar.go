package web

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/contentline"
	"viaduc/internal/ui"
)

// The calendars are iCalendar (RFC 5545), at instants in UTC: an agenda shows them on its reader's clocks, and no table of
// time zones has to travel along. A date keeps its UID through every change; one that is called off or moved stays, as
// cancelled, so that the agendas that have it take it away.

// sendCalendar serves the dates of the filters of the page, from the whole season.
func (h *Handlers) sendCalendar(w http.ResponseWriter, r *http.Request) error {
	p := h.Kit.Page(r, "")
	a := h.read(r, p.Now())
	a.query.From, a.query.To = startOfDay(p.Now()), time.Time{}
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

func startOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// base is the address of the site as its readers see it, without a slash at the end.
func (h *Handlers) base(r *http.Request) string {
	if h.Public != "" {
		return h.Public
	}
	return "http://" + r.Host
}

// calendarOf writes dates as a calendar.
func calendarOf(base, name string, found []agenda.Found) []byte {
	var w contentline.Writer
	w.Line("BEGIN", "VCALENDAR")
	w.Line("VERSION", "2.0")
	w.Line("PRODID", "-//Viaduc//FR")
	w.Line("CALSCALE", "GREGORIAN")
	w.Line("METHOD", "PUBLISH")
	w.Text("NAME", name)
	w.Text("X-WR-CALNAME", name)
	w.Line("REFRESH-INTERVAL;VALUE=DURATION", "PT6H")
	w.Line("X-PUBLISHED-TTL", "PT6H")
	for _, f := range found {
		writeEvent(&w, base, f.Entry)
	}
	if len(found) == 0 {
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

// sendLines serves a calendar. What it holds names it in its ETag: an agenda that asks again takes it again only when it
// changed.
func sendLines(w http.ResponseWriter, r *http.Request, name string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	head := w.Header()
	head.Set("ETag", tag)
	head.Set("Cache-Control", "public, no-cache") // may be kept, and must be asked about
	if has(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	head.Set("Content-Type", "text/calendar; charset=utf-8")
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader left: nothing to do
	}
	return nil
}

// has reports whether a header of entity tags names one.
func has(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
