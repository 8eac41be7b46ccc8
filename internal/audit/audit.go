// Package audit is the journal: the append-only, tamper-evident record of who did what.
//
// # What is kept
//
// The transaction of an effect inserts, for each thing done, a leaf (an id and the SHA-256 of salt and body) and a body
// (salt, instant, actor, action, object, details, and the persons and accounts that it concerns beside its object). Leaves
// carry no name and stay for ever; bodies are erased by retention alone, which leaves an erasure saying why. The
// database itself refuses everything else, by triggers, on both engines.
//
// # What makes it hold
//
// A sequencer, at most five seconds behind, gives each leaf its position in a Merkle tree (RFC 6962, by
// golang.org/x/mod/sumdb/tlog) and signs the tree's head, so that no global lock sits on the write path. Signed heads
// are published: whoever kept one can prove later that the journal still begins with what it then held. Verify checks
// leaves, bodies, order, tree and heads, and names the first bad row.
//
// # How it is read
//
// Search finds lines by who, what, to what and when; Concerning finds those about one person or account, failed
// attempts and upkeep of the machine included. A Reader says a line as a French sentence, from the Sentences that each
// module registers for its own actions.
//
// # Tables
//
// audit_leaf, audit_body, audit_subject (whom a body concerns), audit_erasure, audit_pending (leaves not placed yet),
// audit_sequence, audit_hash (the tree's stored hashes), audit_head, audit_mailed (heads sent to who keeps them) and
// audit_tree (the row that sequencers touch first).
//
// # What it does not do
//
// It does not know accounts: an actor is a plain typed id, so that every module, accounts included, stands above it; who
// an account is comes from Names. It does not check rights: who may read which lines is decided by its callers.
package audit

import (
	"log/slog"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/secret"
)

// Actor is who did a thing: "cli", "system", "anonymous", or an account's id.
type Actor string

// The actors that are not accounts.
const (
	CLI    Actor = "cli"    // a person at the command line of the machine
	System Actor = "system" // the program itself: a worker, the demo

	Anonymous Actor = "anonymous" // whoever reads the public pages: a failed log-in, a declaration without an account
)

// Account reports whether a is the id of an account.
func (a Actor) Account() bool {
	return a != "" && a != CLI && a != System && a != Anonymous
}

// Entry is one thing done, or tried in vain.
type Entry struct {
	Actor  Actor
	Action string            // "place.import", in the words of the rights
	Object Object            // what it was done to
	Detail map[string]string // what a reader needs to understand it: ids and words of closed lists; never a name or a secret

	// Subjects are the persons and accounts that it concerns beside its object: whose booking was read, whose right was
	// tried. They find the line in Concerning, and it is erased with them. Ids only.
	Subjects []Object
}

// Object names a row of some module.
type Object struct {
	Kind string // "place", "commune", "person", "account"...
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
