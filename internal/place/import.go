package place

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
)

// ImportReport is what an import did, or with DryRun would have done.
type ImportReport struct {
	table.Counts
	ToLocate int           // rows that stand nowhere: kept, not shown
	Issues   []table.Issue // every broken rule, in the order of the file
}

// ImportOptions says how to import.
type ImportOptions struct {
	DryRun   bool           // check and count, change nothing
	Progress func(rows int) // called now and then while the file is read; nil for silence
}

// Import reads a CSV file of the national standard, version 1, and inserts the places it does not have, changes those
// that differ, and leaves the others. It lands in one transaction with its journal lines, so that an interruption at any
// moment leaves nothing half done. It reports a *table.Problem for what is no table, and fault.Invalid when a required
// column is missing (place.columns_missing) or a column is not of the standard (place.columns_unknown).
func (s *Service) Import(ctx context.Context, by audit.Actor, src io.Reader, opts ImportOptions) (ImportReport, error) {
	file, err := readFile(ctx, src, opts.Progress)
	if err != nil {
		return ImportReport{}, err
	}
	var report ImportReport
	if opts.DryRun {
		plan, err := file.plan(ctx, s.db, 0)
		return plan.report, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := touch(ctx, tx)
		if err != nil {
			return err
		}
		plan, err := file.plan(ctx, tx, last)
		if err != nil {
			return err
		}
		report = plan.report
		return s.landTx(ctx, tx, by, plan)
	})
	return report, err
}

func (s *Service) landTx(ctx context.Context, tx *db.Tx, by audit.Actor, plan importPlan) error {
	if len(plan.changed) == 0 {
		return nil
	}
	if err := saveState(ctx, tx, plan.last); err != nil {
		return err
	}
	if err := putPlaces(ctx, tx, plan.changed, s.now()); err != nil {
		return err
	}
	entries := make([]audit.Entry, 0, len(plan.changed))
	for i := range plan.changed {
		entries = append(entries, audit.Entry{
			Actor: by, Action: "place.import", Object: audit.Object{Kind: "place", ID: string(plan.changed[i].ID)},
			Detail: map[string]string{"champs": plan.fields[i]},
		})
	}
	return s.journal.RecordTx(ctx, tx, entries...)
}

// row is one row of a file: the place as the file alone says it, and which columns it has.
type row struct {
	line   int
	place  Place
	issues []table.Issue // faults of the cells themselves; those of the resulting place are found later
}

type file struct {
	has    []bool // by column of the standard: does the file have it
	rows   []row
	counts table.Counts
	issues []table.Issue
}

func readFile(ctx context.Context, src io.Reader, progress func(int)) (*file, error) {
	r, err := table.NewReader(src)
	if err != nil {
		return nil, err
	}
	at, err := bind(r)
	if err != nil {
		return nil, err
	}
	f := &file{has: make([]bool, len(columns))}
	for i := range columns {
		f.has[i] = at[i] >= 0
	}
	seen := map[string]int{}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		f.counts.Read++
		if f.counts.Read%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if progress != nil {
				progress(f.counts.Read)
			}
		}
		f.add(readRow(r.Line(), rec, at), seen)
	}
}

