package place

import (
	"slices"
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
	GroupSpace Group = "espace" // of the directory of tiers-lieux alone
	GroupKind  Group = "genre"  // set by a page, never asked
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
	out = append(out,
		facet{GroupWith, "gratuit", func(p *Place) bool { return p.Fees.Has("Gratuit") }},
		facet{GroupWith, "fauteuil", func(p *Place) bool { return p.SpecialCare.Has("Handicaps moteurs") }},
		facet{GroupWith, "pass", (*Place).TakesVoucher},
		facet{GroupWith, "itinerant", func(p *Place) bool { return p.Itinerance.Has("Itinérant") }},
		facet{GroupWith, "anglais", func(p *Place) bool { return p.speaks("anglais") }},
		facet{GroupWith, "langues", (*Place).speaksOthers},
		facet{GroupWith, "jeunes", func(p *Place) bool { return p.Audiences.Has("Jeunes") }},
		facet{GroupWith, "seniors", func(p *Place) bool { return p.Audiences.Has("Seniors") }},
	)
	return append(out, spaceFacets()...)
}()

// offerWords are the types of offer in an address.
var offerWords = map[Offer]string{OfferMediator: "mediateur", OfferSelfService: "libre-service", OfferWifi: "wifi", OfferUnsaid: "non-dit"}

// voucherLabel says that a place takes the Pass numérique: the standard dropped its own field for it in version 1.
const voucherLabel = "Accepte le Pass numérique"

// answers are the facets of each group.
var answers = func() map[Group][]Facet {
	out := map[Group][]Facet{}
	for i, f := range facets {
		out[f.group] = append(out[f.group], Facet(i))
	}
	return out
}()

// Facets lists the answers of a group, in the order in which pages offer them. The slice must not be changed.
func Facets(g Group) []Facet { return answers[g] }

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

// instant is every facet at one minute, those of time included: the entries that have it, and how many they are.
type instant struct {
	minute int64
	sets   []bitset
	totals []int
	silent int // places whose hours are not known, or cannot be read
}

// at returns the facets as they are at t. Those of time are worked out once a minute for the whole census, which takes
// milliseconds: by Warm where a node calls it, so that no reader waits for it, else by whoever asks first.
func (x *Index) at(t time.Time) *instant {
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
	s.Hours = x.at(t).silent
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
	made := &instant{minute: minute, sets: slices.Clone(x.sets), totals: make([]int, len(facets))}
	for _, f := range Facets(GroupWhen) {
		made.sets[f] = newBitset(len(x.entries))
	}
	open := map[*schedule][]Facet{}
	for rank, e := range x.ground.ranked {
		when, known := open[e.hours]
		if !known {
			when = e.hours.openAt(t)
			open[e.hours] = when
		}
		if e.Hours() == nil {
			made.silent++
		}
		for _, f := range when {
			made.sets[f].add(rank)
		}
	}
	for f, set := range made.sets {
		made.totals[f] = set.count()
	}
	x.instant.Store(made)
	return made
}

// openAt lists the facets of time that places with these hours have at t.
func (s *schedule) openAt(t time.Time) []Facet {
	h := s.read()
	if h == nil {
		return nil
	}
	var out []Facet
	for _, f := range Facets(GroupWhen) {
		if openDuring(h, s.where, f.Word(), t) {
			out = append(out, f)
		}
	}
	return out
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
	begin, end := clock(start, from), clock(start, to)
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

// clock is an hour of a day on the wall clock, whatever the clock did that night.
func clock(day time.Time, hour int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, day.Location())
}

// Answers lists the facets that an entry of the index has at t.
func (x *Index) Answers(e *Entry, t time.Time) []Facet {
	var out []Facet
	for f, set := range x.at(t).sets {
		if set.has(e.rank) {
			out = append(out, Facet(f))
		}
	}
	return out
}

// Counts says, for each facet, how many places one would find by choosing it: added to what is chosen (With), or in the
// place of what is chosen in its group. The slice is by Facet.
func (x *Index) Counts(chosen []Facet, t time.Time) []int {
	now := x.at(t)
	counts := slices.Clone(now.totals)
	for g, list := range answers {
		if base := having(now.sets, others(chosen, g)); len(base) > 0 {
			now.count(counts, base, list)
		}
	}
	return counts
}

// count writes into counts how many entries of base have each of the answers.
func (now *instant) count(counts []int, base selection, answers []Facet) {
	for _, f := range answers {
		counts[f] = 0
	}
	var room [block]uint64
	for from, words := 0, len(base[0].words); from < words; from += block {
		part := room[:min(block, words-from)]
		base.part(part, from)
		for _, f := range answers {
			if now.totals[f] > 0 { // some answers nobody gives
				counts[f] += countBoth(part, now.sets[f].words[from:])
			}
		}
	}
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
