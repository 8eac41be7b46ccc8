package place_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// declare sends the declaration of a new place.
func (w declaring) declare(t *testing.T, with ...string) (place.Declaration, string) {
	t.Helper()
	values := whole()
	values["code_insee"] = "17415"
	for i := 0; i < len(with); i += 2 {
		values[with[i]] = with[i+1]
	}
	d, token, err := w.places.Begin(t.Context(), "nom", values)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = w.places.SaveAnswer(t.Context(), token, place.Answer{Values: map[string]string{}, Email: "moi@exemple.example"}); err != nil {
		t.Fatal(err)
	}
	if d, err = w.places.SendDeclaration(t.Context(), token, d.Version); err != nil {
		t.Fatal(err)
	}
	return d, token
}

func TestANewPlaceIsAccepted(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newDeclaring(t, d)
		sent, token := w.declare(t)
		if list, err := w.places.Queue(t.Context(), officerOf("40")); err != nil || len(list) != 0 {
			t.Errorf("another territory's queue: %+v %v", list, err)
		}
		if _, err := w.places.Accept(t.Context(), officerOf("40"), sent.Reference, sent.Version, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of reach: %v", err)
		}
		mediator := officerOf("17")
		mediator.Role = identity.Mediator
		if _, err := w.places.Accept(t.Context(), mediator, sent.Reference, sent.Version, nil); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a mediator decides: %v", err)
		}
		list, err := w.places.Queue(t.Context(), officerOf("17"))
		if err != nil || len(list) != 1 || list[0].Place != nil || list[0].Name != "Le Tiers-Lieu d'essai" {
			t.Fatalf("%+v %v", list, err)
		}
		if _, err := w.places.Accept(t.Context(), officerOf("17"), sent.Reference, sent.Version, []string{"telephone"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a place without a name: %v", err)
		}
		p, err := w.places.Accept(t.Context(), officerOf("17"), sent.Reference, sent.Version, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := stored(t, w.world, p.Number)
		if got.Number != 2 || got.Status != place.Published || !strings.HasPrefix(got.StandardID, place.OwnIDPrefix) || got.UpdatedOn != "2026-05-04" || got.Phone != "+33536490012" || got.Source == "" {
			t.Errorf("%+v", got)
		}
		if texts := w.mailed(t, "moi@exemple.example"); len(texts) != 2 || !strings.Contains(texts[0]+texts[1], "est acceptée") {
			t.Errorf("mails: %q", texts)
		}
		// The link corrects it; what moved meanwhile is told.
		if _, err := w.places.TakeBack(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		again, err := w.places.SaveAnswer(t.Context(), token, place.Answer{Values: map[string]string{"telephone": "05 36 49 00 13", "nom": "Tiers-Lieu"}})
		if err != nil {
			t.Fatal(err)
		}
		if again, err = w.places.SendDeclaration(t.Context(), token, again.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 2, map[string]string{"telephone": "05 36 49 00 14"}); err != nil {
			t.Fatal(err)
		}
		sub, err := w.places.Submitted(t.Context(), officerOf("17"), again.Reference)
		want := []place.Proposal{
			{Name: "nom", Before: "Le Tiers-Lieu d'essai", Proposed: "Tiers-Lieu", Now: "Le Tiers-Lieu d'essai"},
			{Name: "telephone", Before: "+33536490012", Proposed: "+33536490013", Now: "+33536490014"},
		}
		if diff := cmp.Diff(want, sub.Proposals); err != nil || diff != "" || sub.Proposals[0].Moved() || !sub.Proposals[1].Moved() {
			t.Fatalf("%v\n%s", err, diff)
		}
		if _, err := w.places.Accept(t.Context(), officerOf("17"), again.Reference, again.Version, []string{"nom"}); err != nil {
			t.Fatal(err)
		}
		got = stored(t, w.world, 2)
		if got.Name != "Tiers-Lieu" || got.Phone != "+33536490014" || got.VerifiedOn != "2026-05-04" || got.Origins["nom"] != place.Here {
			t.Errorf("%+v", got)
		}
		// It can be undone.
		changes, err := w.places.History(t.Context(), 2)
		if err != nil || len(changes) != 3 {
			t.Fatalf("%+v %v", changes, err)
		}
		if _, err := w.places.Restore(t.Context(), officerOf("17"), 2, changes[1].ID, got.Version); err != nil {
			t.Fatal(err)
		}
		if got = stored(t, w.world, 2); got.Name != "Le Tiers-Lieu d'essai" || got.Phone != "+33536490014" {
			t.Errorf("undone: %+v", got)
		}
	})
}

