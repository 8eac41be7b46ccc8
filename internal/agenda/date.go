package agenda

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// CancelDate calls an occurrence off. Whoever is booked, waits or was offered a seat is told in the same transaction, by
// message or on the call list; who had left before is not. The reason is said to everybody. by needs agenda.edit. It
// reports fault.Invalid on reason without one.
func (s *Service) CancelDate(ctx context.Context, by identity.Actor, of ID, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := s.sessionFor(ctx, tx, by, identity.AgendaEdit, of)
		if err != nil {
			return err
		}
		if err := s.cancelDate(ctx, tx, by.Audit(), d, ByTeam, why); err != nil {
			return err
		}
		return announce(ctx, tx, of)
	})
}

// cancelDate cancels a locked occurrence. The caller announces it.
func (s *Service) cancelDate(ctx context.Context, tx *db.Tx, by audit.Actor, d session, who Ender, why string) error {
	if !d.occ.Live() || d.occ.State == Closed {
		return fault.New(fault.Conflict, "agenda.state_conflict")
	}
	d.occ.State, d.occ.Reason, d.occ.EndedBy = Cancelled, why, who
	if err := updateOccurrence(ctx, tx, d.occ); err != nil {
		return err
	}
	if err := insertOccurrenceStep(ctx, tx, d.occ, by, why, s.now()); err != nil {
		return err
	}
	if err := s.freeUsesTx(ctx, tx, d.occ.ID, by); err != nil {
		return err
	}
	for _, c := range slices.Clone(d.claims) {
		if !c.State.live() {
			continue
		}
		was := c.State
		c.State = Withdrawn
		if err := s.become(ctx, tx, &d, c, by, whyDate); err != nil {
			return err
		}
		if err := s.tellCancelled(ctx, tx, d, c, was, whyDate); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, by, "agenda.date.cancel", "occurrence", string(d.occ.ID))
}

// NewTime is when an occurrence takes place after a move.
type NewTime struct {
	On     recur.Date
	Minute int // of the day
	Length int // minutes; 0 keeps the length
}

// check says what is wrong by field.
func (t NewTime) check(o Occurrence, now time.Time) error {
	f := fault.New(fault.Invalid, "agenda.invalid")
	if t.Minute < 0 || t.Minute > 1439 {
		f.With("minute", "agenda.minute_range")
	}
	if t.Length < 0 || t.Length > 1440 {
		f.With("length", "agenda.length_range")
	}
	o.set(t.On, t.Minute, max(t.Length, 1))
	if t.On == (recur.Date{}) || o.Start.Before(now) {
		f.With("on", "agenda.date_past")
	}
	if f.Fields != nil {
		return f
	}
	return nil
}

// MoveDate moves an occurrence to another time. It stays where it was announced and leads to the new one, to which its
// bookings, its waiting list and its crew go; appointments keep their distance from the start. Everybody is told once, and the reminder of the old time is
// gone. It returns the new occurrence. It reports fault.Invalid on on, minute, length.
func (s *Service) MoveDate(ctx context.Context, by identity.Actor, of ID, to NewTime, why string) (Occurrence, error) {
	var next Occurrence
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := s.sessionFor(ctx, tx, by, identity.AgendaEdit, of)
		if err != nil {
			return err
		}
		if !d.occ.Live() || d.occ.State == Closed || d.occ.State == InProgress {
			return fault.New(fault.Conflict, "agenda.state_conflict")
		}
		if err := to.check(d.occ, s.now()); err != nil {
			return err
		}
		next, err = s.moveDateTx(ctx, tx, by, d, to, shorten(why))
		return err
	})
	return next, err
}

