package person_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

type world struct {
	*person.Service
	t       *testing.T
	db      *db.DB
	clock   *testkit.Clock
	notices *notice.Service
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, db: d, clock: testkit.NewClock(t, "2026-05-04 09:30")}
	log := slog.New(slog.DiscardHandler)
	journal := audit.New(audit.Deps{DB: d, Now: w.clock.Now, Log: log})
	links, err := notice.NewLinks("https://viaduc.example")
	if err != nil {
		t.Fatal(err)
	}
	w.notices, err = notice.New(notice.Deps{
		DB: d, Journal: journal, Territory: territory.New(territory.Deps{DB: d, Journal: journal, Log: log}), Jobs: jobs.New(jobs.Deps{DB: d, Now: w.clock.Now, Log: log}),
		Mail: &mail.Outbox{}, SMS: &sms.Outbox{}, Price: 45, Links: links, Key: []byte("notices"), Holiday: func(time.Time) bool { return false },
		Zone: func() *time.Location { return time.UTC }, Now: w.clock.Now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = person.NewService(person.Deps{DB: d, Journal: journal, Notices: w.notices, Key: []byte("persons"), Now: w.clock.Now})
	return w
}

func (w *world) meet(in person.New) person.Person {
	w.t.Helper()
	p, err := w.tryMeet(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) tryMeet(in person.New) (p person.Person, err error) {
	if in, err = in.Check(); err != nil {
		return p, err
	}
	return p, w.db.Write(context.WithoutCancel(w.t.Context()), func(ctx context.Context, tx *db.Tx) error {
		p, err = w.MeetTx(ctx, tx, audit.Anonymous, in)
		return err
	})
}

func mediator(at identity.OrganisationID) identity.Actor {
	return identity.Actor{Kind: identity.Staff, Role: identity.Mediator, Organisation: at, Account: "a-" + identity.AccountID(at), SecondFactorAt: time.Unix(1, 0)}
}

func TestTheSamePersonIsMetAgain(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first := w.meet(person.New{Name: "Fatima Exemple", Phone: "04 66 00 00 01"})
		w.clock.Move(time.Hour)
		again := w.meet(person.New{Name: "FATIMA  exemple", Phone: "+33 4 66 00 00 01", Email: "f@exemple.example", Commune: "30007"})
		if again.ID != first.ID || again.Email != "f@exemple.example" || again.Commune != "30007" || again.Name != "Fatima Exemple" || !again.SeenAt.After(first.SeenAt) {
			t.Errorf("%+v", again)
		}
		kept := w.meet(person.New{Name: "Fatima Exemple", Email: "F@exemple.example", Commune: "30010", Phone: "06 39 98 00 01"})
		if kept.ID != first.ID || kept.Commune != "30007" || kept.Phone != "+33466000001" {
			t.Errorf("what was known was overwritten: %+v", kept)
		}
		for name, other := range map[string]person.New{
			"a couple shares a phone": {Name: "Ahmed Exemple", Phone: "04 66 00 00 01"},
			"a namesake":              {Name: "Fatima Exemple", Phone: "04 66 00 00 02"},
			"no contact":              {Name: "Fatima Exemple"},
		} {
			if p := w.meet(other); p.ID == first.ID {
				t.Errorf("%s: became the same person", name)
			}
		}
		if one, two := w.meet(person.New{Name: "Sans contact"}), w.meet(person.New{Name: "Sans contact"}); one.ID == two.ID {
			t.Error("two people without a contact became one")
		}
	})
}

func TestFiftyMeetThePersonOnce(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, nodes []*db.DB) {
		one, two := newWorld(t, nodes[0]), newWorld(t, nodes[1])
		ids := make([]person.ID, 50)
		errs := make([]error, 50)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() {
				w := one
				if i%2 == 1 {
					w = two
				}
				p, err := w.tryMeet(person.New{Name: "Odette Exemple", Phone: "04 66 00 00 03"})
				ids[i], errs[i] = p.ID, err
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for _, p := range ids {
			if p != ids[0] {
				t.Fatalf("%s and %s", p, ids[0])
			}
		}
	})
}

