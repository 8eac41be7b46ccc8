package duplicate

import "slices"

// Group is records that pairs tie together, by way of others where they must.
type Group struct {
	Numbers []int64 // sorted
	Pairs   []Pair  // that tie them, the highest score first
	Weakest int     // the lowest score without which the group falls apart
}

// Groups ties pairs together (transitive closure), the group with the strongest pair first. The weakest link is looked for
// among the strongest pairs that hold a group together: a weak pair between two records that stronger pairs tie already
// weakens nothing.
func Groups(pairs []Pair) []Group {
	pairs = slices.Clone(pairs)
	slices.SortFunc(pairs, order)
	parent := map[int64]int64{}
	var root func(n int64) int64
	root = func(n int64) int64 {
		p, ok := parent[n]
		if !ok || p == n {
			return n
		}
		parent[n] = root(p)
		return parent[n]
	}
	weakest := map[int64]int{}
	for _, p := range pairs { // the strongest first: what ties two parts is the strongest that does
		a, b := root(p.A), root(p.B)
		if a == b {
			continue
		}
		into, from := min(a, b), max(a, b)
		parent[from] = into
		weakest[into] = p.Score // not above what either part had, since scores fall
	}
	at := map[int64]int{}
	var out []Group
	for _, p := range pairs {
		r := root(p.A)
		i, ok := at[r]
		if !ok {
			i = len(out)
			at[r], out = i, append(out, Group{Weakest: weakest[r]})
		}
		g := &out[i]
		g.Pairs = append(g.Pairs, p)
		for _, n := range []int64{p.A, p.B} {
			if !slices.Contains(g.Numbers, n) {
				g.Numbers = append(g.Numbers, n)
			}
		}
	}
	for i := range out {
		slices.Sort(out[i].Numbers)
	}
	return out
}
