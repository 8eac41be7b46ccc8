package agenda

import (
	"context"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

const resourceCols = `id, organisation_id, name, kind, parent_id, root_id, release_min, retired, version, hours, buffer_min, least_min, most_min, step_min, notice_min,
	ahead_days, week_min, approval`

func scanResource(r db.Row) (Resource, error) {
	var one Resource
	var release, buffer, least, most, step, notice, week int64
	err := r.Scan(&one.ID, &one.Organisation, &one.Name, &one.Kind, &one.Parent, &one.root, &release, &one.Retired, &one.Version, &one.Hours, &buffer, &least, &most, &step, &notice,
		&one.Ahead, &week, &one.Approval)
	one.Release, one.Buffer, one.Least, one.Most = minutes(release), minutes(buffer), minutes(least), minutes(most)
	one.Step, one.Notice, one.Week = minutes(step), minutes(notice), minutes(week)
	return one, err
}

func insertResource(ctx context.Context, tx *db.Tx, r Resource) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_resource (`+resourceCols+`) VALUES (`+db.Params(1, 18)+`)`, string(r.ID), string(r.Organisation), r.Name, string(r.Kind),
		string(r.Parent), string(r.root), inMinutes(r.Release), r.Retired, r.Version, r.Hours, inMinutes(r.Buffer), inMinutes(r.Least), inMinutes(r.Most), inMinutes(r.Step),
		inMinutes(r.Notice), r.Ahead, inMinutes(r.Week), r.Approval)
	return err
}

func updateResource(ctx context.Context, tx *db.Tx, r Resource) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_resource SET name = $2, release_min = $3, retired = $4, hours = $5, buffer_min = $6, least_min = $7, most_min = $8, step_min = $9,
		notice_min = $10, ahead_days = $11, week_min = $12, approval = $13, version = version + 1 WHERE id = $1`, string(r.ID), r.Name, inMinutes(r.Release), r.Retired, r.Hours,
		inMinutes(r.Buffer), inMinutes(r.Least), inMinutes(r.Most), inMinutes(r.Step), inMinutes(r.Notice), r.Ahead, inMinutes(r.Week), r.Approval)
	return err
}

func resourceByID(ctx context.Context, q db.Querier, of ResourceID) (Resource, error) {
	return db.One(ctx, q, scanResource, `SELECT `+resourceCols+` FROM agenda_resource WHERE id = $1`, string(of))
}

func resourcesWhere(ctx context.Context, q db.Querier, where string, args []any) ([]Resource, error) {
	return db.All(ctx, q, scanResource, `SELECT `+resourceCols+` FROM agenda_resource WHERE `+where+` ORDER BY name, id`, args...)
}

// touchResource makes the caller's transaction the only one that decides on a tree of resources until it ends.
func touchResource(ctx context.Context, tx *db.Tx, root ResourceID) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_resource SET version = version + 1 WHERE id = $1`, string(root))
	return err
}

const useCols = `u.id, u.resource_id, u.bundle_id, u.person_id, u.purpose, u.occurrence_id, u.starts_at, u.ends_at, u.state, u.refusal`

func scanUse(r db.Row) (Use, error) {
	var u Use
	var start, end int64
	err := r.Scan(&u.ID, &u.Resource, &u.Bundle, &u.Person, &u.Purpose, &u.Occurrence, &start, &end, &u.State, &u.Refusal)
	u.Start, u.End = db.Time(start), db.Time(end)
	return u, err
}

func insertUse(ctx context.Context, tx *db.Tx, u Use, by string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_use (id, resource_id, bundle_id, person_id, purpose, occurrence_id, starts_at, ends_at, state, refusal, by_actor, created_at)
		VALUES (`+db.Params(1, 12)+`)`, string(u.ID), string(u.Resource), string(u.Bundle), string(u.Person), u.Purpose, string(u.Occurrence), db.Micros(u.Start), db.Micros(u.End),
		string(u.State), u.Refusal, by, db.Micros(at))
	if err != nil {
		return err
	}
	return insertUseStep(ctx, tx, u.ID, u.State, by, at)
}

func insertUseStep(ctx context.Context, tx *db.Tx, of UseID, state UseState, by string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_use_step (id, use_id, at, state, by_actor) VALUES ($1, $2, $3, $4, $5)`, id.New(), string(of), db.Micros(at), string(state), by)
	return err
}

func useByID(ctx context.Context, q db.Querier, use UseID) (Use, error) {
	return db.One(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u WHERE u.id = $1`, string(use))
}

// usesOfBundle are the bookings that were taken together.
func usesOfBundle(ctx context.Context, q db.Querier, of BundleID) ([]Use, error) {
	return db.All(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u WHERE u.bundle_id = $1 ORDER BY u.id`, string(of))
}

// usesFor are the live bookings that were made for a date.
func usesFor(ctx context.Context, q db.Querier, of ID) ([]Use, error) {
	return db.All(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u WHERE u.occurrence_id = $1 AND u.state IN ('asked', 'booked', 'checked_in') ORDER BY u.id`, string(of))
}

