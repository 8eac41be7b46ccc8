package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"viaduc/internal/place/openinghours"
)

// imports compares the import of the real census with what the sqlite3 command takes to put the same file into a table
// of texts with a key, both as processes on a fresh folder.
func (b *bench) imports(ctx context.Context) error {
	sqlite, err := exec.LookPath("sqlite3")
	if err != nil {
		return fmt.Errorf("%w: scripts/install-test-tools.sh bench installs it", err)
	}
	script, rows, err := b.sqliteScript()
	if err != nil {
		return err
	}
	var ratios, ours, theirs, spent []float64
	for i := range b.rounds {
		dir := filepath.Join(b.dir, fmt.Sprintf("import-%d", i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		plain := filepath.Join(dir, "plain.db")
		them, err := timed(ctx, script, sqlite, "-batch", plain)
		if err != nil {
			return err
		}
		us, err := timed(ctx, "", b.program, "place", "import", "--data", dir, b.realCensus())
		if err != nil {
			return err
		}
		for db, table := range map[string]string{plain: "lieux", filepath.Join(dir, "viaduc.db"): "place_place"} {
			out, err := exec.CommandContext(ctx, sqlite, "-readonly", db, "SELECT count(*) FROM "+table).Output()
			if got := strings.TrimSpace(string(out)); err != nil || got != fmt.Sprint(rows) {
				return fmt.Errorf("%s holds %s rows of %d: %w", db, got, rows, err)
			}
		}
		ratios, ours, theirs = append(ratios, us.clock/them.clock), append(ours, us.clock), append(theirs, them.clock)
		spent = append(spent, us.processor/them.processor)
	}
	b.figure(median(ratios) <= 25, "import of the real census, beside sqlite3's .import", fmt.Sprintf("%.1f times", median(ratios)), "at most 25",
		fmt.Sprintf("%.0f ms beside %.0f ms, %.1f times the processor, %d rows, new, with its journal", median(ours)/1000, median(theirs)/1000, median(spent), rows))
	return nil
}

// sqliteScript is what the sqlite3 command is told, and how many rows it must end up with.
func (b *bench) sqliteScript() (script string, rows int, err error) {
	f, err := os.Open(b.realCensus())
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return "", 0, err
	}
	columns := `"` + strings.Join(table[0], `" TEXT, "`) + `" TEXT`
	return fmt.Sprintf(".bail on\nCREATE TABLE lieux (%s, PRIMARY KEY (%q));\n.import --csv --skip 1 %q lieux\n", columns, table[0][0], b.realCensus()), len(table) - 1, nil
}

// timed runs a program to its end, and returns what it cost.
func timed(ctx context.Context, input, program string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(input)
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("%s: %w: %s", filepath.Base(program), err, out)
	}
	took, spent := time.Since(begin), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	return cost{float64(took.Microseconds()), float64(spent.Microseconds())}, nil
}

// hours measures how many distinct texts of opening hours, as the census writes them, are read and worked out for two
// weeks in a second of one core.
func (b *bench) hours(ctx context.Context) error {
	raw, err := os.ReadFile(filepath.Join(b.data, "hours", "oracle-vectors.json"))
	if err != nil {
		return err
	}
	var file struct{ Vectors []struct{ Value string } }
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	where := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("17")}
	from := time.Date(2026, 5, 4, 0, 0, 0, 0, where.Zone)
	to := from.AddDate(0, 0, 14)
	var rates []float64
	read, intervals := 0, 0
	for range b.rounds {
		one, err := perCall(ctx, turn, func(i int) error {
			h, err := openinghours.Parse(file.Vectors[i%len(file.Vectors)].Value)
			if err == nil {
				read++
				intervals += len(h.Intervals(where, from, to))
			}
			return nil // a text that cannot be read was judged all the same
		})
		if err != nil {
			return err
		}
		rates = append(rates, 1e6/one.processor)
	}
	if read == 0 || intervals == 0 {
		return fmt.Errorf("nothing was read")
	}
	b.figure(median(rates) >= 100_000, "opening hours read and worked out for two weeks", fmt.Sprintf("%.0f a second of processor", math.Floor(median(rates))), "at least 100000",
		fmt.Sprintf("%d distinct texts, %.1f intervals each", len(file.Vectors), float64(intervals)/float64(read)))
	return nil
}
