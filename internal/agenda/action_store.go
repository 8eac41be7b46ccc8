package agenda

import (
	"context"
	"strconv"
	"time"

	"viaduc/internal/platform/db"
)

const actionCols = `id, device_id, seq, account_id, kind, occurrence_id, claim_id, wanted, seen, done_at, received_at, result, why, left_version, settled_at`

func scanAction(r db.Row) (Received, error) {
	var one Received
	var wanted string
	var done, received, settled int64
	err := r.Scan(&one.ID, &one.Device, &one.Seq, &one.Account, &one.Kind, &one.Occurrence, &one.Claim, &wanted, &one.Seen, &done, &received, &one.Result, &one.Why, &one.left, &settled)
	one.At, one.ReceivedAt, one.Settled = db.Time(done), db.Time(received), db.TimeOrZero(settled)
	switch one.Kind {
	case HeadAction:
		one.N, _ = strconv.Atoi(wanted) // written by this package
	case MarkAction:
		one.As = ClaimState(wanted)
	}
	return one, err
}

// insertAction writes an action that came; false when it came before.
func insertAction(ctx context.Context, tx *db.Tx, r Received) (bool, error) {
	rows, err := db.Exec(ctx, tx, `INSERT INTO agenda_action (`+actionCols+`) VALUES (`+db.Params(1, 15)+`) ON CONFLICT (id) DO NOTHING`,
		r.ID, string(r.Device), r.Seq, string(r.Account), string(r.Kind), string(r.Occurrence), string(r.Claim), r.wanted(), r.Seen, db.Micros(r.At), db.Micros(r.ReceivedAt),
		string(r.Result), r.Why, r.left, db.MicrosOrZero(r.Settled))
	return rows > 0, err
}

func setResult(ctx context.Context, tx *db.Tx, r Received) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_action SET result = $2, why = $3, left_version = $4, occurrence_id = $5 WHERE id = $1`,
		r.ID, string(r.Result), r.Why, r.left, string(r.Occurrence))
	return err
}

func actionByID(ctx context.Context, q db.Querier, action string) (Received, error) {
	return db.One(ctx, q, scanAction, `SELECT `+actionCols+` FROM agenda_action WHERE id = $1`, action)
}

// actionsOn are the marks that a device made of a claim and that were not refused, the one that is being taken among them: it changes nothing
// of what they say.
func actionsOn(ctx context.Context, q db.Querier, claim ClaimID, device DeviceID) ([]Received, error) {
	return db.All(ctx, q, scanAction, `SELECT `+actionCols+` FROM agenda_action WHERE claim_id = $1 AND device_id = $2 AND result <> 'refused' ORDER BY seq, id`, string(claim), string(device))
}

// endedAfter reports whether a device ended a date after its action of some rank.
func endedAfter(ctx context.Context, q db.Querier, of ID, device DeviceID, seq int64) (bool, error) {
	n, err := db.One(ctx, q, db.Value[int64], `SELECT COUNT(*) FROM agenda_action WHERE occurrence_id = $1 AND device_id = $2 AND kind = 'close' AND result = 'done' AND seq > $3`,
		string(of), string(device), seq)
	return n > 0, err
}

// settleActions closes the conflicts of a device about a claim, but one.
func settleActions(ctx context.Context, tx *db.Tx, claim ClaimID, device DeviceID, but string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_action SET settled_at = $4 WHERE claim_id = $1 AND device_id = $2 AND result = 'conflict' AND id <> $3 AND settled_at = 0`,
		string(claim), string(device), but, db.Micros(at))
	return err
}
