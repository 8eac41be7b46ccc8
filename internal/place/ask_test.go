package place_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// silent is a world whose place had its last news on a day.
func silent(t *testing.T, d *db.DB, on string) declaring {
	t.Helper()
	w := newDeclaring(t, d)
	if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"date_maj": on}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w declaring) ask(t *testing.T) []place.Asked {
	t.Helper()
	would, err := w.places.WouldAsk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	did, err := w.places.AskAll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(did) != len(would) || len(did) == 1 && did[0] != would[0] {
		t.Errorf("said %+v, did %+v", would, did)
	}
	return did
}

// link is the token of the last question mailed to an address.
func (w declaring) link(t *testing.T, to string) string {
	t.Helper()
	for _, text := range w.mailed(t, to) {
		if _, rest, ok := strings.Cut(text, "https://viaduc.example"+place.ConfirmPath); ok {
			return strings.Fields(rest)[0]
		}
	}
	t.Fatal("no question was mailed")
	return ""
}

func TestASilentPlaceIsAskedTwiceThenMarked(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := silent(t, d, "2025-05-05")
		if did := w.ask(t); len(did) != 0 {
			t.Errorf("before a year: %+v", did)
		}
		day, mails := 24*time.Hour, 0
		for _, step := range []struct {
			after time.Duration
			round int // -1 for nothing
		}{{day, 1}, {day, -1}, {28 * day, -1}, {day, 2}, {29 * day, -1}, {day, 0}, {100 * day, -1}} {
			w.clock.Move(step.after)
			did := w.ask(t)
			mails = len(w.mailed(t, "accueil@exemple.example")) // sends what waits
			if (len(did) == 0) != (step.round < 0) || len(did) == 1 && did[0].Round != step.round {
				t.Errorf("%s: %+v, want round %d", w.clock.Now().Format(time.DateOnly), did, step.round)
			}
		}
		if p := stored(t, w.world, 1); !p.ToCheck {
			t.Error("the place is not marked")
		}
		if mails != 2 {
			t.Errorf("%d mails", mails)
		}
		// News begin it anew, a year later.
		if _, err := w.places.Verify(t.Context(), identity.AtCLI(), 1); err != nil {
			t.Fatal(err)
		}
		if did := w.ask(t); len(did) != 0 {
			t.Errorf("after news: %+v", did)
		}
		w.clock.Move(366 * day)
		if did := w.ask(t); len(did) != 1 || did[0].Round != 1 {
			t.Errorf("a year after the news: %+v", did)
		}
	})
}

func TestTheLinkConfirmsOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := silent(t, d, "2025-01-05")
		w.ask(t)
		token := w.link(t, "accueil@exemple.example")
		if n := w.count(t, `place_ask WHERE token_hash LIKE '%`+token+`%'`); n != 0 {
			t.Error("the token is stored")
		}
		for range 2 { // opening it changes nothing
			if q, err := w.places.Question(t.Context(), token); err != nil || q.Place.Number != 1 {
				t.Fatalf("%+v %v", q, err)
			}
		}
		if p := stored(t, w.world, 1); p.VerifiedOn != "" {
			t.Error("a GET changed something")
		}
		if _, err := w.places.Question(t.Context(), "x"+token); !fault.Is(err, fault.NotFound) {
			t.Errorf("another token: %v", err)
		}
		if _, err := w.places.Question(t.Context(), ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("no token: %v", err)
		}
		if p, err := w.places.Confirm(t.Context(), token); err != nil || p.VerifiedOn != "2026-05-04" {
			t.Fatalf("%+v %v", p, err)
		}
		if _, err := w.places.Confirm(t.Context(), token); !fault.Is(err, fault.NotFound) {
			t.Errorf("twice: %v", err)
		}
		if p := stored(t, w.world, 1); p.VerifiedOn != "2026-05-04" {
			t.Errorf("%+v", p)
		}
	})
}

func TestTheLinkExpires(t *testing.T) {
	w := silent(t, testkit.SQLite(t), "2025-01-05")
	w.ask(t)
	token := w.link(t, "accueil@exemple.example")
	w.clock.Move(61 * 24 * time.Hour)
	if _, err := w.places.Confirm(t.Context(), token); !fault.Is(err, fault.NotFound) {
		t.Errorf("after two months: %v", err)
	}
}

func TestTheDeclarantIsAskedFirst(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newDeclaring(t, d)
		sent, _ := w.declare(t)
		if _, err := w.places.Accept(t.Context(), officerOf("17"), sent.Reference, sent.Version, nil); err != nil {
			t.Fatal(err)
		}
		w.clock.Move(367 * 24 * time.Hour)
		w.ask(t)
		w.link(t, "moi@exemple.example")
	})
}

// Two nodes whose fifty rounds begin at once ask a place one time.
func TestFiftyRoundsAskOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := silent(t, d, "2025-01-05")
		var g sync.WaitGroup
		var mu sync.Mutex
		asked := 0
		for range 50 {
			g.Go(func() {
				did, err := w.places.AskAll(context.Background())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				asked += len(did)
				mu.Unlock()
			})
		}
		g.Wait()
		if texts := w.mailed(t, "accueil@exemple.example"); asked != 1 || len(texts) != 1 {
			t.Errorf("asked %d times, %d mails", asked, len(texts))
		}
	})
}
