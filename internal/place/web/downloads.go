package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
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
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// downloadable is a file of the census that anyone may take: the whole of it, or what lies in an area.
type downloadable struct {
	format place.Format
	file   string // the end of its address
	title  string
	about  string // one sentence: for whom
}

// downloads are in the order of the page.
var downloads = []downloadable{
	{place.CSV, "lieux.csv", "CSV", "Le fichier national, pour les programmes."},
	{place.XLSX, "lieux.xlsx", "XLSX", "Le même tableau, à ouvrir dans un tableur."},
	{place.JSON, "lieux.json", "JSON", "Les mêmes lieux, pour les programmes."},
	{place.GeoJSON, "lieux.geojson", "GeoJSON", "Les points à mettre sur une carte."},
	{place.DataInclusion, "lieux-data-inclusion.json", "JSON data·inclusion", "La forme du service national data·inclusion."},
}

// filesPath begins the address of every file.
const filesPath = "/donnees/"

// areaFiles are where the files of each kind of area are.
var areaFiles = map[territory.AreaKind]string{
	territory.DepartmentArea: "departements", territory.EPCIArea: "epci", territory.CommuneArea: "communes",
}

// path is where a file of an area is: "/donnees/departements/17/lieux.csv", "/donnees/lieux.csv" for the whole.
func (d downloadable) path(a territory.Area) string {
	if !a.Known() {
		return filesPath + d.file
	}
	return filesPath + areaFiles[a.Kind] + "/" + a.Code + "/" + d.file
}

// export is a file made from one version of the census.
type export struct {
	report place.ExportReport
	size   int64    // of the file as people keep it
	packed []byte   // the file in gzip
	sum    [32]byte // SHA-256 of the file as people keep it
}

// exports keeps the last exports, so that a version of the census is written once however many people take it. It keeps
// them in memory, in gzip, within mostKept; a temporary file would need somebody to remove it. The whole census weighs about
// a tenth of the index that the node holds of the same places. The zero value is empty.
type exports struct {
	mu    sync.Mutex
	slots map[exportKey]*exportSlot
	order []exportKey // the longest unmade first
}

// exportSlot is one file. Its lock is held while the file is made: others wait for it instead of making it again.
type exportSlot struct {
	mu   sync.Mutex
	last *export
}

type exportKey struct {
	area   territory.Area
	format place.Format
}

// mostSlots bounds the files that are kept: the whole census in five forms, and those of two dozen areas.
const mostSlots = 125

// slot is where a file is kept, the oldest making room.
func (e *exports) slot(k exportKey) *exportSlot {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.slots[k]; s != nil {
		return s
	}
	if e.slots == nil {
		e.slots = map[exportKey]*exportSlot{}
	}
	if len(e.order) == mostSlots {
		delete(e.slots, e.order[0])
		e.order = e.order[1:]
	}
	s := &exportSlot{}
	e.slots[k] = s
	if k.area.Known() { // the whole stays
		e.order = append(e.order, k)
	}
	return s
}

// longestExport is how long the making of one file may last.
const longestExport = 5 * time.Minute

