package place

import (
	"context"
	"slices"
	"strings"

	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
)

// Start is the address that a reader looks from, found before the search: Index.Search itself asks nobody. The zero Start
// is none.
type Start struct {
	Asked     string              // the street as she wrote it: "12 rue de la République"
	Label     string              // the address that was understood; "" when the street is not known
	Precision territory.Precision // of Point; Municipality when the street is not known
	Point     territory.Point     // where distances start: the address, else the centre of Commune
	Commune   territory.Commune
	Others    []territory.Commune // namesakes of Commune, or other communes of the postal code
}

// Known reports whether there is a start.
func (s Start) Known() bool { return s.Point.Known() }

// Approximate reports whether the street is not known, so that distances start from the centre of the commune.
func (s Start) Approximate() bool { return s.Precision == territory.Municipality }

// Resolve finds the address that q.Where may be and returns the query with its Start. A query with a position of its own,
// one that reads like no address, and one whose words a place holds better come back as they are. It never fails, and
// takes about a second at worst: see territory.Service.Locate.
func (s *Service) Resolve(ctx context.Context, q Query) Query {
	if q.At.Known() {
		return q
	}
	x := s.Index()
	a, ok := x.gazetteer.Address(q.Where, q.Home.Department)
	if !ok || x.isNamed(a.Street) {
		return q
	}
	ask := territory.Question{Text: q.Where, Near: a.Communes[0].Point}
	if a.Sure {
		ask = territory.Question{Text: q.Where, CommuneCode: a.Communes[0].Code}
	}
	start := startOf(a, s.ground.Locate(ctx, ask))
	if start.Approximate() && len(x.containing(meaningful(fold.Key(q.Where)))) > 0 {
		return q // the address of a place: better that place than the centre of the commune
	}
	q.Start = start
	return q
}

// startOf takes the first candidate that lies where the address says, else the centre of its commune.
func startOf(a territory.Address, found []territory.Candidate) Start {
	communes := a.Communes
	if a.Sure {
		communes = communes[:1]
	}
	for _, c := range found {
		i := slices.IndexFunc(communes, func(m territory.Commune) bool {
			return m.Code == c.CommuneCode || m.Code == territory.CityOf(c.CommuneCode)
		})
		if i < 0 || c.Approximate() {
			continue
		}
		s := Start{Asked: a.Street, Label: c.Label, Precision: c.Precision, Point: c.Point, Commune: communes[i]}
		if a.Sure {
			s.Others = a.Communes[1:]
		}
		return s
	}
	return Start{Asked: a.Street, Precision: territory.Municipality, Point: a.Communes[0].Point, Commune: a.Communes[0], Others: a.Communes[1:]}
}

// isNamed reports whether a place has every word of a text in its name: "cours d'informatique" is no street then.
func (x *Index) isNamed(text string) bool {
	words := meaningful(fold.Key(text))
	return slices.ContainsFunc(x.containing(words), func(e *Entry) bool {
		name := fold.Words(e.Name)
		return !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(name, func(n string) bool { return strings.HasPrefix(n, w) })
		})
	})
}
