// Package ui is the page kit: how every page of Viaduc looks, speaks and fails.
//
// It owns the frame of a page (header, menu, footer, phone block), the components (fields, cards, tables: one struct
// and one template each), the style sheet, the pictograms, the writing of dates, hours, phones and distances, the
// languages of the addresses, the comfort settings, and the one place where a refusal (package fault) becomes a status
// and a page.
//
// # A page
//
// A module keeps its pages in templates/*.html; the file booking_list.html is the template "booking_list". A view is a
// struct that embeds Page:
//
//	type bookingList struct {
//		ui.Page
//		Rows []bookingRow
//	}
//
//	{{template "page_top" .Page}}
//	<h1>{{.T "agenda.bookings.title"}}</h1>
//	...
//	{{template "page_bottom" .Page}}
//
// A handler returns an error and is mounted with Handle (French only) or HandleTranslated (all languages):
//
//	mux.Handle("GET /agenda", kit.HandleTranslated(h.listEvents))
//	server.Handler = kit.Languages(kit.Pages(mux))
//
// # Classes that a page may use by itself
//
// Most pages need none: components carry theirs. Bands and columns: page, large (with page), fleuve (the river band of a
// home page, with its viaduct), pierre (a band of stone). Links and buttons: bouton, second (a quieter button), actions (a
// row of them), lien (a link with a pictogram), tel, geant (a number that matters), voies (ways on). Words: aide (a
// hint), erreur, cache (for screen readers only), tag with m-info, m-succes, m-alerte, m-erreur or m-neutre. Places: lieux
// (the list), etat with ouvert, bientot, ferme or inconnu. ecran is left out on paper.
//
// # Rules it keeps
//
// Everything works without a script. No page names another site: style, font, pictograms and the one small script come
// from /assets/, under the policy ContentSecurityPolicy. Every pair of text and ground has a contrast of 7 in the light
// theme, the dark one and the high contrast (a test reads the style sheet). A page of the residents stays under 350
// elements, 60 kB and 6 requests. No cookie is set but "affichage", by the reader's own action. A page is made whole in
// memory before the first byte leaves: a failure never sends half a page.
//
// It deliberately does not know our trade, does not read the session, and does not compress pages (the server does).
package ui

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template/parse"
	"time"

	"viaduc/internal/platform/i18n"
)

// ContentSecurityPolicy is the policy of every page: nothing but this site, no inline script or style, no frame.
const ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Deps is what a Kit leans on. Catalog, Site, Now and Log are needed; New reports which one is missing.
type Deps struct {
	Catalog   *i18n.Catalog                    // built with the words of this package (Locale) among the others
	Site      func(host string) Site           // what the territory of this host says of itself
	Now       func() time.Time                 // the clock, in the time zone of the territory
	Log       *slog.Logger                     // where internal errors go, once
	Templates []fs.FS                          // one for each module, with templates/*.html
	Menu      []MenuItem                       // the menu of the residents
	StaffNote func(r *http.Request) string     // said on top of pages of the team; "" or nil for nothing
	StaffMenu func(r *http.Request) []MenuItem // the menu of addresses under /pro, by what the reader may do; nil for the residents' one
	Login     string                           // where one logs in; "/connexion" when empty
	Callback  string                           // where one asks to be called back; "" while the site cannot
}

// Kit makes pages. It is safe for concurrent use.
type Kit struct {
	catalog   *i18n.Catalog
	keys      map[string]bool
	site      func(host string) Site
	now       func() time.Time
	log       *slog.Logger
	templates *template.Template
	menu      []MenuItem
	staffMenu func(r *http.Request) []MenuItem
	staffNote func(r *http.Request) string
	login     string
	callback  string
}

// New reads every template. It reports a missing dependency, a template that does not parse, and a name that two files
// both define.
func New(d Deps) (*Kit, error) {
	if d.Catalog == nil || d.Site == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("ui: Catalog, Site, Now and Log are needed")
	}
	k := &Kit{
		catalog: d.Catalog, keys: map[string]bool{}, site: d.Site, now: d.Now, log: d.Log,
		menu: d.Menu, staffMenu: d.StaffMenu, staffNote: d.StaffNote, login: orElse(d.Login, "/connexion"), callback: d.Callback,
	}
	for _, key := range d.Catalog.Keys(i18n.French) {
		k.keys[key] = true
	}
	t, err := parseTemplates(append([]fs.FS{files}, d.Templates...))
	if err != nil {
		return nil, err
	}
	k.templates = t
	return k, nil
}

// Funcs are the functions of the templates, beside the methods of the views: asset, icon, arches, tel. None reads
// anything but the program itself.
func Funcs() template.FuncMap {
	return template.FuncMap{"asset": AssetPath, "icon": icon, "arches": arches, "tel": tel}
}

// parseTemplates reads components/*.html and templates/*.html of every source into one set. The name of a file is the
// name of its template.
func parseTemplates(sources []fs.FS) (*template.Template, error) {
	set := template.New("").Funcs(Funcs()).Option("missingkey=error")
	definedIn := map[string]string{}
	for _, src := range sources {
		for _, pattern := range []string{"components/*.html", "templates/*.html"} {
			names, err := fs.Glob(src, pattern)
			if err != nil {
				return nil, err
			}
			for _, file := range names {
				if err := parseFile(set, src, file, definedIn); err != nil {
					return nil, fmt.Errorf("template %s: %w", file, err)
				}
			}
		}
	}
	return set, nil
}

