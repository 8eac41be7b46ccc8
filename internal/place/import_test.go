package place_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/secret"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// world is the census and what it stands on, on one database.
type world struct {
	db      *db.DB
	journal *audit.Journal
	ground  *territory.Service
	places  *place.Service
}

func newWorld(t testing.TB, d *db.DB) world {
	t.Helper()
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	clock := testkit.NewClock(t, "2026-05-04 09:30")
	w := world{db: d, journal: audit.New(audit.Deps{DB: d, Signer: key, Now: clock.Now, Log: log})}
	w.ground = territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	w.places = place.New(place.Deps{DB: d, Journal: w.journal, Territory: w.ground, Now: clock.Now, Log: log})
	return w
}

func (w world) importText(t testing.TB, text string) place.ImportReport {
	t.Helper()
	rep, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(text), place.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func (w world) importFile(t testing.TB, name string) place.ImportReport {
	t.Helper()
	raw, err := os.ReadFile(testkit.Data(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return w.importText(t, string(raw))
}

func (w world) importCommunes(t testing.TB) {
	t.Helper()
	f, err := os.Open(testkit.Data(t, "geo/communes-2026.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := w.ground.ImportCommunes(t.Context(), audit.CLI, f); err != nil {
		t.Fatal(err)
	}
}

// refresh reads the ground and the places into memory.
func (w world) refresh(t testing.TB) *place.Index {
	t.Helper()
	if _, err := w.ground.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.places.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w.places.Index()
}

func (w world) export(t testing.TB) (string, place.ExportReport) {
	t.Helper()
	var b bytes.Buffer
	rep, err := w.places.ExportCSV(t.Context(), &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), rep
}

// header is the seven required columns, and what tests add.
const header = "id,pivot,nom,commune,code_postal,adresse,date_maj"

const row1 = "A_1,00000000000000,Médiathèque,Saintes,17100,1 place du Test,2026-01-05"

func TestRealFileComesInTwiceAndGoesRound(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first := w.importFile(t, "lieux/lieux-france.csv")
		if first.Read != 8007 || first.Created != 8007 || first.Rejected != 0 || first.ToLocate != 26 {
			t.Errorf("first import: %s, to locate %d", first.Counts, first.ToLocate)
		}
		again := w.importFile(t, "lieux/lieux-france.csv")
		if again.Unchanged != 8007 || again.Created+again.Updated+again.Rejected != 0 || again.Warnings != first.Warnings {
			t.Errorf("second import: %s", again.Counts)
		}
		text, out := w.export(t)
		if out.Written+out.ToComplete+out.ToLocate != 8007 || out.ToLocate != 26 {
			t.Errorf("export: %+v", out)
		}
		round := w.importText(t, text)
		if round.Read != out.Written || round.Unchanged != out.Written || round.Rejected != 0 {
			t.Errorf("import of the export: %s after writing %d", round.Counts, out.Written)
		}
		if same, _ := w.export(t); same != text {
			t.Error("the export of an imported export differs")
		}
		if _, err := w.journal.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		rep, err := w.journal.Verify(t.Context())
		if err != nil || rep.Bad != nil || rep.Leaves != 8007 {
			t.Errorf("journal: %+v, %v, want one leaf a place", rep, err)
		}
	})
}

func TestExportIsTheStandardsFile(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		raw, err := os.ReadFile(testkit.Data(t, "schema/exemple-valide.csv"))
		if err != nil {
			t.Fatal(err)
		}
		rep := w.importText(t, string(raw))
		if rep.Created != 1 || rep.Rejected != 0 {
			t.Fatalf("the standard's own example: %s %v", rep.Counts, rep.Issues)
		}
		text, _ := w.export(t)
		got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(got) != 2 || len(got[0]) != 32 {
			t.Fatalf("export: %v, %q", err, text)
		}
		want, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range want[0] {
			if got[0][i] != name || got[1][i] != want[1][i] {
				t.Errorf("column %d %s: got %s = %q, want %q", i+1, name, got[0][i], got[1][i], want[1][i])
			}
		}
	})
}

