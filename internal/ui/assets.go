package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed assets components templates
var files embed.FS

//go:embed locale
var localeFS embed.FS

// Locale returns the words of this package, for i18n.New.
func Locale() fs.FS { return localeFS }

// assetsPath is where Assets must be mounted.
const assetsPath = "/assets/"

// ManifestPath is what makes an application of the pages of the team, where a browser is asked to. OfflinePath is the page that
// stands for them without network, WorkerPath the script that serves it.
const (
	ManifestPath = "/pro/application.webmanifest"
	OfflinePath  = "/pro/hors-ligne"
	WorkerPath   = "/pro/hors-ligne.js"
)

// asset is one static file, ready to be sent.
type asset struct {
	path  string // its address, with the hash of its content
	media string
	etag  string
	plain []byte
	gz    []byte // nil when compressing does not help (fonts)
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8",
	".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}

// library is the set of static files, built once: it depends on nothing but the program itself.
type library struct {
	byName map[string]*asset // "style.css"
	byPath map[string]*asset
}

var theLibrary = sync.OnceValue(func() library {
	lib := library{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	add := func(name string, data []byte) {
		a := newAsset(name, data)
		lib.byName[name], lib.byPath[a.path] = a, a
	}
	entries, err := files.ReadDir("assets")
	if err != nil {
		panic(err) // embedded: cannot fail in a program that was built
	}
	var style []byte
	for _, e := range entries {
		data, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		if e.Name() == "style.css" {
			style = data
			continue
		}
		if path.Ext(e.Name()) == ".css" {
			data = squeeze(data)
		}
		if strings.HasPrefix(e.Name(), "leaflet.") && path.Ext(e.Name()) != ".txt" {
			continue
		}
		if strings.HasPrefix(e.Name(), "carte.") {
			data = withLeaflet(path.Ext(e.Name()), data)
		}
		add(e.Name(), data)
	}
	// The style sheet names the fonts: it gets their hashed addresses, so that they too can be kept for ever.
	text := string(squeeze(style))
	for name, a := range lib.byName {
		text = strings.ReplaceAll(text, "url("+name+")", "url("+path.Base(a.path)+")")
	}
	add("style.css", []byte(text))
	return lib
})

// withLeaflet puts Leaflet, as its authors made it, before what makes a map of it: one file less to ask for.
func withLeaflet(ext string, ours []byte) []byte {
	theirs, err := files.ReadFile("assets/leaflet" + ext)
	if err != nil {
		panic(err) // embedded, as above
	}
	if ext == ".css" {
		theirs = squeeze(theirs)
	}
	theirs, _, _ = bytes.Cut(theirs, []byte("\n//# sourceMappingURL"))
	out := append(slices.Clip(theirs), '\n')
	for line := range bytes.Lines(ours) { // indentation and comments that have a line of their own weigh a tenth
		if line = bytes.TrimLeft(line, " "); !bytes.HasPrefix(line, []byte("//")) {
			out = append(out, line...)
		}
	}
	return out
}

func newAsset(name string, data []byte) *asset {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:5])
	ext := path.Ext(name)
	a := &asset{
		path:  assetsPath + strings.TrimSuffix(name, ext) + "-" + hash + ext,
		media: mediaTypes[ext],
		etag:  `"` + hash + `"`,
		plain: data,
	}
	if ext != ".woff2" {
		a.gz = zip(data)
	}
	return a
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = z.Write(data) // a bytes.Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// squeeze drops the comments and the indentation of a style sheet; it knows no string that looks like a comment.
func squeeze(css []byte) []byte {
	var out []byte
	for {
		before, rest, ok := bytes.Cut(css, []byte("/*"))
		out = append(out, before...)
		if !ok {
			break
		}
		_, css, _ = bytes.Cut(rest, []byte("*/"))
	}
	var lines [][]byte
	for line := range bytes.Lines(out) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, line)
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// AssetPath returns the address of a static file of this package by its name ("style.css", "icons.svg", "page.js"),
// with the hash of its content, and "" for an unknown name. Templates call it as {{asset "icons.svg"}}.
func AssetPath(name string) string {
	if a, ok := theLibrary().byName[name]; ok {
		return a.path
	}
	return ""
}

// stylesheetPath is the address of the style sheet with a site's action colour, "" or ours meaning none.
func stylesheetPath(action string) string {
	plain := AssetPath("style.css")
	if _, err := parseColour(action); err != nil {
		return plain
	}
	return strings.TrimSuffix(plain, ".css") + "-" + strings.ToLower(action[1:]) + ".css"
}

// find returns the asset at an address. The style sheet in a site's colour is made on demand: half a millisecond once
// per visitor and version costs less than a memory that a stranger could fill.
func (lib library) find(p string) *asset {
	if a, ok := lib.byPath[p]; ok {
		return a
	}
	style := lib.byName["style.css"]
	rest, ok := strings.CutPrefix(p, strings.TrimSuffix(style.path, ".css")+"-")
	if !ok {
		return nil
	}
	colour, ok := strings.CutSuffix(rest, ".css")
	if !ok || colour != strings.ToLower(colour) {
		return nil
	}
	more, err := actionCSS("#" + colour)
	if err != nil {
		return nil
	}
	data := append(append(bytes.Clone(style.plain), '\n'), more...)
	return &asset{path: p, media: style.media, etag: strings.TrimSuffix(style.etag, `"`) + "-" + colour + `"`, plain: data, gz: zip(data)}
}

// Assets serves the static files under /assets/: names carry the hash of their content, so that a browser keeps them
// for a year and never asks again. Mount it at "GET /assets/". An unknown name is a plain 404.
func (k *Kit) Assets() http.Handler {
	lib := theLibrary()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := lib.find(r.URL.Path)
		if a == nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.media)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", a.etag)
		data := a.plain
		if a.gz != nil {
			h.Add("Vary", "Accept-Encoding")
			if acceptsGzip(r) {
				h.Set("Content-Encoding", "gzip")
				data = a.gz
			}
		}
		for tag := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
			if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == a.etag {
				h.Del("Content-Encoding")
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(data)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(data) // the reader left: nothing to do
		}
	})
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}

