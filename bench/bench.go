// Command bench measures what docs/performance.md promises and prints it as ratios beside something honest in the same
// run, since the machines it runs on are shared and noisy: Viaduc's public JSON and list beside a bare net/http handler
// that writes the same bytes, over 20,000 places (displaced copies of the real ones), with a distinct question in every
// request; and the start and the memory of "viaduc serve" on the real census.
//
// All traffic stays on loopback; every loop is bounded in time; what is started is stopped by its process id.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{}
	flag.StringVar(&b.program, "viaduc", "", "the program to measure (built by make bench)")
	flag.StringVar(&b.data, "testdata", dataFolder(), "folder of the real data")
	flag.DurationVar(&b.each, "each", 3*time.Second, "how long each load lasts")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds; the median is printed")
	peer := flag.String("bare", "", "internal: be the bare peer at this address")
	kind := flag.String("type", "", "internal: content type of the bare peer")
	flag.Parse()
	if *peer != "" {
		fmt.Fprintln(os.Stderr, "bench:", bare(*peer, *kind))
		os.Exit(1)
	}
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func dataFolder() string {
	if dir := os.Getenv("VIADUC_TESTDATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "shared", "data")
}
