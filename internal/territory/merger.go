package territory

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/table"
)

// merger is what became of the code of a commune on a day.
type merger struct {
	old, day, next string
	restored       bool // old is a commune again; next is what it was part of
}

// mostMergers bounds how many mergers one code is followed through.
const mostMergers = 20

// Successor returns the commune that an INSEE code means on a day (2019-01-01): that of the code where it is known, else
// the one that it merged into, through as many mergers as there were until then. ok is false where none is known.
func (g *Gazetteer) Successor(code, on string) (c Commune, ok bool) {
	from := ""
	for range mostMergers {
		if c, ok := g.Commune(code); ok {
			return c, true
		}
		var last merger
		for _, m := range g.mergers[code] {
			if m.day >= from && m.day <= on && m.day >= last.day {
				last = m
			}
		}
		if last.old == "" || last.restored {
			return Commune{}, false
		}
		code, from = last.next, last.day
	}
	return Commune{}, false
}

// Merged returns the commune of today that each code of a merged commune means, as the database has them. It is for
// commands, which need not read all communes where no merger is known.
func (s *Service) Merged(ctx context.Context) (map[string]Commune, error) {
	list, err := listMergers(ctx, s.db)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	communes, err := listCommunes(ctx, s.db)
	if err != nil {
		return nil, err
	}
	g, out := NewGazetteer(communes, nil).withMergers(list), map[string]Commune{}
	for _, m := range list {
		if c, known := g.Successor(m.old, today()); known && c.Code != m.old {
			out[m.old] = c
		}
	}
	return out, nil
}

// withMergers is g with what it knows of mergers; it keeps those of the same g.
func (g *Gazetteer) withMergers(list []merger) *Gazetteer {
	g.mergers = make(map[string][]merger, len(list))
	for _, m := range list {
		g.mergers[m.old] = append(g.mergers[m.old], m)
	}
	return g
}

// today is the day that codes are understood on where nobody says another.
func today() string { return time.Now().Format(time.DateOnly) }

// The columns of a file of mergers: INSEE's "mouvements", or the shortest one.
var (
	movementColumns = []string{"MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP"}
	mergerColumns   = []string{"ancien_code", "nouveau_code", "date"}
)

// movements are INSEE's kinds of change (MOD) by which a code stands for another: mergers, and codes that changed. That
// of a restored commune is restoredMovement.
var movements = map[string]bool{"31": true, "32": true, "33": true, "41": true, "50": true}

const restoredMovement = "21"

// isMergers reports whether the first line of a table names the columns of mergers.
func isMergers(head []byte) bool {
	line, _, _ := strings.Cut(string(head), "\n")
	return strings.Contains(line, "COM_AV") || strings.Contains(line, "ancien_code")
}

// ImportMergers reads mergers of communes from a CSV file: INSEE's movements of communes (MOD, DATE_EFF, TYPECOM_AV,
// COM_AV, TYPECOM_AP, COM_AP), or ancien_code, nouveau_code, date. Of INSEE's it keeps the rows by which the code of a
// commune became another (MOD 31, 32, 33, 41, 50) or is a commune again (21), and passes over the others. It inserts
// what it does not have and replaces what differs. Nothing changes unless the whole file could be read. Its errors are
// ImportCommunes'.
func (s *Service) ImportMergers(ctx context.Context, by audit.Actor, src io.Reader) (ImportReport, error) {
	f, err := readMergers(ctx, src)
	if err != nil {
		return ImportReport{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return s.landMergersTx(ctx, tx, by, f)
	})
	return f.report, err
}

