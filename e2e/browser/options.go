package browser

import (
	"net/http"

	"github.com/chromedp/cdproto/network"
)

// Option changes how a tab is opened. See [Browser.Tab].
type Option func(*settings)

type settings struct {
	jsOff         bool
	width, height int
	media         string
	dark          bool
	touch         bool
	offline       bool
	slow          bool
	cpu           float64
	noWorkers     bool
	passkeys      bool
	noPolicy      bool
	position      *position
	cookies       []*network.CookieParam
	headers       network.Headers
}

// position is what the device tells a page that asks where it is.
type position struct {
	refused, unknown bool
	lat, lon         float64
}

// Position lets the page know where the device is, in degrees.
func Position(lat, lon float64) Option {
	return func(s *settings) { s.position = &position{lat: lat, lon: lon} }
}

// PositionRefused is a person who does not let pages know where she is.
func PositionRefused() Option { return func(s *settings) { s.position = &position{refused: true} } }

// PositionUnknown is a device that may tell where it is, and does not know.
func PositionUnknown() Option { return func(s *settings) { s.position = &position{unknown: true} } }

// JavaScriptOff turns the scripts of the page off, noscript content on.
func JavaScriptOff() Option { return func(s *settings) { s.jsOff = true } }

// Passkeys gives the device a keeper of passkeys that knows its owner at once. Pages on localhost see it; pages on
// 127.0.0.1 do not, since passkeys want a name.
func Passkeys() Option { return func(s *settings) { s.passkeys = true } }

// Viewport sets the size of the page in CSS pixels; the default is 1280 by 900.
func Viewport(width, height int) Option {
	return func(s *settings) { s.width, s.height = width, height }
}

// Dark makes the page see prefers-color-scheme: dark.
func Dark() Option { return func(s *settings) { s.dark = true } }

// Print makes the page use its print style sheet on screen.
func Print() Option { return func(s *settings) { s.media = "print" } }

// Touch makes the page see a touch screen, which [Tab.Tap] needs.
func Touch() Option { return func(s *settings) { s.touch = true } }

// Offline opens the tab without network; see also [Tab.SetOffline].
func Offline() Option { return func(s *settings) { s.offline = true } }

// SlowLink opens the tab on the poor line of RGESN 2.3: 512 kbit/s and 400 ms.
func SlowLink() Option { return func(s *settings) { s.slow = true } }

// SlowCPU divides the speed of the processor by factor, 4 for an old phone.
func SlowCPU(factor float64) Option { return func(s *settings) { s.cpu = factor } }

// NoServiceWorker sends every request to the network, past any service worker.
func NoServiceWorker() Option { return func(s *settings) { s.noWorkers = true } }

// NoPolicy makes the browser ignore the content security policy of pages: what then runs is what their writing let through.
func NoPolicy() Option { return func(s *settings) { s.noPolicy = true } }

// Cookies puts cookies in the tab before its first page, as if url had set
// them. Use it to enter with a session made by the test.
func Cookies(url string, cookies ...*http.Cookie) Option {
	return func(s *settings) {
		for _, c := range cookies {
			s.cookies = append(s.cookies, &network.CookieParam{
				Name: c.Name, Value: c.Value, URL: url, Domain: c.Domain, Path: c.Path,
				Secure: c.Secure, HTTPOnly: c.HttpOnly,
			})
		}
	}
}

// Header adds a header to every request of the tab.
func Header(name, value string) Option {
	return func(s *settings) {
		if s.headers == nil {
			s.headers = network.Headers{}
		}
		s.headers[name] = value
	}
}
