package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// AccountState is where an account is in its life.
type AccountState string

// The states.
const (
	AccountActive   AccountState = "active"
	AccountDisabled AccountState = "disabled" // by an administrator; can be enabled again
	AccountLeft     AccountState = "left"     // no membership any more: an invitation brings the person back
	AccountErased   AccountState = "erased"   // by retention: only the id is left, as the author of past work
)

// Account is a person who logs in.
type Account struct {
	ID         AccountID
	Kind       Kind // Staff or Resident
	GivenName  string
	FamilyName string
	Email      string // in lower case; "" for none. Residents may share it
	Phone      string // international form; "" for none. Residents may share it
	State      AccountState
	Epoch      int64        // sessions of an older one are dead
	Current    MembershipID // the membership that a new session begins with
	SeenAt     time.Time    // last request, to the minute; zero is never
	Version    int64
	CreatedAt  time.Time
}

// Name is how the person is called on the screens of those who may know.
func (a Account) Name() string { return strings.TrimSpace(a.GivenName + " " + a.FamilyName) }

// Short is the name that two people who share a telephone are told apart by, and that gives nothing else away: "Jeanne D.".
func (a Account) Short() string {
	for _, r := range a.FamilyName {
		return strings.TrimSpace(a.GivenName + " " + string(r) + ".")
	}
	return a.GivenName
}

// checkNames tidies the two names and reports those that cannot be.
func checkNames(f *fault.Error, given, family *string) {
	for field, name := range map[string]*string{"given_name": given, "family_name": family} {
		if *name = oneLine(*name); *name == "" || len([]rune(*name)) > maxName {
			f.With(field, "identity."+field+"_missing")
		}
	}
}

// NewStaff is a person to enrol without an invitation.
type NewStaff struct {
	GivenName, FamilyName, Email string
	Organisation                 OrganisationID
	Role                         Role
	Scope                        ScopeID
}

// EnrolStaff opens an account with one membership and neither password nor factor: the person comes in by a LoginLink. Only
// the command line and the program itself may, for the demonstration and the first steps; everybody else invites. It
// reports fault.Conflict when the address has an account.
func (s *Service) EnrolStaff(ctx context.Context, by Actor, in NewStaff) (Account, Membership, error) {
	if by.Kind != CLI && by.Kind != System {
		return Account{}, Membership{}, fault.New(fault.Forbidden, "identity.forbidden")
	}
	f := fault.New(fault.Invalid, "identity.account_invalid")
	checkNames(f, &in.GivenName, &in.FamilyName)
	var ok bool
	if in.Email, ok = Email(in.Email); !ok {
		f.With("email", "identity.email_invalid")
	}
	if f.Fields != nil {
		return Account{}, Membership{}, f
	}
	a := Account{
		ID: AccountID(id.New()), Kind: Staff, GivenName: in.GivenName, FamilyName: in.FamilyName, Email: in.Email,
		State: AccountActive, Epoch: 1, Version: 1, CreatedAt: s.now(),
	}
	var m Membership
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertAccount(ctx, tx, a); db.IsUnique(err) {
			return fault.New(fault.Conflict, "identity.email_taken")
		} else if err != nil {
			return err
		}
		var err error
		m, err = s.join(ctx, tx, by, a.ID, in.Organisation, in.Role, in.Scope)
		return err
	})
	a.Current = m.ID
	return a, m, err
}

// requireOn is Require for an object that is about an account: any organisation where the person works counts.
func requireOn(ctx context.Context, q db.Querier, by Actor, action Action, kind ObjectKind, account AccountID) error {
	own := Object{Kind: kind, Owner: account}
	if Can(by, action, own) {
		return nil
	}
	if Reaches(by, action) > Own {
		orgs, err := organisationsOf(ctx, q, account)
		if err != nil {
			return err
		}
		for _, o := range orgs {
			if Can(by, action, Object{Kind: kind, Owner: account, Organisation: o.ID, Commune: o.CommuneCode}) {
				return nil
			}
		}
	}
	return Require(by, action, own)
}

// Account returns a person whom by may see: themselves, or somebody of their reach. It reports fault.NotFound otherwise.
func (s *Service) Account(ctx context.Context, by Actor, account AccountID) (Account, error) {
	action := AccountRead
	if by.Account == account {
		action = AccountSelf
	}
	if err := requireOn(ctx, s.db, by, action, ObjectAccount, account); err != nil {
		return Account{}, err
	}
	return accountByID(ctx, s.db, account)
}

// Names returns the names of accounts, for lines of history; an unknown or erased account has none.
func (s *Service) Names(ctx context.Context, accounts ...AccountID) (map[AccountID]string, error) {
	return namesOf(ctx, s.db, accounts)
}

// RenameAccount gives an account the names that its owner writes.
func (s *Service) RenameAccount(ctx context.Context, by Actor, given, family string) error {
	if err := Require(by, AccountSelf, Object{Kind: ObjectAccount, Owner: by.Account}); err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "identity.account_invalid")
	if checkNames(f, &given, &family); f.Fields != nil {
		return f
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := renameAccount(ctx, tx, by.Account, given, family); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, AccountSelf, "account", string(by.Account), "change", "nom"))
	})
}

// GivenNames returns the given names of accounts, as residents may read who receives them; an unknown or erased account has
// none.
func (s *Service) GivenNames(ctx context.Context, accounts ...AccountID) (map[AccountID]string, error) {
	return givenNamesOf(ctx, s.db, accounts)
}

// Works reports whether an account has a membership in force: of an organisation, or of any where it is "". It reads through q: inside a
// transaction that is the transaction itself, or callers that hold a connection each would wait for one more.
func (s *Service) Works(ctx context.Context, q db.Querier, account AccountID, at OrganisationID) (bool, error) {
	list, err := organisationsOf(ctx, q, account)
	return len(list) > 0 && at == "" || slices.ContainsFunc(list, func(o Organisation) bool { return o.ID == at }), err
}
