package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/alert"
	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/secret"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// messages are the events of the messages there are, newest first, with where they went.
func messages(t *testing.T, n *apptest.Node) []notice.Line {
	t.Helper()
	lines, err := n.Notices.Lines(t.Context(), identity.AtCLI(), notice.Filter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	var out []notice.Line
	for _, l := range lines {
		if strings.HasPrefix(l.Event, "alert.") {
			out = append(out, l)
		}
	}
	return out
}

// linkOf is the page that the newest message of the outbox leads to.
func linkOf(t *testing.T, n *apptest.Node) (token, text string) {
	t.Helper()
	if _, err := n.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown, err := n.Notices.Outbox(t.Context(), identity.AtCLI(), 1)
	if err != nil || len(shown) != 1 {
		t.Fatal(shown, err)
	}
	_, rest, ok := strings.Cut(shown[0].Text, alert.LinkPath)
	if !ok {
		t.Fatalf("no link in %q", shown[0].Text)
	}
	token, _, _ = strings.Cut(rest, "\n")
	return token, shown[0].Text
}

// newPlace adds a place to the example.
func newPlace(n *apptest.Node, id, name, at string) {
	n.ImportText("id,pivot,nom,commune,code_postal,adresse,latitude,longitude,date_maj\n" + id + ",00000000000000," + name + ",Rochefort,17300,1 rue du Port," + at + ",2026-01-05\n")
	n.Reload()
}

const (
	inRochefort = "45.9405,-0.9605"
	inSaintes   = "45.7442,-0.6333" // some 34 km away
	rochefort17 = "17299"
)

// An address is asked first, told of what is new once, and forgotten when it says so.
func TestAlertOfAnAddress(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		wish := alert.Wish{Commune: rochefort17, Radius: 10, Email: " Habitante@Viaduc.example "}
		ask := func(w alert.Wish) {
			t.Helper()
			if err := n.Alerts.Ask(t.Context(), identity.Nobody(), w); err != nil {
				t.Fatal(err)
			}
		}
		ask(wish)
		ask(wish) // within the hour: not asked again
		if got := messages(t, n); len(got) != 1 || got[0].Event != alert.EventConfirm {
			t.Fatalf("asked twice: %+v", got)
		}
		token, _ := linkOf(t, n)
		newPlace(n, "NEW_0", "Trop tôt", inRochefort)
		n.Clock.Move(25 * time.Hour)
		look := func(want int) {
			t.Helper()
			if err := n.Alerts.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			near := 0
			for _, l := range messages(t, n) {
				if l.Event == alert.EventNear {
					near++
				}
			}
			if near != want {
				t.Fatalf("%d messages of something new, want %d", near, want)
			}
		}
		look(0) // nobody has confirmed
		if err := n.Alerts.Confirm(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if err := n.Alerts.Confirm(t.Context(), token); err != nil {
			t.Errorf("confirmed twice: %v", err)
		}
		ask(wish)
		if got := messages(t, n); len(got) != 1 {
			t.Errorf("a confirmed address is asked again: %+v", got)
		}
		n.Clock.Move(time.Hour)
		newPlace(n, "NEW_1", "Espace tout neuf", inRochefort)
		newPlace(n, "NEW_2", "Trop loin", inSaintes)
		n.Clock.Move(24 * time.Hour)
		look(1)
		look(1)
		n.Clock.Move(25 * time.Hour)
		look(1)
		_, text := linkOf(t, n)
		if !strings.Contains(text, "une nouveauté près de Rochefort") || !strings.Contains(text, "Espace tout neuf") || strings.Contains(text, "Trop") {
			t.Errorf("told %q", text)
		}
		a, err := n.Alerts.Read(t.Context(), token)
		if err != nil || !a.Confirmed || a.Commune.Name != "Rochefort" || a.Radius != 10 {
			t.Fatalf("%+v, %v", a, err)
		}
		items, err := n.Alerts.News(t.Context(), a)
		if err != nil || len(items) != 1 || items[0].Title != "Espace tout neuf, Rochefort" {
			t.Errorf("its page lists %+v, %v", items, err)
		}

		for what, wrong := range map[string]string{"another": token[:len(token)-1] + "x", "none": "", "an id alone": strings.SplitN(token, ".", 2)[0]} {
			if err := n.Alerts.End(t.Context(), wrong); !fault.Is(err, fault.NotFound) {
				t.Errorf("ended by %s: %v", what, err)
			}
		}
		if err := n.Alerts.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Alerts.Read(t.Context(), token); !fault.Is(err, fault.NotFound) {
			t.Errorf("after its end: %v", err)
		}
		for _, l := range messages(t, n) {
			if strings.HasPrefix(l.Recipient, "alert:") {
				t.Errorf("a message still knows whom it was for: %+v", l)
			}
		}
	})
}

