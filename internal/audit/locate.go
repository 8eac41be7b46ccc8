package audit

import (
	"bytes"
	"context"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// locate walks the order once more, beside the stored hashes, and names the first row that is unlike. What a head that
// holds covers is as it was signed: below it a stored hash is to blame, and a leaf above it.
func (v *verifier) locate(ctx context.Context) error {
	first, err := v.firstUnlike(ctx)
	switch {
	case err != nil:
		return err
	case first != nil && (v.fails == 0 || first.position < v.holds):
		return bad(HashChanged, "audit_hash", first.index, "the stored hash is not that of the leaves")
	case first == nil || first.position >= v.fails:
		return bad(Rewritten, "audit_head", v.fails, "the leaves are not those that were signed in this head")
	}
	return first.name(ctx, v.q)
}

// unlike is a leaf below which a stored hash is not the recomputed one.
type unlike struct {
	position int64
	leafID   string
	record   tlog.Hash
	index    int64 // of the stored hash
}

var errFound = errors.New("journal: found")

// firstUnlike returns nil when the stored hashes are those of the leaves.
func (v *verifier) firstUnlike(ctx context.Context) (*unlike, error) {
	var stored [][]byte
	err := eachHash(ctx, v.q, func(h storedHash) error {
		if h.index == int64(len(stored)) { // what stands beyond a hole cannot be compared
			stored = append(stored, h.hash)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var t tree
	var first *unlike
	next := int64(0)
	err = db.Each(ctx, v.q, scanSequenced, func(l placed) error {
		record := tlog.RecordHash(l.record())
		for _, h := range t.grow(record) {
			if next >= int64(len(stored)) {
				return errFound
			}
			if !bytes.Equal(stored[next], h[:]) {
				first = &unlike{position: l.position, leafID: l.leaf.id, record: record, index: next}
				return errFound
			}
			next++
		}
		return nil
	}, sequencedLeaves)
	if errors.Is(err, errFound) {
		err = nil
	}
	return first, err
}

// name tells a leaf that was moved from one that was rewritten: the former's hash still stands where it was signed.
func (u *unlike) name(ctx context.Context, q db.Querier) error {
	index, err := indexOfHash(ctx, q, u.record)
	if fault.Is(err, fault.NotFound) {
		return bad(LeafChanged, "audit_leaf", u.leafID, "the leaf at position %d is not the one that was signed", u.position)
	}
	if err != nil {
		return err
	}
	_, was := tlog.SplitStoredHashIndex(index)
	return bad(OrderChanged, "audit_sequence", u.position, "the leaf %s stands here and was signed at position %d", u.leafID, was)
}
