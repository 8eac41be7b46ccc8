package agenda

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// AbsenceID is an absence.
type AbsenceID string

// AbsenceKind is why somebody is away, as far as it is kept: illness is none of them.
type AbsenceKind string

// The kinds.
const (
	OnLeave       AbsenceKind = "leave"
	OnTraining    AbsenceKind = "training"
	AwayOtherwise AbsenceKind = "other"
)

// French names the kind; "" for one that is none.
func (k AbsenceKind) French() string {
	return map[AbsenceKind]string{OnLeave: "Congé", OnTraining: "Formation", AwayOtherwise: "Autre"}[k]
}

// Absence is when somebody who works is away: civil times, from which instants follow.
type Absence struct {
	ID           AbsenceID
	Organisation identity.OrganisationID // where it was noted
	Account      identity.AccountID
	Kind         AbsenceKind // "" for whoever may not know it
	From, To     recur.Date
	FromMinute   int // of the day
	ToMinute     int // of the day, excluded; 1440 is the end of it
	Zone         *time.Location
	Start, End   time.Time
}

// longestAbsence is the longest absence that is noted at once.
const longestAbsence = 366 * 24 * time.Hour

// check gives an absence its instants, and says what is wrong with it by field.
func (a Absence) check(now time.Time) (Absence, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	if a.Account == "" {
		f.With("account", "agenda.member_missing")
	}
	if a.Kind.French() == "" {
		f.With("kind", "agenda.absence_kind")
	}
	if a.From == (recur.Date{}) {
		f.With("from", "agenda.date_invalid")
	}
	if a.To == (recur.Date{}) {
		f.With("to", "agenda.date_invalid")
	}
	if a.FromMinute < 0 || a.FromMinute > 1439 {
		f.With("from_minute", "agenda.minute_range")
	}
	if a.ToMinute < 0 || a.ToMinute > 1440 {
		f.With("to_minute", "agenda.minute_range")
	}
	if f.Fields != nil {
		return a, f
	}
	a.Start, a.End = recur.At(a.From, a.FromMinute, a.Zone), civilEnd(a.To, a.ToMinute, a.Zone)
	switch {
	case !a.End.After(a.Start):
		f.With("to", "agenda.absence_order")
	case a.End.Sub(a.Start) > longestAbsence:
		f.With("to", "agenda.absence_long")
	case !a.End.After(now):
		f.With("to", "agenda.absence_past")
	default:
		return a, nil
	}
	return a, f
}

// civilEnd is the instant of a minute of a day that may be its end.
func civilEnd(on recur.Date, minute int, zone *time.Location) time.Time {
	if minute == 1440 {
		return recur.At(on.AddDays(1), 0, zone)
	}
	return recur.At(on, minute, zone)
}

// span is a stretch of time in which somebody is away.
type span struct {
	who      identity.AccountID
	from, to time.Time
}

// nobodyThere reports whether each member of a crew is away during a part of a stretch of time: none can see somebody through it.
// A date without a crew has somebody.
func nobodyThere(crew []identity.AccountID, away []span, from, to time.Time) bool {
	if len(crew) == 0 {
		return false
	}
	for _, m := range crew {
		if !slices.ContainsFunc(away, func(a span) bool { return a.who == m && a.from.Before(to) && a.to.After(from) }) {
			return false
		}
	}
	return true
}

// object is an absence as rights see it: its own person's, and of the structure where it was noted.
func (a Absence) object() identity.Object {
	return identity.Object{Kind: identity.ObjectAgenda, Organisation: a.Organisation, Owner: a.Account}
}

// mayNote refuses whoever may not note an absence: everybody notes their own, whoever plans the dates of a structure those of its
// people.
func mayNote(by identity.Actor, a Absence) error {
	if a.Account == by.Account {
		return identity.Require(by, identity.AgendaPeople, a.object())
	}
	o := a.object()
	o.Owner = ""
	return identity.Require(by, identity.AgendaEdit, o)
}

// prepare checks an absence, and that its person works in by's structure.
func (s *Service) prepare(ctx context.Context, by identity.Actor, a Absence) (Absence, error) {
	a, err := a.check(s.now())
	if err != nil {
		return a, err
	}
	a.Organisation = organisationOr(by.Organisation, a.Organisation)
	if err := mayNote(by, a); err != nil {
		return a, err
	}
	works, err := s.identity.Works(ctx, s.db, a.Account, a.Organisation)
	if err == nil && !works {
		err = fault.New(fault.Invalid, "agenda.invalid").With("account", "agenda.member_unknown")
	}
	return a, err
}

// Collisions lists the coming dates, in order, that an absence would leave without one of their crew: of those, the ones that by may
// see, or works at. Nothing is saved. It reports what AddAbsence reports.
func (s *Service) Collisions(ctx context.Context, by identity.Actor, a Absence) ([]TeamDate, error) {
	a, err := s.prepare(ctx, by, a)
	if err != nil {
		return nil, err
	}
	ids, err := datesOfMember(ctx, s.db, a.Account, a.Start, a.End)
	if err != nil {
		return nil, err
	}
	var out []TeamDate
	for _, one := range ids {
		d, err := s.read(ctx, s.db, one)
		if err != nil {
			return nil, err
		}
		if !d.shownTo(by) && a.Account != by.Account || !d.occ.Coming(s.now()) {
			continue
		}
		out = append(out, TeamDate{Occurrence: d.occ, Series: d.series, Taken: seatsOf(taking(d.claims, s.now())), Waiting: len(queue(d.claims)), Spot: s.placeOf(d.occ.Where)})
	}
	return out, nil
}

