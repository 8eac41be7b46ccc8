package place

import (
	"math/bits"
	"time"

	"viaduc/internal/place/openinghours"
)

// Group is a question that a search can put: one answer (Need, Offer, When) or several at once (With). Its value is the
// name of the address's parameter.
type Group string

// The groups, in the order in which pages ask.
const (
	GroupNeed  Group = "besoin"
	GroupWhen  Group = "quand"
	GroupOffer Group = "aide"
	GroupWith  Group = "avec"
)

// Facet is one possible answer, by its place in the table of facets.
type Facet int

// facet says what an answer is called in an address and which places have it. A facet of time (GroupWhen) has no has:
// it is worked out for an instant.
type facet struct {
	group Group
	word  string
	has   func(p *Place) bool
}

// facets is every answer. What the standard has no field for is read from autres_formations_labels, as data.md 1.4
// does; "fauteuil" is the standard's own "Handicaps moteurs".
var facets = func() []facet {
	out := make([]facet, 0, 32)
	for _, n := range needServices {
		out = append(out, facet{GroupNeed, string(n.need), func(p *Place) bool { return p.Services.Has(n.service) }})
	}
	for _, w := range []string{"maintenant", "matin", "apres-midi", "samedi"} {
		out = append(out, facet{group: GroupWhen, word: w})
	}
	for _, o := range Offers() {
		out = append(out, facet{GroupOffer, offerWords[o], func(p *Place) bool { return p.Offer() == o }})
	}
	return append(out,
		facet{GroupWith, "gratuit", func(p *Place) bool { return p.Fees.Has("Gratuit") }},
		facet{GroupWith, "fauteuil", func(p *Place) bool { return p.SpecialCare.Has("Handicaps moteurs") }},
		facet{GroupWith, "pass", func(p *Place) bool { return p.OtherLabels.Has(voucherLabel) }},
		facet{GroupWith, "itinerant", func(p *Place) bool { return p.Itinerance.Has("Itinérant") }},
		facet{GroupWith, "anglais", func(p *Place) bool { return p.SpecialCare.Has("Langues étrangères (anglais)") }},
		facet{GroupWith, "langues", func(p *Place) bool { return p.SpecialCare.Has("Langues étrangères (autres)") }},
		facet{GroupWith, "jeunes", func(p *Place) bool { return p.Audiences.Has("Jeunes") }},
		facet{GroupWith, "seniors", func(p *Place) bool { return p.Audiences.Has("Seniors") }},
	)
}()

// offerWords are the types of offer in an address.
var offerWords = map[Offer]string{OfferMediator: "mediateur", OfferSelfService: "libre-service", OfferWifi: "wifi", OfferUnsaid: "non-dit"}

// voucherLabel says that a place takes the Pass numérique: the standard dropped its own field for it in version 1.
const voucherLabel = "Accepte le Pass numérique"

// Facets lists the answers of a group, in the order in which pages offer them.
func Facets(g Group) []Facet {
	var out []Facet
	for i, f := range facets {
		if f.group == g {
			out = append(out, Facet(i))
		}
	}
	return out
}

// Word is the facet's name in an address.
func (f Facet) Word() string { return facets[f].word }

// Group is the question that the facet answers.
func (f Facet) Group() Group { return facets[f].group }

// ParseFacet returns the answer of a group by its word; ok is false for an unknown one.
func ParseFacet(g Group, word string) (f Facet, ok bool) {
	for i, known := range facets {
		if known.group == g && known.word == word {
			return Facet(i), true
		}
	}
	return 0, false
}

// bitset is a set of entries by their rank in the index.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) add(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }

// countBoth is how many entries are in both sets.
func (b bitset) countBoth(o bitset) int {
	n := 0
	for i, w := range b {
		n += bits.OnesCount64(w & o[i])
	}
	return n
}

// keep leaves the entries that are in o too.
func (b bitset) keep(o bitset) {
	for i := range b {
		b[i] &= o[i]
	}
}

// instant is the facets of time at one minute.
type instant struct {
	minute int64
	sets   map[Facet]bitset
	silent int // places whose hours are not known, or cannot be read
}

// timed returns the sets of the facets of time for t. They are worked out once a minute for the whole census, which takes
// milliseconds: by Warm where a node calls it, so that no reader waits for it, else by whoever asks first.
func (x *Index) timed(t time.Time) map[Facet]bitset { return x.instantAt(t).sets }

