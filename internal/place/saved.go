package place

import (
	"context"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

// maxSaved is how many places a person keeps: a list that one can read.
const maxSaved = 100

// Save keeps a place for the account of by; saving it twice is saving it once. It reports fault.NotFound for an unknown
// number, fault.Conflict when the person keeps a hundred already. The journal has no line of it: what a resident likes is
// nobody's business.
func (s *Service) Save(ctx context.Context, by identity.Actor, n Number) error {
	if by.Account == "" {
		return identity.Require(by, identity.AccountSelf, identity.Object{Kind: identity.ObjectAccount})
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		at, err := placeAt(ctx, tx, n)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "place.unknown")
		}
		if err != nil {
			return err
		}
		kept, err := db.One(ctx, tx, db.Value[int64], `SELECT count(*) FROM place_saved WHERE account_id = $1 AND place_id <> $2`, string(by.Account), string(at.id))
		if err != nil {
			return err
		}
		if kept >= maxSaved {
			return fault.New(fault.Conflict, "place.saved_many")
		}
		_, err = db.Exec(ctx, tx, `INSERT INTO place_saved (account_id, place_id, saved_at) VALUES ($1, $2, $3) ON CONFLICT (account_id, place_id) DO NOTHING`,
			string(by.Account), string(at.id), db.Micros(s.now()))
		return err
	})
}

// Unsave forgets a place that by kept; one that is not kept is no error.
func (s *Service) Unsave(ctx context.Context, by identity.Actor, n Number) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM place_saved WHERE account_id = $1 AND place_id IN (SELECT id FROM place_place WHERE number = $2)`, string(by.Account), int64(n))
		return err
	})
}

// Saved lists the places that by keeps, the last one first. One that is not shown any more is left out.
func (s *Service) Saved(ctx context.Context, by identity.Actor) ([]*Entry, error) {
	numbers, err := db.All(ctx, s.db, db.Value[Number], `SELECT p.number FROM place_saved s JOIN place_place p ON p.id = s.place_id
		WHERE s.account_id = $1 AND s.account_id <> '' ORDER BY s.saved_at DESC, p.number`, string(by.Account))
	if err != nil {
		return nil, err
	}
	var out []*Entry
	for _, n := range numbers {
		if e, ok := s.Index().Place(n); ok {
			out = append(out, e)
		}
	}
	return out, nil
}

// ForgetSavedTx forgets every place that an account keeps, in the caller's transaction.
func (s *Service) ForgetSavedTx(ctx context.Context, tx *db.Tx, account identity.AccountID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM place_saved WHERE account_id = $1`, string(account))
	return err
}

// Born is a place that is shown, and when it was first known here.
type Born struct {
	*Entry
	At time.Time
}

// BornNear lists the places shown within some metres of a point that were first known here after since and not after
// until, the newest first.
func (s *Service) BornNear(ctx context.Context, at territory.Point, within float64, since, until time.Time) ([]Born, error) {
	type birth struct {
		n  Number
		at int64
	}
	scan := func(r db.Row) (b birth, err error) { return b, r.Scan(&b.n, &b.at) }
	births, err := db.All(ctx, s.db, scan, `SELECT number, created_at FROM place_place WHERE created_at > $1 AND created_at <= $2 ORDER BY created_at DESC, number`,
		db.Micros(since), db.Micros(until))
	if err != nil {
		return nil, err
	}
	from := spotOf(at)
	var out []Born
	for _, b := range births {
		e, ok := s.Index().Place(b.n)
		if !ok || !e.Stands.Known() {
			continue
		}
		if stands := spotOf(e.Stands); metres(from.chord2(&stands)) <= within {
			out = append(out, Born{e, db.Time(b.at)})
		}
	}
	return out, nil
}
