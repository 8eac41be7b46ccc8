package main

import (
	"encoding/csv"
	"errors"
	"os"
	"runtime/debug"
	"strconv"

	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/table"
)

type placeImportCmd struct {
	File     string `arg:"" name:"fichier" help:"Le fichier CSV ou JSON."`
	Source   string `placeholder:"NOM" help:"La source des lieux dont le fichier ne la dit pas."`
	Complete bool   `help:"Le fichier a tous les lieux de sa source : ceux qui n'y sont plus sont marqués « à vérifier ». Rien n'est effacé."`
	DryRun   bool   `help:"Vérifier et compter, sans rien changer."`
	Report   string `placeholder:"FICHIER" help:"Écrire les remarques dans ce fichier CSV : ligne, id, champ, regle, valeur, message."`
	Map      string `placeholder:"FICHIER" help:"Lire un fichier de partenaire selon cette correspondance (JSON)."`
}

// importMemory is when the collector begins to work harder. A file of a million lines needs half of it; what the
// database keeps comes on top.
const importMemory = 120 << 20

func (c *placeImportCmd) Run(r *run) error {
	debug.SetMemoryLimit(importMemory)
	var mapping *place.Mapping
	if c.Map != "" {
		var err error
		if mapping, err = readMapping(c.Map); err != nil {
			return inSentence(err)
		}
	}
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
	out, err := newRemarks(r, c.Report)
	if err != nil {
		return err
	}
	defer out.drop()
	rep, err := core.Places.Import(r.ctx, identity.AtCLI(), progress, place.ImportOptions{
		DryRun: c.DryRun, Mapping: mapping, Source: c.Source, Complete: c.Complete, Issue: out.add,
	})
	if err != nil {
		return inSentence(err)
	}
	if err := out.end(); err != nil {
		return err
	}
	switch {
	case r.json && c.Complete:
		r.line(map[string]any{"to_check": rep.ToCheck})
	case r.json:
	default:
		if rep.ToLocate > 0 {
			r.say("%d lieux ne disent pas où ils sont : ils sont gardés, à localiser, et ne sont pas montrés.", rep.ToLocate)
		}
		if c.Complete {
			r.say("%d lieux ne sont plus dans le fichier : ils sont marqués « à vérifier » et restent montrés.", rep.ToCheck)
		}
		if c.DryRun {
			r.say("Essai : rien n'a été changé.")
		}
	}
	r.counts(rep.Counts, nil, true)
	return nil
}

func readMapping(name string) (*place.Mapping, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return place.ReadMapping(f)
}

// inSentence lets an import's own French sentence through as it is.
func inSentence(err error) error {
	var refused *place.ImportError
	if errors.As(err, &refused) {
		return failf("%s", refused.Reason)
	}
	return err
}

// remarks writes the broken rules as they come: to the report when one is asked for, as objects for programs, or the
// first ones for people.
type remarks struct {
	run  *run
	file *aside // nil when no report is asked for
	csv  *csv.Writer
	n    int
}

// newRemarks opens the report before anything is imported: a report that cannot be written is known at once.
func newRemarks(r *run, name string) (*remarks, error) {
	out := &remarks{run: r}
	if name == "" {
		return out, nil
	}
	file, err := createAside(name)
	if err != nil {
		return nil, err
	}
	out.file, out.csv = file, csv.NewWriter(file)
	_ = out.csv.Write([]string{"ligne", "id", "champ", "regle", "valeur", "message"}) // errors stay until Flush
	return out, nil
}

func (o *remarks) add(i table.Issue) {
	o.n++
	if o.csv != nil {
		_ = o.csv.Write([]string{strconv.Itoa(i.Line), i.ID, i.Field, i.Rule, i.Value, i.Message}) // errors stay until Flush
	}
	switch {
	case o.run.json:
		o.run.line(map[string]any{"ligne": i.Line, "id": i.ID, "champ": i.Field, "regle": i.Rule, "valeur": i.Value, "message": i.Message})
	case o.csv == nil && o.n <= shownIssues:
		o.run.say("ligne %d, %s : %s", i.Line, i.Field, i.Message)
	}
}

// end says how many remarks were not shown, or puts the report in its place.
func (o *remarks) end() error {
	if o.csv != nil {
		if o.csv.Flush(); o.csv.Error() != nil {
			return o.csv.Error()
		}
		return o.file.keep()
	}
	if more := o.n - shownIssues; more > 0 && !o.run.json {
		o.run.say("... et %d autres remarques (toutes avec --report remarques.csv).", more)
	}
	return nil
}

// drop forgets a report that did not come to its end.
func (o *remarks) drop() {
	if o.file != nil {
		o.file.drop()
	}
}
