package identity

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/siret"
)

// Provider is an identity provider that an instance trusts.
type Provider string

// The providers.
const (
	ProConnect    Provider = "proconnect"    // staff of public bodies and their partners
	FranceConnect Provider = "franceconnect" // residents
)

// Claims is what a provider says of a person, once its answer was verified.
type Claims struct {
	GivenName, FamilyName string
	Email                 string   // never what a person is known again by
	SIRET                 string   // organisation (ProConnect)
	AMR                   []string // how the person was asked: "pwd", "totp", "pop", "mfa"
}

// strong are the words of amr that say that a second factor was asked. A code by e-mail is none.
var strong = []string{"mfa", "totp", "pop", "hwk", "swk", "otp"}

// factored reports whether the provider asked for two factors.
func (c Claims) factored() bool {
	return slices.ContainsFunc(c.AMR, func(m string) bool { return slices.Contains(strong, m) })
}

// federatedID is who a person is for a provider.
type federatedID struct {
	Provider Provider `json:"provider"`
	Subject  string   `json:"subject"`
	IDP      string   `json:"idp"`
	SIRET    string   `json:"siret"`
	Given    string   `json:"given"`
	Family   string   `json:"family"`
	Email    string   `json:"email"`
	Factored bool     `json:"factored"`
}

// FederatedLogin is where a log-in by a provider leads. Exactly one of the three is there.
type FederatedLogin struct {
	LoggedIn LoggedIn // the person is in
	Step     Step     // the provider asked for one factor: ours is awaited
	Linking  Token    // no account is tied to this identity: LinkFederated, AcceptFederated or JoinFederated
}

// awayOwner is for whom what was asked is sealed.
const awayOwner = "away"

// BeginAway keeps what was asked of an identity provider while a browser is there: asked is opaque here, and sealed. The
// token is for that browser alone, and TakeAway.
func (s *Service) BeginAway(ctx context.Context, asked string) (Token, error) {
	sealed, err := s.vault.seal([]byte(asked), awayOwner)
	if err != nil {
		return "", err
	}
	var t Token
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		t, err = s.begin(ctx, tx, challenge{kind: stepAway, data: stepData{Asked: sealed}.text()}, stepLasts)
		return err
	})
	return t, err
}

// TakeAway returns what BeginAway kept, to one caller, once. It reports fault.Unauthenticated for a token that is over.
func (s *Service) TakeAway(ctx context.Context, t Token) (asked string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, data, err := s.peek(ctx, tx, t, stepAway)
		if err != nil {
			return err
		}
		opened, err := s.vault.unseal(data.Asked, awayOwner)
		if err != nil {
			return err
		}
		asked = string(opened)
		_, err = s.take(ctx, tx, t, stepAway)
		return err
	})
	return asked, err
}

// Linking is an identity that waits to be tied, as its owner sees it.
type Linking struct {
	Provider Provider
	Name     string // as the provider gives it
	Factored bool   // the provider asked for two factors
}

// ReadLinking reads an identity that waits to be tied. It reports fault.Unauthenticated for one that waits no more.
func (s *Service) ReadLinking(ctx context.Context, t Token) (Linking, error) {
	_, data, err := s.peek(ctx, s.db, t, stepLinking)
	if err != nil {
		return Linking{}, err
	}
	if data.Federated == nil {
		return Linking{}, errStepOver()
	}
	f := *data.Federated
	return Linking{Provider: f.Provider, Name: strings.TrimSpace(f.Given + " " + f.Family), Factored: f.Factored}, nil
}

