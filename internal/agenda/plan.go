package agenda

import (
	"context"
	"slices"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/territory"
)

// Calendar is the public and school holidays where a series takes place.
func (s *Service) Calendar(commune string) *openinghours.Calendar {
	department := territory.DepartmentOf(commune)
	school := s.territory.Gazetteer().SchoolDays(department)
	return openinghours.FrenchHolidays(department).WithSchool(func(d openinghours.Date) bool { return school.Has(d.Year, d.Month, d.Day) })
}

// Preview says what a series would be without saving it: its next dates, which are always shown before they are saved, and
// those that holidays take away. It reports fault.Invalid by field, as AddSeries does.
func (s *Service) Preview(in NewSeries, n int) (next []recur.Session, dropped []recur.Dropped, total int, err error) {
	in, err = in.check()
	if err != nil {
		return nil, nil, 0, err
	}
	calendar := s.Calendar(in.Where.Commune)
	return in.Pattern.Next(calendar, s.now(), n), in.Pattern.Dropped(calendar), len(in.Pattern.Sessions(calendar)), nil
}

// AddSeries adds a series of by's structure, with the rows of its dates. It is published at once, unless as says Draft, or
// by may only propose: then it waits for an officer. It reports fault.Invalid by field, and on rule when no date remains.
func (s *Service) AddSeries(ctx context.Context, by identity.Actor, in NewSeries, as SeriesState) (Series, error) {
	in, err := in.check()
	if err != nil {
		return Series{}, err
	}
	series := in.series()
	series.ID, series.Organisation, series.CreatedAt, series.Version = SeriesID(id.New()), by.Organisation, s.now(), 1
	series.ProposedBy = string(by.Audit())
	if series.State, err = s.firstState(by, series, as); err != nil {
		return Series{}, err
	}
	if err := s.checkMembers(ctx, s.db, series); err != nil {
		return Series{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.addSeriesTx(ctx, tx, by, series, in.Quotas) })
	if err != nil {
		return Series{}, err
	}
	return series, nil
}

func (s *Service) addSeriesTx(ctx context.Context, tx *db.Tx, by identity.Actor, series Series, quotas []Quota) error {
	if err := insertSeries(ctx, tx, series); err != nil {
		return err
	}
	if err := putMembers(ctx, tx, "agenda_series_member", "series_id", string(series.ID), series.Members); err != nil {
		return err
	}
	if err := putQuotas(ctx, tx, series.ID, quotas); err != nil {
		return err
	}
	list := series.occurrences(series.Pattern.Sessions(s.Calendar(series.Where.Commune)))
	if len(list) == 0 {
		return fault.New(fault.Invalid, "agenda.invalid").With("rule", "agenda.no_date")
	}
	if err := insertOccurrences(ctx, tx, list); err != nil {
		return err
	}
	return s.record(ctx, tx, by.Audit(), "agenda.series.add", "series", string(series.ID))
}

// series is what was said as a series.
func (in NewSeries) series() Series {
	return Series{
		Tour: in.Tour, Mode: in.Mode, Title: in.Title, Summary: in.Summary, Theme: in.Theme, Level: in.Level, Prerequisites: in.Prerequisites, Phone: in.Phone,
		Where: in.Where, Pattern: in.Pattern, Capacity: in.Capacity, Desks: in.Desks, Step: in.Step, Reasons: in.Reasons, FirstFor: in.FirstFor, Release: in.Release,
		Terms: in.Terms, Waiting: in.Waiting, Hold: in.Hold, Skill: in.Skill, Cycle: in.Cycle, Host: in.Host, Members: in.Members,
	}
}

// firstState is the state of a new series: what its author may give it.
func (s *Service) firstState(by identity.Actor, series Series, as SeriesState) (SeriesState, error) {
	if identity.Can(by, identity.AgendaEdit, series.Object()) {
		if as == Draft {
			return Draft, nil
		}
		return Published, nil
	}
	if err := identity.Require(by, identity.AgendaPropose, identity.Object{Kind: identity.ObjectAgenda, Owner: by.Account}); err != nil {
		return "", err
	}
	if !series.Mode.Moderated() {
		return "", fault.New(fault.Forbidden, "agenda.events_only")
	}
	return Proposed, nil
}

// checkMembers refuses a tour of another structure, and people who do not work there.
func (s *Service) checkMembers(ctx context.Context, q db.Querier, series Series) error {
	if series.Tour != "" {
		t, err := tourByID(ctx, q, series.Tour)
		if fault.Is(err, fault.NotFound) || err == nil && t.Organisation != series.Organisation {
			err = fault.New(fault.Invalid, "agenda.invalid").With("tour", "agenda.tour_unknown")
		}
		if err != nil {
			return err
		}
	}
	return s.allWork(ctx, q, series.Members, series.Organisation)
}

