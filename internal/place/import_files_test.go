package place_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/table"
	"viaduc/internal/testkit"
)

func (w world) importWith(t testing.TB, text string, opts place.ImportOptions) place.ImportReport {
	t.Helper()
	rep, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(text), opts)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func mapping(t testing.TB, name string) *place.Mapping {
	t.Helper()
	f, err := os.Open("../../docs/mappings/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := place.ReadMapping(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPartnerFilesComeInTwice(t *testing.T) {
	files := []struct {
		name, mapping                             string
		read, created, rejected, toLocate, unique int
	}{
		{"corse.json", "corse.json", 162, 159, 0, 0, 3},
		{"angers.json", "angers.json", 63, 63, 0, 0, 0},
		{"fibre-64.json", "fibre-64.json", 61, 57, 0, 0, 4},
		{"france-services-20221201.csv", "france-services.json", 2683, 2683, 0, 26, 0},
		{"conseiller-numerique-v0.json", "", 410, 410, 0, 0, 0},
	}
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, f := range files {
			raw, err := os.ReadFile(testkit.Data(t, "lieux/raw/"+f.name))
			if err != nil {
				t.Fatal(err)
			}
			var opts place.ImportOptions
			if f.mapping != "" {
				opts.Mapping = mapping(t, f.mapping)
			}
			first := w.importWith(t, string(raw), opts)
			if first.Read != f.read || first.Created != f.created || first.Rejected != f.rejected || first.ToLocate != f.toLocate {
				t.Errorf("%s: %s, to locate %d", f.name, first.Counts, first.ToLocate)
			}
			unique := 0
			for _, i := range first.Issues {
				if i.Rule == "unique" {
					unique++
				}
				if i.Rule == "enum" {
					t.Errorf("%s line %d: %s %q is no string of the standard", f.name, i.Line, i.Field, i.Value)
				}
			}
			if unique != f.unique {
				t.Errorf("%s: %d ids stood higher up, want %d", f.name, unique, f.unique)
			}
			if again := w.importWith(t, string(raw), opts); again.Unchanged != f.created || again.Warnings != first.Warnings {
				t.Errorf("%s again: %s", f.name, again.Counts)
			}
		}
		x := w.refresh(t)
		for _, e := range x.Entries() {
			if e.StandardID == "626fd580cc2a0205c7bef730" {
				if e.Services != place.ServiceBasics+"|"+place.ServiceCulture || e.Fees != "Gratuit" || e.Programmes != "Conseillers numériques" || e.Emails != "espacecamaieux@orange.fr" || e.Status != place.Published {
					t.Errorf("a place of the standard 0.x: %+v", e.Place)
				}
				return
			}
		}
		t.Error("the first place of the 0.x file is missing")
	})
}

// The same census, however it is written.
func TestEncodingsSeparatorsAndFormatsAreDetected(t *testing.T) {
	const v0 = "id;nom;pivot;commune;code_postal;adresse;date_maj;courriel;services;labels_nationaux;cle_ban\n" +
		"A_1;Médiathèque;;Saintes;17 100;1 place du Test;05/01/2026;A@exemple.fr et b@exemple.fr;Prendre en main un ordinateur|Créer avec le numérique;CNFS;x\n"
	windows, err := charmap.Windows1252.NewEncoder().String(v0)
	if err != nil {
		t.Fatal(err)
	}
	const object = `{"id": "A_1", "nom": "Médiathèque", "pivot": null, "commune": "Saintes", "code_postal": 17100, "adresse": "1 place du Test", "date_maj": "2026-01-05T08:00:00Z",
		"courriel": ["a@exemple.fr", "b@exemple.fr"], "services": ["Prendre en main un ordinateur", "Créer avec le numérique"], "labels_nationaux": "CNFS"}`
	latin, err := charmap.Windows1252.NewEncoder().String("[" + object + "]")
	if err != nil {
		t.Fatal(err)
	}
	v1 := "id\tpivot\tnom\tcommune\tcode_postal\tadresse\tdate_maj\tcourriels\tservices\tdispositif_programmes_nationaux\r\n" +
		"A_1\t00000000000000\tMédiathèque\tSaintes\t17100\t1 place du Test\t2026-01-05\ta@exemple.fr|b@exemple.fr\tMaîtrise des outils numériques du quotidien|Loisirs et créations numériques\tConseillers numériques\r\n"
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if rep := w.importText(t, v1); rep.Created != 1 || rep.Warnings != 0 {
			t.Fatalf("the standard 1.x: %s %v", rep.Counts, rep.Issues)
		}
		for name, text := range map[string]string{
			"0.x": v0, "0.x Windows-1252": windows, "0.x byte order mark, Windows line ends": "\xEF\xBB\xBF" + strings.ReplaceAll(v0, "\n", "\r\n"),
			"JSON": "[" + object + "]", "JSON byte order mark": "\xEF\xBB\xBF\n [\n" + object + "\n]\n", "JSON Windows-1252": latin,
		} {
			if rep := w.importText(t, text); rep.Unchanged != 1 || rep.Warnings != 0 {
				t.Errorf("%s: %s %v", name, rep.Counts, rep.Issues)
			}
		}
	})
}

