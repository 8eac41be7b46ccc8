package travel

import (
	"cmp"
	"math"
	"slices"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/territory"
)

// Length is how long a commune asks for help. Anything but a whole day is half a day.
type Length string

// The lengths.
const (
	HalfDay  Length = "half"
	WholeDay Length = "day"
)

// Every is how often a commune asks for help. Anything but two weeks is every week.
type Every string

// How often.
const (
	EveryWeek     Every = "week"
	EveryTwoWeeks Every = "two_weeks"
)

// Ask is what a commune asks for. What is not known of it is left zero.
type Ask struct {
	Commune    string // INSEE code
	Point      territory.Point
	Length     Length
	Every      Every
	Days       []time.Weekday // wished for; none is any
	Halves     Half           // Morning, Afternoon or AnyHalf; not read for a whole day
	Population int
	Over60     int // people over 60
}

// Crew is a van with its mediators, and their usual week.
type Crew struct {
	ID, Name  string
	Base      Stop // where its day begins
	Busy      []Busy
	MaxHalves int // half-days a week; 0 and less is 10
}

// usualHalves are those of Monday to Friday.
const usualHalves = 10

// Offer is help that people already find somewhere, whoever gives it.
type Offer struct {
	Stop    Stop
	Weekday time.Weekday
}

// Options says how to propose. Its zero value proposes all there is from Monday to Friday, by DefaultWeights.
type Options struct {
	Limit     int            // proposals at most; 0 and less is all
	Days      []time.Weekday // on which crews work, beside those that the commune wishes for; none is Monday to Friday
	MaxTravel int            // minutes of road at most, where known; 0 and less is no limit
	Weights   Weights        // zero is DefaultWeights
}

// Proposal is a free half-day, or day, of one crew.
type Proposal struct {
	Crew, Name     string // identifier and name of the crew
	Weekday        time.Weekday
	Half           Half // AllDay for a whole day
	Parity         Parity
	TravelMinutes  int // from the crew's other half of that day, else from its base; -1 when not known
	MeasuredTravel bool
	LoadAfter      int      // half-days of the crew with this one, in the fuller of its weeks
	Score          int      // 0 to 100
	Reasons        []string // in French, without a full stop
}

