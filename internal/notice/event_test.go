package notice_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/sms"
	"viaduc/internal/platform/sms/smstest"
	"viaduc/internal/testkit"
)

func TestEventsThatAreNotWholeAreRefused(t *testing.T) {
	const whole = "== subject\nVotre visite\n== sms\nVisite {when} : {link}\n== mail\nVisite {when} : {link}\n== say\nVisite {when}.\n"
	good := notice.Event{
		Key: "agenda.visit", Announces: "une visite", Channels: []notice.Channel{notice.SMS, notice.Email}, Fields: []string{"when"},
		Page: "/suivi/", Useful: time.Hour, Sample: map[string]string{"when": "mardi"},
	}
	text := func(from, to string) func(e *notice.Event) {
		return func(e *notice.Event) {
			e.Texts = fstest.MapFS{"messages/agenda.visit.fr.txt": file(strings.Replace(whole, from, to, 1))}
		}
	}
	w := newWorld(t, testkit.SQLite(t))
	for name, spoil := range map[string]func(e *notice.Event){
		"a key without module":     func(e *notice.Event) { e.Key = "visit" },
		"a key with a space":       func(e *notice.Event) { e.Key = "agenda.a visit" },
		"nothing announced":        func(e *notice.Event) { e.Announces = "" },
		"no channel":               func(e *notice.Event) { e.Channels = nil },
		"a channel of people":      func(e *notice.Event) { e.Channels = []notice.Channel{notice.Call} },
		"no duration":              func(e *notice.Event) { e.Useful = 0 },
		"a page that is none":      func(e *notice.Event) { e.Page = "https://x" },
		"no sample":                func(e *notice.Event) { e.Sample = nil },
		"a sample too many":        func(e *notice.Event) { e.Sample = map[string]string{"when": "a", "b": "c"} },
		"a field that is built in": func(e *notice.Event) { e.Fields, e.Sample = []string{"link"}, map[string]string{"link": "x"} },
		"a field that no text names": func(e *notice.Event) {
			e.Fields, e.Sample = []string{"when", "b"}, map[string]string{"when": "a", "b": "c"}
		},
		"awaited and optional":          func(e *notice.Event) { e.Answer, e.Optional = true, true },
		"no texts":                      func(e *notice.Event) { e.Texts = fstest.MapFS{} },
		"an unknown field":              text("{when}", "{whem}"),
		"a name in the subject":         text("Votre visite", "Visite de {when}"),
		"a long subject":                text("Votre visite", strings.Repeat("Visite ", 10)),
		"two lines of subject":          text("Votre visite", "Votre\nvisite"),
		"a section missing":             text("== say\nVisite {when}.\n", ""),
		"an empty section":              text("Visite {when}.\n", "\n"),
		"a section unknown":             text("== say", "== html\nx\n== say"),
		"an address written out":        text("{link}", "https://viaduc.example"),
		"a text message that is a book": text("Visite {when}", strings.Repeat("Visite longue {when} ", 14)),
		"a secret read out by a person": func(e *notice.Event) { e.Secret = true },
		"no page, but a link":           func(e *notice.Event) { e.Page = "" },
	} {
		e := good
		text("", "")(&e)
		spoil(&e)
		if err := w.Register(e); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	text("", "")(&good)
	if err := w.Register(good); err != nil {
		t.Errorf("the whole one: %v", err)
	}
	if err := w.Register(good); err == nil {
		t.Error("an event was declared twice")
	}
	if n := len(w.Events()); n != len(events())+1 {
		t.Errorf("%d events are listed, want %d", n, len(events())+1)
	}
}

// P8: after everything that can happen to messages, nothing outside them names a person, a contact, a token or a text.
func TestNothingOutsideMessagesNamesAnybody(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.mails.Refuse = func(to string) (int, string) {
			if strings.HasPrefix(to, "refus") {
				return 550, "<" + to + "> Camille does not live here"
			}
			return 0, ""
		}
		for i, phone := range []string{smstest.Good, smstest.Refused, smstest.Broken, smstest.Credit, smstest.Busy, smstest.Stopped, smstest.Garbled} {
			to := notice.Recipient{Ref: "person:" + string(rune('a'+i)), Phone: phone, Email: "refus@exemple.example", Postal: "Camille Exemple\n1 rue du Port"}
			w.remind("booking", to)
			w.send(notice.NewMessage{Event: code, Key: "login", To: to, Fields: map[string]string{"code": "918273"}})
			w.send(notice.NewMessage{Event: nearby, Key: "workshop", To: to, Fields: map[string]string{"what": "Atelier de Camille"}})
			w.send(notice.NewMessage{Event: invite, Key: "invitation", To: to, Path: "/invitation/SECRET22"})
		}
		for range 30 {
			w.work()
			w.clock.Move(2 * time.Hour)
		}
		list, err := w.CallList(t.Context(), admin, 100)
		if err != nil || len(list) == 0 {
			t.Fatalf("the scenario called for nobody: %v", err)
		}
		for _, c := range list {
			if err := w.Called(t.Context(), admin, c.ID, true); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SetPreference(t.Context(), "account:1", "refus@exemple.example", notice.Preference{Stopped: true}); err != nil {
			t.Fatal(err)
		}
		secrets := []string{"Camille", "exemple.example", "6399800", "rue du Port", "918273", "SECRET22", "/avis/arret", smstest.Secret, "Atelier"}
		outside := map[string]string{
			"the log":     w.log.String(),
			"the journal": w.dump(`SELECT coalesce(actor, '') || ' ' || action || ' ' || object_kind || ' ' || object_id || ' ' || detail FROM audit_body WHERE action LIKE 'notice.%'`),
			"the jobs":    w.dump(`SELECT kind || ' ' || unique_key || ' ' || payload || ' ' || error FROM jobs_job`),
			"receipts":    w.dump(`SELECT result || ' ' || provider || ' ' || provider_id || ' ' || error || ' ' || actor FROM notice_receipt`),
			"preferences": w.dump(`SELECT contact_hash || ' ' || lang FROM notice_preference`),
			"the lists":   w.dump(`SELECT event || ' ' || event_key || ' ' || recipient || ' ' || contact_hash || ' ' || stop_hash || ' ' || actor FROM notice_message`),
		}
		for where, text := range outside {
			if len(text) < 20 {
				t.Errorf("%s says nothing: %q", where, text)
			}
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Errorf("%s names %q", where, s)
				}
			}
		}
		for _, m := range w.mails.Messages() {
			for _, s := range secrets {
				if strings.Contains(m.Subject, s) {
					t.Errorf("a subject names %q", s)
				}
			}
		}
	})
}

