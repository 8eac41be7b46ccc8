package identity_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

func TestResetChangesThePasswordAlone(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		must(t, w.AskReset(ctx, c.email, identity.Browser{Address: "192.0.2.1"}))
		m := w.post.last(t, identity.EventReset)
		if m.Email != c.email || m.Account != c.account || !m.Until.Equal(w.clock.Now().Add(30*time.Minute)) {
			t.Errorf("message %+v", m)
		}
		for range 2 {
			must(t, w.ReadReset(ctx, link(m)))
		}
		_, err := w.Reset(ctx, link(m), "motdepasse2024")
		field(t, err, "password", "identity.password_common")
		w.clock.Move(time.Minute)
		step, err := w.Reset(ctx, link(m), "une phrase toute neuve")
		must(t, err)
		if _, err := w.Check(ctx, step.Token); err == nil {
			t.Error("a link by e-mail stands for two factors")
		}
		_, err = w.Check(ctx, c.session)
		refused(t, err, fault.Unauthenticated)
		in, err := w.FinishTOTP(ctx, step.Token, w.code(c), identity.Browser{})
		must(t, err)
		w.actor(in.Session)
		_, err = w.Reset(ctx, link(m), "une autre encore plus neuve")
		refused(t, err, fault.Unauthenticated)
		_, err = w.LoginPassword(ctx, identity.PasswordLogin{Email: c.email, Password: goodPassword}, identity.Browser{})
		refused(t, err, fault.Unauthenticated)

		// An unknown address is answered alike, and gets nothing.
		sent := w.post.count(identity.EventReset)
		must(t, w.AskReset(ctx, "personne@exemple.fr", identity.Browser{}))
		must(t, w.AskReset(ctx, "pas une adresse", identity.Browser{}))
		if w.post.count(identity.EventReset) != sent {
			t.Error("a link was sent to somebody without an account")
		}
		must(t, w.AskReset(ctx, c.email, identity.Browser{}))
		late := link(w.post.last(t, identity.EventReset))
		w.clock.Move(30 * time.Minute)
		refused(t, w.ReadReset(ctx, late), fault.Unauthenticated)
		_, err = w.Reset(ctx, late, "une autre encore plus neuve")
		refused(t, err, fault.Unauthenticated)
		for i := range 9 { // both wait after as many askings
			for _, email := range []string{c.email, "personne2@exemple.fr"} {
				_ = w.AskReset(ctx, email, identity.Browser{})
				if i == 8 {
					refused(t, w.AskReset(ctx, email, identity.Browser{}), fault.TooMany)
				}
			}
		}
	})
}

