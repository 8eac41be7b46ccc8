package identity

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// InvitationLasts is how long an invitation can be accepted.
const InvitationLasts = 7 * 24 * time.Hour

// The paths of the links that this module hands out; the token follows. Each opens a page with one button.
const (
	InvitationPath = "/invitation/"
	ResetPath      = "/connexion/mot-de-passe/"
	ReproofPath    = "/connexion/nouveaux-moyens/"
	LinkPath       = "/connexion/lien/"
)

// recentFactor is how fresh the second factor must be for what changes passwords, factors and the highest rights.
const recentFactor = 15 * time.Minute

// NewInvitation is a person to invite.
type NewInvitation struct {
	Organisation OrganisationID
	Role         Role
	Scope        ScopeID
	Email        string
}

// Invitation is a way in that waits.
type Invitation struct {
	ID           InvitationID
	Organisation OrganisationID
	Role         Role
	Scope        ScopeID
	Email        string // "" once it is over
	InvitedBy    string // as the journal names actors
	CreatedAt    time.Time
	ExpiresAt    time.Time
	UsedAt       time.Time // zero: not yet
	RevokedAt    time.Time // zero: not
}

// open reports whether the invitation can be accepted at an instant.
func (i Invitation) open(now time.Time) bool {
	return i.UsedAt.IsZero() && i.RevokedAt.IsZero() && now.Before(i.ExpiresAt)
}

// Invite sends a person a link that gives them a role in an organisation, once, within a week. The link is returned to the
// command line alone: whoever invites must not be able to accept. It reports fault.NotFound out of reach, fault.Forbidden
// for a role above the caller's, fault.Conflict when the person has the role already.
func (s *Service) Invite(ctx context.Context, by Actor, in NewInvitation) (i Invitation, link string, err error) {
	f := fault.New(fault.Invalid, "identity.invitation_invalid")
	var ok bool
	if in.Email, ok = Email(in.Email); !ok {
		return i, "", f.With("email", "identity.email_invalid")
	}
	if by.Kind != CLI {
		if err := s.canSend(); err != nil {
			return i, "", err
		}
	}
	t := newToken()
	i = Invitation{
		ID: InvitationID(id.New()), Organisation: in.Organisation, Role: in.Role, Scope: in.Scope, Email: in.Email,
		InvitedBy: string(by.Audit()), CreatedAt: s.now(), ExpiresAt: s.now().Add(InvitationLasts),
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.inviteTx(ctx, tx, by, i, t) })
	if err != nil {
		return Invitation{}, "", err
	}
	if by.Kind == CLI {
		link = InvitationPath + string(t)
	}
	return i, link, nil
}

func (s *Service) inviteTx(ctx context.Context, tx *db.Tx, by Actor, i Invitation, t Token) error {
	o, err := organisationByID(ctx, tx, i.Organisation)
	if err != nil {
		return err
	}
	if err := Require(by, Invite, Object{Kind: ObjectInvitation, Organisation: o.ID, Commune: o.CommuneCode}); err != nil {
		return err
	}
	if err := requireGrant(by, i.Role); err != nil {
		return err
	}
	if !slices.Contains(managed, i.Role) && !by.Fresh(s.now(), recentFactor) {
		return errConfirmFirst()
	}
	if o.State != OrgActive {
		return fault.New(fault.Conflict, "identity.organisation_ended")
	}
	if err := checkRole(ctx, tx, i.Role, i.Scope); err != nil {
		return err
	}
	if has, err := hasRole(ctx, tx, i.Email, i.Organisation, i.Role); err != nil {
		return err
	} else if has {
		return fault.New(fault.Conflict, "identity.member_already")
	}
	if err := insertInvitation(ctx, tx, i, t.hash()); err != nil {
		return err
	}
	if s.messenger != nil {
		m := Message{Event: EventInvitation, Email: i.Email, Link: InvitationPath + string(t), Until: i.ExpiresAt}
		if err := s.messenger.SendTx(ctx, tx, m); err != nil {
			return err
		}
	}
	return s.journal.RecordTx(ctx, tx, s.line(by, Invite, "invitation", string(i.ID), "structure", string(i.Organisation), "role", string(i.Role), "territoire", string(i.Scope)))
}

