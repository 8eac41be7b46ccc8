package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/identity/oidc"
	"viaduc/internal/identity/oidc/oidctest"
	"viaduc/internal/testkit"
)

// federated is the example on a node that is registered with a stand-in of a provider.
func federated(t *testing.T, kind oidc.Kind, who oidctest.Person) *apptest.Node {
	t.Helper()
	provider := oidctest.New(t, kind)
	set := config.Federation{Issuer: provider.Issuer, ClientID: oidctest.ClientID, ClientSecret: oidctest.Secret}
	cfg := config.Config{Data: testkit.SQLiteDir(t)}
	if kind == oidc.ProConnect {
		cfg.ProConnect = set
	} else {
		cfg.FranceConnect = set
	}
	n := apptest.DemoOn(t, cfg, app.Options{Now: time.Now}) // the provider has the true time
	provider.Serve(n.URL, who)
	return n
}

// A mediator ties their account to ProConnect, and comes in with it from then on; logging out logs out there, too.
func TestProConnect(t *testing.T) {
	n := federated(t, oidc.ProConnect, oidctest.Person{MFA: true})
	b := browser.Start(t)
	mediator := n.Person(identity.Mediator)[0]

	its := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(390, 800))
	its.Open(n.URL + "/connexion")
	its.ClickText("Entrer avec ProConnect")
	says(t, its, "ProConnect vous connaît, ce site pas encore", "Prénom Nom", "Il faut une invitation")
	for _, c := range its.CookieJar() {
		if strings.HasSuffix(c.Name, "-identite") {
			audit.Page(t, b, n.URL+"/connexion/identite", audit.Staff, browser.Cookies(n.URL, c)).Check(t)
			its.Screenshot(shots(t, "identite-390"))
		}
	}

	its = staff(t, b, n, mediator.Account)
	its.Open(n.URL + "/pro/compte/moyens")
	its.ClickText("Entrer avec ProConnect")
	says(t, its, "Vous êtes connecté ici avec le compte de "+mediator.Name)
	press(its, `button[value="relier"]`)
	says(t, its, "C'est relié", "ProConnect, depuis")
	its.Click(`.menu a[href="/pro/compte"]`)
	its.Click(`form[action="/deconnexion"] button`)
	leave(t, n, its)

	its.Open(n.URL + "/connexion?retour=/pro/compte")
	its.ClickText("Entrer avec ProConnect")
	says(t, its, "Mon compte", "Mes appareils connectés")
	its.Open(n.URL + "/pro/compte/journal")
	says(t, its, "un compte de l'État")
}

// leave follows the log-out to the provider and back.
func leave(t *testing.T, n *apptest.Node, tab *browser.Tab) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); strings.HasPrefix(tab.URL(), n.URL+"/deconnexion"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the log-out does not go on to the provider")
		}
	}
	tab.WaitVisible(`button[name="logout"]`) // the provider asks
	tab.Click(`button[name="logout"]`)
	if h1 := tab.Text("h1"); tab.URL() != n.URL+"/deconnexion" || h1 != "Vous êtes déconnecté" {
		t.Errorf("after the provider's session: %q at %s", h1, tab.URL())
	}
	if jar := tab.CookieJar(); len(cookiesOf(jar)) != 0 {
		t.Errorf("cookies are left: %v", jar)
	}
	tab.Open(n.URL + "/compte")
	if tab.Status() != http.StatusUnauthorized {
		t.Errorf("logged out, /compte answers %d", tab.Status())
	}
}

// cookiesOf are ours, not the provider's, which share the host of the tests.
func cookiesOf(jar []*http.Cookie) (ours []*http.Cookie) {
	for _, c := range jar {
		if strings.HasPrefix(c.Name, "viaduc") && !strings.HasSuffix(c.Name, "-connu") {
			ours = append(ours, c)
		}
	}
	return ours
}

// D10: a provider that asked for a password alone owes our second factor; so much for a new team member's invitation, which
// it may not accept. With two factors it may, without any password of ours.
func TestD10InvitationWithProConnect(t *testing.T) {
	for _, tc := range []struct {
		name   string
		factor bool
	}{{"one factor", false}, {"two factors", true}} {
		t.Run(tc.name, func(t *testing.T) {
			n := federated(t, oidc.ProConnect, oidctest.Person{MFA: tc.factor, Email: "nouvelle@viaduc.example"})
			b := browser.Start(t)
			link := invitation(t, n, b, "nouvelle@viaduc.example")
			its := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(390, 800))
			its.Open(n.URL + link)
			its.ClickText("Entrer avec ProConnect")
			if !tc.factor {
				if its.Count(`button[value="rejoindre"]`) != 0 {
					t.Error("one factor may accept an invitation")
				}
				return
			}
			press(its, `button[value="rejoindre"]`)
			says(t, its, "Bonjour Prénom Nom", "Médiateur, médiatrice")
		})
	}
}

// A resident opens an account with FranceConnect, leaves, and comes back to the same.
func TestFranceConnect(t *testing.T) {
	n := federated(t, oidc.FranceConnect, oidctest.Person{})
	b := browser.Start(t)
	its := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640))
	its.Open(n.URL + "/connexion")
	its.ClickText("Entrer avec FranceConnect")
	says(t, its, "Prénom Nom", "Vous n'avez pas de compte ici")
	press(its, `button[value="ouvrir"]`)
	says(t, its, "Bonjour Prénom Nom")
	its.Click(`form[action="/deconnexion"] button`)
	leave(t, n, its)
	its.Open(n.URL + "/connexion")
	its.ClickText("Entrer avec FranceConnect")
	says(t, its, "Bonjour Prénom Nom")
}
