package notice_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/sms"
	"viaduc/internal/platform/sms/smstest"
	"viaduc/internal/testkit"
)

func TestAtTheCapNothingIsDropped(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if err := w.SetCap(t.Context(), admin, 9); err != nil { // two texts at 4.5 cents
			t.Fatal(err)
		}
		for i := range 4 {
			w.remind("booking", notice.Recipient{Ref: fmt.Sprint("person:", i), Phone: smstest.Good})
		}
		w.remind("booking", notice.Recipient{Ref: "person:mail", Phone: smstest.Good, Email: "camille@exemple.example"})
		w.work()
		if n := len(w.phones.Messages()); n != 2 {
			t.Errorf("%d texts left, the cap is two", n)
		}
		list, err := w.CallList(t.Context(), admin, 10)
		if err != nil || len(list) != 2 || len(w.mails.Messages()) != 1 {
			t.Fatalf("call list %+v, %v; %d mails; want 2 calls and 1 mail", list, err, len(w.mails.Messages()))
		}
		if c := list[0]; c.Phone != smstest.Good || c.Say != "Rappelez le rendez-vous mardi 5 mai à 14 h." || c.Announces == "" || !c.Until.Equal(w.at("2026-05-06 14:00")) {
			t.Errorf("to call: %+v", c)
		}
		if m := w.meter(); m.Spent.Cents() != 9 || m.Cap != 9 {
			t.Errorf("meter: %+v", m)
		}
		// A new month opens a new meter, under the same cap.
		w.wait("2026-06-02 09:00")
		w.remind("booking of June", notice.Recipient{Ref: "person:1", Phone: smstest.Good}, func(n *notice.NewMessage) { n.Until = w.at("2026-06-03 09:00") })
		w.work()
		if m := w.meter(); m.Spent.Cents() != 5 || m.Cap != 9 || m.Month != "2026-06" {
			t.Errorf("June: %+v", m)
		}
	})
}

// The cap is claimed by one conditional write: fifty workers on several nodes never spend more.
func TestTheCapHoldsUnderAStorm(t *testing.T) {
	testkit.EachEngineNodes(t, 4, func(t *testing.T, nodes []*db.DB) {
		w := newWorld(t, nodes[0])
		if err := w.SetCap(t.Context(), admin, 45); err != nil { // ten texts
			t.Fatal(err)
		}
		for i := range 50 {
			w.remind("booking", notice.Recipient{Ref: fmt.Sprint("person:", i), Phone: smstest.Good})
		}
		worlds := []*world{w}
		for _, d := range nodes[1:] {
			other := newWorld(t, d, func(deps *notice.Deps) {
				deps.SMS = sms.NewJSON(sms.Settings{Address: w.phones.Address, Secret: smstest.Secret, Timeout: 20 * time.Second, Requests: smstest.Transport()})
			})
			worlds = append(worlds, other)
		}
		var running sync.WaitGroup
		for _, node := range worlds {
			for range 4 {
				running.Go(func() { node.work() })
			}
		}
		running.Wait()
		w.work()
		if n := len(w.phones.Messages()); n != 10 {
			t.Errorf("%d texts left, the cap is ten", n)
		}
		if list, err := w.CallList(t.Context(), admin, 100); err != nil || len(list) != 40 {
			t.Errorf("%d on the call list, %v, want 40", len(list), err)
		}
		w.metersAgree()
	})
}

// metersAgree recomputes what the meters cache.
func (w *world) metersAgree() {
	w.t.Helper()
	if n := w.count(`SELECT count(*) FROM notice_meter m WHERE m.spent_millis <> (SELECT coalesce(sum(r.cost_millis), 0) FROM notice_receipt r WHERE r.month = m.month)`); n != 0 {
		w.t.Errorf("%d meters differ from the sum of their receipts", n)
	}
}
