package place

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
)

// ImportReport is what an import did, or with DryRun would have done.
type ImportReport struct {
	table.Counts
	ToLocate int           // rows that stand nowhere: kept, not shown
	ToCheck  int           // places that a complete file no longer has: newly marked, still shown
	Issues   []table.Issue // every broken rule, in the order of the file; nil when ImportOptions.Issue took them
}

// ImportOptions says how to import. Its zero value imports a file of the standard.
type ImportOptions struct {
	DryRun   bool              // check and count, change nothing
	Mapping  *Mapping          // for a file that is not of the standard; nil for one that is
	Source   string            // the source of rows that name none, and whose places Complete looks at; "" for none
	Complete bool              // the file has every place of its source: those it lacks are marked "à vérifier"
	Progress func(rows int)    // called now and then while the file is read; nil for silence
	Issue    func(table.Issue) // is given every broken rule, in the order of the file, once the import has landed; nil to have them in the report
}

// ImportError refuses a file or a mapping in one French sentence that says what to do.
type ImportError struct{ Reason string }

func (e *ImportError) Error() string { return e.Reason }

func refuse(format string, args ...any) error { return &ImportError{fmt.Sprintf(format, args...)} }

// Import reads a CSV or JSON file of the national standard, 1.x or 0.x, or one that opts.Mapping describes, and inserts
// the places it does not have, changes those that differ, and leaves the others. It lands in one transaction with its
// journal lines, so that an interruption at any moment leaves nothing half done. The file is read once and not held:
// memory grows by some fifty bytes a row.
//
// It reports a *table.Problem for what is no table, fault.Invalid when a required column is missing
// (place.columns_missing) or a column is not of the standard (place.columns_unknown), and an *ImportError for a JSON file
// that is no list of objects, a file that its mapping does not fit, or a complete file that says no source or no place.
func (s *Service) Import(ctx context.Context, by audit.Actor, src io.Reader, opts ImportOptions) (ImportReport, error) {
	contours, err := s.ground.Contours(ctx)
	if err != nil {
		return ImportReport{}, err
	}
	f := &file{opts: opts, contours: contours, seen: map[rowKey]int32{}, sources: map[string]bool{}}
	defer f.close()
	if err := f.load(ctx, src); err != nil {
		return ImportReport{}, err
	}
	var report ImportReport
	if opts.DryRun {
		p := importPlan{file: f, q: s.db}
		if err := p.run(ctx); err != nil {
			return ImportReport{}, err
		}
		report = p.report
	} else {
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			last, err := touch(ctx, tx)
			if err != nil {
				return err
			}
			p := importPlan{file: f, q: tx, last: last, land: func(changed []Place, fields []string) error {
				return s.landTx(ctx, tx, by, changed, fields)
			}}
			p.mark = func(absent []ID) error { return s.markTx(ctx, tx, by, absent) }
			if err := p.run(ctx); err != nil {
				return err
			}
			report = p.report
			if p.report.Created+p.report.Updated+p.report.ToCheck == 0 {
				return nil
			}
			return saveState(ctx, tx, p.last)
		})
		if err != nil {
			return ImportReport{}, err
		}
	}
	return report, f.issues.each(func(i *table.Issue) error {
		if opts.Issue != nil {
			opts.Issue(*i)
		} else {
			report.Issues = append(report.Issues, *i)
		}
		return nil
	})
}

func (s *Service) landTx(ctx context.Context, tx *db.Tx, by audit.Actor, changed []Place, fields []string) error {
	if err := putPlaces(ctx, tx, changed, s.now()); err != nil {
		return err
	}
	entries := make([]audit.Entry, 0, len(changed))
	for i := range changed {
		entries = append(entries, importEntry(by, changed[i].ID, fields[i]))
	}
	return s.journal.RecordTx(ctx, tx, entries...)
}

func (s *Service) markTx(ctx context.Context, tx *db.Tx, by audit.Actor, absent []ID) error {
	if err := markToCheck(ctx, tx, absent, s.now()); err != nil {
		return err
	}
	entries := make([]audit.Entry, 0, len(absent))
	for _, one := range absent {
		entries = append(entries, importEntry(by, one, fieldToCheck))
	}
	return s.journal.RecordTx(ctx, tx, entries...)
}

func importEntry(by audit.Actor, place ID, fields string) audit.Entry {
	return audit.Entry{
		Actor: by, Action: "place.import", Object: audit.Object{Kind: "place", ID: string(place)},
		Detail: map[string]string{"champs": fields},
	}
}

// file is a file read and checked, its rows kept aside.
type file struct {
	opts     ImportOptions
	contours *territory.Contours // of communes; none when none are loaded
	has      []bool              // by column of the standard: does the file have it
	rows     spool[row]
	issues   spool[table.Issue] // of the last plan
	seen     map[rowKey]int32   // line by id; 0 for an id whose row was rejected
	sources  map[string]bool    // that the rows name
	counts   table.Counts
}

