package agenda

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// maxLive is how many live bookings a contact has, made from the web.
const maxLive = 3

// NewBooking is a seat to take.
type NewBooking struct {
	Occurrence ID
	Slot       time.Time  // of an appointment or a machine; the zero instant otherwise
	Reason     ReasonID   // of an appointment
	Seats      int        // 0 is 1
	Who        person.New // who comes
	By         person.New // a relative who books for Who, and is written to; without a name, nobody does
	Known      person.ID  // a person whom staff know already, instead of Who
	Audience   string     // of the census, where a quota asks
	Wait       bool       // joins the waiting list where nothing is free
	Origin     Origin
	Silent     bool // shows nowhere
}

// Book takes a seat, or joins the waiting list where in says so and nothing is free: the claim's state tells. From the web
// nobody is known: name and a telephone or an e-mail are enough; staff need the right agenda.book. It reports fault.Invalid by field, fault.Conflict
// with the key agenda.full or agenda.slot_taken when nothing is free, with others when it cannot be booked now, and
// fault.TooMany when the contact has three live bookings.
func (s *Service) Book(ctx context.Context, by identity.Actor, in NewBooking) (Claim, error) {
	in, err := s.checkBooking(by, in)
	if err != nil {
		return Claim{}, err
	}
	var c Claim
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err = s.bookTx(ctx, tx, by, in)
		return err
	})
	if err != nil {
		return Claim{}, err
	}
	return c, nil
}

// CheckBooking says what Book would refuse of what was typed, by field, before anything is decided: a page that asks to
// check before sending calls it.
func (s *Service) CheckBooking(by identity.Actor, in NewBooking) error {
	_, err := s.checkBooking(by, in)
	return err
}

// checkBooking normalises what was asked and says what is wrong by field.
func (s *Service) checkBooking(by identity.Actor, in NewBooking) (NewBooking, error) {
	if in.Seats == 0 {
		in.Seats = 1
	}
	if in.Origin == "" {
		in.Origin = FromWeb
	}
	if in.Origin != FromWeb {
		if err := identity.Require(by, identity.AgendaBook, identity.Object{Kind: identity.ObjectAgenda}); err != nil {
			return in, err
		}
	} else if in.Known != "" || in.Silent {
		return in, fault.New(fault.Forbidden, "identity.forbidden")
	}
	if in.Known != "" {
		return in, nil
	}
	f := fault.New(fault.Invalid, "agenda.invalid")
	var err error
	if in.Who, err = in.Who.Check(); err != nil {
		copyFields(f, err, "")
	}
	contact := in.Who
	if in.By.Name != "" {
		if in.By, err = in.By.Check(); err != nil {
			copyFields(f, err, "by_")
		}
		contact = in.By
	}
	if contact.Phone == "" && contact.Email == "" && f.Fields["phone"].Key == "" && f.Fields["email"].Key == "" {
		f.With("phone", "agenda.contact_missing")
	}
	if in.Seats < 1 || in.Seats > 200 {
		f.With("seats", "agenda.seats_range")
	}
	if f.Fields != nil {
		return in, f
	}
	return in, nil
}

// copyFields adds the fields of a fault to another, under a prefix.
func copyFields(f *fault.Error, err error, prefix string) {
	g, ok := fault.As(err)
	if !ok {
		return
	}
	for field, m := range g.Fields {
		f.With(prefix+field, m.Key, m.Args...)
	}
}

func (s *Service) bookTx(ctx context.Context, tx *db.Tx, by identity.Actor, in NewBooking) (Claim, error) {
	c := s.claimOf(by, in)
	if err := s.limitContact(ctx, tx, c); err != nil {
		return c, err
	}
	d, err := s.open(ctx, tx, in.Occurrence)
	if err != nil {
		return c, err
	}
	if err := d.admit(&c, by, in.Wait, s.now()); err != nil {
		return c, err
	}
	who, err := s.meet(ctx, tx, by, in, d.series.Organisation)
	if err != nil {
		return c, err
	}
	c.Person, c.Silent = who.ID, c.Silent || who.Silent || d.reasons[c.Reason].Silent
	if err := s.authorised(ctx, tx, d, who.ID); err != nil {
		return c, err
	}
	if twice(d.claims, c) {
		return c, fault.New(fault.Conflict, "agenda.already")
	}
	if c.Reference, err = newReference(ctx, tx); err != nil {
		return c, err
	}
	if err := s.add(ctx, tx, &d, c, by.Audit(), whyAsked); err != nil {
		return c, err
	}
	changed := []ID{d.occ.ID}
	if d.series.Cycle {
		rest, err := s.bookCycle(ctx, tx, by, d, c)
		if err != nil {
			return c, err
		}
		changed = append(changed, rest...)
	}
	if err := s.tellBooked(ctx, tx, d, c, who); err != nil {
		return c, err
	}
	if err := s.recordClaim(ctx, tx, by, "agenda.book", c); err != nil {
		return c, err
	}
	return c, announce(ctx, tx, changed...)
}