// LoginFederated takes the verified answer of a provider. A person is known again by subject and idp (the provider behind
// the provider), never by an address: an identity that no account is tied to makes none and joins none, it waits to be
// tied. It reports fault.Forbidden when the organisation is not the one of last time: that membership is suspended until
// its manager confirms.
func (s *Service) LoginFederated(ctx context.Context, provider Provider, subject, idp string, claims Claims, from Browser) (FederatedLogin, error) {
	if err := s.vault.ready(); err != nil {
		return FederatedLogin{}, err
	}
	if provider != ProConnect && provider != FranceConnect || subject == "" {
		return FederatedLogin{}, fault.New(fault.Invalid, "identity.federated_invalid")
	}
	who := federatedID{
		Provider: provider, Subject: subject, IDP: idp, Given: oneLine(claims.GivenName), Family: oneLine(claims.FamilyName), Factored: claims.factored(),
	}
	who.Email, _ = Email(claims.Email)
	who.SIRET, _ = siret.Parse(claims.SIRET)
	if who.SIRET == siret.Unknown {
		who.SIRET = ""
	}
	var out FederatedLogin
	suspended := false
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		out, suspended = FederatedLogin{}, false
		tied, err := federatedBy(ctx, tx, who, s.now())
		if fault.Is(err, fault.NotFound) {
			out.Linking, err = s.begin(ctx, tx, challenge{kind: stepLinking, data: stepData{Federated: &who}.text()}, enrolLasts)
			return err
		}
		if err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, tied.account)
		if err != nil {
			return err
		}
		if a.State != AccountActive {
			return fault.New(fault.Unauthenticated, "identity.login_failed")
		}
		if who.SIRET != "" && who.SIRET != tied.siret {
			if suspended, err = s.moved(ctx, tx, a, who, tied.siret); err != nil || suspended {
				return err
			}
		}
		out, err = s.enterFederated(ctx, tx, a, who, from)
		return err
	})
	if err == nil && suspended {
		err = fault.New(fault.Forbidden, "identity.organisation_changed")
	}
	return out, err
}

// enterFederated opens the session, or waits for our second factor where the provider asked for one only.
func (s *Service) enterFederated(ctx context.Context, tx *db.Tx, a Account, who federatedID, from Browser) (FederatedLogin, error) {
	if a.Kind == Staff && !who.Factored {
		step, err := s.factorStep(ctx, tx, a)
		return FederatedLogin{Step: step}, err
	}
	session, err := s.open(ctx, tx, opening{account: a, method: ByFederated, provider: string(who.Provider), factored: who.Factored, browser: from})
	return FederatedLogin{LoggedIn: LoggedIn{Session: session, Account: a.ID}}, err
}

// moved writes down that the provider names another organisation than last time. Who works in that one, too, has only
// chosen it. Otherwise every membership is suspended, until a manager confirms. The first number that is ever named only
// completes the tie.
func (s *Service) moved(ctx context.Context, tx *db.Tx, a Account, who federatedID, old string) (suspended bool, err error) {
	if err := setFederatedSIRET(ctx, tx, who); err != nil || old == "" {
		return false, err
	}
	open, err := ableMemberships(ctx, tx, a.ID)
	if err != nil {
		return false, err
	}
	for _, m := range open {
		o, err := organisationByID(ctx, tx, m.Organisation)
		if err != nil || o.SIRET == who.SIRET {
			return false, err
		}
	}
	if err := touch(ctx, tx); err != nil {
		return false, err
	}
	for _, m := range open {
		if err := s.changeTo(ctx, tx, TheSystem(), m, Change{Role: m.Role, Scope: m.Scope, State: MemberSuspended}); err != nil {
			return false, err
		}
	}
	return len(open) > 0, nil
}

// LinkFederated ties a waiting identity to the account of by, who is logged in by other means: that is the proof. It
// reports fault.Conflict when it is tied already, and fault.Forbidden with ConfirmFirst when the second factor of staff is
// not fresh.
func (s *Service) LinkFederated(ctx context.Context, by Actor, t Token) error {
	if by.Account == "" {
		return errNoSession()
	}
	if by.Kind == Staff && !by.Fresh(s.now(), recentFactor) {
		return errConfirmFirst()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		who, err := s.linking(ctx, tx, t)
		if err != nil {
			return err
		}
		if (who.Provider == FranceConnect) != (by.Kind == Resident) {
			return fault.New(fault.Forbidden, "identity.federated_kind")
		}
		a, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		return s.tie(ctx, tx, a, who)
	})
}

// linking reads a waiting identity and uses it up.
func (s *Service) linking(ctx context.Context, tx *db.Tx, t Token) (federatedID, error) {
	_, data, err := s.peek(ctx, tx, t, stepLinking)
	if err != nil {
		return federatedID{}, err
	}
	if data.Federated == nil {
		return federatedID{}, errStepOver()
	}
	_, err = s.take(ctx, tx, t, stepLinking)
	return *data.Federated, err
}

