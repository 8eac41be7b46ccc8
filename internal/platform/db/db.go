// Package db is the one door to the database, whichever of the two engines stands behind it: a SQLite file
// (modernc.org/sqlite) or PostgreSQL 15 and later (pgx).
//
// One SQL text serves both: PostgreSQL's flavour with $1, the types TEXT, BIGINT, BOOLEAN, BYTEA and DOUBLE PRECISION,
// instants as BIGINT microseconds (see Micros). A statement that must differ goes through Engine.Pick.
//
// Reads go to the DB itself, which is a Querier; every change goes through DB.Write. On SQLite there is one writer
// connection whose transactions begin IMMEDIATE, and readers that cannot write; on PostgreSQL transactions are READ
// COMMITTED. A check before a write must first touch a parent row (UPDATE ... SET version = version + 1), which
// serialises callers on both engines.
//
// No row is fault.NotFound; IsUnique tells a collision; everything else is an internal error.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"viaduc/internal/platform/fault"
)

// Engine names the database behind a DB.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Pick returns the fragment of SQL for e. Each use has a test on both engines.
func (e Engine) Pick(sqlite, postgres string) string {
	if e == Postgres {
		return postgres
	}
	return sqlite
}

// SkipLocked is the end of a sub-query that claims rows to work on: on PostgreSQL it passes over the rows that another
// node is claiming; on SQLite there is one writer. The statement around it repeats its condition on the state.
func (e Engine) SkipLocked() string { return e.Pick("", " FOR UPDATE SKIP LOCKED") }

// Params returns n numbered parameters, "$3, $4" for Params(3, 2), to stand in an IN list. It is empty when n is 0.
func Params(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}

// DB is a database with its pools. It is safe for concurrent use, and a Querier for reads.
type DB struct {
	engine Engine
	read   *sql.DB
	write  *sql.DB
	pool   *pgxpool.Pool // nil on SQLite
	kept   statements    // of Hot, on SQLite
}

// Querier is what reads need: a *DB, a *Tx, or the snapshot that DB.Snapshot lends.
type Querier interface {
	Engine() Engine
	query(ctx context.Context, text string, args []any) (*sql.Rows, error)
}

// sqliteReaders is how many connections read at once. SQLite reads scale with cores; a small machine has few.
const sqliteReaders = 4

// OpenSQLite opens the file, creating it if its folder exists. Journal mode is WAL; a commit is durable when it
// returns (synchronous=FULL). A writer waits up to ten seconds for another process, and looks every few milliseconds, so
// that long work in slices (see Pause) lets it pass.
func OpenSQLite(ctx context.Context, file string) (*DB, error) {
	// Without it, any other open and close of the file in this process would drop SQLite's POSIX locks.
	if _, err := sqlite.OFDLocking(true); err != nil {
		return nil, fmt.Errorf("sqlite locks: %w", err)
	}
	// Only the program's own user reads a territory's data; SQLite gives its side files the mode of this one.
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	pragmas := url.Values{"_pragma": {"busy_timeout(1)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-8000)"}}
	readers := url.Values{"_pragma": {"busy_timeout(10000)", "foreign_keys(1)", "query_only(1)", "cache_size(-2000)"}}
	pragmas.Set("_txlock", "immediate")
	connector, err := sqlite.NewConnector("file:" + escapePath(file) + "?" + pragmas.Encode())
	if err != nil {
		return nil, err
	}
	write := sql.OpenDB(keeper{connector})
	write.SetMaxOpenConns(1)
	if err := untilFree(ctx, func() error { return write.PingContext(ctx) }); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), write.Close())
	}
	read, err := sql.Open("sqlite", "file:"+escapePath(file)+"?"+readers.Encode())
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return &DB{engine: SQLite, read: read, write: write}, nil
}

func escapePath(file string) string {
	return (&url.URL{Path: file}).EscapedPath()
}

// OpenPostgres connects to the server that the connection URL or key=value string names. It waits at most five seconds
// for the first connection.
func OpenPostgres(ctx context.Context, dsn string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, ErrAddress // the parser's own words may show a password
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "viaduc"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach database: %w", err)
	}
	d := stdlib.OpenDBFromPool(pool)
	return &DB{engine: Postgres, read: d, write: d, pool: pool}, nil
}

// Close gives every connection back. Calls under way end first.
func (d *DB) Close() error {
	if d.engine == Postgres {
		err := d.write.Close()
		d.pool.Close()
		return err
	}
	return errors.Join(d.read.Close(), d.write.Close())
}

// Engine tells which engine stands behind.
func (d *DB) Engine() Engine { return d.engine }

