package testkit

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Poppler returns what a tool of poppler (pdfinfo, pdftotext) says of a PDF file. Any warning fails the test. Where poppler is not
// installed the test is skipped, but fails on CI. PAPERS=folder keeps the file, for people to look at.
func Poppler(t *testing.T, file []byte, tool string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no poppler: run scripts/install-test-tools.sh")
		}
		t.Skip("no poppler")
	}
	name := filepath.Join(t.TempDir(), "x.pdf")
	if folder := os.Getenv("PAPERS"); folder != "" {
		name = filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "-")+".pdf")
	}
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, warnings bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, append(append([]string{}, args...), name)...)
	if tool == "pdftotext" {
		cmd.Args = append(cmd.Args, "-")
	}
	cmd.Stdout, cmd.Stderr = &out, &warnings
	if err := cmd.Run(); err != nil || warnings.Len() > 0 {
		t.Fatalf("%s: %v %s", tool, err, warnings.String())
	}
	return out.String()
}
