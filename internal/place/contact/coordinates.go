package contact

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	// angle is a number with an optional letter of the compass and degree, minute and second signs. O is the French W.
	angle = regexp.MustCompile(`^([NSEWO]?)([+-]?)(\d+(?:\.\d*)?|\.\d+)(E[+-]?\d{1,2})?(?:°(?:(\d+(?:\.\d+)?)'(?:(\d+(?:\.\d+)?)")?)?)?([NSEWO]?)$`)
	// angleSigns works before legible, which would turn the ordinal º into a letter.
	angleSigns = strings.NewReplacer(",", ".", "−", "-", "–", "-", "º", "°", "˚", "°", "''", `"`, "’’", `"`, "′′", `"`, "″", `"`, "”", `"`, "’", "'", "′", "'")
)

// axis says what a letter of the compass proves: a latitude, a longitude, or nothing.
type axis int

const (
	unknown axis = iota
	northing
	easting
)

// Coordinates returns the WGS84 latitude and longitude, in degrees, that rawLat and rawLon give.
//
// It reads decimal points and commas, degree signs, minutes and seconds, letters of the compass (N S E W, O for ouest)
// and, when the numbers cannot be degrees, Lambert-93 metres (EPSG:2154) of mainland France and Corsica, x and y in
// either column, whose answer is rounded to a centimetre.
//
// Degrees in the wrong columns are put right only where no doubt is left: a letter says so, or the point as given lies
// in no French territory and the other order does. Other points of the world are returned as given.
//
// It returns 0, 0, false for empty or unreadable texts, numbers out of range, and 0/0, which means no coordinates.
func Coordinates(rawLat, rawLon string) (lat, lon float64, ok bool) {
	a, first, ok := degrees(rawLat)
	if !ok {
		return 0, 0, false
	}
	b, second, ok := degrees(rawLon)
	if !ok || a == 0 && b == 0 || first != unknown && first == second {
		return 0, 0, false
	}
	if first == easting || second == northing {
		a, b = b, a
	}
	if first == unknown && second == unknown {
		for _, p := range [2][2]float64{{a, b}, {b, a}} {
			if inLambert93(p[1], p[0]) {
				lat, lon = fromLambert93(p[1], p[0])
				return centimetre(lat), centimetre(lon), true
			}
		}
	}
	if !inFrance(a, b) && inFrance(b, a) {
		if first != unknown || second != unknown {
			return 0, 0, false // letters that prove the wrong order leave a contradiction, not a fix
		}
		a, b = b, a
	}
	if math.Abs(a) > 90 || math.Abs(b) > 180 {
		return 0, 0, false
	}
	return a, b, true
}

// degrees reads one cell.
func degrees(raw string) (value float64, of axis, ok bool) {
	m := angle.FindStringSubmatch(strings.ToUpper(compact(angleSigns.Replace(raw))))
	if m == nil || m[1] != "" && m[7] != "" || m[4] != "" && m[5] != "" {
		return 0, unknown, false
	}
	value, err := strconv.ParseFloat(m[3]+m[4], 64)
	if err != nil {
		return 0, unknown, false
	}
	for i, part := range m[5:7] {
		if part == "" {
			continue
		}
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || n >= 60 || value != math.Trunc(value) && i == 0 {
			return 0, unknown, false
		}
		value += n / math.Pow(60, float64(i+1))
	}
	minus := m[2] == "-"
	switch m[1] + m[7] {
	case "N":
		of = northing
	case "S":
		of, minus = northing, true
	case "E":
		of = easting
	case "W", "O":
		of, minus = easting, true
	}
	if minus && value != 0 {
		value = -value
	}
	if m[2] == "-" && (m[1]+m[7] == "N" || m[1]+m[7] == "E") {
		return 0, unknown, false // "-1.1 E": which of the two is wrong?
	}
	return value, of, true
}

// territories are the boxes of latitudes and longitudes of the lands of France.
var territories = [][4]float64{
	{41.2, 51.3, -5.4, 9.8},    // mainland and Corsica
	{15.7, 16.7, -62, -60.9},   // Guadeloupe
	{17.8, 18.2, -63.3, -62.7}, // Saint-Martin, Saint-Barthélemy
	{14.3, 15, -61.4, -60.7},   // Martinique
	{2, 6, -54.8, -51.5},       // Guyane
	{-21.5, -20.8, 55.1, 55.9}, // La Réunion
	{-13.1, -12.5, 44.9, 45.4}, // Mayotte
	{46.7, 47.2, -56.5, -56},   // Saint-Pierre-et-Miquelon
	{-14.5, -13, -178.4, -176}, // Wallis-et-Futuna
	{-28, -7.7, -155, -134},    // Polynésie française
	{-23, -17.8, 158, 168.5},   // Nouvelle-Calédonie
}

func inFrance(lat, lon float64) bool {
	for _, t := range territories {
		if lat >= t[0] && lat <= t[1] && lon >= t[2] && lon <= t[3] {
			return true
		}
	}
	return false
}

// inLambert93 reports whether x and y are metres of the lands that the projection is for. The two ranges are far
// apart, so the order of the columns is certain too.
func inLambert93(x, y float64) bool {
	return x >= 90_000 && x <= 1_250_000 && y >= 6_030_000 && y <= 7_120_000
}

// Lambert-93 is the conformal conic projection of the ellipsoid GRS 80 with the standard parallels 44° and 49°: RGF93
// and WGS84 agree to a few decimetres. The names are those of IGN's note NTG 71.
const (
	excentricity = 0.0818191910428158
	exponent     = 0.7256077650532670
	constant     = 11_754_255.4261
	poleX        = 700_000.0
	poleY        = 12_655_612.0499
	meridian     = 3.0
)

// fromLambert93 is IGN's ALG0004 (inverse of the projection) with ALG0002 (latitude from isometric latitude).
func fromLambert93(x, y float64) (lat, lon float64) {
	dx, dy := x-poleX, poleY-y
	isometric := -math.Log(math.Hypot(dx, dy)/constant) / exponent
	lon = meridian + math.Atan2(dx, dy)/exponent*180/math.Pi
	phi := math.Asin(math.Tanh(isometric))
	for range 20 { // each turn gains two digits; seven are enough
		next := math.Asin(math.Tanh(isometric + excentricity*math.Atanh(excentricity*math.Sin(phi))))
		if math.Abs(next-phi) < 1e-13 {
			phi = next
			break
		}
		phi = next
	}
	return phi * 180 / math.Pi, lon
}

// centimetre rounds degrees to the seventh decimal.
func centimetre(degrees float64) float64 { return math.Round(degrees*1e7) / 1e7 }