// Migrate lends the writer pool to the migration runner, which needs database/sql and does not know how to wait: for as
// long as fn lasts, a statement on SQLite waits ten seconds for another process by itself. Nobody else calls it.
func (d *DB) Migrate(ctx context.Context, fn func(*sql.DB) error) error {
	if d.engine == Postgres {
		return fn(d.write)
	}
	if _, err := d.write.ExecContext(ctx, `PRAGMA busy_timeout = 10000`); err != nil {
		return err
	}
	err := fn(d.write)
	_, back := d.write.ExecContext(context.WithoutCancel(ctx), `PRAGMA busy_timeout = 1`)
	return errors.Join(err, back)
}

func (d *DB) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	return d.read.QueryContext(ctx, text, args...)
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.read.PingContext(ctx) }

// Tx is a write transaction. It is good only inside the function that Write calls.
type Tx struct {
	engine Engine
	tx     *sql.Tx
	after  []func()
}

// AfterCommit runs fn once the transaction has landed, and never when it has not. fn must be short and cannot fail: it
// says to a worker of this process that there is something to look at.
func (t *Tx) AfterCommit(fn func()) { t.after = append(t.after, fn) }

// Engine tells which engine stands behind.
func (t *Tx) Engine() Engine { return t.engine }

func (t *Tx) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, text, args...)
}

type inWrite struct{}

// writeTries bounds how often a transaction that PostgreSQL broke off (deadlock, serialisation) is run again.
const writeTries = 4

// Write runs fn in one transaction: all of it lands, or nothing. fn may be run again after a deadlock, so it changes
// nothing but tx, and it must not call Write: a nested Write reports an error at once instead of waiting for itself.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if ctx.Value(inWrite{}) != nil {
		return errors.New("db: Write inside Write; pass the *Tx down instead")
	}
	ctx = context.WithValue(ctx, inWrite{}, true)
	var err error
	for try := range writeTries {
		if err = d.writeOnce(ctx, fn); !broken(err) {
			return err
		}
		wait := time.Duration(1<<try) * 10 * time.Millisecond
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	return err
}

// busyFor is how long a SQLite writer waits for another process.
const busyFor = 10 * time.Second

// untilFree runs begin again while another process holds the file. Each try looks twice, a millisecond apart (the
// connection's busy_timeout): SQLite's own waits grow to a tenth of a second, miss the pauses of a writer in slices, and
// leave the file free for longer than a small transaction takes.
func untilFree(ctx context.Context, begin func() error) error {
	for start := time.Now(); ; {
		err := begin()
		if !IsBusy(err) || time.Since(start) > busyFor || ctx.Err() != nil {
			return err
		}
	}
}

// Pause lets the other writers pass between two slices of a long work, longer than they take to look again.
func Pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(15 * time.Millisecond):
		return nil
	}
}

func (d *DB) writeOnce(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) (err error) {
	var tx *sql.Tx
	err = untilFree(ctx, func() (err error) { tx, err = d.write.BeginTx(ctx, nil); return err })
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		}
	}()
	t := &Tx{engine: d.engine, tx: tx}
	if err := fn(ctx, t); err != nil {
		_ = tx.Rollback() // the reason is err; a failed rollback only means the connection is gone
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, tell := range t.after {
		tell()
	}
	return nil
}

// broken reports whether the engine gave a transaction up through no fault of its content, so that it may run again.
func broken(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

type snapshot struct {
	engine Engine
	tx     *sql.Tx
}

func (s snapshot) Engine() Engine { return s.engine }

func (s snapshot) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	return s.tx.QueryContext(ctx, text, args...)
}

// Snapshot runs fn on one unchanging state of the database: what others commit meanwhile is not seen.
func (d *DB) Snapshot(ctx context.Context, fn func(ctx context.Context, q Querier) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.read.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin snapshot: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn(ctx, snapshot{engine: d.engine, tx: tx})
}

// Row is what a scan function reads one row from.
type Row interface{ Scan(dest ...any) error }

// One returns the first row of a query, fault.NotFound when there is none.
func One[T any](ctx context.Context, q Querier, scan func(Row) (T, error), text string, args ...any) (T, error) {
	var zero T
	rows, err := q.query(ctx, text, args)
	if err != nil {
		return zero, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return zero, err
		}
		return zero, fault.New(fault.NotFound, "db.no_row")
	}
	v, err := scan(rows)
	if err != nil {
		return zero, err
	}
	return v, rows.Close()
}

// Hot is One for a constant text that requests ask all the time: SQLite keeps it prepared for the life of d, which spares
// the parsing, most of the cost of a join by keys. PostgreSQL's driver does so by itself for every text.
func Hot[T any](ctx context.Context, d *DB, scan func(Row) (T, error), text string, args ...any) (T, error) {
	return One(ctx, hot{d}, scan, text, args...)
}

// hot is a DB that asks by statements it keeps.
type hot struct{ *DB }

func (h hot) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if h.engine == Postgres {
		return h.DB.query(ctx, text, args)
	}
	stmt, err := h.kept.of(ctx, h.read, text) //nolint:sqlclosecheck // kept for the life of d
	if err != nil {
		return nil, err
	}
	// A read by keys waits for nobody, and watching for the end of ctx costs a goroutine.
	return stmt.QueryContext(context.WithoutCancel(ctx), args...)
}

