package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Means is what a person can log in with, as they see it.
type Means struct {
	Password bool
	TOTP     []Device
	Passkeys []Passkey
	Recovery int // codes left
}

// Device is a one-time password application or card, as its owner sees it.
type Device struct {
	ID, Name string
}

// Means returns what by can log in with.
func (s *Service) Means(ctx context.Context, by Actor) (Means, error) {
	if err := Require(by, FactorEdit, Object{Kind: ObjectFactor, Owner: by.Account}); err != nil {
		return Means{}, err
	}
	has, err := factorsOf(ctx, s.db, by.Account)
	if err != nil {
		return Means{}, err
	}
	out := Means{Password: has.password, Recovery: int(has.recovery)}
	devices, err := totpDevices(ctx, s.db, by.Account)
	if err != nil {
		return Means{}, err
	}
	for _, d := range devices {
		out.TOTP = append(out.TOTP, Device{ID: d.id, Name: d.name})
	}
	out.Passkeys, err = passkeysOf(ctx, s.db, by.Account)
	return out, err
}

// mayChange asks for the right over one's own means and for a fresh second factor.
func (s *Service) mayChange(by Actor) error {
	if err := Require(by, FactorEdit, Object{Kind: ObjectFactor, Owner: by.Account}); err != nil {
		return err
	}
	if by.Account == "" { // the command line has no means of its own
		return fault.New(fault.Forbidden, "identity.forbidden")
	}
	if !by.Fresh(s.now(), recentFactor) {
		return errConfirmFirst()
	}
	return s.vault.ready()
}

// change does something to the means of by, locked, then kills every other session and waiting step: this one goes on
// under a new token. The person is told.
func (s *Service) change(ctx context.Context, by Actor, word string, do func(ctx context.Context, tx *db.Tx, a Account) error) (Token, error) {
	if err := s.mayChange(by); err != nil {
		return "", err
	}
	t := newToken()
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, a); err != nil {
			return err
		}
		if err := raiseEpoch(ctx, tx, a.ID); err != nil {
			return err
		}
		if err := dropChallenges(ctx, tx, a.ID, s.now()); err != nil {
			return err
		}
		n, err := carrySession(ctx, tx, by.Session, t.hash())
		if err == nil && n == 0 {
			err = errNoSession()
		}
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, EventChanged, word); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, FactorEdit, "account", string(a.ID), "change", word))
	})
	if err != nil {
		return "", err
	}
	return t, nil
}

// SetPassword gives by a new password; current is the old one, "" if there was none. Every other session dies. It reports
// fault.Invalid with the field that cannot be, and fault.Forbidden with ConfirmFirst when the second factor is not fresh.
func (s *Service) SetPassword(ctx context.Context, by Actor, current, next string) (Token, error) {
	if err := s.mayChange(by); err != nil {
		return "", err
	}
	a, err := accountByID(ctx, s.db, by.Account)
	if err != nil {
		return "", err
	}
	if err := CheckPassword(next, a.Email, a.GivenName, a.FamilyName); err != nil {
		return "", err
	}
	old, err := passwordOf(ctx, s.db, a.ID)
	if err != nil {
		return "", err
	}
	if old != "" {
		if err := s.checkCurrent(ctx, a, current, old); err != nil {
			return "", err
		}
	}
	kept, err := s.passwords.hash(ctx, next)
	if err != nil {
		return "", err
	}
	return s.change(ctx, by, "mot de passe", func(ctx context.Context, tx *db.Tx, a Account) error {
		if now, err := passwordOf(ctx, tx, a.ID); err != nil || now != old {
			return orConflict(err)
		}
		return setPassword(ctx, tx, a.ID, kept)
	})
}

// orConflict is err, or the conflict of two changes at once.
func orConflict(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "identity.changed_meanwhile")
}

// checkCurrent verifies the password that is being replaced, under the same waits as a log-in.
func (s *Service) checkCurrent(ctx context.Context, a Account, current, kept string) error {
	key := s.accountKey(a.Email)
	if err := s.try(ctx, key, byAccount); err != nil {
		return err
	}
	right, _, err := s.passwords.verify(ctx, current, kept)
	if err != nil {
		return err
	}
	if !right {
		return fault.New(fault.Invalid, "identity.password_refused").With("current", "identity.password_wrong")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := forgetThrottle(ctx, tx, key)
		return err
	})
}

