package web

import (
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// placeFile is a small file that a resident takes from the page of a place.
type placeFile struct {
	end, ext  string // end of its address, end of its name
	kind      string // media type
	key, icon string // of the link that offers it
	// write returns nil when the place has nothing to put into it. page is the whole address of the place's page.
	write func(p ui.Page, page string, e *place.Entry) []byte
}

// placeFiles are in the order of the page.
var placeFiles = []placeFile{
	{"/contact.vcf", ".vcf", "text/vcard; charset=utf-8", "place.vcard", "phone", contactCard},
	{"/horaires.ics", ".ics", "text/calendar; charset=utf-8", "place.ics", "calendar", hoursCalendar},
}

// sendFile serves a file about a place, named after it. What it holds names it in its ETag: an address book or an agenda
// that asks again takes it again only when it changed.
func (h *Handlers) sendFile(f placeFile) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		e, err := h.entry(r)
		if err != nil {
			return err
		}
		p := h.Kit.Page(r, "")
		if digits, _, _ := strings.Cut(r.PathValue("slug"), "-"); digits != strconv.FormatInt(int64(e.Number), 10) {
			http.Redirect(w, r, p.Path(Path(e)+f.end), http.StatusMovedPermanently) // it became part of this place
			return nil
		}
		body := f.write(p, pageAddress(r, p, e), e)
		if body == nil {
			return fault.New(fault.NotFound, "place.no_file")
		}
		head := w.Header()
		head.Set("Cache-Control", "public, no-cache") // may be kept, and must be asked about
		head.Add("Vary", "Cookie")                    // a reader may have chosen simpler words
		httpx.SendFile(w, r, f.kind, slugOf(e)+f.ext, body)
		return nil
	}
}

// fileLinks offer the two files, each with its weight.
func fileLinks(r *http.Request, p ui.Page, e *place.Entry) []ui.Link {
	var out []ui.Link
	page := pageAddress(r, p, e)
	for _, f := range placeFiles {
		if body := f.write(p, page, e); body != nil {
			weight := p.Bytes(max(1000, int64(len(body)))) // "1 Ko" says enough of 700 octets
			out = append(out, ui.Link{Text: p.T(f.key, "Weight", weight), Href: p.Path(Path(e) + f.end), Icon: f.icon})
		}
	}
	return out
}

// pageAddress is the whole address of the page of a place in the reader's language, for what leaves the site.
func pageAddress(r *http.Request, p ui.Page, e *place.Entry) string {
	return origin(r) + p.Path(Path(e))
}

// origin is where this site is, as the reader's browser or the proxy in front says.
func origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
