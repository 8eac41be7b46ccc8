package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// starts measures how soon a node serves the real census, and what it holds under load.
func (b *bench) starts(ctx context.Context) error {
	names, err := b.communes()
	if err != nil {
		return err
	}
	census, err := os.Open(b.realCensus())
	if err != nil {
		return err
	}
	defer census.Close()
	dir := filepath.Join(b.dir, "real")
	if err := b.fill(ctx, dir, census); err != nil {
		return err
	}
	var ready, peaks, nows []float64
	for range b.rounds {
		n, err := b.serve(ctx, dir)
		if err != nil {
			return err
		}
		ready = append(ready, float64(n.ready.Milliseconds()))
		stop := n.watch()
		_, err = load(ctx, n.host, listQuestion(names), b.each)
		now, peak := stop(), n.resident("VmHWM:")
		n.stop()
		if err != nil {
			return err
		}
		nows, peaks = append(nows, now), append(peaks, peak)
	}
	details := fmt.Sprintf("8,007 real places, %d communes", len(names))
	b.figure(median(ready) < 300, "serve is ready in", fmt.Sprintf("%.0f ms", median(ready)), "under 300 ms", details)
	b.figure(median(nows) < 120, "serve holds under load, at most", fmt.Sprintf("%.0f MB", median(nows)), "under 120 MB", fmt.Sprintf("while starting %.0f MB", median(peaks)))
	return nil
}

// loads compares the public JSON and the list with a bare handler that writes the same bytes.
func (b *bench) loads(ctx context.Context) error {
	names, err := b.communes()
	if err != nil {
		return err
	}
	dir, err := b.census(ctx)
	if err != nil {
		return err
	}
	n, err := b.serve(ctx, dir)
	if err != nil {
		return err
	}
	defer n.stop()
	for _, one := range []struct {
		name     string
		question func(i int) string
		least    float64
		mostP99  float64
	}{
		{"/api/v1/lieux", apiQuestion, 1. / 2, 3},
		{"/api/v1/lieux, three filters and counts", apiFiltered, 1. / 2, 3},
		{"/lieux", listQuestion(names), 1. / 20, 8},
		{"/lieux, three filters", listFiltered(names), 1. / 20, 8},
	} {
		if err := b.compare(ctx, n, one.name, fmt.Sprintf("%d places", b.places), one.question, one.least, one.mostP99); err != nil {
			return err
		}
	}
	return nil
}

// turns is into how many a round of loads is cut: the shorter they are, the more alike is what the machine does beside for
// both. Each still has a thousand requests, so that a p99 means something.
const turns = 5

func (b *bench) compare(ctx context.Context, n *node, name, over string, question func(int) string, least, mostP99 float64) error {
	body, kind, err := fetch(ctx, "http://"+n.host+question(0))
	if err != nil {
		return err
	}
	peer, stop, err := startBare(ctx, body, kind)
	if err != nil {
		return err
	}
	defer stop()
	var rates, tails, ours, theirs, our99, their99 []float64
	for range b.rounds * turns {
		them, err := load(ctx, peer, question, b.each/turns)
		if err != nil {
			return err
		}
		us, err := load(ctx, n.host, question, b.each/turns)
		if err != nil {
			return err
		}
		rates = append(rates, us.perSecond/them.perSecond)
		tails = append(tails, float64(us.p99)/float64(them.p99))
		ours, theirs = append(ours, us.perSecond), append(theirs, them.perSecond)
		our99, their99 = append(our99, us.p99.Seconds()*1000), append(their99, them.p99.Seconds()*1000)
	}
	b.figure(median(rates) >= least, name+": rate beside bare", fmt.Sprintf("%.3f", median(rates)), fmt.Sprintf("at least %.2f", least),
		fmt.Sprintf("%.0f/s beside %.0f/s, %d bytes, %s", median(ours), median(theirs), len(body), over))
	b.figure(median(tails) <= mostP99, name+": p99 beside bare", fmt.Sprintf("%.2f times", median(tails)), fmt.Sprintf("at most %.0f", mostP99),
		fmt.Sprintf("%.2f ms beside %.2f ms", median(our99), median(their99)))
	return nil
}
