package audit

import (
	"context"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/platform/db"
)

const lineCols = "leaf_id, at, actor, action, object_kind, object_id, detail"

func scanLine(r db.Row) (Line, error) {
	var l Line
	return l, r.Scan(&l.ID, &l.At, &l.Actor, &l.Action, &l.Object.Kind, &l.Object.ID, &l.DetailJSON)
}

// where gathers conditions and numbers their arguments.
type where struct {
	conditions []string
	args       []any
}

// and adds a condition whose arguments are written "?".
func (w *where) and(condition string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.conditions = append(w.conditions, condition)
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

func searchLines(ctx context.Context, q db.Querier, f Filter, limit int) ([]Line, error) {
	w := f.where()
	w.args = append(w.args, limit)
	return db.All(ctx, q, scanLine, `SELECT `+lineCols+` FROM audit_body`+w.String()+
		` ORDER BY at DESC, leaf_id DESC LIMIT $`+strconv.Itoa(len(w.args)), w.args...)
}

func (f Filter) where() *where {
	w := &where{}
	if f.Actor != "" {
		w.and("actor = ?", string(f.Actor))
	}
	if f.Action != "" { // a beginning, without the wildcards of LIKE
		w.and("substr(action, 1, ?) = ?", int64(len([]rune(f.Action))), f.Action)
	}
	switch {
	case f.Object.ID != "":
		w.and("object_kind = ? AND object_id = ?", f.Object.Kind, f.Object.ID)
	case f.Object.Kind != "":
		w.and("object_kind = ?", f.Object.Kind)
	}
	if c := f.Concerning; c != (Object{}) {
		w.and("leaf_id IN ("+concerning+")", c.Kind, c.ID, c.Kind, c.ID)
	}
	if !f.From.IsZero() {
		w.and("at >= ?", db.Micros(f.From))
	}
	if !f.To.IsZero() {
		w.and("at < ?", db.Micros(f.To))
	}
	if f.After != (Cursor{}) {
		w.and("(at, leaf_id) < (?, ?)", f.After.At, f.After.ID)
	}
	return w
}

// concerning are the leaves about an object: a person's are few beside the whole, so that they are gathered first.
const concerning = `SELECT leaf_id FROM audit_body WHERE object_kind = ? AND object_id = ?
	UNION SELECT leaf_id FROM audit_subject WHERE subject_kind = ? AND subject_id = ?`

func oldestLines(ctx context.Context, q db.Querier, before time.Time, after Cursor, limit int) ([]Line, error) {
	return db.All(ctx, q, scanLine, `SELECT `+lineCols+` FROM audit_body WHERE at < $1 AND (at, leaf_id) > ($2, $3)
		ORDER BY at, leaf_id LIMIT $4`, db.Micros(before), after.At, after.ID, limit)
}

// subjectRow is a row of audit_subject.
type subjectRow struct {
	leafID string
	object Object
}

func scanSubject(r db.Row) (subjectRow, error) {
	var s subjectRow
	return s, r.Scan(&s.leafID, &s.object.Kind, &s.object.ID)
}

// withSubjects gives lines their subjects.
func withSubjects(ctx context.Context, q db.Querier, lines []Line) ([]Line, error) {
	ids := make([]string, len(lines))
	at := make(map[string]int, len(lines))
	for i, l := range lines {
		ids[i], at[l.ID] = l.ID, i
	}
	err := inChunks(ids, func(list string, args []any) error {
		return db.Each(ctx, q, scanSubject, func(r subjectRow) error {
			l := &lines[at[r.leafID]]
			l.Subjects = append(l.Subjects, r.object)
			return nil
		}, `SELECT leaf_id, subject_kind, subject_id FROM audit_subject WHERE leaf_id IN (`+list+`) ORDER BY leaf_id, subject_kind, subject_id`, args...)
	})
	return lines, err
}

// chunk is how many ids one statement names: SQLite looks the number of each parameter up in a list.
const chunk = 100

// inChunks calls fn with "$1,$2,$3" and the ids that they stand for, a chunk at a time.
func inChunks(ids []string, fn func(list string, args []any) error) error {
	for start := 0; start < len(ids); start += chunk {
		part := ids[start:min(start+chunk, len(ids))]
		args := make([]any, len(part))
		marks := make([]string, len(part))
		for i, one := range part {
			args[i], marks[i] = one, "$"+strconv.Itoa(i+1)
		}
		if err := fn(strings.Join(marks, ","), args); err != nil {
			return err
		}
	}
	return nil
}
