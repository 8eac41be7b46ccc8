// Package alert tells people when something new comes near their commune.
//
// # Rules
//
//   - An alert is of a commune and a distance. It belongs to a resident's account, or to an e-mail address alone: an account
//     is never required. Staff ask by address, as anybody.
//   - An address alone is asked to confirm first, by a link to a page with one button: nobody is written to because somebody
//     else typed their address. The answer of the form is the same whatever the address. An address is asked at most three
//     times a day, once for each commune, and has ten alerts at most: so many requests at once cannot fill a mailbox.
//   - Once a day each alert is told, in one message, of what came since it was last looked at; of nothing, nothing. Each
//     thing is told once: whoever looks claims the alert first, by one conditional write in the transaction of the message,
//     however many nodes look. A round leaves out the last hour, which the next one tells: a thing may be written, and not
//     shown yet by the node that looks. An alert that cannot be looked at stays due, and keeps no other from being told.
//   - Each message has two links: to the alert, where one button ends it, and to stop every such message.
//   - What is new is other modules' to say: each gives a Source, which package app plugs in.
//
// # What is kept
//
// The address, until the alert ends: by its owner's wish, after a week without confirmation, or two years after it was made
// or confirmed, when a new one is to be asked for (retention). The page of an alert is found by a keyed token, which is not stored.
//
// # Tables
//
// alert_subscription.
package alert

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/territory"
)

// Locale holds the words of this package's refusals.
//
//go:embed locale/*.json
var Locale embed.FS

// LinkPath is the page of an alert, followed by its token.
const LinkPath = "/alertes/lien/"

// ID is an alert.
type ID string

// Item is something new.
type Item struct {
	Title string
	Path  string // of its page
	At    time.Time
}

// Source says what is new of one kind.
type Source interface {
	// Near lists what came within some metres of a point after since and not after until, the newest first.
	Near(ctx context.Context, at territory.Point, metres float64, since, until time.Time) ([]Item, error)
}

// Service keeps alerts. It is safe for concurrent use once its sources are given.
type Service struct {
	db        *db.DB
	journal   *audit.Journal
	territory *territory.Service
	identity  *identity.Service
	notices   *notice.Service
	sources   []Source
	key       []byte
	now       func() time.Time
	log       *slog.Logger
}

// Deps is what a Service needs.
type Deps struct {
	DB        *db.DB
	Journal   *audit.Journal
	Territory *territory.Service
	Identity  *identity.Service
	Notices   *notice.Service // Events are registered there
	Jobs      *jobs.Queue
	Sources   []Source
	Key       []byte // of the tokens; the same on every node
	Zone      *time.Location
	Now       func() time.Time
	Log       *slog.Logger
}

// New returns a service that looks each morning.
func New(d Deps) *Service {
	s := &Service{
		db: d.DB, journal: d.Journal, territory: d.Territory, identity: d.Identity, notices: d.Notices, sources: d.Sources, key: d.Key, now: d.Now, log: d.Log,
	}
	jobs.Handle(d.Jobs, jobs.Options{Lease: 10 * time.Minute}, func(ctx context.Context, _ lookTask) error { return s.Look(ctx) })
	d.Jobs.Schedule("alert.look", jobs.Daily(8, 30, d.Zone), func(time.Time) jobs.Task { return lookTask{} })
	return s
}

// lookTask is the round of each morning.
type lookTask struct{}

// JobKind names the job.
func (lookTask) JobKind() string { return "alert.look" }

// Radii are the distances that one may choose, in kilometres, the usual one first.
func Radii() []int { return []int{10, 5, 20, 40} }

// maxAlerts is how many alerts an account, or an address, has.
const maxAlerts = 10

// An address is asked to confirm so many times in such a time, at most, and once for each commune.
const (
	maxAsked = 3
	askedFor = 24 * time.Hour
)

// Wish is an alert to make.
type Wish struct {
	Commune string // INSEE code
	Radius  int    // kilometres, one of Radii
	Email   string // of somebody without an account
}

// Alert is one, as its owner sees it.
type Alert struct {
	ID        ID
	Commune   territory.Commune
	Radius    int // kilometres
	Confirmed bool
	Token     string // of its page
	since     time.Time
}

