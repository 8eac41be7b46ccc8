package place

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
)

// Index is the places that residents see, ready to be searched. It is immutable and safe for concurrent use.
type Index struct {
	version   int64
	gazetteer *territory.Gazetteer
	entries   []*Entry // by number
	byNumber  map[Number]*Entry
	byID      map[ID]*Entry
	moved     map[Number]Number // places that became part of another, by the number of the one that answers
	ground    ground
	words     map[string][]*Entry // by folded word of name, address, commune and programme
	sorted    []string            // the words, for prefixes
	located   bitset              // the entries that stand somewhere known
	sets      []bitset            // the entries that have each facet; nil for those of time
	silent    Silent
	instant   atomic.Pointer[instant]
	warmed    atomic.Bool // a node keeps instant fresh
	working   sync.Mutex
	photos    map[ID][]Photo
	areas     sync.Map // the places of each area that was asked for
	locales   map[string]openinghours.Place
	grove     grove // the groups of maps
}

// Entry is one place of the index, with what is derived from it.
type Entry struct {
	*Place
	Ground      territory.Commune // the commune it is in, whatever its fields say of it; zero when not known
	Stands      territory.Point   // where it stands; the centre of its commune when Approximate
	Approximate bool
	Needs       Needs
	rank        int // in Index.ground and in every bitset
	hours       *schedule
	json        atomic.Pointer[[]byte]
}

// schedule is what one text of opening hours means in one département, read when it is first asked for. Places share it:
// half of a census writes the same few hours.
type schedule struct {
	once  sync.Once
	text  string
	where openinghours.Place
	hours *openinghours.Hours // nil when the text is empty or cannot be read
}

func (s *schedule) read() *openinghours.Hours {
	s.once.Do(func() {
		if h, err := openinghours.Parse(s.text); err == nil && s.text != "" {
			s.hours = h
		}
	})
	return s.hours
}

// NewIndex builds the index of places; those that stand nowhere are left out. It keeps the slice.
func NewIndex(version int64, places []Place, gazetteer *territory.Gazetteer) *Index {
	return newIndex(version, places, gazetteer, nil)
}

// newIndex is NewIndex with the dates of places that have no hours: see Service.SetVisits.
func newIndex(version int64, places []Place, gazetteer *territory.Gazetteer, visits map[ID]string) *Index {
	x := &Index{
		version: version, gazetteer: gazetteer, byNumber: make(map[Number]*Entry, len(places)), byID: make(map[ID]*Entry, len(places)), words: map[string][]*Entry{},
		sets: make([]bitset, len(facets)), locales: map[string]openinghours.Place{},
	}
	entries := make([]Entry, len(places))
	schedules := map[[2]string]*schedule{} // by text and département
	x.moved = movedTo(places)
	for i := range places {
		p := &places[i]
		if !p.Shown() {
			continue
		}
		e := &entries[i]
		e.Place, e.Ground = p, groundOf(gazetteer, p)
		e.Stands = p.Point
		if !e.Stands.Known() {
			e.Stands, e.Approximate = e.Ground.Point, true
		}
		e.Needs = needsOf(p.Services)
		hours := hoursOr(p, visits)
		key := [2]string{hours, p.Department()}
		if e.hours = schedules[key]; e.hours == nil {
			e.hours = &schedule{text: hours, where: x.localeOf(p.Department())}
			schedules[key] = e.hours
		}
		x.add(e)
	}
	slices.SortFunc(x.entries, func(a, b *Entry) int { return int(a.Number - b.Number) })
	x.ground = newGround(x.entries)
	x.sort()
	x.sorted = make([]string, 0, len(x.words))
	for w := range x.words {
		x.sorted = append(x.sorted, w)
	}
	slices.Sort(x.sorted)
	return x
}

// Silent counts the places that do not say a thing that one may search by: a filter never hides them without a word.
type Silent struct {
	Hours, Fees, Care, Offer int
}

func (s *Silent) note(p *Place) {
	s.Hours += btoi(p.Hours == "")
	s.Fees += btoi(p.Fees == "")
	s.Care += btoi(p.SpecialCare == "")
	s.Offer += btoi(p.Offer() == OfferUnsaid)
}

// Silent counts the places of the whole census that do not say a thing.
func (x *Index) Silent() Silent { return x.silent }

// sort puts every entry into the sets of its facets.
func (x *Index) sort() {
	x.located = newBitset(len(x.entries))
	for i, f := range facets {
		if f.has != nil {
			x.sets[i] = newBitset(len(x.entries))
		}
	}
	for rank, e := range x.ground.ranked {
		if e.Stands.Known() {
			x.located.add(rank)
		}
		x.silent.note(e.Place)
		for i, f := range facets {
			if f.has != nil && f.has(e.Place) {
				x.sets[i].add(rank)
			}
		}
	}
}

// localeOf gives the zone and the holidays of a département, made once.
func (x *Index) localeOf(department string) openinghours.Place {
	l, ok := x.locales[department]
	if !ok {
		holidays := openinghours.FrenchHolidays(department)
		if school := x.gazetteer.SchoolDays(department); school.Known() {
			holidays = holidays.WithSchool(func(d openinghours.Date) bool { return school.Has(d.Year, d.Month, d.Day) })
		}
		l = openinghours.Place{Zone: openinghours.ZoneOf(department), Holidays: holidays}
		x.locales[department] = l
	}
	return l
}

