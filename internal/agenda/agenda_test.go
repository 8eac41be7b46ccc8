package agenda_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// appointments is a series of Thursday mornings, 9 to 12, with a reason of 30 minutes and a buffer of 15.
func (w *world) appointments() (agenda.Reason, []*agenda.Entry) {
	w.t.Helper()
	reason, err := w.SaveReason(w.t.Context(), w.manager, agenda.Reason{Name: "Faire une démarche", Minutes: 30, Buffer: 15})
	if err != nil {
		w.t.Fatal(err)
	}
	_, dates := w.add(workshop(0, func(in *agenda.NewSeries) {
		in.Mode, in.Title, in.Reasons = agenda.Appointments, "Rendez-vous individuels", []agenda.ReasonID{reason.ID}
		in.Pattern.Minute, in.Pattern.Length = 9*60, 180
	}))
	return reason, dates
}

func TestTheWaitingListPassesOnByItself(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(1, func(in *agenda.NewSeries) { in.Hold = time.Hour }))
		w.clock.Move(at("2026-05-07 09:00").Sub(w.clock.Now())) // five hours before
		first, second, third := w.mustBook(dates[0].ID, 1), w.mustBook(dates[0].ID, 2), w.mustBook(dates[0].ID, 3)
		if first.State != agenda.Booked || second.State != agenda.Waiting || third.State != agenda.Waiting {
			t.Fatalf("%s, %s, %s", first.State, second.State, third.State)
		}
		if err := w.Cancel(t.Context(), agenda.Ref{Reference: first.Reference, Contact: "06.39.98.00.01"}); err != nil {
			t.Fatal(err)
		}
		held := w.state(second)
		if held.State != agenda.Held || !held.HeldUntil.Equal(at("2026-05-07 10:00")) {
			t.Fatalf("the next one is %s until %s", held.State, held.HeldUntil.In(paris))
		}
		if got := w.told(agenda.EventOffered, second); got[notice.Waiting] != 1 {
			t.Errorf("offers: %v", got)
		}
		if _, err := w.book(dates[0].ID, 4, func(in *agenda.NewBooking) { in.Wait = false }); !fault.Is(err, fault.Conflict) {
			t.Errorf("a held seat was given to somebody else: %v", err)
		}
		w.clock.Move(time.Hour)
		w.drain()
		if s, n := w.state(second), w.state(third); s.State != agenda.Expired || n.State != agenda.Held {
			t.Fatalf("after an hour: %s, %s", s.State, n.State)
		}
		if err := w.Cancel(t.Context(), agenda.Ref{Reference: third.Reference, Contact: "0639980003"}); err != nil {
			t.Fatal(err)
		}
		if got := w.state(third).State; got != agenda.Declined {
			t.Errorf("who says no is %s", got)
		}
		w.recounted()
	})
}

func TestNobodyIsOfferedASeatTooLate(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(1))
		first, second := w.mustBook(dates[0].ID, 1), w.mustBook(dates[0].ID, 2)
		w.clock.Move(at("2026-05-07 12:00").Sub(w.clock.Now())) // two hours before
		if err := w.CancelFor(t.Context(), w.mediator, first.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.state(second).State; got != agenda.Waiting {
			t.Errorf("two hours before, the next one is %s", got)
		}
	})
}

func TestAnOfferAtNightLeavesTheMorningToAnswer(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(1, func(in *agenda.NewSeries) { in.Hold = time.Hour }))
		first, second := w.mustBook(dates[0].ID, 1), w.mustBook(dates[0].ID, 2)
		w.clock.Move(at("2026-05-05 22:00").Sub(w.clock.Now()))
		if err := w.CancelFor(t.Context(), w.mediator, first.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.state(second).HeldUntil; !got.Equal(at("2026-05-06 09:00")) {
			t.Errorf("held until %s", got.In(paris))
		}
	})
}

func TestWhoCancelsLeavesAndMoreSeatsAreOffered(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(1))
		w.mustBook(dates[0].ID, 1)
		second, third, fourth := w.mustBook(dates[0].ID, 2), w.mustBook(dates[0].ID, 3), w.mustBook(dates[0].ID, 4)
		if err := w.Cancel(t.Context(), agenda.Ref{Reference: second.Reference, Contact: "06 39 98 00 02"}); err != nil {
			t.Fatal(err)
		}
		three := 3
		if err := w.ChangeDate(t.Context(), w.mediator, dates[0].ID, agenda.DateChange{Capacity: &three}); err != nil {
			t.Fatal(err)
		}
		if s, n, m := w.state(second), w.state(third), w.state(fourth); s.State != agenda.Declined || n.State != agenda.Held || m.State != agenda.Held {
			t.Fatalf("%s, %s, %s", s.State, n.State, m.State)
		}
		if err := w.AcceptFor(t.Context(), w.mediator, third.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.AcceptFor(t.Context(), w.mediator, third.ID); err != nil {
			t.Errorf("yes twice: %v", err)
		}
		if e := w.date(dates[0].ID); e.Taken != 3 {
			t.Errorf("%d seats taken", e.Taken)
		}
		w.recounted()
	})
}

func TestMovingADateTellsEachPersonOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(2))
		of := dates[1] // 21 May, beyond the 48 hours: the 14th is Ascension Day
		first, second, third := w.mustBook(of.ID, 1), w.mustBook(of.ID, 2), w.mustBook(of.ID, 3)
		if got := w.told(agenda.EventReminder, first); got[notice.Waiting] != 1 {
			t.Fatalf("reminders: %v", got)
		}
		next, err := w.MoveDate(t.Context(), w.mediator, of.ID, agenda.NewTime{On: date("2026-05-15"), Minute: 10 * 60}, "La salle est prise.")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []agenda.Claim{first, second} {
			if got := w.told(agenda.EventMoved, c); got[notice.Waiting] != 1 || len(got) != 1 {
				t.Errorf("told of the move: %v", got)
			}
			if got := w.told(agenda.EventReminder, c); got[notice.Waiting] != 1 || got[notice.Cancelled] != 1 {
				t.Errorf("reminders after the move: %v", got)
			}
		}
		if got := w.told(agenda.EventMoved, third); len(got) != 0 {
			t.Errorf("who waits was told: %v", got)
		}
		old, moved := w.date(of.ID), w.date(next.ID)
		if old.State != agenda.MovedTo || old.Next != moved || moved.Taken != 2 || moved.Waiting != 1 || !moved.Start.Equal(at("2026-05-15 10:00")) {
			t.Errorf("old %s, new %+v", old.State, moved.Occurrence)
		}
		if moved.Number == old.Number {
			t.Error("a number was given twice")
		}
		w.clock.Move(at("2026-05-13 10:00").Sub(w.clock.Now()))
		w.drain()
		if got := w.told(agenda.EventReminder, first); got[notice.Told] != 1 {
			t.Errorf("the reminder of the new time: %v", got)
		}
		_, receipts, err := w.notices.Message(t.Context(), identity.AtCLI(), w.messageOf(agenda.EventReminder, first, notice.Told))
		if err != nil || len(receipts) == 0 {
			t.Errorf("receipts of the reminder: %v, %v", receipts, err)
		}
		w.recounted()
	})
}

// messageOf is the message of an event to the person of a claim, in a state.
func (w *world) messageOf(event string, c agenda.Claim, state notice.State) notice.ID {
	w.t.Helper()
	lines, err := w.notices.Lines(w.t.Context(), identity.AtCLI(), notice.Filter{Recipient: "person:" + string(c.Person), State: state})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range lines {
		if l.Event == event {
			return l.ID
		}
	}
	w.t.Fatalf("no %s message that is %s", event, state)
	return ""
}

func TestACancelledDateTellsThoseWhoAreConcernedAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(2, func(in *agenda.NewSeries) {
			in.Host = agenda.Host{Name: "Mairie d'Alès", Email: "mairie@ales.example"}
		}))
		of := dates[1]
		if of.State != agenda.Planned {
			t.Fatalf("a date with a host begins as %s", of.State)
		}
		if _, err := w.book(of.ID, 1); err == nil {
			t.Fatal("booked before the host confirmed")
		}
		token := strings.TrimPrefix(w.HostLink(of.ID), agenda.HostPath)
		for range 2 {
			if err := w.HostConfirms(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		first, second, third := w.mustBook(of.ID, 1), w.mustBook(of.ID, 2), w.mustBook(of.ID, 3)
		landline := w.mustBook(of.ID, 4, func(in *agenda.NewBooking) { in.Who.Phone = "04 66 00 00 01" })
		if err := w.Cancel(t.Context(), agenda.Ref{Reference: second.Reference, Contact: guest(2).Phone}); err != nil {
			t.Fatal(err)
		}
		wants(t, w.HostCancels(t.Context(), token, "  "), "agenda.invalid")
		if err := w.HostCancels(t.Context(), token, "La salle est inondée."); err != nil {
			t.Fatal(err)
		}
		for c, want := range map[agenda.ClaimID]agenda.ClaimState{first.ID: agenda.Withdrawn, second.ID: agenda.Withdrawn, third.ID: agenda.Withdrawn, landline.ID: agenda.Withdrawn} {
			if got := w.state(agenda.Claim{ID: c}).State; got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		if got := w.told(agenda.EventCancelled, first); got[notice.Waiting] != 1 {
			t.Errorf("who was booked: %v", got)
		}
		if got := w.told(agenda.EventCancelled, second); len(got) != 0 {
			t.Errorf("who had left was told: %v", got)
		}
		if got := w.told(agenda.EventCancelled, landline); got[notice.ByHand] != 1 {
			t.Errorf("who has a landline is to be called: %v", got)
		}
		calls, err := w.notices.CallList(t.Context(), w.mediator, 50)
		if err != nil || len(calls) != 1 {
			t.Errorf("call list: %v, %v", calls, err)
		}
		e := w.date(of.ID)
		if e.State != agenda.Cancelled || e.EndedBy != agenda.ByHost || e.Reason != "La salle est inondée." {
			t.Errorf("%+v", e.Occurrence)
		}
		w.recounted()
	})
}

