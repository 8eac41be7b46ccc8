package place

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMappedValues(t *testing.T) {
	for name, tc := range map[string]struct {
		field, mapping string
		cells          map[string]string
		want           string
	}{
		"a column":                      {"commune", `{"colonne": "Ville"}`, map[string]string{"Ville": "Pau"}, "Pau"},
		"a constant":                    {"commune", `{"constante": "Angers"}`, nil, "Angers"},
		"joined, empty cells left out":  {"adresse", `{"joindre": {"colonnes": ["n", "voie", "lieu-dit"], "separateur": " "}}`, map[string]string{"n": "2 ", "voie": "", "lieu-dit": "rue Bleue"}, "2 rue Bleue"},
		"split, first":                  {"commune", `{"dissocier": {"colonne": "pt", "separateur": ",", "partie": 0}}`, map[string]string{"pt": "42.3, 9.0"}, "42.3"},
		"split, last":                   {"commune", `{"dissocier": {"colonne": "pt", "separateur": ",", "partie": -1}}`, map[string]string{"pt": "a,b,c"}, "c"},
		"split, none":                   {"commune", `{"dissocier": {"colonne": "pt", "separateur": ",", "partie": 3}}`, map[string]string{"pt": "a,b"}, ""},
		"extracted, group":              {"code_postal", `{"extraire": {"colonne": "a", "motif": "(\\d{5}) "}}`, map[string]string{"a": "Mairie 20224 CORSCIA"}, "20224"},
		"extracted, whole":              {"code_postal", `{"extraire": {"colonne": "a", "motif": "\\d{5}"}}`, map[string]string{"a": "Mairie 20224 CORSCIA"}, "20224"},
		"extracted, none":               {"code_postal", `{"extraire": {"colonne": "a", "motif": "\\d{5}"}}`, map[string]string{"a": "Mairie"}, ""},
		"an id":                         {"id", `{"identifiant": {"prefixe": "Corse_", "colonnes": ["s", "a"]}}`, map[string]string{"s": "Mairie d'Urtaca", "a": "20218"}, "Corse_mairie-d-urtaca-20218"},
		"no id":                         {"id", `{"identifiant": {"prefixe": "Corse_", "colonnes": ["s"]}}`, map[string]string{"s": " "}, ""},
		"a week":                        {"horaires", `{"semaine": {"lundi": "l", "mardi": "m", "mercredi": "w"}}`, map[string]string{"l": "09:00 - 12:00 / 14:00 - 17:00", "m": "9h-12h / 14h-17h", "w": "-"}, "Mo-Tu 09:00-12:00,14:00-17:00"},
		"a week with a day left out":    {"horaires", `{"semaine": {"lundi": "l", "mercredi": "w"}}`, map[string]string{"l": "9h-12h", "w": "9h-12h"}, "Mo 09:00-12:00; We 09:00-12:00"},
		"a day that cannot be read":     {"horaires", `{"semaine": {"lundi": "l"}}`, map[string]string{"l": `sur "rendez-vous"`}, `Mo "sur 'rendez-vous'"`},
		"terms whatever their case":     {"frais_a_charge", `[{"colonnes": ["t"], "termes": ["gratuit"], "cible": "Gratuit"}]`, map[string]string{"t": "Accès GRATUIT"}, "Gratuit"},
		"terms but":                     {"frais_a_charge", `[{"colonnes": ["t"], "termes": ["gratuit"], "sauf": ["condition"], "cible": "Gratuit"}, {"colonnes": ["t"], "termes": ["condition"], "cible": "Gratuit sous condition"}]`, map[string]string{"t": "gratuit sous conditions"}, "Gratuit sous condition"},
		"any text":                      {"frais_a_charge", `[{"colonnes": ["t"], "cible": "Payant"}]`, map[string]string{"t": "12 euros"}, "Payant"},
		"any text, none":                {"frais_a_charge", `[{"colonnes": ["t"], "cible": "Payant"}]`, map[string]string{"t": " "}, ""},
		"always":                        {"frais_a_charge", `[{"cible": "Gratuit"}]`, nil, "Gratuit"},
		"each target once, rules order": {"services", `[{"colonnes": ["b", "a"], "termes": ["caf", "impôts"], "cible": "Aide aux démarches administratives"}, {"colonnes": ["a"], "termes": ["caf"], "cible": "Aide aux démarches administratives"}, {"colonnes": ["a"], "termes": ["wifi"], "cible": "Accès internet et matériel informatique"}]`, map[string]string{"a": "CAF, wifi", "b": ""}, "Aide aux démarches administratives|Accès internet et matériel informatique"},
		"but looks at one column":       {"frais_a_charge", `[{"colonnes": ["a", "b"], "termes": ["gratuit"], "sauf": ["non"], "cible": "Gratuit"}]`, map[string]string{"a": "non gratuit", "b": "gratuit"}, "Gratuit"},
	} {
		t.Run(name, func(t *testing.T) {
			text := `{"champs": {"` + tc.field + `": ` + tc.mapping + `, "nom": {"constante": "x"}}}`
			m, err := ReadMapping(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range m.fields {
				if columns[f.column].Name != tc.field {
					continue
				}
				cells := make([]string, len(f.from))
				for i, name := range f.from {
					cells[i] = tc.cells[name]
				}
				if got := f.value(cells); got != tc.want {
					t.Errorf("%s = %q, want %q", tc.field, got, tc.want)
				}
			}
		})
	}
}

func TestMappingMistakesAreSaid(t *testing.T) {
	for text, want := range map[string]string{
		``:                   "pas entier",
		`{`:                  "pas entier",
		`[]`:                 "bonne forme",
		`{"champs": {}} x`:   "après la fin",
		"{\"champs\": \xff}": "UTF-8",
		`{"champ": {}}`:      `"champ" n'existe pas`,
		`{"champs": {}}`:     "nom",
		`{"champs": {"couleur": {"colonne": "x"}}}`:                                        "« couleur » n'est pas un champ",
		`{"champs": {"nom": {"colone": "x"}}}`:                                             `"colone" n'existe pas`,
		`{"champs": {"nom": {}}}`:                                                          "une seule façon",
		`{"champs": {"nom": null}}`:                                                        "une seule façon",
		`{"champs": {"nom": {"colonne": ""}}}`:                                             "manque une colonne",
		`{"champs": {"nom": {"colonne": 3}}}`:                                              "bonne forme",
		`{"champs": {"nom": [{"cible": "x"}]}}`:                                            "plusieurs valeurs",
		`{"champs": {"nom": {"joindre": {}}}}`:                                             "manque une colonne",
		`{"champs": {"nom": {"semaine": {"x":"y"}}}}`:                                      "jours",
		`{"champs": {"nom": {"semaine": {}}}}`:                                             "manque une colonne",
		`{"champs": {"nom": {"colonne": "x", "constante": "y"}}}`:                          "une seule façon",
		`{"champs": {"nom": {"extraire": {"colonne": "x", "motif": "("}}}}`:                "expression régulière",
		`{"champs": {"nom": {"extraire": {"colonne": "x", "motif": "(a)(b)"}}}}`:           "plusieurs groupes",
		`{"champs": {"nom": {"dissocier": {"colonne": "x"}}}}`:                             "séparateur",
		`{"champs": {"nom": {"colonne": "x"}, "latitude": {"colonne": "y"}}}`:              "vont ensemble",
		`{"champs": {"services": [{"colonnes": ["x"], "cible": "Aide"}]}}`:                 "« Aide » n'est pas une valeur",
		`{"champs": {"services": [{"colonnes": ["x"]}]}}`:                                  "cible",
		`{"champs": {"typologie": [{"termes": ["x"], "cible": "BIB"}]}}`:                   "sans colonne",
		`{"champs": {"typologie": [{"colonnes": ["x"], "termes": [""], "cible": "BIB"}]}}`: "vide",
	} {
		_, err := ReadMapping(strings.NewReader(text))
		var refused *ImportError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reason, want) || !strings.HasSuffix(refused.Reason, ".") {
			t.Errorf("%s\n\t%v, want a sentence with %q", text, err, want)
		}
	}
}

