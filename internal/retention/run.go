package retention

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Run is what one run did of one rule.
type Run struct {
	ID        string
	Rule      string
	StartedAt time.Time
	EndedAt   time.Time // zero while it goes on, and for ever when the machine stopped under it
	Cutoff    time.Time // whatever began before it had had its time
	Count
	Held    int    // left because of a hold
	Warned  int    // told that they will go
	Waiting int    // left because they were not told, or not long enough ago
	Failed  int    // left because erasing them failed
	Error   string // key of the message that says why the rule failed; "" when it did not
}

const (
	// batchSize bounds one transaction of a run, so that other writers never wait long behind it.
	batchSize = 100
	// pause lets the other writers of an embedded database pass between two batches.
	pause = 5 * time.Millisecond
	// failedMost is how many objects of a rule may fail before the rule itself is given up.
	failedMost = 20
	// leaseFor is how long a run holds its turn after a batch; beyond it another node takes over.
	leaseFor = 10 * time.Minute
)

// Run applies every rule now and returns what became of each, those that failed included: a failing rule stops no other.
// It reports fault.Conflict when another run is under way.
func (s *Service) Run(ctx context.Context, by audit.Actor) ([]Run, error) {
	return s.run(ctx, by, takeTurn)
}

func (s *Service) run(ctx context.Context, by audit.Actor, take func(context.Context, *db.Tx, turn) (bool, error)) ([]Run, error) {
	t := turn{runner: id.New(), today: s.today(), now: s.now(), until: s.now().Add(leaseFor)}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := take(ctx, tx, t)
		if err == nil && !ok {
			return fault.New(fault.Conflict, "retention.running")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	runs := make([]Run, 0, len(s.rules))
	for _, r := range s.rules {
		run, err := s.runRule(ctx, by, t, r)
		if err != nil { // the database is gone, or the turn: nothing more can be done
			return runs, errors.Join(err, s.endTurn(ctx, t, false))
		}
		runs = append(runs, run)
	}
	return runs, s.endTurn(ctx, t, true)
}

// endTurn gives the turn back even when ctx has ended.
func (s *Service) endTurn(ctx context.Context, t turn, done bool) error {
	ctx = context.WithoutCancel(ctx)
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return giveTurn(ctx, tx, t, done) })
}

// runRule applies one rule. What fails in the rule is in the Run; an error is the database's, or ctx's.
func (s *Service) runRule(ctx context.Context, by audit.Actor, t turn, r Rule) (Run, error) {
	run := Run{ID: id.New(), Rule: r.Key, StartedAt: s.now()}
	d, err := durationOf(ctx, s.db, r)
	if err != nil {
		return run, err
	}
	run.Cutoff = d.term.cutoff(t.today).start(s.zone)
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return insertRun(ctx, tx, run) })
	if err != nil {
		return run, err
	}
	w := &walk{Service: s, by: by, turn: t, rule: r, term: d.term, run: &run}
	failed := w.all(ctx)
	if ctx.Err() != nil || errors.Is(failed, errTurnLost) {
		return run, failed
	}
	run.EndedAt = s.now()
	switch f, ok := fault.As(failed); {
	case ok:
		run.Error = f.Message.Key
	case failed != nil:
		run.Error = "retention.rule_failed"
	case run.Failed > 0:
		run.Error = "retention.some_failed"
	}
	if failed != nil {
		s.log.Error("retention rule failed", "rule", r.Key, "run", run.ID, "error", failed)
	}
	return run, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return endRun(ctx, tx, run) })
}

var errTurnLost = errors.New("retention: another run took over")

// walk is the way of one run through what is due of one rule.
type walk struct {
	*Service
	by   audit.Actor
	turn turn
	rule Rule
	term Term
	run  *Run
}

func (w *walk) all(ctx context.Context) error {
	if w.rule.Warn != nil {
		if err := w.warn(ctx); err != nil {
			return fmt.Errorf("warn: %w", err)
		}
	}
	return w.through(ctx, w.run.Cutoff, w.erase)
}

// tally is what became of a batch.
type tally struct {
	Count
	held, warned, waiting int
}

