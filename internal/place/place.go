// Package place is the census of the places where people are helped with digital matters: what each offers, to whom,
// where and when.
//
// # The national standard
//
// A place has the fields of the national schema "Lieux de médiation numérique" (LaMednum, version 1.0.2: see Columns),
// under English names; the file formats keep the standard's names and exact strings. Beside them it has an id of its
// own, a short public number that its address begins with and that never changes (/lieux/42-mediatheque-de-saintes),
// and a status:
//
//   - published: whole, as the standard wants it;
//   - to_complete ("à compléter"): shown to residents, but left out of the standard's export, because a field breaks a
//     rule of the standard;
//   - to_locate ("à localiser"): neither a commune nor coordinates, so that nobody can be sent there; not shown.
//
// # Import
//
// A file (CSV or JSON; the standard 1.x or 0.x, or a partner's own with a Mapping) is read once and checked, its rows kept
// aside, then lands with its journal lines. A row is
// known again by the standard's id. Columns that the file lacks are left untouched. A value is written as the standard
// wants where a single reading is possible (package contact), and stays as written otherwise. Only a row without a name is
// rejected; every other broken rule is kept and reported, by line and field. A file that is no table, lacks a required
// column or has an unknown one is refused whole.
//
// A file may be said to be complete for its source: the places of that source that it lacks are marked "à vérifier"
// (Place.ToCheck). That is a mark beside the status and not a status of its own: the status is what the fields say and is
// computed anew from them, and a place that is gone from a list may be whole, to complete or to locate all the same. The
// mark hides nothing, erases nothing, and goes when a later file has the place again.
//
// Beside the standard a place has fields of our own (see Local): what one finds there as somebody said it, how one enters,
// the Pass numérique, rooms, languages, hours of mediation, what people share in a tiers-lieu, the organisation that answers for it, when it was verified. A
// file may have them, under names that begin with "viaduc_".
//
// A file of a few thousand rows lands in one transaction; a larger one in slices, so that nobody who writes beside it waits
// long (ADR 8). An interruption leaves whole slices: importing again ends the work.
//
// # Where a value comes from
//
// Each field keeps its origin: the place's source, another source, or Here, when somebody confirmed it on this instance
// (Edit). A value confirmed here wins over every import: what a file says otherwise is set aside as a Difference, for
// somebody to decide. Every change of a place is kept with its former values (History).
//
// # Search
//
// Residents read an immutable in-memory Index, rebuilt when place_state.version rises; a node never asks the database
// for a page. Distances are great circles; a place without coordinates stands at the centre of its commune. They start
// from the reader's own position, from an address (Service.Resolve, before the search: the one step that may ask another
// machine), or from a commune.
//
// # Reports
//
// A resident says what is wrong about a place without an account (Report) and keeps a reference; the team lists and closes
// what was reported. How to reach her is erased after six months: a rule of retention, in package app.
//
// # Declarations
//
// An organisation describes its place, or corrects what the census says of it, without an account: whoever has the link of
// a declaration may write on it, send it, take it back and correct it again once it was decided. The link is worked out
// from a key that is not in the database, which holds a keyed hash of it. What is said is kept as columns, as the standard
// wants them; of a place of the census only what differs from what it said when the correction began. Drafts go after six
// weeks, addresses six months after the decision: rules of retention, in package app.
//
// # Moderation
//
// The team works on a place in a form that says which state it began from (Place.Version): two at once are a Clash, shown
// side by side (Revise). Declarations wait in a Queue, each field beside what the place says (Proposal), to be accepted,
// whole or in part, or refused with a reason; who decides second is told. Any state of a place can be given back
// (Restore), which history keeps like any other change. A difference with an import is taken or kept aside for good
// (SettleDifference).
//
// A place without news for a year is asked by mail, twice at most, whether all is still right, then marked "à vérifier"
// (AskAll). The link of the mail is kept as a hash, works once, and for two months.
//
// # Places that a census has twice
//
// Duplicates lists pairs that may be one place (package duplicate says how they are scored), Distinguish says of two that
// they are not, and Merge makes them one: the other record stays behind it, hidden, its number and its id lead to the kept
// place (Index.Moved), and each field follows the record that it was chosen from (Ways), so that imports of two files never
// take turns. Unmerge undoes it while nothing else has changed.
//
// # Tables
//
// place_state (version, last public number; touched first by every change of a place), place_place, place_change (history),
// place_photo, place_difference (what imports say otherwise than what was confirmed here), place_difference_kept, place_ask, place_merge, place_distinct, place_report and place_declaration.
//
// # What it does not do
//
// It knows nobody by name, draws no map, and knows no appointment.
package place

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/territory"
)

// ID identifies a place for ever (UUID version 7).
type ID string

// Number is a place's public number: short, stable, never given twice. Addresses begin with it.
type Number int64

// Status says how far a place can be shown.
type Status string

// The statuses; the package comment says what each means.
const (
	Published  Status = "published"
	ToComplete Status = "to_complete"
	ToLocate   Status = "to_locate"
)

// List is several exact strings of the standard joined by "|"; "" is none, which means "not said".
type List string

// Values returns the strings of the list.
func (l List) Values() []string {
	if l == "" {
		return nil
	}
	return strings.Split(string(l), "|")
}

// Has reports whether the list holds exactly v.
func (l List) Has(v string) bool {
	for rest, more := string(l), l != ""; more; {
		var one string
		one, rest, more = strings.Cut(rest, "|")
		if one == v {
			return true
		}
	}
	return false
}

