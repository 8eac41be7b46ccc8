package territory

import (
	"context"
	"strings"

	"viaduc/internal/platform/db"
)

func version(ctx context.Context, q db.Querier) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT version FROM territory_state WHERE id = 1`)
}

// touch makes this the only writer of the ground until its transaction ends.
func touch(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `UPDATE territory_state SET version = version WHERE id = 1`)
	return err
}

// raise says that the ground changed, so that every node reads it again.
func raise(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `UPDATE territory_state SET version = version + 1 WHERE id = 1`)
	return err
}

const communeCols = `code, name, department, region, epci_siren, postcodes, population, latitude, longitude`

func scanCommune(r db.Row) (Commune, error) {
	var c Commune
	var postcodes string
	var population *int64
	var lat, lon *float64
	if err := r.Scan(&c.Code, &c.Name, &c.Department, &c.Region, &c.EPCI, &postcodes, &population, &lat, &lon); err != nil {
		return c, err
	}
	if postcodes != "" {
		c.Postcodes = strings.Split(postcodes, "|")
	}
	c.Population = -1
	if population != nil {
		c.Population = int(*population)
	}
	if lat != nil && lon != nil {
		c.Point = Point{Lat: *lat, Lon: *lon}
	}
	return c, nil
}

func listCommunes(ctx context.Context, q db.Querier) ([]Commune, error) {
	return db.All(ctx, q, scanCommune, `SELECT `+communeCols+` FROM territory_commune`)
}

func communeRow(c Commune) []any {
	row := []any{c.Code, c.Name, c.Department, c.Region, c.EPCI, strings.Join(c.Postcodes, "|"), nil, nil, nil}
	if c.Population >= 0 {
		row[6] = int64(c.Population)
	}
	if c.Point.Known() {
		row[7], row[8] = c.Point.Lat, c.Point.Lon
	}
	return row
}

// putCommunes inserts communes, or replaces those of the same code.
func putCommunes(ctx context.Context, tx *db.Tx, communes []Commune) error {
	rows := make([][]any, 0, len(communes))
	for _, c := range communes {
		rows = append(rows, communeRow(c))
	}
	return db.InsertMany(ctx, tx, "territory_commune ("+communeCols+")", 9, rows, `ON CONFLICT (code) DO UPDATE SET
		name = excluded.name, department = excluded.department, region = excluded.region, epci_siren = excluded.epci_siren,
		postcodes = excluded.postcodes, population = excluded.population, latitude = excluded.latitude, longitude = excluded.longitude`)
}

func scanEPCI(r db.Row) (EPCI, error) {
	var e EPCI
	return e, r.Scan(&e.SIREN, &e.Name)
}

func listEPCIs(ctx context.Context, q db.Querier) ([]EPCI, error) {
	return db.All(ctx, q, scanEPCI, `SELECT siren, name FROM territory_epci`)
}

func putEPCIs(ctx context.Context, tx *db.Tx, epcis []EPCI) error {
	rows := make([][]any, 0, len(epcis))
	for _, e := range epcis {
		rows = append(rows, []any{e.SIREN, e.Name})
	}
	return db.InsertMany(ctx, tx, "territory_epci (siren, name)", 2, rows, `ON CONFLICT (siren) DO UPDATE SET name = excluded.name`)
}
