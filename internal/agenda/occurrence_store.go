package agenda

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

const occurrenceCols = `id, number, series_id, planned_on, on_date, minute, length_min, zone, starts_at, ends_at, state, reason, ended_by, moved_to, delay_min,
	place_id, commune_code, venue, capacity, edited, change, version`

const occurrenceWidth = 22

func scanOccurrence(r db.Row) (Occurrence, error) {
	var o Occurrence
	var on, zone string
	var starts, ends int64
	err := r.Scan(&o.ID, &o.Number, &o.Series, &o.Planned, &on, &o.Minute, &o.Length, &zone, &starts, &ends, &o.State, &o.Reason, &o.EndedBy, &o.MovedTo, &o.Delay,
		&o.Where.Place, &o.Where.Commune, &o.Where.Venue, &o.Capacity, &o.Edited, &o.change, &o.Version)
	if err != nil {
		return o, err
	}
	o.Start, o.End = db.Time(starts), db.Time(ends)
	if o.Zone, err = zoneOf(zone); err != nil {
		return o, err
	}
	o.On, err = ParseDate(on)
	return o, err
}

func (o Occurrence) row() []any {
	return []any{
		string(o.ID), int64(o.Number), string(o.Series), o.Planned, o.On.String(), o.Minute, o.Length, o.Zone.String(), db.Micros(o.Start), db.Micros(o.End), string(o.State),
		o.Reason, string(o.EndedBy), string(o.MovedTo), o.Delay, string(o.Where.Place), o.Where.Commune, o.Where.Venue, o.Capacity, o.Edited, o.change, o.Version,
	}
}

// zones are the time zones that rows name, read once.
var zones sync.Map

func zoneOf(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone of the agenda: %w", err)
	}
	zones.Store(name, z)
	return z, nil
}

// insertOccurrences writes new dates, with their public numbers, in their order.
func insertOccurrences(ctx context.Context, tx *db.Tx, list []Occurrence) error {
	if len(list) == 0 {
		return nil
	}
	last, err := db.One(ctx, tx, db.Value[int64], `UPDATE agenda_state SET last_number = last_number + $1, version = version + 1 WHERE id = 1 RETURNING last_number`, len(list))
	if err != nil {
		return err
	}
	change, err := db.One(ctx, tx, db.Value[int64], `SELECT version FROM agenda_state WHERE id = 1`)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(list))
	var crew [][]any
	for i := range list {
		list[i].Number, list[i].change, list[i].Version = Number(last-int64(len(list)-1-i)), change, 1
		rows = append(rows, list[i].row())
		for _, a := range list[i].Members {
			crew = append(crew, []any{string(list[i].ID), string(a)})
		}
	}
	if err := db.InsertMany(ctx, tx, `agenda_occurrence (`+occurrenceCols+`)`, occurrenceWidth, rows, ``); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, `agenda_occurrence_member (occurrence_id, account_id)`, 2, crew, ``)
}

