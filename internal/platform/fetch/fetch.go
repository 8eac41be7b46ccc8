// Package fetch is the one door through which Viaduc asks something of another machine over HTTP: the geocoder today,
// identity providers and web hooks later. A test (internal/arch_test.go) refuses any other HTTP client in the program.
//
// # Where it goes
//
// To public addresses only, by http or https. The address that is judged is the one that the socket is about to connect
// to, after the name was resolved: a name that answers otherwise the second time (DNS rebinding), a redirect, or an odd
// spelling (2130706433, 0x7f.1, [::ffff:127.0.0.1]) all come to the same judge. It refuses what is not on the public
// network: this machine (loopback, unspecified), private and shared networks (RFC 1918, RFC 6598, RFC 4193), link-local
// (where clouds keep their secrets), multicast, documentation and reserved ranges, and the IPv6 forms that carry an IPv4
// address inside (compatible, translated, 6to4, Teredo, NAT64), whatever that address is. A mapped address is dialled, and
// judged, as the IPv4 address it holds.
//
// An operator may run a service inside his own network and name it in the settings. Options.Internal lists such services
// by host and port; a connection that is asked for under exactly that name may also go to loopback and to private and
// shared networks. Link-local, multicast and the rest stay refused, and so is every other port of that host.
//
// # How it goes
//
// Without a name and password in the address, without cookies, without the proxy that the environment may name (the judge
// would see the proxy's address instead). Redirects are followed at most MaxRedirects times, never from https to http, and
// do not tell the next server where they come from. One exchange, redirects and body included, lasts at most
// Options.Timeout; a body longer than Options.MaxBody is an error, and never half an answer.
//
// # What it says
//
// Errors name the host and the reason, never the path or the query: these may hold what a person typed. ErrRefused is an
// address that this package will not talk to, ErrTooLarge a body that is too long; anything else is the network's.
//
// # What it does not do
//
// It does not retry, cache, or bound how often it is called: callers know what their service bears.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// MaxRedirects is how many redirects one exchange follows.
const MaxRedirects = 3

// The bounds of one exchange when Options says none.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMaxBody = 4 << 20
)

// maxHeader bounds what a server may say before its body, in bytes.
const maxHeader = 64 << 10

// Options says what a client may do. Its zero value talks to public addresses, within the default bounds.
type Options struct {
	Timeout  time.Duration // of a whole exchange; 0 is DefaultTimeout
	MaxBody  int64         // bytes of a body, decompressed; 0 is DefaultMaxBody
	Internal []string      // services that the operator named, "host:port": they may stand in his own network
	Resolver *net.Resolver // nil is the machine's
}

// ErrRefused says that the address is one that this program never talks to.
var ErrRefused = errors.New("address refused")

// ErrTooLarge says that the body of an answer is longer than Options.MaxBody.
var ErrTooLarge = errors.New("answer too large")

// Client asks other machines. It is safe for concurrent use and keeps connections for the next call.
type Client struct {
	http    *http.Client
	maxBody int64
}

// Answer is what a server said, whatever the status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// New returns a client.
func New(o Options) *Client {
	return newClient(o, judge)
}

// newClient lets tests stand beside the judge.
func newClient(o Options, control func(internal bool, address string) error) *Client {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	internal := make([]string, 0, len(o.Internal))
	for _, named := range o.Internal {
		internal = append(internal, strings.ToLower(named))
	}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		named := slices.Contains(internal, strings.ToLower(address))
		d := net.Dialer{
			Timeout: o.Timeout, Resolver: o.Resolver,
			ControlContext: func(_ context.Context, _, resolved string, _ syscall.RawConn) error { return control(named, resolved) },
		}
		return d.DialContext(ctx, network, address)
	}
	return &Client{
		maxBody: o.MaxBody,
		http: &http.Client{
			Timeout: o.Timeout, CheckRedirect: checkRedirect,
			Transport: &http.Transport{
				DialContext: dial, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, MaxConnsPerHost: 16, IdleConnTimeout: time.Minute,
				TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: maxHeader,
			},
		},
	}
}

// HostPort is how Options.Internal names the service of an http or https address; "" when the address is no such one.
func HostPort(address string) string {
	u, err := url.Parse(address)
	if err != nil || check(u) != nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// Transport is the same door for a library that makes its own requests: it dials where c may, follows no redirect, and
// leaves the bound of an answer to whoever reads it.
func (c *Client) Transport() http.RoundTripper { return c.http.Transport }

// Library is the same door for a library that wants a client of net/http: no redirect is followed, an exchange lasts as
// long as c lets it, and a body that is too long ends with ErrTooLarge.
func (c *Client) Library() *http.Client {
	return &http.Client{
		Timeout: c.http.Timeout, Transport: bounded{c.http.Transport, c.maxBody},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded is a transport whose bodies are bounded.
type bounded struct {
	inner http.RoundTripper
	most  int64
}

// RoundTrip refuses an address by its form, as Do does.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := check(req.URL); err != nil {
		return nil, err
	}
	res, err := b.inner.RoundTrip(req)
	if err == nil {
		res.Body = &boundedBody{res.Body, b.most}
	}
	return res, err
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

// Read reports ErrTooLarge once more came than may.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, ErrTooLarge
	}
	return n, err
}

