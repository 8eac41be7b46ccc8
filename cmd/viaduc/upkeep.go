package main

import (
	"errors"
	"os"
	"runtime/debug"
	"strings"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/secret"
	"viaduc/internal/territory"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Vérifier que le journal n'a pas été réécrit. Sort avec 1 et la première ligne fautive sinon."`
	Head   auditHeadCmd   `cmd:"" help:"Écrire la dernière tête signée : gardez-la ailleurs, elle prouve le journal d'aujourd'hui."`
	Key    auditKeyCmd    `cmd:"" help:"Écrire la clé publique : avec elle, chacun peut vérifier une tête signée."`
	NewKey auditNewKeyCmd `cmd:"" name:"new-key" help:"Faire une clé de journal, pour VIADUC_JOURNAL_KEY."`
}

type auditVerifyCmd struct {
	Head []string `placeholder:"FICHIER" help:"Têtes signées gardées ailleurs, à retrouver dans ce journal."`
}

func (c *auditVerifyCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	var known []string
	for _, file := range c.Head {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		head, err := core.Journal.ReadHead(string(raw))
		if errors.Is(err, audit.ErrNoKey) {
			return err
		}
		if err != nil {
			return failf("le fichier %s ne se lit pas comme une tête signée par ce territoire. Reprenez l'original, sans rien y ajouter.", file)
		}
		known = append(known, head)
	}
	rep, err := core.Journal.Verify(r.ctx, known...)
	if err != nil {
		return err
	}
	r.verified(rep)
	if rep.Bad != nil {
		return errReported
	}
	return nil
}

func (r *run) verified(rep audit.Report) {
	if r.json {
		out := map[string]any{"ok": rep.Bad == nil, "leaves": rep.Leaves, "erased": rep.Erased, "heads": rep.Heads, "pending": rep.Pending}
		if rep.Bad != nil {
			out["table"], out["id"], out["reason"] = rep.Bad.Table, rep.Bad.ID, rep.Bad.Reason
		}
		r.line(out)
		return
	}
	if rep.Bad != nil {
		r.say("Le journal ne tient pas. Première ligne fautive : %s %s (%s).", rep.Bad.Table, rep.Bad.ID, rep.Bad.Reason)
		r.say("Ne changez rien, gardez une copie de la base, prévenez la personne chargée de la sécurité.")
		return
	}
	r.say("Le journal est intact : %d lignes en ordre, %d effacées par la durée de conservation, %d têtes signées, %d lignes en attente.", rep.Leaves, rep.Erased, rep.Heads, rep.Pending)
}

type auditHeadCmd struct{}

func (c *auditHeadCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	if _, err := core.Journal.Sequence(r.ctx); err != nil {
		return err
	}
	head, err := core.Journal.LastHead(r.ctx)
	if fault.Is(err, fault.NotFound) {
		return failf("le journal est encore vide.")
	}
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"size": head.Size, "note": head.Note})
		return nil
	}
	_, err = r.Out.Write([]byte(head.Note))
	return err
}

type auditKeyCmd struct{}

func (c *auditKeyCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	switch {
	case core.Signer.Public == "":
		return audit.ErrNoKey
	case r.json:
		r.line(map[string]any{"key": core.Signer.Public})
	default:
		r.say("%s", core.Signer.Public)
	}
	return nil
}

type auditNewKeyCmd struct{}

func (c *auditNewKeyCmd) Run(r *run) error {
	key, err := secret.NewSignerKey()
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"key": key})
		return nil
	}
	r.say("%s", key)
	return nil
}

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
