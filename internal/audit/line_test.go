package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// clocked returns a journal with a clock that the test moves.
func clocked(t *testing.T, d *db.DB) (*audit.Journal, *testkit.Clock) {
	t.Helper()
	clock := testkit.NewClock(t, "2026-05-04 09:30")
	return audit.New(audit.Deps{DB: d, Signer: newSigner(t), Now: clock.Now, Log: slog.New(slog.DiscardHandler)}), clock
}

func write(t *testing.T, d *db.DB, j *audit.Journal, entries ...audit.Entry) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return j.RecordTx(ctx, tx, entries...) })
	if err != nil {
		t.Fatal(err)
	}
}

// Every filter finds the very lines that reading all of them would, page by page, newest first, each once.
func TestSearchFindsWhatReadingAllWould(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, clock := clocked(t, d)
		actors := []audit.Actor{audit.CLI, audit.System, "account-1", "account-2"}
		actions := []string{"place.import", "place.edit", "places.other", "identity.login", "identity.login_failed", "identityXlogin"}
		for i := range 60 {
			if i%7 == 0 { // several lines at the same instant, among them
				clock.Move(time.Hour)
			}
			e := audit.Entry{Actor: actors[i%4], Action: actions[i%6], Object: audit.Object{Kind: []string{"place", "account"}[i%2], ID: fmt.Sprint(i % 5)}}
			if i%3 == 0 {
				e.Subjects = []audit.Object{{Kind: "person", ID: fmt.Sprint(i % 4)}, {Kind: "account", ID: "2"}}
			}
			write(t, d, j, e)
		}
		all, err := j.Search(t.Context(), audit.Filter{}, 500)
		if err != nil || len(all.Lines) != 60 || all.Next != (audit.Cursor{}) {
			t.Fatalf("all: %d lines, next %v, %v", len(all.Lines), all.Next, err)
		}
		if !slices.IsSortedFunc(all.Lines, func(a, b audit.Line) int {
			return strings.Compare(fmt.Sprintf("%020d%s", b.At, b.ID), fmt.Sprintf("%020d%s", a.At, a.ID))
		}) {
			t.Error("the lines are not newest first")
		}
		from, to := db.Time(all.Lines[40].At), db.Time(all.Lines[10].At)
		person := audit.Object{Kind: "person", ID: "3"}
		account := audit.Object{Kind: "account", ID: "2"} // an object of some lines and a subject of others
		for name, tc := range map[string]struct {
			filter audit.Filter
			want   func(audit.Line) bool
		}{
			"actor":           {audit.Filter{Actor: "account-1"}, func(l audit.Line) bool { return l.Actor == "account-1" }},
			"module":          {audit.Filter{Action: "place."}, func(l audit.Line) bool { return strings.HasPrefix(l.Action, "place.") }},
			"sign, not joker": {audit.Filter{Action: "identity.login_"}, func(l audit.Line) bool { return l.Action == "identity.login_failed" }},
			"object":          {audit.Filter{Object: account}, func(l audit.Line) bool { return l.Object == account }},
			"kind":            {audit.Filter{Object: audit.Object{Kind: "account"}}, func(l audit.Line) bool { return l.Object.Kind == "account" }},
			"subject":         {audit.Filter{Concerning: person}, func(l audit.Line) bool { return slices.Contains(l.Subjects, person) }},
			"object or subject": {audit.Filter{Concerning: account}, func(l audit.Line) bool {
				return l.Object == account || slices.Contains(l.Subjects, account)
			}},
			"period": {audit.Filter{From: from, To: to}, func(l audit.Line) bool { return l.At >= db.Micros(from) && l.At < db.Micros(to) }},
			"all at once": {audit.Filter{Actor: audit.System, Action: "identity", Concerning: account, From: from, To: to}, func(l audit.Line) bool {
				return l.Actor == audit.System && strings.HasPrefix(l.Action, "identity") && l.At >= db.Micros(from) && l.At < db.Micros(to) &&
					(l.Object == account || slices.Contains(l.Subjects, account))
			}},
			"nothing": {audit.Filter{Actor: "account-9"}, func(audit.Line) bool { return false }},
		} {
			var want, got []audit.Line
			for _, l := range all.Lines {
				if tc.want(l) {
					want = append(want, l)
				}
			}
			for f, pages := tc.filter, 0; ; pages++ {
				p, err := j.Search(t.Context(), f, 4)
				if err != nil || pages > 20 {
					t.Fatalf("%s: page %d: %v", name, pages, err)
				}
				got = append(got, p.Lines...)
				if p.Next == (audit.Cursor{}) {
					break
				}
				if f.After, err = audit.ParseCursor(p.Next.String()); err != nil { // as an address carries it
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
			if len(want) == 0 && name != "nothing" {
				t.Errorf("%s: the test looks for nothing", name)
			}
		}
	})
}

func TestSearchRefusesWhatCannotBe(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, clock := clocked(t, d)
		now := clock.Now()
		for name, f := range map[string]audit.Filter{
			"object without a kind":  {Object: audit.Object{ID: "1"}},
			"subject without an id":  {Concerning: audit.Object{Kind: "person"}},
			"ends before it begins":  {From: now, To: now.Add(-time.Hour)},
			"ends where it begins":   {From: now, To: now},
			"subject without a kind": {Concerning: audit.Object{ID: "1"}},
		} {
			if _, err := j.Search(t.Context(), f, 10); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: err = %v, want invalid", name, err)
			}
		}
	})
	for _, text := range []string{"x", ".", "1.", "1.2", "zz", "1.01a214c8-2722-7fa3-9a26-3d59ce4a2bc9x", "-.01a214c8-2722-7fa3-9a26-3d59ce4a2bc9"} {
		if c, err := audit.ParseCursor(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseCursor(%q) = %v, %v, want invalid", text, c, err)
		}
	}
}

