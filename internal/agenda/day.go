package agenda

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/identity"
)

// MyDate is a date of somebody's day, with who comes.
type MyDate struct {
	TeamDate
	Seats []Seat // those that take a seat, by slot, then by arrival
}

// MyDay lists what somebody does between two instants, in order: the dates of whose crew by is, and those of by's structures that name no
// crew. Dates that were called off are among them, so that nobody drives there. It is empty for who sees no people.
func (s *Service) MyDay(ctx context.Context, by identity.Actor, from, to time.Time) ([]MyDate, error) {
	return s.daysOf(ctx, by, from, to, func(d TeamDate) bool { return len(d.Members) == 0 || slices.Contains(d.Members, by.Account) })
}

// TeamDay is MyDay for all whose people by may see: whoever keys in a paper does it for a colleague, too.
func (s *Service) TeamDay(ctx context.Context, by identity.Actor, from, to time.Time) ([]MyDate, error) {
	return s.daysOf(ctx, by, from, to, func(TeamDate) bool { return true })
}

func (s *Service) daysOf(ctx context.Context, by identity.Actor, from, to time.Time, wanted func(TeamDate) bool) ([]MyDate, error) {
	if identity.Reaches(by, identity.AgendaPeople) == identity.None {
		return nil, nil
	}
	dates, err := s.TeamDates(ctx, by, from, to)
	if err != nil {
		return nil, err
	}
	var out []MyDate
	for _, one := range dates {
		object := session{series: one.Series, occ: one.Occurrence}.object()
		object.Owner = ""
		if !wanted(one) || one.State == MovedTo || !identity.Can(by, identity.AgendaPeople, object) {
			continue
		}
		day, err := s.withSeats(ctx, one)
		if err != nil {
			return nil, err
		}
		out = append(out, day)
	}
	return out, nil
}

// withSeats reads who comes to a date.
func (s *Service) withSeats(ctx context.Context, one TeamDate) (MyDate, error) {
	d, err := s.read(ctx, s.db, one.ID)
	if err != nil {
		return MyDate{}, err
	}
	d.claims = taking(d.claims, s.now())
	seats, err := s.seats(ctx, d)
	return MyDate{TeamDate: one, Seats: seats}, err
}
