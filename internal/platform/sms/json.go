package sms

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// JSON speaks to a gateway that takes POST {"to", "from", "text", "reference"} with a bearer token, answers 2xx with
// {"id", "segments"} or an error status with {"code"}, and tells {"status"} at GET address/id.
type JSON struct{ caller }

// NewJSON returns a driver; it connects to nothing.
func NewJSON(s Settings) *JSON { return &JSON{newCaller(s)} }

func (g *JSON) authorise(r *http.Request) { r.Header.Set("Authorization", "Bearer "+g.Secret) }

// Send hands m to the gateway.
func (g *JSON) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := m.check(); err != nil {
		return Receipt{}, err
	}
	fields := map[string]string{g.Fields.To: m.To, g.Fields.Text: m.Text}
	if g.Sender != "" {
		fields[g.Fields.Sender] = g.Sender
	}
	if m.Ref != "" {
		fields[g.Fields.Ref] = m.Ref
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return Receipt{}, &Error{Kind: Setup, Code: "text"}
	}
	status, raw, err := g.exchange(ctx, http.MethodPost, g.Address, "application/json", string(body), g.authorise)
	if err != nil {
		return Receipt{}, err
	}
	answer := readObject(raw)
	if status/100 != 2 {
		return Receipt{}, failure(status, answer.text("code"))
	}
	r := Receipt{Provider: "json", ID: known(answer.text(g.Fields.ID)), Segments: Segments(m.Text)}
	if n, ok := answer["segments"].(float64); ok && n >= 1 && n <= maxSegments {
		r.Segments = int(n)
	}
	return r, nil
}

// Delivery asks for the status of a message.
func (g *JSON) Delivery(ctx context.Context, id string) (Delivery, error) {
	status, raw, err := g.exchange(ctx, http.MethodGet, g.Address+"/"+url.PathEscape(id), "", "", g.authorise)
	switch {
	case err != nil:
		return Unknown, err
	case status == http.StatusNotFound:
		return Unknown, nil
	case status/100 != 2:
		return Unknown, failure(status, readObject(raw).text("code"))
	}
	return deliveryOf(readObject(raw).text(g.Fields.Status)), nil
}

// object is a JSON answer; nil when it was none.
type object map[string]any

func readObject(raw []byte) object {
	var o object
	if json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

func (o object) text(key string) string {
	switch v := o[key].(type) {
	case string:
		return v
	case float64:
		raw, err := json.Marshal(v)
		if err == nil {
			return string(raw)
		}
	}
	return ""
}
