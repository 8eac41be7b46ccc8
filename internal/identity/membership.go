package identity

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// MembershipState is where a membership is in its life.
type MembershipState string

// The states.
const (
	MemberActive    MembershipState = "active"
	MemberSuspended MembershipState = "suspended" // waits for a manager; rights are gone meanwhile
	MemberEnded     MembershipState = "ended"     // history
)

// Membership is what a person is in an organisation.
type Membership struct {
	ID           MembershipID
	Account      AccountID
	Organisation OrganisationID
	Role         Role
	Scope        ScopeID // ground of an officer or elected person; "" for the others
	State        MembershipState
	Since        time.Time
	Ended        time.Time // zero while it lasts
	Version      int64
}

// managed are the roles that a manager may give and take; the others belong to administrators.
var managed = []Role{Mediator, Helper, Volunteer, Relay, Manager, Partner}

// mayGrant reports whether by may give or take a role: nobody raises themselves or others above what they hold.
func mayGrant(by Actor, role Role) bool {
	if !role.Known() {
		return false
	}
	return by.Kind == CLI || by.Kind == System || by.Role == Administrator || by.Role == Manager && slices.Contains(managed, role)
}

// requireGrant is Require for giving or taking a role.
func requireGrant(by Actor, role Role) error {
	if !mayGrant(by, role) {
		return fault.New(fault.Forbidden, "identity.role_above")
	}
	return nil
}

// checkRole reports whether a role can be held on a scope.
func checkRole(ctx context.Context, q db.Querier, role Role, scope ScopeID) error {
	f := fault.New(fault.Invalid, "identity.membership_invalid")
	switch {
	case !role.Known():
		f.With("role", "identity.role_unknown")
	case role.NeedsScope() && scope == "":
		f.With("scope", "identity.scope_missing")
	case scope != "":
		if _, err := scopeByID(ctx, q, scope); fault.Is(err, fault.NotFound) {
			f.With("scope", "identity.scope_unknown")
		} else if err != nil {
			return err
		}
	}
	if f.Fields != nil {
		return f
	}
	return nil
}

// join writes a membership in the caller's transaction. The caller asked for the right and locked the account.
func (s *Service) join(ctx context.Context, tx *db.Tx, by Actor, account AccountID, org OrganisationID, role Role, scope ScopeID) (Membership, error) {
	if err := checkRole(ctx, tx, role, scope); err != nil {
		return Membership{}, err
	}
	if _, err := activeOrganisation(ctx, tx, org); err != nil {
		return Membership{}, err
	}
	m := Membership{
		ID: MembershipID(id.New()), Account: account, Organisation: org, Role: role, Scope: scope, State: MemberActive, Since: s.now(), Version: 1,
	}
	if err := insertMembership(ctx, tx, m); db.IsUnique(err) {
		return Membership{}, fault.New(fault.Conflict, "identity.member_already")
	} else if err != nil {
		return Membership{}, err
	}
	if err := setCurrent(ctx, tx, account, m.ID); err != nil {
		return Membership{}, err
	}
	return m, s.journal.RecordTx(ctx, tx, s.memberLine(by, m, "arrivée"))
}

// memberLine is the journal's line about a membership: on the account, so that the person reads it.
func (s *Service) memberLine(by Actor, m Membership, change string) audit.Entry {
	return s.line(by, MembershipEdit, "account", string(m.Account), "change", change, "structure", string(m.Organisation), "role", string(m.Role), "territoire", string(m.Scope))
}

// Memberships returns what a person is and was, the current ones first. It asks for the same right as Account.
func (s *Service) Memberships(ctx context.Context, by Actor, account AccountID) ([]Membership, error) {
	if _, err := s.Account(ctx, by, account); err != nil {
		return nil, err
	}
	return membershipsOf(ctx, s.db, account)
}

// Change is what a manager or an administrator does to a membership.
type Change struct {
	Role    Role
	Scope   ScopeID
	State   MembershipState
	Version int64 // of the membership that was read; 0 asks for no comparison
}

