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

// selectCommunes reads communes for scanCommune, with a tab as its one argument. A row comes as four columns and not nine:
// there are 35,000, each column costs a call into the driver, and a node waits for them when it starts. No text of a
// commune holds a tab (import.go).
const selectCommunes = `SELECT code || $1 || name || $1 || department || $1 || region || $1 || epci_siren || $1 || postcodes,
	coalesce(population, -1), coalesce(latitude, 0), coalesce(longitude, 0) FROM territory_commune`

func listCommunes(ctx context.Context, q db.Querier) ([]Commune, error) {
	return db.All(ctx, q, scanCommune, selectCommunes, "\t")
}

func scanCommune(r db.Row) (Commune, error) {
	var texts string
	var population int64
	var c Commune
	if err := r.Scan(&texts, &population, &c.Point.Lat, &c.Point.Lon); err != nil {
		return c, err
	}
	c.Population = int(population)
	c.Code, texts, _ = strings.Cut(texts, "\t")
	c.Name, texts, _ = strings.Cut(texts, "\t")
	c.Department, texts, _ = strings.Cut(texts, "\t")
	c.Region, texts, _ = strings.Cut(texts, "\t")
	c.EPCI, texts, _ = strings.Cut(texts, "\t")
	if texts != "" {
		c.Postcodes = strings.Split(texts, "|")
	}
	return c, nil
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
