package agenda

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// ShiftID is a shift of volunteers.
type ShiftID string

// Shift is what volunteers do at a time: a role, and how many are needed.
type Shift struct {
	ID           ShiftID
	Organisation identity.OrganisationID
	Role         string // "Accueil"
	Venue        string // "" for none
	On           recur.Date
	Minute       int // of the day
	Length       int // minutes
	Zone         *time.Location
	Start, End   time.Time
	Needed       int
	Skill        string // authorisation that is asked for, "" for none
	Version      int64
}

// ShiftState is where a volunteer stands on a shift.
type ShiftState string

// The states.
const (
	SignedUp  ShiftState = "signed_up"
	Came      ShiftState = "came"
	DidNot    ShiftState = "no_show"
	TakenBack ShiftState = "withdrawn"
)

// French says the state.
func (s ShiftState) French() string {
	return map[ShiftState]string{SignedUp: "Attendu", Came: "Venu", DidNot: "Pas venu", TakenBack: "Désinscrit"}[s]
}

// counts reports whether somebody in this state takes one of the places.
func (s ShiftState) counts() bool { return s != TakenBack }

// ShiftEntry is the last thing that happened to a volunteer on a shift.
type ShiftEntry struct {
	Volunteer string    // on this shift
	Person    person.ID // "" once erased
	State     ShiftState
	Minutes   int // worked, of who came
}

// check gives a shift its instants, and says what is wrong with it by field.
func (s Shift) check(now time.Time) (Shift, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	s.Role, s.Venue, s.Skill = oneLine(s.Role), oneLine(s.Venue), oneLine(s.Skill)
	if n := utf8.RuneCountInString(s.Role); n == 0 {
		f.With("role", "agenda.shift_role_missing")
	} else if n > maxTitle {
		f.With("role", "agenda.title_long", "Most", maxTitle)
	}
	if utf8.RuneCountInString(s.Venue) > maxTitle {
		f.With("venue", "agenda.title_long", "Most", maxTitle)
	}
	if utf8.RuneCountInString(s.Skill) > maxTitle {
		f.With("skill", "agenda.title_long", "Most", maxTitle)
	}
	if s.Needed < 1 || s.Needed > 50 {
		f.With("needed", "agenda.shift_needed")
	}
	if s.On == (recur.Date{}) {
		f.With("on", "agenda.date_invalid")
	}
	if s.Minute < 0 || s.Minute > 1439 {
		f.With("minute", "agenda.minute_range")
	}
	if s.Length < 15 || s.Length > 1440 {
		f.With("length", "agenda.shift_length")
	}
	if f.Fields != nil {
		return s, f
	}
	s.Start = recur.At(s.On, s.Minute, s.Zone)
	s.End = s.Start.Add(minutes(int64(s.Length)))
	if !s.End.After(now) {
		return s, f.With("on", "agenda.date_past")
	}
	return s, nil
}

func (s Shift) object() identity.Object {
	return identity.Object{Kind: identity.ObjectAgenda, Organisation: s.Organisation}
}

// onShift counts the places that are taken.
func onShift(entries []ShiftEntry) int {
	n := 0
	for _, e := range entries {
		if e.State.counts() {
			n++
		}
	}
	return n
}

// AddShift adds a shift of by's structure; by needs agenda.edit there. It reports fault.Invalid on role, venue, skill, needed, on, minute
// and length.
func (s *Service) AddShift(ctx context.Context, by identity.Actor, one Shift) (Shift, error) {
	one, err := one.check(s.now())
	if err != nil {
		return one, err
	}
	one.ID, one.Organisation, one.Version = ShiftID(id.New()), organisationOr(by.Organisation, one.Organisation), 1
	if err := identity.Require(by, identity.AgendaEdit, one.object()); err != nil {
		return one, err
	}
	return one, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertShift(ctx, tx, one); err != nil {
			return err
		}
		return s.record(ctx, tx, by.Audit(), "agenda.shift.add", "shift", string(one.ID))
	})
}

// RemoveShift takes a shift away that nobody is on. by needs agenda.edit in its structure. It reports fault.Conflict with the key
// agenda.shift_taken while somebody is.
func (s *Service) RemoveShift(ctx context.Context, by identity.Actor, of ShiftID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		shift, entries, err := s.lockShift(ctx, tx, by, of)
		if err != nil {
			return err
		}
		if err := identity.Require(by, identity.AgendaEdit, shift.object()); err != nil {
			return err
		}
		if onShift(entries) > 0 {
			return fault.New(fault.Conflict, "agenda.shift_taken")
		}
		if err := deleteShift(ctx, tx, of); err != nil {
			return err
		}
		return s.record(ctx, tx, by.Audit(), "agenda.shift.remove", "shift", string(of))
	})
}

