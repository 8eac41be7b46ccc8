package web

import (
	"net/http"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// linkPage is the view of a one-time link: opening it changes nothing, its one button does.
type linkPage struct {
	ui.Page
	Token string
}

func (h *Handlers) showLink(w http.ResponseWriter, r *http.Request) error {
	v := linkPage{Page: h.Kit.Page(r, "Entrer avec votre lien"), Token: r.URL.Query().Get("jeton")}
	v.Discreet = true // the address holds a secret: nothing else is asked from this page
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	return h.Kit.Render(w, r, http.StatusOK, "identity_link", v)
}

func (h *Handlers) useLink(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "identity.form_unreadable")
	}
	t, err := h.Identity.LoginByLink(r.Context(), identity.Token(r.PostForm.Get("jeton")), browserOf(r))
	if err != nil {
		return err
	}
	gate.SetSession(w, r, t)
	http.Redirect(w, r, "/pro", http.StatusSeeOther)
	return nil
}

// browserOf is what a log-in knows of where it comes from.
func browserOf(r *http.Request) identity.Browser {
	return identity.Browser{Address: r.RemoteAddr, Device: device(r.UserAgent())}
}

// device names a browser as its owner knows it: "Firefox, Linux". What is not one of a few is "Navigateur".
func device(agent string) string {
	name := "Navigateur"
	for _, known := range []struct{ mark, name string }{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(agent, known.mark) {
			name = known.name
			break
		}
	}
	for _, known := range []struct{ mark, name string }{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "Mac"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, known.mark) {
			return name + ", " + known.name
		}
	}
	return name
}

func (h *Handlers) logout(w http.ResponseWriter, r *http.Request) error {
	session, err := h.Gate.Session(r)
	if err != nil && !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	if err == nil {
		if err := h.Identity.Logout(r.Context(), session.Actor); err != nil {
			return err
		}
	}
	gate.ClearSession(w, r)
	// What the browser keeps of the pages goes too, so that nothing is left on a shared screen.
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, r, "/deconnexion", http.StatusSeeOther)
	return nil
}

// loggedOutPage is the view after logging out.
type loggedOutPage struct{ ui.Page }

func (h *Handlers) showLoggedOut(w http.ResponseWriter, r *http.Request) error {
	return h.Kit.Render(w, r, http.StatusOK, "identity_logged_out", loggedOutPage{h.Kit.Page(r, "Vous êtes déconnecté")})
}
