package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"viaduc/internal/place"
	"viaduc/internal/ui"
)

// downloadable is a file of the census that anyone may take.
type downloadable struct {
	format place.Format
	path   string
	title  string
	about  string // one sentence: for whom
}

// downloads are in the order of the page.
var downloads = []downloadable{
	{place.CSV, "/donnees/lieux.csv", "CSV", "Le fichier national, pour les programmes."},
	{place.XLSX, "/donnees/lieux.xlsx", "XLSX", "Le même tableau, à ouvrir dans un tableur."},
	{place.JSON, "/donnees/lieux.json", "JSON", "Les mêmes lieux, pour les programmes."},
	{place.GeoJSON, "/donnees/lieux.geojson", "GeoJSON", "Les points à mettre sur une carte."},
	{place.DataInclusion, "/donnees/lieux-data-inclusion.json", "JSON data·inclusion", "La forme du service national data·inclusion."},
}

// export is a file made from one version of the census.
type export struct {
	report place.ExportReport
	size   int64  // of the file as people keep it
	packed []byte // the file in gzip
}

// exports keeps the last export of each format, so that a version of the census is written once however many people
// take it. It keeps them in memory, in gzip: the census bounds them, and they weigh about a tenth of the index that the
// node holds of the same places anyway; a temporary file would need somebody to remove it. The zero value is empty.
type exports struct {
	each [numFormats]struct {
		mu   sync.Mutex // held while the file is made: others wait for it instead of making it again
		last *export
	}
}

const numFormats = 5

// slot is where the exports of a format are kept.
func slot(f place.Format) int {
	for i, d := range downloads {
		if d.format == f {
			return i
		}
	}
	panic("no such download: " + string(f)) // the list above holds every format
}

// longestExport is how long the making of one file may last.
const longestExport = 5 * time.Minute

// export returns the file of the version that the node shows, or of a newer one, and makes it if nobody has. A reader
// who leaves does not undo the work for those who wait.
func (h *Handlers) export(ctx context.Context, f place.Format) (*export, error) {
	at := &h.made.each[slot(f)]
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.last != nil && at.last.report.Version >= h.Places.Version() {
		return at.last, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestExport)
	defer cancel()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	size := &counter{to: zip}
	rep, err := h.Places.Export(ctx, size, f)
	if err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	at.last = &export{report: rep, size: size.n, packed: bytes.Clone(packed.Bytes())}
	return at.last, nil
}

// counter counts what goes through it.
type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.n += int64(n)
	return n, err
}

// exportForm rises when the same census gives other files: copies that readers kept are then no longer good.
const exportForm = 1

// etag names a file by what it holds: the version of the census and the format. It is weak, since the same file goes
// out compressed and not.
func etag(version int64, f place.Format) string {
	return fmt.Sprintf(`W/"%d-%d-%s"`, exportForm, version, f)
}

// download serves a file whole: compressed for whoever can read it, under the name that the national chain gives it.
func (h *Handlers) download(d downloadable) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		head := w.Header()
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("Cache-Control", "public, no-cache") // may be kept, and must be asked about
		head.Add("Vary", "Accept-Encoding")
		if tag := etag(h.Places.Version(), d.format); matches(r.Header.Get("If-None-Match"), tag) {
			head.Set("ETag", tag) // nothing needs to be made to say so
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
		e, err := h.export(r.Context(), d.format)
		if err != nil {
			return err
		}
		page := h.Kit.Page(r, "")
		head.Set("ETag", etag(e.report.Version, d.format))
		head.Set("Content-Type", d.format.MediaType())
		head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.format.FileName(dateOf(page, e), page.Site.Name)}))
		return e.send(w, r)
	}
}

// send writes the file. Content-Encoding is always said, so that nothing compresses it again on its way.
func (e *export) send(w http.ResponseWriter, r *http.Request) error {
	head := w.Header()
	var body io.Reader = bytes.NewReader(e.packed)
	if readsGzip(r.Header.Get("Accept-Encoding")) {
		head.Set("Content-Encoding", "gzip")
		head.Set("Content-Length", strconv.Itoa(len(e.packed)))
	} else {
		plain, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = plain
		head.Set("Content-Encoding", "identity")
		head.Set("Content-Length", strconv.FormatInt(e.size, 10))
	}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, body) // the reader left: nothing to do
	}
	return nil
}

// readsGzip reports whether an Accept-Encoding header takes gzip.
func readsGzip(accept string) bool {
	for one := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(one, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ReplaceAll(params, " ", ""), "q="), 64)
			return params == "" || err != nil || q > 0
		}
	}
	return false
}

// matches reports whether an If-None-Match header names the tag.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || one == tag || "W/"+one == tag {
			return true
		}
	}
	return false
}

// dateOf is the day of the data, in the zone of the pages: when a place last changed, or today for an empty census.
func dateOf(p ui.Page, e *export) time.Time {
	if e.report.ChangedAt.IsZero() {
		return p.Now()
	}
	return e.report.ChangedAt.In(p.Now().Location())
}

// downloadPage is the view of /donnees.
type downloadPage struct {
	ui.Page
	Count   string // places in the files
	Missing string // places that are not yet in them; "" for none
	Date    string
	Files   []downloadRow
	Said    string // standard version
}

// downloadRow is one file, with its weight before anyone takes it.
type downloadRow struct {
	Href, Name, Weight, About string
}

func (h *Handlers) showDownloads(w http.ResponseWriter, r *http.Request) error {
	made := make([]*export, len(downloads))
	g, ctx := errgroup.WithContext(r.Context())
	for i, d := range downloads {
		g.Go(func() error {
			var err error
			made[i], err = h.export(ctx, d.format)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	v := downloadPage{Page: h.Kit.Page(r, "Télécharger la liste des lieux"), Said: place.StandardVersion}
	first := made[0]
	v.Count, v.Date = v.Number(first.report.Written), v.DateLong(dateOf(v.Page, first))
	if n := first.report.ToComplete + first.report.ToLocate; n > 0 {
		v.Missing = v.Number(n)
	}
	for i, d := range downloads {
		v.Files = append(v.Files, downloadRow{Href: d.path, Name: d.title, Weight: v.Bytes(made[i].size), About: d.about})
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_downloads", v)
}
