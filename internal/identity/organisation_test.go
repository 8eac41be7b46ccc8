package identity_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

func association(name string) identity.Profile {
	return identity.Profile{Kind: identity.OrgAssociation, Name: name, CommuneCode: rochefort}
}

func TestOrganisationIsNumberAndSite(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx, cli := t.Context(), identity.AtCLI()
		p := association("  Les   Coteaux numériques ")
		p.SIRET, p.Phone, p.Email = "732 829 320 00074", "05 46 00 00 00", "Contact@Exemple.fr"
		first, err := w.AddOrganisation(ctx, cli, p)
		must(t, err)
		if first.Name != "Les Coteaux numériques" || first.SIRET != "73282932000074" || first.Phone != "+33546000000" || first.Email != "contact@exemple.fr" || first.DoubtfulSIRET() {
			t.Errorf("added %+v", first)
		}
		if !w.said("identity.organisation.add", "organisation", string(first.ID)) {
			t.Error("the journal says nothing of it")
		}
		_, err = w.AddOrganisation(ctx, cli, p)
		refused(t, err, fault.Conflict, "identity.organisation_twice")
		p.Site = "Antenne de Saintes"
		second, err := w.AddOrganisation(ctx, cli, p)
		must(t, err)
		p.Site, p.SIRET = "", ""
		if _, err = w.AddOrganisation(ctx, cli, p); err != nil {
			t.Errorf("a second one without number: %v", err)
		}
		doubtful := association("Numéro douteux")
		doubtful.SIRET = "73282932000075"
		o, err := w.AddOrganisation(ctx, cli, doubtful)
		if err != nil || !o.DoubtfulSIRET() {
			t.Errorf("a wrong key is a warning: %+v, %v", o, err)
		}
		if got, err := w.OrganisationBySIRET(ctx, "73282932000074", "Antenne de Saintes"); err != nil || got.ID != second.ID {
			t.Errorf("by number and site: %+v, %v", got, err)
		}
		_, err = w.OrganisationBySIRET(ctx, "", "")
		refused(t, err, fault.NotFound)
		found, err := w.Organisations(ctx, identity.OrganisationFilter{Name: "COTEAUX numerique"})
		if err != nil || len(found) != 3 {
			t.Errorf("by name: %d, %v", len(found), err)
		}
		page, err := w.Organisations(ctx, identity.OrganisationFilter{Limit: 2})
		must(t, err)
		next, err := w.Organisations(ctx, identity.OrganisationFilter{Limit: 5, After: page[1].ID})
		if err != nil || len(page) != 2 || len(next) != 2 {
			t.Errorf("pages of %d and %d, %v", len(page), len(next), err)
		}
	})
}

func TestOrganisationRefusesWhatCannotBe(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, c := range []struct {
			field, key string
			change     func(p *identity.Profile)
		}{
			{"name", "identity.name_missing", func(p *identity.Profile) { p.Name = " \u200b " }},
			{"name", "identity.name_missing", func(p *identity.Profile) { p.Name = strings.Repeat("a", 201) }},
			{"kind", "identity.organisation_kind", func(p *identity.Profile) { p.Kind = "bank" }},
			{"siret", "identity.siret_invalid", func(p *identity.Profile) { p.SIRET = "44" }},
			{"siret", "identity.siret_invalid", func(p *identity.Profile) { p.SIRET = "00000000000000" }},
			{"commune_code", "identity.commune_code_invalid", func(p *identity.Profile) { p.CommuneCode = "Rochefort" }},
			{"phone", "identity.phone_invalid", func(p *identity.Profile) { p.Phone = "12" }},
			{"email", "identity.email_invalid", func(p *identity.Profile) { p.Email = "a@b" }},
			{"website", "identity.website_invalid", func(p *identity.Profile) { p.Website = "javascript:alert(1)" }},
			{"presentation", "identity.too_long", func(p *identity.Profile) { p.Presentation = strings.Repeat("é", 5001) }},
			{"parent", "identity.parent_unknown", func(p *identity.Profile) { p.Parent = "nobody" }},
		} {
			p := association("Test")
			c.change(&p)
			_, err := w.AddOrganisation(t.Context(), identity.AtCLI(), p)
			refused(t, err, fault.Invalid)
			field(t, err, c.field, c.key)
		}
		if n := w.count(`SELECT count(*) FROM identity_organisation`); n != 0 {
			t.Errorf("%d organisations were written", n)
		}
	})
}

