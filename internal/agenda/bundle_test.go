package agenda_test

import (
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// thirdPlace is two rooms with desks, a machine in one of them, and laptops.
type thirdPlace struct {
	blue, green, machine agenda.Resource
	desks, laptops       []agenda.Resource
}

func (w *world) resource(r agenda.Resource) agenda.Resource {
	w.t.Helper()
	added, err := w.AddResource(w.t.Context(), w.manager, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return added
}

func (w *world) thirdPlace() thirdPlace {
	w.t.Helper()
	p := thirdPlace{blue: w.resource(agenda.Resource{Name: "Salle bleue", Kind: agenda.Room}), green: w.resource(agenda.Resource{Name: "Salle verte", Kind: agenda.Room})}
	p.machine = w.resource(agenda.Resource{Name: "Découpe laser", Kind: agenda.Device, Parent: p.green.ID})
	for _, name := range []string{"Poste 1", "Poste 2", "Poste 3"} {
		p.desks = append(p.desks, w.resource(agenda.Resource{Name: name, Kind: agenda.Desk, Parent: p.blue.ID}))
	}
	for _, name := range []string{"Portable 1", "Portable 2", "Portable 3", "Portable 4"} {
		p.laptops = append(p.laptops, w.resource(agenda.Resource{Name: name, Kind: agenda.Laptop}))
	}
	return p
}

// wanting is a bundle on Tuesday 5 May, for the team's own.
func wanting(from, to string, laptops int, members []identity.AccountID, resources ...agenda.Resource) agenda.NewBundle {
	in := agenda.NewBundle{From: at("2026-05-05 " + from), To: at("2026-05-05 " + to), Laptops: laptops, Members: members, Purpose: "Atelier (exemple)"}
	for _, r := range resources {
		in.Resources = append(in.Resources, r.ID)
	}
	return in
}

func TestABundleIsAllOrNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.thirdPlace()
		mediator := []identity.AccountID{w.mediator.Account}
		book := func(in agenda.NewBundle) ([]agenda.Use, error) { return w.BookBundle(t.Context(), w.mediator, in) }
		field := func(err error, name, key string) {
			t.Helper()
			if f, ok := fault.As(err); !ok || f.Fields[name].Key != key {
				t.Errorf("got %v, want %s on %s", err, key, name)
			}
		}
		uses, err := book(wanting("10:00", "12:00", 3, mediator, p.blue))
		if err != nil || len(uses) != 4 {
			t.Fatalf("%d uses, %v", len(uses), err)
		}
		_, err = book(wanting("11:00", "13:00", 2, nil, p.green))
		field(err, "laptops", "agenda.laptops_short")
		_, err = book(wanting("11:00", "13:00", 0, mediator, p.green))
		field(err, "members", "agenda.member_busy")
		_, err = book(wanting("11:00", "13:00", 1, nil, p.green, p.desks[0]))
		field(err, "resources", "agenda.resource_taken")
		_, err = book(wanting("13:00", "14:00", 0, nil, p.green, p.machine))
		field(err, "resources", "agenda.bundle_twice")
		_, err = book(wanting("13:00", "14:00", 0, nil))
		field(err, "resources", "agenda.resource_unknown")
		_, err = book(wanting("13:00", "14:00", 0, []identity.AccountID{w.helper.Account}, p.green))
		field(err, "members", "agenda.member_unknown") // of another structure
		all, err := w.Uses(t.Context(), w.mediator, at("2026-05-05 00:00"), at("2026-05-06 00:00"))
		if err != nil || len(all) != 4 {
			t.Errorf("what was refused left %d uses, %v", len(all), err)
		}
		if len(all[0].Members) != 1 || all[0].Members[0] != w.mediator.Account {
			t.Errorf("who is taken with it: %v", all[0].Members)
		}
		// One is cancelled, and all go.
		if err := w.CancelUse(t.Context(), w.mediator, uses[3].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := book(wanting("11:00", "13:00", 4, mediator, p.green, p.desks[0])); err != nil {
			t.Errorf("after the cancellation: %v", err)
		}
		w.recounted()
		// Who is away is not free for a room.
		w.note(w.manager, agenda.Absence{Account: w.manager.Account, Kind: agenda.OnLeave, From: date("2026-05-05"), To: date("2026-05-05"), ToMinute: 1440, Zone: paris})
		_, err = book(wanting("13:00", "14:00", 0, []identity.AccountID{w.manager.Account}, p.blue))
		field(err, "members", "agenda.member_busy")
		// A mediator on a date is not free for a room.
		w.add(workshop(5, func(in *agenda.NewSeries) {
			in.Pattern.Rule, in.Pattern.Starts, in.Pattern.Until, in.Members = "", date("2026-05-05"), date("2026-05-05"), mediator
		}))
		_, err = book(wanting("15:00", "17:00", 0, mediator, p.blue))
		field(err, "members", "agenda.member_busy")
	})
}

