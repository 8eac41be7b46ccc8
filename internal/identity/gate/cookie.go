package gate

import (
	"net/http"
	"strings"

	"viaduc/internal/identity"
)

// The names of the cookie.
const (
	secureCookie = "__Host-viaduc"
	plainCookie  = "viaduc"
)

func cookieName(https bool) string {
	if https {
		return secureCookie
	}
	return plainCookie
}

// SetSession gives the browser the token of a session, for as long as the browser is open: the database knows when the
// session ends.
func SetSession(w http.ResponseWriter, r *http.Request, t identity.Token) {
	set(w, r, string(t), 0)
}

// ClearSession takes the token back.
func ClearSession(w http.ResponseWriter, r *http.Request) { set(w, r, "", -1) }

func set(w http.ResponseWriter, r *http.Request, value string, age int) {
	https := HTTPS(r)
	bake(w, cookieName(https), value, age, https)
}

func bake(w http.ResponseWriter, name, value string, age int, https bool) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, Secure: https, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// HTTPS reports whether the browser speaks https, to this node or to the proxy before it.
func HTTPS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// token returns the token that a request brings; "" for none, and for a cookie that was set twice.
func token(r *http.Request) identity.Token { return identity.Token(only(r, cookieName(HTTPS(r)))) }

// only is the value of a cookie that is there once.
func only(r *http.Request, name string) string {
	found := r.CookiesNamed(name)
	if len(found) != 1 {
		return ""
	}
	return found[0].Value
}

// Other cookies, of the same make: the step that a log-in waits at and the mark of a browser that is known again; and, for
// those who log in by an identity provider, the identity that waits to be tied, the provider's proof of who they are, which
// ends its session too, and what a browser must come back with from there. All but the mark last as long as the browser is
// open.
const (
	stepCookie    = "etape"
	knownCookie   = "connu"
	linkingCookie = "identite"
	proofCookie   = "preuve"
	leavingCookie = "fin"
)

// SetLinking gives the browser the token of an identity that waits to be tied.
func SetLinking(w http.ResponseWriter, r *http.Request, t identity.Token) {
	setNamed(w, r, linkingCookie, string(t), 0)
}

// ClearLinking takes it back.
func ClearLinking(w http.ResponseWriter, r *http.Request) { setNamed(w, r, linkingCookie, "", -1) }

// Linking is the identity that a browser waits to tie, "" for none.
func Linking(r *http.Request) identity.Token { return identity.Token(named(r, linkingCookie)) }

// SetProof gives the browser the id_token of its log-in, which names its owner to nobody else.
func SetProof(w http.ResponseWriter, r *http.Request, provider, idToken string) {
	setNamed(w, r, proofCookie, provider+"."+idToken, 0)
}

// ClearProof takes it back.
func ClearProof(w http.ResponseWriter, r *http.Request) { setNamed(w, r, proofCookie, "", -1) }

// Proof is the provider and the id_token of a log-in, empty for none.
func Proof(r *http.Request) (provider, idToken string) {
	provider, idToken, _ = strings.Cut(named(r, proofCookie), ".")
	return provider, idToken
}

// SetLeaving keeps what a browser must come back with from the end of a provider's session; "" takes it back.
func SetLeaving(w http.ResponseWriter, r *http.Request, state string) {
	age := 0
	if state == "" {
		age = -1
	}
	setNamed(w, r, leavingCookie, state, age)
}

// Leaving is what a browser must come back with, "" for none.
func Leaving(r *http.Request) string { return named(r, leavingCookie) }

// SetStep gives the browser the token of a step of a log-in.
func SetStep(w http.ResponseWriter, r *http.Request, t identity.Token) {
	setNamed(w, r, stepCookie, string(t), 0)
}

// ClearStep takes it back.
func ClearStep(w http.ResponseWriter, r *http.Request) { setNamed(w, r, stepCookie, "", -1) }

// Step is the step that a browser waits at, "" for none.
func Step(r *http.Request) identity.Token { return identity.Token(named(r, stepCookie)) }

// SetKnown lets a browser be known again.
func SetKnown(w http.ResponseWriter, r *http.Request, k identity.KnownBrowser) {
	setNamed(w, r, knownCookie, string(k), int(identity.KnownFor.Seconds()))
}

// Known is what a browser kept of an earlier log-in, "" for none.
func Known(r *http.Request) identity.KnownBrowser {
	return identity.KnownBrowser(named(r, knownCookie))
}

func setNamed(w http.ResponseWriter, r *http.Request, name, value string, age int) {
	https := HTTPS(r)
	bake(w, cookieName(https)+"-"+name, value, age, https)
}

func named(r *http.Request, name string) string { return only(r, cookieName(HTTPS(r))+"-"+name) }
