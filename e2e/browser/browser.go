// Package browser drives a headless Chromium for the tests of the pages.
//
// It is for acceptance scenarios (follow a link, fill a form, read the answer)
// and for the page audit of package audit. A Browser is one Chromium process; a
// Tab is one page in a browser context of its own, so that no cookie, storage
// or cache passes from one tab to another. Every helper fails the test that
// owns the tab with the selector or the address at fault: scenarios read as a
// list of steps, without error handling.
//
// Pages are server-rendered and must work without scripts, so most scenarios
// open their tab with [JavaScriptOff]. Scripts of the page are then off while
// the probes of this package still run: they go through the debugging protocol.
//
// The package does not start a server, knows no page of Viaduc and makes no
// judgement on what it reads. It follows one page at a time: windows opened by
// the page and frames of another origin are out of reach.
package browser

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// defaultPath is where Debian installs Chromium; CHROME_PATH wins over it.
const defaultPath = "/usr/bin/chromium"

// actionTimeout bounds every step of a tab. It is generous because a test
// machine may be busy: a page that needs it is caught by its own budget.
const actionTimeout = 30 * time.Second

// Browser is one headless Chromium process. It is safe for parallel tests.
type Browser struct {
	ctx context.Context
}

// Path returns the address of the Chromium to run: CHROME_PATH, else the one of
// Debian. The second result is false when nothing is there.
func Path() (string, bool) {
	path := os.Getenv("CHROME_PATH")
	if path == "" {
		path = defaultPath
	}
	info, err := os.Stat(path)
	return path, err == nil && !info.IsDir()
}

// Start starts a browser that lives until the end of t. Call it once in a test
// and share the result between its subtests. Without Chromium the test is
// skipped on a developer's machine and fails when the variable CI is set,
// because a skipped gate would pass unseen there.
func Start(t testing.TB) *Browser {
	t.Helper()
	path, ok := Path()
	if !ok {
		const hint = "no Chromium at %s: run scripts/install-test-tools.sh or set CHROME_PATH"
		if os.Getenv("CI") != "" {
			t.Fatalf(hint, path)
		}
		t.Skipf(hint, path)
	}
	// Not t.TempDir: Chromium may still write while it dies, and a folder that
	// cannot be emptied at once would fail the test.
	data, err := os.MkdirTemp("", "viaduc-chromium-")
	if err != nil {
		t.Fatalf("browser: folder for user data: %v", err)
	}
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), flags(path, data)...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		// Cancel closes Chromium gracefully; the two cancel funcs kill what is left.
		tctx, stop := context.WithTimeout(ctx, 10*time.Second)
		if err := chromedp.Cancel(tctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Logf("browser: close: %v", err)
		}
		stop()
		cancel()
		cancelAlloc()
		removeAll(data)
	})
	// The first call starts the process and ties its life to ctx, so it has no
	// timeout of its own.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: start %s: %v", path, err)
	}
	// A download would land in the working folder of the tests.
	_, err = chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny,
	})
	if err != nil {
		t.Fatalf("browser: refuse downloads: %v", err)
	}
	return &Browser{ctx: ctx}
}

// flags returns the command line of Chromium: quiet, without any request of its
// own, and with the same pixels on every machine.
func flags(path, data string) []chromedp.ExecAllocatorOption {
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.UserDataDir(data),
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.WindowSize(1280, 900),
	}
	for _, name := range []string{
		"disable-gpu", "disable-quic",
		"disable-background-networking", "disable-component-update", "disable-sync",
		"disable-default-apps", "disable-extensions", "disable-domain-reliability",
		"disable-client-side-phishing-detection", "metrics-recording-only", "no-pings",
		"disable-breakpad", "disable-hang-monitor", "disable-prompt-on-repost",
		"disable-popup-blocking", "mute-audio",
		// Tabs of parallel tests are in the background of one another.
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows",
		"disable-renderer-backgrounding", "disable-ipc-flooding-protection",
		// /dev/shm is small in containers and Chromium dies when it is full.
		"disable-dev-shm-usage",
		// A scroll bar would take 15 of the 320 pixels of the reflow check; on a
		// phone it lies over the page.
		"hide-scrollbars",
	} {
		opts = append(opts, chromedp.Flag(name, true))
	}
	for _, kv := range [][2]string{
		{"headless", "new"},
		{"disable-features", "Translate,OptimizationHints,MediaRouter"},
		{"force-color-profile", "srgb"},
		{"password-store", "basic"},
		{"lang", "fr-FR"},
		{"accept-lang", "fr-FR,fr"},
	} {
		opts = append(opts, chromedp.Flag(kv[0], kv[1]))
	}
	if os.Geteuid() == 0 {
		// The sandbox refuses to start as root, which is who runs in a container.
		opts = append(opts, chromedp.NoSandbox)
	}
	return opts
}

// removeAll removes dir, giving the last Chromium children a moment to end.
func removeAll(dir string) {
	for range 20 {
		if os.RemoveAll(dir) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// artifact returns where the picture of a failed test goes, or "" when the
// variable E2E_ARTIFACTS names no folder.
func artifact(name string) string {
	dir := os.Getenv("E2E_ARTIFACTS")
	if dir == "" || os.MkdirAll(dir, 0o755) != nil {
		return ""
	}
	return filepath.Join(dir, name+".png")
}
