package territory_test

import (
	"strings"
	"testing"
)

func TestAddressReadsWhatPeopleWrite(t *testing.T) {
	g := realGazetteer(t)
	for _, tc := range []struct {
		text, street, commune string
		sure                  bool
	}{
		{"12 rue de la République, Rochefort", "12 rue de la République", "17299", true},
		{"12 rue de la République Rochefort", "12 rue de la République", "17299", true},
		{"12, rue de la République 17300 Rochefort", "12 rue de la République", "17299", true},
		{"12 RUE DE LA REPUBLIQUE 17300 ROCHEFORT CEDEX", "12 RUE DE LA REPUBLIQUE", "17299", true},
		{"12 rue de la République, 17 300 Rochefort", "12 rue de la République", "17299", true},
		{"12 rue de la République, Rochefort (17)", "12 rue de la République", "17299", true},
		{"12 rue de la République Rochefort 73", "12 rue de la République", "73214", true},
		{"Rochefort, 12 rue de la République", "12 rue de la République", "17299", true},
		{"17300 Rochefort 12 rue de la République", "12 rue de la République", "17299", true},
		{"17300 12 rue de la République", "12 rue de la République", "17299", false},
		{"rue de la République Rochefort", "rue de la République", "17299", true},
		{"12 rue de la République 17300", "12 rue de la République", "17299", false},
		{"12 rue de la République 17300 Rochfort", "12 rue de la République", "17299", false},
		{"6 bis av. Gambetta, 17100 Saintes", "6 bis av. Gambetta", "17415", true},
		{"6bis avenue Gambetta Saintes", "6bis avenue Gambetta", "17415", true},
		{"3 place de l’Église La Rochelle", "3 place de l’Église", "17300", true},
		{"3 rue de Saintes, Rochefort", "3 rue de Saintes", "17299", true},
		{"rue de la Rochelle Rochefort", "rue de la Rochelle", "17299", true},
		{"Grande Rue, Rochefort", "Grande Rue", "17299", true},
		{"4 le Bourg, Saint-Agnant", "4 le Bourg", "17308", true},
		{"Mairie, 12 rue du Port, Rochefort", "12 rue du Port", "17299", true},
		{"1 rue du Lac, Rue", "1 rue du Lac", "80688", true},
		{"2 chemin des Dames St Jean d'Angély", "2 chemin des Dames", "17347", true},
		{"8 rue du Bac 75007", "8 rue du Bac", "75056", false},
	} {
		a, ok := g.Address(tc.text, "17")
		if !ok || a.Street != tc.street || a.Communes[0].Code != tc.commune || a.Sure != tc.sure {
			t.Errorf("Address(%q) = %q in %s, sure %v, %v; want %q in %s, %v", tc.text, a.Street, first(a.Communes), a.Sure, ok, tc.street, tc.commune, tc.sure)
		}
	}
	for _, none := range []string{
		"", "  ,", "Rochefort", "17300", "17300 Rochefort", "17 300", "Rochefort 17", "17 Rochefort", "12 Rochefort", "rue Rochefort", "rue de la Rochelle", "12 rue de la Rochelle",
		"Rue", "Rue 80", "12 rue de la République", "médiathèque Saintes", "mairie de Royan", "médiathèque place Colbert Rochefort", "Port-des-Barques", "Port des Barques", "17730 Port des Barques",
		"Pont l'Abbé d'Arnoult", "bus numérique à la Rochelle", "xyzzyx", "?!;", strings.Repeat("12 a ", 500), strings.Repeat("12 ", 500),
	} {
		if a, ok := g.Address(none, "17"); ok {
			t.Errorf("Address(%q) = %q in %s, want none", none, a.Street, first(a.Communes))
		}
	}
}

func TestFindIsNotMisledByWays(t *testing.T) {
	g := realGazetteer(t)
	for text, want := range map[string]string{"rue du Port Rochefort": "17299", "12 rue du Test, Saintes": "17415", "Rue": "80688", "Rue 80": "80688", "mairie de Rue": "80688"} {
		if m := g.Find(text, "17"); first(m.Communes)[:5] != want {
			t.Errorf("Find(%q) = %s, want %s", text, first(m.Communes), want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"12 rue de la République, Rochefort", "17300 Rochefort 3 le Breuil", "Grande Rue\n17100", "1,2;3(4)", "\xff rue", "12 bis"} {
		f.Add(s)
	}
	g := smallGazetteer(f)
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := g.Address(text, "17")
		if ok != (len(a.Communes) > 0 && a.Street != "") {
			t.Fatalf("Address(%q) = %+v, %v", text, a, ok)
		}
	})
}

func BenchmarkAddress(b *testing.B) {
	g := smallGazetteer(b)
	for _, text := range []string{"Rochefort", "médiathèque Saintes", "12 rue de la République, 17300 Rochefort"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				g.Address(text, "17")
			}
		})
	}
}
