package identity

import (
	"context"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// AskReset sends a link to choose a new password, if the address is that of an account of staff: known and unknown are
// answered alike. The link changes the password alone; the second factor is asked as ever. It reports fault.TooMany for an
// address or a network address that asks too often.
func (s *Service) AskReset(ctx context.Context, email string, from Browser) error {
	if err := s.canSend(); err != nil {
		return err
	}
	if err := s.vault.ready(); err != nil {
		return err
	}
	email, _ = Email(email)
	email = email[:min(len(email), 254)]
	if err := s.try(ctx, s.addressKey(from.Address), byAddress); err != nil {
		return err
	}
	if err := s.try(ctx, s.contactKey(email), byContact); err != nil {
		return err
	}
	a, err := staffByEmail(ctx, s.db, email)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	known := err == nil && a.State == AccountActive
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c := challenge{kind: stepReset}
		if known {
			c.account, c.epoch = a.ID, a.Epoch
		}
		t, err := s.begin(ctx, tx, c, resetLasts) // of nobody, too: the same work
		if err != nil || !known {
			return err
		}
		return s.messenger.SendTx(ctx, tx, Message{
			Event: EventReset, Account: a.ID, Email: a.Email, Link: ResetPath + string(t), Until: s.now().Add(resetLasts),
		})
	})
}

// ReadReset reports fault.Unauthenticated when a link of AskReset is over; reading changes nothing.
func (s *Service) ReadReset(ctx context.Context, t Token) error {
	c, _, err := s.peek(ctx, s.db, t, stepReset)
	if err == nil && c.account == "" {
		return errStepOver()
	}
	return err
}

// Reset gives the person of a link a new password. Every session dies, and a log-in begins that waits for the second
// factor: the link does not stand for it.
func (s *Service) Reset(ctx context.Context, t Token, password string) (Step, error) {
	c, _, err := s.peek(ctx, s.db, t, stepReset)
	if err != nil {
		return Step{}, err
	}
	a, err := accountByID(ctx, s.db, c.account)
	if fault.Is(err, fault.NotFound) {
		return Step{}, errStepOver()
	}
	if err != nil {
		return Step{}, err
	}
	if err := CheckPassword(password, a.Email, a.GivenName, a.FamilyName); err != nil {
		return Step{}, err
	}
	kept, err := s.passwords.hash(ctx, password)
	if err != nil {
		return Step{}, err
	}
	var step Step
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := s.take(ctx, tx, t, stepReset); err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if a.Epoch != c.epoch || a.State != AccountActive {
			return errStepOver()
		}
		if err := setPassword(ctx, tx, a.ID, kept); err != nil {
			return err
		}
		if a, err = s.renewAccount(ctx, tx, a); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, EventChanged, "mot de passe"); err != nil {
			return err
		}
		if step, err = s.factorStep(ctx, tx, a); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(Actor{Kind: Staff, Account: a.ID}, FactorEdit, "account", string(a.ID), "change", "mot de passe par lien"))
	})
	return step, err
}

// renewAccount kills every session and waiting step of an account, ends its waits, and returns it as it is then.
func (s *Service) renewAccount(ctx context.Context, tx *db.Tx, a Account) (Account, error) {
	if err := raiseEpoch(ctx, tx, a.ID); err != nil {
		return a, err
	}
	if err := dropChallenges(ctx, tx, a.ID, s.now()); err != nil {
		return a, err
	}
	if _, err := forgetThrottle(ctx, tx, s.accountKey(a.Email)); err != nil {
		return a, err
	}
	return accountByID(ctx, tx, a.ID)
}
