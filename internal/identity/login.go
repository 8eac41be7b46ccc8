package identity

import (
	"context"
	"errors"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// PasswordLogin is what a member of staff types first.
type PasswordLogin struct {
	Email    string
	Password string
	Known    KnownBrowser // what the browser kept of an earlier log-in; "" for none
}

// Step is a log-in that waits for a second factor, in the browser that holds its token.
type Step struct {
	Token    Token
	TOTP     bool // the person has a one-time password
	Passkey  bool // ...a passkey
	Recovery bool // ...recovery codes left
}

// LoggedIn is a log-in that came to its end.
type LoggedIn struct {
	Session Token
	Known   KnownBrowser // for the browser to keep; "" on a screen that others use next
	Account AccountID
}

// LoginPassword takes an address and a password, and answers known and unknown people alike, in the same time: with
// fault.Unauthenticated unless both are right. It reports fault.TooMany while the account, or the network address, must
// wait; a browser that the account knows waits for neither. After it comes one of the Finish methods.
func (s *Service) LoginPassword(ctx context.Context, in PasswordLogin, from Browser) (Step, error) {
	if err := s.vault.ready(); err != nil {
		return Step{}, err
	}
	email, _ := Email(in.Email)
	email = email[:min(len(email), 254)]
	a, err := staffByEmail(ctx, s.db, email)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Step{}, err
	}
	door := s.door(email, in.Known, a, from)
	nth, err := s.enter(ctx, door)
	if err != nil {
		return Step{}, err
	}
	kept := ""
	if a.ID != "" {
		if kept, err = passwordOf(ctx, s.db, a.ID); err != nil {
			return Step{}, err
		}
	}
	right, weak, err := s.passwords.verify(ctx, in.Password, kept)
	if err != nil { // the crowd was too large: nothing was judged
		return Step{}, errors.Join(err, s.unjudged(context.WithoutCancel(ctx), door))
	}
	if !right || a.State != AccountActive {
		return Step{}, s.failed(ctx, a, "mot de passe", nth)
	}
	if weak {
		if err := s.strengthen(ctx, a.ID, in.Password, kept); err != nil {
			return Step{}, err
		}
	}
	return s.awaitFactor(ctx, a, door)
}

// door is what a try with a password is counted under.
type door struct {
	account string
	address string // "" where the browser is known, or no address is
}

func (s *Service) door(email string, known KnownBrowser, a Account, from Browser) door {
	if nonce, ok := s.knows(known, a); ok {
		return door{account: s.browserKey(nonce, "password")}
	}
	return door{account: s.accountKey(email), address: s.addressKey(from.Address)}
}

// enter counts a try before it is judged, and returns which one it is in a row. A full address is told so before the
// account's tries are touched.
func (s *Service) enter(ctx context.Context, d door) (nth int64, err error) {
	var wait time.Time
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if d.address != "" {
			if wait, _, err = s.tryTx(ctx, tx, d.address, byAddress); err != nil || !wait.IsZero() {
				return err
			}
		}
		wait, nth, err = s.tryTx(ctx, tx, d.account, byAccount)
		return err
	})
	if err == nil && !wait.IsZero() {
		err = tooMany(wait.Sub(s.now()))
	}
	return nth, err
}

// unjudged takes back the tries that enter counted.
func (s *Service) unjudged(ctx context.Context, d door) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, key := range []string{d.account, d.address} {
			if err := giveBack(ctx, tx, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// failed writes a failure into the journal, of a known account or of none, and is the one answer to it. Whoever is slowed
// down by it is told.
func (s *Service) failed(ctx context.Context, a Account, step string, nth int64) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if a.State == AccountActive && nth == byAccount.free {
			if err := s.tell(ctx, tx, a, EventSlowed, ""); err != nil {
				return err
			}
		}
		return s.failedTx(ctx, tx, a.ID, step)
	})
	if err != nil {
		return err
	}
	return fault.New(fault.Unauthenticated, "identity.login_failed")
}

func (s *Service) failedTx(ctx context.Context, tx *db.Tx, account AccountID, step string) error {
	return s.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: audit.Anonymous, Action: loginFailed, Object: audit.Object{Kind: "account", ID: string(account)}, Detail: map[string]string{"étape": step},
	})
}

// strengthen keeps a password at today's cost.
func (s *Service) strengthen(ctx context.Context, account AccountID, password, old string) error {
	kept, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return rehash(ctx, tx, account, old, kept) })
}

// awaitFactor gives the tries back and waits for the second factor.
func (s *Service) awaitFactor(ctx context.Context, a Account, d door) (Step, error) {
	var step Step
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.leave(ctx, tx, d); err != nil {
			return err
		}
		var err error
		step, err = s.factorStep(ctx, tx, a)
		return err
	})
	return step, err
}