func (f *file) close() {
	f.rows.close()
	f.issues.close()
}

// rowKey stands for the standard's id of a row: a million ids are not held, only their digests.
type rowKey [16]byte

func keyOf(id string) rowKey {
	sum := sha256.Sum256([]byte(id))
	return rowKey(sum[:16])
}

func (f *file) load(ctx context.Context, src io.Reader) error {
	r, closeSource, err := openSource(ctx, src)
	if err != nil {
		return err
	}
	defer closeSource()
	b, err := f.bind(r)
	if err != nil {
		return err
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return f.checkComplete()
		}
		if err != nil {
			return err
		}
		f.counts.Read++
		if f.counts.Read%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if f.opts.Progress != nil {
				f.opts.Progress(f.counts.Read)
			}
		}
		one := b.read(r.Line(), rec)
		if err := f.add(&one); err != nil {
			return err
		}
	}
}

func (f *file) bind(src rowSource) (binding, error) {
	find := bind
	if f.opts.Mapping != nil {
		find = f.opts.Mapping.bind
	}
	b, err := find(src)
	if err != nil {
		return nil, err
	}
	f.has = make([]bool, len(columns))
	for i := range columns {
		f.has[i] = b[i] != nil || columns[i].Name == "source" && f.opts.Source != ""
	}
	return b, nil
}

// checkComplete refuses a complete file that would say of nobody, or of everybody, that they are gone.
func (f *file) checkComplete() error {
	if !f.opts.Complete {
		return nil
	}
	if f.opts.Source != "" {
		f.sources = map[string]bool{f.opts.Source: true}
	}
	switch {
	case len(f.sources) == 0:
		return refuse("un fichier complet demande une source, et aucune ligne n'en nomme. Donnez-la avec --source.")
	case len(f.seen) == 0:
		return refuse("ce fichier n'a aucun lieu : il n'est pas pris pour complet. Vérifiez-le, ou importez sans --complete.")
	}
	return nil
}

// add keeps a row, unless it has no name or its id stood higher up.
func (f *file) add(r *row) error {
	p := &r.Place
	if p.Source == "" {
		p.Source = f.opts.Source
	}
	if p.Source != "" && f.opts.Complete && !f.sources[p.Source] {
		f.sources[strings.Clone(p.Source)] = true
	}
	if p.Name == "" {
		f.counts.Rejected++
		r.Left, r.Issues = true, []table.Issue{{Field: "nom", Rule: "missing"}}
		if key := keyOf(p.StandardID); p.StandardID != "" && f.seen[key] == 0 {
			f.seen[key] = 0 // the place is in the file, however badly
		}
		return f.rows.add(r)
	}
	if p.StandardID == "" {
		// Without an id the row is known again by what it says of itself.
		sum := sha256.Sum256([]byte(fold.Key(p.Name) + "\n" + fold.Key(p.Address) + "\n" + fold.Key(p.Commune) + "\n" + p.Postcode))
		p.StandardID = fmt.Sprintf("%s%x", madeIDPrefix, sum[:8])
	}
	key := keyOf(p.StandardID)
	if first := f.seen[key]; first > 0 {
		f.counts.Warnings++
		r.Left, r.Issues = true, []table.Issue{{Field: "id", Rule: "unique", Value: fmt.Sprint(first)}}
		return f.rows.add(r)
	}
	f.seen[key] = int32(min(r.Line, 1<<31-1))
	return f.rows.add(r)
}

// madeIDPrefix begins the ids that we make for rows without one.
const madeIDPrefix = "sans-id_"

func cut(v string) string {
	const most = 200
	if len(v) <= most {
		return v
	}
	if r := []rune(v); len(r) > most {
		return string(r[:most]) + "…"
	}
	return v
}

// batchRows is how many rows are compared and written at a time.
const batchRows = 500

// importPlan compares the rows of a file with what the database has and lands them batch by batch.
type importPlan struct {
	file   *file
	q      db.Querier
	last   Number
	land   func(changed []Place, fields []string) error // nil for a dry run
	mark   func(absent []ID) error                      // nil for a dry run
	report ImportReport
	batch  []*row
}

// run does the whole file. It may run again after a deadlock: it starts from nothing each time.
func (p *importPlan) run(ctx context.Context) error {
	p.report.Counts = p.file.counts
	if err := p.file.issues.reset(); err != nil {
		return err
	}
	err := p.file.rows.each(func(r *row) error {
		if p.batch = append(p.batch, r); len(p.batch) < batchRows {
			return nil
		}
		return p.flush(ctx)
	})
	if err == nil {
		err = p.flush(ctx)
	}
	if err != nil || !p.file.opts.Complete {
		return err
	}
	return p.markAbsent(ctx)
}

