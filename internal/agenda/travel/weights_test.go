package travel_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/agenda/travel"
)

func TestWeightsExplainThemselves(t *testing.T) {
	none := travel.DefaultWeights()
	none.Need, none.Load = travel.Scale{}, travel.Scale{Points: 1, Full: 20, None: 80}
	for name, tc := range map[string]struct {
		weights travel.Weights
		want    []string
	}{
		"usual": {travel.DefaultWeights(), []string{
			"Route à faire : 40 points sur 100. Le plus à 0 minute, rien à 45 minutes.",
			"Semaine de l'équipe déjà prise : 20 points sur 100. Le plus à 0\u00a0%, rien à 100\u00a0%.",
			"Distance de l'aide la plus proche, un autre jour : 20 points sur 100. Le plus à 15\u00a0km, rien à 0\u00a0km.",
			"Jour souhaité par la commune : 10 points sur 100.",
			"Habitants de plus de 60 ans : 10 points sur 100. Le plus à 500 habitants, rien à 0 habitant.",
			"Entre le plus et rien, les points suivent la proportion. Ce qui n'est pas connu ne donne rien.",
		}},
		"a territory's own": {none, []string{
			"Route à faire : 40 points sur 71. Le plus à 0 minute, rien à 45 minutes.",
			"Semaine de l'équipe déjà prise : 1 point sur 71. Le plus à 20\u00a0%, rien à 80\u00a0%.",
			"Distance de l'aide la plus proche, un autre jour : 20 points sur 71. Le plus à 15\u00a0km, rien à 0\u00a0km.",
			"Jour souhaité par la commune : 10 points sur 71.",
			"Habitants de plus de 60 ans : ne compte pas.",
			"Entre le plus et rien, les points suivent la proportion. Ce qui n'est pas connu ne donne rien.",
		}},
	} {
		if diff := cmp.Diff(tc.want, tc.weights.Explain()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Each weight alone gives the whole score to its own criterion.
func TestEachWeightWeighsItsOwn(t *testing.T) {
	only := func(set func(w *travel.Weights)) travel.Weights {
		var w travel.Weights
		set(&w)
		return w
	}
	ask := travel.Ask{Commune: "30010", Point: anduze.Point, Days: []time.Weekday{tue}, Over60: 125}
	crew := travel.Crew{ID: "c", Base: ales, MaxHalves: 4, Busy: []travel.Busy{{Weekday: mon, Half: travel.Morning, Stop: anduze}}}
	offers := []travel.Offer{{Stop: ales, Weekday: fri}} // 12.31 km away
	for name, tc := range map[string]struct {
		weights  travel.Weights
		mon, tue int // scores of Monday afternoon and of Tuesday
	}{
		"travel":       {only(func(w *travel.Weights) { w.Travel = travel.Scale{Points: 7, None: 42} }), 100, 50},
		"load":         {only(func(w *travel.Weights) { w.Load = travel.Scale{Points: 7, None: 100} }), 75, 75},
		"far":          {only(func(w *travel.Weights) { w.Far = travel.Scale{Points: 7, Full: 20} }), 62, 62},
		"wanted":       {only(func(w *travel.Weights) { w.Wanted = travel.Scale{Points: 7, Full: 1} }), 0, 100},
		"need":         {only(func(w *travel.Weights) { w.Need = travel.Scale{Points: 7, Full: 500} }), 25, 25},
		"beyond full":  {only(func(w *travel.Weights) { w.Need = travel.Scale{Points: 7, Full: 100} }), 100, 100},
		"one figure":   {only(func(w *travel.Weights) { w.Need = travel.Scale{Points: 7, Full: 9, None: 9} }), 100, 100},
		"below none":   {only(func(w *travel.Weights) { w.Need = travel.Scale{Points: 7, Full: 500, None: 200} }), 0, 0},
		"nothing told": {only(func(w *travel.Weights) { w.Need = travel.Scale{Full: 500} }), 0, 0},
	} {
		got := map[time.Weekday]int{}
		for _, p := range travel.Propose(ask, []travel.Crew{crew}, offers, travel.Roads{Matrix: times(t)}, travel.Options{Weights: tc.weights}) {
			if p.Half == travel.Afternoon {
				got[p.Weekday] = p.Score
			}
		}
		if got[mon] != tc.mon || got[tue] != tc.tue {
			t.Errorf("%s: %d and %d, want %d and %d", name, got[mon], got[tue], tc.mon, tc.tue)
		}
	}
}
