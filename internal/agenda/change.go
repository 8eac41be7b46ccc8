package agenda

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Booking is a claim with what it is about, for whoever may see it.
type Booking struct {
	Claim      Claim
	Person     person.Person
	Series     Series
	Occurrence Occurrence
	Reason     Reason
	Rank       int       // in the waiting list, 1 for the first; 0 for who does not wait
	CancelBy   time.Time // until when the person may cancel alone
	MoveBy     time.Time // until when the person may move it alone
	Later      []Occurrence
	Token      string // of its page
}

// Token leads to the page of a claim, after FollowPath.
func (s *Service) Token(claim ClaimID) string { return s.token("claim", string(claim)) }

// Ref is how a person says which claim is theirs: a reference and a contact, or the token of a message.
type Ref struct {
	Reference string
	Contact   string // telephone or e-mail, as written
	Token     string
}

// lost is the one answer to a reference that leads nowhere, whatever is wrong about it.
func lost() error { return fault.New(fault.NotFound, "agenda.booking_unknown") }

// find is the claim that a person names.
func (s *Service) find(ctx context.Context, q db.Querier, ref Ref) (Claim, error) {
	if ref.Token != "" {
		claim := s.tokenOf("claim", ref.Token)
		if claim == "" {
			return Claim{}, lost()
		}
		c, err := claimByID(ctx, q, ClaimID(claim))
		if fault.Is(err, fault.NotFound) {
			err = lost()
		}
		return c, err
	}
	reference, ok := id.ParseReference(ref.Reference)
	if !ok {
		return Claim{}, lost()
	}
	c, err := claimByReference(ctx, q, reference)
	if fault.Is(err, fault.NotFound) {
		return c, lost()
	}
	if err == nil && !s.reaches(c, ref.Contact) {
		err = lost()
	}
	return c, err
}

// reaches reports whether a contact, as written, is the one that the claim was made with.
func (s *Service) reaches(c Claim, contact string) bool {
	n := person.New{Name: "-", Phone: contact}
	if n, err := n.Check(); err == nil && n.Phone != "" && c.phoneKey != "" {
		return hmacEqual(c.phoneKey, s.fingerprint(n.Phone))
	}
	n = person.New{Name: "-", Email: contact}
	n, err := n.Check()
	return err == nil && n.Email != "" && c.emailKey != "" && hmacEqual(c.emailKey, s.fingerprint(n.Email))
}

// Follow returns the booking that a person names. It reports fault.NotFound, always the same way, for one that does not
// exist and for a contact that is not its own.
func (s *Service) Follow(ctx context.Context, ref Ref) (Booking, error) {
	c, err := s.find(ctx, s.db, ref)
	if err != nil {
		return Booking{}, err
	}
	return s.booking(ctx, s.db, c)
}

// booking reads what a claim is about.
func (s *Service) booking(ctx context.Context, q db.Querier, c Claim) (Booking, error) {
	d, err := s.read(ctx, q, c.Occurrence)
	if err != nil {
		return Booking{}, err
	}
	b := Booking{Claim: c, Series: d.series, Occurrence: d.occ, Reason: d.reasons[c.Reason], Rank: Rank(c, d.claims), Token: s.token("claim", string(c.ID))}
	t, start := d.theTerms(c), startOf(d.occ, c)
	b.CancelBy, b.MoveBy = start.Add(-t.Cancel), start.Add(-t.Move)
	if c.Person != "" {
		if b.Person, err = s.persons.Person(ctx, q, c.Person); err != nil && !fault.Is(err, fault.NotFound) {
			return b, err
		}
	}
	later, err := followers(ctx, q, c.ID)
	for _, f := range later {
		o, err := occurrenceByID(ctx, q, f.Occurrence)
		if err != nil {
			return b, err
		}
		b.Later = append(b.Later, o)
	}
	slices.SortFunc(b.Later, func(a, b Occurrence) int { return a.Start.Compare(b.Start) })
	return b, err
}

// Cancel takes back a booking, a place in the waiting list or an offer, for the person whom ref names. It reports
// fault.Conflict when it is too late to do so alone, or over.
func (s *Service) Cancel(ctx context.Context, ref Ref) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.find(ctx, tx, ref)
		if err != nil {
			return err
		}
		return s.cancelTx(ctx, tx, identity.Nobody(), c, whyPerson)
	})
}

// CancelFor does it for staff, who may at any time until the outcome is known. by needs agenda.people on the structure, or
// must have booked it.
func (s *Service) CancelFor(ctx context.Context, by identity.Actor, claim ClaimID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.claimFor(ctx, tx, by, claim)
		if err != nil {
			return err
		}
		return s.cancelTx(ctx, tx, by, c, whyTeam)
	})
}

