package identity_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// password gives a right password and returns the step that waits.
func (w *world) password(c colleague) identity.Step {
	w.t.Helper()
	step, err := w.LoginPassword(w.t.Context(), identity.PasswordLogin{Email: c.email, Password: goodPassword}, identity.Browser{})
	must(w.t, err)
	return step
}

func TestPasswordThenOneTimePassword(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		w.clock.Move(time.Minute)
		step, err := w.LoginPassword(ctx, identity.PasswordLogin{Email: " " + strings.ToUpper(c.email), Password: goodPassword}, identity.Browser{Address: "192.0.2.1"})
		must(t, err)
		if !step.TOTP || step.Passkey || !step.Recovery {
			t.Errorf("step %+v", step)
		}
		if _, err := w.Check(ctx, step.Token); err == nil {
			t.Error("a password alone opens a session")
		}
		in, err := w.FinishTOTP(ctx, step.Token, w.code(c)[:3]+" "+w.code(c)[3:], identity.Browser{Device: "Chrome, Windows"})
		must(t, err)
		if by := w.actor(in.Session); by.Account != c.account || by.SecondFactorAt.IsZero() {
			t.Errorf("in as %+v", by)
		}
		_, err = w.FinishTOTP(ctx, step.Token, w.code(c), identity.Browser{})
		refused(t, err, fault.Unauthenticated) // the step is used
		for _, tc := range []struct{ email, password string }{
			{c.email, "quatre sardines rouges"},
			{"personne@exemple.fr", goodPassword},
			{"pas une adresse", goodPassword},
			{"", ""},
			{strings.Repeat("a", 10_000), strings.Repeat("b", 10_000)},
		} {
			_, err := w.LoginPassword(ctx, identity.PasswordLogin{Email: tc.email, Password: tc.password}, identity.Browser{})
			refused(t, err, fault.Unauthenticated, "identity.login_failed")
		}
		if !w.said("identity.login_failed", "account", string(c.account)) || !w.said("identity.login_failed", "account", "") {
			t.Error("the journal does not say who failed")
		}
		n := w.count(`SELECT count(*) FROM audit_body WHERE detail LIKE '%exemple.fr%' OR object_id LIKE '%exemple.fr%' OR detail LIKE '%sardines%'`)
		if n != 0 {
			t.Error("an address or a password is in the journal")
		}
	})
}

func TestRecoveryCodes(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		code := c.recovery[3]
		// Fifty tabs, one code: one session.
		var opened atomic.Int64
		var wg sync.WaitGroup
		steps := make([]identity.Step, 3)
		for i := range steps {
			steps[i] = w.password(c)
		}
		for _, step := range steps {
			wg.Go(func() {
				if _, err := w.FinishRecovery(ctx, step.Token, strings.ToUpper(strings.ReplaceAll(code, "-", " ")), identity.Browser{}); err == nil {
					opened.Add(1)
				}
			})
		}
		wg.Wait()
		if opened.Load() != 1 {
			t.Errorf("one code opened %d sessions", opened.Load())
		}
		if w.post.count(identity.EventChanged) == 0 {
			t.Error("the person was not told")
		}
		_, err := w.FinishRecovery(ctx, w.password(c).Token, "0000-0000-0000-0000", identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		other := w.colleague(identity.Mediator, w.org("B", rochefort))
		_, err = w.FinishRecovery(ctx, w.password(c).Token, other.recovery[0], identity.Browser{})
		refused(t, err, fault.Unauthenticated)
	})
}

