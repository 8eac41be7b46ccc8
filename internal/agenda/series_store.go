package agenda

import (
	"context"
	"fmt"
	"strings"
	"time"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

const seriesCols = `id, organisation_id, tour_id, state, refusal, proposed_by, mode, title, summary, theme, level, prerequisites, phone, place_id, commune_code,
	venue, rule, starts_on, until_on, minute, length_min, zone, on_holiday, school, except_on, extra_on, capacity, desks, step_min, reasons, first_for, release_min,
	notice_min, ahead_days, cancel_min, move_min, waiting, hold_min, skill, cycle, host_name, host_email, host_phone, created_at, version`

const seriesWidth = 45

func scanSeries(r db.Row) (Series, error) {
	var s Series
	var starts, until, zone, except, extra, reasons string
	var release, notice, cancel, move, hold, created int64
	p := &s.Pattern
	err := r.Scan(&s.ID, &s.Organisation, &s.Tour, &s.State, &s.Refusal, &s.ProposedBy, &s.Mode, &s.Title, &s.Summary, &s.Theme, &s.Level, &s.Prerequisites,
		&s.Phone, &s.Where.Place, &s.Where.Commune, &s.Where.Venue, &p.Rule, &starts, &until, &p.Minute, &p.Length, &zone, &p.OnHoliday, &p.School, &except, &extra,
		&s.Capacity, &s.Desks, &s.Step, &reasons, &s.FirstFor, &release, &notice, &s.Terms.Ahead, &cancel, &move, &s.Waiting, &hold, &s.Skill, &s.Cycle,
		&s.Host.Name, &s.Host.Email, &s.Host.Phone, &created, &s.Version)
	if err != nil {
		return s, err
	}
	s.Release, s.Terms.Notice, s.Terms.Cancel, s.Terms.Move, s.Hold = minutes(release), minutes(notice), minutes(cancel), minutes(move), minutes(hold)
	s.CreatedAt, s.Reasons = db.Time(created), split[ReasonID](reasons)
	return s, fillPattern(p, starts, until, zone, except, extra)
}

func (s Series) row() []any {
	p := s.Pattern
	return []any{
		string(s.ID), string(s.Organisation), string(s.Tour), string(s.State), s.Refusal, s.ProposedBy, string(s.Mode), s.Title, s.Summary, string(s.Theme),
		string(s.Level), s.Prerequisites, s.Phone, string(s.Where.Place), s.Where.Commune, s.Where.Venue, p.Rule, p.Starts.String(), civil(p.Until), p.Minute, p.Length,
		p.Zone.String(), string(p.OnHoliday), string(p.School), dates(p.Except), dates(p.Extra), s.Capacity, s.Desks, s.Step, join(s.Reasons), string(s.FirstFor),
		inMinutes(s.Release), inMinutes(s.Terms.Notice), s.Terms.Ahead, inMinutes(s.Terms.Cancel), inMinutes(s.Terms.Move), s.Waiting, inMinutes(s.Hold), s.Skill, s.Cycle,
		s.Host.Name, s.Host.Email, s.Host.Phone, db.Micros(s.CreatedAt), s.Version,
	}
}

func insertSeries(ctx context.Context, tx *db.Tx, s Series) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_series (`+seriesCols+`) VALUES (`+db.Params(1, seriesWidth)+`)`, s.row()...)
	return err
}

// replaceSeries writes a series as it becomes, if nobody wrote since its version was read: fault.Conflict otherwise.
func replaceSeries(ctx context.Context, tx *db.Tx, s Series) error {
	n, err := db.Exec(ctx, tx, `DELETE FROM agenda_series WHERE id = $1 AND version = $2`, string(s.ID), s.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "agenda.stale")
	}
	s.Version++
	return insertSeries(ctx, tx, s)
}

func seriesByID(ctx context.Context, q db.Querier, series SeriesID) (Series, error) {
	s, err := db.One(ctx, q, scanSeries, `SELECT `+seriesCols+` FROM agenda_series WHERE id = $1`, string(series))
	if err != nil {
		return s, err
	}
	s.Members, err = members(ctx, q, "agenda_series_member", "series_id", string(series))
	return s, err
}

func listSeries(ctx context.Context, q db.Querier) ([]Series, error) {
	return db.All(ctx, q, scanSeries, `SELECT `+seriesCols+` FROM agenda_series ORDER BY id`)
}

// members are the accounts of a series, an occurrence or a tour.
func members(ctx context.Context, q db.Querier, table, column, of string) ([]identity.AccountID, error) {
	return db.All(ctx, q, db.Value[identity.AccountID], `SELECT account_id FROM `+table+` WHERE `+column+` = $1 ORDER BY account_id`, of)
}

func putMembers(ctx context.Context, tx *db.Tx, table, column, of string, accounts []identity.AccountID) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM `+table+` WHERE `+column+` = $1`, of); err != nil {
		return err
	}
	rows := make([][]any, 0, len(accounts))
	for _, a := range accounts {
		rows = append(rows, []any{of, string(a)})
	}
	return db.InsertMany(ctx, tx, table+` (`+column+`, account_id)`, 2, rows, `ON CONFLICT DO NOTHING`)
}

func quotasOf(ctx context.Context, q db.Querier, series SeriesID) ([]Quota, error) {
	return db.All(ctx, q, func(r db.Row) (Quota, error) {
		var one Quota
		var release int64
		err := r.Scan(&one.ID, &one.Seats, &one.Kind, &one.Value, &release)
		one.Release = minutes(release)
		return one, err
	}, `SELECT id, seats, kind, value, release_min FROM agenda_quota WHERE series_id = $1 ORDER BY id`, string(series))
}