// ChangeMembership writes role, scope and state of a membership. Sessions in its name die, so that the next one has the
// new rights; ending the last one makes the person leave. It reports fault.NotFound out of reach, fault.Forbidden for a
// role above the caller's, and fault.Conflict for the last administrator, or when somebody changed it since.
func (s *Service) ChangeMembership(ctx context.Context, by Actor, membership MembershipID, to Change) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		m, err := membershipByID(ctx, tx, membership)
		if err != nil {
			return err
		}
		if err := s.requireMember(ctx, tx, by, m); err != nil {
			return err
		}
		if err := requireGrant(by, to.Role); err != nil {
			return err
		}
		if err := checkRole(ctx, tx, to.Role, to.Scope); err != nil {
			return err
		}
		switch {
		case m.State == MemberEnded:
			return fault.New(fault.Conflict, "identity.member_ended")
		case to.Version != 0 && to.Version != m.Version:
			return fault.New(fault.Conflict, "identity.changed_meanwhile")
		}
		return s.changeTo(ctx, tx, by, m, to)
	})
}

// requireMember asks for the right to change a membership: that of its organisation, and over the role it has now. Nobody
// changes their own, but to leave.
func (s *Service) requireMember(ctx context.Context, q db.Querier, by Actor, m Membership) error {
	o, err := organisationByID(ctx, q, m.Organisation)
	if err != nil {
		return err
	}
	if err := Require(by, MembershipEdit, Object{Kind: ObjectMembership, Organisation: o.ID, Commune: o.CommuneCode}); err != nil {
		return err
	}
	if by.Account != "" && by.Account == m.Account {
		return fault.New(fault.Forbidden, "identity.not_oneself")
	}
	return requireGrant(by, m.Role)
}

// changeTo writes the change, kills the sessions it concerns and keeps one administrator at least.
func (s *Service) changeTo(ctx context.Context, tx *db.Tx, by Actor, m Membership, to Change) error {
	m.Role, m.Scope, m.State, m.Version = to.Role, to.Scope, to.State, m.Version+1
	change := "droits"
	switch to.State {
	case MemberActive:
	case MemberSuspended:
		change = "suspension"
	case MemberEnded:
		m.Ended, change = s.now(), "départ"
	default:
		return fault.New(fault.Invalid, "identity.membership_invalid")
	}
	if err := updateMembership(ctx, tx, m); db.IsUnique(err) {
		return fault.New(fault.Conflict, "identity.member_already")
	} else if err != nil {
		return err
	}
	if err := closeMembershipSessions(ctx, tx, m.ID, s.now(), "rights"); err != nil {
		return err
	}
	if m.State == MemberEnded {
		if err := s.leaveIfLast(ctx, tx, m.Account); err != nil {
			return err
		}
	}
	if err := someAdministrator(ctx, tx); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, s.memberLine(by, m, change))
}

// leaveIfLast makes an account leave when no membership lasts: every session dies. The id stays the author of its work.
func (s *Service) leaveIfLast(ctx context.Context, tx *db.Tx, account AccountID) error {
	left, err := openMemberships(ctx, tx, account)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return setCurrent(ctx, tx, account, left[0].ID)
	}
	if err := setCurrent(ctx, tx, account, ""); err != nil {
		return err
	}
	return setAccountState(ctx, tx, account, AccountLeft)
}

// Leave ends every membership of by: the person goes. It reports fault.Conflict for the last administrator.
func (s *Service) Leave(ctx context.Context, by Actor) error {
	if by.Kind != Staff {
		return fault.New(fault.Forbidden, "identity.forbidden")
	}
	return s.depart(ctx, by, by.Account, func(Membership) error { return nil })
}

// Depart ends every membership that account has where by may, at once: sessions and rights die, the work stays with the
// organisations. It reports fault.NotFound when there is none, fault.Conflict for the last administrator.
func (s *Service) Depart(ctx context.Context, by Actor, account AccountID) error {
	return s.depart(ctx, by, account, nil)
}

