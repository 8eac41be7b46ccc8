package place

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"strconv"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/jobs"
)

// "Is it still right?": a place of which there has been no news for a year is asked by mail, at the address of whoever
// declared it, else at the one that it shows; once, once more a month later, and then no more: the place is marked "à
// vérifier" until there is news. The link opens a page with one button; opening it changes nothing.

// ConfirmPath is the page of the button, followed by its token.
const ConfirmPath = "/lieux/confirmer/lien/"

// The rhythm of the questions.
const (
	asksMost    = 2                   // how often a place is asked about the same silence
	askAgain    = 30                  // days between two questions, and before the mark
	askLasts    = 60 * 24 * time.Hour // how long a link is good for
	asksInRound = 300                 // how many places a round asks: what thousands of silent places cost is spread over days
)

// askStep is what a round does about a place.
type askStep int

const (
	askNothing askStep = iota
	askMail
	askMark // it was asked twice and said nothing
)

// ask is what was asked of a place since its last news.
type ask struct {
	freshOn  string
	asked    int
	askedAt  time.Time
	silentAt time.Time
}

// askStepOf decides what to do about a place today. It is pure.
func askStepOf(p *Place, had ask, reachable bool, now time.Time) askStep {
	if !p.Shown() || p.Freshness(now) < FreshFading {
		return askNothing
	}
	if had.freshOn != p.freshDay() { // there was news since
		had = ask{}
	}
	waited := now.Sub(had.askedAt) >= askAgain*24*time.Hour
	switch {
	case !had.silentAt.IsZero() || had.asked > 0 && !waited:
		return askNothing
	case had.asked >= asksMost:
		return askMark
	case reachable:
		return askMail
	}
	return askNothing
}

// freshDay is the day of the last news of a place, "" when nobody said.
func (p *Place) freshDay() string {
	on, _, ok := FreshOn(p.UpdatedOn, p.VerifiedOn)
	if !ok {
		return ""
	}
	return on.Format(time.DateOnly)
}

// Asked is what a round did, or would do, about a place.
type Asked struct {
	Number  Number
	Name    string
	Commune string
	FreshOn string // the civil day of the last news, "" when nobody said
	Round   int    // 1 or 2 for a mail; 0 for the mark "à vérifier" after two mails without an answer
}

// WouldAsk lists what the next round would do, by number, and writes to nobody.
func (s *Service) WouldAsk(ctx context.Context) ([]Asked, error) {
	places, asks, mails, err := s.askable(ctx)
	if err != nil {
		return nil, err
	}
	var out []Asked
	for i := range places {
		p := &places[i]
		had := asks[p.ID]
		switch askStepOf(p, had, mails[p.ID] != "", s.now()) {
		case askNothing:
			continue
		case askMail:
			out = append(out, p.asked(had.again(p)+1))
		case askMark:
			out = append(out, p.asked(0))
		}
		if len(out) == asksInRound {
			break
		}
	}
	return out, nil
}

func (p *Place) asked(round int) Asked {
	return Asked{Number: p.Number, Name: p.Name, Commune: p.Commune, FreshOn: p.freshDay(), Round: round}
}

// again is how often the place was asked since its last news.
func (a ask) again(p *Place) int {
	if a.freshOn != p.freshDay() {
		return 0
	}
	return a.asked
}

func (s *Service) askable(ctx context.Context) (places []Place, asks map[ID]ask, mails map[ID]string, err error) {
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		if places, err = listPlaces(ctx, q); err != nil {
			return err
		}
		if asks, err = listAsks(ctx, q); err != nil {
			return err
		}
		mails, err = declarers(ctx, q)
		return err
	})
	for i := range places {
		if p := &places[i]; mails[p.ID] == "" {
			if public := p.Emails.Values(); len(public) > 0 {
				mails[p.ID] = public[0]
			}
		}
	}
	return places, asks, mails, err
}

// AskAll is the round of a day: it asks the places that are due, marks those that stayed silent, and returns what it did.
// However many nodes run it at once, a place is asked once: who asks claims the place first, in the transaction of the
// message.
func (s *Service) AskAll(ctx context.Context) ([]Asked, error) {
	due, err := s.WouldAsk(ctx)
	if err != nil {
		return nil, err
	}
	var done []Asked
	for _, one := range due {
		did, err := s.askOne(ctx, one.Number)
		if err != nil {
			return done, err
		}
		if did {
			done = append(done, one)
		}
	}
	return done, nil
}

