package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

const challengeCols = `kind, account_id, epoch, data, tries, created_at, expires_at`

func scanChallenge(r db.Row) (challenge, error) {
	var c challenge
	return c, r.Scan(&c.kind, text[AccountID]{&c.account}, &c.epoch, &c.data, &c.tries, instant{&c.createdAt}, instant{&c.expiresAt})
}

func challengeByHash(ctx context.Context, q db.Querier, hash []byte) (challenge, error) {
	c, err := db.One(ctx, q, scanChallenge, `SELECT `+challengeCols+` FROM identity_challenge WHERE token_hash = $1`, hash)
	return c, named(err)
}

func insertChallenge(ctx context.Context, tx *db.Tx, hash []byte, c challenge) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_challenge (token_hash, `+challengeCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		hash, string(c.kind), optional(c.account), c.epoch, c.data, c.tries, db.Micros(c.createdAt), db.Micros(c.expiresAt))
	return err
}

// useChallenge is the one conditional write by which a step is used once.
func useChallenge(ctx context.Context, tx *db.Tx, hash []byte, kind challengeKind, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_challenge SET used_at = $1 WHERE token_hash = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $1`,
		db.Micros(now), hash, string(kind))
}
