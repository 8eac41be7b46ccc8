package territory

import (
	"math"
	"strings"
)

// Commune is a commune, or a municipal arrondissement of Paris, Lyon or Marseille.
type Commune struct {
	Code       string // INSEE code (code officiel géographique), such as "17299" or "2A004"
	Name       string
	Department string // code of the département, such as "17" or "974"
	Region     string // INSEE code of the region
	EPCI       string // SIREN of its grouping; "" for the few that have none
	Postcodes  []string
	Population int // inhabitants; -1 where the census has no figure
	Point      Point
}

// Point is a position in degrees, WGS84. The zero Point is "nowhere": it lies in the Gulf of Guinea, where France has
// no commune.
type Point struct{ Lat, Lon float64 }

// Known reports whether the position is known.
func (p Point) Known() bool { return p != Point{} }

// Valid reports whether p is on the globe.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180
}

// Rounded is p to three decimals, some hundred metres: enough to sort what is around a person, and less than her door.
func (p Point) Rounded() Point {
	round := func(v float64) float64 { return math.Round(v*1000) / 1000 }
	return Point{Lat: round(p.Lat), Lon: round(p.Lon)}
}

// EPCI is a grouping of communes (établissement public de coopération intercommunale).
type EPCI struct {
	SIREN string
	Name  string
}

// DepartmentOf returns the département of an INSEE commune code, or of a postal code: "17" for 17300, "974" for 97400,
// "2A" for 2A004. Corsican postal codes (20xxx) give "2A" below 20200 and "2B" from there on. It returns "" for anything
// shorter than two signs.
func DepartmentOf(code string) string {
	switch {
	case len(code) < 2:
		return ""
	case (strings.HasPrefix(code, "97") || strings.HasPrefix(code, "98")) && len(code) >= 3:
		return code[:3]
	case strings.HasPrefix(code, "20") && len(code) == 5:
		if code < "20200" {
			return "2A"
		}
		return "2B"
	}
	return code[:2]
}
