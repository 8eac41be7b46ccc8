package place_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/place/duplicate"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

const twinsHeader = "id,pivot,nom,commune,code_postal,code_insee,adresse,latitude,longitude,telephone,source,date_maj,services"

// Two invented sources of one place, one sheet, and a third place beside it.
const (
	twinA = "A,00000000000000,Médiathèque des Tilleuls,Saintes,17100,17415,1 rue des Tilleuls,45.74,-0.63,+33546000001,Annuaire,2026-03-01,Aide aux démarches administratives\n"
	twinB = "B,13002603200016,Mediathèque des Tilleuls,Saintes,17100,17415,1 rue des Tilleuls,45.74,-0.63,+33546000002,Réseau,2026-04-01,Accès internet et matériel informatique\n"
	twinC = "C,00000000000000,MEDIATHEQUE DES TILLEULS,Saintes,17100,17415,1 rue des Tilleuls,45.74,-0.63,,Tiers,2026-02-01,\n"
)

func rowsOf(rows ...string) string { return twinsHeader + "\n" + strings.Join(rows, "") }

func merged(t testing.TB, w world, kept, other place.Number) place.Place {
	t.Helper()
	p, err := w.places.Merge(t.Context(), identity.AtCLI(), place.NewMerge{Kept: kept, Merged: other})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refusedAs(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Kind != kind || f.Message.Key != key {
		t.Errorf("%v, want %s", err, key)
	}
}

func pairs(t testing.TB, w world, f place.DuplicateFilter) []place.DuplicatePair {
	t.Helper()
	list, err := w.places.Duplicates(t.Context(), identity.AtCLI(), f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The thirteen pairs of the two départements: found, united, found no more; the same files change nothing any more.
func TestThirteenRealPairs(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importFile(t, "lieux/lieux-17.csv")
		w.importFile(t, "lieux/lieux-40.csv")
		all := pairs(t, w, place.DuplicateFilter{})
		if len(all) != 13 || len(pairs(t, w, place.DuplicateFilter{Department: "17"})) != 10 || len(pairs(t, w, place.DuplicateFilter{Department: "40"})) != 3 {
			t.Fatalf("%d pairs", len(all))
		}
		var groups []duplicate.Pair
		for _, p := range all {
			groups = append(groups, p.Pair)
		}
		if n := len(duplicate.Groups(groups)); n != 11 {
			t.Errorf("%d groups", n)
		}
		before := w.refresh(t).Len()
		merges := 0
		for list := all; len(list) > 0; list = pairs(t, w, place.DuplicateFilter{}) {
			merged(t, w, list[0].First.Number, list[0].Second.Number)
			if merges++; merges > 13 {
				t.Fatal("no end")
			}
		}
		if merges != 12 { // three records of one library are three pairs and two merges
			t.Errorf("%d merges", merges)
		}
		x := w.refresh(t)
		if x.Len() != before-12 {
			t.Errorf("%d places, before %d", x.Len(), before)
		}
		for _, p := range all {
			for _, n := range []place.Number{p.First.Number, p.Second.Number} {
				to, moved := x.Moved(n)
				if _, shown := x.Place(n); shown == moved {
					t.Errorf("place %d: shown %v, moved %v", n, shown, moved)
				}
				if _, shown := x.Place(to); moved && !shown {
					t.Errorf("place %d leads to %d, which is not shown", n, to)
				}
			}
		}
		for range 2 {
			for _, name := range []string{"lieux/lieux-17.csv", "lieux/lieux-40.csv"} {
				if rep := w.importFile(t, name); rep.Created != 0 || rep.Updated != 0 {
					t.Errorf("%s again: %s", name, rep.Counts)
				}
			}
		}
		if w.refresh(t).Len() != before-12 || len(pairs(t, w, place.DuplicateFilter{})) != 0 {
			t.Error("an import brought one back")
		}
		out, rep := w.export(t)
		if strings.Count(out, "__") < 10 {
			t.Errorf("%d joined ids", strings.Count(out, "__"))
		}
		if back := w.importText(t, out); back.Created != 0 || back.Updated != 0 || back.Unchanged != rep.Written {
			t.Errorf("the export read back: %s", back.Counts)
		}
	})
}

// Where nothing was united, a row of several ids is one place of that id; a row of one of them is another, and is found.
func TestJoinedRowElsewhere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if rep := w.importText(t, rowsOf("A__B"+strings.TrimPrefix(twinA, "A"))); rep.Created != 1 {
			t.Errorf("%s", rep.Counts)
		}
		if rep := w.importText(t, rowsOf(twinB)); rep.Created != 1 || len(pairs(t, w, place.DuplicateFilter{})) != 1 {
			t.Errorf("%s", rep.Counts)
		}
	})
}

