// Package oidc asks ProConnect and FranceConnect who somebody is: the relying party of OpenID Connect, code flow.
//
// # What it does
//
// Begin makes the address of the provider and what must be remembered of the request; Finish takes the provider's answer
// and returns the Identity it vouches for, or refuses; EndSession makes the address that ends the provider's session too,
// and Returned checks that a browser comes back from there. It keeps nothing: the caller holds Pending on the server,
// bound to one browser and taken once.
//
// # Rules
//
// From OpenID Connect Core 1.0, RFC 9207, RFC 9700, and what the two providers document:
//
//   - state and nonce of 256 random bits, each compared; PKCE (S256) for ProConnect, none for FranceConnect, which
//     refuses a parameter that it does not know. A request lasts PendingLasts.
//   - An id_token signed by ES256 or RS256 with a key that the provider publishes; never HS256, never none. Issuer,
//     audience, authorised party, dates (half a minute of tolerance), nonce and level (acr) are checked. A key that is
//     not known has the keys read again, so that a provider may change its keys at any moment.
//   - The user info, plain or signed by the same keys, is about the same subject. Encrypted user info (FranceConnect+) is
//     not read: register the service for signed answers.
//   - An answer that names another issuer is refused (mix-up).
//   - Least data: names, and of ProConnect the e-mail address and the SIRET. The identifier of the provider behind the
//     provider is part of who somebody is: the subject is one within it.
//   - A provider that does not answer is a fault that says so; nothing is cached of a failed answer, and for a few seconds
//     nobody waits for it again.
//
// Every request goes through the client that the caller hands in. Neither logs nor errors hold a token, a code, a name or
// an address of a person.
package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"viaduc/internal/platform/fault"
)

// Kind is one of the two providers.
type Kind string

// The providers.
const (
	ProConnect    Kind = "proconnect"    // people who work for public bodies and their partners
	FranceConnect Kind = "franceconnect" // residents
)

// Kinds lists the providers.
func Kinds() []Kind { return []Kind{ProConnect, FranceConnect} }

// Name is what people call the provider.
func (k Kind) Name() string {
	if k == ProConnect {
		return "ProConnect"
	}
	return "FranceConnect"
}

// StartPath is the address of ours from which a browser is sent to the provider.
func (k Kind) StartPath() string { return "/connexion/" + string(k) }

// CallbackPath is where the provider sends the browser back; its full address is registered at the provider.
func (k Kind) CallbackPath() string { return k.StartPath() + "/retour" }

// LogoutPath is where the provider sends the browser back from EndSession; its full address is registered there, too.
func (k Kind) LogoutPath() string { return k.StartPath() + "/fin" }

// scopes are what is asked of each.
var scopes = map[Kind][]string{
	ProConnect:    {"openid", "given_name", "usual_name", "email", "siret", "idp_id"},
	FranceConnect: {"openid", "given_name", "family_name"},
}

// Settings are what an instance is registered with at a provider.
type Settings struct {
	Kind         Kind
	Issuer       string // https://..., or http on this machine alone
	ClientID     string
	ClientSecret string
	PublicURL    string // address of this instance, without a path
	ACR          string // the least level; "" is eidas1
}

// Deps is what a Provider needs.
type Deps struct {
	Client *http.Client // the guarded one (fetch.Client.Library)
	Now    func() time.Time
	Log    *slog.Logger
}

// ErrSettings says that a setting is missing or cannot be.
var ErrSettings = errors.New("settings of an identity provider")

// Provider asks one identity provider. It is safe for concurrent use.
type Provider struct {
	set    Settings
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	mu     sync.Mutex
	found  *discovered
	fresh  time.Time // when that was read
	failed time.Time // when it last did not answer
}

// New reads the settings. It asks nothing yet: a node starts while its provider is down. It reports ErrSettings.
func New(set Settings, d Deps) (*Provider, error) {
	if set.ACR == "" {
		set.ACR = "eidas1"
	}
	issuer, err := url.Parse(set.Issuer)
	_, known := scopes[set.Kind]
	public, perr := url.Parse(set.PublicURL)
	switch {
	case !known, err != nil, issuer.Host == "", issuer.Scheme != "https" && issuer.Scheme != "http", set.ClientID == "", set.ClientSecret == "",
		perr != nil, public.Host == "", ranks[set.ACR] == 0:
		return nil, ErrSettings
	}
	set.PublicURL = strings.TrimSuffix(set.PublicURL, "/")
	return &Provider{set: set, client: d.Client, now: d.Now, log: d.Log}, nil
}

