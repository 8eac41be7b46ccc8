package agenda

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// ResourceID is a room, a desk, a machine or a laptop; UseID a booking of one.
type (
	ResourceID string
	UseID      string
)

// ResourceKind is what a resource is.
type ResourceKind string

// The kinds.
const (
	Room   ResourceKind = "room"
	Desk   ResourceKind = "desk"
	Device ResourceKind = "machine"
	Laptop ResourceKind = "laptop"
)

// French names the kind.
func (k ResourceKind) French() string {
	return map[ResourceKind]string{Room: "Salle", Desk: "Poste", Device: "Machine", Laptop: "Ordinateur portable"}[k]
}

// Resource is what can be booked for a time. What stands in a room is blocked while the room is taken, and blocks it while it is taken.
type Resource struct {
	ID           ResourceID
	Organisation identity.OrganisationID
	Name         string
	Kind         ResourceKind
	Parent       ResourceID    // that it stands in; "" for none
	root         ResourceID    // the outermost
	Release      time.Duration // released when nobody came by then; 0 is never
	Asks
	Retired bool
	Version int64
}

// UseState is where a booking of a resource stands.
type UseState string

// The states of a use.
const (
	UseAsked     UseState = "asked" // waits for a yes, and blocks nothing meanwhile
	UseRefused   UseState = "refused"
	UseBooked    UseState = "booked"
	UseCheckedIn UseState = "checked_in"
	UseCancelled UseState = "cancelled"
	UseReleased  UseState = "released" // nobody came
)

// French says the state.
func (s UseState) French() string {
	return map[UseState]string{UseAsked: "Demandé", UseRefused: "Refusé", UseBooked: "Réservé", UseCheckedIn: "Arrivé", UseCancelled: "Annulé", UseReleased: "Libéré, personne n'est venu"}[s]
}

// Use is a booking of a resource. Resources that were taken together are as many uses of one Bundle, and live and end together.
type Use struct {
	ID         UseID
	Resource   ResourceID
	Bundle     BundleID
	Person     person.ID // "" once the person was erased, and for the team's own use
	Purpose    string    // of the team's own use
	Occurrence ID        // date that it is for, "" for none
	Start      time.Time
	End        time.Time
	State      UseState
	Refusal    string
}

// live reports whether the use takes its resource.
func (u Use) live() bool { return u.State == UseBooked || u.State == UseCheckedIn }

// check says what is wrong with a resource, by field.
func (r Resource) check() (Resource, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	r.Name = oneLine(r.Name)
	switch n := utf8.RuneCountInString(r.Name); {
	case n == 0:
		f.With("name", "agenda.resource_name_missing")
	case n > maxTitle:
		f.With("name", "agenda.title_long", "Most", maxTitle)
	}
	if r.Kind.French() == "" {
		f.With("kind", "agenda.invalid")
	}
	if r.Release < 0 || r.Release > 4*time.Hour {
		f.With("release", "agenda.release_range")
	}
	r.Asks.check(f)
	if f.Fields != nil {
		return r, f
	}
	return r, nil
}

func (r Resource) object() identity.Object {
	return identity.Object{Kind: identity.ObjectAgenda, Organisation: r.Organisation}
}

// SaveResource changes a resource of by's structure, all but what it is and where it stands: what was booked stays booked. by needs
// agenda.edit there. It reports fault.Invalid as AddResource does.
func (s *Service) SaveResource(ctx context.Context, by identity.Actor, r Resource) (Resource, error) {
	return r, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := s.resourceFor(ctx, tx, by, identity.AgendaEdit, r.ID)
		if err != nil {
			return err
		}
		r.Kind, r.Parent, r.root, r.Organisation = was.Kind, was.Parent, was.root, was.Organisation
		if r, err = r.check(); err != nil {
			return err
		}
		if err := updateResource(ctx, tx, r); err != nil {
			return err
		}
		return s.record(ctx, tx, by.Audit(), "agenda.resource", "resource", string(r.ID))
	})
}

// Resource is a resource of by's structure. It reports fault.NotFound for one out of reach as for an unknown one.
func (s *Service) Resource(ctx context.Context, by identity.Actor, of ResourceID) (Resource, error) {
	return s.resourceFor(ctx, s.db, by, identity.AgendaPeople, of)
}

// resourceFor reads a resource to which by may do something.
func (s *Service) resourceFor(ctx context.Context, q db.Querier, by identity.Actor, action identity.Action, of ResourceID) (Resource, error) {
	r, err := resourceByID(ctx, q, of)
	if fault.Is(err, fault.NotFound) {
		return r, identity.NotFound()
	}
	if err != nil {
		return r, err
	}
	return r, identity.Require(by, action, r.object())
}

