package notice

import (
	"context"
	"slices"
	"strconv"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// Line is a message as staff read it in a list: no contact, no text.
type Line struct {
	ID        ID
	Event     string
	Announces string
	Recipient string
	Channel   Channel
	State     State
	Failures  int // attempts that failed
	Until     time.Time
	CreatedAt time.Time
	EndedAt   time.Time // the zero instant while it waits
}

// Filter chooses lines. The zero value is all of them, newest first.
type Filter struct {
	State     State
	Recipient string // reference
	Before    Cursor // the last line of the page before
	Limit     int    // 0 is 50
}

// Cursor is where a page of a list ended.
type Cursor struct {
	At time.Time
	ID ID
}

// seen is the condition of SQL on the messages that by sees, its arguments numbered from $first on. Whoever a message
// was for is behind a word of eight letters: an account behind "account:".
func seen(by identity.Actor, first int) (condition string, args []any) {
	return identity.Where(by, identity.NoticeRead, identity.Columns{Owner: "substr(recipient, 9)", Organisation: "organisation"}, first)
}

// Lines returns the messages that by sees, newest first.
func (s *Service) Lines(ctx context.Context, by identity.Actor, f Filter) ([]Line, error) {
	if f.Limit == 0 {
		f.Limit = 50
	}
	if f.Before.At.IsZero() {
		f.Before = Cursor{At: s.now().Add(24 * time.Hour)}
	}
	mine, own := seen(by, 4)
	args := append([]any{db.Micros(f.Before.At), f.Before.ID, f.Limit}, own...)
	where := " AND " + mine
	add := func(column, value string) {
		if value != "" {
			args = append(args, value)
			where += " AND " + column + " = $" + strconv.Itoa(len(args))
		}
	}
	add("state", string(f.State))
	add("recipient", f.Recipient)
	rows, err := db.All(ctx, s.db, scanMessage, `SELECT `+messageCols+` FROM notice_message WHERE (created_at, id) < ($1, $2)`+where+`
		ORDER BY created_at DESC, id DESC LIMIT $3`, args...)
	out := make([]Line, 0, len(rows))
	for _, m := range rows {
		out = append(out, s.line(m))
	}
	return out, err
}

func (s *Service) line(m message) Line {
	return Line{
		ID: m.id, Event: m.event, Announces: s.events[m.event].Announces, Recipient: m.recipient, Channel: m.channel, State: m.state,
		Failures: m.failures, Until: m.usefulUntil, CreatedAt: m.createdAt, EndedAt: m.endedAt,
	}
}

// Message returns one message, and what happened to it, in order. It reports fault.NotFound for one that does not exist
// and for one that by does not see.
func (s *Service) Message(ctx context.Context, by identity.Actor, message ID) (Line, []Receipt, error) {
	mine, args := seen(by, 2)
	m, err := db.One(ctx, s.db, scanMessage, `SELECT `+messageCols+` FROM notice_message WHERE id = $1 AND `+mine, append([]any{message}, args...)...)
	if fault.Is(err, fault.NotFound) {
		return Line{}, nil, fault.New(fault.NotFound, "notice.unknown")
	}
	if err != nil {
		return Line{}, nil, err
	}
	receipts, err := s.receipts(ctx, message)
	return s.line(m), receipts, err
}

// Counts tells how many of the messages that by sees stand in each state; a state without any is absent.
func (s *Service) Counts(ctx context.Context, by identity.Actor) (map[State]int64, error) {
	type count struct {
		state State
		n     int64
	}
	mine, args := seen(by, 1)
	rows, err := db.All(ctx, s.db, func(r db.Row) (count, error) {
		var c count
		return c, r.Scan(&c.state, &c.n)
	}, `SELECT state, count(*) FROM notice_message WHERE `+mine+` GROUP BY state`, args...)
	out := make(map[State]int64, len(rows))
	for _, c := range rows {
		out[c.state] = c.n
	}
	return out, err
}

// Shown is a message that goes nowhere but to a screen.
type Shown struct {
	ID      ID
	Channel Channel
	To      string
	Subject string // of an e-mail
	Text    string
	At      time.Time
}

// Outbox returns the latest messages with their content, newest first, at most limit, where nothing is set up to send
// them: a demonstration, a first try. Only who may change the settings of messages reads it, codes to enter included. It
// reports fault.Forbidden to everybody else, fault.NotFound once e-mails are really sent: then nobody reads them here.
func (s *Service) Outbox(ctx context.Context, by identity.Actor, limit int) ([]Shown, error) {
	if err := identity.Require(by, identity.NoticeSettings, identity.Object{Kind: identity.ObjectNotice}); err != nil {
		return nil, err
	}
	if !s.OnScreen() {
		return nil, fault.New(fault.NotFound, "notice.no_outbox")
	}
	rows, err := db.All(ctx, s.db, scanMessage, `SELECT `+messageCols+` FROM notice_message
		WHERE state = 'told' AND channel IN ('email', 'sms') AND texts <> '' ORDER BY ended_at DESC, id DESC LIMIT $1`, limit)
	out := make([]Shown, 0, len(rows))
	for _, m := range rows {
		shown := Shown{ID: m.id, Channel: m.channel, To: m.contacts.of(m.channel), Text: m.texts.of(m.channel), At: m.endedAt}
		if m.channel == Email {
			shown.Subject = m.texts.Subject
		}
		out = append(out, shown)
	}
	return out, err
}

// Retry sends now what waits for its next attempt, or what has failed, once its cause is mended. It reports
// fault.NotFound for a message that is unknown or that by does not see, fault.Conflict when it has ended otherwise or is
// too late.
func (s *Service) Retry(ctx context.Context, by identity.Actor, message ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := lockMessage(ctx, tx, message)
		switch {
		case err == nil && !identity.Can(by, identity.NoticeCall, m.right()):
			return fault.New(fault.NotFound, "notice.unknown")
		case fault.Is(err, fault.NotFound):
			return fault.New(fault.NotFound, "notice.unknown")
		case err != nil:
			return err
		case m.state != Waiting && m.state != Failed, !s.now().Before(m.usefulUntil):
			return fault.New(fault.Conflict, "notice.already_ended")
		}
		m.state, m.endedAt, m.failures = Waiting, time.Time{}, 0
		if err := updateMessage(ctx, tx, m); err != nil {
			return err
		}
		if err := s.atOnceTx(ctx, tx, m); err != nil {
			return err
		}
		return s.recordTx(ctx, tx, by.Audit(), "notice.retry", m, "")
	})
}