func (x *Index) add(e *Entry) {
	x.entries = append(x.entries, e)
	x.byNumber[e.Number], x.byID[e.ID] = e, e
	for _, text := range []string{e.Name, e.Commune, e.Address, string(e.Programmes), e.Postcode} {
		for _, w := range fold.Words(text) {
			if list := x.words[w]; len(list) == 0 || list[len(list)-1] != e {
				x.words[w] = append(list, e)
			}
		}
	}
}

// Len is how many places residents see.
func (x *Index) Len() int { return len(x.entries) }

// Version is the place_state.version it was read at.
func (x *Index) Version() int64 { return x.version }

// Place returns the place of a public number.
func (x *Index) Place(n Number) (*Entry, bool) {
	e, ok := x.byNumber[n]
	return e, ok
}

// Moved returns the number of the place that answers for another since they were united, however many steps away.
func (x *Index) Moved(n Number) (Number, bool) {
	to, ok := x.moved[n]
	return to, ok
}

func movedTo(places []Place) map[Number]Number {
	into, number := map[ID]ID{}, map[ID]Number{}
	for i := range places {
		if p := &places[i]; p.MergedInto != "" {
			into[p.ID] = p.MergedInto
			number[p.ID], number[p.MergedInto] = p.Number, 0
		}
	}
	if len(into) == 0 {
		return nil
	}
	for i := range places {
		if _, asked := number[places[i].ID]; asked {
			number[places[i].ID] = places[i].Number
		}
	}
	out := map[Number]Number{}
	for id := range into {
		kept := id
		for into[kept] != "" {
			kept = into[kept]
		}
		out[number[id]] = number[kept]
	}
	return out
}

// Entries lists every place by number. The slice must not be changed.
func (x *Index) Entries() []*Entry { return x.entries }

// Hours returns the opening hours as parsed, nil when the census says none or what it says cannot be read.
func (e *Entry) Hours() *openinghours.Hours { return e.hours.read() }

// Locale is the zone and the holidays that the hours are read with.
func (e *Entry) Locale() openinghours.Place { return e.hours.where }

// StatusAt says whether the place is open at t; ok is false when nobody knows.
func (e *Entry) StatusAt(t time.Time) (status openinghours.Status, ok bool) {
	h := e.Hours()
	if h == nil {
		return openinghours.Status{}, false
	}
	return h.StatusAt(e.hours.where, t), true
}

// Found is a place and how far it is.
type Found struct {
	*Entry
	Metres float64 // from the origin of the search; -1 when there is no origin or the place stands nowhere known
}

// Near calls yield for the places by distance from the point, nearest first, until it returns false.
func (x *Index) Near(from territory.Point, yield func(Found) bool) {
	x.ground.near(spotOf(from), nil, func(e *Entry, chord2 float64) bool {
		return yield(Found{Entry: e, Metres: metres(chord2)})
	})
}

// containing returns the places whose texts hold every word, the last of which may be only begun.
func (x *Index) containing(words []string) []*Entry {
	var out []*Entry
	for i, w := range words {
		found := x.words[w]
		if i == len(words)-1 && len(w) >= 3 {
			found = x.beginning(w)
		}
		if i == 0 {
			out = found
		} else {
			out = intersect(out, found)
		}
		if len(out) == 0 {
			return nil
		}
	}
	return out
}

// beginning returns the places with a word that begins so, each once.
func (x *Index) beginning(prefix string) []*Entry {
	at, _ := slices.BinarySearch(x.sorted, prefix)
	if at < len(x.sorted) && x.sorted[at] == prefix && (at+1 == len(x.sorted) || !strings.HasPrefix(x.sorted[at+1], prefix)) {
		return x.words[prefix]
	}
	seen := map[*Entry]bool{}
	var out []*Entry
	for ; at < len(x.sorted) && strings.HasPrefix(x.sorted[at], prefix); at++ {
		for _, e := range x.words[x.sorted[at]] {
			if !seen[e] {
				seen[e] = true
				out = append(out, e)
			}
		}
	}
	return out
}

func intersect(a, b []*Entry) []*Entry {
	in := make(map[*Entry]bool, len(b))
	for _, e := range b {
		in[e] = true
	}
	var out []*Entry
	for _, e := range a {
		if in[e] {
			out = append(out, e)
		}
	}
	return out
}

// similar returns the known word nearest in spelling to w, "" when none is near.
func (x *Index) similar(w string) string {
	limit := 1
	if len(w) > 6 {
		limit = 2
	}
	if len(w) < 4 {
		return ""
	}
	best, least := "", limit+1
	for _, known := range x.sorted {
		if d := fold.Distance(w, known, least-1); d < least && len(x.words[known]) > 0 {
			best, least = known, d
		}
		if least == 1 {
			break
		}
	}
	return best
}

// stopWords are words of a search that say nothing about a place.
var stopWords = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields("le la les l de du des d un une a au aux en et ou pour pres chez dans sur avec mon ma mes je") {
		out[w] = true
	}
	return out
})

// Cached returns what render made of this entry the first time it was asked: entries never change, a newer index has
// new ones. All callers must give an equal render.
func (e *Entry) Cached(render func() []byte) []byte {
	if b := e.json.Load(); b != nil {
		return *b
	}
	b := slices.Clip(render())
	e.json.Store(&b)
	return b
}
