// Package retention is the register of what is kept about people, why, and how long, and what makes it true: it erases
// what has had its time.
//
// # Rules
//
// Each module registers a Rule for each thing that it keeps: what, why, on which legal basis (RGPD art. 6), how long and
// from when, who receives it, what is erased and what stays without naming anyone. A rule has two functions: Due lists,
// oldest first, what has had its time, and Erase erases some of it. All else is done here, the same for all: durations,
// holds, warnings, batches, reports, the journal. So a preview cannot differ from what a run does, and no module can
// forget a legal hold.
//
//	func (s *Service) RetentionRules() []retention.Rule {
//		return []retention.Rule{{
//			Key: "agenda.bookings", Activity: "Rendez-vous", Object: "booking", Keep: retention.KeepBookings,
//			Purpose: "...", Basis: retention.Basis{...}, People: "...", Keeps: "...", From: "du rendez-vous", ...
//			Due:   s.dueBookings,   // WHERE ends_at < before AND (ends_at, id) > (after.Since, after.ID) ORDER BY ends_at, id
//			Erase: s.eraseBookings, // by the ids of the items, in the transaction given
//		}}
//	}
//
// The durations known when this was written, of modules to come too, are the constants Keep... of this package.
//
// # Durations
//
// They are data: the rule's own until the data protection officer changes it. A change needs a dry run first, of the
// very duration, and carries its token; a rule may have bounds that a law sets.
//
// # Holds
//
// A hold stops erasure for a time: of an object, of whatever belongs to it (the bookings of a person), or of a whole
// rule. Its reason comes from a closed list. Runs say how much was held.
//
// # Runs
//
// Run applies every rule, in batches of a hundred, so that no other writer waits long. A rule that fails does not stop
// the others, and an object that fails does not stop its rule. Each batch writes its journal line with counts alone, in
// its own transaction. Work runs once a day.
//
// # Tables
//
// retention_state (one row that runs and holds touch first), retention_rule (durations that were changed),
// retention_trial (dry runs), retention_hold, retention_run, retention_warning.
//
// # What it does not do
//
// It checks no right: pages ask who may read, change and hold. It sends no message: a rule that warns does so itself.
package retention

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

// Locale holds the words of this package's refusals.
//
//go:embed locale/*.json
var Locale embed.FS

// Service knows the rules and applies them. It is safe for concurrent use once every rule is registered.
type Service struct {
	db        *db.DB
	journal   *audit.Journal
	territory *territory.Service
	now       func() time.Time
	zone      *time.Location
	measures  []string
	log       *slog.Logger
	rules     []Rule // in the order in which they were registered
}

// Deps is what a Service needs.
type Deps struct {
	DB        *db.DB
	Journal   *audit.Journal
	Territory *territory.Service
	Now       func() time.Time
	Zone      *time.Location // whose civil days terms are counted in
	Measures  []string       // security measures that hold for the whole program, in French, for the register
	Log       *slog.Logger
}

// New returns a service without rules.
func New(d Deps) *Service {
	return &Service{db: d.DB, journal: d.Journal, territory: d.Territory, now: d.Now, zone: d.Zone, measures: d.Measures, log: d.Log}
}

// Register adds rules, while the program starts and before anything else is called. It reports a rule that is not whole
// and a key that is there already.
func (s *Service) Register(rules ...Rule) error {
	for _, r := range rules {
		if err := r.check(); err != nil {
			return fmt.Errorf("retention rule %s: %w", r.Key, err)
		}
		if _, err := s.rule(r.Key); err == nil {
			return fmt.Errorf("retention rule %s: registered twice", r.Key)
		}
		s.rules = append(s.rules, r)
	}
	return nil
}

// rule finds a rule by its key; fault.NotFound when there is none.
func (s *Service) rule(key string) (Rule, error) {
	i := slices.IndexFunc(s.rules, func(r Rule) bool { return r.Key == key })
	if i < 0 {
		return Rule{}, fault.New(fault.NotFound, "retention.no_rule", "Rule", key)
	}
	return s.rules[i], nil
}

// today is the civil day of the territory.
func (s *Service) today() date { return dateOf(s.now(), s.zone) }

// State is a rule as it stands.
type State struct {
	Rule
	Current   Term      // in force
	Version   int64     // of the duration; 0 is the rule's own
	ChangedAt time.Time // zero when it never was
	Held      bool      // a hold stops the whole rule
	Last      *Run      // nil before the first
}

// States returns every rule with what is in force and its last run.
func (s *Service) States(ctx context.Context) ([]State, error) {
	var out []State
	err := s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		out = make([]State, 0, len(s.rules))
		held, err := activeHolds(ctx, q, s.today())
		if err != nil {
			return err
		}
		for _, r := range s.rules {
			state, err := s.state(ctx, q, r, held)
			if err != nil {
				return fmt.Errorf("state of %s: %w", r.Key, err)
			}
			out = append(out, state)
		}
		return nil
	})
	return out, err
}

func (s *Service) state(ctx context.Context, q db.Querier, r Rule, held holds) (State, error) {
	d, err := durationOf(ctx, q, r)
	if err != nil {
		return State{}, err
	}
	state := State{Rule: r, Current: d.term, Version: d.version, ChangedAt: d.changedAt, Held: held.rule(r.Key)}
	last, err := lastRun(ctx, q, r.Key)
	switch {
	case fault.Is(err, fault.NotFound):
	case err != nil:
		return State{}, err
	default:
		state.Last = &last
	}
	return state, nil
}

// Sentences is how people read the journal's lines about retention.
func Sentences() []audit.Sentence {
	reasons := map[string]string{}
	for _, r := range Reasons() {
		reasons[string(r)] = r.French()
	}
	erased := audit.Count("erased", "%d objet", "%d objets")
	anonymised := audit.Count("anonymised", "%d autre", "%d autres")
	return []audit.Sentence{
		{Action: "retention.apply", Text: "{auteur} a effacé {combien} au bout de la durée de conservation, et rendu {autres} sans nom", Args: map[string]audit.Arg{
			"combien": erased, "autres": anonymised,
		}},
		{Action: "retention.warn", Text: "{auteur} a prévenu avant d'effacer : {combien}", Args: map[string]audit.Arg{
			"combien": audit.Count("warned", "%d message", "%d messages"),
		}},
		{Action: "retention.edit", Text: "{auteur} a changé une durée de conservation : {nouvelle} au lieu de {ancienne}", Args: map[string]audit.Arg{
			"nouvelle": audit.Span("to"), "ancienne": audit.Span("from"),
		}},
		{Action: "retention.hold", Text: "{auteur} a suspendu l'effacement jusqu'au {jour} ({raison})", Args: map[string]audit.Arg{
			"jour": audit.Day("until"), "raison": audit.Word("reason", reasons),
		}},
		{Action: "retention.release", Text: "{auteur} a levé une suspension de l'effacement"},
	}
}
