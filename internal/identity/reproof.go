package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// reproofLasts is how long a second person has to confirm, and then the link to be used.
const (
	reproofLasts  = 7 * 24 * time.Hour
	reproofLinked = 24 * time.Hour
)

// Reproof is a lost factor that waits for a second person.
type Reproof struct {
	ID        string
	Account   AccountID
	AskedBy   AccountID
	AskedAt   time.Time
	ExpiresAt time.Time
}

// reproofRow is a row of identity_reproof.
type reproofRow struct {
	Reproof
	confirmedBy string
	closedAt    time.Time
}

// AskReproof says that somebody lost every factor, after the caller made sure of who they are, in person. A second person
// must confirm. Neither chooses a password, nor sees one. It reports fault.NotFound out of reach, fault.Conflict when one
// waits already.
func (s *Service) AskReproof(ctx context.Context, by Actor, account AccountID) (Reproof, error) {
	var r Reproof
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := requireOn(ctx, tx, by, ReproofAsk, ObjectAccount, account); err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, account)
		if err != nil {
			return err
		}
		if err := canBeReproved(by, a); err != nil {
			return err
		}
		waits, err := waitingReproofs(ctx, tx, account, s.now())
		if err != nil {
			return err
		}
		if waits > 0 {
			return fault.New(fault.Conflict, "identity.reproof_waits")
		}
		r = Reproof{ID: id.New(), Account: account, AskedBy: AccountID(by.Audit()), AskedAt: s.now(), ExpiresAt: s.now().Add(reproofLasts)}
		if err := insertReproof(ctx, tx, r); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, ReproofAsk, "account", string(account)))
	})
	return r, err
}

// canBeReproved refuses oneself, and an account that nobody could log in to anyway.
func canBeReproved(by Actor, a Account) error {
	switch {
	case by.Account == a.ID:
		return fault.New(fault.Forbidden, "identity.not_oneself")
	case a.State != AccountActive || a.Kind != Staff || a.Email == "":
		return fault.New(fault.Conflict, "identity.account_state")
	}
	return nil
}

// Reproofs lists those that wait and that by may confirm.
func (s *Service) Reproofs(ctx context.Context, by Actor) ([]Reproof, error) {
	if err := Require(by, ReproofConfirm, Object{Kind: ObjectAccount}); err != nil {
		return nil, err
	}
	return listReproofs(ctx, s.db, s.now())
}

// ConfirmReproof is the second person's word. The person then gets a link, which nobody else sees, to choose a new password
// and a new factor; until they do, the old ones hold. It reports fault.Forbidden for whoever asked, or for oneself, and
// fault.Conflict when it is over.
func (s *Service) ConfirmReproof(ctx context.Context, by Actor, reproof string) error {
	if err := s.canSend(); err != nil {
		return err
	}
	if !by.Fresh(s.now(), recentFactor) {
		return errConfirmFirst()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := reproofByID(ctx, tx, reproof)
		if err != nil {
			return err
		}
		if err := requireOn(ctx, tx, by, ReproofConfirm, ObjectAccount, r.Account); err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, r.Account)
		if err != nil {
			return err
		}
		if err := canBeReproved(by, a); err != nil {
			return err
		}
		if string(r.AskedBy) == string(by.Audit()) {
			return fault.New(fault.Forbidden, "identity.reproof_same")
		}
		n, err := confirmReproof(ctx, tx, reproof, string(by.Audit()), s.now(), s.now().Add(reproofLinked))
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "identity.reproof_over")
		}
		if err != nil {
			return err
		}
		return s.sendReproof(ctx, tx, by, a, reproof)
	})
}

func (s *Service) sendReproof(ctx context.Context, tx *db.Tx, by Actor, a Account, reproof string) error {
	t, err := s.begin(ctx, tx, challenge{kind: stepReproof, account: a.ID, epoch: a.Epoch, data: stepData{Reproof: reproof}.text()}, reproofLinked)
	if err != nil {
		return err
	}
	m := Message{Event: EventReproof, Account: a.ID, Email: a.Email, Link: ReproofPath + string(t), Until: s.now().Add(reproofLinked)}
	if err := s.messenger.SendTx(ctx, tx, m); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, s.line(by, ReproofConfirm, "account", string(a.ID)))
}

// RefuseReproof ends one that waits, or whose link was not used yet.
func (s *Service) RefuseReproof(ctx context.Context, by Actor, reproof string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := reproofByID(ctx, tx, reproof)
		if err != nil {
			return err
		}
		if err := requireOn(ctx, tx, by, ReproofConfirm, ObjectAccount, r.Account); err != nil {
			return err
		}
		n, err := closeReproof(ctx, tx, reproof, s.now())
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "identity.reproof_over")
		}
		if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, ReproofConfirm, "account", string(r.Account), "réponse", "non"))
	})
}

// ReadReproof returns the name of the person whom a link is for; reading changes nothing.
func (s *Service) ReadReproof(ctx context.Context, t Token) (name string, err error) {
	c, _, err := s.peek(ctx, s.db, t, stepReproof)
	if err != nil {
		return "", err
	}
	a, err := accountByID(ctx, s.db, c.account)
	return a.Name(), err
}

// BeginReproof checks the new password and waits for the new factor: EnrolTOTP or EnrolPasskey. The link can be opened
// again until one of them comes to its end.
func (s *Service) BeginReproof(ctx context.Context, t Token, password string) (Enrolment, error) {
	c, data, err := s.peek(ctx, s.db, t, stepReproof)
	if err != nil {
		return Enrolment{}, err
	}
	a, err := accountByID(ctx, s.db, c.account)
	if err != nil {
		return Enrolment{}, err
	}
	if a.Epoch != c.epoch {
		return Enrolment{}, errStepOver()
	}
	if password != "" {
		if err := CheckPassword(password, a.Email, a.GivenName, a.FamilyName); err != nil {
			return Enrolment{}, err
		}
	}
	return s.beginEnrolment(ctx, stepData{Reproof: data.Reproof, Account: a.ID, Given: a.GivenName, Family: a.FamilyName, Email: a.Email}, password)
}

// reproved forgets the lost means of an account: the caller keeps the new ones. Using the reproof up is one conditional
// write.
func (s *Service) reproved(ctx context.Context, tx *db.Tx, data stepData) (Account, func() error, error) {
	a, err := lockAccount(ctx, tx, data.Account)
	if err != nil {
		return a, nil, err
	}
	n, err := useReproof(ctx, tx, data.Reproof, s.now())
	if err == nil && (n == 0 || a.State != AccountActive) {
		err = errStepOver()
	}
	if err != nil {
		return a, nil, err
	}
	if err := forgetFactors(ctx, tx, a.ID); err != nil {
		return a, nil, err
	}
	if err := setPassword(ctx, tx, a.ID, data.Password); err != nil {
		return a, nil, err
	}
	return a, func() error {
		if _, err := forgetThrottle(ctx, tx, s.factorKey(a.ID)); err != nil {
			return err
		}
		if _, err := s.renewAccount(ctx, tx, a); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, EventChanged, "nouveaux moyens"); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(Actor{Kind: Staff, Account: a.ID}, FactorEdit, "account", string(a.ID), "change", "nouveaux moyens"))
	}, nil
}
