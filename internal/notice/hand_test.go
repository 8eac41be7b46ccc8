package notice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/identity"
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
		list, err := w.CallList(t.Context(), admin, 10)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Called(t.Context(), admin, list[0].ID, false); err != nil {
			t.Fatal(err)
		}
		if list, _ = w.CallList(t.Context(), admin, 10); len(list) != 1 || list[0].Tries != 1 {
			t.Errorf("after no answer: %+v", list)
		}
		if err := w.Called(t.Context(), admin, list[0].ID, true); err != nil {
			t.Fatal(err)
		}
		if err := w.Called(t.Context(), admin, list[0].ID, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("told twice: %v, want conflict", err)
		}
		if list, _ = w.CallList(t.Context(), admin, 10); len(list) != 0 || w.contactsHeld() != 0 {
			t.Errorf("after the call: %+v, %d contacts held", list, w.contactsHeld())
		}
	})
}

// Whose messages are whose: a team sees and calls its own, nobody else's, and what is the territory's is its administrators'.
func TestATeamSeesItsOwnMessages(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, noGateway)
		from := func(o identity.OrganisationID) func(*notice.NewMessage) {
			return func(n *notice.NewMessage) { n.From = o }
		}
		onlyPhone := notice.Recipient{Ref: "person:1", Phone: "05 46 00 00 00"}
		w.remind("booking 1", onlyPhone, from("ours"))
		w.remind("booking 2", onlyPhone, from("theirs"))
		w.remind("booking 3", onlyPhone)
		member := func(role identity.Role, o identity.OrganisationID) identity.Actor {
			return identity.Actor{Kind: identity.Staff, Account: "someone", Role: role, Organisation: o, Membership: "m", SecondFactorAt: w.clock.Now()}
		}
		for _, tc := range []struct {
			by                  identity.Actor
			calls, lines, count int
		}{
			{member(identity.Mediator, "ours"), 1, 1, 1}, {member(identity.Manager, "ours"), 1, 1, 1}, {member(identity.Manager, "elsewhere"), 0, 0, 0},
			{member(identity.Elected, "ours"), 0, 0, 0}, {member(identity.Administrator, "ours"), 3, 3, 3}, {identity.Nobody(), 0, 0, 0},
		} {
			list, err := w.CallList(t.Context(), tc.by, 10)
			if err != nil || len(list) != tc.calls {
				t.Errorf("%s of %s may call %d, want %d (%v)", tc.by.Role, tc.by.Organisation, len(list), tc.calls, err)
			}
			lines, err := w.Lines(t.Context(), tc.by, notice.Filter{})
			if err != nil || len(lines) != tc.lines {
				t.Errorf("%s of %s sees %d, want %d (%v)", tc.by.Role, tc.by.Organisation, len(lines), tc.lines, err)
			}
			counts, err := w.Counts(t.Context(), tc.by)
			if err != nil || counts[notice.ByHand] != int64(tc.count) {
				t.Errorf("%s of %s counts %v, want %d (%v)", tc.by.Role, tc.by.Organisation, counts, tc.count, err)
			}
		}
		theirs, err := w.CallList(t.Context(), member(identity.Mediator, "theirs"), 10)
		if err != nil || len(theirs) != 1 {
			t.Fatalf("their list: %v, %v", theirs, err)
		}
		ours, message := member(identity.Manager, "ours"), theirs[0].ID
		if err := w.Called(t.Context(), ours, message, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("calling for others: %v", err)
		}
		if err := w.Printed(t.Context(), ours, message); !fault.Is(err, fault.NotFound) {
			t.Errorf("printing for others: %v", err)
		}
		if err := w.Retry(t.Context(), ours, message); !fault.Is(err, fault.NotFound) {
			t.Errorf("retrying for others: %v", err)
		}
		if _, _, err := w.Message(t.Context(), ours, message); !fault.Is(err, fault.NotFound) {
			t.Errorf("reading for others: %v", err)
		}
		if err := w.SetCap(t.Context(), ours, 1); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a manager sets the cap: %v", err)
		}
	})
}

func TestLettersAndSlips(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		far := func(n *notice.NewMessage) { n.Until = w.at("2026-05-20 14:00") }
		w.remind("booking 1", notice.Recipient{Ref: "person:1", Postal: " Camille Exemple \n\n1 rue du Port\r\n17300 Rochefort"}, far)
		w.remind("booking 2", notice.Recipient{Ref: "person:2", Postal: "Trop tard pour la poste"})
		letters, err := w.ToPrint(t.Context(), admin, notice.Letter, 10)
		if err != nil || len(letters) != 1 {
			t.Fatalf("letters: %+v, %v", letters, err)
		}
		l := letters[0]
		if !slices.Equal(l.Postal, []string{"Camille Exemple", "1 rue du Port", "17300 Rochefort"}) || l.Title != "Votre rendez-vous" || l.From != "Charente-Maritime" ||
			l.Phone != "05 36 49 00 17" || len(l.Text) != 3 || l.Text[0] != "Bonjour Camille," {
			t.Errorf("letter: %+v", l)
		}
		slips, err := w.ToPrint(t.Context(), admin, notice.Slip, 10)
		if err != nil || len(slips) != 1 || slips[0].Recipient != "person:2" || len(slips[0].Postal) != 0 {
			t.Errorf("slips: %+v, %v", slips, err)
		}
		if err := w.Printed(t.Context(), admin, l.ID, slips[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Printed(t.Context(), admin, l.ID); !fault.Is(err, fault.Conflict) {
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
		got, err := w.Outbox(t.Context(), admin, 10)
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
		if _, err := newWorld(t, d).Outbox(t.Context(), admin, 10); !fault.Is(err, fault.NotFound) {
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
		if n, err := w.RetryAll(t.Context(), admin); n != 1 || err != nil {
			t.Errorf("RetryAll = %d, %v, want the one that failed", n, err)
		}
		w.work()
		if n := len(w.mails.Messages()); n != 1 {
			t.Errorf("%d mails after the retry, want 1", n)
		}
		first, err := w.Lines(t.Context(), admin, notice.Filter{State: notice.Told})
		if err != nil || len(first) != 1 {
			t.Fatal(first, err)
		}
		if err := w.Retry(t.Context(), admin, first[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("retrying what was told: %v", err)
		}
		if err := w.Retry(t.Context(), admin, "inconnu"); !fault.Is(err, fault.NotFound) {
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
		if err := w.Retry(t.Context(), admin, m.ID); err != nil {
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
