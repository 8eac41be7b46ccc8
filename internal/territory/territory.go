// Package territory knows the ground: communes, their groupings (EPCI), départements, and what a territory says of
// itself on its pages.
//
// # Gazetteer
//
// Communes come from a file of facts (viaduc geo import, CSV or JSON): INSEE code, name, EPCI, postal codes, population, centre. They
// are read into an immutable in-memory index, the Gazetteer, which answers where "Rochefort", "17300" or "Rochfort" is
// in microseconds. They may also be asked of a service, with their outlines, a département at a time (GroundAPI, viaduc
// geo fetch). A node compares territory_state.version with what it holds and reads again when it differs.
//
// # Outlines
//
// Outlines of communes come from GeoJSON (viaduc geo import too). They are optional, packed to a metre, and held in memory
// as they are stored, under an R-tree: Service.CommuneAt says which commune a position lies in. They are of their own year;
// those of communes that merged since make one, where the file of mergers says so.
//
// # Mergers
//
// Which code became which, and on what day, are facts of a file (viaduc geo import, the movements that INSEE publishes).
// Gazetteer.Successor follows a code that is no commune any more; a code of today's communes always means itself.
//
// # Ground
//
// Outlines make the ground of maps (Drawing): that of a département, of a grouping, of a commune, on a screen and on paper.
// Each border is simplified once, so that neighbours never part nor overlap. Ground is the drawing as a file (SVG).
//
// # School holidays
//
// Their days are decreed and not computed: they come from a file (viaduc geo holidays), by zone; which zone a département
// belongs to is a table of this package (SchoolZone). They are read with the communes and stand in the Gazetteer.
//
// # Site
//
// Name, telephone, brand and the legal statements of a territory are rows of territory_site, chosen by host name; the
// row without a host answers for every other. They are data, not configuration: a territory edits them.
//
// # Addresses
//
// Gazetteer.Address tells whether a text reads like a postal address; Service.Locate says where one is. It asks the
// geocoder that the settings name (AddressAPI, the shape of the official service) and falls back on the Gazetteer, which
// knows no street: it gives the centre of the commune, and says that this is all it knows. An address that somebody looks
// for is neither logged nor stored; what a geocoder answered is remembered in memory for a while.
//
// # Tables
//
// territory_state, territory_epci, territory_commune, territory_contour, territory_merger, territory_school_holiday, territory_site.
//
// # What it does not do
//
// It asks no outside geocoder unless the settings name one, and puts nothing on a map: it draws the ground alone.
package territory

import (
	"context"
	"log/slog"
	"sync/atomic"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
)

// Service reads and changes the ground. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	journal  *audit.Journal
	geocoder Geocoder // nil when nobody outside is asked
	log      *slog.Logger
	held     atomic.Pointer[held]
}

// held is what a node keeps in memory, with the version it was read at.
type held struct {
	version   int64
	gazetteer *Gazetteer
	contours  *Contours
	sites     map[string]Site
	grounds   grounds
}

// Deps is what a Service needs.
type Deps struct {
	DB       *db.DB
	Journal  *audit.Journal
	Geocoder Geocoder // nil for the Gazetteer alone
	Log      *slog.Logger
}

// New returns a service that knows no commune until Refresh has run.
func New(d Deps) *Service {
	s := &Service{db: d.DB, journal: d.Journal, geocoder: d.Geocoder, log: d.Log}
	s.held.Store(&held{version: -1, gazetteer: NewGazetteer(nil, nil), contours: &Contours{}, sites: map[string]Site{}})
	return s
}

// Gazetteer returns the communes as last read. The value never changes; keep it for the length of a request.
func (s *Service) Gazetteer() *Gazetteer { return s.held.Load().gazetteer }

// CommuneAt returns the commune whose outline holds a position, as last read; ok is false where none does, and always
// while no outline was imported.
func (s *Service) CommuneAt(p Point) (found Commune, ok bool) {
	return s.held.Load().contours.CommuneAt(p)
}

// Contours returns the outlines of the database: those in memory when they are the newest, else they are read, with the
// communes that have one. It is for commands, which need not read all communes for it.
func (s *Service) Contours(ctx context.Context) (*Contours, error) {
	now, err := version(ctx, s.db)
	if held := s.held.Load(); err != nil || now == held.version {
		return held.contours, err
	}
	var out *Contours
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		list, err := listContours(ctx, q)
		if err != nil || len(list) == 0 {
			out = &Contours{}
			return err
		}
		mergers, err := listMergers(ctx, q)
		if err != nil {
			return err
		}
		read := communesWithContour
		if len(mergers) > 0 {
			read = listCommunes // an outline may be of one that merged since
		}
		communes, err := read(ctx, q)
		if err != nil {
			return err
		}
		out = s.index(list, NewGazetteer(communes, nil).withMergers(mergers))
		return nil
	})
	return out, err
}

// index makes contours of rows. What cannot be read, of a newer version of the program for instance, is left out and said.
func (s *Service) index(list []contour, g *Gazetteer) *Contours {
	c, unread := newContours(list, g)
	if unread > 0 {
		s.log.Error("outlines of communes not readable", "count", unread)
	}
	return c
}

// Refresh reads communes, outlines and sites again if the database has a newer version, and reports whether it did.
func (s *Service) Refresh(ctx context.Context) (bool, error) {
	now, err := version(ctx, s.db)
	if err != nil || now == s.held.Load().version {
		return false, err
	}
	next := &held{}
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		if next.version, err = version(ctx, q); err != nil {
			return err
		}
		communes, err := listCommunes(ctx, q)
		if err != nil {
			return err
		}
		epcis, err := listEPCIs(ctx, q)
		if err != nil {
			return err
		}
		holidays, err := listSchoolHolidays(ctx, q)
		if err != nil {
			return err
		}
		mergers, err := listMergers(ctx, q)
		if err != nil {
			return err
		}
		next.gazetteer = NewGazetteer(communes, epcis).withSchool(holidays).withMergers(mergers)
		contours, err := listContours(ctx, q)
		if err != nil {
			return err
		}
		next.contours = s.index(contours, next.gazetteer)
		next.sites, err = sitesByHost(ctx, q)
		return err
	})
	if err != nil {
		return false, err
	}
	s.held.Store(next)
	return true, nil
}