// D13: a code works once, none of an earlier step works after it, ten guesses slow the account down, and the manager of
// the organisation ends that.
func TestD13OneTimePasswords(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		c := w.colleague(identity.Mediator, org)
		finish := func(code string) error {
			_, err := w.FinishTOTP(ctx, w.password(c).Token, code, identity.Browser{})
			return err
		}
		refused(t, finish(w.code(c)), fault.Unauthenticated, "identity.code_wrong") // it was used to enrol
		w.clock.Move(time.Minute)
		at := w.clock.Now()
		previous := identity.CodeAt(c.key, at.Add(-30*time.Second))
		must(t, finish(w.code(c)))
		refused(t, finish(w.code(c)), fault.Unauthenticated, "identity.code_wrong")
		refused(t, finish(previous), fault.Unauthenticated, "identity.code_wrong")
		refused(t, finish(previous), fault.Unauthenticated, "identity.code_wrong")
		w.clock.Move(30 * time.Second)
		must(t, finish(w.code(c)))

		w.clock.Move(time.Hour)
		wrong, slowed := 0, 0
		for range 10 {
			switch err := finish("000000"); fault.KindOf(err) {
			case fault.Unauthenticated:
				wrong++
			case fault.TooMany:
				slowed++
			default:
				t.Fatal(err)
			}
		}
		if wrong != 5 || slowed != 5 {
			t.Errorf("of ten guesses %d were judged, %d refused", wrong, slowed)
		}
		refused(t, finish(w.code(c)), fault.TooMany) // even the right one
		manager := w.staff(identity.Manager, org)
		if yes, err := w.Slowed(ctx, manager, c.account); err != nil || !yes {
			t.Errorf("slowed = %v, %v", yes, err)
		}
		refused(t, w.Unlock(ctx, w.staff(identity.Manager, w.org("B", rochefort)), c.account), fault.NotFound)
		refused(t, w.Unlock(ctx, w.staff(identity.Mediator, org), c.account), fault.Forbidden)
		must(t, w.Unlock(ctx, manager, c.account))
		must(t, finish(w.code(c)))
	})
}

// Five wrong answers end a step, however many come at once.
func TestStepEndsAfterFiveAnswers(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		step := w.password(c)
		var judged atomic.Int64
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				_, err := w.FinishTOTP(ctx, step.Token, fmt.Sprintf("%06d", i), identity.Browser{})
				if f, ok := fault.As(err); !ok {
					t.Error(err)
				} else if f.Message.Key == "identity.code_wrong" {
					judged.Add(1)
				}
			})
		}
		wg.Wait()
		if judged.Load() != 5 {
			t.Errorf("%d of fifty answers were judged, want 5", judged.Load())
		}
	})
}

// Wrong passwords slow one account down, in growing waits, and nobody else behind the same address.
func TestThrottleSlowsOneAccount(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("Mairie", rochefort)
		c, other := w.colleague(identity.Mediator, org), w.colleague(identity.Mediator, org)
		hall := identity.Browser{Address: "192.0.2.1"}
		try := func(email, password string) error {
			_, err := w.LoginPassword(ctx, identity.PasswordLogin{Email: email, Password: password}, hall)
			return err
		}
		for _, email := range []string{c.email, "personne@exemple.fr"} { // known and unknown alike
			for i := range 30 {
				want := fault.Unauthenticated
				if i >= 5 {
					want = fault.TooMany
				}
				refused(t, try(email, "faux faux faux"), want)
			}
			refused(t, try(email, goodPassword), fault.TooMany)
		}
		if w.post.count(identity.EventSlowed) != 1 {
			t.Errorf("the person was told %d times", w.post.count(identity.EventSlowed))
		}
		must(t, try(other.email, goodPassword))
		w.clock.Move(30 * time.Second)
		refused(t, try(c.email, "faux faux faux"), fault.Unauthenticated)
		w.clock.Move(30 * time.Second) // the second wait is twice the first
		refused(t, try(c.email, goodPassword), fault.TooMany)
		w.clock.Move(30 * time.Second)
		must(t, try(c.email, goodPassword))
		refused(t, try(c.email, "faux faux faux"), fault.Unauthenticated) // a success began it again
		must(t, try(c.email, goodPassword))
	})
}

