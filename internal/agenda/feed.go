package agenda

import (
	"context"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// FeedPath is the secret calendar of a member of staff, followed by a token and ".ics".
const FeedPath = "/agenda/equipe/"

// FeedLink is the path of by's secret calendar. The same until NewFeed.
func (s *Service) FeedLink(ctx context.Context, by identity.Actor) (string, error) {
	if by.Account == "" || by.Kind != identity.Staff {
		return "", fault.New(fault.Forbidden, "identity.forbidden")
	}
	generation, err := feedGeneration(ctx, s.db, by.Account)
	if fault.Is(err, fault.NotFound) {
		generation, err = 0, nil
	}
	return FeedPath + s.feedToken(by.Account, generation) + ".ics", err
}

func (s *Service) feedToken(account identity.AccountID, generation int64) string {
	return s.token("feed "+strconv.FormatInt(generation, 10), string(account))
}

// NewFeed ends the address of by's calendar that was given before.
func (s *Service) NewFeed(ctx context.Context, by identity.Actor) error {
	if by.Account == "" || by.Kind != identity.Staff {
		return fault.New(fault.Forbidden, "identity.forbidden")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `INSERT INTO agenda_feed (account_id, generation) VALUES ($1, 1) ON CONFLICT (account_id) DO UPDATE SET generation = agenda_feed.generation + 1`,
			string(by.Account))
		return err
	})
}

func feedGeneration(ctx context.Context, q db.Querier, account identity.AccountID) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT generation FROM agenda_feed WHERE account_id = $1`, string(account))
}

// Feed lists the dates at which the owner of a token works, from a month ago on. A calendar is often shared further: it says
// how many come, and nobody's name; appointments under silence are not even counted. It reports fault.NotFound for a token that is none, or was replaced, and for an account
// that works here no more.
func (s *Service) Feed(ctx context.Context, token string) ([]TeamDate, error) {
	account, _, _ := strings.Cut(token, ".")
	generation, err := feedGeneration(ctx, s.db, identity.AccountID(account))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if !hmacEqual(token, s.feedToken(identity.AccountID(account), generation)) {
		return nil, unknown()
	}
	if works, err := s.identity.Works(ctx, s.db, identity.AccountID(account), ""); err != nil || !works {
		if err == nil {
			err = unknown()
		}
		return nil, err
	}
	list, err := occurrencesOfAccount(ctx, s.db, identity.AccountID(account), s.now().AddDate(0, -1, 0))
	if err != nil {
		return nil, err
	}
	return s.feedDates(ctx, list)
}

func (s *Service) feedDates(ctx context.Context, list []Occurrence) ([]TeamDate, error) {
	known := map[SeriesID]Series{}
	out := make([]TeamDate, 0, len(list))
	for _, o := range list {
		one, ok := known[o.Series]
		if !ok {
			var err error
			if one, err = seriesByID(ctx, s.db, o.Series); err != nil {
				return nil, err
			}
			known[o.Series] = one
		}
		claims, err := claimsOf(ctx, s.db, o.ID)
		if err != nil {
			return nil, err
		}
		d := TeamDate{Occurrence: o, Series: one, Spot: s.placeOf(o.Where)}
		for _, c := range taking(claims, s.now()) {
			if !c.Silent {
				d.Taken += c.Seats
			}
		}
		out = append(out, d)
	}
	return out, nil
}

func occurrencesOfAccount(ctx context.Context, q db.Querier, account identity.AccountID, from time.Time) ([]Occurrence, error) {
	return db.All(ctx, q, scanOccurrence, `SELECT `+prefixed("o", occurrenceCols)+` FROM agenda_occurrence o JOIN agenda_occurrence_member m ON m.occurrence_id = o.id
		WHERE m.account_id = $1 AND o.starts_at > $2 AND NOT (o.state = 'cancelled' AND o.ended_by = '') ORDER BY o.starts_at, o.id LIMIT 2000`, string(account), db.Micros(from))
}
