package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"viaduc/internal/platform/fault"
)

// PendingLasts is how long somebody may take at the provider.
const PendingLasts = 10 * time.Minute

// Pending is what the caller remembers of a request, on the server, until the browser that made it comes back.
type Pending struct {
	Kind     Kind      `json:"kind"`
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier,omitempty"` // of PKCE
	Return   string    `json:"return,omitempty"`   // where the person was going; the caller's
	Started  time.Time `json:"started"`
}

// random is 256 bits, as 43 signs of an address.
func random() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Begin returns the address of the provider to send the browser to, and what to remember. It reports fault.Unavailable
// while the provider does not answer.
func (p *Provider) Begin(back string) (address string, pending Pending, err error) {
	d, err := p.discover()
	if err != nil {
		return "", Pending{}, err
	}
	pending = Pending{Kind: p.set.Kind, State: random(), Nonce: random(), Return: back, Started: p.now()}
	with := []oauth2.AuthCodeOption{gooidc.Nonce(pending.Nonce), oauth2.SetAuthURLParam("acr_values", p.set.ACR)}
	if p.set.Kind == ProConnect {
		pending.Verifier = oauth2.GenerateVerifier()
		with = append(with, oauth2.S256ChallengeOption(pending.Verifier), oauth2.SetAuthURLParam("claims", claimsAsked))
	}
	return d.oauth.AuthCodeURL(pending.State, with...), pending, nil
}

// Identity is who the provider says that somebody is.
type Identity struct {
	Kind                  Kind
	Subject               string // within IDP
	IDP                   string // the provider behind ProConnect; "" for FranceConnect
	GivenName, FamilyName string
	Email                 string // ProConnect alone; never what somebody is known again by
	SIRET                 string // ProConnect alone
	ACR                   string
	AMR                   []string // how the person was asked; "mfa" is added where the level demands two factors
	IDToken               string   // for EndSession
}

// Finish takes the query with which a browser came back. pending is what that very browser began with, taken so that no
// other request can. It reports fault.Forbidden when the person, or the provider, said no; fault.Unauthenticated for an
// answer that does not hold; fault.Unavailable when the provider does not answer.
func (p *Provider) Finish(ctx context.Context, pending Pending, answer url.Values) (Identity, error) {
	if reason := p.unasked(pending, answer); reason != "" {
		return Identity{}, p.refuse(reason)
	}
	d, err := p.discover()
	if err != nil {
		return Identity{}, err
	}
	if issuer, named := answer["iss"]; named && issuer[0] != p.set.Issuer || !named && d.names {
		return Identity{}, p.refuse("issuer of the answer")
	}
	switch answer.Get("error") {
	case "":
	case "access_denied":
		return Identity{}, fault.New(fault.Forbidden, "identity.oidc_denied", "Provider", p.set.Kind.Name())
	default:
		p.log.Warn("identity provider refused", "provider", p.set.Kind, "reason", word(answer.Get("error")))
		return Identity{}, fault.New(fault.Forbidden, "identity.oidc_refused", "Provider", p.set.Kind.Name())
	}
	ctx = gooidc.ClientContext(ctx, p.client)
	raw, access, err := p.exchange(ctx, d, answer.Get("code"), pending)
	if err != nil {
		return Identity{}, err
	}
	out, err := p.readToken(ctx, d, raw, pending.Nonce)
	if err != nil {
		return Identity{}, err
	}
	if err := p.readUserInfo(ctx, d, access, &out); err != nil {
		return Identity{}, err
	}
	return out, nil
}

// unasked says why an answer is none to what this browser asked; "" when it is.
func (p *Provider) unasked(pending Pending, answer url.Values) string {
	state := answer["state"]
	switch {
	case pending.Kind != p.set.Kind || pending.State == "" || pending.Nonce == "":
		return "no request"
	case len(state) != 1 || subtle.ConstantTimeCompare([]byte(state[0]), []byte(pending.State)) != 1:
		return "state"
	case p.now().Sub(pending.Started) > PendingLasts || p.now().Before(pending.Started.Add(-leeway)):
		return "request too old"
	case answer.Get("error") == "" && answer.Get("code") == "":
		return "no code"
	}
	return ""
}

// refuse is the answer to whoever brings what does not hold, with the reason for the log alone.
func (p *Provider) refuse(reason string) error {
	p.log.Warn("answer of an identity provider refused", "provider", p.set.Kind, "reason", reason)
	return fault.New(fault.Unauthenticated, "identity.oidc_failed", "Provider", p.set.Kind.Name())
}

// word keeps of what a stranger wrote what may stand in a log: a short word of lower case letters.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '_' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 40)]
}

// exchange trades the code for tokens.
func (p *Provider) exchange(ctx context.Context, d *discovered, code string, pending Pending) (idToken, access string, err error) {
	var with []oauth2.AuthCodeOption
	if pending.Verifier != "" {
		with = append(with, oauth2.VerifierOption(pending.Verifier))
	}
	tokens, err := d.oauth.Exchange(ctx, code, with...)
	var said *oauth2.RetrieveError
	switch {
	case errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < 500:
		return "", "", p.refuse("code: " + word(said.ErrorCode)) // the body of the answer may hold anything
	case err != nil:
		p.log.Error("identity provider gives no token", "provider", p.set.Kind)
		return "", "", p.down()
	}
	idToken, _ = tokens.Extra("id_token").(string)
	if idToken == "" {
		return "", "", p.refuse("no id_token")
	}
	return idToken, tokens.AccessToken, nil
}

