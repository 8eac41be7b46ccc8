package place_test

import (
	"strings"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/db"
	"viaduc/internal/testkit"
)

// School holidays that are imported while a node runs count at its next refresh, in the départements of their zone.
func TestSchoolHolidaysReachTheIndex(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		hours := `"Mo-Fr 09:00-12:00; SH Mo-Fr 14:00-18:00"`
		w.importText(t, header+",code_insee,horaires\n"+row1+",17415,"+hours+"\n"+
			"A_2,00000000000000,Médiathèque,Rennes,35000,1 place du Test,2026-01-05,35238,"+hours+"\n")
		at := time.Date(2026, 2, 10, 15, 0, 0, 0, openinghours.ZoneOf("17")) // holidays of zone A, not yet of zone B
		state := func() (inA, inB openinghours.State) {
			t.Helper()
			x := w.refresh(t)
			a, ok1 := x.Place(1)
			b, ok2 := x.Place(2)
			if !ok1 || !ok2 {
				t.Fatal("a place is not in the index")
			}
			return a.Hours().At(a.Locale(), at), b.Hours().At(b.Locale(), at)
		}
		if a, b := state(); a != openinghours.Closed || b != openinghours.Closed {
			t.Errorf("without a calendar: %s and %s", a, b)
		}
		file := "zone,name,start,end_inclusive\nZone A,Hiver,2026-02-08,2026-02-22\nZone B,Hiver,2026-02-15,2026-03-01\n"
		if _, err := w.ground.ImportSchoolHolidays(t.Context(), audit.CLI, strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		if a, b := state(); a != openinghours.Open || b != openinghours.Closed {
			t.Errorf("with a calendar: %s in zone A and %s in zone B", a, b)
		}
	})
}
