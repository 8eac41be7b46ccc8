package place

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// NewMerge says which two places are one, and which record each field follows.
type NewMerge struct {
	Kept, Merged Number
	Ways         Ways   // nil leaves every field to DefaultWay; else those that are not in it follow the kept record
	Seen         string // what MergeSeen said when somebody looked; "" where nobody did
}

// MergeSeen stands for all that two places say: a merge is refused when it is another than whoever decided saw.
func MergeSeen(kept, merged *Place) string { return digest(kept) + digest(merged) }

// digest stands for all that a place says.
func digest(p *Place) string {
	plain := *p
	plain.Version = 0 // counts the changes, also one that came and went
	if len(plain.Origins) == 0 {
		plain.Origins = nil
	}
	raw, err := json.Marshal(plain)
	if err != nil {
		panic(err) // texts, numbers and a map of texts
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:12])
}

// Merge makes one place of two: the kept one takes the values, the other leaves the index, the lists and the exports. It is
// not erased: its number and its standard id lead to the kept place for ever, reports, declarations and differences hang
// on that place, and residents who kept the one keep the other. All of it is one transaction with its history and its
// journal.
//
// It reports fault.NotFound for an unknown place, fault.Invalid for a place with itself or a way that a field has not,
// fault.Conflict when either is part of another place by now (place.merge_gone) or says something else than what was seen
// (place.merge_changed), and what identity.Require says of PlaceModerate on both.
func (s *Service) Merge(ctx context.Context, by identity.Actor, in NewMerge) (Place, error) {
	if err := in.check(); err != nil {
		return Place{}, err
	}
	var next Place
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := touch(ctx, tx)
		if err != nil {
			return err
		}
		kept, merged, err := moderated(ctx, tx, by, in.Kept, in.Merged)
		if err != nil {
			return err
		}
		switch {
		case kept.MergedInto != "" || merged.MergedInto != "":
			return fault.New(fault.Conflict, "place.merge_gone")
		case in.Seen != "" && in.Seen != MergeSeen(&kept, &merged):
			return fault.New(fault.Conflict, "place.merge_changed")
		}
		ways := in.Ways
		if ways == nil {
			ways = DefaultWays(&kept, &merged, s.now())
		}
		next = United(&kept, &merged, ways)
		check(&next)
		if err := s.mergeTx(ctx, tx, by.Audit(), kept, next, merged, ways); err != nil {
			return err
		}
		return saveState(ctx, tx, last)
	})
	return next, err
}

func (in NewMerge) check() error {
	if in.Kept == in.Merged {
		return fault.New(fault.Invalid, "place.merge_self")
	}
	for name, way := range in.Ways {
		i := columnIndex(name)
		if i < 0 || way != FromKept && way != FromMerged && (way != FromBoth || !columns[i].Joins()) {
			return fault.New(fault.Invalid, "place.merge_way")
		}
	}
	return nil
}

// moderated reads two places that by may moderate, as the database has them.
func moderated(ctx context.Context, q db.Querier, by identity.Actor, a, b Number) (x, y Place, err error) {
	for i, n := range []Number{a, b} {
		p, err := placeByNumber(ctx, q, n)
		if fault.Is(err, fault.NotFound) {
			return x, y, fault.New(fault.NotFound, "place.unknown")
		}
		if err != nil {
			return x, y, err
		}
		if err := identity.Require(by, identity.PlaceModerate, p.right()); err != nil {
			return x, y, err
		}
		if i == 0 {
			x = p
		} else {
			y = p
		}
	}
	return x, y, nil
}

// mergeTx writes a merge.
func (s *Service) mergeTx(ctx context.Context, tx *db.Tx, by audit.Actor, kept, next, merged Place, ways Ways) error {
	now := s.now()
	gone := merged
	gone.MergedInto = kept.ID
	if err := putPlaces(ctx, tx, []Place{next, gone}, now); err != nil {
		return err
	}
	moved, err := moveFollowers(ctx, tx, merged.ID, kept.ID)
	if err != nil {
		return err
	}
	row := merge{
		merged: merged.ID, kept: kept.ID, at: now, by: by, ways: ways, before: kept, moved: moved, keptAfter: digest(&next), mergedAfter: digest(&gone),
	}
	if err := insertMerge(ctx, tx, row); err != nil {
		return err
	}
	err = insertChanges(ctx, tx, []change{
		newChange(kept.ID, now, by, Here, append(differing(&kept, &next), FieldChange{fieldMerged, "", "avec " + merged.Number.numbered()})),
		newChange(merged.ID, now, by, Here, fieldChanges{{fieldMerged, "", "dans " + kept.Number.numbered()}}),
	})
	if err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, mergeEntry(by, "place.merge", kept.ID, merged.Number), mergeEntry(by, "place.merged", merged.ID, kept.Number))
}

