package agenda

import (
	"context"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
)

const deviceCols = `id, account_id, session_id, name, created_at, seen_at, lost_at`

func scanDevice(r db.Row) (FieldDevice, error) {
	var d FieldDevice
	var created, seen, lost int64
	err := r.Scan(&d.ID, &d.Account, &d.session, &d.Name, &created, &seen, &lost)
	d.CreatedAt, d.SeenAt, d.LostAt = db.Time(created), db.Time(seen), db.TimeOrZero(lost)
	return d, err
}

// insertDevice writes a device; false when it is known already.
func insertDevice(ctx context.Context, tx *db.Tx, d FieldDevice) (bool, error) {
	rows, err := db.Exec(ctx, tx, `INSERT INTO agenda_device (`+deviceCols+`) VALUES (`+db.Params(1, 7)+`) ON CONFLICT (id) DO NOTHING`,
		string(d.ID), string(d.Account), string(d.session), d.Name, db.Micros(d.CreatedAt), db.Micros(d.SeenAt), db.MicrosOrZero(d.LostAt))
	return rows > 0, err
}

func deviceByID(ctx context.Context, q db.Querier, device DeviceID) (FieldDevice, error) {
	return db.One(ctx, q, scanDevice, `SELECT `+deviceCols+` FROM agenda_device WHERE id = $1`, string(device))
}

func seenDevice(ctx context.Context, tx *db.Tx, device DeviceID, session identity.SessionID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_device SET seen_at = $2, session_id = $3 WHERE id = $1`, string(device), db.Micros(at), string(session))
	return err
}

func loseDevice(ctx context.Context, tx *db.Tx, device DeviceID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_device SET lost_at = $2 WHERE id = $1 AND lost_at = 0`, string(device), db.Micros(at))
	return err
}
