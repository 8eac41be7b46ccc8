package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// publicRoutes mounts what everybody reads.
func (h *Handlers) publicRoutes(mux ui.Mux) {
	h.public(mux, "GET "+listPath, h.list)
	h.public(mux, "GET "+listPath+".ics", h.sendCalendar)
	h.public(mux, "GET "+listPath+"/{numero}", h.show)
}

// listPath is the agenda.
const listPath = "/agenda"

// pageSize is how many dates a page has.
const pageSize = 15

// nearby is how far around a commune the agenda looks, in metres, and then, where it finds nothing.
var nearby = []float64{20_000, 50_000}

// asked is what an address asks of the agenda.
type asked struct {
	query   agenda.Query
	where   string // as written
	commune territory.Commune
	epci    string   // name of the grouping, where one was meant
	month   string   // 2026-12, "" for all that comes
	unknown bool     // where names no place that we know
	others  []string // namesakes of the commune, by code
	values  url.Values
}

// read reads the address; what cannot be read is left out, never refused.
func (h *Handlers) read(r *http.Request, now time.Time) asked {
	in := r.URL.Query()
	a := asked{where: clip(in.Get("ou")), values: url.Values{}}
	a.query = agenda.Query{From: now}
	if a.where != "" {
		a.values.Set("ou", a.where)
		h.locate(r, &a)
	}
	if m := agenda.Mode(in.Get("genre")); m.Known() {
		a.query.Mode = m
		a.values.Set("genre", string(m))
	}
	if f, ok := place.ParseFacet(place.GroupNeed, in.Get("theme")); ok {
		a.query.Theme = place.Need(f.Word())
		a.values.Set("theme", f.Word())
	}
	if l := agenda.Level(in.Get("niveau")); l == agenda.Beginner || l == agenda.Middle || l == agenda.Advanced {
		a.query.Level = l
		a.values.Set("niveau", string(l))
	}
	if crew := clip(in.Get("avec")); crew != "" {
		a.query.Crew = crew
		a.values.Set("avec", crew)
	}
	if in.Get("libre") == "oui" {
		a.query.FreeOnly = true
		a.values.Set("libre", "oui")
	}
	a.readMonth(in.Get("mois"), now)
	return a
}

// readMonth narrows to a month that is not over.
func (a *asked) readMonth(text string, now time.Time) {
	first, err := time.ParseInLocation("2006-01", text, now.Location())
	if err != nil || !first.AddDate(0, 1, 0).After(now) {
		return
	}
	a.month, a.query.To = text, first.AddDate(0, 1, 0)
	if first.After(now) {
		a.query.From = first
	}
	a.values.Set("mois", text)
}

// locate finds the commune, or the grouping of communes, that a text means.
func (h *Handlers) locate(r *http.Request, a *asked) {
	g := h.Territory.Gazetteer()
	home := h.Territory.MainCommune(r.Host)
	if e, ok := g.EPCI(a.where); ok {
		a.epci, a.query.Communes = e.Name, g.InEPCI(a.where)
		return
	}
	m := g.Find(a.where, home.Department)
	list := m.Communes
	if len(list) == 0 {
		list = g.Guess(a.where, home.Department)
	}
	if len(list) == 0 {
		a.unknown = true
		return
	}
	a.commune = list[0]
	a.query.Near, a.query.Within = a.commune.Point, nearby[0]
	if !m.Guessed {
		for _, c := range list[1:] {
			if c.Name == a.commune.Name {
				a.others = append(a.others, c.Code)
			}
		}
	}
}

func clip(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > 80 {
		return string(r[:80])
	}
	return s
}

// listPage is the view of /agenda.
type listPage struct {
	ui.Page
	Heading string
	Filters ui.Filters
	Months  []monthLink
	Status  string
	Note    ui.Message
	Others  []ui.Link
	Days    ui.EventDays
	Pager   ui.Pager
	Empty   ui.EmptyState
	Links   []ui.Link
}

// monthLink narrows the list to a month.
type monthLink struct {
	Text, Href string
	Current    bool
}

func (h *Handlers) list(w http.ResponseWriter, r *http.Request) error {
	v := listPage{Page: h.Kit.Page(r, "")}
	index := h.Agenda.Index()
	a := h.read(r, v.Now())
	found, wider := widened(index, a.query)
	v.Heading = a.heading()
	v.Filters = a.filters(v.Page)
	v.Months = months(v.Page, index, a)
	v.note(a, wider)
	v.Others = h.otherCommunes(v.Page, a)
	pages := max(1, (len(found)+pageSize-1)/pageSize)
	at, _ := strconv.Atoi(r.URL.Query().Get("page"))
	at = min(max(at, 1), pages)
	v.Title = v.Heading
	if at > 1 {
		v.Title += ", page " + strconv.Itoa(at)
	}
	v.Status = counted(len(found))
	v.Days = days(v.Page, found[min((at-1)*pageSize, len(found)):min(at*pageSize, len(found))])
	v.Pager = v.Page.Pager(listPath, a.values, at, pages)
	if len(found) == 0 {
		v.Empty = h.nothing(v.Page, index, a)
	}
	v.Links = h.outLinks(v.Page, a)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_list", v)
}

