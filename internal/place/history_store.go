package place

import (
	"context"
	"encoding/json"
	"time"

	"viaduc/internal/platform/db"
)

const changeCols = `id, place_id, at, actor, source, fields`

func insertChanges(ctx context.Context, tx *db.Tx, changes []change) error {
	rows := make([][]any, 0, len(changes))
	for _, c := range changes {
		raw, err := json.Marshal(c.fields)
		if err != nil {
			return err
		}
		rows = append(rows, []any{c.id, string(c.place), db.Micros(c.at), string(c.by), c.source, string(raw)})
	}
	return db.InsertMany(ctx, tx, "place_change ("+changeCols+")", 6, rows, "")
}

func scanChange(r db.Row) (Change, error) {
	var c Change
	var at int64
	var fields string
	if err := r.Scan(&at, &c.By, &c.Source, &fields); err != nil {
		return c, err
	}
	c.At = db.Time(at)
	return c, json.Unmarshal([]byte(fields), &c.Fields)
}

func changesOf(ctx context.Context, q db.Querier, place ID) ([]Change, error) {
	return db.All(ctx, q, scanChange, `SELECT at, actor, source, fields FROM place_change WHERE place_id = $1 ORDER BY at DESC, id DESC`, string(place))
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
	for _, d := range now {
		rows = append(rows, []any{string(d.place), d.field, d.source, d.value, db.Micros(d.seenAt)})
	}
	return db.InsertMany(ctx, tx, "place_difference ("+differenceCols+")", 5, rows, "")
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
