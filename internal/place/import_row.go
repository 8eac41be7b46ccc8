package place

import (
	"fmt"
	"slices"
	"strings"

	"viaduc/internal/place/contact"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
)

// binding says, for each column of the standard, how its value is read from a record of a file; nil where the file does
// not say it, so that the stored value is left alone.
type binding []func(rec []string) string

// pick gives value the cells that stand at these positions of a record.
func pick(at []int, value func(cells []string) string) func([]string) string {
	return func(rec []string) string {
		cells := make([]string, len(at))
		for i, a := range at {
			cells[i] = rec[a]
		}
		return value(cells)
	}
}

// bind finds where each column of the standard, of 1.x or of 0.x, stands in a file. It refuses a file that lacks a
// required column or has one of another format.
func bind(src rowSource) (binding, error) {
	b := make(binding, len(columns))
	known := map[string]bool{}
	old := isV0(src)
	_, guarded := src.(*table.Reader) // see guard: only CSV files have cells that are guarded
	var missing []string
	for i, c := range columns {
		known[c.Name] = true
		if at := src.Column(c.Name); at >= 0 {
			b[i] = func(rec []string) string { return rec[at] }
			if guarded {
				b[i] = func(rec []string) string { return c.fromCell(strings.TrimSpace(rec[at])) }
			}
		}
		if f, ok := v0Fields[c.Name]; ok && old && (b[i] == nil || contains(f.from, c.Name)) {
			if converted := f.bind(src); converted != nil {
				b[i] = converted
			}
		}
		if b[i] == nil && c.Required {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "place.columns_missing", "Columns", strings.Join(missing, ", "), "Found", firstNames(src))
	}
	if old {
		for _, name := range v0Columns {
			known[name] = true
		}
	}
	var unknown []string
	for i, name := range src.Header() {
		if !known[name] {
			if name == "" {
				name = fmt.Sprintf("colonne %d sans nom", i+1)
			}
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, fault.New(fault.Invalid, "place.columns_unknown", "Columns", strings.Join(unknown, ", "))
	}
	if (b[latitude] == nil) != (b[longitude] == nil) {
		return nil, fault.New(fault.Invalid, "place.columns_missing", "Columns", "latitude, longitude", "Found", "")
	}
	return b, nil
}

func (f v0Field) bind(src rowSource) func([]string) string {
	var at []int
	for _, name := range f.from {
		if i := src.Column(name); i >= 0 {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return nil
	}
	if f.values == nil && !f.rest { // another name, the same text
		return func(rec []string) string { return rec[at[0]] }
	}
	return pick(at, f.convert)
}

func firstNames(src rowSource) string {
	return strings.Join(src.Header()[:min(len(src.Header()), 8)], ", ")
}

func columnIndex(name string) int {
	return slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
}

// The columns that are read with others in mind.
var (
	latitude  = columnIndex("latitude")
	longitude = columnIndex("longitude")
	postcode  = columnIndex("code_postal")

	sourceColumn = columnIndex("source")
)

// row is one row of a file: the place as the file alone says it. It is kept aside as it is, so its fields have capitals.
type row struct {
	Line   int
	Place  Place
	Issues []table.Issue // faults of the cells themselves; those of the resulting place are found later
	Left   bool          // the row is not taken over, only reported: rejected, or its id stood higher up
}

// read makes a row of a record.
func (b binding) read(line int, rec []string) row {
	out := row{Line: line}
	code := ""
	if b[postcode] != nil {
		code = cleanPostcode(strings.TrimSpace(b[postcode](rec)))
	}
	for i, c := range columns {
		if b[i] == nil || i == latitude || i == longitude {
			continue
		}
		raw := strings.TrimSpace(b[i](rec))
		v, rule := cleanCell(c, raw, code)
		if c.put != nil && v != "" && !contains(c.values, v) {
			v, rule = "", "enum" // there is nowhere to keep it
		}
		if rule != "" {
			out.Issues = append(out.Issues, table.Issue{Field: c.Name, Rule: rule, Value: raw})
		}
		c.set(&out.Place, v)
	}
	if b[latitude] == nil {
		return out
	}
	lat, lon := strings.TrimSpace(b[latitude](rec)), strings.TrimSpace(b[longitude](rec))
	if x, y, ok := contact.Coordinates(lat, lon); ok {
		out.Place.Point = territory.Point{Lat: x, Lon: y}
	} else if lat+lon != "" && !zero(lat, lon) {
		out.Issues = append([]table.Issue{{Field: "latitude", Rule: "type", Value: lat + " " + lon}}, out.Issues...)
	}
	return out
}

// zero reports whether a position is 0, 0, which files write for none.
func zero(lat, lon string) bool {
	p, err := territory.ParsePoint(lat, lon)
	return err == nil && p == territory.Point{}
}

// The rules of cells, beside those of the standard. None keeps a place out of the export.
const (
	ruleSyntax     = "syntax"     // nothing in the value can be read; it is kept as written
	ruleNormalised = "normalised" // a part of the value was left out: it could not be read, or there was one too many
	ruleKept       = "kept"       // another value was confirmed here, which stays
)

// cleanCell writes the value of a cell as the standard wants it where a single reading is possible, and leaves it as
// written where there is none, so that the rule it breaks is found on what people wrote. It returns the rule to report,
// "" when nothing is lost.
func cleanCell(c Column, raw, postcode string) (v, rule string) {
	switch c.Name {
	case "pivot":
		return cleanPivot(raw), ""
	case "code_postal":
		return postcode, ""
	case "telephone":
		return cleanPhone(raw, postcode)
	case "courriels":
		return cleanLinks(raw, contact.Emails(raw), strings.Count(raw, "@"))
	case "site_web":
		return cleanLinks(raw, contact.URLs(raw), strings.Count(raw, "|")+1)
	case "fiche_acces_libre", "prise_rdv", "viaduc_espaces_lien":
		clean := contact.URLs(raw)
		return cleanLinks(raw, clean[:min(len(clean), 1)], len(clean))
	case "date_maj", "viaduc_verifie_le":
		if iso, ok := contact.Date(raw); ok {
			return iso, ""
		}
	case "viaduc_langues":
		return strings.ToLower(raw), ""
	case "horaires", "viaduc_horaires_mediation":
		if _, err := openinghours.Parse(raw); raw != "" && err != nil {
			return raw, ruleSyntax
		}
	}
	if c.values != nil {
		return cleanValues(c, raw), ""
	}
	return raw, ""
}

// cleanPivot returns the fourteen digits of a SIRET however it is written; an empty cell is the unknown organisation.
func cleanPivot(raw string) string {
	if clean, _ := contact.SIRET(raw); clean != "" {
		return clean
	}
	return raw
}

// cleanPostcode drops the spaces within five digits.
func cleanPostcode(raw string) string {
	if joined := strings.Join(strings.Fields(raw), ""); len(joined) == 5 {
		return joined
	}
	return raw
}

// cleanPhone returns one number, as the standard wants. More digits than that number has, its prefix aside, are another
// number, and that is lost.
func cleanPhone(raw, postcode string) (v, rule string) {
	clean, ok := contact.Phone(raw, postcode)
	if !ok || clean == raw {
		return raw, ""
	}
	if digits(raw) > digits(clean)+3 {
		return clean, ruleNormalised
	}
	return clean, ""
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return n
}

// cleanLinks joins the addresses that were read; written is how many the cell seems to have.
func cleanLinks(raw string, clean []string, written int) (v, rule string) {
	switch {
	case raw == "":
		return "", ""
	case len(clean) == 0:
		return raw, ruleSyntax
	}
	if v = strings.Join(clean, "|"); v != raw && len(clean) < written && !doubled(raw, clean) {
		return v, ruleNormalised
	}
	return v, ""
}

// doubled reports whether raw only says twice what was read.
func doubled(raw string, clean []string) bool {
	for _, one := range strings.FieldsFunc(strings.ToLower(raw), func(r rune) bool { return strings.ContainsRune("|;, \n\t", r) }) {
		if !contains(clean, one) {
			return false
		}
	}
	return true
}

// cleanValues writes the strings of an enumeration exactly, whatever their case, accents and apostrophes. Lists joined by
// ";", as the standard's own README still has it, are understood where each part is a string of the list.
func cleanValues(c Column, raw string) string {
	if raw == "" || contains(c.values, raw) {
		return raw
	}
	if !strings.Contains(raw, "|") && strings.Contains(raw, ";") {
		parts := strings.Split(raw, ";")
		for i := range parts {
			if parts[i] = exactValue(c, parts[i]); !contains(c.values, parts[i]) {
				return raw
			}
		}
		return strings.Join(parts, "|")
	}
	parts := strings.Split(raw, "|")
	for i := range parts {
		parts[i] = exactValue(c, parts[i])
	}
	return strings.Join(parts, "|")
}

func exactValue(c Column, one string) string {
	one = strings.TrimSpace(one)
	if contains(c.values, one) {
		return one
	}
	key := fold.Key(one)
	for _, v := range c.values {
		if fold.Key(v) == key {
			return v
		}
	}
	return one
}
