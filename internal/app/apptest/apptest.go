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

	"viaduc/internal/app"
	"viaduc/internal/app/demo"
	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/place"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/testkit"
)

// Now is the instant of every node unless a test says otherwise: Monday 4 May 2026, 9:30 in Paris.
const Now = "2026-05-04 09:30"

// Node is a running node and its address on loopback.
type Node struct {
	*app.App
	URL   string
	Clock *testkit.Clock
	t     testing.TB
}

// New starts a node on a fresh SQLite folder, empty.
func New(t testing.TB) *Node {
	t.Helper()
	return Start(t, config.Config{Data: testkit.SQLiteDir(t)}, app.Options{Demo: true})
}

// Demo starts a node that shows the example territory.
func Demo(t testing.TB) *Node {
	t.Helper()
	n := New(t)
	if err := demo.Load(t.Context(), n.Territory, n.Places); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	return n
}

// Start starts a node on the data that cfg names.
func Start(t testing.TB, cfg config.Config, opts app.Options) *Node {
	t.Helper()
	n := &Node{Clock: testkit.NewClock(t, Now), t: t}
	if opts.Now == nil {
		opts.Now = n.Clock.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	if n.App, err = app.New(context.WithoutCancel(t.Context()), cfg, opts); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(n.Handler)
	n.URL = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
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
	if _, err := n.Places.Import(n.t.Context(), audit.CLI, strings.NewReader(text), place.ImportOptions{}); err != nil {
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
	rep, err := n.Places.Import(n.t.Context(), audit.CLI, &file, place.ImportOptions{Complete: true})
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
