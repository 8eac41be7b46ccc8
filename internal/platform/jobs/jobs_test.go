package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/testkit"
)

// step is a task of the tests.
type step struct{ N int }

func (step) JobKind() string { return "test.step" }

// other is a task that only some queues know.
type other struct{}

func (other) JobKind() string { return "test.other" }

const monday = "2026-05-04 09:30"

func queue(d *db.DB, clock *testkit.Clock) *jobs.Queue {
	return jobs.New(jobs.Deps{DB: d, Now: clock.Now, Log: slog.New(slog.DiscardHandler), Poll: 5 * time.Millisecond, Grace: 2 * time.Second})
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, d *db.DB, q *jobs.Queue, task jobs.Task, at time.Time) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error { return q.Add(ctx, tx, task, at) })
}

func addOnce(t *testing.T, d *db.DB, q *jobs.Queue, key string, task jobs.Task) (added bool) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		var err error
		added, err = q.AddOnce(ctx, tx, key, task, time.Time{})
		return err
	})
	return added
}

func drain(t *testing.T, q *jobs.Queue) int {
	t.Helper()
	n, err := q.Drain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func counts(t *testing.T, q *jobs.Queue) map[jobs.State]int64 {
	t.Helper()
	c, err := q.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAJobExistsOnlyWithItsTransaction(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		q := queue(d, clock)
		var done []int
		jobs.Handle(q, jobs.Options{}, func(_ context.Context, s step) error { done = append(done, s.N); return nil })
		undone := errors.New("undone")
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := q.Add(ctx, tx, step{1}, time.Time{}); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		add(t, d, q, step{2}, time.Time{})
		add(t, d, q, step{3}, clock.Now().Add(time.Hour))
		if n := drain(t, q); n != 1 || len(done) != 1 || done[0] != 2 {
			t.Errorf("%d attempts did %v, want only 2", n, done)
		}
		clock.Move(time.Hour)
		if n := drain(t, q); n != 1 || len(done) != 2 || done[1] != 3 {
			t.Errorf("an hour later %d attempts did %v, want 3 too", n, done)
		}
	})
}

func TestAKeyMakesOneJob(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		q := queue(d, clock)
		ran := 0
		jobs.Handle(q, jobs.Options{}, func(context.Context, step) error { ran++; return nil })
		var added atomic.Int64
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					ok, err := q.AddOnce(ctx, tx, "k", step{}, time.Time{})
					if ok {
						added.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if added.Load() != 1 {
			t.Errorf("%d of 50 callers enqueued, want 1", added.Load())
		}
		drain(t, q)
		if addOnce(t, d, q, "k", step{}) {
			t.Error("a done key was enqueued again at once")
		}
		clock.Move(8 * 24 * time.Hour)
		drain(t, q) // the upkeep forgets the key
		if !addOnce(t, d, q, "k", step{}) {
			t.Error("the key is still held a week later")
		}
		drain(t, q)
		if ran != 2 {
			t.Errorf("ran %d times, want 2", ran)
		}
	})
}

func TestCancelAndHasten(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		q := queue(d, clock)
		ran := 0
		jobs.Handle(q, jobs.Options{}, func(context.Context, step) error { ran++; return nil })
		tomorrow := clock.Now().Add(24 * time.Hour)
		later := func(key string) {
			write(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := q.AddOnce(ctx, tx, key, step{}, tomorrow)
				return err
			})
		}
		cancel := func(key string) (was bool) {
			write(t, d, func(ctx context.Context, tx *db.Tx) error {
				var err error
				was, err = q.CancelTx(ctx, tx, "test.step", key)
				return err
			})
			return was
		}
		hasten := func(key string) (was bool) {
			write(t, d, func(ctx context.Context, tx *db.Tx) error {
				var err error
				was, err = q.HastenTx(ctx, tx, "test.step", key)
				return err
			})
			return was
		}
		later("a")
		if !cancel("a") || cancel("a") || hasten("a") {
			t.Error("a waiting job is cancelled once, and then cannot be hastened")
		}
		later("a")
		if drain(t, q) != 0 || !hasten("a") || drain(t, q) != 1 || ran != 1 {
			t.Errorf("hastened job ran %d times, want 1", ran)
		}
		if cancel("a") {
			t.Error("a done job was reported as cancelled")
		}
		later("a") // its key is free again
		if !hasten("a") {
			t.Error("cancelling a done job did not free its key")
		}
	})
}

