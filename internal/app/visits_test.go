package app_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place"
)

// A stop of a tour is a dated place: its coming dates stand for the hours that it has not, in lists, on its page, in the national
// export; and importing that export again turns no date into hours.
func TestAStopIsADatedPlace(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		var stop *place.Entry
		for _, e := range n.Places.Index().Entries() {
			if e.Place.Hours == "" && e.Status == place.Published {
				stop = e
				break
			}
		}
		if stop == nil {
			t.Fatal("every place of the example has hours")
		}
		if _, ok := stop.StatusAt(n.Clock.Now()); ok {
			t.Fatal("it is known when it opens")
		}
		before := exported(t, n)
		by := identity.Actor{Kind: identity.System}
		series, err := n.Agenda.AddSeries(t.Context(), by, agenda.NewSeries{
			Mode: agenda.WalkIn, Title: "Le bus (exemple)", Where: agenda.Where{Place: stop.ID, Commune: stop.CommuneCode},
			Pattern: recur.Pattern{Rule: recur.EveryWeek(1, time.Thursday), Starts: recur.Date{Year: 2026, Month: time.May, Day: 7}, Until: recur.Date{Year: 2026, Month: time.July, Day: 2}, Minute: 600, Length: 120, Zone: n.Clock.Now().Location()},
		}, agenda.Published)
		if err != nil {
			t.Fatal(err)
		}
		n.Reload()
		now, _ := n.Places.Index().Shown(stop.ID)
		_, ok := now.StatusAt(time.Date(2026, 5, 7, 10, 30, 0, 0, n.Clock.Now().Location()))
		if !ok || now.Place.Hours != "" {
			t.Fatalf("%v, hours %q", ok, now.Place.Hours)
		}
		if _, body := n.Get(n.PlacePath(int64(stop.Number))); !strings.Contains(body, "Les prochaines dates ici") || !strings.Contains(body, "jeudi") {
			t.Error("its page does not say when")
		}
		file := exported(t, n)
		dates := regexp.MustCompile(`2026 May 07 10:00-12:00; 2026 May 21 10:00-12:00; 2026 May 28`) // the 14th is Ascension Day
		if !dates.MatchString(file) || file == before {
			t.Error("the export has no date")
		}
		rep, err := n.Places.Import(t.Context(), identity.AtCLI(), strings.NewReader(file), place.ImportOptions{})
		if err != nil || rep.Created+rep.Updated > 0 {
			t.Errorf("importing the export again: %s, %v", rep.Counts, err)
		}
		if err := n.Agenda.EndSeries(t.Context(), by, series.ID, "Fini"); err != nil {
			t.Fatal(err)
		}
		n.Reload()
		if again := exported(t, n); again != before {
			t.Error("the dates stay after the tour has ended")
		}
		now, _ = n.Places.Index().Shown(stop.ID)
		if _, ok := now.StatusAt(n.Clock.Now()); ok {
			t.Error("it still opens")
		}
	})
}

func exported(t *testing.T, n *apptest.Node) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := n.Places.ExportCSV(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
