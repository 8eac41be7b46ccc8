package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Tab is one page in a browser context of its own. A tab belongs to the test
// that opened it and must stay on its goroutine; it closes with the test.
type Tab struct {
	t   testing.TB
	ctx context.Context
	set settings

	workers map[target.ID]context.Context // service workers attached to, see tellWorkers

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at each event of loading or network
	frame     cdp.FrameID
	loading   bool
	started   int // navigations begun by the main frame
	requests  []*Request
	open      map[network.RequestID]*Request
	console   []string
	dialogs   []string
	document  *Request
	lastNet   time.Time
	trace     []json.RawMessage
	traceEnds chan struct{}
	crashed   chan struct{} // closed when the process of the page dies
}

// Tab opens an empty tab that closes at the end of t.
func (b *Browser) Tab(t testing.TB, opts ...Option) *Tab {
	t.Helper()
	tab := &Tab{
		t: t, changed: make(chan struct{}), open: map[network.RequestID]*Request{}, crashed: make(chan struct{}),
		set: settings{width: 1280, height: 900},
	}
	for _, o := range opts {
		o(&tab.set)
	}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.listen))
	tab.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			tab.keepPicture()
		}
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: open a tab: %v", err)
	}
	tree := call(tab, page.GetFrameTree, cdp.Empty{})
	tab.mu.Lock()
	tab.frame = tree.FrameTree.Frame.ID
	tab.mu.Unlock()
	tab.emulate()
	return tab
}

// emulate applies the options that the browser must know before a page opens.
func (tab *Tab) emulate() {
	tab.t.Helper()
	// Without it a tab in the background shows no focus and gets no key.
	call(tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	tab.SetViewport(tab.set.width, tab.set.height)
	tab.applyMedia()
	if tab.set.jsOff {
		call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	if tab.set.touch {
		call(tab, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	}
	if tab.set.noWorkers {
		call(tab, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	}
	if tab.set.noPolicy {
		call(tab, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
	}
	if tab.set.cpu > 1 {
		call(tab, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: tab.set.cpu})
	}
	if tab.set.headers != nil {
		call(tab, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: tab.set.headers})
	}
	if len(tab.set.cookies) > 0 {
		call(tab, network.SetCookies, network.SetCookiesParams{Cookies: tab.set.cookies})
	}
	if tab.set.slow || tab.set.offline {
		tab.applyNetwork()
	}
	if tab.set.position != nil {
		tab.applyPosition(*tab.set.position)
	}
	if tab.set.passkeys {
		call(tab, webauthn.Enable, webauthn.EnableParams{})
		call(tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
	}
}

// applyPosition answers in the person's place when a page asks for the position, and in the device's.
func (tab *Tab) applyPosition(p position) {
	tab.t.Helper()
	allow := browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "geolocation"}, Setting: browser.PermissionSettingGranted,
		BrowserContextID: chromedp.FromContext(tab.ctx).BrowserContextID,
	}
	if p.refused {
		allow.Setting = browser.PermissionSettingDenied
	}
	if _, err := chromedp.CallBrowser(tab.ctx, browser.SetPermission, allow); err != nil {
		tab.t.Fatalf("browser: allow the position: %v", err)
	}
	at := emulation.SetGeolocationOverrideParams{}
	if !p.unknown {
		at.Latitude, at.Longitude, at.Accuracy = &p.lat, &p.lon, new(20.0) // metres
	}
	call(tab, emulation.SetGeolocationOverride, at)
}

// call runs one protocol command and fails the test on an error.
func call[P, R any](tab *Tab, cmd cdp.Command[P, R], params P) R {
	tab.t.Helper()
	res, err := try(tab, cmd, params)
	if err != nil {
		tab.t.Fatalf("browser: %s: %v", cmd.Method, err)
	}
	return res
}

func try[P, R any](tab *Tab, cmd cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, actionTimeout)
	defer cancel()
	// A command to a dead page gets no answer: say so at once.
	ctx, die := context.WithCancelCause(ctx)
	defer die(nil)
	go func() {
		select {
		case <-tab.crashed:
			die(errCrashed)
		case <-ctx.Done():
		}
	}()
	res, err := chromedp.Call(ctx, cmd, params)
	if err != nil && errors.Is(context.Cause(ctx), errCrashed) {
		err = errCrashed
	}
	return res, err
}

var errCrashed = errors.New("the process of the page died")

// Context returns the chromedp context of the tab, for a protocol command that
// this package does not offer.
func (tab *Tab) Context() context.Context { return tab.ctx }

// SetViewport changes the size of the page, in CSS pixels, without a reload.
func (tab *Tab) SetViewport(width, height int) {
	tab.t.Helper()
	tab.set.width, tab.set.height = width, height
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(width), Height: int64(height), DeviceScaleFactor: 1,
	})
}

