package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"viaduc/internal/testkit"
)

// A file as large as this would not fit: the rows are kept aside, and so are the remarks, one a row here.
func TestImportDoesNotHoldTheFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says in /proc how much memory a process took")
	}
	const rows, most = 100_000, 150 << 20
	name := filepath.Join(t.TempDir(), "census.json")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	text := strings.Repeat("Un lieu où l'on vous aide. ", 60)
	for i := range rows {
		sep := ","
		if i == 0 {
			sep = "["
		}
		fmt.Fprintf(w, "%s\n"+`{"id": "A_%d", "pivot": "", "nom": "Lieu %d", "commune": "Saintes", "code_postal": "17100", "adresse": "rue", "date_maj": "2026-01-05", "horaires": "le matin", "presentation_detail": %q}`, sep, i, i, text)
	}
	fmt.Fprintln(w, "]")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), plainProgram(t), "--data", testkit.SQLiteDir(t), "place", "import", "--dry-run", "--report", filepath.Join(t.TempDir(), "r.csv"), name)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	held := 0
	for running := true; running; {
		select {
		case err = <-ended:
			running = false
		case <-time.After(20 * time.Millisecond):
			held = max(held, peakMemory(t, cmd.Process.Pid))
		}
	}
	if err != nil || !strings.Contains(out.String(), "read 100000, created 100000, updated 0, unchanged 0, rejected 0, warnings 100000\n") {
		t.Fatalf("%v: %s", err, out.String())
	}
	t.Logf("%d MB", held>>20)
	if held == 0 || held > most {
		t.Errorf("the import took %d MB, want at most %d", held>>20, most>>20)
	}
}

// peakMemory is the most that a process that runs has held, in bytes; 0 where the system does not say, or once it has
// ended. What the system tells of a process after its end counts what this very test held when it started it.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	if !ok {
		return 0
	}
	var kb int
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// plainProgram builds the program as people get it: under the race detector this test binary itself takes far more
// memory. The flags are those of make build, so that the compiled packages are at hand.
func plainProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "viaduc")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "viaduc/cmd/viaduc")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}