// D14: whoever lost every factor is vouched for by two persons, neither of whom sees or chooses anything.
func TestD14LostFactorWantsTwoPersons(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		c := w.colleague(identity.Mediator, org)
		manager, admin, second := w.staff(identity.Manager, org), w.staff(identity.Administrator, org), w.staff(identity.Administrator, org)
		_, err := w.AskReproof(ctx, w.staff(identity.Mediator, org), c.account)
		refused(t, err, fault.Forbidden)
		_, err = w.AskReproof(ctx, w.staff(identity.Manager, w.org("B", rochefort)), c.account)
		refused(t, err, fault.NotFound)
		_, err = w.AskReproof(ctx, manager, manager.Account)
		refused(t, err, fault.Forbidden, "identity.not_oneself")
		r, err := w.AskReproof(ctx, manager, c.account)
		must(t, err)
		_, err = w.AskReproof(ctx, admin, c.account)
		refused(t, err, fault.Conflict, "identity.reproof_waits")
		refused(t, w.ConfirmReproof(ctx, manager, r.ID), fault.Forbidden)
		refused(t, w.ConfirmReproof(ctx, admin, "unknown"), fault.NotFound)
		waiting, err := w.Reproofs(ctx, admin)
		if err != nil || len(waiting) != 1 || waiting[0].Account != c.account || waiting[0].AskedBy != manager.Account {
			t.Errorf("%+v, %v", waiting, err)
		}
		_, err = w.Reproofs(ctx, manager)
		refused(t, err, fault.Forbidden)
		must(t, w.ConfirmReproof(ctx, admin, r.ID))
		refused(t, w.ConfirmReproof(ctx, second, r.ID), fault.Conflict)
		w.actor(c.session) // until the link is used, what was holds

		m := w.post.last(t, identity.EventReproof)
		if m.Email != c.email || m.Account != c.account {
			t.Errorf("message %+v", m)
		}
		if name, err := w.ReadReproof(ctx, link(m)); err != nil || name != "Camille Exemple" {
			t.Errorf("%s, %v", name, err)
		}
		_, err = w.BeginReproof(ctx, link(m), "motdepasse2024")
		field(t, err, "password", "identity.password_common")
		step, err := w.BeginReproof(ctx, link(m), "une phrase toute neuve")
		must(t, err)
		_, err = w.EnrolTOTP(ctx, step.Token, "000000", "", identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		w.actor(c.session)
		in, err := w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "Nouveau", identity.Browser{})
		must(t, err)
		if in.Account != c.account || len(in.Recovery) != 10 {
			t.Errorf("in as %+v", in)
		}
		_, err = w.Check(ctx, c.session)
		refused(t, err, fault.Unauthenticated)
		w.clock.Move(time.Minute)
		again, err := w.LoginPassword(ctx, identity.PasswordLogin{Email: c.email, Password: "une phrase toute neuve"}, identity.Browser{})
		must(t, err)
		_, err = w.FinishTOTP(ctx, again.Token, w.code(c), identity.Browser{}) // the lost card
		refused(t, err, fault.Unauthenticated)
		_, err = w.FinishRecovery(ctx, again.Token, c.recovery[0], identity.Browser{}) // the lost codes
		refused(t, err, fault.Unauthenticated)
		_, err = w.FinishTOTP(ctx, again.Token, identity.CodeAt(step.TOTP, w.clock.Now()), identity.Browser{})
		must(t, err)
		_, err = w.BeginReproof(ctx, link(m), "une phrase toute neuve")
		refused(t, err, fault.Unauthenticated)
		for _, action := range []string{"identity.reproof.ask", "identity.reproof.confirm", "identity.factor.edit"} {
			if !w.said(action, "account", string(c.account)) {
				t.Errorf("the journal lacks %s", action)
			}
		}
	})
}

// D14: an administrator who asks cannot confirm, not even at the same instant as another; a refused or late one opens
// nothing.
func TestD14OneWordIsNotTwo(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		c := w.colleague(identity.Mediator, org)
		admin, second := w.staff(identity.Administrator, org), w.staff(identity.Administrator, org)
		r, err := w.AskReproof(ctx, admin, c.account)
		must(t, err)
		var confirmed atomic.Int64
		var wg sync.WaitGroup
		for i := range 50 {
			by := admin
			if i%2 == 0 {
				by = second
			}
			wg.Go(func() {
				err := w.ConfirmReproof(ctx, by, r.ID)
				switch {
				case err == nil && by.Account == admin.Account:
					t.Error("one person is two")
				case err == nil:
					confirmed.Add(1)
				}
			})
		}
		wg.Wait()
		if confirmed.Load() != 1 || w.post.count(identity.EventReproof) != 1 {
			t.Errorf("%d confirmations, %d links", confirmed.Load(), w.post.count(identity.EventReproof))
		}
		must(t, w.RefuseReproof(ctx, second, r.ID))
		step, err := w.BeginReproof(ctx, link(w.post.last(t, identity.EventReproof)), "une phrase toute neuve")
		must(t, err)
		_, err = w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "", identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		w.actor(c.session)

		r, err = w.AskReproof(ctx, admin, c.account)
		must(t, err)
		w.clock.Move(20 * time.Minute)
		refused(t, w.ConfirmReproof(ctx, second, r.ID), fault.Forbidden, identity.ConfirmFirst)
		w.clock.Move(7 * 24 * time.Hour)
		refused(t, w.ConfirmReproof(ctx, identity.AtCLI(), r.ID), fault.Conflict, "identity.reproof_over")
		r, err = w.AskReproof(ctx, identity.AtCLI(), c.account)
		must(t, err)
		refused(t, w.ConfirmReproof(ctx, identity.AtCLI(), r.ID), fault.Forbidden, "identity.reproof_same")
	})
}
