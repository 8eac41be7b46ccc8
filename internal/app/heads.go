package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
)

// headEvent is the journal's signed head, sent each day to whoever keeps heads out of reach of this machine's owner.
var headEvent = notice.Event{
	Key: "audit.head", Announces: "la preuve du journal", Channels: []notice.Channel{notice.Email}, Fields: []string{"size", "root", "previous", "signature"},
	Texts: messageFiles, Useful: 7 * 24 * time.Hour, Sample: map[string]string{
		"size": "8010", "root": "J3hM0dz0Wk5rVQd1m0h1B2nS3c4YwqKfYQm8m3m0c1A=", "previous": "previous head 7993 5f0d", "signature": "viaduc.exemple.example Vqz0",
	},
}

// headSender sends heads to the data protection officers; where there is none, to the administrators.
type headSender struct {
	identity *identity.Service
	notices  *notice.Service
}

// HeadSender is how signed heads reach those who keep them.
func (c *Core) HeadSender() audit.HeadSender { return headSender{c.Identity, c.Notices} }

// SendHeadTx plans the messages in the transaction that notes the head as sent.
func (s headSender) SendHeadTx(ctx context.Context, tx *db.Tx, h audit.Head) error {
	fields, err := headFields(h.Note)
	if err != nil {
		return err
	}
	keepers, err := s.identity.Holders(ctx, tx, identity.DPO)
	if err == nil && len(keepers) == 0 {
		keepers, err = s.identity.Holders(ctx, tx, identity.Administrator)
	}
	if err != nil {
		return err
	}
	for _, a := range keepers {
		err := s.notices.SendTx(ctx, tx, notice.NewMessage{
			Event: headEvent.Key, Key: fmt.Sprintf("head %d", h.Size), To: notice.Recipient{Ref: "account:" + string(a.ID), Email: a.Email}, Fields: fields,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// headFields takes a signed head apart, for a message whose text puts it together again to the letter.
func headFields(note string) (map[string]string, error) {
	text, signature, ok := strings.Cut(strings.TrimSuffix(note, "\n"), "\n\n— ")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) < 3 || len(lines) > 4 || strings.Contains(signature, "\n") {
		return nil, fmt.Errorf("a head of %d lines cannot be sent", len(lines))
	}
	out := map[string]string{"size": lines[1], "root": lines[2], "previous": "", "signature": signature}
	if len(lines) == 4 {
		out["previous"] = lines[3]
	}
	return out, nil
}
