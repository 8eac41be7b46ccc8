package demo

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
)

// The cells around the centres of the example communes, in kilometres.
const (
	ghostStep   = 4.0 // between two points of the empty ground around
	ghostAway   = 5.5 // no point of it is nearer to a centre
	kmADegree   = 111.2
	exampleBody = 45.8 // latitude at which a degree of longitude is measured
)

// spot is a point of the plane, in kilometres.
type spot struct{ x, y float64 }

// Outlines returns the outlines of the example communes from their start, as GeoJSON. They are no outlines: each is the
// ground that is nearer to the centre of its commune than to any other, so that maps have something to show. The example
// has points of nobody's all around its communes, which bound the outermost cells; every corner thus lies between the same
// three centres for each of its neighbours, and borders are shared.
func Outlines() io.Reader {
	codes, centres := exampleCentres()
	sites := append([]spot{}, centres...)
	sites = append(sites, ghosts(centres)...)
	type geometry struct {
		Type        string         `json:"type"`
		Coordinates [][][2]float64 `json:"coordinates"`
	}
	type feature struct {
		Type       string            `json:"type"`
		Properties map[string]string `json:"properties"`
		Geometry   geometry          `json:"geometry"`
	}
	var features []feature
	for i, code := range codes {
		ring := cellOf(i, sites)
		features = append(features, feature{
			Type: "Feature", Properties: map[string]string{"code": code, "nom": "contour d'exemple"}, Geometry: geometry{"Polygon", [][][2]float64{degrees(ring)}},
		})
	}
	raw, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		panic(err) // numbers and fixed words
	}
	return bytes.NewReader(raw)
}

// exampleCentres reads the centres of the example communes, on a plane.
func exampleCentres() (codes []string, centres []spot) {
	rows, err := csv.NewReader(Communes()).ReadAll()
	if err != nil {
		panic(err) // embedded and tested
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1:] {
		lat, errLat := strconv.ParseFloat(row[at["latitude"]], 64)
		lon, errLon := strconv.ParseFloat(row[at["longitude"]], 64)
		if errLat != nil || errLon != nil {
			panic(fmt.Sprint(errLat, errLon)) // embedded and tested
		}
		codes = append(codes, row[at["code_insee"]])
		centres = append(centres, spot{lon * kmADegree * narrowing(), lat * kmADegree})
	}
	return codes, centres
}

func narrowing() float64 { return math.Cos(exampleBody * math.Pi / 180) }

// ghosts are points of nobody's around the centres and between those that lie far apart.
func ghosts(centres []spot) []spot {
	west, south, east, north := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range centres {
		west, east = min(west, c.x), max(east, c.x)
		south, north = min(south, c.y), max(north, c.y)
	}
	var out []spot
	odd := false
	for y := south - 3*ghostStep; y < north+3*ghostStep; y += ghostStep * 0.9 {
		odd = !odd
		for x := west - 3*ghostStep; x < east+3*ghostStep; x += ghostStep {
			g := spot{x, y}
			if odd {
				g.x += ghostStep / 2
			}
			free := true
			for _, c := range centres {
				free = free && math.Hypot(c.x-g.x, c.y-g.y) > ghostAway
			}
			if free {
				out = append(out, g)
			}
		}
	}
	return out
}

// cellOf cuts from a wide square what is nearer to another site.
func cellOf(i int, sites []spot) []spot {
	own := sites[i]
	const wide = 50
	cell := []spot{{own.x - wide, own.y - wide}, {own.x + wide, own.y - wide}, {own.x + wide, own.y + wide}, {own.x - wide, own.y + wide}}
	for j, other := range sites {
		if j != i && math.Hypot(other.x-own.x, other.y-own.y) < 2*wide {
			cell = nearer(cell, own, other)
		}
	}
	return cell
}

// nearer keeps of a cell what is nearer to own than to other.
func nearer(cell []spot, own, other spot) []spot {
	side := func(p spot) float64 { // positive on the side of own
		return (p.x-(own.x+other.x)/2)*(own.x-other.x) + (p.y-(own.y+other.y)/2)*(own.y-other.y)
	}
	var kept []spot
	for k, b := range cell {
		a := cell[(k+len(cell)-1)%len(cell)]
		sa, sb := side(a), side(b)
		if (sa > 0) != (sb > 0) {
			t := sa / (sa - sb)
			kept = append(kept, spot{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)})
		}
		if sb > 0 {
			kept = append(kept, b)
		}
	}
	return kept
}

// degrees writes a ring as GeoJSON does, closed, to a hundred-thousandth of a degree.
func degrees(ring []spot) [][2]float64 {
	round := func(v float64) float64 { return math.Round(v*1e5) / 1e5 }
	var out [][2]float64
	for _, p := range append(ring, ring[0]) {
		out = append(out, [2]float64{round(p.x / kmADegree / narrowing()), round(p.y / kmADegree)})
	}
	return out
}