// SetMedia chooses the style sheets of the open page: media is "print", or ""
// for the screen; dark stands for prefers-color-scheme.
func (tab *Tab) SetMedia(media string, dark bool) {
	tab.t.Helper()
	tab.set.media, tab.set.dark = media, dark
	tab.applyMedia()
}

func (tab *Tab) applyMedia() {
	tab.t.Helper()
	scheme := "light"
	if tab.set.dark {
		scheme = "dark"
	}
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media:    tab.set.media,
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// SetFontSize sets the default type size of the browser, 16 for everybody and
// 32 for a person who asked for text twice as large. Only sizes given in rem, em
// or % follow it.
func (tab *Tab) SetFontSize(px int) {
	tab.t.Helper()
	call(tab, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{
		Standard: int64(px), Fixed: int64(px * 13 / 16),
	}})
}

// SetOffline cuts or restores the network of the open page, of its service
// worker and of navigator.onLine.
func (tab *Tab) SetOffline(off bool) {
	tab.t.Helper()
	tab.set.offline = off
	tab.applyNetwork()
}

func (tab *Tab) applyNetwork() {
	tab.t.Helper()
	c := network.Conditions{Offline: tab.set.offline, DownloadThroughput: -1, UploadThroughput: -1}
	if tab.set.slow {
		c.Latency = 400
		c.DownloadThroughput, c.UploadThroughput = 512*1024/8, 256*1024/8
	}
	rule := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{&c}}
	call(tab, network.EmulateNetworkConditionsByRule, rule)
	tab.tellWorkers(rule)
	call(tab, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: c.Offline, Latency: c.Latency,
		DownloadThroughput: c.DownloadThroughput, UploadThroughput: c.UploadThroughput,
	})
}

// tellWorkers sets the same network for the service workers of the tab, which
// ask the network by themselves. The browser forgets the setting when nobody is
// attached to the worker any more, so the link to it lives as long as the tab. A
// worker that starts later has the full network until the next call.
func (tab *Tab) tellWorkers(rule network.EmulateNetworkConditionsByRuleParams) {
	tab.t.Helper()
	all, err := chromedp.Targets(tab.ctx)
	if err != nil {
		tab.t.Fatalf("browser: list workers: %v", err)
	}
	own := chromedp.FromContext(tab.ctx).BrowserContextID
	for _, info := range all {
		if info.Type != "service_worker" || info.BrowserContextID != own {
			continue
		}
		ctx, ok := tab.workers[info.TargetID]
		if !ok {
			// Ends with tab.ctx, its parent.
			ctx, _ = chromedp.NewContext(tab.ctx, chromedp.WithTargetID(info.TargetID), chromedp.WithDetachOnCancel())
			if tab.workers == nil {
				tab.workers = map[target.ID]context.Context{}
			}
			tab.workers[info.TargetID] = ctx
		}
		if _, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, rule); err != nil {
			tab.t.Logf("browser: network of %s: %v", info.URL, err) // a worker may end at any time
		}
	}
}

// Open goes to url and waits until the page and what it loads are there. An
// HTTP error is an answer like another, see [Tab.Status]; no answer at all fails
// the test.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	if err := tab.TryOpen(url); err != nil {
		tab.t.Fatalf("browser: open %s: %v", url, err)
	}
}

// TryOpen is [Tab.Open] for a page that may not answer, such as one opened
// offline.
func (tab *Tab) TryOpen(url string) error {
	before := tab.navigations()
	res, err := try(tab, page.Navigate, page.NavigateParams{URL: url})
	if err != nil {
		return err
	}
	if res.ErrorText != "" {
		return errors.New(res.ErrorText)
	}
	if res.LoaderID == "" {
		return nil // same document, only the fragment changed
	}
	return tab.waitLoad(before)
}

