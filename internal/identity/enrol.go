package identity

import (
	"context"
	"errors"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Newcomer is what a person writes when they accept an invitation. Password may be "" for whoever will use a passkey.
type Newcomer struct {
	GivenName, FamilyName string
	Password              string
}

// Enrolment waits for a first factor, in the browser that holds its token. Nothing is written of the person before it.
type Enrolment struct {
	Token Token
	TOTP  TOTPKey // to load into an application or a card, for whoever does not use a passkey
}

// Enrolled is somebody who came in with new means.
type Enrolled struct {
	LoggedIn
	Recovery []string // to be printed: they are shown this once
}

// BeginInvitation checks what a newcomer writes and waits for their first factor: EnrolTOTP or EnrolPasskey. It reports
// fault.Invalid with the fields that cannot be, fault.NotFound when the invitation is over, and fault.Conflict when the
// address has an account: log in, then AcceptAs.
func (s *Service) BeginInvitation(ctx context.Context, t Token, in Newcomer) (Enrolment, error) {
	i, err := s.waitingInvitation(ctx, s.db, t)
	if err != nil {
		return Enrolment{}, err
	}
	f := fault.New(fault.Invalid, "identity.account_invalid")
	checkNames(f, &in.GivenName, &in.FamilyName)
	if in.Password != "" {
		mergeFields(f, CheckPassword(in.Password, i.Email, in.GivenName, in.FamilyName))
	}
	if f.Fields != nil {
		return Enrolment{}, f
	}
	old, err := staffByEmail(ctx, s.db, i.Email)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Enrolment{}, err
	}
	if old.State == AccountActive || old.State == AccountDisabled {
		return Enrolment{}, fault.New(fault.Conflict, "identity.has_account")
	}
	data := stepData{Invitation: i.ID, Account: old.ID, Given: in.GivenName, Family: in.FamilyName, Email: i.Email}
	if data.Account == "" { // who left comes back to their own id: their work is still theirs
		data.Account = AccountID(id.New())
	}
	return s.beginEnrolment(ctx, data, in.Password)
}

// mergeFields adds the fields that another fault refuses.
func mergeFields(f *fault.Error, err error) {
	if other, ok := fault.As(err); ok {
		for field, m := range other.Fields {
			f.With(field, m.Key, m.Args...)
		}
	}
}

// beginEnrolment hashes the password, makes a secret for one-time passwords and waits.
func (s *Service) beginEnrolment(ctx context.Context, data stepData, password string) (Enrolment, error) {
	var err error
	if password != "" {
		if data.Password, err = s.passwords.hash(ctx, password); err != nil {
			return Enrolment{}, err
		}
	}
	secret := newTOTPSecret()
	if data.TOTP, err = s.vault.seal(secret, string(data.Account)); err != nil {
		return Enrolment{}, err
	}
	out := Enrolment{TOTP: totpKey(secret, issuer, data.Email)}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		out.Token, err = s.begin(ctx, tx, challenge{kind: stepEnrol, data: data.text()}, enrolLasts)
		return err
	})
	return out, err
}

// issuer is how applications name what a one-time password is for.
const issuer = "Viaduc"

// EnrolTOTP ends an enrolment with the first code of an application or card. It reports fault.Unauthenticated when the
// code is wrong or the step is over, and fault.Invalid when no password was chosen: a code alone is one factor.
func (s *Service) EnrolTOTP(ctx context.Context, t Token, code, name string, from Browser) (Enrolled, error) {
	wrong := false
	out, err := s.enrol(ctx, t, from, func(ctx context.Context, tx *db.Tx, data stepData) (bool, error) {
		if data.Password == "" {
			return false, fault.New(fault.Invalid, "identity.password_refused").With("password", "identity.password_needed")
		}
		secret, err := s.vault.unseal(data.TOTP, string(data.Account))
		if err != nil {
			return false, err
		}
		step, ok := totpStep(secret, typed(code), s.now())
		if wrong = !ok; wrong {
			return false, nil
		}
		return true, insertTOTP(ctx, tx, data.Account, totpDevice{id: id.New(), name: factorName(name), secret: data.TOTP, last: step}, s.now())
	})
	if err == nil && wrong {
		err = fault.New(fault.Unauthenticated, "identity.code_wrong")
	}
	return out, err
}

// BeginEnrolPasskey asks a browser to make a passkey for an enrolment.
func (s *Service) BeginEnrolPasskey(ctx context.Context, t Token, origin Origin) (options []byte, err error) {
	_, data, err := s.peek(ctx, s.db, t, stepEnrol)
	if err != nil {
		return nil, err
	}
	if options, data.Ceremony, err = askNew(origin, data.person()); err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.remember(ctx, tx, t, stepEnrol, data) })
	return options, err
}

