package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/testkit"
)

// The command answers as the reference reader does, for every value of the real data.
func TestHoursAgreeWithTheOracle(t *testing.T) {
	raw, err := os.ReadFile(testkit.Data(t, "hours/oracle-vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var oracle struct {
		Vectors []struct {
			Value     string      `json:"value"`
			OK        bool        `json:"ok"`
			Canonical string      `json:"canonical"`
			Intervals [][3]string `json:"intervals"`
		} `json:"vectors"`
	}
	if err := json.Unmarshal(raw, &oracle); err != nil || len(oracle.Vectors) < 3000 {
		t.Fatalf("%d vectors, %v", len(oracle.Vectors), err)
	}
	var in strings.Builder
	for _, v := range oracle.Vectors {
		in.WriteString(v.Value + "\x00") // some values have two lines
	}
	var out, errs strings.Builder
	args := []string{"--json", "place", "hours", "--null", "--from", "2026-05-04", "--to", "2026-05-18"}
	if code := Run(t.Context(), args, Streams{In: strings.NewReader(in.String()), Out: &out, Err: &errs}); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(oracle.Vectors) {
		t.Fatalf("%d lines for %d values", len(lines), len(oracle.Vectors))
	}
	for i, v := range oracle.Vectors {
		var got understood
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		if got.Value != v.Value || got.OK != v.OK || v.OK && got.Canonical != v.Canonical {
			t.Errorf("%q: ok %v %q, want %v %q", v.Value, got.OK, got.Canonical, v.OK, v.Canonical)
		}
		if v.Intervals == nil {
			v.Intervals = [][3]string{}
		}
		if diff := cmp.Diff(v.Intervals, got.Intervals); diff != "" {
			t.Errorf("%q: %s", v.Value, diff)
		}
	}
}

func TestHoursForPeople(t *testing.T) {
	var out, errs strings.Builder
	code := Run(t.Context(), []string{"place", "hours"}, Streams{In: strings.NewReader("Mo-Fr 09:00-12:00\nquand il fait beau\n"), Out: &out, Err: &errs})
	if code != exitDone || !strings.Contains(out.String(), "du lundi au vendredi") || !strings.Contains(out.String(), "ne se lit pas") {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
	for _, args := range [][]string{{"place", "hours", "--from", "hier"}, {"place", "hours", "--from", "2026-05-04", "--to", "2026-05-01"}, {"place", "hours", "--to", "x"}} {
		if code := Run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != exitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}