func (s *Service) moveDateTx(ctx context.Context, tx *db.Tx, by identity.Actor, d session, to NewTime, why string) (Occurrence, error) {
	next := d.occ
	next.ID, next.Planned, next.Edited, next.State, next.Delay = ID(id.New()), "", true, d.series.fresh(), 0
	if to.Length == 0 {
		to.Length = d.occ.Length
	}
	next.set(to.On, to.Minute, to.Length)
	list := []Occurrence{next}
	if err := insertOccurrences(ctx, tx, list); err != nil {
		return next, err
	}
	next = list[0]
	was := d.occ
	d.occ.State, d.occ.Reason, d.occ.MovedTo, d.occ.EndedBy = MovedTo, why, next.ID, ByTeam
	if err := updateOccurrence(ctx, tx, d.occ); err != nil {
		return next, err
	}
	if err := s.freeUsesTx(ctx, tx, was.ID, by.Audit()); err != nil { // the room may be taken at the other hour
		return next, err
	}
	for _, o := range []Occurrence{d.occ, next} {
		if err := insertOccurrenceStep(ctx, tx, o, by.Audit(), why, s.now()); err != nil {
			return next, err
		}
	}
	there := session{series: d.series, occ: next, reasons: d.reasons, quotas: d.quotas}
	for _, c := range d.claims {
		if c.State.live() {
			c.Occurrence = next.ID
			there.claims = append(there.claims, c)
		}
	}
	if err := s.shift(ctx, tx, &there, was); err != nil {
		return next, err
	}
	if err := s.record(ctx, tx, by.Audit(), "agenda.date.move", "occurrence", string(was.ID)); err != nil {
		return next, err
	}
	return next, announce(ctx, tx, was.ID, next.ID)
}

// shift brings the claims of an occurrence along to its new time or place, and tells who is concerned. was is the
// occurrence as they knew it.
func (s *Service) shift(ctx context.Context, tx *db.Tx, d *session, was Occurrence) error {
	delta := d.occ.Start.Sub(was.Start)
	same := delta == 0 && d.occ.Where == was.Where
	for _, c := range slices.Clone(d.claims) {
		if !c.State.live() || same && c.Occurrence == was.ID {
			continue
		}
		old := startOf(was, c)
		if !c.Slot.IsZero() {
			c.Slot, c.SlotEnd = c.Slot.Add(delta), c.SlotEnd.Add(delta)
		}
		c.Occurrence = d.occ.ID
		if err := s.become(ctx, tx, d, c, audit.System, whyDateMove); err != nil {
			return err
		}
		if c.State == Waiting {
			continue // nothing was promised to who waits: an offer will say when
		}
		if err := s.tellMoved(ctx, tx, *d, c, old); err != nil {
			return err
		}
	}
	return s.passLater(ctx, tx, *d)
}

// DateChange is what may be said of one date alone. A nil field stays.
type DateChange struct {
	Where    *Where
	Capacity *int
	Members  *[]identity.AccountID
}

// ChangeDate relocates one date, gives it other seats or another crew. Those who booked are told of a new place; seats that are added are
// offered to the waiting list. by needs agenda.edit. It reports fault.Invalid on capacity and members, fault.Conflict once the date is over.
func (s *Service) ChangeDate(ctx context.Context, by identity.Actor, of ID, in DateChange) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := s.sessionFor(ctx, tx, by, identity.AgendaEdit, of)
		if err != nil {
			return err
		}
		if !d.occ.Coming(s.now()) {
			return fault.New(fault.Conflict, "agenda.is_over")
		}
		was := d.occ
		d.occ.Edited = true
		if in.Where != nil {
			d.occ.Where = *in.Where
		}
		if in.Capacity != nil {
			if *in.Capacity < 0 || *in.Capacity > maxCapacity {
				return fault.New(fault.Invalid, "agenda.invalid").With("capacity", "agenda.capacity_range", "Most", maxCapacity)
			}
			d.occ.Capacity = *in.Capacity
		}
		if err := updateOccurrence(ctx, tx, d.occ); err != nil {
			return err
		}
		if err := s.staff(ctx, tx, &d, in.Members); err != nil {
			return err
		}
		if err := s.shift(ctx, tx, &d, was); err != nil {
			return err
		}
		if err := s.settleTx(ctx, tx, &d); err != nil {
			return err
		}
		if err := s.record(ctx, tx, by.Audit(), "agenda.date.change", "occurrence", string(of)); err != nil {
			return err
		}
		return announce(ctx, tx, of)
	})
}

