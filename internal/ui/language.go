package ui

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"viaduc/internal/platform/i18n"
)

// requestKey is the context key of what this package remembers of a request.
type requestKey struct{}

// requestState is what Languages and the two Handle wrappers learn of a request before the page is made.
type requestState struct {
	lang       i18n.Lang // language of the address
	translated bool      // the page exists in every language
}

func stateOf(r *http.Request) requestState {
	if s, ok := r.Context().Value(requestKey{}).(requestState); ok {
		return s
	}
	return requestState{lang: i18n.French}
}

func withState(r *http.Request, s requestState) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), requestKey{}, s))
}

// Path puts the prefix of language l before a local path: Path(Arabic, "/lieux") is "/ar/lieux". French has no prefix.
// The path must start with a slash and carry no prefix yet; it may carry a query.
func Path(l i18n.Lang, path string) string {
	if l == i18n.French || l == "" {
		return path
	}
	if path == "/" {
		return "/" + string(l) + "/"
	}
	return "/" + string(l) + path
}

// splitLang takes the language prefix off a path. It reports French and the path unchanged when there is none.
func splitLang(path string) (i18n.Lang, string) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	for _, l := range i18n.Langs() {
		if l != i18n.French && first == string(l) {
			return l, "/" + rest
		}
	}
	return i18n.French, path
}

// Languages strips the language prefix of the address and remembers it, so that routes are declared once. It stands
// outside the mux. "/fr/..." is sent to the address without prefix.
func (k *Kit) Languages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fr" || strings.HasPrefix(r.URL.Path, "/fr/") {
			http.Redirect(w, r, localAddress(strings.TrimPrefix(r.URL.Path, "/fr"), r.URL.RawQuery), http.StatusFound)
			return
		}
		l, path := splitLang(r.URL.Path)
		s := stateOf(r)
		s.lang = l
		r = withState(r, s)
		if l != i18n.French {
			u := new(url.URL)
			*u = *r.URL
			u.Path = path
			if u.RawPath != "" {
				_, u.RawPath = splitLang(u.RawPath)
			}
			r.URL = u
		}
		next.ServeHTTP(w, r)
	})
}

// localAddress makes an address that can only lead to this site, whatever the path holds.
func localAddress(path, query string) string {
	u := url.URL{Path: "/" + strings.TrimLeft(path, "/\\"), RawQuery: query}
	return u.String()
}

// LocalPath returns to when it is an address of this very site ("/lieux?ou=Saintes"), and fallback when it is anything
// else: another site, another scheme, a trick with slashes, a control character. Every "retour" field goes through it.
func LocalPath(to, fallback string) string {
	if !strings.HasPrefix(to, "/") || len(to) > 1000 || strings.ContainsAny(to, "\\") {
		return fallback
	}
	if strings.ContainsFunc(to, func(c rune) bool { return c < 0x20 || c == 0x7f }) {
		return fallback
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") || !strings.HasPrefix(u.Path, "/") {
		return fallback
	}
	return to
}

// Mux is what modules mount their pages on; an *http.ServeMux is one.
type Mux interface {
	Handle(pattern string, h http.Handler)
}
