// Package sms hands short text messages to a provider's HTTP gateway, and counts what they cost.
//
// # Drivers
//
// NewJSON speaks to gateways that take a JSON object and a bearer token, NewForm to those that take a form and a user
// with a password, and answer a line; Outbox keeps the last messages in memory for a screen where nothing is set up.
// Providers name their fields differently: Settings says how. All drivers pass the same suite, smstest.Run.
//
// # Money
//
// A message is billed by segments: 160 signs of the GSM alphabet (153 when there are several), but 70 (67) as soon as
// one sign is outside it. Segments counts them; Fit writes French so that it stays inside. A cost is in thousandths of
// a euro, since a segment costs some cents and a fraction.
//
// Errors carry a Kind that says what to do next, and never the number, nor the text, nor what the provider said in
// words.
package sms

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Message is a text to one telephone.
type Message struct {
	To   string // as Number returns it
	Text string
	Ref  string // ours: the same for a message sent again, so that a provider that looks can send it once
}

// Receipt says what became of a message.
type Receipt struct {
	Provider string // "json", "form", "outbox"
	ID       string // the provider's, to ask for its delivery; empty when it gave none
	Segments int    // as the provider bills them, ours when it does not say
	Kept     bool   // it went nowhere: it waits to be read on a screen
}

// Gateway carries messages. It is safe for concurrent use.
type Gateway interface {
	// Send hands the message over. A nil error means that the provider has accepted it, not that it has arrived.
	Send(ctx context.Context, m Message) (Receipt, error)
	// Delivery asks what became of an accepted message, by the ID of its receipt.
	Delivery(ctx context.Context, id string) (Delivery, error)
}

// Delivery is where an accepted message stands.
type Delivery string

// The deliveries.
const (
	Pending   Delivery = "pending"   // under way
	Delivered Delivery = "delivered" // the telephone has it
	Failed    Delivery = "failed"    // it will not arrive
	Unknown   Delivery = "unknown"   // the provider does not say
)

// Kind says what a failure means for the message.
type Kind string

// The kinds. An error without kind is Temporary.
const (
	RefusedNumber Kind = "refused_number" // this telephone cannot be written to: wrong, or its owner said stop
	Temporary     Kind = "temporary"      // the same message may pass later
	Quota         Kind = "quota"          // nothing passes until the contract is credited
	Setup         Kind = "setup"          // our own settings are refused: nothing passes until somebody looks
)

// Error is why a message was not accepted.
type Error struct {
	Kind Kind
	Code string // of the provider, or an HTTP status; letters and digits only
}

func (e *Error) Error() string {
	if e.Code == "" {
		return "sms " + string(e.Kind)
	}
	return fmt.Sprintf("sms %s (%s)", e.Kind, e.Code)
}

// KindOf returns the kind of err, Temporary when it carries none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Temporary
}

// Millis is an amount in thousandths of a euro.
type Millis int64

// Cents is m in cents, rounded up: what is spent is never shown as less.
func (m Millis) Cents() int64 { return (int64(m) + 9) / 10 }

// ErrPrice says that a price cannot be one.
var ErrPrice = errors.New("price of a text message")

// ParsePrice reads an amount in euros with at most three decimals, "0.045" or "0,045". It reports ErrPrice for what is
// none, or more than a euro.
func ParsePrice(text string) (Millis, error) {
	whole, decimals, _ := strings.Cut(strings.Replace(strings.TrimSpace(text), ",", ".", 1), ".")
	if len(decimals) > 3 {
		return 0, ErrPrice
	}
	n, err := strconv.ParseUint(whole+(decimals + "000")[:3], 10, 31)
	if err != nil || whole == "" || n > 1000 {
		return 0, ErrPrice
	}
	return Millis(n), nil
}

// Cost is what a text costs at a price per segment.
func Cost(text string, perSegment Millis) Millis { return Millis(Segments(text)) * perSegment }

// check refuses what cannot be a message before a provider bills it.
func (m Message) check() error {
	if n, ok := Number(m.To); !ok || n != m.To {
		return &Error{Kind: RefusedNumber, Code: "form"}
	}
	if strings.TrimSpace(m.Text) == "" || Segments(m.Text) > maxSegments {
		return &Error{Kind: Setup, Code: "text"}
	}
	return nil
}

// maxSegments is more than any of our messages takes: beyond it something is wrong, and dear.
const maxSegments = 8
