package place

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
)

// PageSize is how many places a page of the list shows.
const PageSize = 15

// MaxFound bounds a list by distance: nobody turns more than ten pages of it, and farther places help nobody.
const MaxFound = 150

// Query is what a resident asks.
type Query struct {
	Where  string            // commune, postcode, words, or "" for around Home
	At     territory.Point   // the reader's own position; wins over Start and Where when known
	Start  Start             // the address that Where is, as Service.Resolve found it; wins over Where when known
	Area   territory.Area    // the places of this area alone, in the order of a directory; Where, At and Start are then not read
	Facets []Facet           // what places must all have
	Now    time.Time         // the instant that the facets of time are seen from
	Page   int               // from 1; less is 1, more than there are is the last
	Size   int               // places a page; 0 is PageSize, more than MaxFound is MaxFound
	Home   territory.Commune // where the territory's main town is: the origin when Where names no commune
}

// Result is one page of an answer.
type Result struct {
	Places       []Found
	First        int // rank of the first place of the page, from 1; 0 when there is none
	Page, Pages  int
	Total        int                 // places found; with More, only those that can be paged through
	More         bool                // there are farther places than MaxFound
	Start        Start               // the address that distances start from; zero for none
	Origin       territory.Commune   // the commune that distances start from, or that Start lies in; zero with At or without any
	Alternatives []territory.Commune // namesakes of Origin, or other communes of the postcode
	Words        string              // the words that places had to hold, folded; "" for none
	Guessed      bool                // nothing is written as asked: Origin or Words are the nearest in spelling
	Unknown      bool                // nothing of Where was understood
	Dropped      []Facet             // nothing had all that was asked: these were left out, for an answer rather than none
}

// Search answers a query from memory. It never fails: what it cannot understand, the result says.
func (x *Index) Search(q Query) Result {
	q.Size = min(cmp.Or(max(q.Size, 0), PageSize), MaxFound)
	res := Result{Page: 1}
	from := q.At
	switch {
	case q.Area.Known():
	case q.At.Known():
	case q.Start.Known():
		res.Start, res.Origin, res.Alternatives = q.Start, q.Start.Commune, q.Start.Others
		from = q.Start.Point
	case strings.TrimSpace(q.Where) == "":
		res.Origin = q.Home
		from = q.Home.Point
	default:
		from = x.understand(q, &res)
	}
	if res.Unknown {
		return res
	}
	sets := x.setsFor(q)
	found, total, more := x.collect(from, res.Words, q, having(sets, q.Facets))
	for _, g := range []Group{GroupSpace, GroupWhen, GroupWith, GroupOffer, GroupNeed} {
		if total > 0 || len(q.Facets) == 0 {
			break
		}
		var dropped []Facet
		q.Facets, dropped = without(q.Facets, g)
		res.Dropped = append(res.Dropped, dropped...)
		found, total, more = x.collect(from, res.Words, q, having(sets, q.Facets))
	}
	res.More = more
	res.cut(found, total, q)
	return res
}

// understand finds out where and what the words of a query mean, and returns where distances start.
func (x *Index) understand(q Query, res *Result) territory.Point {
	near := q.Home.Department
	m := x.gazetteer.Find(q.Where, near)
	rest := meaningful(m.Rest)
	if len(m.Communes) > 0 {
		if len(rest) == 0 || len(x.containing(rest)) > 0 {
			res.choose(m.Communes)
			res.Words = strings.Join(rest, " ")
			return res.Origin.Point
		}
		if words := x.corrected(rest); words != nil {
			res.choose(m.Communes)
			res.Words, res.Guessed = strings.Join(words, " "), true
			return res.Origin.Point
		}
	}
	all := meaningful(fold.Key(q.Where))
	if len(all) > 0 && len(x.containing(all)) > 0 {
		res.Words, res.Origin = strings.Join(all, " "), q.Home
		return q.Home.Point
	}
	if len(m.Communes) > 0 { // the commune is sure, the other words are not: better the places there than none
		res.choose(m.Communes)
		res.Guessed = true
		return res.Origin.Point
	}
	if guessed := x.gazetteer.Guess(q.Where, near); len(guessed) > 0 {
		res.choose(guessed)
		res.Guessed = true
		return res.Origin.Point
	}
	if words := x.corrected(all); words != nil {
		res.Words, res.Guessed, res.Origin = strings.Join(words, " "), true, q.Home
		return q.Home.Point
	}
	res.Unknown = true
	return territory.Point{}
}

