package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// callers is how many connections ask at once: one a core of the smallest machine, so that latencies are those of the
// server and not of a queue.
const callers = 2

// sample is what a load saw.
type sample struct {
	perSecond float64
	p50, p99  time.Duration
	requests  int
}

// load asks address with a new question each time, on kept connections, for a while. The client is as thin as it can be
// (one buffered connection a caller), so that it measures the server and not itself.
func load(ctx context.Context, host string, question func(i int) string, length time.Duration) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, length+30*time.Second)
	defer cancel()
	took := make([][]time.Duration, callers)
	errs := make([]error, callers)
	var wg sync.WaitGroup
	start := time.Now()
	for c := range callers {
		wg.Go(func() { took[c], errs[c] = call(ctx, host, question, c, start.Add(length)) })
	}
	wg.Wait()
	elapsed := time.Since(start)
	for _, err := range errs {
		if err != nil {
			return sample{}, err
		}
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	return sample{perSecond: float64(len(all)) / elapsed.Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100], requests: len(all)}, nil
}

func call(ctx context.Context, host string, question func(i int) string, caller int, until time.Time) ([]time.Duration, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	var took []time.Duration
	for i := caller; time.Now().Before(until); i += callers {
		begin := time.Now()
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", question(i), host); err != nil {
			return nil, err
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return nil, err
		}
		n, err := io.Copy(io.Discard, res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", question(i), err)
		}
		if res.StatusCode != http.StatusOK || n == 0 {
			return nil, fmt.Errorf("%s: status %d, %d bytes", question(i), res.StatusCode, n)
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}

// The honest peer is net/http writing bytes that are already there, in a process of its own like Viaduc, so that both
// pay the same to be woken.

// startBare starts this program again as the peer, and returns where it listens and how to stop it.
func startBare(ctx context.Context, body []byte, contentType string) (host string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	if host, err = freeAddr(ctx); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-bare", host, "-type", contentType)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(body), os.Stderr
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill() // it holds nothing
		_ = cmd.Wait()
	}
	for range 500 {
		if _, _, err = fetch(ctx, "http://"+host+"/"); err == nil {
			return host, stop, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return "", nil, fmt.Errorf("the bare peer did not start: %w", err)
}

// bare is the peer's process: it reads the bytes from its standard input and writes them to whoever asks.
func bare(host, contentType string) error {
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: host, ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body) // the caller left
	})}
	return server.ListenAndServe()
}

// freeAddr returns an address of loopback that nobody listens at.
func freeAddr(ctx context.Context) (string, error) {
	var cfg net.ListenConfig
	l, err := cfg.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// fetch asks once, and returns the bytes and their kind.
func fetch(ctx context.Context, url string) ([]byte, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept-Encoding", "identity")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%s: status %d", url, res.StatusCode)
	}
	body, err := io.ReadAll(res.Body)
	return body, res.Header.Get("Content-Type"), err
}