// export returns the file of the version that the node shows, or of a newer one, and makes it if nobody has. A reader
// who leaves does not undo the work for those who wait.
func (h *Handlers) export(ctx context.Context, f place.Format, a territory.Area) (*export, error) {
	at := h.made.slot(exportKey{a, f})
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.last != nil && at.last.report.Stamp == h.Places.Stamp() {
		return at.last, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestExport)
	defer cancel()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	sum := sha256.New()
	size := &counter{to: io.MultiWriter(zip, sum)}
	rep, err := h.Places.ExportArea(ctx, size, f, a)
	if err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	at.last = &export{report: rep, size: size.n, packed: bytes.Clone(packed.Bytes()), sum: [32]byte(sum.Sum(nil))}
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

// etag names a file by what it holds: the census and its visits, the format, the area. It is weak, since the same file
// goes out compressed and not.
func etag(stamp string, f place.Format, a territory.Area) string {
	if a.Known() {
		return fmt.Sprintf(`W/"%d-%s-%s-%s-%s"`, exportForm, stamp, f, a.Kind, a.Code)
	}
	return fmt.Sprintf(`W/"%d-%s-%s"`, exportForm, stamp, f)
}

// download serves a file whole: compressed for whoever can read it, under the name that the national chain gives it.
func (h *Handlers) download(d downloadable, kind territory.AreaKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		var a territory.Area
		if kind != "" {
			var ok bool
			if a, ok = h.Territory.Gazetteer().Area(kind, r.PathValue("code")); !ok {
				return fault.New(fault.NotFound, "place.area.unknown")
			}
		}
		head := w.Header()
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("Cache-Control", "public, no-cache") // may be kept, and must be asked about
		head.Add("Vary", "Accept-Encoding")
		if tag := etag(h.Places.Stamp(), d.format, a); httpx.Has(r, tag) {
			head.Set("ETag", tag) // nothing needs to be made to say so
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
		e, err := h.export(r.Context(), d.format, a)
		if err != nil {
			return err
		}
		page := h.Kit.Page(r, "")
		head.Set("ETag", etag(e.report.Stamp, d.format, a))
		head.Set("Content-Type", d.format.MediaType())
		head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.format.FileName(dateOf(page, e), cmp.Or(a.Name, page.Site.Name))}))
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
	Heading string
	Count   string // places in the files
	Missing string // places that are not yet in them; "" for none
	Date    string
	Files   []downloadRow
	Said    string // standard version
	Choose  ui.Filters
	Feed    string // address of the feed of changes
	Whole   ui.Link
}

// downloadRow is one file, with its weight before anyone takes it.
type downloadRow struct {
	Href, Name, Weight, About string
}

// areaAsked reads the territory that an address names: departement=17, epci=200041762 or commune=17299.
func (h *Handlers) areaAsked(r *http.Request) (territory.Area, error) {
	for _, kind := range []territory.AreaKind{territory.CommuneArea, territory.EPCIArea, territory.DepartmentArea} {
		if code := r.URL.Query().Get(string(kind)); code != "" {
			a, ok := h.Territory.Gazetteer().Area(kind, strings.ToUpper(code))
			if !ok {
				return a, fault.New(fault.NotFound, "place.area.unknown")
			}
			return a, nil
		}
	}
	return territory.Area{}, nil
}

func (h *Handlers) showDownloads(w http.ResponseWriter, r *http.Request) error {
	a, err := h.areaAsked(r)
	if err != nil {
		return err
	}
	made := make([]*export, len(downloads))
	g, ctx := errgroup.WithContext(r.Context())
	for i, d := range downloads {
		g.Go(func() error {
			var err error
			made[i], err = h.export(ctx, d.format, a)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	v := downloadPage{Page: h.Kit.Page(r, "Télécharger la liste des lieux"), Said: place.StandardVersion, Feed: feedPath}
	v.Heading = v.Title
	if a.Known() {
		v.Heading = "Télécharger la liste des lieux : " + areaName(a)
		v.Title, v.Feed = v.Heading, feedPath+"?"+string(a.Kind)+"="+a.Code
		v.Whole = ui.Link{Text: "Tous les lieux, de partout", Href: "/donnees"}
	}
	first := made[0]
	v.Count, v.Date = v.Number(first.report.Written), v.DateLong(dateOf(v.Page, first))
	if n := first.report.ToComplete + first.report.ToLocate; n > 0 {
		v.Missing = v.Number(n)
	}
	for i, d := range downloads {
		v.Files = append(v.Files, downloadRow{Href: d.path(a), Name: d.title, Weight: v.Bytes(made[i].size), About: d.about})
	}
	v.Choose = h.chooseDepartment(a)
	return h.Kit.Render(w, r, http.StatusOK, "place_downloads", v)
}

// chooseDepartment offers the départements that have places.
func (h *Handlers) chooseDepartment(a territory.Area) ui.Filters {
	c := ui.Choices{Name: string(territory.DepartmentArea), Legend: "Quel département ?", Options: []ui.Option{{Label: "Tous", Checked: !a.Known()}}}
	for _, code := range h.Places.Index().Departments() {
		if _, ok := h.Territory.Gazetteer().Area(territory.DepartmentArea, code); ok {
			c.Options = append(c.Options, ui.Option{Value: code, Label: territory.DepartmentName(code), Checked: a.Kind == territory.DepartmentArea && a.Code == code})
		}
	}
	return ui.Filters{Action: "/donnees", Label: "Choisir un territoire", Button: "Choisir", Selects: []ui.Choices{c}}
}
