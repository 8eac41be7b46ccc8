package territory_test

import (
	"testing"

	"viaduc/internal/territory"
)

func TestAreas(t *testing.T) {
	g := territory.NewGazetteer([]territory.Commune{
		{Code: "17299", Name: "Rochefort", Department: "17", EPCI: "200041762", Population: 23000},
		{Code: "17168", Name: "Échillais", Department: "17", EPCI: "200041762", Population: 3600},
		{Code: "17207", Name: "L'Île-d'Aix", Department: "17", EPCI: "", Population: 200},
		{Code: "40192", Name: "Mont-de-Marsan", Department: "40", EPCI: "244000808", Population: 30000},
	}, []territory.EPCI{{SIREN: "200041762", Name: "CA Rochefort Océan"}, {SIREN: "244000808", Name: "CA Mont de Marsan Agglomération"}})
	for _, c := range []struct {
		kind       territory.AreaKind
		code, name string
		ok         bool
		communes   int
	}{
		{territory.DepartmentArea, "17", "Charente-Maritime", true, 3},
		{territory.DepartmentArea, "33", "Gironde", false, 0},
		{territory.DepartmentArea, "", "", false, 0},
		{territory.EPCIArea, "200041762", "CA Rochefort Océan", true, 2},
		{territory.EPCIArea, "", "", false, 1}, // the communes without grouping are no area
		{territory.CommuneArea, "17299", "Rochefort", true, 1},
		{territory.CommuneArea, "99999", "", false, 0},
		{"canton", "1", "", false, 4},
	} {
		a, ok := g.Area(c.kind, c.code)
		if ok != c.ok || a.Name != c.name {
			t.Errorf("Area(%s, %q) = %+v, %v", c.kind, c.code, a, ok)
		}
		if n := len(g.CommunesIn(a)); n != c.communes {
			t.Errorf("%s %q has %d communes, want %d", c.kind, c.code, n, c.communes)
		}
	}
	whole, _ := g.Area(territory.DepartmentArea, "17")
	if got := g.CommunesIn(whole); got[0].Name != "Échillais" || got[1].Name != "L'Île-d'Aix" {
		t.Errorf("communes in the order of their names: %v", got)
	}
	if got := g.EPCIsIn(territory.Area{}); len(got) != 2 || got[0].Name != "CA Mont de Marsan Agglomération" {
		t.Errorf("EPCI: %v", got)
	}
	if got := g.EPCIsIn(whole); len(got) != 1 || got[0].Code != "200041762" {
		t.Errorf("EPCI of a département: %v", got)
	}
}
