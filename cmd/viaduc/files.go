package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/schollz/progressbar/v3"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/place"
	"viaduc/internal/platform/table"
)

type placeCmd struct {
	Import placeImportCmd `cmd:"" help:"Importer un fichier CSV du standard national des lieux de médiation numérique."`
	Export placeExportCmd `cmd:"" help:"Exporter les lieux au standard national."`
	Hours  placeHoursCmd  `cmd:"" help:"Lire des horaires (une valeur par ligne sur l'entrée) et dire ce qui est compris."`
}

type placeImportCmd struct {
	File   string `arg:"" name:"fichier" help:"Le fichier CSV."`
	DryRun bool   `help:"Vérifier et compter, sans rien changer."`
	Report string `placeholder:"FICHIER" help:"Écrire les remarques dans ce fichier CSV : ligne, id, champ, regle, valeur, message."`
}

func (c *placeImportCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	f, progress, err := r.open(c.File, "Lecture")
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := core.Places.Import(r.ctx, audit.CLI, progress, place.ImportOptions{DryRun: c.DryRun})
	if err != nil {
		return err
	}
	if c.Report != "" {
		if err := writeReport(c.Report, rep.Issues); err != nil {
			return err
		}
	}
	if !r.json && rep.ToLocate > 0 {
		r.say("%d lieux ne disent pas où ils sont : ils sont gardés, à localiser, et ne sont pas montrés.", rep.ToLocate)
	}
	if !r.json && c.DryRun {
		r.say("Essai : rien n'a été changé.")
	}
	r.counts(rep.Counts, rep.Issues, c.Report != "")
	return nil
}

// shownIssues is how many remarks are written for people who did not ask for a report.
const shownIssues = 10

// counts ends an import: its first remarks, then the line that programs read.
func (r *run) counts(c table.Counts, issues []table.Issue, reported bool) {
	if r.json {
		for _, i := range issues {
			r.line(map[string]any{"ligne": i.Line, "id": i.ID, "champ": i.Field, "regle": i.Rule, "valeur": i.Value, "message": i.Message})
		}
		r.line(map[string]any{"read": c.Read, "created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged, "rejected": c.Rejected, "warnings": c.Warnings})
		return
	}
	if !reported {
		for _, i := range issues[:min(len(issues), shownIssues)] {
			r.say("ligne %d, %s : %s", i.Line, i.Field, i.Message)
		}
		if len(issues) > shownIssues {
			r.say("... et %d autres remarques (toutes avec --report remarques.csv).", len(issues)-shownIssues)
		}
	}
	r.say("%s", c)
}

// writeReport writes the remarks aside and renames, so that the file is never half there.
func writeReport(file string, issues []table.Issue) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	w := csv.NewWriter(tmp)
	_ = w.Write([]string{"ligne", "id", "champ", "regle", "valeur", "message"}) // errors stay until Flush
	for _, i := range issues {
		_ = w.Write([]string{strconv.Itoa(i.Line), i.ID, i.Field, i.Rule, i.Value, i.Message})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		_ = tmp.Close()
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}

type placeExportCmd struct {
	Format string `enum:"csv" default:"csv" help:"Format : csv."`
}

func (c *placeExportCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	out := bufio.NewWriterSize(r.Out, 64<<10)
	rep, err := core.Places.ExportCSV(r.ctx, out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return err
	}
	if r.Terminal && rep.ToComplete+rep.ToLocate > 0 {
		fmt.Fprintf(r.Err, "%d lieux exportés ; %d à compléter et %d à localiser ne le sont pas.\n", rep.Written, rep.ToComplete, rep.ToLocate)
	}
	return nil
}

type geoCmd struct {
	Import geoImportCmd `cmd:"" help:"Importer des communes (CSV)."`
}

type geoImportCmd struct {
	Files []string `arg:"" name:"fichier" help:"Les fichiers CSV de communes."`
}

func (c *geoImportCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	for _, name := range c.Files {
		if err := r.importCommunes(core, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (r *run) importCommunes(core *app.Core, name string) error {
	f, progress, err := r.open(name, "Lecture")
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := core.Territory.ImportCommunes(r.ctx, audit.CLI, progress)
	if err != nil {
		return err
	}
	r.counts(rep.Counts, rep.Issues, false)
	return nil
}

// open opens a file and shows on a terminal how far it is read.
func (r *run) open(name, title string) (*os.File, io.Reader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	if info.IsDir() {
		_ = f.Close()
		return nil, nil, failf("%s est un dossier. Donnez un fichier.", name)
	}
	if !r.Terminal {
		return f, f, nil
	}
	bar := progressbar.NewOptions64(info.Size(), progressbar.OptionSetWriter(r.Err), progressbar.OptionSetDescription(title),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish())
	reader := progressbar.NewReader(f, bar)
	return f, &reader, nil
}
