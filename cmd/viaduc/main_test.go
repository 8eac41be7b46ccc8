package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"viaduc/internal/app"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/territory/geocodertest"
	"viaduc/internal/testkit"
)

func TestMain(m *testing.M) {
	if os.Getenv("VIADUC_TEST_MAIN") != "" {
		main() // exits
	}
	testscript.Main(m, map[string]func(){"viaduc": main})
}

func TestScripts(t *testing.T) {
	geocoder := geocodertest.Start(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATA", filepath.Dir(filepath.Dir(testkit.Data(t, "lieux/lieux-17.csv"))))
			e.Setenv("GEOCODER", geocoder.URL)
			e.Setenv("MAPPINGS", filepath.Join(testkit.Root(t), "docs", "mappings"))
			return nil
		},
	})
}

// viaduc is a process of its own, so that signals are real.
func viaduc(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), "VIADUC_TEST_MAIN=1")
	return cmd
}

func bigCensus(t *testing.T, rows int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,pivot,nom,commune,code_postal,adresse,date_maj\n")
	for i := range rows {
		fmt.Fprintf(&b, "A_%d,00000000000000,Lieu %d,Saintes,17100,rue du Test,2026-01-05\n", i, i)
	}
	file := filepath.Join(t.TempDir(), "census.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// held counts the places in a folder and sees that the journal holds.
func held(t *testing.T, dir string) int {
	t.Helper()
	core, err := app.Open(t.Context(), config.Config{Data: dir}, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer core.Close()
	if err := core.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	rep, err := core.Journal.Verify(t.Context())
	if err != nil || rep.Bad != nil {
		t.Fatalf("journal: %+v, %v", rep, err)
	}
	n := core.Places.Index().Len()
	if int64(n) != rep.Leaves+rep.Pending {
		t.Errorf("%d places but %d journal lines: they did not commit together", n, rep.Leaves+rep.Pending)
	}
	return n
}

// slice is how many rows of a file land together.
const slice = 1000

func TestKilledImportLeavesWholeSlices(t *testing.T) {
	const rows = 5_000
	census := bigCensus(t, rows)
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			interrupted := 0
			for delay := 20 * time.Millisecond; delay < 3*time.Second; delay = delay * 3 / 2 {
				dir := testkit.SQLiteDir(t)
				cmd := viaduc(t, "--data", dir, "place", "import", census)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(delay) // the moment of the blow is the test
				_ = cmd.Process.Signal(sig)
				err := cmd.Wait()
				if err != nil {
					interrupted++
				}
				if n := held(t, dir); n%slice != 0 {
					t.Errorf("after %v: %d places, want whole slices", delay, n)
				}
				if err != nil && interrupted == 1 {
					if out, err := viaduc(t, "--data", dir, "place", "import", census).CombinedOutput(); err != nil || held(t, dir) != rows {
						t.Errorf("importing again does not end the work: %v: %s", err, out)
					}
				}
				if err == nil {
					break // it finished before the blow: later ones would too
				}
			}
			if interrupted == 0 {
				t.Error("no import was interrupted: the test shows nothing")
			}
			dir := testkit.SQLiteDir(t)
			if out, err := viaduc(t, "--data", dir, "place", "import", census).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if n := held(t, dir); n != rows {
				t.Errorf("%d places after a whole import", n)
			}
		})
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func waitFor(t *testing.T, what string, limit time.Duration, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v: not %s", limit, what)
		}
	}
}

// While a census of 40,000 places comes in, another process changes a place, again and again: it never waits long.
func TestNobodyWaitsForAnImport(t *testing.T) {
	dir := testkit.SQLiteDir(t)
	if out, err := viaduc(t, "--data", dir, "place", "import", bigCensus(t, 1)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	core, err := app.Open(t.Context(), config.Config{Data: dir}, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer core.Close()
	importer := exec.CommandContext(t.Context(), plainProgram(t), "--data", dir, "place", "import", bigCensus(t, 40_000))
	if err := importer.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- importer.Wait() }()
	writes, during := 0, 0
	var waits []time.Duration
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
			landing, err := core.Places.Landing(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			writes++
			start := time.Now()
			if _, err := core.Places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"complement_adresse": fmt.Sprint("porte ", writes)}); err != nil {
				t.Fatal(err)
			}
			waits = append(waits, time.Since(start))
			if landing {
				during++
			}
		}
	}
	slices.Sort(waits)
	most := waits[len(waits)*99/100] // what a busy machine does to one in a hundred says nothing of the program
	t.Logf("%d writes, %d of them while the import landed, 99 in 100 within %v, the longest %v", writes, during, most, waits[len(waits)-1])
	if during < 5 {
		t.Errorf("only %d writes met the import: the test shows nothing", during)
	}
	if most > time.Second {
		t.Errorf("writes waited %v for the import", most)
	}
}

// An import beside a running server shows within two seconds, and the server stops when it is told to.
func TestServeShowsWhatAnotherProcessImports(t *testing.T) {
	dir, addr := testkit.SQLiteDir(t), freeAddr(t)
	server := viaduc(t, "--data", dir, "serve", "--addr", addr)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "ready", 20*time.Second, func() bool { status, _ := get(t, "http://"+addr+"/readyz"); return status == http.StatusOK })
	if out, err := viaduc(t, "--data", dir, "place", "import", bigCensus(t, 500)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	waitFor(t, "shown", 2*time.Second, func() bool {
		_, body := get(t, "http://"+addr+"/api/v1/lieux?ou=lieu+499")
		return strings.Contains(body, `"nom":"Lieu 499"`)
	})
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("serve told to stop: %v", err)
	}
}

func TestDemoRefusesOtherAddresses(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:8080", "example.org:80", "x"} {
		out, err := viaduc(t, "demo", "--addr", addr).CombinedOutput()
		var exit *exec.ExitError
		if err == nil || !asExit(err, &exit) || exit.ExitCode() != exitUsage || !strings.Contains(string(out), "cette machine") {
			t.Errorf("demo --addr %s: %v, %s", addr, err, out)
		}
	}
}

func asExit(err error, to **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError) //nolint:errorlint // exec returns it bare
	*to = e
	return ok
}

func TestTakenPortSaysSo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out, err := viaduc(t, "--data", testkit.SQLiteDir(t), "serve", "--addr", l.Addr().String()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "déjà prise") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestTwoGigabytesOfJunkAreRefusedAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "junk.csv")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(2 << 30); err != nil { // a sparse file: two gigabytes of NUL
		t.Fatal(err)
	}
	if _, err := f.WriteString("id,pivot,nom,commune,code_postal,adresse,date_maj\n" + strings.Repeat("x", 4<<20)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	out, err := viaduc(t, "--data", testkit.SQLiteDir(t), "place", "import", file).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "viaduc : ") || strings.Contains(string(out), "inattendue") {
		t.Errorf("%v: %s", err, out)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v to see that this is no table", took)
	}
}

func TestParserWordsAreFrench(t *testing.T) {
	for _, args := range [][]string{{"--rien"}, {"rien"}, {"place"}, {"place", "import"}, {"place", "import", "a", "b"}, {"place", "import", "--report"}, {"place", "export", "--format", "pdf"}, {"serve", "--addr"}} {
		var out, errs strings.Builder
		code := Run(t.Context(), args, Streams{Out: &out, Err: &errs})
		if code != exitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
		for _, english := range []string{"unknown", "unexpected", "expected", "missing", "must be", "did you mean", "value"} {
			if strings.Contains(errs.String(), english) {
				t.Errorf("%v speaks English: %s", args, errs.String())
			}
		}
	}
}
