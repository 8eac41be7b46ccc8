package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Codes sent to residents: six digits, ten minutes, five tries.
const (
	codeLasts  = 10 * time.Minute
	provedLast = 15 * time.Minute // to choose who one is, once the code was right
)

// Who is one of the people who share an address or a telephone, told apart by what gives nothing else away.
type Who struct {
	Account AccountID
	Short   string // "Jeanne D."
}

// Proved is somebody who showed that an address or a telephone is theirs. It is not an account: several people may share
// it, or nobody have one yet.
type Proved struct {
	Token Token
	Who   []Who // none: LoginNew opens an account
}

// sixDigits is a code that cannot be foreseen.
func sixDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // never fails since Go 1.24
	}
	return fmt.Sprintf("%06d", n.Int64())
}

// AskCode sends a code to an address or a telephone, whether anybody has an account with it or not: the answer and its time
// say nothing, and whoever has none can open one. It reports fault.Invalid for what is neither, and fault.TooMany for who
// asks too often.
func (s *Service) AskCode(ctx context.Context, contact string, from Browser) (Token, error) {
	if err := s.canSend(); err != nil {
		return "", err
	}
	if err := s.vault.ready(); err != nil {
		return "", err
	}
	contact, ok := contactOf(contact)
	if !ok {
		return "", fault.New(fault.Invalid, "identity.contact_invalid").With("contact", "identity.contact_invalid")
	}
	if err := s.try(ctx, s.addressKey(from.Address), byAddress); err != nil {
		return "", err
	}
	if err := s.try(ctx, s.contactKey(contact), byContact); err != nil {
		return "", err
	}
	if contact[0] == '+' {
		if err := s.try(ctx, s.smsKey(from.Address), bySMS); err != nil {
			return "", err
		}
	}
	code := sixDigits()
	var t Token
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		t = newToken()
		data := stepData{Contact: contact, Code: hex.EncodeToString(s.codeHash(t, code))}
		c := challenge{kind: stepCode, data: data.text(), createdAt: s.now(), expiresAt: s.now().Add(codeLasts)}
		if err := insertChallenge(ctx, tx, t.hash(), c); err != nil {
			return err
		}
		m := Message{Event: EventCode, Code: code, Until: c.expiresAt}
		if m.Email, m.Phone = contact, ""; contact[0] == '+' {
			m.Email, m.Phone = "", contact
		}
		return s.messenger.SendTx(ctx, tx, m)
	})
	return t, err
}

// contactOf reads an address or a telephone.
func contactOf(raw string) (string, bool) {
	if mail, ok := Email(raw); ok {
		return mail, true
	}
	return Phone(raw)
}

// codeHash ties a code to the browser that asked for it.
func (s *Service) codeHash(t Token, code string) []byte { return s.vault.hash("code", string(t), code) }

// ProveCode takes a code in the browser that asked for it. It reports fault.Unauthenticated when it is wrong (five times at
// most) or over.
func (s *Service) ProveCode(ctx context.Context, t Token, code string) (Proved, error) {
	var out Proved
	right := false
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.guess(ctx, tx, t, stepCode); err != nil {
			return err
		}
		_, data, err := s.peek(ctx, tx, t, stepCode)
		if err != nil {
			return err
		}
		if right = hmac.Equal([]byte(data.Code), []byte(hex.EncodeToString(s.codeHash(t, typed(code))))); !right {
			return s.failedTx(ctx, tx, "", "code")
		}
		if _, err := s.take(ctx, tx, t, stepCode); err != nil {
			return err
		}
		if _, err := forgetThrottle(ctx, tx, s.contactKey(data.Contact)); err != nil {
			return err
		}
		out, err = s.proved(ctx, tx, data.Contact)
		return err
	})
	if err == nil && !right {
		err = fault.New(fault.Unauthenticated, "identity.code_wrong")
	}
	return out, err
}

// proved begins the choice among the people who share a contact.
func (s *Service) proved(ctx context.Context, tx *db.Tx, contact string) (Proved, error) {
	accounts, err := residentsByContact(ctx, tx, contact)
	if err != nil {
		return Proved{}, err
	}
	out := Proved{}
	data := stepData{Contact: contact}
	for _, a := range accounts {
		out.Who = append(out.Who, Who{Account: a.ID, Short: a.Short()})
		data.Among = append(data.Among, a.ID)
	}
	out.Token, err = s.begin(ctx, tx, challenge{kind: stepWho, data: data.text()}, provedLast)
	return out, err
}

// LoginAs ends a log-in as one of the people that ProveCode named. It reports fault.NotFound for anybody else.
func (s *Service) LoginAs(ctx context.Context, t Token, account AccountID, from Browser) (LoggedIn, error) {
	var out LoggedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, data, err := s.peek(ctx, tx, t, stepWho)
		if err != nil {
			return err
		}
		if !slices.Contains(data.Among, account) {
			return NotFound()
		}
		a, err := lockAccount(ctx, tx, account)
		if err != nil {
			return err
		}
		if a.Email != data.Contact && a.Phone != data.Contact { // changed meanwhile
			return errStepOver()
		}
		out, err = s.completeResident(ctx, tx, t, stepWho, a, ByCode, from)
		return err
	})
	return out, err
}

