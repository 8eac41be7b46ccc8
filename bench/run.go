package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/place"
)

type bench struct {
	program, data string
	each          time.Duration
	rounds        int
}

// wanted is how many places the load runs over.
const wanted = 20_000

func (b *bench) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "viaduc-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if b.program == "" {
		b.program = filepath.Join(dir, "viaduc")
		build := exec.CommandContext(ctx, "go", "build", "-o", b.program, "./cmd/viaduc")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return err
		}
	}
	if err := b.starts(ctx, filepath.Join(dir, "real")); err != nil {
		return err
	}
	return b.loads(ctx, filepath.Join(dir, "many"))
}

// fill makes a data folder with the communes and a census file.
func (b *bench) fill(ctx context.Context, dir string, census *os.File) error {
	core, err := app.Open(ctx, config.Config{Data: dir}, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	communes, err := os.Open(filepath.Join(b.data, "geo", "communes-2026.csv"))
	if err != nil {
		return err
	}
	defer communes.Close()
	if _, err := core.Territory.ImportCommunes(ctx, audit.CLI, communes); err != nil {
		return err
	}
	if _, err := core.Places.Import(ctx, audit.CLI, census, place.ImportOptions{}); err != nil {
		return err
	}
	_, err = core.Journal.Sequence(ctx) // so that a start measures serving, not catching up
	return err
}

// node is a "viaduc serve" of its own process.
type node struct {
	cmd   *exec.Cmd
	host  string
	ready time.Duration
}

func (b *bench) serve(ctx context.Context, dir string) (*node, error) {
	host, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	n := &node{cmd: exec.CommandContext(ctx, b.program, "serve", "--data", dir, "--addr", host), host: host}
	n.cmd.Stderr = os.Stderr
	begin := time.Now()
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(begin) < 20*time.Second {
		if _, _, err := fetch(ctx, "http://"+host+"/readyz"); err == nil {
			n.ready = time.Since(begin)
			return n, nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	n.stop()
	return nil, fmt.Errorf("serve was not ready after 20 s")
}

func (n *node) stop() {
	_ = n.cmd.Process.Signal(os.Interrupt)
	_ = n.cmd.Wait()
}

// resident is the memory that the process holds, in MB, as the kernel counts it ("VmRSS:" now, "VmHWM:" at most ever).
func (n *node) resident(which string) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), which)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(fields[0], 64)
	return kb / 1024
}