func TestWhoMayCancelAndMoveAlone(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		c := w.mustBook(dates[0].ID, 1)
		ref := agenda.Ref{Reference: strings.ToLower(strings.ReplaceAll(c.Reference, "-", " ")), Contact: "+33 6 39 98 00 01"}
		for _, wrong := range []agenda.Ref{{Reference: c.Reference, Contact: "06 39 98 00 02"}, {Reference: "KTB-94M", Contact: "06 39 98 00 01"}, {Reference: c.Reference}, {Token: string(c.ID) + ".x"}} {
			_, err := w.Follow(t.Context(), wrong)
			wants(t, err, "agenda.booking_unknown")
		}
		b, err := w.Follow(t.Context(), ref)
		if err != nil || !b.CancelBy.Equal(at("2026-05-07 10:00")) || !b.MoveBy.Equal(at("2026-05-05 14:00")) {
			t.Fatalf("%v, %+v", err, b)
		}
		if err := w.Move(t.Context(), ref, agenda.Target{Occurrence: dates[2].ID}); err != nil {
			t.Fatal(err)
		}
		if got := w.state(c); got.Occurrence != dates[2].ID || got.Reference != c.Reference || got.State != agenda.Booked {
			t.Errorf("moved: %+v", got)
		}
		if w.date(dates[0].ID).Taken != 0 || w.date(dates[2].ID).Taken != 1 {
			t.Error("the seats did not follow")
		}
		w.clock.Move(at("2026-05-27 14:00").Sub(w.clock.Now())) // one day before
		wants(t, w.Move(t.Context(), ref, agenda.Target{Occurrence: dates[4].ID}), "agenda.move_late")
		w.clock.Move(at("2026-05-28 10:01").Sub(w.clock.Now()))
		wants(t, w.Cancel(t.Context(), ref), "agenda.cancel_late")
		if err := w.CancelFor(t.Context(), w.mediator, c.ID); err != nil {
			t.Errorf("the team may: %v", err)
		}
		wants(t, w.Cancel(t.Context(), ref), "agenda.claim_over")
		w.recounted()
	})
}

