package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

// sessionRow is a session to insert.
type sessionRow struct {
	id         SessionID
	account    AccountID
	membership MembershipID
	epoch      int64
	method     Method
	provider   string
	kiosk      bool
	device     string
	factorAt   time.Time
	createdAt  time.Time
	seenAt     time.Time
	endsAt     time.Time
}

func insertSession(ctx context.Context, tx *db.Tx, hash []byte, s sessionRow) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO identity_session (id, token_hash, account_id, membership_id, epoch, method, provider, kiosk, device,
		second_factor_at, created_at, seen_at, ends_at, closed_why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '')`,
		string(s.id), hash, string(s.account), optional(s.membership), s.epoch, string(s.method), s.provider, s.kiosk, s.device,
		micros(s.factorAt), db.Micros(s.createdAt), db.Micros(s.seenAt), db.Micros(s.endsAt))
	return err
}

// liveRow is a session with what it stands on.
type liveRow struct {
	Session
	scope scopeRow
}

// liveCols are read by the check of each request: session, account, membership, organisation, scope.
const liveCols = `s.id, s.method, s.provider, s.kiosk, s.device, s.second_factor_at, s.created_at, s.seen_at, s.ends_at,
	a.id, a.kind, a.given_name, a.family_name, m.id, m.role, o.id, o.name, g.id, g.kind, g.code, g.name, g.version`

// liveFrom joins them so that a row comes out only where everything holds: an active account of the session's epoch and,
// for staff, an active membership in an active organisation.
const liveFrom = ` FROM identity_session s
	JOIN identity_account a ON a.id = s.account_id AND a.state = 'active' AND a.epoch = s.epoch
	LEFT JOIN identity_membership m ON m.id = s.membership_id AND m.account_id = a.id AND m.state = 'active'
	LEFT JOIN identity_organisation o ON o.id = m.organisation_id AND o.state = 'active'
	LEFT JOIN identity_scope g ON g.id = m.scope_id
	WHERE s.closed_at IS NULL AND (a.kind = 'resident' OR o.id IS NOT NULL)`

func scanLive(r db.Row) (liveRow, error) {
	var l liveRow
	var given, family string
	var version *int64
	a := &l.Actor
	err := r.Scan(&l.ID, &l.Method, &l.Provider, &a.Kiosk, &l.Device, instant{&a.SecondFactorAt}, instant{&l.CreatedAt}, instant{&l.SeenAt}, instant{&l.EndsAt},
		&a.Account, &a.Kind, &given, &family, text[MembershipID]{&a.Membership}, text[Role]{&a.Role}, text[OrganisationID]{&a.Organisation}, text[string]{&l.OrganisationName},
		text[ScopeID]{&l.scope.ID}, text[ScopeKind]{&l.scope.Kind}, text[string]{&l.scope.Code}, text[string]{&l.scope.Name}, &version)
	a.Session, a.Name = l.ID, Account{GivenName: given, FamilyName: family}.Name()
	if version != nil {
		l.scope.version = *version
	}
	return l, err
}

func liveSession(ctx context.Context, d *db.DB, hash []byte, now time.Time) (liveRow, error) {
	return db.Hot(ctx, d, scanLive, `SELECT `+liveCols+liveFrom+` AND s.token_hash = $1 AND s.ends_at > $2`, hash, db.Micros(now))
}

// sessionsOf lists the sessions of an account that hold and were not idle for too long.
func sessionsOf(ctx context.Context, q db.Querier, account AccountID, now time.Time) ([]Session, error) {
	rows, err := db.All(ctx, q, scanLive, `SELECT `+liveCols+liveFrom+` AND s.account_id = $1 AND s.ends_at > $2 ORDER BY s.created_at DESC, s.id DESC`, string(account), db.Micros(now))
	if err != nil {
		return nil, err
	}
	var out []Session
	for _, row := range rows {
		if now.Before(row.DiesAt()) {
			out = append(out, row.Session)
		}
	}
	return out, nil
}

// seenSession never wakes a session: it updates an open row or nothing, and only forward.
func seenSession(ctx context.Context, tx *db.Tx, session SessionID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_session SET seen_at = $1 WHERE id = $2 AND closed_at IS NULL AND seen_at < $1`, db.Micros(at), string(session))
	return err
}

func seenAccount(ctx context.Context, tx *db.Tx, account AccountID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_account SET seen_at = $1 WHERE id = $2 AND (seen_at IS NULL OR seen_at < $1)`, db.Micros(at), string(account))
	return err
}

// closeSession closes an open session of an account and returns how many that was.
func closeSession(ctx context.Context, tx *db.Tx, session SessionID, account AccountID, at time.Time, why string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_session SET closed_at = $1, closed_why = $2 WHERE id = $3 AND account_id = $4 AND closed_at IS NULL`,
		db.Micros(at), why, string(session), string(account))
}

// closeOtherSessions closes the sessions of an account but one; "" spares none.
func closeOtherSessions(ctx context.Context, tx *db.Tx, account AccountID, spare SessionID, at time.Time, why string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_session SET closed_at = $1, closed_why = $2 WHERE account_id = $3 AND id <> $4 AND closed_at IS NULL`,
		db.Micros(at), why, string(account), string(spare))
}

func closeMembershipSessions(ctx context.Context, tx *db.Tx, m MembershipID, at time.Time, why string) error {
	_, err := db.Exec(ctx, tx, `UPDATE identity_session SET closed_at = $1, closed_why = $2 WHERE membership_id = $3 AND closed_at IS NULL`, db.Micros(at), why, string(m))
	return err
}

// renewSession gives an open session a new token and a membership.
func renewSession(ctx context.Context, tx *db.Tx, session SessionID, hash []byte, m MembershipID) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE identity_session SET token_hash = $1, membership_id = $2 WHERE id = $3 AND closed_at IS NULL`, hash, string(m), string(session))
}

// ableMemberships are those a session can stand on: active, in an active organisation.
func ableMemberships(ctx context.Context, q db.Querier, account AccountID) ([]Membership, error) {
	return db.All(ctx, q, scanMembership, `SELECT `+prefixed("m", membershipCols)+` FROM identity_membership m
		JOIN identity_organisation o ON o.id = m.organisation_id AND o.state = 'active'
		WHERE m.account_id = $1 AND m.state = 'active' ORDER BY m.since_at, m.id`, string(account))
}

// takenAway counts a session that was closed by other than its own log-out, or whose account closed all of its epoch.
const takenAway = `SELECT COUNT(*) FROM identity_session s JOIN identity_account a ON a.id = s.account_id
	WHERE s.id = $1 AND (s.closed_why NOT IN ('', 'logout') OR a.epoch <> s.epoch OR a.state <> 'active')`
