package web

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// placePage is the view of /lieux/{number}-{name}.
type placePage struct {
	ui.Page
	Back     ui.Back
	Name     string
	State    string
	StateBig string
	More     string
	Offer    string
	Phone    string
	Tel      string
	Booking  string // address to book at
	Address  []string
	Approx   bool
	Map      template.URL // geo: address, for the reader's own map program
	Where    ui.Figure
	Today    string
	Week     ui.Summary
	Written  string // hours as the census writes them, when they cannot be read
	Notes    []string
	Helped   string // when somebody helps, apart from the opening hours; in French
	Needs    []string
	Know     ui.Summary // who for, cost, how to come in...
	Space    ui.Summary // what people share in a tiers-lieu
	Behind   ui.Summary // who is behind it: left out on paper
	Links    []ui.Link  // e-mail, site, accessibility page
	Summary  string
	Detail   []string
	Except   []string   // days on which the usual week does not hold
	Check    ui.Message // "à vérifier"; no text while the census is sure of the place
	Fresh    freshness
	Take     []ui.Link   // what one can do with the page: the files to take along, reporting an error
	Data     thing       // the same for search engines
	Dates    ui.EventDay // what is next on the agenda there, in French; no event for none

	Draft ui.Message // this is a preview of what is declared: not in the census; no text for a place that is
}

// entry finds the place that an address names: its number alone says which it is.
func (h *Handlers) entry(r *http.Request) (*place.Entry, error) {
	digits, _, _ := strings.Cut(r.PathValue("slug"), "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil, fault.New(fault.NotFound, "place.unknown")
	}
	index := h.Places.Index()
	number := place.Number(n)
	if to, moved := index.Moved(number); moved {
		number = to // the address is another's now: pages lead there
	}
	e, ok := index.Place(number)
	if !ok {
		return nil, fault.New(fault.NotFound, "place.unknown")
	}
	return e, nil
}

func (h *Handlers) showPlace(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, calm(e.Name)+", "+calm(e.Commune))
	if r.PathValue("slug") != slugOf(e) {
		// An old name, or a cut address: the number says which place it is.
		http.Redirect(w, r, p.Path(Path(e)), http.StatusMovedPermanently)
		return nil
	}
	v := viewOf(p, e)
	v.Where = h.placeMap(p, e)
	if h.Dates != nil {
		v.Dates = h.Dates(p, e.ID)
	}
	v.Take = append(fileLinks(r, p, e),
		ui.Link{Text: p.T("place.keep"), Href: "/compte/lieux/" + strconv.FormatInt(int64(e.Number), 10), Icon: "home"},
		ui.Link{Text: p.T("place.correct"), Href: Path(e) + correctEnd, Icon: "document"},
		ui.Link{Text: p.T("place.poster"), Href: Path(e) + posterEnd, Icon: "document"},
		ui.Link{Text: p.T("place.orientation"), Href: "/imprimer/orientation?lieu=" + strconv.FormatInt(int64(e.Number), 10), Icon: "document"},
		ui.Link{Text: p.T("place.report"), Href: p.Path(Path(e) + reportEnd), Icon: "question"})
	if n := len(h.Places.Index().Photos(e)); n > 0 {
		v.Take = append([]ui.Link{{Text: p.N("place.photos.link", n), Href: p.Path(Path(e) + photosEnd), Icon: "search"}}, v.Take...)
	}
	v.Data = thingOf(p, origin(r)+Path(e), e)
	return h.Kit.Render(w, r, http.StatusOK, "place_page", v)
}

func slugOf(e *place.Entry) string {
	return strconv.FormatInt(int64(e.Number), 10) + "-" + ui.Slug(e.Name)
}

func viewOf(p ui.Page, e *place.Entry) placePage {
	o := openingOf(p, e)
	v := placePage{
		Page: p, Back: p.Back("/lieux?" + backQuery(e)), Name: calm(e.Name), State: o.state, StateBig: o.text, More: o.more,
		Offer: p.T(offerKeys[e.Offer()]), Phone: ui.Phone(e.Phone), Tel: ui.PhoneHref(e.Phone), Booking: e.BookingURL,
		Address: address(e), Approx: e.Approximate, Summary: e.Summary, Detail: paragraphs(e.Description),
	}
	v.Description = strings.Join(append([]string{v.Name}, v.Address...), ", ")
	if !e.Approximate && e.Stands.Known() {
		at := strconv.FormatFloat(e.Stands.Lat, 'f', 6, 64) + "," + strconv.FormatFloat(e.Stands.Lon, 'f', 6, 64)
		v.Map = template.URL("geo:" + at + "?q=" + at) // numbers only
	}
	v.hours(e)
	for _, n := range e.Needs.List() {
		v.Needs = append(v.Needs, p.T("place.need."+string(n)))
	}
	v.Helped = helpedOf(e)
	v.rows(e)
	v.links(e)
	v.space(e.Place)
	v.Except = exceptionsOf(p, e)
	if e.ToCheck {
		v.Check = ui.Message{Kind: ui.Warning, Title: p.T("place.check.title"), Text: p.T("place.check.text")}
	}
	v.Fresh = freshnessOf(p, e.UpdatedOn, e.VerifiedOn, e.Source)
	return v
}

