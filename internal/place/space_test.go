package place_test

import (
	"strings"
	"testing"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/testkit"
)

func TestATiersLieuSaysWhatIsShared(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		head := header + ",typologie,viaduc_espaces,viaduc_espaces_prix,viaduc_espaces_acces,viaduc_espaces_lien"
		text := head + "\n" + row1 + ",FABLAB,open space|Cuisine partagée,12 euros la journée,Badge demandé la veille,https://lieu.example/espaces\n"
		if rep := w.importText(t, text); rep.Created != 1 || len(rep.Issues) != 0 {
			t.Fatalf("%s %v", rep.Counts, rep.Issues)
		}
		p := stored(t, w, 1)
		if p.Spaces != "Open space|Cuisine partagée" || p.SpacePrices != "12 euros la journée" || p.SpaceEntry != "Badge demandé la veille" || p.SpaceURL != "https://lieu.example/espaces" {
			t.Errorf("%+v", p)
		}
		if rep := w.importText(t, text); rep.Unchanged != 1 {
			t.Errorf("again: %s", rep.Counts)
		}
		var words []string
		for _, f := range p.SpaceFacets() {
			words = append(words, f.Word())
		}
		if len(words) != 3 || words[0] != "travail-partage" || words[1] != "fablab" || words[2] != "cuisine" {
			t.Errorf("spaces %q", words)
		}
		x := w.refresh(t)
		counts := x.Counts([]place.Facet{place.ThirdPlace()}, time.Unix(0, 0))
		for word, want := range map[string]int{"fablab": 1, "cuisine": 1, "studio": 0} {
			f, ok := place.ParseFacet(place.GroupSpace, word)
			if !ok || counts[f] != want {
				t.Errorf("%s: %d places, want %d", word, counts[f], want)
			}
		}
		studio, _ := place.ParseFacet(place.GroupSpace, "studio")
		if res := x.Search(place.Query{Facets: []place.Facet{place.ThirdPlace(), studio}}); res.Total != 1 || len(res.Dropped) != 1 || res.Dropped[0] != studio {
			t.Errorf("nobody has a studio: %+v", res)
		}
		rep := w.importText(t, head+"\n"+row1+",ASSO,Piscine,,,nulle part\n")
		var rules []string
		for _, i := range rep.Issues {
			rules = append(rules, i.Field+" "+i.Rule)
		}
		if got := strings.Join(rules, ", "); got != "viaduc_espaces_lien syntax, viaduc_espaces enum, viaduc_espaces_lien pattern" {
			t.Errorf("issues: %s", got)
		}
		if p := stored(t, w, 1); p.Status != place.Published {
			t.Errorf("a fault of our own fields makes the place %s", p.Status)
		}
	})
}

func TestWhoIsATiersLieu(t *testing.T) {
	for _, tc := range []struct {
		p    place.Place
		want bool
	}{
		{place.Place{}, false}, {place.Place{Kinds: "MUNI|BIB"}, false}, {place.Place{Kinds: "ASSO|TIERS_LIEUX"}, true},
		{place.Place{Kinds: "FABLAB"}, true}, {place.Place{Kinds: "MUNI", Spaces: "Studio"}, true},
	} {
		if got := tc.p.IsThirdPlace(); got != tc.want {
			t.Errorf("%s %s: %v", tc.p.Kinds, tc.p.Spaces, got)
		}
	}
}
