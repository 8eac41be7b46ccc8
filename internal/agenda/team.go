package agenda

import (
	"context"
	"slices"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// TeamDate is a date as its team sees it.
type TeamDate struct {
	Occurrence
	Series  Series
	Taken   int // seats
	Waiting int
	Heads   int // who came without booking
	Spot    Spot
}

// TeamDates lists the dates of by's structures that start in a stretch of time, in order: those that by may see people of.
func (s *Service) TeamDates(ctx context.Context, by identity.Actor, from, to time.Time) ([]TeamDate, error) {
	if identity.Reaches(by, identity.AgendaPeople) == identity.None && identity.Reaches(by, identity.AgendaEdit) == identity.None {
		return nil, identity.Require(by, identity.AgendaPeople, identity.Object{Kind: identity.ObjectAgenda})
	}
	list, err := occurrencesBetween(ctx, s.db, from, to)
	if err != nil {
		return nil, err
	}
	counts, err := countsBetween(ctx, s.db, from, to, s.now())
	if err != nil {
		return nil, err
	}
	known := map[SeriesID]Series{}
	var out []TeamDate
	for _, o := range list {
		one, ok := known[o.Series]
		if !ok {
			if one, err = seriesByID(ctx, s.db, o.Series); err != nil {
				return nil, err
			}
			known[o.Series] = one
		}
		if !(session{series: one, occ: o}).shownTo(by) || o.State == Cancelled && o.EndedBy == "" {
			continue
		}
		c := counts[o.ID]
		out = append(out, TeamDate{Occurrence: o, Series: one, Taken: c.taken, Waiting: c.waiting, Heads: c.heads, Spot: s.placeOf(o.Where)})
	}
	return out, nil
}

type counts struct{ taken, waiting, heads int }

// countsBetween counts, from rows, the seats of the dates that start in a stretch of time.
func countsBetween(ctx context.Context, q db.Querier, from, to, now time.Time) (map[ID]counts, error) {
	out := map[ID]counts{}
	err := db.Each(ctx, q, func(r db.Row) (counted, error) {
		var c counted
		return c, r.Scan(&c.of, &c.taken, &c.waiting)
	}, func(c counted) error { out[c.of] = c.counts; return nil }, `SELECT c.occurrence_id,
		SUM(CASE WHEN c.state IN ('booked', 'arrived', 'attended', 'partly', 'no_show') OR c.state = 'held' AND c.held_until > $3 THEN c.seats ELSE 0 END),
		SUM(CASE WHEN c.state = 'waiting' THEN 1 ELSE 0 END)
		FROM agenda_claim c JOIN agenda_occurrence o ON o.id = c.occurrence_id WHERE o.starts_at >= $1 AND o.starts_at < $2 GROUP BY c.occurrence_id`,
		db.Micros(from), db.Micros(to), db.Micros(now))
	if err != nil {
		return nil, err
	}
	err = db.Each(ctx, q, func(r db.Row) (counted, error) {
		var c counted
		return c, r.Scan(&c.of, &c.heads)
	}, func(c counted) error {
		have := out[c.of]
		have.heads = c.heads
		out[c.of] = have
		return nil
	}, `SELECT h.occurrence_id, SUM(h.n) FROM agenda_headcount h JOIN agenda_occurrence o ON o.id = h.occurrence_id
		WHERE o.starts_at >= $1 AND o.starts_at < $2 GROUP BY h.occurrence_id`, db.Micros(from), db.Micros(to))
	return out, err
}

type counted struct {
	counts
	of ID
}

// Seat is a claim as the team of its date sees it.
type Seat struct {
	Claim
	Person person.Person // the zero Person once erased, and under silence for who may not know
	Reason Reason
	Rank   int // in the waiting list
}

// TeamDay is a date with who comes.
type TeamDay struct {
	TeamDate
	Seats   []Seat // by slot, then by arrival; who waits comes last, in order
	Reasons []Reason
	Quotas  []Quota
	Link    string   // of the host's page; "" where none is asked
	Tour    string   // its name; "" for none
	Kit     []string // what the van carries
}

// Attendance returns a date with who comes, by its public number. by needs agenda.people on it, or has booked somebody: then only those. It
// reports fault.NotFound for a date out of reach as for an unknown one.
func (s *Service) Attendance(ctx context.Context, by identity.Actor, number Number) (TeamDay, error) {
	o, err := occurrenceByNumber(ctx, s.db, number)
	if fault.Is(err, fault.NotFound) {
		return TeamDay{}, identity.NotFound()
	}
	if err != nil {
		return TeamDay{}, err
	}
	d, err := s.read(ctx, s.db, o.ID)
	if err != nil {
		return TeamDay{}, err
	}
	if !d.shownTo(by) {
		return TeamDay{}, identity.NotFound()
	}
	head, err := heads(ctx, s.db, o.ID)
	if err != nil {
		return TeamDay{}, err
	}
	taken := taking(d.claims, s.now())
	day := TeamDay{TeamDate: TeamDate{
		Occurrence: d.occ, Series: d.series, Taken: seatsOf(taken), Waiting: len(queue(d.claims)), Heads: int(head), Spot: s.placeOf(d.occ.Where),
	}, Quotas: d.quotas}
	for _, r := range d.reasons {
		day.Reasons = append(day.Reasons, r)
	}
	slices.SortFunc(day.Reasons, func(a, b Reason) int { return strings.Compare(a.Name, b.Name) })
	if d.series.Host.Asked() {
		day.Link = s.HostLink(d.occ.ID)
	}
	if d.series.Tour != "" { // whoever works on a date knows what to load, who may change the tour or not
		tour, err := tourByID(ctx, s.db, d.series.Tour)
		if err != nil {
			return TeamDay{}, err
		}
		day.Tour, day.Kit = tour.Name, tour.Kit
	}
	if !d.namedTo(by) {
		return day, nil // an officer changes dates, and reads no name
	}
	day.Seats, err = s.seats(ctx, d)
	return day, err
}

func (s *Service) seats(ctx context.Context, d session) ([]Seat, error) {
	ids := make([]person.ID, 0, len(d.claims))
	for _, c := range d.claims {
		if c.Person != "" {
			ids = append(ids, c.Person)
		}
	}
	persons, err := s.persons.Persons(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]Seat, 0, len(d.claims))
	for _, c := range d.claims {
		out = append(out, Seat{Claim: c, Person: persons[c.Person], Reason: d.reasons[c.Reason], Rank: Rank(c, d.claims)})
	}
	slices.SortStableFunc(out, func(a, b Seat) int {
		if a.Rank != b.Rank {
			return a.Rank - b.Rank
		}
		return a.Slot.Compare(b.Slot)
	})
	return out, nil
}

