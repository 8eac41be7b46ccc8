package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/secret"
	"viaduc/internal/testkit"
)

func newJournal(t *testing.T, d *db.DB) *audit.Journal {
	t.Helper()
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	return audit.New(audit.Deps{DB: d, Signer: key, Now: testkit.NewClock(t, "2026-05-04 09:30").Now, Log: slog.New(slog.DiscardHandler)})
}

func record(t *testing.T, d *db.DB, j *audit.Journal, from, n int) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var entries []audit.Entry
		for i := from; i < from+n; i++ {
			entries = append(entries, audit.Entry{
				Actor: audit.CLI, Action: "place.import", Object: audit.Object{Kind: "place", ID: fmt.Sprint(i)},
				Detail: map[string]string{"nom": "Médiathèque"},
			})
		}
		return j.RecordTx(ctx, tx, entries...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sequence(t *testing.T, j *audit.Journal) int {
	t.Helper()
	n, err := j.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func verify(t *testing.T, j *audit.Journal, known ...string) audit.Report {
	t.Helper()
	rep, err := j.Verify(t.Context(), known...)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func exec(t *testing.T, d *db.DB, statements ...string) error {
	t.Helper()
	return d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, s := range statements {
			if _, err := db.Exec(ctx, tx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// force runs statements as an intruder who owns the database would: with the triggers out of the way.
func force(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	off := []string{"SET session_replication_role = replica"}
	if d.Engine() == db.SQLite {
		names, err := db.All(t.Context(), d, db.Value[string], `SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
		if err != nil {
			t.Fatal(err)
		}
		off = []string{"PRAGMA defer_foreign_keys = 1"}
		for _, n := range names {
			off = append(off, "DROP TRIGGER "+n)
		}
	}
	if err := exec(t, d, append(off, statements...)...); err != nil {
		t.Fatal(err)
	}
}

func TestJournalHoldsThroughItsLife(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t, d)
		if rep := verify(t, j); rep.Bad != nil || rep.Leaves != 0 {
			t.Errorf("empty journal: %+v", rep)
		}
		record(t, d, j, 0, 7)
		if rep := verify(t, j); rep.Bad != nil || rep.Pending != 7 || rep.Leaves != 0 {
			t.Errorf("before sequencing: %+v", rep)
		}
		if n := sequence(t, j); n != 7 {
			t.Errorf("sequenced %d, want 7", n)
		}
		if n := sequence(t, j); n != 0 {
			t.Errorf("sequenced %d again, want 0", n)
		}
		kept, err := j.LastHead(t.Context())
		if err != nil || kept.Size != 7 {
			t.Fatalf("LastHead = %+v, %v", kept, err)
		}
		record(t, d, j, 7, 1200) // more than two batches
		if n := sequence(t, j); n != 1200 {
			t.Errorf("sequenced %d, want 1200", n)
		}
		if rep := verify(t, j, kept.Note); rep.Bad != nil || rep.Leaves != 1207 || rep.Heads != 4 || rep.Pending != 0 {
			t.Errorf("after growth: %+v", rep)
		}
		lines, err := j.About(t.Context(), audit.Object{Kind: "place", ID: "3"}, 10)
		if err != nil || len(lines) != 1 || lines[0].Actor != audit.CLI || lines[0].DetailJSON != `{"nom":"Médiathèque"}` {
			t.Errorf("About = %+v, %v", lines, err)
		}
		erase := func() error {
			return d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return j.EraseTx(ctx, tx, lines[0].ID, "durée atteinte") })
		}
		if err := erase(); err != nil {
			t.Fatal(err)
		}
		if rep := verify(t, j, kept.Note); rep.Bad != nil || rep.Erased != 1 {
			t.Errorf("after an erasure: %+v", rep)
		}
		if err := erase(); err == nil {
			t.Error("a body is erased twice")
		}
	})
}

// One line at a time is the usual case; PostgreSQL writes it in one statement.
func TestOneLineAtATime(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t, d)
		for i := range 3 {
			record(t, d, j, i, 1)
		}
		if rep := verify(t, j); rep.Bad != nil || rep.Pending != 3 {
			t.Errorf("before sequencing: %+v", rep)
		}
		if n := sequence(t, j); n != 3 {
			t.Errorf("sequenced %d, want 3", n)
		}
		lines, err := j.About(t.Context(), audit.Object{Kind: "place", ID: "2"}, 10)
		if err != nil || len(lines) != 1 || lines[0].Action != "place.import" || lines[0].DetailJSON != `{"nom":"Médiathèque"}` {
			t.Errorf("About = %+v, %v", lines, err)
		}
		if rep := verify(t, j); rep.Bad != nil || rep.Leaves != 3 || rep.Pending != 0 {
			t.Errorf("after sequencing: %+v", rep)
		}
	})
}

func TestSequencersDoNotDisturbEachOther(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t, d)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				record(t, d, j, i*3, 3)
				if i%5 == 0 {
					if _, err := j.Sequence(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		sequence(t, j)
		if rep := verify(t, j); rep.Bad != nil || rep.Leaves != 150 || rep.Pending != 0 {
			t.Errorf("after 50 callers: %+v", rep)
		}
	})
}

func TestRunSequencesWithinFiveSeconds(t *testing.T) {
	d := testkit.SQLite(t)
	j := newJournal(t, d)
	record(t, d, j, 0, 2)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); j.Run(ctx) }()
	deadline := time.Now().Add(5 * time.Second)
	for {
		if rep := verify(t, j); rep.Leaves == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("two leaves still wait after five seconds")
		}
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	<-done
}

func TestDatabaseRefusesRewriting(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t, d)
		record(t, d, j, 0, 3)
		sequence(t, j)
		for _, s := range []string{
			`UPDATE audit_leaf SET hash = hash`, `DELETE FROM audit_leaf`,
			`UPDATE audit_body SET actor = 'x'`, `DELETE FROM audit_body`,
			`UPDATE audit_sequence SET position = position + 10`, `DELETE FROM audit_sequence`,
			`UPDATE audit_hash SET hash = hash`, `DELETE FROM audit_hash`,
			`UPDATE audit_head SET at = 0`, `DELETE FROM audit_head`,
		} {
			if err := exec(t, d, s); err == nil || !strings.Contains(err.Error(), "journal:") {
				t.Errorf("%s: err = %v, want the journal's refusal", s, err)
			}
		}
		if d.Engine() == db.Postgres {
			if err := exec(t, d, `TRUNCATE audit_body`); err == nil || !strings.Contains(err.Error(), "journal:") {
				t.Errorf("TRUNCATE: err = %v, want the journal's refusal", err)
			}
		}
		if rep := verify(t, j); rep.Bad != nil {
			t.Errorf("after refused attempts: %v", rep.Bad)
		}
	})
}

func TestVerifyNamesTheFirstBadRow(t *testing.T) {
	at := func(n int) string { return fmt.Sprintf(`(SELECT leaf_id FROM audit_sequence WHERE position = %d)`, n) }
	cases := map[string]struct {
		tamper []string
		table  string
	}{
		"body changed":          {[]string{`UPDATE audit_body SET actor = 'autre' WHERE leaf_id = ` + at(4)}, "audit_body"},
		"detail changed":        {[]string{`UPDATE audit_body SET detail = '{}' WHERE leaf_id = ` + at(4)}, "audit_body"},
		"body gone":             {[]string{`DELETE FROM audit_body WHERE leaf_id = ` + at(4)}, "audit_body"},
		"leaf and body changed": {[]string{`UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE id = ` + at(5) + `) WHERE id = ` + at(4)}, "audit_body"},
		"position gone":         {[]string{`DELETE FROM audit_sequence WHERE position = 4`}, "audit_sequence"},
		"order changed": {[]string{
			`UPDATE audit_sequence SET position = -4 WHERE position = 4`, `UPDATE audit_sequence SET position = 4 WHERE position = 5`,
			`UPDATE audit_sequence SET position = 5 WHERE position = -4`,
		}, "audit_leaf"},
		"hash changed": {[]string{`UPDATE audit_hash SET hash = (SELECT hash FROM audit_hash WHERE position = 0) WHERE position = 1`}, "audit_hash"},
		"hash gone":    {[]string{`DELETE FROM audit_hash WHERE position = (SELECT max(position) FROM audit_hash)`}, "audit_hash"},
		"head changed": {[]string{`UPDATE audit_head SET note = replace(note, 'tree', 'bush')`}, "audit_head"},
		"tail cut": {[]string{
			`DELETE FROM audit_sequence WHERE position >= 8`, `DELETE FROM audit_hash WHERE position >= 15`,
			`DELETE FROM audit_body WHERE leaf_id NOT IN (SELECT leaf_id FROM audit_sequence)`,
			`DELETE FROM audit_leaf WHERE id NOT IN (SELECT leaf_id FROM audit_sequence)`,
		}, "audit_head"},
		"leaf added aside": {[]string{`INSERT INTO audit_leaf (id, hash) SELECT 'zzz', hash FROM audit_leaf WHERE id = ` + at(0)}, "audit_leaf"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
				j := newJournal(t, d)
				record(t, d, j, 0, 10)
				sequence(t, j)
				force(t, d, tc.tamper...)
				rep := verify(t, j)
				if rep.Bad == nil {
					t.Fatal("the tampering is not seen")
				}
				if rep.Bad.Table != tc.table || rep.Bad.ID == "" {
					t.Errorf("Bad = %v, want a row of %s", rep.Bad, tc.table)
				}
			})
		})
	}
}

func TestKnownHeadShowsARewrittenJournal(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t, d)
		record(t, d, j, 0, 5)
		sequence(t, j)
		kept, err := j.LastHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// The intruder owns the key too: everything is removed and written anew.
		force(t, d, `DELETE FROM audit_head`, `DELETE FROM audit_hash`, `DELETE FROM audit_sequence`, `DELETE FROM audit_body`, `DELETE FROM audit_leaf`)
		record(t, d, j, 100, 5)
		sequence(t, j)
		if rep := verify(t, j); rep.Bad != nil {
			t.Fatalf("the new journal alone should hold: %v", rep.Bad)
		}
		if rep := verify(t, j, kept.Note); rep.Bad == nil {
			t.Error("a journal written anew passes in front of a head that somebody kept")
		}
	})
}

func TestEraseUnknownBody(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t, d)
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return j.EraseTx(ctx, tx, "nowhere", "x") })
		if err == nil || fault.Is(err, fault.Conflict) {
			t.Errorf("err = %v, want a refusal", err)
		}
	})
}
