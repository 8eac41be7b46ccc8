package agenda

import (
	"context"
	"fmt"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// hostAhead is how long before a date its host is asked to confirm it.
const hostAhead = 21 * 24 * time.Hour

// hostTask asks the hosts of the coming dates.
type hostTask struct{}

// JobKind names the job.
func (hostTask) JobKind() string { return "agenda.hosts" }

// AskHosts asks the host of each date of the coming three weeks that waits for one. Each date is asked for once, however
// often and by however many nodes this is called: the message's key names the date and its hour.
func (s *Service) AskHosts(ctx context.Context) error {
	list, err := occurrencesBetween(ctx, s.db, s.now(), s.now().Add(hostAhead))
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.State != Planned {
			continue
		}
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.askHost(ctx, tx, o.ID) })
		if err != nil {
			return fmt.Errorf("ask the host of a date: %w", err)
		}
	}
	return nil
}

func (s *Service) askHost(ctx context.Context, tx *db.Tx, of ID) error {
	o, err := occurrenceByID(ctx, tx, of)
	if err != nil || o.State != Planned {
		return err
	}
	series, err := seriesByID(ctx, tx, o.Series)
	if err != nil || series.State != Published || !series.Host.Asked() {
		return err
	}
	return s.notices.SendTx(ctx, tx, notice.NewMessage{
		Event: EventHost, Key: fmt.Sprintf("%s %d", o.ID, o.Start.Unix()), From: series.Organisation, Path: HostPath + s.token("host", string(o.ID)), Until: o.Start,
		To:     notice.Recipient{Ref: "host:" + string(o.ID), Email: series.Host.Email, Phone: series.Host.Phone},
		Fields: map[string]string{"what": series.Title, "when": s.moment(o.Start.In(o.Zone)), "where": s.WhereText(o.Where)},
	})
}

// HostLink is the path of the page on which the host of a date confirms it, for staff who pass it on.
func (s *Service) HostLink(of ID) string { return HostPath + s.token("host", string(of)) }

// ReadHost returns the date of a host's token. It reports fault.NotFound for a token that is none.
func (s *Service) ReadHost(ctx context.Context, token string) (Series, Occurrence, error) {
	return s.readHost(ctx, s.db, token)
}

func (s *Service) readHost(ctx context.Context, q db.Querier, token string) (Series, Occurrence, error) {
	of := s.tokenOf("host", token)
	if of == "" {
		return Series{}, Occurrence{}, unknown()
	}
	o, err := occurrenceByID(ctx, q, ID(of))
	if err != nil {
		return Series{}, o, err
	}
	series, err := seriesByID(ctx, q, o.Series)
	return series, o, err
}

// HostConfirms writes that the room and the wifi are there; twice is once. It reports fault.Conflict once the date is over or called off.
func (s *Service) HostConfirms(ctx context.Context, token string) error {
	return s.hostSays(ctx, token, func(ctx context.Context, tx *db.Tx, d session) error {
		if d.occ.State == HostConfirmed || d.occ.State == Open {
			return nil
		}
		if err := d.occ.become(HostConfirmed); err != nil {
			return err
		}
		return s.setState(ctx, tx, audit.Anonymous, d, HostConfirmed)
	})
}

// HostCancels calls a date off for its host: everybody who is booked is told in the same transaction. It reports
// fault.Invalid on reason without one.
func (s *Service) HostCancels(ctx context.Context, token, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.hostSays(ctx, token, func(ctx context.Context, tx *db.Tx, d session) error {
		if d.occ.State == Cancelled {
			return nil
		}
		if err := s.cancelDate(ctx, tx, audit.Anonymous, d, ByHost, why); err != nil {
			return err
		}
		return announce(ctx, tx, d.occ.ID)
	})
}

func (s *Service) hostSays(ctx context.Context, token string, do func(context.Context, *db.Tx, session) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, o, err := s.readHost(ctx, tx, token)
		if err != nil {
			return err
		}
		d, err := s.open(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if !d.occ.End.After(s.now()) {
			return fault.New(fault.Conflict, "agenda.is_over")
		}
		return do(ctx, tx, d)
	})
}

// Steps lists what happened to a date, in order, for its team.
func (s *Service) Steps(ctx context.Context, by identity.Actor, of ID) ([]Step, error) {
	d, err := s.read(ctx, s.db, of)
	if err != nil {
		return nil, err
	}
	if err := identity.Require(by, identity.AgendaPeople, d.object()); err != nil {
		return nil, err
	}
	return occurrenceSteps(ctx, s.db, of)
}
