// Package apptest gives tests a whole node on a fresh database, with a clock that stands still on a Monday morning.
package apptest

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/app/demo"
	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/platform/secret"
	"viaduc/internal/testkit"
)

// Now is the instant of every node unless a test says otherwise: Monday 4 May 2026, 9:30 in Paris.
const Now = "2026-05-04 09:30"

// Node is a running node and its address on loopback.
type Node struct {
	*app.App
	URL   string
	Clock *testkit.Clock

	People []demo.Person // accounts of the example; nil but after Demo

	t testing.TB
}

// New starts a node on a fresh SQLite folder, empty.
func New(t testing.TB) *Node {
	t.Helper()
	return Start(t, config.Config{Data: testkit.SQLiteDir(t)}, app.Options{Demo: true})
}

// Demo starts a node that shows the example territory, on a fresh SQLite folder.
func Demo(t testing.TB) *Node {
	t.Helper()
	return DemoOn(t, config.Config{Data: testkit.SQLiteDir(t)}, app.Options{})
}

// EachEngine runs f on each engine, in sub-tests named after them; start is Demo on that engine, as often as f wants. Where
// the environment says VIADUC_TEST_ENGINES=sqlite, PostgreSQL is left out; nothing else skips it.
func EachEngine(t *testing.T, f func(t *testing.T, start func() *Node)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, func() *Node { return Demo(t) }) })
	if !testkit.Wants("postgres") {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		key, err := secret.NewSignerKey()
		if err != nil {
			t.Fatal(err)
		}
		f(t, func() *Node {
			return DemoOn(t, config.Config{DatabaseURL: testkit.PostgresURL(t), JournalKey: key}, app.Options{})
		})
	})
}

// DemoOn is Demo on the data that cfg names.
func DemoOn(t testing.TB, cfg config.Config, opts app.Options) *Node {
	t.Helper()
	opts.Demo = true
	n := Start(t, cfg, opts)
	if err := demo.Load(t.Context(), n.Territory, n.Places); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	var err error
	if n.People, err = demo.People(t.Context(), n.Identity); err != nil {
		t.Fatal(err)
	}
	return n
}

// Season fills the agenda of the example, from the week of the node's clock on.
func (n *Node) Season() {
	n.t.Helper()
	if err := demo.Season(n.t.Context(), n.Agenda, n.Places, n.People, n.Clock.Now()); err != nil {
		n.t.Fatal(err)
	}
	n.Reload()
}

// Login opens a session for the first example account of a role, and returns its cookie.
func (n *Node) Login(role identity.Role) *http.Cookie {
	n.t.Helper()
	return n.LoginAs(n.Person(role)[0].Account)
}

// LoginLink is the path of a one-time link for the first example account of a role.
func (n *Node) LoginLink(role identity.Role) string {
	n.t.Helper()
	links, err := demo.Links(n.t.Context(), n.Identity, n.Person(role))
	if err != nil {
		n.t.Fatal(err)
	}
	return links[0].Path
}

