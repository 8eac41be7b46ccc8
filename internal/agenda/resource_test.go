package agenda_test

import (
	"errors"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// rooms is a room with four desks, released after fifteen minutes, and another room beside it.
func (w *world) rooms() (room agenda.Resource, desks []agenda.Resource, other agenda.Resource) {
	w.t.Helper()
	add := func(r agenda.Resource) agenda.Resource {
		w.t.Helper()
		r.Release = 15 * time.Minute
		added, err := w.AddResource(w.t.Context(), w.manager, r)
		if err != nil {
			w.t.Fatal(err)
		}
		return added
	}
	room = add(agenda.Resource{Name: "Salle bleue", Kind: agenda.Room})
	for _, name := range []string{"Poste 1", "Poste 2", "Poste 3", "Poste 4"} {
		desks = append(desks, add(agenda.Resource{Name: name, Kind: agenda.Desk, Parent: room.ID}))
	}
	return room, desks, add(agenda.Resource{Name: "Salle verte", Kind: agenda.Room})
}

func TestARoomBlocksItsDesksAndTheReverse(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		room, desks, other := w.rooms()
		book := func(of agenda.Resource, from, to string, n int) error {
			_, err := w.BookResource(t.Context(), w.mediator, of.ID, at(from), at(to), guest(n))
			return err
		}
		if err := book(room, "2026-05-05 10:00", "2026-05-05 12:00", 1); err != nil {
			t.Fatal(err)
		}
		wants(t, book(desks[0], "2026-05-05 11:00", "2026-05-05 11:30", 2), "agenda.resource_taken")
		wants(t, book(room, "2026-05-05 11:59", "2026-05-05 13:00", 2), "agenda.resource_taken")
		for n, of := range []agenda.Resource{desks[0], desks[1], other} {
			if err := book(of, "2026-05-05 12:00", "2026-05-05 13:00", 3+n); err != nil {
				t.Errorf("%s: %v", of.Name, err)
			}
		}
		wants(t, book(room, "2026-05-05 12:30", "2026-05-05 14:00", 2), "agenda.resource_taken")
		if f, ok := fault.As(book(other, "2026-05-05 12:00", "2026-05-05 11:00", 2)); !ok || f.Fields["from"].Key == "" {
			t.Error("it ends before it begins")
		}
		if _, err := w.BookResource(t.Context(), w.helper, room.ID, at("2026-05-06 10:00"), at("2026-05-06 11:00"), guest(9)); !fault.Is(err, fault.NotFound) {
			t.Errorf("another structure: %v", err)
		}
		if uses, err := w.Uses(t.Context(), w.mediator, at("2026-05-05 00:00"), at("2026-05-06 00:00")); err != nil || len(uses) != 4 || uses[0].Resource.Name != "Salle bleue" {
			t.Errorf("%v, %v", uses, err)
		}
	})
}

func TestARoomIsReleasedWhenNobodyComes(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		room, desks, _ := w.rooms()
		missed, err := w.BookResource(t.Context(), w.mediator, room.ID, at("2026-05-05 10:00"), at("2026-05-05 12:00"), guest(1))
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Move(at("2026-05-05 10:14").Sub(w.clock.Now()))
		w.drain()
		if _, err := w.BookResource(t.Context(), w.mediator, desks[0].ID, at("2026-05-05 10:30"), at("2026-05-05 11:30"), guest(2)); !fault.Is(err, fault.Conflict) {
			t.Errorf("released too early: %v", err)
		}
		w.clock.Move(time.Minute)
		w.drain()
		came, err := w.BookResource(t.Context(), w.mediator, desks[0].ID, at("2026-05-05 10:30"), at("2026-05-05 11:30"), guest(2))
		if err != nil {
			t.Fatalf("not released: %v", err)
		}
		wants(t, w.CheckIn(t.Context(), w.mediator, missed.ID), "agenda.resource_taken") // it was released, and somebody has a desk of it since
		for range 2 {
			if err := w.CheckIn(t.Context(), w.mediator, came.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.Move(time.Hour)
		w.drain()
		if _, err := w.BookResource(t.Context(), w.mediator, room.ID, at("2026-05-05 11:20"), at("2026-05-05 12:00"), guest(3)); !fault.Is(err, fault.Conflict) {
			t.Errorf("who came lost the desk: %v", err)
		}
		if err := w.CancelUse(t.Context(), w.mediator, came.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.BookResource(t.Context(), w.mediator, room.ID, at("2026-05-05 11:20"), at("2026-05-05 12:00"), guest(3)); err != nil {
			t.Errorf("after the cancellation: %v", err)
		}
	})
}

// Fifty callers want the room or one of its four desks at the same hour, through two nodes: the room alone, or desks alone,
// each once.
func TestFiftyCallersForARoomAndItsDesks(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		room, desks, _ := w.rooms()
		all := append([]agenda.Resource{room}, desks...)
		_, errs := storm(nodes, func(node *world, n int) (agenda.Claim, error) {
			_, err := node.BookResource(w.t.Context(), w.mediator, all[n%len(all)].ID, at("2026-05-05 10:00"), at("2026-05-05 12:00"), guest(n))
			return agenda.Claim{}, err
		})
		for _, err := range errs {
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(errors.Unwrap(err), err)
			}
		}
		uses, err := w.Uses(t.Context(), w.mediator, at("2026-05-05 00:00"), at("2026-05-06 00:00"))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[agenda.ResourceID]int{}
		for _, u := range uses {
			seen[u.Resource.ID]++
		}
		if seen[room.ID] > 0 && len(seen) > 1 || len(uses) != len(seen) || len(uses) == 0 {
			t.Errorf("%d bookings: %v", len(uses), seen)
		}
	})
}

func TestAResourceStandsInAnotherOfTheSameStructure(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		room, _, _ := w.rooms()
		stranger := w.staff("Fanta", identity.Manager, w.helper.Organisation)
		for field, r := range map[string]agenda.Resource{
			"name": {Kind: agenda.Desk}, "kind": {Name: "x", Kind: "boat"}, "release": {Name: "x", Kind: agenda.Desk, Release: 5 * time.Hour}, "parent": {Name: "x", Kind: agenda.Desk, Parent: room.ID},
		} {
			_, err := w.AddResource(t.Context(), stranger, r)
			if f, ok := fault.As(err); !ok || f.Fields[field].Key == "" {
				t.Errorf("%s: %v", field, err)
			}
		}
		if list, err := w.Resources(t.Context(), stranger); err != nil || len(list) != 0 {
			t.Errorf("another structure sees %v, %v", list, err)
		}
	})
}
