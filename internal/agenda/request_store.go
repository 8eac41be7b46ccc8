package agenda

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

const requestCols = `id, reference, state, commune_code, whole_day, every_weeks, days, half, from_on, rooms, wifi, step_free, needs, contact_name, contact_role, email, phone,
	offer, series_id, refusal, created_at, ended_at, version`

func scanRequest(r db.Row) (Request, error) {
	var one Request
	var days, offer string
	var created, ended int64
	err := r.Scan(&one.ID, &one.Reference, &one.State, &one.Commune, &one.WholeDay, &one.EveryWeeks, &days, &one.Half, &one.From, &one.Rooms, &one.Wifi, &one.StepFree,
		&one.Needs, &one.ContactName, &one.ContactRole, &one.Email, &one.Phone, &offer, &one.Series, &one.Refusal, &created, &ended, &one.Version)
	if err != nil {
		return one, err
	}
	one.CreatedAt, one.EndedAt = db.Time(created), db.TimeOrZero(ended)
	for _, d := range split[string](days) {
		n, err := strconv.Atoi(d)
		if err != nil {
			return one, unreadable("day of a request", d)
		}
		one.Days = append(one.Days, time.Weekday(n%7))
	}
	if offer != "" {
		one.Offer = &HalfDay{}
		err = json.Unmarshal([]byte(offer), one.Offer)
	}
	return one, err
}

func (r Request) row() ([]any, error) {
	days := make([]string, len(r.Days))
	for i, d := range r.Days {
		days[i] = strconv.Itoa((int(d)+6)%7 + 1)
	}
	offer, err := r.Offer.marshal()
	return []any{
		r.ID, r.Reference, string(r.State), r.Commune, r.WholeDay, r.EveryWeeks, strings.Join(days, "|"), r.Half, r.From, r.Rooms, r.Wifi, r.StepFree, r.Needs, r.ContactName,
		r.ContactRole, r.Email, r.Phone, offer, string(r.Series), r.Refusal, db.Micros(r.CreatedAt), db.MicrosOrZero(r.EndedAt), r.Version,
	}, err
}

func insertRequest(ctx context.Context, tx *db.Tx, r Request) error {
	row, err := r.row()
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `INSERT INTO agenda_request (`+requestCols+`) VALUES (`+db.Params(1, 23)+`)`, row...)
	return err
}

func updateRequest(ctx context.Context, tx *db.Tx, r Request) error {
	offer, err := r.Offer.marshal()
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `UPDATE agenda_request SET state = $2, offer = $3, series_id = $4, refusal = $5, ended_at = $6, version = version + 1 WHERE id = $1`,
		r.ID, string(r.State), offer, string(r.Series), r.Refusal, db.MicrosOrZero(r.EndedAt))
	return err
}

// touchRequest makes the caller's transaction the only one that decides on a request until it ends. It leaves the version: what
// somebody read is compared with it.
func touchRequest(ctx context.Context, tx *db.Tx, request string) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_request SET version = version WHERE id = $1`, request)
	return err
}

func requestByID(ctx context.Context, q db.Querier, request string) (Request, error) {
	return db.One(ctx, q, scanRequest, `SELECT `+requestCols+` FROM agenda_request WHERE id = $1`, request)
}

// requestsOf are the requests that by may study, those that wait first, then by age.
func requestsOf(ctx context.Context, q db.Querier, by identity.Actor) ([]Request, error) {
	where, args := identity.Where(by, identity.AgendaRequest, identity.Columns{Commune: "commune_code"}, 1)
	return db.All(ctx, q, scanRequest, `SELECT `+requestCols+` FROM agenda_request WHERE `+where+` ORDER BY ended_at > 0, created_at, id LIMIT 500`, args...)
}

func insertRequestStep(ctx context.Context, tx *db.Tx, r Request, by audit.Actor, why string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_request_step (id, request_id, at, state, by_actor, why) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New(), r.ID, db.Micros(at), string(r.State), string(by), why)
	return err
}
