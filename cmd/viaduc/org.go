package main

import (
	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
)

type orgCmd struct {
	List  orgListCmd  `cmd:"" help:"Lister les structures."`
	Add   orgAddCmd   `cmd:"" help:"Ajouter une structure."`
	Merge orgMergeCmd `cmd:"" help:"Réunir une structure à une autre : ses personnes et ses lieux la rejoignent, son histoire reste."`
}

type orgListCmd struct {
	Name string `placeholder:"MOTS" help:"Mots du nom."`
	All  bool   `help:"Avec celles qui sont fermées ou réunies à une autre."`
}

func (c *orgListCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	f := identity.OrganisationFilter{Name: c.Name, Limit: 500}
	if c.All {
		f.States = []identity.OrganisationState{identity.OrgActive, identity.OrgClosed, identity.OrgMerged}
	}
	n := 0
	for {
		page, err := core.Identity.Organisations(r.ctx, f)
		if err != nil {
			return err
		}
		for _, o := range page {
			r.organisation(o)
		}
		if n += len(page); len(page) < f.Limit {
			break
		}
		f.After = page[len(page)-1].ID
	}
	if n == 0 && !r.json {
		r.say("Aucune structure. Pour en ajouter une : viaduc org add --name NOM --kind GENRE.")
	}
	return nil
}

func (r *run) organisation(o identity.Organisation) {
	if r.json {
		r.line(map[string]any{
			"id": o.ID, "name": o.Name, "kind": o.Kind, "siret": o.SIRET, "site": o.Site, "commune_code": o.CommuneCode,
			"parent": o.Parent, "state": o.State, "merged_into": o.MergedInto,
		})
		return
	}
	state := map[identity.OrganisationState]string{identity.OrgClosed: "  (fermée)", identity.OrgMerged: "  (réunie à " + string(o.MergedInto) + ")"}[o.State]
	r.say("%s  %-14s  %-12s  %s%s", o.ID, o.SIRET, o.Kind, o.Name, state)
}

type orgAddCmd struct {
	Name    string `required:"" placeholder:"NOM" help:"Nom de la structure."`
	Kind    string `required:"" enum:"department,epci,commune,ccas,association,mediation,relay,operator,state,other" placeholder:"GENRE" help:"Genre : department, epci, commune, ccas, association, mediation, relay, operator, state ou other."`
	SIRET   string `name:"siret" placeholder:"NUMÉRO" help:"SIRET, quatorze chiffres."`
	Site    string `placeholder:"NOM" help:"Quel site, s'il y en a plusieurs sous ce SIRET."`
	Commune string `placeholder:"CODE" help:"Code INSEE de sa commune."`
	Parent  string `placeholder:"STRUCTURE" help:"Identifiant ou SIRET de celle dont elle dépend."`
	Phone   string `placeholder:"NUMÉRO" help:"Téléphone."`
	Email   string `placeholder:"ADRESSE" help:"Adresse électronique."`
}

func (c *orgAddCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	p := identity.Profile{
		Kind: identity.OrganisationKind(c.Kind), Name: c.Name, SIRET: c.SIRET, Site: c.Site, CommuneCode: c.Commune, Phone: c.Phone, Email: c.Email,
	}
	if c.Parent != "" {
		parent, err := named(r, core, c.Parent)
		if err != nil {
			return err
		}
		p.Parent = parent.ID
	}
	o, err := core.Identity.AddOrganisation(r.ctx, identity.AtCLI(), p)
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"id": o.ID, "siret_doubtful": o.DoubtfulSIRET()})
		return nil
	}
	r.say("%s", o.ID)
	if o.DoubtfulSIRET() {
		r.say("La clé de ce SIRET ne va pas : vérifiez-le. La structure est ajoutée.")
	}
	return nil
}

// named is the organisation that a text of the command line names.
func named(r *run, core *app.Core, text string) (identity.Organisation, error) {
	o, err := core.Identity.FindOrganisation(r.ctx, text)
	if text == "" || fault.Is(err, fault.NotFound) {
		return o, failf("aucune structure n'a l'identifiant ou le SIRET « %s ». La liste : viaduc org list.", text)
	}
	return o, err
}

type orgMergeCmd struct {
	From string `arg:"" name:"structure" help:"Identifiant ou SIRET de celle qui disparaît."`
	Into string `arg:"" name:"vers" help:"Identifiant ou SIRET de celle qui reste."`
}

func (c *orgMergeCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	from, err := named(r, core, c.From)
	if err != nil {
		return err
	}
	into, err := named(r, core, c.Into)
	if err != nil {
		return err
	}
	if err := core.Identity.MergeOrganisations(r.ctx, identity.AtCLI(), from.ID, into.ID); err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"from": from.ID, "into": into.ID})
		return nil
	}
	r.say("« %s » est réunie à « %s ». Son ancien identifiant y mène.", from.Name, into.Name)
	return nil
}
