package territory_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

func TestNewsAreShownFromTheirFirstDayToTheirLast(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		for _, n := range []territory.News{
			{Title: "Passée", Body: "x", StartsOn: "2026-04-01", EndsOn: "2026-05-03"},
			{Title: "Sans fin", Body: "x", StartsOn: "2026-01-01"},
			{Title: "  Du   jour ", Body: "x", StartsOn: "2026-05-04", EndsOn: "2026-05-04"},
			{Title: "À venir", Body: "x", StartsOn: "2026-05-05"},
		} {
			if _, err := s.SaveNews(t.Context(), audit.CLI, n); err != nil {
				t.Fatal(err)
			}
		}
		shown, err := s.ShownNews(t.Context(), "2026-05-04", 10)
		if err != nil || len(shown) != 2 || shown[0].Title != "Du jour" || shown[1].Title != "Sans fin" {
			t.Errorf("shown: %+v, %v", shown, err)
		}
		if all, err := s.AllNews(t.Context(), 10); err != nil || len(all) != 4 || all[0].Number != 4 {
			t.Errorf("all: %+v, %v", all, err)
		}
	})
}

func TestNewsThatCannotBe(t *testing.T) {
	s := newService(t, testkit.SQLite(t))
	for field, n := range map[string]territory.News{
		"title":     {Title: " ", Body: "x", StartsOn: "2026-05-04"},
		"body":      {Title: "x", Body: strings.Repeat("é", 5001), StartsOn: "2026-05-04"},
		"starts_on": {Title: "x", Body: "x", StartsOn: "04/05/2026"},
		"ends_on":   {Title: "x", Body: "x", StartsOn: "2026-05-04", EndsOn: "2026-05-03"},
	} {
		_, err := s.SaveNews(t.Context(), audit.CLI, n)
		if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Fields[field].Key == "" || len(f.Fields) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Fifty people save the same news that they all read at the same version: one is first, the others are told.
func TestFiftyEditorsOfOneNews(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		n, err := s.SaveNews(t.Context(), audit.CLI, territory.News{Title: "x", Body: "x", StartsOn: "2026-05-04"})
		if err != nil {
			t.Fatal(err)
		}
		var saved, told atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				switch _, err := s.SaveNews(t.Context(), audit.CLI, n); {
				case err == nil:
					saved.Add(1)
				case fault.Is(err, fault.Conflict):
					told.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if saved.Load() != 1 || told.Load() != 49 {
			t.Errorf("%d saved, %d told", saved.Load(), told.Load())
		}
		n.ID, n.Version = "inconnue", 1
		if _, err := s.SaveNews(t.Context(), audit.CLI, n); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown news: %v", err)
		}
	})
}