// constantCalls are calls of template functions whose answer is known before any page is made.
var constantCalls = regexp.MustCompile(`\{\{(?:(icon|asset) "([a-z0-9.-]+)"|(arches))\}\}`)

// folded puts the answers of constant calls into the text: a list of fifteen places would ask for the same pictogram
// fifteen times.
func folded(text string) string {
	return constantCalls.ReplaceAllStringFunc(text, func(call string) string {
		m := constantCalls.FindStringSubmatch(call)
		switch {
		case m[1] == "icon":
			return string(icon(m[2]))
		case m[1] == "asset":
			return AssetPath(m[2])
		}
		return string(arches())
	})
}

func parseFile(set *template.Template, src fs.FS, file string, definedIn map[string]string) error {
	raw, err := fs.ReadFile(src, file)
	if err != nil {
		return err
	}
	text := folded(string(raw))
	name := strings.TrimSuffix(path.Base(file), ".html")
	trees, err := parse.Parse(name, text, "", "", builtins, Funcs())
	if err != nil {
		return err
	}
	for n, tree := range trees {
		if parse.IsEmptyTree(tree.Root) {
			continue
		}
		if other, ok := definedIn[n]; ok {
			return fmt.Errorf("%q is already defined in %s", n, other)
		}
		definedIn[n] = file
	}
	_, err = set.New(name).Parse(text)
	return err
}

// builtins names the functions that html/template always has, for the parser that looks for double names.
var builtins = map[string]any{
	"and": 0, "call": 0, "html": 0, "index": 0, "slice": 0, "js": 0, "len": 0, "not": 0, "or": 0, "print": 0,
	"printf": 0, "println": 0, "urlquery": 0, "eq": 0, "ge": 0, "gt": 0, "le": 0, "lt": 0, "ne": 0,
}

// Templates returns the whole set, for templatecheck in tests. It must not be executed or changed.
func (k *Kit) Templates() *template.Template { return k.templates }

// Names lists the templates of the set, sorted, for tests.
func (k *Kit) Names() []string {
	var out []string
	for _, t := range k.templates.Templates() {
		if t.Name() != "" {
			out = append(out, t.Name())
		}
	}
	slices.Sort(out)
	return out
}

// pages keeps the memory of pages from one to the next.
var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Fragment makes a part of a page with the named template: what a module shows on the page of another.
func (k *Kit) Fragment(name string, view any) (template.HTML, error) {
	var b strings.Builder
	if err := k.templates.ExecuteTemplate(&b, name, view); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(b.String()), nil
}

// Render makes the page in memory with the named template, then sends it whole. When the template fails, nothing was
// sent and the error comes back, for Error.
func (k *Kit) Render(w http.ResponseWriter, r *http.Request, status int, name string, view any) error {
	b := pages.Get().(*bytes.Buffer)
	defer pages.Put(b)
	b.Reset()
	if err := k.templates.ExecuteTemplate(b, name, view); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Cookie")
	setDefault(h, "Content-Security-Policy", ContentSecurityPolicy)
	setDefault(h, "X-Content-Type-Options", "nosniff")
	setDefault(h, "Referrer-Policy", "same-origin")
	setDefault(h, "Cache-Control", "no-cache")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = b.WriteTo(w) // the reader left: nothing to do
	}
	return nil
}

func setDefault(h http.Header, key, value string) {
	if h.Get(key) == "" {
		h.Set(key, value)
	}
}

// Handle serves a page that exists in French only: an address with a language prefix is sent to the French one. What
// the handler returns goes to Error.
func (k *Kit) Handle(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return k.handle(false, h)
}

// HandleTranslated serves a page that exists in every language. In English and Arabic the page says that its
// translation was not proofread.
func (k *Kit) HandleTranslated(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return k.handle(true, h)
}

func (k *Kit) handle(translated bool, h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := stateOf(r)
		if !translated && s.lang != i18n.French {
			if r.Method == http.MethodGet || r.Method == http.MethodHead {
				http.Redirect(w, r, localAddress(r.URL.Path, r.URL.RawQuery), http.StatusFound)
				return
			}
			s.lang = i18n.French
		}
		s.translated = translated
		r = withState(r, s)
		defer func() {
			if v := recover(); v != nil {
				if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(v)
				}
				k.Error(w, r, panicked(v))
			}
		}()
		if err := h(w, r); err != nil {
			k.Error(w, r, err)
		}
	})
}

// Pages serves a mux and turns its own plain answers into pages: an unknown address (404) and a method that an address
// does not know (405, with its Allow header).
func (k *Kit) Pages(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		probe := &probe{header: http.Header{}}
		h.ServeHTTP(probe, r)
		switch probe.status {
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", probe.header.Get("Allow"))
			k.MethodNotAllowed(w, r)
		case http.StatusNotFound:
			k.NotFound(w, r)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// probe learns what a handler would answer, without sending it.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header { return p.header }

func (p *probe) WriteHeader(status int) {
	if p.status == 0 {
		p.status = status
	}
}

func (p *probe) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return len(b), nil
}
