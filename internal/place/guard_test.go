package place

import (
	"strings"
	"testing"
)

// signs begin the texts that a spreadsheet may take for a formula.
var signs = []string{"=", "+", "-", "@", "\t", "\r", "＝"}

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"":                 "",
		"Médiathèque":      "Médiathèque",
		"=1+1":             "'=1+1",
		"+33":              "'+33",
		"-":                "'-",
		"@SUM(A1)":         "'@SUM(A1)",
		"\tx":              "'\tx",
		"\rx":              "'\rx",
		"＝1":               "'＝1",
		"'=1":              "''=1",
		"''@":              "'''@",
		"'":                "'",
		"''":               "''",
		"'Au bout du clic": "'Au bout du clic",
		"l'île = une île":  "l'île = une île",
		" =1":              " =1", // a space before makes it a text; imports trim it
	} {
		if got := guard(in); got != want {
			t.Errorf("guard(%q) = %q, want %q", in, got, want)
		}
		if back := unguard(guard(in)); back != in {
			t.Errorf("unguard(guard(%q)) = %q", in, back)
		}
	}
}

// Whatever begins a text, no cell begins with a sign, and every text comes back.
func TestGuardIsUndoneByUnguard(t *testing.T) {
	alphabet := append([]string{"'", "a", " ", "\n", "é", "\xff", "\xef\xbc"}, signs...)
	var all func(prefix string, left int)
	n := 0
	all = func(prefix string, left int) {
		n++
		holds(t, prefix)
		if left == 0 {
			return
		}
		for _, s := range alphabet {
			all(prefix+s, left-1)
		}
	}
	all("", 4)
	if n < 40_000 {
		t.Errorf("only %d texts were tried", n)
	}
}

func holds(t *testing.T, text string) {
	t.Helper()
	cell := guard(text)
	for _, s := range signs {
		if strings.HasPrefix(cell, s) {
			t.Errorf("guard(%q) = %q begins with a sign", text, cell)
		}
	}
	if back := unguard(cell); back != text {
		t.Errorf("unguard(guard(%q)) = %q", text, back)
	}
	if plain := strings.TrimLeft(text, "'"); cell != text && !dangerous(plain) {
		t.Errorf("guard(%q) = %q: changed without need", text, cell)
	}
}

func FuzzGuard(f *testing.F) {
	for _, s := range append([]string{"", "'", "''=", "texte"}, signs...) {
		f.Add(s)
	}
	f.Fuzz(holds)
}

func TestGuardedColumns(t *testing.T) {
	want := "nom commune adresse complement_adresse typologie courriels site_web horaires presentation_resume presentation_detail source " +
		"structure_parente autres_formations_labels fiche_acces_libre prise_rdv " +
		"viaduc_salles viaduc_langues viaduc_horaires_mediation viaduc_espaces_prix viaduc_espaces_acces viaduc_organisation"
	var got []string
	for _, c := range columns {
		if c.Guarded() {
			got = append(got, c.Name)
		}
	}
	if strings.Join(got, " ") != want {
		t.Errorf("guarded: %v", got)
	}
	p := Place{StandardID: "+1", Phone: "+33546000000", Name: "=1+1", Summary: "-", Point: pointWest}
	for name, cell := range map[string]string{"id": "+1", "telephone": "+33546000000", "nom": "'=1+1", "presentation_resume": "'-", "longitude": "-1.5"} {
		c := columns[columnIndex(name)]
		if got := c.cell(&p); got != cell {
			t.Errorf("%s: cell %q, want %q", name, got, cell)
		}
		if c.Number() {
			continue
		}
		if back := c.fromCell(cell); back != c.Value(&p) {
			t.Errorf("%s: %q comes back as %q", name, cell, back)
		}
	}
}
