package alert

import (
	"context"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
)

// subscription is a row.
type subscription struct {
	id                                ID
	account                           identity.AccountID
	email, commune                    string
	radius                            int
	created, asked, confirmed, looked time.Time // zero is never
}

const cols = `id, account_id, email, commune_code, radius_km, created_at, asked_at, confirmed_at, looked_at`

func scan(r db.Row) (subscription, error) {
	var s subscription
	var created, asked, confirmed, looked int64
	err := r.Scan(&s.id, &s.account, &s.email, &s.commune, &s.radius, &created, &asked, &confirmed, &looked)
	s.created, s.asked, s.confirmed, s.looked = db.TimeOrZero(created), db.TimeOrZero(asked), db.TimeOrZero(confirmed), db.TimeOrZero(looked)
	return s, err
}

func (s subscription) row() []any {
	return []any{string(s.id), string(s.account), s.email, s.commune, s.radius, db.MicrosOrZero(s.created), db.MicrosOrZero(s.asked), db.MicrosOrZero(s.confirmed), db.MicrosOrZero(s.looked)}
}

// lockOwner makes this the only transaction of an owner until it ends. An owner has no row here that it could touch, and
// before the first alert none at all: PostgreSQL locks the number of the owner; SQLite has one writer.
func lockOwner(ctx context.Context, tx *db.Tx, owner int64) error {
	_, err := db.One(ctx, tx, db.Value[string], tx.Engine().Pick(`SELECT CAST($1 AS TEXT)`, `SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)`), owner)
	return err
}

const insert = `INSERT INTO alert_subscription (` + cols + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account_id, email, commune_code) DO UPDATE SET `

// putSubscription writes the alert of an account, or changes its distance and begins its two years anew; it returns which.
func putSubscription(ctx context.Context, tx *db.Tx, s subscription) (ID, error) {
	return db.One(ctx, tx, db.Value[ID], insert+`radius_km = excluded.radius_km, confirmed_at = excluded.confirmed_at RETURNING id`, s.row()...)
}

// askSubscription writes the alert of an address that waits to be confirmed, and reports whether it is to be asked now: it
// is not when it is confirmed, or was asked after since.
func askSubscription(ctx context.Context, tx *db.Tx, s subscription, since time.Time) (asked bool, alert ID, err error) {
	found, err := db.All(ctx, tx, db.Value[ID], insert+`radius_km = excluded.radius_km, asked_at = excluded.asked_at
		WHERE alert_subscription.confirmed_at = 0 AND alert_subscription.asked_at <= $10 RETURNING id`, append(s.row(), db.MicrosOrZero(since))...)
	if err != nil || len(found) == 0 {
		return false, "", err
	}
	return true, found[0], nil
}

func subscriptionByID(ctx context.Context, q db.Querier, alert ID) (subscription, error) {
	return db.One(ctx, q, scan, `SELECT `+cols+` FROM alert_subscription WHERE id = $1`, string(alert))
}

// subscriptionsOf are the alerts of an account, or of an address alone, the last one first.
func subscriptionsOf(ctx context.Context, q db.Querier, account identity.AccountID, email string) ([]subscription, error) {
	return db.All(ctx, q, scan, `SELECT `+cols+` FROM alert_subscription WHERE account_id = $1 AND email = $2 ORDER BY created_at DESC, id`, string(account), email)
}

// confirmSubscription puts an alert in force that waits for it.
func confirmSubscription(ctx context.Context, tx *db.Tx, alert ID, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE alert_subscription SET confirmed_at = $2, looked_at = $2 WHERE id = $1 AND confirmed_at = 0`, string(alert), db.MicrosOrZero(at))
}

// deleteSubscription removes an alert, of the account where one is given.
func deleteSubscription(ctx context.Context, tx *db.Tx, alert ID, account identity.AccountID) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM alert_subscription WHERE id = $1 AND (account_id = $2 OR $2 = '')`, string(alert), string(account))
}

// dueSubscriptions are the alerts in force that nobody looked at after before, in their order, after the given one.
func dueSubscriptions(ctx context.Context, q db.Querier, before time.Time, after subscription, limit int) ([]subscription, error) {
	return db.All(ctx, q, scan, `SELECT `+cols+` FROM alert_subscription WHERE confirmed_at > 0 AND looked_at <= $1 AND (looked_at, id) > ($2, $3)
		ORDER BY looked_at, id LIMIT $4`, db.MicrosOrZero(before), db.MicrosOrZero(after.looked), string(after.id), limit)
}

// claimLook is the one conditional write by which a node takes an alert's round.
func claimLook(ctx context.Context, tx *db.Tx, s subscription, until time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE alert_subscription SET looked_at = $3 WHERE id = $1 AND looked_at = $2`, string(s.id), db.MicrosOrZero(s.looked), db.MicrosOrZero(until))
}

// oldSubscriptions are those confirmed before an instant, or made before it and never confirmed.
func oldSubscriptions(ctx context.Context, q db.Querier, confirmed bool, before time.Time, after Old, limit int) ([]Old, error) {
	column, condition := "created_at", "confirmed_at = 0"
	if confirmed {
		column, condition = "confirmed_at", "confirmed_at > 0"
	}
	return db.All(ctx, q, func(r db.Row) (Old, error) {
		var o Old
		var at int64
		err := r.Scan(&o.ID, &at)
		o.Since = db.Time(at)
		return o, err
	}, `SELECT id, `+column+` FROM alert_subscription WHERE `+condition+` AND `+column+` < $1 AND (`+column+`, id) > ($2, $3) ORDER BY `+column+`, id LIMIT $4`,
		db.MicrosOrZero(before), db.MicrosOrZero(after.Since), string(after.ID), limit)
}
