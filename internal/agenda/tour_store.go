package agenda

import (
	"context"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

const tourCols = `id, organisation_id, name, vehicle, kit, season_from, season_to, speed_kmh, setup_min, base_commune, ended, version`

func scanTour(r db.Row) (Tour, error) {
	var t Tour
	var kit string
	err := r.Scan(&t.ID, &t.Organisation, &t.Name, &t.Vehicle, &kit, &t.From, &t.To, &t.Speed, &t.Setup, &t.Base, &t.Ended, &t.Version)
	if kit != "" {
		t.Kit = strings.Split(kit, "\n")
	}
	return t, err
}

// putTour writes a tour, if nobody wrote since its version was read: fault.Conflict otherwise.
func putTour(ctx context.Context, tx *db.Tx, t Tour) error {
	n, err := db.Exec(ctx, tx, `INSERT INTO agenda_tour (`+tourCols+`) VALUES (`+db.Params(1, 12)+`) ON CONFLICT (id) DO UPDATE SET name = excluded.name,
		vehicle = excluded.vehicle, kit = excluded.kit, season_from = excluded.season_from, season_to = excluded.season_to, speed_kmh = excluded.speed_kmh,
		setup_min = excluded.setup_min, base_commune = excluded.base_commune, ended = excluded.ended, version = excluded.version WHERE agenda_tour.version = $13`,
		string(t.ID), string(t.Organisation), t.Name, t.Vehicle, strings.Join(t.Kit, "\n"), t.From, t.To, t.Speed, t.Setup, t.Base, t.Ended, t.Version+1, t.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "agenda.stale")
	}
	return putMembers(ctx, tx, "agenda_tour_member", "tour_id", string(t.ID), t.Members)
}

func tourByID(ctx context.Context, q db.Querier, tour TourID) (Tour, error) {
	t, err := db.One(ctx, q, scanTour, `SELECT `+tourCols+` FROM agenda_tour WHERE id = $1`, string(tour))
	if err == nil {
		t.Members, err = members(ctx, q, "agenda_tour_member", "tour_id", string(tour))
	}
	return t, err
}

// toursOf are the tours that by may change.
func toursOf(ctx context.Context, q db.Querier, by identity.Actor) ([]Tour, error) {
	where, args := identity.Where(by, identity.AgendaEdit, identity.Columns{Organisation: "organisation_id", Commune: "base_commune"}, 1)
	return db.All(ctx, q, scanTour, `SELECT `+tourCols+` FROM agenda_tour WHERE `+where+` ORDER BY ended, season_from DESC, name, id`, args...)
}
