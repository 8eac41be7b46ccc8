package agenda_test

import (
	"slices"
	"testing"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// Whoever works on a stop knows what to load, a volunteer who may not read the tour itself too.
func TestTheTeamOfAStopKnowsItsKit(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour, err := w.SaveTour(t.Context(), w.mediator, agenda.Tour{Name: "Tournée (exemple)", From: "2026-05-04", To: "2026-06-30", Base: ales, Kit: []string{"8 tablettes", "imprimante"}})
		if err != nil {
			t.Fatal(err)
		}
		_, stops := w.add(workshop(8, func(in *agenda.NewSeries) { in.Tour = tour.ID }))
		_, others := w.add(workshop(8))
		volunteer := w.staff("Fanny", identity.Volunteer, w.mediator.Organisation)
		if _, err := w.Tour(t.Context(), volunteer, tour.ID); err == nil {
			t.Error("a volunteer reads the tour: the test shows nothing")
		}
		day, err := w.Attendance(t.Context(), volunteer, stops[0].Number)
		if err != nil || day.Tour != tour.Name || !slices.Equal(day.Kit, tour.Kit) {
			t.Errorf("%v, %q %q", err, day.Tour, day.Kit)
		}
		day, err = w.Attendance(t.Context(), volunteer, others[0].Number)
		if err != nil || day.Tour != "" || day.Kit != nil {
			t.Errorf("no tour: %v, %q %q", err, day.Tour, day.Kit)
		}
		if _, err := w.Attendance(t.Context(), w.partner, stops[0].Number); !fault.Is(err, fault.NotFound) {
			t.Errorf("another structure: %v", err)
		}
	})
}
