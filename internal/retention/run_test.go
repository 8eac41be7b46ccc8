package retention_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/retention"
	"viaduc/internal/testkit"
)

// warned is the rule of visits with a warning thirty days before.
func warned(w *world) retention.Rule {
	r := visits(w)
	r.Warn = &retention.Warning{Ahead: retention.Days(30), Send: func(_ context.Context, _ *db.Tx, told []retention.Warned) error {
		w.told = append(w.told, told...)
		return nil
	}}
	return r
}

// heard is who was told since the last call, with the day of the erasure.
func (w *world) heard() string {
	var out []string
	for _, h := range w.told {
		out = append(out, h.ID+" "+h.EraseOn.Format("2006-01-02"))
	}
	w.told = nil
	return strings.Join(out, ", ")
}

func TestPeopleAreWarnedBeforeTheyAreErased(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, warned)
		w.visit("soon", "marie", twoYears-30) // its last day is 3 June: gone on the 4th
		w.visit("later", "paul", twoYears-31)
		w.visit("late", "ahmed", twoYears+50) // it should be gone: nobody had told
		if p := w.preview(); p.Due != 0 || p.Waiting != 1 {
			t.Errorf("preview: %+v", p)
		}
		if run := w.run(); run.Warned != 1 || run.Waiting != 1 || run.Erased != 0 {
			t.Errorf("4 May: %+v", run)
		}
		if got := w.heard(); got != "late 2026-06-03" { // thirty days from now
			t.Errorf("4 May: told %q", got)
		}
		w.clock.Move(24 * time.Hour)
		if run := w.run(); run.Warned != 1 {
			t.Errorf("5 May: %+v", run)
		}
		if got := w.heard(); got != "soon 2026-06-04" {
			t.Errorf("5 May: told %q", got)
		}
		w.clock.Move(24 * time.Hour)
		w.run()
		if got := w.heard(); got != "later 2026-06-05" {
			t.Errorf("6 May: told %q", got)
		}
		w.exec(`UPDATE visit_visit SET at = $1 WHERE id = 'later'`, db.Micros(w.clock.Now())) // paul came back
		for w.clock.Now().Format(time.DateOnly) < "2026-06-02" {
			w.clock.Move(24 * time.Hour)
			if run := w.run(); run.Erased != 0 || run.Warned != 0 {
				t.Errorf("%s: %+v, told %q", w.clock.Now(), run, w.heard())
			}
		}
		w.clock.Move(24 * time.Hour) // thirty days since 4 May
		if run := w.run(); run.Erased != 1 || w.left() != "later soon" {
			t.Errorf("3 June: %+v, left %s", run, w.left())
		}
		w.clock.Move(24 * time.Hour)
		if run := w.run(); run.Erased != 1 || w.left() != "later" {
			t.Errorf("4 June: %+v, left %s", run, w.left())
		}
		left, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM retention_warning`)
		if err != nil || left != 0 {
			t.Errorf("%d warnings are left of those who are gone or came back, %v", left, err)
		}
		w.clock.Move((twoYears - 56) * 24 * time.Hour) // paul leaves for good
		w.run()
		if got := w.heard(); !strings.HasPrefix(got, "later 2028-05-0") {
			t.Errorf("told %q, want a second warning", got)
		}
		lines := w.lines("retention.warn")
		if len(lines) != 4 || strings.Contains(lines[0].DetailJSON, "later") {
			t.Errorf("journal: %+v", lines)
		}
	})
}

func TestNobodyIsErasedWithoutAWarningThatWent(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, func(w *world) retention.Rule {
			r := visits(w)
			r.Warn = &retention.Warning{Ahead: retention.Days(30), Send: func(_ context.Context, _ *db.Tx, told []retention.Warned) error {
				for _, h := range told {
					if h.ID == "unreachable" {
						return errNo
					}
				}
				w.told = append(w.told, told...)
				return nil
			}}
			return r
		})
		w.visit("unreachable", "marie", 3*twoYears)
		w.visit("reachable", "paul", 3*twoYears)
		if run := w.run(); run.Warned != 1 || run.Failed != 1 || run.Error != "retention.some_failed" || w.heard() != "reachable 2026-06-03" {
			t.Errorf("run: %+v", run)
		}
		w.clock.Move(31 * 24 * time.Hour)
		if run := w.run(); run.Erased != 1 || run.Waiting != 1 || w.left() != "unreachable" {
			t.Errorf("later: %+v, left %s", run, w.left())
		}
		if _, err := w.kept.Hold(t.Context(), audit.CLI, retention.NewHold{
			Object: audit.Object{Kind: "person", ID: "marie"}, Reason: retention.Rights, Until: "2026-12-31",
		}); err != nil {
			t.Fatal(err)
		}
		if run := w.run(); run.Held != 1 || run.Warned != 0 || run.Failed != 0 {
			t.Errorf("whoever is held is not warned: %+v", run)
		}
	})
}

// One run at a time, whoever asks: fifty at once erase each object once.
func TestFiftyRunsAtOnceAreOneAfterTheOther(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for i := range 300 {
			w.visit(fmt.Sprintf("v%03d", i), "p", 3*twoYears)
		}
		var mu sync.Mutex
		erased, ran := 0, 0
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				runs, err := w.kept.Run(t.Context(), audit.CLI)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					ran++
					erased += runs[0].Erased
					if runs[0].Error != "" {
						t.Errorf("run: %+v", runs[0])
					}
				case !fault.Is(err, fault.Conflict):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if erased != 300 || ran < 1 || w.left() != "" {
			t.Errorf("%d runs erased %d, left %s", ran, erased, w.left())
		}
	})
}

func TestTheProgramRunsOnceADayAtNight(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d) // 9:30
		all := func(want int, when string) {
			t.Helper()
			var mu sync.Mutex
			ran := 0
			var wg sync.WaitGroup
			for range 50 { // as many nodes
				wg.Go(func() {
					ok, err := w.kept.RunIfDue(t.Context())
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					}
					if ok {
						ran++
					}
				})
			}
			wg.Wait()
			if ran != want {
				t.Errorf("%s: %d runs, want %d", when, ran, want)
			}
		}
		all(1, "first start")
		w.clock.Move(14 * time.Hour)
		all(0, "23:30")
		w.clock.Move(3 * time.Hour)
		all(0, "2:30")
		w.clock.Move(40 * time.Minute)
		all(1, "3:10")
		if runs, err := w.kept.Runs(t.Context(), 10); err != nil || len(runs) != 2 {
			t.Errorf("%d runs, %v", len(runs), err)
		}
	})
}

// A node that dies in the middle of a run keeps the others waiting for ten minutes, not for ever.
func TestATurnThatNobodyKeepsIsTakenOver(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.visit("old", "p", 3*twoYears)
		w.exec(`UPDATE retention_state SET running_by = 'a node that died', running_until = $1 WHERE id = 1`, db.Micros(w.clock.Now().Add(10*time.Minute)))
		if _, err := w.kept.Run(t.Context(), audit.CLI); !fault.Is(err, fault.Conflict) {
			t.Fatalf("err = %v, want conflict", err)
		}
		w.clock.Move(11 * time.Minute)
		if run := w.run(); run.Erased != 1 {
			t.Errorf("run: %+v", run)
		}
	})
}

// Whoever lost its turn erases nothing more.
func TestALostTurnEndsTheRun(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, func(w *world) retention.Rule {
			r := visits(w)
			r.Erase = func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
				if _, err := db.Exec(ctx, tx, `UPDATE retention_state SET running_by = 'another' WHERE id = 1`); err != nil {
					return retention.Count{}, err
				}
				return w.erase(ctx, tx, items)
			}
			return r
		})
		for i := range 250 {
			w.visit(fmt.Sprintf("v%03d", i), "p", 3*twoYears)
		}
		if _, err := w.kept.Run(t.Context(), audit.CLI); err == nil {
			t.Error("the run ends as if nothing had happened")
		}
		if len(w.erased) != 1 {
			t.Errorf("%d batches after the turn was lost", len(w.erased))
		}
	})
}

// A run that is told to stop stops between two batches, keeps what it did and gives its turn back.
func TestARunCanBeInterrupted(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		w := newWorld(t, d)
		for i := range 250 {
			w.visit(fmt.Sprintf("v%03d", i), "p", 3*twoYears)
		}
		w.fail = func(id string) error {
			if id == "v150" {
				stop()
			}
			return nil
		}
		if _, err := w.kept.Run(ctx, audit.CLI); err == nil {
			t.Error("the run ends as if nothing had happened")
		}
		if n := len(strings.Fields(w.left())); n != 150 { // the second batch was broken off
			t.Errorf("%d are left", n)
		}
		states, err := w.kept.States(t.Context())
		if err != nil || states[0].Last == nil || !states[0].Last.EndedAt.IsZero() {
			t.Errorf("States = %+v, %v", states, err)
		}
		w.fail = nil
		if run := w.run(); run.Erased != 150 || run.Error != "" {
			t.Errorf("the next run: %+v", run)
		}
	})
}
