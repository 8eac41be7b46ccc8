package place

import (
	"encoding/json"
	"maps"
)

// Here is the origin of a value that somebody confirmed on this instance: it wins over every import.
const Here = "ici"

// Origins says, by name of column, where a field comes from when that is not the place's own source: the name of another
// source, or Here. A field that is not in it comes from Place.Source. Latitude stands for both coordinates.
type Origins map[string]string

// Origin is where the value of a column comes from: a source, or Here.
func (p *Place) Origin(c Column) string {
	name := c.Name
	if name == "longitude" {
		name = "latitude"
	}
	if o, ok := p.Origins[name]; ok {
		return o
	}
	return p.Source
}

// text is how origins are stored: a JSON object, "" for none.
func (o Origins) text() string {
	if len(o) == 0 {
		return ""
	}
	raw, err := json.Marshal(o) // keys come out sorted
	if err != nil {
		panic(err) // a map of strings
	}
	return string(raw)
}

func originsOf(text string) (Origins, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no origin of its own is the usual case
	}
	var o Origins
	return o, json.Unmarshal([]byte(text), &o)
}

// merged is old with the columns that the file has taken from the row, and the columns whose value of the file was not
// taken because somebody confirmed another one here. What the file has is no longer to be checked.
func (f *file) merged(old, in Place) (next Place, kept []int) {
	next = old
	next.Origins = maps.Clone(old.Origins)
	if in.Pivot == "" {
		in.Pivot = UnknownPivot
	}
	if f.has[sourceColumn] {
		next.Source = in.Source
	}
	for i, c := range columns {
		switch {
		case i == longitude, c.Name == "horaires" && echoed(&old, &in):
		case !f.has[i]:
			if next.Source != old.Source && c.Value(&old) != "" && next.Origins[c.Name] == "" {
				next.setOrigin(c, old.Source)
			}
		case c.Value(&old) == c.Value(&in) && (i != latitude || old.Point == in.Point):
			if next.Origins[c.Name] != Here {
				next.setOrigin(c, in.Source)
			}
		case old.Origins[c.Name] == Here:
			kept = append(kept, i)
		default:
			c.set(&next, c.Value(&in))
			if i == latitude {
				next.Point = in.Point
			}
			next.setOrigin(c, in.Source)
		}
	}
	if old.Origins[voucherColumn] == Here {
		sayVoucher(&next, *voucherSaid(&old)) // the label that the file has or lacks is the same word
	}
	if next.Pivot == "" {
		next.Pivot = UnknownPivot
	}
	next.StandardID = in.StandardID
	next.ToCheck = false
	return next, kept
}

// setOrigin says that the column now comes from a source, or from Here.
func (p *Place) setOrigin(c Column, origin string) {
	if origin == p.Source || origin == "" {
		delete(p.Origins, c.Name)
		return
	}
	if p.Origins == nil {
		p.Origins = Origins{}
	}
	p.Origins[c.Name] = origin
}
