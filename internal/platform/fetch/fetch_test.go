package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// trap is a server of this machine that counts who reaches it.
func trap(t *testing.T) (url string, hits *atomic.Int64) {
	t.Helper()
	hits = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		fmt.Fprint(w, "secret")
	}))
	t.Cleanup(s.Close)
	return s.URL, hits
}

// port of an address that HostPort can read.
func port(t *testing.T, url string) string {
	t.Helper()
	_, p, err := net.SplitHostPort(HostPort(url))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// names is a name server of this machine. Each name has answers that it gives one after the other, the last for ever.
type names struct {
	mu      sync.Mutex
	answers map[string][]string
}

func (n *names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply, err := n.reply(buf[:size]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	var d net.Dialer
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (n *names) reply(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil, errors.New("no question")
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	for _, a := range n.next(strings.TrimSuffix(q.Name.String(), "."), q.Type) {
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		addr := netip.MustParseAddr(a)
		switch {
		case q.Type == dnsmessage.TypeA && addr.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: addr.As4()}})
		case q.Type == dnsmessage.TypeAAAA && addr.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
		}
	}
	return m.Pack()
}

// next gives the answer to a question on IPv4 addresses and moves on; a question on IPv6 sees the same answer.
func (n *names) next(name string, kind dnsmessage.Type) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	name = strings.ToLower(name)
	list := n.answers[name]
	if len(list) == 0 {
		return nil
	}
	if kind == dnsmessage.TypeA && len(list) > 1 {
		n.answers[name] = list[1:]
	}
	return strings.Split(list[0], " ")
}

// Every way to write an address of this machine or of its networks, and no request arrives.
func TestInternalAddressesAreRefused(t *testing.T) {
	url, hits := trap(t)
	p := port(t, url)
	dns := &names{answers: map[string][]string{
		"rebind.example": {"127.0.0.1"}, "private.example": {"10.1.2.3"}, "both.example": {"127.0.0.1 192.168.0.1"},
		"six.example": {"::1"}, "mapped.example": {"::ffff:127.0.0.1"}, "metadata.example": {"169.254.169.254"},
		"localhost": {"127.0.0.1"}, "0x7f000001": {"127.0.0.1"}, "0x7f.1": {"127.0.0.1"},
	}}
	c := New(Options{Timeout: 2 * time.Second, Resolver: dns.resolver(t)})
	for _, host := range []string{
		"127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "localhost", "LOCALHOST", "localhost.",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
		"[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:db8::1]",
		"[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]",
		"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "192.0.0.1",
		"198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"0x7f000001", "0x7f.1",
		"rebind.example", "private.example", "both.example", "six.example", "mapped.example", "metadata.example",
	} {
		t.Run(host, func(t *testing.T) {
			_, err := c.Get(t.Context(), "http://"+host+":"+p+"/latest/meta-data?mot=secret")
			if !errors.Is(err, ErrRefused) {
				t.Errorf("%v, want refused", err)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "meta-data") {
				t.Errorf("the error shows the address: %v", err)
			}
		})
	}
	for _, host := range []string{"2130706433", "017700000001", "127.1", "127.0.1"} { // no name to Go, an address to other resolvers
		if _, err := c.Get(t.Context(), "http://"+host+":"+p); err == nil {
			t.Errorf("%s answered", host)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests arrived", hits.Load())
	}
}

func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		address          string
		public, internal bool
	}{
		{"8.8.8.8", true, true},
		{"193.52.0.1", true, true},
		{"172.15.255.255", true, true},
		{"172.32.0.1", true, true},
		{"100.63.255.255", true, true},
		{"100.128.0.1", true, true},
		{"192.0.1.1", true, true},
		{"2a01:e0a::1", true, true},
		{"2606:4700::1111", true, true},
		{"127.0.0.1", false, true},
		{"::1", false, true},
		{"10.255.255.255", false, true},
		{"172.16.0.1", false, true},
		{"192.168.0.1", false, true},
		{"100.64.0.1", false, true},
		{"fd00::1", false, true},
		{"0.0.0.0", false, false},
		{"::", false, false},
		{"169.254.169.254", false, false},
		{"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"fd00::1%eth0", false, false},
		{"2a01:e0a::1%eth0", false, false},
		{"224.0.0.251", false, false},
		{"ff02::fb", false, false},
		{"255.255.255.255", false, false},
		{"::ffff:8.8.8.8", false, false},
		{"::ffff:10.0.0.1", false, false},
		{"::10.0.0.1", false, false},
		{"64:ff9b::8.8.8.8", false, false},
		{"64:ff9b::a00:1", false, false},
		{"2002:808:808::1", false, false},
		{"2001::1", false, false},
		{"2001:db8::1", false, false},
		{"3fff::1", false, false},
	} {
		at := net.JoinHostPort(tc.address, "80")
		if got := judge(false, at) == nil; got != tc.public {
			t.Errorf("judge(%s) lets through: %v, want %v", tc.address, got, tc.public)
		}
		if got := judge(true, at) == nil; got != tc.internal {
			t.Errorf("judge(%s) of a named service lets through: %v, want %v", tc.address, got, tc.internal)
		}
	}
	if judge(true, "nonsense") == nil {
		t.Error("what is no address was let through")
	}
}