// updateOccurrence writes an occurrence as it becomes. The caller has touched it, and announces it.
func updateOccurrence(ctx context.Context, tx *db.Tx, o Occurrence) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_occurrence SET on_date = $2, minute = $3, length_min = $4, starts_at = $5, ends_at = $6, state = $7, reason = $8, ended_by = $9,
		moved_to = $10, delay_min = $11, place_id = $12, commune_code = $13, venue = $14, capacity = $15, edited = $16 WHERE id = $1`, string(o.ID), o.On.String(), o.Minute,
		o.Length, db.Micros(o.Start), db.Micros(o.End), string(o.State), o.Reason, string(o.EndedBy), string(o.MovedTo), o.Delay, string(o.Where.Place), o.Where.Commune,
		o.Where.Venue, o.Capacity, o.Edited)
	return err
}

// touch makes the caller's transaction the only one that decides on an occurrence until it ends.
func touch(ctx context.Context, tx *db.Tx, of ID) error {
	n, err := db.Exec(ctx, tx, `UPDATE agenda_occurrence SET version = version + 1 WHERE id = $1`, string(of))
	if err == nil && n == 0 {
		err = unknown()
	}
	return err
}

// announce marks occurrences as changed, for the readers of every node. It comes last in a transaction: the row of the
// agenda's version makes writers take turns from here on.
func announce(ctx context.Context, tx *db.Tx, changed ...ID) error {
	change, err := db.One(ctx, tx, db.Value[int64], `UPDATE agenda_state SET version = version + 1 WHERE id = 1 RETURNING version`)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(changed, 500) {
		args := []any{change}
		for _, one := range part {
			args = append(args, string(one))
		}
		if _, err := db.Exec(ctx, tx, `UPDATE agenda_occurrence SET change = $1 WHERE id IN (`+db.Params(2, len(part))+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

func occurrenceByID(ctx context.Context, q db.Querier, of ID) (Occurrence, error) {
	o, err := db.One(ctx, q, scanOccurrence, `SELECT `+occurrenceCols+` FROM agenda_occurrence WHERE id = $1`, string(of))
	if fault.Is(err, fault.NotFound) {
		return o, unknown()
	}
	if err == nil {
		o.Members, err = members(ctx, q, "agenda_occurrence_member", "occurrence_id", string(of))
	}
	return o, err
}

func occurrenceByNumber(ctx context.Context, q db.Querier, n Number) (Occurrence, error) {
	found, err := db.One(ctx, q, db.Value[ID], `SELECT id FROM agenda_occurrence WHERE number = $1`, int64(n))
	if fault.Is(err, fault.NotFound) {
		return Occurrence{}, unknown()
	}
	if err != nil {
		return Occurrence{}, err
	}
	return occurrenceByID(ctx, q, found)
}

// occurrencesOf are the dates of a series that end after an instant, in order.
func occurrencesOf(ctx context.Context, q db.Querier, of SeriesID, after time.Time) ([]Occurrence, error) {
	return db.All(ctx, q, scanOccurrence, `SELECT `+occurrenceCols+` FROM agenda_occurrence WHERE series_id = $1 AND ends_at > $2 ORDER BY starts_at, id`,
		string(of), db.MicrosOrZero(after))
}

// occurrencesBetween are those that start in a stretch of time, in order.
func occurrencesBetween(ctx context.Context, q db.Querier, from, to time.Time) ([]Occurrence, error) {
	list, err := db.All(ctx, q, scanOccurrence, `SELECT `+occurrenceCols+` FROM agenda_occurrence WHERE starts_at >= $1 AND starts_at < $2 ORDER BY starts_at, id`,
		db.Micros(from), db.Micros(to))
	if err != nil {
		return nil, err
	}
	crews, err := db.All(ctx, q, func(r db.Row) (crewRow, error) {
		var c crewRow
		return c, r.Scan(&c.of, &c.account)
	}, `SELECT m.occurrence_id, m.account_id FROM agenda_occurrence_member m JOIN agenda_occurrence o ON o.id = m.occurrence_id WHERE o.starts_at >= $1 AND o.starts_at < $2
		ORDER BY m.occurrence_id, m.account_id`, db.Micros(from), db.Micros(to))
	return crewed(list, crews), err
}

// crewRow says that an account works at an occurrence.
type crewRow struct {
	of      ID
	account identity.AccountID
}

func crewed(list []Occurrence, crews []crewRow) []Occurrence {
	by := map[ID][]identity.AccountID{}
	for _, c := range crews {
		by[c.of] = append(by[c.of], c.account)
	}
	for i := range list {
		list[i].Members = by[list[i].ID]
	}
	return list
}

func insertOccurrenceStep(ctx context.Context, tx *db.Tx, o Occurrence, by audit.Actor, why string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_occurrence_step (id, occurrence_id, at, state, by_actor, why) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New(), string(o.ID), db.Micros(at), string(o.State), string(by), why)
	return err
}

// Step is something that happened to an occurrence.
type Step struct {
	At    time.Time
	State State
	By    string // an account, or "cli", "system", "anonymous"
	Why   string
}

func occurrenceSteps(ctx context.Context, q db.Querier, of ID) ([]Step, error) {
	return db.All(ctx, q, func(r db.Row) (Step, error) {
		var s Step
		var at int64
		err := r.Scan(&at, &s.State, &s.By, &s.Why)
		s.At = db.Time(at)
		return s, err
	}, `SELECT at, state, by_actor, why FROM agenda_occurrence_step WHERE occurrence_id = $1 ORDER BY at, id`, string(of))
}
