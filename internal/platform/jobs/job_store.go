package jobs

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// State is where a job stands.
type State string

// The states.
const (
	Ready   State = "ready"   // waits for its instant
	Running State = "running" // a node holds its lease
	Done    State = "done"    // kept a week for its key
	Dead    State = "dead"    // failed too often: somebody must look
)

// Job is a row as people read it. It has no payload.
type Job struct {
	ID, Kind, Key string
	State         State
	RunAt         time.Time
	Attempts      int
	Error         string // why the last attempt failed; empty when none did
	CreatedAt     time.Time
	EndedAt       time.Time // the zero instant while it is neither done nor dead
}

const jobCols = "id, kind, unique_key, state, run_at, attempts, error, created_at, ended_at"

func scanJob(r db.Row) (Job, error) {
	var j Job
	return j, scanJobInto(r, &j)
}

func scanJobInto(r db.Row, j *Job, more ...any) error {
	var runAt, createdAt, endedAt int64
	err := r.Scan(append([]any{&j.ID, &j.Kind, &j.Key, &j.State, &runAt, &j.Attempts, &j.Error, &createdAt, &endedAt}, more...)...)
	j.RunAt, j.CreatedAt = db.Time(runAt), db.Time(createdAt)
	if endedAt != 0 {
		j.EndedAt = db.Time(endedAt)
	}
	return err
}

func scanClaim(r db.Row) (claim, error) {
	var c claim
	return c, scanJobInto(r, &c.Job, &c.payload)
}

func insertJob(ctx context.Context, tx *db.Tx, j Job, payload string) (bool, error) {
	n, err := db.Exec(ctx, tx, `INSERT INTO jobs_job (id, kind, unique_key, payload, state, run_at, attempts, lease, lease_until, error, created_at, ended_at)
		VALUES ($1, $2, $3, $4, 'ready', $5, 0, '', 0, '', $6, 0) ON CONFLICT (kind, unique_key) DO NOTHING`,
		j.ID, j.Kind, j.Key, payload, db.Micros(j.RunAt), db.Micros(j.CreatedAt))
	return n > 0, err
}

func removeJob(ctx context.Context, tx *db.Tx, kind, key string) (bool, error) {
	n, err := db.Exec(ctx, tx, `DELETE FROM jobs_job WHERE kind = $1 AND unique_key = $2 AND state IN ('ready', 'dead')`, kind, key)
	if err != nil || n > 0 {
		return n > 0, err
	}
	_, err = db.Exec(ctx, tx, `DELETE FROM jobs_job WHERE kind = $1 AND unique_key = $2 AND state = 'done'`, kind, key)
	return false, err
}

func hastenJob(ctx context.Context, tx *db.Tx, kind, key string, now time.Time) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE jobs_job SET run_at = $3 WHERE kind = $1 AND unique_key = $2 AND state = 'ready'`, kind, key, db.Micros(now))
	return n > 0, err
}

func reviveJob(ctx context.Context, tx *db.Tx, jobID string, now time.Time) error {
	n, err := db.Exec(ctx, tx, `UPDATE jobs_job SET state = 'ready', attempts = 0, run_at = $2, ended_at = 0 WHERE id = $1 AND state = 'dead'`, jobID, db.Micros(now))
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "jobs.none_dead")
	}
	return err
}

// due reports whether a job of a known kind waits, and whether one lost its lease. Both questions stop at the first row.
func (q *Queue) due(ctx context.Context, now time.Time) (waiting, lost bool, err error) {
	names, args := q.known(db.Micros(now))
	found, err := db.One(ctx, q.db, func(r db.Row) ([2]bool, error) {
		var f [2]bool
		return f, r.Scan(&f[0], &f[1])
	}, `SELECT EXISTS (SELECT 1 FROM jobs_job WHERE state = 'ready' AND run_at <= $1 AND kind IN (`+names+`)),
		EXISTS (SELECT 1 FROM jobs_job WHERE state = 'running' AND lease_until <= $1)`, args...)
	return found[0], found[1], err
}

// known returns the kinds of this node as the IN list of a statement whose first parameters are given.
func (q *Queue) known(first ...any) (list string, args []any) {
	args = first
	for _, name := range slices.Sorted(maps.Keys(q.kinds)) {
		args = append(args, name)
	}
	return db.Params(len(first)+1, len(q.kinds)), args
}

// releaseLost makes ready again what nodes held that have not answered. The attempt counts: a job that takes its process
// down each time must end dead.
func releaseLost(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE jobs_job SET state = 'ready', lease = '', lease_until = 0, run_at = $1 WHERE state = 'running' AND lease_until <= $1`, db.Micros(now))
	return err
}

