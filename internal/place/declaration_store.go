package place

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"viaduc/internal/platform/db"
)

const declarationCols = `id, reference, COALESCE(place_id, ''), email, token_hash, said, base, step, state, reason, version, mails,
	mailed_at, created_at, changed_at, sent_at, decided_at`

func scanDeclaration(r db.Row) (Declaration, error) {
	var d Declaration
	var said, base string
	var mailed, created, changed, sent, decided int64
	err := r.Scan(&d.ID, &d.Reference, &d.PlaceID, &d.Email, &d.tokenHash, &said, &base, &d.Step, &d.State, &d.Reason, &d.Version, &d.mails,
		&mailed, &created, &changed, &sent, &decided)
	if err != nil {
		return d, err
	}
	d.mailedAt, d.CreatedAt, d.ChangedAt = db.TimeOrZero(mailed), db.TimeOrZero(created), db.TimeOrZero(changed)
	d.SentAt, d.DecidedAt = db.TimeOrZero(sent), db.TimeOrZero(decided)
	if err := json.Unmarshal([]byte(said), &d.Values); err != nil {
		return d, fmt.Errorf("values of a declaration: %w", err)
	}
	if err := json.Unmarshal([]byte(base), &d.Base); err != nil {
		return d, fmt.Errorf("base of a declaration: %w", err)
	}
	return d, nil
}

func jsonOf(values map[string]string) string {
	raw, err := json.Marshal(values) // keys come out sorted; nil is null
	if err != nil {
		panic(err) // a map of strings
	}
	return string(raw)
}

func insertDeclaration(ctx context.Context, tx *db.Tx, d Declaration) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO place_declaration (id, reference, place_id, email, token_hash, said, base, step, state, reason, version, mails,
		mailed_at, created_at, changed_at, sent_at, decided_at) VALUES ($1, $2, NULLIF($3, ''), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		d.ID, d.Reference, string(d.PlaceID), d.Email, d.tokenHash, jsonOf(d.Values), jsonOf(d.Base), d.Step, string(d.State), d.Reason, d.Version, d.mails,
		db.MicrosOrZero(d.mailedAt), db.MicrosOrZero(d.CreatedAt), db.MicrosOrZero(d.ChangedAt), db.MicrosOrZero(d.SentAt), db.MicrosOrZero(d.DecidedAt))
	return err
}

// updateDeclaration writes all that changes of a declaration, which the caller has locked.
func updateDeclaration(ctx context.Context, tx *db.Tx, d Declaration) error {
	_, err := db.Exec(ctx, tx, `UPDATE place_declaration SET place_id = NULLIF($2, ''), email = $3, said = $4, base = $5, step = $6, state = $7, reason = $8,
		version = $9, mails = $10, mailed_at = $11, changed_at = $12, sent_at = $13, decided_at = $14 WHERE id = $1`,
		d.ID, string(d.PlaceID), d.Email, jsonOf(d.Values), jsonOf(d.Base), d.Step, string(d.State), d.Reason,
		d.Version, d.mails, db.MicrosOrZero(d.mailedAt), db.MicrosOrZero(d.ChangedAt), db.MicrosOrZero(d.SentAt), db.MicrosOrZero(d.DecidedAt))
	return err
}