// staff gives a date another crew, where one is said.
func (s *Service) staff(ctx context.Context, tx *db.Tx, d *session, crew *[]identity.AccountID) error {
	if crew == nil {
		return nil
	}
	series := d.series
	series.Members = *crew
	if err := s.checkMembers(ctx, tx, series); err != nil {
		return err
	}
	d.occ.Members = *crew
	if err := s.attend(ctx, tx, d); err != nil {
		return err
	}
	return putMembers(ctx, tx, "agenda_occurrence_member", "occurrence_id", string(d.occ.ID), *crew)
}

// SetState takes an occurrence to another state by hand: confirmed for its host on the telephone, opened, begun, closed, or back where it was a
// mistake. by needs agenda.people. It reports fault.Conflict for a way that does not exist.
func (s *Service) SetState(ctx context.Context, by identity.Actor, of ID, next State) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := s.sessionFor(ctx, tx, by, identity.AgendaPeople, of)
		if err != nil || d.occ.State == next {
			return err
		}
		if err := d.occ.become(next); err != nil {
			return err
		}
		return s.setState(ctx, tx, by.Audit(), d, next)
	})
}

func (s *Service) setState(ctx context.Context, tx *db.Tx, by audit.Actor, d session, next State) error {
	d.occ.State = next
	if err := updateOccurrence(ctx, tx, d.occ); err != nil {
		return err
	}
	if err := insertOccurrenceStep(ctx, tx, d.occ, by, "", s.now()); err != nil {
		return err
	}
	if err := s.record(ctx, tx, by, "agenda.date.state", "occurrence", string(d.occ.ID)); err != nil {
		return err
	}
	return announce(ctx, tx, d.occ.ID)
}

// maxDelay is the longest delay that is said as one, in minutes: beyond it, a date is moved or cancelled.
const maxDelay = 180

// Delay says that an occurrence begins late by some minutes, 0 that it does not after all. Everybody who is still to come is told. by
// needs agenda.people. It reports fault.Invalid on minutes, fault.Conflict once it is over.
func (s *Service) Delay(ctx context.Context, by identity.Actor, of ID, late int) error {
	if late < 0 || late > maxDelay {
		return fault.New(fault.Invalid, "agenda.invalid").With("minutes", "agenda.delay_range", "Most", maxDelay)
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := s.sessionFor(ctx, tx, by, identity.AgendaPeople, of)
		if err != nil {
			return err
		}
		if !d.occ.Coming(s.now()) {
			return fault.New(fault.Conflict, "agenda.is_over")
		}
		if d.occ.Delay == late {
			return nil
		}
		d.occ.Delay = late
		if err := updateOccurrence(ctx, tx, d.occ); err != nil {
			return err
		}
		for _, c := range d.claims {
			if c.State != Booked || startOf(d.occ, c).Before(s.now().Add(-time.Duration(late)*time.Minute)) {
				continue
			}
			if err := s.tellLate(ctx, tx, d, c); err != nil {
				return err
			}
		}
		if err := s.record(ctx, tx, by.Audit(), "agenda.date.delay", "occurrence", string(of)); err != nil {
			return err
		}
		return announce(ctx, tx, of)
	})
}

// AddDate adds a date by hand to a series. by needs agenda.edit. It reports fault.Invalid on on, minute, length.
func (s *Service) AddDate(ctx context.Context, by identity.Actor, series SeriesID, at NewTime) (Occurrence, error) {
	var o Occurrence
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		one, err := s.seriesFor(ctx, tx, by, identity.AgendaEdit, series)
		if err != nil {
			return err
		}
		o = Occurrence{ID: ID(id.New()), Series: one.ID, Zone: one.Pattern.Zone, State: one.fresh(), Where: one.Where, Capacity: one.Capacity, Members: one.Members, Edited: true}
		if at.Length == 0 {
			at.Length = one.Pattern.Length
		}
		if err := at.check(o, s.now()); err != nil {
			return err
		}
		o.set(at.On, at.Minute, at.Length)
		list := []Occurrence{o}
		if err := insertOccurrences(ctx, tx, list); err != nil {
			return err
		}
		o = list[0]
		return s.record(ctx, tx, by.Audit(), "agenda.date.add", "occurrence", string(o.ID))
	})
	return o, err
}