// A yes is given to what can still be had, people of the team too; what was said yes to is released like the rest when nobody comes.
func TestAYesTakesWhatIsFree(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		blue := w.resource(agenda.Resource{Name: "Salle bleue", Kind: agenda.Room, Release: 15 * time.Minute, Asks: agenda.Asks{Approval: true}})
		green := w.resource(agenda.Resource{Name: "Salle verte", Kind: agenda.Room, Asks: agenda.Asks{Approval: true}})
		volunteer := w.staff("Gaspard", identity.Volunteer, w.mediator.Organisation)
		ask := func(r agenda.Resource) agenda.Use {
			t.Helper()
			uses, err := w.BookBundle(t.Context(), volunteer, wanting("10:00", "12:00", 0, []identity.AccountID{w.mediator.Account}, r))
			if err != nil || uses[0].State != agenda.UseAsked {
				t.Fatalf("%v, %v", uses, err)
			}
			return uses[0]
		}
		first, second := ask(blue), ask(green)
		if err := w.AcceptUse(t.Context(), w.manager, first.ID); err != nil {
			t.Fatal(err)
		}
		if f, ok := fault.As(w.AcceptUse(t.Context(), w.manager, second.ID)); !ok || f.Fields["members"].Key != "agenda.member_busy" {
			t.Errorf("somebody is taken twice: %v", f)
		}
		w.clock.Move(at("2026-05-05 10:15").Sub(w.clock.Now()))
		w.drain()
		uses, err := w.Uses(t.Context(), w.manager, at("2026-05-05 00:00"), at("2026-05-06 00:00"))
		if err != nil || uses[0].State != agenda.UseReleased || uses[1].State != agenda.UseAsked {
			t.Errorf("%v, %v", uses, err)
		}
		w.recounted()
	})
}

// Fifty callers want bundles that overlap in every way, through two nodes: whoever has something has all of it, nothing is taken twice, and
// nobody waits for ever.
func TestFiftyCallersForBundles(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		p := w.thirdPlace()
		crew := []identity.AccountID{w.mediator.Account, w.manager.Account}
		wants := []agenda.NewBundle{
			wanting("10:00", "12:00", 2, crew[:1], p.blue), wanting("10:00", "12:00", 2, crew[1:], p.green), wanting("11:00", "13:00", 1, crew, p.desks[0]),
			wanting("09:00", "11:00", 3, nil, p.machine, p.desks[1]), wanting("10:30", "11:30", 1, crew[1:], p.desks[2], p.green), wanting("12:00", "13:00", 4, crew[:1], p.green, p.blue),
		}
		_, errs := storm(nodes, func(node *world, n int) (agenda.Claim, error) {
			_, err := node.BookBundle(w.t.Context(), w.mediator, wants[n%len(wants)])
			return agenda.Claim{}, err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		uses, err := w.Uses(t.Context(), w.mediator, at("2026-05-05 00:00"), at("2026-05-06 00:00"))
		if err != nil {
			t.Fatal(err)
		}
		bundles, parent := map[agenda.BundleID]int{}, map[agenda.ResourceID]agenda.ResourceID{}
		for _, u := range uses {
			bundles[u.Bundle]++
			parent[u.Resource.ID] = u.Resource.Parent
		}
		if len(bundles) != won || won == 0 {
			t.Errorf("%d callers won, %d bundles stand", won, len(bundles))
		}
		for i, a := range uses {
			for _, b := range uses[:i] {
				if !a.Start.Before(b.End) || !b.Start.Before(a.End) || a.Bundle == b.Bundle {
					continue
				}
				if a.Resource.ID == b.Resource.ID || parent[a.Resource.ID] == b.Resource.ID || parent[b.Resource.ID] == a.Resource.ID {
					t.Errorf("%s and %s are taken at once", a.Resource.Name, b.Resource.Name)
				}
				for _, m := range a.Members {
					for _, o := range b.Members {
						if m == o {
							t.Error("somebody is taken twice at once")
						}
					}
				}
			}
		}
		for id, n := range bundles {
			for _, u := range uses {
				if u.Bundle != id {
					continue
				}
				whole := map[string]int{"10:00 12:00": 3, "11:00 13:00": 2, "09:00 11:00": 5, "10:30 11:30": 3, "12:00 13:00": 6}[u.Start.In(paris).Format("15:04 ")+u.End.In(paris).Format("15:04")]
				if n != whole {
					t.Errorf("a bundle from %s has %d of %d", u.Start.In(paris).Format("15:04"), n, whole)
				}
				break
			}
		}
	})
}

