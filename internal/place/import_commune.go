package place

import (
	"slices"

	"viaduc/internal/platform/table"
)

// ruleFilled says that a value was not in the file and was worked out from another: it keeps no place out of the export.
const ruleFilled = "filled"

// ruleMerged says that the code in the file is that of a commune that merged: the place got the one it is part of now.
const ruleMerged = "merged"

// renewCommune gives a place the commune of today where the file says the code of one that merged. The row is reported,
// with the code as written.
func (f *file) renewCommune(r *row, next *Place) {
	c, merged := f.mergedInto[next.CommuneCode]
	if !merged {
		return
	}
	r.Issues = append(slices.Clip(r.Issues), table.Issue{Field: "code_insee", Rule: ruleMerged, Value: next.CommuneCode})
	next.Commune, next.CommuneCode = c.Name, c.Code
}

// fillCommune gives a place the commune that its position lies in, when the row says a position but neither a commune nor
// its code, and outlines of communes are loaded. The postal code follows when the commune has one only. The row is
// reported, since a position may be wrong.
func (f *file) fillCommune(r *row, next *Place) {
	if next.Commune != "" || r.Place.CommuneCode != "" || !r.Place.Point.Known() {
		return
	}
	c, ok := f.contours.CommuneAt(next.Point)
	if !ok {
		return
	}
	next.Commune, next.CommuneCode = c.Name, c.Code
	if next.Postcode == "" && len(c.Postcodes) == 1 {
		next.Postcode = c.Postcodes[0]
	}
	r.Issues = append(slices.Clip(r.Issues), table.Issue{Field: "commune", Rule: ruleFilled, Value: c.Name + " (" + c.Code + ")"})
}
