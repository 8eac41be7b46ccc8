package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"viaduc/internal/alert"
	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/testkit"
)

// lines counts the lines of the journal: what changes something leaves one.
func lines(t *testing.T, n *apptest.Node) int64 {
	t.Helper()
	report, err := n.Journal.Verify(t.Context())
	if err != nil || report.Bad != nil {
		t.Fatal(report, err)
	}
	return report.Leaves + report.Pending
}

func filled(route string, n *apptest.Node) (method, path string) {
	method, path, ok := strings.Cut(route, " ")
	if !ok {
		method, path = http.MethodGet, route
	}
	path = n.Fill(strings.NewReplacer(
		"{$}", "", "{slug}", "1-x", "{numero}", "1", "{jeton}", "jeton", "{pour}", "rien", "{regle}", "audit.lines", "{message}", "inconnu", "{id}", "inconnu",
	).Replace(path))
	return method, path
}

// P7: a form that another site sends is refused on every address, whatever the browser says of where it comes from; and
// reading a page changes nothing.
func TestP7FormsOfOtherSites(t *testing.T) {
	n := apptest.Demo(t)
	admin := n.Login(identity.Administrator)
	before, posts, gets := lines(t, n), 0, 0
	for _, r := range n.Routes {
		method, path := filled(r.Pattern, n)
		if method != http.MethodPost {
			if path == "/api/v1/" || strings.HasPrefix(path, "/connexion/proconnect") || strings.HasPrefix(path, "/connexion/franceconnect") {
				continue
			}
			gets++
			n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(admin) })
			continue
		}
		posts++
		for what, from := range map[string][2]string{
			"another site": {"Sec-Fetch-Site", "cross-site"}, "a sister": {"Sec-Fetch-Site", "same-site"}, "another origin": {"Origin", "https://evil.example"},
			"no origin": {"Origin", "null"},
		} {
			res, _ := n.Do(http.MethodPost, path, strings.NewReader("action=autres&into=x"), func(r *http.Request) {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set(from[0], from[1])
				r.AddCookie(admin)
			})
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("POST %s from %s: %d", path, what, res.StatusCode)
			}
		}
	}
	if after := lines(t, n); after != before || posts < 40 || gets < 60 {
		t.Errorf("%d posts and %d gets left %d lines in the journal", posts, gets, after-before)
	}
}

// A form that says more than it asks changes nothing more: neither role nor kind nor organisation can be written so.
func TestMassAssignment(t *testing.T) {
	n := apptest.Demo(t)
	mediator := n.Person(identity.Mediator)[0]
	cookie := n.LoginAs(mediator.Account)
	before, err := n.Identity.Memberships(t.Context(), identity.AtCLI(), mediator.Account)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"given_name": {"Camille"}, "family_name": {"Exemple"}, "role": {"administrator"}, "kind": {"staff"}, "state": {"active"}, "email": {"autre@viaduc.example"},
		"organisation": {string(n.Person(identity.Helper)[0].OrganisationID)}, "account": {string(n.Person(identity.Administrator)[0].Account)}, "epoch": {"99"},
	}
	res, _ := n.Do(http.MethodPost, "/pro/compte", strings.NewReader(form.Encode()), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(cookie)
	})
	if res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusOK {
		t.Fatalf("the form answers %d", res.StatusCode)
	}
	a, err := n.Identity.Account(t.Context(), identity.AtCLI(), mediator.Account)
	if err != nil || a.GivenName != "Camille" || a.Email == "autre@viaduc.example" || a.Kind != identity.Staff {
		t.Errorf("%+v, %v", a, err)
	}
	after, err := n.Identity.Memberships(t.Context(), identity.AtCLI(), mediator.Account)
	if err != nil || len(after) != len(before) || after[0].Role != before[0].Role || after[0].Organisation != before[0].Organisation {
		t.Errorf("memberships were %+v and are %+v, %v", before, after, err)
	}
}

