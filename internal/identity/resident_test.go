package identity_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// prove asks for a code at a contact and gives it back.
func (w *world) prove(contact string) identity.Proved {
	w.t.Helper()
	t, err := w.AskCode(w.t.Context(), contact, identity.Browser{})
	must(w.t, err)
	p, err := w.ProveCode(w.t.Context(), t, w.post.last(w.t, identity.EventCode).Code)
	must(w.t, err)
	return p
}

func TestResidentLogsInByCode(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		token, err := w.AskCode(ctx, "06 12 34 56 78", identity.Browser{})
		must(t, err)
		m := w.post.last(t, identity.EventCode)
		if m.Phone != "+33612345678" || m.Email != "" || len(m.Code) != 6 || m.Account != "" {
			t.Errorf("message %+v", m)
		}
		p, err := w.ProveCode(ctx, token, " "+m.Code[:3]+" "+m.Code[3:])
		must(t, err)
		if len(p.Who) != 0 {
			t.Errorf("nobody has an account yet: %+v", p.Who)
		}
		_, err = w.LoginNew(ctx, p.Token, "", "Martin", identity.Browser{})
		field(t, err, "given_name", "identity.given_name_missing")
		in, err := w.LoginNew(ctx, p.Token, "Jeanne", "Martin", identity.Browser{Kiosk: true})
		must(t, err)
		s, err := w.Check(ctx, in.Session)
		if err != nil || s.Actor.Kind != identity.Resident || s.Actor.Role != "" || !s.Actor.Kiosk || s.Method != identity.ByCode || in.Known != "" {
			t.Errorf("%+v, %v", s, err)
		}
		_, err = w.LoginNew(ctx, p.Token, "Jeanne", "Martin", identity.Browser{})
		refused(t, err, fault.Unauthenticated)

		// Two people share the telephone: each says who they are, told apart by what gives nothing else away.
		p = w.prove("+33 6 12 34 56 78")
		second, err := w.LoginNew(ctx, p.Token, "Paul", "Martin", identity.Browser{})
		must(t, err)
		p = w.prove("0612345678")
		if len(p.Who) != 2 || p.Who[0].Short != "Jeanne M." || p.Who[1].Short != "Paul M." {
			t.Errorf("who = %+v", p.Who)
		}
		_, err = w.LoginAs(ctx, p.Token, "somebody", identity.Browser{})
		refused(t, err, fault.NotFound)
		again, err := w.LoginAs(ctx, p.Token, second.Account, identity.Browser{})
		must(t, err)
		if by := w.actor(again.Session); by.Account != second.Account || by.Name != "Paul Martin" {
			t.Errorf("in as %+v", by)
		}
		_, err = w.AskCode(ctx, "pas une adresse", identity.Browser{})
		field(t, err, "contact", "identity.contact_invalid")
		if n := w.count(`SELECT count(*) FROM audit_body WHERE detail LIKE '%Martin%' OR detail LIKE '%612345678%'`); n != 0 {
			t.Error("a name or a telephone is in the journal")
		}
	})
}

func TestCodesEnd(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		ask := func() (identity.Token, string) {
			t.Helper()
			token, err := w.AskCode(ctx, "jeanne@exemple.fr", identity.Browser{})
			must(t, err)
			return token, w.post.last(t, identity.EventCode).Code
		}
		token, code := ask()
		w.clock.Move(10*time.Minute - time.Second)
		other, otherCode := ask()
		_, err := w.ProveCode(ctx, other, code) // a code is tied to the browser that asked for it
		if code != otherCode {
			refused(t, err, fault.Unauthenticated, "identity.code_wrong")
		}
		_, err = w.ProveCode(ctx, token, code)
		must(t, err)
		_, err = w.ProveCode(ctx, token, code)
		refused(t, err, fault.Unauthenticated)
		token, code = ask()
		w.clock.Move(10 * time.Minute)
		_, err = w.ProveCode(ctx, token, code)
		refused(t, err, fault.Unauthenticated, "identity.step_over")

		token, code = ask()
		var judged atomic.Int64
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				guess := fmt.Sprintf("%06d", i)
				if guess == code {
					return
				}
				_, err := w.ProveCode(ctx, token, guess)
				if f, ok := fault.As(err); !ok {
					t.Error(err)
				} else if f.Message.Key == "identity.code_wrong" {
					judged.Add(1)
				}
			})
		}
		wg.Wait()
		if judged.Load() != 5 {
			t.Errorf("%d guesses were judged, want 5", judged.Load())
		}
		_, err = w.ProveCode(ctx, token, code)
		refused(t, err, fault.Unauthenticated, "identity.step_over")
		var last error
		for range 10 {
			_, last = w.AskCode(ctx, "jeanne@exemple.fr", identity.Browser{})
		}
		refused(t, last, fault.TooMany)
		if n := w.count(`SELECT count(*) FROM identity_challenge WHERE data LIKE '%' || $1 || '%'`, code); n != 0 {
			t.Error("a code is in the database")
		}
	})
}

