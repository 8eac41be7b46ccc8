// Package schema is the shape of the database: one forward-only stream of migrations for both engines, and one
// snapshot per engine that says, in a text people can review, what the stream amounts to.
//
// A file is NNNN_module_what.sql for both engines, or a pair .sqlite.sql and .postgres.sql where they must differ. A
// merged file is never edited (a test holds their checksums); long moves of data are not migrations.
//
// Several nodes may start at once: PostgreSQL serialises them by an advisory lock, SQLite by its single writer.
package schema

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"viaduc/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// lockID is the PostgreSQL advisory lock of the migrations: "viaduc" in ASCII.
const lockID = 0x766961647563

// sqliteTries is how often a migration of a SQLite file is tried: another process may be creating the same tables, and
// the one that comes second fails once.
const sqliteTries = 10

// Up brings d to the newest schema and returns how many migrations ran. Any number of processes may call it at once.
func Up(ctx context.Context, d *db.DB) (int, error) {
	tries := 1
	if d.Engine() == db.SQLite {
		tries = sqliteTries
	}
	var err error
	for range tries {
		var n int
		if n, err = up(ctx, d); err == nil {
			return n, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return 0, fmt.Errorf("migrate: %w", err)
}

func up(ctx context.Context, d *db.DB) (n int, err error) {
	err = d.Migrate(ctx, func(pool *sql.DB) error {
		p, err := provider(d, pool)
		if err != nil {
			return err
		}
		done, err := p.Up(ctx)
		n = len(done)
		return err
	})
	return n, err
}

// Current reports whether d has every migration of this program.
func Current(ctx context.Context, d *db.DB) (current bool, err error) {
	err = d.Migrate(ctx, func(pool *sql.DB) error {
		p, err := provider(d, pool)
		if err != nil {
			return err
		}
		pending, err := p.HasPending(ctx)
		current = !pending
		return err
	})
	return current, err
}

func provider(d *db.DB, pool *sql.DB) (*goose.Provider, error) {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	other := d.Engine().Pick(".postgres.sql", ".sqlite.sql")
	var excluded []string
	names, err := Names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, other) {
			excluded = append(excluded, name)
		}
	}
	opts := []goose.ProviderOption{goose.WithExcludeNames(excluded), goose.WithSlog(slog.New(slog.DiscardHandler))}
	dialect := goose.DialectSQLite3
	if d.Engine() == db.Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID), lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, pool, sub, opts...)
}

// Names lists the migration files of both engines, in order.
func Names() ([]string, error) {
	entries, err := fs.ReadDir(files, "migrations")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, nil
}

// Read returns the text of a migration file that Names lists.
func Read(name string) ([]byte, error) { return files.ReadFile("migrations/" + name) }