// through goes through what began before an instant, a batch in each transaction. A batch that fails is gone through
// again item by item, so that one that cannot be erased does not keep the others.
func (w *walk) through(ctx context.Context, before time.Time, do func(context.Context, *db.Tx, holds, []Item) (tally, error)) error {
	limit, single := batchSize, 0
	for after := (Item{}); ; {
		items, done, err := w.batch(ctx, before, after, limit, do)
		switch {
		case err == nil:
			w.run.Count = w.run.plus(done.Count)
			w.run.Held, w.run.Warned, w.run.Waiting = w.run.Held+done.held, w.run.Warned+done.warned, w.run.Waiting+done.waiting
		case ctx.Err() != nil, errors.Is(err, errTurnLost), len(items) == 0:
			return err
		case limit > 1:
			limit, single = 1, len(items)
			continue
		default:
			w.run.Failed++
			w.log.Error("retention left an object", "rule", w.rule.Key, "run", w.run.ID, "object", items[0].ID, "error", err)
			if w.run.Failed >= failedMost {
				return err
			}
		}
		if len(items) < limit {
			return nil
		}
		after = items[len(items)-1]
		if single -= len(items); single <= 0 {
			limit = batchSize
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
}

func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

// batch lists what is due, in the transaction that deals with it: nothing can be held, and nothing can come back to life,
// in between. It returns what it listed even when it fails.
func (w *walk) batch(ctx context.Context, before time.Time, after Item, limit int,
	do func(context.Context, *db.Tx, holds, []Item) (tally, error),
) (items []Item, done tally, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	err = w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		items, done = nil, tally{}
		ok, err := keepTurn(ctx, tx, w.turn, w.now().Add(leaseFor))
		if err != nil {
			return err
		}
		if !ok {
			return errTurnLost
		}
		held, err := activeHolds(ctx, tx, w.turn.today)
		if err != nil {
			return err
		}
		listed, err := w.rule.Due(ctx, tx, before, after, limit)
		if err != nil {
			return err
		}
		if err := asked(listed, before, after, limit); err != nil {
			return err
		}
		items = listed
		if len(items) == 0 {
			return nil
		}
		done, err = do(ctx, tx, held, items)
		return err
	})
	return items, done, err
}

// asked reports a Due that does not do what it promises, before anything is lost by it.
func asked(listed []Item, before time.Time, after Item, limit int) error {
	if len(listed) > limit {
		return fmt.Errorf("due lists %d objects where %d were asked for", len(listed), limit)
	}
	for _, item := range listed {
		switch {
		case item.ID == "" || !item.Since.Before(before):
			return fmt.Errorf("due lists %q, which has not had its time", item.ID)
		case item.ID == after.ID && item.Since.Equal(after.Since):
			return fmt.Errorf("due lists %q again", item.ID)
		}
	}
	return nil
}

// erase erases what nothing holds and, where the rule warns, what was warned long enough ago.
func (w *walk) erase(ctx context.Context, tx *db.Tx, held holds, items []Item) (tally, error) {
	var done tally
	var told warnings
	var err error
	if w.rule.Warn != nil {
		if told, err = warningsOf(ctx, tx, w.rule.Key); err != nil {
			return done, err
		}
	}
	var gone []Item
	for _, item := range items {
		switch {
		case held.item(w.rule, item):
			done.held++
		case w.rule.Warn != nil && !told.longEnough(item, w.rule.Warn.Ahead, w.turn.today, w.zone):
			done.waiting++
		default:
			gone = append(gone, item)
		}
	}
	if len(gone) == 0 {
		return done, nil
	}
	if done.Count, err = w.rule.Erase(ctx, tx, gone); err != nil {
		return done, err
	}
	if w.rule.Warn != nil {
		if err := deleteWarnings(ctx, tx, w.rule.Key, ids(gone)); err != nil {
			return done, err
		}
	}
	return done, w.record(ctx, tx, "retention.apply", map[string]string{
		"erased": strconv.Itoa(done.Erased), "anonymised": strconv.Itoa(done.Anonymised), "held": strconv.Itoa(done.held),
	})
}

