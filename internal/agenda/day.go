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

// MyDay lists what somebody does between two instants, in order, with who comes: the dates of whose crew by is, and those of by's structures that
// name no crew. Dates that were called off are among them, so that nobody drives there. It is empty for who sees no people.
func (s *Service) MyDay(ctx context.Context, by identity.Actor, from, to time.Time) ([]MyDate, error) {
	list, err := s.MyDates(ctx, by, from, to)
	if err != nil {
		return nil, err
	}
	return s.withSeats(ctx, list)
}

// MyDates is MyDay without who comes.
func (s *Service) MyDates(ctx context.Context, by identity.Actor, from, to time.Time) ([]TeamDate, error) {
	list, err := s.PeopledDates(ctx, by, from, to)
	return slices.DeleteFunc(list, func(d TeamDate) bool { return len(d.Members) > 0 && !slices.Contains(d.Members, by.Account) }), err
}

// PeopledDay is MyDay for all whose people by may see: whoever keys in a paper does it for a colleague, too.
func (s *Service) PeopledDay(ctx context.Context, by identity.Actor, from, to time.Time) ([]MyDate, error) {
	list, err := s.PeopledDates(ctx, by, from, to)
	if err != nil {
		return nil, err
	}
	return s.withSeats(ctx, list)
}

// PeopledDates is PeopledDay without who comes.
func (s *Service) PeopledDates(ctx context.Context, by identity.Actor, from, to time.Time) ([]TeamDate, error) {
	if identity.Reaches(by, identity.AgendaPeople) == identity.None {
		return nil, nil
	}
	list, err := s.TeamDates(ctx, by, from, to)
	return slices.DeleteFunc(list, func(d TeamDate) bool {
		return d.State == MovedTo || !(session{series: d.Series, occ: d.Occurrence}).namedTo(by)
	}), err
}

// withSeats adds who comes to dates.
func (s *Service) withSeats(ctx context.Context, list []TeamDate) ([]MyDate, error) {
	out := make([]MyDate, 0, len(list))
	for _, one := range list {
		d, err := s.read(ctx, s.db, one.ID)
		if err != nil {
			return nil, err
		}
		d.claims = taking(d.claims, s.now())
		seats, err := s.seats(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, MyDate{TeamDate: one, Seats: seats})
	}
	return out, nil
}
