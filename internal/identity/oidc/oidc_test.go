package oidc_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"viaduc/internal/identity/oidc"
	"viaduc/internal/identity/oidc/oidctest"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fetch"
)

const (
	clientID = oidctest.ClientID
	secret   = oidctest.Secret
	public   = "https://viaduc.example"
)

// key is a signing key of the stand-in.
type key struct {
	id  string
	own *ecdsa.PrivateKey
}

func newKey(t *testing.T, id string) key {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key{id, own}
}

// sign is a JWT of claims. alg is ES256 but where a test says otherwise.
func (k key) sign(t *testing.T, alg jose.SignatureAlgorithm, with any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: with}, (&jose.SignerOptions{}).WithHeader("kid", k.id))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(raw)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// standIn is a provider that a test makes misbehave.
type standIn struct {
	*httptest.Server
	t    *testing.T
	mu   sync.Mutex
	keys []key // published; the last one signs
	now  time.Time

	nonce    string                             // of the request under way
	used     map[string]bool                    // codes
	verifier string                             // that PKCE brought
	claims   func(c map[string]any)             // changes the id_token
	info     func(c map[string]any)             // changes the user info
	token    func(claims map[string]any) string // signs the id_token
	signed   func(claims map[string]any) string // signs the user info; nil is plain
	down     bool
	issuer   string // that the discovery names; "" is the true one
	redirect bool   // the token endpoint sends elsewhere
	names    bool   // RFC 9207
	huge     bool   // the user info never ends
}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{t: t, now: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC), used: map[string]bool{}, keys: []key{newKey(t, "k1")}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("/jwks", s.jwks)
	mux.HandleFunc("POST /token", s.exchange)
	mux.HandleFunc("/userinfo", s.userinfo)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.down {
			http.Error(w, "SECRET-OF-THE-PROVIDER", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (s *standIn) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := s.URL
	if s.issuer != "" {
		issuer = s.issuer
	}
	say(w, map[string]any{
		"issuer": issuer, "authorization_endpoint": s.URL + "/auth", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/jwks",
		"userinfo_endpoint": s.URL + "/userinfo", "end_session_endpoint": s.URL + "/end?x=1", "id_token_signing_alg_values_supported": []string{"ES256", "HS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"}, "authorization_response_iss_parameter_supported": s.names,
	})
}

func (s *standIn) jwks(w http.ResponseWriter, _ *http.Request) {
	var set jose.JSONWebKeySet
	for _, k := range s.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: &k.own.PublicKey, KeyID: k.id, Algorithm: "ES256", Use: "sig"})
	}
	say(w, set)
}

func (s *standIn) signer() key { return s.keys[len(s.keys)-1] }

func (s *standIn) exchange(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("code")
	if s.redirect {
		http.Redirect(w, r, "http://192.0.2.1/steal", http.StatusTemporaryRedirect)
		return
	}
	if s.used[code] || !strings.HasPrefix(code, "code") || r.PostFormValue("client_secret") != secret || r.PostFormValue("redirect_uri") == "" {
		w.WriteHeader(http.StatusBadRequest)
		say(w, map[string]string{"error": "invalid_grant", "error_description": "SECRET-OF-THE-PROVIDER"})
		return
	}
	s.used[code], s.verifier = true, r.PostFormValue("code_verifier")
	claims := map[string]any{
		"iss": s.URL, "aud": clientID, "sub": "subject-1", "nonce": s.nonce, "acr": "eidas1", "amr": []string{"pwd"},
		"iat": s.now.Unix(), "exp": s.now.Add(time.Minute).Unix(),
	}
	if s.claims != nil {
		s.claims(claims)
	}
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	raw := ""
	if s.token != nil {
		raw = s.token(claims)
	} else {
		raw = s.signer().sign(s.t, jose.ES256, s.signer().own, claims)
	}
	say(w, map[string]any{"access_token": "ACCESS-TOKEN", "token_type": "Bearer", "expires_in": 60, "id_token": raw})
}

