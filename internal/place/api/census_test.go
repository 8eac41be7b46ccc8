package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

type censusAnswer struct {
	Total int
	Suite *int64
	Lieux []struct {
		Numero int64
		Nom    string
	}
}

func censusOf(t *testing.T, n *apptest.Node, query string) censusAnswer {
	t.Helper()
	res, body := n.Get("/api/v1/recensement" + query)
	var a censusAnswer
	if err := json.Unmarshal([]byte(body), &a); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", query, res.Status, err)
	}
	return a
}

// Whoever reads page after page reads every place that was there all along exactly once, while others come and change
// between two pages.
func TestCensusIsReadOnceWhileItChanges(t *testing.T) {
	n := apptest.Demo(t)
	before := map[int64]bool{}
	for _, e := range n.Places.Index().Entries() {
		before[int64(e.Number)] = true
	}
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[int64]int{}
	query := "?limit=7"
	for page := range 60 {
		a := censusOf(t, n, query)
		for _, l := range a.Lieux {
			seen[l.Numero]++
		}
		if a.Suite == nil {
			break
		}
		query = fmt.Sprintf("?limit=%d&apres=%d", 1+random.IntN(9), *a.Suite)
		// In between, a place comes, another changes its name and its commune.
		n.ImportText(fmt.Sprintf("id,pivot,nom,commune,code_postal,adresse,date_maj\nnouveau_%d,00000000000000,Lieu d'exemple %d,Rochefort,17300,1 rue Exemple,2026-05-01\n", page, page))
		if _, err := n.Places.Edit(t.Context(), identity.AtCLI(), 5, map[string]string{"nom": fmt.Sprintf("Renommé %d", page)}); err != nil {
			t.Fatal(err)
		}
		n.Reload()
	}
	for number := range before {
		if seen[number] != 1 {
			t.Errorf("place %d was read %d times", number, seen[number])
		}
	}
	for number, times := range seen {
		if times > 1 {
			t.Errorf("place %d was read %d times", number, times)
		}
	}
}

// The census of a territory is that of its pages; what has not the right form is said.
func TestCensusOfATerritory(t *testing.T) {
	n := apptest.Demo(t)
	a := censusOf(t, n, "?commune=17299")
	area, _ := n.Territory.Gazetteer().Area("commune", "17299")
	if a.Total != len(n.Places.Index().In(area)) || a.Total == 0 || len(a.Lieux) != a.Total {
		t.Errorf("%d places of %d", len(a.Lieux), a.Total)
	}
	if whole := censusOf(t, n, "?departement=17"); whole.Total != n.Places.Index().Len() {
		t.Errorf("%d places in the département", whole.Total)
	}
	for query, want := range map[string]string{
		"?apres=x": "apres", "?apres=-1": "apres", "?limit=0": "limit", "?limit=501": "limit", "?limit=x": "limit", "?commune=99999": "commune", "?departement=17&commune=17299": "commune",
		"?apres=99999999999999999999": "apres",
	} {
		res, body := n.Get("/api/v1/recensement" + query)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `"`+want+`":`) {
			t.Errorf("%s: %s %s", query, res.Status, body)
		}
	}
	res, _ := n.Get("/api/v1/recensement?limit=3")
	again, _ := n.Do(http.MethodGet, "/api/v1/recensement?limit=3", nil, func(r *http.Request) { r.Header.Set("If-None-Match", res.Header.Get("ETag")) })
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("the same page is sent again: %s", again.Status)
	}
	if end := censusOf(t, n, "?apres=9000000"); len(end.Lieux) != 0 || end.Suite != nil {
		t.Error("there is something after the end")
	}
}
