package agenda

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// CountKind is a kind of people of whom nothing is kept but how many came.
type CountKind string

// The kinds that are counted.
const (
	FirstTime CountKind = "first" // came for the first time
	Under25   CountKind = "young"
	Over60    CountKind = "older" // 60 and over
)

// CountKinds lists the kinds, in the order in which they are asked.
var CountKinds = []CountKind{FirstTime, Under25, Over60}

// French is what the kind is called before a number.
func (k CountKind) French() string {
	return map[CountKind]string{FirstTime: "Venues pour la première fois", Under25: "De moins de 25 ans", Over60: "De 60 ans et plus"}[k]
}

// The bounds of a closing.
const (
	MaxHeads = 500 // people without a name on one date
	MaxNote  = 500 // characters
)

// Closing is what the team says at the end of a date: what later modules count on. People without a name are a number, and nothing else.
type Closing struct {
	ID         string // made by the form or the device: sent twice, it counts once
	Occurrence ID
	Marks      map[ClaimID]ClaimState // Attended, Partly or NoShow; whoever is left out stays as she is
	Heads      int                    // people without a name who came in all, those included who were counted by taps
	Counts     map[CountKind]int      // of those; none is 0
	Note       string                 // on the session, never on a person; one paragraph
	At         time.Time              // when it was said; set by the service
}

// check is a closing with its note on one line, or what is wrong by field: id, mark, heads, note, and each kind of count.
func (c Closing) check() (Closing, error) {
	c.Note = strings.Join(strings.Fields(c.Note), " ")
	f := fault.New(fault.Invalid, "agenda.invalid")
	if !id.Valid(c.ID) {
		f.With("id", "agenda.invalid")
	}
	for _, as := range c.Marks {
		if as != Attended && as != Partly && as != NoShow {
			f.With("mark", "agenda.closing_mark")
		}
	}
	if c.Heads < 0 || c.Heads > MaxHeads {
		f.With("heads", "agenda.closing_heads", "Most", MaxHeads)
	}
	if utf8.RuneCountInString(c.Note) > MaxNote {
		f.With("note", "agenda.closing_note", "Most", MaxNote)
	}
	for kind, n := range c.Counts {
		if !slices.Contains(CountKinds, kind) {
			f.With("counts", "agenda.invalid")
		} else if n < 0 || n > c.Heads {
			f.With(string(kind), "agenda.closing_count")
		}
	}
	if f.Fields == nil && c.Counts[Under25]+c.Counts[Over60] > c.Heads { // nobody is both
		f.With(string(Over60), "agenda.closing_ages")
	}
	if f.Fields != nil {
		return c, f
	}
	return c, nil
}

// Begun reports whether a date has begun by the clock, or somebody said so.
func (o Occurrence) Begun(now time.Time) bool {
	return o.State == InProgress || o.State == Closed || !now.Before(o.Start)
}

// Close ends a date: who came, how many without a name, a note. All of it is done, or nothing. Another closing of the same date corrects the
// one before, which stays; the same one again changes nothing. by needs agenda.people. It reports fault.Invalid on id, mark, heads, note and the
// kinds of counts; fault.Conflict when the date is cancelled, moved or has not begun, and for a mark of somebody who is not expected there.
func (s *Service) Close(ctx context.Context, by identity.Actor, c Closing) error {
	c, err := c.check()
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.endTx(ctx, tx, by, c) })
}

