package place

import (
	"context"
	"maps"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// right is what rights say of a place: the organisation that answers for it, the commune where it lies.
func (p *Place) right() identity.Object {
	return identity.Object{Kind: identity.ObjectPlace, Organisation: identity.OrganisationID(p.OwnerID), Commune: p.CommuneCode}
}

// MoveOwnedTx gives every place that an organisation answers for to another, in the caller's transaction, and returns how
// many there were. Each keeps the change in its history; the journal's line is the caller's.
func (s *Service) MoveOwnedTx(ctx context.Context, tx *db.Tx, by audit.Actor, from, into identity.OrganisationID) (int64, error) {
	last, err := touch(ctx, tx)
	if err != nil {
		return 0, err
	}
	owned, err := db.All(ctx, tx, scanPlace, `SELECT `+placeCols+` FROM place_place WHERE owner_id = $1 ORDER BY number`, string(from))
	if err != nil || len(owned) == 0 {
		return 0, err
	}
	return int64(len(owned)), s.giveTx(ctx, tx, by, last, owned, into)
}

// TransferTx gives one place to another organisation, in the caller's transaction, and returns whose it was. It reports
// fault.NotFound for an unknown place. The journal's line is the caller's.
func (s *Service) TransferTx(ctx context.Context, tx *db.Tx, by audit.Actor, place ID, into identity.OrganisationID) (from identity.OrganisationID, err error) {
	last, err := touch(ctx, tx)
	if err != nil {
		return "", err
	}
	p, err := db.One(ctx, tx, scanPlace, `SELECT `+placeCols+` FROM place_place WHERE id = $1`, string(place))
	if fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.NotFound, "place.unknown")
	}
	if err != nil {
		return "", err
	}
	return identity.OrganisationID(p.OwnerID), s.giveTx(ctx, tx, by, last, []Place{p}, into)
}

// giveTx writes whom places belong to now, with their history, and has every node read again.
func (s *Service) giveTx(ctx context.Context, tx *db.Tx, by audit.Actor, last Number, places []Place, into identity.OrganisationID) error {
	changes := make([]change, 0, len(places))
	for i := range places {
		old := places[i]
		places[i].OwnerID, places[i].Origins = string(into), maps.Clone(old.Origins)
		places[i].setOrigin(columns[columnIndex(ownerColumn)], Here)
		if fields := differing(&old, &places[i]); len(fields) > 0 {
			changes = append(changes, newChange(old.ID, s.now(), by, Here, fields))
		}
	}
	if err := putPlaces(ctx, tx, places, s.now()); err != nil {
		return err
	}
	if err := insertChanges(ctx, tx, changes); err != nil {
		return err
	}
	return saveState(ctx, tx, last)
}
