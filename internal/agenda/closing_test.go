package agenda_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// closingID is a closing as a device would number it.
func closingID(n int) string { return fmt.Sprintf("0190f3a0-0000-7000-8000-%012d", n) }

// begin moves the clock to some minutes after the start of a date.
func (w *world) begin(of *agenda.Entry, after time.Duration) {
	w.clock.Move(of.Start.Add(after).Sub(w.clock.Now()))
}

func (w *world) closing(of agenda.ID) agenda.Closing {
	w.t.Helper()
	c, ok, err := w.ClosingOf(w.t.Context(), w.mediator, of)
	if err != nil || !ok {
		w.t.Fatalf("closed: %v, %v", ok, err)
	}
	return c
}

func TestADateIsClosedInOneGo(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(10))
		of := dates[0].ID
		came, partly, missed := w.mustBook(of, 1), w.mustBook(of, 2), w.mustBook(of, 3)
		c := agenda.Closing{
			ID: closingID(1), Occurrence: of, Marks: map[agenda.ClaimID]agenda.ClaimState{came.ID: agenda.Attended, partly.ID: agenda.Partly, missed.ID: agenda.NoShow},
			Heads: 10, Counts: map[agenda.CountKind]int{agenda.FirstTime: 4, agenda.Over60: 6}, Note: "Le wifi  a tenu.",
		}
		wants(t, w.Close(t.Context(), w.mediator, c), "agenda.not_begun")
		w.begin(dates[0], time.Hour)
		if _, err := w.Count(t.Context(), w.mediator, of, closingID(90), 1); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(t.Context(), w.helper, c); !fault.Is(err, fault.NotFound) {
			t.Errorf("another structure: %v", err)
		}
		for range 2 { // sent twice
			if err := w.Close(t.Context(), w.mediator, c); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.closing(of); got.Heads != 10 || got.Counts[agenda.FirstTime] != 4 || got.Counts[agenda.Over60] != 6 || got.Note != "Le wifi a tenu." || len(got.Marks) != 3 || got.Marks[partly.ID] != agenda.Partly {
			t.Errorf("%+v", got)
		}
		day, err := w.Attendance(t.Context(), w.mediator, dates[0].Number)
		if err != nil || day.Heads != 10 || day.State != agenda.Closed {
			t.Errorf("%d heads, %s, %v", day.Heads, day.State, err)
		}
		_, err = w.Count(t.Context(), w.mediator, of, closingID(91), 1)
		wants(t, err, "agenda.is_closed")
		w.recounted()

		// The second says it better: the count is brought down, the first stays readable.
		c.ID, c.Heads, c.Counts, c.Marks = closingID(2), 7, nil, map[agenda.ClaimID]agenda.ClaimState{missed.ID: agenda.Attended}
		if err := w.Close(t.Context(), w.mediator, c); err != nil {
			t.Fatal(err)
		}
		if got := w.closing(of); got.Heads != 7 || len(got.Counts) != 0 || got.Marks[missed.ID] != agenda.Attended {
			t.Errorf("%+v", got)
		}
		if list, err := w.Closings(t.Context(), w.mediator, of); err != nil || len(list) != 2 || list[0].Heads != 10 {
			t.Errorf("%v, %v", list, err)
		}
		w.recounted()

		// Opened again, it takes taps; the closing after that counts them in.
		w.clock.Move(time.Minute)
		if err := w.SetState(t.Context(), w.mediator, of, agenda.InProgress); err != nil {
			t.Fatal(err)
		}
		if n, err := w.Count(t.Context(), w.mediator, of, closingID(92), 1); err != nil || n != 8 {
			t.Errorf("%d, %v", n, err)
		}
		w.recounted()
	})
}

