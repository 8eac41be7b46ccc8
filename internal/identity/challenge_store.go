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

// useChallenge is the one conditional write by which a step is used once. What was remembered for it goes.
func useChallenge(ctx context.Context, tx *db.Tx, hash []byte, kind challengeKind, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_challenge SET used_at = $1, data = '{}' WHERE token_hash = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $1`,
		db.Micros(now), hash, string(kind))
}

// waiting is the condition of a challenge that waits, with the instant as $1, the hash as $2 and the kind as $3.
const waiting = ` WHERE token_hash = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $1`

func openChallenge(ctx context.Context, q db.Querier, hash []byte, kind challengeKind, now time.Time) (challenge, error) {
	return db.One(ctx, q, scanChallenge, `SELECT `+challengeCols+` FROM identity_challenge`+waiting, db.Micros(now), hash, string(kind))
}

func countTry(ctx context.Context, tx *db.Tx, hash []byte, kind challengeKind, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_challenge SET tries = tries + 1`+waiting+` AND tries < $4`, db.Micros(now), hash, string(kind), maxTries)
}

func putChallengeData(ctx context.Context, tx *db.Tx, hash []byte, kind challengeKind, data string, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_challenge SET data = $4`+waiting, db.Micros(now), hash, string(kind), data)
}

// dropChallenges ends the steps that wait for an account: what they stood on has changed.
func dropChallenges(ctx context.Context, tx *db.Tx, account AccountID, now time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_challenge SET used_at = $1, data = '{}' WHERE account_id = $2 AND used_at IS NULL`, db.Micros(now), string(account))
	return err
}