func TestCheck(t *testing.T) {
	for phone, want := range map[string]string{
		"06 12 34 56 78": "+33612345678", "06.12.34.56.78": "+33612345678", "06-12-34-56-78": "+33612345678", "0612345678": "+33612345678", "+33 6 12 34 56 78": "+33612345678",
		"+33 (0)6 12 34 56 78": "+33612345678", "0033612345678": "+33612345678", " 06 12 34 56 78 ": "+33612345678", "06/12/34/56/78": "+33612345678", "": "",
	} {
		if in, err := (person.New{Name: "A", Phone: phone}).Check(); err != nil || in.Phone != want {
			t.Errorf("%q: %q, %v", phone, in.Phone, err)
		}
	}
	for name, ok := range map[string]bool{
		"فاطمة الزهراء": true, "Jean-Pierre d'Arc": true, "Ng": true, "李": true, "": false, "   ": false, strings.Repeat("a", 81): false, "a\x00b": false, "a\u0007b": false,
	} {
		if _, err := (person.New{Name: name}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
	_, err := person.New{Name: "", Phone: "12", Email: "x"}.Check()
	if f, is := fault.As(err); !is || len(f.Fields) != 3 {
		t.Errorf("%v", err)
	}
	for name, want := range map[string]string{"Fatima Bouali": "Fatima B.", "Jean Paul de Brion": "Jean B.", "Odette": "Odette", "": ""} {
		if got := person.Short(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func TestFindCorrectSilence(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.meet(person.New{Name: "Élodie du Môle", Phone: "04 66 00 00 04", Email: "elodie@exemple.example", Organisation: "one"})
		w.meet(person.New{Name: "Autre Exemple", Phone: "04 66 00 00 05", Organisation: "two"})
		find := func(by identity.Actor, text string) int {
			t.Helper()
			list, err := w.Find(t.Context(), by, text, 10)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		for text, want := range map[string]int{"elodie": 1, "mole elo": 1, "0466000004": 1, "+33 4 66 00 00 04": 1, "Elodie@Exemple.example": 1, "exemple": 0, "": 0, "100%": 0, "_": 0} {
			if got := find(mediator("one"), text); got != want {
				t.Errorf("%q: %d", text, got)
			}
		}
		if got := find(mediator("two"), "elodie"); got != 0 {
			t.Error("another structure found her")
		}
		if _, err := w.Find(t.Context(), identity.Nobody(), "elodie", 10); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%v", err)
		}
		changed, err := w.Correct(t.Context(), mediator("one"), p.ID, p.Version, person.New{Name: "Élodie Dumôle", Phone: "04 66 00 00 04"})
		if err != nil || changed.Name != "Élodie Dumôle" || changed.Email != "" {
			t.Fatalf("%v, %+v", err, changed)
		}
		if _, err := w.Correct(t.Context(), mediator("one"), p.ID, p.Version, person.New{Name: "X"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a stale form: %v", err)
		}
		if _, err := w.Correct(t.Context(), mediator("two"), p.ID, changed.Version, person.New{Name: "X"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another structure: %v", err)
		}
		if err := w.Silence(t.Context(), mediator("one"), p.ID, true); err != nil {
			t.Fatal(err)
		}
		if known, err := w.Known(t.Context(), mediator("one"), p.ID); err != nil || known.ID != p.ID {
			t.Errorf("her own structure: %v", err)
		}
		for name, by := range map[string]identity.Actor{"somebody else": identity.AtCLI(), "another structure": mediator("two")} {
			if _, err := w.Known(t.Context(), by, p.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s knows who is under silence: %v", name, err)
			}
			if err := w.Silence(t.Context(), by, p.ID, false); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s ends her silence: %v", name, err)
			}
		}
		if _, err := w.Known(t.Context(), mediator("one"), "nobody"); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody unknown: %v", err)
		}
		if got := find(mediator("one"), "elodie"); got != 1 {
			t.Error("her own structure lost her")
		}
		if got := find(identity.AtCLI(), "elodie"); got != 0 {
			t.Error("somebody else finds who is under silence")
		}
	})
}

// Those who meet her while she asks for silence do not end it.
func TestSilenceOutlastsAMeeting(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.meet(person.New{Name: "Odette Exemple", Phone: "04 66 00 00 06", Organisation: "one"})
		in, err := person.New{Name: "Odette Exemple", Phone: "04 66 00 00 06"}.Check()
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() {
				if i == 15 {
					if err := w.Silence(t.Context(), mediator("one"), p.ID, true); err != nil {
						t.Error(err)
					}
					return
				}
				if err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					_, err := w.MeetTx(ctx, tx, audit.Anonymous, in)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if now, err := w.Person(t.Context(), d, p.ID); err != nil || !now.Silent {
			t.Errorf("a meeting ended the silence: %v, %v", now.Silent, err)
		}
	})
}

func TestErasing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var order []string
		w.OnErase(func(_ context.Context, _ *db.Tx, p person.ID) error { order = append(order, "first"); return nil },
			func(_ context.Context, _ *db.Tx, p person.ID) error { order = append(order, "second"); return nil })
		p := w.meet(person.New{Name: "Odette Exemple", Phone: "04 66 00 00 06", Account: "account"})
		child := w.meet(person.New{Name: "Paul Exemple", Phone: "04 66 00 00 06", RelationTo: p.ID, Relation: person.Relative})
		w.clock.Move(24 * time.Hour)
		due, err := w.UnseenSince(t.Context(), d, w.clock.Now(), person.Old{}, 10)
		if err != nil || len(due) != 2 || due[0].ID != p.ID {
			t.Fatalf("%v, %v", due, err)
		}
		if more, err := w.UnseenSince(t.Context(), d, w.clock.Now(), due[0], 10); err != nil || len(more) != 1 {
			t.Errorf("after the first: %v, %v", more, err)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := w.ForgetAccountTx(ctx, tx, "account"); err != nil {
				return err
			}
			n, err := w.EraseTx(ctx, tx, p.ID)
			if n != 1 {
				t.Errorf("%d erased", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(order, " "); got != "first second" {
			t.Errorf("hooks: %s", got)
		}
		left, err := w.Person(t.Context(), d, child.ID)
		if err != nil || left.RelationTo != "" {
			t.Errorf("%v, %+v", err, left)
		}
		if _, err := w.Person(t.Context(), d, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
	})
}
