package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"viaduc/internal/place"
	"viaduc/internal/testkit"
)

// The peer is PostGIS as somebody who knows it sets it up for this very question: a geography with its GiST index, every
// answer as a boolean of the row (those of time too, worked out beforehand for the instant), a partial index for each
// answer that few give, all in memory, statements prepared, both questions in one round trip over a Unix socket. It
// answers numbers and distances alone; Viaduc answers whole places.

// alike is how many questions both must answer alike before anything is timed.
const alike = 100

// postgis compares fifteen nearest places with three filters and all counts, as Go calls of one process.
func (b *bench) postgis(ctx context.Context) error {
	x, _, err := b.index(ctx)
	if err != nil {
		return err
	}
	p, err := startPeer(ctx, x)
	if err != nil {
		return err
	}
	defer p.conn.Close(ctx)
	for i := range alike {
		if err := p.agrees(ctx, x, i); err != nil {
			return err
		}
	}
	var ratios, ours, theirs []float64
	for range b.rounds {
		them, err := perCall(ctx, time.Second, func(i int) error { _, err := p.ask(ctx, i); return err })
		if err != nil {
			return err
		}
		us, err := perCall(ctx, turn, func(i int) error { return counted(x, i) })
		if err != nil {
			return err
		}
		ratios, ours, theirs = append(ratios, them.clock/us.clock), append(ours, us.clock), append(theirs, them.clock)
	}
	b.figure(median(ratios) >= 10, "fifteen nearest with three filters and all counts, beside PostGIS", fmt.Sprintf("%.0f times faster", math.Floor(median(ratios))), "at least 10",
		fmt.Sprintf("%.0f µs beside %.0f µs, %d places, %d questions answered alike", median(ours), median(theirs), x.Len(), alike))
	return nil
}

// peer is a connection to PostGIS, and the statements of each of the filters.
type peer struct {
	conn            *pgx.Conn
	nearest, counts []string
}

// answer is what both sides say to a question.
type answer struct {
	numbers []int64
	metres  []float64
	counts  []int64 // by facet
}

// column is the boolean of a facet: "besoin_demarches".
func column(f place.Facet) string {
	return strings.ReplaceAll(string(f.Group())+"_"+f.Word(), "-", "_")
}

// all is every facet, by its number.
func all() []place.Facet {
	var out []place.Facet
	for _, g := range groups {
		out = append(out, place.Facets(g)...)
	}
	return out
}

// startPeer starts a server of its own, which dies with this process, and puts the places of x into it.
func startPeer(ctx context.Context, x *place.Index) (*peer, error) {
	url, err := testkit.NewPostgres(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, strings.Replace(url, "pool_max_conns=20&", "", 1))
	if err != nil {
		return nil, err
	}
	p := &peer{conn: conn}
	for _, facets := range chosen {
		p.nearest = append(p.nearest, nearestSQL(facets))
		p.counts = append(p.counts, countsSQL(facets))
	}
	if err := p.load(ctx, x); err != nil {
		return nil, fmt.Errorf("load PostGIS: %w", err)
	}
	return p, nil
}