// claimFor is a claim that by may see. An unknown one answers the same.
func (s *Service) claimFor(ctx context.Context, q db.Querier, by identity.Actor, claim ClaimID) (Claim, error) {
	c, err := claimByID(ctx, q, claim)
	if fault.Is(err, fault.NotFound) {
		return c, identity.NotFound()
	}
	if err != nil {
		return c, err
	}
	o, err := occurrenceByID(ctx, q, c.Occurrence)
	if err != nil {
		return c, err
	}
	series, err := seriesByID(ctx, q, o.Series)
	if err != nil {
		return c, err
	}
	return c, identity.Require(by, identity.AgendaPeople, c.object(series))
}

// object is a claim as rights see it: of the structure that gives it, and of whoever booked it. Under silence, of the
// structure alone.
func (c Claim) object(series Series) identity.Object {
	o := series.Object()
	o.Owner = c.By
	if c.Silent {
		o.Owner, o.Commune = "", ""
	}
	return o
}

func (s *Service) cancelTx(ctx context.Context, tx *db.Tx, by identity.Actor, c Claim, why string) error {
	d, err := s.open(ctx, tx, c.Occurrence)
	if err != nil {
		return err
	}
	c, err = claimByID(ctx, tx, c.ID) // as it is once locked
	if err != nil {
		return err
	}
	if !c.State.live() {
		return fault.New(fault.Conflict, "agenda.claim_over")
	}
	late := startOf(d.occ, c).Sub(s.now()) < d.theTerms(c).Cancel
	if why == whyPerson && c.State.takes() && c.State != Held && late {
		return fault.New(fault.Conflict, "agenda.cancel_late")
	}
	next := Withdrawn
	if c.State == Waiting || c.State == Held {
		next = Declined
	}
	was := c.State
	c.State = next
	if err := s.become(ctx, tx, &d, c, by.Audit(), why); err != nil {
		return err
	}
	changed := []ID{d.occ.ID}
	more, err := s.cancelFollowers(ctx, tx, by, c, why)
	if err != nil {
		return err
	}
	changed = append(changed, more...)
	if err := s.settleTx(ctx, tx, &d); err != nil {
		return err
	}
	if err := s.tellCancelled(ctx, tx, d, c, was, why); err != nil {
		return err
	}
	if err := s.recordClaim(ctx, tx, by, "agenda.cancel", c); err != nil {
		return err
	}
	return announce(ctx, tx, changed...)
}

// cancelFollowers cancels the later sessions of a cycle with its first.
func (s *Service) cancelFollowers(ctx context.Context, tx *db.Tx, by identity.Actor, lead Claim, why string) ([]ID, error) {
	list, err := followers(ctx, tx, lead.ID)
	if err != nil {
		return nil, err
	}
	var changed []ID
	for _, c := range list {
		if !c.State.live() {
			continue
		}
		d, err := s.open(ctx, tx, c.Occurrence)
		if err != nil {
			return nil, err
		}
		c.State = Withdrawn
		if err := s.become(ctx, tx, &d, c, by.Audit(), why); err != nil {
			return nil, err
		}
		if err := s.settleTx(ctx, tx, &d); err != nil {
			return nil, err
		}
		changed = append(changed, d.occ.ID)
	}
	return changed, nil
}

// Accept says yes to an offer, for the person whom ref names. It reports fault.Conflict with the key agenda.offer_over when
// the seat has passed on.
func (s *Service) Accept(ctx context.Context, ref Ref) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.find(ctx, tx, ref)
		if err != nil {
			return err
		}
		return s.acceptTx(ctx, tx, identity.Nobody(), c)
	})
}

// AcceptFor does it for staff, on the telephone.
func (s *Service) AcceptFor(ctx context.Context, by identity.Actor, claim ClaimID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.claimFor(ctx, tx, by, claim)
		if err != nil {
			return err
		}
		return s.acceptTx(ctx, tx, by, c)
	})
}

func (s *Service) acceptTx(ctx context.Context, tx *db.Tx, by identity.Actor, c Claim) error {
	d, err := s.open(ctx, tx, c.Occurrence)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.claims, func(o Claim) bool { return o.ID == c.ID })
	if i < 0 {
		return fault.New(fault.Conflict, "agenda.offer_over")
	}
	c = d.claims[i]
	if c.State == Booked {
		return nil // said yes twice
	}
	if c.State != Held {
		return fault.New(fault.Conflict, "agenda.offer_over")
	}
	c.State = Booked
	if err := s.become(ctx, tx, &d, c, by.Audit(), whyOffer); err != nil {
		return err
	}
	changed := []ID{d.occ.ID}
	if d.series.Cycle {
		rest, err := s.bookCycle(ctx, tx, by, d, c)
		if err != nil {
			return err
		}
		changed = append(changed, rest...)
	}
	who, err := s.persons.Person(ctx, tx, c.Person)
	if err != nil {
		return err
	}
	if err := s.tellBooked(ctx, tx, d, c, who); err != nil {
		return err
	}
	if err := s.recordClaim(ctx, tx, by, "agenda.accept", c); err != nil {
		return err
	}
	return announce(ctx, tx, changed...)
}
