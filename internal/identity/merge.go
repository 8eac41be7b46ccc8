package identity

import (
	"context"
	"strconv"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// MergeHook moves what a module keeps of one organisation to another, in the transaction of the merge, and returns how
// many rows it moved. It may be run again.
type MergeHook struct {
	Module string // "place": the name that the journal's line counts under
	Move   func(ctx context.Context, tx *db.Tx, from, into OrganisationID) (int64, error)
}

// TransferHook gives one object of a kind to another organisation, in the caller's transaction. It returns whose it was;
// fault.NotFound for an unknown object.
type TransferHook func(ctx context.Context, tx *db.Tx, object string, into OrganisationID) (from OrganisationID, err error)

// OnMerge adds hooks, which merges run in the order they were given, after the memberships have moved. Package app calls it
// while it plugs the modules together.
func (s *Service) OnMerge(hooks ...MergeHook) {
	s.hooks.Lock()
	defer s.hooks.Unlock()
	s.merges = append(s.merges, hooks...)
}

// OnTransfer says how objects of a kind change hands. Package app calls it, once a kind.
func (s *Service) OnTransfer(kind ObjectKind, hook TransferHook) {
	s.hooks.Lock()
	defer s.hooks.Unlock()
	s.transfers[kind] = hook
}

func (s *Service) mergeHooks() []MergeHook {
	s.hooks.RLock()
	defer s.hooks.RUnlock()
	return s.merges
}

func (s *Service) transferHook(kind ObjectKind) (TransferHook, bool) {
	s.hooks.RLock()
	defer s.hooks.RUnlock()
	hook, ok := s.transfers[kind]
	return hook, ok
}

// MergeOrganisations makes into take over from: its people, its invitations, its children and what the modules keep of
// it. From stays, with its history, and its id leads to into; into takes its number if it has none. It reports
// fault.Conflict when either is merged already, or when they are one.
func (s *Service) MergeOrganisations(ctx context.Context, by Actor, from, into OrganisationID) error {
	if from == into {
		return fault.New(fault.Invalid, "identity.merge_same")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		old, survivor, err := s.pair(ctx, tx, by, from, into)
		if err != nil {
			return err
		}
		details, err := s.moveAll(ctx, tx, from, into)
		if err != nil {
			return err
		}
		if err := s.takeOver(ctx, tx, old, survivor); err != nil {
			return err
		}
		if err := someAdministrator(ctx, tx); err != nil {
			return err
		}
		lines := []string{"vers", string(into)}
		return s.journal.RecordTx(ctx, tx,
			s.line(by, OrganisationEnd, "organisation", string(from), append(lines, details...)...),
			s.line(by, OrganisationEnd, "organisation", string(into), "absorbe", string(from)))
	})
}

// pair reads the two organisations of a merge and checks that they can be.
func (s *Service) pair(ctx context.Context, tx *db.Tx, by Actor, from, into OrganisationID) (old, survivor Organisation, err error) {
	if old, err = organisationByID(ctx, tx, from); err != nil {
		return
	}
	if survivor, err = organisationByID(ctx, tx, into); err != nil {
		return
	}
	for _, o := range []Organisation{old, survivor} {
		if err = Require(by, OrganisationEnd, o.object()); err != nil {
			return
		}
		if o.State == OrgMerged || o.ID == into && o.State != OrgActive {
			err = fault.New(fault.Conflict, "identity.merge_state")
			return
		}
	}
	return
}

// moveAll moves people, invitations and what the modules keep; it returns the counts for the journal.
func (s *Service) moveAll(ctx context.Context, tx *db.Tx, from, into OrganisationID) (counts []string, err error) {
	people, err := moveMemberships(ctx, tx, from, into, s.now())
	if err != nil {
		return nil, err
	}
	if err := moveInvitations(ctx, tx, from, into); err != nil {
		return nil, err
	}
	counts = append(counts, "rattachements", strconv.FormatInt(people, 10))
	for _, hook := range s.mergeHooks() {
		n, err := hook.Move(ctx, tx, from, into)
		if err != nil {
			return nil, err
		}
		counts = append(counts, hook.Module, strconv.FormatInt(n, 10))
	}
	return counts, nil
}

// takeOver closes the old row for ever and gives the survivor its number where it has none.
func (s *Service) takeOver(ctx context.Context, tx *db.Tx, old, survivor Organisation) error {
	if err := insertPast(ctx, tx, old, s.now()); err != nil {
		return err
	}
	grandparent := old.Parent
	if grandparent == survivor.ID {
		grandparent = survivor.Parent
	}
	old.State, old.MergedInto, old.Parent, old.ChangedAt, old.Version = OrgMerged, survivor.ID, "", s.now(), old.Version+1
	if err := updateOrganisation(ctx, tx, old); err != nil {
		return err
	}
	if survivor.Parent == old.ID { // a child takes over from its parent: it moves up
		survivor.Parent = grandparent
	}
	if survivor.SIRET == "" {
		survivor.SIRET, survivor.Site = old.SIRET, old.Site
	}
	survivor.ChangedAt, survivor.Version = s.now(), survivor.Version+1
	if err := updateOrganisation(ctx, tx, survivor); err != nil {
		return err
	}
	return repoint(ctx, tx, old.ID, survivor.ID)
}

// CloseOrganisation ends an organisation: sessions in its name die at once, its history stays. It reports fault.Conflict
// when it is not active, or when the last administrator works there.
func (s *Service) CloseOrganisation(ctx context.Context, by Actor, org OrganisationID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		o, err := organisationByID(ctx, tx, org)
		if err != nil {
			return err
		}
		if err := Require(by, OrganisationEnd, o.object()); err != nil {
			return err
		}
		if o.State != OrgActive {
			return fault.New(fault.Conflict, "identity.organisation_ended")
		}
		o.State, o.ChangedAt, o.Version = OrgClosed, s.now(), o.Version+1
		if err := updateOrganisation(ctx, tx, o); err != nil {
			return err
		}
		if err := someAdministrator(ctx, tx); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, OrganisationEnd, "organisation", string(org), "fin", "fermée"))
	})
}

// Transfer gives an object of a module (a place) to another organisation, by the hook of its kind. Rights are asked on
// both sides. It reports fault.NotFound for a kind that no module transfers.
func (s *Service) Transfer(ctx context.Context, by Actor, kind ObjectKind, object string, into OrganisationID) error {
	hook, ok := s.transferHook(kind)
	if !ok {
		return NotFound()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := activeOrganisation(ctx, tx, into)
		if err != nil {
			return err
		}
		if err := Require(by, OrganisationEnd, o.object()); err != nil {
			return err
		}
		from, err := hook(ctx, tx, object, into)
		if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, OrganisationEnd, string(kind), object, "de", string(from), "vers", string(into)))
	})
}

// activeOrganisation returns an organisation that people can join; fault.NotFound for any other.
func activeOrganisation(ctx context.Context, q db.Querier, org OrganisationID) (Organisation, error) {
	o, err := organisationByID(ctx, q, org)
	if err == nil && o.State != OrgActive {
		return o, NotFound()
	}
	return o, err
}
