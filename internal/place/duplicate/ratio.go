package duplicate

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Text is a text made ready to be compared: in small letters, every sign that is neither letter nor digit a blank, one
// blank between words. Its units are those of UTF-16, since the national chain counts in them.
type Text struct {
	units []uint16
	masks map[uint16]uint64 // where each unit stands; nil for more than 64 units
	bag   [bagSize]uint8    // how often units stand in it, by their last bits
}

// bagSize is how many drawers units are counted in: a bound needs no more.
const bagSize = 32

// Ready makes a text ready.
func Ready(s string) Text {
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	t := Text{units: utf16.Encode([]rune(strings.ToLower(strings.Join(words, " "))))}
	for _, u := range t.units {
		if at := u % bagSize; t.bag[at] < 255 {
			t.bag[at]++
		}
	}
	if len(t.units) <= 64 {
		t.masks = make(map[uint16]uint64, len(t.units))
		for i, u := range t.units {
			t.masks[u] |= 1 << i
		}
	}
	return t
}

// Ratio is how much two texts say the same, from 0 to 100: a hundred times twice the length of their longest common
// subsequence over the length of both, rounded. It is the Levenshtein ratio in which a replacement costs as much as a
// removal and an addition. A text without any letter or digit is like no other, not even another such.
func Ratio(a, b *Text) int {
	if len(a.units) == 0 || len(b.units) == 0 {
		return 0
	}
	return percent(common(a, b), len(a.units)+len(b.units))
}

// percent is 100 × 2 × common / length, halves rounded up.
func percent(common, length int) int { return (400*common + length) / (2 * length) }

// most bounds Ratio from above, by the units that both have in whatever order. A drawer that is full bounds nothing, so
// that a text of more than 255 units of a kind is left to Ratio.
func most(a, b *Text) int {
	length := len(a.units) + len(b.units)
	if len(a.units) == 0 || len(b.units) == 0 {
		return 0
	}
	shared := 0
	for i := range a.bag {
		n := min(a.bag[i], b.bag[i])
		if n == 255 {
			return 100
		}
		shared += int(n)
	}
	return percent(shared, length)
}

// common is the length of the longest common subsequence.
func common(a, b *Text) int {
	switch {
	case a.masks != nil:
		return commonInWord(a.masks, len(a.units), b.units)
	case b.masks != nil:
		return commonInWord(b.masks, len(b.units), a.units)
	}
	return commonInRows(a.units, b.units)
}

// commonInWord works a whole row of the table at once: a zero of row says that the length grows there (Hyyrö, 2004).
func commonInWord(masks map[uint16]uint64, n int, other []uint16) int {
	row := ^uint64(0)
	for _, u := range other {
		match := row & masks[u]
		row = row + match | row&^match
	}
	if n < 64 {
		row |= ^uint64(0) << n
	}
	return bits.OnesCount64(^row)
}

// commonInRows keeps one row of the table.
func commonInRows(a, b []uint16) int {
	row := make([]int, len(b)+1)
	for _, u := range a {
		before := 0 // what the row above had one to the left
		for j, v := range b {
			above := row[j+1]
			if u == v {
				row[j+1] = before + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			before = above
		}
	}
	return row[len(b)]
}
