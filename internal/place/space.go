package place

// space is one thing that people share in a tiers-lieu: its word in an address, and its name in files.
type space struct{ word, name string }

// spaces are what a tiers-lieu may offer, most common first. No published standard lists them: this list is our own.
var spaces = []space{
	{"travail-partage", "Open space"}, {"bureau", "Bureau fermé"}, {"reunion", "Salle de réunion"}, {"formation", "Salle de formation"},
	{fablabWord, "Fablab"}, {"atelier", "Atelier partagé"}, {"cuisine", "Cuisine partagée"}, {"convivialite", "Espace de convivialité"},
	{"studio", "Studio"}, {"hebergement", "Hébergement"},
}

const fablabWord = "fablab"

// ThirdPlace is the facet of the places that are a tiers-lieu. It stands in no form: the directory of tiers-lieux sets it.
func ThirdPlace() Facet { return answers[GroupKind][0] }

// IsThirdPlace reports whether the place is a tiers-lieu: its kind says so, or it says what people share there.
func (p *Place) IsThirdPlace() bool {
	return p.Spaces != "" || p.Kinds.Has("TIERS_LIEUX") || p.Kinds.Has("FABLAB")
}

// SpaceFacets are what people share in the place, by their facets, in the order of the table; a fablab by its kind too.
func (p *Place) SpaceFacets() []Facet {
	var out []Facet
	for _, f := range answers[GroupSpace] {
		if facets[f].has(p) {
			out = append(out, f)
		}
	}
	return out
}

// spaceNames are the names of spaces in files.
func spaceNames() []string {
	out := make([]string, 0, len(spaces))
	for _, s := range spaces {
		out = append(out, s.name)
	}
	return out
}

// spaceFacets are the facets of the directory of tiers-lieux.
func spaceFacets() []facet {
	out := []facet{{GroupKind, "tiers-lieu", (*Place).IsThirdPlace}}
	for _, s := range spaces {
		out = append(out, facet{GroupSpace, s.word, func(p *Place) bool {
			return p.Spaces.Has(s.name) || s.word == fablabWord && p.Kinds.Has("FABLAB")
		}})
	}
	return out
}
