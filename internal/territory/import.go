package territory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/table"
)

// communeColumns are the columns that a file of communes must have. Others are passed over.
var communeColumns = []string{"code_insee", "nom", "departement", "region", "epci_siren", "epci_nom", "codes_postaux", "population", "latitude", "longitude"}

// ImportReport is what ImportCommunes did.
type ImportReport struct {
	table.Counts
	Issues []table.Issue // rejected rows and warnings, in the order of the file; at most maxIssues
}

const maxIssues = 10_000

// ImportCommunes reads communes from a CSV file (columns: see docs/fr/communes.md) and inserts those it does not have,
// replaces those that differ, and leaves the others. Nothing changes unless the whole file could be read. It reports a
// *table.Problem for what is no table, and fault.Invalid (territory.not_communes) when a column is missing.
func (s *Service) ImportCommunes(ctx context.Context, by audit.Actor, src io.Reader) (ImportReport, error) {
	file, err := readCommunes(ctx, src)
	if err != nil {
		return ImportReport{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return s.landTx(ctx, tx, by, file)
	})
	return file.report, err
}

// landTx writes what differs from what the database has.
func (s *Service) landTx(ctx context.Context, tx *db.Tx, by audit.Actor, file *communeFile) error {
	have, err := listCommunes(ctx, tx)
	if err != nil {
		return err
	}
	stored := make(map[string]Commune, len(have))
	for _, c := range have {
		stored[c.Code] = c
	}
	counts := &file.report.Counts
	counts.Created, counts.Updated, counts.Unchanged = 0, 0, 0 // the transaction may run again
	var changed []Commune
	for _, c := range file.communes {
		old, ok := stored[c.Code]
		if ok {
			c = file.said.keep(c, old)
		}
		switch {
		case !ok:
			counts.Created++
		case old.same(c):
			counts.Unchanged++
			continue
		default:
			counts.Updated++
		}
		changed = append(changed, c)
	}
	epcis, err := changedEPCIs(ctx, tx, file.epcis)
	if err != nil {
		return err
	}
	if len(changed)+len(epcis) == 0 {
		return nil
	}
	if err := raise(ctx, tx); err != nil {
		return err
	}
	if err := putEPCIs(ctx, tx, epcis); err != nil {
		return err
	}
	if err := putCommunes(ctx, tx, changed); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: by, Action: "territory.import", Object: audit.Object{Kind: "communes", ID: ""},
		Detail: map[string]string{"créées": strconv.Itoa(counts.Created), "modifiées": strconv.Itoa(counts.Updated), "epci": strconv.Itoa(len(epcis))},
	})
}

// changedEPCIs keeps the groupings that the database does not have or names otherwise. A name that is not said is kept.
func changedEPCIs(ctx context.Context, tx *db.Tx, in []EPCI) ([]EPCI, error) {
	have, err := listEPCIs(ctx, tx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(in), func(e EPCI) bool {
		return slices.ContainsFunc(have, func(h EPCI) bool { return h.SIREN == e.SIREN && (e.Name == "" || h.Name == e.Name) })
	}), nil
}

func (c Commune) same(o Commune) bool {
	return c.Code == o.Code && c.Name == o.Name && c.Department == o.Department && c.Region == o.Region && c.EPCI == o.EPCI &&
		slices.Equal(c.Postcodes, o.Postcodes) && c.Population == o.Population && c.Point == o.Point
}

type communeFile struct {
	communes []Commune
	epcis    []EPCI
	said     *said // nil for a table, which says all
	report   ImportReport
}

func readCommunes(ctx context.Context, src io.Reader) (*communeFile, error) {
	r, err := table.NewReader(src)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var missing []string
	for _, name := range communeColumns {
		at[name] = r.Column(name)
		if at[name] < 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "territory.not_communes", "Columns", strings.Join(missing, ", "))
	}
	f := &communeFile{}
	codes, sirens := map[string]bool{}, map[string]bool{}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		if f.report.Read++; f.report.Read%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		cell := func(name string) string { return strings.Join(strings.Fields(rec[at[name]]), " ") } // a tab divides texts in listCommunes
		f.add(r.Line(), cell, codes, sirens)
	}
}

var inseeCode = regexp.MustCompile(`^([013-9]\d|2[AB1-9])\d{3}$`)

// add reads one row; a row without a code or a name is rejected, any other fault leaves the field unsaid.
func (f *communeFile) add(line int, cell func(string) string, codes, sirens map[string]bool) {
	c := Commune{Code: strings.ToUpper(cell("code_insee")), Name: cell("nom"), Department: cell("departement"), Region: cell("region"), EPCI: cell("epci_siren"), Population: -1}
	reject := func(field, rule, message string) {
		f.report.Rejected++
		f.note(table.Issue{Line: line, ID: c.Code, Field: field, Rule: rule, Value: cell(field), Message: message})
	}
	warn := func(field, rule, message string) {
		f.report.Warnings++
		f.note(table.Issue{Line: line, ID: c.Code, Field: field, Rule: rule, Value: cell(field), Message: message})
	}
	switch {
	case !inseeCode.MatchString(c.Code):
		reject("code_insee", "pattern", "Le code INSEE a cinq signes, comme 17299 ou 2A004. La ligne n'est pas reprise.")
		return
	case c.Name == "":
		reject("nom", "missing", "Le nom de la commune manque. La ligne n'est pas reprise.")
		return
	case codes[c.Code]:
		warn("code_insee", "unique", "Ce code est déjà plus haut dans le fichier. La première ligne est gardée.")
		return
	}
	codes[c.Code] = true
	if c.Department == "" {
		c.Department = DepartmentOf(c.Code)
	}
	if codes := cell("codes_postaux"); codes != "" {
		c.Postcodes = strings.Split(codes, "|")
	}
	if p := cell("population"); p != "" {
		if n, err := strconv.Atoi(p); err == nil && n >= 0 {
			c.Population = n
		} else {
			warn("population", "pattern", "La population est un nombre entier. Elle est laissée vide.")
		}
	}
	c.Point = readPoint(cell("latitude"), cell("longitude"), warn)
	if c.EPCI != "" && !sirens[c.EPCI] {
		sirens[c.EPCI] = true
		f.epcis = append(f.epcis, EPCI{SIREN: c.EPCI, Name: cell("epci_nom")})
	}
	f.communes = append(f.communes, c)
}

func readPoint(lat, lon string, warn func(field, rule, message string)) Point {
	if lat == "" && lon == "" {
		return Point{}
	}
	p, err := ParsePoint(lat, lon)
	if err != nil {
		warn("latitude", "pattern", "La latitude et la longitude sont deux nombres, comme 45.93 et -0.96. Elles sont laissées vides.")
	}
	return p
}

// ParsePoint reads a position from two texts in degrees, with a point or a comma.
func ParsePoint(lat, lon string) (Point, error) {
	la, err1 := strconv.ParseFloat(strings.Replace(lat, ",", ".", 1), 64)
	lo, err2 := strconv.ParseFloat(strings.Replace(lon, ",", ".", 1), 64)
	p := Point{Lat: la, Lon: lo}
	if err1 != nil || err2 != nil || !p.Valid() {
		return Point{}, fmt.Errorf("position %q, %q: not two numbers in degrees", lat, lon)
	}
	return p, nil
}

func (f *communeFile) note(i table.Issue) {
	if len(f.report.Issues) < maxIssues {
		f.report.Issues = append(f.report.Issues, i)
	}
}
