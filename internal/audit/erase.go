package audit

import (
	"context"
	"fmt"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// EraseTx removes the bodies of leaves, and whom they concern, in the caller's transaction and says why, in words of a
// closed list; the leaves and their proofs stay, so that Verify still holds. Only retention, and what erases a person on
// request, call it. It reports fault.NotFound when one of them has no body (any more), and fault.Conflict when somebody erases one at the same time.
func (j *Journal) EraseTx(ctx context.Context, tx *db.Tx, reason string, leafIDs ...string) error {
	if len(leafIDs) == 0 {
		return nil
	}
	n, err := countBodies(ctx, tx, leafIDs)
	if err == nil && n != len(leafIDs) {
		return fault.New(fault.NotFound, "audit.no_body")
	}
	if err == nil {
		err = eraseBodies(ctx, tx, leafIDs, reason, db.Micros(j.now()))
	}
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "audit.erased")
	}
	if err != nil {
		return fmt.Errorf("erase bodies of the journal: %w", err)
	}
	return nil
}

// EraseSubjectTx removes every body about a person or an account, those that Concerning finds, as EraseTx does, and
// returns how many. A body that also names somebody else goes whole: what is left would still say what was done to the
// person. Bodies that name it only as the actor stay, as the record of what was done to others: once the account is gone,
// the id in them leads nowhere, and they go at the end of the journal's own time.
func (j *Journal) EraseSubjectTx(ctx context.Context, tx *db.Tx, o Object, reason string) (int, error) {
	if o.Kind == "" || o.ID == "" {
		return 0, fault.New(fault.Invalid, "audit.bad_object")
	}
	leaves, err := leavesConcerning(ctx, tx, o)
	if err != nil {
		return 0, fmt.Errorf("find what concerns %s %s: %w", o.Kind, o.ID, err)
	}
	return len(leaves), j.EraseTx(ctx, tx, reason, leaves...)
}
