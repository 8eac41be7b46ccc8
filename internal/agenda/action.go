package agenda

import (
	"context"
	"slices"
	"strconv"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// ActionKind is what was done on a device.
type ActionKind string

// The kinds.
const (
	MarkAction ActionKind = "mark"  // what became of a booking
	HeadAction ActionKind = "head"  // somebody came without booking, or did not
	EndAction  ActionKind = "close" // the end of a date: how many came without a name, a note
)

// Action is something done on a device, with network or without: it is sent until it is answered, in any order, as often as the network
// likes.
type Action struct {
	ID         string // made on the device: the same action sent again is the same
	Seq        int64  // its order on the device, from 1
	Kind       ActionKind
	At         time.Time // by the clock of the device
	Occurrence ID
	Claim      ClaimID    // of a mark
	As         ClaimState // of a mark
	N          int        // of a head: 1 or -1
	Seen       int64      // version of the claim that the device showed
	End        Closing    // of an end, without marks: each is an action of its own. Its id and its date are those of the action
}

// Result is what became of an action.
type Result string

// The results. All but refused say that the action is in the right hands: the device forgets it. A refused one is told to its author.
const (
	ActionDone     Result = "done"
	ActionSame     Result = "same"     // it was so already: somebody else noted the same
	ActionLate     Result = "late"     // the same device noted something later of the same booking
	ActionConflict Result = "conflict" // somebody else noted otherwise meanwhile: a person decides
	ActionRefused  Result = "refused"
)

// Outcome answers an action.
type Outcome struct {
	ID     string
	Result Result
	Why    string // key of a sentence where it was refused
}

// Received is an action with what became of it, as it is kept.
type Received struct {
	Action
	Device     DeviceID
	Account    identity.AccountID
	ReceivedAt time.Time
	Result     Result
	Why        string
	left       int64 // version of the claim once applied; 0 where it was not
	Settled    time.Time
}

// maxActions is how many actions one request carries.
const maxActions = 200

// Sync takes what was done on a device of by: each action in a transaction of its own, so that one that is refused keeps none back. What was
// received before is answered as it was then. It reports fault.Invalid for more actions than a request carries and for one without
// a name, fault.Forbidden for a device that is lost or another account's.
func (s *Service) Sync(ctx context.Context, by identity.Actor, device DeviceID, actions []Action) ([]Outcome, error) {
	if len(actions) > maxActions || slices.ContainsFunc(actions, func(a Action) bool { return !id.Valid(a.ID) }) {
		return nil, fault.New(fault.Invalid, "agenda.invalid")
	}
	if err := s.deviceOf(ctx, s.db, by, device); err != nil {
		return nil, err
	}
	out := make([]Outcome, 0, len(actions))
	for _, a := range actions {
		one, err := s.take(ctx, by, device, a)
		if err != nil {
			return out, err
		}
		out = append(out, one)
	}
	return out, nil
}

// take does one action, once, and keeps what became of it.
func (s *Service) take(ctx context.Context, by identity.Actor, device DeviceID, a Action) (out Outcome, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		r := Received{Action: a, Device: device, Account: by.Account, ReceivedAt: now, Result: ActionDone}
		if r.At.After(now) || r.At.IsZero() {
			r.At = now // a clock that is wrong
		}
		fresh, err := insertAction(ctx, tx, r) // the row stops whoever brings the same action meanwhile
		if err != nil {
			return err
		}
		if !fresh {
			r, err = actionByID(ctx, tx, a.ID)
			if err == nil && r.Account != by.Account {
				r = Received{Action: a, Result: ActionRefused, Why: "agenda.device_other"}
			}
			out = Outcome{a.ID, r.Result, r.Why}
			return err
		}
		if err := s.apply(ctx, tx, by, &r); err != nil {
			f, ok := fault.As(err)
			if !ok || f.Kind == fault.Internal {
				return err
			}
			r.Result, r.Why = ActionRefused, f.Message.Key
		}
		out = Outcome{a.ID, r.Result, r.Why}
		return setResult(ctx, tx, r)
	})
	return out, err
}