// endTx ends a date, once, in the caller's transaction.
func (s *Service) endTx(ctx context.Context, tx *db.Tx, by identity.Actor, c Closing) error {
	d, err := s.sessionFor(ctx, tx, by, identity.AgendaPeople, c.Occurrence)
	if err != nil {
		return err
	}
	known, err := closingOccurrence(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	switch {
	case known == c.Occurrence:
		return nil
	case known != "":
		return fault.New(fault.Invalid, "agenda.invalid").With("id", "agenda.invalid")
	case d.occ.State == Cancelled:
		return fault.New(fault.Conflict, "agenda.is_cancelled")
	case d.occ.State == MovedTo:
		return fault.New(fault.Conflict, "agenda.is_moved")
	case !d.occ.Begun(s.now()):
		return fault.New(fault.Conflict, "agenda.not_begun")
	}
	return s.closeTx(ctx, tx, by, d, c)
}

// closeTx writes a closing on a locked date.
func (s *Service) closeTx(ctx context.Context, tx *db.Tx, by identity.Actor, d session, c Closing) error {
	for _, claim := range d.claims { // in the order of the date, so that steps do not depend on a map
		if as, ok := c.Marks[claim.ID]; ok && claim.State != as {
			if err := s.markTx(ctx, tx, by, &d, claim, as); err != nil {
				return err
			}
		}
	}
	for claim := range c.Marks {
		if !slices.ContainsFunc(d.claims, func(o Claim) bool { return o.ID == claim }) {
			return fault.New(fault.Conflict, "agenda.claim_conflict")
		}
	}
	have, err := heads(ctx, tx, d.occ.ID)
	if err != nil {
		return err
	}
	c.At = s.now()
	if err := insertHeads(ctx, tx, c, c.Heads-int(have), string(by.Audit())); err != nil {
		return err
	}
	if err := insertClosing(ctx, tx, c, string(by.Audit())); err != nil {
		return err
	}
	if err := s.record(ctx, tx, by.Audit(), "agenda.date.close", "occurrence", string(d.occ.ID)); err != nil {
		return err
	}
	if d.occ.State == Closed {
		return announce(ctx, tx, d.occ.ID)
	}
	if d.occ.State != InProgress {
		d.occ.State = InProgress
		if err := insertOccurrenceStep(ctx, tx, d.occ, by.Audit(), "", s.now()); err != nil {
			return err
		}
	}
	return s.setState(ctx, tx, by.Audit(), d, Closed)
}

// ClosingOf returns the closing of a date that counts, with what its claims say now; false where nobody closed it. A date that was opened again still
// has one. by needs agenda.people.
func (s *Service) ClosingOf(ctx context.Context, by identity.Actor, of ID) (Closing, bool, error) {
	list, err := s.Closings(ctx, by, of)
	if err != nil || len(list) == 0 {
		return Closing{}, false, err
	}
	last := list[len(list)-1]
	claims, err := claimsOf(ctx, s.db, of)
	if err != nil {
		return Closing{}, false, err
	}
	last.Marks = map[ClaimID]ClaimState{}
	for _, c := range claims {
		if c.State == Attended || c.State == Partly || c.State == NoShow {
			last.Marks[c.ID] = c.State
		}
	}
	return last, true, nil
}

// Closings lists all that was said at the end of a date, the one that counts last, without marks: the steps of each claim say those. by needs agenda.people.
func (s *Service) Closings(ctx context.Context, by identity.Actor, of ID) ([]Closing, error) {
	d, err := s.read(ctx, s.db, of)
	if fault.Is(err, fault.NotFound) {
		return nil, identity.NotFound()
	}
	if err != nil {
		return nil, err
	}
	if err := identity.Require(by, identity.AgendaPeople, d.object()); err != nil {
		return nil, err
	}
	return closingsOf(ctx, s.db, of)
}

// ClosingsBefore lists, for retention, the closings of dates that ended before an instant and still have a note.
func (s *Service) ClosingsBefore(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, scanOld, `SELECT c.id, o.ends_at FROM agenda_closing c JOIN agenda_occurrence o ON o.id = c.occurrence_id
		WHERE o.ends_at < $1 AND c.note <> '' AND (o.ends_at, c.id) > ($2, $3) ORDER BY o.ends_at, c.id LIMIT $4`,
		db.Micros(before), db.MicrosOrZero(after.Since), after.ID, limit)
}

// ForgetClosingsTx empties notes, in the caller's transaction; the counts stay, for the figures. It returns how many there were.
func (s *Service) ForgetClosingsTx(ctx context.Context, tx *db.Tx, closings ...string) (int, error) {
	total := 0
	for _, c := range closings {
		n, err := db.Exec(ctx, tx, `UPDATE agenda_closing SET note = '' WHERE id = $1`, c)
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}