// warn tells those whose time ends soon, each once for each term, and forgets the warnings of those who came back.
func (w *walk) warn(ctx context.Context) error {
	soon := w.rule.Warn.Ahead.end(w.turn.today)
	seen := map[string]bool{}
	failed := w.run.Failed
	err := w.through(ctx, w.term.cutoff(soon).start(w.zone), func(ctx context.Context, tx *db.Tx, held holds, items []Item) (tally, error) {
		told, err := warningsOf(ctx, tx, w.rule.Key)
		if err != nil {
			return tally{}, err
		}
		var tell []Warned
		for _, item := range items {
			seen[item.ID] = true
			if held.item(w.rule, item) || told.has(item) {
				continue
			}
			on := w.term.EraseOn(item.Since, w.zone)
			if first := soon.start(w.zone); on.Before(first) {
				on = first
			}
			tell = append(tell, Warned{item, on})
		}
		if len(tell) == 0 {
			return tally{}, nil
		}
		if err := w.rule.Warn.Send(ctx, tx, tell); err != nil {
			return tally{}, err
		}
		if err := putWarnings(ctx, tx, w.rule.Key, tell, w.now()); err != nil {
			return tally{}, err
		}
		return tally{warned: len(tell)}, w.record(ctx, tx, "retention.warn", map[string]string{"warned": strconv.Itoa(len(tell))})
	})
	if err != nil || w.run.Failed > failed {
		return err
	}
	return w.forget(ctx, seen)
}

// forget drops the warnings of whoever is no longer about to be erased.
func (w *walk) forget(ctx context.Context, seen map[string]bool) error {
	told, err := warningsOf(ctx, w.db, w.rule.Key)
	if err != nil {
		return err
	}
	var gone []string
	for one := range told {
		if !seen[one] {
			gone = append(gone, one)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return deleteWarnings(ctx, tx, w.rule.Key, gone) })
}

// record writes the journal line of a batch: counts, nobody.
func (w *walk) record(ctx context.Context, tx *db.Tx, action string, detail map[string]string) error {
	detail["run"] = w.run.ID
	return w.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: w.by, Action: action, Object: audit.Object{Kind: "retention_rule", ID: w.rule.Key}, Detail: detail,
	})
}

func ids(items []Item) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.ID
	}
	return out
}

// warning is when somebody was told of which term.
type warning struct {
	since int64 // microseconds
	at    time.Time
}

// warnings are those of a rule, by object.
type warnings map[string]warning

// has reports whether the item was told of this very term.
func (ws warnings) has(i Item) bool {
	w, ok := ws[i.ID]
	return ok && w.since == db.Micros(i.Since)
}

func (ws warnings) longEnough(i Item, ahead Term, today date, zone *time.Location) bool {
	return ws.has(i) && !today.before(ahead.end(dateOf(ws[i.ID].at, zone)))
}

// Runs returns the last runs of all rules, newest first, at most limit.
func (s *Service) Runs(ctx context.Context, limit int) ([]Run, error) {
	return listRuns(ctx, s.db, limit)
}

const (
	// workEvery is how often a node asks whether today's run is still to be done: one read of one row.
	workEvery = 10 * time.Minute
	// workFrom is the hour of the territory from which the run of the day may begin.
	workFrom = 3
)

// Work applies the rules once a day, at night, until ctx ends. Any number of nodes may run it.
func (s *Service) Work(ctx context.Context) {
	tick := time.NewTicker(workEvery)
	defer tick.Stop()
	for {
		if _, err := s.RunIfDue(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("retention not applied", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// RunIfDue is Run by the program itself when it is past three in the morning and no run was finished today. It reports
// whether it ran.
func (s *Service) RunIfDue(ctx context.Context) (bool, error) {
	if s.now().In(s.zone).Hour() < workFrom {
		return false, nil
	}
	last, err := ranOn(ctx, s.db)
	if err != nil || last >= s.today().String() {
		return false, err
	}
	_, err = s.run(ctx, audit.System, takeTurnOfDay)
	if fault.Is(err, fault.Conflict) { // another node was faster
		return false, nil
	}
	return err == nil, err
}
