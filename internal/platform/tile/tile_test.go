package tile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"log/slog"
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

	"viaduc/internal/testkit"
)

// picture is an image of a side of so many pixels.
func picture(t testing.TB, kind string, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, side, side))
	err := png.Encode(&b, img)
	if kind == "jpeg" {
		b.Reset()
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG of few bytes that says it is of 60,000 pixels a side.
func bomb(t testing.TB) []byte {
	b := picture(t, "png", 8)
	binary.BigEndian.PutUint32(b[16:], 60_000)
	binary.BigEndian.PutUint32(b[20:], 60_000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	if c, err := png.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != 60_000 {
		t.Fatal(err)
	}
	return b
}

// webp is the head of a WebP image of a side of so many pixels.
func webp(side int) []byte {
	b := append([]byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00"), byte(side-1), byte((side-1)>>8), byte((side-1)>>16), byte(side-1), byte((side-1)>>8), byte((side-1)>>16))
	return append(b, make([]byte, 20)...)
}

// stand is a tile server of this machine.
type stand struct {
	url  string
	hits atomic.Int64
}

func newStand(t testing.TB, serve http.HandlerFunc) *stand {
	t.Helper()
	s := &stand{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		serve(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// asked is a proxy, its clock, what it logs, and how to ask it.
type asked struct {
	*Proxy
	clock *testkit.Clock
	log   *bytes.Buffer
}

func newAsked(t testing.TB, o Options) *asked {
	t.Helper()
	a := &asked{clock: testkit.NewClock(t, "2026-05-04 09:30"), log: &bytes.Buffer{}}
	o.Now, o.Log = a.clock.Now, slog.New(slog.NewTextHandler(a.log, nil))
	var err error
	if a.Proxy, err = New(o); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *asked) get(path string, from ...string) *http.Response {
	mux := http.NewServeMux()
	mux.Handle("GET /tuiles/{z}/{x}/{y}", a.Proxy)
	r := httptest.NewRequest(http.MethodGet, "/tuiles/"+path, http.NoBody)
	r.RemoteAddr = "203.0.113.9:1234"
	if len(from) > 0 {
		r.RemoteAddr = from[0] + ":1234"
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, res *http.Response) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSquareIsAskedOnceAndKept(t *testing.T) {
	drawn := picture(t, "png", 256)
	release := make(chan struct{})
	s := newStand(t, func(w http.ResponseWriter, r *http.Request) {
		<-release
		if r.URL.Path != "/carte/7/63/45.png" || r.URL.Query().Get("clef") != "secret" || !strings.HasPrefix(r.Header.Get("User-Agent"), "Viaduc") || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("asked for %s as %q", r.URL, r.Header)
		}
		w.Header().Set("Content-Type", "text/html") // what it says does not count
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(drawn)
	})
	a := newAsked(t, Options{Template: s.url + "/carte/{z}/{x}/{y}.png?clef=secret", Agent: "Viaduc/1 (https://exemple.example)"})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			res := a.get("7/63/45", fmt.Sprintf("198.51.100.%d", i))
			if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/png" || res.Header.Get("Set-Cookie") != "" || !bytes.Equal(body(t, res), drawn) {
				t.Errorf("%d, %q", res.StatusCode, res.Header)
			}
		})
	}
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	all.Wait()
	if got := a.get("7/63/45").Header.Get("Cache-Control"); got != "public, max-age=3600" {
		t.Errorf("told to be kept: %q", got)
	}
	a.clock.Move(59 * time.Minute)
	if got := a.get("7/63/45").Header.Get("Cache-Control"); got != "public, max-age=60" || s.hits.Load() != 1 {
		t.Errorf("an hour less a minute later: %q, asked %d times", got, s.hits.Load())
	}
	a.clock.Move(2 * time.Minute)
	if a.get("7/63/45"); s.hits.Load() != 2 {
		t.Errorf("past its time: asked %d times", s.hits.Load())
	}
	if a.log.Len() > 0 {
		t.Errorf("logged: %s", a.log)
	}
}

// Whatever goes wrong over there, the visitor gets an empty image, nothing of it is kept for long, and nothing is asked of
// the inside.
func TestWhatIsRefused(t *testing.T) {
	inside := newStand(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(picture(t, "png", 8)) })
	release := make(chan struct{})
	var serve atomic.Pointer[http.HandlerFunc] // a request that was given up may still be read while the next case begins
	s := newStand(t, func(w http.ResponseWriter, r *http.Request) { (*serve.Load())(w, r) })
	defer close(release)
	send := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(b)
		}
	}
	big := append(picture(t, "png", 64), make([]byte, MaxSize)...)
	for name, bad := range map[string]http.HandlerFunc{
		"redirect to this machine":     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.url, http.StatusFound) },
		"redirect to a cloud's secret": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://169.254.169.254/", 302) },
		"redirect to another network":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://10.0.0.1/", 302) },
		"redirect to a file":           func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "file:///etc/passwd", 302) },
		"redirect without end":         func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, 302) },
		"page":                         send([]byte("<!doctype html><script>alert(1)</script>")),
		"drawing with a script":        send([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)),
		"drawing that begins as xml":   send([]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`)),
		"gif":                          send([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;")),
		"nothing":                      send(nil),
		"begun image":                  send(picture(t, "png", 64)[:20]),
		"image of too many bytes":      send(big),
		"image of too many pixels":     send(picture(t, "png", MaxSide+1)),
		"bomb":                         send(bomb(t)),
		"photo of too many pixels":     send(picture(t, "jpeg", MaxSide+1)),
		"webp of too many pixels":      send(webp(MaxSide + 1)),
		"webp without a size":          send([]byte("RIFF\x20\x00\x00\x00WEBPVP8 ")),
		"refusal": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write(picture(t, "png", 8))
		},
		"failure": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"cut answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = w.Write(picture(t, "png", 8))
		},
		"silence": func(http.ResponseWriter, *http.Request) { <-release },
	} {
		t.Run(name, func(t *testing.T) {
			serve.Store(&bad)
			a := newAsked(t, Options{Template: s.url + "/{z}/{x}/{y}?clef=secret"})
			begin := time.Now()
			res := a.get("3/1/2")
			if kind, err := kindOf(body(t, res)); res.StatusCode != http.StatusOK || kind != "image/png" || err != nil || res.ContentLength > 200 || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d, %s, %v, %q", res.StatusCode, kind, err, res.Header)
			}
			if took := time.Since(begin); took > answerTime+2*time.Second {
				t.Errorf("took %s", took)
			}
			if strings.Contains(a.log.String(), "secret") || !strings.Contains(a.log.String(), "no map square") {
				t.Errorf("logged: %s", a.log)
			}
			before := s.hits.Load()
			if a.get("3/1/2"); s.hits.Load() != before {
				t.Error("asked again at once")
			}
			good := send(picture(t, "jpeg", MaxSide))
			serve.Store(&good)
			a.clock.Move(silence + time.Second)
			if res := a.get("3/1/2"); res.Header.Get("Content-Type") != "image/jpeg" {
				t.Errorf("a moment later: %q", res.Header)
			}
		})
	}
	if inside.hits.Load() > 0 {
		t.Errorf("%d requests arrived inside", inside.hits.Load())
	}
}

// A server of a public name must stand on the public network, each time.
func TestNameThatLeadsInside(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(picture(t, "png", 8)) })
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	names := resolver(t)
	for host, reached := range map[string]bool{"tuiles.exemple.example": false, "tuiles.exemple.internal": true, "tuiles": true} {
		a := newAsked(t, Options{Template: "http://" + host + ":" + port + "/{z}/{x}/{y}.png", Resolver: names})
		before := s.hits.Load()
		res := a.get("1/1/1")
		if got := s.hits.Load() > before; got != reached || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: reached %v, %d; %s", host, got, res.StatusCode, a.log)
		}
	}
}

// resolver says of every name that it is this machine.
func resolver(t *testing.T) *net.Resolver {
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
			var m dnsmessage.Message
			if m.Unpack(buf[:size]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: netip.MustParseAddr("127.0.0.1").As4()}})
			}
			if reply, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	var d net.Dialer
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestPlacesOfSquares(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(picture(t, "png", 8)) })
	a := newAsked(t, Options{Template: s.url + "/{z}/{x}/{y}.png"})
	for path, ok := range map[string]bool{
		"0/0/0": true, "1/1/1": true, "19/524287/524287": true, "0/0/1": false, "1/2/0": false, "1/0/2": false, "20/0/0": false, "-1/0/0": false,
		"1/-1/0": false, "01/0/0": false, "1/+1/0": false, "1/0/0.png": false, "1/a/0": false, "9999999999999999999/0/0": false, "1/%2e%2e/0": false, "1/1e0/0": false,
	} {
		before := s.hits.Load()
		if res := a.get(path); (res.StatusCode == http.StatusOK) != ok || (s.hits.Load() > before) != ok || res.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %d, asked %v", path, res.StatusCode, s.hits.Load() > before)
		}
	}
}

// One client has so many squares fetched; what is kept costs nobody anything.
func TestClientsAreBounded(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(webp(256)) })
	a := newAsked(t, Options{Template: s.url + "/{z}/{x}/{y}.png"})
	refused := 0
	for i := range burst + 40 {
		if a.get(fmt.Sprintf("12/%d/7", i)).StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 40 || s.hits.Load() != burst {
		t.Errorf("%d refused, %d asked", refused, s.hits.Load())
	}
	if res := a.get("12/0/7"); res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/webp" {
		t.Errorf("a kept square: %d", res.StatusCode)
	}
	if res := a.get(fmt.Sprintf("12/%d/7", burst), "198.51.100.7"); res.StatusCode != http.StatusOK {
		t.Errorf("another client: %d", res.StatusCode)
	}
	a.clock.Move(10 * every)
	if res := a.get(fmt.Sprintf("12/%d/7", burst+30)); res.StatusCode != http.StatusOK {
		t.Errorf("a moment later: %d", res.StatusCode)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	c := newCache(10_000)
	now := time.Unix(0, 0)
	for i := range 1000 {
		c.put(spot{9, i % 300, 0}, square{body: make([]byte, 100+i), until: now.Add(time.Hour)})
		if c.held > 10_000 || len(c.bySpot) != c.recent.Len() {
			t.Fatalf("%d bytes, %d and %d squares", c.held, len(c.bySpot), c.recent.Len())
		}
		if _, ok := c.take(spot{9, i % 300, 0}, now); !ok {
			t.Fatal("the latest is gone")
		}
	}
	if _, ok := c.take(spot{9, 999 % 300, 0}, now.Add(time.Hour)); ok {
		t.Error("shown past its time")
	}
	held := 0
	for e := c.recent.Front(); e != nil; e = e.Next() {
		held += e.Value.(*entry).cost()
	}
	if held != c.held {
		t.Errorf("counts %d bytes, holds %d", c.held, held)
	}
}

func TestLifetime(t *testing.T) {
	now := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	for _, tc := range []struct {
		control, expires, age string
		want                  time.Duration
	}{
		{"", "", "", unsaid},
		{"max-age=60", "", "", time.Minute},
		{"Max-Age=60, public", now.Add(time.Hour).Format(http.TimeFormat), "", time.Minute},
		{"", now.Add(time.Hour).Format(http.TimeFormat), "", time.Hour},
		{"", now.Add(-time.Hour).Format(http.TimeFormat), "", 0},
		{"", "0", "", 0},
		{"s-maxage=120, max-age=60", "", "", 2 * time.Minute},
		{"max-age=60, s-maxage=120", "", "", 2 * time.Minute},
		{"max-age=3600", "", "600", 50 * time.Minute},
		{"max-age=3600", "", "7200", 0},
		{"max-age=99999999999999", "", "", longest},
		{"max-age=-5", "", "", 0},
		{"no-store", "", "", 0},
		{"max-age=60, private", "", "", 0},
		{"no-cache", "", "", 0},
		{"max-age=abc", "", "", unsaid},
	} {
		h := http.Header{"Cache-Control": {tc.control}, "Expires": {tc.expires}, "Age": {tc.age}}
		if got := lifetime(h, now); got != tc.want {
			t.Errorf("%q %q %q: %s, want %s", tc.control, tc.expires, tc.age, got, tc.want)
		}
	}
}

// What must not be stored is handed on, and asked for again.
func TestWhatMustNotBeStored(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(picture(t, "png", 8))
	})
	a := newAsked(t, Options{Template: s.url + "/{z}/{x}/{y}.png"})
	for range 2 {
		if res := a.get("1/0/0"); res.Header.Get("Cache-Control") != "no-store" || len(body(t, res)) == len(empty.body) {
			t.Errorf("%q", res.Header)
		}
	}
	if s.hits.Load() != 2 {
		t.Errorf("asked %d times", s.hits.Load())
	}
}

func TestTemplates(t *testing.T) {
	for template, ok := range map[string]bool{
		"https://tuiles.example/{z}/{x}/{y}.png":                   true,
		"https://tuiles.example/wmts?layer=plan&z={z}&x={x}&y={y}": true,
		"http://127.0.0.1:8081/{z}/{x}/{y}":                        true,
		"https://{z}.tuiles.example/{x}/{y}":                       false,
		"https://tuiles.example/{z}/{x}":                           false,
		"https://tuiles.example/{z}/{x}/{y}/{y}":                   false,
		"https://nom:mot@tuiles.example/{z}/{x}/{y}":               false,
		"ftp://tuiles.example/{z}/{x}/{y}":                         false,
		"tuiles.example/{z}/{x}/{y}":                               false,
		"/{z}/{x}/{y}":                                             false,
		"":                                                         false,
	} {
		if err := Check(template); (err == nil) != ok || err != nil && !errors.Is(err, ErrTemplate) {
			t.Errorf("%q: %v", template, err)
		}
	}
	if _, err := New(Options{Template: "nowhere"}); !errors.Is(err, ErrTemplate) {
		t.Errorf("New: %v", err)
	}
}

// Whatever another server sends, what is taken is one of three kinds of image, and no larger than may be.
func FuzzKindOf(f *testing.F) {
	for _, seed := range [][]byte{picture(f, "png", 8), picture(f, "jpeg", 8), bomb(f), webp(256), webp(5000), []byte("RIFF\x20\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\xff\xc0\x3f\x00"), []byte("GIF89a"), []byte("<svg>"), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, err := kindOf(b)
		if (err == nil) != (kind == "image/png" || kind == "image/jpeg" || kind == "image/webp") {
			t.Fatalf("%q, %v", kind, err)
		}
		if kind == "image/webp" {
			if w, h := webpSize(b); w < 1 || h < 1 || w > MaxSide || h > MaxSide {
				t.Fatalf("%d by %d pixels", w, h)
			}
		}
	})
}
