package travel_test

import (
	"errors"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/agenda/travel"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// alesAgglomeration is the SIREN of a grouping of 71 communes, from the plain of the Gardon to the heights of the Cévennes.
const alesAgglomeration = "200066918"

type commune struct {
	travel.Stop
	population int
}

// alesCommunes returns the communes of Alès Agglomération by name, out of the real file of communes.
func alesCommunes(t *testing.T) map[string]commune {
	t.Helper()
	src, err := os.Open(testkit.Data(t, "geo/communes-2026.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	r, err := table.NewReader(src)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]commune{}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		cell := func(name string) string { return rec[r.Column(name)] }
		if cell("epci_siren") != alesAgglomeration {
			continue
		}
		point, err := territory.ParsePoint(cell("latitude"), cell("longitude"))
		if err != nil {
			t.Fatal(err)
		}
		c := commune{Stop: travel.Stop{Commune: cell("code_insee"), Name: cell("nom"), Point: point}}
		if c.population, err = strconv.Atoi(cell("population")); err != nil {
			t.Fatal(err)
		}
		found[c.Name] = c
	}
}

// Two crews (exemple) share the communes of Alès Agglomération: one of the south, one of the heights.
func TestNearestCrewGoesToRealCommunes(t *testing.T) {
	ground := alesCommunes(t)
	if len(ground) < 60 {
		t.Fatalf("only %d communes", len(ground))
	}
	stop := func(name string) travel.Stop {
		c, ok := ground[name]
		if !ok {
			t.Fatalf("no commune %s", name)
		}
		return c.Stop
	}
	crews := []travel.Crew{
		{ID: "sud", Name: "Bus du sud (exemple)", Base: stop("Alès"), MaxHalves: 8, Busy: []travel.Busy{
			{Weekday: tue, Half: travel.Morning, Stop: stop("Anduze")},
			{Weekday: wed, Half: travel.Afternoon, Stop: stop("Vézénobres")},
			{Weekday: mon, Half: travel.Morning, Stop: stop("Alès")},
		}},
		{ID: "nord", Name: "Bus du nord (exemple)", Base: stop("La Grand-Combe"), MaxHalves: 8, Busy: []travel.Busy{
			{Weekday: thu, Half: travel.Morning, Stop: stop("Génolhac")},
			{Weekday: fri, Half: travel.Afternoon, Stop: stop("Les Mages")},
			{Weekday: mon, Half: travel.Morning, Stop: stop("Le Martinet")},
		}},
	}
	var offers []travel.Offer
	for _, c := range crews {
		for _, b := range c.Busy {
			offers = append(offers, travel.Offer{Stop: b.Stop, Weekday: b.Weekday})
		}
	}
	for _, tc := range []struct{ commune, best, road, help string }{
		{"Saint-Jean-du-Gard", "sud Tue afternoon", "Environ 18 minutes de route depuis l'arrêt du matin à Anduze", "L'aide la plus proche est à 17\u00a0km"},
		{"Tornac", "sud Tue afternoon", "Environ 7 minutes de route depuis l'arrêt du matin à Anduze", "L'aide la plus proche est à 13\u00a0km"},
		{"Ners", "sud Wed morning", "Environ 7 minutes de route depuis l'arrêt de l'après-midi à Vézénobres", "L'aide la plus proche est à 12\u00a0km"},
		{"Concoules", "nord Thu afternoon", "Environ 6 minutes de route depuis l'arrêt du matin à Génolhac", "L'aide la plus proche est à 17\u00a0km"},
		{"Saint-Jean-de-Valériscle", "nord Fri morning", "Environ 5 minutes de route depuis l'arrêt de l'après-midi aux Mages", "L'aide la plus proche est à 5\u00a0km"},
		{"Saint-Florent-sur-Auzonnet", "nord Mon afternoon", "Environ 5 minutes de route depuis l'arrêt du matin au Martinet", "L'aide la plus proche est à 6\u00a0km"},
	} {
		c := ground[tc.commune]
		got := travel.Propose(travel.Ask{Commune: c.Commune, Point: c.Point, Population: c.population}, crews, offers, travel.Roads{}, travel.Options{Limit: 3})
		if len(got) != 3 {
			t.Fatalf("%s: %d proposals", tc.commune, len(got))
		}
		if best := short(got[:1]); best != tc.best+"\n" {
			t.Errorf("%s: the best is %s, want %s", tc.commune, best, tc.best)
		}
		if diff := cmp.Diff([]string{tc.road, "L'équipe fait 3 demi-journées sur 8", tc.help}, got[0].Reasons); diff != "" {
			t.Errorf("%s: reasons (-want +got):\n%s", tc.commune, diff)
		}
	}
}

// Whatever the commune, when crews are equally loaded and no other help is known, the shortest road wins.
func TestShortestRoadWinsInEachRealCommune(t *testing.T) {
	ground := alesCommunes(t)
	south := travel.Crew{ID: "sud", Base: ground["Alès"].Stop, Busy: []travel.Busy{{Weekday: tue, Half: travel.Morning, Stop: ground["Anduze"].Stop}}}
	north := travel.Crew{ID: "nord", Base: ground["La Grand-Combe"].Stop, Busy: []travel.Busy{{Weekday: thu, Half: travel.Morning, Stop: ground["Génolhac"].Stop}}}
	var roads travel.Roads
	winners := map[string]int{}
	for name, c := range ground {
		got := travel.Propose(travel.Ask{Commune: c.Commune, Point: c.Point}, []travel.Crew{south, north}, nil, roads, travel.Options{Limit: 1})
		shortest := roads.Trip(south.Base, c.Stop).Minutes
		for _, from := range []travel.Stop{south.Busy[0].Stop, north.Base, north.Busy[0].Stop} {
			shortest = min(shortest, roads.Trip(from, c.Stop).Minutes)
		}
		if len(got) != 1 || got[0].TravelMinutes != shortest {
			t.Errorf("%s: %+v, want %d minutes", name, got, shortest)
		}
		winners[got[0].Crew]++
	}
	if winners["sud"] < 20 || winners["nord"] < 10 {
		t.Errorf("one crew goes everywhere: %v", winners)
	}
}
