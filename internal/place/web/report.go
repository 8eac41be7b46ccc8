package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/id"
	"viaduc/internal/ui"
)

// A resident reports an error in two short pages, without an account: what is wrong (an address that one can go back to),
// then details and how to reach her, both as she likes. What she writes travels in the body of a form only, never in an
// address.

// The parts of the addresses and forms of a report.
const (
	reportEnd  = "/signaler"
	thanksEnd  = "/signaler/merci"
	topicField = "quoi"
	stepField  = "etape"
	textField  = "precision"
	reachField = "contact"
	trapField  = "adresse-du-site" // people do not see it, programs fill it in
	refField   = "numero"
)

// maxReportBody bounds the form in bytes: a thousand letters of any script, and the rest.
const maxReportBody = 32 << 10

// Limits of one sender: enough for a helper who goes through a whole list, too little to flood the team.
const (
	reportBurst = 10
	reportEvery = 5 * time.Minute
)

// topicWords are the topics in addresses.
var topicWords = map[place.Topic]string{
	place.WrongHours: "horaires", place.WrongAddress: "adresse", place.WrongContact: "contact", place.WrongHelp: "aide", place.Gone: "ferme", place.OtherTopic: "autre",
}

// reportTopics is the view of the first page: what is wrong.
type reportTopics struct {
	ui.Page
	Back    ui.Back
	Problem ui.ErrorSummary
	Steps   ui.Steps
	Name    string
	Action  string
	Topics  ui.Choices
}

// reportDetails is the view of the second page: details, and how to reach who writes.
type reportDetails struct {
	ui.Page
	Back    ui.Back
	Problem ui.ErrorSummary
	Steps   ui.Steps
	Name    string
	Action  string
	Chosen  ui.Summary
	Hidden  []ui.Hidden
	Text    ui.Field
	Reach   ui.Field
	Trap    string // name of the field that people do not see
}

// reportThanks is the view of the last page: the reference, and what happens now.
type reportThanks struct {
	ui.Page
	Done  ui.Confirmation
	Links []ui.Link
}

// showReport shows the first page, or the second once something was chosen.
func (h *Handlers) showReport(w http.ResponseWriter, r *http.Request) error {
	e, p, err := h.reported(w, r, reportEnd)
	if e == nil {
		return err
	}
	in := r.URL.Query()
	topics := topicsOf(in[topicField])
	switch {
	case in.Get(stepField) == "2" && len(topics) > 0:
		return h.Kit.Render(w, r, http.StatusOK, "report_details", detailsView(p, e, place.NewReport{Topics: topics}))
	case in.Get(stepField) == "2":
		return h.chooseTopics(w, r, p, e)
	}
	return h.Kit.Render(w, r, http.StatusOK, "report_topics", topicsView(p, e, topics))
}

// chooseTopics shows the first page again, for who chose nothing.
func (h *Handlers) chooseTopics(w http.ResponseWriter, r *http.Request, p ui.Page, e *place.Entry) error {
	v := topicsView(p, e, nil)
	v.Page.Problem = true
	v.Topics.Error = v.T("place.report.topics_missing")
	v.Problem = v.ErrorSummary(ui.FieldError{Field: v.Topics.Key(), Text: v.Topics.Error})
	return h.Kit.Render(w, r, http.StatusUnprocessableEntity, "report_topics", v)
}

// sendReport keeps a report and leads to its reference.
func (h *Handlers) sendReport(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxReportBody)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "place.report.unreadable")
	}
	p := reportPage(h.Kit.Page(r, ""), e)
	w.Header().Set("Cache-Control", "no-store") // the page may hold what she wrote
	in := place.NewReport{
		Place: e.Number, Topics: topicsOf(r.PostForm[topicField]), Text: r.PostForm.Get(textField), Contact: r.PostForm.Get(reachField),
	}
	switch {
	case len(in.Topics) == 0:
		return h.chooseTopics(w, r, p, e)
	case r.PostForm.Get(trapField) != "":
		return h.refuseReport(w, r, http.StatusUnprocessableEntity, detailsView(p, e, in), ui.FieldError{Text: p.T("place.report.refused")})
	}
	if err := in.Check(e.Postcode); err != nil {
		return h.correctReport(w, r, detailsView(p, e, in), err)
	}
	if !h.senders.Allow(httpx.Client(r)) {
		w.Header().Set("Retry-After", "900")
		return h.refuseReport(w, r, http.StatusTooManyRequests, detailsView(p, e, in), ui.FieldError{Text: p.T("place.report.too_many")})
	}
	reference, err := h.Places.Report(r.Context(), in)
	if err != nil {
		return err
	}
	http.Redirect(w, r, p.Path(Path(e)+thanksEnd+"?"+url.Values{refField: {reference}}.Encode()), http.StatusSeeOther)
	return nil
}

// correctReport shows the second page again with what must be put right beside each answer.
func (h *Handlers) correctReport(w http.ResponseWriter, r *http.Request, v reportDetails, err error) error {
	refused, ok := fault.As(err)
	if !ok || refused.Kind != fault.Invalid {
		return err
	}
	var errs []ui.FieldError
	for _, f := range []struct {
		name  string
		field *ui.Field
	}{{"text", &v.Text}, {"contact", &v.Reach}} {
		if m, ok := refused.Fields[f.name]; ok {
			f.field.Error = v.T(m.Key, m.Args...)
			errs = append(errs, ui.FieldError{Field: f.field.Key(), Text: f.field.Error})
		}
	}
	return h.refuseReport(w, r, http.StatusUnprocessableEntity, v, errs...)
}

