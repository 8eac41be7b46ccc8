package main

import (
	"viaduc/internal/app"
	"viaduc/internal/audit"
)

type geoHolidaysCmd struct {
	File string `arg:"" name:"fichier" help:"Le fichier CSV des vacances : zone, name, start, end_inclusive."`
}

// Run imports a calendar of school holidays: all of the file, or nothing.
func (c *geoHolidaysCmd) Run(r *run) error {
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
	rep, err := core.Territory.ImportSchoolHolidays(r.ctx, audit.CLI, progress)
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"read": rep.Read, "created": rep.Created, "updated": rep.Updated, "unchanged": rep.Unchanged, "removed": rep.Removed})
		return nil
	}
	r.say("%s, removed %d", rep.Counts, rep.Removed)
	return nil
}