func TestWhatIsWrongWithAClosing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(10))
		of, off := dates[0].ID, dates[1].ID
		here, elsewhere := w.mustBook(of, 1), w.mustBook(off, 2)
		w.begin(dates[0], time.Hour)
		for field, edit := range map[string]func(*agenda.Closing){
			"id": func(c *agenda.Closing) { c.ID = "1" }, "heads": func(c *agenda.Closing) { c.Heads = 501 }, "first": func(c *agenda.Closing) { c.Heads, c.Counts = 2, map[agenda.CountKind]int{agenda.FirstTime: 3} },
			"older": func(c *agenda.Closing) {
				c.Heads, c.Counts = 3, map[agenda.CountKind]int{agenda.Under25: 2, agenda.Over60: 2}
			},
			"counts": func(c *agenda.Closing) { c.Counts = map[agenda.CountKind]int{"dogs": 0} }, "note": func(c *agenda.Closing) { c.Note = strings.Repeat("é", 501) },
			"mark": func(c *agenda.Closing) { c.Marks = map[agenda.ClaimID]agenda.ClaimState{here.ID: agenda.Withdrawn} },
		} {
			c := agenda.Closing{ID: closingID(1), Occurrence: of}
			edit(&c)
			if f, ok := fault.As(w.Close(t.Context(), w.mediator, c)); !ok || f.Kind != fault.Invalid || f.Fields[field].Key == "" {
				t.Errorf("%s: %v", field, f)
			}
		}
		// A mark of somebody of another date undoes the whole.
		err := w.Close(t.Context(), w.mediator, agenda.Closing{ID: closingID(1), Occurrence: of, Heads: 3, Marks: map[agenda.ClaimID]agenda.ClaimState{here.ID: agenda.Attended, elsewhere.ID: agenda.Attended}})
		wants(t, err, "agenda.claim_conflict")
		if _, ok, err := w.ClosingOf(t.Context(), w.mediator, of); ok || err != nil || w.state(here).State != agenda.Booked {
			t.Errorf("half of it was done: %v, %v, %s", ok, err, w.state(here).State)
		}
		if err := w.CancelDate(t.Context(), w.manager, off, "La salle est prise"); err != nil {
			t.Fatal(err)
		}
		wants(t, w.Close(t.Context(), w.mediator, agenda.Closing{ID: closingID(1), Occurrence: off}), "agenda.is_cancelled")
	})
}

// Fifty callers close a date at once, through two nodes, each closing sent by two of them: the rows say what the last closing says.
func TestFiftyCallersCloseADate(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		_, dates := w.add(workshop(10))
		w.begin(dates[0], time.Hour)
		_, errs := storm(nodes, func(node *world, n int) (agenda.Claim, error) {
			return agenda.Claim{}, node.Close(context.WithoutCancel(t.Context()), w.mediator, agenda.Closing{ID: closingID(n / 2), Occurrence: dates[0].ID, Heads: n / 2})
		})
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		day, err := w.Attendance(t.Context(), w.mediator, dates[0].Number)
		if got := w.closing(dates[0].ID); err != nil || got.Heads != day.Heads {
			t.Errorf("%d said, %d in rows, %v", got.Heads, day.Heads, err)
		}
		if list, err := w.Closings(t.Context(), w.mediator, dates[0].ID); err != nil || len(list) != callers/2 {
			t.Errorf("%d closings, %v", len(list), err)
		}
		w.recounted()
	})
}

func TestANoteIsForgottenAndTheCountsStay(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(10))
		w.begin(dates[0], time.Hour)
		c := agenda.Closing{ID: closingID(1), Occurrence: dates[0].ID, Heads: 5, Counts: map[agenda.CountKind]int{agenda.Under25: 2}, Note: "Prévoir une rallonge."}
		if err := w.Close(t.Context(), w.mediator, c); err != nil {
			t.Fatal(err)
		}
		old, err := w.ClosingsBefore(t.Context(), d, dates[0].End.Add(time.Minute), agenda.Old{}, 10)
		if err != nil || len(old) != 1 {
			t.Fatalf("%v, %v", old, err)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := w.ForgetClosingsTx(ctx, tx, old[0].ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.closing(dates[0].ID); got.Note != "" || got.Heads != 5 || got.Counts[agenda.Under25] != 2 {
			t.Errorf("%+v", got)
		}
		if old, err := w.ClosingsBefore(t.Context(), d, dates[0].End.Add(time.Minute), agenda.Old{}, 10); err != nil || len(old) != 0 {
			t.Errorf("again: %v, %v", old, err)
		}
		w.recounted()
		if _, _, err := w.ClosingOf(t.Context(), identity.Nobody(), dates[0].ID); err == nil {
			t.Error("anybody reads it")
		}
	})
}
