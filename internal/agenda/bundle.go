package agenda

import (
	"context"
	"slices"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// BundleID is what was taken together.
type BundleID string

// NewBundle is what somebody wants together, all or nothing: a room, a mediator, laptops.
type NewBundle struct {
	Resources  []ResourceID
	Laptops    int // as many free ones of the structure, whichever
	Members    []identity.AccountID
	From, To   time.Time  // on the clocks of the place: its hours are read on them
	Who        person.New // for whom; without a name it is the team's own
	Purpose    string     // what the team does, where it is its own
	Occurrence ID         // date that it is for, "" for none
}

// maxBundle is how much is taken together at most.
const maxBundle = 40

// BookBundle takes all that is wanted, or nothing. by needs agenda.people in the structure of every resource. A resource that asks for
// approval makes the whole an asking, which blocks nothing until it is accepted. It reports fault.Invalid by field (resources, laptops, from,
// purpose and those of the person), fault.Conflict with a sentence on the field for what is taken, closed or over a limit.
func (s *Service) BookBundle(ctx context.Context, by identity.Actor, in NewBundle) (uses []Use, err error) {
	own := in.Who.Name == "" && in.Purpose != ""
	f := fault.New(fault.Invalid, "agenda.invalid")
	if !own {
		in.Who, err = in.Who.Check()
		copyFields(f, err, "")
	}
	in.Purpose = shorten(in.Purpose)
	if !in.To.After(in.From) || in.To.Sub(in.From) > longestUse || !in.To.After(s.now()) {
		f.With("from", "agenda.use_range")
	}
	if len(in.Resources)+in.Laptops == 0 || len(in.Resources)+len(in.Members)+in.Laptops > maxBundle || in.Laptops < 0 {
		f.With("resources", "agenda.resource_unknown")
	}
	if f.Fields != nil {
		return nil, f
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		b, err := s.lockBundle(ctx, tx, by, in)
		if err != nil {
			return err
		}
		if err := s.fits(ctx, tx, by, b); err != nil {
			return err
		}
		uses, err = s.takeBundle(ctx, tx, by, b, own)
		return err
	})
	return uses, err
}

// bundle is what is wanted together, in the locks of its transaction.
type bundle struct {
	NewBundle
	id        BundleID
	resources []Resource // all of one structure
	trees     map[ResourceID]map[ResourceID]ResourceID
}

// lockBundle makes the caller's transaction the only one that decides on what is wanted: resources by their roots, then people, always in the
// same order, so that no two wait for each other.
func (s *Service) lockBundle(ctx context.Context, tx *db.Tx, by identity.Actor, in NewBundle) (bundle, error) {
	b := bundle{NewBundle: in, id: BundleID(id.New())}
	slices.Sort(b.Resources)
	b.Resources = slices.Compact(b.Resources)
	var structure identity.OrganisationID
	var roots []ResourceID
	for _, one := range b.Resources {
		r, err := s.resourceFor(ctx, tx, by, identity.AgendaPeople, one)
		if err != nil {
			return b, err
		}
		if r.Retired || structure != "" && r.Organisation != structure {
			return b, fault.New(fault.Conflict, "agenda.resource_refused").With("resources", "agenda.resource_unknown")
		}
		structure = r.Organisation
		b.resources, roots = append(b.resources, r), append(roots, r.root)
	}
	if structure == "" {
		structure = by.Organisation
	}
	var laptops []Resource
	if in.Laptops > 0 {
		var err error
		if laptops, err = resourcesWhere(ctx, tx, `organisation_id = $1 AND kind = 'laptop' AND NOT retired`, []any{string(structure)}); err != nil {
			return b, err
		}
		for _, one := range laptops {
			roots = append(roots, one.root)
		}
	}
	slices.Sort(b.Members)
	b.Members = slices.Compact(b.Members)
	if err := s.allWork(ctx, tx, b.Members, structure); err != nil {
		return b, err
	}
	if err := s.lock(ctx, tx, &b, roots); err != nil {
		return b, err
	}
	return b, s.pickLaptops(ctx, tx, &b, laptops)
}

// lock takes the roots of a bundle, then its people, each in order, and reads the trees.
func (s *Service) lock(ctx context.Context, tx *db.Tx, b *bundle, roots []ResourceID) (err error) {
	b.trees = map[ResourceID]map[ResourceID]ResourceID{}
	slices.Sort(roots)
	for _, root := range slices.Compact(roots) {
		if err := touchResource(ctx, tx, root); err != nil {
			return err
		}
		if b.trees[root], err = s.treeOf(ctx, tx, root); err != nil {
			return err
		}
	}
	for _, account := range b.Members {
		if err := s.lockName(ctx, tx, "member "+string(account)); err != nil {
			return err
		}
	}
	return nil
}

