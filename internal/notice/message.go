package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/sms"
)

// ID is a message: one thing told, or to be told, to one person by one channel.
type ID string

// State is where a message stands.
type State string

// The states.
const (
	Waiting   State = "waiting"   // a machine will send it
	ByHand    State = "by_hand"   // on the call list, or to be printed
	Told      State = "told"      // sent, called or printed
	Diverted  State = "diverted"  // another message took over, by another channel
	Failed    State = "failed"    // a secret that no machine could send
	ExpiredAt State = "expired"   // lost its use before the person could be told
	Cancelled State = "cancelled" // what it announced is no longer so
)

// States lists the states in the order of a message's life.
func States() []State { return []State{Waiting, ByHand, Told, Diverted, Failed, ExpiredAt, Cancelled} }

// NewMessage is a message to plan.
type NewMessage struct {
	Event  string                  // key of a registered event
	Key    string                  // which fact: "booking 0190..., moved for the third time". A person is told of it once
	By     audit.Actor             // who did what is announced; empty is the program itself
	From   identity.OrganisationID // whose message it is: its team calls where no machine reaches; empty is the territory
	To     Recipient               //
	Fields map[string]string       // a value for each field of the event, in words of To.Lang; "" where there is nothing to say
	Path   string                  // of the page that the link opens, beginning with the event's; empty where it has none
	Until  time.Time               // worth nothing after; zero is the event's own duration from now on
	After  time.Time               // not to be sent before, for a reminder; zero is at once
	Silent bool                    // the person or the fact is under silence: nothing is sent, and nothing is kept
}

// message is a row.
type message struct {
	id                     ID
	event, key, recipient  string
	channel                Channel
	state                  State
	lang                   string
	contacts               contacts
	contactHash, stopHash  string
	texts                  texts
	notBefore, usefulUntil time.Time
	failures               int
	actor                  audit.Actor
	organisation           identity.OrganisationID
	createdAt, endedAt     time.Time
}

// Send is SendTx in a transaction of its own.
func (s *Service) Send(ctx context.Context, n NewMessage) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.SendTx(ctx, tx, n) })
}

// SendTx plans a message in the caller's transaction, and waits for no network. It does nothing when the person was told
// of that fact already, or is about to be; nothing, and without a trace, when n is silent; nothing when the person has
// said stop to what is optional. An error is a programmer's mistake, or the database's.
func (s *Service) SendTx(ctx context.Context, tx *db.Tx, n NewMessage) error {
	if n.Silent {
		return nil
	}
	e, ok := s.events[n.Event]
	if !ok {
		return fmt.Errorf("notice: unknown event %q", n.Event)
	}
	if n.Until.IsZero() {
		n.Until = s.now().Add(e.Useful)
	}
	m, err := s.draft(e, n)
	if err != nil {
		return fmt.Errorf("notice: event %s: %w", n.Event, err)
	}
	known, err := tellings(ctx, tx, m)
	if err != nil || len(known) > 0 {
		return err
	}
	r, err := s.reach(ctx, tx, m.contacts, m.usefulUntil)
	if err != nil {
		return err
	}
	for _, c := range first(e, ways(e, r)) {
		if err := s.planTx(ctx, tx, m, c); err != nil {
			return err
		}
	}
	return nil
}

// first are the channels that a message begins with: one, or every machine's.
func first(e prepared, all []Channel) []Channel {
	if len(all) == 0 {
		return nil
	}
	if machines := slices.DeleteFunc(slices.Clone(all), Channel.byHand); e.Every && len(machines) > 0 {
		return machines
	}
	return all[:1]
}

// draft is the message that n asks for, without its channel.
func (s *Service) draft(e prepared, n NewMessage) (message, error) {
	if n.Key == "" {
		return message{}, fmt.Errorf("no key")
	}
	values, stopHash, err := s.values(e, n)
	if err != nil {
		return message{}, err
	}
	lang := string(n.To.Lang)
	if lang == "" {
		lang = string(i18n.French)
	}
	actor := n.By
	if actor == "" {
		actor = audit.System
	}
	c := n.To.contacts()
	return message{
		event: e.Key, key: n.Key, recipient: s.identity(n.To, c), lang: lang, contacts: c, stopHash: stopHash,
		texts: s.compose(e, lang, values), notBefore: n.After, usefulUntil: n.Until, actor: actor, organisation: n.From,
	}, nil
}

// values are what the texts may name, cleaned, with the fingerprint of the stop link where there is one.
func (s *Service) values(e prepared, n NewMessage) (values map[string]string, stopHash string, err error) {
	values = map[string]string{}
	for _, f := range e.Fields {
		v, ok := n.Fields[f]
		if !ok {
			return nil, "", fmt.Errorf("no value for %q", f)
		}
		values[f] = plain(v)
	}
	if len(n.Fields) != len(e.Fields) {
		return nil, "", fmt.Errorf("values of %v, its fields are %v", slices.Sorted(maps.Keys(n.Fields)), e.Fields)
	}
	if e.Page != "" {
		link, ok := s.links.to(n.Path)
		if !ok || !strings.HasPrefix(n.Path, e.Page) {
			return nil, "", fmt.Errorf("the link leads elsewhere than %s", e.Page)
		}
		values["link"] = link
	} else if n.Path != "" {
		return nil, "", fmt.Errorf("a link, but the event has no page")
	}
	if e.Optional {
		var token string
		token, stopHash = newToken()
		values["stop"], _ = s.links.to(StopPath + token)
	}
	site := s.territory.Site("")
	values["site"], values["phone"] = plain(site.Name), plain(site.Phone)
	return values, stopHash, nil
}

