package retention_test

import (
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/retention"
	"viaduc/internal/testkit"
)

func (w *world) dryRun(term retention.Term) retention.Trial {
	w.t.Helper()
	trial, err := w.kept.DryRun(w.t.Context(), "visit.visits", term)
	if err != nil {
		w.t.Fatal(err)
	}
	return trial
}

func (w *world) change(term retention.Term, token string) error {
	return w.kept.Change(w.t.Context(), "account-1", "visit.visits", term, token)
}

func TestADurationChangesAfterItsDryRun(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.visit("old", "marie", twoYears+10)
		w.visit("older than a year", "marie", 400)
		w.visit("young", "paul", 10)
		trial := w.dryRun(retention.Years(1))
		if trial.Due != 2 || !trial.Shorter || trial.Token == "" || w.left() != "old older than a year young" {
			t.Fatalf("dry run: %+v, left %s", trial, w.left())
		}
		if p := w.preview(); p.Due != 1 || p.Term != retention.Years(2) {
			t.Errorf("a dry run changes what is in force: %+v", p)
		}
		if err := w.change(retention.Years(1), trial.Token); err != nil {
			t.Fatal(err)
		}
		states, err := w.kept.States(t.Context())
		if err != nil || states[0].Current != retention.Years(1) || states[0].Version != 1 || !states[0].ChangedAt.Equal(w.clock.Now()) {
			t.Errorf("States = %+v, %v", states, err)
		}
		if run := w.run(); run.Erased != 2 || w.left() != "young" {
			t.Errorf("run: %+v, left %s", run, w.left())
		}
		lines := w.lines("retention.edit")
		if len(lines) != 1 || lines[0].Actor != "account-1" || lines[0].DetailJSON != `{"due":"2","from":"P2Y","held":"0","to":"P1Y"}` {
			t.Errorf("journal: %+v", lines)
		}
		if err := w.change(retention.Years(1), trial.Token); !fault.Is(err, fault.Conflict) {
			t.Errorf("the token is good twice: %v", err)
		}
		longer := w.dryRun(retention.Years(3))
		if longer.Shorter || longer.Due != 0 {
			t.Errorf("longer: %+v", longer)
		}
		if err := w.change(retention.Years(3), longer.Token); err != nil {
			t.Error(err)
		}
	})
}

func TestAStaleDryRunChangesNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, visits, func(w *world) retention.Rule {
			r := visits(w)
			r.Key = "visit.others"
			return r
		})
		year := w.dryRun(retention.Years(1))
		month18 := w.dryRun(retention.Months(18))
		other, err := w.kept.DryRun(t.Context(), "visit.others", retention.Years(1))
		if err != nil {
			t.Fatal(err)
		}
		refused := func(name string, term retention.Term, token string) {
			t.Helper()
			if err := w.change(term, token); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: err = %v, want conflict", name, err)
			}
		}
		refused("no token", retention.Years(1), "")
		refused("made up", retention.Years(1), "01a214c8-2722-7fa3-9a26-3d59ce4a2bc9")
		refused("of another duration", retention.Years(1), month18.Token)
		refused("of another rule", retention.Years(1), other.Token)
		w.clock.Move(24 * time.Hour)
		refused("of yesterday", retention.Years(1), year.Token)
		year, month18 = w.dryRun(retention.Years(1)), w.dryRun(retention.Months(18))
		if err := w.change(retention.Months(18), month18.Token); err != nil {
			t.Fatal(err)
		}
		refused("changed since", retention.Years(1), year.Token)
		states, err := w.kept.States(t.Context())
		if err != nil || states[0].Current != retention.Months(18) || states[0].Version != 1 || states[1].Version != 0 {
			t.Errorf("States = %+v, %v", states, err)
		}
		if n := len(w.lines("retention.edit")); n != 1 {
			t.Errorf("%d lines for one change", n)
		}
	})
}

