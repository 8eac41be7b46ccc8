package agenda

import (
	"context"
	"slices"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Tour is a crew, a van, its kit and a season. Its stops are the series that name it.
type Tour struct {
	ID           TourID
	Organisation identity.OrganisationID
	Name         string
	Vehicle      string
	Kit          []string
	From, To     string // civil dates of the season
	Speed        int    // km/h, where no travel time was measured; 0 is 45
	Setup        int    // minutes to set up, and to pack
	Base         string // INSEE code of where it leaves from
	Ended        bool
	Members      []identity.AccountID
	Version      int64
}

// check normalises a tour and says what is wrong by field.
func (t Tour) check() (Tour, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	t.Name, t.Vehicle = oneLine(t.Name), oneLine(t.Vehicle)
	if t.Name == "" {
		f.With("name", "agenda.tour_name_missing")
	}
	from, err1 := ParseDate(t.From)
	to, err2 := ParseDate(t.To)
	if err1 != nil || t.From == "" {
		f.With("from", "agenda.date_invalid")
	}
	switch {
	case err2 != nil || t.To == "":
		f.With("to", "agenda.date_invalid")
	case to.Before(from):
		f.With("to", "agenda.season_invalid")
	}
	if t.Speed == 0 {
		t.Speed = 45
	}
	if t.Speed < 10 || t.Speed > 110 {
		f.With("speed", "agenda.speed_range")
	}
	if t.Setup < 0 || t.Setup > 240 {
		f.With("setup", "agenda.setup_range")
	}
	if t.Base == "" {
		f.With("base", "agenda.commune_missing")
	}
	t.Kit = slices.DeleteFunc(slices.Clone(t.Kit), func(one string) bool { return oneLine(one) == "" })
	if len(t.Kit) > 40 {
		f.With("kit", "agenda.kit_many")
	}
	if f.Fields != nil {
		return t, f
	}
	return t, nil
}

func (t Tour) object() identity.Object {
	return identity.Object{Kind: identity.ObjectAgenda, Organisation: t.Organisation, Commune: t.Base}
}

// SaveTour adds a tour of by's structure, or changes the one whose ID is given, from the version that was read. by needs agenda.edit.
// It reports fault.Invalid by field, fault.Conflict for a stale version.
func (s *Service) SaveTour(ctx context.Context, by identity.Actor, t Tour) (Tour, error) {
	t, err := t.check()
	if err != nil {
		return t, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if t.ID != "" {
			was, err := s.tourFor(ctx, tx, by, t.ID)
			if err != nil {
				return err
			}
			t.Organisation = was.Organisation
		} else {
			t.ID, t.Organisation = TourID(id.New()), organisationOr(t.Organisation, by.Organisation)
		}
		if err := identity.Require(by, identity.AgendaEdit, t.object()); err != nil {
			return err
		}
		if err := s.checkMembers(ctx, tx, Series{Organisation: t.Organisation, Members: t.Members}); err != nil {
			return err
		}
		if err := putTour(ctx, tx, t); err != nil {
			return err
		}
		t.Version++
		return s.record(ctx, tx, by.Audit(), "agenda.tour", "tour", string(t.ID))
	})
	return t, err
}

// Tour returns a tour of by's reach. One out of reach answers as an unknown one.
func (s *Service) Tour(ctx context.Context, by identity.Actor, tour TourID) (Tour, error) {
	return s.tourFor(ctx, s.db, by, tour)
}

func (s *Service) tourFor(ctx context.Context, q db.Querier, by identity.Actor, tour TourID) (Tour, error) {
	t, err := tourByID(ctx, q, tour)
	if fault.Is(err, fault.NotFound) {
		return t, identity.NotFound()
	}
	if err != nil {
		return t, err
	}
	return t, identity.Require(by, identity.AgendaEdit, t.object())
}

// Tours lists the tours that by may change, those under way first.
func (s *Service) Tours(ctx context.Context, by identity.Actor) ([]Tour, error) {
	if identity.Reaches(by, identity.AgendaEdit) == identity.None {
		return nil, identity.Require(by, identity.AgendaEdit, identity.Object{Kind: identity.ObjectAgenda})
	}
	return toursOf(ctx, s.db, by)
}
