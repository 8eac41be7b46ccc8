package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// LoginLink makes a token that logs a person in once, with all their rights, within the time it lasts. Only the command line
// and the program itself may: for the demonstration, and to help on a machine that they own anyway.
func (s *Service) LoginLink(ctx context.Context, by Actor, account AccountID, lasts time.Duration) (Token, error) {
	if by.Kind != CLI && by.Kind != System {
		return "", fault.New(fault.Forbidden, "identity.forbidden")
	}
	var t Token
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := accountByID(ctx, tx, account)
		if err != nil {
			return err
		}
		if t, err = s.begin(ctx, tx, challenge{kind: stepLink, account: a.ID, epoch: a.Epoch}, lasts); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, AccountSelf, "account", string(account), "lien", "connexion"))
	})
	return t, err
}

// LoginByLink opens the session of a LoginLink. It reports fault.Unauthenticated for one that was used, is too old, or
// whose account has changed since.
func (s *Service) LoginByLink(ctx context.Context, t Token, from Browser) (Token, error) {
	var session Token
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.take(ctx, tx, t, stepLink)
		if err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, c.account)
		if err != nil {
			return err
		}
		if a.Epoch != c.epoch {
			return errStepOver()
		}
		session, err = s.open(ctx, tx, opening{account: a, method: ByLink, factored: true, browser: from})
		return err
	})
	return session, err
}
