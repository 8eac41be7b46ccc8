package agenda

import (
	"context"
	"embed"
	"fmt"
	"strconv"
	"time"

	"viaduc/internal/notice"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

//go:embed messages/*.txt
var messages embed.FS

// The messages.
const (
	EventBooked    = "agenda.booked"    // a seat is taken
	EventReminder  = "agenda.reminder"  // two days before
	EventMoved     = "agenda.moved"     // another time or place
	EventCancelled = "agenda.cancelled" // the person's own booking, or the date
	EventOffered   = "agenda.offered"   // a freed seat is held
	EventLate      = "agenda.late"      // begins late
	EventHost      = "agenda.host"      // a host is asked to confirm
)

// FollowPath is the page of a booking, followed by its token; HostPath that of a date for its host.
const (
	FollowPath = "/suivi/lien/"
	HostPath   = "/agenda/accueil/"
)

// remindBefore is how long before the start a person is reminded.
const remindBefore = 48 * time.Hour

// Events are what the agenda tells people. Texts go by e-mail first: a text message costs money, and says less.
func Events() []notice.Event {
	both := []notice.Channel{notice.Email, notice.SMS}
	sample := map[string]string{"what": "Atelier tablette", "when": "mardi 5 mai à 14 h", "where": "Mairie, Rochefort", "reference": "KTB-94M"}
	with := func(more map[string]string, drop ...string) map[string]string {
		out := map[string]string{}
		for k, v := range sample {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		for _, k := range drop {
			delete(out, k)
		}
		return out
	}
	event := func(key, announces string, useful time.Duration, s map[string]string) notice.Event {
		e := notice.Event{Key: key, Announces: announces, Channels: both, Texts: messages, Page: FollowPath, Useful: useful, Sample: s}
		for k := range s {
			e.Fields = append(e.Fields, k)
		}
		return e
	}
	const twoDays = 48 * time.Hour
	booked := event(EventBooked, "une inscription faite", twoDays, with(map[string]string{"bring": "une pièce d'identité"}))
	reminder := event(EventReminder, "un rendez-vous ou un atelier qui vient", twoDays, with(map[string]string{"bring": "une pièce d'identité"}))
	moved := event(EventMoved, "un changement d'heure ou de lieu", twoDays, with(map[string]string{"was": "lundi 4 mai à 14 h"}))
	cancelled := event(EventCancelled, "une annulation", twoDays, with(map[string]string{"why": "La salle est fermée."}))
	offered := event(EventOffered, "une place qui se libère", twoDays, with(map[string]string{"until": "mardi 5 mai à 10 h"}))
	late := event(EventLate, "un retard", 3*time.Hour, with(map[string]string{"minutes": "20"}, "reference"))
	request := notice.Event{
		Key: EventRequest, Announces: "où en est la demande d'une commune", Channels: []notice.Channel{notice.Email}, Texts: messages, Page: RequestPath, Useful: 14 * 24 * time.Hour,
		Fields: []string{"commune", "reference", "state", "why"},
		Sample: map[string]string{"commune": "Salindres", "reference": "KTB-94M", "state": "Nous l'avons reçue.", "why": "Nous n'avons plus de demi-journée libre."},
	}
	host := event(EventHost, "une date à confirmer par la mairie", 14*24*time.Hour, with(nil, "reference"))
	host.Page, host.Channels = HostPath, []notice.Channel{notice.Email}
	return []notice.Event{booked, reminder, moved, cancelled, offered, late, host, request}
}

// words are the fields that every message about a claim has.
func (s *Service) words(d session, c Claim) map[string]string {
	return map[string]string{
		"what": d.series.Title, "when": s.moment(startOf(d.occ, c).In(d.occ.Zone)), "where": s.WhereText(d.occ.Where), "reference": c.Reference,
	}
}

// send plans a message to the person of a claim. Under silence it does nothing.
func (s *Service) send(ctx context.Context, tx *db.Tx, d session, c Claim, n notice.NewMessage) error {
	if c.Silent || c.Person == "" || c.Cycle != "" && n.Event == EventBooked {
		return nil
	}
	who, err := s.persons.Person(ctx, tx, c.Person)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	lead := c.ID
	if c.Cycle != "" {
		lead = c.Cycle
	}
	n.From, n.To, n.Path, n.Silent = d.series.Organisation, s.persons.Recipient(who), FollowPath+s.token("claim", string(lead)), who.Silent
	if n.Until.IsZero() {
		n.Until = startOf(d.occ, c)
	}
	return s.notices.SendTx(ctx, tx, n)
}

// reminderKey names the reminder of a claim at one time: moving it is another one.
func reminderKey(c Claim, start time.Time) string {
	return string(c.ID) + " " + strconv.FormatInt(start.Unix(), 10)
}

// tellBooked confirms a seat and plans its reminder, 48 hours before. Less than that before, the reminder goes at once and
// stands for the confirmation: nobody reads the same thing twice in a minute.
func (s *Service) tellBooked(ctx context.Context, tx *db.Tx, d session, c Claim, _ person.Person) error {
	if c.State != Booked {
		return nil
	}
	start := startOf(d.occ, c)
	if start.Sub(s.now()) > remindBefore {
		fields := s.words(d, c)
		fields["bring"] = d.reasons[c.Reason].Bring
		if err := s.send(ctx, tx, d, c, notice.NewMessage{Event: EventBooked, Key: string(c.ID), Fields: fields}); err != nil {
			return err
		}
	}
	return s.remind(ctx, tx, d, c)
}

// remind plans the reminder of a booking.
func (s *Service) remind(ctx context.Context, tx *db.Tx, d session, c Claim) error {
	start := startOf(d.occ, c)
	if c.State != Booked || !start.After(s.now()) {
		return nil
	}
	fields := s.words(d, c)
	fields["bring"] = d.reasons[c.Reason].Bring
	return s.send(ctx, tx, d, c, notice.NewMessage{Event: EventReminder, Key: reminderKey(c, start), Fields: fields, After: start.Add(-remindBefore)})
}

// forgetReminder takes back the reminder of a time that is no longer so.
func (s *Service) forgetReminder(ctx context.Context, tx *db.Tx, c Claim, start time.Time) error {
	return s.notices.CancelTx(ctx, tx, "", EventReminder, reminderKey(c, start))
}

// tellMoved tells a person that a booking is at another time or place, and moves its reminder.
func (s *Service) tellMoved(ctx context.Context, tx *db.Tx, d session, c Claim, was time.Time) error {
	if err := s.forgetReminder(ctx, tx, c, was); err != nil {
		return err
	}
	fields := s.words(d, c)
	fields["was"] = s.moment(was.In(d.occ.Zone))
	key := fmt.Sprintf("%s %d %s", c.ID, startOf(d.occ, c).Unix(), d.occ.Where.key())
	if err := s.send(ctx, tx, d, c, notice.NewMessage{Event: EventMoved, Key: key, Fields: fields}); err != nil {
		return err
	}
	return s.remindAfterMove(ctx, tx, d, c)
}

// remindAfterMove plans the reminder of the new time, unless it would leave with the message that just told it.
func (s *Service) remindAfterMove(ctx context.Context, tx *db.Tx, d session, c Claim) error {
	if startOf(d.occ, c).Sub(s.now()) <= remindBefore {
		return nil
	}
	return s.remind(ctx, tx, d, c)
}

// key tells two venues apart in the key of a message.
func (w Where) key() string { return string(w.Place) + "/" + w.Commune + "/" + w.Venue }

// tellCancelled tells a person that a booking is cancelled: what she cancelled herself she knows, and is told of only by the page that says so.
// A confirmation that nobody told yet is taken back: a mediator does not call to say what is no longer so.
func (s *Service) tellCancelled(ctx context.Context, tx *db.Tx, d session, c Claim, was ClaimState, why string) error {
	if err := s.forgetReminder(ctx, tx, c, startOf(d.occ, c)); err != nil {
		return err
	}
	if err := s.notices.CancelTx(ctx, tx, "", EventBooked, string(c.ID)); err != nil {
		return err
	}
	if why == whyPerson || was == Waiting && why != whyDate {
		return nil
	}
	fields := s.words(d, c)
	fields["why"] = ""
	if why == whyDate {
		fields["why"] = d.occ.Reason
	}
	return s.send(ctx, tx, d, c, notice.NewMessage{Event: EventCancelled, Key: string(c.ID), Fields: fields})
}

// tellOffer offers a seat that is held.
func (s *Service) tellOffer(ctx context.Context, tx *db.Tx, d session, c Claim) error {
	fields := s.words(d, c)
	fields["until"] = s.moment(c.HeldUntil.In(d.occ.Zone))
	return s.send(ctx, tx, d, c, notice.NewMessage{Event: EventOffered, Key: string(c.ID) + " " + strconv.FormatInt(c.HeldUntil.Unix(), 10), Fields: fields, Until: c.HeldUntil})
}

// tellLate says how late an occurrence begins.
func (s *Service) tellLate(ctx context.Context, tx *db.Tx, d session, c Claim) error {
	fields := s.words(d, c)
	delete(fields, "reference")
	fields["minutes"] = strconv.Itoa(d.occ.Delay)
	return s.send(ctx, tx, d, c, notice.NewMessage{
		Event: EventLate, Key: fmt.Sprintf("%s %d %d", c.ID, d.occ.Delay, d.occ.Version), Fields: fields, Until: startOf(d.occ, c).Add(time.Duration(d.occ.Delay) * time.Minute),
	})
}
