package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/territory"
)

// many is how many times the places the growth goes to.
const many = 10

// turn is how long one side of a comparison of Go calls is measured before the other has its turn.
const turn = 300 * time.Millisecond

// growth measures how the time of a search with three filters grows with the census, with counts and without. Time of
// processors: nobody else has a part in it.
func (b *bench) growth(ctx context.Context) error {
	few, gazetteer, err := b.index(ctx)
	if err != nil {
		return err
	}
	lots := place.NewIndex(1, multiplied(few), gazetteer)
	lots.Warm(now)
	sizes := fmt.Sprintf("%d -> %d places", few.Len(), lots.Len())
	for _, one := range []struct {
		name string
		call func(x *place.Index, i int) error
		most float64
	}{
		{"a search with three filters grows", func(x *place.Index, i int) error { _, err := search(x, i); return err }, 2},
		{"a search with three filters and all counts grows", counted, 12},
	} {
		var factors, small, large []float64
		for range b.rounds {
			s, err := perCall(ctx, turn, func(i int) error { return one.call(few, i) })
			if err != nil {
				return err
			}
			l, err := perCall(ctx, turn, func(i int) error { return one.call(lots, i) })
			if err != nil {
				return err
			}
			factors, small, large = append(factors, l.processor/s.processor), append(small, s.processor), append(large, l.processor)
		}
		b.figure(median(factors) < one.most, one.name, fmt.Sprintf("%.2f times", median(factors)), fmt.Sprintf("less than %.0f", one.most),
			fmt.Sprintf("%s, %.1f µs -> %.1f µs", sizes, median(small), median(large)))
	}
	return nil
}

// counted is a search and all its counts.
func counted(x *place.Index, i int) error {
	_, err := search(x, i)
	x.Counts(chosen[i%len(chosen)], now)
	return err
}

// multiplied are the places of an index many times, the copies moved by a few kilometres under new numbers.
func multiplied(x *place.Index) []place.Place {
	r := rand.New(rand.NewPCG(4, 4))
	move := func(p territory.Point) territory.Point {
		if p.Known() {
			p.Lat, p.Lon = p.Lat+(r.Float64()-0.5)/5, p.Lon+(r.Float64()-0.5)/5
		}
		return p
	}
	out := make([]place.Place, 0, many*x.Len())
	for copies := range many {
		for _, e := range x.Entries() {
			p := *e.Place
			p.Number = place.Number(len(out) + 1)
			if copies > 0 {
				p.Point = move(p.Point)
			}
			out = append(out, p)
		}
	}
	return out
}
