// Package jobs does what remains to be done after a transaction: send a message, apply a retention, publish a head.
//
// # What it promises
//
// A job is a row, written in the caller's own transaction: it exists if, and only if, what asks for it was committed.
// It is done at least once, by any node that knows its kind, so what it does must bear being done twice. While a node
// holds its lease nobody else runs it; a node that dies loses its leases, and others take over. A job that fails is
// tried again, later and later; one that fails too often is dead: it stays, visible, until somebody retries it.
//
// # How
//
// A Task is a struct of plain JSON fields with the name of its kind, "agenda.remind". A module registers what to do
// with Handle, once, before Run; it enqueues with Add, or AddOnce where two requests must not make two jobs. What is
// done again and again is a Schedule, one row a task, which one node moves forward while it enqueues the job.
//
// Nodes ask the database every second; a job enqueued by the same process starts at once. Two nodes of different
// releases may run side by side: each takes only the kinds that it knows.
//
// Errors that handlers return are stored and logged: like every log, they name nobody. Payloads hold ids, not contents.
//
// # Tables
//
// jobs_job, jobs_schedule. Rows of done jobs keep their key a week, without their payload, and are then removed.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

// Task is the payload of a job: it is stored as JSON, and its zero value names its kind.
type Task interface{ JobKind() string }

// Queue enqueues jobs and runs them. It is safe for concurrent use once everything is registered.
type Queue struct {
	db        *db.DB
	now       func() time.Time
	log       *slog.Logger
	workers   int
	poll      time.Duration
	grace     time.Duration
	kinds     map[string]kind
	schedules []schedule
	agreed    atomic.Bool // the rows of schedules have this process's rules, or had
	wake      chan struct{}
}

// Deps is what a Queue needs.
type Deps struct {
	DB      *db.DB
	Now     func() time.Time
	Log     *slog.Logger
	Workers int           // how many jobs this node runs at once; 0 is 4
	Poll    time.Duration // how often it asks the database; 0 is a second
	Grace   time.Duration // how long a stopping node lets jobs end; 0 is ten seconds
}

// remember is how long the key of a done job keeps a second one from being enqueued.
const remember = 7 * 24 * time.Hour

// New returns a queue that knows no kind but its own upkeep.
func New(d Deps) *Queue {
	q := &Queue{db: d.DB, now: d.Now, log: d.Log, workers: d.Workers, poll: d.Poll, grace: d.Grace, kinds: map[string]kind{}, wake: make(chan struct{}, 1)}
	if q.workers == 0 {
		q.workers = 4
	}
	if q.poll == 0 {
		q.poll = time.Second
	}
	if q.grace == 0 {
		q.grace = 10 * time.Second
	}
	Handle(q, Options{}, func(ctx context.Context, _ forget) error { return q.forget(ctx) })
	q.Schedule("jobs.forget", Every(6*time.Hour), func(time.Time) Task { return forget{} })
	return q
}

// forget removes what was done long ago.
type forget struct{}

// JobKind names the kind.
func (forget) JobKind() string { return "jobs.forget" }

// Options says how a kind is run. The zero value suits what takes seconds.
type Options struct {
	Lease time.Duration // the handler's context ends after it, and others may take the job over soon after; 0 is a minute
	Tries int           // attempts before the job is dead; 0 is 10, which spans about five hours
}

// kind is how jobs of one kind are done.
type kind struct {
	Options
	do func(ctx context.Context, payload string) error
}

// Handle registers what to do with the tasks of T's kind. It is called before Run, once for each kind; a second time is
// a programmer's mistake and panics. The context of do carries the lease as its deadline.
func Handle[T Task](q *Queue, o Options, do func(ctx context.Context, t T) error) {
	var zero T
	if o.Lease == 0 {
		o.Lease = time.Minute
	}
	if o.Tries == 0 {
		o.Tries = 10
	}
	name := zero.JobKind()
	if _, ok := q.kinds[name]; ok {
		panic("jobs: kind " + name + " is handled twice")
	}
	q.kinds[name] = kind{Options: o, do: func(ctx context.Context, payload string) error {
		var t T
		if err := json.Unmarshal([]byte(payload), &t); err != nil {
			return Fatal(fmt.Errorf("payload: %w", err))
		}
		return do(ctx, t)
	}}
}

