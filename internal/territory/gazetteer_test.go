package territory_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/secret"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

func newService(t testing.TB, d *db.DB) *territory.Service {
	t.Helper()
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	j := audit.New(audit.Deps{DB: d, Signer: key, Now: testkit.NewClock(t, "2026-05-04 09:30").Now, Log: log})
	return territory.New(territory.Deps{DB: d, Journal: j, Log: log})
}

func realGazetteer(t *testing.T) *territory.Gazetteer {
	t.Helper()
	s := newService(t, testkit.SQLite(t))
	f, err := os.Open(testkit.Data(t, "geo/communes-2026.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := s.ImportCommunes(t.Context(), audit.CLI, f); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Gazetteer()
}

// smallGazetteer knows two communes.
func smallGazetteer(t testing.TB) *territory.Gazetteer {
	t.Helper()
	return territory.NewGazetteer([]territory.Commune{
		{Code: "17299", Name: "Rochefort", Department: "17", Postcodes: []string{"17300"}, Population: 23000, Point: territory.Point{Lat: 45.94, Lon: -0.97}},
		{Code: "17415", Name: "Saintes", Department: "17", Postcodes: []string{"17100"}, Population: 25000, Point: territory.Point{Lat: 45.74, Lon: -0.64}},
	}, nil)
}

func TestFindUnderstandsWhatPeopleWrite(t *testing.T) {
	g := realGazetteer(t)
	for _, tc := range []struct{ text, near, first, rest string }{
		{"Rochefort", "17", "17299", ""},
		{"Rochefort", "73", "73214", ""},
		{"rochefort 73", "17", "73214", ""},
		{"ROCHEFORT", "", "17299", ""},
		{"17300", "", "17299", ""},
		{"17300 Rochefort", "", "17299", ""},
		{"17 300 rochefort", "", "17299", ""},
		{"17310 Saint-Pierre-d'Oléron", "", "17385", ""},
		{"mont de marsan", "17", "40192", ""},
		{"Mont-de-Marsan", "", "40192", ""},
		{"97400", "", "97411", ""},
		{"st jean d'angély", "17", "17347", ""},
		{"Saint-Jean-d’Angely", "", "17347", ""},
		{"2A004", "", "2A004", ""},
		{"20000", "", "2A004", ""},
		{"médiathèque Saintes", "17", "17415", "mediatheque"},
		{"bus numérique à la rochelle", "17", "17300", "bus numerique a"},
		{"Paris", "17", "75056", ""},
		{"86370", "", "86293", ""},
	} {
		m := g.Find(tc.text, tc.near)
		if len(m.Communes) == 0 || m.Communes[0].Code != tc.first || m.Rest != tc.rest {
			t.Errorf("Find(%q, %q) = %+v rest %q, want %s rest %q", tc.text, tc.near, first(m.Communes), m.Rest, tc.first, tc.rest)
		}
	}
	for _, nothing := range []string{"", "   ", "xyzzyx", "99999", "'", strings.Repeat("a ", 500)} {
		if m := g.Find(nothing, "17"); len(m.Communes) != 0 {
			t.Errorf("Find(%q) = %v, want nothing", nothing, first(m.Communes))
		}
	}
}

func first(list []territory.Commune) string {
	if len(list) == 0 {
		return "nothing"
	}
	return list[0].Code + " " + list[0].Name
}

func TestGuessForgivesSpelling(t *testing.T) {
	g := realGazetteer(t)
	for _, tc := range []struct{ text, near, want string }{
		{"Rochfort", "17", "17299"},
		{"Sainte", "17", "17415"},
		{"La Rochele", "17", "17300"},
		{"Marenne", "17", "17219"},
		{"Tonay-Charente", "17", "17449"},
		{"Mont de Marsant", "40", "40192"},
		{"Aulnay de Saintonge", "17", ""},
	} {
		got := g.Guess(tc.text, tc.near)
		switch {
		case tc.want == "" && len(got) > 0 && got[0].Department == "17" && got[0].Code == "17024":
		case tc.want == "":
		case len(got) == 0:
			t.Errorf("Guess(%q) finds nothing, want %s", tc.text, tc.want)
		case got[0].Code != tc.want:
			t.Errorf("Guess(%q) = %s, want %s", tc.text, first(got), tc.want)
		}
	}
	for _, nothing := range []string{"", "x", "qqqqqqqqq", "الرباط"} {
		if got := g.Guess(nothing, "17"); len(got) != 0 {
			t.Errorf("Guess(%q) = %s, want nothing", nothing, first(got))
		}
	}
}

func TestDepartmentOf(t *testing.T) {
	for in, want := range map[string]string{"17299": "17", "97411": "974", "97400": "974", "2A004": "2A", "20000": "2A", "20200": "2B", "01001": "01", "98735": "987", "": "", "1": ""} {
		if got := territory.DepartmentOf(in); got != want {
			t.Errorf("DepartmentOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestImportCommunesTwiceChangesNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		raw, err := os.ReadFile(testkit.Data(t, "geo/communes-2026.csv"))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"read 35014, created 35014, updated 0, unchanged 0, rejected 0, warnings 0", "read 35014, created 0, updated 0, unchanged 35014, rejected 0, warnings 0"} {
			rep, err := s.ImportCommunes(t.Context(), audit.CLI, strings.NewReader(string(raw)))
			if err != nil || rep.String() != want {
				t.Errorf("import %d: %s, %v", i+1, rep.Counts, err)
			}
		}
		if _, err := s.Refresh(t.Context()); err != nil || s.Gazetteer().Len() != 35014 {
			t.Errorf("%d communes in memory, %v", s.Gazetteer().Len(), err)
		}
	})
}

func TestImportCommunesSaysWhatIsWrong(t *testing.T) {
	s := newService(t, testkit.SQLite(t))
	head := "code_insee,nom,departement,region,epci_siren,epci_nom,codes_postaux,population,latitude,longitude\n"
	rep, err := s.ImportCommunes(t.Context(), audit.CLI, strings.NewReader(head+
		"17299,Rochefort,17,75,1,E,17300,23000,45.9,-0.9\n17299,Rochefort,17,75,1,E,17300,23000,45.9,-0.9\nXX,Y,,,,,,,,\n17300,,17,,,,,,,\n17301,Z,17,,,,,beaucoup,nord,sud\n"))
	if err != nil || rep.Created != 2 || rep.Rejected != 2 || rep.Warnings != 3 || len(rep.Issues) != 5 {
		t.Errorf("%s, %d issues, %v", rep.Counts, len(rep.Issues), err)
	}
	if _, err := s.ImportCommunes(t.Context(), audit.CLI, strings.NewReader("id,nom\n1,x\n")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a file of something else: %v", err)
	}
}

func TestSiteByHost(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		refresh := func() {
			if _, err := s.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		refresh()
		if got := s.Site("x"); got.Name != territory.DefaultName {
			t.Errorf("before anything is said: %q", got.Name)
		}
		for _, site := range []territory.Site{{Name: "Partout"}, {Host: "Saintes.example", Name: "Saintes"}} {
			if err := s.SaveSite(t.Context(), audit.CLI, site); err != nil {
				t.Fatal(err)
			}
		}
		refresh()
		for host, want := range map[string]string{"saintes.example:443": "Saintes", "SAINTES.example": "Saintes", "autre": "Partout", "": "Partout"} {
			if got := s.Site(host).Name; got != want {
				t.Errorf("Site(%q) = %q, want %q", host, got, want)
			}
		}
		for _, bad := range []territory.Site{{Name: " "}, {Name: "x", ActionColor: "bleu"}} {
			if err := s.SaveSite(t.Context(), audit.CLI, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("SaveSite(%+v) = %v, want invalid", bad, err)
			}
		}
	})
}

func FuzzImportCommunes(f *testing.F) {
	f.Add("code_insee,nom,departement,region,epci_siren,epci_nom,codes_postaux,population,latitude,longitude\n17299,Rochefort,17,75,1,E,17300,1,45.9,-0.9\n")
	s := newService(f, testkit.SQLite(f))
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.ImportCommunes(t.Context(), audit.CLI, strings.NewReader(text)); err != nil {
			return
		}
		again, err := s.ImportCommunes(t.Context(), audit.CLI, strings.NewReader(text))
		if err != nil || again.Created+again.Updated != 0 {
			t.Fatalf("not idempotent: %s, %v", again.Counts, err)
		}
	})
}