// SignUp puts somebody on a shift; twice is once. by needs agenda.people in its structure. It reports fault.Invalid by the fields of the
// person, fault.Conflict with the keys agenda.shift_full, agenda.shift_over, agenda.shift_same_time while they are on another shift of
// that time, and agenda.shift_skill without the authorisation that it asks for.
func (s *Service) SignUp(ctx context.Context, by identity.Actor, of ShiftID, who person.New) error {
	who, err := who.Check()
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		shift, entries, err := s.lockShift(ctx, tx, by, of)
		if err != nil {
			return err
		}
		if !shift.End.After(s.now()) {
			return fault.New(fault.Conflict, "agenda.shift_over")
		}
		who.Organisation = shift.Organisation
		p, err := s.persons.MeetTx(ctx, tx, by.Audit(), who) // its row is touched: one person's sign-ups take turns
		if err != nil {
			return err
		}
		e := ShiftEntry{Volunteer: id.New(), Person: p.ID, State: SignedUp}
		if i := slices.IndexFunc(entries, func(o ShiftEntry) bool { return o.Person == p.ID }); i >= 0 {
			if entries[i].State.counts() {
				return nil
			}
			e.Volunteer = entries[i].Volunteer
		}
		if onShift(entries) >= shift.Needed {
			return fault.New(fault.Conflict, "agenda.shift_full")
		}
		if err := s.suits(ctx, tx, shift, p.ID); err != nil {
			return err
		}
		return s.addEntry(ctx, tx, by, shift, e)
	})
}

// suits refuses somebody who is elsewhere at the time of a shift, or may not do what it asks for.
func (s *Service) suits(ctx context.Context, tx *db.Tx, shift Shift, who person.ID) error {
	busy, err := shiftsOfPerson(ctx, tx, who, shift.Start, shift.End)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(busy, func(of ShiftID) bool { return of != shift.ID }) {
		return fault.New(fault.Conflict, "agenda.shift_same_time")
	}
	if shift.Skill == "" {
		return nil
	}
	list, err := authorisationsOf(ctx, tx, who)
	if err == nil && !slices.ContainsFunc(list, func(a Authorisation) bool { return a.Holds(shift.Skill, shift.On.String()) }) {
		err = fault.New(fault.Conflict, "agenda.shift_skill")
	}
	return err
}

// MarkShift writes what became of a volunteer: came, for some minutes, did not come, or is expected no more; it may be put right later,
// and twice is once. It reports fault.Conflict with the keys agenda.shift_early before the shift begins, and agenda.shift_over for who withdraws
// after it, or was withdrawn; fault.Invalid on minutes.
func (s *Service) MarkShift(ctx context.Context, by identity.Actor, of ShiftID, volunteer string, next ShiftState, worked int) error {
	if next != Came {
		worked = 0
	} else if worked < 1 || worked > 1440 {
		return fault.New(fault.Invalid, "agenda.invalid").With("minutes", "agenda.shift_hours")
	}
	if next.French() == "" || next == SignedUp {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		shift, entries, err := s.lockShift(ctx, tx, by, of)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(entries, func(e ShiftEntry) bool { return e.Volunteer == volunteer })
		if i < 0 {
			return identity.NotFound()
		}
		e := entries[i]
		if e.State == next && e.Minutes == worked {
			return nil
		}
		switch {
		case e.State == TakenBack, next == TakenBack && e.State != SignedUp:
			return fault.New(fault.Conflict, "agenda.shift_over")
		case next != TakenBack && s.now().Before(shift.Start):
			return fault.New(fault.Conflict, "agenda.shift_early")
		}
		e.State, e.Minutes = next, worked
		if next == Came && e.Person != "" {
			if err := s.persons.SeenTx(ctx, tx, e.Person); err != nil {
				return err
			}
		}
		return s.addEntry(ctx, tx, by, shift, e)
	})
}