// planTx writes m by one channel, with its job or on the list of what people do.
func (s *Service) planTx(ctx context.Context, tx *db.Tx, m message, c Channel) error {
	m.id, m.channel, m.createdAt = ID(id.New()), c, s.now()
	m.contactHash = s.fingerprint(m.contacts.of(c))
	m.state, m.failures = Waiting, 0
	if c.byHand() {
		m.state = ByHand
	}
	if m.recipient == "" {
		m.recipient = "message:" + string(m.id) // nobody that could be known again
	}
	added, err := insertMessage(ctx, tx, m)
	if err != nil || !added {
		return err
	}
	if m.state == Waiting {
		if _, err := s.jobs.AddOnce(ctx, tx, string(m.id), deliverTask{m.id}, m.notBefore); err != nil {
			return err
		}
	}
	return s.recordTx(ctx, tx, m.actor, "notice.plan", m, "")
}

// right is what rights say of a message.
func (m message) right() identity.Object {
	owner, _ := strings.CutPrefix(m.recipient, "account:")
	return identity.Object{Kind: identity.ObjectNotice, Organisation: m.organisation, Owner: identity.AccountID(owner)}
}

// recordTx writes the journal's line about a message: never a contact, never a text.
func (s *Service) recordTx(ctx context.Context, tx *db.Tx, by audit.Actor, action string, m message, r Result) error {
	detail := map[string]string{"event": m.event, "channel": string(m.channel)}
	if r != "" {
		detail["result"] = string(r)
	}
	return s.journal.RecordTx(ctx, tx, audit.Entry{Actor: by, Action: action, Object: audit.Object{Kind: "message", ID: string(m.id)}, Detail: detail})
}

// endTx ends a message with a receipt, in the caller's transaction. Its contacts go, unless keep says that they are still
// needed.
func (s *Service) endTx(ctx context.Context, tx *db.Tx, m message, state State, r receipt, keep bool) error {
	m.state, m.endedAt = state, s.now()
	if !keep {
		m.contacts = contacts{}
	}
	if err := updateMessage(ctx, tx, m); err != nil {
		return err
	}
	if err := s.receiptTx(ctx, tx, m, r); err != nil {
		return err
	}
	return s.recordTx(ctx, tx, r.by(), "notice."+string(state), m, r.Result)
}

// CancelTx ends, in the caller's transaction, what has not been told yet of a fact that is no longer so, and frees its
// key. Whoever was told already must be told of the change: that is another event.
func (s *Service) CancelTx(ctx context.Context, tx *db.Tx, by audit.Actor, event, key string) error {
	open, err := openOfFact(ctx, tx, event, key)
	if err != nil {
		return err
	}
	for _, m := range open {
		m.texts = texts{}
		if _, err := s.jobs.CancelTx(ctx, tx, deliverTask{}.JobKind(), string(m.id)); err != nil {
			return err
		}
		if err := s.endTx(ctx, tx, m, Cancelled, receipt{Result: Withdrawn, actor: by}, false); err != nil {
			return err
		}
	}
	return nil
}

// ForgetTx makes a person disappear from here, in the caller's transaction: what waits is removed as if it had never
// been, what was told stays as a number without reference, contact or text. It serves silence and erasure alike, and
// writes no line of the journal.
func (s *Service) ForgetTx(ctx context.Context, tx *db.Tx, ref string) error {
	all, err := ofRecipient(ctx, tx, ref)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.endedAt.IsZero() {
			if _, err := s.jobs.CancelTx(ctx, tx, deliverTask{}.JobKind(), string(m.id)); err != nil {
				return err
			}
		}
		if err := forgetMessage(ctx, tx, m.id); err != nil {
			return err
		}
	}
	return nil
}

// MoveTx gives the messages of an organisation to another, in the caller's transaction, and returns how many there were.
func (s *Service) MoveTx(ctx context.Context, tx *db.Tx, from, into identity.OrganisationID) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE notice_message SET organisation = $1, version = version + 1 WHERE organisation = $2`, string(into), string(from))
}

// marshal is the texts as a row holds them.
func (t texts) marshal() (string, error) {
	if t == (texts{}) {
		return "", nil
	}
	raw, err := json.Marshal(t)
	return string(raw), err
}

// of is what is said by c.
func (t texts) of(c Channel) string {
	switch c {
	case Email:
		return t.Mail + "\n\n" + t.Foot
	case SMS:
		return t.SMS
	case Call:
		return t.Say
	}
	return t.Mail
}

// cost is what sending m costs.
func (s *Service) cost(m message) sms.Millis {
	if m.channel != SMS {
		return 0
	}
	return sms.Cost(m.texts.SMS, s.price)
}
