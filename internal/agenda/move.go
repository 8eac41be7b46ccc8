package agenda

import (
	"context"
	"crypto/hmac"
	"slices"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Target is where a booking moves to.
type Target struct {
	Occurrence ID
	Slot       time.Time // of an appointment or a machine
}

// Move takes a booking to another date, for the person whom ref names; its reference stays. The new seat is claimed before
// the old one is given up: nothing is lost when it is taken. It reports fault.Conflict as Book does, with the key agenda.move_late when it is too late to do
// so alone, and with agenda.move_other for what is no date of the same kind.
func (s *Service) Move(ctx context.Context, ref Ref, to Target) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.find(ctx, tx, ref)
		if err != nil {
			return err
		}
		return s.moveTx(ctx, tx, identity.Nobody(), c, to, whyPerson)
	})
}

// MoveFor does it for staff, without the terms of the person.
func (s *Service) MoveFor(ctx context.Context, by identity.Actor, claim ClaimID, to Target) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.claimFor(ctx, tx, by, claim)
		if err != nil {
			return err
		}
		return s.moveTx(ctx, tx, by, c, to, whyTeam)
	})
}

func (s *Service) moveTx(ctx context.Context, tx *db.Tx, by identity.Actor, c Claim, to Target, why string) error {
	old, next, err := s.openBoth(ctx, tx, c.Occurrence, to.Occurrence)
	if err != nil {
		return err
	}
	if c, err = claimByID(ctx, tx, c.ID); err != nil {
		return err
	}
	if err := old.mayMove(c, next, why == whyPerson, s.now()); err != nil {
		return err
	}
	was := startOf(old.occ, c)
	moved := c
	moved.Occurrence, moved.Slot, moved.SlotEnd, moved.Turn = to.Occurrence, to.Slot, time.Time{}, 0
	others := next
	others.claims = slices.DeleteFunc(slices.Clone(next.claims), func(o Claim) bool { return o.ID == c.ID })
	if why == whyPerson {
		moved.Origin = FromWeb // the person's terms hold
	}
	if err := others.admit(&moved, by, false, s.now()); err != nil {
		return err
	}
	moved.Origin = c.Origin
	old.claims = slices.DeleteFunc(old.claims, func(o Claim) bool { return o.ID == c.ID })
	if next.occ.ID == old.occ.ID {
		next.claims = append(others.claims, c)
		old = next
	} else {
		next.claims = append(next.claims, c)
	}
	if err := s.become(ctx, tx, &next, moved, by.Audit(), whyMoved); err != nil {
		return err
	}
	if old.occ.ID == next.occ.ID {
		old = next
	}
	if err := s.settleTx(ctx, tx, &old); err != nil {
		return err
	}
	if err := s.tellMoved(ctx, tx, next, moved, was); err != nil {
		return err
	}
	if err := s.recordClaim(ctx, tx, by, "agenda.move", moved); err != nil {
		return err
	}
	return announce(ctx, tx, old.occ.ID, next.occ.ID)
}

// openBoth locks two occurrences, always in the same order, so that two moves that cross do not wait for each other.
func (s *Service) openBoth(ctx context.Context, tx *db.Tx, a, b ID) (first, second session, err error) {
	if a == b {
		first, err = s.open(ctx, tx, a)
		return first, first, err
	}
	low, high := a, b
	if low > high {
		low, high = high, low
	}
	one, err := s.open(ctx, tx, low)
	if err != nil {
		return first, second, err
	}
	two, err := s.open(ctx, tx, high)
	if low == a {
		return one, two, err
	}
	return two, one, err
}

// mayMove says why a booking cannot move from d to another date.
func (d session) mayMove(c Claim, to session, alone bool, now time.Time) error {
	switch {
	case c.State != Booked:
		return fault.New(fault.Conflict, "agenda.claim_over")
	case alone && startOf(d.occ, c).Sub(now) < d.theTerms(c).Move:
		return fault.New(fault.Conflict, "agenda.move_late")
	case d.series.Cycle:
		return fault.New(fault.Conflict, "agenda.move_cycle")
	case to.series.ID != d.series.ID && (to.series.Organisation != d.series.Organisation || to.series.Mode != d.series.Mode):
		return fault.New(fault.Conflict, "agenda.move_other")
	}
	return nil
}

