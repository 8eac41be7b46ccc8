package main

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"viaduc/internal/app"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/platform/pdf"
)

type placePrintCmd struct {
	territoryFlags
	Format string `default:"A4" enum:"A4,A3" placeholder:"A4" help:"Le papier : A4 ou A3."`
	Large  bool   `help:"Grands caractères (18 points)."`
	Out    string `required:"" placeholder:"FICHIER" help:"Le fichier PDF à écrire."`
}

func (c *placePrintCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	if err := core.Refresh(r.ctx); err != nil {
		return err
	}
	a, err := c.area(core.Territory.Gazetteer())
	if err == nil && !a.Known() {
		err = usageError("choisissez un territoire : --departement 17, --epci 200041762 ou --commune 17299.")
	}
	if err != nil {
		return err
	}
	changed, err := core.Places.ChangedAt(r.ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	d := placeweb.NewDirectory(placeweb.DirectoryDeps{
		Index: core.Places.Index(), Territory: core.Territory, Words: r.words, Site: core.Territory.Site(""), Dated: changed.In(app.Zone()),
	}, a)
	if d.Count == 0 {
		return failf("aucun lieu n'est connu ici : il n'y a rien à imprimer.")
	}
	sheet := placeweb.Sheet{Size: pdf.A4, Large: c.Large}
	if c.Format == "A3" {
		sheet.Size = pdf.A3
	}
	body, err := d.PDF(sheet, r.progress(len(d.Parts)))
	if err != nil {
		return err
	}
	if err := writeFile(c.Out, body); err != nil {
		return err
	}
	took := time.Since(began)
	if r.json {
		r.line(map[string]any{"file": c.Out, "places": d.Count, "bytes": len(body), "milliseconds": took.Milliseconds()})
		return nil
	}
	r.say("%s : %d lieux, %d Ko, en %.1f s.", c.Out, d.Count, (len(body)+999)/1000, took.Seconds())
	return nil
}

// progress shows on a terminal how many parts are done.
func (r *run) progress(parts int) func(done int) {
	if !r.Terminal {
		return nil
	}
	bar := progressbar.NewOptions(parts, progressbar.OptionSetWriter(r.Err), progressbar.OptionSetDescription("Mise en page"), progressbar.OptionClearOnFinish())
	return func(done int) { _ = bar.Set(done) }
}