// widened lists what answers a query, further around where nothing is near.
func widened(x *agenda.Index, q agenda.Query) (found []agenda.Found, wider bool) {
	found = x.Search(q)
	if len(found) > 0 || q.Within == 0 {
		return found, false
	}
	q.Within = nearby[1]
	found = x.Search(q)
	return found, len(found) > 0
}

func counted(n int) string {
	switch n {
	case 0:
		return "Aucune date."
	case 1:
		return "1 date, la prochaine d'abord."
	}
	return ui.Number(n) + " dates, les prochaines d'abord."
}

// heading says what the list is about: "L'agenda près d'Anduze".
func (a asked) heading() string {
	what := "L'agenda"
	if a.query.Mode != "" {
		what = modesText(a.query.Mode)
	}
	switch {
	case a.epci != "":
		what += " dans " + a.epci
	case a.commune.Name != "":
		what += " près " + agenda.Of(a.commune.Name)
	}
	if a.query.Crew != "" {
		what += " avec " + a.query.Crew
	}
	return what
}

// modesText names a mode for several of them.
func modesText(m agenda.Mode) string {
	switch m {
	case agenda.WalkIn:
		return "Les permanences sans rendez-vous"
	case agenda.Workshop:
		return "Les ateliers"
	case agenda.Appointments:
		return "Les rendez-vous individuels"
	case agenda.Game:
		return "Les jeux"
	case agenda.Machine:
		return "Les machines de fablab"
	case agenda.Repair:
		return "Les repair cafés"
	case agenda.Event:
		return "Les événements"
	case agenda.OpenHours:
		return "Les accueils du public"
	case agenda.Group:
		return "Les visites de groupe"
	}
	return "L'agenda"
}

// filters are the questions above the list.
func (a asked) filters(p ui.Page) ui.Filters {
	mode := ui.Choices{Name: "genre", Legend: "Quoi ?", Options: []ui.Option{{Label: "Tout"}}}
	for _, m := range agenda.Modes() {
		mode.Options = append(mode.Options, ui.Option{Value: string(m), Label: m.French(), Checked: a.query.Mode == m})
	}
	theme := ui.Choices{Name: "theme", Legend: "Pour quoi faire ?", Options: []ui.Option{{Label: "Tout"}}}
	for _, f := range place.Facets(place.GroupNeed) {
		theme.Options = append(theme.Options, ui.Option{Value: f.Word(), Label: p.T("place.need." + f.Word()), Checked: string(a.query.Theme) == f.Word()})
	}
	level := ui.Choices{Name: "niveau", Legend: "Pour qui ?", Options: []ui.Option{{Label: "Tout le monde"}}}
	for _, l := range []agenda.Level{agenda.Beginner, agenda.Middle, agenda.Advanced} {
		level.Options = append(level.Options, ui.Option{Value: string(l), Label: l.French(), Checked: a.query.Level == l})
	}
	f := ui.Filters{
		Action: listPath, Label: "Chercher dans l'agenda", Button: "Chercher",
		Fields:  []ui.Field{{Name: "ou", Label: "Près de quelle commune ?", Value: a.where, Autocomplete: "address-level2"}},
		Selects: []ui.Choices{mode},
		More: ui.MoreFilters{
			Label: "Plus de choix", Open: a.query.Theme != "" || a.query.Level != "" || a.query.FreeOnly, Selects: []ui.Choices{theme, level},
			Boxes: []ui.Choices{{Name: "libre", Legend: "Places", Options: []ui.Option{{Value: "oui", Label: "Il reste de la place", Checked: a.query.FreeOnly}}}},
		},
	}
	for _, name := range []string{"mois", "avec"} {
		if value := a.values.Get(name); value != "" {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: name, Value: value})
		}
	}
	if len(a.values) > 0 {
		f.Reset = &ui.Link{Text: "Tout afficher", Href: p.Path(listPath)}
	}
	return f
}

// maxMonths is how many months one may choose from.
const maxMonths = 6

// months lead to each month that has dates, for what else was asked.
func months(p ui.Page, x *agenda.Index, a asked) []monthLink {
	q := a.query
	q.From, q.To = p.Now(), time.Time{}
	var out []monthLink
	values := url.Values{}
	for k, v := range a.values {
		values[k] = v
	}
	values.Del("mois")
	out = append(out, monthLink{Text: "Tout", Href: address(p, values), Current: a.month == ""})
	seen := map[string]bool{}
	for _, f := range x.Search(q) {
		start := f.Start.In(f.Zone)
		key := start.Format("2006-01")
		if seen[key] || start.Before(p.Now()) && key != p.Now().Format("2006-01") {
			continue
		}
		if seen[key] = true; len(seen) > maxMonths {
			break
		}
		values.Set("mois", key)
		out = append(out, monthLink{Text: monthName(start, p.Now()), Href: address(p, values), Current: a.month == key})
	}
	if len(out) < 3 && a.month == "" {
		return nil
	}
	return out
}