// HasAccount reports whether what by asks for belongs to an account: a resident's. Anybody else asks by address.
func HasAccount(by identity.Actor) bool { return by.Kind == identity.Resident && by.Account != "" }

// Ask makes an alert. For a resident's account it is in force at once; an address alone is asked to confirm, and whether it
// is known is not told. It reports fault.Invalid on commune, radius and email, fault.Conflict when an account has ten.
func (s *Service) Ask(ctx context.Context, by identity.Actor, w Wish) error {
	f := fault.New(fault.Invalid, "alert.invalid")
	if _, ok := s.territory.Gazetteer().Commune(w.Commune); !ok {
		f.With("commune", "alert.commune_unknown")
	}
	if !slices.Contains(Radii(), w.Radius) {
		f.With("radius", "alert.radius_unknown")
	}
	if HasAccount(by) {
		w.Email = ""
	} else if address, ok := mail.Address(w.Email); ok {
		w.Email = address
	} else {
		f.With("email", "alert.email_invalid")
	}
	if f.Fields != nil {
		return f
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if HasAccount(by) {
			return s.askAccount(ctx, tx, by, w)
		}
		return s.askAddress(ctx, tx, w)
	})
}

func (s *Service) askAccount(ctx context.Context, tx *db.Tx, by identity.Actor, w Wish) error {
	known, err := s.alertsOf(ctx, tx, by.Account, "")
	if err != nil {
		return err
	}
	if others(known, w.Commune) >= maxAlerts {
		return fault.New(fault.Conflict, "alert.too_many")
	}
	row := subscription{id: ID(id.New()), account: by.Account, commune: w.Commune, radius: w.Radius, created: s.now(), confirmed: s.now(), looked: s.now()}
	if row.id, err = putSubscription(ctx, tx, row); err != nil {
		return err
	}
	return s.record(ctx, tx, by.Audit(), "alert.on", row.id, by.Account)
}

// alertsOf are the alerts of an owner, who has no other request under way until the caller's transaction ends: what is
// counted stays so.
func (s *Service) alertsOf(ctx context.Context, tx *db.Tx, account identity.AccountID, email string) ([]subscription, error) {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("owner " + string(account) + " " + email))
	if err := lockOwner(ctx, tx, int64(binary.BigEndian.Uint64(mac.Sum(nil)))); err != nil {
		return nil, err
	}
	return subscriptionsOf(ctx, tx, account, email)
}

// others counts the alerts near other communes.
func others(known []subscription, commune string) int {
	n := 0
	for _, one := range known {
		if one.commune != commune {
			n++
		}
	}
	return n
}

// mayAsk reports whether an address that has these alerts is asked now to confirm one more.
func mayAsk(known []subscription, commune string, now time.Time) bool {
	lately := 0
	for _, one := range known {
		asked := one.asked.After(now.Add(-askedFor))
		if one.commune == commune && (asked || !one.confirmed.IsZero()) {
			return false
		}
		if asked {
			lately++
		}
	}
	return lately < maxAsked && others(known, commune) < maxAlerts
}

// askAddress asks an address to confirm, where it may be asked. Nothing that is typed here changes a confirmed alert:
// anybody could type the address.
func (s *Service) askAddress(ctx context.Context, tx *db.Tx, w Wish) error {
	alerts, err := s.alertsOf(ctx, tx, "", w.Email)
	if err != nil || !mayAsk(alerts, w.Commune, s.now()) {
		return err
	}
	row := subscription{id: ID(id.New()), email: w.Email, commune: w.Commune, radius: w.Radius, created: s.now(), asked: s.now(), looked: s.now()}
	asked, known, err := askSubscription(ctx, tx, row, s.now().Add(-askedFor))
	if err != nil || !asked {
		return err
	}
	row.id = known
	if err := s.record(ctx, tx, audit.Anonymous, "alert.ask", row.id, ""); err != nil {
		return err
	}
	commune, _ := s.territory.Gazetteer().Commune(w.Commune)
	return s.notices.SendTx(ctx, tx, notice.NewMessage{
		Event: EventConfirm, Key: string(row.id) + " " + strconv.FormatInt(s.now().Unix(), 10), To: notice.Recipient{Ref: "alert:" + string(row.id), Email: row.email},
		Path: LinkPath + s.token(row.id), Fields: map[string]string{"commune": commune.Name, "radius": strconv.Itoa(w.Radius)},
	})
}

