package retention

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Reason is why erasure may be held.
type Reason string

// The reasons.
const (
	Litigation Reason = "litigation" // a dispute, before a judge or not yet
	Inquiry    Reason = "inquiry"    // a judge, the police or an authority asks
	Rights     Reason = "rights"     // a person uses a right on the data (RGPD art. 15 to 22)
	Accounts   Reason = "accounts"   // a check of public money
	Incident   Reason = "incident"   // a breach that is being looked into
)

// Reasons lists every reason.
func Reasons() []Reason { return []Reason{Litigation, Inquiry, Rights, Accounts, Incident} }

// French is the reason as people read it.
func (r Reason) French() string {
	return map[Reason]string{
		Litigation: "litige", Inquiry: "demande d'une autorité", Rights: "exercice d'un droit par la personne",
		Accounts: "contrôle des comptes", Incident: "incident de sécurité en cours d'examen",
	}[r]
}

// told reports whether the person whose data is held may read of it: an inquiry is secret.
func (r Reason) told() bool { return r != Inquiry && r != Incident }

// NewHold is a hold to place: on an object, or on a whole rule.
type NewHold struct {
	Rule   string // a rule's key; "" when Object is given
	Object audit.Object
	Reason Reason
	Until  string // last day of the hold, "2027-05-04"
}

// Hold is a hold as it stands.
type Hold struct {
	ID         string
	Rule       string
	Object     audit.Object
	Reason     Reason
	Until      string
	PlacedAt   time.Time
	PlacedBy   audit.Actor
	ReleasedAt time.Time // zero while it holds
	ReleasedBy audit.Actor
}

// holdMost bounds a hold: a longer one is placed again, by someone who has looked at it again.
var holdMost = Years(5)

// hold checks the input and builds the value. It reports fault.Invalid with the fields that cannot be.
func (n NewHold) hold(by audit.Actor, now time.Time, today date) (Hold, error) {
	f := fault.New(fault.Invalid, "retention.bad_hold")
	object := n.Object != audit.Object{}
	if (n.Rule != "") == object || object && (n.Object.Kind == "" || n.Object.ID == "") {
		f = f.With("object", "retention.hold_what")
	}
	if !slices.Contains(Reasons(), n.Reason) {
		f = f.With("reason", "retention.hold_reason")
	}
	switch until, err := parseDate(n.Until); {
	case err != nil || until.before(today):
		f = f.With("until", "retention.hold_until")
	case holdMost.end(today).before(until):
		f = f.With("until", "retention.hold_too_long", "Most", holdMost.French())
	}
	if f.Fields != nil {
		return Hold{}, f
	}
	return Hold{ID: id.New(), Rule: n.Rule, Object: n.Object, Reason: n.Reason, Until: n.Until, PlacedAt: now, PlacedBy: by}, nil
}

// Hold stops the erasure of an object, of what belongs to it, or of a whole rule, until the end of a day. It reports
// fault.Invalid with the fields that cannot be, and fault.NotFound for an unknown rule.
func (s *Service) Hold(ctx context.Context, by audit.Actor, in NewHold) (Hold, error) {
	h, err := in.hold(by, s.now(), s.today())
	if err != nil {
		return Hold{}, err
	}
	if h.Rule != "" {
		if _, err := s.rule(h.Rule); err != nil {
			return Hold{}, err
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil { // no batch is under way: what it would have erased is held from here on
			return err
		}
		if err := insertHold(ctx, tx, h); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, h.entry(by, "retention.hold"))
	})
	return h, err
}

// Release ends a hold before its time. It reports fault.NotFound for an unknown hold and fault.Conflict for one that was
// released already.
func (s *Service) Release(ctx context.Context, by audit.Actor, holdID string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		h, err := holdByID(ctx, tx, holdID)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "retention.no_hold")
		}
		if err != nil {
			return err
		}
		if !h.ReleasedAt.IsZero() {
			return fault.New(fault.Conflict, "retention.released")
		}
		if err := releaseHold(ctx, tx, holdID, by, s.now()); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, h.entry(by, "retention.release"))
	})
}

// Holds returns every hold, those of the past too, newest first.
func (s *Service) Holds(ctx context.Context) ([]Hold, error) {
	return listHolds(ctx, s.db)
}

// Active reports whether a hold still holds on a day of the territory.
func (s *Service) Active(h Hold) bool {
	until, err := parseDate(h.Until)
	return err == nil && h.ReleasedAt.IsZero() && !until.before(s.today())
}

// entry is the journal's line about a hold. The held object is its object, so that whoever it is about reads it, unless
// the reason is secret.
func (h Hold) entry(by audit.Actor, action string) audit.Entry {
	e := audit.Entry{Actor: by, Action: action, Object: h.Object, Detail: map[string]string{"hold": h.ID, "reason": string(h.Reason), "until": h.Until}}
	switch {
	case h.Rule != "":
		e.Object = audit.Object{Kind: "retention_rule", ID: h.Rule}
	case !h.Reason.told():
		e.Object = audit.Object{Kind: "retention_hold", ID: h.ID}
	}
	return e
}

// holds are the holds of a day, for quick answers.
type holds struct {
	rules   map[string]bool
	objects map[audit.Object]bool
}

func (h holds) rule(key string) bool { return h.rules[key] }

// item reports whether something holds an item of a rule.
func (h holds) item(r Rule, i Item) bool {
	if h.rules[r.Key] || h.objects[audit.Object{Kind: r.Object, ID: i.ID}] {
		return true
	}
	return slices.ContainsFunc(i.Of, func(o audit.Object) bool { return h.objects[o] })
}