// claimOf is the claim that a booking asks for, before anything is decided.
func (s *Service) claimOf(by identity.Actor, in NewBooking) Claim {
	contact := in.Who
	if in.By.Name != "" {
		contact = in.By
	}
	c := Claim{
		ID: ClaimID(id.New()), Occurrence: in.Occurrence, Seats: in.Seats, Slot: in.Slot, Reason: in.Reason, Origin: in.Origin, Commune: in.Who.Commune,
		Audience: in.Audience, Silent: in.Silent, CreatedAt: s.now(), Version: 1, phoneKey: s.fingerprint(contact.Phone), emailKey: s.fingerprint(contact.Email),
	}
	if in.Origin != FromWeb {
		c.By, c.Organisation = by.Account, by.Organisation
	}
	return c
}

// limitContact refuses a fourth live booking of a contact from the web. Other requests of the contact wait meanwhile.
func (s *Service) limitContact(ctx context.Context, tx *db.Tx, c Claim) error {
	if c.Origin != FromWeb {
		return nil
	}
	for _, key := range slices.Sorted(slices.Values([]string{c.emailKey, c.phoneKey})) {
		if key == "" {
			continue
		}
		if err := s.lockName(ctx, tx, key); err != nil {
			return err
		}
	}
	n, err := liveOf(ctx, tx, c.phoneKey, c.emailKey)
	if err == nil && n >= maxLive {
		err = fault.New(fault.TooMany, "agenda.too_many", "Most", maxLive)
	}
	return err
}

// lockName makes this the only transaction that decides on what a name stands for, a contact or a member of staff, until it ends.
func (s *Service) lockName(ctx context.Context, tx *db.Tx, name string) error {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("lock " + name))
	return lockNumber(ctx, tx, int64(binary.BigEndian.Uint64(mac.Sum(nil))))
}

// admit decides on a claim: booked, or waiting where wait says so and nothing is free. c gets its state, its slot's end, its
// quota and its turn.
func (d session) admit(c *Claim, by identity.Actor, wait bool, now time.Time) error {
	if err := bookable(d.series, d.occ, now); err != nil {
		return err
	}
	r, err := d.reasonOf(c, by)
	if err != nil {
		return err
	}
	if c.Origin == FromWeb {
		if err := inTime(terms(d.series, r), d.occ, startOf(d.occ, *c), now); err != nil {
			return err
		}
		if first := d.series.priority(d.occ, now); first != "" && first != d.series.Mode {
			return fault.New(fault.Conflict, "agenda.priority_first", "Mode", first.French())
		}
	}
	if c.Seats > 1 && d.series.Mode != Group && c.Seats > 6 {
		return fault.New(fault.Invalid, "agenda.invalid").With("seats", "agenda.seats_family")
	}
	if d.free(c, r, now) {
		c.State = Booked
		return nil
	}
	if !wait || !d.series.Waiting {
		if d.series.Mode.HasSlots() {
			return fault.New(fault.Conflict, "agenda.slot_taken")
		}
		return fault.New(fault.Conflict, "agenda.full")
	}
	c.State, c.Turn, c.Slot, c.SlotEnd, c.Quota = Waiting, lastTurn(d.claims)+1, time.Time{}, time.Time{}, ""
	return nil
}

// reasonOf is the reason of a claim, checked against the series and against who books.
func (d session) reasonOf(c *Claim, by identity.Actor) (Reason, error) {
	if d.series.Mode != Appointments {
		c.Reason = ""
		if d.series.Mode != Machine {
			c.Slot = time.Time{}
		}
		return Reason{}, nil
	}
	r, ok := d.reasons[c.Reason]
	if !ok || r.Retired {
		return r, fault.New(fault.Invalid, "agenda.invalid").With("reason", "agenda.reason_unknown")
	}
	if !r.admits(by, d.series.Organisation) {
		return r, fault.New(fault.Conflict, "agenda.reason_closed")
	}
	return r, nil
}

