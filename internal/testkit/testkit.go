// Package testkit gives tests what they all need: a fresh, migrated database on each engine, the real data files, a
// clock that a test moves by hand, and assertions on HTML. It knows nothing of our trade.
//
// The database is never mocked. SQLite databases are copies of one migrated file; PostgreSQL ones are copies of a
// template in a private cluster that the test process starts on a Unix socket and that dies with it.
package testkit

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/schema"
)

// EachEngine runs f on a fresh database of each engine, in parallel sub-tests named after them. Where the environment
// says VIADUC_TEST_ENGINES=sqlite, PostgreSQL is left out; nothing else skips it.
func EachEngine(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachEngineNodes(t, 1, func(t *testing.T, nodes []*db.DB) { f(t, nodes[0]) })
}

// EachEngineNodes is EachEngine for a database that n nodes open at once.
func EachEngineNodes(t *testing.T, n int, f func(t *testing.T, nodes []*db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(SQLiteDir(t), "viaduc.db")
		f(t, opened(n, func() *db.DB { return open(t, file) }))
	})
	if !Wants("postgres") {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := PostgresURL(t)
		f(t, opened(n, func() *db.DB { return OpenPostgres(t, dsn) }))
	})
}

// Wants reports whether tests are to run on an engine: VIADUC_TEST_ENGINES names some, where it is set.
func Wants(engine string) bool {
	only := os.Getenv("VIADUC_TEST_ENGINES")
	return only == "" || strings.Contains(only, engine)
}

func opened(n int, open func() *db.DB) []*db.DB {
	var out []*db.DB
	for range n {
		out = append(out, open())
	}
	return out
}

// Bench is EachEngine for benchmarks.
func Bench(b *testing.B, f func(b *testing.B, d *db.DB)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { f(b, SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { f(b, Postgres(b)) })
}

// SQLite returns a fresh, migrated SQLite database, closed when the test ends.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, filepath.Join(SQLiteDir(t), "viaduc.db"))
}

// SQLiteDir returns a folder with a fresh, migrated viaduc.db, for what opens it by itself.
func SQLiteDir(t testing.TB) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("migrate the SQLite template: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "viaduc.db"), template, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t testing.TB, file string) *db.DB {
	t.Helper()
	d, err := db.OpenSQLite(t.Context(), file)
	if err != nil {
		t.Fatalf("open SQLite: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close SQLite: %v", err)
		}
	})
	return d
}

var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "viaduc-template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "viaduc.db")
	ctx := context.Background()
	d, err := db.OpenSQLite(ctx, file)
	if err != nil {
		return nil, err
	}
	if _, err := schema.Up(ctx, d); err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil { // the last close folds the WAL into the file
		return nil, err
	}
	return os.ReadFile(file)
})

var databases atomic.Int64

// Postgres returns a fresh, migrated PostgreSQL database, closed when the test ends.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return OpenPostgres(t, PostgresURL(t))
}

// OpenPostgres opens a database that PostgresURL returned; several at once are several nodes.
func OpenPostgres(t testing.TB, dsn string) *db.DB {
	t.Helper()
	d, err := db.OpenPostgres(t.Context(), dsn)
	if err != nil {
		t.Fatalf("open PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close PostgreSQL: %v", err)
		}
	})
	return d
}

// PostgresURL returns the address of a fresh, migrated PostgreSQL database.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return newDatabase(t, "TEMPLATE viaduc_template")
}

// EmptyPostgresURL returns the address of a fresh PostgreSQL database without any table.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return newDatabase(t, "")
}

// NewPostgres is EmptyPostgresURL for a program that is no test, such as a measure. The server is the same and dies with
// the program.
func NewPostgres(ctx context.Context) (string, error) {
	c, err := theCluster()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	return c.url(name), c.create(ctx, name, "")
}

func newDatabase(t testing.TB, options string) string {
	t.Helper()
	c, err := theCluster()
	if err != nil {
		if os.Getenv("CI") != "" || !missingPostgres(err) {
			t.Fatalf("PostgreSQL for tests: %v", err)
		}
		t.Skipf("PostgreSQL 15 is not installed (scripts/install-test-tools.sh installs it): %v", err)
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	if err := c.create(t.Context(), name, options); err != nil {
		t.Fatalf("create database: %v", err)
	}
	return c.url(name)
}

// Data returns the path of a file of the real data, such as "lieux/lieux-17.csv". The folder is VIADUC_TESTDATA, or
// ../shared/data beside the project. Where it is absent the test is skipped with a word, but fails in CI.
func Data(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("VIADUC_TESTDATA")
	if dir == "" {
		dir = filepath.Join(Root(t), "..", "shared", "data")
	}
	file := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(file); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("real data: %v", err)
		}
		t.Skipf("real data is not here (set VIADUC_TESTDATA to its folder): %v", err)
	}
	return file
}

// Root returns the project's root folder, the one with go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}

// Clock is a clock that stands still until a test moves it. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock at the instant that text gives, "2006-01-02 15:04" in Paris time.
func NewClock(t testing.TB, text string) *Clock {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.ParseInLocation("2006-01-02 15:04", text, paris)
	if err != nil {
		t.Fatal(err)
	}
	return &Clock{now: now}
}

// Now is the clock's instant, to be given as a Deps.Now.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move sets the clock forward by d.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Log is what a program under test logs, from any number of its workers.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps what is logged.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is all that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