func TestAlertsRefuseWhatCannotBe(t *testing.T) {
	n := apptest.Demo(t)
	for what, w := range map[string]alert.Wish{
		"commune": {Commune: "99999", Radius: 10, Email: "a@viaduc.example"}, "radius": {Commune: rochefort17, Radius: 7, Email: "a@viaduc.example"},
		"email": {Commune: rochefort17, Radius: 10, Email: "habitante"},
	} {
		err := n.Alerts.Ask(t.Context(), identity.Nobody(), w)
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[what].Key == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	communes := map[string]bool{}
	for _, e := range n.Places.Index().Entries() {
		communes[e.CommuneCode] = true
	}
	if len(communes) < 15 {
		t.Fatalf("the example has %d communes", len(communes))
	}
	for c := range communes { // an address is asked three times a day, and nobody is told so
		if err := n.Alerts.Ask(t.Context(), identity.Nobody(), alert.Wish{Commune: c, Radius: 10, Email: "a@viaduc.example"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(messages(t, n)); got != 3 {
		t.Errorf("an address was asked %d times", got)
	}
}

// Fifty nodes look at once: one message.
func TestOneMessageHoweverManyLook(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		resident := identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		if err := n.Alerts.Ask(t.Context(), resident, alert.Wish{Commune: rochefort17, Radius: 20}); err != nil {
			t.Fatal(err)
		}
		n.Clock.Move(time.Hour)
		newPlace(n, "NEW_1", "Espace tout neuf", inRochefort)
		n.Clock.Move(24 * time.Hour)
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if err := n.Alerts.Look(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if got := messages(t, n); len(got) != 1 || got[0].Event != alert.EventNear || got[0].Recipient != "account:"+string(resident.Account) {
			t.Errorf("fifty look, and tell %+v", got)
		}
	})
}

// What a resident keeps is theirs alone, and goes with their account.
func TestWhatAResidentKeeps(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		her, other := identity.Actor{Kind: identity.Resident, Account: n.Resident()}, identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		for _, number := range []place.Number{1, 2, 1} {
			if err := n.Places.Save(t.Context(), her, number); err != nil {
				t.Fatal(err)
			}
			n.Clock.Move(time.Second)
		}
		if err := n.Places.Save(t.Context(), her, 99_999); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown place: %v", err)
		}
		if err := n.Places.Save(t.Context(), identity.Nobody(), 1); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("nobody keeps a place: %v", err)
		}
		kept := func(by identity.Actor) string {
			t.Helper()
			list, err := n.Places.Saved(t.Context(), by)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, e := range list {
				out = append(out, fmt.Sprint(e.Number))
			}
			return strings.Join(out, " ")
		}
		if got := kept(her) + "/" + kept(other) + "/" + kept(identity.Nobody()); got != "2 1//" {
			t.Errorf("kept %q", got)
		}
		if err := n.Places.Unsave(t.Context(), other, 1); err != nil || kept(her) != "2 1" {
			t.Errorf("another takes a place away: %q, %v", kept(her), err)
		}
		if err := n.Places.Unsave(t.Context(), her, 1); err != nil || kept(her) != "2" {
			t.Errorf("taken away: %q, %v", kept(her), err)
		}
		if err := n.Alerts.Ask(t.Context(), her, alert.Wish{Commune: rochefort17, Radius: 10}); err != nil {
			t.Fatal(err)
		}
		mine, err := n.Alerts.Mine(t.Context(), her)
		if err != nil || len(mine) != 1 {
			t.Fatal(mine, err)
		}
		if err := n.Alerts.EndMine(t.Context(), other, mine[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another ends an alert: %v", err)
		}
		if err := n.Identity.EraseMine(t.Context(), her); err != nil {
			t.Fatal(err)
		}
		if mine, err = n.Alerts.Mine(t.Context(), her); err != nil || len(mine) != 0 || kept(her) != "" {
			t.Errorf("after the erasure: %v, %q, %v", mine, kept(her), err)
		}
	})
}

