package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

const reproofCols = `id, account_id, asked_by, asked_at, expires_at, confirmed_by, closed_at`

func scanReproof(r db.Row) (reproofRow, error) {
	var p reproofRow
	return p, r.Scan(&p.ID, &p.Account, &p.AskedBy, instant{&p.AskedAt}, instant{&p.ExpiresAt}, text[string]{&p.confirmedBy}, instant{&p.closedAt})
}

func reproofByID(ctx context.Context, q db.Querier, reproof string) (reproofRow, error) {
	r, err := db.One(ctx, q, scanReproof, `SELECT `+reproofCols+` FROM identity_reproof WHERE id = $1`, reproof)
	return r, named(err)
}

func listReproofs(ctx context.Context, q db.Querier, now time.Time) ([]Reproof, error) {
	rows, err := db.All(ctx, q, scanReproof, `SELECT `+reproofCols+` FROM identity_reproof
		WHERE confirmed_by IS NULL AND closed_at IS NULL AND expires_at > $1 ORDER BY asked_at, id`, db.Micros(now))
	out := make([]Reproof, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.Reproof)
	}
	return out, err
}

func waitingReproofs(ctx context.Context, q db.Querier, account AccountID, now time.Time) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT count(*) FROM identity_reproof WHERE account_id = $1 AND closed_at IS NULL AND expires_at > $2`, string(account), db.Micros(now))
}

func insertReproof(ctx context.Context, tx *db.Tx, r Reproof) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_reproof (id, account_id, asked_by, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		r.ID, string(r.Account), string(r.AskedBy), db.Micros(r.AskedAt), db.Micros(r.ExpiresAt))
	return err
}

// confirmReproof is the one conditional write of a second person: never the one who asked.
func confirmReproof(ctx context.Context, tx *db.Tx, reproof, by string, now, until time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_reproof SET confirmed_by = $1, confirmed_at = $2, expires_at = $3
		WHERE id = $4 AND confirmed_by IS NULL AND closed_at IS NULL AND expires_at > $2 AND asked_by <> $1`, by, db.Micros(now), db.Micros(until), reproof)
}

// useReproof is the one conditional write by which a confirmed one is used once.
func useReproof(ctx context.Context, tx *db.Tx, reproof string, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_reproof SET closed_at = $1 WHERE id = $2 AND confirmed_by IS NOT NULL AND closed_at IS NULL AND expires_at > $1`, db.Micros(now), reproof)
}

func closeReproof(ctx context.Context, tx *db.Tx, reproof string, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_reproof SET closed_at = $1 WHERE id = $2 AND closed_at IS NULL AND expires_at > $1`, db.Micros(now), reproof)
}