// What a resource asks of whoever books it.
func TestWhatAResourceAsks(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		room := w.resource(agenda.Resource{Name: "Salle bleue", Kind: agenda.Room, Asks: agenda.Asks{
			Hours: "Mo-Fr 09:00-12:00,14:00-18:00; 2026 May 07 off; 2026 May 09 10:00-12:00", Buffer: 15 * time.Minute, Least: 30 * time.Minute, Most: 2 * time.Hour, Step: 30 * time.Minute, Week: 3 * time.Hour,
		}})
		for _, c := range []struct{ from, to, field, key string }{
			{"2026-05-05 10:00", "2026-05-05 10:20", "from", "agenda.use_short"},
			{"2026-05-05 14:00", "2026-05-05 17:00", "from", "agenda.use_long"},
			{"2026-05-05 10:10", "2026-05-05 10:40", "from", "agenda.use_grid"},
			{"2026-05-05 10:00", "2026-05-05 10:45", "from", "agenda.use_grid"},
			{"2026-05-05 11:30", "2026-05-05 12:30", "from", "agenda.use_closed"},
			{"2026-05-07 10:00", "2026-05-07 11:00", "from", "agenda.use_closed"},
			{"2026-05-09 09:00", "2026-05-09 10:00", "from", "agenda.use_closed"},
			{"2026-05-09 10:00", "2026-05-09 11:00", "", ""},
			{"2026-05-05 10:00", "2026-05-05 11:00", "", ""},
			{"2026-05-05 11:00", "2026-05-05 12:00", "resources", "agenda.resource_taken"}, // within the buffer
			{"2026-05-05 11:30", "2026-05-05 12:00", "", ""},
			{"2026-05-06 10:00", "2026-05-06 11:00", "from", "agenda.week_over"}, // one hour, half an hour and one hour are there
		} {
			_, err := w.BookResource(t.Context(), w.mediator, room.ID, at(c.from), at(c.to), guest(1))
			f, ok := fault.As(err)
			if c.key == "" && err != nil || c.key != "" && (!ok || f.Fields[c.field].Key != c.key) {
				t.Errorf("%s to %s: %v, want %q", c.from, c.to, err, c.key)
			}
		}
		if _, err := w.BookResource(t.Context(), w.mediator, room.ID, at("2026-05-06 10:00"), at("2026-05-06 11:00"), guest(2)); err != nil {
			t.Errorf("somebody else, the same week: %v", err)
		}
		if _, err := w.BookResource(t.Context(), w.mediator, room.ID, at("2026-05-12 10:00"), at("2026-05-12 11:00"), guest(1)); err != nil {
			t.Errorf("the same person, the next week: %v", err)
		}
		room.Asks = agenda.Asks{Hours: "le matin", Least: time.Hour, Most: time.Minute, Step: -1, Ahead: 1000}
		_, err := w.SaveResource(t.Context(), w.manager, room)
		f, _ := fault.As(err)
		for _, field := range []string{"hours", "most", "step", "ahead"} {
			if f == nil || f.Fields[field].Key == "" {
				t.Errorf("%s is let pass: %v", field, err)
			}
		}
	})
}

// What asks for a yes is asked for: it blocks nothing, and a yes refuses whoever asked for the same.
func TestAsking(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		room := w.resource(agenda.Resource{Name: "Salle bleue", Kind: agenda.Room, Asks: agenda.Asks{Approval: true}})
		desk := w.resource(agenda.Resource{Name: "Poste 1", Kind: agenda.Desk, Parent: room.ID})
		volunteer := w.staff("Gaspard", identity.Volunteer, w.mediator.Organisation)
		ask := func(n int) agenda.Use {
			u, err := w.BookResource(t.Context(), volunteer, room.ID, at("2026-05-05 10:00"), at("2026-05-05 12:00"), guest(n))
			if err != nil || u.State != agenda.UseAsked {
				t.Fatalf("%v, %v", u, err)
			}
			return u
		}
		first, second := ask(1), ask(2)
		other, err := w.BookBundle(t.Context(), volunteer, agenda.NewBundle{Resources: []agenda.ResourceID{room.ID}, From: at("2026-05-05 13:00"), To: at("2026-05-05 14:00"), Who: person.New{Name: "Ada Exemple", Phone: "05 36 49 00 77"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.AcceptUse(t.Context(), volunteer, first.ID); err == nil {
			t.Error("who asks says yes")
		}
		for range 2 {
			if err := w.AcceptUse(t.Context(), w.manager, first.ID); err != nil {
				t.Fatal(err)
			}
		}
		wants(t, w.AcceptUse(t.Context(), w.manager, second.ID), "agenda.use_over")
		wants(t, w.RefuseUse(t.Context(), w.manager, other[0].ID, " "), "agenda.invalid")
		if err := w.RefuseUse(t.Context(), w.manager, other[0].ID, "La salle est en travaux."); err != nil {
			t.Fatal(err)
		}
		if _, err := w.BookResource(t.Context(), w.manager, desk.ID, at("2026-05-05 10:00"), at("2026-05-05 11:00"), guest(3)); !fault.Is(err, fault.Conflict) {
			t.Errorf("after the yes the desk: %v", err)
		}
		uses, err := w.Uses(t.Context(), w.manager, at("2026-05-05 00:00"), at("2026-05-06 00:00"))
		if err != nil {
			t.Fatal(err)
		}
		states := map[agenda.UseID]string{}
		for _, u := range uses {
			states[u.ID] = string(u.State) + " " + u.Refusal
		}
		if states[first.ID] != "booked " || states[second.ID] != "refused Une autre demande a été acceptée à cette heure." || states[other[0].ID] != "refused La salle est en travaux." {
			t.Errorf("%v", states)
		}
	})
}