// free reports whether there is room for a claim, and gives it its slot's end or its quota.
func (d session) free(c *Claim, r Reason, now time.Time) bool {
	taken := taking(d.claims, now)
	if d.series.Mode.HasSlots() {
		if c.Slot.IsZero() || !slotFits(d.series, d.occ, r, taken, c.Slot) {
			return false
		}
		length, buffer := slotLength(d.series, r)
		c.SlotEnd = c.Slot.Add(length + buffer)
		return true
	}
	quota, ok := allot(*c, d.occ.Capacity, d.quotas, taken, d.occ.Start, now)
	c.Quota = quota
	return ok
}

// twice reports whether the person has a live claim on the same occurrence, or the same hour, already.
func twice(claims []Claim, c Claim) bool {
	return slices.ContainsFunc(claims, func(o Claim) bool {
		return o.Person != "" && o.Person == c.Person && o.State.live() && o.Slot.Equal(c.Slot)
	})
}

// meet is the person of a booking, and whoever books for her. Who books alone is known to the structure that receives her.
func (s *Service) meet(ctx context.Context, tx *db.Tx, by identity.Actor, in NewBooking, receives identity.OrganisationID) (person.Person, error) {
	if in.Known != "" {
		if err := s.persons.SeenTx(ctx, tx, in.Known); err != nil {
			return person.Person{}, err
		}
		return s.persons.Person(ctx, tx, in.Known)
	}
	in.Who.Organisation = organisationOr(by.Organisation, receives)
	in.By.Organisation = in.Who.Organisation
	if in.By.Name != "" {
		relative, err := s.persons.MeetTx(ctx, tx, by.Audit(), in.By)
		if err != nil {
			return person.Person{}, err
		}
		in.Who.RelationTo, in.Who.Relation = relative.ID, person.Relative
		in.Who.Phone, in.Who.Email = relative.Phone, relative.Email // she is reached through the relative
	}
	return s.persons.MeetTx(ctx, tx, by.Audit(), in.Who)
}

// bookCycle takes the seat of a claim on the later sessions of its cycle. All are taken, or none.
func (s *Service) bookCycle(ctx context.Context, tx *db.Tx, by identity.Actor, first session, lead Claim) ([]ID, error) {
	if lead.State == Waiting {
		return nil, nil // the later sessions follow once a seat is held and accepted
	}
	later, err := occurrencesOf(ctx, tx, first.series.ID, first.occ.Start)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(later, func(a, b Occurrence) int { return a.Start.Compare(b.Start) })
	var changed []ID
	for _, o := range later {
		if o.ID == first.occ.ID || !o.Live() || o.Start.Before(first.occ.Start) {
			continue
		}
		d, err := s.open(ctx, tx, o.ID)
		if err != nil {
			return nil, err
		}
		c := lead
		c.ID, c.Occurrence, c.Cycle, c.Reference, c.Turn = ClaimID(id.New()), o.ID, lead.ID, "", 0
		if !d.free(&c, Reason{}, s.now()) {
			return nil, fault.New(fault.Conflict, "agenda.full")
		}
		if err := s.add(ctx, tx, &d, c, by.Audit(), whyAsked); err != nil {
			return nil, err
		}
		changed = append(changed, o.ID)
	}
	return changed, nil
}

// authorised refuses a person without a valid authorisation where one is asked for.
func (s *Service) authorised(ctx context.Context, tx *db.Tx, d session, who person.ID) error {
	if !d.series.Guarded() {
		return nil
	}
	list, err := authorisationsOf(ctx, tx, who)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(a Authorisation) bool { return a.Holds(d.series.Skill, d.occ.On.String()) }) {
		return nil
	}
	return fault.New(fault.Conflict, "agenda.not_authorised")
}

// newReference is a reference that no claim has.
func newReference(ctx context.Context, tx *db.Tx) (string, error) {
	for range 8 {
		reference := id.NewReference()
		_, err := claimByReference(ctx, tx, reference)
		if fault.Is(err, fault.NotFound) {
			return reference, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("agenda: no free reference found")
}
