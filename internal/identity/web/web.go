// Package web is how people meet package identity in a browser: the words of its refusals and the cookie of a session.
//
// The cookie's name begins with __Host- over https, so that no other host and no plain page can set it; over http, which
// only a demonstration on the same machine uses, browsers would refuse that name.
package web

import (
	"embed"
	"net/http"

	"viaduc/internal/identity"
)

// Locale holds the words of this package.
//
//go:embed locale/*.json
var Locale embed.FS

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
func SetSession(w http.ResponseWriter, https bool, t identity.Token) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(https), Value: string(t), Path: "/", Secure: https, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// ClearSession takes the token back.
func ClearSession(w http.ResponseWriter, https bool) {
	http.SetCookie(w, &http.Cookie{Name: cookieName(https), Path: "/", MaxAge: -1, Secure: https, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// SessionToken returns the token that a request brings; "" for none, and for a cookie that was set twice.
func SessionToken(r *http.Request, https bool) identity.Token {
	found := r.CookiesNamed(cookieName(https))
	if len(found) != 1 {
		return ""
	}
	return identity.Token(found[0].Value)
}
