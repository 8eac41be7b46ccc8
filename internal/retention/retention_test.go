package retention_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/secret"
	"viaduc/internal/retention"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// world is a database with a module of one table, visits of persons, and the register that applies its rules.
type world struct {
	t       *testing.T
	db      *db.DB
	clock   *testkit.Clock
	journal *audit.Journal
	kept    *retention.Service
	erased  [][]string // ids, by call of Erase
	told    []retention.Warned
	fail    func(id string) error // of Erase
	failing error                 // of Due
}

func newWorld(t *testing.T, d *db.DB, rules ...func(*world) retention.Rule) *world {
	t.Helper()
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: d, clock: testkit.NewClock(t, "2026-05-04 09:30")}
	log := slog.New(slog.DiscardHandler)
	w.journal = audit.New(audit.Deps{DB: d, Signer: key, Now: w.clock.Now, Log: log})
	ground := territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	w.kept = retention.New(retention.Deps{
		DB: d, Journal: w.journal, Territory: ground, Now: w.clock.Now, Zone: w.clock.Now().Location(), Measures: []string{"le journal se vérifie"}, Log: log,
	})
	w.exec(`CREATE TABLE visit_visit (id TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, at BIGINT NOT NULL)`)
	if rules == nil {
		rules = []func(*world) retention.Rule{visits}
	}
	for _, r := range rules {
		if err := w.kept.Register(r(w)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// visits is a rule as a module gives it.
func visits(w *world) retention.Rule {
	return retention.Rule{
		Key: "visit.visits", Activity: "Visites", Purpose: "préparer les visites", Basis: retention.Basis{Letter: "e", Text: "délibération d'exemple"},
		People: "habitants", Keeps: "la date et la personne", Receives: []string{"les médiateurs"}, Keep: retention.Years(2), Least: retention.Months(6),
		Most: retention.Years(5), From: "de la visite", Erases: "la visite", Statistics: "le nombre de visites par mois", Object: "visit",
		Due: w.due, Erase: w.erase,
	}
}

func (w *world) due(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
	if w.failing != nil {
		return nil, w.failing
	}
	since := int64(0)
	if after.ID != "" {
		since = db.Micros(after.Since)
	}
	return db.All(ctx, q, func(r db.Row) (retention.Item, error) {
		var i retention.Item
		var at int64
		var person string
		err := r.Scan(&i.ID, &person, &at)
		i.Since, i.Of = db.Time(at), []audit.Object{{Kind: "person", ID: person}}
		return i, err
	}, `SELECT id, person, at FROM visit_visit WHERE at < $1 AND (at, id) > ($2, $3) ORDER BY at, id LIMIT $4`, db.Micros(before), since, after.ID, limit)
}

func (w *world) erase(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
	var ids []string
	for _, i := range items {
		if w.fail != nil {
			if err := w.fail(i.ID); err != nil {
				return retention.Count{}, err
			}
		}
		ids = append(ids, i.ID)
		if n, err := db.Exec(ctx, tx, `DELETE FROM visit_visit WHERE id = $1`, i.ID); n != 1 || err != nil {
			return retention.Count{}, fmt.Errorf("erase %s: %d rows, %w", i.ID, n, err)
		}
	}
	w.erased = append(w.erased, ids)
	return retention.Count{Erased: len(items)}, nil
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	err := w.db.Write(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, text, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// visit adds a visit some days ago.
func (w *world) visit(id, person string, days int) {
	w.t.Helper()
	w.exec(`INSERT INTO visit_visit (id, person, at) VALUES ($1, $2, $3)`, id, person, db.Micros(w.clock.Now().AddDate(0, 0, -days)))
}

// left are the visits that are still there.
func (w *world) left() string {
	w.t.Helper()
	ids, err := db.All(w.t.Context(), w.db, db.Value[string], `SELECT id FROM visit_visit ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

func (w *world) run() retention.Run {
	w.t.Helper()
	runs, err := w.kept.Run(w.t.Context(), audit.CLI)
	if err != nil {
		w.t.Fatal(err)
	}
	return runs[0]
}

func (w *world) preview() retention.Preview {
	w.t.Helper()
	p, err := w.kept.Preview(w.t.Context(), "visit.visits")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) lines(action string) []audit.Line {
	w.t.Helper()
	p, err := w.journal.Search(w.t.Context(), audit.Filter{Action: action}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Lines
}

const twoYears = 730 // days before 4 May 2026: no leap day between

func TestRunErasesWhatHasHadItsTime(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.visit("old", "marie", twoYears+1)
		w.visit("today", "marie", twoYears) // its last day is today
		w.visit("young", "paul", 10)
		if p := w.preview(); p.Due != 1 || p.Held != 0 || len(p.Sample) != 1 || p.Sample[0].ID != "old" || w.left() != "old today young" {
			t.Errorf("preview: %+v, left %s", p, w.left())
		}
		run := w.run()
		if run.Erased != 1 || run.Error != "" || run.EndedAt.IsZero() || w.left() != "today young" {
			t.Errorf("run: %+v, left %s", run, w.left())
		}
		w.clock.Move(24 * time.Hour)
		if run := w.run(); run.Erased != 1 || w.left() != "young" {
			t.Errorf("next day: %+v, left %s", run, w.left())
		}
		if run := w.run(); run.Erased != 0 || w.left() != "young" {
			t.Errorf("again: %+v, left %s", run, w.left())
		}
		lines := w.lines("retention.")
		if len(lines) != 2 || lines[1].Actor != audit.CLI || lines[1].Object != (audit.Object{Kind: "retention_rule", ID: "visit.visits"}) {
			t.Fatalf("journal: %+v", lines)
		}
		for _, l := range lines {
			if strings.Contains(l.DetailJSON, "marie") || strings.Contains(l.DetailJSON, "old") || len(l.Subjects) != 0 {
				t.Errorf("the journal says more than counts: %s", l.DetailJSON)
			}
		}
		runs, err := w.kept.Runs(t.Context(), 10)
		if err != nil || len(runs) != 3 || runs[2].Erased != 1 || runs[0].Erased != 0 {
			t.Errorf("Runs = %+v, %v", runs, err)
		}
		states, err := w.kept.States(t.Context())
		if err != nil || states[0].Last == nil || states[0].Last.ID != runs[0].ID || states[0].Current != retention.Years(2) || states[0].Held {
			t.Errorf("States = %+v, %v", states, err)
		}
	})
}

func TestRunGoesInSmallBatches(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var rows [][]any
		for i := range 1250 {
			rows = append(rows, []any{fmt.Sprintf("v%04d", i), "p", int64(1_000_000 * (i / 3))})
		}
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return db.InsertMany(ctx, tx, "visit_visit (id, person, at)", 3, rows, "")
		})
		if err != nil {
			t.Fatal(err)
		}
		if p := w.preview(); p.Due != 1250 || len(p.Sample) != 10 || p.Sample[0].ID != "v0000" {
			t.Errorf("preview: due %d, sample %d", p.Due, len(p.Sample))
		}
		if run := w.run(); run.Erased != 1250 || w.left() != "" {
			t.Errorf("run: %+v", run)
		}
		if len(w.erased) != 13 || len(w.erased[0]) != 100 || len(w.erased[12]) != 50 {
			t.Errorf("%d batches, the first of %d", len(w.erased), len(w.erased[0]))
		}
		if n := len(w.lines("retention.apply")); n != 13 {
			t.Errorf("%d lines for 13 batches", n)
		}
		if _, err := w.journal.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rep, err := w.journal.Verify(t.Context()); rep.Bad != nil || err != nil {
			t.Errorf("journal: %+v, %v", rep, err)
		}
	})
}

func TestHoldsKeepWhatTheyName(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, v := range []string{"a", "b", "c", "d"} {
			w.visit(v, "p-"+v, 3*twoYears)
		}
		w.visit("d2", "p-d", 3*twoYears)
		hold := func(n retention.NewHold) retention.Hold {
			t.Helper()
			h, err := w.kept.Hold(t.Context(), "account-1", n)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		hold(retention.NewHold{Object: audit.Object{Kind: "visit", ID: "a"}, Reason: retention.Rights, Until: "2026-05-04"})
		person := hold(retention.NewHold{Object: audit.Object{Kind: "person", ID: "p-d"}, Reason: retention.Litigation, Until: "2026-12-31"})
		hold(retention.NewHold{Object: audit.Object{Kind: "order", ID: "b"}, Reason: retention.Accounts, Until: "2026-12-31"}) // another kind
		if p := w.preview(); p.Due != 2 || p.Held != 3 {
			t.Errorf("preview: %+v", p)
		}
		if run := w.run(); run.Erased != 2 || run.Held != 3 || w.left() != "a d d2" {
			t.Errorf("run: %+v, left %s", run, w.left())
		}
		w.clock.Move(24 * time.Hour) // the first hold ended with its last day
		if run := w.run(); run.Erased != 1 || run.Held != 2 || w.left() != "d d2" {
			t.Errorf("next day: %+v, left %s", run, w.left())
		}
		rule := hold(retention.NewHold{Rule: "visit.visits", Reason: retention.Inquiry, Until: "2027-01-31"})
		if err := w.kept.Release(t.Context(), "account-2", person.ID); err != nil {
			t.Fatal(err)
		}
		if run := w.run(); run.Erased != 0 || run.Held != 2 || w.left() != "d d2" {
			t.Errorf("rule held: %+v, left %s", run, w.left())
		}
		states, err := w.kept.States(t.Context())
		if err != nil || !states[0].Held {
			t.Errorf("States = %+v, %v", states, err)
		}
		if err := w.kept.Release(t.Context(), audit.CLI, rule.ID); err != nil {
			t.Fatal(err)
		}
		if run := w.run(); run.Erased != 2 || run.Held != 0 || w.left() != "" {
			t.Errorf("released: %+v, left %s", run, w.left())
		}
		holds, err := w.kept.Holds(t.Context())
		if err != nil || len(holds) != 4 || slices.IndexFunc(holds, w.kept.Active) < 0 {
			t.Errorf("Holds = %+v, %v", holds, err)
		}
		for _, h := range holds {
			if want := h.Object.Kind == "order"; w.kept.Active(h) != want {
				t.Errorf("Active(%+v) = %v", h, !want)
			}
		}
	})
}

// Whoever is held reads it in the journal, unless an authority's inquiry must stay secret.
func TestHoldsAreToldUnlessSecret(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		marie, paul := audit.Object{Kind: "person", ID: "marie"}, audit.Object{Kind: "person", ID: "paul"}
		for who, reason := range map[audit.Object]retention.Reason{marie: retention.Litigation, paul: retention.Inquiry} {
			if _, err := w.kept.Hold(t.Context(), audit.CLI, retention.NewHold{Object: who, Reason: reason, Until: "2026-06-30"}); err != nil {
				t.Fatal(err)
			}
		}
		for who, want := range map[audit.Object]int{marie: 1, paul: 0} {
			p, err := w.journal.Concerning(t.Context(), who, audit.Cursor{}, 10)
			if err != nil || len(p.Lines) != want {
				t.Errorf("%s reads %d lines, %v, want %d", who.ID, len(p.Lines), err, want)
			}
		}
		reader, err := audit.NewReader(nil, retention.Sentences())
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.journal.Concerning(t.Context(), marie, audit.Cursor{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		told, err := reader.Say(t.Context(), "", p.Lines)
		if err != nil || told[0].Said != "La ligne de commande a suspendu l'effacement jusqu'au 30 juin 2026 (litige)." {
			t.Errorf("told %+v, %v", told, err)
		}
		if n := len(w.lines("retention.hold")); n != 2 {
			t.Errorf("%d lines for two holds", n)
		}
	})
}

var errNo = errors.New("no")

func TestAFailingRuleDoesNotStopTheOthers(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		broken := func(w *world) retention.Rule {
			r := visits(w)
			r.Key = "visit.broken"
			r.Due = func(context.Context, db.Querier, time.Time, retention.Item, int) ([]retention.Item, error) {
				return nil, errNo
			}
			return r
		}
		panics := func(w *world) retention.Rule {
			r := visits(w)
			r.Key = "visit.panics"
			r.Due = func(context.Context, db.Querier, time.Time, retention.Item, int) ([]retention.Item, error) {
				panic("no")
			}
			return r
		}
		w := newWorld(t, d, broken, panics, visits)
		w.visit("old", "marie", 3*twoYears)
		runs, err := w.kept.Run(t.Context(), audit.System)
		if err != nil || len(runs) != 3 {
			t.Fatalf("runs %+v, %v", runs, err)
		}
		for i, want := range []string{"retention.rule_failed", "retention.rule_failed", ""} {
			if runs[i].Error != want || runs[i].EndedAt.IsZero() {
				t.Errorf("run %d: %+v, want error %q", i, runs[i], want)
			}
		}
		if runs[2].Erased != 1 || w.left() != "" {
			t.Errorf("the rule that works: %+v, left %s", runs[2], w.left())
		}
		states, err := w.kept.States(t.Context())
		if err != nil || states[0].Last.Error == "" || states[2].Last.Error != "" {
			t.Errorf("States = %+v, %v", states, err)
		}
	})
}

func TestAFailingObjectDoesNotKeepTheOthers(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for i := range 250 {
			w.visit(fmt.Sprintf("v%03d", i), "p", 3*twoYears-i%7)
		}
		w.fail = func(id string) error {
			switch id {
			case "v042":
				return errNo
			case "v123":
				panic("no")
			}
			return nil
		}
		run := w.run()
		if run.Erased != 248 || run.Failed != 2 || run.Error != "retention.some_failed" || w.left() != "v042 v123" {
			t.Errorf("run: %+v, left %s", run, w.left())
		}
		w.fail = nil
		if run := w.run(); run.Erased != 2 || run.Failed != 0 || run.Error != "" || w.left() != "" {
			t.Errorf("mended: %+v, left %s", run, w.left())
		}
		for i := range 60 {
			w.visit(fmt.Sprintf("w%03d", i), "p", 3*twoYears)
		}
		w.fail = func(string) error { return errNo }
		if run := w.run(); run.Erased != 0 || run.Failed != 20 || run.Error != "retention.rule_failed" {
			t.Errorf("all fail: %+v", run)
		}
	})
}

type dueFunc = func(context.Context, db.Querier, time.Time, retention.Item, int) ([]retention.Item, error)

// A module whose Due does not keep its promise erases nothing.
func TestADueThatErrsErasesNothing(t *testing.T) {
	for name, due := range map[string]func(w *world) dueFunc{
		"too young": func(w *world) dueFunc {
			return func(ctx context.Context, q db.Querier, _ time.Time, after retention.Item, limit int) ([]retention.Item, error) {
				return w.due(ctx, q, w.clock.Now(), after, limit)
			}
		},
		"too many": func(w *world) dueFunc {
			return func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, _ int) ([]retention.Item, error) {
				return w.due(ctx, q, before, after, 1000)
			}
		},
		"no id": func(*world) dueFunc {
			return func(context.Context, db.Querier, time.Time, retention.Item, int) ([]retention.Item, error) {
				return make([]retention.Item, 1), nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
				w := newWorld(t, d, func(w *world) retention.Rule {
					r := visits(w)
					r.Due = due(w)
					return r
				})
				for i := range 150 {
					w.visit(fmt.Sprintf("v%03d", i), "p", 3*twoYears)
				}
				w.visit("young", "p", 3)
				before := w.left()
				run := w.run()
				if name == "too young" { // the first pages are as they should be
					if run.Error == "" || !strings.Contains(w.left(), "young") {
						t.Errorf("run: %+v, left %s", run, w.left())
					}
					return
				}
				if run.Error == "" || run.Erased != 0 || w.left() != before {
					t.Errorf("run: %+v, left %s", run, w.left())
				}
			})
		})
	}
}

// A Due that does not move on ends in an error, not in an endless run.
func TestADueThatRepeatsItselfEnds(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, func(w *world) retention.Rule {
			r := visits(w)
			r.Due = func(ctx context.Context, q db.Querier, before time.Time, _ retention.Item, limit int) ([]retention.Item, error) {
				return w.due(ctx, q, before, retention.Item{}, limit)
			}
			return r
		})
		for i := range 150 {
			w.visit(fmt.Sprintf("v%03d", i), "p", 3*twoYears)
		}
		if _, err := w.kept.Hold(t.Context(), audit.CLI, retention.NewHold{Rule: "visit.visits", Reason: retention.Accounts, Until: "2026-12-31"}); err != nil {
			t.Fatal(err)
		}
		if run := w.run(); run.Error != "retention.rule_failed" {
			t.Errorf("run: %+v", run)
		}
	})
}

func TestRulesThatAreNotWholeAreRefused(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	for name, spoil := range map[string]func(*retention.Rule){
		"no module":        func(r *retention.Rule) { r.Key = "visits" },
		"registered twice": func(r *retention.Rule) { r.Key = "visit.visits" },
		"no purpose":       func(r *retention.Rule) { r.Purpose = "" },
		"no people":        func(r *retention.Rule) { r.People = "" },
		"no object":        func(r *retention.Rule) { r.Object = "" },
		"no legal basis":   func(r *retention.Rule) { r.Basis = retention.Basis{} },
		"no such letter":   func(r *retention.Rule) { r.Basis.Letter = "g" },
		"no duration":      func(r *retention.Rule) { r.Keep = retention.Term{} },
		"below its bound":  func(r *retention.Rule) { r.Keep = retention.Months(5) },
		"above its bound":  func(r *retention.Rule) { r.Keep = retention.Years(6) },
		"no Due":           func(r *retention.Rule) { r.Due = nil },
		"no Erase":         func(r *retention.Rule) { r.Erase = nil },
		"warns nobody":     func(r *retention.Rule) { r.Warn = &retention.Warning{Ahead: retention.Days(30)} },
		"warns too early": func(r *retention.Rule) {
			r.Warn = &retention.Warning{Ahead: retention.Years(3), Send: func(context.Context, *db.Tx, []retention.Warned) error { return nil }}
		},
	} {
		r := visits(w)
		r.Key = "visit.other"
		spoil(&r)
		if err := w.kept.Register(r); err == nil {
			t.Errorf("%s: registered", name)
		}
	}
	ok := visits(w)
	ok.Key = "visit.other"
	if err := w.kept.Register(ok); err != nil {
		t.Error(err)
	}
}