// pickLaptops adds the first free laptops to what is wanted.
func (s *Service) pickLaptops(ctx context.Context, tx *db.Tx, b *bundle, laptops []Resource) error {
	for _, one := range laptops {
		if b.Laptops == 0 {
			break
		}
		if slices.Contains(b.Resources, one.ID) {
			continue
		}
		taken, err := s.taken(ctx, tx, *b, one)
		if err != nil {
			return err
		}
		if !taken {
			b.resources = append(b.resources, one)
			b.Laptops--
		}
	}
	if b.Laptops > 0 {
		return fault.New(fault.Conflict, "agenda.resource_refused").With("laptops", "agenda.laptops_short", "N", b.Laptops)
	}
	return nil
}

// treeOf is what each resource of a tree stands in.
func (s *Service) treeOf(ctx context.Context, q db.Querier, root ResourceID) (map[ResourceID]ResourceID, error) {
	family, err := resourcesWhere(ctx, q, "root_id = $1", []any{string(root)})
	tree := make(map[ResourceID]ResourceID, len(family))
	for _, one := range family {
		tree[one.ID] = one.Parent
	}
	return tree, err
}

// taken reports whether a resource, what it stands in or what stands in it is in use by another bundle at the time of one, buffers included.
func (s *Service) taken(ctx context.Context, q db.Querier, b bundle, r Resource) (bool, error) {
	uses, err := usesIn(ctx, q, r.root, b.From.Add(-r.Buffer), b.To.Add(r.Buffer), liveUses)
	return slices.ContainsFunc(uses, func(u Use) bool {
		return u.Bundle != b.id && blocks(b.trees[r.root], u.Resource, r.ID) && meets(b.From, b.To, u.Start, u.End, r.Buffer)
	}), err
}

// fits reports fault.Conflict where what is wanted cannot be had together.
func (s *Service) fits(ctx context.Context, tx *db.Tx, by identity.Actor, b bundle) error {
	holidays := s.Calendar(s.mainCommune())
	for i, r := range b.resources {
		if err := r.admits(b.From, b.To, s.now(), identity.Can(by, identity.AgendaEdit, r.object()), holidays); err != nil {
			return named(err, r)
		}
		for _, other := range b.resources[:i] { // a room and its own desk
			if other.root == r.root && blocks(b.trees[r.root], other.ID, r.ID) {
				return fault.New(fault.Conflict, "agenda.resource_refused").With("resources", "agenda.bundle_twice", "A", other.Name, "B", r.Name)
			}
		}
	}
	return s.isFree(ctx, tx, b)
}

// isFree reports fault.Conflict where something of a bundle, or somebody, is taken by another at its time.
func (s *Service) isFree(ctx context.Context, q db.Querier, b bundle) error {
	for _, r := range b.resources {
		taken, err := s.taken(ctx, q, b, r)
		if err != nil {
			return err
		}
		if taken {
			return fault.New(fault.Conflict, "agenda.resource_taken", "Name", r.Name).With("resources", "agenda.resource_taken", "Name", r.Name)
		}
	}
	for _, account := range b.Members {
		busy, err := s.memberBusy(ctx, q, account, b.From, b.To, b.Occurrence)
		if err != nil {
			return err
		}
		if busy {
			return fault.New(fault.Conflict, "agenda.resource_refused").With("members", "agenda.member_busy")
		}
	}
	return nil
}

// named adds the name of a resource to what is said of it, so that of several one knows which.
func named(err error, r Resource) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	out := fault.New(f.Kind, f.Message.Key, f.Message.Args...)
	for field, m := range f.Fields {
		out.With(field, m.Key, append(slices.Clone(m.Args), "Name", r.Name)...)
	}
	return out
}

// memberBusy reports whether somebody of the team is away, or has something else to do, between two instants.
func (s *Service) memberBusy(ctx context.Context, q db.Querier, account identity.AccountID, from, to time.Time, but ID) (bool, error) {
	if away, err := absentTx(ctx, q, account, from, to); err != nil || away {
		return away, err
	}
	n, err := memberTaken(ctx, q, account, from, to, but)
	return n > 0, err
}

