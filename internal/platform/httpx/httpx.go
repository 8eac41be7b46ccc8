// Package httpx serves HTTP as every node of Viaduc does: bounded in time and size, compressed, with the headers that
// protect people, and one table from kinds of fault to status codes.
package httpx

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"viaduc/internal/platform/fault"
)

// Bounds of one request. A page of the residents weighs some kilobytes; nobody types an address of eight.
const (
	MaxAddress = 8 << 10
	MaxBody    = 1 << 20
)

// Status is the HTTP status of a kind of fault: the one table of the program.
func Status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Refusals are the pages that Protect answers with where the request never reaches a handler.
type Refusals struct {
	TooLong http.Handler // the address is longer than MaxAddress
	Foreign http.Handler // a form of another site

	// Larger is how many bytes the body of a request may have where MaxBody is too little: a photo. nil, or less than MaxBody,
	// is MaxBody.
	Larger func(*http.Request) int64
}

// Protect wraps the whole site: it bounds addresses and bodies, refuses forms that other sites send
// (http.CrossOriginProtection), sets the headers that hold for every answer, and compresses.
func Protect(h http.Handler, r Refusals) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(r.Foreign)
	h = foreign.Handler(h)
	inner := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		head := w.Header()
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(self), interest-cohort=()")
		if len(req.RequestURI) > MaxAddress {
			r.TooLong.ServeHTTP(w, req)
			return
		}
		most := int64(MaxBody)
		if r.Larger != nil {
			most = max(most, r.Larger(req))
		}
		req.Body = http.MaxBytesReader(w, req.Body, most)
		h.ServeHTTP(w, req)
	})
	// A random padding hides the length of what is compressed beside what a reader typed (BREACH).
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		panic(err) // constant options
	}
	return compress(inner)
}

// ErrTaken says that another program listens at the address.
var ErrTaken = errors.New("address already in use")

// Listen opens the address. It reports ErrTaken when another program has it.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var cfg net.ListenConfig
	l, err := cfg.Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, errors.Join(ErrTaken, err)
	}
	return l, err
}

// drain is how long a stopping node lets requests end.
const drain = 10 * time.Second

// Serve answers on l until ctx ends, then lets the requests under way finish.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 2 << 20, // so that an endless address still meets a page
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := s.Shutdown(stop); err != nil {
		return err
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Loopback reports whether addr (host:port) can be reached from this machine only. An empty host is every address.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
