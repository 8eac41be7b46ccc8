package app

import (
	"fmt"

	"viaduc/internal/config"
	"viaduc/internal/identity/oidc"
	"viaduc/internal/platform/fetch"
)

// federations are the identity providers that the settings register this instance with. None is asked anything yet.
func federations(cfg config.Config, opts Options) ([]*oidc.Provider, error) {
	var out []*oidc.Provider
	for _, kind := range oidc.Kinds() {
		set := map[oidc.Kind]config.Federation{oidc.ProConnect: cfg.ProConnect, oidc.FranceConnect: cfg.FranceConnect}[kind]
		if !set.Set() {
			continue
		}
		// The operator names the provider: it may stand in his own network.
		guarded := fetch.New(fetch.Options{Internal: []string{fetch.HostPort(set.Issuer)}})
		p, err := oidc.New(oidc.Settings{
			Kind: kind, Issuer: set.Issuer, ClientID: set.ClientID, ClientSecret: set.ClientSecret, PublicURL: cfg.PublicURL, ACR: set.ACR,
		}, oidc.Deps{Client: guarded.Library(), Now: opts.Now, Log: opts.Log})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind.Name(), err)
		}
		out = append(out, p)
	}
	return out, nil
}
