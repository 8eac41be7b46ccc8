package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
)

// pageLines is how many messages a page of the list shows.
const pageLines = 25

// listPage is the view of /pro/messages: what became of the messages that one may see.
type listPage struct {
	ui.Page
	Filters  ui.Filters
	Counts   string
	Messages ui.Table
	More     string
}

func (h *Handlers) list(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	q := r.URL.Query()
	f := notice.Filter{State: notice.State(q.Get("etat")), Before: cursorOf(q.Get("avant")), Limit: pageLines + 1}
	if f.State.French() == "" {
		f.State = ""
	}
	lines, err := h.Notices.Lines(r.Context(), by, f)
	if err != nil {
		return err
	}
	counts, err := h.Notices.Counts(r.Context(), by)
	if err != nil {
		return err
	}
	v := listPage{Page: h.Kit.Page(r, "Les messages")}
	states := ui.Choices{Name: "etat", Legend: "Où en sont-ils ?", Options: []ui.Option{{Label: "Tous les messages", Checked: f.State == ""}}}
	for _, s := range notice.States() {
		label := s.French() + " (" + v.Number(int(counts[s])) + ")"
		states.Options = append(states.Options, ui.Option{Value: string(s), Label: label, Checked: s == f.State})
	}
	v.Filters = ui.Filters{Action: "/pro/messages", Label: "Choisir des messages", Button: "Montrer", Selects: []ui.Choices{states}}
	v.Messages = ui.Table{Caption: "Les messages, les derniers d'abord", Columns: []string{"Quoi", "Pour qui", "Comment", "Quand", "Où en est-il"}, Empty: "Aucun message."}
	for _, l := range lines[:min(len(lines), pageLines)] {
		v.Messages.Rows = append(v.Messages.Rows, []ui.Cell{
			{Text: l.Announces, Href: "/pro/messages/" + string(l.ID)}, {Text: cmp.Or(h.Who(r, by, l.Recipient), "—")}, {Text: l.Channel.French()}, {Text: v.Moment(l.CreatedAt)},
			{Tag: tagOf(l.State)},
		})
	}
	if len(lines) > pageLines {
		last := lines[pageLines-1]
		v.More = "/pro/messages?" + url.Values{"etat": {string(f.State)}, "avant": {cursorText(last)}}.Encode()
	}
	return h.Kit.Render(w, r, http.StatusOK, "notice_list", v)
}

// cursorText is where a page of the list ended, for an address.
func cursorText(l notice.Line) string {
	return strconv.FormatInt(db.Micros(l.CreatedAt), 10) + "." + string(l.ID)
}

// cursorOf reads cursorText; what is none is the beginning.
func cursorOf(text string) notice.Cursor {
	micros, id, ok := strings.Cut(text, ".")
	at, err := strconv.ParseInt(micros, 10, 64)
	if !ok || err != nil {
		return notice.Cursor{}
	}
	return notice.Cursor{At: db.Time(at), ID: notice.ID(id)}
}

// stateKinds are the colours of states that are not neutral.
var stateKinds = map[notice.State]string{notice.Told: ui.Success, notice.Failed: ui.Failure, notice.ExpiredAt: ui.Warning, notice.ByHand: ui.Warning}

func tagOf(s notice.State) ui.Tag { return ui.Tag{Text: s.French(), Kind: stateKinds[s]} }

// messagePage is the view of one message: what happened to it, without what it said.
type messagePage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Heading string
	Sheet   ui.Summary
	Steps   ui.Table
	Action  string // where "send again" is posted; "" when it cannot be
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	l, receipts, err := h.Notices.Message(r.Context(), by, notice.ID(r.PathValue("message")))
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Un message")
	v := messagePage{Page: p, Back: p.Back("/pro/messages"), Said: said(r), Heading: upperFirst(l.Announces)}
	v.Sheet.Rows = []ui.SummaryRow{
		{Term: "Pour qui", Value: cmp.Or(h.Who(r, by, l.Recipient), "une personne sans compte, ou que vous n'avez pas à connaître")},
		{Term: "Comment", Value: l.Channel.French()}, {Term: "Où en est-il", Value: l.State.French()}, {Term: "Préparé", Value: p.Moment(l.CreatedAt)},
		{Term: "Utile jusqu'au", Value: p.Moment(l.Until)},
	}
	v.Steps = ui.Table{Caption: "Ce qui s'est passé", Columns: []string{"Quand", "Quoi", "Détail"}, Empty: "Rien encore : le message attend son tour."}
	for _, step := range receipts {
		v.Steps.Rows = append(v.Steps.Rows, []ui.Cell{{Text: p.Moment(step.At)}, {Text: step.Result.French()}, {Text: cmp.Or(step.Error, "—")}})
	}
	if (l.State == notice.Failed || l.State == notice.Waiting && l.Failures > 0) && p.Now().Before(l.Until) {
		v.Action = "/pro/messages/" + string(l.ID)
	}
	return h.Kit.Render(w, r, http.StatusOK, "notice_message", v)
}

