package retention

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Preview is what a run would do now.
type Preview struct {
	Rule    Rule
	Term    Term
	Cutoff  time.Time // whatever began before it has had its time
	Due     int       // would be erased or anonymised...
	Held    int       // ...but a hold stops them
	Waiting int       // ...but were not warned, or not long enough ago
	Sample  []Item    // the oldest of those that would go, ten at most
}

// sampleMost bounds Preview.Sample.
const sampleMost = 10

// Preview says what a run of a rule would do now, without doing it. It reports fault.NotFound for an unknown rule.
func (s *Service) Preview(ctx context.Context, key string) (Preview, error) {
	r, err := s.rule(key)
	if err != nil {
		return Preview{}, err
	}
	var p Preview
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		d, err := durationOf(ctx, q, r)
		if err != nil {
			return err
		}
		p, err = s.preview(ctx, q, r, d.term)
		return err
	})
	return p, err
}

// previewPage is how many due items a preview reads at a time.
const previewPage = 500

func (s *Service) preview(ctx context.Context, q db.Querier, r Rule, term Term) (Preview, error) {
	today := s.today()
	p := Preview{Rule: r, Term: term, Cutoff: term.cutoff(today).start(s.zone)}
	held, err := activeHolds(ctx, q, today)
	if err != nil {
		return p, err
	}
	told, err := warningsOf(ctx, q, r.Key)
	if err != nil {
		return p, err
	}
	for after := (Item{}); ; {
		items, err := r.Due(ctx, q, p.Cutoff, after, previewPage)
		if err != nil {
			return p, fmt.Errorf("what is due of %s: %w", r.Key, err)
		}
		for _, item := range items {
			switch {
			case held.item(r, item):
				p.Held++
			case r.Warn != nil && !told.longEnough(item, r.Warn.Ahead, today, s.zone):
				p.Waiting++
			default:
				p.Due++
				if len(p.Sample) < sampleMost {
					p.Sample = append(p.Sample, item)
				}
			}
			after = item
		}
		if len(items) < previewPage {
			return p, nil
		}
	}
}

// Trial is a dry run of a duration: what it would do from today on.
type Trial struct {
	Preview
	Token   string // for Change
	Shorter bool   // than what is in force
}

// trialFor is how long the token of a dry run is good: what it showed must still be what its reader has in mind.
const trialFor = 24 * time.Hour

// DryRun says what a duration would do and gives the token with which it can be put in force. It reports fault.NotFound
// for an unknown rule and fault.Invalid for a duration out of its bounds.
func (s *Service) DryRun(ctx context.Context, key string, term Term) (Trial, error) {
	r, err := s.rule(key)
	if err != nil {
		return Trial{}, err
	}
	if err := r.refuse(term); err != nil {
		return Trial{}, err
	}
	t := Trial{Token: id.New()}
	var d duration
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		if d, err = durationOf(ctx, q, r); err != nil {
			return err
		}
		t.Shorter = d.term.longerThan(term)
		t.Preview, err = s.preview(ctx, q, r, term)
		return err
	})
	if err != nil {
		return Trial{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return insertTrial(ctx, tx, trial{id: t.Token, rule: key, term: term, version: d.version, at: s.now(), due: t.Due, held: t.Held})
	})
	return t, err
}

// refuse reports fault.Invalid for a duration that the rule cannot have.
func (r Rule) refuse(term Term) error {
	f := fault.New(fault.Invalid, "retention.bad_duration")
	switch {
	case !term.valid():
		return f.With("keep", "retention.bad_term")
	case r.Least != Term{} && r.Least.longerThan(term):
		return f.With("keep", "retention.too_short", "Least", r.Least.French())
	case r.Most != Term{} && term.longerThan(r.Most):
		return f.With("keep", "retention.too_long", "Most", r.Most.French())
	case r.Warn != nil && !term.longerThan(r.Warn.Ahead):
		return f.With("keep", "retention.too_short", "Least", r.Warn.Ahead.French())
	}
	return nil
}

// Change puts a duration in force, for what is kept already too. The token is that of a DryRun of this rule and duration;
// Change reports fault.Conflict when there is none, when it is older than a day, and when the duration was changed since.
// What is beyond the new duration goes with the next run.
func (s *Service) Change(ctx context.Context, by audit.Actor, key string, term Term, token string) error {
	r, err := s.rule(key)
	if err != nil {
		return err
	}
	if err := r.refuse(term); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		d, err := durationOf(ctx, tx, r)
		if err != nil {
			return err
		}
		t, err := trialByID(ctx, tx, token)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Conflict, "retention.no_trial")
		}
		if err != nil {
			return err
		}
		if !t.allows(key, term, d.version, s.now()) {
			return fault.New(fault.Conflict, "retention.stale")
		}
		if err := putDuration(ctx, tx, key, term, d.version+1, s.now()); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{
			Actor: by, Action: "retention.edit", Object: audit.Object{Kind: "retention_rule", ID: key},
			Detail: map[string]string{"from": d.term.String(), "to": term.String(), "due": strconv.Itoa(t.due), "held": strconv.Itoa(t.held)},
		})
	})
}

// trial is a dry run as it was stored.
type trial struct {
	id, rule  string
	term      Term
	version   int64
	at        time.Time
	due, held int
}

// allows reports whether a dry run of this very duration was made lately, on what is still in force.
func (t trial) allows(rule string, term Term, version int64, now time.Time) bool {
	return t.rule == rule && t.term == term && t.version == version && now.Before(t.at.Add(trialFor))
}