// Passwords are masked, and managers of passwords find their way: what is asked is named, and pasting is not hindered.
func TestPasswordFields(t *testing.T) {
	n := apptest.Demo(t)
	mediator := n.Login(identity.Mediator)
	for path, want := range map[string]string{
		"/connexion": "current-password", "/pro/compte/moyens": "new-password",
	} {
		_, body := n.Do(http.MethodGet, path, nil, func(r *http.Request) {
			if path != "/connexion" {
				r.AddCookie(mediator)
			}
		})
		for input := range strings.SplitSeq(body, "<input ") {
			if tag, _, _ := strings.Cut(input, ">"); strings.Contains(tag, `name="password"`) {
				if !strings.Contains(tag, `type="password"`) || !strings.Contains(tag, `autocomplete="`+want+`"`) {
					t.Errorf("%s asks by %s", path, tag)
				}
				want = ""
			}
		}
		if want != "" || strings.Contains(strings.ToLower(body), "onpaste") {
			t.Errorf("%s asks no password, or hinders pasting", path)
		}
	}
}

// A resident who was asked to log in goes on, by a code, to where they were going.
func TestLogInLeadsResidentsBack(t *testing.T) {
	n := apptest.Demo(t)
	_, body := n.Do(http.MethodGet, "/connexion?retour=/compte/lieux/1", nil)
	if !strings.Contains(body, `href="/connexion/habitant?retour=%2Fcompte%2Flieux%2F1"`) && !strings.Contains(body, `href="/connexion/habitant?retour=%2fcompte%2flieux%2f1"`) {
		t.Error("the way in of residents forgets where they were going")
	}
}

// Whoever is logged in finds the way out on every page of the team.
func TestLoggingOutIsInEveryMenu(t *testing.T) {
	n := apptest.Demo(t)
	admin, pages := n.Login(identity.Administrator), 0
	for _, r := range n.Routes {
		method, path := filled(r.Pattern, n)
		if method != http.MethodGet || !strings.HasPrefix(path, "/pro") {
			continue
		}
		res, body := n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(admin) })
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if pages++; !strings.Contains(body, `<a href="/deconnexion">`) {
			t.Errorf("%s has no way out", path)
		}
	}
	if pages < 25 {
		t.Errorf("only %d pages", pages)
	}
}

// No address that a reader brings leads to another site.
func TestOpenRedirects(t *testing.T) {
	n := apptest.Demo(t)
	admin := n.Login(identity.Administrator)
	for _, evil := range []string{
		"//evil.example", "https://evil.example", `\\evil.example`, `/\evil.example`, "/%09/evil.example", "\t//evil.example", "https:evil.example", "javascript:alert(1)", "///evil.example",
		"/a//../..//evil.example/%2e%2e", "/\r\nLocation: https://evil.example",
	} {
		form := url.Values{"retour": {evil}, "taille": {"grand"}, "code": {"000000"}}
		for _, path := range []string{"/affichage", "/connexion", "/connexion/etape", "/connexion/habitant", "/pro/compte/confirmer"} {
			res, body := n.Do(http.MethodPost, path, strings.NewReader(form.Encode()), func(r *http.Request) {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.AddCookie(admin)
			})
			to, err := url.Parse(res.Header.Get("Location"))
			if err != nil || to.Host != "" && "http://"+to.Host != n.URL || to.Scheme == "javascript" || strings.HasPrefix(to.Path, "//") {
				t.Errorf("%s with %q leads to %q", path, evil, res.Header.Get("Location"))
			}
			if carried(body, evil) {
				t.Errorf("%s carries %q on", path, evil)
			}
		}
		res, body := n.Do(http.MethodGet, "/connexion?"+url.Values{"retour": {evil}}.Encode(), nil)
		if res.StatusCode != http.StatusOK || carried(body, evil) {
			t.Errorf("the log-in page carries %q on", evil)
		}
	}
}