// AddResource adds a resource of by's structure. by needs agenda.edit there. It reports fault.Invalid on name, kind, release and parent, which is another
// resource of the same structure.
func (s *Service) AddResource(ctx context.Context, by identity.Actor, r Resource) (Resource, error) {
	r, err := r.check()
	if err != nil {
		return r, err
	}
	r.ID, r.Organisation, r.Version = ResourceID(id.New()), organisationOr(by.Organisation, r.Organisation), 1
	if err := identity.Require(by, identity.AgendaEdit, r.object()); err != nil {
		return r, err
	}
	return r, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		r.root = r.ID
		if r.Parent != "" {
			parent, err := resourceByID(ctx, tx, r.Parent)
			if fault.Is(err, fault.NotFound) || err == nil && parent.Organisation != r.Organisation {
				err = fault.New(fault.Invalid, "agenda.invalid").With("parent", "agenda.resource_unknown")
			}
			if err != nil {
				return err
			}
			r.root = parent.root
		}
		if err := insertResource(ctx, tx, r); err != nil {
			return err
		}
		return s.record(ctx, tx, by.Audit(), "agenda.resource", "resource", string(r.ID))
	})
}

// Resources lists what by's structure can book, by name.
func (s *Service) Resources(ctx context.Context, by identity.Actor) ([]Resource, error) {
	list, err := s.AllResources(ctx, by)
	return slices.DeleteFunc(list, func(r Resource) bool { return r.Retired }), err
}

// AllResources lists the resources of by's structure by name, those that are not booked any more too.
func (s *Service) AllResources(ctx context.Context, by identity.Actor) ([]Resource, error) {
	where, args := identity.Where(by, identity.AgendaPeople, identity.Columns{Organisation: "organisation_id"}, 1)
	return resourcesWhere(ctx, s.db, where, args)
}

// blocks reports whether one resource cannot be used while another is: it is the same, it stands in the other, or holds it. tree
// gives what each stands in.
func blocks(tree map[ResourceID]ResourceID, a, b ResourceID) bool {
	return within(tree, a, b) || within(tree, b, a)
}

// within reports whether a is b, or stands in it.
func within(tree map[ResourceID]ResourceID, a, b ResourceID) bool {
	for range len(tree) + 1 {
		if a == b {
			return true
		}
		if a = tree[a]; a == "" {
			return false
		}
	}
	return false
}

// BookResource takes one resource for somebody from one instant to another: a bundle of one.
func (s *Service) BookResource(ctx context.Context, by identity.Actor, of ResourceID, from, to time.Time, who person.New) (Use, error) {
	uses, err := s.BookBundle(ctx, by, NewBundle{Resources: []ResourceID{of}, From: from, To: to, Who: who})
	if err != nil {
		return Use{}, err
	}
	return uses[0], nil
}

// releaseTask frees a resource to which nobody came.
type releaseTask struct {
	Use UseID `json:"use"`
}

// JobKind names the job.
func (releaseTask) JobKind() string { return "agenda.release" }

// TeamUse is a booking of a resource as its team sees it.
type TeamUse struct {
	Use
	Resource Resource
	Person   person.Person        // the zero Person once erased, and for the team's own use
	Members  []identity.AccountID // of the team, taken with it
}

// Uses lists the bookings of by's resources that touch a stretch of time, in order.
func (s *Service) Uses(ctx context.Context, by identity.Actor, from, to time.Time) ([]TeamUse, error) {
	return s.teamUses(ctx, by, from, to, anyUse)
}

// askedAhead is how far ahead what waits for a yes is looked for.
const askedAhead = 366 * 24 * time.Hour

// AskedUses lists what waits for a yes among by's resources and has not begun, the next first.
func (s *Service) AskedUses(ctx context.Context, by identity.Actor) ([]TeamUse, error) {
	now := s.now()
	return s.teamUses(ctx, by, now, now.Add(askedAhead), askedUses)
}

// teamUses lists the bookings of by's resources that touch a stretch of time, in some states, with whom they are for.
func (s *Service) teamUses(ctx context.Context, by identity.Actor, from, to time.Time, states string) ([]TeamUse, error) {
	resources, err := s.AllResources(ctx, by)
	if err != nil {
		return nil, err
	}
	byID := make(map[ResourceID]Resource, len(resources))
	for _, r := range resources {
		byID[r.ID] = r
	}
	where, args := identity.Where(by, identity.AgendaPeople, identity.Columns{Organisation: "r.organisation_id"}, 3)
	uses, err := usesWhere(ctx, s.db, where, from, to, states, args)
	if err != nil {
		return nil, err
	}
	ids := make([]person.ID, len(uses))
	for i, u := range uses {
		ids[i] = u.Person
	}
	known, err := s.persons.Persons(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	crews, err := membersBetween(ctx, s.db, from, to)
	out := make([]TeamUse, len(uses))
	for i, u := range uses {
		out[i] = TeamUse{Use: u, Resource: byID[u.Resource], Person: known[u.Person], Members: crews[u.Bundle]}
	}
	return out, err
}
