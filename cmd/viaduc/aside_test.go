package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileIsWholeOrAsItWas(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "lieux.csv")
	write := func(text string, keep bool) {
		t.Helper()
		out, err := createAside(file)
		if err != nil {
			t.Fatal(err)
		}
		defer out.drop()
		if _, err := out.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if keep {
			if err := out.keep(); err != nil {
				t.Fatal(err)
			}
		}
	}
	holds := func(want string) {
		t.Helper()
		raw, err := os.ReadFile(file)
		if err != nil && want != "" || string(raw) != want {
			t.Errorf("the file holds %q, %v; want %q", raw, err, want)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) > 1 {
			t.Errorf("left behind: %v, %v", entries, err)
		}
	}
	write("half", false)
	holds("")
	write("first", true)
	holds("first")
	write("half", false)
	holds("first")
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	write("second", true)
	holds("second")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the rights changed: %v, %v", info, err)
	}
}

func TestALinkIsFollowed(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "lieux.csv"), filepath.Join(dir, "lien.csv")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip("no links here:", err)
	}
	out, err := createAside(link)
	if err != nil {
		t.Fatal(err)
	}
	defer out.drop()
	if _, err := out.WriteString("new"); err != nil {
		t.Fatal(err)
	}
	if err := out.keep(); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "new" {
		t.Errorf("%q, %v", raw, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
}

func TestWhereNothingCanBeWritten(t *testing.T) {
	_, err := createAside(filepath.Join(t.TempDir(), "absent", "lieux.csv"))
	if err == nil || !strings.Contains(err.Error(), "n'existe pas") || strings.Contains(err.Error(), "*") {
		t.Errorf("%v", err)
	}
	out, err := createAside(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer out.drop()
	if _, err := out.WriteString("x"); err != nil {
		t.Error(err)
	}
	if err := out.keep(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}
