package db_test

import (
	"context"
	"sync"
	"testing"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// What is asked by a kept statement is as fresh as any other read, from many callers at once.
func TestHotReadsWhatIsThere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		exec := func(text string, args ...any) {
			t.Helper()
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := db.Exec(ctx, tx, text, args...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		exec(`CREATE TABLE sample (id BIGINT PRIMARY KEY, word TEXT)`)
		read := func() (string, error) {
			return db.Hot(t.Context(), d, db.Value[string], `SELECT word FROM sample WHERE id = $1`, 1)
		}
		if _, err := read(); !fault.Is(err, fault.NotFound) {
			t.Errorf("no row: %v", err)
		}
		exec(`INSERT INTO sample (id, word) VALUES (1, 'a')`)
		for _, want := range []string{"b", "c"} {
			exec(`UPDATE sample SET word = $1 WHERE id = 1`, want)
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if got, err := read(); err != nil || got != want {
						t.Errorf("read %q, %v, want %q", got, err, want)
					}
				})
			}
			wg.Wait()
		}
		exec(`ALTER TABLE sample ADD COLUMN more TEXT`)
		if got, err := read(); err != nil || got != "c" {
			t.Errorf("after a migration: %q, %v", got, err)
		}
		if _, err := db.Hot(t.Context(), d, db.Value[string], `SELECT nothing FROM sample`); err == nil {
			t.Error("a text that is no SQL passes")
		}
	})
}
