package agenda_test

import (
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/travel"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// second adds a stop on the day of the tour's own, which is at Anduze from ten to noon.
func (w *world) second(minute int, where agenda.Where, edit ...func(*agenda.NewSeries)) {
	w.t.Helper()
	w.add(workshop(8, append([]func(*agenda.NewSeries){func(in *agenda.NewSeries) {
		in.Where, in.Pattern.Minute, in.Members = where, minute, []identity.AccountID{w.mediator.Account}
	}}, edit...)...))
}

// faults are what does not hold together in the coming eight weeks.
func (w *world) faults(by identity.Actor) []agenda.DayFault {
	w.t.Helper()
	out, err := w.CheckTravel(w.t.Context(), by, w.clock.Now(), w.clock.Now().AddDate(0, 0, 56))
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// Anduze and Salindres are some twenty kilometres apart, and the tour needs a quarter of an hour to set up and to pack.
func TestWhatDoesNotHoldTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		minute int
		where  agenda.Where
		kind   travel.ClashKind // "" for nothing to say
		has    int
	}{
		"ten minutes on the road":        {12*60 + 10, agenda.Where{Commune: salindres, Venue: "Mairie"}, travel.Late, 10},
		"two hours on the road":          {14 * 60, agenda.Where{Commune: salindres, Venue: "Mairie"}, "", 0},
		"at two places":                  {11 * 60, agenda.Where{Commune: salindres, Venue: "Mairie"}, travel.Overlap, -60},
		"the same town, one after other": {12 * 60, agenda.Where{Commune: anduze, Venue: "Bureau de poste"}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
				w := newWorld(t, d)
				w.tour()
				w.second(tt.minute, tt.where)
				found := w.faults(w.mediator)
				if tt.kind == "" {
					if len(found) != 0 {
						t.Errorf("%+v", found[0])
					}
					return
				}
				if len(found) == 0 {
					t.Fatal("nothing is said")
				}
				f := found[0]
				if f.Clash.Kind != tt.kind || f.Clash.Has != tt.has || f.Who != "Alba" || f.A.Where.Commune != anduze || f.B.Where != tt.where {
					t.Errorf("%s said %+v from %+v to %+v", f.Who, f.Clash, f.A.Where, f.B.Where)
				}
				if f.Clash.Missing != f.Clash.Needs-f.Clash.Has || f.Clash.Missing <= 0 {
					t.Errorf("missing %d of %d, has %d", f.Clash.Missing, f.Clash.Needs, f.Clash.Has)
				}
			})
		})
	}
}

func TestTravelIsOfItsStructure(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour := w.tour()
		w.second(11*60, agenda.Where{Commune: salindres, Venue: "Mairie"})
		elsewhere := w.staff("Fani", identity.Mediator, w.helper.Organisation)
		if len(w.faults(w.mediator)) == 0 || len(w.faults(w.officer)) == 0 {
			t.Error("those whose days they are read nothing")
		}
		if found := w.faults(elsewhere); len(found) != 0 {
			t.Errorf("another structure reads %+v", found)
		}
		if list, err := w.Tours(t.Context(), elsewhere); err != nil || len(list) != 0 {
			t.Errorf("another structure lists %v, %v", list, err)
		}
		if _, err := w.Tour(t.Context(), elsewhere, tour.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of reach: %v", err)
		}
		tour.Name = "Le car (exemple)"
		if _, err := w.SaveTour(t.Context(), elsewhere, tour); !fault.Is(err, fault.NotFound) {
			t.Errorf("another structure changes it: %v", err)
		}
		if now, err := w.Tour(t.Context(), w.mediator, tour.ID); err != nil || now.Name != "Le bus (exemple)" || now.Version != tour.Version {
			t.Errorf("%v, %+v", err, now)
		}
	})
}

func TestSaveTour(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour := w.tour()
		next := tour
		next.Name, next.Speed, next.Ended = "Le car (exemple)", 30, true
		saved, err := w.SaveTour(t.Context(), w.manager, next)
		if err != nil || saved.Version != tour.Version+1 {
			t.Fatalf("%v, version %d after %d", err, saved.Version, tour.Version)
		}
		_, err = w.SaveTour(t.Context(), w.mediator, next) // read before the manager saved
		wants(t, err, "agenda.stale")
		if now, err := w.Tour(t.Context(), w.mediator, tour.ID); err != nil || now.Name != next.Name || now.Speed != 30 || !now.Ended || len(now.Members) != 1 {
			t.Errorf("%v, %+v", err, now)
		}
		for field, edit := range map[string]func(*agenda.Tour){
			"name": func(t *agenda.Tour) { t.Name = " " }, "from": func(t *agenda.Tour) { t.From = "" }, "to": func(t *agenda.Tour) { t.To = "2026-05-03" },
			"speed": func(t *agenda.Tour) { t.Speed = 300 }, "setup": func(t *agenda.Tour) { t.Setup = -1 }, "base": func(t *agenda.Tour) { t.Base = "" },
			"kit": func(t *agenda.Tour) {
				t.Kit = make([]string, 0, 41)
				for range 41 {
					t.Kit = append(t.Kit, "Câble")
				}
			}, "members": func(t *agenda.Tour) { t.Members = []identity.AccountID{"inconnu"} },
		} {
			wrong := saved
			edit(&wrong)
			_, err := w.SaveTour(t.Context(), w.mediator, wrong)
			if f, ok := fault.As(err); !ok || f.Fields[field].Key == "" {
				t.Errorf("%s is not refused: %v", field, err)
			}
		}
	})
}