func monthName(t, now time.Time) string {
	day := openinghours.SpokenDate(openinghours.Date{Year: t.Year(), Month: t.Month(), Day: 2})
	_, name, _ := strings.Cut(day, "\u00a0")
	if t.Year() != now.Year() {
		name += " " + strconv.Itoa(t.Year())
	}
	return name
}

// address is that of the list with a query.
func address(p ui.Page, values url.Values) string {
	u := url.URL{Path: p.Path(listPath), RawQuery: values.Encode()}
	return u.String()
}

func (v *listPage) note(a asked, wider bool) {
	switch {
	case a.unknown:
		v.Note = ui.Message{Kind: ui.Warning, Text: "Nous ne connaissons pas « " + a.where + " ». Voici tout l'agenda."}
	case wider:
		v.Note = ui.Message{Text: "Rien à moins de 20 km. Voici ce qui est un peu plus loin."}
	}
}

// otherCommunes lead to the namesakes of a commune.
func (h *Handlers) otherCommunes(p ui.Page, a asked) []ui.Link {
	var out []ui.Link
	for _, code := range a.others {
		c, ok := h.Territory.Gazetteer().Commune(code)
		if !ok {
			continue
		}
		values := url.Values{}
		for k, v := range a.values {
			values[k] = v
		}
		values.Set("ou", c.Code)
		out = append(out, ui.Link{Text: c.Name + " (" + c.Department + ")", Href: address(p, values)})
	}
	return out
}

// nothing says what to do where nothing answers: never a dead end.
func (h *Handlers) nothing(p ui.Page, x *agenda.Index, a asked) ui.EmptyState {
	e := ui.EmptyState{Title: "Rien à ces dates", Text: "Essayez avec moins de choix, ou appelez-nous."}
	if x.Len() == 0 {
		e = ui.EmptyState{Title: "L'agenda est vide", Text: "Les prochaines dates seront ici. D'ici là, des lieux vous aident toute l'année."}
	}
	if len(a.values) > 0 {
		e.Links = append(e.Links, ui.Link{Text: "Voir tout l'agenda", Href: p.Path(listPath)})
	}
	e.Links = append(e.Links, ui.Link{Text: "Trouver un lieu", Href: p.Path("/lieux")})
	return e
}

// outLinks lead out of the list: a calendar that follows it, paper, an appointment, the request of a commune.
func (h *Handlers) outLinks(p ui.Page, a asked) []ui.Link {
	calendar := url.URL{Path: listPath + ".ics", RawQuery: withoutMonth(a.values).Encode()}
	paper := url.Values{}
	for _, name := range []string{"ou", "genre"} {
		if value := a.values.Get(name); value != "" {
			paper.Set(name, value)
		}
	}
	printed := url.URL{Path: "/imprimer/agenda", RawQuery: paper.Encode()}
	out := []ui.Link{
		{Text: "Prendre rendez-vous avec une personne", Href: p.Path("/rendez-vous")},
		{Text: "J'ai déjà un rendez-vous : le retrouver", Href: p.Path("/suivi")},
		{Text: "Imprimer ces dates en gros caractères", Href: printed.String()},
	}
	if a.commune.Code != "" {
		out = append(out, ui.Link{Text: "L'affiche de la semaine à " + a.commune.Name, Href: "/imprimer/agenda/communes/" + a.commune.Code})
	}
	return append(out,
		ui.Link{Text: "Suivre ces dates dans mon calendrier (iCalendar)", Href: calendar.String()},
		ui.Link{Text: "Mairies : demander un médiateur", Href: askPath})
}

// withoutMonth are the filters that a calendar keeps: it goes on from month to month.
func withoutMonth(values url.Values) url.Values {
	out := url.Values{}
	for k, v := range values {
		if k != "mois" {
			out[k] = v
		}
	}
	return out
}

// days groups dates by day, in their order.
func days(p ui.Page, found []agenda.Found) ui.EventDays {
	var out ui.EventDays
	last := ""
	for _, f := range found {
		start := f.Start.In(f.Zone)
		if key := start.Format(time.DateOnly); key != last {
			last = key
			out = append(out, ui.EventDay{Title: dayTitle(p, start), ID: "j" + key})
		}
		day := &out[len(out)-1]
		day.Events = append(day.Events, card(p, f))
	}
	return out
}

// card is a date in a list.
func card(p ui.Page, f agenda.Found) ui.EventCard {
	c := ui.EventCard{
		Time: clock(p, f.Start, f.Zone), Until: "à " + clock(p, f.End, f.Zone), Title: f.Series.Title, Href: p.Path(Path(f.Entry)), Place: placeText(f.Entry),
		Seats: seatsText(p, f.Entry), State: stateTag(f.Entry),
	}
	if f.Metres > 500 {
		c.Distance = p.Distance(f.Metres)
	}
	return c
}

// Path is the page of a date.
func Path(e *agenda.Entry) string { return listPath + "/" + strconv.FormatInt(int64(e.Number), 10) }