func deleteDeclaration(ctx context.Context, tx *db.Tx, declaration string) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM place_declaration WHERE id = $1`, declaration)
	return err
}

const oneDeclaration = `SELECT ` + declarationCols + ` FROM place_declaration WHERE `

func declarationByToken(ctx context.Context, q db.Querier, hash string) (Declaration, error) {
	return db.One(ctx, q, scanDeclaration, oneDeclaration+`token_hash = $1`, hash)
}

func declarationByID(ctx context.Context, q db.Querier, declaration string) (Declaration, error) {
	return db.One(ctx, q, scanDeclaration, oneDeclaration+`id = $1`, declaration)
}

// lockDeclaration returns the declaration of a link, which nobody else changes until the transaction ends.
func lockDeclaration(ctx context.Context, tx *db.Tx, hash string) (Declaration, error) {
	if _, err := db.Exec(ctx, tx, `UPDATE place_declaration SET version = version WHERE token_hash = $1`, hash); err != nil {
		return Declaration{}, err
	}
	return declarationByToken(ctx, tx, hash)
}

// lockDeclarationByID is lockDeclaration for the team and for retention. fault.NotFound when there is none.
func lockDeclarationByID(ctx context.Context, tx *db.Tx, declaration string) (Declaration, error) {
	if _, err := db.Exec(ctx, tx, `UPDATE place_declaration SET version = version WHERE id = $1`, declaration); err != nil {
		return Declaration{}, err
	}
	return declarationByID(ctx, tx, declaration)
}

// lockNumber makes this the only transaction about a number until it ends: there may be no row yet that it could touch.
// SQLite has one writer.
func lockNumber(ctx context.Context, tx *db.Tx, n int64) error {
	_, err := db.One(ctx, tx, db.Value[string], tx.Engine().Pick(`SELECT CAST($1 AS TEXT)`, `SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)`), n)
	return err
}

// linksMailed counts the links that an address was mailed on demand since an instant.
func linksMailed(ctx context.Context, q db.Querier, email string, since time.Time) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT CAST(COALESCE(SUM(mails), 0) AS BIGINT) FROM place_declaration WHERE email = $1 AND mailed_at > $2`,
		email, db.MicrosOrZero(since))
}

// declarationOf is the declaration by which an address may correct a place, the newest; fault.NotFound when there is none.
func declarationOf(ctx context.Context, tx *db.Tx, place ID, email string) (Declaration, error) {
	found, err := db.One(ctx, tx, db.Value[string], `SELECT id FROM place_declaration WHERE place_id = $1 AND email = $2 ORDER BY created_at DESC, id DESC LIMIT 1`,
		string(place), email)
	if err != nil {
		return Declaration{}, err
	}
	return lockDeclarationByID(ctx, tx, found)
}

func declarationsSent(ctx context.Context, q db.Querier) ([]Declaration, error) {
	return db.All(ctx, q, scanDeclaration, oneDeclaration+`state = 'sent' ORDER BY sent_at, id`)
}

func draftsBefore(ctx context.Context, q db.Querier, before time.Time, after Declaration, limit int) ([]Declaration, error) {
	return db.All(ctx, q, scanDeclaration, oneDeclaration+`state = 'draft' AND changed_at < $1 AND (changed_at, id) > ($2, $3) ORDER BY changed_at, id LIMIT $4`,
		db.MicrosOrZero(before), db.MicrosOrZero(after.ChangedAt), after.ID, limit)
}

func declarersBefore(ctx context.Context, q db.Querier, before time.Time, after Declaration, limit int) ([]Declaration, error) {
	return db.All(ctx, q, scanDeclaration, oneDeclaration+`state IN ('accepted', 'refused') AND email <> '' AND decided_at < $1 AND (decided_at, id) > ($2, $3)
		ORDER BY decided_at, id LIMIT $4`, db.MicrosOrZero(before), db.MicrosOrZero(after.DecidedAt), after.ID, limit)
}

func declarationByReference(ctx context.Context, q db.Querier, reference string) (Declaration, error) {
	return db.One(ctx, q, scanDeclaration, oneDeclaration+`reference = $1`, reference)
}

// declarerOf is the address of whoever declared a place, the last accepted first; "" when nobody did, or it was erased.
func declarerOf(ctx context.Context, q db.Querier, place ID) (string, error) {
	found, err := db.All(ctx, q, db.Value[string], `SELECT email FROM place_declaration WHERE place_id = $1 AND state = 'accepted' AND email <> ''
		ORDER BY decided_at DESC, id DESC LIMIT 1`, string(place))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}
