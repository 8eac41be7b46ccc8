package notice

import (
	"context"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// ToCall is somebody to be called: a line of the printed call list. Whoever shows it asks the module that owns the
// reference for a name.
type ToCall struct {
	ID        ID
	Recipient string // reference, or a fingerprint where there is none
	Phone     string
	Say       string // what there is to say
	Event     string
	Announces string
	Until     time.Time // too late after
	Since     time.Time
	Tries     int // calls without an answer
}

// CallList returns whom by may call, the most urgent first, at most limit. Nobody under silence is ever on it.
func (s *Service) CallList(ctx context.Context, by identity.Actor, limit int) ([]ToCall, error) {
	waiting, err := s.byHand(ctx, by, Call, limit)
	if err != nil {
		return nil, err
	}
	out := make([]ToCall, 0, len(waiting))
	for _, m := range waiting {
		tries, err := db.One(ctx, s.db, db.Value[int], `SELECT count(*) FROM notice_receipt WHERE message_id = $1 AND result = 'no_answer'`, m.id)
		if err != nil {
			return nil, err
		}
		out = append(out, ToCall{
			ID: m.id, Recipient: m.recipient, Phone: m.contacts.phone, Say: m.texts.Say, Event: m.event, Announces: s.events[m.event].Announces,
			Until: m.usefulUntil, Since: m.createdAt, Tries: tries,
		})
	}
	return out, nil
}

func (s *Service) byHand(ctx context.Context, by identity.Actor, c Channel, limit int) ([]message, error) {
	mine, args := identity.Where(by, identity.NoticeCall, identity.Columns{Organisation: "organisation"}, 4)
	return db.All(ctx, s.db, scanMessage, `SELECT `+messageCols+` FROM notice_message
		WHERE state = 'by_hand' AND channel = $1 AND useful_until > $2 AND `+mine+` ORDER BY useful_until, id LIMIT $3`,
		append([]any{c, db.Micros(s.now()), limit}, args...)...)
}

// Called writes what came of a call: the person was told, or did not answer and stays on the list. It reports
// fault.NotFound when the message is not on the call list of by, fault.Conflict when somebody else has just told the
// person.
func (s *Service) Called(ctx context.Context, by identity.Actor, message ID, told bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.handTx(ctx, tx, by, message)
		if err != nil {
			return err
		}
		if m.channel != Call {
			return fault.New(fault.NotFound, "notice.unknown")
		}
		if told {
			return s.endTx(ctx, tx, m, Told, receipt{Result: Called, actor: by.Audit()}, false)
		}
		if err := s.receiptTx(ctx, tx, m, receipt{Result: NoAnswer, actor: by.Audit()}); err != nil {
			return err
		}
		return s.recordTx(ctx, tx, by.Audit(), "notice.called", m, NoAnswer)
	})
}

// handTx locks a message that waits for by's people.
func (s *Service) handTx(ctx context.Context, tx *db.Tx, by identity.Actor, message ID) (message, error) {
	m, err := lockMessage(ctx, tx, message)
	if err == nil && !identity.Can(by, identity.NoticeCall, m.right()) {
		return m, fault.New(fault.NotFound, "notice.unknown")
	}
	switch {
	case fault.Is(err, fault.NotFound):
		return m, fault.New(fault.NotFound, "notice.unknown")
	case err == nil && m.state != ByHand:
		return m, fault.New(fault.Conflict, "notice.already_ended")
	}
	return m, err
}

// Sheet is what a letter or a slip says, for a page to be printed.
type Sheet struct {
	ID        ID
	Channel   Channel // Letter or Slip
	Recipient string
	Postal    []string // the lines of the envelope; none on a slip
	Title     string
	Text      []string // paragraphs
	From      string   // who writes: the territory
	Phone     string   // its help line
	On        time.Time
	Until     time.Time // too late after
}

func (s *Service) sheet(m message) Sheet {
	site := s.territory.Site("")
	out := Sheet{
		ID: m.id, Channel: m.channel, Recipient: m.recipient, Title: m.texts.Subject, From: site.Name, Phone: site.Phone, On: m.createdAt, Until: m.usefulUntil,
	}
	if m.channel == Letter && m.contacts.postal != "" {
		out.Postal = strings.Split(m.contacts.postal, "\n")
	}
	for paragraph := range strings.SplitSeq(m.texts.Mail, "\n\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			out.Text = append(out.Text, paragraph)
		}
	}
	return out
}

// ToPrint returns the letters or the slips that by may print, the most urgent first, at most limit.
func (s *Service) ToPrint(ctx context.Context, by identity.Actor, c Channel, limit int) ([]Sheet, error) {
	if c != Letter && c != Slip {
		return nil, nil
	}
	waiting, err := s.byHand(ctx, by, c, limit)
	out := make([]Sheet, 0, len(waiting))
	for _, m := range waiting {
		out = append(out, s.sheet(m))
	}
	return out, err
}

// Printed writes that sheets were printed, and posted or handed over: all of them, or none. It reports fault.NotFound
// and fault.Conflict as Called does.
func (s *Service) Printed(ctx context.Context, by identity.Actor, messages ...ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, message := range messages {
			m, err := s.handTx(ctx, tx, by, message)
			if err != nil {
				return err
			}
			if m.channel == Call {
				return fault.New(fault.NotFound, "notice.unknown")
			}
			if err := s.endTx(ctx, tx, m, Told, receipt{Result: Printed, actor: by.Audit()}, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// PrintNow says an event on a slip for somebody who stands at the desk, and returns the slip. It counts as told: nothing
// else is sent about that fact. It reports fault.Conflict when the person was told already, and fault.Forbidden under
// silence, where no paper may name the fact either.
func (s *Service) PrintNow(ctx context.Context, by audit.Actor, n NewMessage) (Sheet, error) {
	if n.Silent {
		return Sheet{}, fault.New(fault.Forbidden, "notice.silent")
	}
	e, ok := s.events[n.Event]
	if !ok || e.Secret {
		return Sheet{}, fault.New(fault.Invalid, "notice.no_slip")
	}
	n.By = by
	if n.Until.IsZero() {
		n.Until = s.now().Add(e.Useful)
	}
	m, err := s.draft(e, n)
	if err != nil {
		return Sheet{}, err
	}
	var out Sheet
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		known, err := tellings(ctx, tx, m)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			return fault.New(fault.Conflict, "notice.already_ended")
		}
		out, err = s.slipTx(ctx, tx, m)
		return err
	})
	return out, err
}

func (s *Service) slipTx(ctx context.Context, tx *db.Tx, m message) (Sheet, error) {
	planned := m
	planned.contacts = contacts{}
	if err := s.planTx(ctx, tx, planned, Slip); err != nil {
		return Sheet{}, err
	}
	all, err := tellings(ctx, tx, m)
	if err != nil {
		return Sheet{}, err
	}
	if len(all) != 1 {
		return Sheet{}, fault.New(fault.Conflict, "notice.already_ended")
	}
	out := s.sheet(all[0])
	return out, s.endTx(ctx, tx, all[0], Told, receipt{Result: Printed, actor: m.actor}, false)
}
