package place

import (
	"context"
	"maps"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/table"
)

// family is the places of several records that the rows of a slice are about: those the rows name, those that became part
// of them and those they became part of, each as the slice makes it so far.
type family struct {
	now  map[ID]*Place
	into map[ID]tie   // what each became part of
	of   map[ID][]tie // what became part of each
}

// readFamily reads what is needed beside the stored places of a slice. Without any merge it reads nothing.
func readFamily(ctx context.Context, q db.Querier, stored map[string]Place) (family, error) {
	f := family{now: map[ID]*Place{}, into: map[ID]tie{}, of: map[ID][]tie{}}
	ties, err := listTies(ctx, q)
	if err != nil || len(ties) == 0 {
		return f, err
	}
	for _, t := range ties {
		f.into[t.merged] = t
		f.of[t.kept] = append(f.of[t.kept], t)
	}
	for _, p := range stored {
		if _, part := f.into[p.ID]; part || len(f.of[p.ID]) > 0 {
			f.now[p.ID] = &p
		}
	}
	for missing := f.missing(); len(missing) > 0; missing = f.missing() {
		found, err := placesByID(ctx, q, missing)
		if err != nil {
			return f, err
		}
		for id, p := range found {
			f.now[id] = &p
		}
	}
	return f, nil
}

// missing are the neighbours of the places held that are not held themselves.
func (f *family) missing() []ID {
	seen := map[ID]bool{}
	var out []ID
	need := func(id ID) {
		if f.now[id] == nil && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	for id := range f.now {
		if t, ok := f.into[id]; ok {
			need(t.kept)
		}
		for _, t := range f.of[id] {
			need(t.merged)
		}
	}
	return out
}

// find returns the place that a row is about: the one of its id, or for an id that joins several, as an export writes it,
// the one that answers for the first of them that is known.
func (f *family) find(stored map[string]Place, id string) (p Place, whole, known bool) {
	if p, ok := stored[id]; ok {
		if held := f.now[p.ID]; held != nil {
			p = *held
		}
		return p, false, true
	}
	for _, part := range splitID(id) {
		p, ok := stored[part]
		if !ok {
			continue
		}
		for held := f.now[p.ID]; held != nil; held = f.now[held.MergedInto] {
			p = *held
		}
		return p, true, true
	}
	return Place{}, false, false
}

// own leaves to the row of a file the fields that its place does not have from a record that became part of it: those are
// what they were, and those that both records have are taken together.
func (f *family) own(old, in *Place) {
	for _, t := range f.of[old.ID] {
		for name, way := range t.ways {
			c := columns[columnIndex(name)]
			switch {
			case way == FromMerged && c.Name == "latitude":
				in.Point = old.Point
			case way == FromMerged:
				c.set(in, c.Value(old))
			case way == FromBoth:
				c.set(in, c.joined(c.Value(in), c.Value(f.now[t.merged])))
			}
		}
	}
}

// restore gives the fields that another record decides their origin again, where they are what they were.
func (f *family) restore(old, next *Place) {
	for _, t := range f.of[old.ID] {
		for name, way := range t.ways {
			if c := columns[columnIndex(name)]; way == FromMerged && c.Same(old, next) {
				next.setOrigin(c, old.Origin(c))
			}
		}
	}
}

// compareParts hands what a row changed of a record that is part of another place up to that place, and so on.
func (p *importPlan) compareParts(out *outcome, f *family, source string, before, after Place) {
	for {
		t, part := f.into[after.ID]
		if !part {
			return
		}
		old := *f.now[t.kept]
		next := old
		next.Origins = originsCopy(old.Origins)
		for _, c := range mergedFields {
			way := t.ways[c.Name]
			switch {
			case way == FromKept || c.Same(&before, &after) && before.Origin(c) == after.Origin(c):
			case old.Origins[c.Name] == Here:
				out.confirmed = append(out.confirmed, difference{place: old.ID, field: c.Name, source: source, value: c.Value(&after), seenAt: p.service.now()})
			default:
				c.follow(&next, &after, way)
			}
		}
		next.ToCheck = old.ToCheck && after.ToCheck
		check(&next)
		if !out.change(p, &old, &next, source) {
			return
		}
		f.now[next.ID] = &next
		before, after = old, next
	}
}

// change notes what a place becomes, and reports whether that is another than it was.
func (out *outcome) change(p *importPlan, old, next *Place, source string) bool {
	fields := differing(old, next)
	if len(fields) == 0 && maps.Equal(old.Origins, next.Origins) {
		return false
	}
	if len(fields) > 0 {
		out.changes = append(out.changes, newChange(next.ID, p.service.now(), p.by, source, fields))
	}
	out.entries = append(out.entries, importEntry(p.by, next.ID, fields.names()))
	out.put(*next)
	return true
}

// put notes a place, in the stead of what an earlier row of the slice made of it.
func (out *outcome) put(next Place) {
	if at, ok := out.at[next.ID]; ok {
		out.places[at] = next
		return
	}
	if out.at == nil {
		out.at = map[ID]int{}
	}
	out.at[next.ID] = len(out.places)
	out.places = append(out.places, next)
}

// wanted are the ids by which the rows of a slice may be known.
func (p *importPlan) wanted() []string {
	ids := make([]string, 0, len(p.slice))
	for _, r := range p.slice {
		if !r.Left {
			ids = append(ids, r.Place.StandardID)
			ids = append(ids, splitID(r.Place.StandardID)...)
		}
	}
	return ids
}

// warnings are what to report of a row.
func (p *importPlan) warnings(r *row, next *Place, kept []int) []table.Issue {
	issues := r.Issues
	for _, i := range kept {
		issues = append(issues, table.Issue{Field: columns[i].Name, Rule: ruleKept, Value: columns[i].Value(&r.Place)})
	}
	return append(issues, check(next)...)
}
