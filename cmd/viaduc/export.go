package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

// territoryFlags choose a territory.
type territoryFlags struct {
	Departement string `placeholder:"CODE" help:"Le département : 17."`
	EPCI        string `name:"epci" placeholder:"SIREN" help:"L'intercommunalité, par son SIREN."`
	Commune     string `placeholder:"CODE" help:"La commune, par son code INSEE."`
}

// area is the territory that was chosen; the zero Area for none.
func (c *territoryFlags) area(g *territory.Gazetteer) (territory.Area, error) {
	var found territory.Area
	for kind, code := range map[territory.AreaKind]string{territory.DepartmentArea: c.Departement, territory.EPCIArea: c.EPCI, territory.CommuneArea: c.Commune} {
		if code == "" {
			continue
		}
		if found.Known() {
			return found, usageError("choisissez un seul territoire : --departement 17, --epci 200041762 ou --commune 17299.")
		}
		a, ok := g.Area(kind, code)
		if !ok {
			return a, failf("nous ne connaissons pas « %s ». Importez les communes (viaduc geo import), ou vérifiez le code.", code)
		}
		found = a
	}
	return found, nil
}

type placeExportCmd struct {
	territoryFlags
	Format string `enum:"csv,json,geojson,data-inclusion,xlsx" default:"csv" help:"Format : csv (le standard national), json, geojson, data-inclusion ou xlsx."`
	Out    string `placeholder:"FICHIER" help:"Écrire dans ce fichier, entier ou pas du tout. Un dossier : le fichier y prend le nom du standard. Sans cette option : la sortie."`
}

// chosen reads the communes only where a territory is named.
func (c *placeExportCmd) chosen(r *run, core *app.Core) (territory.Area, error) {
	if c.territoryFlags == (territoryFlags{}) {
		return territory.Area{}, nil
	}
	if _, err := core.Territory.Refresh(r.ctx); err != nil {
		return territory.Area{}, err
	}
	return c.area(core.Territory.Gazetteer())
}

func (c *placeExportCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	area, err := c.chosen(r, core)
	if err != nil {
		return err
	}
	format := place.Format(c.Format)
	if c.Out == "" {
		rep, err := core.Places.ExportArea(r.ctx, r.Out, format, area)
		if err == nil {
			r.leftOut(rep)
		}
		return err
	}
	file := c.Out
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		name, err := r.standardName(core, format)
		if err != nil {
			return err
		}
		file = filepath.Join(file, name)
	}
	out, err := createAside(file)
	if err != nil {
		return err
	}
	defer out.drop()
	rep, err := core.Places.ExportArea(r.ctx, out, format, area)
	if err != nil {
		return err
	}
	if err := out.keep(); err != nil {
		return err
	}
	r.leftOut(rep)
	if r.json {
		r.line(map[string]any{
			"file": file, "written": rep.Written, "to_complete": rep.ToComplete, "to_locate": rep.ToLocate, "no_point": rep.NoPoint, "unfit": rep.Unfit,
		})
		return nil
	}
	r.say("%d lieux exportés dans %s.", rep.Written, file)
	return nil
}

// standardName is the name that the national chain gives a file: the day of the last change, in Paris, and the territory.
func (r *run) standardName(core *app.Core, format place.Format) (string, error) {
	site, err := core.Territory.StoredSite(r.ctx, "")
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	on, err := core.Places.ChangedAt(r.ctx)
	if err != nil {
		return "", err
	}
	if on.IsZero() {
		on = time.Now()
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return "", err
	}
	return format.FileName(on.In(paris), site.Name), nil
}

// leftOut says how many places an export leaves out, and why. It says nothing when all are there.
func (r *run) leftOut(rep place.ExportReport) {
	for _, left := range []struct {
		n    int
		text string
	}{
		{rep.ToComplete, "à compléter : une information du standard manque ou n'a pas sa forme"},
		{rep.ToLocate, "à localiser : ni commune ni position"},
		{rep.NoPoint, "sans position"},
		{rep.Unfit, "dont le nom ou la date ne va pas dans ce format"},
	} {
		if left.n > 0 {
			fmt.Fprintf(r.Err, "%d lieux laissés, %s.\n", left.n, left.text)
		}
	}
}
