package audit

import (
	"context"

	"viaduc/internal/platform/db"
)

const headCols = "h.size, h.at, h.note, coalesce(m.at, 0)"

const headTables = " FROM audit_head h LEFT JOIN audit_mailed m ON m.size = h.size "

func scanHead(r db.Row) (Head, error) {
	var h Head
	return h, r.Scan(&h.Size, &h.At, &h.Note, &h.MailedAt)
}

func lastHead(ctx context.Context, q db.Querier) (Head, error) {
	return db.One(ctx, q, scanHead, `SELECT `+headCols+headTables+`ORDER BY h.size DESC LIMIT 1`)
}

func listHeads(ctx context.Context, q db.Querier, tail string, args ...any) ([]Head, error) {
	return db.All(ctx, q, scanHead, `SELECT `+headCols+headTables+tail, args...)
}

func insertHead(ctx context.Context, tx *db.Tx, size, at int64, note string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO audit_head (size, at, note) VALUES ($1, $2, $3)`, size, at, note)
	return err
}

type mailed struct{ size, at int64 }

func scanMailed(r db.Row) (mailed, error) {
	var m mailed
	return m, r.Scan(&m.size, &m.at)
}

func lastMailed(ctx context.Context, q db.Querier) (mailed, error) {
	return db.One(ctx, q, scanMailed, `SELECT size, at FROM audit_mailed ORDER BY size DESC LIMIT 1`)
}

func insertMailed(ctx context.Context, tx *db.Tx, size, at int64) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO audit_mailed (size, at) VALUES ($1, $2)`, size, at)
	return err
}
