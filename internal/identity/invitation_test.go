package identity_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// goodPassword is one that may be chosen.
const goodPassword = "quatre sardines bleues"

// colleague is somebody who came in by an invitation, with a password and a one-time password.
type colleague struct {
	account  identity.AccountID
	email    string
	key      identity.TOTPKey
	recovery []string
	session  identity.Token
	known    identity.KnownBrowser
}

// invite sends an invitation as the command line does and returns its token.
func (w *world) invite(role identity.Role, org identity.OrganisationID, email string) identity.Token {
	w.t.Helper()
	in := identity.NewInvitation{Organisation: org, Role: role, Email: email}
	if role.NeedsScope() {
		in.Scope = w.department()
	}
	_, path, err := w.Invite(w.t.Context(), identity.AtCLI(), in)
	must(w.t, err)
	return identity.Token(strings.TrimPrefix(path, identity.InvitationPath))
}

// colleague invites somebody, who accepts.
func (w *world) colleague(role identity.Role, org identity.OrganisationID) colleague {
	w.t.Helper()
	email := fmt.Sprintf("collegue%d@exemple.fr", w.people.Add(1))
	step, err := w.BeginInvitation(w.t.Context(), w.invite(role, org, email), identity.Newcomer{GivenName: "Camille", FamilyName: "Exemple", Password: goodPassword})
	must(w.t, err)
	in, err := w.EnrolTOTP(w.t.Context(), step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "Téléphone", identity.Browser{Device: "Firefox"})
	must(w.t, err)
	return colleague{account: in.Account, email: email, key: step.TOTP, recovery: in.Recovery, session: in.Session, known: in.Known}
}

// code is what the application of c shows now.
func (w *world) code(c colleague) string { return identity.CodeAt(c.key, w.clock.Now()) }

func TestInvitationBringsSomebodyIn(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("CCAS", rochefort)
		manager := w.staff(identity.Manager, org)
		i, path, err := w.Invite(ctx, manager, identity.NewInvitation{Organisation: org, Role: identity.Helper, Email: " Aline@Exemple.FR "})
		must(t, err)
		if path != "" {
			t.Error("whoever invites sees the link, and could accept it")
		}
		m := w.post.last(t, identity.EventInvitation)
		if m.Email != "aline@exemple.fr" || !m.Until.Equal(w.clock.Now().Add(7*24*time.Hour)) || !strings.HasPrefix(m.Link, identity.InvitationPath) {
			t.Errorf("message %+v", m)
		}
		token := link(m)
		for range 2 { // reading uses nothing up
			open, err := w.ReadInvitation(ctx, token)
			if err != nil || open.Organisation != "CCAS" || open.Role != identity.Helper || open.Email != "aline@exemple.fr" || open.HasAccount {
				t.Errorf("read %+v, %v", open, err)
			}
		}
		_, err = w.BeginInvitation(ctx, token, identity.Newcomer{GivenName: "", FamilyName: "Exemple", Password: "court"})
		refused(t, err, fault.Invalid)
		field(t, err, "given_name", "identity.given_name_missing")
		field(t, err, "password", "identity.password_short")
		step, err := w.BeginInvitation(ctx, token, identity.Newcomer{GivenName: "Aline", FamilyName: "Exemple", Password: goodPassword})
		must(t, err)
		if n := w.count(`SELECT count(*) FROM identity_account WHERE email = 'aline@exemple.fr'`); n != 0 {
			t.Error("an account is written before it has a second factor")
		}
		_, err = w.EnrolTOTP(ctx, step.Token, "000000", "", identity.Browser{})
		refused(t, err, fault.Unauthenticated, "identity.code_wrong")
		in, err := w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "Téléphone", identity.Browser{Device: "Firefox"})
		must(t, err)
		a := w.actor(in.Session)
		if a.Role != identity.Helper || a.Organisation != org || a.Name != "Aline Exemple" || len(in.Recovery) != 10 || in.Known == "" {
			t.Errorf("in as %+v with %d codes", a, len(in.Recovery))
		}
		if w.count(`SELECT count(*) FROM identity_invitation WHERE email <> ''`) != 0 {
			t.Error("the address outlives the invitation")
		}
		if !w.said("identity.invite", "invitation", string(i.ID)) || !w.said("identity.membership.edit", "account", string(a.Account)) {
			t.Error("the journal does not say it")
		}
		for range 2 {
			_, err = w.ReadInvitation(ctx, token)
			refused(t, err, fault.NotFound, "identity.invitation_over")
		}
		_, err = w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now().Add(30*time.Second)), "", identity.Browser{})
		refused(t, err, fault.Unauthenticated)
	})
}

