// Command bench measures what docs/performance.md promises and prints it as ratios beside something honest in the same
// run, since the machines it runs on are shared and noisy:
//
//   - the start and the memory of "viaduc serve" on the real census;
//   - the public JSON and the list beside a bare net/http handler that writes the same bytes;
//   - how the time of a search grows from 20,000 places to 200,000;
//   - a search beside PostGIS answering the same over the same rows;
//   - the import of the real census beside the sqlite3 command's own;
//   - opening hours read and worked out in a second;
//   - the agenda of a season beside the bare handler, its calendar, the next free appointments in a year of thirty mediators;
//   - the first display of the list with its map beside Leaflet and supercluster drawing the same places.
//
// One line a figure, with what is wanted. All traffic stays on loopback or on a Unix socket; every loop is bounded in
// time, and the whole by a limit; what is started is stopped by its process id.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
)

// limit is how long a whole run may take once the program is built; what is not measured by then is said to be missing.
const limit = 5 * time.Minute

type bench struct {
	program, data string
	each          time.Duration
	rounds        int
	places        int    // that searches run over
	dir           string // of this run, removed at its end
	missed        int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // so that nothing stays behind
	defer stop()
	b := &bench{}
	flag.StringVar(&b.program, "viaduc", "", "the program to measure; it is built when not given")
	flag.StringVar(&b.data, "testdata", dataFolder(), "folder of the real data")
	flag.DurationVar(&b.each, "each", 2*time.Second, "how long each load lasts")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds; the median is printed")
	flag.IntVar(&b.places, "places", 20_000, "how many places the searches run over; ten times as many for their growth")
	only := flag.String("only", "", "measure these alone, separated by commas: "+strings.Join(names(), ", "))
	peer := flag.String("bare", "", "internal: be the bare peer at this address")
	kind := flag.String("type", "", "internal: content type of the bare peer")
	flag.Parse()
	if *peer != "" {
		fmt.Fprintln(os.Stderr, "bench:", bare(*peer, *kind))
		os.Exit(1)
	}
	if err := b.run(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parts are what is measured, in this order.
var parts = []struct {
	name    string
	measure func(b *bench, ctx context.Context) error
}{
	{"start", (*bench).starts},
	{"load", (*bench).loads},
	{"growth", (*bench).growth},
	{"postgis", (*bench).postgis},
	{"import", (*bench).imports},
	{"hours", (*bench).hours},
	{"agenda", (*bench).calendars},
	{"display", (*bench).displays},
}

func names() []string {
	var out []string
	for _, p := range parts {
		out = append(out, p.name)
	}
	return out
}

// run measures the parts that only names, all when it is empty. A part that fails does not keep the others from being
// measured.
func (b *bench) run(ctx context.Context, only string) error {
	chosen := names()
	if only != "" {
		chosen = strings.Split(only, ",")
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "viaduc-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.program == "" {
		b.program = filepath.Join(b.dir, "viaduc")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.program, "./cmd/viaduc")
		build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr // as make build does
		if err := build.Run(); err != nil {
			return err
		}
	}
	begin, before := time.Now(), busy()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var errs []error
	for _, p := range parts {
		if !slices.Contains(chosen, p.name) {
			continue
		}
		debug.FreeOSMemory() // no part pays for what another left
		if err := p.measure(b, ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: not measured: %w", p.name, err))
		}
	}
	fmt.Printf("%d figures missed; the run took %.0f s; %d processors, load average %s before and %s after\n",
		b.missed, time.Since(begin).Seconds(), runtime.NumCPU(), before, busy())
	return errors.Join(errs...)
}

// figure prints one line: what was measured, how much, what was wanted, and what it was made of.
func (b *bench) figure(reached bool, what, measured, wanted, details string) {
	verdict := "reached"
	if !reached {
		verdict = "MISSED "
		b.missed++
	}
	fmt.Printf("%s  %s: %s (wanted %s); %s\n", verdict, what, measured, wanted, details)
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// cost is what one call took, in microseconds: by the clock, and of processors, which others that use the machine do not
// lengthen.
type cost struct{ clock, processor float64 }

// perCall calls f with 0, 1, 2... for a while and returns what one call costs.
func perCall(ctx context.Context, length time.Duration, f func(i int) error) (cost, error) {
	begin, spent := time.Now(), processor()
	for i := 0; ; i++ {
		took := time.Since(begin)
		if took >= length && i > 0 {
			calls := 1000 * float64(i)
			return cost{float64(took) / calls, float64(processor()-spent) / calls}, nil
		}
		if err := errors.Join(ctx.Err(), f(i)); err != nil {
			return cost{}, err
		}
	}
}

// processor is the time of processors that this process has used, its collector's included.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// busy is the machine's load average of the last minute, "?" where it does not say.
func busy() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	one, _, _ := strings.Cut(string(raw), " ")
	return one
}

func dataFolder() string {
	if dir := os.Getenv("VIADUC_TESTDATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "shared", "data")
}