// Codes by SMS cost money: one address asks for sixty an hour at most, whatever the numbers.
func TestSMSAreCounted(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ask := func(i int, contact string) error {
			_, err := w.AskCode(t.Context(), fmt.Sprintf(contact, i), identity.Browser{Address: "192.0.2.1"})
			return err
		}
		for i := range 60 {
			must(t, ask(i, "06123456%02d"))
		}
		refused(t, ask(61, "06123456%02d"), fault.TooMany)
		must(t, ask(1, "jeanne%d@exemple.fr"))
		w.clock.Move(time.Hour)
		must(t, ask(62, "06123456%02d"))
	})
}

func TestCard(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		mediator := w.staff(identity.Mediator, org)
		a, card, err := w.AddResident(ctx, mediator, identity.NewResident{GivenName: "Jeanne", FamilyName: "Martin"})
		must(t, err)
		if len(card.PIN) != 6 || len(card.Token) != 22 {
			t.Errorf("a PIN of %d and a token of %d signs", len(card.PIN), len(card.Token))
		}
		in, err := w.LoginCard(ctx, card.Token, card.PIN, identity.Browser{Kiosk: true})
		must(t, err)
		me := w.actor(in.Session)
		if me.Account != a.ID || me.Kind != identity.Resident {
			t.Errorf("in as %+v", me)
		}
		if state, used, err := w.CardState(ctx, me, a.ID); err != nil || state != "active" || used.IsZero() {
			t.Errorf("card %s, %v, %v", state, used, err)
		}
		wrong := "000000"
		if card.PIN == wrong {
			wrong = "111111"
		}
		for range 4 {
			_, err = w.LoginCard(ctx, card.Token, wrong, identity.Browser{})
			refused(t, err, fault.Unauthenticated, "identity.card_failed")
		}
		_, err = w.LoginCard(ctx, card.Token, card.PIN, identity.Browser{})
		must(t, err) // four mistakes are forgiven
		var tried atomic.Int64
		var wg sync.WaitGroup
		for i := range 50 { // fifty at once: five are judged, one could be right
			wg.Go(func() {
				pin := fmt.Sprintf("%06d", i)
				if pin != card.PIN {
					_, err := w.LoginCard(ctx, card.Token, pin, identity.Browser{})
					refused(t, err, fault.Unauthenticated, "identity.card_failed")
					tried.Add(1)
				}
			})
		}
		wg.Wait()
		if n := w.count(`SELECT tries FROM identity_card`); n != 5 {
			t.Errorf("%d of %d tries were judged", n, tried.Load())
		}
		_, err = w.LoginCard(ctx, card.Token, card.PIN, identity.Browser{})
		refused(t, err, fault.Unauthenticated, "identity.card_failed")
		_, err = w.LoginCard(ctx, "unknown", card.PIN, identity.Browser{})
		refused(t, err, fault.Unauthenticated, "identity.card_failed")
		if state, _, err := w.CardState(ctx, mediator, a.ID); err != nil || state != "blocked" {
			t.Errorf("card %s, %v", state, err)
		}
		next, err := w.PrintCard(ctx, mediator, a.ID)
		must(t, err)
		_, err = w.LoginCard(ctx, next.Token, next.PIN, identity.Browser{})
		must(t, err)
		must(t, w.BlockCard(ctx, me, a.ID))
		_, err = w.LoginCard(ctx, next.Token, next.PIN, identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		refused(t, w.BlockCard(ctx, me, a.ID), fault.NotFound)
		elected := w.staff(identity.Elected, org)
		_, err = w.PrintCard(ctx, elected, a.ID)
		refused(t, err, fault.Forbidden)
		_, _, err = w.AddResident(ctx, elected, identity.NewResident{GivenName: "A", FamilyName: "B"})
		refused(t, err, fault.Forbidden)
		_, err = w.PrintCard(ctx, mediator, mediator.Account) // not a resident
		refused(t, err, fault.NotFound)
		refused(t, w.BlockCard(ctx, identity.Actor{Kind: identity.Resident, Account: "other"}, a.ID), fault.Forbidden)
		for text, args := range map[string]string{`SELECT count(*) FROM identity_card WHERE token_hash = $1`: string(next.Token), `SELECT count(*) FROM identity_card WHERE pin_hash = $1`: next.PIN} {
			if w.count(text, []byte(args)) != 0 {
				t.Error("the card itself is in the database")
			}
		}
	})
}

