package agenda_test

import (
	"slices"
	"sync"
	"testing"

	"viaduc/internal/agenda"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// callers is how many people want the same seat at once.
const callers = 50

// storm lets every caller do at once, each on one of the nodes in turn, and returns what each was answered.
func storm(nodes []*world, do func(w *world, n int) (agenda.Claim, error)) ([]agenda.Claim, []error) {
	claims, errs := make([]agenda.Claim, callers), make([]error, callers)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range callers {
		done.Go(func() {
			start.Wait()
			claims[i], errs[i] = do(nodes[i%len(nodes)], i)
		})
	}
	start.Done()
	done.Wait()
	return claims, errs
}

func nodesOf(t *testing.T, list []*db.DB) []*world {
	t.Helper()
	first := newWorld(t, list[0])
	nodes := []*world{first}
	for _, d := range list[1:] {
		n := newNode(t, d, first.clock)
		n.reload()
		nodes = append(nodes, n)
	}
	return nodes
}

// Fifty people want the last seat, through one node and through two: one has it, those who chose to wait stand in the
// order in which the server took them, without a gap.
func TestFiftyCallersForTheLastSeat(t *testing.T) {
	for _, count := range []int{1, 2} {
		testkit.EachEngineNodes(t, count, func(t *testing.T, list []*db.DB) {
			nodes := nodesOf(t, list)
			w := nodes[0]
			_, dates := w.add(workshop(3))
			w.mustBook(dates[0].ID, 98)
			w.mustBook(dates[0].ID, 99)
			claims, errs := storm(nodes, func(w *world, n int) (agenda.Claim, error) {
				return w.book(dates[0].ID, n, func(in *agenda.NewBooking) { in.Wait = n%2 == 0 })
			})
			booked, waiting, full := 0, []agenda.Claim(nil), 0
			for i, err := range errs {
				switch {
				case err == nil && claims[i].State == agenda.Booked:
					booked++
				case err == nil && claims[i].State == agenda.Waiting:
					waiting = append(waiting, claims[i])
				default:
					wants(t, err, "agenda.full")
					full++
				}
			}
			if booked != 1 || len(waiting)+full != callers-1 {
				t.Errorf("%d booked, %d wait, %d were told that it is full", booked, len(waiting), full)
			}
			slices.SortFunc(waiting, func(a, b agenda.Claim) int { return int(a.Turn - b.Turn) })
			for i, c := range waiting {
				if c.Turn != int64(i+1) {
					t.Fatalf("place %d of the waiting list has turn %d", i+1, c.Turn)
				}
			}
			if e := w.date(dates[0].ID); e.Taken != 3 || e.Waiting != len(waiting) || e.FreeAt(w.clock.Now()) != 0 {
				t.Errorf("%d taken, %d waiting, %d free", e.Taken, e.Waiting, e.FreeAt(w.clock.Now()))
			}
			w.recounted()
		})
	}
}

// Fifty people want the same appointment.
func TestFiftyCallersForOneSlot(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		reason, dates := w.appointments()
		_, errs := storm(nodes, func(w *world, n int) (agenda.Claim, error) {
			return w.book(dates[0].ID, n, func(in *agenda.NewBooking) { in.Reason, in.Slot, in.Wait = reason.ID, dates[0].Start, false })
		})
		if won := len(slices.DeleteFunc(errs, func(err error) bool { return err != nil })); won != 1 {
			t.Errorf("%d have the appointment", won)
		}
		w.recounted()
	})
}

// One contact books fifty dates at once: three are live.
func TestFiftyBookingsOfOneContact(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		_, dates := w.add(workshop(60))
		_, errs := storm(nodes, func(w *world, n int) (agenda.Claim, error) {
			return w.book(dates[n%len(dates)].ID, 1, func(in *agenda.NewBooking) { in.Who.Name = guest(n).Name })
		})
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !fault.Is(err, fault.TooMany):
				t.Error(err)
			}
		}
		if won != 3 {
			t.Errorf("%d live bookings", won)
		}
	})
}

// The same booking sent fifty times is one: a person has one seat.
func TestTheSameBookingFiftyTimes(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		_, dates := w.add(workshop(60))
		_, errs := storm(nodes, func(w *world, _ int) (agenda.Claim, error) { return w.book(dates[0].ID, 7) })
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.TooMany) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("one person has %d seats", won)
		}
	})
}

// An offer is said yes to by fifty clicks, while its hold runs out: one seat at most is given.
func TestAnOfferIsTakenOnce(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		_, dates := w.add(workshop(1))
		first := w.mustBook(dates[0].ID, 1)
		second, third := w.mustBook(dates[0].ID, 2), w.mustBook(dates[0].ID, 3)
		if err := w.CancelFor(t.Context(), w.mediator, first.ID); err != nil {
			t.Fatal(err)
		}
		held := w.state(second)
		if held.State != agenda.Held {
			t.Fatalf("the second one is %s", held.State)
		}
		w.clock.Move(held.HeldUntil.Sub(w.clock.Now()))
		_, errs := storm(nodes, func(w *world, _ int) (agenda.Claim, error) {
			return agenda.Claim{}, w.AcceptFor(w.t.Context(), nodes[0].mediator, second.ID)
		})
		for _, err := range errs {
			if err == nil || !fault.Is(err, fault.Conflict) {
				t.Errorf("an offer that ran out: %v", err)
			}
		}
		if err := w.Pass(t.Context(), dates[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := w.state(third).State; got != agenda.Held {
			t.Errorf("the third one is %s", got)
		}
		w.recounted()
	})
}