// putQuotas replaces the quotas of a series; those that were there keep their id, which claims name.
func putQuotas(ctx context.Context, tx *db.Tx, of SeriesID, quotas []Quota) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM agenda_quota WHERE series_id = $1`, string(of)); err != nil {
		return err
	}
	for _, one := range quotas {
		if one.ID == "" {
			one.ID = id.New()
		}
		_, err := db.Exec(ctx, tx, `INSERT INTO agenda_quota (id, series_id, seats, kind, value, release_min) VALUES ($1, $2, $3, $4, $5, $6)`,
			one.ID, string(of), one.Seats, string(one.Kind), one.Value, inMinutes(one.Release))
		if err != nil {
			return err
		}
	}
	return nil
}

const reasonCols = `id, organisation_id, name, minutes, buffer_min, notice_min, ahead_days, cancel_min, move_min, bookable_by, silent, bring, retired, version`

func scanReason(r db.Row) (Reason, error) {
	var one Reason
	var notice, cancel, move int64
	err := r.Scan(&one.ID, &one.Organisation, &one.Name, &one.Minutes, &one.Buffer, &notice, &one.Terms.Ahead, &cancel, &move, &one.BookableBy, &one.Silent, &one.Bring,
		&one.Retired, &one.Version)
	one.Terms.Notice, one.Terms.Cancel, one.Terms.Move = minutes(notice), minutes(cancel), minutes(move)
	return one, err
}

func (r Reason) row() []any {
	return []any{
		string(r.ID), string(r.Organisation), r.Name, r.Minutes, r.Buffer, inMinutes(r.Terms.Notice), r.Terms.Ahead, inMinutes(r.Terms.Cancel), inMinutes(r.Terms.Move),
		string(r.BookableBy), r.Silent, r.Bring, r.Retired, r.Version,
	}
}

func insertReason(ctx context.Context, tx *db.Tx, r Reason) error {
	r.Version = 1
	_, err := db.Exec(ctx, tx, `INSERT INTO agenda_reason (`+reasonCols+`) VALUES (`+db.Params(1, 14)+`)`, r.row()...)
	return err
}

func updateReason(ctx context.Context, tx *db.Tx, r Reason) (int64, error) {
	n, err := db.Exec(ctx, tx, `UPDATE agenda_reason SET name = $3, minutes = $4, buffer_min = $5, notice_min = $6, ahead_days = $7, cancel_min = $8, move_min = $9,
		bookable_by = $10, silent = $11, bring = $12, retired = $13, version = version + 1 WHERE id = $1 AND organisation_id = $2 AND version = $14`, r.row()...)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "agenda.stale")
	}
	return r.Version + 1, err
}

func reasonsOf(ctx context.Context, q db.Querier, of identity.OrganisationID) ([]Reason, error) {
	return db.All(ctx, q, scanReason, `SELECT `+reasonCols+` FROM agenda_reason WHERE organisation_id = $1 ORDER BY name, id`, string(of))
}

func listReasons(ctx context.Context, q db.Querier) ([]Reason, error) {
	return db.All(ctx, q, scanReason, `SELECT `+reasonCols+` FROM agenda_reason ORDER BY id`)
}

func reasonsIn(ctx context.Context, q db.Querier, ids []ReasonID) (map[ReasonID]Reason, error) {
	out := map[ReasonID]Reason{}
	if len(ids) == 0 {
		return out, nil
	}
	args := make([]any, len(ids))
	for i, one := range ids {
		args[i] = string(one)
	}
	list, err := db.All(ctx, q, scanReason, `SELECT `+reasonCols+` FROM agenda_reason WHERE id IN (`+db.Params(1, len(ids))+`)`, args...)
	for _, r := range list {
		out[r.ID] = r
	}
	return out, err
}

// Columns hold whole minutes, and lists joined by "|".

func minutes(n int64) time.Duration   { return time.Duration(n) * time.Minute }
func inMinutes(d time.Duration) int64 { return int64(d / time.Minute) }
func join[T ~string](list []T) string { return strings.Join(plain(list), "|") }
func dates(list []recur.Date) string  { return strings.Join(texts(list), "|") }
func unreadable(what, value string) error {
	return fmt.Errorf("agenda: %s %q cannot be read", what, value)
}

func split[T ~string](text string) []T {
	var out []T
	for _, one := range strings.Split(text, "|") {
		if one != "" {
			out = append(out, T(one))
		}
	}
	return out
}

func plain[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = string(list[i])
	}
	return out
}

func texts(list []recur.Date) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].String()
	}
	return out
}

// civil writes a date, "" for the zero one.
func civil(d recur.Date) string {
	if d == (recur.Date{}) {
		return ""
	}
	return d.String()
}

// ParseDate reads a civil date (2026-05-04); "" is the zero date.
func ParseDate(text string) (recur.Date, error) {
	if text == "" {
		return recur.Date{}, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return recur.Date{}, unreadable("date", text)
	}
	return recur.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}, nil
}

func parseDates(text string) ([]recur.Date, error) {
	var out []recur.Date
	for _, one := range split[string](text) {
		d, err := ParseDate(one)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// fillPattern reads what columns hold of a pattern.
func fillPattern(p *recur.Pattern, starts, until, zone, except, extra string) error {
	var err error
	if p.Zone, err = zoneOf(zone); err != nil {
		return err
	}
	if p.Starts, err = ParseDate(starts); err != nil {
		return err
	}
	if p.Until, err = ParseDate(until); err != nil {
		return err
	}
	if p.Except, err = parseDates(except); err != nil {
		return err
	}
	p.Extra, err = parseDates(extra)
	return err
}
