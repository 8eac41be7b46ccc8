// Package audit is the journal: the append-only, tamper-evident record of who did what.
//
// # What is kept
//
// The transaction of an effect inserts, for each thing done, a leaf (an id and the SHA-256 of salt and body) and a body
// (salt, instant, actor, action, object, details). Leaves carry no name and stay for ever; bodies are erased by
// retention alone, which leaves an erasure saying why. The database itself refuses everything else, by triggers, on
// both engines.
//
// # What makes it hold
//
// A sequencer, at most five seconds behind, gives each leaf its position in a Merkle tree (RFC 6962, by
// golang.org/x/mod/sumdb/tlog) and signs the tree's head, so that no global lock sits on the write path. Signed heads
// are published: whoever kept one can prove later that the journal still begins with what it then held. Verify checks
// leaves, bodies, order, tree and heads, and names the first bad row.
//
// # Tables
//
// audit_leaf, audit_body, audit_erasure, audit_pending (leaves not placed yet), audit_sequence, audit_hash (the tree's
// stored hashes), audit_head and audit_tree (the row that sequencers touch first).
//
// # What it does not do
//
// It does not know accounts: an actor is a plain typed id, so that every module, accounts included, stands above it.
package audit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/secret"
)

// Actor is who did a thing: "cli", "system", "public", or an account's id.
type Actor string

// The actors that are not accounts.
const (
	CLI    Actor = "cli"    // a person at the command line of the machine
	System Actor = "system" // the program itself: a worker, the demo
	Public Actor = "public" // a resident without an account, of whom nothing is known
)

// Entry is one thing done.
type Entry struct {
	Actor  Actor
	Action string            // "place.import", in the words of the rights
	Object Object            // what it was done to
	Detail map[string]string // what a reader needs to understand it; never a secret
}

// Object names a row of some module.
type Object struct {
	Kind string // "place", "commune"...
	ID   string
}

// Journal records, sequences and verifies. It is safe for concurrent use.
type Journal struct {
	db     *db.DB
	signer secret.Signer
	now    func() time.Time
	log    *slog.Logger
}

// Deps is what a Journal needs. Signer may be the zero value for a process that only records and verifies structure.
type Deps struct {
	DB     *db.DB
	Signer secret.Signer
	Now    func() time.Time
	Log    *slog.Logger
}

// New returns the journal of a database.
func New(d Deps) *Journal {
	return &Journal{db: d.DB, signer: d.Signer, now: d.Now, log: d.Log}
}

// RecordTx writes entries in the caller's transaction, so that an effect and its line commit together or not at all.
func (j *Journal) RecordTx(ctx context.Context, tx *db.Tx, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	leaves := make([][]any, 0, len(entries))
	bodies := make([][]any, 0, len(entries))
	pending := make([][]any, 0, len(entries))
	at := j.now()
	for _, e := range entries {
		b, err := newBody(e, at)
		if err != nil {
			return err
		}
		leaf := id.New()
		leaves = append(leaves, []any{leaf, b.hash()})
		bodies = append(bodies, []any{leaf, b.salt, b.at, b.actor, b.action, b.objectKind, b.objectID, b.detail})
		pending = append(pending, []any{leaf})
	}
	if err := db.InsertMany(ctx, tx, "audit_leaf (id, hash)", 2, leaves, ""); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := db.InsertMany(ctx, tx, "audit_body (leaf_id, "+bodyCols+")", 8, bodies, ""); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := db.InsertMany(ctx, tx, "audit_pending (leaf_id)", 1, pending, ""); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// body is the content of an entry as it is stored and hashed.
type body struct {
	salt                                        []byte
	at                                          int64
	actor, action, objectKind, objectID, detail string
}

func newBody(e Entry, at time.Time) (body, error) {
	detail, err := json.Marshal(e.Detail) // map keys come out sorted
	if err != nil {
		return body{}, err
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	return body{salt: salt, at: db.Micros(at), actor: string(e.Actor), action: e.Action, objectKind: e.Object.Kind, objectID: e.Object.ID, detail: string(detail)}, nil
}

// hash is SHA-256 over every field, each preceded by its length, so that no two bodies share an encoding. The salt
// keeps short bodies from being guessed from their leaf once they are erased.
func (b body) hash() []byte {
	h := sha256.New()
	field := func(p []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(b.at))
	field(b.salt)
	field(at[:])
	for _, s := range []string{b.actor, b.action, b.objectKind, b.objectID, b.detail} {
		field([]byte(s))
	}
	return h.Sum(nil)
}

// record is what the tree holds of a leaf: its id and its hash.
func record(leafID string, hash []byte) []byte {
	return fmt.Appendf(nil, "%s %x\n", leafID, hash)
}
