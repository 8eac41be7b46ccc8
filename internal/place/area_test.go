package place_test

import (
	"testing"

	"viaduc/internal/place"
	"viaduc/internal/territory"
)

func TestPlacesOfAnArea(t *testing.T) {
	g := territory.NewGazetteer([]territory.Commune{
		{Code: "17299", Name: "Rochefort", Department: "17", EPCI: "200041762", Postcodes: []string{"17300"}},
		{Code: "17168", Name: "Échillais", Department: "17", EPCI: "200041762", Postcodes: []string{"17620"}},
		{Code: "40192", Name: "Mont-de-Marsan", Department: "40", EPCI: "244000808", Postcodes: []string{"40000"}},
	}, []territory.EPCI{{SIREN: "200041762", Name: "CA Rochefort Océan"}})
	x := place.NewIndex(1, []place.Place{
		{Number: 1, Name: "Zone ouverte", Commune: "Rochefort", Postcode: "17300", Status: place.Published},
		{Number: 2, Name: "Accueil", Commune: "Rochefort", CommuneCode: "17299", Status: place.Published},
		{Number: 3, Name: "Mairie", Commune: "Échillais", CommuneCode: "17168", Status: place.ToComplete},
		{Number: 4, Name: "Médiathèque", Commune: "Mont-de-Marsan", CommuneCode: "40192", Status: place.Published},
		{Number: 5, Name: "Loin", Commune: "Nulle-Part", Postcode: "99999", Status: place.Published},
		{Number: 6, Name: "Caché", CommuneCode: "17299", Status: place.ToLocate},
	}, g)
	for _, c := range []struct {
		kind territory.AreaKind
		code string
		want []place.Number
	}{
		{territory.CommuneArea, "17299", []place.Number{2, 1}},
		{territory.EPCIArea, "200041762", []place.Number{3, 2, 1}},
		{territory.DepartmentArea, "40", []place.Number{4}},
		{"", "", []place.Number{3, 4, 5, 2, 1}},
	} {
		a, _ := g.Area(c.kind, c.code)
		var got []place.Number
		for _, e := range x.In(a) {
			got = append(got, e.Number)
		}
		if len(got) != len(c.want) {
			t.Fatalf("%s %s: %v, want %v", c.kind, c.code, got, c.want)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s %s: %v, want %v", c.kind, c.code, got, c.want)
				break
			}
		}
	}
}