// Add enqueues t in the caller's transaction, to be run at the given instant; the zero instant is at once.
func (q *Queue) Add(ctx context.Context, tx *db.Tx, t Task, at time.Time) error {
	jobID := id.New()
	_, err := q.add(ctx, tx, jobID, jobID, t, at)
	return err
}

// AddOnce is Add for a job that the key makes unique among those of its kind: it enqueues nothing, and reports false,
// while another with that key waits, runs, is dead, or was done less than a week ago.
func (q *Queue) AddOnce(ctx context.Context, tx *db.Tx, key string, t Task, at time.Time) (bool, error) {
	return q.add(ctx, tx, id.New(), key, t, at)
}

func (q *Queue) add(ctx context.Context, tx *db.Tx, jobID, key string, t Task, at time.Time) (bool, error) {
	payload, err := json.Marshal(t)
	if err != nil {
		return false, fmt.Errorf("job %s: %w", t.JobKind(), err)
	}
	now := q.now()
	if at.IsZero() {
		at = now
	}
	added, err := insertJob(ctx, tx, Job{ID: jobID, Kind: t.JobKind(), Key: key, RunAt: at, CreatedAt: now}, string(payload))
	if err != nil {
		return false, fmt.Errorf("job %s: %w", t.JobKind(), err)
	}
	if added && !at.After(now) {
		tx.AfterCommit(q.wakeUp)
	}
	return added, nil
}

// CancelTx removes the job of that kind and key if nobody runs it yet, done ones included, so that the key is free again.
// It reports whether a waiting or dead job was removed: false means that there was none, or that it is under way.
func (q *Queue) CancelTx(ctx context.Context, tx *db.Tx, kind, key string) (bool, error) {
	return removeJob(ctx, tx, kind, key)
}

// HastenTx brings the waiting job of that kind and key forward to now, and reports whether there was one.
func (q *Queue) HastenTx(ctx context.Context, tx *db.Tx, kind, key string) (bool, error) {
	tx.AfterCommit(q.wakeUp)
	return hastenJob(ctx, tx, kind, key, q.now())
}

// RetryTx gives a dead job all its tries again, from now. It reports fault.NotFound when no dead job has that id.
func (q *Queue) RetryTx(ctx context.Context, tx *db.Tx, jobID string) error {
	tx.AfterCommit(q.wakeUp)
	return reviveJob(ctx, tx, jobID, q.now())
}

// wakeUp tells the workers of this process that a job waits.
func (q *Queue) wakeUp() {
	select {
	case q.wake <- struct{}{}:
	default: // they have been told
	}
}

// later is a wish to be run again, which is no failure.
type later struct{ at time.Time }

func (l later) Error() string { return "not before " + l.at.UTC().Format(time.RFC3339) }

// Later is what a handler returns to be run again at an instant. It does not count as a failed attempt.
func Later(at time.Time) error { return later{at} }

// fatal is a failure that another attempt cannot mend.
type fatal struct{ err error }

func (f fatal) Error() string { return f.err.Error() }
func (f fatal) Unwrap() error { return f.err }

// Fatal is what a handler returns when another attempt would fail alike: the job is dead at once.
func Fatal(err error) error { return fatal{err} }

// errAbandoned is the failure of a job whose every attempt ended without an answer: each took its process down, or
// outlived its lease.
var errAbandoned = errors.New("no attempt ever answered")

// backoff is how long to wait after the nth failed attempt: 15 s, 30 s, 1 min and so on, an hour at most.
func backoff(attempt int) time.Duration {
	const first, most = 15 * time.Second, time.Hour
	wait := first
	for range attempt - 1 {
		if wait *= 2; wait >= most {
			return most
		}
	}
	return wait
}