func TestATelephoneIsEnoughAndTwoPeopleMayShareIt(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		shared := "04 66 00 00 09"
		one := w.mustBook(dates[0].ID, 1, func(in *agenda.NewBooking) { in.Who = person.New{Name: "Fatima Exemple", Phone: shared} })
		two := w.mustBook(dates[0].ID, 1, func(in *agenda.NewBooking) { in.Who = person.New{Name: "Ahmed Exemple", Phone: shared} })
		if found, err := w.persons.Find(t.Context(), w.mediator, "fatima", 5); err != nil || len(found) != 1 || found[0].ID != one.Person {
			t.Errorf("the structure that receives her does not find her: %v, %v", found, err)
		}
		if found, err := w.persons.Find(t.Context(), w.helper, "fatima", 5); err != nil || len(found) != 0 {
			t.Errorf("another structure finds her: %v, %v", found, err)
		}
		if one.Person == two.Person || one.Reference == two.Reference {
			t.Fatal("two people on one telephone became one")
		}
		again := w.mustBook(dates[1].ID, 1, func(in *agenda.NewBooking) { in.Who = person.New{Name: "fatima  EXEMPLE", Phone: "+33466000009"} })
		if again.Person != one.Person {
			t.Error("the same person became two")
		}
		_, err := w.book(dates[2].ID, 1, func(in *agenda.NewBooking) { in.Who = person.New{Name: "Ahmed Exemple", Phone: shared} })
		wants(t, err, "agenda.too_many")
		by := w.helper
		c, err := w.Book(t.Context(), by, agenda.NewBooking{Occurrence: dates[2].ID, Origin: agenda.FromPhone, Who: person.New{Name: "Ahmed Exemple", Phone: shared}})
		if err != nil || c.By != by.Account || c.Person != two.Person {
			t.Errorf("a clerk books without that limit: %v, %+v", err, c)
		}
		if err := w.Cancel(t.Context(), agenda.Ref{Reference: one.Reference, Contact: shared}); err != nil {
			t.Error(err)
		}
		if got := w.state(two).State; got != agenda.Booked {
			t.Errorf("the other one's seat is %s", got)
		}
		_, err = w.book(dates[3].ID, 1, func(in *agenda.NewBooking) { in.Who = person.New{Name: "Sans contact"} })
		f, _ := fault.As(err)
		if f == nil || f.Fields["phone"].Key != "agenda.contact_missing" {
			t.Errorf("nobody can be reached: %v", err)
		}
	})
}

func TestARelativeBooksAndIsWrittenTo(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		c := w.mustBook(dates[1].ID, 1, func(in *agenda.NewBooking) {
			in.Who, in.By = person.New{Name: "Odette Exemple"}, person.New{Name: "Paul Exemple", Email: "paul@exemple.example"}
		})
		b, err := w.Follow(t.Context(), agenda.Ref{Reference: c.Reference, Contact: "Paul@Exemple.example"})
		if err != nil || b.Person.Name != "Odette Exemple" || b.Person.Relation != person.Relative || b.Person.RelationTo == "" {
			t.Fatalf("%v, %+v", err, b.Person)
		}
		if got := w.told(agenda.EventBooked, c); got[notice.Waiting] != 1 {
			t.Errorf("told: %v", got)
		}
	})
}

func TestSilenceShowsNowhere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		reason, err := w.SaveReason(t.Context(), w.manager, agenda.Reason{Name: "Être écoutée", Minutes: 60, BookableBy: agenda.Helpers, Silent: true})
		if err != nil {
			t.Fatal(err)
		}
		_, dates := w.add(workshop(0, func(in *agenda.NewSeries) {
			in.Mode, in.Reasons, in.Pattern.Length = agenda.Appointments, []agenda.ReasonID{reason.ID}, 180
			in.Members = []identity.AccountID{w.mediator.Account}
		}))
		if _, err := w.book(dates[1].ID, 1, func(in *agenda.NewBooking) { in.Reason, in.Slot = reason.ID, dates[1].Start }); err == nil {
			t.Error("anybody could book it")
		}
		c, err := w.Book(t.Context(), w.helper, agenda.NewBooking{Occurrence: dates[1].ID, Reason: reason.ID, Slot: dates[1].Start, Origin: agenda.FromHelper, Who: guest(1)})
		if err != nil || !c.Silent {
			t.Fatalf("%v, %+v", err, c)
		}
		lines, err := w.notices.Lines(t.Context(), identity.AtCLI(), notice.Filter{})
		if err != nil || len(lines) != 0 {
			t.Errorf("messages: %v, %v", lines, err)
		}
		if _, err := w.BookingFor(t.Context(), w.helper, c.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("who booked it for her sees it afterwards: %v", err)
		}
		if mine, err := w.Mine(t.Context(), w.helper); err != nil || len(mine) != 0 {
			t.Errorf("the list of who booked: %v, %v", mine, err)
		}
		link, err := w.FeedLink(t.Context(), w.mediator)
		if err != nil {
			t.Fatal(err)
		}
		feed, err := w.Feed(t.Context(), strings.TrimSuffix(strings.TrimPrefix(link, agenda.FeedPath), ".ics"))
		if err != nil || len(feed) != len(dates) || slices.ContainsFunc(feed, func(d agenda.TeamDate) bool { return d.Taken != 0 }) {
			t.Errorf("the shared calendar: %v, %v", feed, err)
		}
		day, err := w.Attendance(t.Context(), w.mediator, dates[1].Number)
		if err != nil || len(day.Seats) != 1 || day.Seats[0].Person.Name == "" {
			t.Errorf("the team that receives her knows: %v, %+v", err, day.Seats)
		}
		if err := w.NewFeed(t.Context(), w.mediator); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Feed(t.Context(), strings.TrimSuffix(strings.TrimPrefix(link, agenda.FeedPath), ".ics")); !fault.Is(err, fault.NotFound) {
			t.Errorf("an address that was replaced: %v", err)
		}
	})
}