// allWork reports fault.Invalid on members where one of some people does not work in a structure.
func (s *Service) allWork(ctx context.Context, q db.Querier, people []identity.AccountID, in identity.OrganisationID) error {
	for _, m := range people {
		works, err := s.identity.Works(ctx, q, m, in)
		if err != nil {
			return err
		}
		if !works {
			return fault.New(fault.Invalid, "agenda.invalid").With("members", "agenda.member_unknown")
		}
	}
	return nil
}

// occurrences are the rows of a series' dates.
func (s Series) occurrences(sessions []recur.Session) []Occurrence {
	out := make([]Occurrence, 0, len(sessions))
	for _, one := range sessions {
		o := Occurrence{
			ID: ID(id.New()), Series: s.ID, Planned: one.Planned.String(), Zone: s.Pattern.Zone, State: s.fresh(), Where: s.Where, Capacity: s.Capacity, Members: s.Members,
		}
		o.set(one.On, s.Pattern.Minute, s.Pattern.Length)
		out = append(out, o)
	}
	return out
}

// fresh is the state of a new date: its host has to confirm it, or nobody has.
func (s Series) fresh() State {
	if s.Host.Asked() {
		return Planned
	}
	return Open
}

// ChangeSeries says a series anew, from the version that was read. Its coming dates follow, but those that were changed by
// hand; a date that the rule no longer has is cancelled where somebody booked it, told as any cancellation, and disappears
// otherwise. It reports fault.Invalid by field, fault.Conflict for a stale version.
func (s *Service) ChangeSeries(ctx context.Context, by identity.Actor, series SeriesID, version int64, in NewSeries) (Series, error) {
	in, err := in.check()
	if err != nil {
		return Series{}, err
	}
	var next Series
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := s.seriesFor(ctx, tx, by, identity.AgendaEdit, series)
		if err != nil {
			return err
		}
		next = in.series()
		next.ID, next.Organisation, next.State, next.Refusal, next.ProposedBy = was.ID, was.Organisation, was.State, was.Refusal, was.ProposedBy
		next.CreatedAt, next.Version = was.CreatedAt, version
		if err := s.checkMembers(ctx, tx, next); err != nil {
			return err
		}
		if err := replaceSeries(ctx, tx, next); err != nil {
			return err
		}
		if err := putMembers(ctx, tx, "agenda_series_member", "series_id", string(next.ID), next.Members); err != nil {
			return err
		}
		if err := putQuotas(ctx, tx, next.ID, in.Quotas); err != nil {
			return err
		}
		if err := s.follow(ctx, tx, by, next); err != nil {
			return err
		}
		next.Version++
		return s.record(ctx, tx, by.Audit(), "agenda.series.change", "series", string(next.ID))
	})
	return next, err
}

// follow brings the coming dates of a series to what it says now.
func (s *Service) follow(ctx context.Context, tx *db.Tx, by identity.Actor, series Series) error {
	have, err := occurrencesOf(ctx, tx, series.ID, s.now())
	if err != nil {
		return err
	}
	wanted := map[string]Occurrence{}
	for _, o := range series.occurrences(series.Pattern.Sessions(s.Calendar(series.Where.Commune))) {
		if o.End.After(s.now()) {
			wanted[o.Planned] = o
		}
	}
	var changed []ID
	for _, o := range have {
		if o.State == Cancelled && o.EndedBy == "" {
			continue // it was taken away before: where the rule has it again, it is another row
		}
		w, ok := wanted[o.Planned]
		delete(wanted, o.Planned)
		changed = append(changed, o.ID) // each shows its series
		if o.Planned == "" || o.Edited || !o.Live() || o.State == InProgress || o.State == Closed {
			continue
		}
		if err := s.bring(ctx, tx, by, o, w, ok); err != nil {
			return err
		}
	}
	var added []Occurrence
	for _, o := range wanted {
		added = append(added, o)
	}
	slices.SortFunc(added, func(a, b Occurrence) int { return a.Start.Compare(b.Start) })
	if err := insertOccurrences(ctx, tx, added); err != nil {
		return err
	}
	return announce(ctx, tx, changed...)
}