func TestADeclarationIsRefused(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newDeclaring(t, d)
		sent, token := w.declare(t)
		for _, tc := range []struct {
			why   place.Refusal
			text  string
			field string
		}{{"", "", "reason"}, {"humeur", "x", "reason"}, {place.RefusedOther, " \n", "text"}, {place.RefusedKnown, strings.Repeat("a", 501), "text"}} {
			err := w.places.Refuse(t.Context(), officerOf("17"), sent.Reference, sent.Version, tc.why, tc.text)
			if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[tc.field].Key == "" {
				t.Errorf("%q %.5q: %v", tc.why, tc.text, err)
			}
		}
		if err := w.places.Refuse(t.Context(), officerOf("17"), sent.Reference, sent.Version, place.RefusedKnown, "C'est le lieu 1."); err != nil {
			t.Fatal(err)
		}
		got, err := w.places.Declared(t.Context(), token)
		if err != nil || got.State != place.DeclarationRefused || !strings.Contains(got.Reason, "déjà connu") || !strings.Contains(got.Reason, "lieu 1") {
			t.Errorf("%+v %v", got, err)
		}
		if texts := strings.Join(w.mailed(t, "moi@exemple.example"), "\n"); !strings.Contains(texts, "déjà connu ici. C'est le lieu 1.") {
			t.Errorf("mails: %s", texts)
		}
		if n := w.count(t, `place_place`); n != 1 {
			t.Errorf("%d places", n)
		}
		if err := w.places.Refuse(t.Context(), officerOf("17"), sent.Reference, sent.Version, place.RefusedKnown, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
	})
}

// Of fifty moderators who decide at once, one wins and the others are told.
func TestFiftyModeratorsDecide(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newDeclaring(t, d)
		sent, _ := w.declare(t)
		var won, told atomic.Int64
		var g sync.WaitGroup
		for i := range 50 {
			g.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = w.places.Accept(context.Background(), officerOf("17"), sent.Reference, sent.Version, nil)
				} else {
					err = w.places.Refuse(context.Background(), officerOf("17"), sent.Reference, sent.Version, place.RefusedNoHelp, "")
				}
				switch {
				case err == nil:
					won.Add(1)
				case fault.Is(err, fault.Conflict):
					told.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		g.Wait()
		if won.Load() != 1 || told.Load() != 49 {
			t.Errorf("%d won, %d told", won.Load(), told.Load())
		}
		if n := w.count(t, `place_place`); n > 2 {
			t.Errorf("%d places", n)
		}
		if texts := w.mailed(t, "moi@exemple.example"); len(texts) != 2 {
			t.Errorf("%d mails", len(texts))
		}
	})
}

func TestSeveralAreAccepted(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newDeclaring(t, d)
		one, _ := w.declare(t)
		two, token := w.declare(t, "nom", "Deuxième")
		if _, err := w.places.TakeBack(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		out := w.places.AcceptAll(t.Context(), officerOf("17"), map[string]int64{one.Reference: one.Version, two.Reference: two.Version})
		if len(out) != 2 || w.count(t, `place_place`) != 2 || w.count(t, `audit_leaf`) == 0 {
			t.Fatalf("%+v", out)
		}
		for _, j := range out {
			if (j.Err == nil) != (j.Reference == one.Reference) {
				t.Errorf("%s: %v", j.Reference, j.Err)
			}
		}
	})
}
