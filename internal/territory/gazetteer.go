package territory

import (
	"cmp"
	"slices"
	"strings"

	"viaduc/internal/platform/fold"
)

// Gazetteer answers where a commune is. It is immutable and safe for concurrent use.
type Gazetteer struct {
	communes   []Commune        // most people first, so that every list of candidates is
	byCode     map[string]int32 // index into communes
	byPostcode map[string][]int32
	keys       []nameEntry // sorted by key, then as the communes are
	epcis      map[string]EPCI
	school     map[string]SchoolDays // by zone
	mergers    map[string][]merger   // by the old code
}

// nameEntry is a folded name and the commune that has it.
type nameEntry struct {
	key     string
	commune int32
}

// NewGazetteer builds the index. It keeps the slices it is given.
func NewGazetteer(communes []Commune, epcis []EPCI) *Gazetteer {
	g := &Gazetteer{
		communes: communes, byCode: make(map[string]int32, len(communes)), byPostcode: map[string][]int32{},
		keys: make([]nameEntry, 0, len(communes)), epcis: make(map[string]EPCI, len(epcis)),
	}
	slices.SortFunc(g.communes, func(a, b Commune) int {
		return cmp.Or(cmp.Compare(b.Population, a.Population), cmp.Compare(a.Code, b.Code))
	})
	for i := range g.communes {
		c, at := &g.communes[i], int32(i) // a country has some 35,000
		g.byCode[c.Code] = at
		for _, p := range c.Postcodes {
			g.byPostcode[p] = append(g.byPostcode[p], at)
		}
		g.keys = append(g.keys, nameEntry{nameKey(c.Name), at})
	}
	slices.SortFunc(g.keys, func(a, b nameEntry) int {
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.commune, b.commune))
	})
	for _, e := range epcis {
		g.epcis[e.SIREN] = e
	}
	return g
}

// from returns the names from key on.
func (g *Gazetteer) from(key string) []nameEntry {
	at, _ := slices.BinarySearchFunc(g.keys, key, func(e nameEntry, key string) int { return strings.Compare(e.key, key) })
	return g.keys[at:]
}

// exactly returns the communes of a folded name, most people first.
func (g *Gazetteer) exactly(key string) []Commune {
	var out []Commune
	for _, e := range g.from(key) {
		if e.key != key {
			break
		}
		out = append(out, g.communes[e.commune])
	}
	return out
}

// nameKey folds the name of a commune, with "saint" for the "st" that people write.
func nameKey(name string) string {
	key := fold.Key(name)
	if !strings.Contains(key, "st") {
		return key
	}
	words := strings.Fields(key)
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		}
	}
	return strings.Join(words, " ")
}

// Len is how many communes are known.
func (g *Gazetteer) Len() int { return len(g.communes) }

// Commune returns the commune of an INSEE code.
func (g *Gazetteer) Commune(code string) (Commune, bool) {
	i, ok := g.byCode[code]
	if !ok {
		return Commune{}, false
	}
	return g.communes[i], true
}

// EPCI returns the grouping of a SIREN.
func (g *Gazetteer) EPCI(siren string) (EPCI, bool) {
	e, ok := g.epcis[siren]
	return e, ok
}

// Postcode returns the communes of a postal code, most people first.
func (g *Gazetteer) Postcode(code string) []Commune { return g.at(g.byPostcode[code]) }

// Named returns the communes of exactly that name, however it is written, most people first.
func (g *Gazetteer) Named(name string) []Commune { return g.exactly(nameKey(name)) }

func (g *Gazetteer) at(indexes []int32) []Commune {
	out := make([]Commune, 0, len(indexes))
	for _, i := range indexes {
		out = append(out, g.communes[i])
	}
	return out
}

// Match is what a text says about where.
type Match struct {
	Communes []Commune // candidates, best first; empty when the text names none
	Rest     string    // the words of the text that are not the commune's
	Guessed  bool      // no commune is written so: Communes are the nearest in spelling
}

// candidates bounds how many communes a match lists.
const candidates = 8

// Find reads what a person writes in "Où êtes-vous ?": a postal code, an INSEE code, the name of a commune (with its
// département, if they like: "Rochefort 17"), and other words around it ("médiathèque Saintes"). near orders namesakes:
// those of the same département come first; "" keeps the most peopled first.
func (g *Gazetteer) Find(text, near string) Match {
	words := joinedNumbers(strings.Fields(nameKey(text)))
	if len(words) == 0 {
		return Match{}
	}
	if m, ok := g.byNumber(words, near); ok {
		return m
	}
	if m, ok := g.byName(words, near); ok {
		return m
	}
	return Match{Rest: strings.Join(words, " ")}
}

