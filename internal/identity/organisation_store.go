package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/id"
)

const organisationCols = `id, kind, name, siret, site, parent_id, commune_code, postcode, address, phone, email, website, presentation, listed, ` +
	`state, merged_into, version, created_at, changed_at`

func scanOrganisation(r db.Row) (Organisation, error) {
	var o Organisation
	return o, r.Scan(&o.ID, &o.Kind, &o.Name, &o.SIRET, &o.Site, text[OrganisationID]{&o.Parent}, &o.CommuneCode, &o.Postcode, &o.Address, &o.Phone,
		&o.Email, &o.Website, &o.Presentation, &o.Listed, &o.State, text[OrganisationID]{&o.MergedInto}, &o.Version, instant{&o.CreatedAt}, instant{&o.ChangedAt})
}

func organisationByID(ctx context.Context, q db.Querier, org OrganisationID) (Organisation, error) {
	o, err := db.One(ctx, q, scanOrganisation, `SELECT `+organisationCols+` FROM identity_organisation WHERE id = $1`, string(org))
	return o, named(err)
}

func organisationsBySIRET(ctx context.Context, q db.Querier, number, site string) ([]Organisation, error) {
	return db.All(ctx, q, scanOrganisation, `SELECT `+organisationCols+` FROM identity_organisation WHERE siret = $1 AND site = $2 ORDER BY id`, number, site)
}

func insertOrganisation(ctx context.Context, tx *db.Tx, o Organisation) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_organisation (`+organisationCols+`, name_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		string(o.ID), string(o.Kind), o.Name, o.SIRET, o.Site, optional(o.Parent), o.CommuneCode, o.Postcode, o.Address, o.Phone,
		o.Email, o.Website, o.Presentation, o.Listed, string(o.State), optional(o.MergedInto), o.Version, db.Micros(o.CreatedAt), db.Micros(o.ChangedAt), nameKey(o.Name))
	return err
}

// updateOrganisation writes everything but the id and the day it came.
func updateOrganisation(ctx context.Context, tx *db.Tx, o Organisation) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_organisation SET kind = $1, name = $2, siret = $3, site = $4, parent_id = $5, commune_code = $6,
		postcode = $7, address = $8, phone = $9, email = $10, website = $11, presentation = $12, listed = $13, state = $14, merged_into = $15,
		version = $16, changed_at = $17, name_key = $18 WHERE id = $19`,
		string(o.Kind), o.Name, o.SIRET, o.Site, optional(o.Parent), o.CommuneCode,
		o.Postcode, o.Address, o.Phone, o.Email, o.Website, o.Presentation, o.Listed, string(o.State), optional(o.MergedInto),
		o.Version, db.Micros(o.ChangedAt), nameKey(o.Name), string(o.ID))
	return err
}

func listOrganisations(ctx context.Context, q db.Querier, f OrganisationFilter) ([]Organisation, error) {
	var where []string
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	states := make([]string, 0, len(f.States))
	for _, state := range f.States {
		states = append(states, arg(string(state)))
	}
	where = append(where, "state IN ("+strings.Join(states, ", ")+")")
	for _, word := range fold.Words(f.Name) {
		where = append(where, "name_key LIKE "+arg("%"+word+"%")) // a folded word has no % and no _
	}
	if f.Kind != "" {
		where = append(where, "kind = "+arg(string(f.Kind)))
	}
	if f.Listed {
		where = append(where, "listed")
	}
	if f.Under != "" {
		where = append(where, "parent_id = "+arg(string(f.Under)))
	}
	if f.After != "" {
		where = append(where, "(name_key, id) > (SELECT name_key, id FROM identity_organisation WHERE id = "+arg(string(f.After))+")")
	}
	return db.All(ctx, q, scanOrganisation, `SELECT `+organisationCols+` FROM identity_organisation WHERE `+strings.Join(where, " AND ")+
		` ORDER BY name_key, id LIMIT `+arg(f.Limit), args...)
}

func insertPast(ctx context.Context, tx *db.Tx, o Organisation, until time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_past (id, organisation_id, name, siret, site, until_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New(), string(o.ID), o.Name, o.SIRET, o.Site, db.Micros(until))
	return err
}

func pastOf(ctx context.Context, q db.Querier, org OrganisationID) ([]Past, error) {
	scan := func(r db.Row) (Past, error) {
		var p Past
		return p, r.Scan(&p.Name, &p.SIRET, &p.Site, instant{&p.Until})
	}
	return db.All(ctx, q, scan, `SELECT name, siret, site, until_at FROM identity_past WHERE organisation_id = $1 ORDER BY until_at DESC, id DESC`, string(org))
}

// repoint makes every organisation that pointed to from point to into: children and those merged before.
func repoint(ctx context.Context, tx *db.Tx, from, into OrganisationID) error {
	if _, err := db.Exec(ctx, tx, `UPDATE identity_organisation SET merged_into = $1 WHERE merged_into = $2`, string(into), string(from)); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `UPDATE identity_organisation SET parent_id = $1, version = version + 1 WHERE parent_id = $2 AND id <> $1`, string(into), string(from))
	return err
}

// onlyOrganisation returns the organisation of an instance that has one; fault.NotFound when there is none or several.
func onlyOrganisation(ctx context.Context, q db.Querier) (Organisation, error) {
	two, err := db.All(ctx, q, scanOrganisation, `SELECT `+organisationCols+` FROM identity_organisation WHERE state = 'active' ORDER BY id LIMIT 2`)
	if err == nil && len(two) != 1 {
		err = fault.New(fault.NotFound, "identity.which_organisation")
	}
	if err != nil {
		return Organisation{}, err
	}
	return two[0], nil
}