func TestSeatsKeptForSomeAreReleased(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(3, func(in *agenda.NewSeries) {
			in.Quotas = []agenda.Quota{{Seats: 2, Kind: agenda.ForCommune, Value: anduze + "|" + salindres, Release: 48 * time.Hour}}
		}))
		of := dates[1]
		live := func(commune string) func(*agenda.NewBooking) {
			return func(in *agenda.NewBooking) { in.Who.Commune, in.Wait = commune, false }
		}
		w.mustBook(of.ID, 1, live(ales))
		_, err := w.book(of.ID, 2, live(ales))
		wants(t, err, "agenda.full")
		if got := w.date(of.ID).FreeAt(w.clock.Now()); got != 0 {
			t.Errorf("%d free for anybody", got)
		}
		w.mustBook(of.ID, 3, live(anduze))
		w.clock.Move(of.Start.Add(-48 * time.Hour).Sub(w.clock.Now()))
		if got := w.date(of.ID).FreeAt(w.clock.Now()); got != 1 {
			t.Errorf("%d free once released", got)
		}
		w.mustBook(of.ID, 4, live(ales))
		_, err = w.book(of.ID, 5, live(anduze))
		wants(t, err, "agenda.full")
		w.recounted()
	})
}

func TestASeriesKeepsItsHoursThroughChangesOfClocksAndHolidays(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := workshop(5, func(in *agenda.NewSeries) {
			in.Pattern.Rule, in.Pattern.Starts, in.Pattern.Until = recur.EveryWeek(1, time.Friday), date("2026-05-08"), date("2027-04-02")
			in.Pattern.OnHoliday, in.Pattern.Minute = recur.HolidayNextDay, 10*60
		})
		next, dropped, total, err := w.Preview(in, 5)
		if err != nil || len(next) != 5 || len(dropped) != 0 || total < 40 {
			t.Fatalf("%v, %v, %v, %d", err, next, dropped, total)
		}
		if next[0].On != date("2026-05-09") || next[0].Moved == "" {
			t.Errorf("8 May is moved to %s", next[0].On)
		}
		series, dates := w.add(in)
		for _, e := range dates {
			if h := e.Start.In(paris); h.Hour() != 10 || h.Minute() != 0 {
				t.Fatalf("%s", h)
			}
		}
		first := dates[0]
		c := w.mustBook(first.ID, 1)
		where := agenda.Where{Commune: anduze, Venue: "Foyer"}
		if err := w.ChangeDate(t.Context(), w.mediator, first.ID, agenda.DateChange{Where: &where}); err != nil {
			t.Fatal(err)
		}
		if got := w.date(first.ID); got.Where != where || got.Taken != 1 {
			t.Errorf("relocated: %+v", got.Occurrence)
		}
		if got := w.told(agenda.EventMoved, c); got[notice.Waiting] != 1 {
			t.Errorf("told of the place: %v", got)
		}
		in.Title, in.Capacity = "Atelier téléphone", 8
		changed, err := w.ChangeSeries(t.Context(), w.mediator, series.ID, series.Version, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.date(first.ID); got.Where != where || got.Capacity != 5 || got.Series.Title != "Atelier téléphone" {
			t.Errorf("a date changed by hand: %+v", got.Occurrence)
		}
		if got := w.date(dates[3].ID); got.Capacity != 8 {
			t.Errorf("the others follow: %+v", got.Occurrence)
		}
		_, err = w.ChangeSeries(t.Context(), w.mediator, series.ID, series.Version, in)
		wants(t, err, "agenda.stale")
		_ = changed
	})
}

func TestADateThatTheSeriesLosesIsCancelledWhereSomebodyBooked(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := workshop(5)
		series, dates := w.add(in)
		c := w.mustBook(dates[2].ID, 1)
		in.Pattern.Rule = recur.EveryWeek(1, time.Friday)
		in.Pattern.Starts = date("2026-05-08")
		if _, err := w.ChangeSeries(t.Context(), w.mediator, series.ID, series.Version, in); err != nil {
			t.Fatal(err)
		}
		after := w.dates(series.ID)
		for _, e := range after {
			if e.Live() && e.Start.In(paris).Weekday() != time.Friday {
				t.Errorf("%s", e.Start.In(paris))
			}
		}
		if got := w.date(dates[2].ID).State; got != agenda.Cancelled {
			t.Errorf("the booked date is %s", got)
		}
		if _, ok := w.Index().ByID(dates[3].ID); ok {
			t.Error("a date that nobody booked is still shown")
		}
		if got := w.told(agenda.EventCancelled, c); got[notice.Waiting] != 1 {
			t.Errorf("told: %v", got)
		}
	})
}