// bring makes a date as its series says now; ok is whether it still has it.
func (s *Service) bring(ctx context.Context, tx *db.Tx, by identity.Actor, o, w Occurrence, ok bool) error {
	d, err := s.open(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	booked := slices.ContainsFunc(d.claims, func(c Claim) bool { return c.State.live() })
	if !ok && booked {
		return s.cancelDate(ctx, tx, by.Audit(), d, ByTeam, "Cette date n'a plus lieu.")
	}
	if !ok {
		return removeOccurrence(ctx, tx, o.ID)
	}
	was := d.occ
	d.occ.set(w.On, w.Minute, w.Length)
	d.occ.Where, d.occ.Capacity = w.Where, w.Capacity
	if err := updateOccurrence(ctx, tx, d.occ); err != nil {
		return err
	}
	if err := putMembers(ctx, tx, "agenda_occurrence_member", "occurrence_id", string(o.ID), w.Members); err != nil {
		return err
	}
	if err := s.shift(ctx, tx, &d, was); err != nil {
		return err
	}
	return s.settleTx(ctx, tx, &d)
}

// removeOccurrence takes away a date that nobody booked: cancelled by nobody, it shows nowhere.
func removeOccurrence(ctx context.Context, tx *db.Tx, of ID) error {
	_, err := db.Exec(ctx, tx, `UPDATE agenda_occurrence SET state = 'cancelled', ended_by = '' WHERE id = $1`, string(of))
	return err
}

// seriesFor is a series on which by may do something; one out of reach answers as an unknown one.
func (s *Service) seriesFor(ctx context.Context, q db.Querier, by identity.Actor, action identity.Action, series SeriesID) (Series, error) {
	one, err := seriesByID(ctx, q, series)
	if fault.Is(err, fault.NotFound) {
		return one, identity.NotFound()
	}
	if err != nil {
		return one, err
	}
	return one, identity.Require(by, action, one.Object())
}

// Series returns a series with its quotas, for whoever may change it.
func (s *Service) Series(ctx context.Context, by identity.Actor, series SeriesID) (Series, []Quota, error) {
	one, err := s.seriesFor(ctx, s.db, by, identity.AgendaEdit, series)
	if err != nil {
		return one, nil, err
	}
	quotas, err := quotasOf(ctx, s.db, series)
	return one, quotas, err
}

// Publish shows a draft, or what a partner proposed, to residents. A draft needs agenda.edit, a proposal agenda.moderate.
func (s *Service) Publish(ctx context.Context, by identity.Actor, series SeriesID) error {
	return s.decide(ctx, by, series, Published, "")
}

// Refuse says no to what a partner proposed, with a reason in plain words that its author reads. It reports fault.Invalid on reason when there is
// none.
func (s *Service) Refuse(ctx context.Context, by identity.Actor, series SeriesID, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.decide(ctx, by, series, Refused, why)
}

func (s *Service) decide(ctx context.Context, by identity.Actor, series SeriesID, next SeriesState, why string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		one, err := seriesByID(ctx, tx, series)
		if fault.Is(err, fault.NotFound) {
			return identity.NotFound()
		}
		if err != nil {
			return err
		}
		action := identity.AgendaModerate
		if one.State == Draft && next == Published {
			action = identity.AgendaEdit
		}
		if err := identity.Require(by, action, one.Object()); err != nil {
			return err
		}
		if one.State != Draft && one.State != Proposed {
			return fault.New(fault.Conflict, "agenda.decided")
		}
		one.State, one.Refusal = next, why
		if err := replaceSeries(ctx, tx, one); err != nil {
			return err
		}
		if err := s.record(ctx, tx, by.Audit(), "agenda.series."+string(next), "series", string(series)); err != nil {
			return err
		}
		return s.announceSeries(ctx, tx, series)
	})
}

// announceSeries marks the coming dates of a series as changed.
func (s *Service) announceSeries(ctx context.Context, tx *db.Tx, series SeriesID) error {
	list, err := occurrencesOf(ctx, tx, series, s.now())
	if err != nil {
		return err
	}
	changed := make([]ID, 0, len(list))
	for _, o := range list {
		changed = append(changed, o.ID)
	}
	return announce(ctx, tx, changed...)
}

// EndSeries cancels every coming date of a series, telling those who booked, and takes no new one. It reports fault.Invalid on reason
// without one.
func (s *Service) EndSeries(ctx context.Context, by identity.Actor, series SeriesID, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		one, err := s.seriesFor(ctx, tx, by, identity.AgendaEdit, series)
		if err != nil {
			return err
		}
		list, err := occurrencesOf(ctx, tx, series, s.now())
		if err != nil {
			return err
		}
		var changed []ID
		for _, o := range list {
			if !o.Coming(s.now()) || o.State == InProgress {
				continue
			}
			d, err := s.open(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			if err := s.cancelDate(ctx, tx, by.Audit(), d, ByTeam, why); err != nil {
				return err
			}
			changed = append(changed, o.ID)
		}
		one.State = Ended
		if err := replaceSeries(ctx, tx, one); err != nil {
			return err
		}
		if err := s.record(ctx, tx, by.Audit(), "agenda.series.ended", "series", string(series)); err != nil {
			return err
		}
		return announce(ctx, tx, changed...)
	})
}
