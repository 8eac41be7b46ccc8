package audit

import (
	"context"
	"strconv"
	"strings"

	"viaduc/internal/platform/db"
)

const bodyCols = "salt, at, actor, action, object_kind, object_id, detail"

// lineParams is how many parameters a line takes beside its subjects: the columns of leaf and body.
const lineParams = 9

// insertLines writes leaves, bodies, subjects and the pending list: in one round trip on PostgreSQL, where each costs as
// much as the work itself; table by table on SQLite, which knows no INSERT inside WITH and has no way to go.
func insertLines(ctx context.Context, tx *db.Tx, lines []recorded) error {
	if tx.Engine() == db.Postgres {
		return insertAtOnce(ctx, tx, lines)
	}
	return insertByTable(ctx, tx, lines)
}

func insertByTable(ctx context.Context, tx *db.Tx, lines []recorded) error {
	if len(lines) == 0 {
		return nil
	}
	leaves, bodies, pending := make([][]any, 0, len(lines)), make([][]any, 0, len(lines)), make([][]any, 0, len(lines))
	var subjects [][]any
	for _, l := range lines {
		leaves = append(leaves, []any{l.leaf.id, l.leaf.hash})
		bodies = append(bodies, []any{l.leaf.id, l.salt, l.at, l.actor, l.action, l.objectKind, l.objectID, l.detail})
		pending = append(pending, []any{l.leaf.id})
		for _, o := range l.subjects {
			subjects = append(subjects, []any{l.leaf.id, o.Kind, o.ID})
		}
	}
	if err := db.InsertMany(ctx, tx, "audit_leaf (id, hash)", 2, leaves, ""); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "audit_body (leaf_id, "+bodyCols+")", 8, bodies, ""); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "audit_subject (leaf_id, subject_kind, subject_id)", 3, subjects, ""); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "audit_pending (leaf_id)", 1, pending, "")
}

// insertAtOnce writes lines by statements of several INSERTs, as many lines in each as its parameters allow.
func insertAtOnce(ctx context.Context, tx *db.Tx, lines []recorded) error {
	most := db.MaxParams(tx.Engine())
	for start := 0; start < len(lines); {
		end, params := start, 0
		for end < len(lines) {
			params += lineParams + 2*len(lines[end].subjects)
			if params > most && end > start {
				break
			}
			end++
		}
		text, args := atOnce(lines[start:end])
		if _, err := db.Exec(ctx, tx, text, args...); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// atOnce is the statement that writes lines, with its arguments. A leaf's id is one parameter, named wherever it stands.
func atOnce(lines []recorded) (text string, args []any) {
	var leaves, bodies, subjects, pending strings.Builder
	args = make([]any, 0, lineParams*len(lines))
	tuple := func(b *strings.Builder, params ...int) {
		for i, p := range params {
			b.WriteString([]string{"(", ","}[min(i, 1)])
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(p))
		}
		b.WriteString("),")
	}
	for _, l := range lines {
		n := len(args) + 1
		args = append(args, l.leaf.id, l.leaf.hash, l.salt, l.at, l.actor, l.action, l.objectKind, l.objectID, l.detail)
		tuple(&leaves, n, n+1)
		tuple(&bodies, n, n+2, n+3, n+4, n+5, n+6, n+7, n+8)
		tuple(&pending, n)
		for _, o := range l.subjects {
			tuple(&subjects, n, len(args)+1, len(args)+2)
			args = append(args, o.Kind, o.ID)
		}
	}
	values := func(b *strings.Builder) string { return strings.TrimSuffix(b.String(), ",") }
	text = "WITH leaf AS (INSERT INTO audit_leaf (id, hash) VALUES " + values(&leaves) +
		"), body AS (INSERT INTO audit_body (leaf_id, " + bodyCols + ") VALUES " + values(&bodies) + ")"
	if subjects.Len() > 0 {
		text += ", subject AS (INSERT INTO audit_subject (leaf_id, subject_kind, subject_id) VALUES " + values(&subjects) + ")"
	}
	return text + " INSERT INTO audit_pending (leaf_id) VALUES " + values(&pending), args
}
