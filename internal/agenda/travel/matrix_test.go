package travel_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/agenda/travel"
	"viaduc/internal/platform/table"
)

func TestReadsTablesOfTimes(t *testing.T) {
	both := []travel.Leg{{From: "30007", To: "30010", Minutes: 21}}
	for name, tc := range map[string]struct {
		src    string
		want   []travel.Leg
		report travel.Report
	}{
		"semicolon":       {"code_depart;code_arrivee;minutes\n30007;30010;21\n", both, travel.Report{Read: 1, Legs: 1, Communes: 2}},
		"comma":           {"code_depart,code_arrivee,minutes\n30007,30010,21\n", both, travel.Report{Read: 1, Legs: 1, Communes: 2}},
		"tab":             {"code_depart\tcode_arrivee\tminutes\r\n30007\t30010\t21\r\n", both, travel.Report{Read: 1, Legs: 1, Communes: 2}},
		"mark and order":  {"\xEF\xBB\xBFkm;minutes;code_arrivee;nom;code_depart\n14,2;20,1;30010;Alès;30007", both, travel.Report{Read: 1, Legs: 1, Communes: 2}},
		"spaces":          {"code_depart;code_arrivee;minutes\n 30007 ; 30010 ; 21 \n", both, travel.Report{Read: 1, Legs: 1, Communes: 2}},
		"part of minutes": {"code_depart,code_arrivee,minutes\n30007,30010,20.01\n", both, travel.Report{Read: 1, Legs: 1, Communes: 2}},
		"said again":      {"code_depart,code_arrivee,minutes\n30007,30010,21\n30007,30010,20.5\n", both, travel.Report{Read: 2, Legs: 1, Communes: 2, Repeated: 1}},
		"no km": {
			"code_depart;code_arrivee;minutes;km\n30007;30010;21;\n", both, travel.Report{Read: 1, Legs: 1, Communes: 2},
		},
		"to itself": {
			"code_depart;code_arrivee;minutes\n30007;30010;21\n30007;30007;0\n30132;30132;0\n", both,
			travel.Report{Read: 3, Legs: 1, Communes: 2, Own: 2},
		},
		"within a commune": {
			"code_depart;code_arrivee;minutes\n30007;30007;9\n", []travel.Leg{{From: "30007", To: "30007", Minutes: 9}},
			travel.Report{Read: 1, Legs: 1, Communes: 1},
		},
		"corsican, bounds": {
			"code_depart;code_arrivee;minutes\n2a004;2B033;600\n2B033;2A004;0\n",
			[]travel.Leg{{From: "2A004", To: "2B033", Minutes: 600}, {From: "2B033", To: "2A004", Minutes: 0}},
			travel.Report{Read: 2, Legs: 2, Communes: 2},
		},
		"seconds": {
			"code_depart;code_arrivee;minutes;km\n30007;30010;21;210\n", both,
			travel.Report{Read: 1, Legs: 1, Communes: 2, Warnings: 1, Issues: []table.Issue{{
				Line: 2, Field: "minutes", Rule: "plausible", Value: "21",
				Message: "Ce temps ne va pas avec la distance. Vérifiez que la colonne compte bien des minutes.",
			}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, report, err := travel.ReadMatrix(strings.NewReader(tc.src))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, m.Rows()); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.report, report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusesRowsThatCannotBe(t *testing.T) {
	const head = "code_depart;code_arrivee;minutes;km\n30007;30010;21;14\n"
	const needs = "La première ligne doit nommer les colonnes code_depart, code_arrivee et minutes."
	const minutes = "Le temps est un nombre de minutes, de 0 à 600."
	for name, tc := range map[string]struct{ src, want string }{
		"no row":           {"code_depart;code_arrivee;minutes\n", "Ligne 1 : Le fichier n'a aucun temps de trajet sous ses titres de colonnes."},
		"no column":        {"code_depart;code_arrivee;duree\n30007;30010;21\n", "Ligne 1, colonne minutes : " + needs},
		"no code":          {head + ";30010;21;\n", "Ligne 3, colonne code_depart : Le code INSEE a cinq signes, comme 30007 ou 2A004."},
		"zero taken away":  {head + "30007;1004;21;\n", "Ligne 3, colonne code_arrivee : Le code INSEE a cinq signes, comme 30007 ou 2A004. Un tableur a peut-être ôté le zéro du début."},
		"postcode of Cors": {head + "20000;30010;21;\n", "Ligne 3, colonne code_depart : Le code INSEE a cinq signes, comme 30007 ou 2A004."},
		"no minutes":       {head + "30007;30132;;\n", "Ligne 3, colonne minutes : " + minutes},
		"a word":           {head + "30007;30132;vingt;\n", "Ligne 3, colonne minutes : " + minutes},
		"not a number":     {head + "30007;30132;NaN;\n", "Ligne 3, colonne minutes : " + minutes},
		"exponent":         {head + "30007;30132;1e2;\n", "Ligne 3, colonne minutes : " + minutes},
		"negative":         {head + "30007;30132;-1;\n", "Ligne 3, colonne minutes : " + minutes},
		"over ten hours":   {head + "30007;30132;600,1;\n", "Ligne 3, colonne minutes : " + minutes},
		"km":               {head + "30007;30132;20;2001\n", "Ligne 3, colonne km : La distance est un nombre de kilomètres, de 0 à 2000. Elle peut rester vide."},
		"said otherwise":   {head + "30007;30132;20;\n30007;30010;22;\n", "Ligne 4, colonne minutes : Ce trajet est déjà plus haut dans le fichier, avec 21 minutes. Gardez une seule ligne."},
		"blank lines":      {head + "\n\n30007;30132;x;\n", "Ligne 5, colonne minutes : " + minutes},
	} {
		t.Run(name, func(t *testing.T) {
			m, report, err := travel.ReadMatrix(strings.NewReader(tc.src))
			var refused *travel.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("err = %v, want a refusal", err)
			}
			if got := refused.Error(); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if m != nil {
				t.Errorf("%d legs were half read", m.Len())
			}
			if diff := cmp.Diff(refused.Issues, report.Issues); diff != "" {
				t.Errorf("the report differs from the error: %s", diff)
			}
		})
	}
}

func TestTellsAllThatIsWrongUpToALimit(t *testing.T) {
	src := "code_depart;code_arrivee;minutes\n" + strings.Repeat("30007;30010;x\n", 250)
	_, report, err := travel.ReadMatrix(strings.NewReader(src))
	if err == nil || len(report.Issues) != 100 || report.Issues[99].Line != 101 {
		t.Errorf("err %v, %d issues", err, len(report.Issues))
	}
	_, report, _ = travel.ReadMatrix(strings.NewReader("code_depart;code_arrivee;minutes\n7;8;9999\n"))
	if len(report.Issues) != 3 {
		t.Errorf("a row with three faults tells %d", len(report.Issues))
	}
	_, report, _ = travel.ReadMatrix(strings.NewReader("code_depart;code_arrivee;minutes\n30007;30010;" + strings.Repeat("é", 300) + "\n"))
	if len(report.Issues) != 1 || report.Issues[0].Value != strings.Repeat("é", 200) {
		t.Errorf("a long cell is told as %+v", report.Issues)
	}
	_, report, _ = travel.ReadMatrix(strings.NewReader("a;b\n1;2\n"))
	if len(report.Issues) != 3 {
		t.Errorf("a file without its columns tells %d", len(report.Issues))
	}
}

func TestWhatIsNoTableIsAProblem(t *testing.T) {
	for name, src := range map[string]string{
		"nothing":  "",
		"binary":   "PK\x03\x04\x00",
		"too few":  "code_depart;code_arrivee;minutes\n30007;30010;21\n30007;30010\n",
		"unclosed": "code_depart;code_arrivee;minutes\n30007;30010;\"21\n",
	} {
		m, _, err := travel.ReadMatrix(strings.NewReader(src))
		var p *table.Problem
		if !errors.As(err, &p) || m != nil {
			t.Errorf("%s: matrix %v, err %v", name, m, err)
		}
	}
}

// manyRows is a file of n rows that names communes of one département after another.
func manyRows(n int) io.Reader {
	return io.MultiReader(strings.NewReader("code_depart;code_arrivee;minutes\n"), &rowsReader{left: n})
}

type rowsReader struct {
	left int
	rest []byte
}

func (r *rowsReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.left--
		r.rest = fmt.Appendf(nil, "%05d;%05d;%d\n", 30000+r.left/1200, 31000+r.left%1200, r.left%600)
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func TestRowsAreLimited(t *testing.T) {
	m, report, err := travel.ReadMatrix(manyRows(travel.MaxRows + 1))
	const want = "Ligne 1000002 : Le fichier a plus d'un million de lignes. Gardez les communes du territoire et ses voisines."
	if m != nil || err == nil || err.Error() != want || len(report.Issues) != 1 {
		t.Errorf("a row more than the most: %v, %d issues", err, len(report.Issues))
	}
}

func TestMatrixAnswersBothWays(t *testing.T) {
	m, err := travel.NewMatrix([]travel.Leg{
		{From: "30007", To: "30010", Minutes: 21}, {From: "30007", To: "30132", Minutes: 20}, {From: "30132", To: "30007", Minutes: 18},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		from, to string
		want     int
		ok       bool
	}{
		{"30007", "30010", 21, true},
		{"30010", "30007", 21, true},
		{"30007", "30132", 20, true},
		{"30132", "30007", 18, true},
		{"30010", "30132", 0, false},
		{"30007", "30007", 0, false},
		{"30007", "17299", 0, false},
		{"", "30007", 0, false},
	} {
		if got, ok := m.Minutes(tc.from, tc.to); got != tc.want || ok != tc.ok {
			t.Errorf("%s to %s: %d, %v", tc.from, tc.to, got, ok)
		}
	}
	again, err := travel.NewMatrix(m.Rows())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.Rows(), again.Rows()); diff != "" || m.Len() != 3 {
		t.Errorf("stored and read again: %s", diff)
	}
	var none *travel.Matrix
	if _, ok := none.Minutes("30007", "30010"); ok || none.Len() != 0 || none.Rows() != nil {
		t.Error("no matrix knows something")
	}
}

func TestMatrixRefusesLegsThatCannotBe(t *testing.T) {
	ok := travel.Leg{From: "30007", To: "30010", Minutes: 21}
	for name, legs := range map[string][]travel.Leg{
		"negative": {{From: "30007", To: "30010", Minutes: -1}},
		"too long": {{From: "30007", To: "30010", Minutes: 601}},
		"no code":  {{From: "", To: "30010", Minutes: 1}},
		"bad code": {{From: "30007", To: "20000", Minutes: 1}},
		"twice":    {ok, ok},
	} {
		if m, err := travel.NewMatrix(legs); err == nil || m != nil {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
}
