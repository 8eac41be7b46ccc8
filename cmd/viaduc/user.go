package main

import (
	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

type userCmd struct {
	Invite  userInviteCmd  `cmd:"" help:"Inviter une personne : écrit un lien qui sert une fois, pendant sept jours."`
	List    userListCmd    `cmd:"" help:"Lister les personnes, leur rôle, leur structure."`
	Disable userDisableCmd `cmd:"" help:"Fermer un compte : ses sessions meurent aussitôt, son travail reste."`
	Enable  userEnableCmd  `cmd:"" help:"Rouvrir un compte fermé."`
	Unlock  userUnlockCmd  `cmd:"" help:"Finir l'attente d'un compte après trop d'essais."`
}

type userInviteCmd struct {
	Email        string `required:"" placeholder:"ADRESSE" help:"Adresse électronique de la personne."`
	Role         string `required:"" enum:"mediator,helper,volunteer,relay,manager,officer,administrator,partner,elected,dpo" placeholder:"ROLE" help:"Rôle : mediator, helper, volunteer, relay, manager, officer, administrator, partner, elected ou dpo."`
	Organisation string `placeholder:"STRUCTURE" help:"Identifiant ou SIRET de la structure. Rien : la seule qui existe, ou une première au nom du territoire."`
	Scope        string `placeholder:"CODE" help:"Territoire du rôle : un département (17), le SIREN d'une intercommunalité, le code INSEE d'une commune."`
}

func (c *userInviteCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	if _, err := core.Territory.Refresh(r.ctx); err != nil {
		return err
	}
	org, err := c.organisation(r, core)
	if err != nil {
		return err
	}
	in := identity.NewInvitation{Organisation: org.ID, Role: identity.Role(c.Role), Email: c.Email}
	if c.Scope != "" {
		scope, err := core.Identity.ScopeOf(r.ctx, identity.AtCLI(), c.Scope)
		if err != nil {
			return err
		}
		in.Scope = scope.ID
	} else if in.Role.NeedsScope() {
		return usageError("ce rôle demande un territoire. Donnez-le avec --scope, par exemple --scope 17.")
	}
	i, path, err := core.Identity.Invite(r.ctx, identity.AtCLI(), in)
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"id": i.ID, "path": path, "expires_at": i.ExpiresAt, "organisation": org.ID})
		return nil
	}
	r.say("%s", path)
	r.say("Ajoutez l'adresse de votre site devant, et donnez ce lien à la personne seule. Il sert une fois, jusqu'au %s.", ui.DateLong(i.ExpiresAt.Local()))
	return nil
}

// organisation is the one named, else the only one, else a first one under the name of the territory: the first
// administrator must come from somewhere.
func (c *userInviteCmd) organisation(r *run, core *app.Core) (identity.Organisation, error) {
	org, err := core.Identity.FindOrganisation(r.ctx, c.Organisation)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return org, err
	}
	if c.Organisation != "" {
		return org, failf("aucune structure ne s'appelle %s. Donnez son identifiant ou son SIRET : viaduc org list les montre.", c.Organisation)
	}
	some, err := core.Identity.Organisations(r.ctx, identity.OrganisationFilter{Limit: 1})
	if err != nil {
		return org, err
	}
	if len(some) > 0 {
		return org, usageError("il y a plusieurs structures. Dites laquelle avec --organisation : viaduc org list les montre.")
	}
	org, err = core.Identity.AddOrganisation(r.ctx, identity.AtCLI(), identity.Profile{Kind: identity.OrgOther, Name: core.Territory.Site("").Name})
	if err == nil && !r.json {
		r.say("Première structure : « %s ».", org.Name)
	}
	return org, err
}

type userListCmd struct {
	Organisation string `placeholder:"STRUCTURE" help:"Identifiant ou SIRET d'une structure ; rien pour toutes."`
	All          bool   `help:"Avec les personnes qui sont parties."`
}

func (c *userListCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	f := identity.MemberFilter{Ended: c.All, Limit: 500}
	if c.Organisation != "" {
		org, err := core.Identity.FindOrganisation(r.ctx, c.Organisation)
		if err != nil {
			return err
		}
		f.Organisation = org.ID
	}
	n := 0
	for {
		page, err := core.Identity.Members(r.ctx, identity.AtCLI(), f)
		if err != nil {
			return err
		}
		for _, m := range page {
			r.member(m)
		}
		if n += len(page); len(page) < f.Limit {
			break
		}
		f.After = page[len(page)-1].ID
	}
	if n == 0 && !r.json {
		r.say("Personne encore. Invitez la première : viaduc user invite --role administrator --email ADRESSE.")
	}
	return nil
}

func (r *run) member(m identity.Member) {
	if r.json {
		r.line(map[string]any{
			"id": m.Account, "name": m.Person.Name(), "email": m.Person.Email, "state": m.Person.State, "role": m.Role,
			"membership": m.State, "organisation": m.Organisation, "organisation_name": m.OrganisationName,
		})
		return
	}
	state := ""
	switch {
	case m.Person.State == identity.AccountDisabled:
		state = "  (compte fermé)"
	case m.State == identity.MemberSuspended:
		state = "  (suspendu)"
	case m.State == identity.MemberEnded:
		state = "  (parti)"
	}
	r.say("%s  %-28s  %-30s  %-13s  %s%s", m.Account, m.Person.Name(), m.Person.Email, m.Role, m.OrganisationName, state)
}

// who is the person that a command is about.
type who struct {
	Who string `arg:"" name:"personne" help:"Adresse électronique ou identifiant."`
}

// on does something to the account of a person, and says done.
func (w who) on(r *run, done string, do func(core *app.Core, account identity.AccountID) error) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	a, err := core.Identity.FindStaff(r.ctx, identity.AtCLI(), w.Who)
	if fault.Is(err, fault.NotFound) {
		return failf("personne n'a l'adresse ou l'identifiant %s. La liste : viaduc user list.", w.Who)
	}
	if err != nil {
		return err
	}
	if err := do(core, a.ID); err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"id": a.ID})
		return nil
	}
	r.say("%s", done)
	return nil
}

type userDisableCmd struct{ who }

func (c *userDisableCmd) Run(r *run) error {
	return c.on(r, "Le compte est fermé, et ses sessions avec lui.", func(core *app.Core, a identity.AccountID) error {
		return core.Identity.DisableAccount(r.ctx, identity.AtCLI(), a)
	})
}

type userEnableCmd struct{ who }

func (c *userEnableCmd) Run(r *run) error {
	return c.on(r, "Le compte est rouvert.", func(core *app.Core, a identity.AccountID) error {
		return core.Identity.EnableAccount(r.ctx, identity.AtCLI(), a)
	})
}

type userUnlockCmd struct{ who }

func (c *userUnlockCmd) Run(r *run) error {
	return c.on(r, "La personne peut de nouveau essayer.", func(core *app.Core, a identity.AccountID) error {
		return core.Identity.Unlock(r.ctx, identity.AtCLI(), a)
	})
}
