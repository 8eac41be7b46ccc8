package gate

import (
	"net/http"

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
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(https), Value: value, Path: "/", MaxAge: age, Secure: https, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// HTTPS reports whether the browser speaks https, to this node or to the proxy before it.
func HTTPS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// token returns the token that a request brings; "" for none, and for a cookie that was set twice.
func token(r *http.Request) identity.Token {
	found := r.CookiesNamed(cookieName(HTTPS(r)))
	if len(found) != 1 {
		return ""
	}
	return identity.Token(found[0].Value)
}