// Person is the example accounts of a role; there is at least one.
func (n *Node) Person(role identity.Role) []demo.Person {
	n.t.Helper()
	var out []demo.Person
	for _, p := range n.People {
		if p.Role == role {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		n.t.Fatalf("no example account of %s", role)
	}
	return out
}

// Fill puts ids of the example for {organisation}, {person} and {member}: the second organisation, and its manager.
func (n *Node) Fill(path string) string {
	n.t.Helper()
	p := n.Person(identity.Manager)[0]
	return strings.NewReplacer("{person}", string(p.Account), "{member}", string(p.Membership), "{organisation}", string(p.OrganisationID)).Replace(path)
}

// Resident opens an account for a made-up resident.
func (n *Node) Resident() identity.AccountID {
	n.t.Helper()
	a, _, err := n.Identity.AddResident(n.t.Context(), identity.TheSystem(), identity.NewResident{GivenName: "Habitant", FamilyName: "Exemple"})
	if err != nil {
		n.t.Fatal(err)
	}
	return a.ID
}

// LoginAs opens a session for an account, and returns its cookie.
func (n *Node) LoginAs(account identity.AccountID) *http.Cookie {
	n.t.Helper()
	link, err := n.Identity.LoginLink(n.t.Context(), identity.TheSystem(), account, time.Hour)
	if err != nil {
		n.t.Fatal(err)
	}
	t, err := n.Identity.LoginByLink(n.t.Context(), link, identity.Browser{Device: "Test"})
	if err != nil {
		n.t.Fatal(err)
	}
	return &http.Cookie{Name: "viaduc", Value: string(t)}
}

// Start starts a node on the data that cfg names. Its public address is the one it listens at, where cfg names none.
func Start(t testing.TB, cfg config.Config, opts app.Options) *Node {
	t.Helper()
	n := &Node{Clock: testkit.NewClock(t, Now), t: t}
	if opts.Now == nil {
		opts.Now = n.Clock.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	server := httptest.NewUnstartedServer(nil)
	n.URL = "http://" + server.Listener.Addr().String()
	if cfg.PublicURL == "" {
		cfg.PublicURL = n.URL
	}
	var err error
	if n.App, err = app.New(context.WithoutCancel(t.Context()), cfg, opts); err != nil {
		server.Close()
		t.Fatal(err)
	}
	server.Config.Handler = n.Handler
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

// Work does the node's work behind its pages until the test ends, and has stopped before its data goes.
func (n *Node) Work() {
	ctx, stop := context.WithCancel(n.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); n.Run(ctx) }()
	n.t.Cleanup(func() { stop(); <-done })
}

// Reload reads what a test put into the database.
func (n *Node) Reload() {
	n.t.Helper()
	if err := n.Refresh(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
}

// ImportCommunes imports the real communes of the whole country.
func (n *Node) ImportCommunes() {
	n.t.Helper()
	f, err := os.Open(testkit.Data(n.t, "geo/communes-2026.csv"))
	if err != nil {
		n.t.Fatal(err)
	}
	defer f.Close()
	if _, err := n.Territory.ImportCommunes(n.t.Context(), audit.CLI, f); err != nil {
		n.t.Fatal(err)
	}
	n.Reload()
}

// ImportContours imports a file of outlines of the real data.
func (n *Node) ImportContours(name string) {
	n.t.Helper()
	f, err := os.Open(testkit.Data(n.t, name))
	if err != nil {
		n.t.Fatal(err)
	}
	defer f.Close()
	if _, err := n.Territory.ImportContours(n.t.Context(), audit.CLI, f, 2018); err != nil {
		n.t.Fatal(err)
	}
	n.Reload()
}

// ImportPlaces imports a file of the real data.
func (n *Node) ImportPlaces(name string) {
	n.t.Helper()
	raw, err := os.ReadFile(testkit.Data(n.t, name))
	if err != nil {
		n.t.Fatal(err)
	}
	n.ImportText(string(raw))
}

// ImportText imports a census given as the text of a file.
func (n *Node) ImportText(text string) {
	n.t.Helper()
	if _, err := n.Places.Import(n.t.Context(), identity.AtCLI(), strings.NewReader(text), place.ImportOptions{}); err != nil {
		n.t.Fatal(err)
	}
	n.Reload()
}

// LosePlace imports the example again, as a complete file of its source that lacks one place: it becomes "à vérifier".
func (n *Node) LosePlace(standardID string) {
	n.t.Helper()
	rows, err := csv.NewReader(demo.Places()).ReadAll()
	if err != nil {
		n.t.Fatal(err)
	}
	rows = slices.DeleteFunc(rows, func(row []string) bool { return row[0] == standardID })
	var file bytes.Buffer
	if err := csv.NewWriter(&file).WriteAll(rows); err != nil {
		n.t.Fatal(err)
	}
	rep, err := n.Places.Import(n.t.Context(), identity.AtCLI(), &file, place.ImportOptions{Complete: true})
	if err != nil || rep.ToCheck != 1 {
		n.t.Fatalf("%d places to check, %v", rep.ToCheck, err)
	}
	n.Reload()
}

// Get asks for an address without following a redirect, and returns the answer with its whole body.
func (n *Node) Get(path string) (*http.Response, string) {
	n.t.Helper()
	return n.Do(http.MethodGet, path, nil)
}

// Do sends a request without following a redirect, and returns the answer with its whole body.
func (n *Node) Do(method, path string, body io.Reader, edit ...func(*http.Request)) (*http.Response, string) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), method, n.URL+path, body)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, e := range edit {
		e(req)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return res, string(raw)
}

// PlacePath is the address of the page of a place, by its public number.
func (n *Node) PlacePath(number int64) string {
	n.t.Helper()
	e, ok := n.Places.Index().Place(place.Number(number))
	if !ok {
		n.t.Fatalf("no place %d", number)
	}
	return placeweb.Path(e)
}
