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
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
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
// the places it does not have, changes those that differ, and leaves the others. The file is read once, whole, before
// anything changes, and not held: memory grows by some fifty bytes a row. It then lands in transactions of sliceRows
// rows, each with its journal lines, so that others can write between two of them; nodes show it once all have landed.
// An interruption leaves whole slices, and importing the file again ends the work.
//
// It reports a *table.Problem for what is no table, fault.Invalid when a required column is missing
// (place.columns_missing) or a column is not of the standard (place.columns_unknown), an *ImportError for a JSON file
// that is no list of objects, a file that its mapping does not fit, or a complete file that says no source or no place,
// an *Interrupted when it stopped after a part of the rows had landed, and what identity.Require says of PlaceImport.
func (s *Service) Import(ctx context.Context, by identity.Actor, src io.Reader, opts ImportOptions) (ImportReport, error) {
	if err := identity.Require(by, identity.PlaceImport, identity.Object{Kind: identity.ObjectPlace}); err != nil {
		return ImportReport{}, err
	}
	contours, err := s.ground.Contours(ctx)
	if err != nil {
		return ImportReport{}, err
	}
	merged, err := s.ground.Merged(ctx)
	if err != nil {
		return ImportReport{}, err
	}
	f := &file{opts: opts, contours: contours, mergedInto: merged, seen: map[rowKey]int32{}, sources: map[string]bool{}, parts: map[rowKey]bool{}}
	defer f.close()
	if err := f.load(ctx, src); err != nil {
		return ImportReport{}, err
	}
	p := importPlan{file: f, service: s, by: by.Audit()}
	if err := p.run(ctx); err != nil {
		return ImportReport{}, err
	}
	return p.report, f.issues.each(func(i *table.Issue) error {
		if opts.Issue != nil {
			opts.Issue(*i)
		} else {
			p.report.Issues = append(p.report.Issues, *i)
		}
		return nil
	})
}

// Interrupted says that an import stopped after whole slices of it had landed: importing the file again ends the work.
type Interrupted struct {
	Landed int // rows of the file that were dealt with
	Rows   int // of the file
	Err    error
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("import stopped after %d of %d rows: %v", e.Landed, e.Rows, e.Err)
}

// Unwrap returns what stopped it.
func (e *Interrupted) Unwrap() error { return e.Err }

// file is a file read and checked, its rows kept aside.
type file struct {
	opts       ImportOptions
	mergedInto map[string]territory.Commune // by the code of a commune that merged
	contours   *territory.Contours          // of communes; none when none are loaded
	has        []bool                       // by column of the standard: does the file have it
	rows       spool[row]
	issues     spool[table.Issue]
	seen       map[rowKey]int32 // line by id; 0 for an id whose row was rejected
	sources    map[string]bool  // that the rows name
	parts      map[rowKey]bool  // the ids that rows join
	counts     table.Counts
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
		f.has[i] = b[i] != nil || i == sourceColumn && f.opts.Source != ""
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
	for _, part := range splitID(p.StandardID) {
		f.parts[keyOf(part)] = true
	}
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

// sliceRows is how many rows land in one transaction: a département does so whole, and on a small machine the others who
// write wait for a tenth of a second (ADR 8).
const sliceRows = 1000

// importPlan compares the rows of a file with what the database has and lands them slice by slice.
type importPlan struct {
	file    *file
	service *Service
	by      audit.Actor
	report  ImportReport
	slice   []*row
	last    Number // the last public number given, of a dry run
	landed  int    // rows of the slices that landed
	sliced  bool   // it landed in more than one transaction: nodes are told at the end
}

func (p *importPlan) run(ctx context.Context) error {
	p.report.Counts = p.file.counts
	err := p.eachSlice(ctx)
	if err == nil && p.file.opts.Complete {
		err = p.markAbsent(ctx)
	}
	if p.sliced {
		// Also after an interruption: what has landed is whole, and is shown.
		if show := p.service.showLanded(context.WithoutCancel(ctx)); err == nil {
			err = show
		}
	}
	if err != nil && p.landed > 0 && !p.file.opts.DryRun {
		return &Interrupted{Landed: p.landed, Rows: p.file.counts.Read, Err: err}
	}
	return err
}

func (p *importPlan) eachSlice(ctx context.Context) error {
	err := p.file.rows.each(func(r *row) error {
		if len(p.slice) == sliceRows {
			if err := p.land(ctx, false); err != nil {
				return err
			}
			if err := p.pause(ctx); err != nil {
				return err
			}
		}
		p.slice = append(p.slice, r)
		return nil
	})
	if err != nil {
		return err
	}
	return p.land(ctx, p.landed == 0 && !p.file.opts.Complete)
}

func (p *importPlan) pause(ctx context.Context) error {
	if p.file.opts.DryRun {
		return ctx.Err()
	}
	return db.Pause(ctx)
}

// outcome is what comparing one slice with the database gives.
type outcome struct {
	counts    table.Counts // created, updated, unchanged, warnings
	toLocate  int
	issues    []table.Issue
	places    []Place    // new, or as they become
	at        map[ID]int // where each stands in places
	changes   []change
	entries   []audit.Entry
	confirmed []difference // what the file says otherwise than what was confirmed here
	looked    []said       // the places with something confirmed here: what the source said of them before is settled
	last      Number
}

// land compares the slice and writes what differs, in one transaction. whole says that there is nothing before nor after
// it: nodes are told in the same breath.
func (p *importPlan) land(ctx context.Context, whole bool) error {
	var out outcome
	var err error
	if p.file.opts.DryRun {
		out, err = p.compare(ctx, p.service.db, p.last)
		p.last = out.last
	} else {
		err = p.service.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			last, err := touch(ctx, tx)
			if err != nil {
				return err
			}
			if out, err = p.compare(ctx, tx, last); err != nil {
				return err
			}
			return p.service.landTx(ctx, tx, &out, whole)
		})
		p.sliced = p.sliced || !whole
	}
	if err != nil {
		return err
	}
	p.landed += len(p.slice)
	p.slice = p.slice[:0]
	p.report.Created += out.counts.Created
	p.report.Updated += out.counts.Updated
	p.report.Unchanged += out.counts.Unchanged
	p.report.Warnings += out.counts.Warnings
	p.report.ToLocate += out.toLocate
	for i := range out.issues {
		if err := p.file.issues.add(&out.issues[i]); err != nil {
			return err
		}
	}
	return nil
}

