// Package fault names the few ways in which a use case can refuse, so that one place turns a refusal into a page
// (internal/ui) and one place into JSON (internal/api).
//
// A fault carries a kind, a message key with its arguments (the words are formatted at the edge, in the reader's
// language, never stored) and, for forms, one message per field. Every error without a kind is internal: it is shown
// with a reference number and logged once, at the edge.
//
// The package deliberately knows nothing of HTTP, of languages and of our trade.
package fault

import (
	"errors"
	"strings"
)

// Kind says in which way a use case refused.
type Kind string

// The kinds. An error that has none is Internal.
const (
	Internal        Kind = ""                // a defect or a broken machine: not the caller's doing
	Invalid         Kind = "invalid"         // the input breaks a rule; Fields says where
	NotFound        Kind = "not_found"       // unknown, or outside the caller's scope: both answer alike
	Forbidden       Kind = "forbidden"       // known, but this role may not
	Unauthenticated Kind = "unauthenticated" // nobody is logged in
	Conflict        Kind = "conflict"        // somebody was faster, or the state does not allow it any more
	TooMany         Kind = "too_many"        // slow down, or too large
	Unavailable     Kind = "unavailable"     // something we lean on does not answer; trying later helps
)

// Kinds lists every kind a fault can have, Internal left out.
func Kinds() []Kind {
	return []Kind{Invalid, NotFound, Forbidden, Unauthenticated, Conflict, TooMany, Unavailable}
}

// Message is a sentence by its key in the locale files, with name and value pairs for its arguments.
type Message struct {
	Key  string
	Args []any
}

// Error is a refusal. Its zero value is not useful: build one with New or one of its friends.
type Error struct {
	Kind    Kind
	Message Message
	Fields  map[string]Message // by form field or column name; nil when the whole is refused
}

// New returns a fault of kind k whose sentence is the message key, with name and value pairs as arguments.
func New(k Kind, key string, args ...any) *Error {
	return &Error{Kind: k, Message: Message{Key: key, Args: args}}
}

// With adds the message of one field and returns the same fault.
func (e *Error) With(field, key string, args ...any) *Error {
	if e.Fields == nil {
		e.Fields = map[string]Message{}
	}
	e.Fields[field] = Message{Key: key, Args: args}
	return e
}

// Error is for logs and for developers: the kind and the message key, never the arguments, which may name people.
func (e *Error) Error() string {
	parts := []string{string(e.Kind), e.Message.Key}
	return strings.Join(parts, ": ")
}

// Is reports whether err, or an error it wraps, is a fault of kind k. Is(err, Internal) is true for every non-nil
// error that carries no kind.
func Is(err error, k Kind) bool {
	return err != nil && KindOf(err) == k
}

// KindOf returns the kind of err, Internal when it carries none (nil included).
func KindOf(err error) Kind {
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return Internal
}

// As returns the fault that err is or wraps, and false when it carries none.
func As(err error) (*Error, bool) {
	var f *Error
	ok := errors.As(err, &f)
	return f, ok
}