func (r *Result) choose(communes []territory.Commune) {
	r.Origin, r.Alternatives = communes[0], communes[1:]
}

// meaningful drops the small words of a folded text.
func meaningful(text string) []string {
	var out []string
	for _, w := range strings.Fields(text) {
		if !stopWords()[w] {
			out = append(out, w)
		}
	}
	return out
}

// corrected replaces the words that no place holds by the nearest in spelling; nil when that finds nothing.
func (x *Index) corrected(words []string) []string {
	out := slices.Clone(words)
	for i, w := range out {
		if x.words[w] == nil {
			out[i] = x.similar(w)
		}
		if out[i] == "" {
			return nil
		}
	}
	if len(out) == 0 || len(x.containing(out)) == 0 {
		return nil
	}
	return out
}

// without takes the facets of a group out of a list.
func without(list []Facet, g Group) (kept, dropped []Facet) {
	for _, f := range list {
		if f.Group() == g {
			dropped = append(dropped, f)
		} else {
			kept = append(kept, f)
		}
	}
	return kept, dropped
}

// setsFor returns the entries of each facet, those of time only where the query asks for one: they depend on its instant.
func (x *Index) setsFor(q Query) []bitset {
	for _, f := range q.Facets {
		if f.Group() == GroupWhen {
			return x.at(q.Now).sets
		}
	}
	return x.sets
}

// collect lists the places that hold the words and are in match, as far as the page that q asks for: by distance when
// there is an origin, else by number. total counts those that can be paged through; more says that others lie beyond.
func (x *Index) collect(from territory.Point, words string, q Query, match selection) (found []Found, total int, more bool) {
	if q.Area.Known() {
		found = x.directory(q.Area, match)
		return found, len(found), false
	}
	if words == "" && from.Known() {
		all := append(match, x.located).countTo(MaxFound)
		total = min(all, MaxFound)
		page := pageOf(q, total)
		return x.nearest(from, match, min(page*q.Size, total)), total, all > MaxFound
	}
	candidates := x.entries
	if words != "" {
		candidates = x.containing(strings.Fields(words))
	}
	origin := spotOf(from)
	for _, e := range candidates {
		if !match.has(e.rank) {
			continue
		}
		f := Found{Entry: e, Metres: -1}
		if from.Known() && e.Stands.Known() {
			f.Metres = metres(origin.chord2(&x.ground.spots[e.rank]))
		}
		found = append(found, f)
	}
	slices.SortStableFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(btoi(a.Metres < 0), btoi(b.Metres < 0)), cmp.Compare(a.Metres, b.Metres))
	})
	total = min(len(found), MaxFound)
	return found[:total], total, len(found) > MaxFound
}

// nearest lists the n places of match nearest to a point.
func (x *Index) nearest(from territory.Point, match selection, n int) []Found {
	found := make([]Found, 0, n)
	if n == 0 {
		return found
	}
	x.ground.near(spotOf(from), match, func(e *Entry, chord2 float64) bool {
		found = append(found, Found{Entry: e, Metres: metres(chord2)})
		return len(found) < n
	})
	return found
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// pageOf is the page that is shown: the one asked for, the first or the last where that one is not.
func pageOf(q Query, total int) int {
	pages := (total + q.Size - 1) / q.Size
	return min(max(q.Page, 1), max(pages, 1))
}

// cut keeps the page that the query asks for.
func (r *Result) cut(found []Found, total int, q Query) {
	r.Total = total
	r.Pages = (total + q.Size - 1) / q.Size
	r.Page = pageOf(q, total)
	start := (r.Page - 1) * q.Size
	r.Places = found[start:min(start+q.Size, len(found))]
	if len(r.Places) > 0 {
		r.First = start + 1
	}
}
