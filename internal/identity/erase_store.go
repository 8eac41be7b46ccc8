package identity

import (
	"context"
	"math"
	"time"

	"viaduc/internal/platform/db"
)

// blankAccount removes names, contacts, ties, cards, sessions and steps of an account.
func blankAccount(ctx context.Context, tx *db.Tx, account AccountID) error {
	for _, text := range []string{
		`DELETE FROM identity_federated WHERE account_id = $1`,
		`DELETE FROM identity_card WHERE account_id = $1`,
		`DELETE FROM identity_session WHERE account_id = $1`,
		`DELETE FROM identity_challenge WHERE account_id = $1`,
		`UPDATE identity_account SET given_name = '', family_name = '', name_key = '', email = '', phone = '', state = 'erased', current_membership = NULL,
			epoch = epoch + 1, version = version + 1 WHERE id = $1`,
	} {
		if _, err := db.Exec(ctx, tx, text, string(account)); err != nil {
			return err
		}
	}
	return nil
}

func inactiveAccounts(ctx context.Context, q db.Querier, kind Kind, before, since time.Time, after AccountID, limit int) ([]Account, error) {
	return db.All(ctx, q, scanAccount, `SELECT `+accountCols+` FROM identity_account WHERE kind = $1 AND state <> 'erased' AND coalesce(seen_at, created_at) < $2
		AND (coalesce(seen_at, created_at), id) > ($3, $4)
		AND NOT EXISTS (SELECT 1 FROM identity_membership m WHERE m.account_id = identity_account.id AND m.role = $5 AND m.state <> 'ended')
		ORDER BY coalesce(seen_at, created_at), id LIMIT $6`, string(kind), db.Micros(before), from(since), string(after), string(Administrator), limit)
}

// from is the instant of a cursor; the zero time is before every other.
func from(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return db.Micros(t)
}