func (p *importPlan) flush(ctx context.Context) error {
	ids := make([]string, 0, len(p.batch))
	for _, r := range p.batch {
		if !r.Left {
			ids = append(ids, r.Place.StandardID)
		}
	}
	stored, err := placesByStandardID(ctx, p.q, ids)
	if err != nil {
		return err
	}
	var changed []Place
	var differ []string
	for _, r := range p.batch {
		if r.Left {
			if err := p.note(r.Line, r.Place.StandardID, r.Issues...); err != nil {
				return err
			}
			continue
		}
		old, known := stored[r.Place.StandardID]
		next := p.file.merged(old, r.Place)
		p.file.fillCommune(r, &next)
		if err := p.check(r, &next); err != nil {
			return err
		}
		if next.Status == ToLocate {
			p.report.ToLocate++
		}
		fields := "tous"
		switch {
		case !known:
			p.report.Created++
			p.last++
			next.ID, next.Number = ID(id.New()), p.last
		default:
			if fields = differing(&old, &next); fields == "" {
				p.report.Unchanged++
				continue
			}
			p.report.Updated++
		}
		changed, differ = append(changed, next), append(differ, fields)
	}
	p.batch = p.batch[:0]
	if p.land == nil || len(changed) == 0 {
		return nil
	}
	return p.land(changed, differ)
}

// markAbsent marks the places of the file's sources that the file does not have.
func (p *importPlan) markAbsent(ctx context.Context) error {
	var absent []ID
	for _, source := range slices.Sorted(maps.Keys(p.file.sources)) {
		err := eachOfSource(ctx, p.q, source, func(one sourcePlace) {
			if _, here := p.file.seen[keyOf(one.standardID)]; !here {
				absent = append(absent, one.id)
			}
		})
		if err != nil {
			return err
		}
	}
	p.report.ToCheck = len(absent)
	if p.mark == nil {
		return nil
	}
	for part := range slices.Chunk(absent, batchRows) {
		if err := p.mark(part); err != nil {
			return err
		}
	}
	return nil
}

func (p *importPlan) note(line int, id string, issues ...table.Issue) error {
	for _, i := range issues {
		i.Line, i.ID = line, id
		i.Value = cut(i.Value)
		i.Message = explain(i)
		if err := p.file.issues.add(&i); err != nil {
			return err
		}
	}
	return nil
}

// merged is old with the columns that the file has taken from the row. What the file has is no longer to be checked.
func (f *file) merged(old, in Place) Place {
	next := old
	for i, c := range columns {
		if f.has[i] {
			c.set(&next, c.Value(&in))
		}
	}
	if f.has[latitude] {
		next.Point = in.Point
	}
	if next.Pivot == "" {
		next.Pivot = UnknownPivot
	}
	next.StandardID = in.StandardID
	next.ToCheck = false
	return next
}

// check notes every rule that the resulting place breaks and derives its status.
func (p *importPlan) check(r *row, next *Place) error {
	issues := r.Issues
	next.Status = next.status()
	for _, v := range next.Violations() {
		issues = append(issues, table.Issue{Field: v.Column.Name, Rule: v.Rule, Value: v.Value})
	}
	if strings.HasPrefix(next.StandardID, madeIDPrefix) {
		issues = append(issues, table.Issue{Field: "id", Rule: "missing"})
		if next.Status == Published {
			next.Status = ToComplete
		}
	}
	p.report.Warnings += len(issues)
	return p.note(r.Line, next.StandardID, issues...)
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
	if a.ToCheck != b.ToCheck {
		out = append(out, fieldToCheck)
	}
	return strings.Join(out, ", ")
}

// fieldToCheck is how the journal names the mark "à vérifier".
const fieldToCheck = "à vérifier"

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
	case ruleSyntax:
		if i.Field == "horaires" {
			return "Ces horaires ne se lisent pas. Ils sont gardés et montrés tels quels ; écrivez-les comme Mo-Fr 09:00-12:00."
		}
		return "Aucune adresse ne se lit ici. La valeur est gardée telle quelle."
	case ruleNormalised:
		return "Une partie de la valeur n'est pas reprise : elle ne se lit pas, ou la colonne n'en prend qu'une."
	case ruleFilled:
		return "La commune manque. Elle est déduite de la position : " + i.Value + ". Vérifiez-la, et écrivez-la dans le fichier."
	case "luhn":
		return "Le chiffre de contrôle de ce SIRET ne tombe pas juste. Vérifiez le numéro."
	case "type":
		return "La latitude et la longitude sont deux nombres, comme 45.93 et -0.96. La position est laissée vide."
	}
	return "La valeur n'a pas la forme que le standard demande. Elle est gardée, à corriger."
}