// factorStep begins the wait for a second factor. It reports fault.Forbidden for an account that has none.
func (s *Service) factorStep(ctx context.Context, tx *db.Tx, a Account) (Step, error) {
	has, err := factorsOf(ctx, tx, a.ID)
	if err != nil {
		return Step{}, err
	}
	if has.totp+has.passkeys == 0 {
		return Step{}, fault.New(fault.Forbidden, "identity.no_factor")
	}
	t, err := s.begin(ctx, tx, challenge{kind: stepFactor, account: a.ID, epoch: a.Epoch}, stepLasts)
	return Step{Token: t, TOTP: has.totp > 0, Passkey: has.passkeys > 0, Recovery: has.recovery > 0}, err
}

// leave takes back what enter counted: it was right.
func (s *Service) leave(ctx context.Context, tx *db.Tx, d door) error {
	if _, err := forgetThrottle(ctx, tx, d.account); err != nil {
		return err
	}
	if d.address == "" {
		return nil
	}
	return giveBack(ctx, tx, d.address)
}

// StepFactors says what a waiting step can be finished with. It reports fault.Unauthenticated when it is over.
func (s *Service) StepFactors(ctx context.Context, t Token) (Step, error) {
	c, _, err := s.peek(ctx, s.db, t, stepFactor)
	if err != nil {
		return Step{}, err
	}
	has, err := factorsOf(ctx, s.db, c.account)
	return Step{Token: t, TOTP: has.totp > 0, Passkey: has.passkeys > 0, Recovery: has.recovery > 0}, err
}

// FinishTOTP ends a log-in with a one-time password, which works once. It reports fault.Unauthenticated when it is wrong
// or was used, fault.TooMany when the account must wait: whoever manages the organisation can end that wait.
func (s *Service) FinishTOTP(ctx context.Context, t Token, code string, from Browser) (LoggedIn, error) {
	return s.finish(ctx, t, from, "code à usage unique", func(ctx context.Context, tx *db.Tx, a Account) (bool, error) {
		return s.spendTOTP(ctx, tx, a.ID, code)
	})
}

// FinishRecovery is FinishTOTP with one of the recovery codes. The person is told of it.
func (s *Service) FinishRecovery(ctx context.Context, t Token, code string, from Browser) (LoggedIn, error) {
	return s.finish(ctx, t, from, "code de secours", func(ctx context.Context, tx *db.Tx, a Account) (bool, error) {
		n, err := useRecovery(ctx, tx, a.ID, s.recoveryHash(a.ID, code), s.now())
		if err != nil || n == 0 {
			return false, err
		}
		return true, s.tell(ctx, tx, a, EventChanged, "code de secours")
	})
}

// finish judges a second factor: spend uses it up, in the transaction that opens the session.
func (s *Service) finish(ctx context.Context, t Token, from Browser, word string, spend func(ctx context.Context, tx *db.Tx, a Account) (bool, error)) (LoggedIn, error) {
	c, _, err := s.peek(ctx, s.db, t, stepFactor)
	if err != nil {
		return LoggedIn{}, err
	}
	if err := s.try(ctx, s.factorKey(c.account), byAccount); err != nil {
		return LoggedIn{}, err
	}
	var out LoggedIn
	right := false
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.guess(ctx, tx, t, stepFactor); err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, c.account)
		if err != nil {
			return err
		}
		if a.Epoch != c.epoch || a.State != AccountActive {
			return errStepOver()
		}
		if right, err = spend(ctx, tx, a); err != nil {
			return err
		}
		if !right {
			return s.failedTx(ctx, tx, a.ID, word)
		}
		out, err = s.complete(ctx, tx, t, stepFactor, opening{account: a, method: ByPassword, factored: true, browser: from})
		return err
	})
	if err == nil && !right {
		err = fault.New(fault.Unauthenticated, "identity.code_wrong")
	}
	return out, err
}

// complete uses the step up, opens the session and marks the browser.
func (s *Service) complete(ctx context.Context, tx *db.Tx, t Token, kind challengeKind, in opening) (LoggedIn, error) {
	if _, err := s.take(ctx, tx, t, kind); err != nil {
		return LoggedIn{}, err
	}
	if _, err := forgetThrottle(ctx, tx, s.factorKey(in.account.ID)); err != nil {
		return LoggedIn{}, err
	}
	session, err := s.open(ctx, tx, in)
	out := LoggedIn{Session: session, Account: in.account.ID}
	if !in.browser.Kiosk {
		out.Known = s.knownBrowser(in.account)
	}
	return out, err
}

// BeginPasskeyLogin asks a passkey of whoever has one: options is for the browser, the token for FinishPasskeyLogin.
func (s *Service) BeginPasskeyLogin(ctx context.Context, origin Origin) (options []byte, t Token, err error) {
	if err := s.vault.ready(); err != nil {
		return nil, "", err
	}
	options, c, err := ask(origin, nil)
	if err != nil {
		return nil, "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		t, err = s.begin(ctx, tx, challenge{kind: stepPasskey, data: stepData{Ceremony: c}.text()}, stepLasts)
		return err
	})
	return options, t, err
}