// depart ends the memberships that may allows; nil asks for the right to change them.
func (s *Service) depart(ctx context.Context, by Actor, account AccountID, may func(Membership) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		var refused error
		allowed := may
		if allowed == nil {
			refused = Require(by, MembershipEdit, Object{Kind: ObjectMembership}) // for somebody who works nowhere
			allowed = func(m Membership) error { return s.requireMember(ctx, tx, by, m) }
		}
		open, err := openMemberships(ctx, tx, account)
		if err != nil {
			return err
		}
		ended := 0
		for _, m := range open {
			if refused = allowed(m); refused != nil {
				continue
			}
			if err := s.changeTo(ctx, tx, by, m, Change{Role: m.Role, Scope: m.Scope, State: MemberEnded}); err != nil {
				return err
			}
			ended++
		}
		switch {
		case ended > 0:
			return nil
		case refused != nil:
			return refused
		}
		return NotFound()
	})
}

// DisableAccount closes every session of an account and lets nobody log in to it. It reports fault.Conflict for the last
// administrator, and for an account that is not active.
func (s *Service) DisableAccount(ctx context.Context, by Actor, account AccountID) error {
	return s.setState(ctx, by, account, AccountActive, AccountDisabled)
}

// EnableAccount undoes DisableAccount.
func (s *Service) EnableAccount(ctx context.Context, by Actor, account AccountID) error {
	return s.setState(ctx, by, account, AccountDisabled, AccountActive)
}

func (s *Service) setState(ctx context.Context, by Actor, account AccountID, from, to AccountState) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		if err := requireOn(ctx, tx, by, AccountDisable, ObjectAccount, account); err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, account)
		if err != nil {
			return err
		}
		switch {
		case by.Account == account && by.Account != "":
			return fault.New(fault.Forbidden, "identity.not_oneself")
		case a.State != from:
			return fault.New(fault.Conflict, "identity.account_state")
		}
		if err := setAccountState(ctx, tx, account, to); err != nil {
			return err
		}
		if err := someAdministrator(ctx, tx); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, AccountDisable, "account", string(account), "état", string(to)))
	})
}

// someAdministrator refuses a change after which no administrator could log in, where there was one. The caller touched
// the state row first, so that two of them do not leave at once.
func someAdministrator(ctx context.Context, tx *db.Tx) error {
	able, ever, err := countAdministrators(ctx, tx)
	if err == nil && able == 0 && ever > 0 {
		return fault.New(fault.Conflict, "identity.last_administrator")
	}
	return err
}

// Member is a person in an organisation, for lists.
type Member struct {
	Membership
	Person           Account
	OrganisationName string
}

// MemberFilter chooses people. The zero filter is every membership that lasts, of whatever by may see.
type MemberFilter struct {
	Organisation OrganisationID
	Name         string // words of the name
	Role         Role
	Ended        bool // those who left, too
	After        MembershipID
	Limit        int // 0 is 50
}

// Grantable lists the roles that by may give, in the order of Roles.
func Grantable(by Actor) []Role {
	var out []Role
	for _, r := range Roles() {
		if mayGrant(by, r) {
			out = append(out, r)
		}
	}
	return out
}

// Member returns one membership that by may change, with the person. It reports fault.NotFound out of reach.
func (s *Service) Member(ctx context.Context, by Actor, membership MembershipID) (Member, error) {
	m, err := membershipByID(ctx, s.db, membership)
	if err != nil {
		return Member{}, err
	}
	if err := s.requireMember(ctx, s.db, by, m); err != nil {
		return Member{}, err
	}
	a, err := accountByID(ctx, s.db, m.Account)
	if err != nil {
		return Member{}, err
	}
	o, err := organisationByID(ctx, s.db, m.Organisation)
	return Member{Membership: m, Person: a, OrganisationName: o.Name}, err
}

// Members lists people by name, as far as by may see who works where, a page at a time.
func (s *Service) Members(ctx context.Context, by Actor, f MemberFilter) ([]Member, error) {
	if Reaches(by, AccountRead) == None {
		return nil, Require(by, AccountRead, Object{Kind: ObjectAccount})
	}
	if f.Limit <= 0 {
		f.Limit = pageSize
	}
	return listMembers(ctx, s.db, by, f)
}
