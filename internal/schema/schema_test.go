package schema_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/platform/db"
	"viaduc/internal/schema"
	"viaduc/internal/testkit"
)

// update rewrites the snapshots and the checksums: make schema.
var update = os.Getenv("VIADUC_UPDATE") != ""

func compare(t *testing.T, file, got string) {
	t.Helper()
	if update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date (make schema rewrites it):\n%s", file, diff)
	}
}

func TestSnapshots(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		lines, err := schema.Describe(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, string(d.Engine())+".txt", strings.Join(lines, "\n")+"\n")
	})
}

// TestParity reads the two snapshots, so that it needs no server: they differ in nothing but the names of types.
func TestParity(t *testing.T) {
	read := func(name string) string {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	sqlite, postgres := read("sqlite.txt"), read("postgres.txt")
	if diff := cmp.Diff(sqlite, postgres); diff != "" {
		t.Errorf("the engines' schemas differ:\n%s", diff)
	}
}

func TestMigrationsAreNeverEdited(t *testing.T) {
	names, err := schema.Names()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range names {
		raw, err := schema.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(raw), name)
	}
	compare(t, "checksums.txt", b.String())
}

func TestUpIsRepeatableAndConcurrent(t *testing.T) {
	open := map[string]func(t *testing.T) func() *db.DB{
		"sqlite": func(t *testing.T) func() *db.DB {
			file := filepath.Join(t.TempDir(), "viaduc.db")
			return func() *db.DB {
				d, err := db.OpenSQLite(t.Context(), file)
				if err != nil {
					t.Error(err)
				}
				return d
			}
		},
		"postgres": func(t *testing.T) func() *db.DB {
			dsn := testkit.EmptyPostgresURL(t)
			return func() *db.DB {
				d, err := db.OpenPostgres(t.Context(), dsn)
				if err != nil {
					t.Error(err)
				}
				return d
			}
		},
	}
	for engine, prepare := range open {
		t.Run(engine, func(t *testing.T) {
			connect := prepare(t)
			const nodes = 4
			ran := make([]int, nodes)
			var wg sync.WaitGroup
			for i := range nodes {
				wg.Go(func() {
					d := connect()
					defer d.Close()
					n, err := schema.Up(t.Context(), d)
					if err != nil {
						t.Errorf("node %d: %v", i, err)
					}
					ran[i] = n
				})
			}
			wg.Wait()
			d := connect()
			defer d.Close()
			if ok, err := schema.Current(t.Context(), d); !ok || err != nil {
				t.Errorf("Current = %v, %v after %v", ok, err, ran)
			}
			if n, err := schema.Up(t.Context(), d); n != 0 || err != nil {
				t.Errorf("second Up = %d, %v, want 0 and no error", n, err)
			}
		})
	}
}