// completeResident uses a step up and opens the session of a resident.
func (s *Service) completeResident(ctx context.Context, tx *db.Tx, t Token, kind challengeKind, a Account, method Method, from Browser) (LoggedIn, error) {
	if _, err := s.take(ctx, tx, t, kind); err != nil {
		return LoggedIn{}, err
	}
	session, err := s.open(ctx, tx, opening{account: a, method: method, browser: from})
	return LoggedIn{Session: session, Account: a.ID}, err
}

// LoginNew opens an account for somebody who proved a contact, and logs them in.
func (s *Service) LoginNew(ctx context.Context, t Token, given, family string, from Browser) (LoggedIn, error) {
	f := fault.New(fault.Invalid, "identity.account_invalid")
	if checkNames(f, &given, &family); f.Fields != nil {
		return LoggedIn{}, f
	}
	var out LoggedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, data, err := s.peek(ctx, tx, t, stepWho)
		if err != nil {
			return err
		}
		a, err := s.addResident(ctx, tx, Actor{}, NewResident{GivenName: given, FamilyName: family, Contact: data.Contact})
		if err != nil {
			return err
		}
		out, err = s.completeResident(ctx, tx, t, stepWho, a, ByCode, from)
		return err
	})
	return out, err
}

// NewResident is a person for whom an account is opened. Contact may be "" for whoever has neither address nor telephone.
type NewResident struct {
	GivenName, FamilyName string
	Contact               string
}

// addResident writes the account of a resident; by is the zero Actor for themselves.
func (s *Service) addResident(ctx context.Context, tx *db.Tx, by Actor, in NewResident) (Account, error) {
	a := Account{
		ID: AccountID(id.New()), Kind: Resident, GivenName: in.GivenName, FamilyName: in.FamilyName, State: AccountActive, Epoch: 1, Version: 1, CreatedAt: s.now(),
	}
	if in.Contact != "" && in.Contact[0] == '+' {
		a.Phone = in.Contact
	} else {
		a.Email = in.Contact
	}
	if by.Kind == "" {
		by = Actor{Kind: Resident, Account: a.ID}
	}
	if err := insertAccount(ctx, tx, a); err != nil {
		return a, err
	}
	return a, s.journal.RecordTx(ctx, tx, s.line(by, ResidentAdd, "account", string(a.ID), "change", "compte"))
}

// AddResident opens an account for a person who is there, and prints their first card. It reports fault.Forbidden for a
// role that may not.
func (s *Service) AddResident(ctx context.Context, by Actor, in NewResident) (Account, PrintedCard, error) {
	if err := Require(by, ResidentAdd, Object{Kind: ObjectCard}); err != nil {
		return Account{}, PrintedCard{}, err
	}
	f := fault.New(fault.Invalid, "identity.account_invalid")
	checkNames(f, &in.GivenName, &in.FamilyName)
	if in.Contact = oneLine(in.Contact); in.Contact != "" {
		var ok bool
		if in.Contact, ok = contactOf(in.Contact); !ok {
			f.With("contact", "identity.contact_invalid")
		}
	}
	if f.Fields != nil {
		return Account{}, PrintedCard{}, f
	}
	if err := s.vault.ready(); err != nil {
		return Account{}, PrintedCard{}, err
	}
	var a Account
	var card PrintedCard
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if a, err = s.addResident(ctx, tx, by, in); err != nil {
			return err
		}
		card, err = s.printCard(ctx, tx, by, a)
		return err
	})
	return a, card, err
}

// FindResidents returns residents by the words of their name and a contact that they say, for staff who print a card: both
// must fit, so that nobody browses. It returns at most ten.
func (s *Service) FindResidents(ctx context.Context, by Actor, name, contact string) ([]Account, error) {
	if err := Require(by, ResidentAdd, Object{Kind: ObjectCard}); err != nil {
		return nil, err
	}
	contact, ok := contactOf(contact)
	key := nameKey(name)
	if !ok || key == "" {
		return nil, fault.New(fault.Invalid, "identity.contact_invalid").With("contact", "identity.contact_invalid")
	}
	found, err := residentsByContact(ctx, s.db, contact)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(a Account) bool { return personKey(a.GivenName, a.FamilyName) != key && nameKey(a.Name()) != key }), nil
}

// AttachContact makes the contact that a person proved (ProveCode) theirs: the address of an account of staff, the address
// or telephone of a resident. The old address is told. It reports fault.Conflict when another account of staff has it.
func (s *Service) AttachContact(ctx context.Context, by Actor, t Token) error {
	if err := Require(by, AccountSelf, Object{Kind: ObjectAccount, Owner: by.Account}); err != nil {
		return err
	}
	if by.Kind == Staff && !by.Fresh(s.now(), recentFactor) {
		return errConfirmFirst()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, data, err := s.peek(ctx, tx, t, stepWho)
		if err != nil {
			return err
		}
		if _, err := s.take(ctx, tx, t, stepWho); err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, EventChanged, "adresse"); err != nil {
			return err
		}
		if err := setContact(ctx, tx, a.ID, data.Contact); db.IsUnique(err) {
			return fault.New(fault.Conflict, "identity.email_taken")
		} else if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, AccountSelf, "account", string(a.ID), "change", "adresse"))
	})
}
