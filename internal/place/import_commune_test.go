package place_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/audit"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// squares is a ground of two communes, each a square of a tenth of a degree, the second with two postal codes.
func (w world) squares(t *testing.T, outlines bool) {
	t.Helper()
	files := []string{"code_insee,nom,departement,region,epci_siren,epci_nom,codes_postaux,population,latitude,longitude\n" +
		"17299,Rochefort,17,75,1,E,17300,23000,45.05,-0.95\n17415,Saintes,17,75,1,E,17100|17101,25000,45.05,-0.85\n"}
	if outlines {
		one := func(code string, west float64) string {
			return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q},"geometry":{"type":"Polygon","coordinates":[[[%[2]v,45],[%[3]v,45],[%[3]v,45.1],[%[2]v,45.1],[%[2]v,45]]]}}`, code, west, west+0.1)
		}
		files = append(files, `{"type":"FeatureCollection","features":[`+one("17299", -1)+","+one("17415", -0.9)+"]}")
	}
	for _, file := range files {
		if rep, err := w.ground.Import(t.Context(), audit.CLI, strings.NewReader(file), 2026); err != nil || rep.Rejected > 0 {
			t.Fatal(rep, err)
		}
	}
}

const placeless = header + ",latitude,longitude,code_insee\n" +
	"A_1,00000000000000,Dans Rochefort,,,1 rue du Test,2026-01-05,45.05,-0.95,\n" + // commune, code and postal code are filled
	"A_2,00000000000000,Dans Saintes,,,1 rue du Test,2026-01-05,45.05,-0.85,\n" + // two postal codes: it is left empty
	"A_3,00000000000000,Son code postal,,17999,1 rue du Test,2026-01-05,45.05,-0.95,\n" + // and kept when the row says one
	"A_4,00000000000000,Sa commune,Saintes,17100,1 rue du Test,2026-01-05,45.05,-0.95,\n" + // the row's own word wins
	"A_5,00000000000000,Son code,,17100,1 rue du Test,2026-01-05,45.05,-0.95,17415\n" +
	"A_6,00000000000000,En mer,,,1 rue du Test,2026-01-05,45.5,-1.5,\n" +
	"A_7,00000000000000,Nulle part,,,1 rue du Test,2026-01-05,,,\n"

func TestCommuneIsFilledFromThePosition(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.squares(t, true)
		for round := range 2 {
			rep := w.importText(t, placeless)
			if want := [2]int{7, 0}[round]; rep.Created != want || rep.Updated != 0 {
				t.Errorf("import %d: %s", round+1, rep.Counts)
			}
			var filled []table.Issue
			for _, i := range rep.Issues {
				if i.Rule == "filled" {
					filled = append(filled, i)
				}
			}
			if len(filled) != 3 || filled[0].ID != "A_1" || filled[0].Line != 2 || filled[0].Field != "commune" || filled[0].Value != "Rochefort (17299)" || !strings.Contains(filled[0].Message, "déduite de la position : Rochefort (17299)") {
				t.Errorf("import %d reports %+v", round+1, filled)
			}
		}
		x := w.refresh(t)
		for id, want := range map[string][4]string{
			"A_1": {"Rochefort", "17299", "17300", string(place.Published)}, "A_2": {"Saintes", "17415", "", string(place.ToComplete)}, "A_3": {"Rochefort", "17299", "17999", string(place.Published)},
			"A_4": {"Saintes", "", "17100", string(place.Published)}, "A_5": {"", "17415", "17100", string(place.ToComplete)}, "A_6": {"", "", "", string(place.ToComplete)},
		} {
			at := slices.IndexFunc(x.Entries(), func(e *place.Entry) bool { return e.StandardID == id })
			if at < 0 {
				t.Fatalf("%s is not shown", id)
			}
			p := x.Entries()[at]
			if got := [4]string{p.Commune, p.CommuneCode, p.Postcode, string(p.Status)}; got != want {
				t.Errorf("%s: %v, want %v", id, got, want)
			}
		}
		// A file without these columns leaves what was filled alone, and the position that moves is followed.
		w.importText(t, header+",latitude,longitude\nA_1,00000000000000,Dans Rochefort,,,1 rue du Test,2026-01-05,45.05,-0.85\n")
		x = w.refresh(t)
		if p := x.Entries()[0]; p.Commune != "Saintes" || p.CommuneCode != "17415" {
			t.Errorf("the place moved, its commune is %s (%s)", p.Commune, p.CommuneCode)
		}
	})
}

func TestWithoutOutlinesNothingIsFilled(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.squares(t, false)
	if rep := w.importText(t, placeless); slices.ContainsFunc(rep.Issues, func(i table.Issue) bool { return i.Rule == "filled" }) {
		t.Errorf("%+v", rep.Issues)
	}
}

// The real places of a département without their communes, beside what the file says of them.
func TestFilledCommunesAreTheRealOnes(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.importCommunes(t)
	f, err := os.Open(testkit.Data(t, "geo/communes-contours-2018-17-charente-maritime.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := w.ground.Import(t.Context(), audit.CLI, f, 2018); err != nil {
		t.Fatal(err)
	}
	w.importFile(t, "lieux/lieux-17.csv")
	x := w.refresh(t)
	var b strings.Builder
	b.WriteString(header + ",latitude,longitude,code_insee\n")
	said := map[string]string{}
	for _, e := range x.Entries() {
		if e.Place.Point.Known() && e.CommuneCode != "" {
			said["B_"+e.StandardID] = e.CommuneCode
			fmt.Fprintf(&b, "B_%s,00000000000000,Lieu,,,rue,2026-01-05,%v,%v,\n", e.StandardID, e.Place.Point.Lat, e.Place.Point.Lon)
		}
	}
	w.importText(t, b.String())
	right, wrong, none := 0, 0, 0
	for _, e := range w.refresh(t).Entries() {
		switch want, asked := said[e.StandardID]; {
		case !asked:
		case e.CommuneCode == "":
			none++
		case e.CommuneCode == want || territory.CityOf(e.CommuneCode) == want:
			right++
		default:
			wrong++
		}
	}
	t.Logf("%d places: %d right, %d otherwise, %d in no outline", len(said), right, wrong, none)
	if right < len(said)*9/10 {
		t.Errorf("only %d of %d communes are what the file says", right, len(said))
	}
}

func TestACodeOfAMergedCommuneIsRenewed(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.squares(t, false)
		if _, err := w.ground.Import(t.Context(), audit.CLI, strings.NewReader("ancien_code,nouveau_code,date\n17457,17299,2016-01-01\n17444,17299,2090-01-01\n"), 0); err != nil {
			t.Fatal(err)
		}
		file := header + ",code_insee\nA_1,00000000000000,Ancien,Ancienne,17300,1 rue du Test,2026-01-05,17457\nA_2,00000000000000,Encore,Autre,17300,2 rue du Test,2026-01-05,17444\n"
		for round := range 2 {
			rep := w.importText(t, file)
			if want := [2]int{2, 0}[round]; rep.Created != want || rep.Updated != 0 || len(rep.Issues) != 1 || rep.Issues[0].Rule != "merged" || rep.Issues[0].Value != "17457" {
				t.Errorf("import %d: %s, %+v", round+1, rep.Counts, rep.Issues)
			}
		}
		if p := stored(t, w, 1); p.CommuneCode != "17299" || p.Commune != "Rochefort" || p.Status != place.Published {
			t.Errorf("%+v", p)
		}
		if p := stored(t, w, 2); p.CommuneCode != "17444" || p.Commune != "Autre" {
			t.Errorf("what merges later has merged already: %+v", p)
		}
	})
}
