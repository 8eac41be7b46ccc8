package agenda

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Reason is why one asks for an appointment.
type Reason struct {
	ID           ReasonID
	Organisation identity.OrganisationID
	Name         string
	Minutes      int
	Buffer       int   // minutes kept free after
	Terms        Terms // in the place of the series'
	BookableBy   Bookers
	Silent       bool   // its appointments are invisible: for people in danger
	Bring        string // what to bring, in plain words; "" for nothing
	Retired      bool   // no new appointment
	Version      int64
}

// check normalises a reason and says what is wrong by field.
func (r Reason) check() (Reason, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	r.Name, r.Bring = oneLine(r.Name), oneLine(r.Bring)
	switch n := utf8.RuneCountInString(r.Name); {
	case n == 0:
		f.With("name", "agenda.reason_name_missing")
	case n > maxTitle:
		f.With("name", "agenda.title_long", "Most", maxTitle)
	}
	if utf8.RuneCountInString(r.Bring) > maxLine {
		f.With("bring", "agenda.text_long", "Most", maxLine)
	}
	if r.Minutes < 5 || r.Minutes > 480 {
		f.With("minutes", "agenda.minutes_range")
	}
	if r.Buffer < 0 || r.Buffer > 120 {
		f.With("buffer", "agenda.buffer_range")
	}
	if r.Terms == (Terms{}) {
		r.Terms = UsualTerms()
	}
	if r.Terms.Ahead < 1 || r.Terms.Ahead > 366 {
		f.With("ahead", "agenda.ahead_range")
	}
	if r.BookableBy == "" {
		r.BookableBy = Everyone
	}
	if !slices.Contains([]Bookers{Everyone, Helpers, TeamOnly}, r.BookableBy) {
		f.With("bookable_by", "agenda.invalid")
	}
	if f.Fields != nil {
		return r, f
	}
	return r, nil
}

// admits reports whether by may take an appointment of the reason, given by a structure.
func (r Reason) admits(by identity.Actor, structure identity.OrganisationID) bool {
	switch r.BookableBy {
	case Everyone:
		return true
	case Helpers:
		return by.Kind != identity.Anonymous && by.Kind != identity.Resident
	case TeamOnly:
		return by.Kind == identity.CLI || by.Kind == identity.System || by.Organisation == structure
	}
	return false
}

// SaveReason adds a reason, or changes the one whose ID is given and whose Version is the one it was read at. The
// organisation of a new one is by's; the program itself says it. It reports fault.Invalid by field, fault.Conflict for a stale
// version.
func (s *Service) SaveReason(ctx context.Context, by identity.Actor, r Reason) (Reason, error) {
	r, err := r.check()
	if err != nil {
		return Reason{}, err
	}
	if r.Organisation == "" {
		r.Organisation = by.Organisation
	}
	if err := identity.Require(by, identity.AgendaEdit, identity.Object{Kind: identity.ObjectAgenda, Organisation: r.Organisation}); err != nil {
		return Reason{}, err
	}
	added := r.ID == ""
	if added {
		r.ID = ReasonID(id.New())
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if added {
			r.Version, err = 1, insertReason(ctx, tx, r)
		} else {
			r.Version, err = updateReason(ctx, tx, r)
		}
		if err != nil {
			return err
		}
		if err := s.record(ctx, tx, by.Audit(), "agenda.reason", "reason", string(r.ID)); err != nil {
			return err
		}
		return s.touchAllOf(ctx, tx, r.Organisation)
	})
	return r, err
}

// Reasons lists the reasons of an organisation by name, those that were retired too.
func (s *Service) Reasons(ctx context.Context, of identity.OrganisationID) ([]Reason, error) {
	return reasonsOf(ctx, s.db, of)
}

// terms are those that hold for a booking.
func terms(s Series, r Reason) Terms {
	if r.ID != "" {
		return r.Terms
	}
	return s.Terms
}

// startOf is when a claim begins: its slot, or the occurrence.
func startOf(o Occurrence, c Claim) time.Time {
	if !c.Slot.IsZero() {
		return c.Slot
	}
	return o.Start
}