// A browser that the person logged in with goes on while somebody elsewhere fails at their account, and behind an address
// that is full.
func TestKnownBrowserIsNotLockedOut(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c, other := w.colleague(identity.Mediator, w.org("Mairie", rochefort)), w.colleague(identity.Mediator, w.org("B", rochefort))
		hall := identity.Browser{Address: "192.0.2.1"}
		try := func(email, password string, known identity.KnownBrowser, from identity.Browser) error {
			_, err := w.LoginPassword(ctx, identity.PasswordLogin{Email: email, Password: password, Known: known}, from)
			return err
		}
		for i := range 301 { // somebody sprays from inside the town hall
			err := try(fmt.Sprintf("inconnu%d@exemple.fr", i), "faux faux faux", "", hall)
			if i < 300 {
				refused(t, err, fault.Unauthenticated)
			} else {
				refused(t, err, fault.TooMany)
			}
		}
		refused(t, try(c.email, goodPassword, "", hall), fault.TooMany)
		refused(t, try(c.email, goodPassword, other.known, hall), fault.TooMany) // somebody else's mark
		refused(t, try(c.email, goodPassword, c.known+"x", hall), fault.TooMany)
		must(t, try(c.email, goodPassword, c.known, hall))
		must(t, try(c.email, goodPassword, "", identity.Browser{Address: "192.0.2.2"}))
		for i := range 6 { // guesses from a known browser are slowed down all the same
			err := try(c.email, "faux faux faux", c.known, hall)
			if i < 5 {
				refused(t, err, fault.Unauthenticated)
			} else {
				refused(t, err, fault.TooMany)
			}
		}
		must(t, try(c.email, goodPassword, "", identity.Browser{Address: "192.0.2.2"}))
		w.clock.Move(91 * 24 * time.Hour)
		if err := try(c.email, goodPassword, c.known, hall); err != nil {
			t.Error(err) // the mark is too old, but the address is free again
		}
	})
}

// authenticator is a passkey of tests.
type authenticator struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

const origin identity.Origin = "https://aide.exemple.fr"

func newAuthenticator() *authenticator {
	return &authenticator{
		rp:   virtualwebauthn.RelyingParty{Name: "aide.exemple.fr", ID: "aide.exemple.fr", Origin: string(origin)},
		auth: virtualwebauthn.NewAuthenticator(), cred: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
}

// create answers the question that makes a passkey.
func (a *authenticator) create(t testing.TB, options []byte) []byte {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAttestationOptions(string(options))
	must(t, err)
	a.auth.Options.UserHandle = []byte(parsed.UserID)
	a.auth.AddCredential(a.cred)
	return []byte(virtualwebauthn.CreateAttestationResponse(a.rp, a.auth, a.cred, *parsed))
}

// answer answers the question of a log-in.
func (a *authenticator) answer(t testing.TB, options []byte) []byte {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(string(options))
	must(t, err)
	a.cred.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(a.rp, a.auth, a.cred, *parsed))
}

func TestPasskeyAlone(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		token := w.invite(identity.Mediator, org, "cle@exemple.fr")
		step, err := w.BeginInvitation(ctx, token, identity.Newcomer{GivenName: "Clé", FamilyName: "Exemple"})
		must(t, err)
		_, err = w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "", identity.Browser{})
		field(t, err, "password", "identity.password_needed") // a code alone is one factor
		key := newAuthenticator()
		options, err := w.BeginEnrolPasskey(ctx, step.Token, origin)
		must(t, err)
		if strings.Contains(string(options), `"attestation":"direct"`) {
			t.Error("it asks which make of key people own")
		}
		in, err := w.EnrolPasskey(ctx, step.Token, origin, "Clé bleue", key.create(t, options), identity.Browser{})
		must(t, err)
		if by := w.actor(in.Session); by.Account != in.Account || by.Role != identity.Mediator {
			t.Errorf("in as %+v", by)
		}
		login := func(from identity.Browser) (identity.LoggedIn, error) {
			options, step, err := w.BeginPasskeyLogin(ctx, origin)
			must(t, err)
			return w.FinishPasskeyLogin(ctx, step, origin, key.answer(t, options), from)
		}
		got, err := login(identity.Browser{})
		must(t, err)
		if s, err := w.Check(ctx, got.Session); err != nil || s.Method != identity.ByPasskey || s.Actor.Account != in.Account || s.Actor.SecondFactorAt.IsZero() {
			t.Errorf("%+v, %v", s, err)
		}
		if kiosk, err := login(identity.Browser{Kiosk: true}); err != nil || kiosk.Known != "" {
			t.Errorf("a kiosk keeps %q, %v", kiosk.Known, err)
		}

		options, first, err := w.BeginPasskeyLogin(ctx, origin)
		must(t, err)
		response := key.answer(t, options)
		_, err = w.FinishPasskeyLogin(ctx, first, "https://mechant.example", response, identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		_, err = w.FinishPasskeyLogin(ctx, first, origin, []byte(`{"id":"x"}`), identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		_, second, err := w.BeginPasskeyLogin(ctx, origin)
		must(t, err)
		_, err = w.FinishPasskeyLogin(ctx, second, origin, response, identity.Browser{}) // the answer to another question
		refused(t, err, fault.Unauthenticated)
		if _, err := w.FinishPasskeyLogin(ctx, first, origin, response, identity.Browser{}); err != nil {
			t.Error(err)
		}
		_, err = w.FinishPasskeyLogin(ctx, first, origin, response, identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		key.cred.Counter = 0 // a copy of the key
		_, err = login(identity.Browser{})
		refused(t, err, fault.Unauthenticated, "identity.passkey_failed")
		unknown := newAuthenticator()
		options, step2, err := w.BeginPasskeyLogin(ctx, origin)
		must(t, err)
		unknown.auth.Options.UserHandle = []byte("nobody")
		_, err = w.FinishPasskeyLogin(ctx, step2, origin, unknown.answer(t, options), identity.Browser{})
		refused(t, err, fault.Unauthenticated, "identity.passkey_failed")
		for _, bad := range []identity.Origin{"", "http://aide.exemple.fr", "https://", "x", "https://127.0.0.1"} {
			if _, _, err := w.BeginPasskeyLogin(ctx, bad); err == nil {
				t.Errorf("a passkey for %q", bad)
			}
		}
		must(t, w.DisableAccount(ctx, identity.AtCLI(), in.Account))
		key.cred.Counter = 100
		_, err = login(identity.Browser{})
		refused(t, err, fault.Unauthenticated, "identity.passkey_failed")
	})
}

