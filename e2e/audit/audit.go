package audit

import (
	_ "embed"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/e2e/browser"
)

//go:embed probes.js
var probes string

// axeSource reads the rules of axe-core once. They come from npm and are not
// part of the module.
var axeSource = sync.OnceValues(func() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	b, err := os.ReadFile(filepath.Join(filepath.Dir(here), "..", "node_modules", "axe-core", "axe.min.js"))
	return string(b), err
})

// quiet is how long the network must rest before the requests are counted.
const quiet = 120 * time.Millisecond

// session is one audit under way.
type session struct {
	t   testing.TB
	b   *browser.Browser
	tab *browser.Tab
	url string
	opt []browser.Option
	r   Report
}

// Page measures the page at url in fresh tabs of b. Options reach every tab:
// give [browser.Cookies] for a page behind a log-in. A page that cannot be
// opened fails t at once; a page that is merely bad does not, see
// [Report.Check].
func Page(t testing.TB, b *browser.Browser, url string, p Profile, opts ...browser.Option) Report {
	t.Helper()
	begin := time.Now()
	if _, err := axeSource(); err != nil {
		const hint = "no axe-core: run scripts/install-test-tools.sh (%v)"
		if os.Getenv("CI") != "" {
			t.Fatalf(hint, err)
		}
		t.Skipf(hint, err)
	}
	s := &session{t: t, b: b, url: url, opt: opts, r: Report{Profile: p, Name: pageName(url)}}
	s.network()
	s.desktop()
	s.zoom()
	s.mobile()
	s.dark()
	s.paper()
	s.keyboard()
	s.noScripts()
	if os.Getenv("AUDIT_SLOW") == "1" {
		s.slowLink()
	}
	s.r.Took = time.Since(begin)
	return s.r
}

func pageName(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.RequestURI()
}

// probe calls one measure of probes.js in the page.
func probe[T any](s *session, call string) T {
	s.t.Helper()
	return browser.Eval[T](s.tab, "viaducAudit."+call)
}

func (s *session) inject() {
	s.t.Helper()
	browser.Eval[any](s.tab, probes+";0")
}

// newTab opens the page in a tab of its own, past any service worker: what a
// first visit gets.
func (s *session) newTab(opts ...browser.Option) *browser.Tab {
	s.t.Helper()
	all := append([]browser.Option{browser.NoServiceWorker()}, s.opt...)
	return s.b.Tab(s.t, append(all, opts...)...)
}

// network loads the page twice, as the EcoIndex protocol asks: 1920 by 1080,
// empty cache, scrolled to the end.
func (s *session) network() {
	s.t.Helper()
	s.tab = s.newTab(browser.Viewport(1920, 1080))
	s.tab.Open(s.url)
	s.tab.WaitIdle(quiet)
	s.inject()
	probe[any](s, "scrollToEnd()")
	s.tab.WaitIdle(quiet)

	r := &s.r
	r.Status, r.URL = s.tab.Status(), s.tab.URL()
	n := &r.Network
	n.Elements = probe[int](s, "dom()")
	n.CSP = s.tab.ResponseHeader("Content-Security-Policy") != ""
	reqs := slices.DeleteFunc(s.tab.Requests(), func(q browser.Request) bool { return strings.HasSuffix(q.URL, "/favicon.ico") })
	home := origin(r.URL)
	bytes, js := 0, 0
	for _, q := range reqs {
		bytes += q.Bytes
		if q.Type == "Script" {
			js += q.Bytes
		}
		at := strings.TrimPrefix(q.URL, home)
		if o := q.Origin(); o != home && !slices.Contains(n.ThirdParty, o) {
			n.ThirdParty = append(n.ThirdParty, o)
		}
		if q.Failure != "" || q.Status >= 400 {
			n.Failed = append(n.Failed, strings.TrimSpace(fmt.Sprintf("%s %d %s", at, q.Status, q.Failure)))
		}
		if q.Header == nil || q.Type == "Redirect" {
			continue
		}
		if textual.MatchString(q.Mime) && q.Header.Get("Content-Encoding") == "" && q.Decoded > 1400 {
			n.Uncompressed = append(n.Uncompressed, at)
		}
		if lasting.MatchString(q.Type) && !longLife.MatchString(q.Header.Get("Cache-Control")) {
			n.Uncached = append(n.Uncached, at)
		}
	}
	n.Requests, n.KB = len(reqs), kilo(bytes)
	r.Scripts.KB = kilo(js)
	r.Eco = NewEcoIndex(n.Elements, n.Requests, n.KB)
	r.Source.Faults, r.Source.DuplicateIDs = CheckHTML(s.tab.SourceHTML())
	for _, code := range probe[[]string](s, "scripts()") {
		r.Scripts.ECMA = max(r.Scripts.ECMA, ECMA(code))
	}
	for _, q := range reqs {
		if q.Type == "Script" && q.Status == 200 {
			r.Scripts.ECMA = max(r.Scripts.ECMA, ECMA(s.tab.Body(q)))
		}
	}
	for _, c := range s.tab.CookieJar() {
		n.Cookies = append(n.Cookies, c.Name)
	}
	n.Storage = probe[[]string](s, "stored()")

	s.tab.Open("about:blank")
	s.tab.ForgetRequests()
	s.tab.Open(s.url)
	s.tab.WaitIdle(quiet)
	bytes = 0
	for _, q := range s.tab.Requests() {
		bytes += q.Bytes
	}
	n.RepeatKB = kilo(bytes)
	s.inject()
}

