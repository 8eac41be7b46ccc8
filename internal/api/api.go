// Package api is how the public JSON of every module looks and fails: operations that describe themselves, one way to
// write an answer, and the one place where a fault becomes a status and a problem document (RFC 9457).
//
// A module's api package lists its operations; package app mounts them under /api/v1/ and serves the OpenAPI document
// made from the same list, so that the two cannot differ.
//
// Public JSON carries no personal data, needs no key, and may be read from any other site.
package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/i18n"
)

// Prefix is where public JSON lives.
const Prefix = "/api/v1"

// Operation is one public address: what it is for, what it takes, what it answers, and who serves it.
type Operation struct {
	Path    string // below Prefix, with {names} in braces: "/lieux/{numero}"
	ID      string // unique name: "listPlaces"
	Summary string // one French sentence
	Params  []Param
	Answer  Schema // of status 200
	Faults  []fault.Kind
	Serve   func(w http.ResponseWriter, r *http.Request) error
}

// Param is a parameter of the query or the path.
type Param struct {
	Name     string
	In       string // "query" or "path"
	About    string // French
	Required bool
	Schema   Schema
	Example  any
}

// Kit writes answers.
type Kit struct {
	words *i18n.Printer
	log   *slog.Logger
}

// New returns a kit that explains faults in French.
func New(catalog *i18n.Catalog, log *slog.Logger) *Kit {
	return &Kit{words: catalog.Printer(i18n.French), log: log}
}

// Mux is what operations are mounted on; an *http.ServeMux is one.
type Mux interface {
	Handle(pattern string, h http.Handler)
}

// Mount serves the operations and their OpenAPI document.
func (k *Kit) Mount(mux Mux, operations []Operation) error {
	for _, op := range operations {
		mux.Handle("GET "+Prefix+op.Path, k.handle(op.Serve))
	}
	doc, err := Document(operations)
	if err != nil {
		return err
	}
	mux.Handle("GET "+Prefix+"/openapi.json", k.handle(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(doc) // the reader left
		return nil
	}))
	mux.Handle(Prefix+"/", k.handle(func(_ http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			return errMethod
		}
		return fault.New(fault.NotFound, "api.unknown_address")
	}))
	return nil
}

// errMethod is the one refusal that is no fault of our trade: a method that no public address knows.
var errMethod = fault.New(fault.Invalid, "api.method")

func (k *Kit) handle(serve func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if err := serve(w, r); err != nil {
			k.fail(w, r, err)
		}
	})
}

// Problem is the body of a refusal.
type Problem struct {
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail"`
	Fields map[string]string `json:"fields,omitempty"`
}

func (k *Kit) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := httpx.Status(fault.KindOf(err))
	p := Problem{Detail: k.words.T("api.internal")}
	if f, ok := fault.As(err); ok {
		p.Detail = k.words.T(f.Message.Key, f.Message.Args...)
		for field, m := range f.Fields {
			if p.Fields == nil {
				p.Fields = map[string]string{}
			}
			p.Fields[field] = k.words.T(m.Key, m.Args...)
		}
		if f == errMethod {
			status = http.StatusMethodNotAllowed
			w.Header().Set("Allow", "GET, HEAD")
		}
	} else {
		k.log.Error("api call failed", "path", r.URL.Path, "error", err)
	}
	p.Status, p.Title = status, http.StatusText(status)
	body, _ := json.Marshal(p) // strings and numbers always marshal
	Write(w, "application/problem+json", "no-store", status, body)
}

// Write sends a whole body.
func Write(w http.ResponseWriter, contentType, cache string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cache)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader left: nothing to do
}