// readToken verifies an id_token and reads it.
func (p *Provider) readToken(ctx context.Context, d *discovered, raw, nonce string) (Identity, error) {
	token, err := d.tokens.Verify(ctx, raw)
	if err != nil {
		return Identity{}, p.refuse("id_token")
	}
	var claims struct {
		AZP string   `json:"azp"`
		ACR string   `json:"acr"`
		AMR []string `json:"amr"`
	}
	if err := token.Claims(&claims); err != nil {
		return Identity{}, p.refuse("claims of the id_token")
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return Identity{}, p.refuse("nonce")
	case token.Subject == "":
		return Identity{}, p.refuse("no subject")
	case claims.AZP != "" && claims.AZP != p.set.ClientID, claims.AZP == "" && len(token.Audience) > 1:
		return Identity{}, p.refuse("authorised party")
	case token.IssuedAt.After(p.now().Add(leeway)):
		return Identity{}, p.refuse("id_token of the future")
	case ranks[claims.ACR] < ranks[p.set.ACR]:
		return Identity{}, p.refuse("level")
	}
	if ranks[claims.ACR] >= ranks["eidas1-mfa"] && !slices.Contains(claims.AMR, "mfa") {
		claims.AMR = append(claims.AMR, "mfa")
	}
	return Identity{Kind: p.set.Kind, Subject: token.Subject, ACR: claims.ACR, AMR: claims.AMR, IDToken: raw}, nil
}

// ranks order the levels that the providers give. From eidas1-mfa on, two factors were asked: the substantial level demands
// it (Regulation 2015/1502, annex 2.2.1).
var ranks = map[string]int{"eidas1": 1, "eidas1-mfa": 2, "eidas2": 3, "eidas3": 4}

// maxUserInfo bounds what a provider says of somebody, in bytes.
const maxUserInfo = 256 << 10

// readUserInfo adds to out what the provider says of the person, plain or signed.
func (p *Provider) readUserInfo(ctx context.Context, d *discovered, access string, out *Identity) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.where, http.NoBody)
	if err != nil {
		return p.down()
	}
	req.Header.Set("Authorization", "Bearer "+access)
	res, err := p.client.Do(req)
	if err != nil {
		p.log.Error("identity provider gives no user info", "provider", p.set.Kind)
		return p.down()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxUserInfo+1))
	switch {
	case err != nil || res.StatusCode >= 500 || len(body) > maxUserInfo:
		p.log.Error("identity provider gives no user info", "provider", p.set.Kind, "status", res.StatusCode)
		return p.down()
	case res.StatusCode != http.StatusOK:
		return p.refuse("user info")
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if kind == "application/jwt" {
		return p.readSigned(ctx, d, strings.TrimSpace(string(body)), out)
	}
	return p.take(body, out)
}

// readSigned verifies user info that is signed, by the same rules as an id_token but for its end, which it need not have.
func (p *Provider) readSigned(ctx context.Context, d *discovered, raw string, out *Identity) error {
	token, err := d.userinfo.Verify(ctx, raw)
	if err != nil {
		return p.refuse("signature of the user info")
	}
	if !token.Expiry.IsZero() && token.Expiry.Unix() > 0 && p.now().After(token.Expiry.Add(leeway)) {
		return p.refuse("user info too old")
	}
	var body json.RawMessage
	if err := token.Claims(&body); err != nil {
		return p.refuse("user info")
	}
	return p.take(body, out)
}

// take reads user info that holds.
func (p *Provider) take(body []byte, out *Identity) error {
	var said struct {
		Subject string `json:"sub"`
		IDP     string `json:"idp_id"`
		Given   string `json:"given_name"`
		Usual   string `json:"usual_name"`  // ProConnect
		Family  string `json:"family_name"` // FranceConnect
		Email   string `json:"email"`
		SIRET   string `json:"siret"`
	}
	switch err := json.Unmarshal(body, &said); {
	case err != nil:
		return p.refuse("user info")
	case said.Subject != out.Subject:
		return p.refuse("subject of the user info")
	}
	out.GivenName, out.FamilyName = said.Given, said.Family
	if p.set.Kind == ProConnect {
		out.FamilyName, out.IDP, out.Email, out.SIRET = said.Usual, said.IDP, said.Email, said.SIRET
	}
	return nil
}

// EndSession returns the address that ends the provider's own session, and the state with which the browser must come
// back; two empty strings where the provider has no such address. It reports fault.Unavailable.
func (p *Provider) EndSession(idToken string) (address, state string, err error) {
	d, err := p.discover()
	if err != nil || d.end == "" {
		return "", "", err
	}
	u, err := url.Parse(d.end)
	if err != nil {
		return "", "", p.down()
	}
	state = random()
	q := u.Query()
	q.Set("id_token_hint", idToken)
	q.Set("state", state)
	q.Set("post_logout_redirect_uri", p.set.PublicURL+p.set.Kind.LogoutPath())
	u.RawQuery = q.Encode()
	return u.String(), state, nil
}

// Returned reports whether a browser that holds state comes back from EndSession with it.
func Returned(state string, answer url.Values) bool {
	got := answer["state"]
	return state != "" && len(got) == 1 && subtle.ConstantTimeCompare([]byte(got[0]), []byte(state)) == 1
}