// Reload asks for the page again, with the cache.
func (tab *Tab) Reload() {
	tab.t.Helper()
	before := tab.navigations()
	call(tab, page.Reload, page.ReloadParams{})
	if err := tab.waitLoad(before); err != nil {
		tab.t.Fatalf("browser: reload: %v", err)
	}
}

// Back returns to the page before, as the button of the browser does.
func (tab *Tab) Back() {
	tab.t.Helper()
	h := call(tab, page.GetNavigationHistory, cdp.Empty{})
	if h.CurrentIndex == 0 {
		tab.t.Fatalf("browser: no page to go back to")
	}
	before := tab.navigations()
	call(tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: h.Entries[h.CurrentIndex-1].ID})
	tab.settle(before, true)
}

func (tab *Tab) navigations() int {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return tab.started
}

// WaitLoaded waits until the page under way is loaded. Click, Press, Back and
// Open already do it; it is for pages that leave by themselves.
func (tab *Tab) WaitLoaded() {
	tab.t.Helper()
	if err := tab.wait(func() bool { return !tab.loading }); err != nil {
		tab.t.Fatalf("browser: page not loaded: %v", err)
	}
}

// WaitIdle waits until nothing was requested for quiet, at most the time of one
// step. It is for the audit, which counts requests.
func (tab *Tab) WaitIdle(quiet time.Duration) {
	tab.t.Helper()
	deadline := time.Now().Add(actionTimeout)
	for time.Now().Before(deadline) {
		tab.mu.Lock()
		left := quiet
		if !tab.loading && len(tab.open) == 0 {
			left = quiet - time.Since(tab.lastNet)
		}
		tab.mu.Unlock()
		if left <= 0 {
			return
		}
		time.Sleep(min(left, 50*time.Millisecond))
	}
	tab.t.Fatalf("browser: the page never stops asking the network")
}

// waitLoad waits for the end of a navigation begun after the count before.
func (tab *Tab) waitLoad(before int) error {
	return tab.wait(func() bool { return tab.started > before && !tab.loading })
}

// wait blocks until ok, called under the lock, or the time of one step is over.
func (tab *Tab) wait(ok func() bool) error { return tab.waitFor(actionTimeout, ok) }

func (tab *Tab) waitFor(limit time.Duration, ok func() bool) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		tab.mu.Lock()
		done, changed := ok(), tab.changed
		tab.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-tab.crashed:
			return errCrashed
		case <-timer.C:
			return fmt.Errorf("no end after %s", limit)
		case <-tab.ctx.Done():
			return tab.ctx.Err()
		}
	}
}

// settle waits for the page that an action may have asked for. The browser says
// that a navigation began shortly after the action returns, so a short wait is
// needed even when none comes; likely makes it longer for a link or a button
// that sends a form, on a busy machine.
func (tab *Tab) settle(before int, likely bool) {
	tab.t.Helper()
	grace := 80 * time.Millisecond
	if likely {
		grace = 600 * time.Millisecond
	}
	if tab.waitFor(grace, func() bool { return tab.started > before }) != nil {
		return
	}
	if err := tab.wait(func() bool { return !tab.loading }); err != nil {
		tab.t.Fatalf("browser: next page not loaded: %v", err)
	}
}

