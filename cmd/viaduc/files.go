package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
)

type placeCmd struct {
	Import      placeImportCmd      `cmd:"" help:"Importer un fichier CSV ou JSON de lieux, du standard national ou d'un partenaire."`
	Print       placePrintCmd       `cmd:"" help:"Imprimer la carte et l'annuaire d'une commune, d'une intercommunalité ou d'un département (PDF)."`
	Export      placeExportCmd      `cmd:"" help:"Exporter les lieux au standard national."`
	Show        placeShowCmd        `cmd:"" help:"Lire un lieu, avec l'origine de chaque valeur."`
	Set         placeSetCmd         `cmd:"" help:"Confirmer des valeurs d'un lieu : les imports n'y touchent plus."`
	Verify      placeVerifyCmd      `cmd:"" help:"Dire que tout est juste aujourd'hui dans un lieu."`
	Ask         placeAskCmd         `cmd:"" help:"Dire à quels lieux sans nouvelles on demandera si tout est juste."`
	Differences placeDifferencesCmd `cmd:"" help:"Lister ce que les fichiers disent autrement que ce qui a été confirmé."`
	Duplicates  placeDuplicatesCmd  `cmd:"" help:"Lister les lieux qui sont peut-être inscrits deux fois, les plus ressemblants d'abord."`
	Hours       placeHoursCmd       `cmd:"" help:"Lire des horaires (une valeur par ligne sur l'entrée) et dire ce qui est compris."`
	Reports     placeReportsCmd     `cmd:"" help:"Les erreurs que des habitants ont signalées."`
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
			r.say("... et %d autres remarques (toutes avec --json).", len(issues)-shownIssues)
		}
	}
	r.say("%s", c)
}

type geoCmd struct {
	Import   geoImportCmd   `cmd:"" help:"Importer des communes (CSV ou JSON), ou leurs contours (GeoJSON)."`
	Fetch    geoFetchCmd    `cmd:"" help:"Demander les communes et les contours d'un département à geo.api.gouv.fr."`
	Holidays geoHolidaysCmd `cmd:"" help:"Importer les vacances scolaires (CSV)."`
}

type geoImportCmd struct {
	Files []string `arg:"" name:"fichier" help:"Les fichiers : communes en CSV ou en JSON, contours en GeoJSON. Les communes d'abord."`
	Year  int      `placeholder:"ANNÉE" help:"L'année des contours, gardée avec eux."`
}

// yearFits refuses what is no year; 0 is not said.
func yearFits(year int) error {
	if year != 0 && (year < 1900 || year > 2200) {
		return usageError("l'année s'écrit avec quatre chiffres, comme --year 2026.")
	}
	return nil
}

type geoFetchCmd struct {
	Departments []string `arg:"" name:"département" help:"Les codes des départements, comme 17 ou 2A."`
	Year        int      `placeholder:"ANNÉE" help:"L'année des contours, gardée avec eux."`
}

// Run fetches one département after the other: each lands whole or not at all, and those before a refusal stay.
func (c *geoFetchCmd) Run(r *run) error {
	if err := yearFits(c.Year); err != nil {
		return err
	}
	api, err := territory.NewGroundAPI(territory.GroundAPIDeps{URL: r.cfg.GeoURL})
	if err != nil {
		return err
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	for _, department := range c.Departments {
		rep, err := core.Territory.FetchDepartment(r.ctx, audit.CLI, api, department, c.Year)
		if err != nil {
			return err
		}
		r.fetched(department, "communes", rep.Communes)
		r.fetched(department, "contours", rep.Outlines)
	}
	return nil
}

// fetched says what one answer changed.
func (r *run) fetched(department, what string, rep territory.ImportReport) {
	if r.json {
		r.line(map[string]any{"departement": department, "quoi": what})
	} else {
		r.say("Département %s, %s :", department, what)
	}
	r.counts(rep.Counts, rep.Issues, false)
}

func (c *geoImportCmd) Run(r *run) error {
	if err := yearFits(c.Year); err != nil {
		return err
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	for _, name := range c.Files {
		if err := r.importGround(core, name, c.Year); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (r *run) importGround(core *app.Core, name string, year int) error {
	f, progress, err := r.open(name, "Lecture")
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := core.Territory.Import(r.ctx, audit.CLI, progress, year)
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
