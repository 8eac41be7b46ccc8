package territory

import (
	"cmp"
	"slices"

	"viaduc/internal/platform/fold"
)

// AreaKind is a kind of ground. Its text is the French word that addresses, settings and file names use.
type AreaKind string

// The kinds, from the widest.
const (
	DepartmentArea AreaKind = "departement"
	EPCIArea       AreaKind = "epci"
	CommuneArea    AreaKind = "commune"
)

// Area is a ground that a map, a list, a file or a printed directory is about. The zero Area is everywhere.
type Area struct {
	Kind AreaKind
	Code string // of the département ("17"), SIREN of the EPCI, INSEE code of the commune
	Name string
}

// Known reports whether a is somewhere.
func (a Area) Known() bool { return a.Kind != "" }

// Holds reports whether a commune lies in the area. Everything lies in the zero Area.
func (a Area) Holds(c Commune) bool {
	switch a.Kind {
	case DepartmentArea:
		return c.Department == a.Code
	case EPCIArea:
		return c.EPCI == a.Code
	case CommuneArea:
		return c.Code == a.Code
	}
	return true
}

// Area returns the area of a code. ok is false where no commune is known in it.
func (g *Gazetteer) Area(kind AreaKind, code string) (a Area, ok bool) {
	a = Area{Kind: kind, Code: code}
	switch kind {
	case DepartmentArea:
		a.Name = DepartmentName(code)
	case EPCIArea:
		a.Name = g.epcis[code].Name
	case CommuneArea:
		c, known := g.Commune(code)
		a.Name = c.Name
		return a, known
	default:
		return Area{}, false
	}
	return a, code != "" && slices.ContainsFunc(g.communes, a.Holds)
}

// CommunesIn returns the communes of an area in the order of their names; of everywhere, all of them.
func (g *Gazetteer) CommunesIn(a Area) []Commune {
	var out []Commune
	for i := range g.communes {
		if a.Holds(g.communes[i]) {
			out = append(out, g.communes[i])
		}
	}
	slices.SortFunc(out, func(a, b Commune) int {
		return cmp.Or(cmp.Compare(fold.Key(a.Name), fold.Key(b.Name)), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// Peopled returns the communes of an area, most people first; of everywhere, all of them.
func (g *Gazetteer) Peopled(a Area) []Commune {
	if !a.Known() {
		return g.communes
	}
	var out []Commune
	for i := range g.communes {
		if a.Holds(g.communes[i]) {
			out = append(out, g.communes[i])
		}
	}
	return out
}

// EPCIsIn returns the groupings that have a commune in the area, in the order of their names.
func (g *Gazetteer) EPCIsIn(a Area) []Area {
	var out []Area
	seen := map[string]bool{"": true}
	for i := range g.communes {
		if c := &g.communes[i]; !seen[c.EPCI] && a.Holds(*c) {
			seen[c.EPCI] = true
			out = append(out, Area{Kind: EPCIArea, Code: c.EPCI, Name: g.epcis[c.EPCI].Name})
		}
	}
	slices.SortFunc(out, func(a, b Area) int {
		return cmp.Or(cmp.Compare(fold.Key(a.Name), fold.Key(b.Name)), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// DepartmentName is the name of a département or of an overseas collectivity, its code where none is known.
func DepartmentName(code string) string { return cmp.Or(departmentNames[code], code) }

// departmentNames are facts of the Code officiel géographique (INSEE).
var departmentNames = map[string]string{
	"01": "Ain", "02": "Aisne", "03": "Allier", "04": "Alpes-de-Haute-Provence", "05": "Hautes-Alpes",
	"06": "Alpes-Maritimes", "07": "Ardèche", "08": "Ardennes", "09": "Ariège", "10": "Aube", "11": "Aude",
	"12": "Aveyron", "13": "Bouches-du-Rhône", "14": "Calvados", "15": "Cantal", "16": "Charente",
	"17": "Charente-Maritime", "18": "Cher", "19": "Corrèze", "21": "Côte-d'Or", "22": "Côtes-d'Armor", "23": "Creuse",
	"24": "Dordogne", "25": "Doubs", "26": "Drôme", "27": "Eure", "28": "Eure-et-Loir", "29": "Finistère",
	"2A": "Corse-du-Sud", "2B": "Haute-Corse", "30": "Gard", "31": "Haute-Garonne", "32": "Gers", "33": "Gironde",
	"34": "Hérault", "35": "Ille-et-Vilaine", "36": "Indre", "37": "Indre-et-Loire", "38": "Isère", "39": "Jura",
	"40": "Landes", "41": "Loir-et-Cher", "42": "Loire", "43": "Haute-Loire", "44": "Loire-Atlantique", "45": "Loiret",
	"46": "Lot", "47": "Lot-et-Garonne", "48": "Lozère", "49": "Maine-et-Loire", "50": "Manche", "51": "Marne",
	"52": "Haute-Marne", "53": "Mayenne", "54": "Meurthe-et-Moselle", "55": "Meuse", "56": "Morbihan", "57": "Moselle",
	"58": "Nièvre", "59": "Nord", "60": "Oise", "61": "Orne", "62": "Pas-de-Calais", "63": "Puy-de-Dôme",
	"64": "Pyrénées-Atlantiques", "65": "Hautes-Pyrénées", "66": "Pyrénées-Orientales", "67": "Bas-Rhin",
	"68": "Haut-Rhin", "69": "Rhône", "70": "Haute-Saône", "71": "Saône-et-Loire", "72": "Sarthe", "73": "Savoie",
	"74": "Haute-Savoie", "75": "Paris", "76": "Seine-Maritime", "77": "Seine-et-Marne", "78": "Yvelines",
	"79": "Deux-Sèvres", "80": "Somme", "81": "Tarn", "82": "Tarn-et-Garonne", "83": "Var", "84": "Vaucluse",
	"85": "Vendée", "86": "Vienne", "87": "Haute-Vienne", "88": "Vosges", "89": "Yonne", "90": "Territoire de Belfort",
	"91": "Essonne", "92": "Hauts-de-Seine", "93": "Seine-Saint-Denis", "94": "Val-de-Marne", "95": "Val-d'Oise",
	"971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "La Réunion", "975": "Saint-Pierre-et-Miquelon",
	"976": "Mayotte", "977": "Saint-Barthélemy", "978": "Saint-Martin", "986": "Wallis-et-Futuna",
	"987": "Polynésie française", "988": "Nouvelle-Calédonie",
}
