package identity

import (
	"context"

	"viaduc/internal/platform/db"
)

// moveInvitations gives the invitations of one organisation to another.
func moveInvitations(ctx context.Context, tx *db.Tx, from, into OrganisationID) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_invitation SET organisation_id = $1 WHERE organisation_id = $2`, string(into), string(from))
	return err
}
