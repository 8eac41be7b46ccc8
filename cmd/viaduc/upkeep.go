package main

import (
	"runtime/debug"
	"strings"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

type migrateCmd struct{}

func (c *migrateCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	if r.json {
		r.line(map[string]any{"migrations": core.Migrated})
		return nil
	}
	r.say("La base est à jour : %d étapes faites.", core.Migrated)
	return nil
}

type versionCmd struct{}

func (c *versionCmd) Run(r *run) error { //nolint:unparam // the form that the command line asks for
	version := "développement"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		version = info.Main.Version
	}
	if r.json {
		r.line(map[string]any{"version": version})
		return nil
	}
	r.say("viaduc %s", version)
	return nil
}

type territoryCmd struct {
	Set  territorySetCmd  `cmd:"" help:"Écrire ce que le territoire dit de lui. Ce qui n'est pas donné reste."`
	Show territoryShowCmd `cmd:"" help:"Lire ce que le territoire dit de lui."`
}

type territorySetCmd struct {
	Host        string  `placeholder:"NOM" help:"Nom d'hôte du site ; rien pour tous les autres."`
	Name        *string `placeholder:"NOM" help:"Nom du territoire."`
	Phone       *string `placeholder:"NUMÉRO" help:"Téléphone d'aide, montré sur chaque page."`
	PhoneHours  *string `placeholder:"TEXTE" help:"Quand on répond : du lundi au vendredi, de 9 h à 17 h."`
	Email       *string `placeholder:"ADRESSE" help:"Adresse où écrire."`
	MainCommune *string `placeholder:"CODE" help:"Code INSEE de la ville que l'accueil regarde en premier."`
	ActionColor *string `placeholder:"#RRVVBB" help:"Couleur des boutons."`
	Publisher   *string `placeholder:"TEXTE" help:"Mentions légales : qui publie, avec l'adresse."`
	Director    *string `placeholder:"NOM" help:"Mentions légales : directeur ou directrice de la publication."`
	Hosting     *string `placeholder:"TEXTE" help:"Mentions légales : hébergeur, avec l'adresse."`
	DPO         *string `name:"dpo" placeholder:"TEXTE" help:"Comment joindre le délégué à la protection des données."`
}

func (c *territorySetCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	site, err := core.Territory.StoredSite(r.ctx, c.Host)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	site.Host = c.Host
	for _, f := range []struct{ given, field *string }{
		{c.Name, &site.Name},
		{c.Phone, &site.Phone},
		{c.PhoneHours, &site.PhoneHours},
		{c.Email, &site.Email},
		{c.MainCommune, &site.MainCommune},
		{c.ActionColor, &site.ActionColor},
		{c.Publisher, &site.Publisher},
		{c.Director, &site.Director},
		{c.Hosting, &site.Hosting},
		{c.DPO, &site.DPO},
	} {
		if f.given != nil {
			*f.field = *f.given
		}
	}
	if site.Name == "" {
		return usageError("donnez le nom du territoire avec --name.")
	}
	if err := checkColour(site.ActionColor); err != nil {
		return err
	}
	if err := checkCommune(r, core, c.MainCommune); err != nil {
		return err
	}
	site.Host = strings.ToLower(site.Host)
	if err := core.Territory.SaveSite(r.ctx, audit.CLI, site); err != nil {
		return err
	}
	return showSite(r, site)
}

// checkCommune refuses a main town that is none of the communes, where communes were imported.
func checkCommune(r *run, core *app.Core, code *string) error {
	if code == nil || *code == "" {
		return nil
	}
	if _, err := core.Territory.Refresh(r.ctx); err != nil {
		return err
	}
	g := core.Territory.Gazetteer()
	if _, ok := g.Commune(*code); !ok && g.Len() > 0 {
		return failf("aucune commune importée n'a le code %s. C'est un code INSEE, comme 17299.", *code)
	}
	return nil
}

type territoryShowCmd struct {
	Host string `placeholder:"NOM" help:"Nom d'hôte du site ; rien pour tous les autres."`
}

func (c *territoryShowCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	site, err := core.Territory.StoredSite(r.ctx, c.Host)
	if fault.Is(err, fault.NotFound) {
		return failf("le territoire n'a encore rien dit de lui. Commencez par : viaduc territory set --name NOM --phone NUMÉRO.")
	}
	if err != nil {
		return err
	}
	return showSite(r, site)
}

func showSite(r *run, s territory.Site) error {
	fields := []struct{ name, value string }{
		{"host", s.Host},
		{"name", s.Name},
		{"phone", s.Phone},
		{"phone-hours", s.PhoneHours},
		{"email", s.Email},
		{"main-commune", s.MainCommune},
		{"action-color", s.ActionColor},
		{"publisher", s.Publisher},
		{"director", s.Director},
		{"hosting", s.Hosting},
		{"dpo", s.DPO},
	}
	out := map[string]any{}
	for _, f := range fields {
		out[f.name] = f.value
		if !r.json && f.value != "" {
			r.say("%-14s %s", f.name, f.value)
		}
	}
	if r.json {
		r.line(out)
	}
	return nil
}