// landTx writes an outcome, and says that the census changed: at once when it is the whole of the import, else once the
// last slice has landed (showLanded).
func (s *Service) landTx(ctx context.Context, tx *db.Tx, out *outcome, whole bool) error {
	if err := settle(ctx, tx, out.looked, out.confirmed); err != nil {
		return err
	}
	if len(out.places) == 0 {
		return nil
	}
	if err := putPlaces(ctx, tx, out.places, s.now()); err != nil {
		return err
	}
	if err := insertChanges(ctx, tx, out.changes); err != nil {
		return err
	}
	if err := s.journal.RecordTx(ctx, tx, out.entries...); err != nil {
		return err
	}
	if whole {
		return saveState(ctx, tx, out.last)
	}
	return saveLanding(ctx, tx, out.last)
}

// showLanded tells every node that what landed in slices is there.
func (s *Service) showLanded(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return saveLanded(ctx, tx)
	})
}

// compare finds out what the rows of the slice change. It writes nothing, so that a transaction may run it again.
func (p *importPlan) compare(ctx context.Context, q db.Querier, last Number) (outcome, error) {
	out := outcome{last: last}
	stored, err := placesByStandardID(ctx, q, p.wanted())
	if err != nil {
		return out, err
	}
	kin, err := readFamily(ctx, q, stored)
	if err != nil {
		return out, err
	}
	for _, r := range p.slice {
		if r.Left {
			out.note(r.Line, r.Place.StandardID, r.Issues...)
			continue
		}
		p.compareRow(&out, r, &kin, stored)
	}
	return out, nil
}

func (p *importPlan) compareRow(out *outcome, r *row, kin *family, stored map[string]Place) {
	old, whole, known := kin.find(stored, r.Place.StandardID)
	in := r.Place
	switch {
	case whole: // the row speaks for all the records of the place
		in.StandardID = old.StandardID
	case known:
		kin.own(&old, &in)
	}
	next, kept := p.file.merged(old, in)
	kin.restore(&old, &next)
	p.file.renewCommune(r, &next)
	p.file.fillCommune(r, &next)
	issues := p.warnings(r, &next, kept)
	out.counts.Warnings += len(issues)
	out.note(r.Line, next.StandardID, issues...)
	if next.Status == ToLocate {
		out.toLocate++
	}
	if !known {
		out.counts.Created++
		out.last++
		next.ID, next.Number = ID(id.New()), out.last
		out.entries = append(out.entries, importEntry(p.by, next.ID, "tous"))
		out.put(next)
		return
	}
	if old.MergedInto == "" {
		out.confirm(&old, &in, kept, p.service.now())
	}
	if !out.change(p, &old, &next, in.Source) {
		out.counts.Unchanged++
		return
	}
	out.counts.Updated++
	if kin.now[next.ID] != nil {
		kin.now[next.ID] = &next
	}
	p.compareParts(out, kin, in.Source, old, next)
}

