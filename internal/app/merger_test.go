package app_test

import (
	"net/http"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/audit"
)

func TestAnOldCodeLeadsToTheCommuneOfToday(t *testing.T) {
	n := apptest.Demo(t)
	if res, _ := n.Get("/communes/17457-ancienne"); res.StatusCode != http.StatusNotFound {
		t.Fatalf("before: %d", res.StatusCode)
	}
	if _, err := n.Territory.Import(t.Context(), audit.CLI, strings.NewReader("ancien_code,nouveau_code,date\n17457,17299,2016-01-01\n"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Territory.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	res, _ := n.Get("/communes/17457-ancienne?avec=gratuit")
	if at := res.Header.Get("Location"); res.StatusCode != http.StatusMovedPermanently || at != "/communes/17299-rochefort?avec=gratuit" {
		t.Errorf("%d to %s", res.StatusCode, at)
	}
}
