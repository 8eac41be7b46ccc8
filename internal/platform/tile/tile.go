// Package tile hands out the squares of a map that another server draws, so that a visitor's browser asks this site alone
// and the other server never learns who looks at what.
//
// # What it asks
//
// The one server that the operator named, through package fetch and under its refusals: redirects to the inside, names
// that change their mind, slow and endless answers. A server of the operator's own network is reached where it is named by
// its address, as localhost, or by a name that the public network cannot have (no dot, or .internal, .local, .lan,
// .home.arpa); any other name must lead to a public address, whatever it said before. A square is asked for once, however
// many wait for it, by so many requests at a time, and a client may cause so many.
//
// # What it takes
//
// A PNG, a JPEG or a WebP of MaxSize bytes and MaxSide pixels at most, known by its content and not by what the server
// says of it; nothing that could hold a script.
//
// # What it keeps
//
// In memory, MaxKept bytes at most, each square as long as its server allows (a day where it says nothing, a week at most);
// what must not be stored is not. A failure is remembered for a moment, so that a server in trouble is left alone. Squares
// are about places and never about people: neither addresses nor positions are logged.
//
// # What it answers
//
// Always an image: an empty one where there is none to show.
package tile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // known by its content
	"image/png"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"viaduc/internal/platform/fetch"
	"viaduc/internal/platform/httpx"
)

// The bounds of what is taken and kept.
const (
	MaxSize = 200 << 10 // bytes of a square
	MaxSide = 1024      // pixels
	MaxKept = 16 << 20  // bytes of all of them
	MaxZoom = 19
)

const (
	answerTime = 4 * time.Second // of one square
	abreast    = 8               // asked at a time
	silence    = 20 * time.Second
	unsaid     = 24 * time.Hour     // how long a square is kept whose server says nothing
	longest    = 7 * 24 * time.Hour // whatever it says
	burst      = 300                // squares that a client may have fetched at once: some screens of a large desk
	every      = 100 * time.Millisecond
)

// ErrTemplate says that an address cannot be one of squares: it is none of http or https, it holds a password, or it lacks
// {z}, {x} or {y}.
var ErrTemplate = errors.New("not the address of a tile server")

// Check reports ErrTemplate for a template that New would refuse.
func Check(template string) error {
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if strings.Count(template, part) != 1 {
			return ErrTemplate
		}
	}
	at := filled(template, spot{})
	u, err := url.Parse(at)
	if err != nil || fetch.HostPort(at) == "" || strings.Contains(template[:strings.Index(template, "://")+3+len(u.Host)], "{") {
		return ErrTemplate
	}
	return nil
}

// Options is what a Proxy needs. Template, Now and Log are needed.
type Options struct {
	Template string // "https://host/path/{z}/{x}/{y}.png"; it may hold a key
	Agent    string // who asks: servers of maps want to know
	Now      func() time.Time
	Log      *slog.Logger
	Resolver *net.Resolver // nil is the machine's
}

// Proxy serves squares. It is safe for concurrent use.
type Proxy struct {
	template, agent string
	host            string
	client          *fetch.Client
	limiter         *httpx.Limiter
	now             func() time.Time
	log             *slog.Logger
	asking          singleflight.Group
	room            chan struct{}

	mu   sync.Mutex
	kept cache
}

// New returns a proxy. It reports ErrTemplate.
func New(o Options) (*Proxy, error) {
	if err := Check(o.Template); err != nil {
		return nil, err
	}
	host := fetch.HostPort(filled(o.Template, spot{}))
	var internal []string
	if ofOwnNetwork(host) {
		internal = []string{host}
	}
	return &Proxy{
		template: o.Template, agent: o.Agent, host: host, now: o.Now, log: o.Log, limiter: httpx.NewLimiter(burst, every, o.Now),
		client: fetch.New(fetch.Options{Timeout: answerTime, MaxBody: MaxSize, Internal: internal, Resolver: o.Resolver}),
		room:   make(chan struct{}, abreast), kept: newCache(MaxKept),
	}, nil
}

// ofOwnNetwork reports whether a host, "name:port", is named in a way that only the operator's own network understands.
func ofOwnNetwork(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".internal", ".local", ".lan", ".home.arpa"} {
		if strings.HasSuffix(strings.ToLower(host), end) {
			return true
		}
	}
	return false
}

// spot is the place of a square: at zoom z the world is 2^z squares wide.
type spot struct{ z, x, y int }

// spotOf reads the place of a square as addresses write it, in one way only.
func spotOf(z, x, y string) (s spot, ok bool) {
	for i, into := range []*int{&s.z, &s.x, &s.y} {
		text := []string{z, x, y}[i]
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || strconv.Itoa(n) != text {
			return spot{}, false
		}
		*into = n
	}
	return s, s.z <= MaxZoom && s.x < 1<<s.z && s.y < 1<<s.z
}

func filled(template string, s spot) string {
	return strings.NewReplacer("{z}", strconv.Itoa(s.z), "{x}", strconv.Itoa(s.x), "{y}", strconv.Itoa(s.y)).Replace(template)
}