func TestACycleIsOneEnrolment(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(2, func(in *agenda.NewSeries) { in.Cycle, in.Pattern.Until = true, date("2026-05-28") }))
		c := w.mustBook(dates[0].ID, 1)
		for _, e := range dates {
			if got := w.date(e.ID).Taken; got != 1 {
				t.Errorf("session of %s: %d", e.On, got)
			}
		}
		b, err := w.Follow(t.Context(), agenda.Ref{Reference: c.Reference, Contact: guest(1).Phone})
		if err != nil || len(b.Later) != len(dates)-1 {
			t.Fatalf("%v, %d later sessions", err, len(b.Later))
		}
		if err := w.Cancel(t.Context(), agenda.Ref{Reference: c.Reference, Contact: guest(1).Phone}); err != nil {
			t.Fatal(err)
		}
		for _, e := range dates {
			if got := w.date(e.ID).Taken; got != 0 {
				t.Errorf("after the cancellation, %s: %d", e.On, got)
			}
		}
		w.recounted()
	})
}

func TestAMachineAsksForAnAuthorisation(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(0, func(in *agenda.NewSeries) {
			in.Mode, in.Skill, in.Step = agenda.Machine, "Découpe laser", 60
		}))
		slot := func(in *agenda.NewBooking) { in.Slot, in.Wait = dates[1].Start, false }
		_, err := w.book(dates[1].ID, 1, slot)
		wants(t, err, "agenda.not_authorised")
		c, err := w.Book(t.Context(), w.mediator, agenda.NewBooking{Occurrence: w.other().ID, Origin: agenda.FromDesk, Who: guest(1)})
		if err != nil {
			t.Fatal(err)
		}
		a, err := w.Authorise(t.Context(), w.mediator, c.Person, "Découpe laser", "2026-05-20")
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.book(dates[1].ID, 1, slot) // on the 21st: it has run out
		wants(t, err, "agenda.not_authorised")
		if _, err := w.Authorise(t.Context(), w.mediator, c.Person, "Découpe laser", "2026-12-31"); err != nil {
			t.Fatal(err)
		}
		w.mustBook(dates[1].ID, 1, slot)
		if err := w.Revoke(t.Context(), w.mediator, a.ID); err != nil {
			t.Error(err)
		}
		wants(t, w.Revoke(t.Context(), w.helper, a.ID), "identity.forbidden")
	})
}

// other is the first date of another workshop.
func (w *world) other() *agenda.Entry {
	w.t.Helper()
	_, dates := w.add(workshop(9, func(in *agenda.NewSeries) { in.Title = "Autre atelier" }))
	return dates[0]
}

func TestSlotsFollowTheGridOfTheSeries(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		reason, dates := w.appointments()
		day := dates[1]
		if got := len(day.Slots(reason.ID)); got != 11 {
			t.Fatalf("%d times in an empty morning", got)
		}
		w.mustBook(day.ID, 1, func(in *agenda.NewBooking) { in.Reason, in.Slot = reason.ID, at("2026-05-21 09:30") })
		var hours []string
		for _, s := range w.date(day.ID).Slots(reason.ID) {
			hours = append(hours, s.In(paris).Format("15:04"))
		}
		if got := strings.Join(hours, " "); got != "10:15 10:30 10:45 11:00 11:15 11:30" {
			t.Errorf("free: %s", got)
		}
		_, err := w.book(day.ID, 2, func(in *agenda.NewBooking) { in.Reason, in.Slot, in.Wait = reason.ID, at("2026-05-21 10:00"), false })
		wants(t, err, "agenda.slot_taken")
		next := w.Index().NextSlots(agenda.SlotQuery{Alone: true, Limit: 3}, w.clock.Now())
		if len(next) != 3 || !next[0].At.Equal(at("2026-05-07 09:00")) {
			t.Errorf("next: %+v", next)
		}
	})
}

