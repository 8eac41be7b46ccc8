// Package identity says who is who, and who may do what for whom: organisations, accounts, memberships, roles, sessions
// and log-ins.
//
// # Who is who
//
// An organisation is a SIRET and a site. A person has one account, and a membership (a role, where it matters a scope of
// ground) in each organisation where they work; one of them is current in each session. A resident needs no account for
// anything; those who want one have no role. An account is not an e-mail address: two residents may share one, or a
// telephone.
//
// # Who may do what
//
// Every use case of every module takes an Actor and asks Can(actor, action, object), a pure function over one table of
// plain Go data (rights_table.go; docs/rights.md is made from it). What the table does not know is refused: an action, a
// role, a kind of object, an object that does not say whose it is. Require turns a refusal into a fault: Forbidden where
// the role lacks the action altogether, NotFound where the object is out of its reach, exactly as if it did not exist.
// Where gives the same answer as a condition of SQL, for lists.
//
// # Sessions
//
// A session is a row; the browser holds 256 random bits, the database their SHA-256. Each request reads session, account,
// membership and organisation in one SELECT, so that a right that is taken away is gone at once on every node. A new
// password or factor, a departure or a disabled account raises the account's epoch, and sessions of an older epoch are
// dead. Closing is an UPDATE and nothing inserts a row again, so that a session that ended never comes back.
//
// # Log-in
//
// Staff: a password (Argon2id) and then a passkey, a one-time password or a recovery code; or a passkey alone, which is
// both; or an identity provider that says it asked for two factors. A code by e-mail is never a second factor. Residents:
// a code by e-mail or SMS, or a printed card and its PIN. Known and unknown people get the same answer in the same time.
// Failures slow an account down, never the whole building it logs in from.
//
// # Tables
//
// identity_state (touched first by what counts across rows), identity_organisation, identity_past, identity_scope,
// identity_scope_commune, identity_account, identity_membership, identity_invitation, identity_session,
// identity_challenge, identity_totp, identity_recovery, identity_passkey, identity_throttle, identity_reproof,
// identity_card and identity_federated. Secrets are there as hashes, or sealed with a key that is not in the database.
//
// # What it does not do
//
// It sends nothing itself: it hands what must be said to a Messenger in the transaction of the effect. It speaks no
// OpenID Connect, only takes its result. It knows no page, no cookie and no network but the address a caller names.
package identity

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/territory"
)

// Ids of the rows of this module (UUID version 7); "" is none.
type (
	AccountID      string // a person who logs in
	OrganisationID string
	MembershipID   string // a role in an organisation
	SessionID      string // a browser that is logged in; not its secret
	ScopeID        string // a ground that a right holds on
	InvitationID   string
)

// Service is accounts, organisations, rights and sessions. It is safe for concurrent use.
type Service struct {
	db        *db.DB
	journal   *audit.Journal
	territory *territory.Service
	now       func() time.Time
	log       *slog.Logger

	messenger Messenger
	vault     vault
	passwords *hasher

	scopes scopeCache
	seen   seenMarks

	hooks     sync.RWMutex // guards the lists below, which app fills once
	merges    []MergeHook
	transfers map[ObjectKind]TransferHook
	erasures  []EraseHook
}

// Deps is what a Service needs.
type Deps struct {
	DB        *db.DB
	Journal   *audit.Journal
	Territory *territory.Service // communes and their groupings, for scopes
	Messenger Messenger          // nil: whatever must be sent is refused
	Key       []byte             // 32 bytes that are not in the database; nil: nobody can log in here
	Now       func() time.Time
	Log       *slog.Logger
}

// New returns the service of a database.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, journal: d.Journal, territory: d.Territory, messenger: d.Messenger, now: d.Now, log: d.Log,
		vault: newVault(d.Key), passwords: newHasher(today), transfers: map[ObjectKind]TransferHook{},
	}
}

// touch makes this the only change that counts across rows until its transaction ends.
func touch(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_state SET version = version + 1 WHERE id = 1`)
	return err
}