// ServeHTTP serves the square of the path values z, x and y.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, ok := spotOf(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	if !ok {
		p.answer(w, r, http.StatusNotFound, empty)
		return
	}
	if t, held := p.held(s); held {
		p.answer(w, r, http.StatusOK, t)
		return
	}
	if !p.limiter.Allow(httpx.Client(r)) {
		p.answer(w, r, http.StatusTooManyRequests, empty)
		return
	}
	ctx := context.WithoutCancel(r.Context()) // others wait for it too
	found := p.asking.DoChan(fmt.Sprint(s), func() (any, error) { return p.ask(ctx, s), nil })
	select {
	case res := <-found:
		p.answer(w, r, http.StatusOK, res.Val.(square))
	case <-r.Context().Done():
	}
}

func (p *Proxy) held(s spot) (square, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept.take(s, p.now())
}

// ask fetches a square and keeps it; an empty one where it cannot be had.
func (p *Proxy) ask(ctx context.Context, s spot) square {
	if t, held := p.held(s); held {
		return t // it came while this caller waited for its turn
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	t, err := p.fetch(ctx, s)
	if err != nil {
		p.log.Warn("no map square", "host", p.host, "error", err)
		t = square{kind: empty.kind, body: empty.body, until: p.now().Add(silence), failed: true}
	}
	if t.until.After(p.now()) {
		p.mu.Lock()
		p.kept.put(s, t)
		p.mu.Unlock()
	}
	return t
}

func (p *Proxy) fetch(ctx context.Context, s spot) (square, error) {
	select {
	case p.room <- struct{}{}:
		defer func() { <-p.room }()
	case <-ctx.Done():
		return square{}, ctx.Err()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, filled(p.template, s), http.NoBody)
	if err != nil {
		return square{}, ErrTemplate // the parser's own words show the address
	}
	req.Header.Set("User-Agent", p.agent)
	req.Header.Set("Accept", "image/webp,image/png,image/jpeg")
	a, err := p.client.Do(req)
	if err != nil {
		return square{}, err
	}
	if a.Status != http.StatusOK {
		return square{}, fmt.Errorf("status %d", a.Status)
	}
	kind, err := kindOf(a.Body)
	if err != nil {
		return square{}, err
	}
	return square{kind: kind, body: a.Body, until: p.now().Add(lifetime(a.Header, p.now()))}, nil
}

// answer sends a square. Browsers keep it as long as we may.
func (p *Proxy) answer(w http.ResponseWriter, r *http.Request, status int, t square) {
	h := w.Header()
	h.Set("Content-Type", t.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", strconv.Itoa(len(t.body)))
	h.Set("Cache-Control", "no-store")
	if left := int(t.until.Sub(p.now()).Seconds()); left > 0 && !t.failed {
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(left))
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(t.body) // the reader left
	}
}

// errKind says that an answer is none of the images that are taken.
var errKind = errors.New("not an image of a map square")

// kindOf is the media type of an image, by its content.
func kindOf(body []byte) (string, error) {
	kind := http.DetectContentType(body)
	var wide, high int
	switch kind {
	case "image/png", "image/jpeg":
		c, _, err := image.DecodeConfig(bytes.NewReader(body))
		if err != nil {
			return "", errKind
		}
		wide, high = c.Width, c.Height
	case "image/webp":
		wide, high = webpSize(body)
	default:
		return "", errKind
	}
	if wide < 1 || high < 1 || wide > MaxSide || high > MaxSide {
		return "", errKind
	}
	return kind, nil
}

// webpSize reads the size of a WebP image from its first chunk (RFC 9649); 0 where it has none.
func webpSize(b []byte) (wide, high int) {
	if len(b) < 30 {
		return 0, 0
	}
	switch string(b[12:16]) {
	case "VP8 ":
		return int(b[26]) | int(b[27]&0x3f)<<8, int(b[28]) | int(b[29]&0x3f)<<8
	case "VP8L":
		n := uint32(b[21]) | uint32(b[22])<<8 | uint32(b[23])<<16 | uint32(b[24])<<24
		return int(n&0x3fff) + 1, int(n>>14&0x3fff) + 1
	case "VP8X":
		return 1 + int(b[24]) + int(b[25])<<8 + int(b[26])<<16, 1 + int(b[27]) + int(b[28])<<8 + int(b[29])<<16
	}
	return 0, 0
}

// lifetime is how long a server lets its answer be kept.
func lifetime(h http.Header, now time.Time) time.Duration {
	said := unsaid
	if text := h.Get("Expires"); text != "" {
		at, err := http.ParseTime(text)
		if said = at.Sub(now); err != nil {
			said = 0 // "0" and the like mean "already"
		}
	}
	shared := false
	for _, part := range strings.Split(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), "=")
		seconds, err := strconv.Atoi(strings.Trim(value, `"`))
		switch {
		case name == "no-store", name == "private", name == "no-cache":
			return 0
		case name == "s-maxage" && err == nil:
			said, shared = time.Duration(min(seconds, int(longest.Seconds())))*time.Second, true
		case name == "max-age" && err == nil && !shared:
			said = time.Duration(min(seconds, int(longest.Seconds()))) * time.Second
		}
	}
	if age, err := strconv.Atoi(h.Get("Age")); err == nil && age > 0 {
		said -= time.Duration(min(age, int(longest.Seconds()))) * time.Second
	}
	return min(max(said, 0), longest)
}

// empty is an image that shows nothing.
var empty = func() square {
	img := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	img.Set(0, 0, color.Transparent)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer takes everything
	}
	return square{kind: "image/png", body: b.Bytes(), failed: true}
}()
