package place

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

const askCols = `place_id, fresh_on, asked, asked_at, silent_at`

type placedAsk struct {
	place ID
	ask
}

func scanAsk(r db.Row) (placedAsk, error) {
	var a placedAsk
	var asked, silent int64
	err := r.Scan(&a.place, &a.freshOn, &a.asked, &asked, &silent)
	a.askedAt, a.silentAt = db.TimeOrZero(asked), db.TimeOrZero(silent)
	return a, err
}

func listAsks(ctx context.Context, q db.Querier) (map[ID]ask, error) {
	rows, err := db.All(ctx, q, scanAsk, `SELECT `+askCols+` FROM place_ask`)
	out := make(map[ID]ask, len(rows))
	for _, r := range rows {
		out[r.place] = r.ask
	}
	return out, err
}

// askOf is what a place was asked, the zero ask when it never was.
func askOf(ctx context.Context, q db.Querier, place ID) (ask, error) {
	a, err := db.One(ctx, q, scanAsk, `SELECT `+askCols+` FROM place_ask WHERE place_id = $1`, string(place))
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return a.ask, err
}

// putAsk keeps what a place was asked; hash is that of the link's token, "" for none.
func putAsk(ctx context.Context, tx *db.Tx, place ID, a ask, hash string, expires time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO place_ask (place_id, fresh_on, asked, asked_at, token_hash, expires_at, silent_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (place_id) DO UPDATE SET fresh_on = excluded.fresh_on, asked = excluded.asked, asked_at = excluded.asked_at,
		token_hash = excluded.token_hash, expires_at = excluded.expires_at, silent_at = excluded.silent_at`,
		string(place), a.freshOn, a.asked, db.MicrosOrZero(a.askedAt), hash, db.MicrosOrZero(expires), db.MicrosOrZero(a.silentAt))
	return err
}

// askedBy is the place that a link asks about; fault.NotFound when it is none, was used, or has had its time.
func askedBy(ctx context.Context, q db.Querier, hash string, now time.Time) (ID, error) {
	return db.One(ctx, q, db.Value[ID], `SELECT place_id FROM place_ask WHERE token_hash = $1 AND expires_at > $2`, hash, db.Micros(now))
}

func useAsk(ctx context.Context, tx *db.Tx, hash string) error {
	_, err := db.Exec(ctx, tx, `UPDATE place_ask SET token_hash = '', expires_at = 0 WHERE token_hash = $1`, hash)
	return err
}

// declarers are the addresses of those who declared places, by place, the last accepted.
func declarers(ctx context.Context, q db.Querier) (map[ID]string, error) {
	type declarer struct {
		place ID
		email string
	}
	scan := func(r db.Row) (d declarer, err error) { return d, r.Scan(&d.place, &d.email) }
	rows, err := db.All(ctx, q, scan, `SELECT place_id, email FROM place_declaration WHERE state = 'accepted' AND email <> '' AND place_id IS NOT NULL
		ORDER BY decided_at, id`)
	out := make(map[ID]string, len(rows))
	for _, r := range rows {
		out[r.place] = r.email
	}
	return out, err
}