// BeginTOTP makes a secret for one more application or card, which FinishTOTPDevice keeps once it gave a right code.
func (s *Service) BeginTOTP(ctx context.Context, by Actor) (Enrolment, error) {
	if err := s.mayChange(by); err != nil {
		return Enrolment{}, err
	}
	a, err := accountByID(ctx, s.db, by.Account)
	if err != nil {
		return Enrolment{}, err
	}
	secret := newTOTPSecret()
	data := stepData{Session: by.Session}
	if data.TOTP, err = s.vault.seal(secret, string(a.ID)); err != nil {
		return Enrolment{}, err
	}
	out := Enrolment{TOTP: totpKey(secret, issuer, a.Email)}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		out.Token, err = s.begin(ctx, tx, challenge{kind: stepAdd, account: a.ID, epoch: a.Epoch, data: data.text()}, enrolLasts)
		return err
	})
	return out, err
}

// maxFactors is how many one-time passwords, or passkeys, an account has at most.
const maxFactors = 10

// adding reads the step of a factor that by adds, and uses it up.
func (s *Service) adding(ctx context.Context, tx *db.Tx, by Actor, a Account, t Token) (stepData, error) {
	c, data, err := s.peek(ctx, tx, t, stepAdd)
	if err != nil {
		return data, err
	}
	if c.account != a.ID || c.epoch != a.Epoch || data.Session != by.Session {
		return data, errStepOver()
	}
	has, err := factorsOf(ctx, tx, a.ID)
	if err != nil {
		return data, err
	}
	if has.totp >= maxFactors || has.passkeys >= maxFactors {
		return data, fault.New(fault.Conflict, "identity.factors_many")
	}
	_, err = s.take(ctx, tx, t, stepAdd)
	return data, err
}

// FinishTOTPDevice keeps the application or card of BeginTOTP. A wrong code ends the step: the secret is made anew.
func (s *Service) FinishTOTPDevice(ctx context.Context, by Actor, step Token, code, name string) (Token, error) {
	return s.change(ctx, by, "code à usage unique ajouté", func(ctx context.Context, tx *db.Tx, a Account) error {
		data, err := s.adding(ctx, tx, by, a, step)
		if err != nil {
			return err
		}
		secret, err := s.vault.unseal(data.TOTP, string(a.ID))
		if err != nil {
			return err
		}
		at, ok := totpStep(secret, typed(code), s.now())
		if !ok {
			return fault.New(fault.Invalid, "identity.code_refused").With("code", "identity.code_wrong")
		}
		return insertTOTP(ctx, tx, a.ID, totpDevice{id: id.New(), name: factorName(name), secret: data.TOTP, last: at}, s.now())
	})
}

// BeginPasskey asks the browser of by to make a passkey.
func (s *Service) BeginPasskey(ctx context.Context, by Actor, origin Origin) (options []byte, t Token, err error) {
	if err := s.mayChange(by); err != nil {
		return nil, "", err
	}
	a, err := accountByID(ctx, s.db, by.Account)
	if err != nil {
		return nil, "", err
	}
	p, err := personOf(ctx, s.db, a)
	if err != nil {
		return nil, "", err
	}
	options, c, err := askNew(origin, p)
	if err != nil {
		return nil, "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		t, err = s.begin(ctx, tx, challenge{kind: stepAdd, account: a.ID, epoch: a.Epoch, data: stepData{Session: by.Session, Ceremony: c}.text()}, stepLasts)
		return err
	})
	return options, t, err
}

// FinishPasskey keeps the passkey of BeginPasskey under a name that its owner will know again.
func (s *Service) FinishPasskey(ctx context.Context, by Actor, step Token, origin Origin, name string, response []byte) (Token, error) {
	return s.change(ctx, by, "clé d'accès ajoutée", func(ctx context.Context, tx *db.Tx, a Account) error {
		data, err := s.adding(ctx, tx, by, a, step)
		if err != nil {
			return err
		}
		if data.Ceremony == nil {
			return errStepOver()
		}
		credential, err := answerNew(origin, person{account: a}, *data.Ceremony, response)
		if err != nil {
			return err
		}
		return s.keepPasskey(ctx, tx, a.ID, name, credential)
	})
}

// RenamePasskey gives a passkey of by another name. It reports fault.NotFound for one that is not theirs.
func (s *Service) RenamePasskey(ctx context.Context, by Actor, passkey, name string) error {
	if err := Require(by, FactorEdit, Object{Kind: ObjectFactor, Owner: by.Account}); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := renamePasskey(ctx, tx, by.Account, passkey, factorName(name))
		if err == nil && n == 0 {
			err = NotFound()
		}
		if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, FactorEdit, "account", string(by.Account), "change", "clé d'accès nommée"))
	})
}

// RemovePasskey forgets a passkey of by. It reports fault.NotFound for one that is not theirs, fault.Conflict for the last
// means to log in with.
func (s *Service) RemovePasskey(ctx context.Context, by Actor, passkey string) (Token, error) {
	return s.change(ctx, by, "clé d'accès retirée", func(ctx context.Context, tx *db.Tx, a Account) error {
		n, err := deletePasskey(ctx, tx, a.ID, passkey)
		return s.removed(ctx, tx, a, n, err)
	})
}

