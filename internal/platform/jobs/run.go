package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

// leaseMargin is how long after the end of a handler's time others may take the job over: a handler needs a moment to
// obey its context, and the clocks of two machines differ.
const leaseMargin = 15 * time.Second

// claim is a job that this process runs.
type claim struct {
	Job
	payload string
	lease   string
}

// Run runs jobs and schedules until ctx ends, then takes no more, lets those under way end, and tells those that do not
// within the grace to stop; these are run again later, by any node. Any number of nodes may run it.
func (q *Queue) Run(ctx context.Context) {
	work, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	var running sync.WaitGroup
	slots := make(chan struct{}, q.workers)
	tick := time.NewTicker(q.poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		claims, err := q.round(ctx, q.workers-len(slots))
		if err != nil && ctx.Err() == nil {
			q.log.Error("jobs not read", "error", err)
		}
		for _, c := range claims {
			slots <- struct{}{}
			running.Go(func() {
				q.do(work, c)
				<-slots
				q.wakeUp()
			})
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-q.wake:
		}
	}
	q.end(&running, abort)
}

// end waits for the jobs under way.
func (q *Queue) end(running *sync.WaitGroup, abort func()) {
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	for range 2 {
		select {
		case <-done:
			return
		case <-time.After(q.grace):
			abort() // the second wait is for them to obey
		}
	}
	q.log.Error("jobs did not stop; their leases will end")
}

// Drain runs all that is due, one after the other, until nothing is, and returns how many attempts that took. It is for
// commands and tests: a server has Run.
func (q *Queue) Drain(ctx context.Context) (int, error) {
	total := 0
	for {
		claims, err := q.round(ctx, q.workers)
		if err != nil || len(claims) == 0 {
			return total, err
		}
		for _, c := range claims {
			q.do(ctx, c)
		}
		total += len(claims)
	}
}

// round moves the schedules forward, takes back what dead nodes held, and claims at most n jobs. An idle queue costs
// reads and no write.
func (q *Queue) round(ctx context.Context, n int) ([]claim, error) {
	if err := q.tick(ctx); err != nil {
		return nil, fmt.Errorf("schedules: %w", err)
	}
	if n <= 0 {
		return nil, nil
	}
	now := q.now()
	waiting, lost, err := q.due(ctx, now)
	if err != nil || !waiting && !lost {
		return nil, err
	}
	var claims []claim
	err = q.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if lost {
			if err := releaseLost(ctx, tx, now); err != nil {
				return err
			}
		}
		claims, err = q.claimJobs(ctx, tx, now, n)
		return err
	})
	return claims, err
}

// do runs one claimed job and writes what became of it.
func (q *Queue) do(ctx context.Context, c claim) {
	k := q.kinds[c.Kind]
	var err error
	if c.Attempts > k.Tries {
		err = Fatal(errAbandoned)
	} else {
		limited, cancel := context.WithTimeout(ctx, k.Lease)
		err = guarded(limited, k, c.payload)
		cancel()
	}
	// What became of it is written even when the node is stopping.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := q.settle(ending, c, err, ctx.Err() != nil); err != nil {
		q.log.Error("job not settled", "kind", c.Kind, "job", c.ID, "error", err)
	}
}

// guarded calls the handler; a panic is a failure of that job alone.
func guarded(ctx context.Context, k kind, payload string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return k.do(ctx, payload)
}

// settle writes the outcome of an attempt, unless its lease was lost meanwhile.
func (q *Queue) settle(ctx context.Context, c claim, failed error, stopping bool) error {
	o := q.outcome(c, failed, stopping)
	held := false
	err := q.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		held, err = settleJob(ctx, tx, c, o)
		return err
	})
	switch {
	case err != nil:
		return err
	case !held:
		q.log.Warn("job outlived its lease", "kind", c.Kind, "job", c.ID)
	case o.state == Dead:
		q.log.Error("job dead", "kind", c.Kind, "job", c.ID, "attempts", o.attempts, "error", o.why)
	case o.why != "":
		q.log.Warn("job failed", "kind", c.Kind, "job", c.ID, "attempts", o.attempts, "error", o.why)
	}
	return nil
}

// outcome is what a job becomes after an attempt.
type outcome struct {
	state    State
	runAt    time.Time
	endedAt  time.Time
	attempts int
	why      string
}

func (q *Queue) outcome(c claim, failed error, stopping bool) outcome {
	now := q.now()
	var wait later
	var end fatal
	switch {
	case failed == nil:
		return outcome{state: Done, runAt: c.RunAt, endedAt: now, attempts: c.Attempts}
	case errors.As(failed, &wait):
		at := wait.at
		if !at.After(now) {
			at = now.Add(time.Microsecond) // the next round, not this one again
		}
		return outcome{state: Ready, runAt: at, attempts: c.Attempts - 1}
	case stopping && errors.Is(failed, context.Canceled):
		return outcome{state: Ready, runAt: now, attempts: c.Attempts - 1}
	case errors.As(failed, &end) || c.Attempts >= q.kinds[c.Kind].Tries:
		return outcome{state: Dead, runAt: c.RunAt, endedAt: now, attempts: c.Attempts, why: failed.Error()}
	}
	return outcome{state: Ready, runAt: now.Add(backoff(c.Attempts)), attempts: c.Attempts, why: failed.Error()}
}

// newLease names one attempt, so that a node that lost it cannot settle the job that another now runs.
func newLease() string { return id.New() }