func TestImportChangesOnlyWhatTheFileSays(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, header+",telephone,horaires,latitude,longitude\n"+row1+",+33546000000,Mo-Fr 09:00-12:00,45.74,-0.63\n")
		before := w.refresh(t).Entries()[0]
		rep := w.importText(t, header+",telephone\n"+row1+",+33546000001\n")
		if rep.Updated != 1 {
			t.Errorf("a new telephone: %s", rep.Counts)
		}
		after := w.refresh(t).Entries()[0]
		if after.Phone != "+33546000001" || after.Place.Hours != "Mo-Fr 09:00-12:00" || after.Point != before.Point {
			t.Errorf("columns that the file lacks were touched: %+v", after.Place)
		}
		if after.ID != before.ID || after.Number != before.Number {
			t.Errorf("identity changed from %s %d to %s %d", before.ID, before.Number, after.ID, after.Number)
		}
		lines, err := w.journal.About(t.Context(), audit.Object{Kind: "place", ID: string(after.ID)}, 5)
		if err != nil || len(lines) != 2 {
			t.Errorf("journal of the place: %v, %v", lines, err)
		}
		if rep := w.importText(t, header+",telephone\n"+row1+",\n"); rep.Updated != 1 {
			t.Errorf("an emptied cell: %s", rep.Counts)
		}
		if p := w.refresh(t).Entries()[0]; p.Phone != "" {
			t.Errorf("an emptied cell keeps %q", p.Phone)
		}
	})
}

func TestImportReportsByLineAndField(t *testing.T) {
	d := testkit.SQLite(t)
	w := newWorld(t, d)
	text := header + ",telephone,code_insee,presentation_resume,services,formations_labels,latitude,longitude\n" +
		row1 + ",+33546000000,17415,,Aide aux démarches administratives,Étapes numériques(La Poste),45.74,-0.63\n" +
		"A_2,1234,Mairie,Royan,1720,,bientôt,0546,0null," + strings.Repeat("é", 281) + ",n'importe quoi|Maîtrise des outils numériques du quotidien,,abc,\n" +
		"A_3,00000000000000,,Royan,17200,rue,2026-01-05,,,,,,,\n" +
		"A_1,00000000000000,Encore,Royan,17200,rue,2026-01-05,,,,,,,\n" +
		",77639896800061,Sans identifiant,Royan,17200,rue,2026-01-05,,,,,,,\n" +
		"A_5,00000000000000,Nulle part,,00000,,2026-01-05,,,,,,,\n" +
		"\"=A_6\",00000000000000,=1+1,+Royan,17200,@rue,2026-01-05,,,-resume,,,,\n"
	rep := w.importText(t, text)
	var got []string
	for _, i := range rep.Issues {
		got = append(got, fmt.Sprintf("%d %s %s", i.Line, i.Field, i.Rule))
		if i.Message == "" || i.Message[len(i.Message)-1] != '.' {
			t.Errorf("line %d %s: message %q is no sentence", i.Line, i.Field, i.Message)
		}
	}
	want := []string{
		"3 latitude type", "3 pivot pattern", "3 code_postal pattern", "3 code_insee pattern", "3 adresse missing", "3 telephone pattern",
		"3 presentation_resume maxLength", "3 date_maj pattern", "3 services enum", "4 nom missing", "5 id unique", "6 pivot luhn", "6 id missing", "7 commune missing", "7 adresse missing",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("issues:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The sorting is by line; within a line, cells come before rules of the whole place.
	if rep.Read != 7 || rep.Created != 5 || rep.Rejected != 1 || rep.Warnings != 14 || rep.ToLocate != 1 {
		t.Errorf("counts: %s, to locate %d", rep.Counts, rep.ToLocate)
	}
	x := w.refresh(t)
	if x.Len() != 4 {
		t.Errorf("%d places are shown, want 4", x.Len())
	}
	_, out := w.export(t)
	if out.Written != 2 || out.ToComplete != 2 || out.ToLocate != 1 {
		t.Errorf("export %+v, want the two whole places", out)
	}
	if again := w.importText(t, text); again.Unchanged != 5 {
		t.Errorf("again: %s", again.Counts)
	}
	first, _ := x.Place(1)
	if first.Labels != "Étapes numériques (La Poste)" {
		t.Errorf("label %q is not the standard's exact string", first.Labels)
	}
}

func TestEveryGenuineViolationIsReported(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	rep := w.importFile(t, "lieux/violating-rows.csv")
	found := map[string]bool{}
	for _, i := range rep.Issues {
		found[i.ID+" "+i.Field+" "+i.Rule] = true
	}
	raw, err := os.ReadFile(testkit.Data(t, "lieux/violations.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 66 {
		t.Fatalf("%d rows, want 65 violations and a header", len(rows))
	}
	for _, r := range rows[1:] {
		if key := r[0] + " " + r[1] + " " + r[2]; !found[key] {
			t.Errorf("not reported: %s", key)
		}
	}
}

func TestBadFilesChangeNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, header+"\n"+row1+"\n")
		before, _ := w.export(t)
		for name, tc := range map[string]struct {
			text string
			kind table.Kind
			key  string
		}{
			"empty":             {"", table.Empty, ""},
			"nul":               {header + "\n" + row1 + "\x00\n", table.Binary, ""},
			"unclosed quote":    {header + "\n" + row1 + "\n\"A_2,x\n", table.Quote, ""},
			"json":              {"{\"nom\": [1,2]}\n", table.Quote, ""},
			"prose":             {"Bonjour,\nvoici la liste\n", "", "place.columns_missing"},
			"unknown column":    {header + ",couleur\n" + row1 + ",bleu\n", "", "place.columns_unknown"},
			"unnamed column":    {header + ",\n" + row1 + ",\n", "", "place.columns_unknown"},
			"missing column":    {"id,nom\nA_1,x\n", "", "place.columns_missing"},
			"latitude alone":    {header + ",latitude\n" + row1 + ",45\n", "", "place.columns_missing"},
			"short line late":   {header + "\n" + strings.Repeat("A_9,00000000000000,N,C,17100,R,2026-01-01\n", 50) + "A_2,x\n", table.Columns, ""},
			"the error is last": {header + "\nA_2,00000000000000,Neuf,Royan,17200,rue,2026-01-05\nA_3\n", table.Columns, ""},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(tc.text), place.ImportOptions{})
				var p *table.Problem
				f, isFault := fault.As(err)
				switch {
				case tc.kind != "" && (!errors.As(err, &p) || p.Kind != tc.kind):
					t.Errorf("err = %v, want %s", err, tc.kind)
				case tc.key != "" && (!isFault || f.Message.Key != tc.key):
					t.Errorf("err = %v, want %s", err, tc.key)
				}
			})
		}
		if after, _ := w.export(t); after != before {
			t.Error("a refused file changed the census")
		}
	})
}

