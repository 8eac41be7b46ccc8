package place

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"viaduc/internal/platform/db"
)

const changeCols = `id, place_id, at, actor, source, fields`

func insertChanges(ctx context.Context, tx *db.Tx, changes []change) error {
	rows := make([][]any, 0, len(changes))
	ids := make([]string, 0, len(changes))
	for _, c := range changes {
		ids = append(ids, c.id)
		raw, err := json.Marshal(c.fields)
		if err != nil {
			return err
		}
		rows = append(rows, []any{c.id, string(c.place), db.Micros(c.at), string(c.by), c.source, string(raw)})
	}
	if err := db.InsertMany(ctx, tx, "place_change ("+changeCols+")", 6, rows, ""); err != nil {
		return err
	}
	return numberChanges(ctx, tx, ids)
}

// numberChanges says which state of its place each change led to: the one that the caller has just written.
func numberChanges(ctx context.Context, tx *db.Tx, changes []string) error {
	for part := range slices.Chunk(changes, db.MaxParams(tx.Engine())) {
		args := make([]any, len(part))
		for i := range part {
			args[i] = part[i]
		}
		_, err := db.Exec(ctx, tx, `UPDATE place_change SET version = (SELECT p.version FROM place_place p WHERE p.id = place_change.place_id)
			WHERE id IN (`+db.Params(1, len(part))+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func scanChange(r db.Row) (Change, error) {
	var c Change
	var at int64
	var fields string
	if err := r.Scan(&c.ID, &at, &c.By, &c.Source, &fields); err != nil {
		return c, err
	}
	c.At = db.Time(at)
	return c, json.Unmarshal([]byte(fields), &c.Fields)
}

func changesOf(ctx context.Context, q db.Querier, place ID) ([]Change, error) {
	return changesSince(ctx, q, place, -1)
}

// changesSince lists the changes of a place after a state of it, the newest first.
func changesSince(ctx context.Context, q db.Querier, place ID, version int64) ([]Change, error) {
	return db.All(ctx, q, scanChange, `SELECT id, at, actor, source, fields FROM place_change WHERE place_id = $1 AND version > $2
		ORDER BY version DESC, at DESC, id DESC`, string(place), version)
}

// birth is when a place came, and from where.
type birth struct {
	id     ID
	at     time.Time
	source string
}

func scanBirth(r db.Row) (birth, error) {
	var b birth
	var at int64
	err := r.Scan(&b.id, &at, &b.source)
	b.at = db.Time(at)
	return b, err
}

func placeBirth(ctx context.Context, q db.Querier, n Number) (birth, error) {
	return db.One(ctx, q, scanBirth, `SELECT id, created_at, source FROM place_place WHERE number = $1`, int64(n))
}

const differenceCols = `place_id, field, source, value, seen_at`

// said names what a source says of a place.
type said struct {
	place  ID
	source string
}

// settle forgets what sources said of places before, and keeps what they say now.
func settle(ctx context.Context, tx *db.Tx, before []said, now []difference) error {
	for _, one := range before {
		if _, err := db.Exec(ctx, tx, `DELETE FROM place_difference WHERE place_id = $1 AND source = $2`, string(one.place), one.source); err != nil {
			return err
		}
	}
	rows := make([][]any, 0, len(now))
	at := map[[3]string]int{} // two records of one source may speak of one place: the last one counts
	for _, d := range now {
		key := [3]string{string(d.place), d.field, d.source}
		if i, ok := at[key]; ok {
			rows[i] = []any{string(d.place), d.field, d.source, d.value, db.Micros(d.seenAt)}
			continue
		}
		at[key] = len(rows)
		rows = append(rows, []any{string(d.place), d.field, d.source, d.value, db.Micros(d.seenAt)})
	}
	err := db.InsertMany(ctx, tx, "place_difference ("+differenceCols+")", 5, rows,
		"ON CONFLICT (place_id, field, source) DO UPDATE SET value = excluded.value, seen_at = excluded.seen_at")
	if err != nil {
		return err
	}
	for _, d := range now { // what somebody decided not to take is not asked about again
		_, err := db.Exec(ctx, tx, `DELETE FROM place_difference WHERE place_id = $1 AND field = $2 AND source = $3 AND EXISTS (
			SELECT 1 FROM place_difference_kept k WHERE k.place_id = $1 AND k.field = $2 AND k.source = $3 AND k.value = $4)`,
			string(d.place), d.field, d.source, d.value)
		if err != nil {
			return err
		}
	}
	return nil
}

// keepDifference remembers that a value of a source was not taken.
func keepDifference(ctx context.Context, tx *db.Tx, d difference, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO place_difference_kept (place_id, field, source, value, kept_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (place_id, field, source) DO UPDATE SET value = excluded.value, kept_at = excluded.kept_at`,
		string(d.place), d.field, d.source, d.value, db.Micros(at))
	return err
}

// differenceOf is what a source says otherwise of a field; fault.NotFound when it does not.
func differenceOf(ctx context.Context, q db.Querier, place ID, field, source string) (difference, error) {
	return db.One(ctx, q, scanDifference, `SELECT `+differenceCols+` FROM place_difference WHERE place_id = $1 AND field = $2 AND source = $3`,
		string(place), field, source)
}

func dropDifference(ctx context.Context, tx *db.Tx, d difference) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM place_difference WHERE place_id = $1 AND field = $2 AND source = $3`, string(d.place), d.field, d.source)
	return err
}

// forgetDifferences drops what sources said of fields that somebody has just decided.
func forgetDifferences(ctx context.Context, tx *db.Tx, place ID, fields []string) error {
	for _, f := range fields {
		if _, err := db.Exec(ctx, tx, `DELETE FROM place_difference WHERE place_id = $1 AND field = $2`, string(place), f); err != nil {
			return err
		}
	}
	return nil
}

func scanDifference(r db.Row) (difference, error) {
	var d difference
	var at int64
	err := r.Scan(&d.place, &d.field, &d.source, &d.value, &at)
	d.seenAt = db.Time(at)
	return d, err
}

func listDifferences(ctx context.Context, q db.Querier) ([]difference, error) {
	return db.All(ctx, q, scanDifference, `SELECT `+differenceCols+` FROM place_difference ORDER BY place_id, field, source`)
}
