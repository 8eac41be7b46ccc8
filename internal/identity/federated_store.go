package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

// tied is the account of an identity, with the organisation that the provider named last.
type tied struct {
	account AccountID
	siret   string
}

// federatedBy returns the account of an identity and writes down that it was used.
func federatedBy(ctx context.Context, tx *db.Tx, who federatedID, at time.Time) (tied, error) {
	scan := func(r db.Row) (tied, error) {
		var t tied
		return t, r.Scan(&t.account, &t.siret)
	}
	return db.One(ctx, tx, scan, `UPDATE identity_federated SET used_at = $1 WHERE provider = $2 AND subject = $3 AND idp = $4 RETURNING account_id, siret`,
		db.Micros(at), string(who.Provider), who.Subject, who.IDP)
}

func insertFederated(ctx context.Context, tx *db.Tx, account AccountID, who federatedID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_federated (provider, subject, idp, account_id, siret, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $6)`,
		string(who.Provider), who.Subject, who.IDP, string(account), who.SIRET, db.Micros(at))
	return err
}

func setFederatedSIRET(ctx context.Context, tx *db.Tx, who federatedID) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_federated SET siret = $1 WHERE provider = $2 AND subject = $3 AND idp = $4`, who.SIRET, string(who.Provider), who.Subject, who.IDP)
	return err
}

func tiesOf(ctx context.Context, q db.Querier, account AccountID) ([]Tie, error) {
	scan := func(r db.Row) (Tie, error) {
		var t Tie
		return t, r.Scan(&t.Provider, instant{&t.Since}, instant{&t.UsedAt})
	}
	return db.All(ctx, q, scan, `SELECT provider, created_at, used_at FROM identity_federated WHERE account_id = $1 ORDER BY created_at`, string(account))
}