func TestMergeAndItsImports(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, rowsOf(twinA, twinB))
		p := merged(t, w, 1, 2)
		if p.Name != "Mediathèque des Tilleuls" || p.Phone != "+33546000002" || p.Pivot != "13002603200016" || p.UpdatedOn != "2026-04-01" || p.StandardID != "A" ||
			p.Services != "Aide aux démarches administratives|Accès internet et matériel informatique" || p.Origins["telephone"] != "Réseau" {
			t.Fatalf("%+v", p)
		}
		if gone := stored(t, w, 2); gone.MergedInto != p.ID || gone.Phone != "+33546000002" {
			t.Errorf("the other record: %+v", gone)
		}
		for range 3 {
			if rep := w.importText(t, rowsOf(twinA, twinB)); rep.Unchanged != 2 {
				t.Errorf("again: %s", rep.Counts)
			}
			if rep := w.importText(t, rowsOf(twinB, twinA)); rep.Unchanged != 2 {
				t.Errorf("the other way round: %s", rep.Counts)
			}
		}
		// Each field follows the record that it was chosen from.
		rep := w.importText(t, rowsOf(strings.ReplaceAll(twinA, "546000001", "546000009")))
		if p := stored(t, w, 1); rep.Created != 0 || p.Phone != "+33546000002" {
			t.Errorf("the telephone is the other record's: %s %q", rep.Counts, p.Phone)
		}
		rep = w.importText(t, rowsOf(strings.ReplaceAll(twinB, "546000002", "546000008")))
		if p := stored(t, w, 1); rep.Created != 0 || rep.Updated != 1 || p.Phone != "+33546000008" || p.Origins["telephone"] != "Réseau" {
			t.Errorf("the other record's new telephone: %s %q", rep.Counts, p.Phone)
		}
		// What is confirmed here stays, and what the other record says is set aside.
		if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 2, map[string]string{"telephone": "+33546000077"}); err != nil {
			t.Fatal(err)
		}
		w.importText(t, rowsOf(twinB))
		diffs, err := w.places.Differences(t.Context())
		if p := stored(t, w, 1); err != nil || p.Phone != "+33546000077" || len(diffs) != 1 || diffs[0].Number != 1 || diffs[0].Value != "+33546000002" {
			t.Errorf("%q, %+v, %v", p.Phone, diffs, err)
		}
		// A complete file that has either record has the place.
		one, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(rowsOf(strings.ReplaceAll(twinB, "Réseau", "Annuaire"))),
			place.ImportOptions{Source: "Annuaire", Complete: true})
		if err != nil || one.ToCheck != 0 || stored(t, w, 1).ToCheck {
			t.Errorf("%+v, %v", one, err)
		}
	})
}

func TestUnmergeRestoresBoth(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, rowsOf(twinA, twinB, twinC))
		a, b := stored(t, w, 1), stored(t, w, 2)
		w.refresh(t)
		reference, err := w.places.Report(t.Context(), place.NewReport{Place: 2, Topics: []place.Topic{place.WrongHours}})
		if err != nil {
			t.Fatal(err)
		}
		merged(t, w, 1, 2)
		if ok, err := w.places.HasReport(t.Context(), 1, reference); err != nil || !ok {
			t.Errorf("the report did not follow: %v", err)
		}
		if _, err := w.places.Report(t.Context(), place.NewReport{Place: 2, Topics: []place.Topic{place.Gone}}); err != nil {
			t.Errorf("a report at the old number: %v", err)
		}
		if _, err := w.places.Unmerge(t.Context(), identity.AtCLI(), 2); err != nil {
			t.Fatal(err)
		}
		same := func(p, q place.Place) bool { return place.MergeSeen(&p, &p) == place.MergeSeen(&q, &q) }
		if x, y := stored(t, w, 1), stored(t, w, 2); !same(x, a) || !same(y, b) {
			t.Errorf("not as they were: %+v %+v", x, y)
		}
		if ok, err := w.places.HasReport(t.Context(), 2, reference); err != nil || !ok {
			t.Errorf("the report did not come back: %v", err)
		}
		_, err = w.places.Unmerge(t.Context(), identity.AtCLI(), 2)
		refusedAs(t, err, fault.Conflict, "place.unmerge_none")

		merged(t, w, 1, 2)
		w.importText(t, rowsOf(strings.ReplaceAll(twinB, "546000002", "546000008")))
		_, err = w.places.Unmerge(t.Context(), identity.AtCLI(), 2)
		refusedAs(t, err, fault.Conflict, "place.unmerge_changed")
		w.importText(t, rowsOf(twinB)) // and back: nothing has changed after all
		merged(t, w, 3, 1)
		_, err = w.places.Unmerge(t.Context(), identity.AtCLI(), 2)
		refusedAs(t, err, fault.Conflict, "place.unmerge_later")
		if x := w.refresh(t); x.Len() != 1 {
			t.Errorf("%d places", x.Len())
		}
		for n := range place.Number(2) {
			if to, ok := w.places.Index().Moved(n + 1); !ok || to != 3 {
				t.Errorf("%d leads to %d", n+1, to)
			}
		}
		if rep := w.importText(t, rowsOf(twinA, twinB, twinC)); rep.Created != 0 || rep.Updated != 0 {
			t.Errorf("a chain read again: %s", rep.Counts)
		}
		w.importText(t, rowsOf(strings.ReplaceAll(twinB, "546000002", "546000003")))
		if p := stored(t, w, 3); p.Phone != "+33546000003" {
			t.Errorf("what the last of the chain says: %q", p.Phone)
		}
		for _, undo := range []place.Number{1} {
			w.importText(t, rowsOf(twinB))
			if _, err := w.places.Unmerge(t.Context(), identity.AtCLI(), undo); err != nil {
				t.Error(err)
			}
		}
		history, err := w.places.History(t.Context(), 1)
		if err != nil || len(history) < 5 {
			t.Errorf("%d changes, %v", len(history), err)
		}
	})
}