func TestEditKeepsThePast(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		org := w.org("Ancien nom", rochefort)
		manager := w.staff(identity.Manager, org)
		p := association("Nouveau nom")
		o, err := w.EditOrganisation(t.Context(), manager, org, 1, p)
		must(t, err)
		_, err = w.EditOrganisation(t.Context(), manager, org, 1, association("Trop tard"))
		refused(t, err, fault.Conflict, "identity.changed_meanwhile")
		past, err := w.PastNames(t.Context(), org)
		if err != nil || len(past) != 1 || past[0].Name != "Ancien nom" || !past[0].Until.Equal(w.clock.Now()) {
			t.Errorf("past = %+v, %v", past, err)
		}
		p = o.Profile
		p.Presentation = "Nous aidons.\r\n\r\nVenez !"
		if o, err = w.EditOrganisation(t.Context(), manager, org, o.Version, p); err != nil || o.Presentation != "Nous aidons.\n\nVenez !" {
			t.Errorf("%q, %v", o.Presentation, err)
		}
		if past, _ = w.PastNames(t.Context(), org); len(past) != 1 {
			t.Errorf("a new text is no new name: %+v", past)
		}
	})
}

func TestParentsMakeNoCircle(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx, cli := t.Context(), identity.AtCLI()
		orgs := []identity.OrganisationID{w.org("A", rochefort), w.org("B", rochefort), w.org("C", rochefort)}
		under := func(child, parent int) error {
			o, _, err := w.Organisation(ctx, orgs[child])
			must(t, err)
			p := o.Profile
			p.Parent = orgs[parent]
			_, err = w.EditOrganisation(ctx, cli, o.ID, o.Version, p)
			return err
		}
		must(t, under(1, 0))
		must(t, under(2, 1))
		field(t, under(0, 2), "parent", "identity.parent_below")
		field(t, under(0, 0), "parent", "identity.parent_below")

		// Two people who tie two organisations under each other at once: one of them is refused.
		x, y := w.org("X", rochefort), w.org("Y", rochefort)
		var done atomic.Int64
		var wg sync.WaitGroup
		for _, pair := range [][2]identity.OrganisationID{{x, y}, {y, x}} {
			wg.Go(func() {
				p := association("tied")
				p.Parent = pair[1]
				if _, err := w.EditOrganisation(ctx, cli, pair[0], 1, p); err == nil {
					done.Add(1)
				}
			})
		}
		wg.Wait()
		if done.Load() != 1 {
			t.Errorf("%d of two crossing parents were accepted", done.Load())
		}
	})
}

func TestRightsOnOrganisations(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		ours, theirs, far := w.org("Nous", rochefort), w.org("Eux", saintes), w.org("Loin", nerac)
		manager, officer, mediator := w.staff(identity.Manager, ours), w.staff(identity.Officer, ours), w.staff(identity.Mediator, ours)
		edit := func(by identity.Actor, org identity.OrganisationID, commune string) error {
			o, _, err := w.Organisation(ctx, org)
			must(t, err)
			p := o.Profile
			p.CommuneCode = commune
			_, err = w.EditOrganisation(ctx, by, org, o.Version, p)
			return err
		}
		must(t, edit(manager, ours, rochefort))
		must(t, edit(officer, theirs, rochefort))
		refused(t, edit(manager, theirs, rochefort), fault.NotFound)
		refused(t, edit(officer, far, nerac), fault.NotFound)
		refused(t, edit(officer, theirs, nerac), fault.Invalid) // out of its ground, never to come back
		refused(t, edit(mediator, ours, rochefort), fault.Forbidden)
		refused(t, edit(identity.Nobody(), ours, rochefort), fault.Unauthenticated)
		_, err := w.AddOrganisation(ctx, officer, identity.Profile{Kind: identity.OrgCommune, Name: "Mairie", CommuneCode: nerac})
		field(t, err, "commune_code", "identity.commune_outside")
		refused(t, w.MergeOrganisations(ctx, manager, ours, theirs), fault.Forbidden)
		refused(t, w.CloseOrganisation(ctx, officer, ours), fault.Forbidden)
		_, err = w.EditOrganisation(ctx, identity.AtCLI(), "unknown", 1, association("x"))
		refused(t, err, fault.NotFound)
	})
}

func TestMergeMovesAllAndLosesNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		from, into := w.org("Ancienne", rochefort), w.org("Nouvelle", rochefort)
		o, _, _ := w.Organisation(ctx, from)
		p := o.Profile
		p.SIRET = "73282932000074"
		_, err := w.EditOrganisation(ctx, identity.AtCLI(), from, o.Version, p)
		must(t, err)
		child := association("Antenne")
		child.Parent = from
		below, err := w.AddOrganisation(ctx, identity.AtCLI(), child)
		must(t, err)
		admin := w.staff(identity.Administrator, into)
		mediator, _ := w.enrol(identity.Mediator, from)
		token := w.login(mediator.ID)
		w.exec(`CREATE TABLE sample (id TEXT, organisation TEXT)`)
		w.exec(`INSERT INTO sample VALUES ('lieu', $1)`, string(from))
		var order []string
		w.OnMerge(
			identity.MergeHook{Module: "place", Move: func(ctx context.Context, tx *db.Tx, from, into identity.OrganisationID) (int64, error) {
				order = append(order, "place")
				return db.Exec(ctx, tx, `UPDATE sample SET organisation = $1 WHERE organisation = $2`, string(into), string(from))
			}},
			identity.MergeHook{Module: "agenda", Move: func(context.Context, *db.Tx, identity.OrganisationID, identity.OrganisationID) (int64, error) {
				order = append(order, "agenda")
				return 0, nil
			}})
		must(t, w.MergeOrganisations(ctx, admin, from, into))
		if fmt.Sprint(order) != "[place agenda]" || w.count(`SELECT count(*) FROM sample WHERE organisation = $1`, string(into)) != 1 {
			t.Errorf("hooks ran as %v", order)
		}
		survivor, moved, err := w.Organisation(ctx, from)
		if err != nil || !moved || survivor.ID != into || survivor.SIRET != "73282932000074" {
			t.Errorf("the old id leads to %+v, %v, %v", survivor, moved, err)
		}
		if got, err := w.OrganisationBySIRET(ctx, "73282932000074", ""); err != nil || got.ID != into {
			t.Errorf("the number leads to %v, %v", got.ID, err)
		}
		if a := w.actor(token); a.Organisation != into {
			t.Errorf("the session goes on in %s", a.Organisation)
		}
		if b, _, _ := w.Organisation(ctx, below.ID); b.Parent != into {
			t.Errorf("the child is under %s", b.Parent)
		}
		if past, err := w.PastNames(ctx, from); err != nil || len(past) == 0 {
			t.Errorf("the history of the old one: %v, %v", past, err)
		}
		if !w.said("identity.organisation.end", "organisation", string(from)) || !w.said("identity.organisation.end", "organisation", string(into)) {
			t.Error("the journal does not say it on both")
		}
		refused(t, w.MergeOrganisations(ctx, admin, from, into), fault.Conflict)
		refused(t, w.MergeOrganisations(ctx, admin, into, into), fault.Invalid)
		_, err = w.EditOrganisation(ctx, admin, from, 99, association("x"))
		refused(t, err, fault.NotFound)
		again := association("Encore")
		again.SIRET = "73282932000074"
		_, err = w.AddOrganisation(ctx, admin, again)
		refused(t, err, fault.Conflict)

		// A second merge keeps the first id one step from the survivor.
		last := w.org("Dernière", rochefort)
		must(t, w.MergeOrganisations(ctx, admin, into, last))
		if o, _, err := w.Organisation(ctx, from); err != nil || o.ID != last {
			t.Errorf("after two merges the first id leads to %v, %v", o.ID, err)
		}
	})
}

// The last administrator is not lost in a merge, where the membership that stays is a suspended one.
func TestMergeKeepsAnAdministrator(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		from, into := w.org("De", rochefort), w.org("Vers", rochefort)
		a, _ := w.enrol(identity.Administrator, from)
		w.exec(`INSERT INTO identity_membership (id, account_id, organisation_id, role, state, since_at, version) VALUES ('m2', $1, $2, 'administrator', 'suspended', 1, 1)`,
			string(a.ID), string(into))
		refused(t, w.MergeOrganisations(ctx, identity.AtCLI(), from, into), fault.Conflict, "identity.last_administrator")
		w.actor(w.login(a.ID))
	})
}