func TestFailuresBackOffAndEndDead(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		q := queue(d, clock)
		fails, ran := true, 0
		jobs.Handle(q, jobs.Options{Tries: 4}, func(context.Context, step) error {
			ran++
			switch {
			case fails && ran == 2:
				panic("broken")
			case fails:
				return errors.New("out of order")
			}
			return nil
		})
		add(t, d, q, step{}, time.Time{})
		for _, wait := range []time.Duration{0, 15 * time.Second, 30 * time.Second, time.Minute} {
			if wait > 0 {
				clock.Move(wait - time.Second)
				if n := drain(t, q); n != 0 {
					t.Errorf("ran %d times a second before the wait of %s was over", n, wait)
				}
				clock.Move(time.Second)
			}
			if n := drain(t, q); n != 1 {
				t.Errorf("ran %d times after %s, want 1", n, wait)
			}
		}
		dead, err := q.Dead(t.Context(), 10)
		if err != nil || len(dead) != 1 || dead[0].Error != "out of order" || dead[0].Attempts != 4 || !dead[0].EndedAt.Equal(clock.Now()) {
			t.Fatalf("dead jobs: %+v, %v", dead, err)
		}
		clock.Move(24 * time.Hour)
		drain(t, q)
		if ran != 4 {
			t.Errorf("ran %d times, want 4: a dead job stays dead", ran)
		}
		fails = false
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return q.RetryTx(ctx, tx, dead[0].ID) })
		if n := drain(t, q); n != 1 {
			t.Errorf("a retried job ran %d times", n)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return q.RetryTx(ctx, tx, dead[0].ID) })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("retrying a done job: %v, want not found", err)
		}
		if j, err := q.Job(t.Context(), dead[0].ID); err != nil || j.State != jobs.Done || j.Error != "" {
			t.Errorf("after the retry: %+v, %v", j, err)
		}
	})
}

func TestLaterIsNoFailureAndFatalIsTheLast(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		q := queue(d, clock)
		eight, ran := clock.Now().Add(2*time.Hour), 0
		jobs.Handle(q, jobs.Options{Tries: 1}, func(_ context.Context, s step) error {
			ran++
			switch {
			case s.N == 1:
				return fmt.Errorf("no use: %w", jobs.Fatal(errors.New("unknown event")))
			case clock.Now().Before(eight):
				return jobs.Later(eight)
			}
			return nil
		})
		add(t, d, q, step{}, time.Time{})
		if drain(t, q) != 1 || drain(t, q) != 0 {
			t.Errorf("ran %d times before its instant, want once", ran)
		}
		clock.Move(2 * time.Hour)
		drain(t, q)
		if c := counts(t, q); c[jobs.Done] != 1 || c[jobs.Dead] != 0 {
			t.Errorf("a postponed job with one try ended as %v", c)
		}
		add(t, d, q, step{1}, time.Time{})
		drain(t, q)
		if c := counts(t, q); c[jobs.Dead] != 1 {
			t.Errorf("a fatal failure ended as %v", c)
		}
	})
}

func TestANodeTakesOnlyTheKindsItKnows(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		old, new := queue(d, clock), queue(d, clock)
		ran := false
		jobs.Handle(new, jobs.Options{}, func(context.Context, other) error { ran = true; return nil })
		add(t, d, old, other{}, time.Time{})
		if n := drain(t, old); n != 0 {
			t.Errorf("a node ran %d jobs of a kind that it does not know", n)
		}
		if n := drain(t, new); n != 1 || !ran {
			t.Errorf("the node that knows the kind ran %d jobs", n)
		}
	})
}

// A node that takes a job and never answers loses it when its lease ends, and cannot settle it any more.
func TestALeaseEnds(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		stuck, sound := queue(d, clock), queue(d, clock)
		taken, release := make(chan struct{}), make(chan struct{})
		jobs.Handle(stuck, jobs.Options{}, func(context.Context, step) error {
			close(taken)
			<-release
			return errors.New("too late to fail")
		})
		ran := 0
		jobs.Handle(sound, jobs.Options{}, func(context.Context, step) error { ran++; return nil })
		add(t, d, stuck, step{}, time.Time{})
		var node sync.WaitGroup
		node.Go(func() {
			if _, err := stuck.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
		<-taken
		for range 3 {
			if n := drain(t, sound); n != 0 {
				t.Fatalf("another node ran %d jobs while the lease held", n)
			}
			clock.Move(20 * time.Second)
		}
		clock.Move(15 * time.Second)
		if n := drain(t, sound); n != 1 || ran != 1 {
			t.Errorf("after the lease another node ran %d jobs, want 1", n)
		}
		close(release)
		node.Wait()
		if c := counts(t, sound); c[jobs.Done] != 1 || c[jobs.Ready] != 0 {
			t.Errorf("the late answer changed the job: %v", c)
		}
	})
}