func (s *Service) landMergersTx(ctx context.Context, tx *db.Tx, by audit.Actor, f *mergerFile) error {
	have, err := listMergers(ctx, tx)
	if err != nil {
		return err
	}
	stored := map[merger]string{}
	for _, m := range have {
		stored[m.key()] = m.next
	}
	counts := &f.report.Counts
	counts.Created, counts.Updated, counts.Unchanged = 0, 0, 0 // the transaction may run again
	var changed []merger
	for _, m := range f.list {
		switch next, known := stored[m.key()]; {
		case !known:
			counts.Created++
		case next == m.next:
			counts.Unchanged++
			continue
		default:
			counts.Updated++
		}
		changed = append(changed, m)
	}
	if len(changed) == 0 {
		return nil
	}
	if err := raise(ctx, tx); err != nil {
		return err
	}
	if err := putMergers(ctx, tx, changed); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: by, Action: "territory.mergers", Object: audit.Object{Kind: "mergers", ID: ""},
		Detail: map[string]string{"créées": strconv.Itoa(counts.Created), "modifiées": strconv.Itoa(counts.Updated)},
	})
}

// key is a merger without what it leads to.
func (m merger) key() merger { return merger{old: m.old, day: m.day, restored: m.restored} }

// mergerFile is a file of mergers, read and checked.
type mergerFile struct {
	list   []merger
	seen   map[merger]bool
	report ImportReport
}

func readMergers(ctx context.Context, src io.Reader) (*mergerFile, error) {
	r, err := table.NewReader(src)
	if err != nil {
		return nil, err
	}
	names := movementColumns
	if r.Column(mergerColumns[0]) >= 0 {
		names = mergerColumns
	}
	var missing []string
	for _, name := range names {
		if r.Column(name) < 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "territory.not_mergers", "Columns", strings.Join(missing, ", "))
	}
	f := &mergerFile{seen: map[merger]bool{}}
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
		cell := func(name string) string { return strings.ToUpper(strings.TrimSpace(rec[r.Column(name)])) }
		if m, ok := mergerOf(names, cell); ok {
			f.add(r.Line(), m)
		}
	}
}

// mergerOf reads a row; ok is false for one that says nothing of a code that became another.
func mergerOf(names []string, cell func(string) string) (m merger, ok bool) {
	if len(names) == len(mergerColumns) {
		return merger{old: cell("ancien_code"), next: cell("nouveau_code"), day: cell("date")}, true
	}
	m = merger{old: cell("COM_AV"), next: cell("COM_AP"), day: cell("DATE_EFF")}
	if cell("TYPECOM_AV") != "COM" || cell("TYPECOM_AP") != "COM" || m.old == m.next {
		return merger{}, false
	}
	if cell("MOD") == restoredMovement {
		return merger{old: m.next, next: m.old, day: m.day, restored: true}, true
	}
	return m, movements[cell("MOD")]
}

// add keeps a merger; one that cannot be is reported.
func (f *mergerFile) add(line int, m merger) {
	i := table.Issue{Line: line, ID: m.old}
	switch _, err := time.Parse(time.DateOnly, m.day); {
	case !inseeCode.MatchString(m.old) || !inseeCode.MatchString(m.next):
		i.Field, i.Rule, i.Value, i.Message = "code", "pattern", m.old+" "+m.next, "Un code INSEE a cinq signes, comme 17299 ou 2A004. La ligne n'est pas reprise."
	case m.old == m.next:
		i.Field, i.Rule, i.Value, i.Message = "code", "same", m.old, "Les deux codes sont les mêmes. La ligne n'est pas reprise."
	case err != nil:
		i.Field, i.Rule, i.Value, i.Message = "date", "pattern", m.day, "Le jour s'écrit comme 2019-01-01. La ligne n'est pas reprise."
	case f.seen[m.key()]:
		i.Field, i.Rule, i.Value, i.Message = "code", "unique", m.old, "Ce code a déjà fusionné le même jour, plus haut dans le fichier. La première ligne est gardée."
	default:
		f.seen[m.key()] = true
		f.list = append(f.list, m)
		return
	}
	f.report.Rejected++
	if len(f.report.Issues) < maxIssues {
		f.report.Issues = append(f.report.Issues, i)
	}
}