func upperFirst(s string) string {
	for i, c := range s {
		if i == 0 {
			return strings.ToUpper(string(c)) + s[len(string(c)):]
		}
	}
	return s
}

func (h *Handlers) retry(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	id := r.PathValue("message")
	if err := h.Notices.Retry(r.Context(), by, notice.ID(id)); err != nil {
		return err
	}
	return done(w, r, "/pro/messages/"+id, "relance")
}

// settingsPage is the view of /pro/admin/messages.
type settingsPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	Meter  ui.Summary
	Cap    ui.Field
	Events []eventText
	Screen bool // nothing is set up to send: the messages are here
	Outbox []shown
}

// eventText is what an event says, with an invented example.
type eventText struct{ Announces, Subject, Mail, SMS, Say string }

// shown is a message that went to the screen.
type shown struct{ At, To, Channel, Subject, Text string }

func (h *Handlers) settings(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderSettings(w, r, by, "", ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Les messages du site"))
}

func (h *Handlers) renderSettings(w http.ResponseWriter, r *http.Request, by identity.Actor, typed string, f ui.Refused, p ui.Page) error {
	meter, err := h.Notices.Meter(r.Context())
	if err != nil {
		return err
	}
	v := settingsPage{Page: p, Back: p.Back("/pro/admin"), Said: said(r), Errors: f.Summary, Screen: h.Notices.OnScreen()}
	v.Meter.Rows = []ui.SummaryRow{
		{Term: "Mois", Value: monthText(p, meter.Month)}, {Term: "SMS envoyés", Value: p.Number(int(meter.Messages))},
		{Term: "Dépensé", Value: notice.Euros(meter.Spent.Cents())}, {Term: "Plafond", Value: notice.Euros(meter.Cap)},
	}
	v.Cap = ui.Field{
		Name: "cap", Label: "Plafond de chaque mois, en euros", Hint: "Exemple : 50 ou 99,90. Au plafond, les messages partent par e-mail, ou la personne est à appeler.",
		Value: cmp.Or(typed, strings.TrimSuffix(notice.Euros(meter.Cap), " €")), Short: true, InputMode: "decimal", Error: f.Of("cap"),
	}
	for _, e := range h.Notices.Events() {
		text, err := h.Notices.Preview(e.Key, i18n.French)
		if err != nil {
			return err
		}
		v.Events = append(v.Events, eventText{Announces: upperFirst(e.Announces), Subject: text.Subject, Mail: text.Mail, SMS: text.SMS, Say: text.Say})
	}
	if v.Screen {
		if v.Outbox, err = h.outbox(r, by, p); err != nil {
			return err
		}
	}
	return h.Kit.Render(w, r, f.Status, "notice_settings", v)
}

// outboxSize is how many messages the screen shows where nothing sends them.
const outboxSize = 20

func (h *Handlers) outbox(r *http.Request, by identity.Actor, p ui.Page) ([]shown, error) {
	list, err := h.Notices.Outbox(r.Context(), by, outboxSize)
	out := make([]shown, 0, len(list))
	for _, m := range list {
		out = append(out, shown{At: p.Moment(m.At), To: m.To, Channel: m.Channel.French(), Subject: m.Subject, Text: m.Text})
	}
	return out, err
}

// monthText says "2026-05" as people do.
func monthText(p ui.Page, month string) string {
	day, err := time.Parse("2006-01-02", month+"-02")
	if err != nil {
		return month
	}
	_, words, _ := strings.Cut(p.DateLong(day), "\u00a0") // "samedi 2\u00a0mai 2026"
	return words
}

func (h *Handlers) setCap(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	typed := strings.TrimSpace(r.PostFormValue("cap"))
	cents, err := notice.ParseEuros(typed)
	if err == nil {
		err = h.Notices.SetCap(r.Context(), by, cents)
	}
	if err == nil {
		return done(w, r, "/pro/admin/messages", "plafond")
	}
	p := h.Kit.Page(r, "Les messages du site")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderSettings(w, r, by, typed, refused, p)
}
