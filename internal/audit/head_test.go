package audit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/testkit"
)

// outbox takes heads as a module of messages would: in the transaction, or not at all.
type outbox struct {
	mu   sync.Mutex
	sent []audit.Head
	fail error
}

func (o *outbox) SendHeadTx(_ context.Context, _ *db.Tx, h audit.Head) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	o.sent = append(o.sent, h)
	return nil
}

func (o *outbox) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.sent)
}

func TestHeadIsMailedOnceADay(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, clock := clocked(t, d)
		box := &outbox{}
		mail := func(want bool, when string) {
			t.Helper()
			if sent, err := j.MailHead(t.Context(), box); sent != want || err != nil {
				t.Errorf("%s: sent = %v, %v, want %v", when, sent, err, want)
			}
		}
		mail(false, "before any head")
		record(t, d, j, 0, 3)
		sequence(t, j)
		box.fail = errors.New("no room")
		if sent, err := j.MailHead(t.Context(), box); sent || err == nil {
			t.Errorf("a head that cannot be sent counts as sent: %v, %v", sent, err)
		}
		box.fail = nil
		mail(true, "first head")
		mail(false, "same head")
		record(t, d, j, 3, 3)
		sequence(t, j)
		mail(false, "same day")
		clock.Move(14*time.Hour + 29*time.Minute) // 23:59 in Paris, 21:59 UTC
		mail(false, "still the same day")
		clock.Move(3 * time.Hour)
		mail(true, "next day")
		clock.Move(24 * time.Hour)
		mail(false, "a day without a line")
		if len(box.sent) != 2 || box.sent[0].Size != 3 || box.sent[1].Size != 6 {
			t.Errorf("sent %+v", box.sent)
		}
		heads, err := j.Heads(t.Context(), 10)
		if err != nil || len(heads) != 2 || heads[0].Size != 6 || heads[0].MailedAt == 0 || heads[0].Note == "" {
			t.Errorf("Heads = %+v, %v", heads, err)
		}
		record(t, d, j, 6, 1)
		sequence(t, j)
		if heads, err = j.Heads(t.Context(), 1); err != nil || len(heads) != 1 || heads[0].Size != 7 || heads[0].MailedAt != 0 {
			t.Errorf("Heads(1) = %+v, %v", heads, err)
		}
		if heads, err = j.MailedHeads(t.Context(), 10); err != nil || len(heads) != 2 {
			t.Errorf("MailedHeads = %+v, %v", heads, err)
		}
		letter := "Bonjour,\r\n\r\nVoici la preuve :\r\n" + strings.ReplaceAll(box.sent[0].Note, "\n", " \r\n") + "\r\n\r\nCe message vient de nous.\r\n"
		if read, err := j.ReadHead(letter); err != nil || read != box.sent[0].Note {
			t.Errorf("a head in a letter reads %q, %v", read, err)
		}
		if _, err := j.ReadHead(strings.Replace(letter, "\r\n3 ", "\r\n4 ", 1)); err == nil {
			t.Error("a head that somebody changed is read")
		}
		if rep := verify(t, j, box.sent[0].Note, box.sent[1].Note); rep.Bad != nil {
			t.Errorf("the heads that were mailed: %v", rep.Bad)
		}
	})
}

func TestNodesMailAHeadTogetherOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, _ := clocked(t, d)
		record(t, d, j, 0, 1)
		sequence(t, j)
		box := &outbox{}
		var wg sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		wg.Go(func() { j.MailHeads(ctx, box) })
		for range 50 {
			wg.Go(func() {
				if _, err := j.MailHead(t.Context(), box); err != nil {
					t.Error(err)
				}
			})
		}
		deadline := time.Now().Add(10 * time.Second)
		for box.count() == 0 && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		stop()
		wg.Wait()
		if n := box.count(); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}
