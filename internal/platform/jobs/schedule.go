package jobs

import (
	"context"
	"fmt"
	"time"

	"viaduc/internal/platform/db"
)

// Rule says when a task is due, again and again. Make one with Every or Daily.
type Rule struct {
	every        time.Duration
	hour, minute int
	zone         *time.Location
}

// Every is due at each multiple of d (a second at least), the same instants on every node.
func Every(d time.Duration) Rule {
	if d < time.Second {
		panic("jobs: a schedule under a second")
	}
	return Rule{every: d}
}

// Daily is due once on each civil day of zone, at that hour and minute of its clocks. On the day when the clocks skip
// that time it is due an hour beside it; on the day when they show it twice, once.
func Daily(hour, minute int, zone *time.Location) Rule {
	return Rule{hour: hour, minute: minute, zone: zone}
}

// Next is the first instant after the given one at which the rule is due.
func (r Rule) Next(after time.Time) time.Time {
	if r.every > 0 {
		return after.Truncate(r.every).Add(r.every)
	}
	y, m, d := after.In(r.zone).Date()
	next := time.Date(y, m, d, r.hour, r.minute, 0, 0, r.zone)
	if !next.After(after) {
		next = time.Date(y, m, d+1, r.hour, r.minute, 0, 0, r.zone)
	}
	return next
}

// String says the rule for people and for the schedule's row: "every 15m0s", "daily 03:10 Europe/Paris".
func (r Rule) String() string {
	if r.every > 0 {
		return "every " + r.every.String()
	}
	return fmt.Sprintf("daily %02d:%02d %s", r.hour, r.minute, r.zone)
}

// schedule is a task with its rule.
type schedule struct {
	name string
	rule Rule
	task func(due time.Time) Task
}

// Schedule has a task enqueued each time that the rule is due, by one node. It is called before Run; the name is the
// row's, and a second schedule of that name panics. After a halt, a task that was due several times is enqueued once.
func (q *Queue) Schedule(name string, rule Rule, task func(due time.Time) Task) {
	for _, s := range q.schedules {
		if s.name == name {
			panic("jobs: schedule " + name + " is declared twice")
		}
	}
	q.schedules = append(q.schedules, schedule{name, rule, task})
}

// Scheduled is the row of a schedule.
type Scheduled struct {
	Name, Rule string
	Next       time.Time
	Last       time.Time // the zero instant before the first
}

func scanScheduled(r db.Row) (Scheduled, error) {
	var s Scheduled
	var next, last int64
	err := r.Scan(&s.Name, &s.Rule, &next, &last)
	s.Next = db.Time(next)
	if last != 0 {
		s.Last = db.Time(last)
	}
	return s, err
}

// Schedules returns every schedule that some node has run, by name.
func (q *Queue) Schedules(ctx context.Context) ([]Scheduled, error) {
	return db.All(ctx, q.db, scanScheduled, `SELECT name, rule, next_at, last_at FROM jobs_schedule ORDER BY name`)
}

// tick enqueues the tasks that are due, and writes the row of a schedule that is new. A rule that is another than the
// row's is written once in a process: two releases side by side must not undo each other's rule for ever.
func (q *Queue) tick(ctx context.Context) error {
	rows, err := q.Schedules(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]Scheduled, len(rows))
	for _, r := range rows {
		known[r.Name] = r
	}
	now := q.now()
	for _, s := range q.schedules {
		row, ok := known[s.name]
		switch {
		case !ok:
			err = q.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return insertSchedule(ctx, tx, s, now) })
		case row.Rule != s.rule.String() && !q.agreed.Load():
			err = q.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return changeRule(ctx, tx, s, row.Rule, now) })
		case !row.Next.After(now):
			err = q.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return q.enqueueDue(ctx, tx, s, row.Next, now) })
		}
		if err != nil {
			return err
		}
	}
	q.agreed.Store(true)
	return nil
}

func insertSchedule(ctx context.Context, tx *db.Tx, s schedule, now time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO jobs_schedule (name, rule, next_at, last_at) VALUES ($1, $2, $3, 0) ON CONFLICT (name) DO NOTHING`,
		s.name, s.rule.String(), db.Micros(s.rule.Next(now)))
	return err
}

func changeRule(ctx context.Context, tx *db.Tx, s schedule, was string, now time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE jobs_schedule SET rule = $3, next_at = $4 WHERE name = $1 AND rule = $2`,
		s.name, was, s.rule.String(), db.Micros(s.rule.Next(now)))
	return err
}

// enqueueDue moves the schedule forward and enqueues its task, unless another node has just done so.
func (q *Queue) enqueueDue(ctx context.Context, tx *db.Tx, s schedule, due, now time.Time) error {
	n, err := db.Exec(ctx, tx, `UPDATE jobs_schedule SET next_at = $3, last_at = $2 WHERE name = $1 AND next_at = $2`,
		s.name, db.Micros(due), db.Micros(s.rule.Next(now)))
	if err != nil || n == 0 {
		return err
	}
	_, err = q.AddOnce(ctx, tx, s.name+"@"+due.UTC().Format(time.RFC3339), s.task(due), now)
	return err
}