// lockShift makes the caller's transaction the only one that decides on a shift, for staff of its structure, and reads who is on it.
func (s *Service) lockShift(ctx context.Context, tx *db.Tx, by identity.Actor, of ShiftID) (Shift, []ShiftEntry, error) {
	if err := touchShift(ctx, tx, of); err != nil {
		return Shift{}, nil, err
	}
	shift, err := shiftByID(ctx, tx, of)
	if fault.Is(err, fault.NotFound) {
		return shift, nil, identity.NotFound()
	}
	if err != nil {
		return shift, nil, err
	}
	if err := identity.Require(by, identity.AgendaPeople, shift.object()); err != nil {
		return shift, nil, err
	}
	entries, err := entriesOf(ctx, tx, of)
	return shift, entries, err
}

func (s *Service) addEntry(ctx context.Context, tx *db.Tx, by identity.Actor, shift Shift, e ShiftEntry) error {
	if err := insertEntry(ctx, tx, shift.ID, e, string(by.Audit()), s.now()); err != nil {
		return err
	}
	var subjects []audit.Object
	if e.Person != "" {
		subjects = append(subjects, audit.Object{Kind: "person", ID: string(e.Person)})
	}
	return s.record(ctx, tx, by.Audit(), "agenda.shift."+string(e.State), "shift", string(shift.ID), subjects...)
}

// TeamShift is a shift with who is on it, as its team sees it.
type TeamShift struct {
	Shift
	Entries []ShiftEntry // who did not withdraw, in the order of their last change
	Persons map[person.ID]person.Person
	Missing int // how many are still needed
}

// Shifts lists the shifts of by's structures that start in a stretch of time, in order, with who is on them.
func (s *Service) Shifts(ctx context.Context, by identity.Actor, from, to time.Time) ([]TeamShift, error) {
	if err := reaches(by, identity.AgendaPeople); err != nil {
		return nil, err
	}
	where, args := identity.Where(by, identity.AgendaPeople, identity.Columns{Organisation: "organisation_id"}, 3)
	list, err := shiftsWhere(ctx, s.db, where, from, to, args)
	if err != nil {
		return nil, err
	}
	out := make([]TeamShift, 0, len(list))
	for _, one := range list {
		entries, err := entriesOf(ctx, s.db, one.ID)
		if err != nil {
			return nil, err
		}
		t := TeamShift{Shift: one, Missing: max(0, one.Needed-onShift(entries))}
		t.Entries = slices.DeleteFunc(entries, func(e ShiftEntry) bool { return !e.State.counts() })
		ids := make([]person.ID, 0, len(t.Entries))
		for _, e := range t.Entries {
			ids = append(ids, e.Person)
		}
		if t.Persons, err = s.persons.Persons(ctx, s.db, ids...); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// ShiftsBefore lists, for retention, the shifts that ended before an instant and still say who was on them.
func (s *Service) ShiftsBefore(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, scanOld, `SELECT s.id, s.ends_at FROM agenda_shift s WHERE s.ends_at < $1 AND (s.ends_at, s.id) > ($2, $3)
		AND EXISTS (SELECT 1 FROM agenda_shift_entry e WHERE e.shift_id = s.id AND (e.person_id <> '' OR e.by_actor <> '')) ORDER BY s.ends_at, s.id LIMIT $4`,
		db.Micros(before), db.MicrosOrZero(after.Since), after.ID, limit)
}

// ForgetShiftsTx makes shifts say nothing of anybody, in the caller's transaction: how many came, and for how long, stays.
func (s *Service) ForgetShiftsTx(ctx context.Context, tx *db.Tx, shifts ...string) (int, error) {
	total := 0
	for _, one := range shifts {
		n, err := db.Exec(ctx, tx, `UPDATE agenda_shift_entry SET person_id = '', by_actor = '' WHERE shift_id = $1`, one)
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}

// forgetVolunteer frees the places to come of a person who is erased, and says nothing of her on those that are over.
func (s *Service) forgetVolunteer(ctx context.Context, tx *db.Tx, who person.ID) error {
	coming, err := shiftsOfPerson(ctx, tx, who, s.now(), s.now().AddDate(10, 0, 0))
	if err != nil {
		return err
	}
	for _, of := range coming {
		if err := touchShift(ctx, tx, of); err != nil {
			return err
		}
		entries, err := entriesOf(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Person != who || e.State != SignedUp {
				continue
			}
			e.State = TakenBack
			if err := insertEntry(ctx, tx, of, e, string(audit.System), s.now()); err != nil {
				return err
			}
		}
	}
	_, err = db.Exec(ctx, tx, `UPDATE agenda_shift_entry SET person_id = '' WHERE person_id = $1`, string(who))
	return err
}