// confirm notes what the file says otherwise than what was confirmed here.
func (out *outcome) confirm(old, in *Place, kept []int, at time.Time) {
	if len(old.Origins) == 0 {
		return
	}
	for _, origin := range old.Origins {
		if origin == Here {
			out.looked = append(out.looked, said{old.ID, in.Source})
			break
		}
	}
	for _, i := range kept {
		out.confirmed = append(out.confirmed, difference{place: old.ID, field: columns[i].Name, source: in.Source, value: cellOf(in, i), seenAt: at})
	}
}

func importEntry(by audit.Actor, place ID, fields string) audit.Entry {
	return audit.Entry{
		Actor: by, Action: "place.import", Object: audit.Object{Kind: "place", ID: string(place)},
		Detail: map[string]string{"champs": fields},
	}
}

// markAbsent marks the places of the file's sources that the file does not have.
func (p *importPlan) markAbsent(ctx context.Context) error {
	var absent []ID
	parts, err := joinedIDs(ctx, p.service.db)
	if err != nil {
		return err
	}
	for _, source := range slices.Sorted(maps.Keys(p.file.sources)) {
		err := eachOfSource(ctx, p.service.db, source, func(one sourcePlace) {
			if !p.hasRow(parts, one) {
				absent = append(absent, one.id)
			}
		})
		if err != nil {
			return err
		}
	}
	p.report.ToCheck = len(absent)
	if p.file.opts.DryRun {
		return nil
	}
	for part := range slices.Chunk(absent, sliceRows) {
		if err := p.pause(ctx); err != nil {
			return err
		}
		if err := p.service.mark(ctx, p.by, part); err != nil {
			return err
		}
	}
	return nil
}

// hasRow reports whether the file has a row of a place, of one that became part of it, or that joins its id with others.
func (p *importPlan) hasRow(parts map[ID]string, one sourcePlace) bool {
	for _, id := range append([]string{one.standardID, parts[one.id]}, splitID(parts[one.id])...) {
		if _, here := p.file.seen[keyOf(id)]; here || p.file.parts[keyOf(id)] {
			return true
		}
	}
	return false
}

func (s *Service) mark(ctx context.Context, by audit.Actor, absent []ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := touch(ctx, tx)
		if err != nil {
			return err
		}
		if err := markToCheck(ctx, tx, absent, s.now()); err != nil {
			return err
		}
		entries := make([]audit.Entry, 0, len(absent))
		changes := make([]change, 0, len(absent))
		for _, one := range absent {
			entries = append(entries, importEntry(by, one, fieldToCheck))
			changes = append(changes, newChange(one, s.now(), by, "", fieldChanges{{fieldToCheck, "non", "oui"}}))
		}
		if err := insertChanges(ctx, tx, changes); err != nil {
			return err
		}
		if err := s.journal.RecordTx(ctx, tx, entries...); err != nil {
			return err
		}
		return saveLanding(ctx, tx, last)
	})
}

func (out *outcome) note(line int, id string, issues ...table.Issue) {
	for _, i := range issues {
		i.Line, i.ID = line, id
		i.Value = cut(i.Value)
		i.Message = explain(i)
		out.issues = append(out.issues, i)
	}
}

// check derives the status of a place that a file gives and returns every rule that it breaks.
func check(next *Place) []table.Issue {
	var issues []table.Issue
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
	return issues
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
	case ruleSyntax:
		if i.Field == "horaires" {
			return "Ces horaires ne se lisent pas. Ils sont gardés et montrés tels quels ; écrivez-les comme Mo-Fr 09:00-12:00."
		}
		return "Aucune adresse ne se lit ici. La valeur est gardée telle quelle."
	case ruleNormalised:
		return "Une partie de la valeur n'est pas reprise : elle ne se lit pas, ou la colonne n'en prend qu'une."
	case ruleKept:
		return "Une autre valeur a été confirmée ici : elle reste. Celle du fichier est mise de côté, à comparer."
	case ruleMerged:
		return "La commune de code " + i.Value + " a fusionné. Le lieu reçoit la commune d'aujourd'hui ; écrivez-la dans le fichier."
	case ruleFilled:
		return "La commune manque. Elle est déduite de la position : " + i.Value + ". Vérifiez-la, et écrivez-la dans le fichier."
	case "luhn":
		return "Le chiffre de contrôle de ce SIRET ne tombe pas juste. Vérifiez le numéro."
	case "type":
		return "La latitude et la longitude sont deux nombres, comme 45.93 et -0.96. La position est laissée vide."
	}
	return "La valeur n'a pas la forme que le standard demande. Elle est gardée, à corriger."
}
