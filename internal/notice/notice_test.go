package notice_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/sms/smstest"
	"viaduc/internal/testkit"
)

func TestATextIsSentAndItsDeliveryFollowed(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.remind("booking 1", somebody)
		if n := len(w.phones.Messages()); n != 0 {
			t.Fatalf("%d texts left before any worker ran", n)
		}
		w.work()
		got := w.phones.Messages()
		want := "Rendez-vous mardi 5 mai à 14 h. Le voir ou l'annuler : https://viaduc.example/suivi/ABCD2345"
		if len(got) != 1 || got[0].Text != want || got[0].To != smstest.Good || len(w.mails.Messages()) != 0 {
			t.Fatalf("texts: %+v, want %q alone", got, want)
		}
		m := w.last()
		if m.State != notice.Told || m.Announces != "un rendez-vous dans deux jours" || m.Recipient != "person:1" || got[0].Ref != string(m.ID) {
			t.Errorf("message: %+v", m)
		}
		if w.contactsHeld() != 1 {
			t.Error("the contacts went before the delivery was known")
		}
		w.phones.Deliver("m-1", "delivered")
		w.clock.Move(5 * time.Minute)
		w.work()
		if got, want := w.results(m.ID), []notice.Result{notice.Reserved, notice.Sent, notice.Delivered}; !slices.Equal(got, want) {
			t.Errorf("receipts: %v, want %v", got, want)
		}
		if w.contactsHeld() != 0 {
			t.Error("contacts are kept after the delivery")
		}
		if m := w.meter(); m.Spent != 45 || m.Segments != 1 || m.Messages != 1 || m.Cap != 5000 || m.Month != "2026-05" {
			t.Errorf("meter: %+v", m)
		}
	})
}

func TestAnEmailHasAFixedSubjectAndAFrame(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Email: "camille@exemple.example"}, func(n *notice.NewMessage) { n.Fields["bring"] = "une\npièce" })
		w.work()
		got := w.mails.Messages()
		if len(got) != 1 || got[0].Subject != "Votre rendez-vous" || got[0].To != "camille@exemple.example" {
			t.Fatalf("mails: %+v", got)
		}
		want := "Bonjour Camille,\n\nVous avez rendez-vous mardi 5 mai à 14 h.\nApportez : une pièce\n\n" +
			"Pour le voir ou l'annuler : https://viaduc.example/suivi/ABCD2345\n\n--\nCharente-Maritime\nVous préférez le téléphone ? 05 36 49 00 17\n" +
			"Ce message est envoyé par un automate. N'y répondez pas.\n"
		if got[0].Text != want {
			t.Errorf("text:\n%q\nwant\n%q", got[0].Text, want)
		}
		if id := got[0].Header["Message-Id"]; len(id) != 1 || id[0] != "<"+string(w.last().ID)+"@viaduc.example>" {
			t.Errorf("Message-ID %q", id)
		}
		if w.contactsHeld() != 0 {
			t.Error("the address is kept after the e-mail was sent")
		}
	})
}

func TestAPersonIsToldOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() { w.remind("booking 1", somebody) })
		}
		callers.Wait()
		w.work()
		w.remind("booking 1", somebody)
		w.work()
		if n := len(w.phones.Messages()); n != 1 {
			t.Errorf("told %d times, want once", n)
		}
		w.remind("booking 1, moved", somebody)
		other := somebody
		other.Ref = "person:2" // two people share a telephone: each is told
		w.remind("booking 1", other)
		w.work()
		if n := len(w.phones.Messages()); n != 3 {
			t.Errorf("%d texts, want one more for another fact and one for another person", n)
		}
	})
}

func TestEveryChannelOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for range 2 {
			w.send(notice.NewMessage{Event: moved, Key: "booking 1", To: somebody, Fields: map[string]string{"when": "mercredi"}})
			w.work()
		}
		if len(w.phones.Messages()) != 1 || len(w.mails.Messages()) != 1 {
			t.Errorf("%d texts and %d mails, want one of each", len(w.phones.Messages()), len(w.mails.Messages()))
		}
		// At the cap the e-mail that left already is enough.
		if err := w.SetCap(t.Context(), admin, 0); err != nil {
			t.Fatal(err)
		}
		w.send(notice.NewMessage{Event: moved, Key: "booking 2", To: somebody, Fields: map[string]string{"when": "jeudi"}})
		w.work()
		if got, want := w.lines()[2:], []string{"sms diverted", "email told"}; !slices.Equal(sorted(got), sorted(want)) {
			t.Errorf("at the cap: %v, want %v", got, want)
		}
	})
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func TestQuietHoursPostponeButNeverBeyondTheFact(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.wait("2026-05-04 21:00")
		phone := notice.Recipient{Ref: "person:1", Phone: smstest.Good}
		w.remind("in the afternoon", phone, func(n *notice.NewMessage) { n.Until = w.at("2026-05-05 14:00") })
		w.remind("at dawn", phone, func(n *notice.NewMessage) { n.Until = w.at("2026-05-05 07:30") })
		w.send(notice.NewMessage{Event: code, Key: "login 1", To: phone, Fields: map[string]string{"code": "123456"}})
		w.work()
		if got := w.phones.Messages(); len(got) != 1 || !strings.Contains(got[0].Text, "123456") {
			t.Fatalf("at night left %+v, want only what somebody waits for", got)
		}
		if list, err := w.CallList(t.Context(), admin, 10); err != nil || len(list) != 1 || !list[0].Until.Equal(w.at("2026-05-05 07:30")) {
			t.Errorf("call list: %+v, %v, want the one that cannot wait", list, err)
		}
		w.wait("2026-05-05 07:59")
		w.work()
		if n := len(w.phones.Messages()); n != 1 {
			t.Errorf("%d texts before eight", n)
		}
		w.wait("2026-05-05 08:00")
		w.work()
		if n := len(w.phones.Messages()); n != 2 {
			t.Errorf("%d texts at eight, want the postponed one too", n)
		}
		// Thursday evening, before a holiday: it waits for Saturday.
		w.wait("2026-05-07 20:30")
		w.remind("next week", phone, func(n *notice.NewMessage) { n.Until = w.at("2026-05-12 14:00") })
		w.work()
		w.wait("2026-05-08 12:00")
		w.work()
		if n := len(w.phones.Messages()); n != 2 {
			t.Errorf("%d texts on a holiday", n)
		}
		w.wait("2026-05-09 08:00")
		w.work()
		if n := len(w.phones.Messages()); n != 3 {
			t.Errorf("%d texts on Saturday, want it sent", n)
		}
		if got := w.results(w.last().ID); !slices.Equal(got, []notice.Result{notice.Postponed, notice.Reserved, notice.Sent}) {
			t.Errorf("receipts: %v", got)
		}
	})
}

func TestFailuresAreRetriedThenGoAnotherWay(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Phone: smstest.Broken})
		w.work()
		m := w.last()
		if m.State != notice.Waiting || m.Failures != 1 {
			t.Fatalf("after a failure: %+v", m)
		}
		for _, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
			w.clock.Move(pause - time.Second)
			w.work()
			was := w.last().Failures
			w.clock.Move(time.Second)
			w.work()
			if got := w.last().Failures; got != was+1 {
				t.Errorf("%d failures after %s more, want %d", got, pause, was+1)
			}
		}
		if spent := w.meter().Spent; spent != 0 {
			t.Errorf("failures cost %d", spent)
		}
		w.wait("2026-05-05 08:00") // the night is quiet
		for range 54 {
			w.clock.Move(30 * time.Minute)
			w.work()
		}
		if got, want := w.lines(), []string{"sms diverted", "call by_hand"}; !slices.Equal(got, want) {
			t.Fatalf("three hours before the fact: %v, want %v", got, want)
		}
		if r := w.results(m.ID); r[len(r)-1] != notice.GaveUp {
			t.Errorf("receipts: %v", r)
		}
		w.metersAgree()
	})
}