func TestUnreadableJSONChangesNothing(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	for name, text := range map[string]string{
		"empty list": "[]", "cut": `[{"id": "A_1"`, "no object": `[{"id": "A_1"}, 3]`, "null": `[{"id":"A"}, null]`, "after": `[{"id": "A_1"}] []`, "comma": `[{"id": "A_1"},]`,
		"lacks columns": `[{"id": "A_1", "nom": "x"}]`, "unknown": `[{"id": "A_1", "pivot": "", "nom": "x", "commune": "", "code_postal": "", "adresse": "", "date_maj": "", "couleur": "bleu"}]`,
		"endless": `[{"id": "` + strings.Repeat("x", 3<<20),
	} {
		_, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(text), place.ImportOptions{})
		var refused *place.ImportError
		var p *table.Problem
		if !errors.As(err, &refused) && !errors.As(err, &p) && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.refresh(t).Len() != 0 {
		t.Error("a refused file left places behind")
	}
}

func TestMappingThatDoesNotFitIsRefused(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	_, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader("a,b\n1,2\n"), place.ImportOptions{Mapping: mapping(t, "angers.json")})
	var refused *place.ImportError
	if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "USER_NOM") {
		t.Errorf("err = %v, want the columns that are missing", err)
	}
}

func TestMappingLeavesOtherFieldsAlone(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.importText(t, header+",telephone\n"+row1+",+33546000000\n")
	m, err := place.ReadMapping(strings.NewReader(`{"champs": {"id": {"colonne": "ref"}, "nom": {"colonne": "lieu"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if rep := w.importWith(t, "ref,lieu,autre\nA_1,Bibliothèque,x\n", place.ImportOptions{Mapping: m}); rep.Updated != 1 || rep.Warnings != 0 {
		t.Errorf("%s %v", rep.Counts, rep.Issues)
	}
	if p := w.refresh(t).Entries()[0]; p.Name != "Bibliothèque" || p.Phone != "+33546000000" || p.UpdatedOn != "2026-01-05" {
		t.Errorf("%+v", p.Place)
	}
}

func TestCompleteFileMarksWhatItNoLongerHas(t *testing.T) {
	const two = header + ",source\n" + row1 + ",S\n" + "A_2,00000000000000,Mairie,Saintes,17100,2 rue,2026-01-05,S\n"
	const one = header + ",source\n" + row1 + ",S\n"
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, two+"B_1,00000000000000,Ailleurs,Saintes,17100,3 rue,2026-01-05,T\n")
		before, _ := w.export(t)

		dry := w.importWith(t, one, place.ImportOptions{Complete: true, DryRun: true})
		if dry.ToCheck != 1 || dry.Unchanged != 1 {
			t.Errorf("dry run: %s, to check %d", dry.Counts, dry.ToCheck)
		}
		rep := w.importWith(t, one, place.ImportOptions{Complete: true})
		if rep.ToCheck != 1 || rep.Unchanged != 1 || rep.Updated != 0 {
			t.Errorf("complete: %s, to check %d", rep.Counts, rep.ToCheck)
		}
		marked := 0
		x := w.refresh(t)
		for _, e := range x.Entries() {
			if e.ToCheck {
				marked++
				if e.StandardID != "A_2" || e.Status != place.Published {
					t.Errorf("marked: %+v", e.Place)
				}
				lines, err := w.journal.About(t.Context(), audit.Object{Kind: "place", ID: string(e.ID)}, 5)
				if err != nil || len(lines) != 2 {
					t.Errorf("journal of the place: %v, %v", lines, err)
				}
			}
		}
		if x.Len() != 3 || marked != 1 {
			t.Errorf("%d places are shown, %d marked, want 3 and 1", x.Len(), marked)
		}
		if after, _ := w.export(t); after != before {
			t.Error("the mark changed the export")
		}
		if again := w.importWith(t, one, place.ImportOptions{Complete: true}); again.ToCheck != 0 || again.Unchanged != 1 {
			t.Errorf("again: %s, to check %d", again.Counts, again.ToCheck)
		}
		if back := w.importText(t, two); back.Updated != 1 || back.Unchanged != 1 {
			t.Errorf("a later file has it: %s", back.Counts)
		}
		for _, e := range w.refresh(t).Entries() {
			if e.ToCheck {
				t.Errorf("%s is still to be checked", e.StandardID)
			}
		}
		// A row that is rejected is in the file all the same.
		nameless := one + "A_2,00000000000000,,Saintes,17100,2 rue,2026-01-05,S\n"
		if rep := w.importWith(t, nameless, place.ImportOptions{Complete: true}); rep.Rejected != 1 || rep.ToCheck != 0 {
			t.Errorf("a nameless row: %s, to check %d", rep.Counts, rep.ToCheck)
		}
	})
}

func TestSourceNamesTheRowsAndBoundsComplete(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first := w.importWith(t, header+"\n"+row1+"\nA_2,00000000000000,Mairie,Saintes,17100,2 rue,2026-01-05\n", place.ImportOptions{Source: "Saintes"})
		if first.Created != 2 {
			t.Fatalf("%s", first.Counts)
		}
		mixed := header + ",source\n" + row1 + ",\nC_1,00000000000000,Autre,Saintes,17100,4 rue,2026-01-05,Autre\n"
		rep := w.importWith(t, mixed, place.ImportOptions{Source: "Saintes", Complete: true})
		if rep.ToCheck != 1 || rep.Unchanged != 1 || rep.Created != 1 {
			t.Errorf("%s, to check %d", rep.Counts, rep.ToCheck)
		}
		for _, e := range w.refresh(t).Entries() {
			want := map[string]string{"A_1": "Saintes", "A_2": "Saintes", "C_1": "Autre"}[e.StandardID]
			if e.Source != want {
				t.Errorf("%s has the source %q, want %q", e.StandardID, e.Source, want)
			}
		}
		for name, tc := range map[string]struct {
			text string
			opts place.ImportOptions
		}{
			"no source": {header + "\n" + row1 + "\n", place.ImportOptions{Complete: true}},
			"no place":  {header + "\n", place.ImportOptions{Complete: true, Source: "Saintes"}},
		} {
			_, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(tc.text), tc.opts)
			var refused *place.ImportError
			if !errors.As(err, &refused) {
				t.Errorf("%s: err = %v", name, err)
			}
		}
	})
}

func TestImportNormalisesWithoutHidingFaults(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		text := header + ",telephone,courriels,horaires,latitude,longitude\n" +
			"A_1,,Médiathèque,Saintes,17100,1 place,1970-01-01,05 46 00 00 01,Contact@Exemple.fr,aux heures de bureau,6519110.5,417240.4\n" +
			"A_2,00000000000000,Mairie,Saintes,17100,2 rue,05/01/2026,12,,,0,0\n"
		rep := w.importText(t, text)
		var got []string
		for _, i := range rep.Issues {
			got = append(got, i.ID+" "+i.Field+" "+i.Rule)
		}
		if want := "A_1 horaires syntax, A_1 date_maj missing, A_2 telephone pattern"; strings.Join(got, ", ") != want {
			t.Errorf("issues %s, want %s", strings.Join(got, ", "), want)
		}
		entries := w.refresh(t).Entries()
		a, b := entries[0].Place, entries[1].Place
		if a.Phone != "+33546000001" || a.Emails != "contact@exemple.fr" || a.Pivot != place.UnknownPivot || a.UpdatedOn != "" || a.Hours != "aux heures de bureau" || a.Status != place.ToComplete {
			t.Errorf("%+v", a)
		}
		if a.Point.Lat < 45 || a.Point.Lat > 46.5 || a.Point.Lon < -1.5 || a.Point.Lon > 0 {
			t.Errorf("Lambert-93 became %v", a.Point)
		}
		if b.Phone != "12" || b.UpdatedOn != "2026-01-05" || b.Point.Known() || b.Status != place.ToComplete {
			t.Errorf("%+v", b)
		}
		if again := w.importText(t, text); again.Unchanged != 2 {
			t.Errorf("again: %s", again.Counts)
		}
	})
}

func TestIssuesGoToWhoAsks(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	var got []table.Issue
	rep := w.importWith(t, header+"\n"+row1+"\n"+row1+"\n", place.ImportOptions{Issue: func(i table.Issue) { got = append(got, i) }})
	if rep.Issues != nil || len(got) != 1 || got[0].Rule != "unique" || got[0].Line != 3 {
		t.Errorf("report %v, given %v", rep.Issues, got)
	}
}

func FuzzImportJSON(f *testing.F) {
	f.Add([]byte(`[{"id": "A_1", "pivot": null, "nom": "Médiathèque", "commune": "Saintes", "code_postal": 17100, "adresse": "1 place", "date_maj": "2026-01-05", "latitude": 1e999, "longitude": true}]`))
	f.Add([]byte(`[{"nom": {"fr": ["x", {"y": 1}]}}, {}]`))
	f.Add([]byte("[{\"nom\": \"\xe9\", \"courriel\": \"a@b.fr;c\"}]"))
	any, err := place.ReadMapping(strings.NewReader(`{"champs": {"id": {"colonne": "id"}, "nom": {"colonne": "nom"}}}`))
	if err != nil {
		f.Fatal(err)
	}
	w := newWorld(f, testkit.SQLite(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, opts := range []place.ImportOptions{{}, {Mapping: any}} {
			rep, err := w.places.Import(t.Context(), identity.AtCLI(), bytes.NewReader(raw), opts)
			if err != nil {
				var p *table.Problem
				var refused *place.ImportError
				if !errors.As(err, &p) && !errors.As(err, &refused) && !fault.Is(err, fault.Invalid) {
					t.Fatalf("an error that says nothing to people: %v", err)
				}
				continue
			}
			again, err := w.places.Import(t.Context(), identity.AtCLI(), bytes.NewReader(raw), opts)
			if err != nil || again.Created+again.Updated != 0 || again.Rejected != rep.Rejected {
				t.Fatalf("not idempotent: %s then %s, %v", rep.Counts, again.Counts, err)
			}
		}
	})
}