// bind finds where each column of the standard stands in the file (-1 where it does not) and refuses a file that lacks
// a required column or has one of another format.
func bind(r *table.Reader) ([]int, error) {
	at := make([]int, len(columns))
	known := map[string]bool{}
	var missing []string
	for i, c := range columns {
		known[c.Name] = true
		at[i] = r.Column(c.Name)
		if at[i] < 0 && c.Required {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "place.columns_missing", "Columns", strings.Join(missing, ", "), "Found", strings.Join(r.Header()[:min(len(r.Header()), 8)], ", "))
	}
	var unknown []string
	for i, name := range r.Header() {
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
	if at[columnIndex("latitude")] < 0 != (at[columnIndex("longitude")] < 0) {
		return nil, fault.New(fault.Invalid, "place.columns_missing", "Columns", "latitude, longitude", "Found", "")
	}
	return at, nil
}

func columnIndex(name string) int {
	return slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
}

func readRow(line int, rec []string, at []int) row {
	out := row{line: line}
	for i, c := range columns {
		if at[i] >= 0 {
			c.set(&out.place, strings.TrimSpace(rec[at[i]]))
		}
	}
	lat, lon := "", ""
	if i := at[columnIndex("latitude")]; i >= 0 {
		lat, lon = strings.TrimSpace(rec[i]), strings.TrimSpace(rec[at[columnIndex("longitude")]])
	}
	if lat != "" || lon != "" {
		p, err := territory.ParsePoint(lat, lon)
		if err != nil {
			out.issues = append(out.issues, table.Issue{Field: "latitude", Rule: "type", Value: cut(lat + " " + lon)})
		}
		out.place.Point = p
	}
	return out
}

// add keeps a row, unless it has no name or its id stood higher up.
func (f *file) add(r row, seen map[string]int) {
	p := &r.place
	if p.Name == "" {
		f.counts.Rejected++
		f.note(r.line, p.StandardID, table.Issue{Field: "nom", Rule: "missing"})
		return
	}
	if p.StandardID == "" {
		// Without an id the row is known again by what it says of itself.
		sum := sha256.Sum256([]byte(fold.Key(p.Name) + "\n" + fold.Key(p.Address) + "\n" + fold.Key(p.Commune) + "\n" + p.Postcode))
		p.StandardID = fmt.Sprintf("%s%x", madeIDPrefix, sum[:8])
	}
	if first, ok := seen[p.StandardID]; ok {
		f.counts.Warnings++
		f.note(r.line, p.StandardID, table.Issue{Field: "id", Rule: "unique", Value: fmt.Sprint(first)})
		return
	}
	seen[p.StandardID] = r.line
	f.rows = append(f.rows, r)
}

// madeIDPrefix begins the ids that we make for rows without one.
const madeIDPrefix = "sans-id_"

func (f *file) note(line int, id string, i table.Issue) {
	i.Line, i.ID = line, id
	i.Value = cut(i.Value)
	i.Message = explain(i)
	f.issues = append(f.issues, i)
}

func cut(v string) string {
	const most = 200
	if r := []rune(v); len(r) > most {
		return string(r[:most]) + "…"
	}
	return v
}

// importPlan is what an import will write.
type importPlan struct {
	changed []Place
	fields  []string // by changed place: names of the columns that differ, or "tous" for a new one
	last    Number
	report  ImportReport
}

// plan compares the rows with what the database has.
func (f *file) plan(ctx context.Context, q db.Querier, last Number) (importPlan, error) {
	ids := make([]string, len(f.rows))
	for i := range f.rows {
		ids[i] = f.rows[i].place.StandardID
	}
	stored, err := placesByStandardID(ctx, q, ids)
	if err != nil {
		return importPlan{}, err
	}
	out := importPlan{last: last}
	work := file{has: f.has, counts: f.counts, issues: slices.Clone(f.issues)}
	for i := range f.rows {
		r := &f.rows[i]
		old, known := stored[r.place.StandardID]
		next := f.merged(old, r.place)
		work.check(r, &next)
		if next.Status == ToLocate {
			out.report.ToLocate++
		}
		fields := "tous"
		switch {
		case !known:
			work.counts.Created++
			out.last++
			next.ID, next.Number = ID(id.New()), out.last
		default:
			if fields = differing(&old, &next); fields == "" {
				work.counts.Unchanged++
				continue
			}
			work.counts.Updated++
		}
		out.changed = append(out.changed, next)
		out.fields = append(out.fields, fields)
	}
	slices.SortStableFunc(work.issues, func(a, b table.Issue) int { return a.Line - b.Line })
	out.report.Counts, out.report.Issues = work.counts, work.issues
	return out, nil
}

// merged is old with the columns that the file has taken from the row.
func (f *file) merged(old, in Place) Place {
	next := old
	for i, c := range columns {
		if f.has[i] {
			c.set(&next, c.Value(&in))
		}
	}
	if f.has[columnIndex("latitude")] {
		next.Point = in.Point
	}
	next.StandardID = in.StandardID
	return next
}

// check notes every rule that the resulting place breaks and derives its status.
func (f *file) check(r *row, p *Place) {
	for _, i := range r.issues {
		f.counts.Warnings++
		f.note(r.line, p.StandardID, i)
	}
	violations := p.Violations()
	if strings.HasPrefix(p.StandardID, madeIDPrefix) {
		violations = append(violations, Violation{Column: columns[columnIndex("id")], Rule: "missing"})
	}
	for _, v := range violations {
		f.counts.Warnings++
		f.note(r.line, p.StandardID, table.Issue{Field: v.Column.Name, Rule: v.Rule, Value: v.Value})
	}
	p.Status = p.status()
	if p.Status == Published && len(r.issues)+len(violations) > 0 && slices.ContainsFunc(violations, Violation.Blocks) {
		p.Status = ToComplete
	}
}

// differing names the columns in which two places differ, "" when they are the same.
func differing(a, b *Place) string {
	var out []string
	for _, c := range columns {
		if c.Value(a) != c.Value(b) {
			out = append(out, c.Name)
		}
	}
	if a.Status != b.Status {
		out = append(out, "état")
	}
	return strings.Join(out, ", ")
}

// explain says in French what a broken rule means and what to do.
func explain(i table.Issue) string {
	switch i.Rule {
	case "unique":
		return "Cet identifiant est déjà à la ligne " + i.Value + ". La première ligne est gardée, celle-ci est laissée."
	case "missing":
		if i.Field == "nom" {
			return "Le nom du lieu manque. La ligne n'est pas reprise : ajoutez un nom."
		}
		return "La colonne « " + i.Field + " » est obligatoire. Le lieu est gardé, à compléter."
	case "maxLength":
		return "Le texte dépasse 280 signes. Il est gardé entier ; raccourcissez-le pour l'export national."
	case "enum":
		return "Cette valeur n'est pas dans la liste du standard. Elle est gardée ; choisissez une valeur de la liste."
	case "luhn":
		return "Le chiffre de contrôle de ce SIRET ne tombe pas juste. Vérifiez le numéro."
	case "type":
		return "La latitude et la longitude sont deux nombres, comme 45.93 et -0.96. La position est laissée vide."
	}
	return "La valeur n'a pas la forme que le standard demande. Elle est gardée, à corriger."
}
