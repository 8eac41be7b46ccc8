package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/secret"
)

// command runs a command in this process and returns its exit code and what it said.
func command(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := Run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	return code, out.String() + errs.String()
}

// journalOfTen makes a folder whose journal has ten lines under two heads, the first of which somebody kept.
func journalOfTen(t *testing.T) (dir, kept string) {
	t.Helper()
	dir, kept = t.TempDir(), filepath.Join(t.TempDir(), "head.txt")
	do := func(args ...string) string {
		code, said := command(t, append([]string{"--data", dir}, args...)...)
		if code != exitDone {
			t.Fatalf("%v: %d, %s", args, code, said)
		}
		return said
	}
	do("place", "import", bigCensus(t, 6))
	if err := os.WriteFile(kept, []byte(do("audit", "head")), 0o600); err != nil {
		t.Fatal(err)
	}
	do("place", "import", bigCensus(t, 10))
	do("audit", "head")
	return dir, kept
}

// rowAt is the key of a row of a journal.
func rowAt(t *testing.T, d *db.DB, text string) string {
	t.Helper()
	v, err := db.One(t.Context(), d, db.Value[string], text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// tamper changes a folder's database as an intruder who owns the machine can: no trigger, no foreign key.
func tamper(t *testing.T, d *db.DB, statements []string) {
	t.Helper()
	names, err := db.All(t.Context(), d, db.Value[string], `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit_%'`)
	if err != nil || len(names) < 10 {
		t.Fatalf("%d triggers, %v", len(names), err)
	}
	all := []string{"PRAGMA foreign_keys = 0"}
	for _, n := range names {
		all = append(all, "DROP TRIGGER "+n)
	}
	err = d.Migrate(t.Context(), func(pool *sql.DB) error {
		for _, s := range append(all, statements...) {
			if _, err := pool.ExecContext(t.Context(), s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// forged is a head of the journal's size signed by another key, under the journal's name.
func forged(t *testing.T, dir string) string {
	t.Helper()
	_, real := command(t, "--data", dir, "audit", "head")
	text, _, _ := strings.Cut(real, "\n\n")
	private, err := secret.NewSignerKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := secret.ParseSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func copyFolder(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// Five ways to tamper with a copy of a database, and a sixth that only a head kept elsewhere shows: the command names each
// and the first bad row (C18).
func TestVerifyNamesEachTampering(t *testing.T) {
	dir, kept := journalOfTen(t)
	leaf := func(position int) string {
		return fmt.Sprintf(`(SELECT leaf_id FROM audit_sequence WHERE position = %d)`, position)
	}
	cut := []string{
		`DELETE FROM audit_sequence WHERE position >= 5`, `DELETE FROM audit_hash WHERE position >= 8`,
		`DELETE FROM audit_body WHERE leaf_id NOT IN (SELECT leaf_id FROM audit_sequence)`,
		`DELETE FROM audit_leaf WHERE id NOT IN (SELECT leaf_id FROM audit_sequence)`,
	}
	for _, tc := range []struct {
		name       string
		statements []string
		said       string // by the command, in French
		kind       string
		table, row string // row: the key, or a question whose answer is the key
		keptOnly   bool
	}{
		{
			"body edited",
			[]string{`UPDATE audit_body SET actor = 'system' WHERE leaf_id = ` + leaf(4)},
			"le contenu d'une ligne a été changé", "body_changed", "audit_body", "SELECT leaf_id FROM audit_sequence WHERE position = 4", false,
		},
		{
			"leaf deleted",
			[]string{`DELETE FROM audit_leaf WHERE id = ` + leaf(4)},
			"une ligne a été supprimée", "leaf_gone", "audit_leaf", "SELECT leaf_id FROM audit_sequence WHERE position = 4", false,
		},
		{
			"order swapped",
			[]string{
				`UPDATE audit_sequence SET position = -1 WHERE position = 4`, `UPDATE audit_sequence SET position = 4 WHERE position = 7`,
				`UPDATE audit_sequence SET position = 7 WHERE position = -1`,
			},
			"l'ordre des lignes a été changé", "order_changed", "audit_sequence", "4", false,
		},
		{
			"head forged",
			[]string{`UPDATE audit_head SET note = '` + forged(t, dir) + `' WHERE size = 10`},
			"une tête n'est pas signée par la clé de ce journal", "head_forged", "audit_head", "10", false,
		},
		{"tail truncated", cut, "la fin du journal a été coupée", "tail_cut", "audit_head", "6", false},
		{
			"tail truncated with its heads", append(cut, `DELETE FROM audit_head`),
			"la fin du journal a été coupée", "tail_cut", "audit_head", "6", true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			twin := copyFolder(t, dir)
			d, err := db.OpenSQLite(t.Context(), filepath.Join(twin, "viaduc.db"))
			if err != nil {
				t.Fatal(err)
			}
			row := tc.row
			if strings.HasPrefix(row, "SELECT") {
				row = rowAt(t, d, row)
			}
			tamper(t, d, tc.statements)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			verify := []string{"--data", twin, "audit", "verify"}
			if tc.keptOnly {
				if code, said := command(t, verify...); code != exitDone {
					t.Fatalf("without the kept head: %d, %s", code, said)
				}
				verify = append(verify, "--head", kept)
			}
			code, said := command(t, verify...)
			if code != exitFailed || !strings.Contains(said, tc.said) || !strings.Contains(said, tc.table+" "+row+" (") {
				t.Errorf("exit %d, want 1 and %q, row %s of %s:\n%s", code, tc.said, row, tc.table, said)
			}
			var answer struct {
				OK              bool
				Kind, Table, ID string
			}
			_, said = command(t, append(verify, "--json")...)
			if err := json.Unmarshal([]byte(said), &answer); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			if answer.OK || answer.Kind != tc.kind || answer.Table != tc.table || answer.ID != row {
				t.Errorf("for programs: %+v", answer)
			}
		})
	}
	if code, said := command(t, "--data", dir, "audit", "verify", "--head", kept); code != exitDone || !strings.Contains(said, "intact") {
		t.Errorf("the original: %d, %s", code, said)
	}
}

func TestEveryTamperingIsSaid(t *testing.T) {
	for _, kind := range audit.Tamperings() {
		if tamperings[kind] == "" {
			t.Errorf("%s has no words", kind)
		}
	}
}
