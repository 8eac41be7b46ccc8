package main

import (
	"strings"
	"time"

	agendaweb "viaduc/internal/agenda/web"
	"viaduc/internal/app"
	"viaduc/internal/territory"
)

type agendaCmd struct {
	Print agendaPrintCmd `cmd:"" help:"Imprimer l'affiche d'une semaine dans une commune (PDF, une page A4)."`
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
	out, err := createAside(c.Out)
	if err != nil {
		return err
	}
	defer out.drop()
	if _, err := out.Write(body); err != nil {
		return err
	}
	if err := out.keep(); err != nil {
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
