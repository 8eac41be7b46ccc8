package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/testkit"
)

func run(t *testing.T, d *db.DB, text string, args ...any) (int64, error) {
	t.Helper()
	var n int64
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.Exec(ctx, tx, text, args...)
		return err
	})
	return n, err
}

func mustRun(t *testing.T, d *db.DB, text string, args ...any) {
	t.Helper()
	if _, err := run(t, d, text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func count(t *testing.T, d *db.DB) int {
	t.Helper()
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM thing`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A statement that was run before is run again as it is: after an error, a rollback, a deadline, and a change of its table.
func TestStatementsAreKeptThroughWhatHappens(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		const insert = `INSERT INTO thing (id, name) VALUES ($1, $2)`
		mustRun(t, d, `CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)`)
		mustRun(t, d, insert, 1, "one")
		if _, err := run(t, d, insert, 1, "again"); !db.IsUnique(err) {
			t.Errorf("err = %v, want a collision", err)
		}
		if _, err := run(t, d, insert, 2, nil); err == nil {
			t.Error("a missing value is taken, perhaps from the call before")
		}
		mustRun(t, d, insert, 2, "two")
		undone := errors.New("undone")
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, insert, 3, "three"); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) || count(t, d) != 2 {
			t.Errorf("err = %v, %d rows", err, count(t, d))
		}
		late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		if err := d.Write(late, func(ctx context.Context, tx *db.Tx) error { return nil }); err == nil {
			t.Error("a deadline that has passed is not seen")
		}
		mustRun(t, d, insert, 3, "three")
		mustRun(t, d, `ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'`)
		mustRun(t, d, insert, 4, "four")
		if n, err := run(t, d, `UPDATE thing SET name = $1 WHERE id > $2`, "more", 2); n != 2 || err != nil {
			t.Errorf("updated %d, %v", n, err)
		}
		mustRun(t, d, `DROP TABLE thing`)
		if _, err := run(t, d, insert, 5, "five"); err == nil {
			t.Error("a row is put into a table that is gone")
		}
		mustRun(t, d, `CREATE TABLE thing (name TEXT NOT NULL, id BIGINT NOT NULL)`)
		mustRun(t, d, insert, 6, "six")
		if got, err := db.One(t.Context(), d, db.Value[string], `SELECT name FROM thing WHERE id = 6`); got != "six" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestMoreTextsThanAreKept(t *testing.T) {
	d := testkit.SQLite(t)
	mustRun(t, d, `CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY)`)
	const texts = 700
	for round := range 2 {
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for i := range texts {
				if _, err := db.Exec(ctx, tx, fmt.Sprintf(`INSERT INTO thing (id) VALUES (%d + $1)`, i), round*texts); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, d); n != 2*texts {
		t.Errorf("%d rows, want %d", n, 2*texts)
	}
}

// A script is not kept: each of its statements runs, each time.
func TestScriptRunsWhole(t *testing.T) {
	d := testkit.SQLite(t)
	mustRun(t, d, `CREATE TABLE thing (id BIGINT NOT NULL)`)
	for range 2 {
		mustRun(t, d, `INSERT INTO thing (id) VALUES (1); INSERT INTO thing (id) VALUES (2);`)
	}
	if n := count(t, d); n != 4 {
		t.Errorf("%d rows, want 4", n)
	}
}
