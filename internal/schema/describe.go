package schema

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"viaduc/internal/platform/db"
)

// Describe says in words, the same for both engines, which tables, columns and unique or plain indexes d has: one
// line a column or index, sorted. It is what the snapshots hold and what the parity test compares.
func Describe(ctx context.Context, d *db.DB) ([]string, error) {
	describe := describeSQLite
	if d.Engine() == db.Postgres {
		describe = describePostgres
	}
	lines, err := describe(ctx, d)
	slices.Sort(lines)
	return lines, err
}

type column struct {
	table, name, kind string
	required          bool
}

func (c column) String() string {
	null := "null"
	if c.required {
		null = "not null"
	}
	return fmt.Sprintf("column %s.%s %s %s", c.table, c.name, strings.ToLower(c.kind), null)
}

type index struct {
	table, columns  string
	unique, partial bool
}

func (i index) String() string {
	kind := "index"
	if i.unique {
		kind = "unique"
	}
	some := ""
	if i.partial {
		some = " of some rows"
	}
	return fmt.Sprintf("%s %s (%s)%s", kind, i.table, i.columns, some)
}

func scanColumn(r db.Row) (column, error) {
	var c column
	return c, r.Scan(&c.table, &c.name, &c.kind, &c.required)
}

func scanIndex(r db.Row) (index, error) {
	var i index
	return i, r.Scan(&i.table, &i.columns, &i.unique, &i.partial)
}

func describeSQLite(ctx context.Context, d *db.DB) ([]string, error) {
	cols, err := db.All(ctx, d, scanColumn, `SELECT m.name, c.name, c.type, c."notnull" = 1 FROM sqlite_schema m
		JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'`)
	if err != nil {
		return nil, err
	}
	idx, err := db.All(ctx, d, scanIndex, `SELECT m.name, (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)), l."unique" = 1, l.partial = 1
		FROM sqlite_schema m JOIN pragma_index_list(m.name) l
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'`)
	if err != nil {
		return nil, err
	}
	// A BIGINT PRIMARY KEY has an index of its own on both engines; SQLite lists it like the others.
	return lines(cols, idx), nil
}

// indexColumns takes the columns of an index; the condition of a partial one comes after them and is left out, as
// SQLite's list leaves it out.
var indexColumns = regexp.MustCompile(`\(([^)]*)\)`)

func describePostgres(ctx context.Context, d *db.DB) ([]string, error) {
	cols, err := db.All(ctx, d, scanColumn, `SELECT table_name, column_name, data_type, is_nullable = 'NO'
		FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'goose_%'`)
	if err != nil {
		return nil, err
	}
	idx, err := db.All(ctx, d, scanIndex, `SELECT tablename, indexdef, indexdef LIKE 'CREATE UNIQUE%', indexdef LIKE '% WHERE %'
		FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE 'goose_%'`)
	if err != nil {
		return nil, err
	}
	for i := range idx {
		idx[i].columns = strings.ReplaceAll(indexColumns.FindStringSubmatch(idx[i].columns)[1], `"`, "")
	}
	return lines(cols, idx), nil
}

func lines(cols []column, idx []index) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.String())
	}
	for _, i := range idx {
		out = append(out, i.String())
	}
	return out
}