// token is what leads to the page of an alert: its id, and a proof that it comes from here.
func (s *Service) token(alert ID) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("alert " + alert))
	return string(alert) + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// alertOf is the alert of a token; "" for a token that is none.
func (s *Service) alertOf(token string) ID {
	alert, _, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(token), []byte(s.token(ID(alert)))) {
		return ""
	}
	return ID(alert)
}

func unknown() error { return fault.New(fault.NotFound, "alert.unknown") }

// Read returns the alert of a token. It reports fault.NotFound for one that has ended.
func (s *Service) Read(ctx context.Context, token string) (Alert, error) {
	row, err := subscriptionByID(ctx, s.db, s.alertOf(token))
	if fault.Is(err, fault.NotFound) {
		return Alert{}, unknown()
	}
	return s.alert(row), err
}

func (s *Service) alert(row subscription) Alert {
	commune, _ := s.territory.Gazetteer().Commune(row.commune)
	return Alert{ID: row.id, Commune: commune, Radius: row.radius, Confirmed: !row.confirmed.IsZero(), Token: s.token(row.id), since: row.created}
}

// Confirm puts the alert of a token in force; twice is once. It reports fault.NotFound for one that has ended.
func (s *Service) Confirm(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		alert := s.alertOf(token)
		n, err := confirmSubscription(ctx, tx, alert, s.now())
		if err != nil || n > 0 {
			if err == nil {
				err = s.record(ctx, tx, audit.Anonymous, "alert.on", alert, "")
			}
			return err
		}
		if _, err := subscriptionByID(ctx, tx, alert); fault.Is(err, fault.NotFound) {
			return unknown()
		}
		return err
	})
}

// End ends the alert of a token. It reports fault.NotFound for one that has ended.
func (s *Service) End(ctx context.Context, token string) error {
	return s.end(ctx, audit.Anonymous, s.alertOf(token), "")
}

// EndMine ends an alert of by's account; fault.NotFound for another's.
func (s *Service) EndMine(ctx context.Context, by identity.Actor, alert ID) error {
	if !HasAccount(by) {
		return unknown()
	}
	return s.end(ctx, by.Audit(), alert, by.Account)
}

func (s *Service) end(ctx context.Context, by audit.Actor, alert ID, account identity.AccountID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := deleteSubscription(ctx, tx, alert, account)
		if err != nil {
			return err
		}
		if n == 0 {
			return unknown()
		}
		if err := s.notices.ForgetTx(ctx, tx, "alert:"+string(alert)); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "alert.off", alert, account)
	})
}

func (s *Service) record(ctx context.Context, tx *db.Tx, by audit.Actor, action string, alert ID, account identity.AccountID) error {
	e := audit.Entry{Actor: by, Action: action, Object: audit.Object{Kind: "alert", ID: string(alert)}}
	if account != "" {
		e.Subjects = []audit.Object{{Kind: "account", ID: string(account)}}
	}
	return s.journal.RecordTx(ctx, tx, e)
}

// Mine lists the alerts of by's account, the last one first.
func (s *Service) Mine(ctx context.Context, by identity.Actor) ([]Alert, error) {
	if !HasAccount(by) {
		return nil, nil
	}
	rows, err := subscriptionsOf(ctx, s.db, by.Account, "")
	out := make([]Alert, 0, len(rows))
	for _, row := range rows {
		out = append(out, s.alert(row))
	}
	return out, err
}

// recent is how far back the page of an alert looks.
const recent = 60 * 24 * time.Hour

// News lists what came near an alert in the last two months, since it was made, the newest first.
func (s *Service) News(ctx context.Context, a Alert) ([]Item, error) {
	since := s.now().Add(-recent)
	if a.since.After(since) {
		since = a.since
	}
	return s.near(ctx, a.Commune, a.Radius, since, s.now())
}

