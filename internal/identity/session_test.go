package identity_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

func TestSessionSaysWhoItIs(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		org := w.org("Médiathèque", rochefort)
		a, m := w.enrol(identity.Officer, org)
		token := w.login(a.ID)
		s, err := w.Check(t.Context(), token)
		must(t, err)
		by := s.Actor
		if by.Account != a.ID || by.Kind != identity.Staff || by.Name != a.Name() || by.Membership != m.ID || by.Organisation != org ||
			by.Role != identity.Officer || !by.Scope.Holds(rochefort) || by.Scope.Holds(nerac) || by.SecondFactorAt.IsZero() || by.Session != s.ID || by.Kiosk {
			t.Errorf("actor = %+v", by)
		}
		if s.OrganisationName != "Médiathèque" || s.Device != "Firefox, Linux" || s.Method != identity.ByLink {
			t.Errorf("session = %+v", s)
		}
		if !w.said("identity.login", "account", string(a.ID)) {
			t.Error("the journal says nothing of the log-in")
		}
		if n := w.count(`SELECT count(*) FROM identity_session WHERE token_hash = $1`, []byte(token)); n != 0 {
			t.Error("the token itself is in the database")
		}
		for _, forged := range []identity.Token{"", "x", token + "a", identity.Token(s.ID)} {
			_, err := w.Check(t.Context(), forged)
			refused(t, err, fault.Unauthenticated)
		}
	})
}

func TestTokensDoNotPrint(t *testing.T) {
	t.Parallel()
	secret := identity.Token("abcdefghijklmnop")
	for _, text := range []string{fmt.Sprint(secret), fmt.Sprintf("%s %v %q", secret, secret, secret), fmt.Sprintf("%+v", struct{ T identity.Token }{secret}), secret.LogValue().String()} {
		if strings.Contains(text, "abc") {
			t.Errorf("%s shows the secret", text)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a, _ := w.enrol(identity.Mediator, w.org("A", rochefort))
		alive := func(token identity.Token, want bool) {
			t.Helper()
			_, err := w.Check(ctx, token)
			if (err == nil) != want {
				t.Errorf("alive = %v, want %v (%v)", err == nil, want, err)
			}
		}
		idle := w.login(a.ID)
		w.clock.Move(12*time.Hour - time.Second)
		alive(idle, true)
		w.clock.Move(12 * time.Hour)
		alive(idle, false)

		long := w.login(a.ID)
		for range 4 { // a request every six hours, with what was seen written down or only remembered
			alive(long, true)
			w.clock.Move(6*time.Hour - time.Second)
			must(t, w.FlushSeen(ctx))
		}
		alive(long, true)
		w.clock.Move(4 * time.Second)
		alive(long, false)

		link, err := w.LoginLink(ctx, identity.AtCLI(), a.ID, time.Hour)
		must(t, err)
		kiosk, err := w.LoginByLink(ctx, link, identity.Browser{Kiosk: true})
		must(t, err)
		for range 4 {
			w.clock.Move(5*time.Minute - time.Second)
			alive(kiosk, true)
		}
		w.clock.Move(5 * time.Minute)
		alive(kiosk, false)
		_, err = w.LoginByLink(ctx, link, identity.Browser{})
		refused(t, err, fault.Unauthenticated)
	})
}

// What one node saw reaches the others, and no request waits for a writer.
func TestSeenIsWrittenBehind(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a, _ := w.enrol(identity.Mediator, w.org("A", rochefort))
		token := w.login(a.ID)
		stored := func() int64 { return w.count(`SELECT seen_at FROM identity_session`) }
		before := stored()
		w.clock.Move(30 * time.Second)
		w.actor(token)
		must(t, w.FlushSeen(ctx))
		if stored() != before {
			t.Error("a second request within the minute was written")
		}
		w.clock.Move(31 * time.Second)
		must(t, d.Write(ctx, func(context.Context, *db.Tx) error { // a long write, as of an import
			w.actor(token)
			return nil
		}))
		must(t, w.FlushSeen(ctx))
		if got := stored(); got != db.Micros(w.clock.Now()) {
			t.Errorf("seen_at = %v, want now", db.Time(got))
		}
		if got := w.count(`SELECT seen_at FROM identity_account`); got != db.Micros(w.clock.Now()) {
			t.Errorf("seen_at of the account = %v, want now", db.Time(got))
		}
	})
}

// A session that ended never comes back: not by a request that was under way, nor by what was seen too late.
func TestClosedSessionStaysClosed(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a, _ := w.enrol(identity.Mediator, w.org("A", rochefort))
		token := w.login(a.ID)
		w.clock.Move(2 * time.Minute)
		by := w.actor(token) // its mark is still to be written
		must(t, w.Logout(ctx, by))
		must(t, w.FlushSeen(ctx))
		_, err := w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated)
		_, err = w.Switch(ctx, by, by.Membership)
		refused(t, err, fault.Unauthenticated)
		must(t, w.Logout(ctx, by))
		if n := w.count(`SELECT count(*) FROM audit_body WHERE action = 'identity.logout'`); n != 1 {
			t.Errorf("%d log-outs in the journal", n)
		}
	})
}

