package territory

import (
	"slices"
	"strings"
	"unicode"

	"viaduc/internal/platform/fold"
)

// Address is what a text says that reads like a postal address: a number or a kind of way, a name, and where.
type Address struct {
	Street   string    // as written, without the commune: "12 rue de la République"
	Communes []Commune // where, best first, never empty
	Sure     bool      // Communes[0] is meant, the others are namesakes; else they share a postal code, and any is meant
}

// Address reads a text as a postal address: "12 rue de la République, Rochefort", "av. Gambetta 17100", "17300 Rochefort,
// 3 le Breuil". ok is false where it does not read so: no commune and no postal code that is known, or beside it neither a
// number nor a kind of way with a name. near orders namesakes as in Find.
func (g *Gazetteer) Address(text, near string) (a Address, ok bool) {
	tokens := addressTokens(text)
	if len(tokens) > longestAddress || !slices.ContainsFunc(tokens, func(t token) bool { return startsStreet(t.words) }) {
		return Address{}, false // most searches end here
	}
	n := len(tokens)
	for size := min(n-1, mostTokens); size >= 1; size-- {
		for _, split := range [2]int{n - size, size} { // where it lies stands at the end, as on an envelope, or at the beginning
			street, where := tokens[:split], tokens[split:]
			if split == size {
				street, where = where, street
			}
			communes, sure := g.whole(wordsOf(where), near)
			if len(communes) == 0 {
				continue
			}
			if written, named := streetOf(street); named {
				return Address{Street: written, Communes: communes, Sure: sure}, true
			}
			return Address{}, false
		}
	}
	return Address{}, false
}

const (
	longestAddress = 40 // written words of an address, at most
	mostTokens     = 9  // of them those that say where: "17310 Saint Pierre d'Oléron"
)

// token is a written word and what it folds to: "l'Église" is "l eglise".
type token struct {
	raw   string
	words []string
}

func addressTokens(text string) []token {
	var out []token
	for _, raw := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;()", r) }) {
		if words := strings.Fields(nameKey(raw)); len(words) > 0 {
			out = append(out, token{raw, words})
		}
	}
	return out
}

func wordsOf(tokens []token) []string {
	var out []string
	for _, t := range tokens {
		out = append(out, t.words...)
	}
	return joinedNumbers(out)
}

// whole reads words that say where and nothing else: a name, with its postal code before or its département after, or a
// postal code alone. sure is false when several communes share the code.
func (g *Gazetteer) whole(words []string, near string) (communes []Commune, sure bool) {
	if at := slices.Index(words, "cedex"); at > 0 {
		words = words[:at]
	}
	if len(words) == 0 {
		return nil, false
	}
	sharing := g.Postcode(words[0])
	name := strings.Join(words, " ")
	switch {
	case len(sharing) > 0 && len(words) == 1:
		return g.order(sharing, near), len(sharing) == 1
	case len(sharing) > 0:
		name = strings.Join(words[1:], " ")
		named := inDepartment(g.exactly(name), DepartmentOf(words[0]))
		if i := slices.IndexFunc(named, func(c Commune) bool { return slices.Contains(c.Postcodes, words[0]) }); i >= 0 {
			return named[i : i+1], true
		}
		if len(named) == 0 && !slices.ContainsFunc(words[1:], func(w string) bool { return startsStreet([]string{w}) }) {
			return g.order(sharing, near), len(sharing) == 1 // a misspelt name: the code is right all the same
		}
		return named, true
	}
	if communes = g.exactly(name); len(communes) > 0 {
		return g.order(communes, near), true
	}
	if last := len(words) - 1; last > 0 {
		return inDepartment(g.exactly(strings.Join(words[:last], " ")), words[last]), true
	}
	return nil, false
}

// streetOf returns the street as written, from its number or its kind of way on; ok is false when it has no name.
func streetOf(tokens []token) (written string, ok bool) {
	words := wordsOf(tokens)
	if !startsStreet(words) { // "Mairie, 12 rue du Port": what stands before the number is no street
		for i := 1; i+1 < len(tokens); i++ {
			if isNumber(tokens[i].words[0]) && wayAt(wordsOf(tokens[i+1:])) > 0 {
				return streetOf(tokens[i:])
			}
		}
		return "", false
	}
	raw := make([]string, 0, len(tokens))
	for _, t := range tokens {
		raw = append(raw, t.raw)
	}
	return strings.Join(raw, " "), hasName(words)
}

// startsStreet reports whether folded words begin with a house number or a kind of way.
func startsStreet(words []string) bool {
	return len(words) > 0 && (isNumber(words[0]) || wayAt(words) > 0)
}

// hasName reports whether something is left of a street beside its number, its kind of way and small words.
func hasName(words []string) bool {
	if isNumber(words[0]) {
		words = words[1:]
		for len(words) > 0 && repeats[words[0]] { // "12 bis"
			words = words[1:]
		}
	}
	if n := wayAt(words); n == 2 {
		return true // "Grande Rue" is a name
	} else if n == 1 {
		words = words[1:]
	}
	return slices.ContainsFunc(words, func(w string) bool { return !linking[w] })
}

// isNumber reports whether a word is a house number, "12" or "12bis". A postal code is none.
func isNumber(word string) bool {
	digits := len(word) - len(strings.TrimLeft(word, "0123456789"))
	rest := word[digits:]
	return digits >= 1 && digits <= 4 && (rest == "" || repeats[rest])
}

// wayAt is how many words at the start are a kind of way: 2 for "grande rue", 1 for "rue", 0 for none.
func wayAt(words []string) int {
	switch {
	case len(words) == 0:
		return 0
	case len(words) > 1 && words[1] == "rue" && (words[0] == "grande" || words[0] == "grand" || words[0] == "petite"):
		return 2
	case ways[words[0]]:
		return 1
	}
	return 0
}

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range fold.Words(words) {
		out[w] = true
	}
	return out
}

var (
	// ways are the kinds of way of French addresses, and how people shorten them.
	ways = wordSet(`rue avenue av ave boulevard boul bd bld bvd blvd place pl chemin che chem ch route rte rt allée allées all impasse imp
		quai cours square sq passage ruelle venelle sentier sente lotissement lot résidence res faubourg fg fbg esplanade promenade montée
		cité hameau lieudit zone za zi zac parvis mail villa voie traverse rond galerie clos côte levée digue port pont`)
	// repeats follow a house number.
	repeats = wordSet("bis ter quater a b c d e f")
	// linking are the small words of a name.
	linking = wordSet("de du des d la le les l à au aux et en sur sous saint sainte")
)
