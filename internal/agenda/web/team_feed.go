package web

import (
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/contentline"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

const calendarPath = teamPath + "/calendrier"

func (h *Handlers) calendarRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+reasonsPath, identity.AgendaEdit, h.showReasons)
	h.staff(mux, "POST "+reasonsPath, identity.AgendaEdit, h.saveReason)
	h.staff(mux, "GET "+skillsPath, identity.AgendaEdit, knowing(h.showSkills))
	h.staff(mux, "POST "+skillsPath, identity.AgendaEdit, knowing(h.changeSkills))
	h.staff(mux, "GET "+calendarPath, identity.AccountSelf, h.showCalendar)
	h.staff(mux, "POST "+calendarPath, identity.AccountSelf, h.newCalendar)
	h.public(mux, "GET "+agenda.FeedPath+"{fichier}", h.feed)
}

// calendarPage is the view of the secret calendar of whoever asks.
type calendarPage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Address string
}

func (h *Handlers) showCalendar(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	link, err := h.Agenda.FeedLink(r.Context(), by)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Mon calendrier")
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_team_calendar", calendarPage{Page: p, Back: p.Back(teamPath), Said: saidDone(r), Address: h.Public + link})
}

func (h *Handlers) newCalendar(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := h.Agenda.NewFeed(r.Context(), by); err != nil {
		return err
	}
	return done(w, r, calendarPath, "adresse", "")
}

// feed is the calendar of a member of staff (RFC 5545), for whoever holds its address: how many come, and nobody's name.
func (h *Handlers) feed(w http.ResponseWriter, r *http.Request) error {
	token, ok := strings.CutSuffix(r.PathValue("fichier"), ".ics")
	if !ok {
		return identity.NotFound()
	}
	list, err := h.Agenda.Feed(r.Context(), token)
	if err != nil {
		return err
	}
	body := h.feedLines(h.Kit.Page(r, "Mon calendrier"), list)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	httpx.SendFile(w, r, calendarType, "", body)
	return nil
}

// feedLines writes dates as a calendar, at instants in UTC, so that no table of time zones has to travel along.
func (h *Handlers) feedLines(p ui.Page, list []agenda.TeamDate) []byte {
	w := beginCalendar("Mon agenda", "PT1H")
	for _, d := range list {
		w.Line("BEGIN", "VEVENT")
		w.Line("UID", string(d.ID))
		w.Line("DTSTAMP", contentline.UTC(d.Series.CreatedAt))
		w.Line("SEQUENCE", strconv.FormatInt(d.Version, 10))
		w.Line("DTSTART", contentline.UTC(d.Start))
		w.Line("DTEND", contentline.UTC(d.End))
		w.Text("SUMMARY", d.Series.Title)
		w.Text("LOCATION", h.Agenda.WhereText(d.Where))
		w.Text("DESCRIPTION", peopleText(p, agenda.TeamDate{Occurrence: d.Occurrence, Series: d.Series, Taken: d.Taken}))
		if !d.Live() {
			w.Line("STATUS", "CANCELLED")
		}
		if h.Public != "" {
			w.Line("URL", h.Public+datePath(d.Number))
		}
		w.Line("END", "VEVENT")
	}
	return endCalendar(w, len(list))
}
