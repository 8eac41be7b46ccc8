package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"viaduc/internal/platform/db"
)

const accountCols = `id, kind, given_name, family_name, email, phone, state, epoch, current_membership, seen_at, version, created_at`

func scanAccount(r db.Row) (Account, error) {
	var a Account
	return a, r.Scan(&a.ID, &a.Kind, &a.GivenName, &a.FamilyName, &a.Email, &a.Phone, &a.State, &a.Epoch, text[MembershipID]{&a.Current}, instant{&a.SeenAt},
		&a.Version, instant{&a.CreatedAt})
}

func accountByID(ctx context.Context, q db.Querier, account AccountID) (Account, error) {
	a, err := db.One(ctx, q, scanAccount, `SELECT `+accountCols+` FROM identity_account WHERE id = $1`, string(account))
	return a, named(err)
}

// lockAccount touches the row first, so that what follows is decided by one caller at a time; NotFound when it is unknown.
func lockAccount(ctx context.Context, tx *db.Tx, account AccountID) (Account, error) {
	if _, err := db.Exec(ctx, tx, `UPDATE identity_account SET version = version + 1 WHERE id = $1`, string(account)); err != nil {
		return Account{}, err
	}
	return accountByID(ctx, tx, account)
}

func staffByEmail(ctx context.Context, q db.Querier, email string) (Account, error) {
	a, err := db.One(ctx, q, scanAccount, `SELECT `+accountCols+` FROM identity_account WHERE kind = 'staff' AND email = $1 AND email <> ''`, email)
	return a, named(err)
}

func insertAccount(ctx context.Context, tx *db.Tx, a Account) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_account (`+accountCols+`, name_key, password) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '')`,
		string(a.ID), string(a.Kind), a.GivenName, a.FamilyName, a.Email, a.Phone, string(a.State), a.Epoch, optional(a.Current), micros(a.SeenAt),
		a.Version, db.Micros(a.CreatedAt), personKey(a.GivenName, a.FamilyName))
	return err
}

// personKey sorts people by family name.
func personKey(given, family string) string { return nameKey(family + " " + given) }

func renameAccount(ctx context.Context, tx *db.Tx, account AccountID, given, family string) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET given_name = $1, family_name = $2, name_key = $3, version = version + 1 WHERE id = $4`,
		given, family, personKey(given, family), string(account))
	return err
}

// setAccountState also raises the epoch, so that every session dies.
func setAccountState(ctx context.Context, tx *db.Tx, account AccountID, state AccountState) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET state = $1, epoch = epoch + 1, version = version + 1 WHERE id = $2`, string(state), string(account))
	return err
}

// raiseEpoch kills every session of an account.
func raiseEpoch(ctx context.Context, tx *db.Tx, account AccountID) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET epoch = epoch + 1, version = version + 1 WHERE id = $1`, string(account))
	return err
}

func setCurrent(ctx context.Context, tx *db.Tx, account AccountID, m MembershipID) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET current_membership = $1 WHERE id = $2`, optional(m), string(account))
	return err
}

func namesOf(ctx context.Context, q db.Querier, accounts []AccountID) (map[AccountID]string, error) {
	return wordsOf(ctx, q, accounts, func(a Account) string { return a.Name() })
}

func givenNamesOf(ctx context.Context, q db.Querier, accounts []AccountID) (map[AccountID]string, error) {
	return wordsOf(ctx, q, accounts, func(a Account) string { return a.GivenName })
}

// wordsOf is what word says of each account; those of which it says nothing are left out.
func wordsOf(ctx context.Context, q db.Querier, accounts []AccountID, word func(Account) string) (map[AccountID]string, error) {
	out := make(map[AccountID]string, len(accounts))
	for len(accounts) > 0 {
		part := accounts[:min(len(accounts), db.MaxParams(q.Engine()))]
		accounts = accounts[len(part):]
		marks, args := list(part, 1)
		found, err := db.All(ctx, q, scanAccount, `SELECT `+accountCols+` FROM identity_account WHERE id IN (`+marks+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			if text := word(a); text != "" {
				out[a.ID] = text
			}
		}
	}
	return out, nil
}

// list returns "$first, $first+1..." and the values for them.
func list[T ~string](values []T, first int) (marks string, args []any) {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprintf("$%d", first+i)
		args = append(args, string(v))
	}
	return strings.Join(parts, ", "), args
}

// placed is an account and where it works.
type placed struct {
	id           string
	kind         Kind
	organisation string
}

func scanPlaced(r db.Row) (placed, error) {
	var p placed
	return p, r.Scan(&p.id, &p.kind, &p.organisation)
}

// accountNames says where accounts work.
func accountNames(ctx context.Context, q db.Querier, accounts []string) (map[string]string, error) {
	out := make(map[string]string, len(accounts))
	for part := range slices.Chunk(accounts, db.MaxParams(q.Engine())) {
		marks, args := list(part, 1)
		found, err := db.All(ctx, q, scanPlaced, `SELECT a.id, a.kind, COALESCE(o.name, '') FROM identity_account a
			LEFT JOIN identity_membership m ON m.id = a.current_membership LEFT JOIN identity_organisation o ON o.id = m.organisation_id
			WHERE a.id IN (`+marks+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			switch {
			case p.kind == Resident:
				out[p.id] = "un habitant"
			case p.organisation == "":
				out[p.id] = "une personne de l'équipe"
			default:
				out[p.id] = "une personne de « " + p.organisation + " »"
			}
		}
	}
	return out, nil
}
