package agenda

import (
	"context"
	"time"

	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

const shiftCols = `id, organisation_id, role, venue, on_date, minute, length_min, zone, starts_at, ends_at, needed, skill, version`

func scanShift(r db.Row) (Shift, error) {
	var s Shift
	var on, zone string
	var starts, ends int64
	err := r.Scan(&s.ID, &s.Organisation, &s.Role, &s.Venue, &on, &s.Minute, &s.Length, &zone, &starts, &ends, &s.Needed, &s.Skill, &s.Version)
	if err != nil {
		return s, err
	}
	s.Start, s.End = db.Time(starts), db.Time(ends)
	if s.Zone, err = zoneOf(zone); err != nil {
		return s, err
	}
	s.On, err = ParseDate(on)
	return s, err
}

func insertShift(ctx context.Context, tx *db.Tx, s Shift) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_shift (`+shiftCols+`) VALUES (`+db.Params(1, 13)+`)`, string(s.ID), string(s.Organisation), s.Role, s.Venue, s.On.String(),
		s.Minute, s.Length, s.Zone.String(), db.Micros(s.Start), db.Micros(s.End), s.Needed, s.Skill, s.Version)
	return err
}

// deleteShift erases a shift with its rows.
func deleteShift(ctx context.Context, tx *db.Tx, of ShiftID) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM agenda_shift_entry WHERE shift_id = $1`, string(of)); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `DELETE FROM agenda_shift WHERE id = $1`, string(of))
	return err
}

func shiftByID(ctx context.Context, q db.Querier, of ShiftID) (Shift, error) {
	return db.One(ctx, q, scanShift, `SELECT `+shiftCols+` FROM agenda_shift WHERE id = $1`, string(of))
}

// shiftsWhere are those that start in a stretch of time, in order; where begins with parameter 3.
func shiftsWhere(ctx context.Context, q db.Querier, where string, from, to time.Time, args []any) ([]Shift, error) {
	return db.All(ctx, q, scanShift, `SELECT `+shiftCols+` FROM agenda_shift WHERE starts_at >= $1 AND starts_at < $2 AND `+where+` ORDER BY starts_at, role, id LIMIT 500`,
		append([]any{db.Micros(from), db.Micros(to)}, args...)...)
}

// touchShift makes the caller's transaction the only one that decides on a shift until it ends.
func touchShift(ctx context.Context, tx *db.Tx, of ShiftID) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_shift SET version = version + 1 WHERE id = $1`, string(of))
	return err
}

// last keeps, of the rows of a volunteer on a shift, the one that says where they stand.
const last = `NOT EXISTS (SELECT 1 FROM agenda_shift_entry l WHERE l.shift_id = e.shift_id AND l.volunteer = e.volunteer AND l.turn > e.turn)`

// entriesOf is where each volunteer of a shift stands, in the order of their last change.
func entriesOf(ctx context.Context, q db.Querier, of ShiftID) ([]ShiftEntry, error) {
	return db.All(ctx, q, func(r db.Row) (ShiftEntry, error) {
		var e ShiftEntry
		return e, r.Scan(&e.Volunteer, &e.Person, &e.State, &e.Minutes)
	}, `SELECT e.volunteer, e.person_id, e.state, e.minutes FROM agenda_shift_entry e WHERE e.shift_id = $1 AND `+last+` ORDER BY e.turn`, string(of))
}

// insertEntry adds what happened to a volunteer. The caller has touched the shift.
func insertEntry(ctx context.Context, tx *db.Tx, of ShiftID, e ShiftEntry, by string, at time.Time) error {
	turn, err := db.One(ctx, tx, db.Value[int64], `SELECT COALESCE(MAX(turn), 0) + 1 FROM agenda_shift_entry WHERE shift_id = $1`, string(of))
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `INSERT INTO agenda_shift_entry (id, shift_id, turn, volunteer, person_id, state, minutes, at, by_actor) VALUES (`+db.Params(1, 9)+`)`,
		id.New(), string(of), turn, e.Volunteer, string(e.Person), string(e.State), e.Minutes, db.Micros(at), by)
	return err
}

// shiftsOfPerson are the shifts that somebody is on between two instants, in order of their ids: transactions touch them in turn.
func shiftsOfPerson(ctx context.Context, q db.Querier, who person.ID, from, to time.Time) ([]ShiftID, error) {
	return db.All(ctx, q, db.Value[ShiftID], `SELECT s.id FROM agenda_shift s JOIN agenda_shift_entry e ON e.shift_id = s.id
		WHERE e.person_id = $1 AND s.starts_at < $3 AND s.ends_at > $2 AND e.state <> 'withdrawn' AND `+last+` ORDER BY s.id`, string(who), db.Micros(from), db.Micros(to))
}
