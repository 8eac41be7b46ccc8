package place

import (
	"context"
	"slices"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/territory"
)

// News is something that happened to a place that residents see: it came, or fields of it became others.
type News struct {
	Entry  *Entry
	At     time.Time
	ID     string   // of the change; of the place for its birth
	Born   bool     // it came
	Fields []string // columns that changed; nil when it came
}

// feedScan bounds how many changes are looked at for one page of an area.
const feedScan = 5000

// NewsCursor is where a page of the feed ended: what has the same instant is told apart by its id. The zero value is before
// everything.
type NewsCursor struct {
	At int64 // microseconds
	ID string
}

// Cursor is where a page that ends with n is followed on.
func (n News) Cursor() NewsCursor { return NewsCursor{n.At.UnixMicro(), n.ID} }

// Feed lists what happened to the places of an area, the latest first, after a cursor, at most limit. What happened to
// places that are not shown is left out.
func (s *Service) Feed(ctx context.Context, a territory.Area, after NewsCursor, limit int) ([]News, error) {
	index := s.index.Load()
	last := after
	if after == (NewsCursor{}) {
		last.At = 1<<63 - 1
	}
	var out []News
	err := s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		changes, err := latestChanges(ctx, q, last, feedScan)
		if err != nil {
			return err
		}
		births, err := latestBirths(ctx, q, last, feedScan)
		if err != nil {
			return err
		}
		out = append(changes, births...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b News) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	kept := out[:0]
	for _, n := range out {
		e, ok := index.byID[ID(n.Entry.ID)]
		if !ok || a.Known() && (e.Ground.Code == "" || !a.Holds(e.Ground)) {
			continue
		}
		n.Entry = e
		if kept = append(kept, n); len(kept) == limit {
			break
		}
	}
	return kept, nil
}
