package agenda_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/audit"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// shift adds a shift of the first structure on Thursday 7 May, from one hour to another.
func (w *world) shift(from, to, needed int, edit ...func(*agenda.Shift)) agenda.Shift {
	w.t.Helper()
	in := agenda.Shift{Role: "Accueil", Venue: "Salle bleue", On: date("2026-05-07"), Minute: from * 60, Length: (to - from) * 60, Zone: paris, Needed: needed}
	for _, e := range edit {
		e(&in)
	}
	out, err := w.AddShift(w.t.Context(), w.manager, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// shifts are those of the week.
func (w *world) shifts() []agenda.TeamShift {
	w.t.Helper()
	list, err := w.Shifts(w.t.Context(), w.mediator, at("2026-05-04 00:00"), at("2026-05-11 00:00"))
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestOneOfFiftyTakesTheLastPlaceOfAShift(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		shift := w.shift(14, 17, 2)
		if err := w.SignUp(t.Context(), w.mediator, shift.ID, guest(99)); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		var all sync.WaitGroup
		for n := range 50 {
			all.Go(func() {
				err := w.SignUp(t.Context(), w.mediator, shift.ID, guest(n))
				if err == nil {
					won.Add(1)
					return
				}
				wants(t, err, "agenda.shift_full")
			})
		}
		all.Wait()
		if list := w.shifts(); won.Load() != 1 || len(list[0].Entries) != 2 || list[0].Missing != 0 {
			t.Errorf("%d won, %+v", won.Load(), list)
		}
	})
}

func TestNobodyIsOnTwoShiftsAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		shifts := []agenda.Shift{w.shift(14, 17, 3), w.shift(16, 18, 3)}
		next := w.shift(18, 19, 1)
		if err := w.SignUp(t.Context(), w.mediator, next.ID, guest(1)); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		var all sync.WaitGroup
		for n := range 30 {
			all.Go(func() {
				if err := w.SignUp(t.Context(), w.mediator, shifts[n%2].ID, guest(1)); err == nil {
					won.Add(1)
				} else {
					wants(t, err, "agenda.shift_same_time")
				}
			})
		}
		all.Wait()
		if n := won.Load(); n != 15 { // each time on the same one, which is once
			t.Errorf("%d won", n)
		}
		on := 0
		for _, s := range w.shifts() {
			on += len(s.Entries)
		}
		if on != 2 {
			t.Errorf("on %d shifts", on)
		}
	})
}

func TestAShiftAsksForAnAuthorisation(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		shift := w.shift(14, 17, 3, func(s *agenda.Shift) { s.Skill = "Découpe laser" })
		wants(t, w.SignUp(t.Context(), w.mediator, shift.ID, guest(1)), "agenda.shift_skill")
		if list := w.shifts(); len(list[0].Entries) != 0 {
			t.Error("she is on it")
		}
		var who person.Person
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
			in := guest(1)
			in.Organisation = w.mediator.Organisation
			in, err = in.Check()
			if err == nil {
				who, err = w.persons.MeetTx(ctx, tx, audit.CLI, in)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Authorise(t.Context(), w.mediator, who.ID, "Découpe laser", "2027-01-01"); err != nil {
			t.Fatal(err)
		}
		if err := w.SignUp(t.Context(), w.mediator, shift.ID, guest(1)); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoCameOnAShift(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		shift := w.shift(14, 17, 3)
		for n := range 3 {
			if err := w.SignUp(t.Context(), w.mediator, shift.ID, guest(n)); err != nil {
				t.Fatal(err)
			}
		}
		on := w.shifts()[0].Entries
		mark := func(i int, next agenda.ShiftState, minutes int) error {
			return w.MarkShift(t.Context(), w.mediator, shift.ID, on[i].Volunteer, next, minutes)
		}
		wants(t, mark(0, agenda.Came, 60), "agenda.shift_early")
		for range 2 {
			if err := mark(2, agenda.TakenBack, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SignUp(t.Context(), w.mediator, shift.ID, guest(2)); err != nil {
			t.Errorf("who withdrew comes back: %v", err)
		}
		w.clock.Move(at("2026-05-07 15:00").Sub(w.clock.Now()))
		if f, ok := fault.As(mark(0, agenda.Came, 0)); !ok || f.Fields["minutes"].Key == "" {
			t.Error("came for no time")
		}
		for _, minutes := range []int{180, 150, 150} {
			if err := mark(0, agenda.Came, minutes); err != nil {
				t.Fatal(err)
			}
		}
		if err := mark(1, agenda.DidNot, 0); err != nil {
			t.Fatal(err)
		}
		wants(t, mark(1, agenda.TakenBack, 0), "agenda.shift_over")
		states := map[agenda.ShiftState]int{}
		for _, e := range w.shifts()[0].Entries {
			states[e.State] += 1 + e.Minutes
		}
		if states[agenda.Came] != 151 || states[agenda.DidNot] != 1 || states[agenda.SignedUp] != 1 {
			t.Errorf("%v", states)
		}
		w.clock.Move(24 * time.Hour)
		wants(t, w.SignUp(t.Context(), w.mediator, shift.ID, guest(7)), "agenda.shift_over")
		if err := w.SignUp(t.Context(), w.helper, shift.ID, guest(8)); err == nil {
			t.Error("another structure signs up")
		}
	})
}

func TestAVolunteerIsForgotten(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		shift := w.shift(14, 17, 1)
		if err := w.SignUp(t.Context(), w.mediator, shift.ID, guest(1)); err != nil {
			t.Fatal(err)
		}
		who := w.shifts()[0].Entries[0].Person
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.ForgetPersonTx(ctx, tx, who) })
		if list := w.shifts(); err != nil || len(list[0].Entries) != 0 || list[0].Missing != 1 {
			t.Fatalf("%v, %+v", err, list)
		}
		if err := w.SignUp(t.Context(), w.mediator, shift.ID, guest(2)); err != nil {
			t.Fatal(err)
		}
		old, err := w.ShiftsBefore(t.Context(), w.db, at("2026-05-08 10:00"), agenda.Old{}, 10)
		if err != nil || len(old) != 1 {
			t.Fatalf("%v, %v", old, err)
		}
		err = w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := w.ForgetShiftsTx(ctx, tx, old[0].ID)
			return err
		})
		if list := w.shifts(); err != nil || len(list[0].Entries) != 1 || list[0].Entries[0].Person != "" {
			t.Errorf("%v, %+v", err, list)
		}
		if old, err := w.ShiftsBefore(t.Context(), w.db, at("2026-05-08 10:00"), agenda.Old{}, 10); err != nil || len(old) != 0 {
			t.Errorf("%v, %v", old, err)
		}
	})
}