// tie writes who an account is for a provider, and tells the person.
func (s *Service) tie(ctx context.Context, tx *db.Tx, a Account, who federatedID) error {
	if err := insertFederated(ctx, tx, a.ID, who, s.now()); db.IsUnique(err) {
		return fault.New(fault.Conflict, "identity.federated_taken")
	} else if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, a, EventChanged, string(who.Provider)); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: audit.Actor(a.ID), Action: string(AccountSelf), Object: audit.Object{Kind: "account", ID: string(a.ID)},
		Detail: map[string]string{"change": "identité", "fournisseur": string(who.Provider)},
	})
}

// AcceptFederated accepts an invitation as a waiting identity of ProConnect: the provider vouches for the address that the
// invitation was sent to. Somebody new needs no password; without a second factor of the provider's, a factor of ours is to
// be enrolled first, by BeginInvitation.
func (s *Service) AcceptFederated(ctx context.Context, t, invitation Token, from Browser) (LoggedIn, error) {
	var out LoggedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := s.waitingInvitation(ctx, tx, invitation)
		if err != nil {
			return err
		}
		who, err := s.linking(ctx, tx, t)
		if err != nil {
			return err
		}
		switch {
		case who.Provider != ProConnect || who.Email != i.Email:
			return fault.New(fault.Forbidden, "identity.invitation_other")
		case !who.Factored:
			return fault.New(fault.Forbidden, "identity.federated_weak")
		}
		a, err := s.federatedNewcomer(ctx, tx, who)
		if err != nil {
			return err
		}
		if _, err := s.accept(ctx, tx, i, a); err != nil {
			return err
		}
		if err := s.tie(ctx, tx, a, who); err != nil {
			return err
		}
		if a, err = accountByID(ctx, tx, a.ID); err != nil {
			return err
		}
		out.Account = a.ID
		out.Session, err = s.open(ctx, tx, opening{account: a, method: ByFederated, provider: string(who.Provider), factored: true, browser: from})
		return err
	})
	return out, err
}

// federatedNewcomer makes the account of an invitation that an identity accepts. An address that has an account is no
// proof: that person logs in, then ties the identity.
func (s *Service) federatedNewcomer(ctx context.Context, tx *db.Tx, who federatedID) (Account, error) {
	old, err := staffByEmail(ctx, tx, who.Email)
	if err == nil && old.State != AccountLeft {
		return old, fault.New(fault.Conflict, "identity.has_account")
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return old, err
	}
	data := stepData{Account: old.ID, Given: cmp.Or(who.Given, "?"), Family: cmp.Or(who.Family, "?"), Email: who.Email}
	if data.Account == "" {
		data.Account = AccountID(id.New())
	}
	a, err := s.newcomer(ctx, tx, data)
	return a, err
}

// JoinFederated opens an account for a resident whom FranceConnect named. The address that people typed there is not
// proved, so that it is not taken over: AttachContact adds one.
func (s *Service) JoinFederated(ctx context.Context, t Token, from Browser) (LoggedIn, error) {
	var out LoggedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		who, err := s.linking(ctx, tx, t)
		if err != nil {
			return err
		}
		if who.Provider != FranceConnect {
			return fault.New(fault.Forbidden, "identity.federated_kind")
		}
		a, err := s.addResident(ctx, tx, Actor{}, NewResident{GivenName: cmp.Or(who.Given, "?"), FamilyName: cmp.Or(who.Family, "?")})
		if err != nil {
			return err
		}
		if err := s.tie(ctx, tx, a, who); err != nil {
			return err
		}
		out.Account = a.ID
		out.Session, err = s.open(ctx, tx, opening{account: a, method: ByFederated, provider: string(who.Provider), factored: who.Factored, browser: from})
		return err
	})
	return out, err
}

// Tie is an identity of a provider that an account is tied to, as its owner sees it.
type Tie struct {
	Provider      Provider
	Since, UsedAt time.Time
}

// Ties lists the identities of by.
func (s *Service) Ties(ctx context.Context, by Actor) ([]Tie, error) {
	if by.Account == "" {
		return nil, errNoSession()
	}
	return tiesOf(ctx, s.db, by.Account)
}