// Get asks for an address.
func (c *Client) Get(ctx context.Context, address string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: it cannot be read", ErrRefused) // the parser's own words show the address
	}
	return c.Do(req)
}

// Do sends a request and reads the whole answer.
func (c *Client) Do(req *http.Request) (Answer, error) {
	if err := check(req.URL); err != nil {
		return Answer{}, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, discreet(req.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.maxBody+1))
	if err != nil {
		return Answer{}, discreet(req.URL, err)
	}
	if int64(len(body)) > c.maxBody {
		return Answer{}, fmt.Errorf("%s: %w", req.URL.Host, ErrTooLarge)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: body}, nil
}

// discreet takes the address out of an error of net/http, which would otherwise carry its query into a log.
func discreet(u *url.URL, err error) error {
	if whole, ok := errors.AsType[*url.Error](err); ok {
		err = whole.Err
	}
	return fmt.Errorf("%s: %w", u.Host, err)
}

// check refuses an address by its form.
func check(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%w: neither http nor https", ErrRefused)
	case u.User != nil:
		return fmt.Errorf("%w: it holds a name or a password", ErrRefused)
	case u.Hostname() == "":
		return fmt.Errorf("%w: it names no host", ErrRefused)
	}
	return nil
}

func checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) > MaxRedirects {
		return fmt.Errorf("%w: more than %d redirects", ErrRefused, MaxRedirects)
	}
	if before[len(before)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return fmt.Errorf("%w: redirect from https to http", ErrRefused)
	}
	next.Header.Del("Referer")
	return check(next.URL)
}

// judge decides on the address that a socket is about to connect to.
func judge(internal bool, resolved string) error {
	at, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return fmt.Errorf("%w: %q is no address of a machine", ErrRefused, resolved)
	}
	if a := at.Addr(); public(a) || internal && ownNetwork(a) {
		return nil
	}
	return fmt.Errorf("%w: not on the public network", ErrRefused)
}

// special are the ranges that are not on the public network although they look so: IANA special-purpose registries of
// IPv4 and, inside the global unicast of IPv6, of IPv6.
var special = prefixes(
	"0.0.0.0/8",       // this network (RFC 791)
	"10.0.0.0/8",      // private (RFC 1918)
	"100.64.0.0/10",   // shared by a provider's subscribers (RFC 6598)
	"127.0.0.0/8",     // loopback (RFC 1122)
	"169.254.0.0/16",  // link-local (RFC 3927): where clouds keep their secrets
	"172.16.0.0/12",   // private (RFC 1918)
	"192.0.0.0/24",    // protocol assignments (RFC 6890)
	"192.0.2.0/24",    // documentation (RFC 5737)
	"192.31.196.0/24", // AS112 (RFC 7535)
	"192.52.193.0/24", // AMT (RFC 7450)
	"192.88.99.0/24",  // 6to4 relays (RFC 7526)
	"192.168.0.0/16",  // private (RFC 1918)
	"192.175.48.0/24", // AS112 (RFC 7534)
	"198.18.0.0/15",   // benchmarks (RFC 2544)
	"198.51.100.0/24", // documentation (RFC 5737)
	"203.0.113.0/24",  // documentation (RFC 5737)
	"224.0.0.0/3",     // multicast, reserved, broadcast (RFC 5771, RFC 1112, RFC 919)
	"2001::/23",       // protocol assignments, among them Teredo (RFC 4380) and ORCHID (RFC 7343)
	"2001:db8::/32",   // documentation (RFC 3849)
	"2002::/16",       // 6to4: an IPv4 address inside (RFC 3056)
	"2620:4f:8000::/48",
	"3fff::/20", // documentation (RFC 9637)
)

// globalUnicast is the part of IPv6 that is given out. What lies outside is refused whole: loopback, IPv4 in other
// coats, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), unique local, link-local, site-local, multicast, and the rest.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// own are the networks that an operator may run a service in.
var own = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(list))
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func within(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// public reports whether an address is on the public network. An IPv4 address in an IPv6 coat is not: nobody who means
// well writes it so.
func public(a netip.Addr) bool {
	return a.Zone() == "" && (a.Is4() || globalUnicast.Contains(a)) && !within(special, a)
}

// ownNetwork reports whether an address is in a network of the operator.
func ownNetwork(a netip.Addr) bool { return a.Zone() == "" && within(own, a) }