func TestPasskeyAsSecondFactor(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		c, other := w.colleague(identity.Mediator, org), w.colleague(identity.Mediator, org)
		keys := map[identity.AccountID]*authenticator{}
		for _, who := range []colleague{c, other} {
			keys[who.account] = newAuthenticator()
			options, step, err := w.BeginPasskey(ctx, w.actor(who.session), origin)
			must(t, err)
			_, err = w.FinishPasskey(ctx, w.actor(who.session), step, origin, "Clé", keys[who.account].create(t, options))
			must(t, err)
		}
		step := w.password(c)
		if !step.Passkey {
			t.Errorf("step %+v", step)
		}
		options, err := w.BeginPasskeyFactor(ctx, step.Token, origin)
		must(t, err)
		_, err = w.FinishPasskeyFactor(ctx, step.Token, origin, keys[other.account].answer(t, options), identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		in, err := w.FinishPasskeyFactor(ctx, step.Token, origin, keys[c.account].answer(t, options), identity.Browser{})
		must(t, err)
		if s, err := w.Check(ctx, in.Session); err != nil || s.Method != identity.ByPassword || s.Actor.Account != c.account {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// A factor or a password that changes kills the other sessions, the waiting steps and the marks of browsers; the session
// that changed it goes on under a new token.
func TestD12ChangesKillWhatStoodBefore(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		key := newAuthenticator()
		var passkey identity.Passkey
		changes := map[string]func(by identity.Actor, c colleague) (identity.Token, error){
			"password": func(by identity.Actor, _ colleague) (identity.Token, error) {
				return w.SetPassword(ctx, by, goodPassword, "une phrase toute neuve")
			},
			"recovery": func(by identity.Actor, _ colleague) (identity.Token, error) {
				_, t, err := w.PrintRecovery(ctx, by)
				return t, err
			},
			"one-time password": func(by identity.Actor, _ colleague) (identity.Token, error) {
				step, err := w.BeginTOTP(ctx, by)
				must(t, err)
				return w.FinishTOTPDevice(ctx, by, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "Carte")
			},
			"passkey": func(by identity.Actor, _ colleague) (identity.Token, error) {
				options, step, err := w.BeginPasskey(ctx, by, origin)
				must(t, err)
				return w.FinishPasskey(ctx, by, step, origin, "Clé", newAuthenticator().create(t, options))
			},
			"passkey removed": func(by identity.Actor, _ colleague) (identity.Token, error) {
				options, step, err := w.BeginPasskey(ctx, by, origin)
				must(t, err)
				token, err := w.FinishPasskey(ctx, by, step, origin, "Clé", key.create(t, options))
				must(t, err)
				by = w.actor(token)
				means, err := w.Means(ctx, by)
				must(t, err)
				passkey = means.Passkeys[0]
				return w.RemovePasskey(ctx, by, passkey.ID)
			},
		}
		for name, change := range changes {
			c := w.colleague(identity.Mediator, w.org(name, rochefort))
			elsewhere := w.login(c.account)
			step := w.password(c)
			linked, err := w.LoginLink(ctx, identity.AtCLI(), c.account, time.Hour)
			must(t, err)
			told := w.post.count(identity.EventChanged)
			next, err := change(w.actor(c.session), c)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			w.actor(next)
			for what, token := range map[string]identity.Token{"the other session": elsewhere, "the old token": c.session} {
				if _, err := w.Check(ctx, token); !fault.Is(err, fault.Unauthenticated) {
					t.Errorf("%s: %s lives on: %v", name, what, err)
				}
			}
			w.clock.Move(time.Minute)
			if _, err := w.FinishTOTP(ctx, step.Token, w.code(c), identity.Browser{}); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: a step begun before goes on: %v", name, err)
			}
			if _, err := w.LoginByLink(ctx, linked, identity.Browser{}); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: a link made before works: %v", name, err)
			}
			if w.post.count(identity.EventChanged) == told {
				t.Errorf("%s: the person was not told", name)
			}
		}
	})
}