// What has had its time goes: a week for what was never confirmed, two years for the rest.
func TestAlertsEnd(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		her := identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		if err := n.Alerts.Ask(t.Context(), her, alert.Wish{Commune: rochefort17, Radius: 10}); err != nil {
			t.Fatal(err)
		}
		if err := n.Alerts.Ask(t.Context(), identity.Nobody(), alert.Wish{Commune: rochefort17, Radius: 10, Email: "a@viaduc.example"}); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			after         time.Duration
			waiting, mine int
		}{{6 * 24 * time.Hour, 1, 1}, {2 * 24 * time.Hour, 0, 1}, {725 * 24 * time.Hour, 0, 0}} {
			n.Clock.Move(step.after)
			if _, err := n.Retention.Run(t.Context(), audit.System); err != nil {
				t.Fatal(err)
			}
			waiting, err := n.Alerts.DueBefore(t.Context(), n.DB, false, n.Clock.Now(), alert.Old{}, 10)
			if err != nil {
				t.Fatal(err)
			}
			mine, err := n.Alerts.Mine(t.Context(), her)
			if err != nil || len(waiting) != step.waiting || len(mine) != step.mine {
				t.Errorf("%v later: %d waiting, %d in force, want %d and %d (%v)", step.after, len(waiting), len(mine), step.waiting, step.mine, err)
			}
		}
	})
}

// someCommunes are codes of communes of the example, always the same.
func someCommunes(t *testing.T, n *apptest.Node, count int) []string {
	t.Helper()
	var out []string
	for _, e := range n.Places.Index().Entries() {
		out = append(out, e.CommuneCode)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) < count {
		t.Fatalf("the example has %d communes, want %d", len(out), count)
	}
	return out[:count]
}

// storm runs f fifty times at once.
func storm(f func(i int)) {
	var callers sync.WaitGroup
	for i := range 50 {
		callers.Go(func() { f(i) })
	}
	callers.Wait()
}

// Fifty strangers type one address at once, for many communes: it gets three messages a day.
func TestAnAddressIsAskedThreeTimesADay(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		communes := someCommunes(t, n, 12)
		for day := range 5 {
			storm(func(i int) {
				w := alert.Wish{Commune: communes[(day*3+i)%len(communes)], Radius: 10, Email: "habitante@viaduc.example"}
				if err := n.Alerts.Ask(t.Context(), identity.Nobody(), w); err != nil {
					t.Error(err)
				}
			})
			asked, of := messages(t, n), map[string]bool{}
			for _, l := range asked {
				of[l.Recipient] = true
			}
			if len(asked) != 3*(day+1) || len(of) > 10 {
				t.Errorf("day %d: %d messages of %d alerts", day+1, len(asked), len(of))
			}
			n.Clock.Move(25 * time.Hour)
		}
	})
}

// Fifty requests of one account at once: ten alerts.
func TestAnAccountHasTenAlerts(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		communes := someCommunes(t, n, 15)
		her := identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		storm(func(i int) {
			err := n.Alerts.Ask(t.Context(), her, alert.Wish{Commune: communes[i%len(communes)], Radius: 10})
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
		if mine, err := n.Alerts.Mine(t.Context(), her); err != nil || len(mine) != 10 {
			t.Errorf("%d alerts, %v", len(mine), err)
		}
	})
}

// Fifty confirmations at once are one.
func TestConfirmedOnce(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		if err := n.Alerts.Ask(t.Context(), identity.Nobody(), alert.Wish{Commune: rochefort17, Radius: 10, Email: "habitante@viaduc.example"}); err != nil {
			t.Fatal(err)
		}
		token, _ := linkOf(t, n)
		storm(func(int) {
			if err := n.Alerts.Confirm(t.Context(), token); err != nil {
				t.Error(err)
			}
		})
		var ended atomic.Int64
		storm(func(int) {
			switch err := n.Alerts.End(t.Context(), token); {
			case err == nil:
				ended.Add(1)
			case !fault.Is(err, fault.NotFound):
				t.Error(err)
			}
		})
		if got := ended.Load(); got != 1 {
			t.Errorf("ended %d times", got)
		}
	})
}

