package notice_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/audit"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/sms/smstest"
	"viaduc/internal/testkit"
)

func TestSilenceLeavesNoTrace(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.work() // the schedules
		tables := []string{"notice_message", "notice_receipt", "notice_preference", "jobs_job", "audit_body"}
		before := map[string]int64{}
		for _, table := range tables {
			before[table] = w.count(`SELECT count(*) FROM ` + table)
		}
		said := w.log.String()
		for _, event := range events() {
			w.send(notice.NewMessage{Event: event.Key, Key: "booking 1", To: somebody, Fields: event.Sample, Path: event.Page + "ABCD", Silent: true})
		}
		if _, err := w.PrintNow(t.Context(), "account:1", notice.NewMessage{Event: reminder, Silent: true}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a slip under silence: %v, want forbidden", err)
		}
		w.work()
		for _, table := range tables {
			if n := w.count(`SELECT count(*) FROM ` + table); n != before[table] {
				t.Errorf("%s has %d rows more", table, n-before[table])
			}
		}
		if w.log.String() != said || len(w.phones.Messages())+len(w.mails.Messages()) != 0 {
			t.Errorf("silence was broken: %s", strings.TrimPrefix(w.log.String(), said))
		}
	})
}

func TestWhoComesUnderSilenceDisappears(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.remind("booking 1", somebody)
		w.work()
		w.remind("booking 2", somebody, func(n *notice.NewMessage) { n.After = w.at("2026-05-05 14:00") })
		w.remind("booking 3", notice.Recipient{Ref: "person:1", Phone: "05 36 49 00 17"})
		w.remind("booking 4", notice.Recipient{Ref: "person:2", Phone: smstest.Good}, func(n *notice.NewMessage) { n.After = w.at("2026-05-05 14:00") })
		spent := w.meter().Spent
		if err := w.write(func(ctx context.Context, tx *db.Tx) error { return w.ForgetTx(ctx, tx, "person:1") }); err != nil {
			t.Fatal(err)
		}
		if n := w.count(`SELECT count(*) FROM notice_message WHERE recipient = 'person:1'`); n != 0 {
			t.Errorf("%d messages still point to the person", n)
		}
		if list, _ := w.CallList(t.Context(), admin, 10); len(list) != 0 {
			t.Errorf("still on the call list: %+v", list)
		}
		w.wait("2026-05-05 14:00")
		w.work()
		if got := w.phones.Messages(); len(got) != 2 {
			t.Errorf("%d texts, want the one before and the other person's", len(got))
		}
		if m := w.meter(); m.Spent != spent+45 {
			t.Errorf("the money is gone with the person: %+v", m)
		}
		w.metersAgree()
		if n := w.count(`SELECT count(*) FROM notice_message WHERE event_key LIKE 'booking%' AND event_key <> 'booking 4'`); n != 0 {
			t.Errorf("%d facts of the person are left", n)
		}
	})
}

func TestStop(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		to := notice.Recipient{Ref: "person:1", Email: "Camille@exemple.example"}
		alert := func(key string) {
			w.send(notice.NewMessage{Event: nearby, Key: key, To: to, Fields: map[string]string{"what": "Un atelier à Rochefort"}})
			w.work()
		}
		alert("workshop 1")
		got := w.mails.Messages()
		if len(got) != 1 {
			t.Fatalf("%d mails", len(got))
		}
		const marker = "Pour ne plus recevoir ces messages : https://viaduc.example/avis/arret/"
		_, after, found := strings.Cut(got[0].Text, marker)
		token, _, _ := strings.Cut(after, "\n")
		if !found || len(token) != 24 {
			t.Fatalf("no stop link in %q", got[0].Text)
		}
		if ok, err := w.Stoppable(t.Context(), token); !ok || err != nil {
			t.Errorf("Stoppable = %v, %v", ok, err)
		}
		alert("workshop 2") // opening the page stops nothing
		if len(w.mails.Messages()) != 2 {
			t.Error("looking at the link stopped the messages")
		}
		if err := w.Stop(t.Context(), "account:1", "faux"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an invented token: %v", err)
		}
		for range 2 {
			if err := w.Stop(t.Context(), audit.System, token); err != nil {
				t.Fatal(err)
			}
		}
		alert("workshop 3")
		if len(w.mails.Messages()) != 2 || len(w.lines()) != 2 {
			t.Errorf("after a stop: %d mails, %v", len(w.mails.Messages()), w.lines())
		}
		p, err := w.Preference(t.Context(), "camille@exemple.example")
		if err != nil || !p.Stopped {
			t.Errorf("preference: %+v, %v", p, err)
		}
		// What is not optional goes another way; what the person asks for passes.
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Email: "camille@exemple.example", Phone: smstest.Good})
		w.send(notice.NewMessage{Event: code, Key: "login 1", To: to, Fields: map[string]string{"code": "123456"}})
		w.work()
		if len(w.phones.Messages()) != 1 || len(w.mails.Messages()) != 3 {
			t.Errorf("%d texts, %d mails, want the reminder by text and the code by mail", len(w.phones.Messages()), len(w.mails.Messages()))
		}
		if n := w.count(`SELECT count(*) FROM notice_preference WHERE contact_hash LIKE '%@%'`); n != 0 {
			t.Error("the preference holds the address")
		}
	})
}

func TestPreferences(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if err := w.SetPreference(t.Context(), "account:1", "06 39 98 00 00", notice.Preference{RatherCall: true, Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		if err := w.SetPreference(t.Context(), "account:1", "n'importe quoi", notice.Preference{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a contact that is none: %v", err)
		}
		if l, err := w.Language(t.Context(), somebody); l != "en" || err != nil {
			t.Errorf("language %q, %v, want en", l, err)
		}
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Phone: smstest.Good})
		if got := w.lines(); !slices.Equal(got, []string{"call by_hand"}) {
			t.Errorf("somebody who wants to be called: %v", got)
		}
		w.remind("booking 2", notice.Recipient{Ref: "person:2", Email: "a@exemple.example", Lang: "en"}, func(n *notice.NewMessage) { n.Fields["when"] = "on Tuesday" })
		w.remind("booking 3", notice.Recipient{Ref: "person:3", Email: "a@exemple.example", Lang: "ar"})
		w.work()
		if got := w.mails.Messages(); got[0].Subject != "Your appointment" || got[1].Subject != "Votre rendez-vous" {
			t.Errorf("subjects: %q and %q, want English, and French for want of Arabic", got[0].Subject, got[1].Subject)
		}
	})
}
