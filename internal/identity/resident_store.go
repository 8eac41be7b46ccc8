package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// maxSharing bounds how many people who share one contact are named.
const maxSharing = 10

func residentsByContact(ctx context.Context, q db.Querier, contact string) ([]Account, error) {
	return db.All(ctx, q, scanAccount, `SELECT `+accountCols+` FROM identity_account
		WHERE (email = $1 OR phone = $1) AND kind = 'resident' AND state = 'active' ORDER BY created_at, id LIMIT $2`, contact, maxSharing)
}

func replaceCards(ctx context.Context, tx *db.Tx, account AccountID) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_card SET state = 'replaced' WHERE account_id = $1 AND state <> 'replaced'`, string(account))
	return err
}

func insertCard(ctx context.Context, tx *db.Tx, c cardRow, token []byte, by string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_card (id, account_id, token_hash, pin_hash, tries, state, issued_by, created_at) VALUES ($1, $2, $3, $4, 0, 'active', $5, $6)`,
		c.id, string(c.account), token, c.pin, by, db.Micros(at))
	return err
}

// tryCard is the one conditional write that counts a try; the fifth blocks the card, unless cardUsed takes it back.
func tryCard(ctx context.Context, tx *db.Tx, token []byte) (cardRow, error) {
	scan := func(r db.Row) (cardRow, error) {
		var c cardRow
		return c, r.Scan(&c.id, &c.account, &c.pin, &c.state)
	}
	return db.One(ctx, tx, scan, `UPDATE identity_card SET tries = tries + 1, state = CASE WHEN tries + 1 >= $1 THEN 'blocked' ELSE state END
		WHERE token_hash = $2 AND state = 'active' RETURNING id, account_id, pin_hash, state`, maxTries, token)
}

func cardUsed(ctx context.Context, tx *db.Tx, card string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_card SET tries = 0, state = 'active', used_at = $1 WHERE id = $2`, db.Micros(at), card)
	return err
}

func blockCard(ctx context.Context, tx *db.Tx, account AccountID) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_card SET state = 'blocked' WHERE account_id = $1 AND state = 'active'`, string(account))
}

func cardState(ctx context.Context, q db.Querier, account AccountID) (state string, usedAt time.Time, err error) {
	type card struct {
		state string
		used  time.Time
	}
	c, err := db.One(ctx, q, func(r db.Row) (card, error) {
		var c card
		return c, r.Scan(&c.state, instant{&c.used})
	}, `SELECT state, used_at FROM identity_card WHERE account_id = $1 AND state <> 'replaced'`, string(account))
	if fault.Is(err, fault.NotFound) {
		return "", time.Time{}, nil
	}
	return c.state, c.used, err
}

// setContact writes an address, or a telephone: it begins with a plus sign.
func setContact(ctx context.Context, tx *db.Tx, account AccountID, contact string) error {
	column := "email"
	if contact[0] == '+' {
		column = "phone"
	}
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET `+column+` = $1, version = version + 1 WHERE id = $2`, contact, string(account))
	return err
}
