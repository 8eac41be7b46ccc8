package audit

import (
	"context"
	"strings"

	"viaduc/internal/platform/db"
)

func countBodies(ctx context.Context, q db.Querier, leafIDs []string) (int, error) {
	total := 0
	err := inChunks(leafIDs, func(list string, args []any) error {
		n, err := db.One(ctx, q, db.Value[int], `SELECT count(*) FROM audit_body WHERE leaf_id IN (`+list+`)`, args...)
		total += n
		return err
	})
	return total, err
}

// eraseBodies writes the erasures first: without them the database refuses the rest.
func eraseBodies(ctx context.Context, tx *db.Tx, leafIDs []string, reason string, at int64) error {
	rows := make([][]any, 0, len(leafIDs))
	for _, leaf := range leafIDs {
		rows = append(rows, []any{leaf, at, reason})
	}
	if err := db.InsertMany(ctx, tx, "audit_erasure (leaf_id, at, reason)", 3, rows, ""); err != nil {
		return err
	}
	return inChunks(leafIDs, func(list string, args []any) error {
		if _, err := db.Exec(ctx, tx, `DELETE FROM audit_subject WHERE leaf_id IN (`+list+`)`, args...); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `DELETE FROM audit_body WHERE leaf_id IN (`+list+`)`, args...)
		return err
	})
}

func leavesConcerning(ctx context.Context, q db.Querier, o Object) ([]string, error) {
	w := &where{}
	w.and(concerning, o.Kind, o.ID, o.Kind, o.ID)
	return db.All(ctx, q, db.Value[string], strings.TrimPrefix(w.String(), " WHERE "), w.args...)
}
