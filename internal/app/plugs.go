package app

import (
	"context"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
)

// plug tells accounts, which stand below everything, what follows from a merge of organisations, from a transfer, and from
// the erasure of a person.
func (c *Core) plug() {
	c.Identity.OnMerge(
		identity.MergeHook{Module: "lieux", Move: func(ctx context.Context, tx *db.Tx, from, into identity.OrganisationID) (int64, error) {
			return c.Places.MoveOwnedTx(ctx, tx, audit.System, from, into)
		}},
		identity.MergeHook{Module: "messages", Move: c.Notices.MoveTx},
	)
	c.Identity.OnTransfer(identity.ObjectPlace, func(ctx context.Context, tx *db.Tx, object string, into identity.OrganisationID) (identity.OrganisationID, error) {
		return c.Places.TransferTx(ctx, tx, audit.System, place.ID(object), into)
	})
	c.Identity.OnErase(
		func(ctx context.Context, tx *db.Tx, account identity.AccountID) error {
			return c.Notices.ForgetTx(ctx, tx, "account:"+string(account))
		},
		c.Places.ForgetSavedTx, c.Alerts.ForgetTx,
	)
}
