package notice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/sms/smstest"
	"viaduc/internal/testkit"
)

func TestAnAddressThatDoesNotExistGoesToTheCallList(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, noGateway)
		w.mails.Refuse = func(to string) (int, string) { return 550, "no such user " + to }
		w.remind("booking 1", somebody)
		w.work()
		if got, want := w.lines(), []string{"email diverted", "call by_hand"}; !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		list, err := w.CallList(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Called(t.Context(), "account:2", list[0].ID, false); err != nil {
			t.Fatal(err)
		}
		if list, _ = w.CallList(t.Context(), 10); len(list) != 1 || list[0].Tries != 1 {
			t.Errorf("after no answer: %+v", list)
		}
		if err := w.Called(t.Context(), "account:2", list[0].ID, true); err != nil {
			t.Fatal(err)
		}
		if err := w.Called(t.Context(), "account:3", list[0].ID, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("told twice: %v, want conflict", err)
		}
		if list, _ = w.CallList(t.Context(), 10); len(list) != 0 || w.contactsHeld() != 0 {
			t.Errorf("after the call: %+v, %d contacts held", list, w.contactsHeld())
		}
	})
}

func TestLettersAndSlips(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		far := func(n *notice.NewMessage) { n.Until = w.at("2026-05-20 14:00") }
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Postal: " Camille Exemple \n\n1 rue du Port\r\n17300 Rochefort"}, far)
		w.remind("booking 2", notice.Recipient{Ref: "person:2", Postal: "Trop tard pour la poste"})
		letters, err := w.ToPrint(t.Context(), notice.Letter, 10)
		if err != nil || len(letters) != 1 {
			t.Fatalf("letters: %+v, %v", letters, err)
		}
		l := letters[0]
		if !slices.Equal(l.Postal, []string{"Camille Exemple", "1 rue du Port", "17300 Rochefort"}) || l.Title != "Votre rendez-vous" || l.From != "Charente-Maritime" ||
			l.Phone != "05 36 49 00 17" || len(l.Text) != 3 || l.Text[0] != "Bonjour Camille," {
			t.Errorf("letter: %+v", l)
		}
		slips, err := w.ToPrint(t.Context(), notice.Slip, 10)
		if err != nil || len(slips) != 1 || slips[0].Recipient != "person:2" || len(slips[0].Postal) != 0 {
			t.Errorf("slips: %+v, %v", slips, err)
		}
		if err := w.Printed(t.Context(), "account:1", l.ID, slips[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Printed(t.Context(), "account:1", l.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("printed twice: %v", err)
		}
		n := notice.NewMessage{Event: moved, Key: "booking 1", To: somebody, Fields: map[string]string{"when": "mercredi"}}
		sheet, err := w.PrintNow(t.Context(), "account:1", n)
		if err != nil || sheet.Channel != notice.Slip || len(sheet.Text) != 1 || sheet.Text[0] != "Votre rendez-vous est maintenant mercredi." {
			t.Errorf("slip at the desk: %+v, %v", sheet, err)
		}
		w.send(n)
		w.work()
		if len(w.phones.Messages()) != 0 {
			t.Error("told at the desk, and again by text")
		}
		if _, err := w.PrintNow(t.Context(), "account:1", n); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second slip: %v", err)
		}
	})
}

func TestTheOutboxIsOnScreenWhereNothingIsSetUp(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, onScreen)
		w.send(notice.NewMessage{Event: invite, Key: "invitation 1", To: somebody, Path: "/invitation/SECRET22"})
		w.work()
		w.clock.Move(time.Minute)
		w.remind("booking 1", somebody)
		w.work()
		got, err := w.Outbox(t.Context(), 10)
		if err != nil || len(got) != 2 {
			t.Fatalf("outbox: %+v, %v", got, err)
		}
		if got[0].Channel != notice.SMS || got[0].To != smstest.Good || !strings.Contains(got[0].Text, "mardi 5 mai") {
			t.Errorf("text: %+v", got[0])
		}
		if got[1].Subject != "Votre invitation" || got[1].To != "camille@exemple.example" || !strings.Contains(got[1].Text, "https://viaduc.example/invitation/SECRET22") {
			t.Errorf("mail: %+v", got[1])
		}
		if r := w.results(got[0].ID); !slices.Contains(r, notice.OnAScreen) || slices.Contains(r, notice.Sent) {
			t.Errorf("receipts: %v, nothing was sent", r)
		}
		if m := w.meter(); m.Spent != 0 || m.Segments != 0 {
			t.Errorf("a screen costs nothing: %+v", m)
		}
		w.wait("2026-05-20 09:00")
		w.work()
		if n := w.count(`SELECT count(*) FROM notice_message WHERE texts LIKE '%SECRET22%'`); n != 0 || w.contactsHeld() != 0 {
			t.Errorf("long after: %d secrets, %d contacts held", n, w.contactsHeld())
		}
		if _, err := newWorld(t, d).Outbox(t.Context(), 10); !fault.Is(err, fault.NotFound) {
			t.Errorf("with a mail server the outbox answers %v, want not found", err)
		}
	})
}