func TestFormsAreRefused(t *testing.T) {
	url, hits := trap(t)
	named := New(Options{Internal: []string{HostPort(url)}})
	for _, address := range []string{
		"ftp://exemple.example/", "file:///etc/passwd", "gopher://exemple.example/", "//exemple.example/", "exemple.example", "", "http://", "http:///x", "http://%zz/",
		strings.Replace(url, "http://", "http://nom:secret@", 1), strings.Replace(url, "http://", "http://nom@", 1),
	} {
		_, err := named.Get(t.Context(), address)
		if !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Get(%q) = %v, want refused without its words", address, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests arrived", hits.Load())
	}
}

// A service that the operator named is reached by its name and port, and opens no other door.
func TestNamedServices(t *testing.T) {
	url, hits := trap(t)
	other, otherHits := trap(t)
	dns := &names{answers: map[string][]string{"geocodeur.example": {"127.0.0.1"}, "metadata.example": {"169.254.169.254"}, "ailleurs.example": {"127.0.0.1"}}}
	named := "http://geocodeur.example:" + port(t, url)
	c := New(Options{Timeout: 2 * time.Second, Resolver: dns.resolver(t), Internal: []string{HostPort(named), HostPort("http://metadata.example"), HostPort(url)}})
	for _, address := range []string{named + "/search?q=x", strings.ToUpper(named[:12]) + named[12:], url} {
		if a, err := c.Get(t.Context(), address); err != nil || a.Status != http.StatusOK || string(a.Body) != "secret" {
			t.Errorf("Get(%s) = %d, %v", address, a.Status, err)
		}
	}
	if hits.Load() != 3 {
		t.Errorf("%d requests arrived, want 3", hits.Load())
	}
	for _, address := range []string{
		other, "http://geocodeur.example:" + port(t, other), "http://ailleurs.example:" + port(t, url), "http://localhost:" + port(t, url), "http://metadata.example/",
	} {
		if _, err := c.Get(t.Context(), address); !errors.Is(err, ErrRefused) {
			t.Errorf("Get(%s) = %v, want refused", address, err)
		}
	}
	if otherHits.Load() != 0 || hits.Load() != 3 {
		t.Errorf("%d and %d requests arrived", otherHits.Load(), hits.Load())
	}
}