// takeBundle writes what was found to fit.
func (s *Service) takeBundle(ctx context.Context, tx *db.Tx, by identity.Actor, b bundle, own bool) ([]Use, error) {
	var subjects []audit.Object
	u := Use{Bundle: b.id, Purpose: b.Purpose, Occurrence: b.Occurrence, Start: b.From, End: b.To, State: UseBooked}
	if slices.ContainsFunc(b.resources, func(r Resource) bool { return r.Approval }) && !identity.Can(by, identity.AgendaEdit, b.resources[0].object()) {
		u.State = UseAsked
	}
	if !own {
		who := b.Who
		who.Organisation = b.resources[0].Organisation
		p, err := s.persons.MeetTx(ctx, tx, by.Audit(), who)
		if err != nil {
			return nil, err
		}
		u.Person, u.Purpose = p.ID, ""
		subjects = append(subjects, audit.Object{Kind: "person", ID: string(p.ID)})
		if err := s.withinWeek(ctx, tx, b, p.ID); err != nil {
			return nil, err
		}
	}
	var uses []Use
	for _, r := range b.resources {
		u.ID, u.Resource = UseID(id.New()), r.ID
		if err := insertUse(ctx, tx, u, string(by.Audit()), s.now()); err != nil {
			return nil, err
		}
		if u.State == UseBooked {
			if err := s.releaseLater(ctx, tx, r, u); err != nil {
				return nil, err
			}
		}
		uses = append(uses, u)
	}
	for _, account := range b.Members {
		if err := insertUseMember(ctx, tx, b.id, account); err != nil {
			return nil, err
		}
	}
	return uses, s.record(ctx, tx, by.Audit(), "agenda.use", "use", string(uses[0].ID), subjects...)
}

// releaseLater frees a booking by itself when nobody comes, where its resource says after how long. What is for a date of the agenda stays.
func (s *Service) releaseLater(ctx context.Context, tx *db.Tx, r Resource, u Use) error {
	if r.Release == 0 || u.Occurrence != "" {
		return nil
	}
	return s.jobs.Add(ctx, tx, releaseTask{u.ID}, u.Start.Add(r.Release))
}

// withinWeek reports fault.Conflict where a person would have more of a resource of a bundle in a week than it lets.
func (s *Service) withinWeek(ctx context.Context, q db.Querier, b bundle, who person.ID) error {
	for _, r := range b.resources {
		if r.Week == 0 {
			continue
		}
		monday, next := weekOf(b.From)
		have, err := usedBy(ctx, q, r.ID, who, monday, next)
		if err != nil {
			return err
		}
		if time.Duration(have)*time.Microsecond+b.To.Sub(b.From) > r.Week {
			return fault.New(fault.Conflict, "agenda.resource_refused").With("from", "agenda.week_over", "Most", int(r.Week/time.Hour), "Name", r.Name)
		}
	}
	return nil
}

// CheckIn writes that somebody came; twice is once. What was released because nobody had said so is taken back, where nobody else has it
// since: a day is keyed in after it. It reports fault.Conflict otherwise, and for a booking that was cancelled.
func (s *Service) CheckIn(ctx context.Context, by identity.Actor, use UseID) error {
	return s.bundleBecomes(ctx, by, use, UseCheckedIn, "")
}

// CancelUse takes a booking back, with all that was taken together; twice is once.
func (s *Service) CancelUse(ctx context.Context, by identity.Actor, use UseID) error {
	return s.bundleBecomes(ctx, by, use, UseCancelled, "")
}

// AcceptUse says yes to what was asked for. Whoever asked for the same time is refused with it. It reports fault.Conflict where
// something of it is taken meanwhile. by needs agenda.edit.
func (s *Service) AcceptUse(ctx context.Context, by identity.Actor, use UseID) error {
	return s.bundleBecomes(ctx, by, use, UseBooked, "")
}

// RefuseUse says no to what was asked for, with a reason that the person is told. It reports fault.Invalid on reason for none. by needs
// agenda.edit.
func (s *Service) RefuseUse(ctx context.Context, by identity.Actor, use UseID, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.bundleBecomes(ctx, by, use, UseRefused, why)
}

// useAfter lists what may follow each state of a booking.
var useAfter = map[UseState][]UseState{
	UseAsked: {UseBooked, UseRefused, UseCancelled}, UseBooked: {UseCheckedIn, UseCancelled, UseReleased}, UseCheckedIn: {UseCancelled}, UseReleased: {UseCheckedIn},
}

// bundleBecomes gives all that was taken together its next state.
func (s *Service) bundleBecomes(ctx context.Context, by identity.Actor, use UseID, next UseState, refusal string) error {
	action := identity.AgendaPeople
	if next == UseBooked || next == UseRefused {
		action = identity.AgendaEdit
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		u, err := useByID(ctx, tx, use)
		if fault.Is(err, fault.NotFound) {
			return identity.NotFound()
		}
		if err != nil {
			return err
		}
		b, uses, err := s.lockUses(ctx, tx, by, action, u.Bundle)
		if err != nil {
			return err
		}
		return s.usesBecome(ctx, tx, by, b, uses, next, refusal)
	})
}