// statements are prepared once for all, by their text.
type statements struct {
	mu   sync.Mutex
	held map[string]*sql.Stmt
}

func (s *statements) of(ctx context.Context, pool *sql.DB, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt, ok := s.held[text]; ok {
		return stmt, nil
	}
	stmt, err := pool.PrepareContext(context.WithoutCancel(ctx), text) //nolint:sqlclosecheck // kept for the life of the DB
	if err != nil {
		return nil, err
	}
	if s.held == nil {
		s.held = map[string]*sql.Stmt{}
	}
	s.held[text] = stmt
	return stmt, nil
}

// All returns every row of a query; none is an empty slice and no error.
func All[T any](ctx context.Context, q Querier, scan func(Row) (T, error), text string, args ...any) ([]T, error) {
	var out []T
	err := Each(ctx, q, scan, func(v T) error {
		out = append(out, v)
		return nil
	}, text, args...)
	return out, err
}

// Each calls fn for every row in order, without holding them all. fn must not query the same Querier.
func Each[T any](ctx context.Context, q Querier, scan func(Row) (T, error), fn func(T) error, text string, args ...any) error {
	rows, err := q.query(ctx, text, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return err
		}
		if err := fn(v); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Value scans a row of one column: One(ctx, q, db.Value[int64], ...).
func Value[T any](r Row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// Exec runs a statement and returns how many rows it touched.
func Exec(ctx context.Context, tx *Tx, text string, args ...any) (int64, error) {
	res, err := tx.tx.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// InsertMany runs "insert into <into> values (...), (...)" for all rows in few statements. Each row has one value for
// each of width columns; tail (such as "ON CONFLICT DO NOTHING") ends each statement.
func InsertMany(ctx context.Context, tx *Tx, into string, width int, rows [][]any, tail string) error {
	per := max(1, maxParams(tx.engine)/width)
	text := func(n int) string { return "INSERT INTO " + into + " VALUES " + tuples(n, width) + " " + tail }
	whole := len(rows) / per
	if whole > 1 { // worth preparing once
		stmt, err := tx.tx.PrepareContext(ctx, text(per))
		if err != nil {
			return err
		}
		defer stmt.Close()
		for i := range whole {
			args, err := flat(into, width, rows[i*per:(i+1)*per])
			if err != nil {
				return err
			}
			if _, err := stmt.ExecContext(ctx, args...); err != nil {
				return err
			}
		}
		rows = rows[whole*per:]
	}
	for start := 0; start < len(rows); start += per {
		part := rows[start:min(start+per, len(rows))]
		args, err := flat(into, width, part)
		if err != nil {
			return err
		}
		if _, err := Exec(ctx, tx, text(len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}

// maxParams bounds the parameters of one statement. SQLite looks a $n up by walking the list of those before it, so
// that large statements cost the square of their size; PostgreSQL takes 65,535 and gains from fewer round trips.
func maxParams(e Engine) int {
	if e == SQLite {
		return 150
	}
	return 10_000
}

func flat(into string, width int, rows [][]any) ([]any, error) {
	args := make([]any, 0, len(rows)*width)
	for _, r := range rows {
		if len(r) != width {
			return nil, fmt.Errorf("db: row of %d values for %d columns of %s", len(r), width, into)
		}
		args = append(args, r...)
	}
	return args, nil
}

// tuples returns "($1,$2),($3,$4)" for two rows of two.
func tuples(rows, width int) string {
	var b strings.Builder
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range width {
			if c > 0 {
				b.WriteByte(',')
			}
			n++
			fmt.Fprintf(&b, "$%d", n)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// IsUnique reports whether err is a collision with a primary key or a unique index.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// IsBusy reports whether a SQLite writer gave up waiting for another process.
func IsBusy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}

// IsNotDatabase reports whether the file that OpenSQLite opened is something else than a SQLite database.
func IsNotDatabase(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_NOTADB
}

// ErrAddress says that a database address cannot be read.
var ErrAddress = errors.New("database address")

// IsUnreachable reports whether no PostgreSQL server answered, or answered that it does not let us in.
func IsUnreachable(err error) bool {
	var pg *pgconn.ConnectError
	return errors.As(err, &pg)
}

// MaxParams is how many parameters a statement for e should have at most.
func MaxParams(e Engine) int { return maxParams(e) }

// Micros is how an instant is stored: microseconds since 1970, UTC.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Time is the instant that Micros stored.
func Time(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// Exists reports whether the file of an embedded database is there.
func Exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// MicrosOrZero is Micros where 0 stands for no instant.
func MicrosOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return Micros(t)
}

// TimeOrZero is Time where 0 stands for no instant: it gives back the zero instant.
func TimeOrZero(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return Time(micros)
}