// D12: a session begins under a token of its own, whatever the browser brought; a role that changes, an account that is
// disabled and a membership that ends are dead at the next request.
func TestD12SessionFixation(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		seen := map[identity.Token]bool{c.session: true}
		for range 3 {
			w.clock.Move(time.Minute)
			step := w.password(c)
			in, err := w.FinishTOTP(ctx, step.Token, w.code(c), identity.Browser{})
			must(t, err)
			if seen[in.Session] || in.Session == step.Token {
				t.Error("a token comes twice")
			}
			seen[in.Session] = true
			if _, err := w.Check(ctx, step.Token); err == nil {
				t.Error("the token of the step became that of the session")
			}
		}
		w.clock.Move(20 * time.Minute)
		by := w.actor(c.session)
		if _, err := w.SetPassword(ctx, by, goodPassword, "une phrase toute neuve"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a password changes without a fresh second factor: %v", err)
		}
		_, err := w.ConfirmTOTP(ctx, by, "000000")
		refused(t, err, fault.Unauthenticated)
		next, err := w.ConfirmTOTP(ctx, by, w.code(c))
		must(t, err)
		_, err = w.Check(ctx, c.session)
		refused(t, err, fault.Unauthenticated) // a new token with the new power
		if !w.actor(next).Fresh(w.clock.Now(), time.Minute) {
			t.Error("the second factor is not fresh")
		}
		manager := w.staff(identity.Manager, by.Organisation)
		must(t, w.ChangeMembership(ctx, manager, by.Membership, identity.Change{Role: identity.Volunteer, State: identity.MemberActive}))
		_, err = w.Check(ctx, next)
		refused(t, err, fault.Unauthenticated)
	})
}