func TestInvitationEnds(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("CCAS", rochefort)
		over := func(token identity.Token) {
			t.Helper()
			_, err := w.ReadInvitation(ctx, token)
			refused(t, err, fault.NotFound, "identity.invitation_over")
			_, err = w.BeginInvitation(ctx, token, identity.Newcomer{GivenName: "A", FamilyName: "B", Password: goodPassword})
			refused(t, err, fault.NotFound, "identity.invitation_over")
		}
		over("never")
		old := w.invite(identity.Mediator, org, "a@exemple.fr")
		step, err := w.BeginInvitation(ctx, old, identity.Newcomer{GivenName: "A", FamilyName: "B", Password: goodPassword})
		must(t, err)
		w.clock.Move(7*24*time.Hour - time.Second)
		if _, err := w.ReadInvitation(ctx, old); err != nil {
			t.Error(err)
		}
		w.clock.Move(time.Second)
		over(old)
		_, err = w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "", identity.Browser{})
		refused(t, err, fault.Unauthenticated) // its step is over, too
		must(t, w.Sweep(ctx))
		if w.count(`SELECT count(*) FROM identity_invitation WHERE email <> ''`) != 0 {
			t.Error("the address outlives the invitation")
		}
		manager := w.staff(identity.Manager, org)
		revoked := w.invite(identity.Mediator, org, "b@exemple.fr")
		list, err := w.Invitations(ctx, manager, org)
		if err != nil || len(list) != 2 || list[0].Email != "b@exemple.fr" {
			t.Fatalf("%+v, %v", list, err)
		}
		// Revoked while somebody is choosing a factor: nothing is written of them.
		step, err = w.BeginInvitation(ctx, revoked, identity.Newcomer{GivenName: "A", FamilyName: "B", Password: goodPassword})
		must(t, err)
		must(t, w.RevokeInvitation(ctx, manager, list[0].ID))
		over(revoked)
		_, err = w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "", identity.Browser{})
		refused(t, err, fault.NotFound, "identity.invitation_over")
		if w.count(`SELECT count(*) FROM identity_account WHERE email = 'b@exemple.fr'`)+w.count(`SELECT count(*) FROM identity_totp`) != 0 {
			t.Error("half an account is left")
		}
		refused(t, w.RevokeInvitation(ctx, manager, list[0].ID), fault.Conflict)
		refused(t, w.RevokeInvitation(ctx, manager, "unknown"), fault.NotFound)
	})
}

// Fifty people, or fifty tabs, accept one invitation at once: one of them comes in.
func TestInvitationWorksOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		token := w.invite(identity.Mediator, w.org("CCAS", rochefort), "a@exemple.fr")
		steps := make([]identity.Enrolment, 50)
		for i := range steps {
			var err error
			steps[i], err = w.BeginInvitation(ctx, token, identity.Newcomer{GivenName: "A", FamilyName: "B", Password: goodPassword})
			must(t, err)
		}
		var in atomic.Int64
		var wg sync.WaitGroup
		for _, step := range steps {
			wg.Go(func() {
				_, err := w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "", identity.Browser{})
				if err == nil {
					in.Add(1)
				} else if k := fault.KindOf(err); k != fault.NotFound && k != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 || w.count(`SELECT count(*) FROM identity_account`) != 1 || w.count(`SELECT count(*) FROM identity_membership`) != 1 || w.count(`SELECT count(*) FROM identity_totp`) != 1 {
			t.Errorf("%d came in by one invitation", in.Load())
		}
	})
}