func TestWhatAProviderRefusesGoesAnotherWayAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		for phone, want := range map[string]notice.Result{smstest.Refused: notice.Refused, smstest.Stopped: notice.Refused, smstest.Credit: notice.NoCredit} {
			t.Run(string(want)+phone[9:], func(t *testing.T) {
				w := newWorld(t, d)
				to := notice.Recipient{Ref: "person:" + phone, Phone: phone, Email: "camille@exemple.example"}
				w.remind("booking", to)
				w.work()
				if n := len(w.mails.Messages()); n != 1 {
					t.Errorf("%d mails instead, want 1", n)
				}
				lines, err := w.Lines(t.Context(), admin, notice.Filter{Recipient: to.Ref})
				if err != nil || len(lines) != 2 {
					t.Fatalf("%+v, %v", lines, err)
				}
				r := w.results(lines[1].ID)
				if !slices.Equal(r, []notice.Result{notice.Reserved, want}) {
					t.Errorf("receipts: %v, want reserved and %s", r, want)
				}
				w.metersAgree()
			})
		}
	})
}

func TestALostTextGoesAnotherWay(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.remind("booking 1", somebody)
		w.work()
		w.phones.Deliver("m-1", "UNDELIV")
		w.clock.Move(5 * time.Minute)
		w.work()
		if len(w.mails.Messages()) != 1 {
			t.Errorf("%d mails after a lost text, want 1: %v", len(w.mails.Messages()), w.lines())
		}
		// One whose fate stays unknown is let go, with its contacts.
		w.remind("booking 2", notice.Recipient{Ref: "person:2", Phone: smstest.Good})
		w.work()
		for range 5 {
			w.clock.Move(13 * time.Hour)
			w.work()
		}
		if w.contactsHeld() != 0 || w.last().State != notice.Told {
			t.Errorf("a text of unknown fate: %+v, %d contacts held", w.last(), w.contactsHeld())
		}
	})
}

func TestWhatLostItsUseIsNeverSent(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.remind("booking 1", somebody)
		w.remind("booking 2", notice.Recipient{Ref: "person:2", Phone: "05 36 49 00 17"}) // for the call list
		w.wait("2026-05-06 14:00")                                                        // no worker ran until the very minute
		w.work()
		if len(w.phones.Messages())+len(w.mails.Messages()) != 0 {
			t.Error("a message left at the instant of the fact")
		}
		w.clock.Move(10 * time.Minute)
		w.work()
		if got, want := sorted(w.lines()), []string{"call expired", "sms expired"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if list, _ := w.CallList(t.Context(), admin, 10); len(list) != 0 || w.contactsHeld() != 0 {
			t.Errorf("after the fact: %+v to call, %d contacts held", list, w.contactsHeld())
		}
	})
}

func TestWhatIsNoLongerSoIsWithdrawn(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		plan := func() {
			w.remind("booking 1", somebody, func(n *notice.NewMessage) { n.After = w.at("2026-05-05 14:00") })
		}
		plan()
		w.remind("booking 1", notice.Recipient{Ref: "person:2", Phone: "05 36 49 00 17"})
		if err := w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.CancelTx(ctx, tx, "account:1", reminder, "booking 1")
		}); err != nil {
			t.Fatal(err)
		}
		if got := w.lines(); !slices.Equal(sorted(got), []string{"call cancelled", "sms cancelled"}) || w.contactsHeld() != 0 {
			t.Errorf("%v, %d contacts held", got, w.contactsHeld())
		}
		plan() // the key is free again
		w.wait("2026-05-05 14:00")
		w.work()
		if n := len(w.phones.Messages()); n != 1 {
			t.Errorf("%d texts, want only the new one", n)
		}
		if err := w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.CancelTx(ctx, tx, "account:1", reminder, "booking 1")
		}); err != nil {
			t.Fatal(err)
		}
		if w.last().State != notice.Told {
			t.Errorf("what was told cannot be withdrawn: %+v", w.last())
		}
	})
}