// watch samples the resident memory until stop is called, which returns the most it saw.
func (n *node) watch() (stop func() float64) {
	done, most := make(chan struct{}), make(chan float64)
	go func() {
		seen := 0.0
		for {
			seen = max(seen, n.resident("VmRSS:"))
			select {
			case <-done:
				most <- seen
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(done); return <-most }
}

// starts measures how soon a node serves the real census, and what it holds under load.
func (b *bench) starts(ctx context.Context, dir string) error {
	census, err := os.Open(filepath.Join(b.data, "lieux", "lieux-france.csv"))
	if err != nil {
		return err
	}
	defer census.Close()
	if err := b.fill(ctx, dir, census); err != nil {
		return err
	}
	var ready, peaks, nows []float64
	for range b.rounds {
		n, err := b.serve(ctx, dir)
		if err != nil {
			return err
		}
		ready = append(ready, float64(n.ready.Milliseconds()))
		stop := n.watch()
		_, err = load(ctx, n.host, listQuestion(places(b.data)), b.each)
		now, peak := stop(), n.resident("VmHWM:")
		n.stop()
		if err != nil {
			return err
		}
		nows, peaks = append(nows, now), append(peaks, peak)
	}
	fmt.Printf("serve, 8,007 real places, %d communes: ready in %.0f ms (limit 300), resident under load at most %.0f MB (limit 120), while starting %.0f MB\n",
		35014, median(ready), median(nows), median(peaks))
	return nil
}

// loads compares the public JSON and the list with a bare handler that writes the same bytes.
func (b *bench) loads(ctx context.Context, dir string) error {
	census, err := displaced(filepath.Join(b.data, "lieux", "lieux-france.csv"), dir+".csv")
	if err != nil {
		return err
	}
	defer census.Close()
	if err := b.fill(ctx, dir, census); err != nil {
		return err
	}
	n, err := b.serve(ctx, dir)
	if err != nil {
		return err
	}
	defer n.stop()
	for _, one := range []struct {
		name     string
		question func(i int) string
		least    float64
		mostP99  float64
	}{
		{"/api/v1/lieux, distinct coordinates", apiQuestion, 1. / 2, 3},
		{"/lieux, distinct questions", listQuestion(places(b.data)), 1. / 20, 8},
	} {
		if err := b.compare(ctx, n, one.name, one.question, one.least, one.mostP99); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) compare(ctx context.Context, n *node, name string, question func(int) string, least, mostP99 float64) error {
	body, kind, err := fetch(ctx, "http://"+n.host+question(0))
	if err != nil {
		return err
	}
	peer, stop, err := startBare(ctx, body, kind)
	if err != nil {
		return err
	}
	defer stop()
	var rates, tails, ours, theirs []float64
	for range b.rounds {
		them, err := load(ctx, peer, question, b.each)
		if err != nil {
			return err
		}
		us, err := load(ctx, n.host, question, b.each)
		if err != nil {
			return err
		}
		rates = append(rates, us.perSecond/them.perSecond)
		tails = append(tails, float64(us.p99)/float64(them.p99))
		ours, theirs = append(ours, us.perSecond), append(theirs, them.perSecond)
	}
	fmt.Printf("%s, %d places, %d bytes: %.0f/s beside %.0f/s bare = %.2f (least %.2f), p99 %.1f times its own (most %.0f)\n",
		name, wanted, len(body), median(ours), median(theirs), median(rates), least, median(tails), mostP99)
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// apiQuestion asks around a new point of mainland France each time.
func apiQuestion(i int) string {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	return fmt.Sprintf("/api/v1/lieux?lat=%.5f&lon=%.5f", 43+r.Float64()*7, -1+r.Float64()*7)
}

// places reads names of communes to ask for.
func places(data string) []string {
	raw, err := os.ReadFile(filepath.Join(data, "geo", "communes-2026.csv"))
	if err != nil {
		return []string{"Rochefort"}
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		return []string{"Rochefort"}
	}
	var out []string
	for _, r := range rows[1:] {
		out = append(out, r[1])
	}
	return out
}

// listQuestion asks for another commune each time.
func listQuestion(names []string) func(i int) string {
	return func(i int) string {
		return "/lieux?ou=" + url.QueryEscape(names[(i*7919)%len(names)])
	}
}

// displaced writes a census of wanted places: the real ones, then copies moved by a few kilometres under new ids.
func displaced(from, to string) (*os.File, error) {
	raw, err := os.ReadFile(from)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		return nil, err
	}
	header, rows := rows[0], rows[1:]
	lat, lon := slices.Index(header, "latitude"), slices.Index(header, "longitude")
	out, err := os.Create(to)
	if err != nil {
		return nil, err
	}
	w := csv.NewWriter(out)
	_ = w.Write(header) // errors stay until Flush
	r := rand.New(rand.NewPCG(2, 2))
	for i := range wanted {
		row := slices.Clone(rows[i%len(rows)])
		if i >= len(rows) {
			row[0] += "_" + strconv.Itoa(i)
			row[lat], row[lon] = moved(row[lat], r), moved(row[lon], r)
		}
		_ = w.Write(row)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, err
	}
	_, err = out.Seek(0, 0)
	return out, err
}

// moved shifts a coordinate by up to a tenth of a degree.
func moved(degrees string, r *rand.Rand) string {
	v, err := strconv.ParseFloat(degrees, 64)
	if err != nil {
		return degrees
	}
	return strconv.FormatFloat(v+(r.Float64()-0.5)/5, 'f', 6, 64)
}
