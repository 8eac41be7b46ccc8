package main

import (
	"errors"
	"strings"
	"time"

	"viaduc/internal/agenda/travel"
	agendaweb "viaduc/internal/agenda/web"
	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/territory"
)

type agendaCmd struct {
	Travel agendaTravelCmd `cmd:"" help:"Importer les temps de trajet entre communes (CSV), à la place de ceux d'avant."`
	Verify agendaVerifyCmd `cmd:"" help:"Recompter les inscriptions à partir de leurs lignes."`
	Print  agendaPrintCmd  `cmd:"" help:"Imprimer l'affiche d'une semaine dans une commune (PDF, une page A4)."`
}

type agendaTravelCmd struct {
	File string `arg:"" name:"fichier" help:"Le fichier CSV : code_depart, code_arrivee, minutes."`
}

// Run imports travel times: all of the file, or nothing.
func (c *agendaTravelCmd) Run(r *run) error {
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
	n, err := core.Agenda.ImportTravel(r.ctx, identity.AtCLI(), progress)
	var refused *travel.RefusedError
	if errors.As(err, &refused) {
		return failf("%s", refused.Error())
	}
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"legs": n})
		return nil
	}
	r.say("%d temps de trajet.", n)
	return nil
}

type agendaVerifyCmd struct{}

// Run counts again all that is kept beside the rows it follows from.
func (c *agendaVerifyCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	if err := core.Refresh(r.ctx); err != nil {
		return err
	}
	out, err := core.Agenda.Recount(r.ctx)
	if err != nil {
		return err
	}
	for _, d := range out {
		r.say("%s %s : gardé %s, d'après les lignes %s", d.What, d.ID, d.Kept, d.Row)
	}
	if len(out) > 0 {
		return failf("%d comptes ne suivent pas leurs lignes.", len(out))
	}
	r.say("%d dates, aucune différence.", core.Agenda.Index().Len())
	return nil
}

type agendaPrintCmd struct {
	Commune string `required:"" placeholder:"CODE" help:"La commune, par son code INSEE."`
	Semaine string `placeholder:"ANNÉE-WNN" help:"La semaine, comme 2026-W19. Sans cette option : celle d'aujourd'hui."`
	Out     string `required:"" placeholder:"FICHIER" help:"Le fichier PDF à écrire."`
}

func (c *agendaPrintCmd) Run(r *run) error {
	now := time.Now().In(app.Zone())
	monday, ok := agendaweb.ParseWeek(c.Semaine, now.Location())
	switch {
	case c.Semaine == "":
		monday = agendaweb.WeekOf(now)
	case !ok:
		return usageError("la semaine s'écrit avec son année et son numéro, comme --semaine 2026-W19.")
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	if err := core.Refresh(r.ctx); err != nil {
		return err
	}
	commune, ok := core.Territory.Gazetteer().Commune(c.Commune)
	if !ok {
		return failf("nous ne connaissons pas « %s ». Importez les communes (viaduc geo import), ou vérifiez le code.", c.Commune)
	}
	dates, body, err := c.poster(r, core, commune, now, monday)
	if err != nil {
		return err
	}
	if err := writeFile(c.Out, body); err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"file": c.Out, "dates": dates, "bytes": len(body)})
		return nil
	}
	r.say("%s : %s, %d dates dans la semaine, %d Ko.", c.Out, commune.Name, dates, (len(body)+999)/1000)
	return nil
}

// poster lays the poster out, and counts the dates of its week.
func (c *agendaPrintCmd) poster(r *run, core *app.Core, commune territory.Commune, now, monday time.Time) (dates int, body []byte, err error) {
	poster, err := agendaweb.NewPoster(agendaweb.PaperDeps{
		Index: core.Agenda.Index(), Territory: core.Territory, Site: core.Territory.Site(""), Public: strings.TrimRight(r.cfg.PublicURL, "/"), Now: now,
	}, commune, monday)
	if err != nil {
		return 0, nil, err
	}
	for _, day := range poster.Days {
		dates += len(day.Dates)
	}
	body, err = poster.PDF()
	return dates, body, err
}
