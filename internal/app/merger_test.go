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

// A place that a census still has under the old code is found in the commune of today.
func TestAPlaceOfAnOldCodeIsOfTheCommuneOfToday(t *testing.T) {
	n := apptest.Demo(t)
	n.ImportText("id,pivot,nom,commune,code_postal,code_insee,adresse,latitude,longitude,source,date_maj,services\n" +
		"ancien_1,00000000000000,Espace de l'ancienne commune,Ancienne-Commune,17999,17457,1 rue de l'Exemple,45.94,-0.96,exemple,2026-01-05,Accès internet et matériel informatique\n")
	if _, body := n.Get("/communes/17299-rochefort"); strings.Contains(body, "ancienne commune") {
		t.Fatal("found before anybody knows of the merger")
	}
	if _, err := n.Territory.Import(t.Context(), audit.CLI, strings.NewReader("ancien_code,nouveau_code,date\n17457,17299,2016-01-01\n"), 0); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	found := false
	for _, page := range []string{"", "?page=2"} {
		_, body := n.Get("/communes/17299-rochefort" + page)
		found = found || strings.Contains(body, "Espace de l&#39;ancienne commune")
	}
	if !found {
		t.Error("not in the commune that its own became part of")
	}
}
