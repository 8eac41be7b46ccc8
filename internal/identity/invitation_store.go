package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

const invitationCols = `id, organisation_id, role, scope_id, email, invited_by, created_at, expires_at, used_at, revoked_at`

func scanInvitation(r db.Row) (Invitation, error) {
	var i Invitation
	return i, r.Scan(&i.ID, &i.Organisation, &i.Role, text[ScopeID]{&i.Scope}, &i.Email, &i.InvitedBy, instant{&i.CreatedAt}, instant{&i.ExpiresAt},
		instant{&i.UsedAt}, instant{&i.RevokedAt})
}

func invitationByHash(ctx context.Context, q db.Querier, hash []byte) (Invitation, error) {
	return db.One(ctx, q, scanInvitation, `SELECT `+invitationCols+` FROM identity_invitation WHERE token_hash = $1`, hash)
}

func invitationByID(ctx context.Context, q db.Querier, invitation InvitationID) (Invitation, error) {
	i, err := db.One(ctx, q, scanInvitation, `SELECT `+invitationCols+` FROM identity_invitation WHERE id = $1`, string(invitation))
	return i, named(err)
}

func invitationsOf(ctx context.Context, q db.Querier, org OrganisationID) ([]Invitation, error) {
	return db.All(ctx, q, scanInvitation, `SELECT `+invitationCols+` FROM identity_invitation WHERE organisation_id = $1 ORDER BY created_at DESC, id DESC`, string(org))
}

func insertInvitation(ctx context.Context, tx *db.Tx, i Invitation, hash []byte) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_invitation (`+invitationCols+`, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		string(i.ID), string(i.Organisation), string(i.Role), optional(i.Scope), i.Email, i.InvitedBy, db.Micros(i.CreatedAt), db.Micros(i.ExpiresAt),
		micros(i.UsedAt), micros(i.RevokedAt), hash)
	return err
}

// useInvitation is the one conditional write by which an invitation is used once. The address goes with it.
func useInvitation(ctx context.Context, tx *db.Tx, invitation InvitationID, account AccountID, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_invitation SET used_at = $1, used_by = $2, email = ''
		WHERE id = $3 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $1`, db.Micros(now), string(account), string(invitation))
}

func revokeInvitation(ctx context.Context, tx *db.Tx, invitation InvitationID, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_invitation SET revoked_at = $1, email = '' WHERE id = $2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $1`,
		db.Micros(now), string(invitation))
}

// moveInvitations gives the invitations of one organisation to another.
func moveInvitations(ctx context.Context, tx *db.Tx, from, into OrganisationID) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_invitation SET organisation_id = $1 WHERE organisation_id = $2`, string(into), string(from))
	return err
}

// hasRole reports whether the account of an address has a role in an organisation already.
func hasRole(ctx context.Context, q db.Querier, email string, org OrganisationID, role Role) (bool, error) {
	n, err := db.One(ctx, q, db.Value[int64], `SELECT count(*) FROM identity_membership m JOIN identity_account a ON a.id = m.account_id
		WHERE a.kind = 'staff' AND a.email = $1 AND m.organisation_id = $2 AND m.role = $3 AND m.state <> 'ended'`, email, string(org), string(role))
	return n > 0, err
}
