package territory

import (
	"context"
	"strings"
)

// Geocoder finds where an address is.
type Geocoder interface {
	// Locate returns the places that may be meant, best first, none when it knows of none. An error means that it could
	// not look, and that somebody else should be asked.
	Locate(ctx context.Context, q Question) ([]Candidate, error)
}

// Question is an address to find.
type Question struct {
	Text        string // as written: "12 rue de la République, Rochefort"
	CommuneCode string // INSEE code of the commune where it lies; "" when that is not sure
	Near        Point  // without CommuneCode, what lies near here comes first; the zero Point for anywhere
}

// Precision says what the position of a candidate is the position of.
type Precision string

// The precisions, in the words of the official API.
const (
	HouseNumber  Precision = "housenumber"
	Street       Precision = "street"
	Locality     Precision = "locality"     // a hamlet, a named spot
	Municipality Precision = "municipality" // the centre of a commune: the address itself is not known
)

// Candidate is a place that may be the address asked for.
type Candidate struct {
	Label       string // "12 Rue de la République, Rochefort"
	Point       Point
	Precision   Precision
	Score       float64 // how well it fits, from 0 to 1; 0 from the Gazetteer, which does not judge
	CommuneCode string
	Postcode    string
}

// Approximate reports whether the position is only that of the commune's centre.
func (c Candidate) Approximate() bool { return c.Precision == Municipality }

// Locate finds an address: by the geocoder that the settings name, and by the Gazetteer where there is none, where it
// does not answer, and where it does not know the address. It never fails, and takes about a second at worst.
func (s *Service) Locate(ctx context.Context, q Question) []Candidate {
	if s.geocoder != nil {
		if found, err := s.geocoder.Locate(ctx, q); err == nil && len(found) > 0 {
			return found
		}
	}
	found, _ := s.Gazetteer().Locate(ctx, q) // it has no way to fail
	return found
}

// AsksOutside reports whether the settings name a geocoder, which every page on personal data must then say.
func (s *Service) AsksOutside() bool { return s.geocoder != nil }

// Locate is the geocoder of an instance that asks nobody: it knows communes, not streets, so that every candidate is
// the centre of one and Approximate.
func (g *Gazetteer) Locate(_ context.Context, q Question) ([]Candidate, error) {
	var communes []Commune
	if c, ok := g.Commune(q.CommuneCode); ok {
		communes = []Commune{c}
	} else {
		communes = g.Find(q.Text, "").Communes
	}
	var out []Candidate
	for _, c := range communes {
		if !c.Point.Known() {
			continue
		}
		found := Candidate{Label: c.Name, Point: c.Point, Precision: Municipality, CommuneCode: c.Code}
		if len(c.Postcodes) == 1 {
			found.Postcode = c.Postcodes[0]
		}
		out = append(out, found)
	}
	return out, nil
}

// The scores from which a candidate is taken for the address: the national chain's own. In the commune that was asked
// for, less is enough.
const (
	leastScore     = 0.6
	leastScoreHere = 0.4
)

// accepts reports whether a candidate answers the question: in the commune that was asked for, if one was, and never the
// commune itself. Postal codes do not count: they change, and one is shared by several communes.
func (q Question) accepts(c Candidate) bool {
	switch {
	case c.Approximate() || !c.Point.Known() || !c.Point.Valid():
		return false
	case q.CommuneCode == "":
		return c.Score > leastScore
	}
	return c.Score > leastScoreHere && (c.CommuneCode == q.CommuneCode || CityOf(c.CommuneCode) == q.CommuneCode)
}

// CityOf returns the commune that a municipal arrondissement of Paris, Lyon or Marseille is a part of, and the code itself
// for every other.
func CityOf(code string) string {
	switch {
	case code >= "75101" && code <= "75120":
		return "75056"
	case code >= "69381" && code <= "69389":
		return "69123"
	case code >= "13201" && code <= "13216":
		return "13055"
	}
	return code
}

// straight writes the apostrophes of typographers as keyboards do: the official service does not match the others.
var straight = strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'", "′", "'", "´", "'", "`", "'")