// dump joins the rows of a query of one text column.
func (w *world) dump(query string) string {
	w.t.Helper()
	rows, err := db.All(w.t.Context(), w.db, db.Value[string], query)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}

// A node that dies between the gateway and the database leaves a reservation; the message is sent again, under the same
// reference, rather than not at all.
func TestANodeDiesWhileItSends(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, func(deps *notice.Deps) { deps.SMS = &dying{Gateway: deps.SMS} })
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Phone: smstest.Good})
		w.work()
		if got := w.lines(); got[0] != "sms waiting" {
			t.Fatalf("after the death: %v", got)
		}
		w.clock.Move(time.Minute)
		w.work()
		got := w.phones.Messages()
		if len(got) != 2 || got[0].Ref != got[1].Ref || w.last().State != notice.Told {
			t.Errorf("%+v, %+v", got, w.last())
		}
		if m := w.meter(); m.Spent != 90 {
			t.Errorf("both may be billed, the meter says %+v", m)
		}
		w.metersAgree()
	})
}

// A gateway that does not answer in time is a failure like others; so near the fact, people tell it instead.
func TestAGatewayThatDoesNotAnswer(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, func(deps *notice.Deps) { deps.SMS = &sluggish{} })
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Phone: smstest.Good}, func(n *notice.NewMessage) { n.Until = w.at("2026-05-04 13:00") })
		w.work()
		if got := w.lines(); !slices.Equal(got, []string{"sms diverted", "call by_hand"}) {
			t.Errorf("%v", got)
		}
		w.metersAgree()
	})
}

// sluggish is a gateway that never answers in time.
type sluggish struct{ sms.Outbox }

func (g *sluggish) Send(ctx context.Context, _ sms.Message) (sms.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	return sms.Receipt{}, ctx.Err()
}
