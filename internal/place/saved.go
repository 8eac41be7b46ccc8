package place

import (
	"context"
	"slices"
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
		if err := touchSaved(ctx, tx, by.Account); err != nil {
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

// touchSaved makes this the only request of a person who keeps places already, until its transaction ends: each touches the
// first place that they kept, so that the hundredth is kept once.
func touchSaved(ctx context.Context, tx *db.Tx, account identity.AccountID) error {
	_, err := db.Exec(ctx, tx, `UPDATE place_saved SET saved_at = saved_at WHERE account_id = $1 AND place_id = (
		SELECT place_id FROM place_saved WHERE account_id = $1 ORDER BY saved_at, place_id LIMIT 1)`, string(account))
	return err
}

// Unsave forgets a place that by kept, and those that became part of it; one that is not kept is no error.
func (s *Service) Unsave(ctx context.Context, by identity.Actor, n Number) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := keptNumber(ctx, tx, n)
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, `DELETE FROM place_saved WHERE account_id = $1 AND place_id IN (
			WITH RECURSIVE one (id) AS (SELECT id FROM place_place WHERE number = $2 UNION SELECT m.merged_id FROM place_merge m JOIN one ON m.kept_id = one.id)
			SELECT id FROM one)`, string(by.Account), int64(n))
		return err
	})
}

// Saved lists the places that by keeps, the last one first. One that is not shown any more is left out; for one that
// became part of another that one stands, once.
func (s *Service) Saved(ctx context.Context, by identity.Actor) ([]*Entry, error) {
	numbers, err := db.All(ctx, s.db, db.Value[Number], `SELECT p.number FROM place_saved s JOIN place_place p ON p.id = s.place_id
		WHERE s.account_id = $1 AND s.account_id <> '' ORDER BY s.saved_at DESC, p.number`, string(by.Account))
	if err != nil {
		return nil, err
	}
	var out []*Entry
	for _, n := range numbers {
		if to, moved := s.Index().Moved(n); moved {
			n = to
		}
		if e, ok := s.Index().Place(n); ok && !slices.Contains(out, e) {
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

// Born is a place that is shown, and since when.
type Born struct {
	*Entry
	At time.Time
}

// BornNear lists the places shown within some metres of a point that are shown since a moment after since and not after
// until, the newest first. A place that came without saying where it stands counts from when that was known.
func (s *Service) BornNear(ctx context.Context, at territory.Point, within float64, since, until time.Time) ([]Born, error) {
	changed, err := placesChanged(ctx, s.db, since)
	if err != nil {
		return nil, err
	}
	from := spotOf(at)
	var out []Born
	for _, c := range changed {
		e, ok := s.Index().Place(c.number)
		if !ok || !e.Stands.Known() {
			continue
		}
		if stands := spotOf(e.Stands); metres(from.chord2(&stands)) > within {
			continue
		}
		changes, err := changesOf(ctx, s.db, c.id)
		if err != nil {
			return nil, err
		}
		if shown := shownSince(c.created, changes); shown.After(since) && !shown.After(until) {
			out = append(out, Born{e, shown})
		}
	}
	slices.SortStableFunc(out, func(a, b Born) int { return b.At.Compare(a.At) })
	return out, nil
}

// shownSince is since when a place is shown that came at an instant and changed since, the newest change first: from its
// coming, or from its first change of status where that says that it came without a place to stand.
func shownSince(created time.Time, changes []Change) time.Time {
	for _, c := range slices.Backward(changes) {
		for _, f := range c.Fields {
			if f.Name == fieldStatus {
				if f.Before == string(ToLocate) {
					return c.At
				}
				return created
			}
		}
	}
	return created
}

// changedPlace is a place that came, or changed, lately.
type changedPlace struct {
	id      ID
	number  Number
	created time.Time
}

// placesChanged are the places that came or changed after an instant.
func placesChanged(ctx context.Context, q db.Querier, since time.Time) ([]changedPlace, error) {
	scan := func(r db.Row) (changedPlace, error) {
		var c changedPlace
		var created int64
		err := r.Scan(&c.id, &c.number, &created)
		c.created = db.Time(created)
		return c, err
	}
	return db.All(ctx, q, scan, `SELECT id, number, created_at FROM place_place WHERE changed_at > $1 ORDER BY number`, db.Micros(since))
}