// Two nodes on one database, with fifty rounds between them: one message.
func TestTwoNodesTellOnce(t *testing.T) {
	run := func(cfg config.Config) func(t *testing.T) {
		return func(t *testing.T) {
			first := apptest.DemoOn(t, cfg, app.Options{})
			// Clocks that differ: the key of the message, which holds the instant, must not be what keeps it single.
			second := apptest.Start(t, cfg, app.Options{Demo: true, Now: func() time.Time { return first.Clock.Now().Add(2 * time.Second) }})
			her := identity.Actor{Kind: identity.Resident, Account: first.Resident()}
			if err := first.Alerts.Ask(t.Context(), her, alert.Wish{Commune: rochefort17, Radius: 10}); err != nil {
				t.Fatal(err)
			}
			first.Clock.Move(time.Hour)
			newPlace(first, "NEW_1", "Espace tout neuf", inRochefort)
			second.Reload()
			first.Clock.Move(24 * time.Hour)
			storm(func(i int) {
				if err := []*apptest.Node{first, second}[i%2].Alerts.Look(t.Context()); err != nil {
					t.Error(err)
				}
			})
			if got := messages(t, second); len(got) != 1 {
				t.Errorf("told %d times: %+v", len(got), got)
			}
		}
	}
	key, err := secret.NewSignerKey()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("sqlite", run(config.Config{Data: testkit.SQLiteDir(t)}))
	if testkit.Wants("postgres") {
		t.Run("postgres", run(config.Config{DatabaseURL: testkit.PostgresURL(t), JournalKey: key}))
	}
}

// What has landed but is not shown yet while a round looks is told by the next one.
func TestWhatLandsDuringARoundIsToldByTheNext(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		her := identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		if err := n.Alerts.Ask(t.Context(), her, alert.Wish{Commune: rochefort17, Radius: 10}); err != nil {
			t.Fatal(err)
		}
		n.Clock.Move(24 * time.Hour)
		file := "id,pivot,nom,commune,code_postal,adresse,latitude,longitude,date_maj\nNEW_1,00000000000000,Espace tout neuf,Rochefort,17300,1 rue du Port," + inRochefort + ",2026-01-05\n"
		if _, err := n.Places.Import(t.Context(), identity.AtCLI(), strings.NewReader(file), place.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		n.Clock.Move(time.Minute)
		if err := n.Alerts.Look(t.Context()); err != nil { // this node has not loaded the place
			t.Fatal(err)
		}
		n.Reload()
		n.Clock.Move(24 * time.Hour)
		if err := n.Alerts.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := messages(t, n); len(got) != 1 {
			t.Errorf("told %d times, want once", len(got))
		}
	})
}

// faulty is a source that cannot answer near one point.
type faulty struct{ near territory.Point }

func (f faulty) Near(_ context.Context, at territory.Point, _ float64, _, until time.Time) ([]alert.Item, error) {
	if at == f.near {
		return nil, errors.New("no answer")
	}
	return []alert.Item{{Title: "Atelier", Path: "/lieux", At: until}}, nil
}

// An alert that cannot be looked at keeps nobody else from being told, and stays due.
func TestOneFaultStopsNoOtherAlert(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		her := identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		communes := someCommunes(t, n, 4)
		for _, c := range communes {
			if err := n.Alerts.Ask(t.Context(), her, alert.Wish{Commune: c, Radius: 10}); err != nil {
				t.Fatal(err)
			}
			n.Clock.Move(time.Second)
		}
		first, _ := n.Territory.Gazetteer().Commune(communes[0])
		round := alert.New(alert.Deps{
			DB: n.DB, Journal: n.Journal, Territory: n.Territory, Identity: n.Identity, Notices: n.Notices, Sources: []alert.Source{faulty{first.Point}},
			Jobs: jobs.New(jobs.Deps{DB: n.DB, Now: n.Clock.Now}), Key: []byte("key"), Zone: time.UTC, Now: n.Clock.Now,
		})
		n.Clock.Move(24 * time.Hour)
		for range 2 { // the second round, as a job is tried again
			if err := round.Look(t.Context()); err == nil {
				t.Error("the fault is not told")
			}
		}
		if got := messages(t, n); len(got) != 3 {
			t.Errorf("told %d of the three others", len(got))
		}
	})
}

