package agenda

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

const resourceCols = `id, organisation_id, name, kind, parent_id, root_id, release_min, retired, version`

func scanResource(r db.Row) (Resource, error) {
	var one Resource
	var release int64
	err := r.Scan(&one.ID, &one.Organisation, &one.Name, &one.Kind, &one.Parent, &one.root, &release, &one.Retired, &one.Version)
	one.Release = minutes(release)
	return one, err
}

func insertResource(ctx context.Context, tx *db.Tx, r Resource) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_resource (`+resourceCols+`) VALUES (`+db.Params(1, 9)+`)`, string(r.ID), string(r.Organisation), r.Name, string(r.Kind),
		string(r.Parent), string(r.root), inMinutes(r.Release), r.Retired, r.Version)
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

const useCols = `u.id, u.resource_id, u.person_id, u.starts_at, u.ends_at, u.state`

func scanUse(r db.Row) (Use, error) {
	var u Use
	var start, end int64
	err := r.Scan(&u.ID, &u.Resource, &u.Person, &start, &end, &u.State)
	u.Start, u.End = db.Time(start), db.Time(end)
	return u, err
}

func insertUse(ctx context.Context, tx *db.Tx, u Use, by string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_use (id, resource_id, person_id, starts_at, ends_at, state, by_actor, created_at) VALUES (`+db.Params(1, 8)+`)`,
		string(u.ID), string(u.Resource), string(u.Person), db.Micros(u.Start), db.Micros(u.End), string(u.State), by, db.Micros(at))
	return err
}

func useByID(ctx context.Context, q db.Querier, use UseID) (Use, error) {
	return db.One(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u WHERE u.id = $1`, string(use))
}

func setUse(ctx context.Context, tx *db.Tx, use UseID, next UseState) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_use SET state = $2 WHERE id = $1`, string(use), string(next))
	return err
}

// usesOf are the live bookings in a tree of resources between two instants.
func usesOf(ctx context.Context, q db.Querier, root ResourceID, from, to time.Time) ([]Use, error) {
	return db.All(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u JOIN agenda_resource r ON r.id = u.resource_id
		WHERE r.root_id = $1 AND u.state IN ('booked', 'checked_in') AND u.starts_at < $3 AND u.ends_at > $2 ORDER BY u.starts_at, u.id`,
		string(root), db.Micros(from), db.Micros(to))
}

// usesOfOne are the bookings of one resource between two instants, those that are over too.
func usesOfOne(ctx context.Context, q db.Querier, of ResourceID, from, to time.Time) ([]Use, error) {
	return db.All(ctx, q, scanUse, `SELECT `+useCols+` FROM agenda_use u WHERE u.resource_id = $1 AND u.starts_at < $3 AND u.ends_at > $2 ORDER BY u.starts_at, u.id`,
		string(of), db.Micros(from), db.Micros(to))
}
