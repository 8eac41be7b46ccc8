package identity_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/secret"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// The communes of the tests, in two groupings and two départements.
const (
	rochefort = "17299"
	tonnay    = "17449"
	saintes   = "17415"
	nerac     = "47195"

	rochefortOcean = "200041762"
	saintesGrand   = "200036473"
	albret         = "200068948"
)

// world is a service on a fresh database, with a few communes and a clock that a test moves.
type world struct {
	*identity.Service
	t       testing.TB
	db      *db.DB
	journal *audit.Journal
	clock   *testkit.Clock
	post    *post
	people  atomic.Int64
}

// post keeps what was to be said.
type post struct {
	mu   sync.Mutex
	sent []identity.Message
}

// SendTx keeps a message, whether its transaction lands or not: tests look at the last one.
func (p *post) SendTx(_ context.Context, _ *db.Tx, m identity.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, m)
	return nil
}

// last returns the newest message of an event, and stops the test if there is none.
func (p *post) last(t testing.TB, e identity.Event) identity.Message {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.sent) - 1; i >= 0; i-- {
		if p.sent[i].Event == e {
			return p.sent[i]
		}
	}
	t.Fatalf("no message of %s was sent", e)
	return identity.Message{}
}

func (p *post) count(e identity.Event) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, m := range p.sent {
		if m.Event == e {
			n++
		}
	}
	return n
}

// link is the token at the end of a message's path.
func link(m identity.Message) identity.Token {
	return identity.Token(m.Link[strings.LastIndexByte(m.Link, '/')+1:])
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, db: d, post: &post{}, clock: testkit.NewClock(t, "2026-05-04 09:30")}
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	w.journal = audit.New(audit.Deps{DB: d, Signer: key, Now: w.clock.Now, Log: log})
	ground := territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	w.exec(`UPDATE territory_state SET version = version + 1`)
	for _, c := range [][4]string{
		{rochefort, "Rochefort", "17", rochefortOcean},
		{tonnay, "Tonnay-Charente", "17", rochefortOcean},
		{saintes, "Saintes", "17", saintesGrand},
		{nerac, "Nérac", "47", albret},
	} {
		w.exec(`INSERT INTO territory_commune (code, name, department, region, epci_siren, postcodes) VALUES ($1, $2, $3, '75', $4, '')`, c[0], c[1], c[2], c[3])
	}
	for _, siren := range []string{rochefortOcean, saintesGrand, albret} {
		w.exec(`INSERT INTO territory_epci (siren, name) VALUES ($1, $2)`, siren, "Intercommunalité "+siren)
	}
	if _, err := ground.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Service = identity.New(identity.Deps{
		DB: d, Journal: w.journal, Territory: ground, Messenger: w.post, Key: key.Derive("identity"), Now: w.clock.Now, Log: log,
	})
	identity.CheapPasswords(w.Service)
	return w
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	err := w.db.Write(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, text, args...)
		return err
	})
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
}

// count returns the one number that a query gives.
func (w *world) count(text string, args ...any) int64 {
	w.t.Helper()
	n, err := db.One(w.t.Context(), w.db, db.Value[int64], text, args...)
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return n
}

func (w *world) org(name, commune string) identity.OrganisationID {
	w.t.Helper()
	o, err := w.AddOrganisation(w.t.Context(), identity.AtCLI(), identity.Profile{Kind: identity.OrgAssociation, Name: name, CommuneCode: commune})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.ID
}

func (w *world) department() identity.ScopeID {
	w.t.Helper()
	scopes, err := w.Scopes(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range scopes {
		if s.Code == "17" {
			return s.ID
		}
	}
	s, err := w.AddScope(w.t.Context(), identity.AtCLI(), identity.NewScopeInput{Kind: identity.ScopeDepartment, Code: "17", Name: "Charente-Maritime"})
	if err != nil {
		w.t.Fatal(err)
	}
	return s.ID
}

// enrol makes a person of a role, without logging in. Officers and elected people hold on the département.
func (w *world) enrol(role identity.Role, org identity.OrganisationID) (identity.Account, identity.Membership) {
	w.t.Helper()
	n := w.people.Add(1)
	in := identity.NewStaff{GivenName: "Personne", FamilyName: fmt.Sprintf("Exemple %d", n), Email: fmt.Sprintf("personne%d@exemple.fr", n), Organisation: org, Role: role}
	if role.NeedsScope() {
		in.Scope = w.department()
	}
	a, m, err := w.EnrolStaff(w.t.Context(), identity.AtCLI(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return a, m
}

// login opens a session for an account and returns its token.
func (w *world) login(account identity.AccountID) identity.Token {
	w.t.Helper()
	link, err := w.LoginLink(w.t.Context(), identity.AtCLI(), account, time.Hour)
	if err != nil {
		w.t.Fatal(err)
	}
	session, err := w.LoginByLink(w.t.Context(), link, identity.Browser{Device: "Firefox, Linux"})
	if err != nil {
		w.t.Fatal(err)
	}
	return session
}

// actor is who a token stands for.
func (w *world) actor(t identity.Token) identity.Actor {
	w.t.Helper()
	s, err := w.Check(w.t.Context(), t)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Actor
}

// staff makes a person of a role and logs them in.
func (w *world) staff(role identity.Role, org identity.OrganisationID) identity.Actor {
	w.t.Helper()
	a, _ := w.enrol(role, org)
	return w.actor(w.login(a.ID))
}

// refused fails unless err is a fault of kind k, with that message if one is given.
func refused(t testing.TB, err error, k fault.Kind, key ...string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != k || len(key) > 0 && f.Message.Key != key[0] {
		t.Errorf("err = %v, want %s %v", err, k, key)
	}
}

// field fails unless err refuses that field, by that message.
func field(t testing.TB, err error, name, key string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Fields[name].Key != key {
		t.Errorf("err = %v %+v, want field %s: %s", err, f, name, key)
	}
}

// must stops the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// said reports whether the journal says an action of an object.
func (w *world) said(action, kind, object string) bool {
	w.t.Helper()
	lines, err := w.journal.About(w.t.Context(), audit.Object{Kind: kind, ID: object}, 100)
	must(w.t, err)
	for _, l := range lines {
		if l.Action == action {
			return true
		}
	}
	return false
}