// What is proposed to a commune can be said yes to: a tour that exists, and a day of its season.
func TestOnlyWhatCanBeAgreedIsProposed(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour := w.tour()
		r, err := w.AskFor(t.Context(), wish())
		if err != nil {
			t.Fatal(err)
		}
		day := agenda.HalfDay{Tour: tour.ID, Weekday: time.Thursday, Half: "afternoon", Starts: "2026-05-21", Minute: 14 * 60, Length: 150}
		for name, tt := range map[string]struct {
			field string
			edit  func(*agenda.HalfDay)
		}{
			"an unknown tour":          {"tour", func(in *agenda.HalfDay) { in.Tour = "inconnue" }},
			"after the season":         {"starts", func(in *agenda.HalfDay) { in.Starts = "2026-07-09" }},
			"before today":             {"starts", func(in *agenda.HalfDay) { in.Starts = "2026-04-30" }},
			"past midnight":            {"minute", func(in *agenda.HalfDay) { in.Minute = 1440 }},
			"of another day than said": {"starts", func(in *agenda.HalfDay) { in.Starts = "2026-05-22" }},
		} {
			wrong := day
			tt.edit(&wrong)
			err := w.Offer(t.Context(), w.officer, r.ID, r.Version, wrong)
			if f, ok := fault.As(err); !ok || f.Fields[tt.field].Key == "" {
				t.Errorf("%s is not refused: %v", name, err)
			}
		}
		if now, err := w.Request(t.Context(), r.Token); err != nil || now.State != agenda.Asked || now.Offer != nil {
			t.Errorf("a refusal changed it: %v, %+v", err, now)
		}
		if err := w.Offer(t.Context(), w.officer, r.ID, r.Version, day); err != nil {
			t.Fatal(err)
		}
		if now, err := w.Agree(t.Context(), r.Token); err != nil || len(w.dates(now.Series)) == 0 {
			t.Errorf("yes to what was proposed: %v", err)
		}
	})
}

// A button that is pressed twice at once, through two nodes, makes one series.
func TestAgreeTwiceAtOnceIsOnce(t *testing.T) {
	testkit.EachEngineNodes(t, 2, func(t *testing.T, list []*db.DB) {
		nodes := nodesOf(t, list)
		w := nodes[0]
		tour := w.tour()
		r, err := w.AskFor(t.Context(), wish())
		if err != nil {
			t.Fatal(err)
		}
		day := agenda.HalfDay{Tour: tour.ID, Weekday: time.Thursday, Half: "afternoon", Starts: "2026-05-21", Minute: 14 * 60, Length: 150}
		if err := w.Offer(t.Context(), w.officer, r.ID, r.Version, day); err != nil {
			t.Fatal(err)
		}
		_, errs := storm(nodes, func(w *world, _ int) (agenda.Claim, error) {
			_, err := w.Agree(t.Context(), r.Token)
			return agenda.Claim{}, err
		})
		for i, err := range errs {
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		}
		made, err := w.TeamSeries(t.Context(), w.mediator)
		if err != nil || len(made) != 2 { // the stop at Anduze, and this one
			t.Errorf("%d series, %v", len(made), err)
		}
		if got := w.toldTo("request:" + r.ID); got[agenda.EventRequest] != 4 {
			t.Errorf("told: %v", got)
		}
	})
}

// Where no time was measured, a day is checked at the speed of its tour, as its page says the road.
func TestASlowTourNeedsMoreTime(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tour := w.tour()
		w.second(13*60+15, agenda.Where{Commune: salindres, Venue: "Mairie"}, func(in *agenda.NewSeries) { in.Tour = tour.ID })
		if found := w.faults(w.mediator); len(found) != 0 {
			t.Fatalf("at 45 km/h: %+v", found[0].Clash)
		}
		tour.Speed = 25
		if _, err := w.SaveTour(t.Context(), w.mediator, tour); err != nil {
			t.Fatal(err)
		}
		found := w.faults(w.mediator)
		roads, err := w.Roads(t.Context(), tour.Speed)
		if err != nil || len(found) == 0 {
			t.Fatalf("at 25 km/h: %v, %v", found, err)
		}
		if want := roads.Trip(w.Stop(found[0].A.Where), w.Stop(found[0].B.Where)); found[0].Clash.Trip != want {
			t.Errorf("the check says %+v, the page %+v", found[0].Clash.Trip, want)
		}
	})
}