func TestMySessions(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		a, _ := w.enrol(identity.Mediator, org)
		here, there, stolen := w.login(a.ID), w.login(a.ID), w.login(a.ID)
		me := w.actor(here)
		mine, err := w.Sessions(ctx, me, a.ID)
		if err != nil || len(mine) != 3 {
			t.Fatalf("%d sessions, %v", len(mine), err)
		}
		must(t, w.CloseSession(ctx, me, a.ID, w.actor(stolen).Session))
		_, err = w.Check(ctx, stolen)
		refused(t, err, fault.Unauthenticated)
		other := w.staff(identity.Manager, org)
		_, err = w.Sessions(ctx, other, a.ID)
		refused(t, err, fault.NotFound)
		refused(t, w.CloseSession(ctx, other, a.ID, me.Session), fault.NotFound)
		refused(t, w.CloseSession(ctx, other, other.Account, me.Session), fault.NotFound) // my own account, another's session
		n, err := w.CloseOtherSessions(ctx, me, a.ID)
		if err != nil || n != 1 {
			t.Errorf("closed %d others, %v", n, err)
		}
		_, err = w.Check(ctx, there)
		refused(t, err, fault.Unauthenticated)
		w.actor(here)
		if !w.said("identity.session.close", "account", string(a.ID)) {
			t.Error("the journal says nothing of it")
		}
	})
}

func TestSwitchingOrganisations(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		first, second := w.org("A", rochefort), w.org("B", saintes)
		a, m1 := w.enrol(identity.Mediator, first)
		w.exec(`INSERT INTO identity_membership (id, account_id, organisation_id, role, state, since_at, version) VALUES ('m2', $1, $2, 'manager', 'active', 1, 1)`, string(a.ID), string(second))
		token := w.login(a.ID)
		by := w.actor(token)
		if by.Membership != m1.ID {
			t.Errorf("begins as %s", by.Membership)
		}
		next, err := w.Switch(ctx, by, "m2")
		must(t, err)
		_, err = w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated)
		if now := w.actor(next); now.Organisation != second || now.Role != identity.Manager || now.Session != by.Session {
			t.Errorf("switched to %+v", now)
		}
		if again := w.actor(w.login(a.ID)); again.Organisation != second {
			t.Error("the next log-in does not begin where the last one was")
		}
		_, other := w.enrol(identity.Administrator, first)
		_, err = w.Switch(ctx, w.actor(next), other.ID)
		refused(t, err, fault.NotFound)
	})
}

func TestLinkWorksOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a, _ := w.enrol(identity.Mediator, w.org("A", rochefort))
		link, err := w.LoginLink(ctx, identity.AtCLI(), a.ID, time.Hour)
		must(t, err)
		var opened atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := w.LoginByLink(ctx, link, identity.Browser{})
				if err == nil {
					opened.Add(1)
				} else {
					refused(t, err, fault.Unauthenticated)
				}
			})
		}
		wg.Wait()
		if opened.Load() != 1 {
			t.Errorf("one link opened %d sessions", opened.Load())
		}
		_, err = w.LoginLink(ctx, w.staff(identity.Administrator, w.org("B", rochefort)), a.ID, time.Hour)
		refused(t, err, fault.Forbidden)
		old, err := w.LoginLink(ctx, identity.AtCLI(), a.ID, time.Hour)
		must(t, err)
		w.clock.Move(time.Hour)
		_, err = w.LoginByLink(ctx, old, identity.Browser{})
		refused(t, err, fault.Unauthenticated)
	})
}

// BenchmarkCheck measures what each request pays to know who asks, beside reading one column of one row by its key in the
// same run. On a busy machine the processor's own time says more than the clock: cpu-µs/op.
func BenchmarkCheck(b *testing.B) {
	testkit.Bench(b, func(b *testing.B, d *db.DB) {
		w := newWorld(b, d)
		org := w.org("A", rochefort)
		var tokens []identity.Token
		for range 200 {
			a, _ := w.enrol(identity.Officer, org)
			tokens = append(tokens, w.login(a.ID))
		}
		ctx := b.Context()
		before, n := spent(b), 0
		for b.Loop() {
			if _, err := w.Check(ctx, tokens[n%len(tokens)]); err != nil {
				b.Fatal(err)
			}
			n++
		}
		check := spent(b) - before
		before = spent(b)
		for i := range n {
			if _, err := db.Hot(ctx, d, db.Value[string], `SELECT name FROM identity_organisation WHERE id = $1`, string(org)); err != nil {
				b.Fatal(i, err)
			}
		}
		b.ReportMetric(float64(check.Nanoseconds())/1000/float64(n), "cpu-µs/op")
		b.ReportMetric(float64(check)/float64(spent(b)-before), "reads/op")
	})
}

// spent is the processor's time of this process so far.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Tokens are 256 random bits, each another.
func TestTokensAreLong(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		seen := map[identity.Token]bool{}
		for range 50 {
			token, err := w.BeginAway(t.Context(), "{}")
			must(t, err)
			raw, err := base64.RawURLEncoding.DecodeString(string(token))
			if err != nil || len(raw) != 32 || seen[token] {
				t.Fatalf("a token of %d bytes, %v", len(raw), err)
			}
			seen[token] = true
			if asked, err := w.TakeAway(t.Context(), token); err != nil || asked != "{}" {
				t.Fatalf("%q, %v", asked, err)
			}
			if _, err := w.TakeAway(t.Context(), token); !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("taken twice: %v", err)
			}
		}
	})
}