// carried reports whether a form of a page would lead elsewhere. What begins with one slash and letters stays here.
func carried(body, evil string) bool {
	if strings.HasPrefix(evil, "/a//") || strings.HasPrefix(evil, "/%09") {
		return false
	}
	_, rest, found := strings.Cut(body, `name="retour" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return found && strings.Contains(value, "evil.example")
}

// P8: what people type to enter, and what they are sent, is in no log and on no page of an error.
func TestP8NoSecretInTheLogs(t *testing.T) {
	var log testkit.Log
	n := apptest.Start(t, config.Config{Data: testkit.SQLiteDir(t)}, app.Options{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	resident, card, err := n.Identity.AddResident(t.Context(), identity.TheSystem(), identity.NewResident{GivenName: "Prenomsecret", FamilyName: "Nomsecret", Contact: "secrete@viaduc.example"})
	if err != nil {
		t.Fatal(err)
	}
	n.ImportCommunes()
	if err := n.Alerts.Ask(t.Context(), identity.Nobody(), alert.Wish{Commune: "17299", Radius: 10, Email: "alertesecrete@viaduc.example"}); err != nil {
		t.Fatal(err)
	}
	cookie := n.LoginAs(resident.ID)
	secrets := []string{"secrete", "Prenomsecret", "Nomsecret", "MOTDEPASSE-SECRET", string(card.Token), card.PIN, cookie.Value, "987654"}
	post := func(path string, form url.Values) {
		_, body := n.Do(http.MethodPost, path, strings.NewReader(form.Encode()), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(cookie)
		})
		for _, s := range []string{"MOTDEPASSE-SECRET", card.PIN} {
			if strings.Contains(body, s) {
				t.Errorf("%s shows %q again", path, s)
			}
		}
	}
	post("/connexion", url.Values{"email": {"secrete@viaduc.example"}, "password": {"MOTDEPASSE-SECRET"}})
	post("/connexion/etape", url.Values{"code": {"987654"}})
	post("/connexion/habitant", url.Values{"contact": {"secrete@viaduc.example"}})
	post("/connexion/habitant/code", url.Values{"code": {"987654"}})
	post("/connexion/mot-de-passe", url.Values{"email": {"secrete@viaduc.example"}})
	post(identity.CardPath+string(card.Token), url.Values{"pin": {card.PIN}})
	post("/invitation/"+string(card.Token), url.Values{"password": {"MOTDEPASSE-SECRET"}})
	n.Do(http.MethodGet, "/lieux?ou="+url.QueryEscape("Prenomsecret Nomsecret"), nil)
	n.Do(http.MethodGet, "/compte", nil, func(r *http.Request) { r.AddCookie(cookie) })
	if _, err := n.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if text := log.String(); strings.Contains(text, s) {
			t.Errorf("the log holds %q:\n%s", s, text)
		}
	}
}

// P6: callers who send nothing, or never end, are sent away; who comes with ten thousand headers or a body without end is
// refused; meanwhile others are answered.
func TestP6SlowAndHugeRequests(t *testing.T) {
	n := apptest.Demo(t)
	l, err := httpx.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- httpx.Serve(ctx, l, n.Handler) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	dial := func() net.Conn {
		t.Helper()
		c, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var slow []net.Conn
	for range 200 {
		c := dial()
		defer c.Close()
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
		slow = append(slow, c)
	}
	status := func(send func(w io.Writer)) string {
		t.Helper()
		c := dial()
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		go send(c)
		line, err := bufio.NewReader(c).ReadString('\n')
		if err != nil {
			return "closed"
		}
		return strings.TrimSpace(line)
	}
	if got := status(func(w io.Writer) {
		fmt.Fprint(w, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
	}); got != "HTTP/1.1 200 OK" {
		t.Errorf("beside 200 slow callers: %s", got)
	}
	many := status(func(w io.Writer) {
		fmt.Fprint(w, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n")
		for i := range 10_000 {
			fmt.Fprintf(w, "X-%d: %s\r\n", i, strings.Repeat("a", 300)) // 3 MB
		}
		fmt.Fprint(w, "\r\n")
	})
	if many != "HTTP/1.1 431 Request Header Fields Too Large" && many != "closed" {
		t.Errorf("ten thousand headers: %s", many)
	}
	huge := status(func(w io.Writer) {
		fmt.Fprint(w, "POST /connexion HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1073741824\r\n\r\n")
		block := bytes.Repeat([]byte("a"), 64<<10)
		for range 1 << 14 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	if !strings.HasPrefix(huge, "HTTP/1.1 4") && huge != "closed" {
		t.Errorf("a body of a gigabyte: %s", huge)
	}
	deadline := time.Now().Add(20 * time.Second)
	for i, c := range slow {
		if err := c.SetReadDeadline(deadline); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("slow caller %d is still there: %v", i, err)
		}
	}
}