func TestNotTheSamePlace(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, rowsOf(twinA, twinB))
		list := pairs(t, w, place.DuplicateFilter{})
		if len(list) != 1 {
			t.Fatalf("%+v", list)
		}
		seen := place.MergeSeen(&list[0].First, &list[0].Second)
		refusedAs(t, w.places.Distinguish(t.Context(), identity.AtCLI(), 1, 2, "else"), fault.Conflict, "place.merge_changed")
		if err := w.places.Distinguish(t.Context(), identity.AtCLI(), 2, 1, seen); err != nil {
			t.Fatal(err)
		}
		if list := pairs(t, w, place.DuplicateFilter{}); len(list) != 0 {
			t.Errorf("proposed again: %+v", list)
		}
		w.importText(t, rowsOf(strings.ReplaceAll(twinB, "546000002", "546000008")))
		if list := pairs(t, w, place.DuplicateFilter{}); len(list) != 0 {
			t.Errorf("proposed again for a telephone: %+v", list)
		}
		w.importText(t, rowsOf(strings.ReplaceAll(twinB, "Mediathèque", "Médiathèque")))
		if list := pairs(t, w, place.DuplicateFilter{}); len(list) != 1 {
			t.Error("not proposed again, with another name")
		}
	})
}

func TestKeptPlacesFollow(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, rowsOf(twinA, twinB, twinC))
		ada := identity.Actor{Kind: identity.Resident, Account: "ada"}
		for _, n := range []place.Number{1, 2} {
			if err := w.places.Save(t.Context(), ada, n); err != nil {
				t.Fatal(err)
			}
		}
		merged(t, w, 1, 2)
		merged(t, w, 3, 1)
		w.refresh(t)
		saved, err := w.places.Saved(t.Context(), ada)
		if err != nil || len(saved) != 1 || saved[0].Number != 3 {
			t.Fatalf("%v, %v", saved, err)
		}
		if err := w.places.Unsave(t.Context(), ada, 2); err != nil {
			t.Fatal(err)
		}
		if saved, err := w.places.Saved(t.Context(), ada); err != nil || len(saved) != 0 {
			t.Errorf("%v, %v", saved, err)
		}
	})
}

