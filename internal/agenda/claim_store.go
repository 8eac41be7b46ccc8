package agenda

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

const claimCols = `id, occurrence_id, person_id, state, seats, slot_at, slot_end, reason_id, reference, cycle_id, origin, by_account, by_organisation,
	quota_id, commune_code, audience, silent, phone_key, email_key, turn, held_until, created_at, ended_at, version`

func scanClaim(r db.Row) (Claim, error) {
	var c Claim
	var slot, slotEnd, held, created, ended int64
	err := r.Scan(&c.ID, &c.Occurrence, &c.Person, &c.State, &c.Seats, &slot, &slotEnd, &c.Reason, &c.Reference, &c.Cycle, &c.Origin, &c.By, &c.Organisation,
		&c.Quota, &c.Commune, &c.Audience, &c.Silent, &c.phoneKey, &c.emailKey, &c.Turn, &held, &created, &ended, &c.Version)
	c.Slot, c.SlotEnd, c.HeldUntil = db.TimeOrZero(slot), db.TimeOrZero(slotEnd), db.TimeOrZero(held)
	c.CreatedAt, c.EndedAt = db.Time(created), db.TimeOrZero(ended)
	return c, err
}

func (c Claim) row() []any {
	return []any{
		string(c.ID), string(c.Occurrence), string(c.Person), string(c.State), c.Seats, db.MicrosOrZero(c.Slot), db.MicrosOrZero(c.SlotEnd), string(c.Reason),
		c.Reference, string(c.Cycle), string(c.Origin), string(c.By), string(c.Organisation), c.Quota, c.Commune, c.Audience, c.Silent, c.phoneKey, c.emailKey,
		c.Turn, db.MicrosOrZero(c.HeldUntil), db.Micros(c.CreatedAt), db.MicrosOrZero(c.EndedAt), c.Version,
	}
}

func insertClaim(ctx context.Context, tx *db.Tx, c Claim) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_claim (`+claimCols+`) VALUES (`+db.Params(1, 24)+`)`, c.row()...)
	return err
}

// updateClaim writes what may change of a claim: its place in the calendar and its state.
func updateClaim(ctx context.Context, tx *db.Tx, c Claim) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_claim SET occurrence_id = $2, state = $3, slot_at = $4, slot_end = $5, quota_id = $6, turn = $7, held_until = $8,
		ended_at = $9, reason_id = $10, silent = $11, version = version + 1 WHERE id = $1`, string(c.ID), string(c.Occurrence), string(c.State), db.MicrosOrZero(c.Slot),
		db.MicrosOrZero(c.SlotEnd), c.Quota, c.Turn, db.MicrosOrZero(c.HeldUntil), db.MicrosOrZero(c.EndedAt), string(c.Reason), c.Silent)
	return err
}

func claimByID(ctx context.Context, q db.Querier, claim ClaimID) (Claim, error) {
	return db.One(ctx, q, scanClaim, `SELECT `+claimCols+` FROM agenda_claim WHERE id = $1`, string(claim))
}

func claimByReference(ctx context.Context, q db.Querier, reference string) (Claim, error) {
	return db.One(ctx, q, scanClaim, `SELECT `+claimCols+` FROM agenda_claim WHERE reference = $1`, reference)
}

// claimsOf are the claims of an occurrence, in the order they came.
func claimsOf(ctx context.Context, q db.Querier, of ID) ([]Claim, error) {
	return db.All(ctx, q, scanClaim, `SELECT `+claimCols+` FROM agenda_claim WHERE occurrence_id = $1 ORDER BY created_at, id`, string(of))
}

// followers are the claims of the later sessions of a cycle.
func followers(ctx context.Context, q db.Querier, of ClaimID) ([]Claim, error) {
	return db.All(ctx, q, scanClaim, `SELECT `+claimCols+` FROM agenda_claim WHERE cycle_id = $1 ORDER BY created_at, id`, string(of))
}

