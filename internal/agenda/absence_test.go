package agenda_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// away is an absence of somebody, from one civil time of 7 May 2026 to another.
func away(who identity.Actor, from, to int) agenda.Absence {
	return agenda.Absence{Account: who.Account, Kind: agenda.OnLeave, From: date("2026-05-07"), FromMinute: from, To: date("2026-05-07"), ToMinute: to, Zone: paris}
}

// note adds an absence.
func (w *world) note(by identity.Actor, a agenda.Absence) agenda.Absence {
	w.t.Helper()
	a, err := w.AddAbsence(w.t.Context(), by, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// crewed is the appointments of Thursday mornings, with the mediator and the manager.
func (w *world) crewed() (agenda.Reason, []*agenda.Entry) {
	w.t.Helper()
	reason, err := w.SaveReason(w.t.Context(), w.manager, agenda.Reason{Name: "Faire une démarche", Minutes: 60})
	if err != nil {
		w.t.Fatal(err)
	}
	_, dates := w.add(workshop(0, func(in *agenda.NewSeries) {
		in.Mode, in.Title, in.Reasons = agenda.Appointments, "Rendez-vous individuels", []agenda.ReasonID{reason.ID}
		in.Pattern.Minute, in.Pattern.Length, in.Step = 9*60, 180, 60
		in.Members = []identity.AccountID{w.mediator.Account, w.manager.Account}
	}))
	return reason, dates
}

func TestAnAbsenceSaysWhatItTouchesBeforeItIsSaved(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.crewed()
		list, err := w.Collisions(t.Context(), w.mediator, away(w.mediator, 0, 1440))
		if err != nil || len(list) != 1 || list[0].ID != dates[0].ID || len(list[0].Members) != 2 {
			t.Fatalf("%v, %+v", err, list)
		}
		if list, err := w.Collisions(t.Context(), w.mediator, away(w.mediator, 12*60, 1440)); err != nil || len(list) != 0 {
			t.Errorf("the afternoon touches %v, %v", list, err)
		}
		noted, err := w.Absences(t.Context(), w.mediator, at("2026-05-01 00:00"), at("2026-06-01 00:00"))
		if err != nil || len(noted) != 0 {
			t.Errorf("looking saved %v, %v", noted, err)
		}
		w.note(w.mediator, away(w.mediator, 0, 1440))
		if got := w.date(dates[0].ID); got.State != agenda.Open {
			t.Errorf("the date is %s", got.State)
		}
	})
}

func TestASlotNeedsSomebodyThere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		reason, dates := w.crewed()
		first := func(in *agenda.NewBooking) { in.Reason, in.Slot, in.Wait = reason.ID, dates[0].Start, false }
		free := func() int { return w.date(dates[0].ID).FreeAt(w.clock.Now()) }
		w.note(w.mediator, away(w.mediator, 9*60, 10*60))
		if n := free(); n != 3 {
			t.Errorf("one of two is away: %d slots", n)
		}
		second := w.note(w.manager, away(w.manager, 9*60+30, 10*60))
		if n := free(); n != 2 {
			t.Errorf("nobody is there at nine: %d slots", n)
		}
		_, err := w.book(dates[0].ID, 1, first)
		wants(t, err, "agenda.slot_taken")
		for range 2 {
			if err := w.TakeBack(t.Context(), w.manager, second.ID); err != nil {
				t.Fatal(err)
			}
		}
		if n := free(); n != 3 {
			t.Errorf("taken back: %d slots", n)
		}
		for range 2 {
			if err := w.Restore(t.Context(), w.mediator, second.ID); err != nil {
				t.Fatal(err)
			}
		}
		if n := free(); n != 2 {
			t.Errorf("standing again: %d slots", n)
		}
		crew := []identity.AccountID{w.mediator.Account}
		if err := w.TakeBack(t.Context(), w.mediator, second.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.ChangeDate(t.Context(), w.mediator, dates[0].ID, agenda.DateChange{Members: &crew}); err != nil {
			t.Fatal(err)
		}
		if n := free(); n != 2 {
			t.Errorf("with the one who is away alone: %d slots", n)
		}
		w.recounted()
	})
}

func TestAnAbsenceIsNotedOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.crewed()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := w.AddAbsence(t.Context(), w.mediator, away(w.mediator, 0, 1440)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		list, err := w.Absences(t.Context(), w.manager, at("2026-05-01 00:00"), at("2026-06-01 00:00"))
		if err != nil || len(list) != 1 || list[0].Kind != agenda.OnLeave || list[0].From != date("2026-05-07") || list[0].ToMinute != 1440 {
			t.Errorf("%v, %+v", err, list)
		}
	})
}