func (x *Index) instantAt(t time.Time) *instant {
	minute := t.Unix() / 60
	held := x.instant.Load()
	if held != nil && (held.minute == minute || held.minute == minute-1 && x.warmed.Load()) {
		return held
	}
	return x.workOut(t, minute)
}

// SilentAt is Silent, with the places whose hours nobody can read among those that do not say them: neither is found by
// a facet of time.
func (x *Index) SilentAt(t time.Time) Silent {
	s := x.silent
	s.Hours = x.instantAt(t).silent
	return s
}

// Warm works out the facets of time for t ahead of the readers. A node calls it several times a minute; what readers
// are told is then never older than that.
func (x *Index) Warm(t time.Time) {
	minute := t.Unix() / 60
	if held := x.instant.Load(); held == nil || held.minute != minute {
		x.workOut(t, minute)
	}
	x.warmed.Store(true)
}

func (x *Index) workOut(t time.Time, minute int64) *instant {
	x.working.Lock()
	defer x.working.Unlock()
	if held := x.instant.Load(); held != nil && held.minute == minute {
		return held // somebody else just did
	}
	made := &instant{minute: minute, sets: map[Facet]bitset{}}
	for _, f := range Facets(GroupWhen) {
		made.sets[f] = newBitset(len(x.entries))
	}
	for i, e := range x.entries {
		h := e.Hours()
		if h == nil {
			made.silent++
			continue
		}
		for f, set := range made.sets {
			if openDuring(h, e.locale, f.Word(), t) {
				set.add(i)
			}
		}
	}
	x.instant.Store(made)
	return made
}

// openDuring reports whether a place opens for sure at the time that a word means, seen from t: now; the morning or the
// afternoon of the day (of the next day once it is over); the coming Saturday, today when it is one.
func openDuring(h *openinghours.Hours, where openinghours.Place, word string, t time.Time) bool {
	t = t.In(where.Zone)
	if word == "maintenant" {
		return h.At(where, t) == openinghours.Open
	}
	day := openinghours.DateOf(t)
	from, to := 0, 24
	switch word {
	case "matin":
		if from, to = 6, 12; t.Hour() >= 12 {
			day = day.AddDays(1)
		}
	case "apres-midi":
		if from, to = 12, 19; t.Hour() >= 19 {
			day = day.AddDays(1)
		}
	case "samedi":
		day = day.AddDays((int(time.Saturday) - int(day.Weekday()) + 7) % 7)
	}
	start := day.In(where.Zone)
	begin, end := at(start, from), at(start, to)
	if begin.Before(t) && t.Before(end) {
		begin = t // what is over today helps nobody
	}
	for _, i := range h.Intervals(where, begin, end) {
		if i.State == openinghours.Open {
			return true
		}
	}
	return false
}

// at is an hour of a day on the wall clock, whatever the clock did that night.
func at(day time.Time, hour int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, day.Location())
}

// set returns the entries that have a facet.
func (x *Index) set(f Facet, timed map[Facet]bitset) bitset {
	if s, ok := timed[f]; ok {
		return s
	}
	return x.sets[f]
}

// matching returns the entries that have every facet of chosen, and all of them when there is none.
func (x *Index) matching(chosen []Facet, timed map[Facet]bitset) bitset {
	if len(chosen) == 0 {
		return x.all // nobody writes into what matching returns
	}
	out := newBitset(len(x.entries))
	copy(out, x.all)
	for _, f := range chosen {
		out.keep(x.set(f, timed))
	}
	return out
}

// Counts says, for each facet, how many places one would find by choosing it: added to what is chosen (With), or in the
// place of what is chosen in its group.
func (x *Index) Counts(chosen []Facet, t time.Time) map[Facet]int {
	timed := x.timed(t)
	out := make(map[Facet]int, len(facets))
	for _, g := range []Group{GroupNeed, GroupWhen, GroupOffer, GroupWith} {
		base := x.matching(others(chosen, g), timed)
		for _, f := range Facets(g) {
			out[f] = base.countBoth(x.set(f, timed))
		}
	}
	return out
}

// others are the chosen facets that stay when one of group g is chosen: those of the other groups, and of the same one
// when it takes several.
func others(chosen []Facet, g Group) []Facet {
	var out []Facet
	for _, f := range chosen {
		if g == GroupWith || f.Group() != g {
			out = append(out, f)
		}
	}
	return out
}
