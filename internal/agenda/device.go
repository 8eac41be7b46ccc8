package agenda

import (
	"context"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// DeviceID is a browser on which somebody keeps the day, under a name that it gave itself.
type DeviceID string

// FieldDevice is a browser on which its owner keeps the day, to work without network.
type FieldDevice struct {
	ID        DeviceID
	Account   identity.AccountID
	session   identity.SessionID
	Name      string // kind of browser: "Chrome, Android"
	CreatedAt time.Time
	SeenAt    time.Time // when it last fetched a day or sent what was done
	LostAt    time.Time // the zero instant while it is in its owner's hands
}

// KeepDevice writes that by keeps the day on a device, and that it was seen. It reports fault.Invalid for an id that no device makes, and
// fault.Forbidden for a device that is lost or another account's, for a screen that others use next, and for who sees no people.
func (s *Service) KeepDevice(ctx context.Context, by identity.Actor, device DeviceID, name string) error {
	if !id.Valid(string(device)) {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	if by.Kiosk || identity.Reaches(by, identity.AgendaPeople) == identity.None {
		return fault.New(fault.Forbidden, "identity.forbidden")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		added, err := insertDevice(ctx, tx, FieldDevice{ID: device, Account: by.Account, session: by.Session, Name: shorten(name), CreatedAt: now, SeenAt: now})
		if err != nil {
			return err
		}
		if added {
			return s.record(ctx, tx, by.Audit(), "agenda.device", "device", string(device))
		}
		if err := s.deviceOf(ctx, tx, by, device); err != nil {
			return err
		}
		return seenDevice(ctx, tx, device, by.Session, now)
	})
}

// deviceOf reports fault.Forbidden unless a device is in by's hands.
func (s *Service) deviceOf(ctx context.Context, q db.Querier, by identity.Actor, device DeviceID) error {
	d, err := deviceByID(ctx, q, device)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.Forbidden, "agenda.device_other")
	case err != nil:
		return err
	case d.Account != by.Account:
		return fault.New(fault.Forbidden, "agenda.device_other")
	case !d.LostAt.IsZero():
		return fault.New(fault.Forbidden, "agenda.device_lost")
	}
	return nil
}

// Lost reports whether a device must forget the day that it keeps: its owner said that it is lost, or took away the session that
// fetched the day. A device nobody knows is not lost. It asks for no session: a device whose session is over asks too.
func (s *Service) Lost(ctx context.Context, device DeviceID) (bool, error) {
	d, err := deviceByID(ctx, s.db, device)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil || !d.LostAt.IsZero() {
		return !d.LostAt.IsZero(), err
	}
	return s.identity.TakenAway(ctx, d.session)
}

// Devices lists the devices of by, the last seen first.
func (s *Service) Devices(ctx context.Context, by identity.Actor) ([]FieldDevice, error) {
	return db.All(ctx, s.db, scanDevice, `SELECT `+deviceCols+` FROM agenda_device WHERE account_id = $1 ORDER BY lost_at > 0, seen_at DESC, id LIMIT 50`, string(by.Account))
}

// LoseDevice writes that a device of by is lost: it forgets the day when it next finds the network, and nothing is taken from it any
// more. Its session, where it is not the one that asks, is closed. Twice is once. It reports fault.NotFound for a device that is not by's.
func (s *Service) LoseDevice(ctx context.Context, by identity.Actor, device DeviceID) error {
	var session identity.SessionID
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := deviceByID(ctx, tx, device)
		if fault.Is(err, fault.NotFound) || err == nil && d.Account != by.Account {
			return identity.NotFound()
		}
		if err != nil || !d.LostAt.IsZero() {
			return err
		}
		if session = d.session; session == by.Session {
			session = ""
		}
		if err := loseDevice(ctx, tx, device, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, by.Audit(), "agenda.device_lost", "device", string(device))
	})
	if err != nil || session == "" {
		return err
	}
	if err := s.identity.CloseSession(ctx, by, by.Account, session); !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil // it had ended by itself
}
