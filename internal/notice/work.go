package notice

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
)

// deliverTask sends a waiting message.
type deliverTask struct{ Message ID }

// JobKind names the kind.
func (deliverTask) JobKind() string { return "notice.send" }

// followTask asks what became of an accepted text message; Asked counts the times before.
type followTask struct {
	Message ID
	Asked   int
}

// JobKind names the kind.
func (followTask) JobKind() string { return "notice.follow" }

// sweepTask ends what lost its use while it waited for people.
type sweepTask struct{}

// JobKind names the kind.
func (sweepTask) JobKind() string { return "notice.sweep" }

// writeTime is what writing the result of an attempt may take.
const writeTime = 10 * time.Second

// deliver does one attempt: it decides and claims in a transaction, hands the message over outside, and writes what came
// of it. A node that dies in between leaves a reservation without a result: the message is sent again, under the same
// identifier, rather than not at all.
func (s *Service) deliver(ctx context.Context, t deliverTask) error {
	m, d, err := s.prepareSend(ctx, t.Message)
	if err != nil {
		return err
	}
	switch d.act {
	case wait:
		return jobs.Later(d.until)
	case send:
	default:
		return nil
	}
	got, failed := s.handOver(ctx, m)
	if failed != nil && errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // the node is stopping: nothing is known of the attempt
	}
	// What came of it is written even when the attempt took all the time there was.
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	again, err := s.conclude(writing, m, got, failed)
	if err == nil && !again.IsZero() {
		return jobs.Later(again)
	}
	return err
}

// prepareSend locks the message, decides, and does all of the decision but the sending.
func (s *Service) prepareSend(ctx context.Context, message ID) (m message, d decision, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err = lockMessage(ctx, tx, message)
		if fault.Is(err, fault.NotFound) || err == nil && m.state != Waiting {
			d = decision{act: rest}
			return nil
		}
		if err != nil {
			return err
		}
		d = decide(moment{
			channel: m.channel, now: s.here(), notBefore: m.notBefore, usefulUntil: m.usefulUntil, answer: s.events[m.event].Answer,
			gateway: s.sms != nil, holiday: s.holiday,
		})
		if d.act == send {
			if d, err = s.claimTx(ctx, tx, m); err != nil {
				return err
			}
		}
		switch d.act {
		case expire:
			return s.endTx(ctx, tx, m, ExpiredAt, receipt{Result: Expired}, false)
		case divert:
			return s.divertTx(ctx, tx, m, receipt{Result: d.why})
		case wait:
			if d.why == Postponed {
				return s.receiptTx(ctx, tx, m, receipt{Result: Postponed})
			}
		}
		return nil
	})
	return m, d, err
}

// claimTx claims the cost of a message against the month's cap, and leaves the reservation as a receipt.
func (s *Service) claimTx(ctx context.Context, tx *db.Tx, m message) (decision, error) {
	if m.channel != SMS {
		return decision{act: send}, nil
	}
	r := receipt{Result: Reserved, segments: sms.Segments(m.texts.SMS), cost: s.cost(m), month: month(s.here())}
	ok, err := s.spendTx(ctx, tx, r.month, r.cost)
	if err != nil {
		return decision{}, err
	}
	if !ok {
		return decision{act: divert, why: Capped}, nil
	}
	return decision{act: send}, s.receiptTx(ctx, tx, m, r)
}

// handed is what the next one in the chain says of a message.
type handed struct {
	provider, id string
	segments     int
	kept         bool
}

func (s *Service) handOver(ctx context.Context, m message) (handed, error) {
	if m.channel == SMS {
		r, err := s.sms.Send(ctx, sms.Message{To: m.contacts.phone, Text: m.texts.SMS, Ref: string(m.id)})
		return handed{provider: r.Provider, id: r.ID, segments: r.Segments, kept: r.Kept}, err
	}
	msg := mail.Message{ID: string(m.id), To: m.contacts.email, Subject: m.texts.Subject, Text: m.texts.of(Email)}
	r, err := s.mail.Send(ctx, msg)
	return handed{provider: r.Provider, kept: r.Kept}, err
}

// setbackOf says what an error of a driver means, with its code.
func setbackOf(c Channel, err error) (setback, string) {
	if c == SMS {
		code := string(sms.KindOf(err))
		var e *sms.Error
		if errors.As(err, &e) && e.Code != "" {
			code += ":" + e.Code
		}
		switch sms.KindOf(err) {
		case sms.RefusedNumber:
			return never, code
		case sms.Quota:
			return credit, code
		}
		return later, code
	}
	code := string(mail.KindOf(err))
	var e *mail.Error
	if errors.As(err, &e) && e.Code != 0 {
		code += ":" + strconv.Itoa(e.Code)
	}
	if mail.KindOf(err) == mail.Refused {
		return never, code
	}
	return later, code
}

