package place_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/secret"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// reporting is a world whose clock a test moves, with two places.
func reporting(t *testing.T, d *db.DB) (world, *testkit.Clock) {
	t.Helper()
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	clock := testkit.NewClock(t, "2026-05-04 09:30")
	w := world{db: d, journal: audit.New(audit.Deps{DB: d, Signer: key, Now: clock.Now, Log: log})}
	w.ground = territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	w.places = place.New(place.Deps{DB: d, Journal: w.journal, Territory: w.ground, Now: clock.Now, Log: log})
	w.importText(t, header+"\n"+row1+"\nA_2,00000000000000,Mairie,Saint-Denis,97400,2 rue du Test,2026-01-05\n")
	return w, clock
}

func (w world) report(t *testing.T, in place.NewReport) string {
	t.Helper()
	ref, err := w.places.Report(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func (w world) reports(t *testing.T, all bool) []place.Report {
	t.Helper()
	list, err := w.places.Reports(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAReportLivesAndCloses(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, clock := reporting(t, d)
		first := w.report(t, place.NewReport{
			Place: 1, Topics: []place.Topic{place.Gone, place.WrongHours, place.WrongHours, "nothing of the kind"},
			Text: " Fermé le lundi.\r\nEt le mardi\x1b[31m ! ", Contact: "05.36.49.00.12",
		})
		clock.Move(time.Hour)
		second := w.report(t, place.NewReport{Place: 2, Topics: []place.Topic{place.WrongContact}})
		if first == second || len(first) != 7 {
			t.Errorf("references %q and %q", first, second)
		}
		list := w.reports(t, false)
		if len(list) != 2 || list[0].Reference != first || list[1].Reference != second {
			t.Fatalf("open reports: %+v", list)
		}
		want := place.Report{
			ID: list[0].ID, Place: list[0].Place, Number: 1, Name: "Médiathèque", Commune: "Saintes", Reference: first,
			At: time.Date(2026, 5, 4, 7, 30, 0, 0, time.UTC), Topics: []place.Topic{place.WrongHours, place.Gone},
			Text: "Fermé le lundi.\nEt le mardi [31m !", Contact: "+33536490012", State: place.ReportOpen,
		}
		if diff := cmp.Diff(want, list[0], cmpopts.IgnoreUnexported(place.Report{})); diff != "" {
			t.Errorf("the first report:\n%s", diff)
		}
		for _, tc := range []struct {
			number place.Number
			ref    string
			want   bool
		}{{1, first, true}, {2, first, false}, {2, second, true}, {1, "BBB-BBB", false}, {99, first, false}} {
			if got, err := w.places.HasReport(t.Context(), tc.number, tc.ref); got != tc.want || err != nil {
				t.Errorf("HasReport(%d, %s) = %v, %v", tc.number, tc.ref, got, err)
			}
		}

		closed, err := w.places.CloseReport(t.Context(), identity.AtCLI(), first, place.ReportDone)
		if err != nil || closed.State != place.ReportDone || !closed.ClosedAt.Equal(clock.Now()) {
			t.Errorf("closed: %+v, %v", closed, err)
		}
		if _, err := w.places.CloseReport(t.Context(), identity.AtCLI(), first, place.ReportDismissed); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed twice: %v", err)
		}
		if _, err := w.places.CloseReport(t.Context(), identity.AtCLI(), "BBB-BBB", place.ReportDone); !fault.Is(err, fault.NotFound) {
			t.Errorf("closed an unknown one: %v", err)
		}
		if open, all := w.reports(t, false), w.reports(t, true); len(open) != 1 || len(all) != 2 || all[0].State != place.ReportDone {
			t.Errorf("%d open, %d in all", len(open), len(all))
		}
		w.journalOfReports(t, list[0].Place, first)
	})
}

// journalOfReports sees who did what to the first place, and that nothing a resident wrote is in the journal.
func (w world) journalOfReports(t *testing.T, of place.ID, reference string) {
	t.Helper()
	if _, err := w.journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines, err := w.journal.About(t.Context(), audit.Object{Kind: "place", ID: string(of)}, 10)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]audit.Line{}
	for _, l := range lines {
		by[l.Action] = l
		if strings.Contains(l.DetailJSON, "lundi") || strings.Contains(l.DetailJSON, "36490012") {
			t.Errorf("the journal holds what a resident wrote: %+v", l)
		}
	}
	if l := by["place.report"]; l.Actor != audit.Anonymous || l.DetailJSON != `{"référence":"`+reference+`"}` {
		t.Errorf("line of the report: %+v", l)
	}
	if l := by["place.report_close"]; l.Actor != audit.CLI || l.DetailJSON != `{"référence":"`+reference+`","état":"done"}` {
		t.Errorf("line of its end: %+v", l)
	}
}