// errConfirmFirst asks for the second factor again.
func errConfirmFirst() error { return fault.New(fault.Forbidden, ConfirmFirst) }

// ConfirmFirst is the key of the refusal that a page answers by asking for the second factor again: ConfirmTOTP or
// FinishConfirmPasskey.
const ConfirmFirst = "identity.confirm_first"

// Invitations lists those of an organisation, newest first.
func (s *Service) Invitations(ctx context.Context, by Actor, org OrganisationID) ([]Invitation, error) {
	o, err := organisationByID(ctx, s.db, org)
	if err != nil {
		return nil, err
	}
	if err := Require(by, Invite, Object{Kind: ObjectInvitation, Organisation: o.ID, Commune: o.CommuneCode}); err != nil {
		return nil, err
	}
	return invitationsOf(ctx, s.db, org)
}

// RevokeInvitation makes a link worthless. It reports fault.NotFound out of reach, and fault.Conflict when it was used or
// is over.
func (s *Service) RevokeInvitation(ctx context.Context, by Actor, invitation InvitationID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := invitationByID(ctx, tx, invitation)
		if err != nil {
			return err
		}
		o, err := organisationByID(ctx, tx, i.Organisation)
		if err != nil {
			return err
		}
		if err := Require(by, Invite, Object{Kind: ObjectInvitation, Organisation: o.ID, Commune: o.CommuneCode}); err != nil {
			return err
		}
		n, err := revokeInvitation(ctx, tx, invitation, s.now())
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "identity.invitation_over")
		}
		if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, Invite, "invitation", string(invitation), "change", "révoquée"))
	})
}

// OpenInvitation is an invitation as the person invited sees it before they accept.
type OpenInvitation struct {
	Organisation string // name
	Role         Role
	Email        string
	HasAccount   bool // an active account of staff has the address: log in, then AcceptAs
}

// ReadInvitation returns what a link leads to; reading changes nothing. It reports the same fault.NotFound for a link that
// was used, revoked, is too old or never was.
func (s *Service) ReadInvitation(ctx context.Context, t Token) (OpenInvitation, error) {
	i, err := s.waitingInvitation(ctx, s.db, t)
	if err != nil {
		return OpenInvitation{}, err
	}
	o, _, err := s.Organisation(ctx, i.Organisation)
	if err != nil {
		return OpenInvitation{}, err
	}
	a, err := staffByEmail(ctx, s.db, i.Email)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return OpenInvitation{}, err
	}
	return OpenInvitation{Organisation: o.Name, Role: i.Role, Email: i.Email, HasAccount: a.State == AccountActive || a.State == AccountDisabled}, nil
}

func (s *Service) waitingInvitation(ctx context.Context, q db.Querier, t Token) (Invitation, error) {
	i, err := invitationByHash(ctx, q, t.hash())
	if fault.Is(err, fault.NotFound) || err == nil && !i.open(s.now()) {
		return i, errInvitationOver()
	}
	return i, err
}

func errInvitationOver() error { return fault.New(fault.NotFound, "identity.invitation_over") }

// AcceptAs gives the membership of an invitation to the person who is logged in, if it was sent to their address. It
// reports fault.NotFound when it is over, fault.Forbidden when it is for somebody else.
func (s *Service) AcceptAs(ctx context.Context, by Actor, t Token) (Membership, error) {
	if by.Kind != Staff {
		return Membership{}, errNoSession()
	}
	var m Membership
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := s.waitingInvitation(ctx, tx, t)
		if err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		if a.Email != i.Email {
			return fault.New(fault.Forbidden, "identity.invitation_other")
		}
		m, err = s.accept(ctx, tx, i, a)
		return err
	})
	return m, err
}

// accept uses an invitation up, by one conditional write, and gives its membership to a locked account.
func (s *Service) accept(ctx context.Context, tx *db.Tx, i Invitation, a Account) (Membership, error) {
	n, err := useInvitation(ctx, tx, i.ID, a.ID, s.now())
	if err != nil {
		return Membership{}, err
	}
	if n == 0 {
		return Membership{}, errInvitationOver()
	}
	return s.join(ctx, tx, Actor{Kind: Staff, Account: a.ID}, a.ID, i.Organisation, i.Role, i.Scope)
}