// icon draws a pictogram of the sprite: icon "map". It says nothing to a screen reader: words always stand beside it.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="picto" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="` +
		AssetPath("icons.svg") + `#` + template.HTMLEscapeString(name) + `"></use></svg>`)
}

// favicon is the mark in the bar of the browser, inside the page: it costs no request.
const favicon = "data:image/svg+xml,%3Csvg xmlns='http:%2F%2Fwww.w3.org/2000/svg' viewBox='0 -11 42 42'%3E%3Cpath fill='%230b4f8a' d='" + archesPath + "'/%3E%3C/svg%3E"

// archesPath is the mark of Viaduc: a deck and three arches, on a ground of 42 by 20.
const archesPath = "M0 1h42v3H0zM1 4h40v15h-1.5v-5a5.5 5.5 0 0 0-11 0v5h-2v-5a5.5 5.5 0 0 0-11 0v5h-2v-5a5.5 5.5 0 0 0-11 0v5H1z"

// arches draws the mark. It says nothing to a screen reader: the territory's name stands beside it.
func arches() template.HTML {
	return `<svg class="arches" viewBox="0 0 42 20" aria-hidden="true" focusable="false"><path d="` + archesPath + `"/></svg>`
}

// OfflineAssets are the addresses of what the page without network needs beside itself: its styles, its script, its fonts.
func (p Page) OfflineAssets() []string {
	out := []string{p.Stylesheet()}
	for _, name := range []string{"equipe.css", "journee.js", "icone.svg", "atkinson-400.woff2", "atkinson-700.woff2"} {
		out = append(out, AssetPath(name))
	}
	return out
}
