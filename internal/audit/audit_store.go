package audit

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

const bodyCols = "salt, at, actor, action, object_kind, object_id, detail"

// leaf is a row of audit_leaf.
type leaf struct {
	id   string
	hash []byte
}

func scanLeaf(r db.Row) (leaf, error) {
	var l leaf
	return l, r.Scan(&l.id, &l.hash)
}

// insertRows writes leaves, bodies and the list of what the sequencer has not placed yet.
func insertRows(ctx context.Context, tx *db.Tx, rows []row) error {
	if tx.Engine() == db.Postgres && len(rows) == 1 {
		return insertOne(ctx, tx, rows[0])
	}
	leaves := make([][]any, 0, len(rows))
	bodies := make([][]any, 0, len(rows))
	pending := make([][]any, 0, len(rows))
	for _, r := range rows {
		leaves = append(leaves, []any{r.leaf, r.hash()})
		bodies = append(bodies, []any{r.leaf, r.salt, r.at, r.actor, r.action, r.objectKind, r.objectID, r.detail})
		pending = append(pending, []any{r.leaf})
	}
	if err := db.InsertMany(ctx, tx, "audit_leaf (id, hash)", 2, leaves, ""); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "audit_body (leaf_id, "+bodyCols+")", 8, bodies, ""); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "audit_pending (leaf_id)", 1, pending, "")
}

// insertOne is insertRows for one row in one round trip: three would make a small effect half as fast again. SQLite, where
// a statement is a call and no journey, has no such form.
func insertOne(ctx context.Context, tx *db.Tx, r row) error {
	_, err := db.Exec(ctx, tx, `WITH l AS (INSERT INTO audit_leaf (id, hash) VALUES ($1, $2)),
		b AS (INSERT INTO audit_body (leaf_id, `+bodyCols+`) VALUES ($1, $3, $4, $5, $6, $7, $8, $9))
		INSERT INTO audit_pending (leaf_id) VALUES ($1)`,
		r.leaf, r.hash(), r.salt, r.at, r.actor, r.action, r.objectKind, r.objectID, r.detail)
	return err
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

func insertHead(ctx context.Context, tx *db.Tx, size, at int64, note string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO audit_head (size, at, note) VALUES ($1, $2, $3)`, size, at, note)
	return err
}

// Head is a signed statement that the journal held Size leaves.
type Head struct {
	Size int64
	At   int64  // microseconds
	Note string // the signed text, as anyone can keep and check it
}

func scanHead(r db.Row) (Head, error) {
	var h Head
	return h, r.Scan(&h.Size, &h.At, &h.Note)
}

// HasHeads reports whether the journal was ever signed.
func HasHeads(ctx context.Context, q db.Querier) (bool, error) {
	n, err := db.One(ctx, q, db.Value[int64], `SELECT count(*) FROM audit_head`)
	return n > 0, err
}

// LastHead returns the newest signed head; fault.NotFound before the first.
func (j *Journal) LastHead(ctx context.Context) (Head, error) {
	return db.One(ctx, j.db, scanHead, `SELECT size, at, note FROM audit_head ORDER BY size DESC LIMIT 1`)
}

// Line is a journal entry as people read it.
type Line struct {
	ID         string
	At         int64 // microseconds
	Actor      Actor
	Action     string
	Object     Object
	DetailJSON string
}

func scanLine(r db.Row) (Line, error) {
	var l Line
	return l, r.Scan(&l.ID, &l.At, &l.Actor, &l.Action, &l.Object.Kind, &l.Object.ID, &l.DetailJSON)
}

// About returns the newest lines about an object, at most limit; an unknown object has none.
func (j *Journal) About(ctx context.Context, o Object, limit int) ([]Line, error) {
	return db.All(ctx, j.db, scanLine, `SELECT leaf_id, at, actor, action, object_kind, object_id, detail FROM audit_body
		WHERE object_kind = $1 AND object_id = $2 ORDER BY at DESC, leaf_id DESC LIMIT $3`, o.Kind, o.ID, limit)
}

// EraseTx removes the body of a leaf in the caller's transaction and says why; the leaf and its proof stay. Only
// retention calls it. It reports fault.NotFound when there is no such body.
func (j *Journal) EraseTx(ctx context.Context, tx *db.Tx, leafID, reason string) error {
	if _, err := db.Exec(ctx, tx, `INSERT INTO audit_erasure (leaf_id, at, reason) VALUES ($1, $2, $3)`, leafID, db.Micros(j.now()), reason); err != nil {
		return fmt.Errorf("erase a journal body: %w", err)
	}
	n, err := db.Exec(ctx, tx, `DELETE FROM audit_body WHERE leaf_id = $1`, leafID)
	if err != nil {
		return fmt.Errorf("erase a journal body: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "audit.no_body")
	}
	return nil
}
