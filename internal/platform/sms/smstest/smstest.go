// Package smstest holds what every driver of package sms must do (Run), and stand-ins on loopback for the two shapes of
// provider (NewJSON, NewForm), which behave by the end of the number that they are given.
package smstest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/platform/sms"
)

// Numbers of the range that Arcep keeps for works of fiction. A stand-in accepts Good ones and answers the others as
// their names say.
const (
	Good    = "+33639980000"
	Refused = "+33639980001" // the number is wrong
	Broken  = "+33639980002" // the provider is out of order
	Credit  = "+33639980003" // the contract has no credit left
	Busy    = "+33639980004" // too many requests
	Stopped = "+33639980005" // its owner said stop
	Hanging = "+33639980006" // the provider does not answer in time
	Garbled = "+33639980007" // the provider answers what is no answer
)

// Provider is a stand-in for a gateway, on loopback.
type Provider struct {
	Address string // https and http are not told apart: http://127.0.0.1:port/path

	mu         sync.Mutex
	held       []sms.Message
	senders    []string
	deliveries map[string]string // by id, in the provider's words
	release    chan struct{}
}

// Secret is the token, or the password, that a Provider wants; User goes with it where there is one.
const (
	User   = "viaduc"
	Secret = "s3cret"
)

// Messages returns what was accepted, in order.
func (p *Provider) Messages() []sms.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]sms.Message(nil), p.held...)
}

// Senders returns the sender of each accepted message.
func (p *Provider) Senders() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.senders...)
}

// Deliver says, in the provider's words, what became of the message of that id.
func (p *Provider) Deliver(id, word string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deliveries[id] = word
}

func (p *Provider) delivery(id string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	word, ok := p.deliveries[id]
	return word, ok
}

// accept files a message and returns its id.
func (p *Provider) accept(m sms.Message, sender string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held, p.senders = append(p.held, m), append(p.senders, sender)
	id := fmt.Sprintf("m-%d", len(p.held))
	p.deliveries[id] = "queued"
	return id
}

func start(t testing.TB, path string, h func(p *Provider, w http.ResponseWriter, r *http.Request)) *Provider {
	t.Helper()
	p := &Provider{deliveries: map[string]string{}, release: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(p, w, r) }))
	t.Cleanup(func() { close(p.release); server.Close() })
	p.Address = server.URL + path
	return p
}

// hang waits until the caller gives up, or the test ends.
func (p *Provider) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-p.release:
	}
}

// refusal is how a stand-in answers a number: a status and a code, or a status alone.
type refusal struct {
	status int
	code   string
}

// NewJSON starts a provider that takes JSON and a bearer token.
func NewJSON(t testing.TB) *Provider {
	refusals := map[string]refusal{
		Refused: {422, "invalid_number"}, Broken: {503, ""}, Credit: {402, "insufficient_credit"}, Busy: {429, "rate"}, Stopped: {400, "recipient_blacklisted"},
	}
	return start(t, "/v1/messages", func(p *Provider, w http.ResponseWriter, r *http.Request) {
		say := func(status int, fields map[string]any) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(fields) // the driver left
		}
		if r.Header.Get("Authorization") != "Bearer "+Secret {
			say(401, map[string]any{"code": "unauthorized"})
			return
		}
		if id, ok := strings.CutPrefix(r.URL.Path, "/v1/messages/"); ok && r.Method == http.MethodGet {
			word, ok := p.delivery(id)
			if !ok {
				say(404, map[string]any{"code": "unknown"})
				return
			}
			say(200, map[string]any{"id": id, "status": word})
			return
		}
		var in struct{ To, From, Text, Reference string }
		if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&in) != nil {
			say(400, map[string]any{"code": "malformed"})
			return
		}
		switch no, refused := refusals[in.To]; {
		case refused:
			say(no.status, map[string]any{"code": no.code, "message": "We cannot write to " + in.To})
		case in.To == Hanging:
			p.hang(r)
		case in.To == Garbled:
			_, _ = w.Write([]byte("<html>maintenance de +33639980007</html>"))
		default:
			id := p.accept(sms.Message{To: in.To, Text: in.Text, Ref: in.Reference}, in.From)
			say(201, map[string]any{"id": id, "segments": sms.Segments(in.Text), "status": "queued"})
		}
	})
}

