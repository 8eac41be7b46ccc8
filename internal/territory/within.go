package territory

import "slices"

// InEPCI returns the INSEE codes of the communes of a grouping, sorted; none for an unknown SIREN.
func (g *Gazetteer) InEPCI(siren string) []string {
	if siren == "" {
		return nil
	}
	var out []string
	for i := range g.communes {
		if g.communes[i].EPCI == siren {
			out = append(out, g.communes[i].Code)
		}
	}
	slices.Sort(out)
	return out
}
