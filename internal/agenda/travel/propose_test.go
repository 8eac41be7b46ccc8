package travel_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/agenda/travel"
	"viaduc/internal/territory"
)

const (
	mon, tue, wed, thu, fri, sat = time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday
)

// short writes proposals as "crew day half parity", one a line.
func short(list []travel.Proposal) string {
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", p.Crew, p.Weekday.String()[:3], p.Half, p.Parity)))
	}
	return b.String()
}

// busyBut is a week taken from Monday to Friday, but for what is left free.
func busyBut(free ...string) []travel.Busy {
	var list []travel.Busy
	for day := mon; day <= fri; day++ {
		for _, half := range []travel.Half{travel.Morning, travel.Afternoon} {
			for _, parity := range []travel.Parity{travel.OddWeeks, travel.EvenWeeks} {
				if name := day.String()[:3] + " " + string(half); !slices.Contains(free, name) && !slices.Contains(free, name+" "+string(parity)) {
					list = append(list, travel.Busy{Weekday: day, Half: half, Parity: parity, Stop: ales})
				}
			}
		}
	}
	return list
}

func TestProposesWhatIsFree(t *testing.T) {
	crew := func(busy ...travel.Busy) []travel.Crew {
		return []travel.Crew{{ID: "c", Base: ales, Busy: busy, MaxHalves: 14}}
	}
	for name, tc := range map[string]struct {
		ask   travel.Ask
		crews []travel.Crew
		opts  travel.Options
		want  string
	}{
		"no crew": {travel.Ask{}, nil, travel.Options{}, ""},
		"all of a free week": {
			travel.Ask{}, crew(), travel.Options{},
			"c Mon morning\nc Mon afternoon\nc Tue morning\nc Tue afternoon\nc Wed morning\nc Wed afternoon\n" +
				"c Thu morning\nc Thu afternoon\nc Fri morning\nc Fri afternoon\n",
		},
		"at most":              {travel.Ask{}, crew(), travel.Options{Limit: 2}, "c Mon morning\nc Mon afternoon\n"},
		"only mornings":        {travel.Ask{Halves: travel.Morning}, crew(), travel.Options{Days: []time.Weekday{tue}}, "c Tue morning\n"},
		"only afternoons":      {travel.Ask{Halves: travel.Afternoon}, crew(), travel.Options{Days: []time.Weekday{tue}}, "c Tue afternoon\n"},
		"what is left":         {travel.Ask{}, crew(busyBut("Thu morning")...), travel.Options{}, "c Thu morning\n"},
		"left every other one": {travel.Ask{}, crew(busyBut("Thu morning odd")...), travel.Options{}, ""},
		"every second week": {
			travel.Ask{Every: travel.EveryTwoWeeks}, crew(busyBut("Thu morning odd", "Fri afternoon")...), travel.Options{},
			"c Thu morning odd\nc Fri afternoon odd\nc Fri afternoon even\n",
		},
		"a whole day":         {travel.Ask{Length: travel.WholeDay}, crew(busyBut("Thu morning", "Fri morning", "Fri afternoon")...), travel.Options{}, "c Fri day\n"},
		"no whole day":        {travel.Ask{Length: travel.WholeDay}, crew(busyBut("Thu morning", "Fri afternoon")...), travel.Options{}, ""},
		"busy all day":        {travel.Ask{}, crew(travel.Busy{Weekday: tue, Half: travel.AllDay}), travel.Options{Days: []time.Weekday{tue}}, ""},
		"busy, half not said": {travel.Ask{}, crew(travel.Busy{Weekday: tue}), travel.Options{Days: []time.Weekday{tue}}, ""},
		"a wished Saturday": {
			travel.Ask{Days: []time.Weekday{sat}}, crew(busyBut("Mon morning")...), travel.Options{}, "c Sat morning\nc Sat afternoon\nc Mon morning\n",
		},
		"Sunday is the last day": {
			travel.Ask{Halves: travel.Morning}, crew(), travel.Options{Days: []time.Weekday{time.Sunday, sat}}, "c Sat morning\nc Sun morning\n",
		},
		"a full crew": {
			travel.Ask{}, []travel.Crew{{ID: "full", Base: ales, Busy: busyBut("Mon morning"), MaxHalves: 9}, {ID: "free", Base: ales, Busy: busyBut("Tue morning"), MaxHalves: 10}},
			travel.Options{}, "free Tue morning\n",
		},
		"a maximum not said is ten": {travel.Ask{}, []travel.Crew{{ID: "c", Busy: busyBut("Tue morning")}}, travel.Options{Days: []time.Weekday{mon, tue, sat}}, "c Tue morning\nc Sat morning\nc Sat afternoon\n"},
		"one half left is no day":   {travel.Ask{Length: travel.WholeDay}, []travel.Crew{{ID: "c", MaxHalves: 1}}, travel.Options{}, ""},
		"full in odd weeks alone": {
			travel.Ask{Every: travel.EveryTwoWeeks, Halves: travel.Afternoon},
			[]travel.Crew{{ID: "c", Busy: []travel.Busy{{Weekday: mon, Half: travel.Morning, Parity: travel.OddWeeks}}, MaxHalves: 1}},
			travel.Options{Days: []time.Weekday{tue}}, "c Tue afternoon even\n",
		},
		"too far": {
			travel.Ask{Commune: "30010", Point: anduze.Point},
			[]travel.Crew{{ID: "far", Base: grand}, {ID: "near", Base: ales}}, travel.Options{MaxTravel: 30, Limit: 1}, "near Mon morning\n",
		},
		"a day that is none": {travel.Ask{}, crew(travel.Busy{Weekday: 9, Half: travel.Morning}), travel.Options{Limit: 1}, "c Mon morning\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, short(travel.Propose(tc.ask, tc.crews, nil, travel.Roads{}, tc.opts))); diff != "" {
				t.Errorf("proposals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSaysWhy(t *testing.T) {
	roads := travel.Roads{Matrix: times(t)}
	ask := travel.Ask{Commune: "30010", Point: anduze.Point, Halves: travel.Afternoon}
	morning := func(stop travel.Stop, parity travel.Parity) travel.Busy {
		return travel.Busy{Weekday: tue, Half: travel.Morning, Parity: parity, Stop: stop}
	}
	offer := func(day time.Weekday, stop travel.Stop) travel.Offer { return travel.Offer{Stop: stop, Weekday: day} }
	mages := grand
	mages.Name = "Les Mages"
	for name, tc := range map[string]struct {
		change func(a *travel.Ask, c *travel.Crew)
		busy   []travel.Busy
		offers []travel.Offer
		want   travel.Proposal
	}{
		"from the base": {nil, nil, nil, travel.Proposal{TravelMinutes: 21, MeasuredTravel: true, LoadAfter: 1, Score: 71, Reasons: []string{
			"21 minutes de route depuis le départ de l'équipe à Alès", "L'équipe fait 0 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
		}}},
		"already there": {nil, []travel.Busy{morning(anduze, travel.BothWeeks)}, nil, travel.Proposal{MeasuredTravel: true, LoadAfter: 2, Score: 88, Reasons: []string{
			"L'équipe y est déjà le matin", "L'équipe fait 1 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
		}}},
		"starts there": {func(a *travel.Ask, c *travel.Crew) { c.Base = anduze }, nil, nil, travel.Proposal{MeasuredTravel: true, LoadAfter: 1, Score: 90, Reasons: []string{
			"L'équipe part de là", "L'équipe fait 0 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
		}}},
		"estimated, help nearby": {nil, []travel.Busy{morning(mages, travel.BothWeeks)}, []travel.Offer{offer(mon, ales), offer(thu, grand)}, travel.Proposal{
			TravelMinutes: 35, LoadAfter: 2, Score: 53, Reasons: []string{
				"Environ 35 minutes de route depuis l'arrêt du matin aux Mages", "L'équipe fait 1 demi-journée sur 8", "L'aide la plus proche est à 12\u00a0km",
			},
		}},
		"the longer road of two weeks": {nil, []travel.Busy{morning(anduze, travel.OddWeeks), morning(grand, travel.EvenWeeks)}, nil, travel.Proposal{
			TravelMinutes: 35, LoadAfter: 2, Score: 56, Reasons: []string{
				"Environ 35 minutes de route depuis l'arrêt du matin à La Grand-Combe", "L'équipe fait 1 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
			},
		}},
		"a road that is not known": {nil, []travel.Busy{morning(nowhere, travel.OddWeeks), morning(grand, travel.EvenWeeks)}, nil, travel.Proposal{
			TravelMinutes: -1, LoadAfter: 2, Score: 48, Reasons: []string{
				"La durée de la route depuis l'arrêt du matin à Tornac n'est pas connue", "L'équipe fait 1 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
			},
		}},
		"help on the same day alone": {nil, nil, []travel.Offer{offer(tue, anduze)}, travel.Proposal{TravelMinutes: 21, MeasuredTravel: true, LoadAfter: 1, Score: 71, Reasons: []string{
			"21 minutes de route depuis le départ de l'équipe à Alès", "L'équipe fait 0 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
		}}},
		"help that stands nowhere known": {nil, nil, []travel.Offer{offer(mon, nowhere)}, travel.Proposal{TravelMinutes: 21, MeasuredTravel: true, LoadAfter: 1, Score: 51, Reasons: []string{
			"21 minutes de route depuis le départ de l'équipe à Alès", "L'équipe fait 0 demi-journée sur 8", "La distance de l'aide la plus proche n'est pas connue",
		}}},
		"help here": {nil, nil, []travel.Offer{offer(mon, nowhere), offer(mon, anduze), offer(wed, ales)}, travel.Proposal{TravelMinutes: 21, MeasuredTravel: true, LoadAfter: 1, Score: 51, Reasons: []string{
			"21 minutes de route depuis le départ de l'équipe à Alès", "L'équipe fait 0 demi-journée sur 8", "L'aide la plus proche est à moins de 1\u00a0km",
		}}},
		"people": {func(a *travel.Ask, c *travel.Crew) {
			a.Over60, a.Population, a.Days = 1210, 3391, []time.Weekday{tue, mon}
		}, nil, nil, travel.Proposal{
			TravelMinutes: 21, MeasuredTravel: true, LoadAfter: 1, Score: 81, Reasons: []string{
				"21 minutes de route depuis le départ de l'équipe à Alès", "L'équipe fait 0 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
				"Le mardi est un jour souhaité", "1\u202f210 habitants de plus de 60 ans sur 3\u202f391",
			},
		}},
		"another day": {func(a *travel.Ask, c *travel.Crew) { a.Over60, a.Days = 1, []time.Weekday{sat} }, nil, nil, travel.Proposal{
			TravelMinutes: 21, MeasuredTravel: true, LoadAfter: 1, Score: 61, Reasons: []string{
				"21 minutes de route depuis le départ de l'équipe à Alès", "L'équipe fait 0 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
				"Le mardi n'est pas un jour souhaité", "1 habitant de plus de 60 ans",
			},
		}},
		"no name, one minute": {func(a *travel.Ask, c *travel.Crew) {
			c.Base = travel.Stop{Point: territory.Point{Lat: 44.0510, Lon: 3.9743}}
		}, nil, nil, travel.Proposal{TravelMinutes: 1, LoadAfter: 1, Score: 89, Reasons: []string{
			"Environ 1 minute de route depuis le départ de l'équipe", "L'équipe fait 0 demi-journée sur 8", "Aucune aide n'est connue un autre jour",
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			a, c := ask, travel.Crew{ID: "c", Name: "Bus (exemple)", Base: ales, Busy: tc.busy, MaxHalves: 8}
			if tc.change != nil {
				tc.change(&a, &c)
			}
			all := travel.Propose(a, []travel.Crew{c}, tc.offers, roads, travel.Options{})
			i := slices.IndexFunc(all, func(p travel.Proposal) bool { return p.Weekday == tue })
			if i < 0 {
				t.Fatalf("no Tuesday in %s", short(all))
			}
			tc.want.Crew, tc.want.Name, tc.want.Weekday, tc.want.Half = "c", "Bus (exemple)", tue, travel.Afternoon
			if diff := cmp.Diff(tc.want, all[i]); diff != "" {
				t.Errorf("proposal (-want +got):\n%s", diff)
			}
		})
	}
}

// Scores stay within 0 and 100, fall along the list, and the order of what is given changes nothing.
func TestProposalsAreStable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 30))
	roads := travel.Roads{Matrix: times(t)}
	for range 200 {
		crews, offers := someCrews(rnd, 6)
		ask := travel.Ask{
			Commune: "30010", Point: anduze.Point, Length: []travel.Length{travel.HalfDay, travel.WholeDay}[rnd.IntN(2)],
			Every: []travel.Every{travel.EveryWeek, travel.EveryTwoWeeks}[rnd.IntN(2)], Over60: rnd.IntN(800),
		}
		want := travel.Propose(ask, crews, offers, roads, travel.Options{})
		last := 100
		for _, p := range want {
			if p.Score < 0 || p.Score > last {
				t.Fatalf("%d comes after %d", p.Score, last)
			}
			last = p.Score
		}
		rnd.Shuffle(len(crews), func(i, j int) { crews[i], crews[j] = crews[j], crews[i] })
		rnd.Shuffle(len(offers), func(i, j int) { offers[i], offers[j] = offers[j], offers[i] })
		got := travel.Propose(ask, crews, offers, roads, travel.Options{Limit: 12})
		if diff := cmp.Diff(want[:min(12, len(want))], got); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
	}
}

func someCrews(rnd *rand.Rand, n int) ([]travel.Crew, []travel.Offer) {
	crews := make([]travel.Crew, n)
	var offers []travel.Offer
	for i := range crews {
		crews[i] = travel.Crew{ID: fmt.Sprint(i), Base: allStops[rnd.IntN(len(allStops))], MaxHalves: 4 + rnd.IntN(7)}
		cells := rnd.Perm(10)[:rnd.IntN(7)]
		for _, cell := range cells {
			day := mon + time.Weekday(cell/2)
			stop := allStops[rnd.IntN(len(allStops))]
			crews[i].Busy = append(crews[i].Busy, travel.Busy{
				Weekday: day, Half: []travel.Half{travel.Morning, travel.Afternoon}[cell%2], Stop: stop,
				Parity: []travel.Parity{travel.BothWeeks, travel.OddWeeks, travel.EvenWeeks}[rnd.IntN(3)],
			})
			offers = append(offers, travel.Offer{Stop: stop, Weekday: day})
		}
	}
	return crews, offers
}

func BenchmarkPropose(b *testing.B) {
	crews, offers := someCrews(rand.New(rand.NewPCG(1, 2)), 30)
	roads := travel.Roads{Matrix: times(b)}
	ask := travel.Ask{Commune: "30010", Point: anduze.Point, Every: travel.EveryTwoWeeks, Over60: 1000}
	b.ReportAllocs()
	for b.Loop() {
		travel.Propose(ask, crews, offers, roads, travel.Options{Limit: 10})
	}
}
