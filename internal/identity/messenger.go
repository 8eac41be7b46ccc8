package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// Messenger says things to people. Package app plugs in what really sends.
type Messenger interface {
	// SendTx plans a message in the caller's transaction: it leaves only if that lands, and never after m.Until. It must
	// not wait for any network, so that known and unknown people are answered in the same time.
	SendTx(ctx context.Context, tx *db.Tx, m Message) error
}

// Event is what a message is about: it chooses the words.
type Event string

// The events.
const (
	EventInvitation Event = "identity.invitation" // Link opens the invitation
	EventCode       Event = "identity.code"       // Code is to be typed
	EventReset      Event = "identity.reset"      // Link chooses a new password
	EventReproof    Event = "identity.reproof"    // Link chooses a new password and factor, after two people vouched
	EventChanged    Event = "identity.changed"    // password, factor or card changed: was it you?
	EventSlowed     Event = "identity.slowed"     // somebody fails again and again at your account
)

// Message is something to say to one person.
type Message struct {
	Event   Event
	Account AccountID // whose it is; "" for somebody without an account yet
	Email   string    // where: an address, or
	Phone   string    // a telephone in its international form
	Link    string    // path of a page with one button: "/invitation/..."; a secret
	Code    string    // six digits; a secret
	What    string    // for EventChanged: a word of a closed list
	Until   time.Time // worth nothing after
}

// canSend reports fault.Unavailable when nothing can be sent here.
func (s *Service) canSend() error {
	if s.messenger == nil {
		return fault.New(fault.Unavailable, "identity.no_messenger")
	}
	return nil
}

// tell sends what a person should know of their own account, where it can be sent.
func (s *Service) tell(ctx context.Context, tx *db.Tx, a Account, event Event, what string) error {
	if s.messenger == nil || a.Email == "" && a.Phone == "" {
		return nil
	}
	m := Message{Event: event, Account: a.ID, Email: a.Email, What: what, Until: s.now().Add(7 * 24 * time.Hour)}
	if m.Email == "" {
		m.Phone = a.Phone
	}
	return s.messenger.SendTx(ctx, tx, m)
}