// Place is one place. Texts are "" and the point is the zero Point where the census does not say.
type Place struct {
	ID     ID
	Number Number
	Status Status

	Version int64 // one more with each change: a form tells which one it began from
	ToCheck bool  // "à vérifier": a complete file of its source no longer had it; it is shown all the same

	StandardID         string // id of the standard, such as "Conseiller-numerique_62592a1d"
	Pivot              string // SIRET, else RNA or RIDET of the organisation; fourteen zeros is "unknown"
	Name               string
	Commune            string
	Postcode           string
	CommuneCode        string // INSEE
	Address            string
	AddressExtra       string
	Point              territory.Point
	Kinds              List   // typologie
	Phone              string // international form, +33546000000
	Emails             List
	Websites           List
	Hours              string // OSM opening_hours, as written
	Summary            string
	Description        string
	Source             string // organisation that collected the row
	Itinerance         List
	ParentOrganisation string
	UpdatedOn          string // civil date YYYY-MM-DD given by the source
	Services           List
	Audiences          List
	SpecialCare        List
	Fees               List
	Programmes         List
	Labels             List
	OtherLabels        List
	AccessModes        List
	SupportModes       List
	AccessibilityURL   string // acceslibre page
	BookingURL         string

	// What the standard has no field for: see Local.
	OfferSaid      Offer  // what one finds on arriving, where somebody said it; "" lets Offer derive it
	Access         List   // on entering: "Entrée de plain-pied"...
	VoucherRefused bool   // somebody said that the Pass numérique is not taken; see TakesVoucher
	Rooms          List   // "Salle informatique (8 places)"
	Languages      List   // spoken there, in French words: "arabe"
	MediationHours string // when somebody helps, apart from Hours; OSM opening_hours, as written
	Spaces         List   // what people share in a tiers-lieu: "Open space"
	SpacePrices    string // of these, in words
	SpaceEntry     string // how one gets in, on what condition
	SpaceURL       string // its page about them
	OwnerID        string // id of the organisation that answers for this record
	VerifiedOn     string // civil date YYYY-MM-DD on which somebody saw that all of it is right

	Origins Origins // of the fields that do not come from Source

	MergedInto ID // the place that answers for this one since they were united; "" for a place of its own: see Merge
}

// Shown reports whether residents see the place.
func (p *Place) Shown() bool { return p.Status != ToLocate && p.MergedInto == "" }

// Service is the census. It is safe for concurrent use.
type Service struct {
	db      *db.DB
	journal *audit.Journal
	ground  *territory.Service
	notices *notice.Service
	key     []byte
	now     func() time.Time
	log     *slog.Logger
	index   atomic.Pointer[Index]
	rows    atomic.Pointer[rows]
	pairs   atomic.Pointer[foundPairs]

	visits   atomic.Pointer[map[ID]string] // see SetVisits
	restated atomic.Bool                   // visits changed since the index was built
}

// rows are the places as last read, with the version they were read at.
type rows struct {
	version int64
	places  []Place
	photos  map[ID][]Photo
}

// Deps is what a Service needs.
type Deps struct {
	DB        *db.DB
	Journal   *audit.Journal
	Territory *territory.Service
	Notices   *notice.Service // Events are registered there; nil for a service that no declaration is sent to
	Key       []byte          // of the links of declarations; the same on every node; nil where there are none
	Now       func() time.Time
	Log       *slog.Logger
}

// New returns a service whose index is empty until Refresh has run.
func New(d Deps) *Service {
	s := &Service{db: d.DB, journal: d.Journal, ground: d.Territory, notices: d.Notices, key: keyOr(d.Key), now: d.Now, log: d.Log}
	s.index.Store(NewIndex(-1, nil, d.Territory.Gazetteer()))
	return s
}

// Index returns the places as last read. The value never changes; keep it for the length of a request.
func (s *Service) Index() *Index { return s.index.Load() }

// Refresh reads the places again if the database has a newer version or the communes are others than the index was
// built on, and reports whether it did.
func (s *Service) Refresh(ctx context.Context) (bool, error) {
	if err := s.Read(ctx); err != nil {
		return false, err
	}
	return s.Build(), nil
}

// Build makes the index anew from the rows that Read fetched, if they, the communes or the visits are others than it was built on,
// and reports whether it did. It asks the database nothing.
func (s *Service) Build() bool {
	gazetteer, held, read := s.ground.Gazetteer(), s.index.Load(), s.rows.Load()
	if read == nil || read.version == held.version && gazetteer == held.gazetteer && !s.restated.Load() {
		return false
	}
	s.restated.Store(false)
	next := newIndex(read.version, read.places, gazetteer, s.visited())
	next.photos = read.photos
	s.index.Store(next)
	return true
}

// Read fetches the rows that the next Build will stand on, if the database has newer ones. A starting node calls it
// while the communes are still being read.
func (s *Service) Read(ctx context.Context) error {
	now, err := version(ctx, s.db)
	if err != nil {
		return err
	}
	if held := s.rows.Load(); held != nil && held.version == now {
		return nil
	}
	next := &rows{}
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		if next.version, err = version(ctx, q); err != nil {
			return err
		}
		if next.places, err = listPlaces(ctx, q); err != nil {
			return err
		}
		if next.photos, err = listPhotos(ctx, q); err != nil {
			return err
		}
		joined, err := joinedIDs(ctx, q)
		for i := range next.places {
			if id, ok := joined[next.places[i].ID]; ok {
				next.places[i].StandardID = id
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	s.rows.Store(next)
	return nil
}
