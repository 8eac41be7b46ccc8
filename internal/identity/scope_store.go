package identity

import (
	"context"

	"viaduc/internal/platform/db"
)

// scopeRow is a row of identity_scope.
type scopeRow struct {
	Scope
	version int64
}

const scopeCols = `id, kind, code, name, version`

func scanScope(r db.Row) (scopeRow, error) {
	var s scopeRow
	return s, r.Scan(&s.ID, &s.Kind, &s.Code, &s.Name, &s.version)
}

func scopeByID(ctx context.Context, q db.Querier, id ScopeID) (scopeRow, error) {
	s, err := db.One(ctx, q, scanScope, `SELECT `+scopeCols+` FROM identity_scope WHERE id = $1`, string(id))
	return s, named(err)
}

func scopeCommunes(ctx context.Context, q db.Querier, id ScopeID) ([]string, error) {
	return db.All(ctx, q, db.Value[string], `SELECT commune_code FROM identity_scope_commune WHERE scope_id = $1`, string(id))
}

func insertScope(ctx context.Context, tx *db.Tx, s Scope) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_scope (`+scopeCols+`) VALUES ($1, $2, $3, $4, 1)`, string(s.ID), string(s.Kind), s.Code, s.Name)
	return err
}

// renameGroup touches the row of a group; NotFound for anything else.
func renameGroup(ctx context.Context, tx *db.Tx, id ScopeID, name string) error {
	n, err := db.Exec(ctx, tx, `UPDATE identity_scope SET name = $1, version = version + 1 WHERE id = $2 AND kind = 'group'`, name, string(id))
	if err == nil && n == 0 {
		return NotFound()
	}
	return err
}

// putScopeCommunes replaces the communes of a group.
func putScopeCommunes(ctx context.Context, tx *db.Tx, id ScopeID, communes []string) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM identity_scope_commune WHERE scope_id = $1`, string(id)); err != nil {
		return err
	}
	rows := make([][]any, 0, len(communes))
	for _, c := range communes {
		rows = append(rows, []any{string(id), c})
	}
	return db.InsertMany(ctx, tx, "identity_scope_commune (scope_id, commune_code)", 2, rows, "")
}

func scopeByCode(ctx context.Context, q db.Querier, kind ScopeKind, code string) (scopeRow, error) {
	return db.One(ctx, q, scanScope, `SELECT `+scopeCols+` FROM identity_scope WHERE kind = $1 AND code = $2`, string(kind), code)
}