// joinedNumbers writes "17 300", as people say it, in one word.
func joinedNumbers(words []string) []string {
	for i := 0; i+1 < len(words); i++ {
		if len(words[i]) == 2 && len(words[i+1]) == 3 && strings.Trim(words[i]+words[i+1], "0123456789") == "" {
			words[i] += words[i+1]
			words = slices.Delete(words, i+1, i+2)
		}
	}
	return words
}

// byNumber looks for a postal or INSEE code among the words.
func (g *Gazetteer) byNumber(words []string, near string) (Match, bool) {
	for i, w := range words {
		if len(w) != 5 {
			continue
		}
		rest := slices.Delete(slices.Clone(words), i, i+1)
		if found := g.Postcode(w); len(found) > 0 {
			// "17300 Rochefort": the name chooses among the communes of the code.
			if m, ok := g.byName(rest, DepartmentOf(w)); ok {
				for _, c := range m.Communes {
					if slices.Contains(c.Postcodes, w) {
						return Match{Communes: []Commune{c}, Rest: m.Rest}, true
					}
				}
			}
			return Match{Communes: g.order(found, near), Rest: strings.Join(rest, " ")}, true
		}
		if c, ok := g.Commune(strings.ToUpper(w)); ok {
			return Match{Communes: []Commune{c}, Rest: strings.Join(rest, " ")}, true
		}
	}
	return Match{}, false
}

// byName looks for the longest run of words that is the name of a commune. A word that is also a kind of way comes last:
// there is a commune of Rue, but "rue du Port Rochefort" does not mean it.
func (g *Gazetteer) byName(words []string, near string) (Match, bool) {
	if len(words) > 1 && slices.ContainsFunc(words, func(w string) bool { return ways[w] }) {
		if m, ok := g.byNameBut(words, near, ways); ok {
			return m, true
		}
	}
	return g.byNameBut(words, near, nil)
}

// byNameBut is byName without the communes whose whole name is one of the words but.
func (g *Gazetteer) byNameBut(words []string, near string, but map[string]bool) (Match, bool) {
	for size := min(len(words), 8); size >= 1; size-- {
		for start := 0; start+size <= len(words); start++ {
			if size == 1 && but[words[start]] {
				continue
			}
			communes := g.exactly(strings.Join(words[start:start+size], " "))
			if len(communes) == 0 {
				continue
			}
			rest := slices.Delete(slices.Clone(words), start, start+size)
			for i, w := range rest { // "Rochefort 17": the département chooses among namesakes
				if only := inDepartment(communes, w); len(only) > 0 {
					return Match{Communes: only, Rest: strings.Join(slices.Delete(rest, i, i+1), " ")}, true
				}
			}
			return Match{Communes: g.order(communes, near), Rest: strings.Join(rest, " ")}, true
		}
	}
	return Match{}, false
}

func inDepartment(communes []Commune, department string) []Commune {
	var out []Commune
	for _, c := range communes {
		if strings.EqualFold(c.Department, department) {
			out = append(out, c)
		}
	}
	return out
}

// order puts the communes of département near first and keeps the rest as it is.
func (g *Gazetteer) order(communes []Commune, near string) []Commune {
	if near != "" {
		slices.SortStableFunc(communes, func(a, b Commune) int {
			return cmp.Compare(btoi(a.Department != near), btoi(b.Department != near))
		})
	}
	return communes[:min(len(communes), candidates)]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Guess returns the communes whose name begins like text or is spelt nearly so: one mistake up to five letters, two
// beyond. It is asked when Find and the places themselves know nothing of the words.
func (g *Gazetteer) Guess(text, near string) []Commune {
	key := nameKey(text)
	if len(key) < 3 {
		return nil
	}
	var out []Commune
	for _, e := range g.from(key) {
		if !strings.HasPrefix(e.key, key) || len(out) == maxBegun {
			break
		}
		out = append(out, g.communes[e.commune])
	}
	if len(out) == 0 {
		out = g.misspelt(key)
	}
	slices.SortStableFunc(out, func(a, b Commune) int { return cmp.Compare(b.Population, a.Population) })
	return g.order(out, near)
}

// maxBegun bounds how many communes that begin alike are sorted: "saint" begins some 4,500.
const maxBegun = 10_000

// misspelt returns the communes whose names are nearest in spelling. Nine mistakes in ten spare the first letter, so
// that the names of that letter are tried first, then all.
func (g *Gazetteer) misspelt(key string) []Commune {
	limit := 1
	if len(key) > 5 {
		limit = 2
	}
	sameLetter := g.from(key[:1])
	if next := g.from(string(key[0] + 1)); len(next) < len(sameLetter) {
		sameLetter = sameLetter[:len(sameLetter)-len(next)]
	}
	for _, names := range [][]nameEntry{sameLetter, g.keys} {
		for d := 1; d <= limit; d++ {
			var out []Commune
			for _, e := range names {
				if fold.Distance(key, e.key, d) == d {
					out = append(out, g.communes[e.commune])
				}
			}
			if len(out) > 0 {
				return out
			}
		}
	}
	return nil
}