// usesOfPerson are the bookings for a person to which nobody came yet.
func usesOfPerson(ctx context.Context, q db.Querier, who person.ID) ([]Use, error) {
	return db.All(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u WHERE u.person_id = $1 AND u.state IN ('asked', 'booked') ORDER BY u.id`, string(who))
}

func setUse(ctx context.Context, tx *db.Tx, use UseID, next UseState, refusal, by string, at time.Time) error {
	if _, err := db.Exec(ctx, tx, `UPDATE agenda_use SET state = $2, refusal = $3 WHERE id = $1`, string(use), string(next), refusal); err != nil {
		return err
	}
	return insertUseStep(ctx, tx, use, next, by, at)
}

// Which bookings are read, by their state.
const (
	anyUse    = `TRUE`
	liveUses  = `u.state IN ('booked', 'checked_in')`
	askedUses = `u.state = 'asked'`
)

// usesWhere are the bookings between two instants of some resources, r in where, which begins with parameter 3; by start, then by the name of what
// is booked.
func usesWhere(ctx context.Context, q db.Querier, where string, from, to time.Time, states string, args []any) ([]Use, error) {
	return db.All(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u JOIN agenda_resource r ON r.id = u.resource_id
		WHERE u.starts_at < $2 AND u.ends_at > $1 AND `+states+` AND `+where+` ORDER BY u.starts_at, r.name, u.id`, append([]any{db.Micros(from), db.Micros(to)}, args...)...)
}

// usesIn are the bookings in a tree of resources between two instants, in some states.
func usesIn(ctx context.Context, q db.Querier, root ResourceID, from, to time.Time, states string) ([]Use, error) {
	return usesWhere(ctx, q, `r.root_id = $3`, from, to, states, []any{string(root)})
}

// usedBy is how long a person has a resource between two instants, in microseconds.
func usedBy(ctx context.Context, q db.Querier, of ResourceID, who person.ID, from, to time.Time) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT COALESCE(SUM(u.ends_at - u.starts_at), 0) FROM agenda_use u
		WHERE u.resource_id = $1 AND u.person_id = $2 AND u.state IN ('booked', 'checked_in') AND u.starts_at >= $3 AND u.starts_at < $4`,
		string(of), string(who), db.Micros(from), db.Micros(to))
}

func insertUseMember(ctx context.Context, tx *db.Tx, of BundleID, account identity.AccountID) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_use_member (bundle_id, account_id) VALUES ($1, $2)`, string(of), string(account))
	return err
}

// memberTaken counts what somebody has to do between two instants: the dates of whose crew they are, and what was taken with them.
func memberTaken(ctx context.Context, q db.Querier, account identity.AccountID, from, to time.Time, but ID) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT
		(SELECT COUNT(*) FROM agenda_occurrence o JOIN agenda_occurrence_member m ON m.occurrence_id = o.id WHERE m.account_id = $1 AND o.id <> $4
			AND o.state NOT IN ('cancelled', 'moved') AND o.starts_at < $3 AND o.ends_at > $2)
		+ (SELECT COUNT(*) FROM agenda_use u JOIN agenda_use_member m ON m.bundle_id = u.bundle_id WHERE m.account_id = $1
			AND u.state IN ('booked', 'checked_in') AND u.starts_at < $3 AND u.ends_at > $2)`, string(account), db.Micros(from), db.Micros(to), string(but))
}

// membersOf are who was taken with a booking, in the order in which they are locked.
func membersOf(ctx context.Context, q db.Querier, of BundleID) ([]identity.AccountID, error) {
	return db.All(ctx, q, db.Value[identity.AccountID], `SELECT account_id FROM agenda_use_member WHERE bundle_id = $1 ORDER BY account_id`, string(of))
}

// membersBetween are who was taken with the bookings between two instants.
func membersBetween(ctx context.Context, q db.Querier, from, to time.Time) (map[BundleID][]identity.AccountID, error) {
	out := map[BundleID][]identity.AccountID{}
	type row struct {
		bundle  BundleID
		account identity.AccountID
	}
	err := db.Each(ctx, q, func(r db.Row) (row, error) {
		var one row
		return one, r.Scan(&one.bundle, &one.account)
	}, func(one row) error { out[one.bundle] = append(out[one.bundle], one.account); return nil }, `SELECT DISTINCT m.bundle_id, m.account_id FROM agenda_use_member m
		JOIN agenda_use u ON u.bundle_id = m.bundle_id WHERE u.starts_at < $2 AND u.ends_at > $1 ORDER BY m.bundle_id, m.account_id`, db.Micros(from), db.Micros(to))
	return out, err
}