func TestWhoMayInviteWhom(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		ours, theirs := w.org("A", rochefort), w.org("B", rochefort)
		manager, mediator, admin := w.staff(identity.Manager, ours), w.staff(identity.Mediator, ours), w.staff(identity.Administrator, ours)
		invite := func(by identity.Actor, org identity.OrganisationID, role identity.Role, scope identity.ScopeID, email string) error {
			_, _, err := w.Invite(ctx, by, identity.NewInvitation{Organisation: org, Role: role, Scope: scope, Email: email})
			return err
		}
		must(t, invite(manager, ours, identity.Mediator, "", "x@exemple.fr"))
		refused(t, invite(mediator, ours, identity.Mediator, "", "x@exemple.fr"), fault.Forbidden)
		refused(t, invite(manager, theirs, identity.Mediator, "", "x@exemple.fr"), fault.NotFound)
		refused(t, invite(manager, "unknown", identity.Mediator, "", "x@exemple.fr"), fault.NotFound)
		for _, role := range []identity.Role{identity.Administrator, identity.Officer, identity.Elected, identity.DPO} {
			refused(t, invite(manager, ours, role, w.department(), "x@exemple.fr"), fault.Forbidden, "identity.role_above")
		}
		must(t, invite(admin, theirs, identity.Administrator, "", "x@exemple.fr"))
		field(t, invite(admin, ours, identity.Officer, "", "x@exemple.fr"), "scope", "identity.scope_missing")
		field(t, invite(admin, ours, identity.Officer, "nowhere", "x@exemple.fr"), "scope", "identity.scope_unknown")
		field(t, invite(admin, ours, identity.Mediator, "", "x"), "email", "identity.email_invalid")
		refused(t, invite(admin, ours, "king", "", "x@exemple.fr"), fault.Forbidden)
		w.clock.Move(16 * time.Minute) // the highest roles want a fresh second factor
		refused(t, invite(admin, ours, identity.Administrator, "", "x@exemple.fr"), fault.Forbidden, identity.ConfirmFirst)
		must(t, invite(admin, ours, identity.Mediator, "", "x@exemple.fr"))
		a, _ := w.enrol(identity.Mediator, ours)
		refused(t, invite(manager, ours, identity.Mediator, "", a.Email), fault.Conflict, "identity.member_already")
		_, err := w.Invitations(ctx, mediator, ours)
		refused(t, err, fault.Forbidden)
		_, err = w.Invitations(ctx, manager, theirs)
		refused(t, err, fault.NotFound)
	})
}

// An invitation is bound to its address: whoever is logged in under another one cannot take it, and a person who has an
// account does not get a second one.
func TestInvitationIsForOneAddress(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		first, second := w.org("A", rochefort), w.org("B", rochefort)
		a, _ := w.enrol(identity.Mediator, first)
		other := w.staff(identity.Mediator, first)
		token := w.invite(identity.Manager, second, a.Email)
		if open, err := w.ReadInvitation(ctx, token); err != nil || !open.HasAccount {
			t.Errorf("%+v, %v", open, err)
		}
		_, err := w.BeginInvitation(ctx, token, identity.Newcomer{GivenName: "A", FamilyName: "B", Password: goodPassword})
		refused(t, err, fault.Conflict, "identity.has_account")
		_, err = w.AcceptAs(ctx, other, token)
		refused(t, err, fault.Forbidden, "identity.invitation_other")
		_, err = w.AcceptAs(ctx, identity.Nobody(), token)
		refused(t, err, fault.Unauthenticated)
		session := w.login(a.ID)
		m, err := w.AcceptAs(ctx, w.actor(session), token)
		must(t, err)
		if m.Organisation != second || m.Role != identity.Manager {
			t.Errorf("joined as %+v", m)
		}
		_, err = w.AcceptAs(ctx, w.actor(session), token)
		refused(t, err, fault.NotFound)
		next, err := w.Switch(ctx, w.actor(session), m.ID)
		must(t, err)
		if by := w.actor(next); by.Role != identity.Manager {
			t.Errorf("switched to %+v", by)
		}
	})
}

