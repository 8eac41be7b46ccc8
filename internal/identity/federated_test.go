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

const (
	ownSIRET   = "73282932000074"
	otherSIRET = "35600000000048"
)

// pro is the answer of ProConnect for somebody.
func pro(email, siret string, amr ...string) identity.Claims {
	return identity.Claims{GivenName: "Camille", FamilyName: "Exemple", Email: email, SIRET: siret, AMR: amr}
}

// orgWith makes an organisation of a number.
func (w *world) orgWith(siret string) identity.OrganisationID {
	w.t.Helper()
	p := association("Structure " + siret)
	p.SIRET = siret
	o, err := w.AddOrganisation(w.t.Context(), identity.AtCLI(), p)
	must(w.t, err)
	return o.ID
}

// tied is a colleague whose account is tied to an identity of ProConnect.
func (w *world) tied(subject string, org identity.OrganisationID, siret string) colleague {
	w.t.Helper()
	c := w.colleague(identity.Mediator, org)
	f, err := w.LoginFederated(w.t.Context(), identity.ProConnect, subject, "idp", pro(c.email, siret, "pwd"), identity.Browser{})
	must(w.t, err)
	must(w.t, w.LinkFederated(w.t.Context(), w.actor(c.session), f.Linking))
	return c
}

// D10: the same address from another identity provider joins nothing, without proof.
func TestD10SameAddressIsNoProof(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.orgWith(ownSIRET)
		c := w.colleague(identity.Administrator, org)
		before := w.count(`SELECT count(*) FROM identity_account`)
		f, err := w.LoginFederated(ctx, identity.ProConnect, "sub", "idp", pro(c.email, ownSIRET, "pwd", "mfa"), identity.Browser{})
		must(t, err)
		if f.Linking == "" || f.LoggedIn.Session != "" || f.Step.Token != "" {
			t.Errorf("an address opens %+v", f)
		}
		if w.count(`SELECT count(*) FROM identity_account`) != before || w.count(`SELECT count(*) FROM identity_federated`) != 0 {
			t.Error("an account or a tie is written")
		}
		refused(t, w.LinkFederated(ctx, identity.Nobody(), f.Linking), fault.Unauthenticated)
		_, err = w.AcceptFederated(ctx, f.Linking, w.invite(identity.Mediator, w.org("B", rochefort), "autre@exemple.fr"), identity.Browser{})
		refused(t, err, fault.Forbidden, "identity.invitation_other")
		_, err = w.JoinFederated(ctx, f.Linking, identity.Browser{})
		refused(t, err, fault.Forbidden, "identity.federated_kind")

		// The proof: being logged in by other means, with a fresh second factor.
		must(t, w.LinkFederated(ctx, w.actor(c.session), f.Linking))
		refused(t, w.LinkFederated(ctx, w.actor(c.session), f.Linking), fault.Unauthenticated)
		f, err = w.LoginFederated(ctx, identity.ProConnect, "sub", "idp", pro("autre@exemple.fr", ownSIRET, "mfa"), identity.Browser{Device: "Firefox"})
		must(t, err)
		s, err := w.Check(ctx, f.LoggedIn.Session)
		if err != nil || s.Actor.Account != c.account || s.Method != identity.ByFederated || s.Provider != "proconnect" || s.Actor.SecondFactorAt.IsZero() {
			t.Errorf("%+v, %v", s, err)
		}
		f, err = w.LoginFederated(ctx, identity.ProConnect, "sub", "another idp", pro(c.email, ownSIRET, "mfa"), identity.Browser{})
		if err != nil || f.Linking == "" {
			t.Errorf("the subject of another provider opens %+v, %v", f, err)
		}
		w.clock.Move(20 * time.Minute)
		refused(t, w.LinkFederated(ctx, w.actor(c.session), f.Linking), fault.Forbidden, identity.ConfirmFirst)
		if ties, err := w.Ties(ctx, w.actor(c.session)); err != nil || len(ties) != 1 {
			t.Errorf("%+v, %v", ties, err)
		}
	})
}

// D10: the provider asked for one factor: ours is awaited.
func TestD10WeakProviderWantsOurFactor(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		c := w.tied("sub", w.orgWith(ownSIRET), ownSIRET)
		w.clock.Move(time.Minute)
		for _, amr := range [][]string{nil, {"pwd"}, {"mail"}, {"pwd", "mail"}} {
			f, err := w.LoginFederated(ctx, identity.ProConnect, "sub", "idp", pro(c.email, ownSIRET, amr...), identity.Browser{})
			must(t, err)
			if f.LoggedIn.Session != "" || !f.Step.TOTP {
				t.Errorf("amr %v opens %+v", amr, f)
			}
		}
		f, err := w.LoginFederated(ctx, identity.ProConnect, "sub", "idp", pro(c.email, ownSIRET, "pwd"), identity.Browser{})
		must(t, err)
		in, err := w.FinishTOTP(ctx, f.Step.Token, w.code(c), identity.Browser{})
		must(t, err)
		w.actor(in.Session)
		for _, amr := range []string{"mfa", "totp", "pop"} {
			if f, err := w.LoginFederated(ctx, identity.ProConnect, "sub", "idp", pro(c.email, ownSIRET, "pwd", amr), identity.Browser{}); err != nil || f.LoggedIn.Session == "" {
				t.Errorf("amr %s: %+v, %v", amr, f, err)
			}
		}
	})
}