// Staff have no page of alerts: theirs are of an address, as anybody's.
func TestStaffAskByAddress(t *testing.T) {
	n := apptest.Demo(t)
	staff := identity.Actor{Kind: identity.Staff, Account: n.Person(identity.Mediator)[0].Account}
	if err := n.Alerts.Ask(t.Context(), staff, alert.Wish{Commune: rochefort17, Radius: 10}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without an address: %v", err)
	}
	if err := n.Alerts.Ask(t.Context(), staff, alert.Wish{Commune: rochefort17, Radius: 10, Email: "agent@viaduc.example"}); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, n); len(got) != 1 || got[0].Event != alert.EventConfirm {
		t.Errorf("told %+v", got)
	}
}

// A hundred places, however many requests at once.
func TestAPersonKeepsAHundredPlaces(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		her := identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		csv := "id,pivot,nom,commune,code_postal,adresse,latitude,longitude,date_maj\n"
		for i := range 150 {
			csv += fmt.Sprintf("MANY_%d,00000000000000,Lieu %d,Rochefort,17300,%d rue du Port,%s,2026-01-05\n", i, i, i+1, inRochefort)
		}
		n.ImportText(csv)
		n.Reload()
		var numbers []place.Number
		for _, e := range n.Places.Index().Entries() {
			numbers = append(numbers, e.Number)
		}
		if len(numbers) < 149 {
			t.Fatalf("%d places", len(numbers))
		}
		for _, number := range numbers[:99] {
			if err := n.Places.Save(t.Context(), her, number); err != nil {
				t.Fatal(err)
			}
			n.Clock.Move(time.Second)
		}
		var kept atomic.Int64
		storm(func(i int) {
			switch err := n.Places.Save(t.Context(), her, numbers[99+i]); {
			case err == nil:
				kept.Add(1)
			case !fault.Is(err, fault.Conflict):
				t.Error(err)
			}
		})
		if got := kept.Load(); got != 1 {
			t.Errorf("the hundredth place was kept %d times", got)
		}
	})
}

// An alert tells of an activity that comes near, once, by its next date.
func TestAnAlertTellsOfANewActivity(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		her := identity.Actor{Kind: identity.Resident, Account: n.Resident()}
		if err := n.Alerts.Ask(t.Context(), her, alert.Wish{Commune: rochefort17, Radius: 10}); err != nil {
			t.Fatal(err)
		}
		n.Clock.Move(time.Hour)
		for commune, title := range map[string]string{rochefort17: "Atelier tout neuf", "17197": "Trop loin"} {
			_, err := n.Agenda.AddSeries(t.Context(), identity.TheSystem(), agenda.NewSeries{
				Mode: agenda.Workshop, Title: title, Capacity: 5, Where: agenda.Where{Commune: commune, Venue: "Mairie"},
				Pattern: recur.Pattern{Rule: recur.EveryWeek(1, time.Thursday), Starts: recur.Date{Year: 2026, Month: time.May, Day: 7}, Until: recur.Date{Year: 2026, Month: time.June, Day: 25}, Minute: 600, Length: 60, Zone: n.Clock.Now().Location()},
			}, agenda.Published)
			if err != nil {
				t.Fatal(err)
			}
		}
		n.Reload()
		n.Clock.Move(24 * time.Hour)
		for range 2 {
			if err := n.Alerts.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := messages(t, n)
		if len(got) != 1 || got[0].Event != alert.EventNear {
			t.Fatalf("%+v", got)
		}
		mine, err := n.Alerts.Mine(t.Context(), her)
		if err != nil || len(mine) != 1 {
			t.Fatal(err)
		}
		news, err := n.Alerts.News(t.Context(), mine[0])
		if err != nil || len(news) != 1 || news[0].Title != "Atelier tout neuf, Rochefort" || !strings.HasPrefix(news[0].Path, "/agenda/") {
			t.Errorf("%v, %+v", err, news)
		}
	})
}
