package place

import (
	"slices"
	"strings"
	"time"
)

// Way says which of two records a field follows once they are one place.
type Way string

// The ways. A field that follows one record is changed by the imports of that record alone, so that two files that say
// otherwise never take turns.
const (
	FromKept   Way = ""       // the record that is kept
	FromMerged Way = "merged" // the record that becomes part of it
	FromBoth   Way = "both"   // a list: what either says; a date: the later
)

// Ways are those of the fields that do not follow the kept record alone, by name of column. Latitude stands for both
// coordinates.
type Ways map[string]Way

// currentFor is how long what a record says of its lists is taken for current: half a year.
const currentFor = 365 * 24 * time.Hour / 2

// MergedFields are the columns that whoever unites two places decides on, in the order of the standard: all but the id,
// the source, the second coordinate, and the word for the Pass numérique, which is one of the labels.
func MergedFields() []Column { return mergedFields }

var mergedFields = slices.DeleteFunc(slices.Clone(columns), func(c Column) bool {
	return slices.Contains([]string{"id", "source", "longitude", voucherColumn}, c.Name)
})

// Same reports whether two places say the same in the column; latitude stands for the whole position.
func (c Column) Same(a, b *Place) bool {
	if c.Name == "latitude" {
		return a.Point == b.Point
	}
	return c.Value(a) == c.Value(b)
}

// Joins reports whether what two places say in the column can stand together (FromBoth).
func (c Column) Joins() bool { return c.List() || c.day() }

func (c Column) day() bool { return c.Name == "date_maj" || c.Name == "viaduc_verifie_le" }

// DefaultWay is which record a field follows where nobody says otherwise. What was confirmed here wins, the kept record's
// first; what one does not say, the other does, and the SIRET that means "unknown" says nothing. Programmes stand together,
// and so do all lists when both records are younger than half a year on the given day; of everything else the later record
// is right, by its date, and the kept one where they are of one day.
func DefaultWay(c Column, kept, merged *Place, now time.Time) Way {
	switch {
	case c.Same(kept, merged):
		return FromKept
	case kept.Origin(c) == Here:
		return FromKept
	case merged.Origin(c) == Here:
		return FromMerged
	case c.silent(merged):
		return FromKept
	case c.silent(kept):
		return FromMerged
	case c.day():
		return FromBoth
	case c.List() && (c.Name == "dispositif_programmes_nationaux" || current(kept, now) && current(merged, now)):
		return FromBoth
	case merged.UpdatedOn > kept.UpdatedOn:
		return FromMerged
	}
	return FromKept
}

func (c Column) silent(p *Place) bool {
	v := c.Value(p)
	return v == "" || c.Name == "pivot" && v == UnknownPivot
}

func current(p *Place, now time.Time) bool {
	on, err := time.Parse(time.DateOnly, p.UpdatedOn)
	return err == nil && now.Sub(on) <= currentFor
}

// DefaultWays are the ways of every field, without those that follow the kept record.
func DefaultWays(kept, merged *Place, now time.Time) Ways {
	out := Ways{}
	for _, c := range mergedFields {
		if way := DefaultWay(c, kept, merged, now); way != FromKept {
			out[c.Name] = way
		}
	}
	return out
}

// United is the kept place as two records make it together.
func United(kept, merged *Place, ways Ways) Place {
	next := *kept
	next.Origins = originsCopy(kept.Origins)
	for _, c := range mergedFields {
		c.follow(&next, merged, ways[c.Name])
	}
	if *voucherSaid(&next) == "" && merged.VoucherRefused {
		next.VoucherRefused = true
	}
	next.ToCheck = kept.ToCheck && merged.ToCheck // one source still has it
	return next
}

func originsCopy(o Origins) Origins {
	out := make(Origins, len(o)+1)
	for k, v := range o {
		out[k] = v
	}
	return out
}

// follow gives p what from says in the column, where it follows it.
func (c Column) follow(p, from *Place, way Way) {
	switch {
	case way == FromMerged && c.Name == "latitude":
		p.Point = from.Point
		p.setOrigin(c, from.Origin(c))
	case way == FromMerged:
		c.set(p, c.Value(from))
		p.setOrigin(c, from.Origin(c))
	case way == FromBoth && c.Joins():
		c.set(p, c.joined(c.Value(p), c.Value(from)))
	}
}

// joined is what two values say together: the later day, or the strings of the first and then those that only the second has.
func (c Column) joined(a, b string) string {
	if c.day() {
		return max(a, b)
	}
	out := List(a).Values()
	for _, one := range List(b).Values() {
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return strings.Join(out, "|")
}

// idSeparator joins the ids of records that are one place, as the national chain writes them.
const idSeparator = "__"

// maxJoinedID bounds a joined id in bytes, as the national chain does.
const maxJoinedID = 2704

// joinIDs is the id of a place of several records: sorted, joined, without those that we made for rows that had none. One
// that is too long is left, and the place goes by its own.
func joinIDs(own string, others []string) string {
	var all []string
	for _, one := range append([]string{own}, others...) {
		if one == own || !strings.HasPrefix(one, madeIDPrefix) {
			all = append(all, strings.Split(one, idSeparator)...)
		}
	}
	slices.Sort(all)
	if joined := strings.Join(slices.Compact(all), idSeparator); len(joined) <= maxJoinedID {
		return joined
	}
	return own
}

// splitID are the ids that a joined one is made of, nil for a plain one.
func splitID(id string) []string {
	if !strings.Contains(id, idSeparator) {
		return nil
	}
	return strings.Split(id, idSeparator)
}