// FinishPasskeyLogin logs in whoever a passkey says: it is both factors, since it checked a finger, a face or a PIN. It
// reports fault.Unauthenticated when the answer does not hold, or the step is over.
func (s *Service) FinishPasskeyLogin(ctx context.Context, t Token, origin Origin, response []byte, from Browser) (LoggedIn, error) {
	return s.byPasskey(ctx, t, stepPasskey, origin, response, from, ByPasskey)
}

// BeginPasskeyFactor asks the passkeys of a person who gave their password.
func (s *Service) BeginPasskeyFactor(ctx context.Context, t Token, origin Origin) (options []byte, err error) {
	c, data, err := s.peek(ctx, s.db, t, stepFactor)
	if err != nil {
		return nil, err
	}
	options, data.Ceremony, err = s.askAccount(ctx, origin, c.account)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.remember(ctx, tx, t, stepFactor, data) })
	return options, err
}

// FinishPasskeyFactor ends a log-in with a passkey as second factor.
func (s *Service) FinishPasskeyFactor(ctx context.Context, t Token, origin Origin, response []byte, from Browser) (LoggedIn, error) {
	return s.byPasskey(ctx, t, stepFactor, origin, response, from, ByPassword)
}

// askAccount makes the question to the passkeys of one account. It reports fault.NotFound when it has none.
func (s *Service) askAccount(ctx context.Context, origin Origin, account AccountID) (options []byte, c *ceremony, err error) {
	a, err := accountByID(ctx, s.db, account)
	if err != nil {
		return nil, nil, err
	}
	p, err := personOf(ctx, s.db, a)
	if err != nil {
		return nil, nil, err
	}
	if len(p.credentials) == 0 {
		return nil, nil, NotFound()
	}
	return ask(origin, &p)
}

// byPasskey judges the answer of a passkey and opens the session, in one transaction that locks the account.
func (s *Service) byPasskey(ctx context.Context, t Token, kind challengeKind, origin Origin, response []byte, from Browser, method Method) (LoggedIn, error) {
	var out LoggedIn
	var of AccountID // whom a wrong answer was about
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.guess(ctx, tx, t, kind); err != nil {
			return err
		}
		c, data, err := s.peek(ctx, tx, t, kind)
		if err != nil {
			return err
		}
		if data.Ceremony == nil {
			return errStepOver()
		}
		of = c.account
		p, credential, err := answer(origin, *data.Ceremony, response, func(account AccountID) (person, error) {
			a, err := lockAccount(ctx, tx, account)
			if err != nil {
				return person{}, err
			}
			of = a.ID
			return personOf(ctx, tx, a)
		})
		if err != nil {
			return err
		}
		if p.account.State != AccountActive || p.account.Kind != Staff || c.account != "" && (p.account.ID != c.account || p.account.Epoch != c.epoch) {
			return errPasskey()
		}
		if err := s.spendPasskey(ctx, tx, credential); err != nil {
			return err
		}
		out, err = s.complete(ctx, tx, t, kind, opening{account: p.account, method: method, factored: true, browser: from})
		return err
	})
	if f, ok := fault.As(err); ok && f.Message.Key == "identity.passkey_failed" {
		// The transaction was given up with the try it counted: what is left is the failure itself.
		return LoggedIn{}, s.passkeyFailed(ctx, t, kind, of, err)
	}
	return out, err
}

// passkeyFailed counts and writes down a wrong answer of a passkey, and returns its refusal.
func (s *Service) passkeyFailed(ctx context.Context, t Token, kind challengeKind, of AccountID, refusal error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.guess(ctx, tx, t, kind); err != nil {
			return err
		}
		return s.failedTx(ctx, tx, of, "clé d'accès")
	})
	if err != nil {
		return err
	}
	return refusal
}

// Unlock ends the waits of an account: after wrong passwords, and after wrong codes. It reports fault.NotFound out of
// reach.
func (s *Service) Unlock(ctx context.Context, by Actor, account AccountID) error {
	if err := s.vault.ready(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := requireOn(ctx, tx, by, AccountUnlock, ObjectAccount, account); err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, account)
		if err != nil {
			return err
		}
		if _, err := forgetThrottle(ctx, tx, s.accountKey(a.Email), s.factorKey(a.ID)); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, AccountUnlock, "account", string(account)))
	})
}

// Slowed reports whether an account must wait, for those who may end the wait.
func (s *Service) Slowed(ctx context.Context, by Actor, account AccountID) (bool, error) {
	if err := requireOn(ctx, s.db, by, AccountUnlock, ObjectAccount, account); err != nil {
		return false, err
	}
	a, err := accountByID(ctx, s.db, account)
	if err != nil {
		return false, err
	}
	n, err := throttledUntil(ctx, s.db, []string{s.accountKey(a.Email), s.factorKey(a.ID)}, s.now())
	return n > 0, err
}