func TestStaffFindAResidentByNameAndContact(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		mediator := w.staff(identity.Mediator, w.org("A", rochefort))
		for _, name := range []string{"Jeanne", "Paul"} {
			_, _, err := w.AddResident(ctx, mediator, identity.NewResident{GivenName: name, FamilyName: "Dupré", Contact: "06 12 34 56 78"})
			must(t, err)
		}
		for name, want := range map[string]int{"jeanne DUPRE": 1, "Dupré Paul": 1, "Dupré": 0, "Marie Dupré": 0} {
			if found, err := w.FindResidents(ctx, mediator, name, "0612345678"); err != nil || len(found) != want {
				t.Errorf("%s: %d, %v", name, len(found), err)
			}
		}
		_, err := w.FindResidents(ctx, mediator, "Jeanne Dupré", "")
		refused(t, err, fault.Invalid)
		_, err = w.FindResidents(ctx, w.staff(identity.Partner, w.org("B", rochefort)), "Jeanne Dupré", "0612345678")
		refused(t, err, fault.Forbidden)
		_, _, err = w.AddResident(ctx, mediator, identity.NewResident{GivenName: "A", FamilyName: "B", Contact: "12"})
		field(t, err, "contact", "identity.contact_invalid")
	})
}

func TestContactIsProvedBeforeItIsTaken(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		in, err := w.LoginNew(ctx, w.prove("jeanne@exemple.fr").Token, "Jeanne", "Martin", identity.Browser{})
		must(t, err)
		me := w.actor(in.Session)
		must(t, w.AttachContact(ctx, me, w.prove("0612345678").Token))
		a, err := w.Account(ctx, me, me.Account)
		if err != nil || a.Email != "jeanne@exemple.fr" || a.Phone != "+33612345678" {
			t.Errorf("%+v, %v", a, err)
		}
		if m := w.post.last(t, identity.EventChanged); m.Email != "jeanne@exemple.fr" {
			t.Errorf("who was told: %+v", m)
		}
		refused(t, w.AttachContact(ctx, me, "nothing"), fault.Unauthenticated)
		c, other := w.colleague(identity.Mediator, w.org("A", rochefort)), w.colleague(identity.Mediator, w.org("B", rochefort))
		refused(t, w.AttachContact(ctx, w.actor(c.session), w.prove(other.email).Token), fault.Conflict, "identity.email_taken")
		must(t, w.AttachContact(ctx, w.actor(c.session), w.prove("nouvelle@exemple.fr").Token))
		_, err = w.LoginPassword(ctx, identity.PasswordLogin{Email: "nouvelle@exemple.fr", Password: goodPassword}, identity.Browser{})
		must(t, err)
	})
}

func TestErasedAccountIsButAnId(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		in, err := w.LoginNew(ctx, w.prove("jeanne@exemple.fr").Token, "Jeanne", "Martin", identity.Browser{})
		must(t, err)
		me := w.actor(in.Session)
		hooked := identity.AccountID("")
		w.OnErase(func(_ context.Context, _ *db.Tx, account identity.AccountID) error { hooked = account; return nil })
		must(t, w.EraseMine(ctx, me))
		if hooked != me.Account {
			t.Error("the other modules were not told")
		}
		_, err = w.Check(ctx, in.Session)
		refused(t, err, fault.Unauthenticated)
		if names, err := w.Names(ctx, me.Account); err != nil || len(names) != 0 {
			t.Errorf("names = %v, %v", names, err)
		}
		if w.count(`SELECT count(*) FROM identity_account WHERE given_name <> '' OR family_name <> '' OR name_key <> '' OR email <> '' OR phone <> ''`) != 0 {
			t.Error("something is left of the person")
		}
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		refused(t, w.EraseMine(ctx, w.actor(c.session)), fault.Forbidden)
		err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return w.EraseTx(ctx, tx, identity.TheSystem(), c.account) })
		refused(t, err, fault.Conflict)
		w.clock.Move(48 * time.Hour)
		before := w.clock.Now().Add(-24 * time.Hour)
		old, err := w.Inactive(ctx, d, identity.Staff, before, time.Time{}, "", 10)
		if err != nil || len(old) != 1 || old[0].ID != c.account {
			t.Fatalf("inactive: %+v, %v", old, err)
		}
		if next, err := w.Inactive(ctx, d, identity.Staff, before, old[0].UsedAt(), old[0].ID, 10); err != nil || len(next) != 0 {
			t.Errorf("the page after the last: %+v, %v", next, err)
		}
		must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return w.EraseInactiveTx(ctx, tx, c.account) }))
		if w.count(`SELECT count(*) FROM identity_totp`)+w.count(`SELECT count(*) FROM identity_recovery`)+w.count(`SELECT count(*) FROM identity_session`) != 0 {
			t.Error("means or sessions are left")
		}
		if !w.said("identity.account.self", "account", string(c.account)) {
			t.Error("the journal does not say it")
		}
	})
}
