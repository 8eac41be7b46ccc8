package agenda_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/testkit"
)

// pocket is a device with what was done on it, in order.
type pocket struct {
	w    *world
	by   identity.Actor
	id   agenda.DeviceID
	done []agenda.Action
}

// pocketOf is a device on which somebody keeps the day.
func (w *world) pocketOf(by identity.Actor) *pocket {
	w.t.Helper()
	p := &pocket{w: w, by: by, id: agenda.DeviceID(id.New())}
	if err := w.KeepDevice(w.t.Context(), by, p.id, "Chrome, Android"); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// does adds an action to those that wait on the device.
func (p *pocket) does(a agenda.Action) agenda.Action {
	a.ID, a.Seq, a.At = id.New(), int64(len(p.done)+1), p.w.clock.Now()
	p.done = append(p.done, a)
	return a
}

func (p *pocket) marks(c agenda.Claim, as agenda.ClaimState) agenda.Action {
	return p.does(agenda.Action{Kind: agenda.MarkAction, Claim: c.ID, As: as, Seen: c.Version})
}

func (p *pocket) taps(of agenda.ID, n int) agenda.Action {
	return p.does(agenda.Action{Kind: agenda.HeadAction, Occurrence: of, N: n})
}

// sends sends actions and returns what became of each, by its id.
func (p *pocket) sends(actions ...agenda.Action) map[string]agenda.Outcome {
	p.w.t.Helper()
	answers, err := p.w.Sync(p.w.t.Context(), p.by, p.id, actions)
	if err != nil {
		p.w.t.Error(err)
	}
	out := map[string]agenda.Outcome{}
	for _, one := range answers {
		out[one.ID] = one
	}
	return out
}

// result is what became of an action that is sent alone.
func (p *pocket) result(a agenda.Action) agenda.Result { return p.sends(a)[a.ID].Result }

// Two devices were a day without network: 300 actions, which arrive by pieces, in any order, from both at once, and twice. None is lost,
// none counts twice, and what the two noted otherwise waits for a person.
func TestTwoDevicesADayWithoutNetwork(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(12))
		var claims []agenda.Claim
		for n := range 80 {
			claims = append(claims, w.mustBook(dates[n/12].ID, n))
		}
		one, two := w.pocketOf(w.mediator), w.pocketOf(w.manager)
		for n := range 45 {
			one.marks(claims[n], agenda.Arrived)
			one.marks(claims[n], agenda.Attended)
		}
		for n := 35; n < 45; n++ {
			two.marks(claims[n], agenda.NoShow)
		}
		for n := 45; n < 80; n++ {
			two.marks(claims[n], agenda.Arrived)
			two.marks(claims[n], agenda.Partly)
		}
		for i := range 60 {
			one.taps(dates[0].ID, []int{1, 1, -1}[i%3])
		}
		for range 70 {
			two.taps(dates[0].ID, 1)
		}
		if n := len(one.done) + len(two.done); n != 300 {
			t.Fatalf("%d actions", n)
		}
		answers := make([]map[string]agenda.Outcome, 2)
		for pass := range 2 { // all of it, then all of it again, in another order
			var both sync.WaitGroup
			for i, p := range []*pocket{one, two} {
				both.Go(func() {
					list := slices.Clone(p.done)
					r := rand.New(rand.NewPCG(uint64(pass), uint64(i)))
					r.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
					for piece := range slices.Chunk(list, 40) {
						got := p.sends(append(piece, piece[0])...) // one of them twice in the same piece
						if pass == 0 && answers[i] == nil {
							answers[i] = map[string]agenda.Outcome{}
						}
						for key, o := range got {
							if before, ok := answers[i][key]; ok && before != o {
								t.Errorf("answered %v, then %v", before, o)
							}
							answers[i][key] = o
						}
					}
				})
			}
			both.Wait()
		}
		conflicts := map[agenda.ClaimID]int{}
		for _, by := range []identity.Actor{w.mediator, w.manager} {
			gaps, err := w.Gaps(t.Context(), by)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range gaps {
				conflicts[g.Claim]++
			}
		}
		for n, c := range claims {
			state := w.state(c).State
			switch {
			case n < 35 && state != agenda.Attended, n >= 45 && state != agenda.Partly:
				t.Errorf("guest %d is %s", n, state)
			case n >= 35 && n < 45 && (conflicts[c.ID] != 1 || state != agenda.Attended && state != agenda.NoShow):
				t.Errorf("guest %d, noted otherwise by two, is %s with %d conflicts", n, state, conflicts[c.ID])
			}
		}
		if len(conflicts) != 10 {
			t.Errorf("%d conflicts are listed, want 10", len(conflicts))
		}
		if day, err := w.Attendance(t.Context(), w.mediator, dates[0].Number); err != nil || day.Heads != 90 {
			t.Errorf("%d came without booking, want 90: %v", day.Heads, err)
		}
		kept, err := db.One(t.Context(), d, db.Value[int64], `SELECT COUNT(*) FROM agenda_action WHERE result <> 'refused'`)
		if err != nil || kept != 300 || len(answers[0])+len(answers[1]) != 300 {
			t.Errorf("%d actions are kept and %d answered, want 300: %v", kept, len(answers[0])+len(answers[1]), err)
		}
		w.recounted()
	})
}

