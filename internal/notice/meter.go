package notice

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/sms"
)

// Meter is what text messages have cost in a month, and what they may cost.
type Meter struct {
	Month    string // "2026-05"
	Cap      int64  // cents
	Spent    sms.Millis
	Segments int64 // billed
	Messages int64 // by text message, told
}

// defaultCap is the cap, in cents, where nobody has set one: a thousand segments at the usual price.
const defaultCap = 5000

// maxCap is more than any territory spends: beyond it a figure was mistyped.
const maxCap = 100_000_00

// month names the month of an instant, in the zone that it carries.
func month(t time.Time) string { return t.Format("2006-01") }

// Meter returns the meter of the month under way.
func (s *Service) Meter(ctx context.Context) (Meter, error) {
	m := Meter{Month: month(s.here())}
	var err error
	if m.Cap, err = capOf(ctx, s.db, m.Month); err != nil {
		return Meter{}, err
	}
	type sum struct {
		millis, segments, messages int64
	}
	got, err := db.One(ctx, s.db, func(r db.Row) (sum, error) {
		var v sum
		return v, r.Scan(&v.millis, &v.segments, &v.messages)
	}, `SELECT coalesce(sum(cost_millis), 0), coalesce(sum(segments), 0), coalesce(sum(CASE WHEN result = 'sent' THEN 1 ELSE 0 END), 0)
		FROM notice_receipt WHERE month = $1 AND channel = 'sms'`, m.Month)
	m.Spent, m.Segments, m.Messages = sms.Millis(got.millis), got.segments, got.messages
	return m, err
}

// capOf is the cap of a month: its own, else that of the last month that has one.
func capOf(ctx context.Context, q db.Querier, month string) (int64, error) {
	limit, err := db.One(ctx, q, db.Value[int64], `SELECT cap_cents FROM notice_meter WHERE month <= $1 ORDER BY month DESC LIMIT 1`, month)
	if fault.Is(err, fault.NotFound) {
		return defaultCap, nil
	}
	return limit, err
}

// SetCap says, in cents, what text messages may cost a month, from the month under way on. It reports fault.Invalid for
// an amount that cannot be meant, and what identity.Require says of NoticeSettings.
func (s *Service) SetCap(ctx context.Context, by identity.Actor, cents int64) error {
	if err := identity.Require(by, identity.NoticeSettings, identity.Object{Kind: identity.ObjectNotice}); err != nil {
		return err
	}
	if cents < 0 || cents > maxCap {
		return errCap()
	}
	m := month(s.here())
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := capOf(ctx, tx, m)
		if err != nil {
			return err
		}
		if err := s.openMonthTx(ctx, tx, m); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `UPDATE notice_meter SET cap_cents = $2, changed_at = $3 WHERE month = $1`, m, cents, db.Micros(s.now())); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{
			Actor: by.Audit(), Action: "notice.cap", Object: audit.Object{Kind: "meter", ID: m},
			Detail: map[string]string{"before_cents": strconv.FormatInt(was, 10), "after_cents": strconv.FormatInt(cents, 10)},
		})
	})
}

// openMonthTx makes the row of a month if there is none yet.
func (s *Service) openMonthTx(ctx context.Context, tx *db.Tx, month string) error {
	limit, err := capOf(ctx, tx, month)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `INSERT INTO notice_meter (month, cap_cents, spent_millis, changed_at) VALUES ($1, $2, 0, $3) ON CONFLICT (month) DO NOTHING`,
		month, limit, db.Micros(s.now()))
	return err
}

// spendTx claims a cost against the cap of a month, and reports whether it holds: one conditional write, whoever else
// claims at the same moment.
func (s *Service) spendTx(ctx context.Context, tx *db.Tx, month string, cost sms.Millis) (bool, error) {
	if err := s.openMonthTx(ctx, tx, month); err != nil {
		return false, err
	}
	n, err := db.Exec(ctx, tx, `UPDATE notice_meter SET spent_millis = spent_millis + $2 WHERE month = $1 AND spent_millis + $2 <= cap_cents * 10`, month, cost)
	return n > 0, err
}

// adjustTx brings what was claimed to what is billed. It is never refused: the money is spent.
func (s *Service) adjustTx(ctx context.Context, tx *db.Tx, month string, difference sms.Millis) error {
	if difference == 0 {
		return nil
	}
	if err := s.openMonthTx(ctx, tx, month); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `UPDATE notice_meter SET spent_millis = spent_millis + $2 WHERE month = $1`, month, difference)
	return err
}

func errCap() error {
	return fault.New(fault.Invalid, "notice.cap_refused").With("cap", "notice.cap_invalid")
}

// ParseEuros reads an amount as people write it, "150" or "99,90 €", in cents. It reports fault.Invalid on the field cap.
func ParseEuros(text string) (cents int64, err error) {
	whole, decimals, _ := strings.Cut(strings.Replace(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "€")), ",", ".", 1), ".")
	whole = strings.ReplaceAll(whole, " ", "")
	n, err := strconv.ParseUint(whole+(decimals + "00")[:2], 10, 40)
	if err != nil || len(decimals) > 2 || whole == "" {
		return 0, errCap()
	}
	return int64(n), nil
}

// Euros says an amount in cents: "99,90 €".
func Euros(cents int64) string { return fmt.Sprintf("%d,%02d €", cents/100, cents%100) }