// Propose returns what suits an ask, best first. Of two as good, the one with the shorter road comes first, then the crew
// with the lighter week, then by day from Monday, half, parity and the crew's identifier: the order of crews and offers
// changes nothing. A crew that is elsewhere in odd and in even weeks counts the longer of its two roads.
func Propose(ask Ask, crews []Crew, offers []Offer, roads Roads, opts Options) []Proposal {
	if opts.Weights == (Weights{}) {
		opts.Weights = DefaultWeights()
	}
	s := search{ask: ask, at: Stop{Commune: ask.Commune, Point: ask.Point}, offers: offers, roads: roads, opts: opts}
	for day := range s.near {
		s.near[day] = s.nearest(time.Weekday(day))
	}
	var found []Proposal
	slots := s.slots()
	for i := range crews {
		w := weekOf(crews[i].Busy)
		for _, t := range slots {
			if !w.free(t) {
				continue
			}
			if p, ok := s.weigh(&crews[i], w, t); ok {
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, better)
	if opts.Limit > 0 && len(found) > opts.Limit {
		found = found[:opts.Limit:opts.Limit]
	}
	return found
}

// search is one call of Propose.
type search struct {
	ask    Ask
	at     Stop
	offers []Offer
	roads  Roads
	opts   Options
	near   [7]distance // by day
}

// slots are the parts of a week that would do, whoever is free.
func (s *search) slots() []slot {
	days := s.opts.Days
	if len(days) == 0 {
		days = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	}
	halves := []Half{Morning, Afternoon}
	switch {
	case s.ask.Length == WholeDay:
		halves = []Half{AllDay}
	case s.ask.Halves == Morning || s.ask.Halves == Afternoon:
		halves = []Half{s.ask.Halves}
	}
	parities := []Parity{BothWeeks}
	if s.ask.Every == EveryTwoWeeks {
		parities = []Parity{OddWeeks, EvenWeeks}
	}
	var slots []slot
	for day := time.Sunday; day <= time.Saturday; day++ {
		if !slices.Contains(days, day) && !slices.Contains(s.ask.Days, day) {
			continue
		}
		for _, h := range halves {
			for _, p := range parities {
				slots = append(slots, slot{day, h, p})
			}
		}
	}
	return slots
}

// weigh makes the proposal of a free slot; false when the crew's week or the road does not allow it.
func (s *search) weigh(c *Crew, w *week, t slot) (Proposal, bool) {
	most := c.MaxHalves
	if most <= 0 {
		most = usualHalves
	}
	load := w.load(t.parity)
	after := load + len(t.half.cells())
	trip, from := s.road(c, w, t)
	if after > most || s.opts.MaxTravel > 0 && trip.Minutes > s.opts.MaxTravel {
		return Proposal{}, false
	}
	near := s.near[t.day]
	wanted := len(s.ask.Days) == 0 || slices.Contains(s.ask.Days, t.day)
	f := figures{minutes: float64(trip.Minutes), load: 100 * float64(load) / float64(most), km: near.km(), over60: -1}
	if wanted {
		f.wanted = 1
	}
	if s.ask.Over60 > 0 {
		f.over60 = float64(s.ask.Over60)
	}
	p := Proposal{
		Crew: c.ID, Name: c.Name, Weekday: t.day, Half: t.half, Parity: t.parity, TravelMinutes: trip.Minutes, MeasuredTravel: trip.Basis == Measured,
		LoadAfter: after, Score: s.opts.Weights.score(f), Reasons: []string{sayRoad(trip, from, t.half), sayLoad(load, most), near.say()},
	}
	if len(s.ask.Days) > 0 {
		p.Reasons = append(p.Reasons, sayWanted(t.day, wanted))
	}
	if s.ask.Over60 > 0 {
		p.Reasons = append(p.Reasons, sayNeed(s.ask.Over60, s.ask.Population))
	}
	return p, true
}

// origin is where a crew comes from.
type origin struct {
	*Stop
	base bool // and not the other half of the day
}

// road is the longest trip to the commune in the weeks of a slot. One that nobody knows counts as longer than any.
func (s *search) road(c *Crew, w *week, t slot) (trip Trip, from origin) {
	for i, stop := range w.neighbours(t) {
		o := origin{stop, false}
		if stop == nil {
			o = origin{&c.Base, true}
		}
		one := s.roads.Trip(*o.Stop, s.at)
		if i == 0 || trip.Known() && (!one.Known() || one.Minutes > trip.Minutes) {
			trip, from = one, o
		}
	}
	return trip, from
}

// distance is how far the nearest help is: in metres where it is known, else negative.
type distance float64

const (
	noHelp      distance = -1 // there is none
	unknownHelp distance = -2 // there is some, and nobody knows where, or where the commune is
)

// nearest is how far the nearest help is on another day than one.
func (s *search) nearest(day time.Weekday) distance {
	found := noHelp
	for i := range s.offers {
		o := &s.offers[i]
		switch {
		case o.Weekday == day:
		case !o.Stop.Point.Known() || !s.at.Point.Known():
			if found < 0 {
				found = unknownHelp
			}
		default:
			if m := distance(place.Metres(o.Stop.Point, s.at.Point)); found < 0 || m < found {
				found = m
			}
		}
	}
	return found
}

// km is what weighs: help that does not exist is farther than any.
func (d distance) km() float64 {
	switch d {
	case noHelp:
		return math.MaxInt32
	case unknownHelp:
		return -1
	}
	return float64(d) / 1000
}

var (
	halfOrder   = []Half{Morning, Afternoon, AllDay}
	parityOrder = []Parity{BothWeeks, OddWeeks, EvenWeeks}
)

// better orders proposals.
func better(a, b Proposal) int {
	return cmp.Or(
		cmp.Compare(b.Score, a.Score),
		cmp.Compare(uint(a.TravelMinutes), uint(b.TravelMinutes)), // -1 comes last
		cmp.Compare(a.LoadAfter, b.LoadAfter),
		cmp.Compare((a.Weekday+6)%7, (b.Weekday+6)%7),
		cmp.Compare(slices.Index(halfOrder, a.Half), slices.Index(halfOrder, b.Half)),
		cmp.Compare(slices.Index(parityOrder, a.Parity), slices.Index(parityOrder, b.Parity)),
		cmp.Compare(a.Crew, b.Crew),
	)
}
