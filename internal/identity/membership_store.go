package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fold"
)

const membershipCols = `id, account_id, organisation_id, role, scope_id, state, since_at, ended_at, version`

func scanMembership(r db.Row) (Membership, error) {
	var m Membership
	return m, r.Scan(&m.ID, &m.Account, &m.Organisation, &m.Role, text[ScopeID]{&m.Scope}, &m.State, instant{&m.Since}, instant{&m.Ended}, &m.Version)
}

func membershipByID(ctx context.Context, q db.Querier, membership MembershipID) (Membership, error) {
	m, err := db.One(ctx, q, scanMembership, `SELECT `+membershipCols+` FROM identity_membership WHERE id = $1`, string(membership))
	return m, named(err)
}

func membershipsOf(ctx context.Context, q db.Querier, account AccountID) ([]Membership, error) {
	return db.All(ctx, q, scanMembership, `SELECT `+membershipCols+` FROM identity_membership WHERE account_id = $1
		ORDER BY CASE WHEN state = 'ended' THEN 1 ELSE 0 END, since_at, id`, string(account))
}

// openMemberships are those that have not ended, suspended ones included.
func openMemberships(ctx context.Context, q db.Querier, account AccountID) ([]Membership, error) {
	return db.All(ctx, q, scanMembership, `SELECT `+membershipCols+` FROM identity_membership WHERE account_id = $1 AND state <> 'ended' ORDER BY since_at, id`, string(account))
}

// organisationsOf are where a person works, suspended or not.
func organisationsOf(ctx context.Context, q db.Querier, account AccountID) ([]Organisation, error) {
	return db.All(ctx, q, scanOrganisation, `SELECT `+organisationCols+` FROM identity_organisation WHERE id IN
		(SELECT organisation_id FROM identity_membership WHERE account_id = $1 AND state <> 'ended') ORDER BY id`, string(account))
}

func insertMembership(ctx context.Context, tx *db.Tx, m Membership) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_membership (`+membershipCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		string(m.ID), string(m.Account), string(m.Organisation), string(m.Role), optional(m.Scope), string(m.State), db.Micros(m.Since), micros(m.Ended), m.Version)
	return err
}

// updateMembership writes what can change of a membership.
func updateMembership(ctx context.Context, tx *db.Tx, m Membership) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_membership SET organisation_id = $1, role = $2, scope_id = $3, state = $4, ended_at = $5, version = $6 WHERE id = $7`,
		string(m.Organisation), string(m.Role), optional(m.Scope), string(m.State), micros(m.Ended), m.Version, string(m.ID))
	return err
}

// moveMemberships gives the people of from to into. Who already has the role there keeps that membership: the moved one
// ends. It returns how many lasted and moved.
func moveMemberships(ctx context.Context, tx *db.Tx, from, into OrganisationID, at time.Time) (int64, error) {
	_, err := db.Exec(ctx, tx, `UPDATE identity_membership SET state = 'ended', ended_at = $1, version = version + 1
		WHERE organisation_id = $2 AND state <> 'ended' AND EXISTS (SELECT 1 FROM identity_membership o
			WHERE o.account_id = identity_membership.account_id AND o.organisation_id = $3 AND o.role = identity_membership.role AND o.state <> 'ended')`,
		db.Micros(at), string(from), string(into))
	if err != nil {
		return 0, err
	}
	return db.Exec(ctx, tx, `UPDATE identity_membership SET organisation_id = $1, version = version + 1 WHERE organisation_id = $2 AND state <> 'ended'`, string(into), string(from))
}

// countAdministrators counts the administrators who can log in now, and those whom the instance ever had.
func countAdministrators(ctx context.Context, q db.Querier) (able, ever int64, err error) {
	type counts struct{ able, ever int64 }
	c, err := db.One(ctx, q, func(r db.Row) (counts, error) {
		var c counts
		return c, r.Scan(&c.able, &c.ever)
	}, `SELECT count(CASE WHEN m.state = 'active' AND a.state = 'active' AND o.state = 'active' THEN 1 END), count(*)
		FROM identity_membership m JOIN identity_account a ON a.id = m.account_id JOIN identity_organisation o ON o.id = m.organisation_id
		WHERE m.role = 'administrator'`)
	return c.able, c.ever, err
}

func listMembers(ctx context.Context, q db.Querier, by Actor, f MemberFilter) ([]Member, error) {
	condition, args := Where(by, AccountRead, Columns{Owner: "m.account_id", Organisation: "m.organisation_id", Commune: "o.commune_code"}, 1)
	where := []string{condition}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	if !f.Ended {
		where = append(where, "m.state <> 'ended'")
	}
	if f.Organisation != "" {
		where = append(where, "m.organisation_id = "+arg(string(f.Organisation)))
	}
	if f.Role != "" {
		where = append(where, "m.role = "+arg(string(f.Role)))
	}
	for _, word := range fold.Words(f.Name) {
		where = append(where, "a.name_key LIKE "+arg("%"+word+"%"))
	}
	if f.After != "" {
		where = append(where, `(a.name_key, m.id) > (SELECT b.name_key, n.id FROM identity_membership n JOIN identity_account b ON b.id = n.account_id WHERE n.id = `+arg(string(f.After))+`)`)
	}
	scan := func(r db.Row) (Member, error) {
		var m Member
		return m, r.Scan(&m.ID, &m.Account, &m.Organisation, &m.Role, text[ScopeID]{&m.Scope}, &m.State, instant{&m.Since}, instant{&m.Ended}, &m.Version,
			&m.Person.ID, &m.Person.Kind, &m.Person.GivenName, &m.Person.FamilyName, &m.Person.Email, &m.Person.Phone, &m.Person.State, &m.Person.Epoch,
			text[MembershipID]{&m.Person.Current}, instant{&m.Person.SeenAt}, &m.Person.Version, instant{&m.Person.CreatedAt}, &m.OrganisationName)
	}
	return db.All(ctx, q, scan, `SELECT `+prefixed("m", membershipCols)+`, `+prefixed("a", accountCols)+`, o.name
		FROM identity_membership m JOIN identity_account a ON a.id = m.account_id JOIN identity_organisation o ON o.id = m.organisation_id
		WHERE `+strings.Join(where, " AND ")+` ORDER BY a.name_key, m.id LIMIT `+arg(f.Limit), args...)
}

// holdersOf are the accounts that can log in with a role.
func holdersOf(ctx context.Context, q db.Querier, role Role) ([]Account, error) {
	return db.All(ctx, q, scanAccount, `SELECT `+accountCols+` FROM identity_account WHERE state = 'active' AND id IN (
		SELECT m.account_id FROM identity_membership m JOIN identity_organisation o ON o.id = m.organisation_id
		WHERE m.role = $1 AND m.state = 'active' AND o.state = 'active') ORDER BY id`, string(role))
}

// prefixed puts the alias of a table before each column.
func prefixed(alias, cols string) string {
	return alias + "." + strings.ReplaceAll(cols, ", ", ", "+alias+".")
}
