package place

import (
	"slices"

	"viaduc/internal/platform/table"
)

// ruleFilled says that a value was not in the file and was worked out from another: it keeps no place out of the export.
const ruleFilled = "filled"

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
