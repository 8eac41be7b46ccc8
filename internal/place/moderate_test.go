package place_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// officerOf is staff whose right holds on a département.
func officerOf(department string) identity.Actor {
	scope := identity.NewScope(identity.Scope{ID: "s", Kind: identity.ScopeDepartment, Code: department}, nil, nil)
	return identity.Actor{Kind: identity.Staff, Account: "0190a0aa-0000-7000-8000-000000000001", Organisation: "o", Role: identity.Officer, Scope: scope, SecondFactorAt: time.Unix(1, 0)}
}

// tracked is all that history follows of a place.
func tracked(p place.Place) map[string]string {
	out := map[string]string{"état": string(p.Status), "à vérifier": fmt.Sprint(p.ToCheck)}
	for _, c := range append(append([]place.Column{}, place.Columns()...), place.Local()...) {
		out[c.Name] = c.Value(&p)
	}
	return out
}

func TestFreshness(t *testing.T) {
	now := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	for _, tc := range []struct {
		updated, verified string
		want              place.Freshness
	}{
		{"2026-05-04", "", place.FreshHalfYear}, {"2025-11-05", "", place.FreshHalfYear}, {"2025-11-04", "", place.FreshYear}, {"2025-05-05", "", place.FreshYear},
		{"2025-05-04", "", place.FreshFading}, {"2024-11-05", "", place.FreshFading}, {"2024-11-04", "", place.FreshOld}, {"1999-01-01", "", place.FreshOld},
		{"1999-01-01", "2026-01-01", place.FreshHalfYear}, {"", "", place.FreshUnknown}, {"1970-01-01", "", place.FreshUnknown}, {"2030-01-01", "", place.FreshHalfYear},
	} {
		p := place.Place{UpdatedOn: tc.updated, VerifiedOn: tc.verified}
		if got := p.Freshness(now); got != tc.want {
			t.Errorf("%q %q: %d, want %d", tc.updated, tc.verified, got, tc.want)
		}
	}
}

// Whatever happens to a place, going back to one of its states gives exactly the fields of that state, and going back from
// there gives the last ones again.
func TestRestoringGivesBackEveryField(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		rng := rand.New(rand.NewPCG(5, 25))
		// The first values break rules, as real files do: they must come back all the same.
		w.importText(t, localHeader+",autres_formations_labels,source,itinerance\n"+row1+",ne sait pas,piscine,Rampe,oui,Salle,arabe,quand il fait beau,hier,A|Accepte Pass numérique|B,Annuaire,Volant\n")
		states := []map[string]string{tracked(stored(t, w, 1))}
		options := []map[string]string{
			{"telephone": "0536490012"}, {"telephone": "+33536490099", "nom": "Autre nom"}, {"viaduc_pass": "non"}, {"viaduc_pass": "oui"}, {"position": "45.75 -0.63"}, {"position": ""},
			{"autres_formations_labels": "X|Y"}, {"services": place.ServiceAdmin + "|" + place.ServiceJob}, {"services": ""}, {"viaduc_offre": "wifi"}, {"viaduc_offre": ""},
			{"viaduc_salles": "Une|Deux", "viaduc_langues": "Portugais"}, {"horaires": "Mo-Fr 09:00-12:00"}, {"courriels": "a@exemple.example"}, {"presentation_detail": "Deux\nlignes"},
			{"date_maj": "2026-01-02"}, {"itinerance": "Fixe"}, {"commune": "Rochefort", "code_postal": "17300"},
		}
		for range 40 {
			before := stored(t, w, 1).Version
			switch rng.IntN(8) {
			case 0:
				w.importText(t, localHeader+",source\n"+row1+fmt.Sprintf(",05364900%02d,mediateur,Ascenseur,non,Bureau,anglais,,2026-0%d-01,Fichier %d\n", rng.IntN(100), 1+rng.IntN(9), rng.IntN(3)))
			case 1:
				if _, err := w.places.Verify(t.Context(), identity.AtCLI(), 1); err != nil {
					t.Fatal(err)
				}
			default:
				if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, options[rng.IntN(len(options))]); err != nil {
					t.Fatal(err)
				}
			}
			now := stored(t, w, 1)
			changes, err := w.places.History(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(changes) == len(states)+1 {
				states = append(states, tracked(now))
				if now.Version != before+1 {
					t.Fatalf("version %d after %d", now.Version, before)
				}
			}
		}
		if len(states) < 20 {
			t.Fatalf("only %d states", len(states))
		}
		changes, err := w.places.History(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			k := rng.IntN(len(changes)) // states are the oldest first, changes the newest
			back, err := w.places.Restoration(t.Context(), identity.AtCLI(), 1, changes[k].ID)
			if err != nil {
				t.Fatal(err)
			}
			want := states[len(states)-1-k]
			if diff := cmp.Diff(want, tracked(back.Then)); diff != "" {
				t.Fatalf("what would come back:\n%s", diff)
			}
			got, err := w.places.Restore(t.Context(), identity.AtCLI(), 1, changes[k].ID, back.Now.Version)
			if err != nil {
				t.Fatal(err)
			}
			now := stored(t, w, 1)
			if diff := cmp.Diff(want, tracked(now)); diff != "" {
				t.Fatalf("after %s came back:\n%s", changes[k].ID, diff)
			}
			if got.Version != now.Version {
				t.Errorf("Restore says version %d, the database %d", got.Version, now.Version)
			}
			if len(back.Fields) > 0 {
				states = append(states, want)
			}
			if changes, err = w.places.History(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if len(changes) != len(states) {
				t.Fatalf("%d changes, %d states: history must keep both", len(changes), len(states))
			}
		}
	})
}

