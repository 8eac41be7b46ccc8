package httpx

import (
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestClient(t *testing.T) {
	for _, tc := range []struct {
		about, remote string
		forwarded     []string
		want          string
	}{
		{"straight", "203.0.113.9:4711", nil, "203.0.113.9"},
		{"straight, and lying", "203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.9"},
		{"through a proxy on the machine", "127.0.0.1:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		{"through a proxy, and lying to it", "127.0.0.1:4711", []string{"192.0.2.66, 198.51.100.1"}, "198.51.100.1"},
		{"lying in a header of its own", "127.0.0.1:4711", []string{"192.0.2.66", "198.51.100.1"}, "198.51.100.1"},
		{"through two proxies of the network", "10.0.0.7:80", []string{"192.0.2.66, 198.51.100.1, 10.0.0.8"}, "198.51.100.1"},
		{"from the network itself", "10.0.0.7:80", []string{"10.0.0.9"}, "10.0.0.9"},
		{"proxy without the header", "127.0.0.1:4711", nil, "127.0.0.1"},
		{"proxy with nonsense", "127.0.0.1:4711", []string{"unknown, , x"}, "127.0.0.1"},
		{"IPv6 by network", "[2001:db8:1:2:3:4:5:6]:443", nil, "2001:db8:1:2::"},
		{"IPv6 of this machine", "[::1]:443", nil, "::1"},
		{"IPv4 within IPv6", "[::ffff:203.0.113.9]:443", nil, "203.0.113.9"},
		{"IPv6 with a zone", "[fe80::1%eth0]:443", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a Unix socket", "@", []string{"198.51.100.1"}, "198.51.100.1"},
	} {
		r := &http.Request{RemoteAddr: tc.remote, Header: http.Header{"X-Forwarded-For": tc.forwarded}}
		if got := Client(r); got != netip.MustParseAddr(tc.want) {
			t.Errorf("%s: %s, want %s", tc.about, got, tc.want)
		}
	}
}

func TestLimiter(t *testing.T) {
	now := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	l := NewLimiter(3, time.Minute, func() time.Time { return now })
	one, two := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	take := func(a netip.Addr, want ...bool) {
		t.Helper()
		for i, w := range want {
			if got := l.Allow(a); got != w {
				t.Errorf("call %d of %s: %v, want %v", i+1, a, got, w)
			}
		}
	}
	take(one, true, true, true, false, false)
	take(two, true)
	now = now.Add(59 * time.Second)
	take(one, false)
	now = now.Add(time.Second)
	take(one, true, false)
	now = now.Add(-time.Hour) // a clock that was set back gives nothing
	take(one, false)
	now = now.Add(3 * time.Hour)
	take(one, true, true, true, false)
	if len(l.byAddr) != 1 || l.recent.Len() != 1 {
		t.Errorf("%d clients are kept, want the last one alone", len(l.byAddr))
	}
}

func TestLimiterIsBounded(t *testing.T) {
	now := time.Now()
	l := NewLimiter(1, time.Hour, func() time.Time { return now })
	l.most = 100
	a := netip.MustParseAddr("2001:db8::")
	for range 1000 {
		l.Allow(a)
		a = a.Next()
	}
	if len(l.byAddr) > 100 || l.recent.Len() != len(l.byAddr) {
		t.Errorf("%d and %d clients are kept", len(l.byAddr), l.recent.Len())
	}
}

func TestLimiterCountsManyAtOnce(t *testing.T) {
	now := time.Now()
	l := NewLimiter(7, time.Hour, func() time.Time { return now })
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if l.Allow(netip.Addr{}) {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 7 {
		t.Errorf("%d of 50 were let through, want 7", allowed.Load())
	}
}
