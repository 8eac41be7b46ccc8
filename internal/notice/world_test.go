package notice_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/mail/mailtest"
	"viaduc/internal/platform/sms"
	"viaduc/internal/platform/sms/smstest"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// admin sees every message.
var admin = identity.AtCLI()

// monday is when every scenario begins: no quiet hours, a holiday on Friday.
const monday = "2026-05-04 09:30"

const (
	reminder = "agenda.reminder"   // by text, else by e-mail
	moved    = "agenda.moved"      // by both
	nearby   = "agenda.nearby"     // a subscription
	code     = "identity.code"     // a secret that somebody waits for
	invite   = "identity.invite"   // a secret by e-mail
	mailbox  = "mailbox.statement" // by e-mail alone
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func events() []notice.Event {
	texts := fstest.MapFS{
		"messages/agenda.reminder.fr.txt":   file("== subject\nVotre rendez-vous\n== sms\nRendez-vous {when}. Le voir ou l'annuler : {link}\n== mail\nBonjour {who},\n\nVous avez rendez-vous {when}.\n? Apportez : {bring}\n\nPour le voir ou l'annuler : {link}\n== say\nRappelez le rendez-vous {when}.\n? À apporter : {bring}\n"),
		"messages/agenda.reminder.en.txt":   file("== subject\nYour appointment\n== sms\nAppointment {when}. See or cancel it: {link}\n== mail\nHello {who},\n\nYou have an appointment {when}.\n? Please bring: {bring}\n\nSee or cancel it: {link}\n== say\nRappelez le rendez-vous {when}.\n"),
		"messages/agenda.moved.fr.txt":      file("== subject\nVotre rendez-vous change\n== sms\nVotre rendez-vous est maintenant {when}.\n== mail\nVotre rendez-vous est maintenant {when}.\n== say\nLe rendez-vous est maintenant {when}.\n"),
		"messages/agenda.nearby.fr.txt":     file("== subject\nPrès de chez vous\n== sms\n{what}\n== mail\n{what}\n== say\n{what}\n"),
		"messages/identity.code.fr.txt":     file("== subject\nVotre code\n== sms\nVotre code : {code}. Ne le donnez à personne.\n== mail\nVotre code : {code}. Ne le donnez à personne.\n"),
		"messages/identity.invite.fr.txt":   file("== subject\nVotre invitation\n== mail\nPour entrer : {link}\n"),
		"messages/mailbox.statement.fr.txt": file("== subject\nVotre relevé\n== mail\nVotre relevé est prêt.\n== say\nLe relevé est prêt.\n"),
	}
	both := []notice.Channel{notice.SMS, notice.Email}
	return []notice.Event{
		{
			Key: reminder, Announces: "un rendez-vous dans deux jours", Channels: both, Fields: []string{"who", "when", "bring"}, Texts: texts, Page: "/suivi/", Useful: 48 * time.Hour,
			Sample: map[string]string{"who": "Camille", "when": "mardi 5 mai à 14 h", "bring": "une pièce d'identité"},
		},
		{Key: moved, Announces: "un rendez-vous changé", Channels: both, Fields: []string{"when"}, Texts: texts, Useful: 48 * time.Hour, Every: true, Sample: map[string]string{"when": "mardi 5 mai à 14 h"}},
		{Key: nearby, Announces: "un atelier près de chez soi", Channels: []notice.Channel{notice.Email, notice.SMS}, Fields: []string{"what"}, Texts: texts, Useful: 7 * 24 * time.Hour, Optional: true, Sample: map[string]string{"what": "Atelier"}},
		{Key: code, Announces: "un code", Channels: both, Fields: []string{"code"}, Texts: texts, Useful: 10 * time.Minute, Answer: true, Secret: true, Sample: map[string]string{"code": "123456"}},
		{Key: invite, Announces: "une invitation", Channels: []notice.Channel{notice.Email}, Texts: texts, Page: "/invitation/", Useful: 7 * 24 * time.Hour, Secret: true},
		{Key: mailbox, Announces: "un relevé", Channels: []notice.Channel{notice.Email}, Texts: texts, Useful: 30 * 24 * time.Hour},
	}
}

// world is a service with a real mail server and a gateway's stand-in on loopback, and everything that it logs.
type world struct {
	*notice.Service
	t       *testing.T
	db      *db.DB
	clock   *testkit.Clock
	jobs    *jobs.Queue
	journal *audit.Journal
	mails   *mailtest.Sink
	phones  *smstest.Provider
	log     *testkit.Log
}

func newWorld(t *testing.T, d *db.DB, edit ...func(deps *notice.Deps)) *world {
	t.Helper()
	w := &world{t: t, db: d, clock: testkit.NewClock(t, monday), mails: mailtest.NewSink(t, false), phones: smstest.NewJSON(t), log: &testkit.Log{}}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.journal = audit.New(audit.Deps{DB: d, Now: w.clock.Now, Log: log})
	ground := territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	if err := ground.SaveSite(t.Context(), audit.CLI, territory.Site{Name: "Charente-Maritime", Phone: "05 36 49 00 17"}); err != nil {
		t.Fatal(err)
	}
	if _, err := ground.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.jobs = jobs.New(jobs.Deps{DB: d, Now: w.clock.Now, Log: log})
	post, err := mail.NewSMTP(mail.SMTPSettings{URL: "smtp://" + w.mails.Addr, From: "ne-pas-repondre@viaduc.example", Now: w.clock.Now, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	links, err := notice.NewLinks("https://viaduc.example")
	if err != nil {
		t.Fatal(err)
	}
	zone := w.clock.Now().Location()
	deps := notice.Deps{
		DB: d, Journal: w.journal, Territory: ground, Jobs: w.jobs, Mail: post, Price: 45, Links: links, Key: []byte("key of the test"),
		SMS:     sms.NewJSON(sms.Settings{Address: w.phones.Address, Secret: smstest.Secret, Sender: "VIADUC", Timeout: 5 * time.Second, Requests: http.DefaultTransport}),
		Holiday: func(day time.Time) bool { return day.Month() == time.May && day.Day() == 8 },
		Zone:    func() *time.Location { return zone }, Now: w.clock.Now, Log: log,
	}
	for _, e := range edit {
		e(&deps)
	}
	if w.Service, err = notice.New(deps); err != nil {
		t.Fatal(err)
	}
	if err := w.Register(events()...); err != nil {
		t.Fatal(err)
	}
	return w
}

// onScreen is the embedded default: nothing is set up.
func onScreen(d *notice.Deps) { d.Mail, d.SMS = &mail.Outbox{}, &sms.Outbox{} }

// noGateway is a territory without text messages.
func noGateway(d *notice.Deps) { d.SMS = nil }

// somebody can be reached by everything.
var somebody = notice.Recipient{Ref: "person:1", Email: "camille@exemple.example", Phone: smstest.Good, Postal: "Camille Exemple\n1 rue du Port\n17300 Rochefort"}

func (w *world) remind(key string, to notice.Recipient, edit ...func(n *notice.NewMessage)) {
	w.t.Helper()
	n := notice.NewMessage{
		Event: reminder, Key: key, By: "account:1", To: to, Path: "/suivi/ABCD2345",
		Fields: map[string]string{"who": "Camille", "when": "mardi 5 mai à 14 h", "bring": ""}, Until: w.at("2026-05-06 14:00"),
	}
	for _, e := range edit {
		e(&n)
	}
	w.send(n)
}

func (w *world) send(n notice.NewMessage) {
	w.t.Helper()
	if err := w.Send(w.t.Context(), n); err != nil {
		w.t.Fatal(err)
	}
}

// at is an instant on the territory's clocks.
func (w *world) at(text string) time.Time {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, w.clock.Now().Location())
	if err != nil {
		w.t.Fatal(err)
	}
	return at
}

// wait moves the clock to an instant.
func (w *world) wait(text string) { w.clock.Move(w.at(text).Sub(w.clock.Now())) }

// work runs what is due.
func (w *world) work() {
	w.t.Helper()
	if _, err := w.jobs.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// lines are all messages, oldest first, as "channel state".
func (w *world) lines() []string {
	w.t.Helper()
	got, err := w.Lines(w.t.Context(), admin, notice.Filter{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for i := len(got) - 1; i >= 0; i-- {
		out = append(out, string(got[i].Channel)+" "+string(got[i].State))
	}
	return out
}

// last is the newest message.
func (w *world) last() notice.Line {
	w.t.Helper()
	got, err := w.Lines(w.t.Context(), admin, notice.Filter{Limit: 1})
	if err != nil || len(got) != 1 {
		w.t.Fatalf("last message: %v, %v", got, err)
	}
	return got[0]
}

// results are what happened to a message.
func (w *world) results(id notice.ID) []notice.Result {
	w.t.Helper()
	_, got, err := w.Message(w.t.Context(), admin, id)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []notice.Result
	for _, r := range got {
		out = append(out, r.Result)
	}
	return out
}

func (w *world) meter() notice.Meter {
	w.t.Helper()
	m, err := w.Meter(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// count asks the database for one number.
func (w *world) count(text string) int64 {
	w.t.Helper()
	n, err := db.One(w.t.Context(), w.db, db.Value[int64], text)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) write(fn func(ctx context.Context, tx *db.Tx) error) error {
	return w.db.Write(w.t.Context(), fn)
}

// contactsHeld counts the messages that still hold a contact.
func (w *world) contactsHeld() int64 {
	return w.count(`SELECT count(*) FROM notice_message WHERE email <> '' OR phone <> '' OR postal <> ''`)
}

// dying is a gateway during whose first message the process dies.
type dying struct {
	sms.Gateway
	died bool
}

func (g *dying) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	r, err := g.Gateway.Send(ctx, m)
	if !g.died {
		g.died = true
		panic("the process dies here")
	}
	return r, err
}