func TestSecretsAreToldByNobodyAndGoOnceSent(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.send(notice.NewMessage{Event: invite, Key: "invitation 1", To: somebody, Path: "/invitation/SECRET22"})
		w.work()
		if n := w.count(`SELECT count(*) FROM notice_message WHERE texts <> ''`); n != 0 || len(w.mails.Messages()) != 1 {
			t.Errorf("%d secrets kept after they were sent", n)
		}
		// Nobody can be reached: it is not read out by a person.
		w.send(notice.NewMessage{Event: code, Key: "login 1", To: notice.Recipient{Ref: "account:2", Phone: smstest.Refused}, Fields: map[string]string{"code": "123456"}})
		w.work()
		if m := w.last(); m.State != notice.Failed {
			t.Errorf("a code that cannot be sent: %+v", m)
		}
		if list, _ := w.CallList(t.Context(), admin, 10); len(list) != 0 {
			t.Errorf("a code is on the call list: %+v", list)
		}
		w.clock.Move(20 * time.Minute)
		w.work()
		if m := w.last(); m.State != notice.ExpiredAt || w.count(`SELECT count(*) FROM notice_message WHERE texts LIKE '%123456%'`) != 0 || w.contactsHeld() != 0 {
			t.Errorf("a code past its use: %+v", m)
		}
	})
}

// Every effect has its line; no line names a contact.
func TestTheJournalSaysWhatHappened(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.remind("booking 1", somebody)
		w.work()
		lines, err := w.journal.About(t.Context(), audit.Object{Kind: "message", ID: string(w.last().ID)}, 10)
		if err != nil || len(lines) != 2 {
			t.Fatalf("%+v, %v", lines, err)
		}
		if lines[1].Action != "notice.plan" || lines[1].Actor != "account:1" || lines[0].Action != "notice.told" || lines[0].Actor != audit.System {
			t.Errorf("lines: %+v", lines)
		}
		if err := w.SetCap(t.Context(), admin, 12_000_000); !fault.Is(err, fault.Invalid) {
			t.Errorf("an absurd cap: %v", err)
		}
		if err := w.SetCap(t.Context(), admin, 12_000); err != nil {
			t.Fatal(err)
		}
		lines, err = w.journal.About(t.Context(), audit.Object{Kind: "meter", ID: "2026-05"}, 10)
		if err != nil || len(lines) != 1 || lines[0].DetailJSON != `{"after_cents":"12000","before_cents":"5000"}` {
			t.Errorf("cap: %+v, %v", lines, err)
		}
	})
}

// The message exists only with the transaction of the fact.
func TestAMessageIsPlannedWithItsFact(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		undone := errors.New("undone")
		err := w.write(func(ctx context.Context, tx *db.Tx) error {
			err := w.SendTx(ctx, tx, notice.NewMessage{Event: mailbox, Key: "k", To: somebody})
			return errors.Join(err, undone)
		})
		if !errors.Is(err, undone) || err.Error() != "undone" {
			t.Fatal(err)
		}
		w.work()
		if len(w.lines()) != 0 || len(w.mails.Messages()) != 0 {
			t.Errorf("%v, %d mails", w.lines(), len(w.mails.Messages()))
		}
	})
}

func TestMistakesOfACallerAreErrors(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	good := notice.NewMessage{Event: reminder, Key: "k", To: somebody, Path: "/suivi/AB", Fields: map[string]string{"who": "a", "when": "b", "bring": ""}}
	for name, spoil := range map[string]func(n *notice.NewMessage){
		"an unknown event": func(n *notice.NewMessage) { n.Event = "agenda.unknown" },
		"no key":           func(n *notice.NewMessage) { n.Key = "" },
		"a missing field":  func(n *notice.NewMessage) { n.Fields = map[string]string{"who": "a", "when": "b"} },
		"an unknown field": func(n *notice.NewMessage) {
			n.Fields = map[string]string{"who": "a", "when": "b", "bring": "", "x": ""}
		},
		"no link":                func(n *notice.NewMessage) { n.Path = "" },
		"a link to another page": func(n *notice.NewMessage) { n.Path = "/pro/admin" },
		"a link elsewhere":       func(n *notice.NewMessage) { n.Path = "//suivi.example/x" },
	} {
		n := good
		spoil(&n)
		if err := w.Send(t.Context(), n); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if err := w.Send(t.Context(), good); err != nil {
		t.Errorf("the whole one: %v", err)
	}
}
