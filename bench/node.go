package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// node is a "viaduc serve" of its own process.
type node struct {
	cmd   *exec.Cmd
	host  string
	ready time.Duration
}

func (b *bench) serve(ctx context.Context, dir string) (*node, error) {
	host, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	n := &node{cmd: exec.CommandContext(ctx, b.program, "serve", "--data", dir, "--addr", host), host: host}
	n.cmd.Stderr = os.Stderr
	begin := time.Now()
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(begin) < 20*time.Second {
		if _, _, err := fetch(ctx, "http://"+host+"/readyz"); err == nil {
			n.ready = time.Since(begin)
			return n, nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	n.stop()
	return nil, fmt.Errorf("serve was not ready after 20 s")
}

func (n *node) stop() {
	_ = n.cmd.Process.Signal(os.Interrupt)
	_ = n.cmd.Wait()
}

// resident is the memory that the process holds, in MB, as the kernel counts it ("VmRSS:" now, "VmHWM:" at most ever).
func (n *node) resident(which string) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), which)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(fields[0], 64)
	return kb / 1024
}

// watch samples the resident memory until stop is called, which returns the most it saw.
func (n *node) watch() (stop func() float64) {
	done, most := make(chan struct{}), make(chan float64)
	go func() {
		seen := 0.0
		for {
			seen = max(seen, n.resident("VmRSS:"))
			select {
			case <-done:
				most <- seen
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(done); return <-most }
}
