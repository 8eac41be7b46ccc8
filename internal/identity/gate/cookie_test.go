package gate

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// D12: the cookie of a session.
func TestD12CookieFlags(t *testing.T) {
	t.Parallel()
	for _, https := range []bool{true, false} {
		ask := func() *http.Request {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			if https {
				r.Header.Set("X-Forwarded-Proto", "https")
			}
			return r
		}
		w := httptest.NewRecorder()
		SetSession(w, ask(), "secret")
		cookie := w.Result().Cookies()[0]
		name := "viaduc"
		if https {
			name = "__Host-viaduc"
		}
		if cookie.Name != name || cookie.Value != "secret" || !cookie.HttpOnly || cookie.Secure != https || cookie.Path != "/" || cookie.Domain != "" ||
			cookie.SameSite != 2 || cookie.MaxAge != 0 || !cookie.Expires.IsZero() {
			t.Errorf("%+v", cookie)
		}
		r := ask()
		r.AddCookie(cookie)
		if token(r) != "secret" {
			t.Error("the cookie is not read")
		}
		r.AddCookie(cookie)
		if token(r) != "" {
			t.Error("a cookie that somebody set beside ours is read")
		}
		other := httptest.NewRequest(http.MethodGet, "/", nil)
		if !https {
			other.Header.Set("X-Forwarded-Proto", "https")
		}
		if other.AddCookie(cookie); token(other) != "" {
			t.Error("the cookie is read under the other name")
		}
		w = httptest.NewRecorder()
		ClearSession(w, ask())
		if c := w.Result().Cookies()[0]; c.Name != name || c.MaxAge >= 0 || c.Secure != https {
			t.Errorf("cleared by %+v", c)
		}
	}
}