// lockUses locks what was taken together, and reads it.
func (s *Service) lockUses(ctx context.Context, tx *db.Tx, by identity.Actor, action identity.Action, of BundleID) (bundle, []Use, error) {
	b := bundle{id: of}
	uses, err := usesOfBundle(ctx, tx, of)
	if err != nil {
		return b, nil, err
	}
	if b.Members, err = membersOf(ctx, tx, of); err != nil {
		return b, nil, err
	}
	var roots []ResourceID
	for _, u := range uses {
		r, err := s.resourceFor(ctx, tx, by, action, u.Resource)
		if err != nil {
			return b, nil, err
		}
		b.resources, roots = append(b.resources, r), append(roots, r.root)
	}
	if err := s.lock(ctx, tx, &b, roots); err != nil {
		return b, nil, err
	}
	uses, err = usesOfBundle(ctx, tx, of) // as it stands now that nobody else decides
	b.From, b.To, b.Occurrence = uses[0].Start, uses[0].End, uses[0].Occurrence
	return b, uses, err
}

// usesBecome gives the uses of a locked bundle their next state, and refuses those who asked for what is no longer free.
func (s *Service) usesBecome(ctx context.Context, tx *db.Tx, by identity.Actor, b bundle, uses []Use, next UseState, refusal string) error {
	if uses[0].State == next {
		return nil
	}
	if !slices.Contains(useAfter[uses[0].State], next) {
		return fault.New(fault.Conflict, "agenda.use_over")
	}
	if takes := uses[0].State == UseAsked && next == UseBooked || uses[0].State == UseReleased; takes {
		if err := s.isFree(ctx, tx, b); err != nil {
			return err
		}
	}
	for i, u := range uses { // in the order of the resources of b
		if err := setUse(ctx, tx, u.ID, next, refusal, string(by.Audit()), s.now()); err != nil {
			return err
		}
		if next == UseBooked {
			if err := s.releaseLater(ctx, tx, b.resources[i], u); err != nil {
				return err
			}
		}
	}
	if next == UseBooked {
		if err := s.refuseRivals(ctx, tx, by, b); err != nil {
			return err
		}
	}
	if next == UseCheckedIn && uses[0].Person != "" {
		if err := s.persons.SeenTx(ctx, tx, uses[0].Person); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, by.Audit(), "agenda.use", "use", string(uses[0].ID))
}

// refuseRivals refuses those who asked for what a bundle has now.
func (s *Service) refuseRivals(ctx context.Context, tx *db.Tx, by identity.Actor, b bundle) error {
	for _, r := range b.resources {
		asked, err := usesIn(ctx, tx, r.root, b.From.Add(-r.Buffer), b.To.Add(r.Buffer), askedUses)
		if err != nil {
			return err
		}
		for _, u := range asked {
			if u.Bundle == b.id || !blocks(b.trees[r.root], u.Resource, r.ID) || !meets(b.From, b.To, u.Start, u.End, r.Buffer) {
				continue
			}
			together, err := usesOfBundle(ctx, tx, u.Bundle)
			if err != nil {
				return err
			}
			for _, one := range together {
				if err := setUse(ctx, tx, one.ID, UseRefused, rivalRefusal, string(by.Audit()), s.now()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// rivalRefusal is why whoever asked second is refused, as the team reads it.
const rivalRefusal = "Une autre demande a été acceptée à cette heure."

// release frees a resource whose booking nobody came to, with what was taken together; it may be called twice.
func (s *Service) release(ctx context.Context, use UseID) error {
	err := s.bundleBecomes(ctx, identity.TheSystem(), use, UseReleased, "")
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return nil // somebody came, or it is gone
	}
	return err
}

// freeUsesTx takes back, in the caller's transaction, what was taken for a date that does not take place then.
func (s *Service) freeUsesTx(ctx context.Context, tx *db.Tx, of ID, by audit.Actor) error {
	uses, err := usesFor(ctx, tx, of)
	if err != nil {
		return err
	}
	return s.cancelUses(ctx, tx, uses, by)
}

// freePersonTx takes back, in the caller's transaction, what is booked for a person who is erased.
func (s *Service) freePersonTx(ctx context.Context, tx *db.Tx, who person.ID) error {
	uses, err := usesOfPerson(ctx, tx, who)
	if err != nil {
		return err
	}
	return s.cancelUses(ctx, tx, uses, audit.System)
}

func (s *Service) cancelUses(ctx context.Context, tx *db.Tx, uses []Use, by audit.Actor) error {
	for _, u := range uses {
		if err := setUse(ctx, tx, u.ID, UseCancelled, "", string(by), s.now()); err != nil {
			return err
		}
	}
	return nil
}

// mainCommune is where the territory looks around: its holidays are those of the rooms.
func (s *Service) mainCommune() string { return s.territory.Site("").MainCommune }