func TestRestoreIsRefused(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, header+"\n"+row1+"\n")
		if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"nom": "Deux"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.places.Restore(t.Context(), identity.AtCLI(), 1, place.Birth, 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("a state that has moved: %v", err)
		}
		if _, err := w.places.Restore(t.Context(), identity.AtCLI(), 1, "0190", 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown change: %v", err)
		}
		if _, err := w.places.Restore(t.Context(), officerOf("40"), 1, place.Birth, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of reach: %v", err)
		}
		if p := stored(t, w, 1); p.Name != "Deux" {
			t.Errorf("something was written: %s", p.Name)
		}
	})
}

// teamHeader and teamRow are a place that lies in a scope.
const (
	teamHeader = header + ",code_insee"
	teamRow    = row1 + ",17415"
)

func TestRevise(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, teamHeader+",telephone,horaires\n"+teamRow+",ne sait pas,quand il fait beau\n")
		form := func(p place.Place, with ...string) map[string]string {
			out := map[string]string{}
			for _, name := range []string{"nom", "adresse", "telephone", "horaires", "position", "services", "presentation_detail"} {
				out[name] = p.Value(name)
			}
			for i := 0; i < len(with); i += 2 {
				out[with[i]] = with[i+1]
			}
			return out
		}
		began := stored(t, w, 1)
		if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"services": place.ServiceJob + "|" + place.ServiceAdmin}); err != nil {
			t.Fatal(err)
		}
		began = stored(t, w, 1)
		// Boxes come back in the order of the list: that changes nothing. What was wrong already refuses nothing, and nothing that is the same is confirmed.
		p, _, err := w.places.Revise(t.Context(), officerOf("17"), 1, began.Version, form(began, "nom", "  Nouveau nom ", "services", place.ServiceAdmin+"|"+place.ServiceJob))
		if err != nil || p.Name != "Nouveau nom" || p.Phone != "ne sait pas" || p.Services != began.Services || p.Origins["nom"] != place.Here {
			t.Fatalf("%+v %v", p, err)
		}
		// The same field, meanwhile: both are shown, nothing is written.
		now, clashes, err := w.places.Revise(t.Context(), officerOf("17"), 1, began.Version, form(began, "nom", "Mon nom", "telephone", "05 36 49 00 12"))
		want := []place.Clash{
			{Name: "nom", Began: began.Name, Now: "Nouveau nom", Mine: "Mon nom"}, {Name: "telephone", Began: "ne sait pas", Now: "ne sait pas", Mine: "+33536490012"},
		}
		if diff := cmp.Diff(want, clashes); diff != "" || !fault.Is(err, fault.Conflict) || now.Version != p.Version {
			t.Fatalf("%v\n%s", err, diff)
		}
		if !clashes[0].Both() || clashes[1].Both() {
			t.Error("only the name must be chosen")
		}
		if got := stored(t, w, 1); got.Name != "Nouveau nom" || got.Phone != "ne sait pas" {
			t.Errorf("a clash wrote %+v", got)
		}
		// The choice, from the state that was shown.
		if p, _, err = w.places.Revise(t.Context(), officerOf("17"), 1, now.Version, map[string]string{"nom": "Mon nom", "telephone": "+33536490012"}); err != nil || p.Name != "Mon nom" {
			t.Fatalf("%+v %v", p, err)
		}
		_, _, err = w.places.Revise(t.Context(), officerOf("17"), 1, p.Version, map[string]string{"telephone": "12", "nom": "", "position": "ici", "machin": "x"})
		if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || len(f.Fields) != 4 {
			t.Errorf("wrong values: %v", err)
		}
		if _, _, err := w.places.Revise(t.Context(), officerOf("40"), 1, p.Version, map[string]string{"nom": "X"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of reach: %v", err)
		}
	})
}