// D10: the provider names another organisation: rights wait for the manager's word.
func TestD10AnotherOrganisationSuspends(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.orgWith(ownSIRET)
		c := w.tied("sub", org, ownSIRET)
		manager := w.staff(identity.Manager, org)
		login := func(siret string) (identity.FederatedLogin, error) {
			return w.LoginFederated(ctx, identity.ProConnect, "sub", "idp", pro(c.email, siret, "mfa"), identity.Browser{})
		}
		f, err := login("") // says nothing: nothing changed
		must(t, err)
		_, err = login(otherSIRET)
		refused(t, err, fault.Forbidden, "identity.organisation_changed")
		_, err = w.Check(ctx, f.LoggedIn.Session)
		refused(t, err, fault.Unauthenticated)
		_, err = login(otherSIRET)
		refused(t, err, fault.Forbidden, "identity.no_membership")
		all, err := w.Memberships(ctx, manager, c.account)
		if err != nil || len(all) != 1 || all[0].State != identity.MemberSuspended {
			t.Fatalf("%+v, %v", all, err)
		}
		must(t, w.ChangeMembership(ctx, manager, all[0].ID, identity.Change{Role: identity.Mediator, State: identity.MemberActive}))
		f, err = login(otherSIRET)
		must(t, err)
		w.actor(f.LoggedIn.Session)

		// Who works in the other organisation too has only chosen it.
		second := w.orgWith(otherSIRET)
		_, err = w.AcceptAs(ctx, w.actor(f.LoggedIn.Session), w.invite(identity.Helper, second, c.email))
		must(t, err)
		for _, siret := range []string{ownSIRET, otherSIRET, ownSIRET} {
			if _, err := login(siret); err != nil {
				t.Errorf("%s: %v", siret, err)
			}
		}
	})
}

func TestInvitationAcceptedByAnIdentity(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.orgWith(ownSIRET)
		begin := func(subject, email string, amr ...string) identity.Token {
			t.Helper()
			f, err := w.LoginFederated(ctx, identity.ProConnect, subject, "idp", pro(email, ownSIRET, amr...), identity.Browser{})
			must(t, err)
			return f.Linking
		}
		invitation := w.invite(identity.Mediator, org, "camille@exemple.fr")
		_, err := w.AcceptFederated(ctx, begin("sub", "camille@exemple.fr", "pwd"), invitation, identity.Browser{})
		refused(t, err, fault.Forbidden, "identity.federated_weak")
		var in atomic.Int64
		var wg sync.WaitGroup
		tokens := make([]identity.Token, 50)
		for i := range tokens {
			tokens[i] = begin("sub", "Camille@Exemple.fr", "mfa")
		}
		for _, token := range tokens {
			wg.Go(func() {
				if _, err := w.AcceptFederated(ctx, token, invitation, identity.Browser{}); err == nil {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 || w.count(`SELECT count(*) FROM identity_account`) != 1 {
			t.Errorf("%d came in", in.Load())
		}
		f, err := w.LoginFederated(ctx, identity.ProConnect, "sub", "idp", pro("camille@exemple.fr", ownSIRET, "mfa"), identity.Browser{})
		must(t, err)
		if by := w.actor(f.LoggedIn.Session); by.Role != identity.Mediator || by.Name != "Camille Exemple" {
			t.Errorf("in as %+v", by)
		}
		// An address that has an account: the person logs in first.
		c := w.colleague(identity.Mediator, org)
		_, err = w.AcceptFederated(ctx, begin("sub2", c.email, "mfa"), w.invite(identity.Manager, org, c.email), identity.Browser{})
		refused(t, err, fault.Conflict, "identity.has_account")
	})
}

func TestFranceConnectIsForResidents(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		claims := identity.Claims{GivenName: "Angela", FamilyName: "Dubois", Email: "angela@exemple.fr"}
		login := func() identity.FederatedLogin {
			t.Helper()
			f, err := w.LoginFederated(ctx, identity.FranceConnect, "pivot", "", claims, identity.Browser{})
			must(t, err)
			return f
		}
		in, err := w.JoinFederated(ctx, login().Linking, identity.Browser{})
		must(t, err)
		me := w.actor(in.Session)
		if a, err := w.Account(ctx, me, me.Account); err != nil || a.Kind != identity.Resident || a.Email != "" || a.Name() != "Angela Dubois" {
			t.Errorf("%+v, %v", a, err)
		}
		if f := login(); w.actor(f.LoggedIn.Session).Account != me.Account {
			t.Error("a second account for the same person")
		}
		if p := w.prove("angela@exemple.fr"); len(p.Who) != 0 {
			t.Error("an address that nobody proved logs in")
		}
		c := w.colleague(identity.Mediator, w.org("A", rochefort))
		f, err := w.LoginFederated(ctx, identity.FranceConnect, "another", "", claims, identity.Browser{})
		must(t, err)
		refused(t, w.LinkFederated(ctx, w.actor(c.session), f.Linking), fault.Forbidden, "identity.federated_kind")
		_, err = w.LoginFederated(ctx, "google", "x", "", claims, identity.Browser{})
		refused(t, err, fault.Invalid)
		_, err = w.LoginFederated(ctx, identity.ProConnect, "", "", claims, identity.Browser{})
		refused(t, err, fault.Invalid)
	})
}