// A job that takes its node down each time ends dead rather than take every node down.
func TestAJobWithoutAnyAnswerEndsDead(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		release := make(chan struct{})
		var nodes sync.WaitGroup
		q := queue(d, clock)
		jobs.Handle(q, jobs.Options{Tries: 2}, func(context.Context, step) error { return nil })
		add(t, d, q, step{}, time.Time{})
		for range 2 {
			crash, taken := queue(d, clock), make(chan struct{})
			jobs.Handle(crash, jobs.Options{Tries: 2}, func(context.Context, step) error { close(taken); <-release; return nil })
			nodes.Go(func() {
				if _, err := crash.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
			<-taken
			clock.Move(2 * time.Minute)
		}
		drain(t, q)
		if dead, err := q.Dead(t.Context(), 1); err != nil || len(dead) != 1 {
			t.Errorf("dead: %v, %v; counts %v", dead, err, counts(t, q))
		}
		close(release)
		nodes.Wait()
	})
}

// Four nodes, four hundred jobs: each is done once, and never by two at once.
func TestStorm(t *testing.T) {
	const machines, wanted = 4, 400
	testkit.EachEngineNodes(t, machines, func(t *testing.T, dbs []*db.DB) {
		var mu sync.Mutex
		running, done := map[int]bool{}, map[int]int{}
		all := make(chan struct{})
		do := func(_ context.Context, s step) error {
			mu.Lock()
			if running[s.N] {
				t.Errorf("job %d is run by two at once", s.N)
			}
			running[s.N] = true
			mu.Unlock()
			time.Sleep(time.Duration(s.N%3) * time.Millisecond) // so that runs overlap
			mu.Lock()
			defer mu.Unlock()
			running[s.N] = false
			done[s.N]++
			if len(done) == wanted {
				select {
				case <-all:
				default:
					close(all)
				}
			}
			return nil
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		var queues []*jobs.Queue
		for _, d := range dbs {
			q := jobs.New(jobs.Deps{DB: d, Now: time.Now, Log: slog.New(slog.DiscardHandler), Poll: 20 * time.Millisecond})
			jobs.Handle(q, jobs.Options{}, do)
			queues = append(queues, q)
			wg.Go(func() { q.Run(ctx) })
		}
		for start := 0; start < wanted; start += 20 {
			write(t, dbs[0], func(ctx context.Context, tx *db.Tx) error {
				for n := start; n < start+20; n++ {
					if err := queues[start/20%machines].Add(ctx, tx, step{n}, time.Time{}); err != nil {
						return err
					}
				}
				return nil
			})
		}
		select {
		case <-all:
		case <-time.After(time.Minute):
			t.Error("the jobs were not done in a minute")
		}
		stop()
		wg.Wait()
		if c := counts(t, queues[0]); c[jobs.Done] < wanted || c[jobs.Ready]+c[jobs.Running]+c[jobs.Dead] != 0 {
			t.Errorf("rows: %v, want %d done and nothing else", c, wanted)
		}
		for n := range wanted {
			if done[n] != 1 {
				t.Errorf("job %d was done %d times", n, done[n])
			}
		}
	})
}

// A stopping node lets a job end, and gives one that does not obey back to the others, without counting the attempt.
func TestANodeStopsGracefully(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		q := jobs.New(jobs.Deps{DB: d, Now: clock.Now, Log: slog.New(slog.DiscardHandler), Poll: time.Hour, Grace: 300 * time.Millisecond})
		started := make(chan int, 2)
		stopping := make(chan struct{})
		jobs.Handle(q, jobs.Options{}, func(ctx context.Context, s step) error {
			started <- s.N
			if s.N == 1 { // ends by itself within the grace
				<-stopping
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		wg.Go(func() { q.Run(ctx) })
		// The poll is an hour: only the wake-up of the same process can start them.
		add(t, d, q, step{1}, time.Time{})
		add(t, d, q, step{2}, time.Time{})
		<-started
		<-started
		stop()
		close(stopping)
		wg.Wait()
		c := counts(t, q)
		if c[jobs.Done] != 1 || c[jobs.Ready] != 1 {
			t.Fatalf("after the stop: %v, want one done and one ready", c)
		}
		again := queue(d, clock)
		jobs.Handle(again, jobs.Options{Tries: 1}, func(context.Context, step) error { return nil })
		clock.Move(time.Second)
		if n := drain(t, again); n != 1 || counts(t, again)[jobs.Done] != 2 {
			t.Errorf("the interrupted job was run %d times after: %v", n, counts(t, again))
		}
	})
}

func TestSchedulesRunOnceAcrossNodes(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock(t, monday)
		paris := clock.Now().Location()
		var due []time.Time
		node := func(rule jobs.Rule) *jobs.Queue {
			q := queue(d, clock)
			jobs.Handle(q, jobs.Options{}, func(context.Context, step) error { due = append(due, clock.Now()); return nil })
			q.Schedule("test.daily", rule, func(time.Time) jobs.Task { return step{} })
			return q
		}
		rule := jobs.Daily(3, 10, paris)
		a, b := node(rule), node(rule)
		both := func() { drain(t, a); drain(t, b) }
		both()
		if len(due) != 0 {
			t.Fatalf("ran at 9:30: %v", due)
		}
		clock.Move(17*time.Hour + 39*time.Minute)
		both()
		clock.Move(time.Minute)
		both()
		both()
		if len(due) != 1 || due[0].In(paris).Format("02 15:04") != "05 03:10" {
			t.Fatalf("ran %v, want once on the 5th at 3:10", due)
		}
		clock.Move(3*24*time.Hour + time.Hour) // nobody was there for three nights
		both()
		both()
		if len(due) != 2 {
			t.Errorf("ran %d times after a halt, want once more: %v", len(due), due)
		}
		rows, err := a.Schedules(t.Context())
		if err != nil || len(rows) != 2 || rows[1].Rule != "daily 03:10 Europe/Paris" || rows[1].Next.In(paris).Format("02 15:04") != "09 03:10" {
			t.Errorf("schedules: %+v, %v", rows, err)
		}
		c := node(jobs.Every(time.Hour)) // a release with another rule
		drain(t, c)
		both()
		drain(t, c)
		if rows, _ = a.Schedules(t.Context()); rows[1].Rule != "every 1h0m0s" {
			t.Errorf("the new rule was not kept: %+v", rows[1])
		}
	})
}

