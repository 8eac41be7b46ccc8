package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

// How long what is over is kept.
const (
	keepSessions   = 90 * 24 * time.Hour // for the person to see a session they do not know
	keepChallenges = 24 * time.Hour
)

// Sweep erases what is over: closed and expired sessions after ninety days, steps of log-ins, failures of the day before,
// addresses of invitations.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `DELETE FROM identity_session WHERE ends_at < $1`, db.Micros(now.Add(-keepSessions))); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `DELETE FROM identity_challenge WHERE expires_at < $1`, db.Micros(now.Add(-keepChallenges))); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `DELETE FROM identity_throttle WHERE last_at < $1 AND until_at < $2`, db.Micros(now.Add(-byAccount.forget)), db.Micros(now)); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `UPDATE identity_invitation SET email = '' WHERE expires_at <= $1 AND email <> ''`, db.Micros(now))
		return err
	})
}