func TestWhoMayMerge(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, rowsOf(twinA, twinB))
		officer := func(department string) identity.Actor {
			return identity.Actor{Kind: identity.Staff, Account: "o", Organisation: "org", SecondFactorAt: testkit.NewClock(t, "2026-05-04 09:30").Now(), Role: identity.Officer, Scope: identity.NewScope(identity.Scope{Kind: identity.ScopeDepartment, Code: department}, nil, nil)}
		}
		if list, err := w.places.Duplicates(t.Context(), officer("40"), place.DuplicateFilter{}); err != nil || len(list) != 0 {
			t.Errorf("another ground: %v, %v", list, err)
		}
		_, err := w.places.Merge(t.Context(), officer("40"), place.NewMerge{Kept: 1, Merged: 2})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("another ground: %v", err)
		}
		_, err = w.places.Duplicates(t.Context(), identity.Actor{Kind: identity.Staff, Account: "m", Role: identity.Mediator}, place.DuplicateFilter{})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("a mediator: %v", err)
		}
		for in, key := range map[*place.NewMerge]string{
			{Kept: 1, Merged: 1}: "place.merge_self", {Kept: 1, Merged: 2, Ways: place.Ways{"nom": place.FromBoth}}: "place.merge_way",
			{Kept: 1, Merged: 2, Ways: place.Ways{"rien": place.FromMerged}}: "place.merge_way",
		} {
			_, err := w.places.Merge(t.Context(), officer("17"), *in)
			refusedAs(t, err, fault.Invalid, key)
		}
		_, err = w.places.Merge(t.Context(), officer("17"), place.NewMerge{Kept: 1, Merged: 2, Seen: "else"})
		refusedAs(t, err, fault.Conflict, "place.merge_changed")
		_, err = w.places.Merge(t.Context(), officer("17"), place.NewMerge{Kept: 1, Merged: 9})
		refusedAs(t, err, fault.NotFound, "place.unknown")
		if _, err := w.places.Merge(t.Context(), officer("17"), place.NewMerge{Kept: 1, Merged: 2}); err != nil {
			t.Error(err)
		}
		if list, err := w.places.Merges(t.Context(), officer("40"), 10); err != nil || len(list) != 0 {
			t.Errorf("merges of another ground: %v, %v", list, err)
		}
		if list, err := w.places.Merges(t.Context(), officer("17"), 10); err != nil || len(list) != 1 || list[0].Undo != nil {
			t.Errorf("merges: %v, %v", list, err)
		}
	})
}

// Fifty people merge three places at once, each in another order: two succeed, and no place ends in a circle.
func TestFiftyMergeAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, rowsOf(twinA, twinB, twinC))
		orders := [][2]place.Number{{1, 2}, {2, 3}, {3, 1}, {2, 1}, {3, 2}, {1, 3}}
		var done atomic.Int64
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				o := orders[i%len(orders)]
				_, err := w.places.Merge(t.Context(), identity.AtCLI(), place.NewMerge{Kept: o[0], Merged: o[1]})
				if err == nil {
					done.Add(1)
				} else if f, ok := fault.As(err); !ok || f.Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := done.Load(); n != 2 {
			t.Errorf("%d merges of three places", n)
		}
		x := w.refresh(t)
		if x.Len() != 1 {
			t.Fatalf("%d places", x.Len())
		}
		for n := range place.Number(3) {
			if to, moved := x.Moved(n + 1); moved && to != x.Entries()[0].Number {
				t.Errorf("%d leads to %d", n+1, to)
			}
		}
	})
}

// A complete file whose row joins the ids of two places that are not united here has them both.
func TestCompleteFileOfJoinedRows(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		sameSource := strings.NewReplacer("Réseau", "Annuaire", "Tiers", "Annuaire")
		w.importText(t, sameSource.Replace(rowsOf(twinA, twinB, twinC)))
		rep, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(rowsOf("A__B"+strings.TrimPrefix(twinA, "A"))), place.ImportOptions{Source: "Annuaire", Complete: true})
		if err != nil || rep.Created != 0 || rep.ToCheck != 1 || stored(t, w, 1).ToCheck || stored(t, w, 2).ToCheck || !stored(t, w, 3).ToCheck {
			t.Errorf("%+v, %v", rep, err)
		}
	})
}

// A merge of two records that one source writes in many ways does not make imports take turns.
func TestImportsNeverTakeTurns(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		raw, err := os.ReadFile(testkit.Data(t, "lieux/lieux-40.csv"))
		if err != nil {
			t.Fatal(err)
		}
		w.importText(t, string(raw))
		for _, p := range pairs(t, w, place.DuplicateFilter{}) {
			for way, ways := range []place.Ways{{}, nil} {
				if _, err := w.places.Merge(t.Context(), identity.AtCLI(), place.NewMerge{Kept: p.Second.Number, Merged: p.First.Number, Ways: ways}); err != nil {
					t.Fatal(err)
				}
				if rep := w.importText(t, string(raw)); rep.Updated != 0 || rep.Created != 0 {
					t.Errorf("%s", fmt.Sprint(p.First.Number, p.Second.Number, way, rep.Counts))
				}
				if way == 0 {
					if _, err := w.places.Unmerge(t.Context(), identity.AtCLI(), p.First.Number); err != nil {
						t.Error(err)
					}
				}
			}
		}
	})
}
