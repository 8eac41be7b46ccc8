package territory

import (
	"context"

	"viaduc/internal/platform/db"
)

const schoolHolidayCols = `zone, name, starts_on, ends_on`

func scanSchoolHoliday(r db.Row) (SchoolHoliday, error) {
	var h SchoolHoliday
	return h, r.Scan(&h.Zone, &h.Name, &h.StartsOn, &h.EndsOn)
}

func listSchoolHolidays(ctx context.Context, q db.Querier) ([]SchoolHoliday, error) {
	return db.All(ctx, q, scanSchoolHoliday, `SELECT `+schoolHolidayCols+` FROM territory_school_holiday ORDER BY zone, starts_on`)
}

// putSchoolHolidays inserts holidays, or replaces those of the same zone and first day.
func putSchoolHolidays(ctx context.Context, tx *db.Tx, list []SchoolHoliday) error {
	rows := make([][]any, 0, len(list))
	for _, h := range list {
		rows = append(rows, []any{h.Zone, h.Name, h.StartsOn, h.EndsOn})
	}
	return db.InsertMany(ctx, tx, "territory_school_holiday ("+schoolHolidayCols+")", 4, rows,
		`ON CONFLICT (zone, starts_on) DO UPDATE SET name = excluded.name, ends_on = excluded.ends_on`)
}

func deleteSchoolHoliday(ctx context.Context, tx *db.Tx, h SchoolHoliday) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM territory_school_holiday WHERE zone = $1 AND starts_on = $2`, h.Zone, h.StartsOn)
	return err
}
