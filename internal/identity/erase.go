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

// Inactive lists the accounts of a kind that nobody used since an instant, the longest first, for retention.
func (s *Service) Inactive(ctx context.Context, kind Kind, since time.Time, limit int) ([]Account, error) {
	return inactiveAccounts(ctx, s.db, kind, since, limit)
}