func TestDurationsStayInTheirBounds(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for term, key := range map[retention.Term]string{
			retention.Months(5):        "retention.too_short",
			retention.Days(30):         "retention.too_short",
			retention.Years(6):         "retention.too_long",
			{}:                         "retention.bad_term",
			{Amount: 2, Unit: "week"}:  "retention.bad_term",
			{Amount: -1, Unit: "year"}: "retention.bad_term",
		} {
			_, err := w.kept.DryRun(t.Context(), "visit.visits", term)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Fields["keep"].Key != key {
				t.Errorf("DryRun(%+v) = %v, want %s", term, err, key)
			}
			if err := w.change(term, "x"); !fault.Is(err, fault.Invalid) {
				t.Errorf("Change(%+v) = %v, want invalid", term, err)
			}
		}
		for _, err := range []error{
			func() error { _, err := w.kept.DryRun(t.Context(), "visit.none", retention.Years(1)); return err }(),
			func() error { _, err := w.kept.Preview(t.Context(), "visit.none"); return err }(),
			w.kept.Change(t.Context(), audit.CLI, "visit.none", retention.Years(1), "x"),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("unknown rule: %v, want not_found", err)
			}
		}
	})
}

func TestFiftyChangesAtOnceAreOne(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		trial := w.dryRun(retention.Years(1))
		var mu sync.Mutex
		done, refused := 0, 0
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				err := w.change(retention.Years(1), trial.Token)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					done++
				case fault.Is(err, fault.Conflict):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done != 1 || refused != 49 {
			t.Errorf("%d done, %d refused", done, refused)
		}
	})
}

func TestHoldsThatCannotBe(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		visit := audit.Object{Kind: "visit", ID: "a"}
		for name, tc := range map[string]struct {
			in    retention.NewHold
			field string
		}{
			"nothing":    {retention.NewHold{Reason: retention.Rights, Until: "2026-06-01"}, "object"},
			"both":       {retention.NewHold{Rule: "visit.visits", Object: visit, Reason: retention.Rights, Until: "2026-06-01"}, "object"},
			"no kind":    {retention.NewHold{Object: audit.Object{ID: "a"}, Reason: retention.Rights, Until: "2026-06-01"}, "object"},
			"no id":      {retention.NewHold{Object: audit.Object{Kind: "visit"}, Reason: retention.Rights, Until: "2026-06-01"}, "object"},
			"no reason":  {retention.NewHold{Object: visit, Until: "2026-06-01"}, "reason"},
			"own words":  {retention.NewHold{Object: visit, Reason: "because of Marie", Until: "2026-06-01"}, "reason"},
			"no end":     {retention.NewHold{Object: visit, Reason: retention.Rights}, "until"},
			"yesterday":  {retention.NewHold{Object: visit, Reason: retention.Rights, Until: "2026-05-03"}, "until"},
			"no day":     {retention.NewHold{Object: visit, Reason: retention.Rights, Until: "2026-02-30"}, "until"},
			"for ever":   {retention.NewHold{Object: visit, Reason: retention.Rights, Until: "2031-05-05"}, "until"},
			"other form": {retention.NewHold{Object: visit, Reason: retention.Rights, Until: "01/06/2026"}, "until"},
		} {
			_, err := w.kept.Hold(t.Context(), audit.CLI, tc.in)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Fields[tc.field].Key == "" || len(f.Fields) != 1 {
				t.Errorf("%s: err = %v, want the field %s", name, err, tc.field)
			}
		}
		if _, err := w.kept.Hold(t.Context(), audit.CLI, retention.NewHold{Rule: "visit.none", Reason: retention.Rights, Until: "2026-06-01"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown rule: %v, want not_found", err)
		}
		h, err := w.kept.Hold(t.Context(), audit.CLI, retention.NewHold{Object: visit, Reason: retention.Rights, Until: "2031-05-04"})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []fault.Kind{fault.Internal, fault.Conflict} {
			if err := w.kept.Release(t.Context(), audit.CLI, h.ID); (err == nil) != (i == 0) || fault.KindOf(err) != want {
				t.Errorf("release %d: %v", i+1, err)
			}
		}
		if err := w.kept.Release(t.Context(), audit.CLI, "nowhere"); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown hold: %v, want not_found", err)
		}
	})
}