var (
	textual  = regexp.MustCompile(`html|css|javascript|json|svg|xml`)
	lasting  = regexp.MustCompile(`^(Stylesheet|Script|Font|Image)$`)
	longLife = regexp.MustCompile(`max-age=[1-9]\d{3,}|immutable`) // at least 1000 seconds
)

func origin(address string) string {
	r := browser.Request{URL: address}
	return r.Origin()
}

func kilo(bytes int) float64   { return round1(float64(bytes) / 1000) }
func round1(v float64) float64 { return math.Round(v*10) / 10 }
func except(all, known []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(known, s) })
}

// desktop reads structure, type and language at 1280 pixels and runs axe.
func (s *session) desktop() {
	s.t.Helper()
	s.tab.SetViewport(1280, 900)
	st := probe[struct {
		Structure
		Pseudo, WeakFields []string
	}](s, "structure()")
	s.r.Structure = st.Structure
	s.r.Keyboard.Pseudo, s.r.Layout.WeakFields = st.Pseudo, st.WeakFields
	s.r.Type = probe[Type](s, "type()")
	s.r.Text = probe[Language](s, "language()")
	s.r.Text.Mean = round1(s.r.Text.Mean)
	s.axe("1280 px")
}

// zoom tries large text: what is cut only then is a fault.
func (s *session) zoom() {
	s.t.Helper()
	l := &s.r.Layout
	cut := func() []string { return probe[[]string](s, "cut()") }
	atRest := cut()

	probe[any](s, "spaceText(true)")
	l.CutAtSpacing = except(cut(), atRest)
	probe[any](s, "spaceText(false)")

	s.tab.SetFontSize(32)
	if s.r.Type.Body > 0 {
		l.TextScale = math.Round(probe[Type](s, "type()").Body/s.r.Type.Body*100) / 100
	}
	l.CutAtText = except(cut(), atRest)
	s.tab.SetFontSize(16)

	s.tab.SetViewport(640, 450)
	l.Overflow640 = probe[overflow](s, "overflow()").Px
	l.CutAtZoom = except(cut(), atRest)
}

type overflow struct {
	Px  float64
	Who []string
}

func (s *session) mobile() {
	s.t.Helper()
	s.tab.SetViewport(320, 640)
	l := &s.r.Layout
	o := probe[overflow](s, "overflow()")
	l.Overflow320, l.Overflow320Who = o.Px, o.Who
	t := probe[struct {
		Count            int
		Under24, Under44 []string
	}](s, "targets()")
	l.Controls, l.Under24, l.Under44 = t.Count, t.Under24, t.Under44
	s.axe("320 px")
	s.tab.SetViewport(1280, 900)
}

func (s *session) dark() {
	s.t.Helper()
	if !probe[bool](s, "hasDark()") {
		return
	}
	s.tab.SetMedia("", true)
	s.axe("dark")
	s.tab.SetMedia("", false)
}