// Of fifty forms that began from the same state, one is saved; the others are shown what was.
func TestFiftyFormsAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, teamHeader+"\n"+teamRow+"\n")
		var saved, told atomic.Int64
		var g sync.WaitGroup
		for i := range 50 {
			g.Go(func() {
				_, clashes, err := w.places.Revise(context.Background(), officerOf("17"), 1, 0, map[string]string{"nom": fmt.Sprint("Nom ", i)})
				switch {
				case err == nil:
					saved.Add(1)
				case fault.Is(err, fault.Conflict) && len(clashes) == 1 && clashes[0].Both():
					told.Add(1)
				default:
					t.Errorf("%v %v", clashes, err)
				}
			})
		}
		g.Wait()
		if saved.Load() != 1 || told.Load() != 49 {
			t.Errorf("%d saved, %d told", saved.Load(), told.Load())
		}
		if p := stored(t, w, 1); p.Version != 1 {
			t.Errorf("version %d", p.Version)
		}
	})
}

func TestDifferencesAreSettled(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		file := func(phone, at string) {
			w.importText(t, teamHeader+",telephone,source,latitude,longitude\n"+teamRow+","+phone+",Annuaire,"+at+"\n")
		}
		file("+33546000000", "45.7,-0.6")
		if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"telephone": "0546111111", "position": "45.8 -0.7"}); err != nil {
			t.Fatal(err)
		}
		file("+33546222222", "45.9,-0.9")
		list, err := w.places.TeamDifferences(t.Context(), officerOf("17"), 0)
		if err != nil || len(list) != 2 || list[0].Value != "45.9 -0.9" || list[0].Held != "45.8 -0.7" {
			t.Fatalf("%+v %v", list, err)
		}
		if out, err := w.places.TeamDifferences(t.Context(), officerOf("40"), 0); err != nil || len(out) != 0 {
			t.Errorf("out of reach: %+v %v", out, err)
		}
		settle := func(field, value string, take bool) error {
			return w.places.SettleDifference(t.Context(), officerOf("17"), 1, field, "Annuaire", value, take)
		}
		if err := settle("telephone", "+33546333333", false); !fault.Is(err, fault.Conflict) {
			t.Errorf("another value than shown: %v", err)
		}
		if err := settle("telephone", "+33546222222", false); err != nil {
			t.Fatal(err)
		}
		if err := settle("latitude", "45.9 -0.9", true); err != nil {
			t.Fatal(err)
		}
		p := stored(t, w, 1)
		if p.Phone != "+33546111111" || p.Point != (territory.Point{Lat: 45.9, Lon: -0.9}) || p.Origins["latitude"] == place.Here {
			t.Errorf("%+v", p)
		}
		file("+33546222222", "45.95,-0.95")
		if list, _ := w.places.TeamDifferences(t.Context(), officerOf("17"), 0); len(list) != 0 {
			t.Errorf("the same value is asked about again: %+v", list)
		}
		if p := stored(t, w, 1); p.Point.Lat != 45.95 {
			t.Errorf("the source is not followed: %+v", p.Point)
		}
		file("+33546444444", "45.95,-0.95")
		if list, _ := w.places.TeamDifferences(t.Context(), officerOf("17"), 0); len(list) != 1 {
			t.Errorf("another value must be asked about: %+v", list)
		}
		if err := settle("telephone", "+33546222222", true); !fault.Is(err, fault.Conflict) {
			t.Errorf("a value that is gone: %v", err)
		}
	})
}

func TestVerifyAllIsAllOrNothing(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, teamHeader+"\n"+teamRow+"\n"+strings.Replace(teamRow, "A_1", "A_2", 1)+"\n")
		if _, err := w.places.VerifyAll(t.Context(), officerOf("17"), []place.Number{1, 99}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown place among them: %v", err)
		}
		if p := stored(t, w, 1); p.VerifiedOn != "" {
			t.Error("half of it was written")
		}
		if n, err := w.places.VerifyAll(t.Context(), officerOf("17"), []place.Number{1, 1}); err != nil || n != 1 {
			t.Errorf("%d %v", n, err)
		}
		if p := stored(t, w, 1); p.VerifiedOn != "2026-05-04" {
			t.Errorf("%q", p.VerifiedOn)
		}
	})
}
