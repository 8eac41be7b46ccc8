package agenda

import (
	"context"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
)

const absenceCols = `id, organisation_id, account_id, kind, from_on, from_minute, to_on, to_minute, zone, starts_at, ends_at`

func scanAbsence(r db.Row) (Absence, error) {
	var a Absence
	var from, to, zone string
	var starts, ends int64
	err := r.Scan(&a.ID, &a.Organisation, &a.Account, &a.Kind, &from, &a.FromMinute, &to, &a.ToMinute, &zone, &starts, &ends)
	if err != nil {
		return a, err
	}
	a.Start, a.End = db.Time(starts), db.Time(ends)
	if a.Zone, err = zoneOf(zone); err != nil {
		return a, err
	}
	if a.From, err = ParseDate(from); err != nil {
		return a, err
	}
	a.To, err = ParseDate(to)
	return a, err
}

// insertAbsence writes an absence, and reports whether it was not there yet.
func insertAbsence(ctx context.Context, tx *db.Tx, a Absence) (bool, error) {
	n, err := db.Exec(ctx, tx, `INSERT INTO agenda_absence (`+absenceCols+`, withdrawn_at) VALUES (`+db.Params(1, 12)+`) ON CONFLICT DO NOTHING`, string(a.ID),
		string(a.Organisation), string(a.Account), string(a.Kind), a.From.String(), a.FromMinute, a.To.String(), a.ToMinute, a.Zone.String(), db.Micros(a.Start), db.Micros(a.End), 0)
	return n > 0, err
}

func absenceByID(ctx context.Context, q db.Querier, of AbsenceID) (Absence, error) {
	return db.One(ctx, q, scanAbsence, `SELECT `+absenceCols+` FROM agenda_absence WHERE id = $1`, string(of))
}

// setAbsence takes an absence back, or makes it stand again where no other says the same, and reports whether that changed anything.
func setAbsence(ctx context.Context, tx *db.Tx, a Absence, stands bool, at time.Time) (bool, error) {
	if !stands {
		n, err := db.Exec(ctx, tx, `UPDATE agenda_absence SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at = 0`, string(a.ID), db.Micros(at))
		return n > 0, err
	}
	n, err := db.Exec(ctx, tx, `UPDATE agenda_absence SET withdrawn_at = 0 WHERE id = $1 AND withdrawn_at > 0 AND NOT EXISTS
		(SELECT 1 FROM agenda_absence o WHERE o.account_id = $2 AND o.starts_at = $3 AND o.ends_at = $4 AND o.withdrawn_at = 0)`,
		string(a.ID), string(a.Account), db.Micros(a.Start), db.Micros(a.End))
	return n > 0, err
}

// absencesWhere are those that touch a stretch of time, in order; where begins with parameter 3.
func absencesWhere(ctx context.Context, q db.Querier, where string, from, to time.Time, args []any) ([]Absence, error) {
	return db.All(ctx, q, scanAbsence, `SELECT `+absenceCols+` FROM agenda_absence WHERE ends_at > $1 AND starts_at < $2 AND withdrawn_at = 0 AND `+where+` ORDER BY starts_at, id LIMIT 500`,
		append([]any{db.Micros(from), db.Micros(to)}, args...)...)
}

func scanSpan(r db.Row) (span, error) {
	var one span
	var from, to int64
	err := r.Scan(&one.who, &from, &to)
	one.from, one.to = db.Time(from), db.Time(to)
	return one, err
}

// spansOf are the absences of some accounts that end after an instant.
func spansOf(ctx context.Context, q db.Querier, of []identity.AccountID, after time.Time) ([]span, error) {
	if len(of) == 0 {
		return nil, nil
	}
	args := []any{db.Micros(after)}
	for _, one := range of {
		args = append(args, string(one))
	}
	return db.All(ctx, q, scanSpan, `SELECT account_id, starts_at, ends_at FROM agenda_absence WHERE ends_at > $1 AND withdrawn_at = 0 AND account_id IN (`+db.Params(2, len(of))+`)
		ORDER BY starts_at, id`, args...)
}

// allSpans are the absences of everybody that end after an instant.
func allSpans(ctx context.Context, q db.Querier, after time.Time) ([]span, error) {
	return db.All(ctx, q, scanSpan, `SELECT account_id, starts_at, ends_at FROM agenda_absence WHERE ends_at > $1 AND withdrawn_at = 0 ORDER BY starts_at, id`, db.Micros(after))
}

// datesOfMember are the live dates at which an account works between two instants, in order.
func datesOfMember(ctx context.Context, q db.Querier, of identity.AccountID, from, to time.Time) ([]ID, error) {
	return db.All(ctx, q, db.Value[ID], `SELECT o.id FROM agenda_occurrence o JOIN agenda_occurrence_member m ON m.occurrence_id = o.id
		WHERE m.account_id = $1 AND o.starts_at < $3 AND o.ends_at > $2 AND o.state NOT IN ('cancelled', 'moved', 'closed') ORDER BY o.starts_at, o.id`,
		string(of), db.Micros(from), db.Micros(to))
}
