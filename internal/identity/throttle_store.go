package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

// throttleRow is the failures of late under a key.
type throttleRow struct {
	failures    int64
	last, until time.Time
}

// touchThrottle makes this the only caller under the key until its transaction ends, and returns its row.
func touchThrottle(ctx context.Context, tx *db.Tx, key string, now time.Time) (throttleRow, error) {
	scan := func(r db.Row) (throttleRow, error) {
		var t throttleRow
		return t, r.Scan(&t.failures, instant{&t.last}, instant{&t.until})
	}
	return db.One(ctx, tx, scan, `INSERT INTO identity_throttle (key, failures, last_at, until_at) VALUES ($1, 0, $2, 0)
		ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING failures, last_at, until_at`, key, db.Micros(now))
}

func putThrottle(ctx context.Context, tx *db.Tx, key string, t throttleRow) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_throttle SET failures = $1, last_at = $2, until_at = $3 WHERE key = $4`,
		t.failures, db.Micros(t.last), db.Micros(t.until), key)
	return err
}

// forgetThrottle begins a key again; it returns how many there were.
func forgetThrottle(ctx context.Context, tx *db.Tx, keys ...string) (int64, error) {
	marks, args := list(keys, 1)
	return db.Exec(ctx, tx, `DELETE FROM identity_throttle WHERE key IN (`+marks+`)`, args...)
}

// giveBack takes one try of an address back: it was right.
func giveBack(ctx context.Context, tx *db.Tx, key string) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_throttle SET failures = failures - 1 WHERE key = $1 AND failures > 0`, key)
	return err
}

func throttledUntil(ctx context.Context, q db.Querier, keys []string, now time.Time) (int64, error) {
	marks, args := list(keys, 2)
	return db.One(ctx, q, db.Value[int64], `SELECT count(*) FROM identity_throttle WHERE until_at > $1 AND key IN (`+marks+`)`, append([]any{db.Micros(now)}, args...)...)
}