// NewForm starts a provider that takes a form, a user and a password, and answers a line.
func NewForm(t testing.TB) *Provider {
	refusals := map[string]refusal{
		Refused: {200, "35 | Numéro de destinataire invalide"}, Broken: {200, "2 | Internal error"}, Credit: {200, "33 | Crédit insuffisant"},
		Busy: {429, "1 | Busy"}, Stopped: {200, "36 | STOP du destinataire"},
	}
	return start(t, "/envoi", func(p *Provider, w http.ResponseWriter, r *http.Request) {
		say := func(status int, line string) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(line + "\n"))
		}
		user, password, _ := r.BasicAuth()
		if user != User || password != Secret {
			say(401, "32 | Authentification")
			return
		}
		if r.Method == http.MethodGet {
			word, ok := p.delivery(r.URL.Query().Get("id"))
			if !ok {
				word = "?"
			}
			say(200, "0 | "+word)
			return
		}
		to := r.PostFormValue("to")
		switch no, refused := refusals[to]; {
		case refused:
			say(no.status, no.code)
		case to == Hanging:
			p.hang(r)
		case to == Garbled:
			say(200, "<html>maintenance de +33639980007</html>")
		default:
			say(200, "0 | Accepté | "+p.accept(sms.Message{To: to, Text: r.PostFormValue("text"), Ref: r.PostFormValue("reference")}, r.PostFormValue("from")))
		}
	})
}

// Box is a driver under test, and what it has carried so far.
type Box struct {
	Gateway sms.Gateway
	Seen    func() []sms.Message
}

// Run checks that a driver carries texts whole, refuses what is no message before anybody bills it, and obeys its
// context. open returns a fresh, empty Box.
func Run(t *testing.T, open func(t *testing.T) Box) {
	t.Run("carries texts whole", func(t *testing.T) { carriesWhole(t, open(t)) })
	t.Run("refuses what is no message", func(t *testing.T) { refuses(t, open(t)) })
	t.Run("obeys its context", func(t *testing.T) { obeys(t, open(t)) })
}

func carriesWhole(t *testing.T, b Box) {
	for i, text := range []string{"Rendez-vous mardi 5 mai à 14 h. Répondez à l'accueil.", "a=1&b=2%20+c\n\"d\" ; <e>", "مرحبا 🚲", strings.Repeat("Long. ", 60)} {
		want := sms.Message{To: Good, Text: text, Ref: fmt.Sprint("ref-", i)}
		r, err := b.Gateway.Send(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Seen(); len(got) != i+1 || got[i] != want {
			t.Errorf("arrived: %+v, want %+v last", got, want)
		}
		if r.Segments != sms.Segments(text) || r.Provider == "" || !r.Kept && r.ID == "" {
			t.Errorf("receipt %+v of %q, want %d segments", r, text, sms.Segments(text))
		}
	}
}

func refuses(t *testing.T, b Box) {
	for _, m := range []sms.Message{
		{To: "", Text: "x"}, {To: "0639980000", Text: "x"}, {To: "+32470000000", Text: "x"}, {To: Good + "\r\nX: y", Text: "x"}, {To: "+336399800001", Text: "x"},
	} {
		if _, err := b.Gateway.Send(t.Context(), m); sms.KindOf(err) != sms.RefusedNumber {
			t.Errorf("to %q: %v, want a refused number", m.To, err)
		}
	}
	for _, text := range []string{"", " \n", strings.Repeat("x", 2000)} {
		if _, err := b.Gateway.Send(t.Context(), sms.Message{To: Good, Text: text}); sms.KindOf(err) != sms.Setup {
			t.Errorf("a text of %d signs: %v, want setup", len(text), err)
		}
	}
	if got := b.Seen(); len(got) != 0 {
		t.Errorf("%d messages passed", len(got))
	}
}

func obeys(t *testing.T, b Box) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	if _, err := b.Gateway.Send(ctx, sms.Message{To: Good, Text: "x"}); err == nil {
		t.Error("a message went out although its context had ended")
	}
	if got := b.Seen(); len(got) != 0 {
		t.Errorf("%d messages passed", len(got))
	}
}

// Transport is a client of its own for one node of several, so that nodes share no connection.
func Transport() http.RoundTripper {
	t, _ := http.DefaultTransport.(*http.Transport)
	return t.Clone()
}
