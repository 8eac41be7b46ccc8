package ui

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/id"
)

// panicError is a handler that stopped in the middle. Its text never holds the value it stopped with, which may hold
// what a person typed, unless it is the Go runtime's own.
type panicError struct {
	text  string
	stack string
}

func (e *panicError) Error() string { return "panic: " + e.text }

func panicked(v any) error {
	e := &panicError{text: fmt.Sprintf("%T", v), stack: string(debug.Stack())}
	if err, ok := v.(interface {
		error
		RuntimeError()
	}); ok {
		e.text = err.Error()
	}
	return e
}

// problem is the page of a refusal or a failure.
type problem struct {
	Page
	Heading   string
	Text      string
	Fields    []string
	Reference string // what to say on the phone; "" when it is not our failure
	Login     string // where to log in; "" when that does not help
	Kept      keptForm
	Ways      []Link
}

// keptForm is what somebody was sending when their session had ended: nothing that was typed is lost. Its fields are
// empty where there is nothing to send again.
type keptForm struct {
	Action string
	Fields []Hidden
}

// maxKept bounds a form that is sent back to be sent again, in bytes.
const maxKept = 64 << 10

// secretFields are never written into a page.
var secretFields = []string{"password", "code", "pin", "secours", "secret", "uri"}

// keep takes the form of a refused request for the page of the refusal. Files are not kept, and no form that logs in.
func keep(r *http.Request) keptForm {
	behind := r.URL.Path == "/compte" || strings.HasPrefix(r.URL.Path, "/compte/") || strings.HasPrefix(r.URL.Path, "/pro/")
	if r.Method != http.MethodPost || !behind || r.ContentLength > maxKept || r.ParseForm() != nil {
		return keptForm{}
	}
	kept, size := keptForm{Action: r.URL.Path}, 0
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if slices.Contains(secretFields, name) {
			return keptForm{}
		}
		for _, value := range r.PostForm[name] {
			kept.Fields = append(kept.Fields, Hidden{name, value})
			size += len(name) + len(value)
		}
	}
	if size > maxKept || len(kept.Fields) == 0 {
		return keptForm{}
	}
	return kept
}

// Error answers with the page of an error: its status by kind, its own sentence when the words know it, what one can do
// now, and the phone number. An error without a kind is logged once, with a short reference that the page shows; neither
// the address nor its query is logged, only the route.
func (k *Kit) Error(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.KindOf(err)
	p := k.problemPage(r)
	v := problem{Page: p}
	name := string(kind)
	if kind == fault.Internal {
		name = "internal"
		v.Reference = id.NewReference()
		attrs := []any{"reference", v.Reference, "route", r.Pattern, "method", r.Method, "error", err.Error()}
		if pe, ok := errors.AsType[*panicError](err); ok {
			attrs = append(attrs, "stack", pe.stack)
		}
		k.log.ErrorContext(r.Context(), "page failed", attrs...)
	}
	v.Text = p.T("ui.error." + name + ".text")
	if f, ok := fault.As(err); ok {
		if k.keys[f.Message.Key] {
			v.Text = p.T(f.Message.Key, f.Message.Args...)
		}
		for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
			m := f.Fields[field]
			if k.keys[m.Key] {
				v.Fields = append(v.Fields, p.T(m.Key, m.Args...))
			}
		}
	}
	switch kind {
	case fault.Unauthenticated:
		v.Login = k.login
		if r.Method == http.MethodGet {
			v.Login += "?" + url.Values{"retour": {p.Address()}}.Encode()
		}
		v.Kept = keep(r)
	case fault.TooMany:
		setDefault(w.Header(), "Retry-After", "60")
	case fault.Unavailable:
		setDefault(w.Header(), "Retry-After", "120")
	}
	k.sendProblem(w, r, httpx.Status(kind), name, v)
}

// problemPage is the frame of an error page: it speaks the language of the address even where the page itself does not,
// and its language links lead to the page of the languages.
func (k *Kit) problemPage(r *http.Request) Page {
	s := stateOf(r)
	s.translated = true
	p := k.Page(withState(r, s), "")
	p.translated = false
	p.Languages = p.otherLanguages()
	return p
}

// NotFound is the page of an unknown address.
func (k *Kit) NotFound(w http.ResponseWriter, r *http.Request) {
	v := problem{Page: k.problemPage(r)}
	v.Text = v.T("ui.error.not_found.text")
	k.sendProblem(w, r, http.StatusNotFound, "not_found", v)
}

// MethodNotAllowed is the page of an address asked in a way it does not know. The caller has set Allow.
func (k *Kit) MethodNotAllowed(w http.ResponseWriter, r *http.Request) {
	v := problem{Page: k.problemPage(r)}
	v.Text = v.T("ui.error.method.text")
	k.sendProblem(w, r, http.StatusMethodNotAllowed, "method", v)
}

func (k *Kit) sendProblem(w http.ResponseWriter, r *http.Request, status int, name string, v problem) {
	v.Heading = v.T("ui.error." + name + ".title")
	v.Title = v.Heading
	v.Ways = append(v.Ways, Link{Text: v.T("ui.home.go"), Href: v.Path("/"), Icon: "home"})
	if status == http.StatusNotFound && !v.Staff {
		for _, m := range v.Menu {
			if m.Href != v.Path("/") {
				v.Ways = append(v.Ways, Link{Text: m.Text, Href: m.Href, Icon: m.Icon})
			}
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	if err := k.Render(w, r, status, "problem", v); err != nil {
		k.log.ErrorContext(r.Context(), "error page failed", "route", r.Pattern, "error", err.Error())
		k.Maintenance(w, r, status)
	}
}

// The page of last resort has its style in itself and asks for nothing: it also serves when the rest is down.
const maintenanceStyle = `body{font:1.125rem/1.6 system-ui,sans-serif;color:#1b1b1f;background:#f7f4ee;margin:0 auto;max-width:34rem;padding:2rem 1rem}` +
	`svg{width:5rem;fill:#0b4f8a}h1{font-size:1.8rem;line-height:1.25}b{display:block;font-size:1.8rem}a{color:#0b4f8a}`

var maintenanceHash = sha256.Sum256([]byte(maintenanceStyle))

var maintenancePage = template.Must(template.New("maintenance").Funcs(Funcs()).Parse(`<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Le site est en panne – {{.Title}}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
{{.Style}}</head>
<body><header>{{arches}}<p>{{.Title}}</p></header><main><h1>Le site est en panne</h1>
<p>Ce n'est pas votre faute. Nous réparons. Revenez dans un moment.</p>
{{if .Phone}}<p>Vous pouvez nous appeler&nbsp;: <a href="{{tel .PhoneHref}}"><b>{{.Phone}}</b></a>{{.PhoneHours}}</p>{{end}}
</main></body></html>
`))

// Maintenance is the page of last resort: static, its style inside, with the phone number. Error falls back on it when
// the error page itself fails; app may serve it while the database is away (status 503).
func (k *Kit) Maintenance(w http.ResponseWriter, r *http.Request, status int) {
	var b bytes.Buffer
	data := struct {
		Site
		Style template.HTML
	}{k.siteOf(r), template.HTML("<style>" + maintenanceStyle + "</style>")}
	if err := maintenancePage.Execute(&b, data); err != nil {
		http.Error(w, "Le site est en panne. Revenez dans un moment.", status)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", strings.Replace(ContentSecurityPolicy, "style-src 'self'",
		"style-src 'sha256-"+base64.StdEncoding.EncodeToString(maintenanceHash[:])+"'", 1))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = b.WriteTo(w) // the reader left: nothing to do
	}
}
