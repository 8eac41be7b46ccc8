package agenda

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"viaduc/internal/audit"
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
	Retired      bool
	Version      int64
}

// UseState is where a booking of a resource stands.
type UseState string

// The states of a use.
const (
	UseBooked    UseState = "booked"
	UseCheckedIn UseState = "checked_in"
	UseCancelled UseState = "cancelled"
	UseReleased  UseState = "released" // nobody came
)

// French says the state.
func (s UseState) French() string {
	return map[UseState]string{UseBooked: "Réservé", UseCheckedIn: "Arrivé", UseCancelled: "Annulé", UseReleased: "Libéré, personne n'est venu"}[s]
}

// Use is a booking of a resource.
type Use struct {
	ID       UseID
	Resource ResourceID
	Person   person.ID // "" once the person was erased
	Start    time.Time
	End      time.Time
	State    UseState
}

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
	if f.Fields != nil {
		return r, f
	}
	return r, nil
}

func (r Resource) object() identity.Object {
	return identity.Object{Kind: identity.ObjectAgenda, Organisation: r.Organisation}
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
	where, args := identity.Where(by, identity.AgendaPeople, identity.Columns{Organisation: "organisation_id"}, 1)
	return resourcesWhere(ctx, s.db, where+" AND NOT retired", args)
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

// longestUse is the longest booking of a resource.
const longestUse = 24 * time.Hour

// BookResource takes a resource from one instant to another. by needs agenda.people in its structure. It reports fault.Invalid on from and by
// the fields of the person, fault.Conflict with the key agenda.resource_taken while it, what it stands in or what it holds is taken.
func (s *Service) BookResource(ctx context.Context, by identity.Actor, of ResourceID, from, to time.Time, who person.New) (Use, error) {
	who, err := who.Check()
	f := fault.New(fault.Invalid, "agenda.invalid")
	copyFields(f, err, "")
	if !to.After(from) || to.Sub(from) > longestUse || !to.After(s.now()) {
		f.With("from", "agenda.use_range")
	}
	if f.Fields != nil {
		return Use{}, f
	}
	u := Use{ID: UseID(id.New()), Resource: of, Start: from, End: to, State: UseBooked}
	return u, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := s.lockResource(ctx, tx, by, of)
		if err != nil {
			return err
		}
		if taken, err := s.taken(ctx, tx, r, from, to); err != nil || taken {
			if err == nil {
				err = fault.New(fault.Conflict, "agenda.resource_taken")
			}
			return err
		}
		who.Organisation = r.Organisation
		p, err := s.persons.MeetTx(ctx, tx, by.Audit(), who)
		if err != nil {
			return err
		}
		u.Person = p.ID
		if err := insertUse(ctx, tx, u, string(by.Audit()), s.now()); err != nil {
			return err
		}
		if r.Release > 0 {
			if err := s.jobs.Add(ctx, tx, releaseTask{u.ID}, from.Add(r.Release)); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, by.Audit(), "agenda.use", "use", string(u.ID), audit.Object{Kind: "person", ID: string(p.ID)})
	})
}

// lockResource makes the caller's transaction the only one that decides on a resource, on what holds it and on what it holds, for
// staff of its structure.
func (s *Service) lockResource(ctx context.Context, tx *db.Tx, by identity.Actor, of ResourceID) (Resource, error) {
	r, err := resourceByID(ctx, tx, of)
	if fault.Is(err, fault.NotFound) {
		return r, identity.NotFound()
	}
	if err != nil {
		return r, err
	}
	if err := identity.Require(by, identity.AgendaPeople, r.object()); err != nil {
		return r, err
	}
	if r.Retired {
		return r, fault.New(fault.Conflict, "agenda.resource_unknown")
	}
	return r, touchResource(ctx, tx, r.root)
}

// taken reports whether a resource, what holds it or what it holds is in use between two instants.
func (s *Service) taken(ctx context.Context, tx *db.Tx, r Resource, from, to time.Time) (bool, error) {
	family, err := resourcesWhere(ctx, tx, "root_id = $1", []any{string(r.root)})
	if err != nil {
		return false, err
	}
	tree := make(map[ResourceID]ResourceID, len(family))
	for _, one := range family {
		tree[one.ID] = one.Parent
	}
	uses, err := usesOf(ctx, tx, r.root, from, to)
	return slices.ContainsFunc(uses, func(u Use) bool { return blocks(tree, u.Resource, r.ID) }), err
}

// CheckIn writes that somebody came; twice is once. It reports fault.Conflict when the booking was released or cancelled.
func (s *Service) CheckIn(ctx context.Context, by identity.Actor, use UseID) error {
	return s.useBecomes(ctx, by, use, UseCheckedIn)
}

// CancelUse takes a booking of a resource back; twice is once.
func (s *Service) CancelUse(ctx context.Context, by identity.Actor, use UseID) error {
	return s.useBecomes(ctx, by, use, UseCancelled)
}

func (s *Service) useBecomes(ctx context.Context, by identity.Actor, use UseID, next UseState) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		u, err := useByID(ctx, tx, use)
		if fault.Is(err, fault.NotFound) {
			return identity.NotFound()
		}
		if err != nil {
			return err
		}
		if _, err := s.lockResource(ctx, tx, by, u.Resource); err != nil {
			return err
		}
		if u, err = useByID(ctx, tx, use); err != nil || u.State == next {
			return err
		}
		if u.State != UseBooked && (u.State != UseCheckedIn || next != UseCancelled) {
			return fault.New(fault.Conflict, "agenda.use_over")
		}
		if err := setUse(ctx, tx, use, next); err != nil {
			return err
		}
		if next == UseCheckedIn && u.Person != "" {
			if err := s.persons.SeenTx(ctx, tx, u.Person); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, by.Audit(), "agenda.use", "use", string(use))
	})
}

// releaseTask frees a resource to which nobody came.
type releaseTask struct {
	Use UseID `json:"use"`
}

// JobKind names the job.
func (releaseTask) JobKind() string { return "agenda.release" }

// release frees a resource whose booking nobody came to; it may be called twice.
func (s *Service) release(ctx context.Context, use UseID) error {
	err := s.useBecomes(ctx, identity.TheSystem(), use, UseReleased)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return nil // somebody came, or it is gone
	}
	return err
}

// TeamUse is a booking of a resource as its team sees it.
type TeamUse struct {
	Use
	Resource Resource
	Person   person.Person // the zero Person once erased
}

// Uses lists the bookings of by's resources that touch a stretch of time, in order.
func (s *Service) Uses(ctx context.Context, by identity.Actor, from, to time.Time) ([]TeamUse, error) {
	resources, err := s.Resources(ctx, by)
	if err != nil {
		return nil, err
	}
	var out []TeamUse
	var ids []person.ID
	for _, r := range resources {
		uses, err := usesOfOne(ctx, s.db, r.ID, from, to)
		if err != nil {
			return nil, err
		}
		for _, u := range uses {
			out, ids = append(out, TeamUse{Use: u, Resource: r}), append(ids, u.Person)
		}
	}
	known, err := s.persons.Persons(ctx, s.db, ids...)
	for i := range out {
		out[i].Person = known[out[i].Use.Person]
	}
	slices.SortStableFunc(out, func(a, b TeamUse) int { return a.Start.Compare(b.Start) })
	return out, err
}