// liveOf counts what a contact still has: a cycle counts once.
func liveOf(ctx context.Context, q db.Querier, phoneKey, emailKey string) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT COUNT(*) FROM agenda_claim WHERE state IN ('waiting', 'held', 'booked') AND cycle_id = ''
		AND (phone_key = $1 AND phone_key <> '' OR email_key = $2 AND email_key <> '')`, phoneKey, emailKey)
}

// lastTurn is the highest order of arrival given on an occurrence.
func lastTurn(claims []Claim) int64 {
	var last int64
	for _, c := range claims {
		last = max(last, c.Turn)
	}
	return last
}

// lockNumber makes this the only transaction that has a number until it ends: for what may have no row yet that could be touched.
// PostgreSQL locks the number; SQLite has one writer.
func lockNumber(ctx context.Context, tx *db.Tx, number int64) error {
	_, err := db.One(ctx, tx, db.Value[string], tx.Engine().Pick(`SELECT CAST($1 AS TEXT)`, `SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)`), number)
	return err
}

// step is something that happened to a claim.
type step struct {
	At    time.Time
	State ClaimState
	By    string
	Why   string // a code
}

func insertClaimStep(ctx context.Context, tx *db.Tx, of ClaimID, s step) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_claim_step (id, claim_id, at, state, by_actor, why) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New(), string(of), db.Micros(s.At), string(s.State), s.By, s.Why)
	return err
}

func claimSteps(ctx context.Context, q db.Querier, of ClaimID) ([]step, error) {
	return db.All(ctx, q, func(r db.Row) (step, error) {
		var s step
		var at int64
		err := r.Scan(&at, &s.State, &s.By, &s.Why)
		s.At = db.Time(at)
		return s, err
	}, `SELECT at, state, by_actor, why FROM agenda_claim_step WHERE claim_id = $1 ORDER BY at, id`, string(of))
}

// heads counts who came without booking.
func heads(ctx context.Context, q db.Querier, of ID) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT COALESCE(SUM(n), 0) FROM agenda_headcount WHERE occurrence_id = $1`, string(of))
}

// insertHead writes a tap; false when the device had sent it already.
func insertHead(ctx context.Context, tx *db.Tx, tap string, of ID, at time.Time, n int, by string) (bool, error) {
	rows, err := db.Exec(ctx, tx, `INSERT INTO agenda_headcount (id, occurrence_id, at, n, by_actor) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
		tap, string(of), db.Micros(at), n, by)
	return rows > 0, err
}

const authorisationCols = `id, person_id, skill, organisation_id, granted_by, granted_at, expires_on, revoked_at`

func scanAuthorisation(r db.Row) (Authorisation, error) {
	var a Authorisation
	var granted, revoked int64
	err := r.Scan(&a.ID, &a.Person, &a.Skill, &a.Organisation, &a.GrantedBy, &granted, &a.ExpiresOn, &revoked)
	a.GrantedAt, a.RevokedAt = db.Time(granted), db.TimeOrZero(revoked)
	return a, err
}

func authorisationsOf(ctx context.Context, q db.Querier, of person.ID) ([]Authorisation, error) {
	return db.All(ctx, q, scanAuthorisation, `SELECT `+authorisationCols+` FROM agenda_authorisation WHERE person_id = $1 ORDER BY granted_at, id`, string(of))
}

func authorisationByID(ctx context.Context, q db.Querier, one string) (Authorisation, error) {
	return db.One(ctx, q, scanAuthorisation, `SELECT `+authorisationCols+` FROM agenda_authorisation WHERE id = $1`, one)
}

func insertAuthorisation(ctx context.Context, tx *db.Tx, a Authorisation) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_authorisation (`+authorisationCols+`) VALUES (`+db.Params(1, 8)+`)`, a.ID, string(a.Person), a.Skill,
		string(a.Organisation), a.GrantedBy, db.Micros(a.GrantedAt), a.ExpiresOn, db.MicrosOrZero(a.RevokedAt))
	return err
}

func revokeAuthorisation(ctx context.Context, tx *db.Tx, one string, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE agenda_authorisation SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`, one, db.Micros(at))
}

// organisationOr is the first organisation that is not empty.
func organisationOr(list ...identity.OrganisationID) identity.OrganisationID {
	if i := slices.IndexFunc(list, func(o identity.OrganisationID) bool { return o != "" }); i >= 0 {
		return list[i]
	}
	return ""
}