func (h *Handlers) refuseReport(w http.ResponseWriter, r *http.Request, status int, v reportDetails, errs ...ui.FieldError) error {
	v.Page.Problem = true
	v.Problem = v.ErrorSummary(errs...)
	return h.Kit.Render(w, r, status, "report_details", v)
}

// showThanks shows the reference of a report that was kept; any other is an unknown page.
func (h *Handlers) showThanks(w http.ResponseWriter, r *http.Request) error {
	e, p, err := h.reported(w, r, thanksEnd)
	if e == nil {
		return err
	}
	reference, ok := id.ParseReference(r.URL.Query().Get(refField))
	if ok {
		if ok, err = h.Places.HasReport(r.Context(), e.Number, reference); err != nil {
			return err
		}
	}
	if !ok {
		return fault.New(fault.NotFound, "place.report.no_reference")
	}
	v := reportThanks{Page: p, Done: p.Confirmation(p.T("place.report.done"), reference, p.T("place.report.done.keep"))}
	v.Title = v.Done.Title
	v.Links = []ui.Link{
		{Text: p.T("place.report.done.back"), Href: p.Path(Path(e)), Icon: "map"},
		{Text: p.T("place.report.done.list"), Href: p.Path("/lieux?" + backQuery(e)), Icon: "search"},
	}
	return h.Kit.Render(w, r, http.StatusOK, "report_thanks", v)
}

// reported finds the place of a page that stands under its page, at end. Where the address has an old name, it sends the
// reader to the present one and returns no entry and no error.
func (h *Handlers) reported(w http.ResponseWriter, r *http.Request, end string) (*place.Entry, ui.Page, error) {
	e, err := h.entry(r)
	if err != nil {
		return nil, ui.Page{}, err
	}
	p := reportPage(h.Kit.Page(r, ""), e)
	w.Header().Set("X-Robots-Tag", "noindex")
	if r.PathValue("slug") != slugOf(e) {
		to := url.URL{Path: p.Path(Path(e) + end), RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), http.StatusMovedPermanently)
		return nil, p, nil
	}
	return e, p, nil
}

func reportPage(p ui.Page, e *place.Entry) ui.Page {
	p.Title = p.T("place.report.title", "Name", calm(e.Name))
	return p
}

func topicsOf(words []string) []place.Topic {
	var out []place.Topic
	for _, t := range place.Topics() {
		if slices.Contains(words, topicWords[t]) {
			out = append(out, t)
		}
	}
	return out
}

func topicsView(p ui.Page, e *place.Entry, chosen []place.Topic) reportTopics {
	v := reportTopics{Page: p, Back: p.Back(Path(e)), Steps: p.Steps(1, 2), Name: calm(e.Name), Action: p.Path(Path(e) + reportEnd)}
	v.Topics = ui.Choices{Name: topicField, Legend: p.T("place.report.what"), Hint: p.T("place.report.what.hint"), Heading: true}
	for _, t := range place.Topics() {
		v.Topics.Options = append(v.Topics.Options, ui.Option{Value: topicWords[t], Label: topicName(p, t), Checked: slices.Contains(chosen, t)})
	}
	return v
}

func topicName(p ui.Page, t place.Topic) string { return p.T("place.report.topic." + string(t)) }

func detailsView(p ui.Page, e *place.Entry, in place.NewReport) reportDetails {
	query := url.Values{}
	v := reportDetails{Page: p, Steps: p.Steps(2, 2), Name: calm(e.Name), Action: p.Path(Path(e) + reportEnd), Trap: trapField}
	var names []string
	for i, t := range in.Topics {
		name := topicName(p, t)
		if i > 0 { // "Les horaires, l'adresse"
			first, size := utf8.DecodeRuneInString(name)
			name = string(unicode.ToLower(first)) + name[size:]
		}
		names = append(names, name)
		query.Add(topicField, topicWords[t])
		v.Hidden = append(v.Hidden, ui.Hidden{Name: topicField, Value: topicWords[t]})
	}
	first := Path(e) + reportEnd + "?" + query.Encode()
	v.Back = p.Back(first)
	v.Chosen.Rows = []ui.SummaryRow{p.Row(p.T("place.report.chosen"), strings.Join(names, ", "), first)}
	v.Text = ui.Field{
		Name: textField, Label: p.T("place.report.text"), Hint: p.T("place.report.text.hint"), Value: in.Text, Optional: p.Optional(), Rows: 4,
	}
	if len(in.Topics) == 1 {
		v.Text.Label = p.T("place.report.text." + string(in.Topics[0]))
		if in.Topics[0] == place.OtherTopic {
			v.Text.Optional = ""
		}
	}
	v.Reach = ui.Field{
		Name: reachField, Label: p.T("place.report.contact"), Hint: p.T("place.report.contact.hint"), Value: in.Contact, Optional: p.Optional(), MaxLength: place.MaxReportContact,
	}
	return v
}
