package app

import (
	"context"

	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

// messenger lets accounts tell people things: accounts stand below messages, and know neither channels nor words.
type messenger struct{ notices *notice.Service }

// SendTx plans a message in the transaction of its effect.
func (m messenger) SendTx(ctx context.Context, tx *db.Tx, in identity.Message) error {
	out := notice.NewMessage{
		Event: string(in.Event), Key: id.New(), To: notice.Recipient{Email: in.Email, Phone: in.Phone}, Path: in.Link, Until: in.Until, Fields: map[string]string{},
	}
	if in.Account != "" {
		out.To.Ref = "account:" + string(in.Account)
	}
	switch in.Event {
	case identity.EventCode:
		out.Fields["code"] = in.Code
	case identity.EventChanged:
		out.Fields["what"] = in.What
	}
	return m.notices.SendTx(ctx, tx, out)
}
