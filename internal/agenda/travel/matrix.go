package travel

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// Limits of a table of times.
const (
	MaxRows    = 1_000_000
	MaxMinutes = 600
)

// Leg is the time from one commune to another, as it is stored.
type Leg struct {
	From, To string // INSEE codes
	Minutes  int    // 0 to MaxMinutes
}

// Matrix is the times between communes. It does not change once made and may be read by many at once. A nil Matrix knows
// no commune.
type Matrix struct {
	codes   []string          // by number
	numbers map[string]uint32 // of a code
	minutes map[way]uint16
}

// way goes from one commune to another, by number.
type way struct{ from, to uint32 }

func emptyMatrix() *Matrix {
	return &Matrix{numbers: map[string]uint32{}, minutes: map[way]uint16{}}
}

// NewMatrix makes a Matrix of what Rows gave. It reports the first leg that cannot be: a code that is none, minutes out of
// bounds, or a way told twice.
func NewMatrix(legs []Leg) (*Matrix, error) {
	m := emptyMatrix()
	for i, l := range legs {
		if l.Minutes < 0 || l.Minutes > MaxMinutes || !m.knows(l.From) || !m.knows(l.To) {
			return nil, fmt.Errorf("leg %d from %q to %q: %d minutes cannot be", i, l.From, l.To, l.Minutes)
		}
		if _, told := m.set(l); told {
			return nil, fmt.Errorf("leg %d from %q to %q: told twice", i, l.From, l.To)
		}
	}
	return m, nil
}

// Minutes returns the time from one commune to another: the one given for that way, else that of the way back, else false.
func (m *Matrix) Minutes(from, to string) (int, bool) {
	if m == nil {
		return 0, false
	}
	f, ok := m.numbers[from]
	if !ok {
		return 0, false
	}
	t, ok := m.numbers[to]
	if !ok {
		return 0, false
	}
	n, ok := m.minutes[way{f, t}]
	if !ok {
		n, ok = m.minutes[way{t, f}]
	}
	return int(n), ok
}

// Len is how many ways were given, each direction for itself.
func (m *Matrix) Len() int {
	if m == nil {
		return 0
	}
	return len(m.minutes)
}

// Rows returns the ways that were given, by code: what to store, and what NewMatrix takes.
func (m *Matrix) Rows() []Leg {
	if m == nil {
		return nil
	}
	legs := make([]Leg, 0, len(m.minutes))
	for w, n := range m.minutes {
		legs = append(legs, Leg{m.codes[w.from], m.codes[w.to], int(n)})
	}
	slices.SortFunc(legs, func(a, b Leg) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return legs
}

// communes is how many communes have a time.
func (m *Matrix) communes() int {
	seen := make([]bool, len(m.codes))
	n := 0
	for w := range m.minutes {
		for _, c := range []uint32{w.from, w.to} {
			if !seen[c] {
				seen[c] = true
				n++
			}
		}
	}
	return n
}

var inseeCode = regexp.MustCompile(`^([013-9]\d|2[AB1-9])\d{3}$`)

// knows numbers a code, and reports whether it can be the code of a commune.
func (m *Matrix) knows(code string) bool {
	if _, ok := m.numbers[code]; ok {
		return true
	}
	if !inseeCode.MatchString(code) {
		return false
	}
	m.numbers[code] = uint32(len(m.codes)) // of fewer than 100,000 codes
	m.codes = append(m.codes, code)
	return true
}

// set puts a leg whose codes have numbers. When its way already has a time, told is true and that time stays.
func (m *Matrix) set(l Leg) (minutes int, told bool) {
	w := way{m.numbers[l.From], m.numbers[l.To]}
	if n, ok := m.minutes[w]; ok {
		return int(n), true
	}
	m.minutes[w] = uint16(l.Minutes) // at most MaxMinutes
	return l.Minutes, false
}