func TestWhoLeftComesBackToTheirOwnId(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		admin := w.staff(identity.Administrator, org)
		c := w.colleague(identity.Mediator, org)
		must(t, w.Depart(ctx, admin, c.account))
		_, err := w.LoginPassword(ctx, identity.PasswordLogin{Email: c.email, Password: goodPassword}, identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		token := w.invite(identity.Helper, org, c.email)
		step, err := w.BeginInvitation(ctx, token, identity.Newcomer{GivenName: "Camille", FamilyName: "Exemple", Password: "une autre phrase longue"})
		must(t, err)
		in, err := w.EnrolTOTP(ctx, step.Token, identity.CodeAt(step.TOTP, w.clock.Now()), "", identity.Browser{})
		must(t, err)
		if in.Account != c.account {
			t.Error("a second account for the same person")
		}
		if by := w.actor(in.Session); by.Role != identity.Helper {
			t.Errorf("back as %+v", by)
		}
		if w.count(`SELECT count(*) FROM identity_totp`) != 1 {
			t.Error("the old one-time password still works")
		}
	})
}

func TestDepartureKillsRightsAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		manager := w.staff(identity.Manager, org)
		a, _ := w.enrol(identity.Mediator, org)
		token := w.login(a.ID)
		link, err := w.LoginLink(ctx, identity.AtCLI(), a.ID, time.Hour)
		must(t, err)
		refused(t, w.Depart(ctx, w.staff(identity.Manager, w.org("B", rochefort)), a.ID), fault.NotFound)
		refused(t, w.Depart(ctx, w.staff(identity.Mediator, org), a.ID), fault.Forbidden)
		must(t, w.Depart(ctx, manager, a.ID))
		_, err = w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated)
		_, err = w.LoginByLink(ctx, link, identity.Browser{})
		refused(t, err, fault.Unauthenticated)
		all, err := w.Memberships(ctx, identity.AtCLI(), a.ID)
		if err != nil || len(all) != 1 || all[0].State != identity.MemberEnded || all[0].Ended.IsZero() {
			t.Errorf("%+v, %v", all, err)
		}
		if got, err := w.Account(ctx, identity.AtCLI(), a.ID); err != nil || got.State != identity.AccountLeft || got.Name() != a.Name() {
			t.Errorf("the author of past work is %+v, %v", got, err)
		}
		refused(t, w.Depart(ctx, manager, a.ID), fault.NotFound)
		b := w.staff(identity.Volunteer, org)
		must(t, w.Leave(ctx, b))
		refused(t, w.Leave(ctx, b), fault.NotFound)
	})
}

// Whoever works in two organisations and leaves one keeps the other.
func TestLeavingOneOfTwo(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		first, second := w.org("A", rochefort), w.org("B", rochefort)
		a, _ := w.enrol(identity.Mediator, first)
		_, err := w.AcceptAs(ctx, w.actor(w.login(a.ID)), w.invite(identity.Helper, second, a.Email))
		must(t, err)
		there := w.login(a.ID) // begins where they were accepted last
		must(t, w.Depart(ctx, w.staff(identity.Manager, first), a.ID))
		if by := w.actor(there); by.Organisation != second {
			t.Errorf("the session in the other organisation: %+v", by)
		}
		if by := w.actor(w.login(a.ID)); by.Organisation != second || by.Role != identity.Helper {
			t.Errorf("the next log-in: %+v", by)
		}
	})
}

