package notice

import (
	"context"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/sms"
)

// Result is what happened to a message.
type Result string

// The results.
const (
	Postponed   Result = "postponed"   // quiet hours
	Reserved    Result = "reserved"    // its cost is claimed; it is being handed over
	Sent        Result = "sent"        // the mail server, or the gateway, has it
	OnAScreen   Result = "on_screen"   // nothing is set up: it waits to be read on a screen
	Delivered   Result = "delivered"   // the telephone has it
	Undelivered Result = "undelivered" // accepted, then lost
	Retried     Result = "retried"     // failed, to be tried again
	Refused     Result = "refused"     // this contact cannot be written to
	NoCredit    Result = "no_credit"   // the provider's contract is used up
	Capped      Result = "capped"      // the month's cap is reached
	TooQuiet    Result = "too_quiet"   // the quiet hours last beyond the fact
	NoGateway   Result = "no_gateway"  // no text message can be sent here any more
	GaveUp      Result = "gave_up"     // failed too often, or for too long
	Expired     Result = "expired"     // lost its use
	Withdrawn   Result = "withdrawn"   // what it announced is no longer so
	Called      Result = "called"      // a person of the staff told it by telephone
	NoAnswer    Result = "no_answer"   // called in vain
	Printed     Result = "printed"     // on paper
)

// Receipt is one line of what happened to a message.
type Receipt struct {
	At       time.Time
	Channel  Channel
	Result   Result
	Provider string     // "smtp", "json", "form", "outbox"; empty where none was asked
	Segments int        // of a text message
	Cost     sms.Millis // negative where a reservation is given back
	Error    string     // a code
	By       audit.Actor
}

// receipt is a Receipt to write.
type receipt struct {
	Result     Result
	provider   string
	providerID string
	segments   int
	cost       sms.Millis
	month      string
	err        string
	actor      audit.Actor
}

func (r receipt) by() audit.Actor {
	if r.actor == "" {
		return audit.System
	}
	return r.actor
}

func (s *Service) receiptTx(ctx context.Context, tx *db.Tx, m message, r receipt) error {
	if r.month == "" {
		r.month = month(s.here())
	}
	_, err := db.Exec(ctx, tx, `INSERT INTO notice_receipt (id, message_id, at, channel, result, provider, provider_id, segments, cost_millis, month, error, actor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		id.New(), m.id, db.Micros(s.now()), m.channel, r.Result, r.provider, r.providerID, r.segments, r.cost, r.month, r.err, r.by())
	return err
}

func scanReceipt(r db.Row) (Receipt, error) {
	var out Receipt
	var at int64
	err := r.Scan(&at, &out.Channel, &out.Result, &out.Provider, &out.Segments, &out.Cost, &out.Error, &out.By)
	out.At = db.Time(at)
	return out, err
}

// receipts is what happened to a message, in order; an unknown one has none.
func (s *Service) receipts(ctx context.Context, message ID) ([]Receipt, error) {
	return db.All(ctx, s.db, scanReceipt, `SELECT at, channel, result, provider, segments, cost_millis, error, actor FROM notice_receipt
		WHERE message_id = $1 ORDER BY at, id`, message)
}

// accepted returns the provider and its id of the last handing over of a message; fault.NotFound when there was none.
func accepted(ctx context.Context, q db.Querier, message ID) (provider, providerID string, err error) {
	pair, err := db.One(ctx, q, func(r db.Row) ([2]string, error) {
		var p [2]string
		return p, r.Scan(&p[0], &p[1])
	}, `SELECT provider, provider_id FROM notice_receipt WHERE message_id = $1 AND result = 'sent' ORDER BY at DESC, id DESC LIMIT 1`, message)
	return pair[0], pair[1], err
}