// What a device noted stands against what somebody else noted after it last looked, and against nothing else.
func TestVerdictOnAMark(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(20))
		next := 0
		fresh := func() agenda.Claim { next++; return w.mustBook(dates[0].ID, next) }
		mine := w.pocketOf(w.mediator)
		seen := func(what string, got, want agenda.Result, c agenda.Claim, state agenda.ClaimState) {
			t.Helper()
			if now := w.state(c).State; got != want || now != state {
				t.Errorf("%s: %s and the booking is %s, want %s and %s", what, got, now, want, state)
			}
		}
		c := fresh()
		seen("alone", mine.result(mine.marks(c, agenda.Arrived)), agenda.ActionDone, c, agenda.Arrived)
		seen("the next of the same device", mine.result(mine.marks(c, agenda.Attended)), agenda.ActionDone, c, agenda.Attended)

		c = fresh()
		first, second := mine.marks(c, agenda.Arrived), mine.marks(c, agenda.NoShow)
		seen("the second first", mine.result(second), agenda.ActionDone, c, agenda.NoShow)
		seen("then the first", mine.result(first), agenda.ActionLate, c, agenda.NoShow)

		c = fresh()
		if err := w.Mark(t.Context(), w.manager, c.ID, agenda.Attended); err != nil {
			t.Fatal(err)
		}
		seen("somebody noted the same", mine.result(mine.marks(c, agenda.Attended)), agenda.ActionSame, c, agenda.Attended)

		c = fresh()
		if err := w.Mark(t.Context(), w.manager, c.ID, agenda.NoShow); err != nil {
			t.Fatal(err)
		}
		seen("somebody noted otherwise", mine.result(mine.marks(c, agenda.Arrived)), agenda.ActionConflict, c, agenda.NoShow)
		seen("and the device goes on", mine.result(mine.marks(c, agenda.Attended)), agenda.ActionConflict, c, agenda.NoShow)
		gaps, err := w.Gaps(t.Context(), w.mediator)
		if err != nil || len(gaps) != 1 || gaps[0].As != agenda.Attended || gaps[0].Seat.State != agenda.NoShow {
			t.Fatalf("the conflicts are %+v, %v; want the last one alone", gaps, err)
		}
		if err := w.Settle(t.Context(), w.manager, gaps[0].ID, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else settles it: %v", err)
		}
		for range 2 {
			if err := w.Settle(t.Context(), w.mediator, gaps[0].ID, true); err != nil {
				t.Fatal(err)
			}
		}
		seen("settled", agenda.ActionConflict, agenda.ActionConflict, c, agenda.Attended)
		if gaps, err := w.Gaps(t.Context(), w.mediator); err != nil || len(gaps) != 0 {
			t.Errorf("after the decision %+v, %v", gaps, err)
		}

		c = fresh()
		if err := w.Mark(t.Context(), w.manager, c.ID, agenda.Attended); err != nil {
			t.Fatal(err)
		}
		seen("arrived, against attended", mine.result(mine.marks(c, agenda.Arrived)), agenda.ActionConflict, c, agenda.Attended)
		seen("then attended too", mine.result(mine.marks(c, agenda.Attended)), agenda.ActionSame, c, agenda.Attended)
		if gaps, err := w.Gaps(t.Context(), w.mediator); err != nil || len(gaps) != 0 {
			t.Errorf("both agree, and %+v waits, %v", gaps, err)
		}

		c = fresh()
		if err := w.CancelFor(t.Context(), w.manager, c.ID); err != nil {
			t.Fatal(err)
		}
		seen("the booking was cancelled", mine.result(mine.marks(c, agenda.Attended)), agenda.ActionConflict, c, agenda.Withdrawn)
		w.recounted()
	})
}

