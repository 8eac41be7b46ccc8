package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place"
)

// alike adds invented places that the census has twice: three pairs, one of which is united. It returns the pair that stays
// as its address has it, and the number of the place that became part of another.
func alike(t *testing.T, n *apptest.Node) (double, united string) {
	t.Helper()
	var text strings.Builder
	text.WriteString("id,pivot,nom,commune,code_postal,code_insee,adresse,latitude,longitude,telephone,source,date_maj,services\n")
	for i, name := range []string{"Maison des Saules (exemple)", "Halle des Peupliers (exemple)", "Atelier des Frênes (exemple)"} {
		for j, source := range []string{"Annuaire (exemple)", "Réseau (exemple)"} {
			fmt.Fprintf(&text, "double-%d-%d,00000000000000,%s,Rochefort,17300,17299,%d rue du Port,45.%d,-0.95,+3354600000%d,%s,2026-0%d-01,Aide aux démarches administratives\n", i, j, name, i+1, 93+i, i*2+j, source, j+2)
		}
	}
	n.ImportText(text.String())
	list, err := n.Places.Duplicates(t.Context(), identity.AtCLI(), place.DuplicateFilter{})
	if err != nil || len(list) < 3 {
		t.Fatalf("%d pairs, %v", len(list), err)
	}
	gone := list[len(list)-1]
	if _, err := n.Places.Merge(t.Context(), identity.AtCLI(), place.NewMerge{Kept: gone.First.Number, Merged: gone.Second.Number}); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	return fmt.Sprintf("%d-%d", list[0].First.Number, list[0].Second.Number), fmt.Sprint(gone.Second.Number)
}

// An officer unites the thirteen pairs of the two départements in the browser, without scripts; then none is left, old
// addresses lead to the kept places, and the last merge is undone.
func TestTheThirteenPairsAreUnited(t *testing.T) {
	n := apptest.Demo(t)
	n.ImportPlaces("lieux/lieux-17.csv")
	n.ImportPlaces("lieux/lieux-40.csv")
	b := browser.Start(t)
	tab := b.Tab(t, browser.Viewport(320, 800), browser.JavaScriptOff(), browser.Cookies(n.URL, n.Login(identity.Administrator)))
	tab.Open(n.URL + "/pro/lieux/doublons")
	says(t, tab, "13 paires à regarder")
	merges, gone := 0, ""
	for ; strings.Contains(tab.Text("main"), "Comparer la première paire"); merges++ {
		if merges > 13 {
			t.Fatal("no end")
		}
		tab.ClickText("Comparer la première paire")
		says(t, tab, "Paire 1 sur")
		_, pair, _ := strings.Cut(tab.URL(), "/pro/doublons/")
		_, gone, _ = strings.Cut(pair, "-")
		tab.ClickText("Vérifier avant de réunir")
		says(t, tab, "Ce qui reste")
		tab.ClickText("Réunir ces deux lieux")
		says(t, tab, "n'en font plus qu'une")
	}
	if merges != 12 { // three records of one library are three pairs, and two merges
		t.Errorf("%d merges", merges)
	}
	says(t, tab, "Aucun doublon")
	n.Reload()
	res, _ := n.Get("/lieux/" + gone)
	if res.StatusCode != http.StatusMovedPermanently {
		t.Errorf("the old address answers %d", res.StatusCode)
	}
	tab.Open(n.URL + "/pro/doublons/" + gone + "/separer")
	tab.ClickText("Séparer ces deux lieux")
	says(t, tab, "de nouveau séparés")
	says(t, tab, "une paire à regarder")
}
