package territory

import "iter"

// ByPeople goes through the communes, those with most inhabitants first.
func (g *Gazetteer) ByPeople() iter.Seq[Commune] {
	return func(yield func(Commune) bool) {
		for i := range g.communes {
			if !yield(g.communes[i]) {
				return
			}
		}
	}
}