// backQuery leads back to the list around the place.
func backQuery(e *place.Entry) string {
	if e.CommuneCode != "" {
		return "ou=" + e.CommuneCode
	}
	return "ou=" + e.Postcode
}

func address(e *place.Entry) []string {
	var out []string
	for _, line := range []string{calm(e.Place.Address), calm(e.AddressExtra), strings.TrimSpace(e.Postcode + " " + calm(e.Commune))} {
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

func paragraphs(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// hours fills in today and the week, from Monday on.
func (v *placePage) hours(e *place.Entry) {
	h := e.Hours()
	if h == nil {
		v.Written = e.Place.Hours
		return
	}
	today := openinghours.DateOf(v.Now().In(e.Locale().Zone))
	monday := today.Monday()
	v.Week.Compact = true
	seen := map[string]bool{}
	for _, d := range h.Week(e.Locale(), monday) {
		text := spans(v.Page, d.Spans)
		if d.Date == today {
			v.Today = text
		}
		if d.Holiday != "" {
			text += " (" + d.Holiday + ")"
		}
		v.Week.Rows = append(v.Week.Rows, ui.SummaryRow{Term: v.Weekday(d.Date.Weekday()), Value: text, Big: d.Date == today})
		for _, s := range d.Spans {
			if s.Comment != "" && !seen[s.Comment] {
				seen[s.Comment] = true
				v.Notes = append(v.Notes, s.Comment)
			}
		}
	}
}

// spans says the hours of a day: "de 9 h à 12 h et de 14 h à 17 h 30".
func spans(p ui.Page, list []openinghours.Span) string {
	var out []string
	appointment := false
	for _, s := range list {
		if s.State == openinghours.Unknown && (s.Start == 0 || s.End >= 24*60) {
			appointment = true // "sur rendez-vous" all day, around the hours of the others
			continue
		}
		from, to := p.Hour(s.Start/60, s.Start%60), p.Hour(s.End/60%24, s.End%60)
		switch {
		case s.Start == 0 && s.End == 24*60:
			out = append(out, p.T("place.hours.all_day"))
		case s.State == openinghours.Unknown:
			out = append(out, p.T("place.hours.maybe", "From", from, "To", to))
		default:
			out = append(out, p.T("place.hours.span", "From", from, "To", to))
		}
	}
	if appointment {
		out = append(out, p.T("place.hours.appointment"))
	}
	switch len(out) {
	case 0:
		return p.T("place.hours.closed")
	case 1:
		return out[0]
	}
	return p.T("place.hours.and", "First", strings.Join(out[:len(out)-1], ", "), "Last", out[len(out)-1])
}

// helpedOf says the hours of mediation as people do, or as written where they cannot be read.
func helpedOf(e *place.Entry) string {
	h, err := openinghours.Parse(e.MediationHours)
	if err != nil || e.MediationHours == "" {
		return e.MediationHours
	}
	return strings.Join(openinghours.Spoken(h), ", ")
}

// rows fills in what the census says of the help, in the reader's words; what it does not say is left out.
func (v *placePage) rows(e *place.Entry) {
	add := func(to *ui.Summary, key string, list place.List) {
		if list != "" {
			to.Rows = append(to.Rows, ui.SummaryRow{Term: v.T(key), Value: strings.Join(say(v.Page, list), ", ")})
		}
	}
	add(&v.Know, "place.row.support", e.SupportModes)
	add(&v.Know, "place.row.access", e.AccessModes)
	add(&v.Know, "place.row.fees", e.Fees)
	add(&v.Know, "place.row.audiences", e.Audiences)
	add(&v.Know, "place.row.care", e.SpecialCare)
	add(&v.Know, "place.row.enter", e.Access)
	add(&v.Know, "place.row.languages", e.Languages)
	add(&v.Know, "place.row.rooms", e.Rooms)
	switch {
	case e.TakesVoucher():
		v.Know.Rows = append(v.Know.Rows, ui.SummaryRow{Term: v.T("place.row.voucher"), Value: v.T("place.voucher.yes")})
	case e.VoucherRefused:
		v.Know.Rows = append(v.Know.Rows, ui.SummaryRow{Term: v.T("place.row.voucher"), Value: v.T("place.voucher.no")})
	}
	add(&v.Behind, "place.row.itinerance", e.Itinerance)
	add(&v.Behind, "place.row.programmes", e.Programmes)
	add(&v.Behind, "place.row.labels", e.Labels)
	add(&v.Behind, "place.row.parent", place.List(e.ParentOrganisation))
}

// links are the other ways to get in touch; addresses that are no web address are shown as text elsewhere.
func (v *placePage) links(e *place.Entry) {
	for _, mail := range e.Emails.Values() {
		v.Links = append(v.Links, ui.Link{Text: v.T("place.mail", "Address", mail), Href: "mailto:" + mail, Icon: "mail"})
	}
	for _, site := range e.Websites.Values() {
		v.Links = append(v.Links, ui.Link{Text: v.T("place.site", "Host", host(site)), Href: site, Icon: "globe"})
	}
	if e.AccessibilityURL != "" {
		v.Links = append(v.Links, ui.Link{Text: v.T("place.accessibility"), Href: e.AccessibilityURL, Icon: "access"})
	}
}

func host(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		rest = address
	}
	rest, _, _ = strings.Cut(rest, "/")
	return strings.TrimPrefix(rest, "www.")
}