func TestRetry(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, noGateway)
		down := true
		w.mails.Refuse = func(string) (int, string) {
			if down {
				return 451, "try later"
			}
			return 0, ""
		}
		w.remind("booking 1", somebody)
		w.remind("booking 2", somebody, func(n *notice.NewMessage) { n.After = w.at("2026-05-05 10:00") })
		for range 5 {
			w.work()
			w.clock.Move(20 * time.Minute)
		}
		down = false
		if n, err := w.RetryAll(t.Context(), "account:1"); n != 1 || err != nil {
			t.Errorf("RetryAll = %d, %v, want the one that failed", n, err)
		}
		w.work()
		if n := len(w.mails.Messages()); n != 1 {
			t.Errorf("%d mails after the retry, want 1", n)
		}
		first, err := w.Lines(t.Context(), notice.Filter{State: notice.Told})
		if err != nil || len(first) != 1 {
			t.Fatal(first, err)
		}
		if err := w.Retry(t.Context(), "account:1", first[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("retrying what was told: %v", err)
		}
		if err := w.Retry(t.Context(), "account:1", "inconnu"); !fault.Is(err, fault.NotFound) {
			t.Errorf("retrying nothing: %v", err)
		}
		// A secret that failed may be tried again while it is of use.
		down = true
		w.mails.Refuse = func(string) (int, string) {
			if down {
				return 550, "no"
			}
			return 0, ""
		}
		w.send(notice.NewMessage{Event: invite, Key: "invitation 1", To: somebody, Path: "/invitation/SECRET22"})
		w.work()
		m := w.last()
		if m.State != notice.Failed {
			t.Fatalf("a refused invitation: %+v", m)
		}
		down = false
		if err := w.Retry(t.Context(), "account:1", m.ID); err != nil {
			t.Fatal(err)
		}
		w.work()
		if m := w.last(); m.State != notice.Told {
			t.Errorf("after the retry: %+v", m)
		}
	})
}

func TestContentsAreErased(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, noGateway)
		for i := range 230 {
			w.remind(fmt.Sprint("booking ", i), notice.Recipient{Ref: fmt.Sprint("person:", i), Phone: "05 36 49 00 17"})
		}
		w.work() // the schedule of the sweep
		w.wait("2026-05-06 15:00")
		w.work() // they expire
		w.wait("2026-11-04 09:00")
		w.send(notice.NewMessage{Event: mailbox, Key: "November", To: somebody})
		w.work()
		before := w.clock.Now().AddDate(0, 0, -150)
		due, err := w.EndedBefore(t.Context(), w.db, before, notice.Ended{}, 1000)
		if err != nil || len(due) != 230 {
			t.Fatalf("%d to erase, %v, want 230", len(due), err)
		}
		if rest, err := w.EndedBefore(t.Context(), w.db, before, due[199], 1000); err != nil || len(rest) != 30 {
			t.Errorf("%d after the 200th, %v, want 30", len(rest), err)
		}
		if n, err := w.EraseContents(t.Context(), before); n != 230 || err != nil {
			t.Errorf("erased %d, %v, want 230", n, err)
		}
		if n, err := w.EraseContents(t.Context(), before); n != 0 || err != nil {
			t.Errorf("erased %d more, %v", n, err)
		}
		if n := w.count(`SELECT count(*) FROM notice_message WHERE texts <> ''`); n != 1 {
			t.Errorf("%d messages hold their content, want the recent one", n)
		}
		if n := w.count(`SELECT count(*) FROM notice_receipt`); n != 231 {
			t.Errorf("%d receipts, want all 231", n)
		}
	})
}