// conclude writes what came of an attempt. It returns when to try again, the zero instant when that is over.
func (s *Service) conclude(ctx context.Context, sent message, got handed, failed error) (again time.Time, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		again = time.Time{}
		m, err := lockMessage(ctx, tx, sent.id)
		switch {
		case fault.Is(err, fault.NotFound): // forgotten while it was on its way
			return nil
		case err != nil:
			return err
		case failed == nil:
			return s.toldTx(ctx, tx, m, sent, got)
		}
		again, err = s.failedTx(ctx, tx, m, sent, failed)
		return err
	})
	if failed != nil && err == nil {
		kind, code := setbackOf(sent.channel, failed)
		s.log.Warn("message not sent", "message", sent.id, "event", sent.event, "channel", sent.channel, "setback", kind, "code", code)
	}
	return again, err
}

// toldTx writes that a message is gone. A text message keeps its contacts until its delivery is known, and what only
// waits on a screen keeps them to be shown.
func (s *Service) toldTx(ctx context.Context, tx *db.Tx, m, sent message, got handed) error {
	r := receipt{Result: Sent, provider: got.provider, providerID: got.id}
	if got.kept {
		r.Result = OnAScreen
	}
	if m.channel == SMS {
		if err := s.correctTx(ctx, tx, sent, got, &r); err != nil {
			return err
		}
	}
	if m.state != Waiting { // cancelled while it was on its way: it left all the same
		return s.receiptTx(ctx, tx, m, r)
	}
	follow := m.channel == SMS && got.id != "" && !got.kept
	if s.events[m.event].Secret && !got.kept {
		m.texts = texts{}
	}
	if err := s.endTx(ctx, tx, m, Told, r, follow || got.kept); err != nil {
		return err
	}
	if !follow {
		return nil
	}
	return s.followLaterTx(ctx, tx, m.id, 0)
}

// correctTx brings the claimed cost to what the provider says that it bills, and gives it back when nothing was sent.
func (s *Service) correctTx(ctx context.Context, tx *db.Tx, sent message, got handed, r *receipt) error {
	billed := sms.Millis(got.segments) * s.price
	if got.kept {
		billed, got.segments = 0, 0
	}
	r.segments, r.cost, r.month = got.segments-sms.Segments(sent.texts.SMS), billed-s.cost(sent), month(s.here())
	return s.adjustTx(ctx, tx, r.month, r.cost)
}

// failedTx writes a failed attempt: its cost is given back, and the message waits, or goes another way.
func (s *Service) failedTx(ctx context.Context, tx *db.Tx, m, sent message, failed error) (time.Time, error) {
	kind, code := setbackOf(m.channel, failed)
	m.failures++
	d := afterFailure(kind, m.failures, s.now(), m.usefulUntil, s.events[m.event].Secret)
	r := receipt{Result: d.why, err: code, month: month(s.here())}
	if m.channel == SMS {
		r.segments, r.cost = -sms.Segments(sent.texts.SMS), -s.cost(sent)
		if err := s.adjustTx(ctx, tx, r.month, r.cost); err != nil {
			return time.Time{}, err
		}
	}
	switch {
	case m.state != Waiting:
		return time.Time{}, s.receiptTx(ctx, tx, m, r)
	case d.act == wait:
		if err := updateMessage(ctx, tx, m); err != nil {
			return time.Time{}, err
		}
		return d.until, s.receiptTx(ctx, tx, m, r)
	}
	return time.Time{}, s.divertTx(ctx, tx, m, r)
}

// divertTx ends m and plans the same by the next way that was not tried, unless the person is told by another already. A
// secret without another way has failed: it stays on the list of what staff must look at.
func (s *Service) divertTx(ctx context.Context, tx *db.Tx, m message, r receipt) error {
	e, ok := s.events[m.event]
	if !ok { // a release that no longer knows the event
		return s.endTx(ctx, tx, m, Failed, r, true)
	}
	others, err := tellings(ctx, tx, m)
	if err != nil {
		return err
	}
	way, err := s.reach(ctx, tx, m.contacts, m.usefulUntil)
	if err != nil {
		return err
	}
	next, covered := follower(instead(ways(e, way), m.channel, r.Result), others, m.id)
	if next == "" && !covered || m.texts == (texts{}) { // nothing to say it by, or nothing left to say
		return s.endTx(ctx, tx, m, Failed, r, true)
	}
	following := m
	m.texts = texts{}
	if err := s.endTx(ctx, tx, m, Diverted, r, false); err != nil || covered {
		return err
	}
	following.notBefore = time.Time{}
	return s.planTx(ctx, tx, following, next)
}