func TestRightsOverMemberships(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		manager, admin := w.staff(identity.Manager, org), w.staff(identity.Administrator, org)
		a, m := w.enrol(identity.Mediator, org)
		token := w.login(a.ID)
		to := func(role identity.Role, state identity.MembershipState) identity.Change {
			return identity.Change{Role: role, State: state}
		}
		must(t, w.ChangeMembership(ctx, manager, m.ID, identity.Change{Role: identity.Helper, State: identity.MemberActive, Version: m.Version}))
		stale := identity.Change{Role: identity.Relay, State: identity.MemberActive, Version: m.Version}
		refused(t, w.ChangeMembership(ctx, manager, m.ID, stale), fault.Conflict, "identity.changed_meanwhile")
		_, err := w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated) // the next session has the new rights
		if by := w.actor(w.login(a.ID)); by.Role != identity.Helper {
			t.Errorf("now %s", by.Role)
		}
		refused(t, w.ChangeMembership(ctx, manager, m.ID, to(identity.Administrator, identity.MemberActive)), fault.Forbidden, "identity.role_above")
		refused(t, w.ChangeMembership(ctx, manager, admin.Membership, to(identity.Mediator, identity.MemberActive)), fault.Forbidden, "identity.role_above")
		refused(t, w.ChangeMembership(ctx, manager, manager.Membership, to(identity.Mediator, identity.MemberActive)), fault.Forbidden, "identity.not_oneself")
		refused(t, w.ChangeMembership(ctx, manager, "unknown", to(identity.Mediator, identity.MemberActive)), fault.NotFound)
		refused(t, w.ChangeMembership(ctx, manager, m.ID, to(identity.Mediator, "asleep")), fault.Invalid)
		token = w.login(a.ID)
		must(t, w.ChangeMembership(ctx, manager, m.ID, to(identity.Helper, identity.MemberSuspended)))
		_, err = w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated)
		suspended, err := w.LoginLink(ctx, identity.AtCLI(), a.ID, time.Hour)
		must(t, err)
		_, err = w.LoginByLink(ctx, suspended, identity.Browser{})
		refused(t, err, fault.Forbidden, "identity.no_membership")
		must(t, w.ChangeMembership(ctx, manager, m.ID, to(identity.Helper, identity.MemberActive)))
		w.actor(w.login(a.ID))
		must(t, w.ChangeMembership(ctx, manager, m.ID, to(identity.Helper, identity.MemberEnded)))
		refused(t, w.ChangeMembership(ctx, manager, m.ID, to(identity.Helper, identity.MemberActive)), fault.Conflict, "identity.member_ended")
		team, err := w.Members(ctx, manager, identity.MemberFilter{})
		if err != nil || len(team) != 2 {
			t.Errorf("the team is %d, %v", len(team), err)
		}
		everyone, err := w.Members(ctx, manager, identity.MemberFilter{Ended: true, Name: "exemple"})
		if err != nil || len(everyone) != 3 {
			t.Errorf("with those who left: %d, %v", len(everyone), err)
		}
		if strangers, err := w.Members(ctx, w.staff(identity.Manager, w.org("B", rochefort)), identity.MemberFilter{Organisation: org}); err != nil || len(strangers) != 0 {
			t.Errorf("another organisation sees %d, %v", len(strangers), err)
		}
		_, err = w.Members(ctx, w.staff(identity.Partner, org), identity.MemberFilter{})
		refused(t, err, fault.Forbidden)
		_, err = w.Account(ctx, w.staff(identity.Manager, w.org("C", rochefort)), admin.Account)
		refused(t, err, fault.NotFound)
	})
}

func TestDisabledAccountIsDeadAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		admin := w.staff(identity.Administrator, org)
		a, _ := w.enrol(identity.Mediator, org)
		token := w.login(a.ID)
		refused(t, w.DisableAccount(ctx, w.staff(identity.Manager, org), a.ID), fault.Forbidden)
		must(t, w.DisableAccount(ctx, admin, a.ID))
		_, err := w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated)
		refused(t, w.DisableAccount(ctx, admin, a.ID), fault.Conflict)
		must(t, w.EnableAccount(ctx, admin, a.ID))
		_, err = w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated) // the old session stays dead
		w.actor(w.login(a.ID))
		refused(t, w.DisableAccount(ctx, admin, admin.Account), fault.Forbidden, "identity.not_oneself")
		refused(t, w.DisableAccount(ctx, admin, "unknown"), fault.NotFound)
	})
}

// Fifty administrators go at once, in whatever way there is: one is left.
func TestOneAdministratorIsLeft(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		org := w.org("A", rochefort)
		admins := make([]identity.Actor, 50)
		for i := range admins {
			admins[i] = w.staff(identity.Administrator, org)
		}
		var stayed atomic.Int64
		var wg sync.WaitGroup
		for i, by := range admins {
			wg.Go(func() {
				var err error
				switch i % 3 {
				case 0:
					err = w.Leave(ctx, by)
				case 1:
					err = w.DisableAccount(ctx, identity.AtCLI(), by.Account)
				case 2:
					err = w.ChangeMembership(ctx, identity.AtCLI(), by.Membership, identity.Change{Role: identity.Mediator, State: identity.MemberActive})
				}
				if err != nil {
					refused(t, err, fault.Conflict, "identity.last_administrator")
					stayed.Add(1)
				}
			})
		}
		wg.Wait()
		if stayed.Load() != 1 {
			t.Errorf("%d administrators are left", stayed.Load())
		}
	})
}