// apply does what an action asks. What it reports as a fault has changed nothing.
func (s *Service) apply(ctx context.Context, tx *db.Tx, by identity.Actor, r *Received) error {
	if r.Seq < 1 {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	switch r.Kind {
	case MarkAction:
		return s.applyMark(ctx, tx, by, r)
	case HeadAction:
		return s.applyHead(ctx, tx, by, r)
	case EndAction:
		return s.applyEnd(ctx, tx, by, *r)
	}
	return fault.New(fault.Invalid, "agenda.invalid")
}

// applyHead counts a tap, whatever the count is: of two taps the one that takes back may come first. One that the same device made before it
// ended the date is in what it counted then.
func (s *Service) applyHead(ctx context.Context, tx *db.Tx, by identity.Actor, r *Received) error {
	if r.N != 1 && r.N != -1 {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	d, err := s.sessionFor(ctx, tx, by, identity.AgendaPeople, r.Occurrence)
	if err != nil {
		return err
	}
	if d.occ.State == Closed {
		ended, err := endedAfter(ctx, tx, r.Occurrence, r.Device, r.Seq)
		if err == nil && ended {
			r.Result = ActionLate
		} else if err == nil {
			err = fault.New(fault.Conflict, "agenda.is_closed")
		}
		return err
	}
	if _, err := insertHead(ctx, tx, r.ID, d.occ.ID, s.now(), r.N, string(by.Audit())); err != nil {
		return err
	}
	return announce(ctx, tx, d.occ.ID)
}

// applyEnd ends a date as its device counted it. Another end of it, before or after, is kept too: the one that comes last counts.
func (s *Service) applyEnd(ctx context.Context, tx *db.Tx, by identity.Actor, r Received) error {
	c := r.End
	c.ID, c.Occurrence, c.Marks = r.ID, r.Occurrence, nil
	c, err := c.check()
	if err != nil {
		return err
	}
	return s.endTx(ctx, tx, by, c)
}

// applyMark notes what became of a booking, unless somebody else noted otherwise since the device last looked.
func (s *Service) applyMark(ctx context.Context, tx *db.Tx, by identity.Actor, r *Received) error {
	if !slices.Contains(markable, r.As) {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	d, c, err := s.openClaim(ctx, tx, by, r.Claim)
	if err != nil {
		return err
	}
	before, err := actionsOn(ctx, tx, r.Claim, r.Device)
	if err != nil {
		return err
	}
	r.Occurrence = c.Occurrence
	r.Result = r.verdict(c, before)
	switch r.Result {
	case ActionDone:
		if err := s.noteMark(ctx, tx, by, &d, c, r.As); err != nil {
			return err
		}
		r.left = c.Version + 1
	case ActionSame:
		r.left = c.Version
	case ActionLate:
		return nil
	}
	return settleActions(ctx, tx, r.Claim, r.Device, r.ID, s.now()) // what the device says last stands for what it said before
}

// verdict says what becomes of a mark on a claim as it stands now. before are the other marks that the same device made of it.
func (r Received) verdict(c Claim, before []Received) Result {
	base := r.Seen
	for _, one := range before {
		if one.Seq > r.Seq {
			return ActionLate
		}
		base = max(base, one.left)
	}
	switch {
	case c.State == r.As:
		return ActionSame
	case c.Version != base, !slices.Contains(claimAfter[c.State], r.As):
		return ActionConflict
	}
	return ActionDone
}

// Gap is a mark that stands against what somebody else noted, for a person to decide.
type Gap struct {
	Received
	Seat Seat     // as it stands
	Of   TeamDate // without counts
}

// Gaps lists the conflicts that wait for by: those of her own devices, the oldest first.
func (s *Service) Gaps(ctx context.Context, by identity.Actor) ([]Gap, error) {
	list, err := db.All(ctx, s.db, scanAction, `SELECT `+actionCols+` FROM agenda_action WHERE account_id = $1 AND result = 'conflict' AND settled_at = 0
		ORDER BY done_at, id LIMIT 100`, string(by.Account))
	if err != nil {
		return nil, err
	}
	out := make([]Gap, 0, len(list))
	for _, r := range list {
		c, err := s.claimFor(ctx, s.db, by, r.Claim)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
			continue // erased, or out of reach since
		}
		if err != nil {
			return nil, err
		}
		d, err := s.read(ctx, s.db, c.Occurrence)
		if err != nil {
			return nil, err
		}
		d.claims = []Claim{c}
		seats, err := s.seats(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, Gap{Received: r, Seat: seats[0], Of: TeamDate{Occurrence: d.occ, Series: d.series, Spot: s.placeOf(d.occ.Where)}})
	}
	return out, nil
}

// Settle decides on a conflict: what the device noted holds, or what stands stays. It reports fault.NotFound for one that is not by's,
// fault.Conflict where the booking cannot become what the device noted. Twice is once.
func (s *Service) Settle(ctx context.Context, by identity.Actor, action string, mine bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := actionByID(ctx, tx, action)
		if fault.Is(err, fault.NotFound) || err == nil && (r.Account != by.Account || r.Result != ActionConflict) {
			return identity.NotFound()
		}
		if err != nil {
			return err
		}
		d, c, err := s.openClaim(ctx, tx, by, r.Claim)
		if err != nil {
			return err
		}
		if r, err = actionByID(ctx, tx, action); err != nil || !r.Settled.IsZero() {
			return err
		}
		if mine && c.State != r.As {
			if err := s.noteMark(ctx, tx, by, &d, c, r.As); err != nil {
				return err
			}
		}
		return settleActions(ctx, tx, r.Claim, r.Device, "", s.now())
	})
}

// wanted is how an action says what it wants, in its row.
func (a Action) wanted() string {
	switch a.Kind {
	case HeadAction:
		return strconv.Itoa(a.N)
	case EndAction:
		return strconv.Itoa(a.End.Heads)
	}
	return string(a.As)
}
