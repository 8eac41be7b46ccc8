package retention

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// touch makes this the only writer of durations, holds and batches until its transaction ends.
func touch(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `UPDATE retention_state SET version = version + 1 WHERE id = 1`)
	return err
}

// duration is what is in force for a rule.
type duration struct {
	term      Term
	version   int64
	changedAt time.Time
}

func scanDuration(r db.Row) (duration, error) {
	var d duration
	var at int64
	err := r.Scan(&d.term.Amount, &d.term.Unit, &d.version, &at)
	d.changedAt = db.Time(at)
	return d, err
}

// durationOf returns the duration that was set, or the rule's own.
func durationOf(ctx context.Context, q db.Querier, r Rule) (duration, error) {
	d, err := db.One(ctx, q, scanDuration, `SELECT amount, unit, version, changed_at FROM retention_rule WHERE key = $1`, r.Key)
	if fault.Is(err, fault.NotFound) {
		return duration{term: r.Keep}, nil
	}
	return d, err
}

func putDuration(ctx context.Context, tx *db.Tx, key string, t Term, version int64, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO retention_rule (key, amount, unit, version, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key) DO UPDATE SET amount = excluded.amount, unit = excluded.unit, version = excluded.version, changed_at = excluded.changed_at`,
		key, t.Amount, string(t.Unit), version, db.Micros(at))
	return err
}

const trialCols = `id, rule_key, amount, unit, version, at, due, held`

func scanTrial(r db.Row) (trial, error) {
	var t trial
	var at int64
	err := r.Scan(&t.id, &t.rule, &t.term.Amount, &t.term.Unit, &t.version, &at, &t.due, &t.held)
	t.at = db.Time(at)
	return t, err
}

func trialByID(ctx context.Context, q db.Querier, id string) (trial, error) {
	return db.One(ctx, q, scanTrial, `SELECT `+trialCols+` FROM retention_trial WHERE id = $1`, id)
}

// insertTrial keeps a dry run and drops those that are no longer good.
func insertTrial(ctx context.Context, tx *db.Tx, t trial) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM retention_trial WHERE at < $1`, db.Micros(t.at.Add(-trialFor))); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `INSERT INTO retention_trial (`+trialCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		t.id, t.rule, t.term.Amount, string(t.term.Unit), t.version, db.Micros(t.at), t.due, t.held)
	return err
}
