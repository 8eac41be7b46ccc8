package place

import "strings"

// A spreadsheet takes a cell of a CSV file for a formula when it begins with one of a few signs. A text that somebody
// wrote must never be run: such a cell leaves with an apostrophe before it, which guard adds and unguard takes away.
//
// The two are inverse for every text. A text that itself begins with apostrophes and then such a sign gets one more, so
// that unguard, which takes away exactly one, gives back what was there:
//
//	=1+1      '=1+1
//	'=1+1     ''=1+1
//	'bonjour  'bonjour
//
// A file of somebody else that holds '=1+1 is read as =1+1: that is what its apostrophe means there, too.

// guard returns a text as a cell that no spreadsheet takes for a formula.
func guard(v string) string {
	if dangerous(strings.TrimLeft(v, "'")) {
		return "'" + v
	}
	return v
}

// unguard returns the text that a guarded cell stands for; unguard(guard(v)) is v.
func unguard(v string) string {
	if rest, ok := strings.CutPrefix(v, "'"); ok && dangerous(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return v
}

// dangerous reports whether a spreadsheet takes v for a formula: the signs that it evaluates, those it skips before
// them, and the wide equals sign that some turn into a plain one.
func dangerous(v string) bool {
	return v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) || strings.HasPrefix(v, "＝")
}

// Guarded reports whether the cells of the column hold free text, which guard looks at in a CSV file. Every other
// column leaves untouched, because the schema checks it and the check already leaves no room for a formula: a number, a
// pattern (telephone may begin with +) or a list of exact strings. The id is a key that other files refer to: it
// leaves untouched as well. So these are guarded: nom, commune, adresse, complement_adresse, typologie, courriels,
// site_web, horaires, presentation_resume, presentation_detail, source, structure_parente, autres_formations_labels,
// fiche_acces_libre and prise_rdv. The length of presentation_resume is checked on the text, not on the cell.
func (c Column) Guarded() bool {
	switch c.Name {
	case "id":
		return false
	case "presentation_resume":
		return true
	}
	return !c.Number() && c.rule == nil && c.values == nil
}

// cell is what a CSV file says in this column for p.
func (c Column) cell(p *Place) string {
	if c.Guarded() {
		return guard(c.Value(p))
	}
	return c.Value(p)
}

// fromCell is the value that the cell v of a CSV file stands for.
func (c Column) fromCell(v string) string {
	if c.Guarded() {
		return unguard(v)
	}
	return v
}