// A person reads who looked at or changed what concerns them: others, themselves, those who tried in vain, and the
// upkeep of the machine.
func TestConcerningShowsFailedAttemptsAndUpkeep(t *testing.T) { // C20
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, clock := clocked(t, d)
		marie := audit.Object{Kind: "person", ID: "marie"}
		paul := audit.Object{Kind: "person", ID: "paul"}
		write(t, d, j,
			audit.Entry{Actor: "account-1", Action: "person.read", Object: marie},
			audit.Entry{Actor: "account-2", Action: "person.read_refused", Object: marie},
			audit.Entry{Actor: audit.Anonymous, Action: "identity.login_failed", Object: audit.Object{Kind: "account", ID: "a"}, Subjects: []audit.Object{marie}},
			audit.Entry{Actor: audit.CLI, Action: "person.export", Object: marie, Subjects: []audit.Object{marie}},
			audit.Entry{Actor: audit.System, Action: "person.remind", Object: audit.Object{Kind: "booking", ID: "b"}, Subjects: []audit.Object{marie, paul, marie}},
			audit.Entry{Actor: "account-1", Action: "person.read", Object: paul},
		)
		clock.Move(time.Minute)
		p, err := j.Concerning(t.Context(), marie, audit.Cursor{}, 50)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range p.Lines {
			got = append(got, string(l.Actor)+" "+l.Action)
		}
		want := []string{"system person.remind", "cli person.export", "anonymous identity.login_failed", "account-2 person.read_refused", "account-1 person.read"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what concerns her:\n%s", diff)
		}
		if subjects := p.Lines[0].Subjects; !slices.Equal(subjects, []audit.Object{marie, paul}) {
			t.Errorf("subjects = %v, want each once", subjects)
		}
		if len(p.Lines[1].Subjects) != 0 {
			t.Errorf("the object is named again as a subject: %v", p.Lines[1].Subjects)
		}
	})
}

func TestSubjectWithoutIDIsRefused(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, _ := clocked(t, d)
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return j.RecordTx(ctx, tx, audit.Entry{Actor: audit.CLI, Action: "x.y", Subjects: []audit.Object{{Kind: "person"}}})
		})
		if err == nil {
			t.Error("a subject without an id is recorded")
		}
	})
}

// A person's bodies go, the leaves and proofs stay, and the journal holds, in front of a head kept from before too.
func TestErasingAPersonLeavesTheProofs(t *testing.T) { // C18
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, _ := clocked(t, d)
		marie := audit.Object{Kind: "person", ID: "marie"}
		var entries []audit.Entry
		for i := range 250 { // more than a chunk
			e := audit.Entry{Actor: "account-1", Action: "person.read", Object: audit.Object{Kind: "person", ID: fmt.Sprint(i)}}
			switch i % 3 {
			case 0:
				e.Object = marie
			case 1:
				e.Subjects = []audit.Object{marie}
			}
			entries = append(entries, e)
		}
		write(t, d, j, entries...)
		sequence(t, j)
		kept, err := j.LastHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		write(t, d, j, audit.Entry{Actor: audit.CLI, Action: "person.export", Object: marie}) // not sequenced yet
		erase := func() (n int, err error) {
			err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				n, err = j.EraseSubjectTx(ctx, tx, marie, "personne effacée")
				return err
			})
			return n, err
		}
		if n, err := erase(); n != 84+83+1 || err != nil {
			t.Fatalf("erased %d, %v", n, err)
		}
		if n, err := erase(); n != 0 || err != nil {
			t.Errorf("erased %d again, %v", n, err)
		}
		if p, err := j.Concerning(t.Context(), marie, audit.Cursor{}, 50); len(p.Lines) != 0 || err != nil {
			t.Errorf("%d lines are left, %v", len(p.Lines), err)
		}
		rest, err := j.Search(t.Context(), audit.Filter{}, 500)
		if err != nil || len(rest.Lines) != 83 {
			t.Errorf("%d lines of others are left, %v", len(rest.Lines), err)
		}
		if rep := verify(t, j, kept.Note); rep.Bad != nil || rep.Leaves != 250 || rep.Erased != 167 || rep.Pending != 1 {
			t.Errorf("after: %+v", rep)
		}
		sequence(t, j)
		if rep := verify(t, j, kept.Note); rep.Bad != nil || rep.Leaves != 251 || rep.Erased != 168 {
			t.Errorf("sequenced: %+v", rep)
		}
	})
}

func TestOldestGoesThroughAllInOrder(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		j, clock := clocked(t, d)
		begin := clock.Now()
		for i := range 20 {
			write(t, d, j, audit.Entry{Actor: audit.CLI, Action: "x.y", Object: audit.Object{Kind: "n", ID: fmt.Sprint(i)}, Subjects: []audit.Object{{Kind: "s", ID: "1"}}})
			if i%3 == 0 {
				clock.Move(time.Hour)
			}
		}
		var got []string
		for after := (audit.Cursor{}); ; {
			lines, err := j.Oldest(t.Context(), d, begin.Add(3*time.Hour), after, 4)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range lines {
				if len(l.Subjects) != 1 {
					t.Errorf("line %s has %d subjects", l.Object.ID, len(l.Subjects))
				}
				got = append(got, l.Object.ID)
				after = l.Cursor()
			}
			if len(lines) < 4 {
				break
			}
		}
		if want := "0 1 2 3 4 5 6"; strings.Join(got, " ") != want { // 0 at 9:30, 1-3 at 10:30, 4-6 at 11:30
			t.Errorf("got %v, want %s", got, want)
		}
	})
}