// listen keeps the record of the tab. It runs in the loop that reads the
// browser, so it must not call it.
func (tab *Tab) listen(ev any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch e := ev.(type) {
	case *page.EventFrameStartedLoading:
		if e.FrameID == tab.frame {
			tab.loading = true
			tab.started++
		}
	case *page.EventFrameStoppedLoading:
		if e.FrameID == tab.frame {
			tab.loading = false
		}
	case *tracing.EventDataCollected:
		for _, v := range e.Value {
			tab.trace = append(tab.trace, json.RawMessage(v))
		}
	case *tracing.EventTracingComplete:
		close(tab.traceEnds)
	case *inspector.EventTargetCrashed:
		select {
		case <-tab.crashed:
		default:
			close(tab.crashed)
		}
	case *page.EventJavascriptDialogOpening:
		tab.dialogs = append(tab.dialogs, e.Message)
		go func() { // an open dialog freezes the page and the test with it
			_, _ = try(tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			tab.console = append(tab.console, consoleText(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil && x.Description != "" {
			text += ": " + firstLine(x.Description)
		}
		tab.console = append(tab.console, text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			tab.console = append(tab.console, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	default:
		if !tab.record(ev) {
			return
		}
	}
	close(tab.changed)
	tab.changed = make(chan struct{})
}

func consoleText(args []*runtime.RemoteObject) string {
	var parts []string
	for _, a := range args {
		switch {
		case len(a.Value) == 0:
			parts = append(parts, firstLine(a.Description))
		default:
			var s string
			if json.Unmarshal(a.Value, &s) != nil { // not a string: as it is written
				s = string(a.Value)
			}
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// ConsoleErrors returns what the page and the browser wrote as errors since the
// tab was opened: uncaught exceptions, refused contents, failed requests.
func (tab *Tab) ConsoleErrors() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]string(nil), tab.console...)
}

// Dialogs returns the messages of the alert and confirm boxes met so far; all
// were accepted.
func (tab *Tab) Dialogs() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]string(nil), tab.dialogs...)
}

// Status returns the HTTP status of the page shown, 0 when nothing answered.
func (tab *Tab) Status() int {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if tab.document == nil {
		return 0
	}
	return tab.document.Status
}

// ResponseHeader returns a header of the page shown, "" when absent.
func (tab *Tab) ResponseHeader(name string) string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if tab.document == nil {
		return ""
	}
	return tab.document.Header.Get(name)
}

// SourceHTML returns the page shown as the server sent it, before any script.
func (tab *Tab) SourceHTML() string {
	tab.t.Helper()
	tab.mu.Lock()
	doc := tab.document
	tab.mu.Unlock()
	if doc == nil {
		tab.t.Fatalf("browser: no page is open")
	}
	return string(call(tab, network.GetResponseBody, network.GetResponseBodyParams{RequestID: doc.id}).Body)
}

// Body returns the decoded body of a request of the page shown, "" when the
// browser no longer has it.
func (tab *Tab) Body(r Request) string {
	res, err := try(tab, network.GetResponseBody, network.GetResponseBodyParams{RequestID: r.id})
	if err != nil {
		return ""
	}
	return string(res.Body)
}

// CookieJar returns the cookies of the tab, set by pages or by [Cookies].
func (tab *Tab) CookieJar() []*http.Cookie {
	tab.t.Helper()
	var out []*http.Cookie
	for _, c := range call(tab, network.GetCookies, network.GetCookiesParams{}).Cookies {
		out = append(out, &http.Cookie{
			Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path, Secure: c.Secure, HttpOnly: c.HTTPOnly,
		})
	}
	return out
}

// Eval runs a JavaScript expression in the page and decodes its value into T. A
// promise is awaited, except with [JavaScriptOff] where none would ever end. It
// works with scripts off, because it goes past the page.
func Eval[T any](tab *Tab, expr string) T {
	tab.t.Helper()
	v, err := TryEval[T](tab, expr)
	if err != nil {
		tab.t.Fatalf("browser: eval %s: %v", shorten(expr), err)
	}
	return v
}

// TryEval is [Eval] for an expression that may throw or lose its page.
func TryEval[T any](tab *Tab, expr string) (T, error) {
	var v T
	res, err := try(tab, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expr, ReturnByValue: new(true), AwaitPromise: new(!tab.set.jsOff), UserGesture: new(true),
	})
	if err != nil {
		return v, err
	}
	if d := res.ExceptionDetails; d != nil {
		if d.Exception != nil && d.Exception.Description != "" {
			return v, errors.New(d.Exception.Description)
		}
		return v, errors.New(d.Text)
	}
	if len(res.Result.Value) == 0 { // undefined
		return v, nil
	}
	return v, json.Unmarshal(res.Result.Value, &v)
}

func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	return s
}

// keepPicture saves the page of a failed test when E2E_ARTIFACTS asks for it.
func (tab *Tab) keepPicture() {
	path := artifact(strings.NewReplacer("/", "_", " ", "_").Replace(tab.t.Name()))
	if path == "" {
		return
	}
	res, err := try(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
	if err == nil && os.WriteFile(path, res.Data, 0o644) == nil {
		tab.t.Logf("picture of the page: %s", path)
	}
}
