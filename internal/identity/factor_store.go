package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

func scanTOTP(r db.Row) (totpDevice, error) {
	var d totpDevice
	return d, r.Scan(&d.id, &d.name, &d.secret, &d.last)
}

func totpDevices(ctx context.Context, q db.Querier, account AccountID) ([]totpDevice, error) {
	return db.All(ctx, q, scanTOTP, `SELECT id, name, secret, last_step FROM identity_totp WHERE account_id = $1 ORDER BY created_at, id`, string(account))
}

func insertTOTP(ctx context.Context, tx *db.Tx, account AccountID, d totpDevice, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_totp (id, account_id, name, secret, last_step, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		d.id, string(account), d.name, d.secret, d.last, db.Micros(at))
	return err
}

// useTOTP is the one conditional write by which a step is used once.
func useTOTP(ctx context.Context, tx *db.Tx, device string, step int64, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_totp SET last_step = $1, used_at = $2 WHERE id = $3 AND last_step < $1`, step, db.Micros(at), device)
}

func putRecovery(ctx context.Context, tx *db.Tx, account AccountID, hashes [][]byte) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM identity_recovery WHERE account_id = $1`, string(account)); err != nil {
		return err
	}
	rows := make([][]any, 0, len(hashes))
	for _, h := range hashes {
		rows = append(rows, []any{string(account), h})
	}
	return db.InsertMany(ctx, tx, "identity_recovery (account_id, code_hash)", 2, rows, "")
}

// useRecovery is the one conditional write by which a code is used once.
func useRecovery(ctx context.Context, tx *db.Tx, account AccountID, hash []byte, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_recovery SET used_at = $1 WHERE account_id = $2 AND code_hash = $3 AND used_at IS NULL`, db.Micros(at), string(account), hash)
}

// factors counts what an account can log in with.
type factors struct {
	password bool
	totp     int64
	passkeys int64
	recovery int64 // codes left
}

func factorsOf(ctx context.Context, q db.Querier, account AccountID) (factors, error) {
	scan := func(r db.Row) (factors, error) {
		var f factors
		return f, r.Scan(&f.password, &f.totp, &f.passkeys, &f.recovery)
	}
	f, err := db.One(ctx, q, scan, `SELECT password <> '',
		(SELECT count(*) FROM identity_totp WHERE account_id = a.id),
		(SELECT count(*) FROM identity_passkey WHERE account_id = a.id),
		(SELECT count(*) FROM identity_recovery WHERE account_id = a.id AND used_at IS NULL)
		FROM identity_account a WHERE a.id = $1`, string(account))
	return f, named(err)
}

// forgetFactors removes everything that an account could log in with.
func forgetFactors(ctx context.Context, tx *db.Tx, account AccountID) error {
	for _, text := range []string{
		`DELETE FROM identity_totp WHERE account_id = $1`,
		`DELETE FROM identity_passkey WHERE account_id = $1`,
		`DELETE FROM identity_recovery WHERE account_id = $1`,
		`UPDATE identity_account SET password = '' WHERE id = $1`,
	} {
		if _, err := db.Exec(ctx, tx, text, string(account)); err != nil {
			return err
		}
	}
	return nil
}

// passwordOf returns the kept text of an account; "" for none.
func passwordOf(ctx context.Context, q db.Querier, account AccountID) (string, error) {
	text, err := db.One(ctx, q, db.Value[string], `SELECT password FROM identity_account WHERE id = $1`, string(account))
	return text, named(err)
}

func setPassword(ctx context.Context, tx *db.Tx, account AccountID, kept string) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET password = $1 WHERE id = $2`, kept, string(account))
	return err
}

// rehash replaces a kept text that nobody changed meanwhile.
func rehash(ctx context.Context, tx *db.Tx, account AccountID, old, kept string) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET password = $1 WHERE id = $2 AND password = $3`, kept, string(account), old)
	return err
}

// Passkey is a passkey as its owner sees it.
type Passkey struct {
	ID        string
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time // zero is never
}

func passkeysOf(ctx context.Context, q db.Querier, account AccountID) ([]Passkey, error) {
	scan := func(r db.Row) (Passkey, error) {
		var p Passkey
		return p, r.Scan(&p.ID, &p.Name, instant{&p.CreatedAt}, instant{&p.UsedAt})
	}
	return db.All(ctx, q, scan, `SELECT id, name, created_at, used_at FROM identity_passkey WHERE account_id = $1 ORDER BY created_at, id`, string(account))
}

// credentialsOf returns the JSON of the passkeys of an account, as the WebAuthn library keeps them.
func credentialsOf(ctx context.Context, q db.Querier, account AccountID) ([]string, error) {
	return db.All(ctx, q, db.Value[string], `SELECT credential FROM identity_passkey WHERE account_id = $1 ORDER BY created_at, id`, string(account))
}

func insertPasskey(ctx context.Context, tx *db.Tx, account AccountID, p Passkey, credential []byte, json string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_passkey (id, account_id, credential_id, credential, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		p.ID, string(account), credential, json, p.Name, db.Micros(p.CreatedAt))
	return err
}

func usePasskey(ctx context.Context, tx *db.Tx, credential []byte, json string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_passkey SET credential = $1, used_at = $2 WHERE credential_id = $3`, json, db.Micros(at), credential)
	return err
}

func renamePasskey(ctx context.Context, tx *db.Tx, account AccountID, passkey, name string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_passkey SET name = $1 WHERE id = $2 AND account_id = $3`, name, passkey, string(account))
}

func deletePasskey(ctx context.Context, tx *db.Tx, account AccountID, passkey string) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM identity_passkey WHERE id = $1 AND account_id = $2`, passkey, string(account))
}

func deleteTOTP(ctx context.Context, tx *db.Tx, account AccountID, device string) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM identity_totp WHERE id = $1 AND account_id = $2`, device, string(account))
}

// confirmSession writes when the second factor was given again in an open session, which gets a new token.
func confirmSession(ctx context.Context, tx *db.Tx, session SessionID, hash []byte, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_session SET token_hash = $1, second_factor_at = $2 WHERE id = $3 AND closed_at IS NULL`, hash, db.Micros(at), string(session))
}

// carrySession moves an open session to the newest epoch of its account, with a new token: it alone outlives a change.
func carrySession(ctx context.Context, tx *db.Tx, session SessionID, hash []byte) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_session SET token_hash = $1,
		epoch = (SELECT epoch FROM identity_account WHERE id = identity_session.account_id) WHERE id = $2 AND closed_at IS NULL`, hash, string(session))
}