func (s *standIn) userinfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer ACCESS-TOKEN" {
		http.Error(w, "", http.StatusUnauthorized)
		return
	}
	if s.huge {
		w.Header().Set("Content-Type", "application/json")
		block := bytes.Repeat([]byte(" "), 64<<10)
		for range 64 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
		return
	}
	claims := map[string]any{
		"iss": s.URL, "aud": clientID, "sub": "subject-1", "given_name": "PRENOM", "usual_name": "NOM", "family_name": "NOM-DE-NAISSANCE",
		"email": "prenom.nom@viaduc.example", "siret": "22170001600738", "idp_id": "idp-1",
	}
	if s.info != nil {
		s.info(claims)
	}
	if s.signed == nil {
		say(w, claims)
		return
	}
	w.Header().Set("Content-Type", "application/jwt; charset=utf-8")
	fmt.Fprint(w, s.signed(claims))
}

// relying is our side, on the guarded client, with everything that it logs.
type relying struct {
	*oidc.Provider
	s   *standIn
	log *bytes.Buffer
}

func (s *standIn) relying(kind oidc.Kind) relying {
	s.t.Helper()
	log := &bytes.Buffer{}
	p, err := oidc.New(oidc.Settings{Kind: kind, Issuer: s.URL, ClientID: clientID, ClientSecret: secret, PublicURL: public}, oidc.Deps{
		Client: fetch.New(fetch.Options{Internal: []string{fetch.HostPort(s.URL)}, Timeout: 5 * time.Second}).Library(),
		Now:    func() time.Time { return s.now }, Log: slog.New(slog.NewJSONHandler(log, nil)),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return relying{p, s, log}
}

// begin asks, and lets the stand-in know the nonce.
func (r relying) begin() (address *url.URL, pending oidc.Pending, answer url.Values) {
	r.s.t.Helper()
	text, pending, err := r.Begin("/pro/lieux")
	if err != nil {
		r.s.t.Fatal(err)
	}
	if address, err = url.Parse(text); err != nil {
		r.s.t.Fatal(err)
	}
	r.s.nonce = address.Query().Get("nonce")
	return address, pending, url.Values{"code": {"code-" + pending.State}, "state": {pending.State}}
}

// refused wants an answer refused by a kind, without an identity, and nothing of a person or of a secret in error and log.
func (r relying) refused(t *testing.T, what string, kind fault.Kind, pending oidc.Pending, answer url.Values) {
	t.Helper()
	who, err := r.Finish(t.Context(), pending, answer)
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want %s", what, err, kind)
	}
	if who.Subject != "" || who.IDToken != "" {
		t.Errorf("%s: an identity comes with the refusal", what)
	}
	told := fmt.Sprint(err) + r.log.String()
	for _, s := range []string{"SECRET", "ACCESS-TOKEN", "PRENOM", "viaduc.example", "subject-1", pending.State, pending.Nonce, "eyJ"} {
		if s != "" && strings.Contains(told, s) {
			t.Errorf("%s: %q is told: %s", what, s, told)
		}
	}
}

func TestWhoSomebodyIs(t *testing.T) {
	s := newStandIn(t)
	pro := s.relying(oidc.ProConnect)
	address, pending, answer := pro.begin()
	q := address.Query()
	for name, want := range map[string]string{
		"client_id": clientID, "response_type": "code", "redirect_uri": public + "/connexion/proconnect/retour", "acr_values": "eidas1",
		"scope": "openid given_name usual_name email siret idp_id", "code_challenge_method": "S256", "claims": `{"id_token":{"amr":{"essential":true}}}`,
	} {
		if q.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, q.Get(name), want)
		}
	}
	if len(q.Get("state")) != 43 || len(q.Get("nonce")) != 43 || q.Get("state") == q.Get("nonce") || pending.Return != "/pro/lieux" {
		t.Errorf("state %q, nonce %q, return %q", q.Get("state"), q.Get("nonce"), pending.Return)
	}
	who, err := pro.Finish(t.Context(), pending, answer)
	if err != nil {
		t.Fatal(err)
	}
	if who.Kind != oidc.ProConnect || who.Subject != "subject-1" || who.IDP != "idp-1" || who.GivenName != "PRENOM" || who.FamilyName != "NOM" ||
		who.Email != "prenom.nom@viaduc.example" || who.SIRET != "22170001600738" || who.ACR != "eidas1" || len(who.AMR) != 1 || who.IDToken == "" {
		t.Errorf("%+v", who)
	}
	challenge := sha256.Sum256([]byte(s.verifier))
	if q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) {
		t.Error("the verifier of PKCE is not that of the challenge")
	}

	fc := s.relying(oidc.FranceConnect)
	s.signed = func(c map[string]any) string { return s.signer().sign(t, jose.ES256, s.signer().own, c) }
	address, pending, answer = fc.begin()
	q = address.Query()
	if q.Has("code_challenge") || q.Has("claims") || q.Get("scope") != "openid given_name family_name" {
		t.Errorf("FranceConnect is asked with %v", q)
	}
	who, err = fc.Finish(t.Context(), pending, answer)
	if err != nil || who.FamilyName != "NOM-DE-NAISSANCE" || who.Email != "" || who.SIRET != "" || who.IDP != "" {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestLevelSaysHowManyFactors(t *testing.T) {
	for acr, factors := range map[string]bool{"eidas1": false, "eidas1-mfa": true, "eidas2": true, "eidas3": true} {
		s := newStandIn(t)
		s.claims = func(c map[string]any) { c["acr"] = acr }
		pro := s.relying(oidc.ProConnect)
		_, pending, answer := pro.begin()
		who, err := pro.Finish(t.Context(), pending, answer)
		if err != nil || strings.Contains(strings.Join(who.AMR, " "), "mfa") != factors {
			t.Errorf("%s: asked by %v, %v", acr, who.AMR, err)
		}
	}
}

// D9: an answer to what this browser did not ask, or asked long ago.
func TestD9StateOfAnotherBrowser(t *testing.T) {
	s := newStandIn(t)
	pro := s.relying(oidc.ProConnect)
	_, pending, answer := pro.begin()
	_, other, theirs := pro.begin()
	with := func(change func(q url.Values)) url.Values {
		q := maps.Clone(answer)
		change(q)
		return q
	}
	for what, q := range map[string]url.Values{
		"another state": theirs, "no state": with(func(q url.Values) { q.Del("state") }), "two states": with(func(q url.Values) { q["state"] = []string{pending.State, pending.State} }),
		"no code": with(func(q url.Values) { q.Del("code") }), "another issuer": with(func(q url.Values) { q.Set("iss", "https://evil.example") }),
	} {
		pro.refused(t, what, fault.Unauthenticated, pending, q)
	}
	pro.refused(t, "no request", fault.Unauthenticated, oidc.Pending{}, answer)
	wrong := pending
	wrong.Kind = oidc.FranceConnect
	pro.refused(t, "a request to the other provider", fault.Unauthenticated, wrong, answer)
	s.now = s.now.Add(oidc.PendingLasts + time.Second)
	pro.refused(t, "a request of long ago", fault.Unauthenticated, other, theirs)
}

// D9: id_tokens that do not hold.
func TestD9Tokens(t *testing.T) {
	for what, spoil := range map[string]func(s *standIn){
		"no nonce":            func(s *standIn) { s.claims = func(c map[string]any) { c["nonce"] = nil } },
		"the nonce of before": func(s *standIn) { s.claims = func(c map[string]any) { c["nonce"] = strings.Repeat("a", 43) } },
		"another issuer":      func(s *standIn) { s.claims = func(c map[string]any) { c["iss"] = "https://evil.example" } },
		"for another service": func(s *standIn) { s.claims = func(c map[string]any) { c["aud"] = "other" } },
		"for two, no party":   func(s *standIn) { s.claims = func(c map[string]any) { c["aud"] = []string{clientID, "other"} } },
		"another party":       func(s *standIn) { s.claims = func(c map[string]any) { c["azp"] = "other" } },
		"expired":             func(s *standIn) { s.claims = func(c map[string]any) { c["exp"] = s.now.Add(-31 * time.Second).Unix() } },
		"of the future":       func(s *standIn) { s.claims = func(c map[string]any) { c["iat"] = s.now.Add(2 * time.Minute).Unix() } },
		"no subject":          func(s *standIn) { s.claims = func(c map[string]any) { c["sub"] = nil } },
		"a lower level":       func(s *standIn) { s.claims = func(c map[string]any) { c["acr"] = "self-asserted" } },
		"no level":            func(s *standIn) { s.claims = func(c map[string]any) { c["acr"] = nil } },
		"no id_token":         func(s *standIn) { s.token = func(map[string]any) string { return "" } },
		"not a token":         func(s *standIn) { s.token = func(map[string]any) string { return "a.b.c" } },
		"a key that is unknown": func(s *standIn) {
			k := newKey(s.t, "k9")
			s.token = func(c map[string]any) string { return k.sign(s.t, jose.ES256, k.own, c) }
		},
		"a key by another name": func(s *standIn) {
			k := newKey(s.t, "k1")
			s.token = func(c map[string]any) string { return k.sign(s.t, jose.ES256, k.own, c) }
		},
		"HS256 by the secret": func(s *standIn) {
			s.token = func(c map[string]any) string {
				return s.signer().sign(s.t, jose.HS256, []byte(strings.Repeat(secret, 2)), c)
			}
		},
		"HS256 by the public key": func(s *standIn) {
			s.token = func(c map[string]any) string {
				raw, err := json.Marshal(jose.JSONWebKey{Key: &s.signer().own.PublicKey})
				if err != nil {
					s.t.Fatal(err)
				}
				return s.signer().sign(s.t, jose.HS256, raw, c)
			}
		},
		"alg none": func(s *standIn) {
			s.token = func(c map[string]any) string {
				raw, err := json.Marshal(c)
				if err != nil {
					s.t.Fatal(err)
				}
				b64 := base64.RawURLEncoding
				return b64.EncodeToString([]byte(`{"alg":"none","kid":"k1"}`)) + "." + b64.EncodeToString(raw) + "."
			}
		},
		"user info of somebody else": func(s *standIn) { s.info = func(c map[string]any) { c["sub"] = "subject-2" } },
		"user info signed by another key": func(s *standIn) {
			k := newKey(s.t, "k1")
			s.signed = func(c map[string]any) string { return k.sign(s.t, jose.ES256, k.own, c) }
		},
		"signed user info for another service": func(s *standIn) {
			s.info = func(c map[string]any) { c["aud"] = "other" }
			s.signed = func(c map[string]any) string { return s.signer().sign(s.t, jose.ES256, s.signer().own, c) }
		},
		"signed user info of another issuer": func(s *standIn) {
			s.info = func(c map[string]any) { c["iss"] = "https://evil.example" }
			s.signed = func(c map[string]any) string { return s.signer().sign(s.t, jose.ES256, s.signer().own, c) }
		},
		"signed user info too old": func(s *standIn) {
			s.info = func(c map[string]any) { c["exp"] = s.now.Add(-time.Minute).Unix() }
			s.signed = func(c map[string]any) string { return s.signer().sign(s.t, jose.ES256, s.signer().own, c) }
		},
	} {
		s := newStandIn(t)
		spoil(s)
		pro := s.relying(oidc.ProConnect)
		_, pending, answer := pro.begin()
		pro.refused(t, what, fault.Unauthenticated, pending, answer)
	}
}

// D9: a code works once; a token endpoint leads nowhere else.
func TestD9CodesAndRedirects(t *testing.T) {
	s := newStandIn(t)
	pro := s.relying(oidc.ProConnect)
	_, pending, answer := pro.begin()
	if _, err := pro.Finish(t.Context(), pending, answer); err != nil {
		t.Fatal(err)
	}
	pro.refused(t, "a code twice", fault.Unauthenticated, pending, answer)
	_, pending, answer = pro.begin()
	s.redirect = true
	pro.refused(t, "a redirect", fault.Unauthenticated, pending, answer)
}

// D9: keys change between two log-ins, and during one.
func TestD9KeysChange(t *testing.T) {
	s := newStandIn(t)
	pro := s.relying(oidc.ProConnect)
	for round := range 3 {
		_, pending, answer := pro.begin()
		s.keys = append(s.keys, newKey(t, fmt.Sprint("next", round)))
		if round == 2 {
			s.keys = s.keys[2:]
		}
		_, err := pro.Finish(t.Context(), pending, answer)
		for tries := 0; err != nil && tries < 20; tries++ { // keys that were being read as they changed are read again
			time.Sleep(10 * time.Millisecond)
			_, pending, answer = pro.begin()
			_, err = pro.Finish(t.Context(), pending, answer)
		}
		if err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
}

// D9: the provider does not answer, or says what it should not; it is asked again once it does.
func TestD9ProviderDown(t *testing.T) {
	s := newStandIn(t)
	s.down = true
	pro := s.relying(oidc.ProConnect)
	if _, _, err := pro.Begin(""); !fault.Is(err, fault.Unavailable) {
		t.Errorf("down: %v", err)
	}
	s.down = false
	if _, _, err := pro.Begin(""); !fault.Is(err, fault.Unavailable) {
		t.Errorf("asked again at once: %v", err)
	}
	s.now = s.now.Add(6 * time.Second)
	_, pending, answer := pro.begin()
	s.down = true
	pro.refused(t, "down at the exchange", fault.Unavailable, pending, answer)
	s.down, s.huge = false, true
	pro.refused(t, "a user info without end", fault.Unavailable, pending, answer)
	s.huge = false
	_, pending, answer = pro.begin()
	if _, err := pro.Finish(t.Context(), pending, answer); err != nil {
		t.Errorf("up again: %v", err)
	}
	s.now = s.now.Add(25 * time.Hour)
	s.down = true
	if _, _, err := pro.Begin(""); err != nil {
		t.Errorf("what is known does not outlast a day's silence: %v", err)
	}

	s = newStandIn(t)
	s.issuer = "https://evil.example"
	if _, _, err := s.relying(oidc.ProConnect).Begin(""); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the discovery of another issuer: %v", err)
	}
}

// D9: a provider that names itself in its answers must do so each time.
func TestD9AnswersNameTheIssuer(t *testing.T) {
	s := newStandIn(t)
	s.names = true
	pro := s.relying(oidc.ProConnect)
	_, pending, answer := pro.begin()
	pro.refused(t, "no issuer", fault.Unauthenticated, pending, answer)
	answer.Set("iss", s.URL)
	if _, err := pro.Finish(t.Context(), pending, answer); err != nil {
		t.Error(err)
	}
}

func TestThePersonSaysNo(t *testing.T) {
	s := newStandIn(t)
	pro := s.relying(oidc.ProConnect)
	for _, reason := range []string{"access_denied", "server_error", "<b>SECRET</b>"} {
		_, pending, _ := pro.begin()
		pro.refused(t, reason, fault.Forbidden, pending, url.Values{"error": {reason}, "error_description": {"SECRET"}, "state": {pending.State}})
	}
}

// D11: the provider's session ends too, and the browser that comes back is the one that left.
func TestD11EndOfSession(t *testing.T) {
	s := newStandIn(t)
	pro := s.relying(oidc.ProConnect)
	address, state, err := pro.EndSession("THE-ID-TOKEN")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if !strings.HasPrefix(address, s.URL+"/end?") || q.Get("x") != "1" || q.Get("id_token_hint") != "THE-ID-TOKEN" || q.Get("state") != state || len(state) != 43 ||
		q.Get("post_logout_redirect_uri") != public+"/connexion/proconnect/fin" {
		t.Errorf("%s", address)
	}
	for what, tc := range map[string]struct {
		state  string
		answer url.Values
		want   bool
	}{
		"back": {state, url.Values{"state": {state}}, true}, "another state": {state, url.Values{"state": {"x"}}, false}, "no state": {state, nil, false},
		"none awaited": {"", url.Values{"state": {""}}, false}, "twice": {state, url.Values{"state": {state, state}}, false},
	} {
		if got := oidc.Returned(tc.state, tc.answer); got != tc.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

func TestSettings(t *testing.T) {
	good := oidc.Settings{Kind: oidc.ProConnect, Issuer: "https://idp.example", ClientID: "a", ClientSecret: "b", PublicURL: "https://viaduc.example"}
	if _, err := oidc.New(good, oidc.Deps{}); err != nil {
		t.Error(err)
	}
	for what, spoil := range map[string]func(s *oidc.Settings){
		"kind": func(s *oidc.Settings) { s.Kind = "other" }, "issuer": func(s *oidc.Settings) { s.Issuer = "idp.example" }, "file": func(s *oidc.Settings) { s.Issuer = "file:///etc" },
		"client": func(s *oidc.Settings) { s.ClientID = "" }, "secret": func(s *oidc.Settings) { s.ClientSecret = "" },
		"public": func(s *oidc.Settings) { s.PublicURL = "" }, "level": func(s *oidc.Settings) { s.ACR = "eidas9" },
	} {
		set := good
		spoil(&set)
		if _, err := oidc.New(set, oidc.Deps{}); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
