package main

import (
	"encoding/json"
	"strings"
	"testing"

	"viaduc/internal/testkit"
)

func TestDuplicatesAreListed(t *testing.T) {
	dir := testkit.SQLiteDir(t)
	if code, said := onFolder(t, dir, "place", "import", testkit.Data(t, "lieux/lieux-17.csv")); code != exitDone {
		t.Fatal(said)
	}
	code, said := onFolder(t, dir, "place", "duplicates")
	if code != exitDone || !strings.Contains(said, "10 paires, en 8 groupes.") || !strings.Contains(said, "99 sur 100 : ") || strings.Count(said, "\n") != 11 {
		t.Errorf("%d\n%s", code, said)
	}
	if code, said := onFolder(t, dir, "place", "duplicates", "--departement", "40"); code != exitDone || said != "Aucun doublon.\n" {
		t.Errorf("%d\n%s", code, said)
	}
	if code, said := onFolder(t, dir, "place", "duplicates", "--least", "10"); code != exitUsage || !strings.Contains(said, "de 60 à 100") {
		t.Errorf("%d\n%s", code, said)
	}
	code, said = onFolder(t, dir, "--json", "place", "duplicates", "--least", "60")
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if code != exitDone || len(lines) != 23 {
		t.Fatalf("%d, %d lines", code, len(lines))
	}
	var first struct {
		Numbers  []int64 `json:"numeros"`
		Score    int     `json:"score"`
		Distance int     `json:"distance"`
		Unite    bool    `json:"reunir"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(first.Numbers) != 2 || first.Score != 100 || first.Distance != 100 || !first.Unite {
		t.Errorf("%+v, %v", first, err)
	}
}