// person is who enrols, as a passkey names them.
func (d stepData) person() person {
	return person{account: Account{ID: d.Account, GivenName: d.Given, FamilyName: d.Family, Email: d.Email}}
}

// EnrolPasskey ends an enrolment with a passkey.
func (s *Service) EnrolPasskey(ctx context.Context, t Token, origin Origin, name string, response []byte, from Browser) (Enrolled, error) {
	return s.enrol(ctx, t, from, func(ctx context.Context, tx *db.Tx, data stepData) (bool, error) {
		if data.Ceremony == nil {
			return false, errStepOver()
		}
		credential, err := answerNew(origin, data.person(), *data.Ceremony, response)
		if err != nil {
			return false, err
		}
		return true, s.keepPasskey(ctx, tx, data.Account, name, credential)
	})
}

// enrol writes the account, its means and its session in one transaction: all, or nothing.
func (s *Service) enrol(ctx context.Context, t Token, from Browser, factor func(ctx context.Context, tx *db.Tx, data stepData) (bool, error)) (Enrolled, error) {
	var out Enrolled
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.guess(ctx, tx, t, stepEnrol); err != nil {
			return err
		}
		_, data, err := s.peek(ctx, tx, t, stepEnrol)
		if err != nil {
			return err
		}
		a, finish, err := s.enrolled(ctx, tx, data)
		if err != nil {
			return err
		}
		ok, err := factor(ctx, tx, data)
		if err != nil {
			return err
		}
		if !ok {
			return errAside
		}
		if err := finish(); err != nil {
			return err
		}
		if out.Recovery, err = s.printRecovery(ctx, tx, a.ID); err != nil {
			return err
		}
		method := ByPassword
		if data.Password == "" {
			method = ByPasskey
		}
		a, err = accountByID(ctx, tx, a.ID) // with its first membership
		if err != nil {
			return err
		}
		out.LoggedIn, err = s.complete(ctx, tx, t, stepEnrol, opening{account: a, method: method, factored: true, browser: from})
		return err
	})
	if errors.Is(err, errAside) {
		return Enrolled{}, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.guess(ctx, tx, t, stepEnrol) })
	}
	return out, err
}

// errAside gives a transaction up whose answer was wrong, so that nothing of it stays.
var errAside = fault.New(fault.Unauthenticated, "identity.code_wrong")

// enrolled prepares the account that an enrolment is for, empty of any means, and returns what must still be done once the
// factor holds.
func (s *Service) enrolled(ctx context.Context, tx *db.Tx, data stepData) (a Account, finish func() error, err error) {
	if data.Reproof != "" {
		return s.reproved(ctx, tx, data)
	}
	i, err := invitationByID(ctx, tx, data.Invitation)
	if err != nil {
		return a, nil, err
	}
	if a, err = s.newcomer(ctx, tx, data); err != nil {
		return a, nil, err
	}
	return a, func() error { _, err := s.accept(ctx, tx, i, a); return err }, nil
}

// newcomer writes the account of an invitation, or wakes that of a person who left, under new means.
func (s *Service) newcomer(ctx context.Context, tx *db.Tx, data stepData) (Account, error) {
	a, err := lockAccount(ctx, tx, data.Account)
	switch {
	case fault.Is(err, fault.NotFound):
		a = Account{
			ID: data.Account, Kind: Staff, GivenName: data.Given, FamilyName: data.Family, Email: data.Email,
			State: AccountActive, Epoch: 1, Version: 1, CreatedAt: s.now(),
		}
		if err := insertAccount(ctx, tx, a); db.IsUnique(err) { // somebody accepted another invitation meanwhile
			return a, fault.New(fault.Conflict, "identity.has_account")
		} else if err != nil {
			return a, err
		}
	case err != nil:
		return a, err
	case a.State != AccountLeft || a.Email != data.Email:
		return a, fault.New(fault.Conflict, "identity.has_account")
	default:
		if err := forgetFactors(ctx, tx, a.ID); err != nil {
			return a, err
		}
		if err := setAccountState(ctx, tx, a.ID, AccountActive); err != nil {
			return a, err
		}
		if err := renameAccount(ctx, tx, a.ID, data.Given, data.Family); err != nil {
			return a, err
		}
	}
	return a, setPassword(ctx, tx, a.ID, data.Password)
}