// Who had the same role in both keeps one; a merge into a child or into a parent leaves no circle.
func TestMergeOfRelatives(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx, cli := t.Context(), identity.AtCLI()
		top := w.org("Haut", rochefort)
		p := association("Milieu")
		p.Parent = top
		middle, err := w.AddOrganisation(ctx, cli, p)
		must(t, err)
		p = association("Bas")
		p.Parent = middle.ID
		bottom, err := w.AddOrganisation(ctx, cli, p)
		must(t, err)
		must(t, w.MergeOrganisations(ctx, cli, middle.ID, bottom.ID))
		if o, _, _ := w.Organisation(ctx, bottom.ID); o.Parent != top {
			t.Errorf("the child that took over is under %q, want its grandparent", o.Parent)
		}
		must(t, w.MergeOrganisations(ctx, cli, top, bottom.ID))
		if o, _, _ := w.Organisation(ctx, middle.ID); o.ID != bottom.ID || o.Parent != "" {
			t.Errorf("at the end: %+v", o)
		}
	})
}

func TestMergeIsAllOrNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		from, into := w.org("De", rochefort), w.org("Vers", rochefort)
		_, m := w.enrol(identity.Mediator, from)
		w.OnMerge(identity.MergeHook{Module: "place", Move: func(context.Context, *db.Tx, identity.OrganisationID, identity.OrganisationID) (int64, error) {
			return 0, fmt.Errorf("disk full")
		}})
		if err := w.MergeOrganisations(t.Context(), identity.AtCLI(), from, into); err == nil {
			t.Fatal("a merge passed whose hook failed")
		}
		if o, moved, err := w.Organisation(t.Context(), from); err != nil || moved || o.State != identity.OrgActive {
			t.Errorf("half merged: %+v, %v", o, err)
		}
		if w.count(`SELECT count(*) FROM identity_membership WHERE id = $1 AND organisation_id = $2`, string(m.ID), string(from)) != 1 {
			t.Error("the membership moved")
		}
	})
}

func TestClosingEndsSessions(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		hall, org := w.org("Mairie", rochefort), w.org("Association", rochefort)
		admin := w.staff(identity.Administrator, hall)
		a, _ := w.enrol(identity.Mediator, org)
		token := w.login(a.ID)
		must(t, w.CloseOrganisation(ctx, admin, org))
		_, err := w.Check(ctx, token)
		refused(t, err, fault.Unauthenticated)
		refused(t, w.CloseOrganisation(ctx, admin, org), fault.Conflict, "identity.organisation_ended")
		refused(t, w.CloseOrganisation(ctx, admin, hall), fault.Conflict, "identity.last_administrator")
		if o, _, _ := w.Organisation(ctx, hall); o.State != identity.OrgActive {
			t.Error("the organisation of the last administrator is closed")
		}
	})
}

// D17: an object of one organisation is never given from another, whatever ids a caller sends.
func TestD17TransferAcrossOrganisations(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a, b := w.org("A", rochefort), w.org("B", rochefort)
		w.exec(`CREATE TABLE sample (id TEXT, organisation TEXT)`)
		w.exec(`INSERT INTO sample VALUES ('lieu', $1)`, string(b))
		w.OnTransfer(identity.ObjectPlace, func(ctx context.Context, tx *db.Tx, object string, into identity.OrganisationID) (identity.OrganisationID, error) {
			from, err := db.One(ctx, tx, db.Value[string], `SELECT organisation FROM sample WHERE id = $1`, object)
			if err != nil {
				return "", err
			}
			_, err = db.Exec(ctx, tx, `UPDATE sample SET organisation = $1 WHERE id = $2`, string(into), object)
			return identity.OrganisationID(from), err
		})
		manager := w.staff(identity.Manager, a)
		refused(t, w.Transfer(ctx, manager, identity.ObjectPlace, "lieu", a), fault.Forbidden)
		refused(t, w.ChangeMembership(ctx, manager, w.staff(identity.Mediator, b).Membership, identity.Change{Role: identity.Mediator, State: identity.MemberEnded}), fault.NotFound)
		if w.count(`SELECT count(*) FROM sample WHERE organisation = $1`, string(b)) != 1 {
			t.Error("the place changed hands")
		}
		must(t, w.Transfer(ctx, identity.AtCLI(), identity.ObjectPlace, "lieu", a))
		refused(t, w.Transfer(ctx, identity.AtCLI(), identity.ObjectPlace, "nothing", a), fault.NotFound)
		refused(t, w.Transfer(ctx, identity.AtCLI(), identity.ObjectCommune, "17299", a), fault.NotFound)
		if w.count(`SELECT count(*) FROM sample WHERE organisation = $1`, string(a)) != 1 {
			t.Error("the place did not change hands")
		}
	})
}