// markable are the states that a booking is given by hand.
var markable = []ClaimState{Booked, Arrived, Attended, Partly, NoShow}

// Mark writes what became of a booking: arrived, attended, partly, no_show, or booked again where it was a mistake. by needs
// agenda.people on the structure. Saying the same twice is once.
func (s *Service) Mark(ctx context.Context, by identity.Actor, claim ClaimID, as ClaimState) error {
	if !slices.Contains(markable, as) {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, c, err := s.openClaim(ctx, tx, by, claim)
		if err != nil || c.State == as {
			return err
		}
		return s.noteMark(ctx, tx, by, &d, c, as)
	})
}

// openClaim opens the occurrence of a claim that by may see, and returns the claim as it stands since.
func (s *Service) openClaim(ctx context.Context, tx *db.Tx, by identity.Actor, claim ClaimID) (session, Claim, error) {
	c, err := s.claimFor(ctx, tx, by, claim)
	if err != nil {
		return session{}, c, err
	}
	d, err := s.open(ctx, tx, c.Occurrence)
	if err != nil {
		return d, c, err
	}
	c, err = d.claim(claim)
	return d, c, err
}

// noteMark gives a claim of an open session the state that by noted, and announces it.
func (s *Service) noteMark(ctx context.Context, tx *db.Tx, by identity.Actor, d *session, c Claim, as ClaimState) error {
	if err := s.markTx(ctx, tx, by, d, c, as); err != nil {
		return err
	}
	return announce(ctx, tx, d.occ.ID)
}

// claim is a claim of a session, as it stands since the session was opened. It reports fault.Conflict for one that was moved meanwhile.
func (d session) claim(claim ClaimID) (Claim, error) {
	i := slices.IndexFunc(d.claims, func(o Claim) bool { return o.ID == claim })
	if i < 0 {
		return Claim{}, fault.New(fault.Conflict, "agenda.claim_conflict")
	}
	return d.claims[i], nil
}

// markTx gives a claim of an open session the state that by noted. The caller announces it.
func (s *Service) markTx(ctx context.Context, tx *db.Tx, by identity.Actor, d *session, c Claim, as ClaimState) error {
	c.State = as
	if err := s.become(ctx, tx, d, c, by.Audit(), whyTeam); err != nil {
		return err
	}
	if as == Arrived || as == Attended || as == Partly {
		if err := s.persons.SeenTx(ctx, tx, c.Person); err != nil {
			return err
		}
	}
	return s.recordClaim(ctx, tx, by, "agenda.mark", c)
}

// Count adds somebody who came without booking, or takes one back where n is -1. The id of a tap is made by the device: the same
// tap sent twice counts once. It returns how many there are. It reports fault.Conflict on a date that was closed: its closing said how many came in all.
func (s *Service) Count(ctx context.Context, by identity.Actor, of ID, tap string, n int) (int, error) {
	if n != 1 && n != -1 || !id.Valid(tap) {
		return 0, fault.New(fault.Invalid, "agenda.invalid")
	}
	total := 0
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := s.sessionFor(ctx, tx, by, identity.AgendaPeople, of)
		if err != nil {
			return err
		}
		have, err := heads(ctx, tx, of)
		if err != nil {
			return err
		}
		total = int(have)
		if d.occ.State == Closed {
			return fault.New(fault.Conflict, "agenda.is_closed")
		}
		if n < 0 && have == 0 {
			return nil
		}
		added, err := insertHead(ctx, tx, tap, of, s.now(), n, string(by.Audit()))
		if err != nil || !added {
			return err
		}
		total += n
		return announce(ctx, tx, d.occ.ID)
	})
	return total, err
}

// sessionFor opens an occurrence on which by may do something. An unknown one answers as one out of reach.
func (s *Service) sessionFor(ctx context.Context, tx *db.Tx, by identity.Actor, action identity.Action, of ID) (session, error) {
	d, err := s.open(ctx, tx, of)
	if fault.Is(err, fault.NotFound) {
		return d, identity.NotFound()
	}
	if err != nil {
		return d, err
	}
	return d, identity.Require(by, action, d.object())
}