// RemoveTOTP forgets a one-time password application or card of by, as RemovePasskey does.
func (s *Service) RemoveTOTP(ctx context.Context, by Actor, device string) (Token, error) {
	return s.change(ctx, by, "code à usage unique retiré", func(ctx context.Context, tx *db.Tx, a Account) error {
		n, err := deleteTOTP(ctx, tx, a.ID, device)
		return s.removed(ctx, tx, a, n, err)
	})
}

// removed keeps a way in: a passkey, or a password with a one-time password.
func (s *Service) removed(ctx context.Context, tx *db.Tx, a Account, n int64, err error) error {
	if err != nil {
		return err
	}
	if n == 0 {
		return NotFound()
	}
	has, err := factorsOf(ctx, tx, a.ID)
	if err == nil && has.passkeys == 0 && (has.totp == 0 || !has.password) {
		err = fault.New(fault.Conflict, "identity.last_factor")
	}
	return err
}

// PrintRecovery replaces the recovery codes of by. They are shown this once.
func (s *Service) PrintRecovery(ctx context.Context, by Actor) (codes []string, t Token, err error) {
	t, err = s.change(ctx, by, "codes de secours", func(ctx context.Context, tx *db.Tx, a Account) error {
		codes, err = s.printRecovery(ctx, tx, a.ID)
		return err
	})
	return codes, t, err
}

// ConfirmTOTP takes a one-time password of a person who is logged in, before something that asks for it again. The session
// gets a new token.
func (s *Service) ConfirmTOTP(ctx context.Context, by Actor, code string) (Token, error) {
	return s.confirm(ctx, by, func(ctx context.Context, tx *db.Tx, a Account) (bool, error) { return s.spendTOTP(ctx, tx, a.ID, code) })
}

// BeginConfirmPasskey asks a passkey of a person who is logged in.
func (s *Service) BeginConfirmPasskey(ctx context.Context, by Actor, origin Origin) (options []byte, t Token, err error) {
	options, c, err := s.askAccount(ctx, origin, by.Account)
	if err != nil {
		return nil, "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		t, err = s.begin(ctx, tx, challenge{kind: stepConfirm, account: by.Account, data: stepData{Session: by.Session, Ceremony: c}.text()}, stepLasts)
		return err
	})
	return options, t, err
}

// FinishConfirmPasskey is ConfirmTOTP with a passkey.
func (s *Service) FinishConfirmPasskey(ctx context.Context, by Actor, step Token, origin Origin, response []byte) (Token, error) {
	return s.confirm(ctx, by, func(ctx context.Context, tx *db.Tx, a Account) (bool, error) {
		c, data, err := s.peek(ctx, tx, step, stepConfirm)
		if err != nil {
			return false, err
		}
		if c.account != a.ID || data.Session != by.Session || data.Ceremony == nil {
			return false, errStepOver()
		}
		if _, err := s.take(ctx, tx, step, stepConfirm); err != nil {
			return false, err
		}
		_, credential, err := answer(origin, *data.Ceremony, response, func(AccountID) (person, error) { return personOf(ctx, tx, a) })
		if fault.Is(err, fault.Unauthenticated) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		return true, s.spendPasskey(ctx, tx, credential)
	})
}

// confirm judges a second factor of a logged-in person, under the same waits as at log-in.
func (s *Service) confirm(ctx context.Context, by Actor, spend func(ctx context.Context, tx *db.Tx, a Account) (bool, error)) (Token, error) {
	if by.Kind != Staff || by.Session == "" {
		return "", errNoSession()
	}
	if err := s.vault.ready(); err != nil {
		return "", err
	}
	key := s.factorKey(by.Account)
	if err := s.try(ctx, key, byAccount); err != nil {
		return "", err
	}
	t, right := newToken(), false
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		if right, err = spend(ctx, tx, a); err != nil {
			return err
		}
		if !right {
			return s.failedTx(ctx, tx, a.ID, "confirmation")
		}
		if _, err := forgetThrottle(ctx, tx, key); err != nil {
			return err
		}
		return s.renewed(ctx, tx, by, t, s.now())
	})
	if err == nil && !right {
		err = fault.New(fault.Unauthenticated, "identity.code_wrong")
	}
	if err != nil {
		return "", err
	}
	return t, nil
}

// renewed gives the session of by a new token and a fresh second factor.
func (s *Service) renewed(ctx context.Context, tx *db.Tx, by Actor, t Token, at time.Time) error {
	n, err := confirmSession(ctx, tx, by.Session, t.hash(), at)
	if err == nil && n == 0 {
		err = errNoSession()
	}
	return err
}