// axe runs the rules and adds what the runs before did not see.
func (s *session) axe(where string) {
	s.t.Helper()
	if !browser.Eval[bool](s.tab, "typeof axe === 'object'") {
		src, _ := axeSource() // read before, by Page
		browser.Eval[any](s.tab, src+";0")
	}
	a := &s.r.Axe
	for _, v := range probe[[]struct {
		Rule, Impact, Help string
		WCAG               bool
		Nodes              []string
	}](s, "axe()") {
		list := &a.Best
		switch {
		case v.Rule == "color-contrast-enhanced":
			list = &a.ContrastAAA
		case v.WCAG:
			list = &a.WCAG
		}
		for _, node := range v.Nodes {
			key := v.Rule + " " + node
			if !slices.ContainsFunc(*list, func(s string) bool { return strings.HasPrefix(s, key+" [") }) {
				*list = append(*list, fmt.Sprintf("%s [%s, %s: %s]", key, v.Impact, where, v.Help))
			}
		}
	}
}

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

func (s *session) paper() {
	s.t.Helper()
	s.tab.SetMedia("print", false)
	p := &s.r.Paper
	t := probe[Type](s, "type()")
	p.MinPt, p.MinAt = round1(t.Min*0.75), t.MinAt
	p.Menus = probe[[]string](s, "printedMenus()")
	p.Pages = len(pdfPage.FindAll(s.tab.PDF(), -1))
	s.tab.SetMedia("", false)
}

// keyboard walks through the page with Tab until the focus leaves it.
func (s *session) keyboard() {
	s.t.Helper()
	k := &s.r.Keyboard
	limit := 2*probe[int](s, "keysBegin()") + 30
	same, presses := 0, 0
walk:
	for ; presses < limit; presses++ {
		s.tab.Press(browser.KeyTab)
		step := probe[struct {
			State string
			Frame bool
			At    string
		}](s, "keysStep()")
		switch step.State {
		case "out": // back to the browser itself: the end
			break walk
		case "again":
			// In a headless browser the walk may start over without a pause.
			k.Trap = "focus comes back to " + step.At
			break walk
		case "same":
			same++
			if most := map[bool]int{true: 100, false: 8}[step.Frame]; same > most {
				k.Trap = "focus stays on " + step.At
				break walk
			}
		default:
			same = 0
		}
	}
	if presses == limit {
		k.Trap = "the focus never leaves the page"
	}
	end := probe[struct {
		Expected                         int
		Missing, Removed, Unseen, Hidden []string
	}](s, "keysEnd()")
	k.Expected, k.NoFocus, k.Obscured = end.Expected, end.Unseen, end.Hidden
	k.Missing = append(end.Missing, end.Removed...)
	if len(end.Missing) == 0 && strings.HasPrefix(k.Trap, "focus comes back") {
		k.Trap = "" // everything was reached first, so it only started over
	}
	// Each view of the page says the same again.
	for _, line := range s.tab.ConsoleErrors() {
		if !slices.Contains(s.r.Console, line) {
			s.r.Console = append(s.r.Console, line)
		}
	}
}

// noScripts compares the words of the page with those left without scripts.
func (s *session) noScripts() {
	s.t.Helper()
	type words struct {
		Words          int
		H1             string
		AsksForScripts bool
	}
	full := probe[words](s, "words()")
	s.tab = s.newTab(browser.JavaScriptOff())
	s.tab.Open(s.url)
	s.inject()
	bare := probe[words](s, "words()")
	js := &s.r.Scripts
	js.Kept = 1
	if full.Words > 0 {
		js.Kept = math.Round(float64(bare.Words)/float64(full.Words)*100) / 100
	}
	js.Works = js.Kept >= 0.9 && (full.H1 == "" || bare.H1 != "") && !bare.AsksForScripts && bare.Words > 0
}

// slowLink loads the page as an old phone on a poor line does.
func (s *session) slowLink() {
	s.t.Helper()
	tab := s.newTab(browser.SlowLink(), browser.SlowCPU(4), browser.Viewport(360, 640))
	begin := time.Now()
	tab.Open(s.url)
	s.r.SlowLoad = time.Since(begin)
}
