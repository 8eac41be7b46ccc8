package oidc_test

import (
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/identity/oidc"
	"viaduc/internal/identity/oidc/oidctest"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fetch"
)

// person is a browser that follows the provider until it is sent back to us.
type person struct {
	t    *testing.T
	http *http.Client
}

func newPerson(t *testing.T) person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return person{t, &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), public) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

// follow returns with what query we are come back to.
func (p person) follow(address string) url.Values {
	p.t.Helper()
	res, err := p.http.Get(address)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		p.t.Fatalf("%s answers %d and leads nowhere", address[:60], res.StatusCode)
	}
	return back.Query()
}

// strict is our side of a provider that runs until the test ends.
func strict(t *testing.T, kind oidc.Kind, who oidctest.Person) *oidc.Provider {
	t.Helper()
	standIn := oidctest.New(t, kind)
	standIn.Serve(public, who)
	p, err := oidc.New(oidc.Settings{Kind: kind, Issuer: standIn.Issuer, ClientID: clientID, ClientSecret: secret, PublicURL: public}, oidc.Deps{
		Client: fetch.New(fetch.Options{Internal: []string{fetch.HostPort(standIn.Issuer)}}).Library(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The two providers, as strict as they are: a log-in from one end to the other, and out again.
func TestRealProviders(t *testing.T) {
	for _, kind := range oidc.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			p := strict(t, kind, oidctest.Person{MFA: true})
			address, pending, err := p.Begin("")
			if err != nil {
				t.Fatal(err)
			}
			who := newPerson(t)
			answer := who.follow(address)
			got, err := p.Finish(t.Context(), pending, answer)
			if err != nil {
				t.Fatal(err)
			}
			if got.Subject != "person-1" || got.GivenName != "Prénom" || got.FamilyName != "Nom" || got.ACR != "eidas1" || got.IDToken == "" {
				t.Errorf("%+v", got)
			}
			if pro := kind == oidc.ProConnect; pro && (got.IDP != "idp-1" || got.SIRET != "22170001600738" || !slices.Contains(got.AMR, "mfa")) || !pro && got.Email != "" {
				t.Errorf("%+v", got)
			}
			if _, err := p.Finish(t.Context(), pending, answer); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("the code works twice: %v", err)
			}

			end, state, err := p.EndSession(got.IDToken)
			if err != nil {
				t.Fatal(err)
			}
			if back := who.logout(end); !oidc.Returned(state, back) {
				t.Errorf("back from the end of the session with %v", back)
			}
		})
	}
}

// hidden are the fields of the form on which the provider asks whether to end its session.
var hidden = regexp.MustCompile(`name="(xsrf)" value="([^"]*)"`)

// logout says yes to the end of the provider's session.
func (p person) logout(address string) url.Values {
	p.t.Helper()
	res, err := p.http.Get(address)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	page := make([]byte, 64<<10)
	n, _ := res.Body.Read(page)
	form := url.Values{"logout": {"yes"}}
	for _, f := range hidden.FindAllStringSubmatch(string(page[:n]), -1) {
		form.Set(f[1], f[2])
	}
	confirm := *res.Request.URL
	confirm.Path, confirm.RawQuery = confirm.Path+"/confirm", ""
	sent, err := p.http.PostForm(confirm.String(), form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer sent.Body.Close()
	back, err := sent.Location()
	if err != nil {
		p.t.Fatalf("the end of the session answers %d and leads nowhere", sent.StatusCode)
	}
	return back.Query()
}

// D9: what the strict provider does not expect is refused there, so that a wrong request of ours cannot go unseen.
func TestRealProviderIsStrict(t *testing.T) {
	p := strict(t, oidc.FranceConnect, oidctest.Person{})
	address, _, err := p.Begin("")
	if err != nil {
		t.Fatal(err)
	}
	for what, spoiled := range map[string]string{
		"PKCE": address + "&code_challenge=x&code_challenge_method=S256", "an unknown word": address + "&x=1",
		"a short state": regexp.MustCompile(`state=[^&]*`).ReplaceAllString(address, "state=short"),
	} {
		res, err := newPerson(t).http.Get(spoiled)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", what, res.StatusCode)
		}
	}
}
