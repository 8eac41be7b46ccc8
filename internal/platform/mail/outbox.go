package mail

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

// Send keeps m as it would have gone out.
func (o *Outbox) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	m, err := m.check()
	if err != nil {
		return Receipt{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.held) == outboxSize {
		o.held = slices.Delete(o.held, 0, 1)
	}
	o.held = append(o.held, m)
	return Receipt{Provider: "outbox", Kept: true}, nil
}

// Messages returns what is kept, oldest first.
func (o *Outbox) Messages() []Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.held)
}