// object is an occurrence as rights see it: of the structure of its series, in the commune where it takes place.
func (d session) object() identity.Object {
	o := d.series.Object()
	o.Commune = d.occ.Where.Commune
	return o
}

// teamObject is an occurrence as its whole team sees it: who proposed a series sees the people she booked, and not the whole date.
func (d session) teamObject() identity.Object {
	o := d.object()
	o.Owner = ""
	return o
}

// namedTo reports whether by may read who comes to an occurrence; shownTo whether by may see it at all: an officer changes dates, and reads
// no name.
func (d session) namedTo(by identity.Actor) bool {
	return identity.Can(by, identity.AgendaPeople, d.teamObject())
}

func (d session) shownTo(by identity.Actor) bool {
	return d.namedTo(by) || identity.Can(by, identity.AgendaEdit, d.teamObject())
}

// Authorisation says that a person may use a kind of machine.
type Authorisation struct {
	ID           string
	Person       person.ID
	Skill        string // "Découpe laser"
	Organisation identity.OrganisationID
	GrantedBy    string
	GrantedAt    time.Time
	ExpiresOn    string // civil date, the last day included
	RevokedAt    time.Time
}

// Holds reports whether the authorisation is for a skill on a civil date.
func (a Authorisation) Holds(skill, on string) bool {
	return a.Skill == skill && a.RevokedAt.IsZero() && on <= a.ExpiresOn
}

// Authorise lets a person use a kind of machine until a civil date, the last day included. by needs agenda.edit in their own
// structure. It reports fault.Invalid on skill and expires.
func (s *Service) Authorise(ctx context.Context, by identity.Actor, who person.ID, skill, expiresOn string) (Authorisation, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	if skill = oneLine(skill); skill == "" || skill == NoSkill {
		f.With("skill", "agenda.skill_missing")
	}
	if on, err := ParseDate(expiresOn); err != nil || expiresOn == "" || on.String() < s.now().Format(time.DateOnly) {
		f.With("expires", "agenda.expires_invalid")
	}
	if f.Fields != nil {
		return Authorisation{}, f
	}
	if err := identity.Require(by, identity.AgendaEdit, identity.Object{Kind: identity.ObjectAgenda, Organisation: by.Organisation}); err != nil {
		return Authorisation{}, err
	}
	a := Authorisation{
		ID: id.New(), Person: who, Skill: skill, Organisation: by.Organisation, GrantedBy: string(by.Audit()), GrantedAt: s.now(), ExpiresOn: expiresOn,
	}
	return a, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := s.persons.Person(ctx, tx, who); err != nil {
			return err
		}
		if err := insertAuthorisation(ctx, tx, a); err != nil {
			return err
		}
		return s.recordClaim(ctx, tx, by, "agenda.authorise", Claim{ID: ClaimID(a.ID), Person: who})
	})
}

// Revoke ends an authorisation of by's structure; twice is once.
func (s *Service) Revoke(ctx context.Context, by identity.Actor, authorisation string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := authorisationByID(ctx, tx, authorisation)
		if fault.Is(err, fault.NotFound) {
			return identity.NotFound()
		}
		if err != nil {
			return err
		}
		if err := identity.Require(by, identity.AgendaEdit, identity.Object{Kind: identity.ObjectAgenda, Organisation: a.Organisation}); err != nil {
			return err
		}
		if n, err := revokeAuthorisation(ctx, tx, authorisation, s.now()); err != nil || n == 0 {
			return err
		}
		return s.recordClaim(ctx, tx, by, "agenda.revoke", Claim{ID: ClaimID(a.ID), Person: a.Person})
	})
}

// Authorisations lists those of a person, in the order they were given.
func (s *Service) Authorisations(ctx context.Context, who person.ID) ([]Authorisation, error) {
	return authorisationsOf(ctx, s.db, who)
}

func hmacEqual(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
