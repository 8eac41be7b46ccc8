package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// EraseHook removes what a module keeps of a person beside their work, in the transaction that erases the account.
type EraseHook func(ctx context.Context, tx *db.Tx, account AccountID) error

// OnErase adds hooks, which erasures run in the order they were given. Package app calls it while it plugs the modules
// together.
func (s *Service) OnErase(hooks ...EraseHook) {
	s.hooks.Lock()
	defer s.hooks.Unlock()
	s.erasures = append(s.erasures, hooks...)
}

// EraseMine erases the account of a resident at their own wish.
func (s *Service) EraseMine(ctx context.Context, by Actor) error {
	if by.Kind != Resident || by.Account == "" {
		return fault.New(fault.Forbidden, "identity.forbidden")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.EraseTx(ctx, tx, by, by.Account) })
}

// EraseTx removes everything that names a person or lets them in, in the caller's transaction; the id stays, as the author
// of past work. Only retention, and EraseMine, call it. It reports fault.Conflict for somebody who still works somewhere.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, by Actor, account AccountID) error {
	a, err := lockAccount(ctx, tx, account)
	if err != nil {
		return err
	}
	open, err := openMemberships(ctx, tx, account)
	if err != nil {
		return err
	}
	if len(open) > 0 || a.State == AccountErased {
		return fault.New(fault.Conflict, "identity.account_state")
	}
	s.hooks.RLock()
	hooks := s.erasures
	s.hooks.RUnlock()
	for _, hook := range hooks {
		if err := hook(ctx, tx, account); err != nil {
			return err
		}
	}
	if err := forgetFactors(ctx, tx, account); err != nil {
		return err
	}
	if err := blankAccount(ctx, tx, account); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, s.line(by, AccountSelf, "account", string(account), "change", "effacé"))
}

// Inactive lists, for retention, the accounts of a kind that nobody used since before, the longest first, by pages: those
// after the account used at since with the id after (zero and "" for the first page). Administrators are not among them:
// whoever administers the territory is taken out by a person, never by the clock.
func (s *Service) Inactive(ctx context.Context, q db.Querier, kind Kind, before, since time.Time, after AccountID, limit int) ([]Account, error) {
	return inactiveAccounts(ctx, q, kind, before, since, after, limit)
}

// UsedAt is when an account was last used: its last request, or its creation when there was none.
func (a Account) UsedAt() time.Time {
	if a.SeenAt.IsZero() {
		return a.CreatedAt
	}
	return a.SeenAt
}

// EraseInactiveTx is what retention does of an account that Inactive lists: the person leaves wherever they still were,
// and is erased.
func (s *Service) EraseInactiveTx(ctx context.Context, tx *db.Tx, account AccountID) error {
	if err := touch(ctx, tx); err != nil {
		return err
	}
	open, err := openMemberships(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, m := range open {
		if err := s.changeTo(ctx, tx, TheSystem(), m, Change{Role: m.Role, Scope: m.Scope, State: MemberEnded}); err != nil {
			return err
		}
	}
	return s.EraseTx(ctx, tx, TheSystem(), account)
}

// Holders returns the accounts that can log in with a role now, each once, so that another module can write to them.
func (s *Service) Holders(ctx context.Context, q db.Querier, role Role) ([]Account, error) {
	return holdersOf(ctx, q, role)
}

// ContactOf returns how to write to somebody, "" for what is not known, so that other modules can warn and tell them.
func (s *Service) ContactOf(ctx context.Context, q db.Querier, account AccountID) (email, phone string, err error) {
	a, err := accountByID(ctx, q, account)
	return a.Email, a.Phone, err
}
