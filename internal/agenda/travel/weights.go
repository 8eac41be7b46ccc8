package travel

import (
	"fmt"
	"math"
)

// Scale is how many points a figure brings: all of them at Full, none at None, in proportion between the two, and no more
// beyond. Where Full and None are equal, all are brought.
type Scale struct {
	Points     int
	Full, None int
}

// share is the part of the points, 0 to 1, that a figure brings.
func (s Scale) share(v float64) float64 {
	if s.Full == s.None {
		return 1
	}
	return min(max((v-float64(s.None))/float64(s.Full-s.None), 0), 1)
}

// Weights is what makes a half-day suit: data that a territory may change, and that says itself what it does (Explain). A
// score is the points brought, of 100 for all. A figure that is not known brings nothing.
type Weights struct {
	Travel Scale // minutes of road
	Load   Scale // percent of the crew's half-days that are taken
	Far    Scale // km to the nearest help on another day; none known brings all
	Wanted Scale // 1 on a day that the commune wishes for, or when it wishes for none; else 0
	Need   Scale // people over 60
}

// DefaultWeights returns the weights of a territory that has not set its own.
func DefaultWeights() Weights {
	return Weights{
		Travel: Scale{Points: 40, Full: 0, None: 45},
		Load:   Scale{Points: 20, Full: 0, None: 100},
		Far:    Scale{Points: 20, Full: 15, None: 0},
		Wanted: Scale{Points: 10, Full: 1, None: 0},
		Need:   Scale{Points: 10, Full: 500, None: 0},
	}
}

func (w Weights) points() int {
	return w.Travel.Points + w.Load.Points + w.Far.Points + w.Wanted.Points + w.Need.Points
}

// Explain says in French, one sentence or two for each criterion, how a score is made.
func (w Weights) Explain() []string {
	total := w.points()
	say := func(name string, s Scale, unit func(int) string) string {
		switch {
		case s.Points == 0:
			return name + " : ne compte pas."
		case unit == nil:
			return fmt.Sprintf("%s : %s sur %d.", name, count(s.Points, "point"), total)
		}
		return fmt.Sprintf("%s : %s sur %d. Le plus à %s, rien à %s.", name, count(s.Points, "point"), total, unit(s.Full), unit(s.None))
	}
	of := func(noun string) func(int) string { return func(n int) string { return count(n, noun) } }
	sign := func(unit string) func(int) string { return func(n int) string { return grouped(n) + nbsp + unit } }
	return []string{
		say("Route à faire", w.Travel, of("minute")),
		say("Semaine de l'équipe déjà prise", w.Load, sign("%")),
		say("Distance de l'aide la plus proche, un autre jour", w.Far, sign("km")),
		say("Jour souhaité par la commune", w.Wanted, nil),
		say("Habitants de plus de 60 ans", w.Need, of("habitant")),
		"Entre le plus et rien, les points suivent la proportion. Ce qui n'est pas connu ne donne rien.",
	}
}

// figures are what is known of a slot; a negative one is not known.
type figures struct{ minutes, load, km, wanted, over60 float64 }

func (w Weights) score(f figures) int {
	total := w.points()
	if total <= 0 {
		return 0
	}
	sum := 0.0
	for _, c := range []struct {
		Scale
		value float64
	}{{w.Travel, f.minutes}, {w.Load, f.load}, {w.Far, f.km}, {w.Wanted, f.wanted}, {w.Need, f.over60}} {
		if c.value >= 0 {
			sum += float64(c.Points) * c.share(c.value)
		}
	}
	return int(math.Round(100 * sum / float64(total)))
}
