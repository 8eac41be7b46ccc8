package place

import (
	"cmp"
	"slices"

	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
)

// In returns the places of an area in the order of a directory: by commune, then by name. A place belongs to the commune
// of its code, else to the one that its name and postcode say; one whose commune nobody knows is in the zero Area alone.
// The slice must not be changed: it is made when first asked for.
func (x *Index) In(a territory.Area) []*Entry {
	if held, ok := x.areas.Load(a); ok {
		return held.([]*Entry)
	}
	var out []*Entry
	for _, e := range x.entries {
		if !a.Known() || e.Ground.Code != "" && a.Holds(e.Ground) {
			out = append(out, e)
		}
	}
	keys := make(map[*Entry][2]string, len(out))
	for _, e := range out {
		keys[e] = [2]string{fold.Key(cmp.Or(e.Ground.Name, e.Commune)), fold.Key(e.Name)}
	}
	slices.SortFunc(out, func(a, b *Entry) int {
		ka, kb := keys[a], keys[b]
		return cmp.Or(cmp.Compare(ka[0], kb[0]), cmp.Compare(ka[1], kb[1]), cmp.Compare(a.Number, b.Number))
	})
	x.areas.Store(a, out)
	return out
}

// directory lists the places of an area that are in match.
func (x *Index) directory(a territory.Area, match selection) []Found {
	var found []Found
	for _, e := range x.In(a) {
		if match.has(e.rank) {
			found = append(found, Found{Entry: e, Metres: -1})
		}
	}
	return found
}

// within tells which places lie in an area.
func within(g *territory.Gazetteer, a territory.Area) func(*Place) bool {
	if !a.Known() {
		return func(*Place) bool { return true }
	}
	return func(p *Place) bool {
		c := groundOf(g, p)
		return c.Code != "" && a.Holds(c)
	}
}

// anyDay is later than every merger: which communes are of today is the gazetteer's to say.
const anyDay = "9999-12-31"

// groundOf is the commune that a place belongs to: by code, else by name and postcode; zero for none.
func groundOf(g *territory.Gazetteer, p *Place) territory.Commune {
	if c, ok := g.Successor(p.CommuneCode, anyDay); ok { // a census may be older than a merger
		return c
	}
	for _, c := range g.Named(p.Commune) {
		if p.Postcode == "" || slices.Contains(c.Postcodes, p.Postcode) {
			return c
		}
	}
	return territory.Commune{}
}
