package place

import "math/bits"

// bitset is a set of entries by their rank in the index. filled has a bit for each of the words that is not empty, so that
// a search passes quickly over what few places have.
type bitset struct{ words, filled []uint64 }

func newBitset(n int) bitset {
	words := (n + 63) / 64
	return bitset{words: make([]uint64, words), filled: make([]uint64, (words+63)/64)}
}

func (b bitset) add(i int) {
	b.words[i>>6] |= 1 << (i & 63)
	b.filled[i>>12] |= 1 << (i >> 6 & 63)
}

func (b bitset) has(i int) bool { return b.words[i>>6]&(1<<(i&63)) != 0 }

// count is how many entries are in the set.
func (b bitset) count() int {
	n := 0
	for _, w := range b.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// block is how many words of the sets are counted in one go: what is chosen stays in the nearest cache while each facet
// is held against it.
const block = 512

// countBoth is how many entries are in both of two stretches of words, the second of which may be longer.
func countBoth(a, b []uint64) int {
	b = b[:len(a)]
	n := 0
	for i, w := range a {
		n += bits.OnesCount64(w & b[i])
	}
	return n
}

// selection is the entries that are in each of some sets; none of them leaves anything out. It is never written down:
// what is asked of it is read from the sets.
type selection []bitset

// having selects the entries that have every facet of chosen.
func having(sets []bitset, chosen []Facet) selection {
	out := make(selection, 0, len(chosen)+1) // and one that the caller may add
	for _, f := range chosen {
		out = append(out, sets[f])
	}
	return out
}

func (s selection) has(i int) bool {
	for _, b := range s {
		if !b.has(i) {
			return false
		}
	}
	return true
}

// word is word number i of the selection.
func (s selection) word(i int) uint64 {
	w := ^uint64(0)
	for _, b := range s {
		w &= b.words[i]
	}
	return w
}

// filled has a bit for each of the words from number 64*i on that may hold something.
func (s selection) filled(i int) uint64 {
	w := ^uint64(0)
	for _, b := range s {
		w &= b.filled[i]
	}
	return w
}

// part writes the words of the selection from number from on into out, as many as out holds. The selection must be of one
// set at least.
func (s selection) part(out []uint64, from int) {
	copy(out, s[0].words[from:])
	for _, b := range s[1:] {
		words := b.words[from : from+len(out)]
		for i, w := range words {
			out[i] &= w
		}
	}
}

// countTo is how many entries the selection has, or a number above limit as soon as it is known to have more. The
// selection must be of one set at least.
func (s selection) countTo(limit int) int {
	n := 0
	for i := range s[0].filled {
		for filled := s.filled(i); filled != 0; filled &= filled - 1 {
			n += bits.OnesCount64(s.word(i<<6 + bits.TrailingZeros64(filled)))
			if n > limit {
				return n
			}
		}
	}
	return n
}
