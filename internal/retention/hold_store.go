package retention

import (
	"context"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
)

const holdCols = `id, rule_key, object_kind, object_id, reason, until_on, placed_at, placed_by, released_at, released_by`

func scanHold(r db.Row) (Hold, error) {
	var h Hold
	var placed int64
	var released *int64
	err := r.Scan(&h.ID, &h.Rule, &h.Object.Kind, &h.Object.ID, &h.Reason, &h.Until, &placed, &h.PlacedBy, &released, &h.ReleasedBy)
	h.PlacedAt = db.Time(placed)
	if released != nil {
		h.ReleasedAt = db.Time(*released)
	}
	return h, err
}

func insertHold(ctx context.Context, tx *db.Tx, h Hold) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO retention_hold (`+holdCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, '')`,
		h.ID, h.Rule, h.Object.Kind, h.Object.ID, string(h.Reason), h.Until, db.Micros(h.PlacedAt), string(h.PlacedBy))
	return err
}

func releaseHold(ctx context.Context, tx *db.Tx, id string, by audit.Actor, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE retention_hold SET released_at = $1, released_by = $2 WHERE id = $3`, db.Micros(at), string(by), id)
	return err
}

func holdByID(ctx context.Context, q db.Querier, id string) (Hold, error) {
	return db.One(ctx, q, scanHold, `SELECT `+holdCols+` FROM retention_hold WHERE id = $1`, id)
}

func listHolds(ctx context.Context, q db.Querier) ([]Hold, error) {
	return db.All(ctx, q, scanHold, `SELECT `+holdCols+` FROM retention_hold ORDER BY placed_at DESC, id DESC`)
}

// activeHolds returns what is held on a day. Holds are few: they are made by hand.
func activeHolds(ctx context.Context, q db.Querier, today date) (holds, error) {
	out := holds{rules: map[string]bool{}, objects: map[audit.Object]bool{}}
	err := db.Each(ctx, q, scanHold, func(h Hold) error {
		if h.Rule != "" {
			out.rules[h.Rule] = true
		} else {
			out.objects[h.Object] = true
		}
		return nil
	}, `SELECT `+holdCols+` FROM retention_hold WHERE released_at IS NULL AND until_on >= $1`, today.String())
	return out, err
}