// claimJobs takes at most n due jobs, oldest first, and leases them to this process, each for its kind's time.
func (q *Queue) claimJobs(ctx context.Context, tx *db.Tx, now time.Time, n int) ([]claim, error) {
	lease := newLease()
	names, args := q.known(db.Micros(now), n, lease)
	claims, err := db.All(ctx, tx, scanClaim, `UPDATE jobs_job SET state = 'running', attempts = attempts + 1, lease = $3, lease_until = $1
		WHERE state = 'ready' AND id IN (SELECT id FROM jobs_job WHERE state = 'ready' AND run_at <= $1 AND kind IN (`+names+`)
			ORDER BY run_at, id LIMIT $2`+tx.Engine().SkipLocked()+`)
		RETURNING `+jobCols+`, payload`, args...)
	if err != nil {
		return nil, err
	}
	for i := range claims {
		claims[i].lease = lease
		until := now.Add(q.kinds[claims[i].Kind].Lease + leaseMargin)
		if _, err := db.Exec(ctx, tx, `UPDATE jobs_job SET lease_until = $2 WHERE id = $1`, claims[i].ID, db.Micros(until)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(claims, func(a, b claim) int {
		if c := a.RunAt.Compare(b.RunAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return claims, nil
}

// settleJob writes what became of a claimed job, and reports whether the claim still held.
func settleJob(ctx context.Context, tx *db.Tx, c claim, o outcome) (bool, error) {
	payload, ended := c.payload, int64(0)
	if o.state == Done {
		payload = ""
	}
	if !o.endedAt.IsZero() {
		ended = db.Micros(o.endedAt)
	}
	n, err := db.Exec(ctx, tx, `UPDATE jobs_job SET state = $3, run_at = $4, attempts = $5, error = $6, ended_at = $7, payload = $8, lease = '', lease_until = 0
		WHERE id = $1 AND lease = $2 AND state = 'running'`, c.ID, c.lease, o.state, db.Micros(o.runAt), o.attempts, o.why, ended, payload)
	return n > 0, err
}

// forget removes the rows of jobs done long ago.
func (q *Queue) forget(ctx context.Context) error {
	return q.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM jobs_job WHERE state = 'done' AND ended_at < $1`, db.Micros(q.now().Add(-remember)))
		return err
	})
}

// Job returns a job by its id; fault.NotFound when there is none.
func (q *Queue) Job(ctx context.Context, jobID string) (Job, error) {
	return db.One(ctx, q.db, scanJob, `SELECT `+jobCols+` FROM jobs_job WHERE id = $1`, jobID)
}

// Dead returns the dead jobs, latest first, at most limit.
func (q *Queue) Dead(ctx context.Context, limit int) ([]Job, error) {
	return db.All(ctx, q.db, scanJob, `SELECT `+jobCols+` FROM jobs_job WHERE state = 'dead' ORDER BY ended_at DESC, id DESC LIMIT $1`, limit)
}

// Counts tells how many jobs stand in each state; a state without any is absent.
func (q *Queue) Counts(ctx context.Context) (map[State]int64, error) {
	type count struct {
		state State
		n     int64
	}
	rows, err := db.All(ctx, q.db, func(r db.Row) (count, error) {
		var c count
		return c, r.Scan(&c.state, &c.n)
	}, `SELECT state, count(*) FROM jobs_job GROUP BY state`)
	out := make(map[State]int64, len(rows))
	for _, c := range rows {
		out[c.state] = c.n
	}
	return out, err
}
