package agenda

import (
	"context"

	"viaduc/internal/agenda/travel"
	"viaduc/internal/platform/db"
)

func listLegs(ctx context.Context, q db.Querier) ([]travel.Leg, error) {
	return db.All(ctx, q, func(r db.Row) (travel.Leg, error) {
		var l travel.Leg
		return l, r.Scan(&l.From, &l.To, &l.Minutes)
	}, `SELECT from_code, to_code, minutes FROM agenda_leg ORDER BY from_code, to_code`)
}

func putLegs(ctx context.Context, tx *db.Tx, legs []travel.Leg) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM agenda_leg`); err != nil {
		return err
	}
	rows := make([][]any, 0, len(legs))
	for _, l := range legs {
		rows = append(rows, []any{l.From, l.To, l.Minutes})
	}
	return db.InsertMany(ctx, tx, `agenda_leg (from_code, to_code, minutes)`, 3, rows, `ON CONFLICT (from_code, to_code) DO UPDATE SET minutes = excluded.minutes`)
}