func TestKeptMappingsAreRead(t *testing.T) {
	files, err := filepath.Glob("../../docs/mappings/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d mappings, %v", len(files), err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadMapping(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
}

func FuzzReadMapping(f *testing.F) {
	f.Add(`{"champs": {"nom": {"colonne": "a"}, "services": [{"colonnes": ["b"], "termes": ["caf"], "cible": "Aide aux démarches administratives"}]}}`)
	f.Add(`{"champs": {"nom": {"extraire": {"colonne": "a", "motif": "(.*)"}}, "horaires": {"semaine": {"lundi": "b"}}}}`)
	f.Add(`{"champs": {"nom": {"dissocier": {"colonne": "a", "separateur": "b", "partie": -9223372036854775808}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ReadMapping(strings.NewReader(text))
		if err != nil {
			var refused *ImportError
			if !errors.As(err, &refused) {
				t.Fatalf("an error that says nothing to people: %v", err)
			}
			return
		}
		for _, field := range m.fields {
			cells := make([]string, len(field.from))
			for i := range cells {
				cells[i] = text
			}
			field.value(cells)
		}
	})
}

func TestSpoolReadsAgainWhatItWasGiven(t *testing.T) {
	var s spool[row]
	defer s.close()
	const n = 30_000 // more than the memory takes
	for round := range 2 {
		for i := range n {
			r := row{Line: i + 1, Place: Place{Name: strings.Repeat("é", 200), ToCheck: i%2 == 0}}
			if err := s.add(&r); err != nil {
				t.Fatal(err)
			}
		}
		if s.file == nil {
			t.Fatal("nothing went to the file")
		}
		for range 2 {
			line := 0
			err := s.each(func(r *row) error {
				line++
				if r.Line != line || len(r.Place.Name) != 400 || r.Place.ToCheck != (line%2 == 1) {
					t.Fatalf("round %d: row %d is %+v", round, line, r)
				}
				return nil
			})
			if err != nil || line != n {
				t.Fatalf("round %d: %d rows, %v", round, line, err)
			}
		}
		if err := s.reset(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCleanCell(t *testing.T) {
	for _, tc := range []struct{ column, raw, postcode, want, rule string }{
		{"telephone", "05 46 00 00 01", "17100", "+33546000001", ""},
		{"telephone", "0590 00 00 01", "97100", "+590590000001", ""},
		{"telephone", "05.46.00.00.01 / 06 00 00 00 02", "", "+33546000001", ruleNormalised},
		{"telephone", "1234", "17100", "1234", ""}, // the standard's pattern reports it
		{"telephone", "+33546000001", "", "+33546000001", ""},
		{"courriels", "Contact@Exemple.fr", "", "contact@exemple.fr", ""},
		{"courriels", "a@exemple.fr ; b@exemple.fr", "", "a@exemple.fr|b@exemple.fr", ""},
		{"courriels", "a@exemple.fr|a@exemple.fr", "", "a@exemple.fr", ""},
		{"courriels", "a@exemple.fr|b@b@exemple.fr", "", "a@exemple.fr", ruleNormalised},
		{"courriels", "néant", "", "néant", ruleSyntax},
		{"site_web", "www.exemple.fr", "", "http://www.exemple.fr", ""},
		{"site_web", "https://exemple.fr|néant", "", "https://exemple.fr", ruleNormalised},
		{"site_web", "bientôt", "", "bientôt", ruleSyntax},
		{"prise_rdv", "rdv.exemple.fr/a", "", "http://rdv.exemple.fr/a", ""},
		{"date_maj", "05/01/2026", "", "2026-01-05", ""},
		{"date_maj", "2026-01-05T10:00:00+01:00", "", "2026-01-05", ""},
		{"date_maj", "1970-01-01", "", "", ""}, // nobody knows
		{"date_maj", "bientôt", "", "bientôt", ""},
		{"pivot", "776 398 968 00061", "", "77639896800061", ""},
		{"pivot", "", "", UnknownPivot, ""},
		{"pivot", "W123456789", "", "W123456789", ""},
		{"horaires", "Mo-Fr 09:00-12:00", "", "Mo-Fr 09:00-12:00", ""},
		{"horaires", "aux heures de bureau", "", "aux heures de bureau", ruleSyntax},
		{"services", "aide aux demarches administratives", "", ServiceAdmin, ""},
		{"services", "Aide aux démarches administratives;Loisirs et créations numériques", "", ServiceAdmin + "|" + ServiceLeisure, ""},
		{"services", "Aide;Loisirs", "", "Aide;Loisirs", ""},
		{"modalites_acces", "Ce lieu n’accueille pas de public", "", "Ce lieu n'accueille pas de public", ""},
	} {
		c := columns[columnIndex(tc.column)]
		got, rule := cleanCell(c, tc.raw, tc.postcode)
		if got != tc.want || rule != tc.rule {
			t.Errorf("%s %q = %q %q, want %q %q", tc.column, tc.raw, got, rule, tc.want, tc.rule)
		}
		if again, rule := cleanCell(c, got, tc.postcode); again != got || rule == ruleNormalised {
			t.Errorf("%s %q then becomes %q %q", tc.column, got, again, rule)
		}
	}
}

func TestV0Values(t *testing.T) {
	for _, tc := range []struct{ field, cell, want string }{
		{"services", "Prendre en main un ordinateur;Utiliser le numérique au quotidien;S’équiper en matériel informatique", ServiceBasics + "|" + ServiceEquipment},
		{"services", "Cuisine;Loisirs et créations numériques", "Cuisine|" + ServiceLeisure},
		{"frais_a_charge", "Gratuit : Je peux accéder gratuitement au lieu et à ses services", "Gratuit"},
		{"frais_a_charge", "Gratuit sous condition : La gratuité est conditionnée à des critères (situation familiale, convention avec un organisme social...)", "Gratuit sous condition"},
		{"frais_a_charge", "Payant : L'accès au lieu et/ou à ses services est payant;Adhésion : L'accès au lieu et/ou à ses services nécessite d'y adhérer", "Payant"},
		{"frais_a_charge", "Accepte le Pass numérique : Il est possible d'utiliser un Pass numérique pour accéder au lieu", ""},
		{"autres_formations_labels", "APTIC;French Tech;CNFS", "Accepte le Pass numérique|French Tech"},
		{"dispositif_programmes_nationaux", "CNFS;Aidants Connect;France Services;APTIC", "Conseillers numériques|Aidants Connect|France Services"},
		{"formations_labels", "CNFS;Fabriques de Territoire", "Fabriques de Territoire"},
		{"publics_specifiquement_adresses", "Seniors (+ 65 ans);Adultes;Surdité;Inconnus", "Seniors|Inconnus"},
		{"prise_en_charge_specifique", "Public langues étrangères;Handicaps psychiques : troubles psychiatriques donnant lieu à des atteintes comportementales;Adultes", "Langues étrangères (anglais)|Langues étrangères (autres)|Handicaps mentaux"},
		{"modalites_accompagnement", "Seul : j'ai accès à du matériel et une connexion;Dans un atelier : j'apprends collectivement à utiliser le numérique;A ma place : une personne habilitée fait les démarches à ma place", "En autonomie|Dans un atelier collectif|Accompagnement individuel"},
	} {
		if got := v0Fields[tc.field].convert([]string{tc.cell}); got != tc.want {
			t.Errorf("%s %q = %q, want %q", tc.field, tc.cell, got, tc.want)
		}
	}
	for name, f := range v0Fields { // every target is a string of the standard
		c := columns[columnIndex(name)]
		for _, v := range f.values {
			for _, to := range v.to {
				if c.values != nil && !contains(c.values, to) {
					t.Errorf("%s: %q is not a string of the standard", name, to)
				}
			}
		}
	}
}
