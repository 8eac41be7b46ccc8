package retention

import (
	"context"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/platform/db"
)

// turn is a run's right to be the only one.
type turn struct {
	runner     string
	today      date
	now, until time.Time
}

// takeTurn reports whether the turn was free.
func takeTurn(ctx context.Context, tx *db.Tx, t turn) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE retention_state SET version = version + 1, running_by = $1, running_until = $2
		WHERE id = 1 AND running_until < $3`, t.runner, db.Micros(t.until), db.Micros(t.now))
	return n == 1, err
}

// takeTurnOfDay is takeTurn for the first run of a day.
func takeTurnOfDay(ctx context.Context, tx *db.Tx, t turn) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE retention_state SET version = version + 1, running_by = $1, running_until = $2
		WHERE id = 1 AND running_until < $3 AND ran_on < $4`, t.runner, db.Micros(t.until), db.Micros(t.now), t.today.String())
	return n == 1, err
}

// keepTurn touches the row that holds and other runs touch too; it reports whether the turn is still this run's.
func keepTurn(ctx context.Context, tx *db.Tx, t turn, until time.Time) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE retention_state SET version = version + 1, running_until = $1 WHERE id = 1 AND running_by = $2`,
		db.Micros(until), t.runner)
	return n == 1, err
}

func giveTurn(ctx context.Context, tx *db.Tx, t turn, done bool) error {
	if done {
		if _, err := db.Exec(ctx, tx, `UPDATE retention_state SET ran_on = $1 WHERE id = 1 AND running_by = $2 AND ran_on < $1`, t.today.String(), t.runner); err != nil {
			return err
		}
	}
	_, err := db.Exec(ctx, tx, `UPDATE retention_state SET version = version + 1, running_by = '', running_until = 0 WHERE id = 1 AND running_by = $1`, t.runner)
	return err
}

// ranOn is the day of the last finished run, "" before the first.
func ranOn(ctx context.Context, q db.Querier) (string, error) {
	return db.One(ctx, q, db.Value[string], `SELECT ran_on FROM retention_state WHERE id = 1`)
}

const runCols = `id, rule_key, started_at, ended_at, cutoff_at, erased, anonymised, held, warned, waiting, failed, error`

func scanRun(r db.Row) (Run, error) {
	var run Run
	var started, cutoff int64
	var ended *int64
	err := r.Scan(&run.ID, &run.Rule, &started, &ended, &cutoff, &run.Erased, &run.Anonymised, &run.Held, &run.Warned, &run.Waiting, &run.Failed, &run.Error)
	run.StartedAt, run.Cutoff = db.Time(started), db.Time(cutoff)
	if ended != nil {
		run.EndedAt = db.Time(*ended)
	}
	return run, err
}

func insertRun(ctx context.Context, tx *db.Tx, r Run) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO retention_run (`+runCols+`) VALUES ($1, $2, $3, NULL, $4, 0, 0, 0, 0, 0, 0, '')`,
		r.ID, r.Rule, db.Micros(r.StartedAt), db.Micros(r.Cutoff))
	return err
}

func endRun(ctx context.Context, tx *db.Tx, r Run) error {
	_, err := db.Exec(ctx, tx, `UPDATE retention_run SET ended_at = $1, erased = $2, anonymised = $3, held = $4, warned = $5, waiting = $6,
		failed = $7, error = $8 WHERE id = $9`, db.Micros(r.EndedAt), r.Erased, r.Anonymised, r.Held, r.Warned, r.Waiting, r.Failed, r.Error, r.ID)
	return err
}

func lastRun(ctx context.Context, q db.Querier, rule string) (Run, error) {
	return db.One(ctx, q, scanRun, `SELECT `+runCols+` FROM retention_run WHERE rule_key = $1 ORDER BY started_at DESC, id DESC LIMIT 1`, rule)
}

func listRuns(ctx context.Context, q db.Querier, limit int) ([]Run, error) {
	return db.All(ctx, q, scanRun, `SELECT `+runCols+` FROM retention_run ORDER BY started_at DESC, id DESC LIMIT $1`, limit)
}

type warningRow struct {
	object string
	warning
}

func scanWarning(r db.Row) (warningRow, error) {
	var w warningRow
	var at int64
	err := r.Scan(&w.object, &w.since, &at)
	w.at = db.Time(at)
	return w, err
}

func warningsOf(ctx context.Context, q db.Querier, rule string) (warnings, error) {
	out := warnings{}
	err := db.Each(ctx, q, scanWarning, func(w warningRow) error {
		out[w.object] = w.warning
		return nil
	}, `SELECT object_id, since, warned_at FROM retention_warning WHERE rule_key = $1`, rule)
	return out, err
}

func putWarnings(ctx context.Context, tx *db.Tx, rule string, told []Warned, at time.Time) error {
	rows := make([][]any, 0, len(told))
	for _, w := range told {
		rows = append(rows, []any{rule, w.ID, db.Micros(w.Since), db.Micros(at)})
	}
	return db.InsertMany(ctx, tx, "retention_warning (rule_key, object_id, since, warned_at)", 4, rows,
		"ON CONFLICT (rule_key, object_id) DO UPDATE SET since = excluded.since, warned_at = excluded.warned_at")
}

// deleteWarnings forgets warnings, a hundred a statement: SQLite looks the number of each parameter up in a list.
func deleteWarnings(ctx context.Context, tx *db.Tx, rule string, objects []string) error {
	for start := 0; start < len(objects); start += batchSize {
		part := objects[start:min(start+batchSize, len(objects))]
		args, marks := []any{rule}, make([]string, len(part))
		for i, one := range part {
			args, marks[i] = append(args, one), "$"+strconv.Itoa(i+2)
		}
		_, err := db.Exec(ctx, tx, `DELETE FROM retention_warning WHERE rule_key = $1 AND object_id IN (`+strings.Join(marks, ",")+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}