// follower chooses the first way that was not tried. The person is covered when a machine, or a person, has told them by
// another way, or is about to.
func follower(candidates []Channel, others []message, self ID) (next Channel, covered bool) {
	tried := map[Channel]bool{}
	for _, o := range others {
		tried[o.channel] = true
		if o.id != self && (o.state == Waiting || o.state == ByHand || o.state == Told) {
			return "", true
		}
	}
	i := slices.IndexFunc(candidates, func(c Channel) bool { return !tried[c] })
	if i < 0 {
		return "", false
	}
	return candidates[i], false
}

func (s *Service) followLaterTx(ctx context.Context, tx *db.Tx, message ID, asked int) error {
	_, err := s.jobs.AddOnce(ctx, tx, string(message)+"/"+strconv.Itoa(asked), followTask{message, asked}, s.now().Add(followAfter[asked]))
	return err
}

// follow asks the provider what became of a text message. One that was lost goes another way while that is of use.
func (s *Service) follow(ctx context.Context, t followTask) error {
	provider, providerID, err := accepted(ctx, s.db, t.Message)
	if fault.Is(err, fault.NotFound) {
		return nil // forgotten meanwhile
	}
	if err != nil {
		return err
	}
	became := sms.Unknown
	if s.sms != nil {
		if became, err = s.sms.Delivery(ctx, providerID); err != nil {
			became = sms.Unknown
			s.log.Warn("delivery not known", "message", t.Message, "code", string(sms.KindOf(err)))
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := lockMessage(ctx, tx, t.Message)
		if err != nil || m.state != Told {
			return ignoreNotFound(err)
		}
		return s.followedTx(ctx, tx, m, t, became, provider)
	})
}

func ignoreNotFound(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func (s *Service) followedTx(ctx context.Context, tx *db.Tx, m message, t followTask, became sms.Delivery, provider string) error {
	switch {
	case became == sms.Delivered:
		return s.endTx(ctx, tx, m, Told, receipt{Result: Delivered, provider: provider}, false)
	case became == sms.Failed && s.now().Before(m.usefulUntil):
		return s.divertTx(ctx, tx, m, receipt{Result: Undelivered, provider: provider})
	case became == sms.Failed:
		return s.endTx(ctx, tx, m, ExpiredAt, receipt{Result: Undelivered, provider: provider}, false)
	case t.Asked+1 < len(followAfter):
		return s.followLaterTx(ctx, tx, m.id, t.Asked+1)
	}
	m.contacts = contacts{} // it stays unknown: nothing more will be done with them
	return updateMessage(ctx, tx, m)
}

// sweepBatch bounds a transaction of the sweep.
const sweepBatch = 100

// sweep ends what lost its use while it waited, and clears contacts and secrets that are of no more use.
func (s *Service) sweep(ctx context.Context, _ sweepTask) error {
	for {
		n := 0
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			late, err := lateMessages(ctx, tx, s.now(), sweepBatch)
			n = len(late)
			if err != nil {
				return err
			}
			for _, m := range late {
				if err := s.sweepTx(ctx, tx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < sweepBatch {
			return err
		}
	}
}

func (s *Service) sweepTx(ctx context.Context, tx *db.Tx, m message) error {
	e, known := s.events[m.event]
	if e.Secret || !known {
		m.texts = texts{}
	}
	if m.state == ByHand || m.state == Waiting || m.state == Failed {
		return s.endTx(ctx, tx, m, ExpiredAt, receipt{Result: Expired}, false)
	}
	m.contacts = contacts{}
	return updateMessage(ctx, tx, m)
}

// lateMessages are those that still hold something although they lost their use. Waiting ones have an hour for their own
// job to expire them.
func lateMessages(ctx context.Context, tx *db.Tx, now time.Time, limit int) ([]message, error) {
	return db.All(ctx, tx, scanMessage, `UPDATE notice_message SET version = version + 1 WHERE id IN (SELECT id FROM notice_message
		WHERE state IN ('by_hand', 'failed') AND useful_until <= $1
			OR state = 'waiting' AND useful_until <= $2
			OR state = 'told' AND useful_until <= $2 AND (email <> '' OR phone <> '' OR postal <> '')
		ORDER BY id LIMIT $3) RETURNING `+messageCols, db.Micros(now), db.Micros(now.Add(-time.Hour)), limit)
}
