package agenda

import (
	"context"
	"slices"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// open locks an occurrence for the caller's transaction and reads all that decides on its seats, with what was due on it
// done: holds that ran out, offers to the waiting list.
func (s *Service) open(ctx context.Context, tx *db.Tx, of ID) (session, error) {
	if err := touch(ctx, tx, of); err != nil {
		return session{}, err
	}
	d, err := s.read(ctx, tx, of)
	if err != nil {
		return session{}, err
	}
	return d, s.settleTx(ctx, tx, &d)
}

// read reads an occurrence with its series, reasons, quotas and claims.
func (s *Service) read(ctx context.Context, q db.Querier, of ID) (session, error) {
	var d session
	var err error
	if d.occ, err = occurrenceByID(ctx, q, of); err != nil {
		return d, err
	}
	if d.series, err = seriesByID(ctx, q, d.occ.Series); err != nil {
		return d, err
	}
	if err = s.attend(ctx, q, &d); err != nil {
		return d, err
	}
	if d.reasons, err = reasonsIn(ctx, q, d.series.Reasons); err != nil {
		return d, err
	}
	if d.quotas, err = quotasOf(ctx, q, d.series.ID); err != nil {
		return d, err
	}
	d.claims, err = claimsOf(ctx, q, of)
	return d, err
}

// attend reads when the crew of a date is away, where appointments need somebody.
func (s *Service) attend(ctx context.Context, q db.Querier, d *session) error {
	if !d.series.Mode.HasSlots() {
		return nil
	}
	var err error
	d.occ.away, err = spansOf(ctx, q, d.occ.Members, s.now())
	return err
}

// settleTx does what is due on a locked occurrence: each change with its step, its message, and a job for the next hold that
// runs out.
func (s *Service) settleTx(ctx context.Context, tx *db.Tx, d *session) error {
	changed := d.settle(s.now())
	for _, one := range changed {
		if err := s.become(ctx, tx, d, one.claim, audit.System, one.why); err != nil {
			return err
		}
		if one.claim.State == Held {
			if err := s.tellOffer(ctx, tx, *d, one.claim); err != nil {
				return err
			}
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return s.passLater(ctx, tx, *d)
}

// passLater makes sure that the next hold to run out passes on by itself.
func (s *Service) passLater(ctx context.Context, tx *db.Tx, d session) error {
	at := nextHold(d.claims)
	if at.IsZero() {
		return nil
	}
	_, err := s.jobs.AddOnce(ctx, tx, string(d.occ.ID)+" "+at.UTC().Format(time.RFC3339Nano), passTask{d.occ.ID}, at)
	return err
}

// passTask passes a seat on whose hold has run out.
type passTask struct {
	Occurrence ID `json:"occurrence"`
}

// JobKind names the job.
func (passTask) JobKind() string { return "agenda.pass" }

// Pass does what is due on the seats of an occurrence: holds that ran out, offers. It may be called at any time, and twice.
func (s *Service) Pass(ctx context.Context, of ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := s.open(ctx, tx, of)
		if fault.Is(err, fault.NotFound) {
			return nil // it is gone: nothing is due
		}
		if err != nil {
			return err
		}
		return announce(ctx, tx, d.occ.ID)
	})
}

// become gives a claim its next state and all that goes with it, in the session and in the database, with its step.
func (s *Service) become(ctx context.Context, tx *db.Tx, d *session, c Claim, by audit.Actor, why string) error {
	i := slices.IndexFunc(d.claims, func(o Claim) bool { return o.ID == c.ID })
	was := d.claims[i]
	if was.State != c.State && !slices.Contains(claimAfter[was.State], c.State) {
		return fault.New(fault.Conflict, "agenda.claim_conflict")
	}
	if c.State != Held {
		c.HeldUntil = time.Time{}
	}
	c.EndedAt = time.Time{}
	if !c.State.live() {
		c.EndedAt = s.now()
	}
	if err := updateClaim(ctx, tx, c); err != nil {
		return err
	}
	d.claims[i] = c
	return insertClaimStep(ctx, tx, c.ID, step{At: s.now(), State: c.State, By: string(by), Why: why})
}

// add writes a new claim with its first step.
func (s *Service) add(ctx context.Context, tx *db.Tx, d *session, c Claim, by audit.Actor, why string) error {
	if err := insertClaim(ctx, tx, c); err != nil {
		return err
	}
	d.claims = append(d.claims, c)
	return insertClaimStep(ctx, tx, c.ID, step{At: s.now(), State: c.State, By: string(by), Why: why})
}

// record writes a line of the journal.
func (s *Service) record(ctx context.Context, tx *db.Tx, by audit.Actor, action, kind, id string, subjects ...audit.Object) error {
	return s.journal.RecordTx(ctx, tx, audit.Entry{Actor: by, Action: action, Object: audit.Object{Kind: kind, ID: id}, Subjects: subjects})
}

// recordClaim writes a line of the journal about a claim: of its person, by id alone.
func (s *Service) recordClaim(ctx context.Context, tx *db.Tx, by identity.Actor, action string, c Claim) error {
	var subjects []audit.Object
	if c.Person != "" {
		subjects = append(subjects, audit.Object{Kind: "person", ID: string(c.Person)})
	}
	return s.record(ctx, tx, by.Audit(), action, "claim", string(c.ID), subjects...)
}

// touchAllOf announces the coming dates of an organisation, after something changed that they all show.
func (s *Service) touchAllOf(ctx context.Context, tx *db.Tx, of identity.OrganisationID) error {
	changed, err := db.All(ctx, tx, db.Value[ID], `SELECT o.id FROM agenda_occurrence o JOIN agenda_series s ON s.id = o.series_id
		WHERE s.organisation_id = $1 AND o.ends_at > $2 ORDER BY o.id`, string(of), db.Micros(s.now()))
	if err != nil {
		return err
	}
	return announce(ctx, tx, changed...)
}

// theTerms are those of a claim.
func (d session) theTerms(c Claim) Terms { return terms(d.series, d.reasons[c.Reason]) }

// Words that go with a change of a claim, kept in its steps: codes, never a sentence about somebody.
const (
	whyAsked    = "asked"      // by whoever booked
	whyMoved    = "moved"      // by the person or the team
	whyDate     = "date"       // the occurrence was cancelled
	whyDateMove = "date_moved" // the occurrence was moved
	whyTeam     = "team"       // by the team
	whyPerson   = "person"     // by the person
	whyOffer    = "offer"      // said yes to an offer
)

// shorten keeps what is said of a cancellation on one line of a bounded length.
func shorten(text string) string {
	text = oneLine(text)
	if runes := []rune(text); len(runes) > maxLine {
		return strings.TrimSpace(string(runes[:maxLine-1])) + "…"
	}
	return text
}

// reason is why something is called off or refused, as people read it. It reports fault.Invalid on reason for none.
func reason(why string) (string, error) {
	if why = shorten(why); why == "" {
		return "", fault.New(fault.Invalid, "agenda.invalid").With("reason", "agenda.reason_why")
	}
	return why, nil
}
