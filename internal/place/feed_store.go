package place

import (
	"context"
	"encoding/json"

	"viaduc/internal/platform/db"
)

// latestChanges are the last changes after a cursor, with the id of their place alone.
func latestChanges(ctx context.Context, q db.Querier, after NewsCursor, limit int) ([]News, error) {
	return db.All(ctx, q, func(r db.Row) (News, error) {
		var n News
		var at int64
		var id ID
		var fields string
		if err := r.Scan(&n.ID, &id, &at, &fields); err != nil {
			return n, err
		}
		var changed []FieldChange
		if err := json.Unmarshal([]byte(fields), &changed); err != nil {
			return n, err
		}
		for _, f := range changed {
			n.Fields = append(n.Fields, f.Name)
		}
		n.At, n.Entry = db.Time(at), &Entry{Place: &Place{ID: id}}
		return n, nil
	}, `SELECT id, place_id, at, fields FROM place_change WHERE (at, id) < ($1, $2) ORDER BY at DESC, id DESC LIMIT $3`, after.At, after.ID, limit)
}

// latestBirths are the places that came last after a cursor.
func latestBirths(ctx context.Context, q db.Querier, after NewsCursor, limit int) ([]News, error) {
	return db.All(ctx, q, func(r db.Row) (News, error) {
		var id ID
		var at int64
		err := r.Scan(&id, &at)
		return News{ID: string(id), At: db.Time(at), Born: true, Entry: &Entry{Place: &Place{ID: id}}}, err
	}, `SELECT id, created_at FROM place_place WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3`, after.At, after.ID, limit)
}
