package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
)

// Request is one request of a tab, as it went over the wire.
type Request struct {
	URL  string
	Type string // Document, Stylesheet, Script, Image, Font, Fetch, Redirect...
	// Status is 0 when no answer came; Failure then says why.
	Status  int
	Failure string
	Mime    string
	Header  http.Header
	// Bytes counts headers and compressed body; 0 when the cache answered.
	Bytes int
	// Decoded counts the body after decompression.
	Decoded int
	// Cached is true when nothing was asked to the network.
	Cached bool

	id network.RequestID
}

// Origin returns scheme, host and port of the request.
func (r *Request) Origin() string {
	u, err := url.Parse(r.URL)
	if err != nil {
		return r.URL
	}
	return u.Scheme + "://" + u.Host
}

// Requests returns a copy of the requests made since the tab was opened or
// [Tab.ForgetRequests], data and blob addresses left out. Requests that a worker
// makes by itself are not seen.
func (tab *Tab) Requests() []Request {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	out := make([]Request, len(tab.requests))
	for i, r := range tab.requests {
		out[i] = *r
	}
	return out
}

// ForgetRequests empties the record of requests.
func (tab *Tab) ForgetRequests() {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.requests = nil
}

// record notes a network event and reports whether it was one. The caller holds
// the lock.
func (tab *Tab) record(ev any) bool {
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if strings.HasPrefix(e.Request.URL, "data:") || strings.HasPrefix(e.Request.URL, "blob:") {
			return false
		}
		if e.RedirectResponse != nil { // the id goes on with the next address
			if old := tab.open[e.RequestID]; old != nil {
				old.Type, old.Bytes = "Redirect", int(e.RedirectResponse.EncodedDataLength)
				old.answer(e.RedirectResponse)
			}
		}
		r := &Request{URL: e.Request.URL, Type: string(e.Type), id: e.RequestID}
		tab.open[e.RequestID] = r
		tab.requests = append(tab.requests, r)
	case *network.EventRequestServedFromCache:
		if r := tab.open[e.RequestID]; r != nil {
			r.Cached = true
		}
	case *network.EventResponseReceived:
		r := tab.open[e.RequestID]
		if r == nil {
			return false
		}
		r.Type = string(e.Type)
		r.answer(e.Response)
		if r.Type == "Document" && e.FrameID == tab.frame {
			tab.document = r
		}
	case *network.EventDataReceived:
		if r := tab.open[e.RequestID]; r != nil {
			r.Decoded += int(e.DataLength)
		}
	case *network.EventLoadingFinished:
		if r := tab.open[e.RequestID]; r != nil && !r.Cached {
			r.Bytes = int(e.EncodedDataLength)
		}
		delete(tab.open, e.RequestID)
	case *network.EventLoadingFailed:
		if r := tab.open[e.RequestID]; r != nil {
			r.Failure = e.ErrorText
			if e.BlockedReason != "" {
				r.Failure = "blocked: " + string(e.BlockedReason)
			}
		}
		delete(tab.open, e.RequestID)
	default:
		return false
	}
	tab.lastNet = time.Now()
	return true
}

func (r *Request) answer(res *network.Response) {
	r.Status, r.Mime = int(res.Status), res.MimeType
	r.Cached = r.Cached || res.FromDiskCache
	r.Header = http.Header{}
	for name, v := range res.Headers {
		// Chromium joins repeated headers with line feeds.
		for _, line := range strings.Split(fmt.Sprint(v), "\n") {
			r.Header.Add(name, line)
		}
	}
}