// Kind tells which provider it is.
func (p *Provider) Kind() Kind { return p.set.Kind }

// discovered is what a provider publishes of itself.
type discovered struct {
	tokens   *gooidc.IDTokenVerifier
	userinfo *gooidc.IDTokenVerifier // of signed user info, which has no end
	oauth    oauth2.Config
	where    string // of the user info
	end      string // of the session; "" where the provider has no such thing
	names    bool   // answers name the issuer (RFC 9207)
}

// retryAfter is how long a provider that did not answer is left alone.
const retryAfter = 5 * time.Second

// algorithms are those that an answer may be signed by.
var algorithms = []string{gooidc.ES256, gooidc.RS256}

// leeway is how far the clocks of two machines may be apart.
const leeway = 30 * time.Second

// freshFor is how long what a provider publishes is taken for granted; afterwards it is used until it answers again.
const freshFor = 24 * time.Hour

// discover returns what the provider publishes. It reports fault.Unavailable where it never answered.
func (p *Provider) discover() (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil && p.now().Sub(p.fresh) < freshFor || p.now().Sub(p.failed) < retryAfter {
		return p.known()
	}
	if err := p.read(); err != nil {
		p.failed = p.now()
		p.log.Error("identity provider does not publish its settings", "provider", p.set.Kind, "reason", err.Error())
	}
	return p.known()
}

func (p *Provider) known() (*discovered, error) {
	if p.found == nil {
		return nil, p.down()
	}
	return p.found, nil
}

// Why a provider's settings are not read, for the log.
var (
	errSilent     = errors.New("no answer, or of another issuer")
	errUnreadable = errors.New("unreadable")
)

// read asks for the settings.
func (p *Provider) read() error {
	// What it publishes outlives the request: the client's own bound ends a question that is not answered.
	ctx := gooidc.ClientContext(context.Background(), p.client)
	published, err := gooidc.NewProvider(ctx, p.set.Issuer)
	if err != nil {
		return errSilent
	}
	var more struct {
		UserInfo string   `json:"userinfo_endpoint"`
		End      string   `json:"end_session_endpoint"`
		Names    bool     `json:"authorization_response_iss_parameter_supported"`
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := published.Claims(&more); err != nil || more.UserInfo == "" {
		return errUnreadable
	}
	late := func() time.Time { return p.now().Add(-leeway) }
	endpoint := published.Endpoint()
	endpoint.AuthStyle = authStyle(more.Methods)
	p.found = &discovered{
		tokens:   published.Verifier(&gooidc.Config{ClientID: p.set.ClientID, SupportedSigningAlgs: algorithms, Now: late}),
		userinfo: published.Verifier(&gooidc.Config{ClientID: p.set.ClientID, SupportedSigningAlgs: algorithms, Now: late, SkipExpiryCheck: true}),
		oauth: oauth2.Config{
			ClientID: p.set.ClientID, ClientSecret: p.set.ClientSecret, Endpoint: endpoint, Scopes: scopes[p.set.Kind],
			RedirectURL: p.set.PublicURL + p.set.Kind.CallbackPath(),
		},
		where: more.UserInfo, end: more.End, names: more.Names,
	}
	p.fresh = p.now()
	return nil
}

// authStyle is how the secret is sent: in the body where the provider says that it takes it there, else in the header,
// which is what a provider that says nothing takes (OpenID Connect Discovery 1.0, 3).
func authStyle(methods []string) oauth2.AuthStyle {
	for _, m := range methods {
		if m == "client_secret_post" {
			return oauth2.AuthStyleInParams
		}
	}
	return oauth2.AuthStyleInHeader
}

func (p *Provider) down() error {
	return fault.New(fault.Unavailable, "identity.oidc_down", "Provider", p.set.Kind.Name())
}

// claimsAsked asks ProConnect how the person was asked, so that we do not ask for a second factor again.
var claimsAsked = func() string {
	raw, err := json.Marshal(map[string]any{"id_token": map[string]any{"amr": map[string]any{"essential": true}}})
	if err != nil {
		panic(err) // a constant
	}
	return string(raw)
}()