// askOne looks at a place again, alone, and does what is due.
func (s *Service) askOne(ctx context.Context, n Number) (did bool, err error) {
	token := newAskToken()
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		did = false
		last, err := touch(ctx, tx)
		if err != nil {
			return err
		}
		p, err := placeByNumber(ctx, tx, n)
		if err != nil {
			return err
		}
		had, err := askOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		to, err := declarerOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if public := p.Emails.Values(); to == "" && len(public) > 0 {
			to = public[0]
		}
		step := askStepOf(&p, had, to != "", s.now())
		did = step != askNothing
		switch step {
		case askMail:
			return s.mailAskTx(ctx, tx, &p, had.again(&p)+1, to, token)
		case askMark:
			return s.markSilentTx(ctx, tx, last, &p, had)
		}
		return nil
	})
	return did, err
}

func newAskToken() string {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// askHash is what the database keeps of a token: guessing 192 bits is out of reach, so that a plain hash is enough.
func askHash(token string) string {
	sum := sha256.Sum256([]byte("confirm " + token))
	return hex.EncodeToString(sum[:])
}

func (s *Service) mailAskTx(ctx context.Context, tx *db.Tx, p *Place, round int, to, token string) error {
	now := s.now()
	if err := putAsk(ctx, tx, p.ID, ask{freshOn: p.freshDay(), asked: round, askedAt: now}, askHash(token), now.Add(askLasts)); err != nil {
		return err
	}
	entry := audit.Entry{
		Actor: audit.System, Action: "place.ask", Object: audit.Object{Kind: "place", ID: string(p.ID)}, Detail: map[string]string{"fois": strconv.Itoa(round)},
	}
	if err := s.journal.RecordTx(ctx, tx, entry); err != nil {
		return err
	}
	return s.notices.SendTx(ctx, tx, notice.NewMessage{
		Event: EventStillRight, Key: string(p.ID) + " " + p.freshDay() + " " + strconv.Itoa(round), To: notice.Recipient{Ref: "place:" + string(p.ID), Email: to},
		Path: ConfirmPath + token, Fields: map[string]string{"place": p.Name},
	})
}

// markSilentTx marks a place "à vérifier": nobody answered.
func (s *Service) markSilentTx(ctx context.Context, tx *db.Tx, last Number, p *Place, had ask) error {
	had.silentAt = s.now()
	if err := putAsk(ctx, tx, p.ID, had, "", time.Time{}); err != nil {
		return err
	}
	next := *p
	next.ToCheck = true
	return s.keepTx(ctx, tx, last, p, &next, act{by: identity.TheSystem(), action: "place.silent"})
}

// Question is what the page of a link shows.
type Question struct {
	Place Place
	link  string // its hash
}

// Question returns the place that a link asks about, and changes nothing. It reports fault.NotFound for a link that is
// unknown, was used, or has had its time.
func (s *Service) Question(ctx context.Context, token string) (Question, error) {
	return s.question(ctx, s.db, token)
}

func (s *Service) question(ctx context.Context, q db.Querier, token string) (Question, error) {
	hash := askHash(token)
	of, err := askedBy(ctx, q, hash, s.now())
	if fault.Is(err, fault.NotFound) {
		return Question{}, fault.New(fault.NotFound, "place.confirm.unknown")
	}
	if err != nil {
		return Question{}, err
	}
	found, err := placesByID(ctx, q, []ID{of})
	if err != nil {
		return Question{}, err
	}
	p, ok := found[of]
	if !ok {
		return Question{}, fault.New(fault.NotFound, "place.confirm.unknown")
	}
	return Question{Place: p, link: hash}, nil
}

// Confirm says that all of the place of a link is right today; the link is then used up. It reports Question's errors.
func (s *Service) Confirm(ctx context.Context, token string) (Place, error) {
	var next Place
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := touch(ctx, tx)
		if err != nil {
			return err
		}
		q, err := s.question(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := useAsk(ctx, tx, q.link); err != nil {
			return err
		}
		next = q.Place
		if err := s.verified(&next); err != nil {
			return err
		}
		return s.keepTx(ctx, tx, last, &q.Place, &next, act{by: identity.Nobody(), action: "place.confirm", source: Here})
	})
	return next, err
}

// askTask is the round of each day.
type askTask struct{}

// JobKind names the job.
func (askTask) JobKind() string { return "place.ask" }

// ScheduleAsks has one node ask each morning, on the clocks of a zone. The messages have their own quiet hours.
func (s *Service) ScheduleAsks(q *jobs.Queue, zone *time.Location) {
	jobs.Handle(q, jobs.Options{Lease: 10 * time.Minute}, func(ctx context.Context, _ askTask) error {
		done, err := s.AskAll(ctx)
		if len(done) > 0 {
			s.log.Info("places asked whether they are still right", slog.Int("places", len(done)))
		}
		return err
	})
	q.Schedule("place.ask", jobs.Daily(9, 0, zone), func(time.Time) jobs.Task { return askTask{} })
}
