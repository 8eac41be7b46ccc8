package httpx

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Client says who sends a request, to limit how often she may do so and for nothing else: an address is never logged. It
// is the address of the connection. Where that is a private or loopback one, the connection comes from the proxy in
// front, and the last public address of X-Forwarded-For is the client; what stands before it, anybody may have written. An
// IPv6 address stands for its network of 64 bits, which one household has.
func Client(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	from := network(host)
	if !inside(from) {
		return from
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		if hop := network(strings.TrimSpace(hops[i])); hop.IsValid() {
			if !inside(hop) {
				return hop
			}
			from = hop
		}
	}
	return from
}

// inside reports whether an address can only be of this machine or of its own network.
func inside(a netip.Addr) bool {
	return !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// network reads an address; one of IPv6 stands for its network of 64 bits.
func network(text string) netip.Addr {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	a = a.Unmap().WithZone("")
	if a.Is6() && !a.IsLoopback() {
		p, _ := a.Prefix(64) // 64 bits fit in 128
		return p.Addr()
	}
	return a
}

// Limiter lets each client do a thing so many times at once, then once an interval. It keeps in memory the clients that
// did it lately, and forgets each as soon as all of its times are back. It holds for one node. It is safe for concurrent
// use.
type Limiter struct {
	every time.Duration
	burst int
	most  int
	now   func() time.Time

	mu     sync.Mutex
	recent list.List // of *client, the latest in front
	byAddr map[netip.Addr]*list.Element
}

// client is how many times one has left, counted at an instant.
type client struct {
	addr netip.Addr
	left float64
	at   time.Time
}

// maxClients bounds the memory of a Limiter: beyond it, the client that was quiet longest is forgotten.
const maxClients = 10_000

// NewLimiter returns a limiter of burst times at once and one more each interval.
func NewLimiter(burst int, every time.Duration, now func() time.Time) *Limiter {
	return &Limiter{every: every, burst: burst, most: maxClients, now: now, byAddr: map[netip.Addr]*list.Element{}}
}

// Allow reports whether a client may do it once more, and counts it if so.
func (l *Limiter) Allow(a netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.forget(now)
	e, ok := l.byAddr[a]
	if !ok {
		e = l.recent.PushFront(&client{addr: a, left: float64(l.burst)})
		l.byAddr[a] = e
	}
	c := e.Value.(*client)
	if ok {
		c.left = min(float64(l.burst), c.left+max(0, now.Sub(c.at).Seconds())/l.every.Seconds())
	}
	c.at = now
	l.recent.MoveToFront(e)
	if c.left < 1 {
		return false
	}
	c.left--
	return true
}

// forget drops the clients that have all of their times back, and the oldest ones beyond what may be kept.
func (l *Limiter) forget(now time.Time) {
	for e := l.recent.Back(); e != nil; e = l.recent.Back() {
		c := e.Value.(*client)
		if now.Sub(c.at) < time.Duration(l.burst)*l.every && l.recent.Len() < l.most {
			return
		}
		l.recent.Remove(e)
		delete(l.byAddr, c.addr)
	}
}
