package audit

import (
	"bytes"
	"context"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"viaduc/internal/platform/db"
)

// placed is a leaf with its body, where it has one.
type placed struct {
	position int64
	leaf     leaf // without a hash when it is gone
	body     body
	hasBody  bool
	erased   bool
}

// record is what the tree holds of it.
func (p *placed) record() []byte { return record(p.leaf.id, p.leaf.hash) }

const placedCols = `l.hash, b.leaf_id IS NOT NULL, b.salt, coalesce(b.at, 0), coalesce(b.actor, ''), coalesce(b.action, ''),
	coalesce(b.object_kind, ''), coalesce(b.object_id, ''), coalesce(b.detail, ''), e.leaf_id IS NOT NULL,
	coalesce(u.subject_kind, ''), coalesce(u.subject_id, '')`

// placedRow is a leaf with its body and one of the body's subjects, or none.
type placedRow struct {
	placed
	subject Object
}

func scanPlaced(r db.Row) (placedRow, error) {
	var p placedRow
	return p, r.Scan(&p.position, &p.leaf.id, &p.leaf.hash, &p.hasBody, &p.body.salt, &p.body.at, &p.body.actor, &p.body.action,
		&p.body.objectKind, &p.body.objectID, &p.body.detail, &p.erased, &p.subject.Kind, &p.subject.ID)
}

// check compares the leaf with its body.
func (p *placed) check() error {
	switch {
	case p.leaf.hash == nil:
		return bad(LeafGone, "audit_leaf", p.leaf.id, "the leaf is gone")
	case p.hasBody && !bytes.Equal(p.body.hash(), p.leaf.hash):
		return bad(BodyChanged, "audit_body", p.leaf.id, "the body is not the one that was recorded")
	case !p.hasBody && !p.erased:
		return bad(BodyGone, "audit_body", p.leaf.id, "the body is gone without an erasure")
	case !p.hasBody && len(p.body.subjects) > 0:
		return bad(BodyChanged, "audit_subject", p.leaf.id, "the body is erased and still says whom it concerns")
	}
	return nil
}

// eachPlaced calls fn for each line of a question that has one row for each subject of a line, rows of a line together.
// All is one question, so that PostgreSQL joins whole tables: one for each stretch would make it do so each time.
func eachPlaced(ctx context.Context, q db.Querier, text string, fn func(*placed) error) error {
	var line *placed
	err := db.Each(ctx, q, scanPlaced, func(r placedRow) error {
		if line == nil || line.leaf.id != r.leaf.id {
			if line != nil {
				if err := fn(line); err != nil {
					return err
				}
			}
			line = &r.placed
		}
		if r.subject != (Object{}) {
			line.body.subjects = inOrder(append(line.body.subjects, r.subject))
		}
		return nil
	}, text)
	if err != nil || line == nil {
		return err
	}
	return fn(line)
}

const sequencedLines = `SELECT s.position, s.leaf_id, ` + placedCols + ` FROM audit_sequence s
	LEFT JOIN audit_leaf l ON l.id = s.leaf_id LEFT JOIN audit_body b ON b.leaf_id = s.leaf_id
	LEFT JOIN audit_erasure e ON e.leaf_id = s.leaf_id LEFT JOIN audit_subject u ON u.leaf_id = s.leaf_id
	ORDER BY s.position`

const sequencedLeaves = `SELECT s.position, s.leaf_id, l.hash FROM audit_sequence s LEFT JOIN audit_leaf l ON l.id = s.leaf_id ORDER BY s.position`

func scanSequenced(r db.Row) (placed, error) {
	var p placed
	return p, r.Scan(&p.position, &p.leaf.id, &p.leaf.hash)
}

type storedHash struct {
	index int64
	hash  []byte
}

func scanHash(r db.Row) (storedHash, error) {
	var h storedHash
	return h, r.Scan(&h.index, &h.hash)
}

func eachHash(ctx context.Context, q db.Querier, fn func(storedHash) error) error {
	return db.Each(ctx, q, scanHash, fn, `SELECT position, hash FROM audit_hash ORDER BY position`)
}

func indexOfHash(ctx context.Context, q db.Querier, h tlog.Hash) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT position FROM audit_hash WHERE hash = $1 ORDER BY position LIMIT 1`, h[:])
}

// pendingLines are the leaves that wait for a position, which is -1.
const pendingLines = `SELECT coalesce(s.position, -1), p.leaf_id, ` + placedCols + ` FROM audit_pending p
	LEFT JOIN audit_sequence s ON s.leaf_id = p.leaf_id LEFT JOIN audit_leaf l ON l.id = p.leaf_id
	LEFT JOIN audit_body b ON b.leaf_id = p.leaf_id LEFT JOIN audit_erasure e ON e.leaf_id = p.leaf_id
	LEFT JOIN audit_subject u ON u.leaf_id = p.leaf_id ORDER BY p.leaf_id`

func countLeaves(ctx context.Context, q db.Querier) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT count(*) FROM audit_leaf`)
}

// strayLeaf returns the first leaf without a position that does not wait for one.
func strayLeaf(ctx context.Context, q db.Querier) (string, error) {
	return db.One(ctx, q, db.Value[string], `SELECT l.id FROM audit_leaf l LEFT JOIN audit_sequence s ON s.leaf_id = l.id
		LEFT JOIN audit_pending p ON p.leaf_id = l.id WHERE s.leaf_id IS NULL AND p.leaf_id IS NULL ORDER BY l.id LIMIT 1`)
}

func scanNamedHead(r db.Row) (namedHead, error) {
	var h namedHead
	err := r.Scan(&h.size, &h.note)
	h.name = strconv.FormatInt(h.size, 10)
	return h, err
}

func headsToCheck(ctx context.Context, q db.Querier) ([]namedHead, error) {
	return db.All(ctx, q, scanNamedHead, `SELECT size, note FROM audit_head ORDER BY size`)
}
