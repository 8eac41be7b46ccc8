package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"viaduc/internal/testkit"
)

// A file as large as this would not fit: the rows are kept aside, and so are the remarks, one a row here.
func TestImportDoesNotHoldTheFile(t *testing.T) {
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
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "read 100000, created 100000, updated 0, unchanged 0, rejected 0, warnings 100000\n") {
		t.Fatalf("%v: %s", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("this system does not say how much memory a process took")
	}
	if held := usage.Maxrss << 10; held > most {
		t.Errorf("the import took %d MB, want at most %d", held>>20, most>>20)
	} else {
		t.Logf("%d MB", held>>20)
	}
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