func TestWalkInsAreCountedByTaps(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(10, func(in *agenda.NewSeries) { in.Mode, in.Waiting = agenda.WalkIn, false }))
		of := dates[0].ID
		const tap, other = "0190f3a0-0000-7000-8000-000000000001", "0190f3a0-0000-7000-8000-000000000002"
		for range 3 {
			if n, err := w.Count(t.Context(), w.mediator, of, tap, 1); err != nil || n != 1 {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if n, err := w.Count(t.Context(), w.mediator, of, other, -1); err != nil || n != 0 {
			t.Errorf("taken back: %d, %v", n, err)
		}
		if _, err := w.Count(t.Context(), w.helper, of, other, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("another structure: %v", err)
		}
	})
}

func TestBeingLateIsToldOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		c := w.mustBook(dates[0].ID, 1)
		w.clock.Move(at("2026-05-07 13:40").Sub(w.clock.Now()))
		for range 2 {
			if err := w.Delay(t.Context(), w.mediator, dates[0].ID, 20); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.told(agenda.EventLate, c); got[notice.Waiting] != 1 {
			t.Errorf("told: %v", got)
		}
		if got := w.date(dates[0].ID).Delay; got != 20 {
			t.Errorf("%d minutes", got)
		}
	})
}

func TestAPartnerProposesAnOfficerPublishes(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		event := workshop(0, func(in *agenda.NewSeries) {
			in.Mode, in.Title, in.Pattern.Rule, in.Waiting = agenda.Event, "Fête du numérique", "", false
		})
		series, err := w.AddSeries(t.Context(), w.partner, event, agenda.Published)
		if err != nil || series.State != agenda.Proposed {
			t.Fatalf("%v, %s", err, series.State)
		}
		if got := w.dates(series.ID); len(got) != 0 {
			t.Error("shown before anybody decided")
		}
		if err := w.Publish(t.Context(), w.partner, series.ID); err == nil {
			t.Error("the partner published it")
		}
		if err := w.Publish(t.Context(), w.officer, series.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.dates(series.ID); len(got) != 1 {
			t.Errorf("%d dates", len(got))
		}
		wants(t, w.Refuse(t.Context(), w.officer, series.ID, "Trop tard"), "agenda.decided")
		_, err = w.AddSeries(t.Context(), w.partner, workshop(5), agenda.Published)
		wants(t, err, "agenda.events_only")
	})
}

func TestErasingAPersonFreesHerSeats(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(1))
		c, next := w.mustBook(dates[1].ID, 1), w.mustBook(dates[1].ID, 2)
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := w.persons.EraseTx(ctx, tx, c.Person)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.state(c); got.State != agenda.Withdrawn || got.Person != "" || got.Reference != "" {
			t.Errorf("%+v", got)
		}
		if got := w.state(next).State; got != agenda.Held {
			t.Errorf("the next one is %s", got)
		}
		w.recounted()
	})
}

func TestACrewIsOfTheStructure(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, stranger := range []identity.AccountID{w.helper.Account, "nobody"} {
			_, err := w.AddSeries(t.Context(), w.mediator, workshop(5, func(in *agenda.NewSeries) { in.Members = []identity.AccountID{w.mediator.Account, stranger} }), agenda.Published)
			if f, ok := fault.As(err); !ok || f.Fields["members"].Key == "" {
				t.Errorf("%s works there: %v", stranger, err)
			}
		}
		tour := w.tour()
		_, err := w.AddSeries(t.Context(), w.officer, workshop(5, func(in *agenda.NewSeries) { in.Tour = tour.ID }), agenda.Published)
		if f, ok := fault.As(err); !ok || f.Fields["tour"].Key == "" {
			t.Errorf("a stop of another structure's tour: %v", err)
		}
	})
}

func TestADayInPriorityIsReleased(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5, func(in *agenda.NewSeries) { in.FirstFor, in.Release = agenda.Group, 24*time.Hour }))
		of := dates[0]
		_, err := w.book(of.ID, 1)
		wants(t, err, "agenda.priority_first")
		if of.Bookable(w.clock.Now()) || of.Priority(w.clock.Now()) != agenda.Group {
			t.Error("a day in priority is offered to everybody")
		}
		if _, err := w.Book(t.Context(), w.mediator, agenda.NewBooking{Occurrence: of.ID, Origin: agenda.FromPhone, Who: guest(2)}); err != nil {
			t.Errorf("staff may: %v", err)
		}
		w.clock.Move(of.Start.Add(-24 * time.Hour).Sub(w.clock.Now()))
		if of.Priority(w.clock.Now()) != "" {
			t.Error("not released a day before")
		}
		w.mustBook(of.ID, 1)
	})
}

