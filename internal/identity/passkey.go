package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Origin is where a page was loaded from, "https://aide.exemple.fr": what a browser binds a passkey to.
type Origin string

// relyingParty checks ceremonies of one origin. The browser lets a passkey answer only on its own host, so that an origin
// taken from a request cannot be played against another.
func relyingParty(origin Origin) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(string(origin))
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil, fault.New(fault.Invalid, "identity.passkey_origin")
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: u.Hostname(), RPOrigins: []string{string(origin)},
		AttestationPreference: protocol.PreferNoAttestation, // which make of key people own is none of our business
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fault.New(fault.Invalid, "identity.passkey_origin")
	}
	return rp, nil
}

// person is an account as the library asks for it.
type person struct {
	account     Account
	credentials []webauthn.Credential
}

// WebAuthnID is what a passkey names its owner by: the id, no address.
func (p person) WebAuthnID() []byte { return []byte(p.account.ID) }

// WebAuthnName is what the person sees when they choose among passkeys.
func (p person) WebAuthnName() string { return cmp.Or(p.account.Email, p.account.Name()) }

// WebAuthnDisplayName is their name.
func (p person) WebAuthnDisplayName() string { return p.account.Name() }

// WebAuthnCredentials are their passkeys.
func (p person) WebAuthnCredentials() []webauthn.Credential { return p.credentials }

func personOf(ctx context.Context, q db.Querier, a Account) (person, error) {
	p := person{account: a}
	kept, err := credentialsOf(ctx, q, a.ID)
	if err != nil {
		return p, err
	}
	for _, text := range kept {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return p, fmt.Errorf("passkey of %s: %w", a.ID, err)
		}
		p.credentials = append(p.credentials, c)
	}
	return p, nil
}

// ceremony is what the server remembers between the question to a passkey and its answer.
type ceremony = webauthn.SessionData

// askNew makes the question that creates a passkey: options is what the browser is given.
func askNew(origin Origin, p person) (options []byte, c *ceremony, err error) {
	rp, err := relyingParty(origin)
	if err != nil {
		return nil, nil, err
	}
	known := webauthn.Credentials(p.credentials).CredentialDescriptors()
	creation, c, err := rp.BeginRegistration(p, webauthn.WithExclusions(known))
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	options, err = json.Marshal(creation)
	return options, c, err
}

// answerNew checks the answer and returns the passkey.
func answerNew(origin Origin, p person, c ceremony, response []byte) (*webauthn.Credential, error) {
	rp, err := relyingParty(origin)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, errPasskey()
	}
	credential, err := rp.CreateCredential(p, c, parsed)
	if err != nil {
		return nil, errPasskey()
	}
	return credential, nil
}

// ask makes the question that a passkey answers: of one person, or of whoever has one when p is nil.
func ask(origin Origin, p *person) (options []byte, c *ceremony, err error) {
	rp, err := relyingParty(origin)
	if err != nil {
		return nil, nil, err
	}
	var assertion *protocol.CredentialAssertion
	if p == nil {
		assertion, c, err = rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	} else {
		assertion, c, err = rp.BeginLogin(*p, webauthn.WithUserVerification(protocol.VerificationPreferred))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("ask a passkey: %w", err)
	}
	options, err = json.Marshal(assertion)
	return options, c, err
}

// answer checks an answer and returns whose it is. find returns the person that a passkey names.
func answer(origin Origin, c ceremony, response []byte, find func(account AccountID) (person, error)) (person, *webauthn.Credential, error) {
	rp, err := relyingParty(origin)
	if err != nil {
		return person{}, nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return person{}, nil, errPasskey()
	}
	var p person
	var credential *webauthn.Credential
	if len(c.UserID) > 0 {
		if p, err = find(AccountID(c.UserID)); err != nil {
			return p, nil, err
		}
		credential, err = rp.ValidateLogin(p, c, parsed)
	} else {
		handler := func(_, handle []byte) (webauthn.User, error) {
			var err error
			p, err = find(AccountID(handle))
			return p, err
		}
		_, credential, err = rp.ValidatePasskeyLogin(handler, c, parsed)
	}
	// A counter that went back is a copy of the key.
	if err != nil || credential.Authenticator.CloneWarning {
		return p, nil, errPasskey()
	}
	return p, credential, nil
}

func errPasskey() error { return fault.New(fault.Unauthenticated, "identity.passkey_failed") }

// keepPasskey writes a new passkey of an account.
func (s *Service) keepPasskey(ctx context.Context, tx *db.Tx, account AccountID, name string, c *webauthn.Credential) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	p := Passkey{ID: id.New(), Name: factorName(name), CreatedAt: s.now()}
	if err := insertPasskey(ctx, tx, account, p, c.ID, string(raw)); db.IsUnique(err) {
		return fault.New(fault.Conflict, "identity.passkey_taken")
	} else if err != nil {
		return err
	}
	return nil
}

// spendPasskey writes down that a passkey answered: its counter.
func (s *Service) spendPasskey(ctx context.Context, tx *db.Tx, c *webauthn.Credential) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return usePasskey(ctx, tx, c.ID, string(raw), s.now())
}

// factorName is what the owner calls a factor, cut to what a line holds.
func factorName(name string) string {
	letters := []rune(oneLine(name))
	return string(letters[:min(len(letters), 60)])
}