func mergeEntry(by audit.Actor, action string, place ID, other Number) audit.Entry {
	return audit.Entry{Actor: by, Action: action, Object: audit.Object{Kind: "place", ID: string(place)}, Detail: map[string]string{"lieu": other.numbered()}}
}

// Merged is a merge, as lists show it.
type Merged struct {
	Kept, Merged Place // the kept one as it is now
	At           time.Time
	By           audit.Actor
	Undo         error // why it cannot be undone; nil where it can
}

// Unmerge undoes a merge, by the number of the place that became part of another: both are again as they were, and what
// hung on the one hangs on it again. It reports fault.NotFound for an unknown place, fault.Conflict for one that is a place
// of its own (place.unmerge_none), for one whose kept place became part of another since (place.unmerge_later), and when
// either has changed since (place.unmerge_changed), and what identity.Require says of PlaceModerate on both.
func (s *Service) Unmerge(ctx context.Context, by identity.Actor, n Number) (Place, error) {
	var back Place
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := touch(ctx, tx)
		if err != nil {
			return err
		}
		m, err := readMerged(ctx, tx, by, n)
		if err != nil {
			return err
		}
		if m.Undo != nil {
			return m.Undo
		}
		back = m.Merged
		back.MergedInto = ""
		if err := s.unmergeTx(ctx, tx, by.Audit(), m.Kept, back); err != nil {
			return err
		}
		return saveState(ctx, tx, last)
	})
	return back, err
}

// MergedPlace returns the merge by which a place became part of another. Its errors are those of Unmerge, but for what is
// in Undo.
func (s *Service) MergedPlace(ctx context.Context, by identity.Actor, n Number) (Merged, error) {
	return readMerged(ctx, s.db, by, n)
}

func readMerged(ctx context.Context, q db.Querier, by identity.Actor, n Number) (Merged, error) {
	gone, _, err := moderated(ctx, q, by, n, n)
	if err != nil {
		return Merged{}, err
	}
	if gone.MergedInto == "" {
		return Merged{}, fault.New(fault.Conflict, "place.unmerge_none")
	}
	row, err := mergeOf(ctx, q, gone.ID)
	if err != nil {
		return Merged{}, err
	}
	return row.read(ctx, q, by)
}

// read completes a merge with its places as they are now. fault.NotFound where by may not know of them.
func (row merge) read(ctx context.Context, q db.Querier, by identity.Actor) (Merged, error) {
	both, err := placesByID(ctx, q, []ID{row.kept, row.merged})
	if err != nil {
		return Merged{}, err
	}
	m := Merged{Kept: both[row.kept], Merged: both[row.merged], At: row.at, By: row.by}
	for _, p := range []Place{m.Kept, m.Merged} {
		if err := identity.Require(by, identity.PlaceModerate, p.right()); err != nil {
			return Merged{}, err
		}
	}
	switch {
	case m.Kept.MergedInto != "":
		m.Undo = fault.New(fault.Conflict, "place.unmerge_later")
	case digest(&m.Kept) != row.keptAfter || digest(&m.Merged) != row.mergedAfter:
		m.Undo = fault.New(fault.Conflict, "place.unmerge_changed")
	}
	return m, nil
}

func (s *Service) unmergeTx(ctx context.Context, tx *db.Tx, by audit.Actor, kept, back Place) error {
	row, err := mergeOf(ctx, tx, back.ID)
	if err != nil {
		return err
	}
	now := s.now()
	if err := putPlaces(ctx, tx, []Place{row.before, back}, now); err != nil {
		return err
	}
	if err := leadFollowers(ctx, tx, row.moved, kept.ID, back.ID); err != nil {
		return err
	}
	if err := deleteMerge(ctx, tx, back.ID); err != nil {
		return err
	}
	err = insertChanges(ctx, tx, []change{
		newChange(kept.ID, now, by, Here, append(differing(&kept, &row.before), FieldChange{fieldMerged, "avec " + back.Number.numbered(), ""})),
		newChange(back.ID, now, by, Here, fieldChanges{{fieldMerged, "dans " + kept.Number.numbered(), ""}}),
	})
	if err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, mergeEntry(by, "place.unmerge", kept.ID, back.Number), mergeEntry(by, "place.unmerged", back.ID, kept.Number))
}

// Merges lists the latest merges that by may know of, the last one first.
func (s *Service) Merges(ctx context.Context, by identity.Actor, limit int) ([]Merged, error) {
	var out []Merged
	err := s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		rows, err := latestMerges(ctx, q, limit)
		if err != nil {
			return err
		}
		for _, row := range rows {
			m, err := row.read(ctx, q, by)
			if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}
