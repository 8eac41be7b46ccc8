package web

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// printPaths are where the printed directory of each kind of area is.
var printPaths = []struct {
	path string
	kind territory.AreaKind
}{
	{"/imprimer/departements/", territory.DepartmentArea}, {"/imprimer/epci/", territory.EPCIArea}, {"/imprimer/communes/", territory.CommuneArea},
}

// PrintPath is the path of the page that prints an area: "/imprimer/communes/17299".
func PrintPath(a territory.Area) string {
	for _, p := range printPaths {
		if p.kind == a.Kind {
			return p.path + a.Code
		}
	}
	return "/lieux"
}

// sheetOf reads the form of the paper from an address. Whatever else it says is A4.
func sheetOf(r *http.Request) (s Sheet, query string) {
	q := r.URL.Query()
	s.Size = pdf.A4
	var words []string
	if strings.EqualFold(q.Get("format"), "A3") {
		s.Size = pdf.A3
		words = append(words, "format=A3")
	}
	if q.Get("grand") == "oui" {
		s.Large = true
		words = append(words, "grand=oui")
	}
	if len(words) > 0 {
		query = "?" + strings.Join(words, "&")
	}
	return s, query
}

// printPage is the view of /imprimer/...: the directory as a page that prints well, with its PDF.
type printPage struct {
	ui.Page
	Crumb    ui.Breadcrumb
	Heading  string
	About    string
	Files    []ui.Link
	Parts    []areaPart // of a département: each has a page of its own
	Map      ui.Figure
	Communes []printedCommune
	Pager    ui.Pager
}

type printedCommune struct {
	Name    string
	Entries []Printed
}

// printedShown is how many places a page of the directory lists: a page stays light, and its map legible.
const printedShown = 30

func (h *Handlers) directory(r *http.Request, p ui.Page, a territory.Area) (Directory, error) {
	changed, err := h.Places.ChangedAt(r.Context())
	if err != nil {
		return Directory{}, err
	}
	if changed.IsZero() {
		changed = p.Now()
	}
	return NewDirectory(DirectoryDeps{
		Index: h.Places.Index(), Territory: h.Territory, Words: h.Words, Site: h.Territory.Site(r.Host), Dated: changed.In(p.Now().Location()),
	}, a), nil
}

func (h *Handlers) showPrint(kind territory.AreaKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		code, file := strings.CutSuffix(r.PathValue("slug"), ".pdf")
		r.SetPathValue("slug", code)
		a, _, err := h.area(r, kind)
		if err != nil {
			return err
		}
		if file {
			return h.sendDirectory(w, r, a)
		}
		p := h.Kit.Page(r, "Imprimer : "+areaName(a))
		d, err := h.directory(r, p, a)
		if err != nil {
			return err
		}
		v := printPage{Page: p, Heading: "Où trouver une aide numérique : " + d.Name, Crumb: h.crumb(p, a, nil)}
		v.Crumb.Links[len(v.Crumb.Links)-1].Href = AreaPath(a)
		v.Crumb.Links = append(v.Crumb.Links, ui.Link{Text: "Imprimer"})
		v.About = fmt.Sprintf("%s. Données du %s.", countOfPlaces(d.Count), ui.DateLong(d.Dated))
		for _, f := range []struct{ query, text string }{
			{"", "Livret A4"}, {"?grand=oui", "Livret A4 en grands caractères"}, {"?format=A3", "Affichage A3"},
		} {
			v.Files = append(v.Files, ui.Link{Text: f.text + " (PDF, environ " + p.Bytes(weightOf(d.Count)) + ")", Href: PrintPath(a) + ".pdf" + f.query, Icon: "document"})
		}
		if kind == territory.DepartmentArea {
			for _, part := range d.Parts {
				v.Parts = append(v.Parts, areaPart{Name: part.Name, Href: PrintPath(part.Area), Places: countOfPlaces(len(part.Entries))})
			}
			return h.Kit.Render(w, r, http.StatusOK, "place_print", v)
		}
		h.fillPrint(&v, r, d, a)
		return h.Kit.Render(w, r, http.StatusOK, "place_print", v)
	}
}