func TestLastFactorStays(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		by := w.actor(c.session)
		means, err := w.Means(ctx, by)
		if err != nil || len(means.TOTP) != 1 || means.TOTP[0].Name != "Téléphone" || !means.Password || means.Recovery != 10 {
			t.Fatalf("%+v, %v", means, err)
		}
		_, err = w.RemoveTOTP(ctx, by, means.TOTP[0].ID)
		refused(t, err, fault.Conflict, "identity.last_factor")
		key := newAuthenticator()
		options, step, err := w.BeginPasskey(ctx, by, origin)
		must(t, err)
		token, err := w.FinishPasskey(ctx, by, step, origin, "  Clé   bleue ", key.create(t, options))
		must(t, err)
		by = w.actor(token)
		_, err = w.FinishPasskey(ctx, by, step, origin, "", nil)
		refused(t, err, fault.Unauthenticated)
		means, _ = w.Means(ctx, by)
		if len(means.Passkeys) != 1 || means.Passkeys[0].Name != "Clé bleue" {
			t.Fatalf("%+v", means.Passkeys)
		}
		must(t, w.RenamePasskey(ctx, by, means.Passkeys[0].ID, "Clé rouge"))
		stranger := w.actor(w.colleague(identity.Mediator, w.org("B", rochefort)).session)
		refused(t, w.RenamePasskey(ctx, stranger, means.Passkeys[0].ID, "à moi"), fault.NotFound)
		_, err = w.RemovePasskey(ctx, stranger, means.Passkeys[0].ID)
		refused(t, err, fault.NotFound)
		_, err = w.RemoveTOTP(ctx, stranger, means.TOTP[0].ID)
		refused(t, err, fault.NotFound)
		token, err = w.RemoveTOTP(ctx, by, means.TOTP[0].ID)
		must(t, err)
		by = w.actor(token)
		_, err = w.RemovePasskey(ctx, by, means.Passkeys[0].ID)
		refused(t, err, fault.Conflict, "identity.last_factor")
	})
}

// Two tabs that each remove one of the two last means: one is refused.
func TestLastFactorStaysAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		options, step, err := w.BeginPasskey(ctx, w.actor(c.session), origin)
		must(t, err)
		token, err := w.FinishPasskey(ctx, w.actor(c.session), step, origin, "Clé", newAuthenticator().create(t, options))
		must(t, err)
		by := w.actor(token)
		means, err := w.Means(ctx, by)
		must(t, err)
		var removed atomic.Int64
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = w.RemovePasskey(ctx, by, means.Passkeys[0].ID)
				} else {
					_, err = w.RemoveTOTP(ctx, by, means.TOTP[0].ID)
				}
				if err == nil {
					removed.Add(1)
				}
			})
		}
		wg.Wait()
		if removed.Load() != 1 {
			t.Errorf("%d removals passed", removed.Load())
		}
	})
}

func TestPasswordChange(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		by := w.actor(c.session)
		_, err := w.SetPassword(ctx, by, "pas celui-ci du tout", "une phrase toute neuve")
		field(t, err, "current", "identity.password_wrong")
		_, err = w.SetPassword(ctx, by, goodPassword, "motdepasse2024")
		field(t, err, "password", "identity.password_common")
		for range 5 {
			_, err = w.SetPassword(ctx, by, "pas celui-ci du tout", "une phrase toute neuve")
		}
		refused(t, err, fault.TooMany) // a stolen session does not guess the password
		_, err = w.SetPassword(ctx, identity.AtCLI(), "", "une phrase toute neuve")
		refused(t, err, fault.Forbidden)
		_, err = w.SetPassword(ctx, identity.Actor{Kind: identity.Resident, Account: "x"}, "", "une phrase toute neuve")
		refused(t, err, fault.Forbidden)
	})
}

