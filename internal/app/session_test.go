package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// Half an hour before a session ends for good its pages say so. What is sent too late is not lost: the page of the refusal
// holds it, and it can be sent again after logging in.
func TestASessionThatEndsLosesNothing(t *testing.T) {
	n := apptest.Demo(t)
	manager := n.Person(identity.Manager)[0]
	path := "/pro/structures/" + string(manager.OrganisationID) + "/modifier"
	cookie := n.LoginAs(manager.Account)
	as := func(c *http.Cookie) func(*http.Request) { return func(r *http.Request) { r.AddCookie(c) } }
	stay := func(d time.Duration) { // somebody who works all day is never idle
		for ; d > 0; d -= 6 * time.Hour {
			n.Clock.Move(min(d, 6*time.Hour))
			n.Do(http.MethodGet, "/pro", nil, as(cookie))
		}
	}
	const warning = "Votre connexion se termine à"
	stay(23 * time.Hour)
	if _, body := n.Do(http.MethodGet, path, nil, as(cookie)); strings.Contains(body, warning) {
		t.Error("the warning comes an hour before")
	}
	stay(31 * time.Minute)
	if _, body := n.Do(http.MethodGet, path, nil, as(cookie)); !strings.Contains(body, warning) {
		t.Error("no warning 29 minutes before the end")
	}
	stay(30 * time.Minute)

	typed := url.Values{"name": {"Un nom <écrit> \"longtemps\""}, "presentation": {"Deux\nlignes"}, "version": {"1"}}
	post := func(path string, form url.Values, cookies ...*http.Cookie) (*http.Response, string) {
		return n.Do(http.MethodPost, path, strings.NewReader(form.Encode()), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for _, c := range cookies {
				r.AddCookie(c)
			}
		})
	}
	res, body := post(path, typed, cookie)
	if res.StatusCode != http.StatusUnauthorized {
		t.Fatalf("a session of more than a day answers %d", res.StatusCode)
	}
	for _, kept := range []string{
		`action="` + path + `"`, `name="name" value="Un nom &lt;écrit&gt; &#34;longtemps&#34;"`, "name=\"presentation\" value=\"Deux\nlignes\"", `target="_blank"`,
	} {
		if !strings.Contains(body, kept) {
			t.Errorf("the page has lost %s:\n%s", kept, firstLines(body))
		}
	}
	if res.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page that keeps a form may be kept")
	}
	if res, _ := post(path, typed, n.LoginAs(manager.Account)); res.StatusCode == http.StatusUnauthorized {
		t.Error("logged in again, the form is refused")
	}

	for what, form := range map[string]url.Values{
		"a password": {"password": {"SECRET22"}, "action": {"mot-de-passe"}}, "a code": {"code": {"SECRET22"}},
	} {
		if _, body := post("/pro/compte/moyens", form, cookie); strings.Contains(body, "SECRET22") {
			t.Errorf("the page holds %s", what)
		}
	}
	if _, body := post("/connexion/etape", url.Values{"retour": {"SECRET22"}}); strings.Contains(body, "SECRET22") {
		t.Error("a step of the log-in is kept")
	}
	long := url.Values{"presentation": {strings.Repeat("a", 70<<10)}}
	if _, body := post(path, long, cookie); len(body) > 60<<10 {
		t.Errorf("a form of %d bytes is kept", len(body))
	}
}