// atOnceTx has a message sent now: its job is brought forward, or made anew where it is dead or done.
func (s *Service) atOnceTx(ctx context.Context, tx *db.Tx, m message) error {
	kind, key := deliverTask{}.JobKind(), string(m.id)
	waits, err := s.jobs.HastenTx(ctx, tx, kind, key)
	if err != nil || waits {
		return err
	}
	if _, err := s.jobs.CancelTx(ctx, tx, kind, key); err != nil {
		return err
	}
	_, err = s.jobs.AddOnce(ctx, tx, key, deliverTask{m.id}, s.now())
	return err
}

// RetryAll is Retry for every message that by sees with a failed attempt that is still of use, and returns how many there
// were.
func (s *Service) RetryAll(ctx context.Context, by identity.Actor) (int, error) {
	mine, args := seen(by, 2)
	ids, err := db.All(ctx, s.db, db.Value[ID], `SELECT id FROM notice_message
		WHERE (state = 'failed' OR state = 'waiting' AND failures > 0) AND useful_until > $1 AND `+mine+` ORDER BY useful_until, id`,
		append([]any{db.Micros(s.now())}, args...)...)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, message := range ids {
		err := s.Retry(ctx, by, message)
		if fault.Is(err, fault.Conflict) { // sent meanwhile
			continue
		}
		if err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// Ended is a message whose content may be erased.
type Ended struct {
	ID    ID
	Since time.Time // when it ended
}

// EndedBefore lists the messages that ended before an instant and still hold what they said, oldest first, after the
// given one (the zero Ended first), at most limit: what EraseContents would erase.
func (s *Service) EndedBefore(ctx context.Context, q db.Querier, before time.Time, after Ended, limit int) ([]Ended, error) {
	since := int64(0)
	if !after.Since.IsZero() {
		since = db.Micros(after.Since)
	}
	return db.All(ctx, q, func(r db.Row) (Ended, error) {
		var e Ended
		var at int64
		err := r.Scan(&e.ID, &at)
		e.Since = db.Time(at)
		return e, err
	}, `SELECT id, ended_at FROM notice_message WHERE ended_at <> 0 AND ended_at < $1 AND (ended_at, id) > ($2, $3)
		AND (texts <> '' OR email <> '' OR phone <> '' OR postal <> '') ORDER BY ended_at, id LIMIT $4`, db.Micros(before), since, after.ID, limit)
}

// EraseTx erases what messages said and to which contacts, in the caller's transaction, and returns how many held
// anything. Receipts stay: by which channel, when, with which result. It writes no line of the journal.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, messages ...ID) (int, error) {
	total := 0
	for part := range slices.Chunk(messages, 100) {
		args := make([]any, len(part))
		for i, m := range part {
			args[i] = m
		}
		n, err := db.Exec(ctx, tx, `UPDATE notice_message SET texts = '', email = '', phone = '', postal = '', version = version + 1
			WHERE ended_at <> 0 AND (texts <> '' OR email <> '' OR phone <> '' OR postal <> '') AND id IN (`+db.Params(1, len(part))+`)`, args...)
		total += int(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// eraseBatch bounds a transaction of EraseContents.
const eraseBatch = 100

// EraseContents erases what messages said that ended before an instant, in batches, each with its line of the journal,
// and returns how many.
func (s *Service) EraseContents(ctx context.Context, before time.Time) (int, error) {
	total := 0
	for {
		n := 0
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			due, err := s.EndedBefore(ctx, tx, before, Ended{}, eraseBatch)
			if err != nil || len(due) == 0 {
				n = 0
				return err
			}
			ids := make([]ID, len(due))
			for i, e := range due {
				ids[i] = e.ID
			}
			if n, err = s.EraseTx(ctx, tx, ids...); err != nil {
				return err
			}
			return s.journal.RecordTx(ctx, tx, audit.Entry{
				Actor: audit.System, Action: "notice.erase", Object: audit.Object{Kind: "messages"}, Detail: map[string]string{"count": strconv.Itoa(n)},
			})
		})
		total += n
		if err != nil || n < eraseBatch {
			return total, err
		}
	}
}