// AddAbsence notes when somebody is away; the same one twice is once. It cancels no date: where a whole crew is away, its appointments
// are not offered any more. Everybody notes their own, whoever has agenda.edit those of the structure. It reports fault.Invalid on
// account, kind, from, from_minute, to and to_minute.
func (s *Service) AddAbsence(ctx context.Context, by identity.Actor, a Absence) (Absence, error) {
	a, err := s.prepare(ctx, by, a)
	if err != nil {
		return a, err
	}
	a.ID = AbsenceID(id.New())
	return a, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		added, err := insertAbsence(ctx, tx, a)
		if err != nil || !added {
			return err
		}
		return s.afterAbsence(ctx, tx, by, a, "agenda.absence.add")
	})
}

// TakeBack takes an absence back; twice is once.
func (s *Service) TakeBack(ctx context.Context, by identity.Actor, of AbsenceID) error {
	return s.standAgain(ctx, by, of, false)
}

// Restore makes an absence stand again that was taken back by mistake; twice is once.
func (s *Service) Restore(ctx context.Context, by identity.Actor, of AbsenceID) error {
	return s.standAgain(ctx, by, of, true)
}

func (s *Service) standAgain(ctx context.Context, by identity.Actor, of AbsenceID, stands bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := absenceByID(ctx, tx, of)
		if fault.Is(err, fault.NotFound) {
			return identity.NotFound()
		}
		if err != nil {
			return err
		}
		if err := mayNote(by, a); err != nil {
			return err
		}
		changed, err := setAbsence(ctx, tx, a, stands, s.now())
		if err != nil || !changed {
			return err
		}
		action := "agenda.absence.remove"
		if stands {
			action = "agenda.absence.add"
		}
		return s.afterAbsence(ctx, tx, by, a, action)
	})
}

// afterAbsence shows an absence on the dates of its person: seats that are free again go to who waits, readers see the slots that
// are left.
func (s *Service) afterAbsence(ctx context.Context, tx *db.Tx, by identity.Actor, a Absence, action string) error {
	changed, err := datesOfMember(ctx, tx, a.Account, a.Start, a.End)
	if err != nil {
		return err
	}
	for _, one := range changed {
		if _, err := s.open(ctx, tx, one); err != nil {
			return err
		}
	}
	if err := s.record(ctx, tx, by.Audit(), action, "absence", string(a.ID)); err != nil || len(changed) == 0 {
		return err
	}
	return announce(ctx, tx, changed...)
}

// Absences lists those that touch a stretch of time, in order: by's own, and those of the structure for its team. Their kind is for
// the person and for whoever plans.
func (s *Service) Absences(ctx context.Context, by identity.Actor, from, to time.Time) ([]Absence, error) {
	if err := reaches(by, identity.AgendaPeople); err != nil {
		return nil, err
	}
	where, args := identity.Where(by, identity.AgendaPeople, identity.Columns{Owner: "account_id", Organisation: "organisation_id"}, 3)
	list, err := absencesWhere(ctx, s.db, where, from, to, args)
	for i := range list {
		if mayNote(by, list[i]) != nil {
			list[i].Kind = ""
		}
	}
	return list, err
}

// reaches refuses whoever may do an action to nothing at all.
func reaches(by identity.Actor, action identity.Action) error {
	if identity.Reaches(by, action) != identity.None {
		return nil
	}
	return identity.Require(by, action, identity.Object{Kind: identity.ObjectAgenda})
}

// MayNote reports whether by may take an absence back.
func (s *Service) MayNote(by identity.Actor, a Absence) bool { return mayNote(by, a) == nil }

// AwayAmong lists those of some people who are away at some time between two instants, for whoever plans their dates.
func (s *Service) AwayAmong(ctx context.Context, by identity.Actor, crew []identity.AccountID, from, to time.Time) ([]identity.AccountID, error) {
	if err := reaches(by, identity.AgendaEdit); err != nil {
		return nil, err
	}
	var out []identity.AccountID
	for _, m := range crew {
		away, err := absentTx(ctx, s.db, m, from, to)
		if err != nil {
			return nil, err
		}
		if away {
			out = append(out, m)
		}
	}
	return out, nil
}

// absentTx reports whether an account is away at some time between two instants.
func absentTx(ctx context.Context, q db.Querier, account identity.AccountID, from, to time.Time) (bool, error) {
	away, err := spansOf(ctx, q, []identity.AccountID{account}, from)
	return slices.ContainsFunc(away, func(a span) bool { return a.from.Before(to) }), err
}

// AwayDay is a session of a series that a member of its crew would miss.
type AwayDay struct {
	On  recur.Date
	Who []identity.AccountID
}

// AwayFrom lists the coming days, in order, on which a member of a series that is being planned is away: a warning, and no
// refusal.
func (s *Service) AwayFrom(ctx context.Context, by identity.Actor, in NewSeries) ([]AwayDay, error) {
	if err := reaches(by, identity.AgendaEdit); err != nil {
		return nil, err
	}
	in, err := in.check()
	if err != nil {
		return nil, err
	}
	away, err := spansOf(ctx, s.db, in.Members, s.now())
	if err != nil || len(away) == 0 {
		return nil, err
	}
	var out []AwayDay
	for _, one := range in.Pattern.Sessions(s.Calendar(in.Where.Commune)) {
		o := Occurrence{Zone: in.Pattern.Zone}
		o.set(one.On, in.Pattern.Minute, in.Pattern.Length)
		day := AwayDay{On: one.On}
		for _, m := range in.Members {
			if o.End.After(s.now()) && nobodyThere([]identity.AccountID{m}, away, o.Start, o.End) {
				day.Who = append(day.Who, m)
			}
		}
		if len(day.Who) > 0 {
			out = append(out, day)
		}
	}
	return out, nil
}
