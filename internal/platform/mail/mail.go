// Package mail hands one plain-text message at a time to whoever carries it: a mail server (SMTP), or the Outbox, which
// keeps the last messages in memory for a screen where nothing is set up.
//
// Both drivers pass the same suite, mailtest.Run. A message has one recipient, so that nobody sees another's address,
// and no HTML, so that nothing is fetched when it is read. A line break in an address or a subject is refused before
// any server is asked: a header cannot be forged. What goes out is UTF-8 in quoted-printable, lines ending in CR LF.
//
// Errors carry a Kind that says what to do next, and never the address, nor what a server said about it.
//
// What a subject may say is the caller's rule.
package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Message is a message to one person.
type Message struct {
	ID          string // makes the Message-ID: the same for a message sent again, so that mailboxes show it once
	To          string // a bare address, as Address returns it
	Subject     string
	Text        string
	Unsubscribe string // address of the page where these messages can be stopped; empty where they cannot
}

// Receipt says what became of a message.
type Receipt struct {
	Provider string // "smtp", "outbox"
	Kept     bool   // it went nowhere: it waits to be read on a screen
}

// Sender carries messages. It is safe for concurrent use.
type Sender interface {
	// Send hands the message over. A nil error means that the next one in the chain has taken it, not that it was read.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Kind says what a failure means for the message.
type Kind string

// The kinds. An error without kind is Temporary.
const (
	Refused   Kind = "refused"   // this message will never pass: no such address, or it may not be written to
	Temporary Kind = "temporary" // the same message may pass later
	Setup     Kind = "setup"     // our own settings are refused: every message will fail until somebody looks
)

// Error is why a message was not taken.
type Error struct {
	Kind Kind
	Code int    // of the server, 0 when it gave none
	What string // what was being done; never an address
}

func (e *Error) Error() string {
	if e.Code == 0 {
		return fmt.Sprintf("mail %s: %s", e.Kind, e.What)
	}
	return fmt.Sprintf("mail %s: %s (%d)", e.Kind, e.What, e.Code)
}

// KindOf returns the kind of err, Temporary when it carries none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Temporary
}

// longest is what RFC 5321 allows an address in a command.
const longest = 254

// Address returns the bare address that text holds, its domain in lower case, and false when text is no address that
// mail servers of today take: one @, a domain with a dot, letters without accents, no display name.
func Address(text string) (string, bool) {
	text = strings.TrimSpace(text)
	a, err := netmail.ParseAddress(text)
	if err != nil || a.Name != "" || a.Address != text || len(text) > longest {
		return "", false
	}
	local, domain, _ := strings.Cut(text, "@")
	if strings.Contains(domain, "@") || !strings.Contains(strings.Trim(domain, "."), ".") {
		return "", false
	}
	for _, r := range text {
		if r > unicode.MaxASCII || r <= ' ' {
			return "", false
		}
	}
	return local + "@" + strings.ToLower(domain), true
}

// check returns m as it may go out. It refuses what could forge a header, and cleans the text: line ends are one kind,
// and control characters, which some servers read as the end of a message, are gone.
func (m Message) check() (Message, error) {
	to, ok := Address(m.To)
	if !ok {
		return Message{}, &Error{Kind: Refused, What: "recipient"}
	}
	m.To = to
	for _, header := range []string{m.Subject, m.ID, m.Unsubscribe} {
		if !utf8.ValidString(header) || strings.ContainsFunc(header, unicode.IsControl) {
			return Message{}, &Error{Kind: Refused, What: "header"}
		}
	}
	if strings.ContainsAny(m.ID+m.Unsubscribe, " <>,") {
		return Message{}, &Error{Kind: Refused, What: "header"}
	}
	m.Subject = strings.ReplaceAll(m.Subject, "=?", "= ?") // else it would be decoded, and say something else
	m.Text = cleanText(m.Text)
	return m, nil
}

func cleanText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(s, "\n") + "\n"
}