func TestWhoNotesAnAbsence(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		volunteer := w.staff("Fanny", identity.Volunteer, w.mediator.Organisation)
		w.note(volunteer, away(volunteer, 0, 600))
		w.note(w.manager, away(w.mediator, 0, 1440))
		if _, err := w.AddAbsence(t.Context(), volunteer, away(w.mediator, 0, 720)); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) {
			t.Errorf("a volunteer notes for another: %v", err)
		}
		list, err := w.Absences(t.Context(), volunteer, at("2026-05-01 00:00"), at("2026-06-01 00:00"))
		if err != nil || len(list) != 2 || slices.ContainsFunc(list, func(a agenda.Absence) bool { return (a.Kind == "") != (a.Account == w.mediator.Account) }) {
			t.Errorf("what a volunteer reads: %v, %+v", err, list)
		}
		if err := w.TakeBack(t.Context(), w.partner, list[0].ID); err == nil {
			t.Error("a stranger takes one back")
		}
		if list, err := w.Absences(t.Context(), w.helper, at("2026-05-01 00:00"), at("2026-06-01 00:00")); err != nil || len(list) != 0 {
			t.Errorf("another structure reads %v, %v", list, err)
		}
		stranger := away(w.helper, 0, 1440)
		_, err = w.AddAbsence(t.Context(), w.manager, stranger)
		if f, ok := fault.As(err); !ok || f.Fields["account"].Key != "agenda.member_unknown" {
			t.Errorf("somebody of another structure: %v", err)
		}
		if err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.ForgetAccountTx(ctx, tx, w.mediator.Account) }); err != nil {
			t.Fatal(err)
		}
		if list, err := w.Absences(t.Context(), w.manager, at("2026-05-01 00:00"), at("2026-06-01 00:00")); err != nil || len(list) != 1 {
			t.Errorf("after the account is erased: %v, %v", list, err)
		}
	})
}

func TestAnAbsenceIsRefusedByField(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for field, edit := range map[string]func(*agenda.Absence){
			"account":     func(a *agenda.Absence) { a.Account = "" },
			"kind":        func(a *agenda.Absence) { a.Kind = "illness" },
			"from":        func(a *agenda.Absence) { a.From = agenda.Absence{}.From },
			"from_minute": func(a *agenda.Absence) { a.FromMinute = -1 },
			"to_minute":   func(a *agenda.Absence) { a.ToMinute = 1441 },
			"to":          func(a *agenda.Absence) { a.To = date("2026-05-06") },
		} {
			a := away(w.mediator, 600, 720)
			edit(&a)
			_, err := w.AddAbsence(t.Context(), w.mediator, a)
			if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[field].Key == "" {
				t.Errorf("%s: %v", field, err)
			}
		}
		past := away(w.mediator, 600, 720)
		past.From, past.To = date("2026-05-01"), date("2026-05-02")
		_, err := w.AddAbsence(t.Context(), w.mediator, past)
		if f, ok := fault.As(err); !ok || f.Fields["to"].Key != "agenda.absence_past" {
			t.Errorf("past: %v", err)
		}
	})
}

func TestPlanningSaysWhoIsAway(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.note(w.mediator, away(w.mediator, 15*60, 17*60))
		in := workshop(4, func(in *agenda.NewSeries) { in.Members = []identity.AccountID{w.mediator.Account, w.manager.Account} })
		days, err := w.AwayFrom(t.Context(), w.mediator, in)
		if err != nil || len(days) != 1 || days[0].On != date("2026-05-07") || !slices.Equal(days[0].Who, []identity.AccountID{w.mediator.Account}) {
			t.Errorf("%v, %+v", err, days)
		}
		who, err := w.AwayAmong(t.Context(), w.manager, in.Members, at("2026-05-07 14:00"), at("2026-05-07 15:00"))
		if err != nil || len(who) != 0 {
			t.Errorf("before it begins: %v, %v", who, err)
		}
		who, err = w.AwayAmong(t.Context(), w.manager, in.Members, at("2026-05-07 14:00"), at("2026-05-07 16:00"))
		if err != nil || !slices.Equal(who, []identity.AccountID{w.mediator.Account}) {
			t.Errorf("%v, %v", who, err)
		}
	})
}

func TestAbsencesAreForgotten(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.note(w.mediator, away(w.mediator, 0, 600))
		if old, err := w.AbsencesBefore(t.Context(), w.db, at("2026-05-07 10:00"), agenda.Old{}, 10); err != nil || len(old) != 0 {
			t.Errorf("before its end: %v, %v", old, err)
		}
		old, err := w.AbsencesBefore(t.Context(), w.db, at("2026-05-08 10:00"), agenda.Old{}, 10)
		if err != nil || len(old) != 1 || old[0].ID != string(a.ID) {
			t.Fatalf("%v, %v", old, err)
		}
		err = w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			n, err := w.ForgetAbsencesTx(ctx, tx, old[0].ID)
			if err == nil && n != 1 {
				t.Errorf("%d", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if list, err := w.Absences(t.Context(), w.mediator, at("2026-05-01 00:00"), at("2026-06-01 00:00")); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
	})
}
