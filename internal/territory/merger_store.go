package territory

import (
	"context"

	"viaduc/internal/platform/db"
)

const mergerCols = `old_code, on_day, new_code, kind`

func scanMerger(r db.Row) (merger, error) {
	var m merger
	var kind string
	err := r.Scan(&m.old, &m.day, &m.next, &kind)
	m.restored = kind == "restored"
	return m, err
}

func listMergers(ctx context.Context, q db.Querier) ([]merger, error) {
	return db.All(ctx, q, scanMerger, `SELECT `+mergerCols+` FROM territory_merger ORDER BY old_code, on_day`)
}

// putMergers inserts mergers, or replaces what those of the same code and day lead to.
func putMergers(ctx context.Context, tx *db.Tx, list []merger) error {
	rows := make([][]any, 0, len(list))
	for _, m := range list {
		kind := "merged"
		if m.restored {
			kind = "restored"
		}
		rows = append(rows, []any{m.old, m.day, m.next, kind})
	}
	return db.InsertMany(ctx, tx, "territory_merger ("+mergerCols+")", 4, rows, `ON CONFLICT (old_code, on_day, kind) DO UPDATE SET new_code = excluded.new_code`)
}
