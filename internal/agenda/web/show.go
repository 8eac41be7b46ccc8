package web

import (
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/agenda"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// showPage is the view of a date.
type showPage struct {
	ui.Page
	Crumb   ui.Breadcrumb
	Note    ui.Message
	Kind    string
	Heading string
	Summary ui.Summary
	Text    []string
	Book    ui.Link // the one action of the page
	Why     string  // why one cannot book; "" where one can, or need not
	Links   []ui.Link
	Phone   ui.Link     // to register or to ask; no text where none is said
	Next    ui.EventDay // other dates of the series; no event for none
	Event   *eventData  // for search engines; nil for a date that does not take place
}

// entry is the date that an address names; what stands for it is the handler's to say.
func (h *Handlers) entry(number string) (*agenda.Entry, error) {
	n, err := strconv.ParseInt(number, 10, 64)
	if err == nil {
		if e, ok := h.Agenda.Index().Entry(agenda.Number(n)); ok {
			return e, nil
		}
	}
	return nil, fault.New(fault.NotFound, "agenda.unknown")
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request) error {
	number, file := strings.CutSuffix(r.PathValue("numero"), ".ics")
	e, err := h.entry(number)
	if err != nil {
		return err
	}
	if file {
		return h.sendDate(w, r, e)
	}
	v := showPage{Page: h.Kit.Page(r, e.Series.Title), Heading: e.Series.Title, Kind: e.Series.Mode.French()}
	start := e.Start.In(e.Zone)
	v.Title = e.Series.Title + ", " + dayTitle(v.Page, start)
	v.Description = e.Series.Title + " : " + dayTitle(v.Page, start) + ", " + placeText(e)
	v.Crumb = v.Breadcrumb(ui.Link{Text: "Agenda", Href: v.Path(listPath)}, ui.Link{Text: e.Series.Title})
	v.Summary = h.facts(v.Page, e)
	v.Text = paragraphs(e.Series.Summary)
	v.Note = v.noteOf(e)
	v.offer(e)
	v.Links = h.linksOf(v.Page, e)
	if phone := e.Series.Phone; phone != "" {
		v.Phone = ui.Link{Text: ui.Phone(phone), Href: ui.PhoneHref(phone)}
	}
	v.Next = ui.EventDay{Title: "Les autres dates", Events: h.others(v.Page, e)}
	if e.Live() {
		v.Event = eventOf(r, h.Public, v.Page, e)
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_date", v)
}

// facts are what one needs to know, the time and the place first.
func (h *Handlers) facts(p ui.Page, e *agenda.Entry) ui.Summary {
	start, end := e.Start.In(e.Zone), e.End.In(e.Zone)
	row := func(term, value string) ui.SummaryRow { return ui.SummaryRow{Term: term, Value: value} }
	rows := []ui.SummaryRow{
		{Term: "Quand", Value: dayTitle(p, start) + ", de " + clock(p, start, e.Zone) + " à " + clock(p, end, e.Zone), Big: true},
		{Term: "Où", Value: whereLines(e)},
	}
	if seats := seatsText(p, e); seats != "" {
		rows = append(rows, row("Places", seats))
	}
	if first := e.Priority(p.Now()); first != "" {
		rows = append(rows, row("En priorité", first.French()+", jusqu'à "+openinghours.SpokenMoment(e.Start.Add(-e.Series.Release).In(e.Zone), p.Now())))
	}
	if e.Series.Level != "" {
		rows = append(rows, row("Pour qui", e.Series.Level.French()))
	}
	if e.Series.Prerequisites != "" {
		rows = append(rows, row("Avant de venir", e.Series.Prerequisites))
	}
	if len(e.Crew) > 0 {
		rows = append(rows, row("Avec", strings.Join(e.Crew, ", ")))
	}
	if words := e.Series.Pattern.French(); words != "" && e.Series.Pattern.Rule != "" {
		rows = append(rows, row("Revient", words))
	}
	return ui.Summary{Rows: rows}
}

// whereLines says where a date takes place, with the address.
func whereLines(e *agenda.Entry) string {
	return inOneLine(e.Where.Venue, e.Spot.Name, e.Spot.Address, e.Ground.Name)
}

// noteOf says what happened to a date.
func (v *showPage) noteOf(e *agenda.Entry) ui.Message {
	now := v.Now()
	switch {
	case e.State == agenda.MovedTo && e.Next != nil:
		when := openinghours.SpokenMoment(e.Next.Start.In(e.Next.Zone), now)
		return ui.Message{Kind: ui.Warning, Title: "Cette date a changé", Text: sentence(e.Reason) + "C'est maintenant " + when + ".", Links: []ui.Link{{Text: "Voir la nouvelle date", Href: v.Path(Path(e.Next))}}}
	case e.State == agenda.MovedTo:
		return ui.Message{Kind: ui.Warning, Title: "Cette date a changé", Text: sentence(e.Reason) + "Appelez-nous pour la nouvelle date."}
	case e.State == agenda.Cancelled:
		return ui.Message{Kind: ui.Failure, Title: "Cette date est annulée", Text: sentence(e.Reason) + "Choisissez une autre date, ou appelez-nous."}
	case !e.End.After(now):
		return ui.Message{Title: "C'est passé", Text: "Les prochaines dates sont plus bas."}
	case e.Delay > 0:
		return ui.Message{Kind: ui.Warning, Title: "Nous avons du retard", Text: "Environ " + strconv.Itoa(e.Delay) + " minutes. Excusez-nous."}
	case e.State == agenda.Planned:
		return ui.Message{Text: "Cette date est à confirmer. Appelez avant de venir."}
	}
	return ui.Message{}
}

// sentence ends a reason as a sentence does, with a space after it; "" for none.
func sentence(text string) string {
	switch {
	case text == "":
		return ""
	case strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?"):
		return text + " "
	}
	return text + ". "
}

// offer is the one action of the page, or why there is none.
func (v *showPage) offer(e *agenda.Entry) {
	now := v.Now()
	free := e.FreeAt(now)
	switch {
	case !e.Coming(now) || !e.Series.Books():
		return
	case !e.Bookable(now) && e.State == agenda.Planned:
		v.Why = "Les inscriptions ouvrent dès que la salle est confirmée."
	case !e.Bookable(now):
		v.Why = "On ne peut pas s'inscrire ici maintenant. Appelez-nous, il reste peut-être une place."
	case free == 0 && !full(e, chosen{}, now):
		v.Book = ui.Link{Text: "M'inscrire sur une place gardée", Href: v.Path(bookingPath(e))}
	case free == 0 && !e.Series.Waiting:
		v.Why = "Il n'y a plus de place. D'autres dates sont plus bas."
	case free == 0:
		v.Book = ui.Link{Text: "M'inscrire sur la liste d'attente", Href: v.Path(bookingPath(e))}
	case e.Series.Mode.HasSlots():
		v.Book = ui.Link{Text: "Choisir un horaire", Href: v.Path(bookingPath(e))}
	default:
		v.Book = ui.Link{Text: "M'inscrire", Href: v.Path(bookingPath(e))}
	}
}

// bookingPath is where one books a date.
func bookingPath(e *agenda.Entry) string {
	return "/rendez-vous/" + strconv.FormatInt(int64(e.Number), 10)
}

func (h *Handlers) linksOf(p ui.Page, e *agenda.Entry) []ui.Link {
	var out []ui.Link
	if e.Live() && e.End.After(p.Now()) {
		out = append(out, ui.Link{Text: "Mettre dans mon calendrier (iCalendar, 1 Ko)", Href: p.Path(Path(e)) + ".ics", Icon: "calendar"})
	}
	if found, ok := h.Places.Index().Shown(e.Where.Place); ok && e.Where.Place != "" {
		out = append(out, ui.Link{Text: "Comment venir : " + found.Name, Href: p.Path(h.PlacePath(found)), Icon: "map"})
	}
	return out
}

// maxOthers is how many other dates a page offers.
const maxOthers = 5

// others are the next dates of the same series, each under its day.
func (h *Handlers) others(p ui.Page, e *agenda.Entry) []ui.EventCard {
	var out []ui.EventCard
	for _, f := range h.Agenda.Index().Search(agenda.Query{Series: e.Occurrence.Series, From: p.Now(), Live: true}) {
		if f.ID != e.ID && len(out) < maxOthers {
			c := card(p, f)
			c.Title = dayTitle(p, f.Start.In(f.Zone))
			out = append(out, c)
		}
	}
	return out
}

// paragraphs cuts a text at its empty lines.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