func TestADateThatTheSeriesHasAgainIsShownAgain(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		thursdays, fridays := workshop(5), workshop(5)
		fridays.Pattern.Rule = recur.EveryWeek(1, time.Friday)
		series, before := w.add(thursdays)
		now, err := w.ChangeSeries(t.Context(), w.mediator, series.ID, series.Version, fridays)
		if err != nil {
			t.Fatal(err)
		}
		if now, err = w.ChangeSeries(t.Context(), w.mediator, series.ID, now.Version, thursdays); err != nil {
			t.Fatal(err)
		}
		after := w.dates(series.ID)
		if len(after) != len(before) {
			t.Fatalf("%d dates, there were %d", len(after), len(before))
		}
		for i, e := range after {
			if !e.Start.Equal(before[i].Start) || !e.Live() {
				t.Errorf("%s is %s", e.Start.In(paris), e.State)
			}
		}
	})
}

func TestWhoComesIsSeen(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		c := w.mustBook(dates[0].ID, 1)
		w.clock.Move(dates[0].Start.Sub(w.clock.Now()))
		for range 2 {
			if err := w.Mark(t.Context(), w.mediator, c.ID, agenda.Attended); err != nil {
				t.Fatal(err)
			}
		}
		p, err := w.persons.Person(t.Context(), w.db, c.Person)
		if err != nil || !p.SeenAt.Equal(dates[0].Start) {
			t.Errorf("%v, seen at %s", err, p.SeenAt)
		}
		if err := w.Mark(t.Context(), w.mediator, c.ID, agenda.Withdrawn); !fault.Is(err, fault.Invalid) {
			t.Errorf("marked as cancelled: %v", err)
		}
		steps, err := w.History(t.Context(), w.mediator, c.ID)
		if err != nil || len(steps) != 2 || steps[1].State != agenda.Attended {
			t.Errorf("%v, %v", steps, err)
		}
		w.recounted()
	})
}

// Two years after a date nobody is named by its bookings; how many came stays.
func TestOldBookingsNameNobody(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		c := w.mustBook(dates[0].ID, 1)
		w.clock.Move(dates[0].Start.Add(time.Hour).Sub(w.clock.Now()))
		if err := w.Mark(t.Context(), w.mediator, c.ID, agenda.Attended); err != nil {
			t.Fatal(err)
		}
		w.clock.Move(2 * 366 * 24 * time.Hour)
		due, err := w.BookingsBefore(t.Context(), d, w.clock.Now().AddDate(-2, 0, 0), agenda.Old{}, 10)
		if err != nil || len(due) != 1 || due[0].ID != string(c.ID) {
			t.Fatalf("%v, %v", due, err)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := w.ForgetBookingsTx(ctx, tx, due[0].ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got := w.state(c)
		if got.Person != "" || got.Reference != "" || got.State != agenda.Attended || got.Seats != 1 {
			t.Errorf("%+v", got)
		}
		if _, err := w.Follow(t.Context(), agenda.Ref{Reference: c.Reference, Contact: guest(1).Phone}); !fault.Is(err, fault.NotFound) {
			t.Errorf("its reference still leads there: %v", err)
		}
	})
}

func TestTheReminderGoesTwoDaysBeforeOrAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		early := w.mustBook(dates[0].ID, 1) // on Monday for Thursday
		if got := w.told(agenda.EventBooked, early); got[notice.Waiting] != 1 {
			t.Errorf("confirmation: %v", got)
		}
		w.drain()
		if got := w.told(agenda.EventReminder, early); got[notice.Waiting] != 1 {
			t.Errorf("three days before: %v", got)
		}
		w.clock.Move(at("2026-05-05 14:00").Sub(w.clock.Now()))
		w.drain()
		if got := w.told(agenda.EventReminder, early); got[notice.Told] != 1 {
			t.Errorf("two days before: %v", got)
		}
		w.clock.Move(at("2026-05-06 10:00").Sub(w.clock.Now()))
		late := w.mustBook(dates[0].ID, 2)
		w.drain()
		if got := w.told(agenda.EventReminder, late); got[notice.Told] != 1 {
			t.Errorf("booked the day before: %v", got)
		}
		if got := w.told(agenda.EventBooked, late); len(got) != 0 {
			t.Errorf("told the same thing twice in a minute: %v", got)
		}
		if err := w.CancelFor(t.Context(), w.mediator, early.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.told(agenda.EventCancelled, early); got[notice.Waiting] != 1 {
			t.Errorf("cancelled by the team: %v", got)
		}
	})
}
