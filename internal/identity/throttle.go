package identity

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// A throttle slows down whoever fails again and again. It counts a try before it is judged, so that a thousand at once
// are not a thousand tries; a success takes the count back.
type throttle struct {
	free   int64         // tries before the first wait
	first  time.Duration // that wait; each further failure doubles it
	most   time.Duration // the longest one
	forget time.Duration // after so long without a try it begins again
	drain  time.Duration // a failure is forgotten every so often; 0 is never
}

var (
	// byAccount slows one account down: five tries, then half a minute, one, two... to a quarter of an hour.
	byAccount = throttle{free: 5, first: 30 * time.Second, most: 15 * time.Minute, forget: 24 * time.Hour}
	// byAddress is for a whole building behind one address: three hundred failures in a quarter of an hour, then it waits
	// for as long. Browsers that an account knows again do not count, so that a town hall keeps working.
	byAddress = throttle{free: 300, first: 15 * time.Minute, most: 15 * time.Minute, forget: 15 * time.Minute, drain: 3 * time.Second}
	// bySMS is for codes that cost money, asked from one address: sixty an hour.
	bySMS = throttle{free: 60, first: 15 * time.Minute, most: time.Hour, forget: time.Hour, drain: time.Minute}
	// byContact is for codes sent to one address or telephone.
	byContact = throttle{free: 5, first: 5 * time.Minute, most: time.Hour, forget: 24 * time.Hour}
)

// wait is how long to wait after the n-th failure in a row.
func (t throttle) wait(n int64) time.Duration {
	if n < t.free {
		return 0
	}
	w := t.first
	for i := t.free; i < n && w < t.most; i++ {
		w *= 2
	}
	return min(w, t.most)
}

// left is how many of n failures still count after a time without a try.
func (t throttle) left(n int64, since time.Duration) int64 {
	switch {
	case since >= t.forget:
		return 0
	case t.drain > 0:
		return max(0, n-int64(since/t.drain))
	}
	return n
}

// try counts a try under key before it is judged. It reports fault.TooMany while the key must wait.
func (s *Service) try(ctx context.Context, key string, t throttle) error {
	if key == "" {
		return nil
	}
	var until time.Time
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		until, _, err = s.tryTx(ctx, tx, key, t)
		return err
	})
	if err == nil && !until.IsZero() {
		err = tooMany(until.Sub(s.now()))
	}
	return err
}

// tryTx is try in the caller's transaction: it returns until when the key must wait, or the zero time and which try in a
// row this one is.
func (s *Service) tryTx(ctx context.Context, tx *db.Tx, key string, t throttle) (until time.Time, nth int64, err error) {
	now := s.now()
	row, err := touchThrottle(ctx, tx, key, now)
	if err != nil {
		return time.Time{}, 0, err
	}
	if now.Before(row.until) {
		return row.until, 0, nil
	}
	row.failures = t.left(row.failures, now.Sub(row.last)) + 1
	row.last, row.until = now, now.Add(t.wait(row.failures))
	return time.Time{}, row.failures, putThrottle(ctx, tx, key, row)
}

// tooMany is the refusal of who must wait.
func tooMany(wait time.Duration) error {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	return fault.New(fault.TooMany, "identity.too_many", "Minutes", max(1, minutes))
}

// The keys say what they count, under a keyed hash.
func (s *Service) accountKey(email string) string { return s.vault.mark("throttle account", email) }

func (s *Service) factorKey(account AccountID) string {
	return s.vault.mark("throttle factor", string(account))
}

func (s *Service) contactKey(contact string) string { return s.vault.mark("throttle contact", contact) }

func (s *Service) browserKey(nonce, use string) string {
	return s.vault.mark("throttle browser", nonce, use)
}

// smsKey is addressKey for what costs money.
func (s *Service) smsKey(address string) string {
	if address == "" {
		return ""
	}
	return s.vault.mark("throttle sms", network(address))
}

// addressKey is "" for an address that is not known, which is not counted.
func (s *Service) addressKey(address string) string {
	if address == "" {
		return ""
	}
	return s.vault.mark("throttle address", network(address))
}