func TestScopesFollowTheGround(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx, cli := t.Context(), identity.AtCLI()
		pilot, err := w.AddScope(ctx, cli, identity.NewScopeInput{Kind: identity.ScopeGroup, Name: "Territoire pilote", Communes: []string{nerac, nerac, " " + saintes}})
		must(t, err)
		if !pilot.Holds(nerac) || pilot.Holds(rochefort) || len(pilot.Communes()) != 2 {
			t.Errorf("pilot holds %v", pilot.Communes())
		}
		a, _, err := w.EnrolStaff(ctx, cli, identity.NewStaff{
			GivenName: "Chargée", FamilyName: "Exemple", Email: "mission@exemple.fr", Organisation: w.org("Pays", nerac), Role: identity.Officer, Scope: pilot.ID,
		})
		must(t, err)
		token := w.login(a.ID)
		if s := w.actor(token).Scope; !s.Holds(nerac) || s.Holds(rochefort) || s.Name != "Territoire pilote" {
			t.Errorf("the officer's ground: %v", s.Communes())
		}
		must(t, w.RegroupScope(ctx, cli, pilot.ID, "Territoire pilote", []string{rochefort}))
		if s := w.actor(token).Scope; s.Holds(nerac) || !s.Holds(rochefort) {
			t.Errorf("the next request still has the old ground: %v", s.Communes())
		}
		epci, err := w.AddScope(ctx, cli, identity.NewScopeInput{Kind: identity.ScopeEPCI, Code: rochefortOcean})
		if err != nil || epci.Name == "" || !epci.Holds(tonnay) {
			t.Errorf("EPCI: %+v, %v", epci, err)
		}
		_, err = w.AddScope(ctx, cli, identity.NewScopeInput{Kind: identity.ScopeEPCI, Code: rochefortOcean})
		refused(t, err, fault.Conflict, "identity.scope_twice")
		for _, c := range []struct {
			in         identity.NewScopeInput
			field, key string
		}{
			{identity.NewScopeInput{Kind: "country", Name: "France"}, "kind", "identity.scope_kind"},
			{identity.NewScopeInput{Kind: identity.ScopeDepartment, Code: "99", Name: "x"}, "code", "identity.scope_code_department"},
			{identity.NewScopeInput{Kind: identity.ScopeDepartment, Code: "17"}, "name", "identity.name_missing"},
			{identity.NewScopeInput{Kind: identity.ScopeEPCI, Code: "123456789"}, "code", "identity.scope_code_epci"},
			{identity.NewScopeInput{Kind: identity.ScopeCommune, Code: "99999"}, "code", "identity.scope_code_commune"},
			{identity.NewScopeInput{Kind: identity.ScopeGroup, Name: "Rien"}, "communes", "identity.scope_empty"},
			{identity.NewScopeInput{Kind: identity.ScopeGroup, Name: "Faux", Communes: []string{"17300"}}, "communes", "identity.scope_commune_unknown"},
		} {
			_, err := w.AddScope(ctx, cli, c.in)
			refused(t, err, fault.Invalid)
			field(t, err, c.field, c.key)
		}
		refused(t, w.RegroupScope(ctx, cli, epci.ID, "x", []string{nerac}), fault.NotFound)
		_, err = w.AddScope(ctx, w.staff(identity.Manager, w.org("M", rochefort)), identity.NewScopeInput{Kind: identity.ScopeCommune, Code: nerac})
		refused(t, err, fault.Forbidden)
	})
}
