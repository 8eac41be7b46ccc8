package audit_test

import (
	"context"
	"database/sql"
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

func newJournal(t testing.TB, d *db.DB) *audit.Journal {
	t.Helper()
	return audit.New(audit.Deps{DB: d, Signer: newSigner(t), Now: testkit.NewClock(t, "2026-05-04 09:30").Now, Log: slog.New(slog.DiscardHandler)})
}

func newSigner(t testing.TB) secret.Signer {
	t.Helper()
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func record(t testing.TB, d *db.DB, j *audit.Journal, from, n int) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var entries []audit.Entry
		for i := from; i < from+n; i++ {
			entries = append(entries, audit.Entry{
				Actor: audit.CLI, Action: "place.import", Object: audit.Object{Kind: "place", ID: fmt.Sprint(i)},
				Detail: map[string]string{"nom": "Médiathèque"}, Subjects: []audit.Object{{Kind: "person", ID: fmt.Sprint(i % 5)}},
			})
		}
		return j.RecordTx(ctx, tx, entries...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sequence(t testing.TB, j *audit.Journal) int {
	t.Helper()
	n, err := j.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func verify(t testing.TB, j *audit.Journal, known ...string) audit.Report {
	t.Helper()
	rep, err := j.Verify(t.Context(), known...)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func exec(t testing.TB, d *db.DB, statements ...string) error {
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
		if err := d.Migrate(t.Context(), func(pool *sql.DB) error {
			_, err := pool.ExecContext(t.Context(), "PRAGMA foreign_keys = 0")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		off = nil
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
			return d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return j.EraseTx(ctx, tx, "durée atteinte", lines[0].ID) })
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
			`UPDATE audit_subject SET subject_id = 'x'`, `DELETE FROM audit_subject`,
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

// leafAt is the leaf at a position.
func leafAt(n int) string {
	return fmt.Sprintf(`(SELECT leaf_id FROM audit_sequence WHERE position = %d)`, n)
}

// shortHash is a hash without its last byte, on both engines.
const shortHash = `substr(hash, 1, 31)`

// tamperings are what an intruder who owns the database may try, on a journal of ten lines under two heads, and how
// Verify names the first bad row. A row given as a position is the leaf that stood there.
var tamperings = map[string]struct {
	tamper []string
	kind   audit.Tampering
	table  string
	leaf   int    // position of the leaf that is the row...
	row    string // ...unless the row has its own key
}{
	"body edited":   {[]string{`UPDATE audit_body SET actor = 'autre' WHERE leaf_id = ` + leafAt(4)}, audit.BodyChanged, "audit_body", 4, ""},
	"detail edited": {[]string{`UPDATE audit_body SET detail = '{}' WHERE leaf_id = ` + leafAt(4)}, audit.BodyChanged, "audit_body", 4, ""},
	"body gone": {[]string{
		`DELETE FROM audit_subject WHERE leaf_id = ` + leafAt(4), `DELETE FROM audit_body WHERE leaf_id = ` + leafAt(4),
	}, audit.BodyGone, "audit_body", 4, ""},
	"subject gone":    {[]string{`DELETE FROM audit_subject WHERE leaf_id = ` + leafAt(4)}, audit.BodyChanged, "audit_body", 4, ""},
	"subject changed": {[]string{`UPDATE audit_subject SET subject_id = 'autre' WHERE leaf_id = ` + leafAt(4)}, audit.BodyChanged, "audit_body", 4, ""},
	"subject added": {[]string{
		`INSERT INTO audit_subject (leaf_id, subject_kind, subject_id) VALUES (` + leafAt(4) + `, 'person', 'autre')`,
	}, audit.BodyChanged, "audit_body", 4, ""},
	"leaf changed alone": {[]string{
		`UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE id = ` + leafAt(5) + `) WHERE id = ` + leafAt(4),
	}, audit.BodyChanged, "audit_body", 4, ""},
	"leaf deleted": {[]string{`DELETE FROM audit_leaf WHERE id = ` + leafAt(4)}, audit.LeafGone, "audit_leaf", 4, ""},
	"leaf and body changed together": {[]string{
		`DELETE FROM audit_subject WHERE leaf_id = ` + leafAt(4), `DELETE FROM audit_body WHERE leaf_id = ` + leafAt(4),
		`INSERT INTO audit_body (leaf_id, salt, at, actor, action, object_kind, object_id, detail)
			SELECT ` + leafAt(4) + `, salt, at, actor, action, object_kind, object_id, detail FROM audit_body WHERE leaf_id = ` + leafAt(5),
		`INSERT INTO audit_subject (leaf_id, subject_kind, subject_id)
			SELECT ` + leafAt(4) + `, subject_kind, subject_id FROM audit_subject WHERE leaf_id = ` + leafAt(5),
		`UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE id = ` + leafAt(5) + `) WHERE id = ` + leafAt(4),
	}, audit.LeafChanged, "audit_leaf", 4, ""},
	"position gone": {[]string{`DELETE FROM audit_sequence WHERE position = 4`}, audit.PositionGone, "audit_sequence", 0, "4"},
	"order swapped": {[]string{
		`UPDATE audit_sequence SET position = -4 WHERE position = 4`, `UPDATE audit_sequence SET position = 4 WHERE position = 5`,
		`UPDATE audit_sequence SET position = 5 WHERE position = -4`,
	}, audit.OrderChanged, "audit_sequence", 0, "4"},
	"order swapped, hashes gone": {[]string{
		`UPDATE audit_sequence SET position = -4 WHERE position = 4`, `UPDATE audit_sequence SET position = 4 WHERE position = 5`,
		`UPDATE audit_sequence SET position = 5 WHERE position = -4`,
		`DELETE FROM audit_hash WHERE position >= 7`, // from the fifth leaf on: nothing tells any more which leaf it was
	}, audit.Rewritten, "audit_head", 0, "6"},
	"hash changed": {[]string{
		`UPDATE audit_hash SET hash = (SELECT hash FROM audit_hash WHERE position = 0) WHERE position = 1`,
	}, audit.HashChanged, "audit_hash", 0, "1"},
	"last hash changed": {[]string{
		`UPDATE audit_hash SET hash = (SELECT hash FROM audit_hash WHERE position = 0) WHERE position = 17`,
	}, audit.HashChanged, "audit_hash", 0, "17"},
	"hash cut short": {[]string{`UPDATE audit_hash SET hash = ` + shortHash + ` WHERE position = 3`}, audit.HashChanged, "audit_hash", 0, "3"},
	"hash gone":      {[]string{`DELETE FROM audit_hash WHERE position = 17`}, audit.HashChanged, "audit_hash", 0, "17"},
	"hash added":     {[]string{`INSERT INTO audit_hash (position, hash) SELECT 18, hash FROM audit_hash WHERE position = 0`}, audit.HashChanged, "audit_hash", 0, "18"},
	"head altered":   {[]string{`UPDATE audit_head SET note = replace(note, 'tree', 'bush') WHERE size = 6`}, audit.HeadForged, "audit_head", 0, "6"},
	"head gone":      {[]string{`DELETE FROM audit_head WHERE size = 6`}, audit.HeadGone, "audit_head", 0, "6"},
	"head added":     {[]string{`INSERT INTO audit_head (size, at, note) SELECT 8, at, note FROM audit_head WHERE size = 6`}, audit.HeadForged, "audit_head", 0, "8"},
	"head misfiled":  {[]string{`UPDATE audit_head SET size = 7 WHERE size = 6`}, audit.HeadForged, "audit_head", 0, "7"},
	"tail truncated": {[]string{
		`DELETE FROM audit_sequence WHERE position >= 8`, `DELETE FROM audit_hash WHERE position >= 15`,
		`DELETE FROM audit_subject WHERE leaf_id NOT IN (SELECT leaf_id FROM audit_sequence)`,
		`DELETE FROM audit_body WHERE leaf_id NOT IN (SELECT leaf_id FROM audit_sequence)`,
		`DELETE FROM audit_leaf WHERE id NOT IN (SELECT leaf_id FROM audit_sequence)`,
	}, audit.TailCut, "audit_head", 0, "10"},
	"leaf added aside":         {[]string{`INSERT INTO audit_leaf (id, hash) SELECT 'zzz', hash FROM audit_leaf WHERE id = ` + leafAt(0)}, audit.LeafAdded, "audit_leaf", 0, "zzz"},
	"placed leaf made to wait": {[]string{`INSERT INTO audit_pending (leaf_id) VALUES (` + leafAt(4) + `)`}, audit.LeafAdded, "audit_pending", 4, ""},
	"erased body still names": {[]string{
		`INSERT INTO audit_erasure (leaf_id, at, reason) VALUES (` + leafAt(4) + `, 0, 'x')`, `DELETE FROM audit_body WHERE leaf_id = ` + leafAt(4),
	}, audit.BodyChanged, "audit_subject", 4, ""},
}

func TestVerifyNamesTheFirstBadRow(t *testing.T) {
	for name, tc := range tamperings {
		t.Run(name, func(t *testing.T) {
			testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
				j := newJournal(t, d)
				record(t, d, j, 0, 6)
				sequence(t, j)
				record(t, d, j, 6, 4)
				sequence(t, j)
				if rep := verify(t, j); rep.Bad != nil || rep.Leaves != 10 || rep.Heads != 2 {
					t.Fatalf("before: %+v", rep)
				}
				row := tc.row
				if row == "" {
					var err error
					if row, err = db.One(t.Context(), d, db.Value[string], `SELECT leaf_id FROM audit_sequence WHERE position = $1`, tc.leaf); err != nil {
						t.Fatal(err)
					}
				}
				force(t, d, tc.tamper...)
				rep := verify(t, j)
				if rep.Bad == nil {
					t.Fatal("the tampering is not seen")
				}
				if rep.Bad.Kind != tc.kind || rep.Bad.Table != tc.table || rep.Bad.ID != row {
					t.Errorf("Bad = %s %v, want %s, row %s of %s", rep.Bad.Kind, rep.Bad, tc.kind, row, tc.table)
				}
			})
		})
	}
}

// A head signed by any other key than the journal's is named, whoever's name it bears.
func TestVerifyRefusesAHeadOfAnotherKey(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, other := newJournal(t, d), newJournal(t, d)
		record(t, d, j, 0, 6)
		sequence(t, j)
		record(t, d, j, 6, 4)
		sequence(t, other)
		forged := func(when string) {
			t.Helper()
			if rep := verify(t, j); rep.Bad == nil || rep.Bad.Kind != audit.HeadForged || rep.Bad.ID != "10" {
				t.Errorf("%s: Bad = %v, want the head of size 10", when, rep.Bad)
			}
		}
		forged("newest")
		record(t, d, j, 10, 2)
		sequence(t, j)
		forged("under a head of the right key, which does not vouch for it")
	})
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
		force(t, d, `DELETE FROM audit_head`, `DELETE FROM audit_hash`, `DELETE FROM audit_sequence`, `DELETE FROM audit_subject`, `DELETE FROM audit_body`, `DELETE FROM audit_leaf`)
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

// An effect whose line cannot be written does not happen (D8).
func TestNoEffectWithoutItsLine(t *testing.T) {
	for _, table := range []string{"audit_leaf", "audit_body", "audit_subject", "audit_pending"} {
		t.Run(table, func(t *testing.T) {
			testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
				j := newJournal(t, d)
				session := seats(t, d)
				if err := claim(t.Context(), d, j, session, 2); err != nil {
					t.Fatal(err)
				}
				if err := exec(t, d, `ALTER TABLE `+table+` RENAME TO full_disk`); err != nil {
					t.Fatal(err)
				}
				if err := claim(t.Context(), d, j, session, 2); err == nil {
					t.Error("the effect happens")
				}
				n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM seat_claim`)
				if err != nil || n != 1 {
					t.Errorf("%d claims, %v", n, err)
				}
			})
		})
	}
}

func TestEraseUnknownBody(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t, d)
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return j.EraseTx(ctx, tx, "x", "nowhere") })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("err = %v, want not_found", err)
		}
	})
}