// BookingFor returns a booking that by may see, with what is asked of a booking's page.
func (s *Service) BookingFor(ctx context.Context, by identity.Actor, claim ClaimID) (Booking, error) {
	c, err := s.claimFor(ctx, s.db, by, claim)
	if err != nil {
		return Booking{}, err
	}
	return s.booking(ctx, s.db, c)
}

// Mine lists what by booked for others and that has not ended, the next first: a helper follows these alone. What is under silence is not
// among them.
func (s *Service) Mine(ctx context.Context, by identity.Actor) ([]Booking, error) {
	claims, err := db.All(ctx, s.db, scanClaim, `SELECT `+prefixed("c", claimCols)+` FROM agenda_claim c JOIN agenda_occurrence o ON o.id = c.occurrence_id
		WHERE c.by_account = $1 AND c.by_account <> '' AND o.ends_at > $2 AND c.cycle_id = '' AND c.silent = FALSE ORDER BY o.starts_at, c.id LIMIT 200`, string(by.Account), db.Micros(s.now()))
	if err != nil {
		return nil, err
	}
	out := make([]Booking, 0, len(claims))
	for _, c := range claims {
		b, err := s.booking(ctx, s.db, c)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// TeamSeries lists the series that by may change, or proposed, those that wait for a decision first.
func (s *Service) TeamSeries(ctx context.Context, by identity.Actor) ([]Series, error) {
	where, args := identity.Where(by, identity.AgendaEdit, identity.Columns{Owner: "proposed_by", Organisation: "organisation_id", Commune: "commune_code"}, 1)
	if identity.Reaches(by, identity.AgendaEdit) == identity.None {
		where, args = identity.Where(by, identity.AgendaPropose, identity.Columns{Owner: "proposed_by"}, 1)
	}
	return db.All(ctx, s.db, scanSeries, `SELECT `+seriesCols+` FROM agenda_series WHERE `+where+` ORDER BY state = 'ended', state <> 'proposed', title, id LIMIT 500`, args...)
}

// History is what happened to a claim, in order.
func (s *Service) History(ctx context.Context, by identity.Actor, claim ClaimID) ([]ClaimStep, error) {
	if _, err := s.claimFor(ctx, s.db, by, claim); err != nil {
		return nil, err
	}
	list, err := claimSteps(ctx, s.db, claim)
	out := make([]ClaimStep, len(list))
	for i := range list {
		out[i] = ClaimStep(list[i])
	}
	return out, err
}

// ClaimStep is something that happened to a claim. Why is a code of this package.
type ClaimStep step