func (p *peer) load(ctx context.Context, x *place.Index) error {
	columns := []string{"numero", "lon", "lat"}
	table := "CREATE TABLE lieux (numero BIGINT PRIMARY KEY, lon DOUBLE PRECISION, lat DOUBLE PRECISION, ou geography(Point, 4326)"
	for _, f := range all() {
		columns = append(columns, column(f))
		table += ", " + column(f) + " BOOLEAN NOT NULL"
	}
	if _, err := p.conn.Exec(ctx, "CREATE EXTENSION postgis; "+table+")"); err != nil {
		return err
	}
	rows := make([][]any, 0, x.Len())
	for _, e := range x.Entries() {
		row := []any{int64(e.Number), nil, nil}
		if e.Stands.Known() {
			row[1], row[2] = e.Stands.Lon, e.Stands.Lat
		}
		has := map[place.Facet]bool{}
		for _, f := range x.Answers(e, now) {
			has[f] = true
		}
		for _, f := range all() {
			row = append(row, has[f])
		}
		rows = append(rows, row)
	}
	if _, err := p.conn.CopyFrom(ctx, pgx.Identifier{"lieux"}, columns, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	prepare := []string{
		"UPDATE lieux SET ou = ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography",
		"ALTER TABLE lieux DROP COLUMN lon, DROP COLUMN lat",
		"CREATE INDEX ON lieux USING gist (ou)",
	}
	totals := x.Counts(nil, now)
	for _, f := range all() {
		if totals[f] > 0 && totals[f] < x.Len()/20 {
			prepare = append(prepare, "CREATE INDEX ON lieux (numero) WHERE "+column(f))
		}
	}
	for _, sql := range append(prepare, "VACUUM FULL ANALYZE lieux") {
		if _, err := p.conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

func nearestSQL(chosen []place.Facet) string {
	const here = "ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography"
	return "SELECT numero, ST_Distance(ou, " + here + ", false) FROM lieux WHERE " + both(chosen) + " ORDER BY ou <-> " + here + " LIMIT 15"
}

// countsSQL counts each facet with what is chosen beside it: in the place of what is chosen in its group, or added to it.
// What no count can need is left out before.
func countsSQL(chosen []place.Facet) string {
	var counts, any []string
	for _, f := range all() {
		with := []place.Facet{f}
		for _, c := range chosen {
			if c.Group() != f.Group() || f.Group() == place.GroupWith {
				with = append(with, c)
			}
		}
		counts = append(counts, "count(*) FILTER (WHERE "+both(with)+")")
	}
	for i := range chosen {
		without := append(append([]place.Facet(nil), chosen[:i]...), chosen[i+1:]...)
		any = append(any, "("+both(without)+")")
	}
	return "SELECT " + strings.Join(counts, ", ") + " FROM lieux WHERE " + strings.Join(any, " OR ")
}

func both(facets []place.Facet) string {
	var out []string
	for _, f := range facets {
		out = append(out, column(f))
	}
	return strings.Join(out, " AND ")
}

// ask puts question i.
func (p *peer) ask(ctx context.Context, i int) (answer, error) {
	at, kind := around(i), i%len(chosen)
	var batch pgx.Batch
	batch.Queue(p.nearest[kind], at.Lon, at.Lat)
	batch.Queue(p.counts[kind])
	results := p.conn.SendBatch(ctx, &batch)
	defer results.Close()
	rows, err := results.Query()
	if err != nil {
		return answer{}, err
	}
	var a answer
	for rows.Next() {
		var number int64
		var metres float64
		if err := rows.Scan(&number, &metres); err != nil {
			return answer{}, err
		}
		a.numbers, a.metres = append(a.numbers, number), append(a.metres, metres)
	}
	if err := rows.Err(); err != nil {
		return answer{}, err
	}
	into := make([]any, len(all()))
	a.counts = make([]int64, len(into))
	for k, f := range all() {
		into[k] = &a.counts[f]
	}
	return a, results.QueryRow().Scan(into...)
}

// agrees holds both answers to question i against each other: distances to half a metre, since places may stand at one
// point, and every count.
func (p *peer) agrees(ctx context.Context, x *place.Index, i int) error {
	theirs, err := p.ask(ctx, i)
	if err != nil {
		return err
	}
	ours, err := search(x, i)
	if err != nil {
		return err
	}
	if len(theirs.numbers) != len(ours.Places) {
		return fmt.Errorf("question %d: %d places beside %d of PostGIS", i, len(ours.Places), len(theirs.numbers))
	}
	for k, f := range ours.Places {
		if math.Abs(f.Metres-theirs.metres[k]) > 0.5 {
			return fmt.Errorf("question %d: place %d is %d at %.1f m, %d at %.1f m for PostGIS", i, k+1, f.Number, f.Metres, theirs.numbers[k], theirs.metres[k])
		}
	}
	for f, n := range x.Counts(chosen[i%len(chosen)], now) {
		if int64(n) != theirs.counts[f] {
			return fmt.Errorf("question %d: %s has %d places, %d for PostGIS", i, column(place.Facet(f)), n, theirs.counts[f])
		}
	}
	return nil
}
