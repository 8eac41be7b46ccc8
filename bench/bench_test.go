package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"viaduc/internal/testkit"
)

// What is measured is judged by make bench on a quiet machine; this holds that it still can be.
func TestBenchRuns(t *testing.T) {
	census := testkit.Data(t, "lieux/lieux-france.csv")
	program := filepath.Join(t.TempDir(), "bench")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), program, "-testdata", filepath.Dir(filepath.Dir(census)),
		"-only", "load,growth,hours,agenda", "-rounds", "1", "-each", "50ms", "-places", "8007")
	run.Dir, run.Stderr = testkit.Root(t), os.Stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, want := strings.Count(string(out), "(wanted "), 16; got != want {
		t.Errorf("%d figures, want %d: %s", got, want, out)
	}
}
