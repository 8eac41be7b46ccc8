package demo_test

import (
	"testing"

	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
)

// The season is some two hundred public dates, of every mode, with something of everything that may happen.
func TestSeason(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.Season()
		x := n.Agenda.Index()
		if x.Len() < 180 || x.Len() > 260 {
			t.Errorf("%d dates", x.Len())
		}
		seen := map[agenda.Mode]int{}
		states := map[agenda.State]int{}
		for _, f := range x.Search(agenda.Query{}) {
			seen[f.Series.Mode]++
			states[f.State]++
			if f.Spot.Name == "" {
				t.Errorf("%s is nowhere", f.Series.Title)
			}
		}
		for _, m := range agenda.Modes() {
			if seen[m] == 0 {
				t.Errorf("no %s", m.French())
			}
		}
		for _, s := range []agenda.State{agenda.Planned, agenda.Open, agenda.Cancelled, agenda.MovedTo} {
			if states[s] == 0 {
				t.Errorf("no date is %s", s)
			}
		}
		t.Logf("%d dates: %v, %v", x.Len(), seen, states)
		if out, err := n.Agenda.Recount(t.Context()); err != nil || len(out) != 0 {
			t.Errorf("%v, %v", out, err)
		}
	})
}
