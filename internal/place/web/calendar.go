package web

import (
	"strings"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/contentline"
	"viaduc/internal/ui"
)

// calendarWeeks is how far the calendar of a place looks, from the Monday of this week on.
const calendarWeeks = 8

// hoursCalendar is when a place is open in the coming weeks, as an iCalendar (RFC 5545) for the reader's agenda: one event
// for each stretch, at instants in UTC, so that no table of time zones has to travel along. page is the whole address of
// the place's page. It is nil for a place whose hours are not known, or that does not open in these weeks.
func hoursCalendar(p ui.Page, page string, e *place.Entry) []byte {
	h := e.Hours()
	if h == nil {
		return nil
	}
	zone := e.Locale().Zone
	today := openinghours.DateOf(p.Now().In(zone))
	monday := today.Monday()
	var w contentline.Writer
	name := calm(e.Name)
	w.Line("BEGIN", "VCALENDAR")
	w.Line("VERSION", "2.0")
	w.Line("PRODID", "-//Viaduc//FR")
	w.Line("CALSCALE", "GREGORIAN")
	w.Text("NAME", p.T("place.ics.name", "Name", name))
	w.Text("X-WR-CALNAME", p.T("place.ics.name", "Name", name))
	w.Line("URL", page)
	w.Line("REFRESH-INTERVAL;VALUE=DURATION", "P1W")
	stamp := stampOf(e, monday)
	same := map[openinghours.Span]*contentline.Writer{} // what events of one kind have in common
	for _, day := range h.Days(e.Locale(), monday, 7*calendarWeeks) {
		for _, s := range day.Spans {
			if s.State == openinghours.Unknown && (s.Start == 0 || s.End >= 24*60) {
				continue // "sur rendez-vous" all day: no hour to write down
			}
			kind := openinghours.Span{State: s.State, Comment: s.Comment}
			if same[kind] == nil {
				same[kind] = eventWords(p, page, e, kind)
			}
			from := contentline.UTC(wallClock(day.Date, s.Start, zone))
			w.Line("BEGIN", "VEVENT")
			// The place and the first instant: an agenda that reads the calendar again knows the event again.
			w.Line("UID", string(e.ID)+"-"+from)
			w.Line("DTSTAMP", stamp)
			w.Line("DTSTART", from)
			w.Line("DTEND", contentline.UTC(wallClock(day.Date, s.End, zone)))
			w.Append(same[kind])
			w.Line("END", "VEVENT")
		}
	}
	if len(same) == 0 {
		return nil // RFC 5545, 3.4: a calendar without any component is none
	}
	w.Line("END", "VCALENDAR")
	return w.Bytes()
}

// wallClock is the instant of a minute of a day.
func wallClock(d openinghours.Date, minute int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, zone)
}

// stampOf is when what the calendar says was written: the day the census gives, else the first one of the calendar. It is
// the same as long as the calendar is.
func stampOf(e *place.Entry, monday openinghours.Date) string {
	if on, err := time.Parse(time.DateOnly, e.UpdatedOn); err == nil {
		return contentline.UTC(on)
	}
	return contentline.UTC(monday.In(time.UTC))
}

// eventWords are the lines of an event that say what and where, for a state and its comment.
func eventWords(p ui.Page, page string, e *place.Entry, kind openinghours.Span) *contentline.Writer {
	w := new(contentline.Writer)
	tentative := kind.State == openinghours.Unknown || e.ToCheck
	summary := p.T("place.ics.open", "Name", calm(e.Name))
	var notes []string
	if tentative {
		summary = p.T("place.ics.maybe", "Name", calm(e.Name))
		notes = append(notes, p.T("place.ics.call"))
	}
	notes = append(notes, nonEmpty(kind.Comment, ui.Phone(e.Phone))...)
	w.Text("SUMMARY", summary)
	w.Text("LOCATION", strings.Join(address(e), ", "))
	w.Text("DESCRIPTION", strings.Join(notes, "\n"))
	w.Line("URL", page)
	if tentative {
		w.Line("STATUS", "TENTATIVE")
	}
	w.Line("TRANSP", "TRANSPARENT") // the place is open; the reader's own time stays free
	return w
}