func TestRules(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	const form = "2006-01-02 15:04:05 -0700"
	for _, tc := range []struct {
		rule        jobs.Rule
		after, want string
	}{
		{jobs.Daily(3, 10, paris), "2026-05-04 03:09:59 +0200", "2026-05-04 03:10:00 +0200"},
		{jobs.Daily(3, 10, paris), "2026-05-04 03:10:00 +0200", "2026-05-05 03:10:00 +0200"},
		{jobs.Daily(3, 10, paris), "2026-03-28 03:10:00 +0100", "2026-03-29 03:10:00 +0200"},
		{jobs.Daily(2, 30, paris), "2026-03-28 12:00:00 +0100", "2026-03-29 03:30:00 +0200"}, // no 2:30 that day
		{jobs.Daily(2, 30, paris), "2026-03-29 03:30:00 +0200", "2026-03-30 02:30:00 +0200"},
		{jobs.Daily(2, 30, paris), "2026-10-24 12:00:00 +0200", "2026-10-25 02:30:00 +0100"}, // one of two
		{jobs.Daily(2, 30, paris), "2026-10-25 02:30:00 +0100", "2026-10-26 02:30:00 +0100"},
		{jobs.Daily(0, 0, paris), "2026-12-31 23:59:59 +0100", "2027-01-01 00:00:00 +0100"},
		{jobs.Every(15 * time.Minute), "2026-05-04 09:30:00 +0200", "2026-05-04 09:45:00 +0200"},
		{jobs.Every(15 * time.Minute), "2026-05-04 09:30:01 +0200", "2026-05-04 09:45:00 +0200"},
	} {
		after, err := time.Parse(form, tc.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := tc.rule.Next(after).In(paris).Format(form); got != tc.want {
			t.Errorf("%s after %s is %s, want %s", tc.rule, tc.after, got, tc.want)
		}
	}
}

func TestRegisteringTwiceIsAMistake(t *testing.T) {
	clock := testkit.NewClock(t, monday)
	q := queue(nil, clock)
	handle := func() { jobs.Handle(q, jobs.Options{}, func(context.Context, step) error { return nil }) }
	handle()
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "test.step") {
			t.Errorf("handling a kind twice: %v, want a panic that names it", p)
		}
	}()
	handle()
}

func BenchmarkJob(b *testing.B) {
	testkit.Bench(b, func(b *testing.B, d *db.DB) {
		q := jobs.New(jobs.Deps{DB: d, Now: time.Now, Log: slog.New(slog.DiscardHandler), Workers: 10})
		jobs.Handle(q, jobs.Options{}, func(context.Context, step) error { return nil })
		for b.Loop() {
			err := d.Write(b.Context(), func(ctx context.Context, tx *db.Tx) error {
				for n := range 10 {
					if err := q.Add(ctx, tx, step{n}, time.Time{}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := q.Drain(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
