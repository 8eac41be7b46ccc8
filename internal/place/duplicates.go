package place

import (
	"context"

	"viaduc/internal/identity"
	"viaduc/internal/place/duplicate"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// DuplicateFilter chooses among the pairs of places that may be one.
type DuplicateFilter struct {
	Department string // code; "" for all
	Least      int    // every pair of at least this score, from leastScore on; 0 for those that the rules unite
}

// leastScore is the lowest score that a search can ask for: below, two places are merely neighbours.
const leastScore = 60

// DuplicatePair is two places that may be one.
type DuplicatePair struct {
	duplicate.Pair
	First, Second Place // by number
}

// foundPairs are the pairs among the places of one version of the census.
type foundPairs struct {
	version int64
	pairs   []DuplicatePair
}

// Duplicates lists the pairs of places that may be one, the highest score first, as the database has them at this moment:
// those that by may moderate, both of them, without those that somebody found to be two, unless what was compared is
// another since. It reports what identity.Require says of PlaceModerate.
func (s *Service) Duplicates(ctx context.Context, by identity.Actor, f DuplicateFilter) ([]DuplicatePair, error) {
	if identity.Reaches(by, identity.PlaceModerate) == identity.None {
		return nil, identity.Require(by, identity.PlaceModerate, identity.Object{Kind: identity.ObjectPlace})
	}
	found, err := s.findPairs(ctx)
	if err != nil {
		return nil, err
	}
	told, err := listDistinct(ctx, s.db)
	if err != nil {
		return nil, err
	}
	two := make(map[[2]ID]string, len(told))
	for _, d := range told {
		two[[2]ID{d.a, d.b}] = d.seen
	}
	var out []DuplicatePair
	for _, p := range found.pairs {
		switch {
		case f.Least == 0 && !p.Unite || f.Least > 0 && !p.Unite && p.Score < f.Least:
		case f.Department != "" && p.First.Department() != f.Department:
		case !identity.Can(by, identity.PlaceModerate, p.First.right()) || !identity.Can(by, identity.PlaceModerate, p.Second.right()):
		case two[ordered(p.First.ID, p.Second.ID)] == p.seen():
		default:
			out = append(out, p)
		}
	}
	return out, nil
}

func ordered(a, b ID) [2]ID { return [2]ID{min(a, b), max(a, b)} }

// Metres is how far the two stand from each other; ok is false where a position is missing.
func (p *DuplicatePair) Metres() (m float64, ok bool) {
	if !p.First.Point.Known() || !p.Second.Point.Known() {
		return 0, false
	}
	from, to := spotOf(p.First.Point), spotOf(p.Second.Point)
	return metres(from.chord2(&to)), true
}

// seen stands for what was compared of the two.
func (p *DuplicatePair) seen() string { return duplicate.Seen(record(&p.First), record(&p.Second)) }

// record is what is compared of a place.
func record(p *Place) duplicate.Record {
	return duplicate.Record{
		Number: int64(p.Number), Source: p.Source, Name: p.Name, Address: p.Address, Commune: p.CommuneCode, Kinds: p.Kinds.Values(),
		Located: p.Point.Known(), Lat: p.Point.Lat, Lon: p.Point.Lon,
	}
}

// PairOf scores two places that by may moderate. It reports fault.NotFound for an unknown one, fault.Conflict when either
// is part of another place (place.merge_gone).
func (s *Service) PairOf(ctx context.Context, by identity.Actor, a, b Number) (DuplicatePair, error) {
	if a == b {
		return DuplicatePair{}, fault.New(fault.Invalid, "place.merge_self")
	}
	x, y, err := moderated(ctx, s.db, by, min(a, b), max(a, b))
	if err != nil {
		return DuplicatePair{}, err
	}
	if x.MergedInto != "" || y.MergedInto != "" {
		return DuplicatePair{}, fault.New(fault.Conflict, "place.merge_gone")
	}
	return DuplicatePair{duplicate.Compare(record(&x), record(&y)), x, y}, nil
}

// findPairs searches the census, once for each version of it.
func (s *Service) findPairs(ctx context.Context) (*foundPairs, error) {
	now, err := version(ctx, s.db)
	if err != nil {
		return nil, err
	}
	if held := s.pairs.Load(); held != nil && held.version == now {
		return held, nil
	}
	var places []Place
	next := &foundPairs{}
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		if next.version, err = version(ctx, q); err != nil {
			return err
		}
		places, err = listPlaces(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	records, at := make([]duplicate.Record, 0, len(places)), make(map[int64]*Place, len(places))
	for i := range places {
		if p := &places[i]; p.MergedInto == "" {
			records = append(records, record(p))
			at[int64(p.Number)] = p
		}
	}
	for _, p := range duplicate.Find(records, duplicate.Options{Least: leastScore}) {
		next.pairs = append(next.pairs, DuplicatePair{p, *at[p.A], *at[p.B]})
	}
	s.pairs.Store(next)
	return next, nil
}

// Distinguish says that two places are two, although they are alike: they are not proposed again until what was compared
// of them is another. It reports what PairOf does, and fault.Conflict (place.merge_changed) when they say something else
// than what was seen.
func (s *Service) Distinguish(ctx context.Context, by identity.Actor, a, b Number, seen string) error {
	if a == b {
		return fault.New(fault.Invalid, "place.merge_self")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := touch(ctx, tx); err != nil {
			return err
		}
		x, y, err := moderated(ctx, tx, by, min(a, b), max(a, b))
		switch {
		case err != nil:
			return err
		case x.MergedInto != "" || y.MergedInto != "":
			return fault.New(fault.Conflict, "place.merge_gone")
		case seen != "" && seen != MergeSeen(&x, &y):
			return fault.New(fault.Conflict, "place.merge_changed")
		}
		pair, two := DuplicatePair{First: x, Second: y}, ordered(x.ID, y.ID)
		if err := putDistinct(ctx, tx, distinct{two[0], two[1], pair.seen()}, s.now(), by.Audit()); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, mergeEntry(by.Audit(), "place.distinct", x.ID, y.Number), mergeEntry(by.Audit(), "place.distinct", y.ID, x.Number))
	})
}
