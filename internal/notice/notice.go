// Package notice tells people what concerns them: by e-mail, text message, telephone call, letter or printed slip.
//
// # A message is of an event
//
// Modules declare Events ("a reminder of an appointment"), not messages of screens: what it announces, the channels it
// may go by, its texts. SendTx plans the message of one fact, in the transaction of that fact: it leaves if, and only
// if, the fact was committed. The key says which fact; a person is told once by each channel, however often it is asked.
//
// # Rules
//
//   - A message goes by the first of its event's channels by which the person can be reached; where that fails, by the
//     next: e-mail, then by hand: the call list, a letter, a slip. Nothing is dropped without a receipt that says why.
//   - Text messages have a monthly cap. At the cap: e-mail, else the call list.
//   - No text leaves between 20:00 and 8:00, on Sundays and on public holidays, unless the person is waiting for it (a
//     code). It waits for the morning, but never until after the fact that it announces: then it goes to the call list.
//   - A failure is tried again, later and later, for a day at most, and never after the message has lost its use; what
//     lost its use before it could be told is expired.
//   - Whoever says stop is not written to by that telephone or mailbox any more, but for what they ask for themselves.
//   - Silence: a message flagged silent is never sent, and leaves no trace: no row, no line, no log. No event can break
//     it, and whoever comes under silence later is made to disappear here by ForgetTx.
//   - A subject is fixed by its event: it names nobody and says nothing of the matter. A link opens a page with one
//     button, under the address that its event declares, and changes nothing by being opened.
//
// # What is kept
//
// E-mail addresses, telephones and postal addresses only while the message needs them; what was written until
// EraseContents; receipts (by which channel, when, with which result, at what cost) for the statistics. A contact whose
// owner asked for something is kept as a keyed fingerprint.
//
// # Tables
//
// notice_message, notice_receipt, notice_preference, notice_meter.
//
// # What it does not do
//
// It checks no right and knows no person: the recipient is an opaque reference with plain contacts. It draws no page.
package notice

import (
	"embed"
	"fmt"
	"log/slog"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
	"viaduc/internal/territory"
)

// Locale holds the words of this package's refusals.
//
//go:embed locale/*.json
var Locale embed.FS

// Service tells people things. It is safe for concurrent use once every event is registered.
type Service struct {
	db        *db.DB
	journal   *audit.Journal
	territory *territory.Service
	jobs      *jobs.Queue
	mail      mail.Sender
	sms       sms.Gateway
	price     sms.Millis
	links     Links
	key       []byte
	holiday   func(day time.Time) bool
	zone      func() *time.Location
	now       func() time.Time
	log       *slog.Logger
	events    map[string]prepared
	frames    map[string]script
}

// Deps is what a Service needs.
type Deps struct {
	DB        *db.DB
	Journal   *audit.Journal
	Territory *territory.Service
	Jobs      *jobs.Queue // its handlers are registered here
	Mail      mail.Sender
	SMS       sms.Gateway              // nil: no text message can be sent
	Price     sms.Millis               // of a segment
	Links     Links                    // under the public address
	Key       []byte                   // of the fingerprints of contacts; the same on every node
	Holiday   func(day time.Time) bool // whether the civil day of an instant, in the zone that it carries, is a public holiday
	Zone      func() *time.Location    // whose clocks quiet hours and months follow
	Now       func() time.Time
	Log       *slog.Logger
}

// New returns a service without events, whose jobs any node runs.
func New(d Deps) (*Service, error) {
	frames, err := readScripts(frameFiles, "frame")
	if err != nil {
		return nil, fmt.Errorf("notice: %w", err)
	}
	s := &Service{
		db: d.DB, journal: d.Journal, territory: d.Territory, jobs: d.Jobs, mail: d.Mail, sms: d.SMS, price: d.Price, links: d.Links, key: d.Key,
		holiday: d.Holiday, zone: d.Zone, now: d.Now, log: d.Log, events: map[string]prepared{}, frames: frames,
	}
	jobs.Handle(d.Jobs, jobs.Options{Lease: 2 * time.Minute}, s.deliver)
	jobs.Handle(d.Jobs, jobs.Options{Lease: time.Minute}, s.follow)
	jobs.Handle(d.Jobs, jobs.Options{Lease: 5 * time.Minute}, s.sweep)
	d.Jobs.Schedule("notice.sweep", jobs.Every(10*time.Minute), func(time.Time) jobs.Task { return sweepTask{} })
	return s, nil
}

// here is now on the clocks of the territory.
func (s *Service) here() time.Time { return s.now().In(s.zone()) }

// OnScreen reports whether e-mails go nowhere but to a screen: nothing has been set up to send them.
func (s *Service) OnScreen() bool {
	_, kept := s.mail.(*mail.Outbox)
	return kept
}