// slowReader stops a context in the middle of a file.
type slowReader struct {
	io.Reader
	cancel context.CancelFunc
	left   int
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.left--; r.left == 0 {
		r.cancel()
	}
	return r.Reader.Read(p[:min(len(p), 4096)])
}

func TestInterruptedImportChangesNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		text := manyRows(20_000)
		_, err := w.places.Import(ctx, identity.AtCLI(), &slowReader{strings.NewReader(text), cancel, 20}, place.ImportOptions{})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("err = %v, want canceled", err)
		}
		if w.refresh(t).Len() != 0 {
			t.Error("an interrupted import left places behind")
		}
	})
}

func TestFiftyImportersGiveEachNumberOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				text := header + "\n"
				for j := range 4 { // each place is in two files
					text += fmt.Sprintf("A_%d,00000000000000,Lieu %d,Saintes,17100,rue,2026-01-05\n", i*2+j, i*2+j)
				}
				if _, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(text), place.ImportOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		x := w.refresh(t)
		if x.Len() != 102 {
			t.Errorf("%d places, want 102", x.Len())
		}
		for i, e := range x.Entries() {
			if e.Number != place.Number(i+1) {
				t.Fatalf("numbers are not 1 to 102 without a hole: place %d has %d", i+1, e.Number)
			}
		}
	})
}

func TestDryRunChangesNothing(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	rep, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(header+"\n"+row1+"\n"), place.ImportOptions{DryRun: true})
	if err != nil || rep.Created != 1 {
		t.Fatalf("dry run: %+v, %v", rep, err)
	}
	if w.refresh(t).Len() != 0 {
		t.Error("a dry run created a place")
	}
}

func FuzzImport(f *testing.F) {
	f.Add(header + "\n" + row1 + "\n")
	f.Add(header + ",latitude,longitude\n" + row1 + ",NaN,1e999\n")
	f.Add("id;pivot;nom;commune;code_postal;adresse;date_maj\n;;x;;;;\n")
	d := testkit.SQLite(f)
	w := newWorld(f, d)
	f.Fuzz(func(t *testing.T, text string) {
		rep, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(text), place.ImportOptions{})
		if err != nil {
			var p *table.Problem
			if !errors.As(err, &p) && !fault.Is(err, fault.Invalid) {
				t.Fatalf("an error that says nothing to people: %v", err)
			}
			return
		}
		again, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(text), place.ImportOptions{})
		if err != nil || again.Created+again.Updated != 0 || again.Rejected != rep.Rejected {
			t.Fatalf("not idempotent: %s then %s, %v", rep.Counts, again.Counts, err)
		}
	})
}
