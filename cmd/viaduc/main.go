// Command viaduc is the whole platform in one program: the server, the imports and exports, and the upkeep.
//
// Results go to standard output, in French for people or, with --json, one object a line for programs; progress goes to
// standard error, and only on a terminal. It exits with 0 when the work is done (rows may have been rejected), 1 when it
// failed and nothing changed, 2 when the command was not understood.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Terminal: isTerminal(os.Stderr)})
	stop()
	os.Exit(code)
}

// Streams is what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Terminal bool // a person looks at Err: show progress
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
