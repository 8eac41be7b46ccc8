package agenda_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/agenda/travel"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// tour is a van of the mediator's structure, with one stop: Anduze on Thursday mornings.
func (w *world) tour() agenda.Tour {
	w.t.Helper()
	t, err := w.SaveTour(w.t.Context(), w.mediator, agenda.Tour{
		Name: "Le bus (exemple)", Vehicle: "Fourgon", Kit: []string{"8 tablettes", " ", "Imprimante"}, From: "2026-05-04", To: "2026-07-03", Setup: 15, Base: ales,
		Members: []identity.AccountID{w.mediator.Account},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.add(workshop(0, func(in *agenda.NewSeries) {
		in.Tour, in.Mode, in.Waiting, in.Members = t.ID, agenda.WalkIn, false, t.Members
		in.Where, in.Pattern.Minute = agenda.Where{Commune: anduze, Venue: "Bureau de poste"}, 10*60
	}))
	return t
}

// wish is what Salindres asks for.
func wish(edit ...func(*agenda.NewRequest)) agenda.NewRequest {
	in := agenda.NewRequest{
		Commune: salindres, EveryWeeks: 1, Days: []time.Weekday{time.Thursday}, From: "2026-05-18", Rooms: "Salle des fêtes", Wifi: "yes", ContactName: "Secrétariat (exemple)",
		Email: "mairie@salindres.example",
	}
	for _, e := range edit {
		e(&in)
	}
	return in
}

func TestARequestBecomesDates(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour := w.tour()
		r, err := w.AskFor(t.Context(), wish())
		if err != nil || r.State != agenda.Asked || r.Reference == "" {
			t.Fatalf("%v, %+v", err, r)
		}
		if err := w.Study(t.Context(), w.mediator, r.ID, r.Version); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a mediator studies it: %v", err)
		}
		if err := w.Study(t.Context(), w.officer, r.ID, r.Version); err != nil {
			t.Fatal(err)
		}
		list, err := w.Proposals(t.Context(), w.officer, r.ID, 10)
		if err != nil || len(list) == 0 {
			t.Fatalf("%v, %d proposals", err, len(list))
		}
		for _, p := range list {
			if p.Weekday == time.Thursday && p.Half == travel.Morning {
				t.Error("the crew is at Anduze on Thursday mornings")
			}
			if len(p.Reasons) == 0 {
				t.Errorf("%+v gives no reason", p)
			}
		}
		if !slices.ContainsFunc(list, func(p travel.Proposal) bool {
			return p.Weekday == time.Thursday && p.Half == travel.Afternoon && p.Crew == string(tour.ID)
		}) {
			t.Error("Thursday afternoon is free, and not proposed")
		}
		if !slices.IsSortedFunc(list, func(a, b travel.Proposal) int { return b.Score - a.Score }) {
			t.Error("the best is not first")
		}
		day := agenda.HalfDay{Tour: tour.ID, Weekday: time.Thursday, Half: "afternoon", Starts: "2026-05-21", Minute: 14 * 60, Length: 150}
		wants(t, w.Offer(t.Context(), w.officer, r.ID, r.Version, day), "agenda.stale")
		wrong := day
		wrong.Starts = "2026-05-22"
		wants(t, w.Offer(t.Context(), w.officer, r.ID, r.Version+1, wrong), "agenda.invalid")
		if _, err := w.Agree(t.Context(), r.Token); !fault.Is(err, fault.Conflict) {
			t.Errorf("yes to nothing: %v", err)
		}
		if err := w.Offer(t.Context(), w.officer, r.ID, r.Version+1, day); err != nil {
			t.Fatal(err)
		}
		for range 2 { // twice is once
			if _, err := w.Agree(t.Context(), r.Token); err != nil {
				t.Fatal(err)
			}
		}
		now, err := w.Request(t.Context(), r.Token)
		if err != nil || now.State != agenda.Scheduled || now.Series == "" {
			t.Fatalf("%v, %+v", err, now)
		}
		dates := w.dates(now.Series)
		if len(dates) != 7 || dates[0].State != agenda.Planned || !dates[0].Start.Equal(at("2026-05-21 14:00")) || dates[0].Series.Host.Name != "Mairie de Salindres" {
			t.Errorf("%d dates, first %+v", len(dates), dates[0].Occurrence)
		}
		if last := dates[len(dates)-1]; !last.Start.Before(at("2026-07-04 00:00")) {
			t.Errorf("beyond the season: %s", last.Start)
		}
		if got := w.toldTo("request:" + r.ID); got[agenda.EventRequest] != 4 {
			t.Errorf("told: %v", got) // asked, proposed, agreed, scheduled
		}
		if err := w.AskHosts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.AskHosts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.toldTo("host:" + string(dates[0].ID)); got[agenda.EventHost] != 1 {
			t.Errorf("the town hall is asked once: %v", got)
		}
		if got := w.toldTo("host:" + string(dates[4].ID)); got[agenda.EventHost] != 0 {
			t.Errorf("six weeks ahead: %v", got)
		}
	})
}