// weightOf is about what a directory weighs, in bytes: laying it out to say so would cost as much as printing it.
func weightOf(places int) int64 { return int64(15_000 + 3_200*places) }

// fillPrint shows a stretch of the directory under the map of the same numbers.
func (h *Handlers) fillPrint(v *printPage, r *http.Request, d Directory, a territory.Area) {
	if len(d.Parts) == 0 {
		return
	}
	entries := d.Parts[0].Entries
	pages := (len(entries) + printedShown - 1) / printedShown
	at, _ := strconv.Atoi(r.URL.Query().Get("page"))
	at = min(max(at, 1), pages)
	shown := entries[(at-1)*printedShown : min(at*printedShown, len(entries))]
	v.Pager = v.Page.Pager(PrintPath(a), nil, at, pages)
	found := make([]place.Found, len(shown))
	for i, e := range shown {
		found[i] = place.Found{Entry: e.entry, Metres: -1}
		if n := len(v.Communes); n == 0 || v.Communes[n-1].Name != e.Commune {
			v.Communes = append(v.Communes, printedCommune{Name: e.Commune})
		}
		last := &v.Communes[len(v.Communes)-1]
		last.Entries = append(last.Entries, e)
	}
	v.Map = h.numberedMap(v.Page, found, shown[0].Number, a, territory.Commune{})
	if v.Map.Group != "" {
		v.Map.Label = fmt.Sprintf("Carte : %s. Les numéros sont ceux de la liste.", d.Name)
	}
}

// papers keeps the last directories that were printed, so that a booklet is laid out once for each version of the census
// however many people take it. mostPapers bounds them; the oldest goes first.
type papers struct {
	mu    sync.Mutex // held while one is laid out: others wait, so that no crowd can print at once
	made  map[paperKey][]byte
	order []paperKey
}

type paperKey struct {
	area    territory.Area
	sheet   Sheet
	host    string
	version int64
}

const mostPapers = 12

func (h *Handlers) sendDirectory(w http.ResponseWriter, r *http.Request, a territory.Area) error {
	sheet, _ := sheetOf(r)
	p := h.Kit.Page(r, "")
	key := paperKey{a, sheet, h.Territory.Site(r.Host).Host, h.Places.Index().Version()}
	tag := fmt.Sprintf(`"%d-%s-%s-%v-%v"`, key.version, a.Kind, a.Code, sheet.Size == pdf.A3, sheet.Large)
	head := w.Header()
	head.Set("Cache-Control", "public, no-cache")
	if httpx.Has(r, tag) {
		head.Set("ETag", tag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	body, err := h.printed.get(key, func() ([]byte, error) {
		d, err := h.directory(r.WithContext(context.WithoutCancel(r.Context())), p, a)
		if err != nil {
			return nil, err
		}
		return d.PDF(sheet, nil)
	})
	if err != nil {
		return err
	}
	head.Set("ETag", tag)
	sendPDF(w, r, body, "lieux-"+string(a.Kind)+"-"+a.Code+".pdf")
	return nil
}

func (m *papers) get(key paperKey, lay func() ([]byte, error)) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if body, ok := m.made[key]; ok {
		return body, nil
	}
	body, err := lay()
	if err != nil {
		return nil, err
	}
	if m.made == nil {
		m.made = map[paperKey][]byte{}
	}
	if len(m.order) == mostPapers {
		delete(m.made, m.order[0])
		m.order = m.order[1:]
	}
	m.made[key] = body
	m.order = append(m.order, key)
	return body, nil
}

// sendPDF serves a file to be opened where it is read; who wants to keep it has its name.
func sendPDF(w http.ResponseWriter, r *http.Request, body []byte, name string) {
	head := w.Header()
	head.Set("Content-Type", "application/pdf")
	head.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": name}))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