func TestReportsAreChecked(t *testing.T) {
	w, _ := reporting(t, testkit.SQLite(t))
	hours := []place.Topic{place.WrongHours}
	for about, tc := range map[string]struct {
		in     place.NewReport
		fields []string
	}{
		"nothing":                   {place.NewReport{Place: 1}, []string{"topics"}},
		"unknown topics":            {place.NewReport{Place: 1, Topics: []place.Topic{"x"}, Text: "x"}, []string{"topics"}},
		"other without a word":      {place.NewReport{Place: 1, Topics: []place.Topic{place.OtherTopic}, Text: " \n\x07"}, []string{"text"}},
		"other beside hours":        {place.NewReport{Place: 1, Topics: []place.Topic{place.OtherTopic, place.WrongHours}}, nil},
		"as long as can be":         {place.NewReport{Place: 1, Topics: hours, Text: strings.Repeat("é", place.MaxReportText)}, nil},
		"too long":                  {place.NewReport{Place: 1, Topics: hours, Text: strings.Repeat("é", place.MaxReportText+1)}, []string{"text"}},
		"no number":                 {place.NewReport{Place: 1, Topics: hours, Contact: "06 39"}, []string{"contact"}},
		"no address":                {place.NewReport{Place: 1, Topics: hours, Contact: "moi@"}, []string{"contact"}},
		"two addresses":             {place.NewReport{Place: 1, Topics: hours, Contact: "a@exemple.fr b@exemple.fr"}, []string{"contact"}},
		"words":                     {place.NewReport{Place: 1, Topics: hours, Contact: "à la mairie"}, []string{"contact"}},
		"all of it":                 {place.NewReport{Place: 1, Text: strings.Repeat("x", 5000), Contact: strings.Repeat("x", 5000)}, []string{"contact", "text", "topics"}},
		"a foreign number":          {place.NewReport{Place: 1, Topics: hours, Contact: "+44 20 7946 0000"}, nil},
		"a range that nobody knows": {place.NewReport{Place: 1, Topics: hours, Contact: "06 39 98 00 12"}, nil},
		"a number among words":      {place.NewReport{Place: 1, Topics: hours, Contact: "au 05 36 49 00 12, le soir"}, nil},
		"an address, big letters":   {place.NewReport{Place: 1, Topics: hours, Contact: " Moi@Exemple.FR "}, nil},
	} {
		_, err := w.places.Report(t.Context(), tc.in)
		var fields []string
		if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
			for name := range f.Fields {
				fields = append(fields, name)
			}
		} else if err != nil {
			t.Errorf("%s: %v", about, err)
		}
		slices.Sort(fields)
		if diff := cmp.Diff(tc.fields, fields); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
	var contacts []string
	for _, r := range w.reports(t, false) {
		if r.Contact != "" {
			contacts = append(contacts, r.Contact)
		}
	}
	slices.Sort(contacts)
	if diff := cmp.Diff([]string{"+33536490012", "+442079460000", "0639980012", "moi@exemple.fr"}, contacts); diff != "" {
		t.Errorf("contacts:\n%s", diff)
	}
	if _, err := w.places.Report(t.Context(), place.NewReport{Place: 99, Topics: hours}); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown place: %v", err)
	}
}

func TestAnImpatientFingerSendsOneReport(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, clock := reporting(t, d)
		in := place.NewReport{Place: 1, Topics: []place.Topic{place.WrongHours}, Text: "Fermé", Contact: "05 36 49 00 12"}
		first := w.report(t, in)
		clock.Move(10 * time.Minute)
		if again := w.report(t, in); again != first {
			t.Errorf("ten minutes later: %s, want %s", again, first)
		}
		other := in
		other.Text = "Fermé aussi"
		if ref := w.report(t, other); ref == first {
			t.Error("other words have the same reference")
		}
		clock.Move(10 * time.Minute)
		if later := w.report(t, in); later == first {
			t.Error("twenty minutes later it is the same report still")
		}
		if n := len(w.reports(t, true)); n != 3 {
			t.Errorf("%d reports, want 3", n)
		}
	})
}

func TestOneOfFiftyClosesAReport(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, _ := reporting(t, d)
		ref := w.report(t, place.NewReport{Place: 1, Topics: []place.Topic{place.Gone}})
		var closed, conflicts atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				switch _, err := w.places.CloseReport(t.Context(), identity.AtCLI(), ref, place.ReportDone); {
				case err == nil:
					closed.Add(1)
				case fault.Is(err, fault.Conflict):
					conflicts.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if closed.Load() != 1 || conflicts.Load() != 49 {
			t.Errorf("%d closed it, %d came too late", closed.Load(), conflicts.Load())
		}
	})
}

func TestReportersAreForgotten(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, clock := reporting(t, d)
		w.report(t, place.NewReport{Place: 1, Topics: []place.Topic{place.WrongHours}, Text: "Fermé", Contact: "05 36 49 00 12"})
		w.report(t, place.NewReport{Place: 2, Topics: []place.Topic{place.WrongHours}})
		clock.Move(time.Hour)
		w.report(t, place.NewReport{Place: 1, Topics: []place.Topic{place.Gone}, Contact: "moi@exemple.fr"})
		for _, want := range []int{1, 0} {
			old, err := w.places.ReachableReports(t.Context(), d, clock.Now(), time.Time{}, "", 10)
			if err != nil || len(old) != want {
				t.Fatalf("%d reports to forget, %v, want %d", len(old), err, want)
			}
			for _, r := range old {
				err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					n, err := w.places.ForgetReportersTx(ctx, tx, r.ID)
					if n != 1 {
						t.Errorf("forgot %d", n)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		list := w.reports(t, false)
		if len(list) != 3 || list[0].Contact != "" || list[0].Text != "Fermé" || list[2].Contact != "moi@exemple.fr" {
			t.Errorf("left: %+v", list)
		}
	})
}