// D8: the journal cannot be written; nothing of the act is.
func TestD8NoActWithoutItsLine(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		admin := w.staff(identity.Administrator, org)
		a, m := w.enrol(identity.Mediator, org)
		token := w.login(a.ID)
		by := w.actor(token)
		other := w.org("B", rochefort)
		invitation := w.invite(identity.Mediator, org, "a@exemple.fr")
		step, err := w.BeginInvitation(ctx, invitation, identity.Newcomer{GivenName: "A", FamilyName: "B", Password: goodPassword})
		must(t, err)
		list, err := w.Invitations(ctx, admin, org)
		must(t, err)
		login, err := w.LoginLink(ctx, identity.AtCLI(), a.ID, time.Hour)
		must(t, err)
		resident, _, err := w.AddResident(ctx, admin, identity.NewResident{GivenName: "R", FamilyName: "E"})
		must(t, err)
		tables := []string{"organisation", "past", "scope", "scope_commune", "account", "membership", "invitation", "session", "challenge", "totp", "recovery", "passkey", "reproof", "card", "federated"}
		state := func() string {
			var all []string
			for _, table := range tables {
				column := map[string]string{"challenge": "token_hash", "recovery": "code_hash", "federated": "subject", "scope_commune": "commune_code"}[table]
				if column == "" {
					column = "id"
				}
				used := map[string]string{
					"challenge": "used_at", "invitation": "used_at", "session": "closed_at", "account": "state", "membership": "state", "organisation": "state", "card": "state",
				}[table]
				if used == "" {
					used = column
				}
				rows, err := db.All(ctx, d, func(r db.Row) (string, error) {
					var id []byte
					var how any
					err := r.Scan(&id, &how)
					return fmt.Sprintf("%s %x %v", table, id, how), err
				}, fmt.Sprintf(`SELECT %s, %s FROM identity_%s ORDER BY %s`, column, used, table, column))
				must(t, err)
				all = append(all, rows...)
			}
			return strings.Join(all, "\n")
		}
		before := state()
		if d.Engine() == db.SQLite {
			w.exec(`CREATE TRIGGER disk_full BEFORE INSERT ON audit_leaf BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
		} else {
			w.exec(`CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''disk full''; END'`)
			w.exec(`CREATE TRIGGER disk_full BEFORE INSERT ON audit_leaf FOR EACH ROW EXECUTE FUNCTION disk_full()`)
		}
		for name, act := range map[string]func() error{
			"organisation": func() error {
				_, err := w.AddOrganisation(ctx, admin, identity.Profile{Kind: identity.OrgOther, Name: "C"})
				return err
			},
			"edit":  func() error { _, err := w.EditOrganisation(ctx, admin, org, 1, association("D")); return err },
			"merge": func() error { return w.MergeOrganisations(ctx, admin, other, org) },
			"close": func() error { return w.CloseOrganisation(ctx, admin, other) },
			"scope": func() error {
				_, err := w.AddScope(ctx, admin, identity.NewScopeInput{Kind: identity.ScopeCommune, Code: nerac})
				return err
			},
			"invite": func() error {
				_, _, err := w.Invite(ctx, admin, identity.NewInvitation{Organisation: org, Role: identity.Helper, Email: "b@exemple.fr"})
				return err
			},
			"revoke": func() error { return w.RevokeInvitation(ctx, admin, list[0].ID) },
			"accept": func() error {
				_, err := w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "", identity.Browser{})
				return err
			},
			"log-in": func() error { _, err := w.LoginByLink(ctx, login, identity.Browser{}); return err },
			"failure": func() error {
				_, err := w.LoginPassword(ctx, identity.PasswordLogin{Email: a.Email, Password: "faux"}, identity.Browser{})
				return err
			},
			"log-out": func() error { return w.Logout(ctx, by) },
			"kill":    func() error { return w.CloseSession(ctx, by, a.ID, by.Session) },
			"role": func() error {
				return w.ChangeMembership(ctx, admin, m.ID, identity.Change{Role: identity.Helper, State: identity.MemberEnded})
			},
			"departure": func() error { return w.Depart(ctx, admin, a.ID) },
			"disable":   func() error { return w.DisableAccount(ctx, admin, a.ID) },
			"reproof":   func() error { _, err := w.AskReproof(ctx, admin, a.ID); return err },
			"card":      func() error { _, err := w.PrintCard(ctx, admin, resident.ID); return err },
			"block":     func() error { return w.BlockCard(ctx, admin, resident.ID) },
			"resident": func() error {
				_, _, err := w.AddResident(ctx, admin, identity.NewResident{GivenName: "R", FamilyName: "F"})
				return err
			},
			"recovery":    func() error { _, _, err := w.PrintRecovery(ctx, by); return err },
			"unlock":      func() error { return w.Unlock(ctx, admin, a.ID) },
			"rename":      func() error { return w.RenameAccount(ctx, by, "X", "Y") },
			"leave":       func() error { return w.Leave(ctx, by) },
			"other close": func() error { _, err := w.CloseOtherSessions(ctx, by, a.ID); return err },
		} {
			err := act()
			switch {
			case name == "other close": // there are none: nothing happens, nothing is said
			case err == nil || fault.KindOf(err) != fault.Internal:
				t.Errorf("%s: err = %v, want that of the disk", name, err)
			}
			if after := state(); after != before {
				t.Errorf("%s happened without its line", name)
				before = after
			}
		}
		if _, err := w.Check(context.WithoutCancel(ctx), token); err != nil {
			t.Errorf("the session: %v", err)
		}
	})
}