// toldTo counts the messages to a reference, by event.
func (w *world) toldTo(ref string) map[string]int {
	w.t.Helper()
	lines, err := w.notices.Lines(w.t.Context(), identity.AtCLI(), notice.Filter{Recipient: ref, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]int{}
	for _, l := range lines {
		out[l.Event]++
	}
	return out
}

func TestARequestIsDeclinedWithAReason(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		r, err := w.AskFor(t.Context(), wish())
		if err != nil {
			t.Fatal(err)
		}
		wants(t, w.Turn(t.Context(), w.officer, r.ID, r.Version, " "), "agenda.invalid")
		if err := w.Turn(t.Context(), w.officer, r.ID, r.Version, "Nos semaines sont pleines."); err != nil {
			t.Fatal(err)
		}
		now, err := w.Request(t.Context(), r.Token)
		if err != nil || now.State != agenda.Turned || now.Refusal != "Nos semaines sont pleines." || now.EndedAt.IsZero() {
			t.Errorf("%v, %+v", err, now)
		}
		if list, err := w.Requests(t.Context(), w.officer); err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		if _, err := w.Request(t.Context(), r.ID+".x"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a forged token: %v", err)
		}
		for field, edit := range map[string]func(*agenda.NewRequest){
			"commune": func(in *agenda.NewRequest) { in.Commune = "" }, "every": func(in *agenda.NewRequest) { in.EveryWeeks = 3 }, "rooms": func(in *agenda.NewRequest) { in.Rooms = " " },
			"contact": func(in *agenda.NewRequest) { in.ContactName = "" }, "from": func(in *agenda.NewRequest) { in.From = "demain" }, "email": func(in *agenda.NewRequest) { in.Email = "x" },
		} {
			if f, ok := fault.As(w.CheckRequest(wish(edit))); !ok || f.Fields[field].Key == "" {
				t.Errorf("%s is not refused", field)
			}
		}
	})
}

func TestToursAndTheirRoads(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour := w.tour()
		if !slices.Equal(tour.Kit, []string{"8 tablettes", "Imprimante"}) {
			t.Errorf("%q", tour.Kit)
		}
		stale := tour
		stale.Version--
		_, err := w.SaveTour(t.Context(), w.mediator, stale)
		wants(t, err, "agenda.stale")
		if _, err := w.Tour(t.Context(), w.helper, tour.ID); err == nil {
			t.Error("another structure reads it")
		}
		from, to := w.clock.Now(), w.clock.Now().AddDate(0, 2, 0)
		if faults, err := w.CheckTravel(t.Context(), w.mediator, from, to); err != nil || len(faults) != 0 {
			t.Fatalf("%v, %v", faults, err)
		}
		w.add(workshop(8, func(in *agenda.NewSeries) { // Anduze ends at noon, Salindres begins five minutes later
			in.Tour, in.Members = tour.ID, tour.Members
			in.Where, in.Pattern.Minute = agenda.Where{Commune: salindres, Venue: "Mairie"}, 12*60+5
		}))
		faults, err := w.CheckTravel(t.Context(), w.mediator, from, to)
		if err != nil || len(faults) == 0 {
			t.Fatalf("%v, %v", faults, err)
		}
		var who []string
		for _, f := range faults {
			who = append(who, f.Who)
			if f.Clash.Kind != travel.Late || f.Clash.Missing < 30 || f.A.Where.Commune != anduze {
				t.Errorf("%+v", f.Clash)
			}
		}
		if !slices.Contains(who, "Alba") || !slices.Contains(who, "Fourgon") {
			t.Errorf("%v", who)
		}
		n, err := w.ImportTravel(t.Context(), identity.AtCLI(), strings.NewReader("code_depart;code_arrivee;minutes\n30010;30305;3\n"))
		if err != nil || n != 1 {
			t.Fatalf("%d, %v", n, err)
		}
		faults, err = w.CheckTravel(t.Context(), w.mediator, from, to)
		if err != nil || len(faults) == 0 || faults[0].Clash.Trip.Minutes != 3 || faults[0].Clash.Trip.Basis != travel.Measured {
			t.Errorf("a measured time: %v, %v", faults, err)
		}
		if _, err := w.ImportTravel(t.Context(), w.manager, strings.NewReader("")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a structure changes the roads of all: %v", err)
		}
		if _, err := w.ImportTravel(t.Context(), identity.AtCLI(), strings.NewReader("code_depart;code_arrivee;minutes\n30010;30305;beaucoup\n")); err == nil {
			t.Error("a file that cannot be read")
		}
		if roads, err := w.Roads(t.Context(), 0); err != nil || roads.Matrix.Len() == 0 {
			t.Errorf("a refused file took away what was known: %v", err)
		}
	})
}

func TestAWholeDayEverySecondWeek(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour := w.tour()
		r, err := w.AskFor(t.Context(), wish(func(in *agenda.NewRequest) { in.WholeDay, in.EveryWeeks, in.Days = true, 2, nil }))
		if err != nil {
			t.Fatal(err)
		}
		list, err := w.Proposals(t.Context(), w.officer, r.ID, 10)
		if err != nil || len(list) == 0 || list[0].Half != travel.AllDay || list[0].Parity == travel.BothWeeks || list[0].Weekday == time.Thursday {
			t.Fatalf("%v, %+v", err, list)
		}
		day := agenda.HalfDay{Tour: tour.ID, Weekday: time.Friday, Half: "day", Parity: "odd", Starts: "2026-05-22", Minute: 570, Length: 420}
		if err := w.Offer(t.Context(), w.officer, r.ID, r.Version, day); err != nil {
			t.Fatal(err)
		}
		now, err := w.Agree(t.Context(), r.Token)
		if err != nil {
			t.Fatal(err)
		}
		var on []recur.Date
		for _, e := range w.dates(now.Series) {
			on = append(on, e.On)
		}
		if len(on) != 4 || on[1] != date("2026-06-05") {
			t.Errorf("%v", on)
		}
	})
}
