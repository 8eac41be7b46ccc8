package audit

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"viaduc/internal/platform/db"
)

// leaf is a row of audit_leaf.
type leaf struct {
	id   string
	hash []byte
}

func scanLeaf(r db.Row) (leaf, error) {
	var l leaf
	return l, r.Scan(&l.id, &l.hash)
}

// touchTree makes this the only sequencer until its transaction ends.
func touchTree(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `UPDATE audit_tree SET version = version + 1 WHERE id = 1`)
	return err
}

// pendingLeaves returns the oldest leaves that have no position yet.
func pendingLeaves(ctx context.Context, q db.Querier, limit int) ([]leaf, error) {
	return db.All(ctx, q, scanLeaf, `SELECT l.id, l.hash FROM audit_pending p JOIN audit_leaf l ON l.id = p.leaf_id
		ORDER BY p.leaf_id LIMIT $1`, limit)
}

func countPending(ctx context.Context, q db.Querier) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT count(*) FROM audit_pending`)
}

func treeSize(ctx context.Context, q db.Querier) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT coalesce(max(position) + 1, 0) FROM audit_sequence`)
}

// placeLeaves gives leaves the positions from start on and takes them off the pending list.
func placeLeaves(ctx context.Context, tx *db.Tx, start int64, leaves []leaf) error {
	rows := make([][]any, 0, len(leaves))
	for i, l := range leaves {
		rows = append(rows, []any{start + int64(i), l.id})
	}
	if err := db.InsertMany(ctx, tx, "audit_sequence (position, leaf_id)", 2, rows, ""); err != nil {
		return err
	}
	n, err := db.Exec(ctx, tx, `DELETE FROM audit_pending WHERE leaf_id IN (SELECT leaf_id FROM audit_sequence WHERE position >= $1)`, start)
	if err != nil {
		return err
	}
	if n != int64(len(leaves)) {
		return fmt.Errorf("journal: placed %d leaves but %d were pending", len(leaves), n)
	}
	return nil
}

// storedHashes reads the tree's hashes from the database, and the new ones from memory.
type storedHashes struct {
	ctx   context.Context
	q     db.Querier
	start int64 // index of fresh[0]
	fresh []tlog.Hash
}

// ReadHashes implements tlog.HashReader.
func (s *storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(indexes))
	for _, i := range indexes {
		if i >= s.start {
			out = append(out, s.fresh[i-s.start])
			continue
		}
		raw, err := db.One(s.ctx, s.q, db.Value[[]byte], `SELECT hash FROM audit_hash WHERE position = $1`, i)
		if err != nil {
			return nil, fmt.Errorf("hash %d of the tree: %w", i, err)
		}
		if len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("hash %d of the tree has %d bytes", i, len(raw))
		}
		out = append(out, tlog.Hash(raw))
	}
	return out, nil
}

func (s *storedHashes) insert(ctx context.Context, tx *db.Tx) error {
	rows := make([][]any, 0, len(s.fresh))
	for i, h := range s.fresh {
		rows = append(rows, []any{s.start + int64(i), h[:]})
	}
	return db.InsertMany(ctx, tx, "audit_hash (position, hash)", 2, rows, "")
}