func TestRedirects(t *testing.T) {
	secret, hits := trap(t)
	var referer string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inside", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, secret, http.StatusFound) })
	mux.HandleFunc("GET /metadata", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("GET /mapped", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://[::ffff:127.0.0.1]:"+port(t, secret)+"/", http.StatusFound)
	})
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	mux.HandleFunc("GET /user", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://nom:mot@"+r.Host+"/end", http.StatusFound)
	})
	mux.HandleFunc("GET /again/{n}", func(w http.ResponseWriter, r *http.Request) {
		n := r.PathValue("n")
		if n == "" || n == "0" {
			http.Redirect(w, r, "/end", http.StatusFound)
			return
		}
		http.Redirect(w, r, "/again/"+string(n[0]-1), http.StatusFound)
	})
	mux.HandleFunc("GET /end", func(w http.ResponseWriter, r *http.Request) {
		referer = r.Header.Get("Referer")
		fmt.Fprint(w, "fin")
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	c := New(Options{Internal: []string{HostPort(server.URL)}})
	for _, path := range []string{"/inside", "/metadata", "/mapped", "/file", "/user", "/again/3"} {
		if _, err := c.Get(t.Context(), server.URL+path+"?q=secret"); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "q=secret") {
			t.Errorf("%s: %v, want refused", path, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests arrived inside", hits.Load())
	}
	a, err := c.Get(t.Context(), server.URL+"/again/2?q=secret")
	if err != nil || string(a.Body) != "fin" || referer != "" {
		t.Errorf("%q, %v, told %q", a.Body, err, referer)
	}
}

func TestRedirectToPlainHTTPIsRefused(t *testing.T) {
	plain, hits := trap(t)
	server := httptest.NewTLSServer(http.RedirectHandler(plain, http.StatusFound))
	defer server.Close()
	c := New(Options{Internal: []string{HostPort(server.URL), HostPort(plain)}})
	c.http.Transport.(*http.Transport).TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	if _, err := c.Get(t.Context(), server.URL); !errors.Is(err, ErrRefused) || hits.Load() != 0 {
		t.Errorf("%v, %d requests arrived", err, hits.Load())
	}
}

// The name answers a public address first and this machine afterwards: what counts is where the socket goes. Nothing is
// really dialled outside: beside the judge stands one that stops what he lets through.
func TestNameThatChangesItsMind(t *testing.T) {
	url, hits := trap(t)
	dns := &names{answers: map[string][]string{"change.example": {"192.0.1.1", "127.0.0.1", "192.0.1.1", "10.0.0.1"}}}
	errStopped := errors.New("stopped by the test")
	var mu sync.Mutex
	var let []string
	c := newClient(Options{Timeout: 2 * time.Second, Resolver: dns.resolver(t)}, func(internal bool, address string) error {
		if err := judge(internal, address); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		let = append(let, address)
		return errStopped
	})
	for i, want := range []error{errStopped, ErrRefused, errStopped, ErrRefused} {
		if _, err := c.Get(t.Context(), "http://change.example:"+port(t, url)); !errors.Is(err, want) {
			t.Errorf("call %d: %v, want %v", i+1, err, want)
		}
	}
	if hits.Load() != 0 || strings.Join(let, " ") != "192.0.1.1:"+port(t, url)+" 192.0.1.1:"+port(t, url) {
		t.Errorf("%d requests arrived, let through %v", hits.Load(), let)
	}
}

func TestBounds(t *testing.T) {
	release := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /long", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("a", 1001)) })
	mux.HandleFunc("GET /fits", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("a", 1000)) })
	mux.HandleFunc("GET /bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 100 {
			_, _ = z.Write(make([]byte, 1<<16))
		}
		_ = z.Close()
	})
	mux.HandleFunc("GET /header", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("a", 2*maxHeader)) })
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) { <-release })
	mux.HandleFunc("GET /drip", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "a")
		w.(http.Flusher).Flush()
		<-release
	})
	mux.HandleFunc("GET /gone", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	defer close(release)
	named := []string{HostPort(server.URL)}
	c := New(Options{MaxBody: 1000, Internal: named})
	hasty := New(Options{Timeout: 200 * time.Millisecond, Internal: named})
	get := func(path string) (Answer, error) {
		if path == "/slow" || path == "/drip" {
			return hasty.Get(t.Context(), server.URL+path+"?q=secret")
		}
		return c.Get(t.Context(), server.URL+path+"?q=secret")
	}
	for path, want := range map[string]error{"/long": ErrTooLarge, "/bomb": ErrTooLarge, "/slow": context.DeadlineExceeded, "/drip": context.DeadlineExceeded} {
		begin := time.Now()
		a, err := get(path)
		if !errors.Is(err, want) || len(a.Body) != 0 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %d bytes, %v, want %v", path, len(a.Body), err, want)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %s", path, took)
		}
	}
	for path, want := range map[string]error{"/long": ErrTooLarge, "/bomb": ErrTooLarge, "/fits": nil} { // a library is bounded alike
		res, err := c.Library().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = io.ReadAll(res.Body); !errors.Is(err, want) {
			t.Errorf("a library reads %s: %v, want %v", path, err, want)
		}
		_ = res.Body.Close()
	}
	if res, err := New(Options{}).Library().Get(server.URL + "/fits"); !errors.Is(err, ErrRefused) {
		if err == nil {
			_ = res.Body.Close()
		}
		t.Errorf("a library goes inside: %v", err)
	}
	if _, err := get("/header"); err == nil {
		t.Error("an endless header was read")
	}
	if a, err := get("/fits"); err != nil || len(a.Body) != 1000 {
		t.Errorf("%d bytes, %v", len(a.Body), err)
	}
	if a, err := get("/gone"); err != nil || a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "5" {
		t.Errorf("%d %q, %v", a.Status, a.Header.Get("Retry-After"), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, server.URL+"/fits"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The environment's proxy would be judged in the place of where one goes.
func TestProxyOfTheEnvironmentIsIgnored(t *testing.T) {
	url, hits := trap(t)
	t.Setenv("HTTP_PROXY", url)
	t.Setenv("http_proxy", url)
	if _, err := New(Options{Internal: []string{HostPort(url)}, Timeout: time.Second}).Get(t.Context(), "http://10.0.0.1/"); !errors.Is(err, ErrRefused) || hits.Load() != 0 {
		t.Errorf("%v, %d requests to the proxy", err, hits.Load())
	}
}

func TestHostPort(t *testing.T) {
	for in, want := range map[string]string{
		"http://geocodeur.example/x": "geocodeur.example:80", "https://geocodeur.example": "geocodeur.example:443", "https://g.example:7878/search": "g.example:7878",
		"http://[::1]:80": "[::1]:80", "ftp://x.example": "", "http://nom@x.example": "", "": "", "http://%zz": "",
	} {
		if got := HostPort(in); got != want {
			t.Errorf("HostPort(%q) = %q, want %q", in, got, want)
		}
	}
}