func (s *Service) near(ctx context.Context, c territory.Commune, km int, since, until time.Time) ([]Item, error) {
	if !c.Point.Known() {
		return nil, nil
	}
	var out []Item
	for _, source := range s.sources {
		items, err := source.Near(ctx, c.Point, float64(km)*1000, since, until)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	slices.SortStableFunc(out, func(a, b Item) int { return b.At.Compare(a.At) })
	return out, nil
}

// lookBatch bounds what one read of a round holds.
const lookBatch = 200

// lookAgain is how long after a look an alert is due again: a round a day, whenever it began.
const lookAgain = 12 * time.Hour

// settle is how long a thing may be written and not shown yet by every node: a long import lands in slices.
const settle = time.Hour

// Look tells every alert that is due of what is new. Any number of nodes may look at once. An error says how many alerts
// could not be looked at: they stay due, and Look may be called again.
func (s *Service) Look(ctx context.Context) error {
	due, until := s.now().Add(-lookAgain), s.now().Add(-settle)
	faults, last := 0, error(nil)
	for after := (subscription{}); ; {
		rows, err := dueSubscriptions(ctx, s.db, due, after, lookBatch)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := s.lookAt(ctx, row, until); err != nil {
				faults, last = faults+1, err
			}
			after = row
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(rows) < lookBatch {
			break
		}
	}
	if faults > 0 {
		return fmt.Errorf("look at %d alerts: %w", faults, last)
	}
	return nil
}

// lookAt claims an alert and tells it what is new.
func (s *Service) lookAt(ctx context.Context, row subscription, until time.Time) error {
	commune, _ := s.territory.Gazetteer().Commune(row.commune)
	items, err := s.near(ctx, commune, row.radius, row.looked, until)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := claimLook(ctx, tx, row, until)
		if err != nil || n == 0 || len(items) == 0 {
			return err
		}
		to, err := s.recipient(ctx, tx, row)
		if err != nil {
			return err
		}
		return s.notices.SendTx(ctx, tx, notice.NewMessage{
			Event: EventNear, Key: string(row.id) + " " + strconv.FormatInt(until.Unix(), 10), To: to, Path: LinkPath + s.token(row.id),
			Fields: map[string]string{"count": counted(len(items)), "commune": commune.Name, "first": items[0].Title},
		})
	})
}

// recipient is where an alert is told.
func (s *Service) recipient(ctx context.Context, tx *db.Tx, row subscription) (notice.Recipient, error) {
	if row.account == "" {
		return notice.Recipient{Ref: "alert:" + string(row.id), Email: row.email}, nil
	}
	email, phone, err := s.identity.ContactOf(ctx, tx, row.account)
	return notice.Recipient{Ref: "account:" + string(row.account), Email: email, Phone: phone}, err
}

// counted says how many things are new.
func counted(n int) string {
	if n == 1 {
		return "une nouveauté"
	}
	return strconv.Itoa(n) + " nouveautés"
}

// Old is an alert that has had its time.
type Old struct {
	ID    ID
	Since time.Time
}

// DueBefore lists, for retention, the alerts confirmed before an instant, or made before it and never confirmed, oldest
// first, after the given one, at most limit.
func (s *Service) DueBefore(ctx context.Context, q db.Querier, confirmed bool, before time.Time, after Old, limit int) ([]Old, error) {
	return oldSubscriptions(ctx, q, confirmed, before, after, limit)
}

// EraseTx erases alerts in the caller's transaction, with what was written to them, and returns how many there were. It
// writes no line of the journal.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, alerts ...ID) (int, error) {
	total := 0
	for _, a := range alerts {
		n, err := deleteSubscription(ctx, tx, a, "")
		if err != nil {
			return total, err
		}
		total += int(n)
		if err := s.notices.ForgetTx(ctx, tx, "alert:"+string(a)); err != nil {
			return total, err
		}
	}
	return total, nil
}

// ForgetTx erases the alerts of an account, in the caller's transaction.
func (s *Service) ForgetTx(ctx context.Context, tx *db.Tx, account identity.AccountID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM alert_subscription WHERE account_id = $1`, string(account))
	return err
}

// Sentences is how people read the journal's lines about alerts.
func Sentences() []audit.Sentence {
	return []audit.Sentence{
		{Action: "alert.ask", Text: "{auteur} a demandé une alerte près d'une commune"},
		{Action: "alert.on", Text: "{auteur} a mis en route une alerte près d'une commune"},
		{Action: "alert.off", Text: "{auteur} a arrêté une alerte près d'une commune"},
	}
}
