package sms

import (
	"context"
	"slices"
	"sync"
)

// outboxSize is how many messages an Outbox remembers.
const outboxSize = 200

// Outbox keeps the last messages in memory instead of sending them. Its zero value is ready.
type Outbox struct {
	mu   sync.Mutex
	held []Message
}

// Send keeps m.
func (o *Outbox) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	if err := m.check(); err != nil {
		return Receipt{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.held) == outboxSize {
		o.held = slices.Delete(o.held, 0, 1)
	}
	o.held = append(o.held, m)
	return Receipt{Provider: "outbox", Segments: Segments(m.Text), Kept: true}, nil
}

// Delivery knows nothing: nobody reads these messages but on a screen.
func (o *Outbox) Delivery(context.Context, string) (Delivery, error) { return Unknown, nil }

// Messages returns what is kept, oldest first.
func (o *Outbox) Messages() []Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.held)
}
