package audit

import "math"

// Quantiles of the pages of the HTTP Archive, published with the EcoIndex
// method: number of elements, of requests, and kilobytes (1000 bytes) sent.
var (
	domQuantiles = []float64{0, 47, 75, 159, 233, 298, 358, 417, 476, 537, 603, 674, 753, 843, 949, 1076, 1237, 1459, 1801, 2479, 594601}
	reqQuantiles = []float64{0, 2, 15, 25, 34, 42, 49, 56, 63, 70, 78, 86, 95, 105, 117, 130, 147, 170, 205, 281, 3920}
	kbQuantiles  = []float64{0, 1.37, 144.7, 319.53, 479.46, 631.97, 783.38, 937.91, 1098.62, 1265.47, 1448.32, 1648.27, 1876.08, 2142.06, 2465.37, 2866.31, 3401.59, 4155.73, 5400.08, 8037.54, 223212.26}
)

// EcoIndex is the footprint of one view of a page, by the published formula.
type EcoIndex struct {
	Score float64 // 100 for nothing at all, 0 for the heaviest pages known
	Grade string  // A, above 80, to G
	CO2   float64 // grams of CO2 equivalent
	Water float64 // centilitres
}

// NewEcoIndex computes the index of a page: elements without the content of
// svg, requests, and kilobytes of 1000 bytes as transferred. Content drawn on a
// canvas is not seen, which is why weight and scripts have gates of their own.
func NewEcoIndex(elements, requests int, kb float64) EcoIndex {
	q := 3*quantile(domQuantiles, float64(elements)) + 2*quantile(reqQuantiles, float64(requests)) + quantile(kbQuantiles, kb)
	score := math.Round((100-5*q/6)*10) / 10
	e := EcoIndex{
		Score: score, Grade: "G",
		CO2: 2 + 2*(50-score)/100, Water: 3 + 3*(50-score)/100,
	}
	for _, g := range []struct {
		above float64
		grade string
	}{{80, "A"}, {70, "B"}, {55, "C"}, {40, "D"}, {25, "E"}, {10, "F"}} {
		if score > g.above {
			e.Grade = g.grade
			break
		}
	}
	return e
}

// quantile returns where v stands in the table, from 0 to 20, with the place
// between two quantiles in the decimals.
func quantile(table []float64, v float64) float64 {
	for i := 1; i < len(table); i++ {
		if v < table[i] {
			return float64(i-1) + (v-table[i-1])/(table[i]-table[i-1])
		}
	}
	return float64(len(table) - 1)
}
