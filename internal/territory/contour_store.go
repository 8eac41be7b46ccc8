package territory

import (
	"context"

	"viaduc/internal/platform/db"
)

const contourCols = `code, geometry, source_year`

func scanContour(r db.Row) (contour, error) {
	var c contour
	var geometry []byte
	var year *int64
	if err := r.Scan(&c.code, &geometry, &year); err != nil {
		return c, err
	}
	c.geometry = geometry
	if year != nil {
		c.year = int(*year)
	}
	return c, nil
}

func listContours(ctx context.Context, q db.Querier) ([]contour, error) {
	return db.All(ctx, q, scanContour, `SELECT `+contourCols+` FROM territory_contour ORDER BY code`)
}

// communesWithContour lists the communes that have an outline.
func communesWithContour(ctx context.Context, q db.Querier) ([]Commune, error) {
	return db.All(ctx, q, scanCommune, selectCommunes+` WHERE code IN (SELECT code FROM territory_contour)`, "\t")
}

// putContours inserts outlines, or replaces those of the same commune.
func putContours(ctx context.Context, tx *db.Tx, list []contour) error {
	rows := make([][]any, 0, len(list))
	for _, c := range list {
		row := []any{c.code, []byte(c.geometry), nil}
		if c.year != 0 {
			row[2] = int64(c.year)
		}
		rows = append(rows, row)
	}
	return db.InsertMany(ctx, tx, "territory_contour ("+contourCols+")", 3, rows,
		`ON CONFLICT (code) DO UPDATE SET geometry = excluded.geometry, source_year = excluded.source_year`)
}