// A date is ended on a device: what it had counted by taps is in its number, whether the taps come before or after.
func TestADateIsEndedOnADevice(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		of := dates[0].ID
		c := w.mustBook(of, 1)
		mine, other := w.pocketOf(w.mediator), w.pocketOf(w.manager)
		first, second := mine.taps(of, 1), mine.taps(of, 1)
		mark := mine.marks(c, agenda.Attended)
		end := mine.does(agenda.Action{Kind: agenda.EndAction, Occurrence: of, End: agenda.Closing{Heads: 3, Counts: map[agenda.CountKind]int{agenda.Over60: 2}, Note: "Le wifi  de la salle ne marche pas."}})
		if got := mine.sends(end)[end.ID]; got.Result != agenda.ActionRefused || got.Why != "agenda.not_begun" {
			t.Errorf("before it begins: %+v", got)
		}
		w.clock.Move(at("2026-05-07 15:00").Sub(w.clock.Now()))
		end = mine.does(end)
		for range 2 {
			got := mine.sends(second, end, mark, first)
			if got[end.ID].Result != agenda.ActionDone || got[first.ID].Result != agenda.ActionLate || got[second.ID].Result != agenda.ActionDone || got[mark.ID].Result != agenda.ActionDone {
				t.Errorf("%v", got)
			}
		}
		late := other.taps(of, 1)
		if got := other.sends(late)[late.ID]; got.Result != agenda.ActionRefused || got.Why != "agenda.is_closed" {
			t.Errorf("a tap of another device after the end: %+v", got)
		}
		day, err := w.Attendance(t.Context(), w.mediator, dates[0].Number)
		if err != nil || day.Heads != 3 || day.State != agenda.Closed || day.Seats[0].State != agenda.Attended {
			t.Errorf("%d came, %s, %v, %v", day.Heads, day.State, day.Seats, err)
		}
		closing, ok, err := w.ClosingOf(t.Context(), w.mediator, of)
		if err != nil || !ok || closing.Note != "Le wifi de la salle ne marche pas." || closing.Counts[agenda.Over60] != 2 {
			t.Errorf("%+v, %v, %v", closing, ok, err)
		}
		w.recounted()
	})
}

// A device that is lost gives nothing any more, and forgets the day; its owner sends what it held from another name of it.
func TestALostDevice(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, dates := w.add(workshop(5))
		c := w.mustBook(dates[0].ID, 1)
		phone := w.pocketOf(w.mediator)
		tap := phone.taps(dates[0].ID, 1)
		lost := func(want bool) {
			t.Helper()
			if got, err := w.Lost(t.Context(), phone.id); err != nil || got != want {
				t.Errorf("lost: %v, %v", got, err)
			}
		}
		lost(false)
		wants(t, w.LoseDevice(t.Context(), w.manager, phone.id), "identity.not_found")
		for range 2 {
			if err := w.LoseDevice(t.Context(), w.mediator, phone.id); err != nil {
				t.Fatal(err)
			}
		}
		lost(true)
		_, err := w.Sync(t.Context(), w.mediator, phone.id, []agenda.Action{tap})
		wants(t, err, "agenda.device_lost")
		wants(t, w.KeepDevice(t.Context(), w.mediator, phone.id, "Chrome, Android"), "agenda.device_lost")
		again := w.pocketOf(w.mediator)
		if got := again.result(tap); got != agenda.ActionDone {
			t.Errorf("what the found device held is %s", got)
		}
		other := w.pocketOf(w.helper)
		if got := other.sends(tap)[tap.ID]; got.Result != agenda.ActionRefused || got.Why != "agenda.device_other" {
			t.Errorf("somebody else's action: %+v", got)
		}
		if got := other.sends(other.marks(c, agenda.Attended)); len(got) != 1 {
			t.Errorf("out of reach: %+v", got)
		}
		if state := w.state(c).State; state != agenda.Booked {
			t.Errorf("a mark out of reach made the booking %s", state)
		}
		if devices, err := w.Devices(t.Context(), w.mediator); err != nil || len(devices) != 2 || devices[1].LostAt.IsZero() {
			t.Errorf("devices %+v, %v", devices, err)
		}
	})
}

// What a day holds: the dates of one's crew, those without crew, called off ones too; nothing of another structure.
func TestMyDay(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		once := func(hour int, members ...identity.AccountID) agenda.ID {
			_, dates := w.add(workshop(5, func(in *agenda.NewSeries) {
				in.Pattern.Rule, in.Pattern.Until, in.Pattern.Minute, in.Members = "", date("2026-05-07"), hour*60, members
			}))
			return dates[0].ID
		}
		mine, open := once(10, w.mediator.Account), once(14)
		once(16, w.manager.Account)
		c := w.mustBook(mine, 1)
		gone := w.mustBook(mine, 2)
		if err := w.CancelFor(t.Context(), w.mediator, gone.ID); err != nil {
			t.Fatal(err)
		}
		day, err := w.MyDay(t.Context(), w.mediator, at("2026-05-07 00:00"), at("2026-05-08 00:00"))
		if err != nil || len(day) != 2 || day[0].ID != mine || day[1].ID != open || len(day[0].Seats) != 1 || day[0].Seats[0].ID != c.ID {
			t.Fatalf("the day is %+v, %v", day, err)
		}
		if day, err := w.MyDay(t.Context(), w.helper, at("2026-05-07 00:00"), at("2026-05-08 00:00")); err != nil || len(day) != 0 {
			t.Errorf("another structure sees %+v, %v", day, err)
		}
		if day, err := w.MyDay(t.Context(), w.partner, at("2026-05-07 00:00"), at("2026-05-08 00:00")); err != nil || len(day) != 0 {
			t.Errorf("a partner sees %+v, %v", day, err)
		}
		if day, err := w.MyDay(t.Context(), w.mediator, at("2026-05-08 00:00"), at("2026-05-08 00:00").Add(24*time.Hour)); err != nil || len(day) != 0 {
			t.Errorf("the next day is %+v, %v", day, err)
		}
	})
}
