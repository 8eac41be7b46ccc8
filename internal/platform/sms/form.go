package sms

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Form speaks to a gateway that takes a posted form with a user and a password (HTTP Basic), and answers a line
// "code | words | id", where code 0 is accepted. It tells "0 | status" at GET address?id=...
type Form struct{ caller }

// NewForm returns a driver; it connects to nothing.
func NewForm(s Settings) *Form { return &Form{newCaller(s)} }

func (g *Form) authorise(r *http.Request) { r.SetBasicAuth(g.User, g.Secret) }

// Send hands m to the gateway.
func (g *Form) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := m.check(); err != nil {
		return Receipt{}, err
	}
	form := url.Values{g.Fields.To: {m.To}, g.Fields.Text: {m.Text}}
	if g.Sender != "" {
		form.Set(g.Fields.Sender, g.Sender)
	}
	if m.Ref != "" {
		form.Set(g.Fields.Ref, m.Ref)
	}
	parts, err := g.line(ctx, http.MethodPost, g.Address, form.Encode())
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Provider: "form", ID: known(parts[2]), Segments: Segments(m.Text)}, nil
}

// Delivery asks for the status of a message.
func (g *Form) Delivery(ctx context.Context, id string) (Delivery, error) {
	parts, err := g.line(ctx, http.MethodGet, g.Address+"?"+url.Values{g.Fields.ID: {id}}.Encode(), "")
	if err != nil {
		return Unknown, err
	}
	return deliveryOf(parts[1]), nil
}

// line does an exchange and returns the parts of an accepted answer.
func (g *Form) line(ctx context.Context, method, address, body string) ([3]string, error) {
	kind := ""
	if body != "" {
		kind = "application/x-www-form-urlencoded"
	}
	status, raw, err := g.exchange(ctx, method, address, kind, body, g.authorise)
	if err != nil {
		return [3]string{}, err
	}
	var parts [3]string
	for i, p := range strings.SplitN(string(raw), "|", 3) {
		parts[i] = strings.TrimSpace(p)
	}
	if status != http.StatusOK || parts[0] != "0" {
		return parts, failure(status, parts[1])
	}
	return parts, nil
}
